"""Every kind of fact goes in over HTTP, once and only on what it was decided on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from api.examples import story
from api.operations import NOUNS, operations
from api.sent import own_topics

if TYPE_CHECKING:
    import httpx

    from tests.support.county import County
    from tests.support.web import Web

GENERAL = {"level": "general"}


SIGNED = {"key.registered", "key.revoked", "signature.made", "signature.withdrawn"}
"""What takes a key: docs/signing.md has the example, which a test runs."""


class TestOperations:
    def test_the_story_is_accepted_act_by_act(self, web: Web) -> None:
        facts = web.get("/facts", limit=len(story()) + 2).json()["facts"]
        topics = [fact["topic"] for fact in facts]
        assert topics[:2] == ["ledger.opened", "log.key_adopted"]
        assert topics[2:] == [act.topic for act in story()]

    def test_the_story_knows_every_operation(self) -> None:
        told = {act.topic for act in story()}
        assert operations().keys() - told == SIGNED

    def test_every_kind_of_fact_is_posted_or_written_by_the_system(self) -> None:
        by_system = own_topics().keys() - operations().keys()
        assert by_system == {
            *("accident_row.imported", "import.finished", "ledger.opened", "ledger_row.imported"),
            *("ledger_row.set_aside", "token.issued", "token.revoked"),
            *("log.key_adopted", "log.key_retired", "roll.taken", "tip.read", "paper.issued"),
            *("credential.registered", "credential.revoked", "enrolment.issued"),
            *("sign_in.made", "sign_in.failed", "sign_in.ended"),
            *("looks.kept", "tip.added"),
            *("feed.opened", "feed.closed", "mailbox.chosen", "mailbox.left"),
        }

    def test_no_two_operations_share_an_address(self) -> None:
        paths = [operation.path for operation in operations().values()]
        assert len(set(paths)) == len(paths)
        assert "/hazards/{record}/acceptance-applied" in paths
        assert "/posts/{record}/appointment-made" in paths
        assert "/reports/{enterprise}/{month}/filed" in paths
        assert "/settings/changed" in paths

    def test_every_noun_is_known(self) -> None:
        nouns = {topic.noun for topic in own_topics().values()}
        accounts = {"credential", "enrolment", "sign_in"}
        reminders = {"feed", "mailbox"}
        assert nouns - NOUNS.keys() == {"ledger", "log", "looks", "token"} | accounts | reminders


class TestAnswer:
    def test_says_where_the_fact_stands(self, web: Web, county: County) -> None:
        record = str(uuid7())
        answer = county.hazard(record=record)
        assert answer.status_code == 201
        assert answer.json()["record"] == record
        assert answer.json()["version"] == 1
        assert answer.headers["ETag"] == '"1"'
        fact = web.client.get(answer.headers["Location"]).json()
        assert fact["position"] == answer.json()["position"]
        assert fact["recorded"] == answer.json()["recorded"]
        assert "Idempotency-Replayed" not in answer.headers

    def test_a_record_begun_without_an_id_gets_one(self, web: Web, county: County) -> None:
        first, second = county.hazard().json(), county.hazard().json()
        assert first["record"] != second["record"]
        assert web.get(f"/hazards/{first['record']}").json()["version"] == 1

    def test_what_the_record_knows_may_be_left_out(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        answer = web.post(f"/hazards/{record}/assessed", GENERAL)
        fact = web.client.get(answer.headers["Location"]).json()
        assert fact["data"]["enterprise"] == str(county.id)

    def test_a_code_may_be_of_another_ledgers_making(self, web: Web) -> None:
        body = {"kind": "enterprise", "code": "沂化-01号", "name": "沂化一厂"}
        assert web.post("/organisations", body).status_code == 201
        assert web.get("/organisations/沂化-01号").json()["state"]["name"] == "沂化一厂"

    def test_a_null_is_as_good_as_nothing(self, web: Web, county: County) -> None:
        record = county.hazard(place=None, happened=None).json()["record"]
        answer = web.post(f"/hazards/{record}/assessed", {**GENERAL, "enterprise": None})
        assert answer.status_code == 201

    def test_what_is_left_out_is_now(self, web: Web, county: County) -> None:
        fact = web.client.get(county.hazard().headers["Location"]).json()
        assert fact["happened"] == fact["received"]

    def test_a_day_stays_a_day(self, web: Web, county: County) -> None:
        answer = county.hazard(happened="2024-05-20")
        assert web.client.get(answer.headers["Location"]).json()["happened"] == "2024-05-20"

    def test_a_time_is_the_same_instant_in_every_zone(self, web: Web, county: County) -> None:
        answer = county.hazard(happened="2024-05-20T08:30:00+08:00")
        fact = web.client.get(answer.headers["Location"]).json()
        assert fact["happened"] == "2024-05-20T00:30:00Z"

    def test_words_are_sealed(self, web: Web, county: County) -> None:
        position = county.hazard(description="张三发现阀门泄漏").json()["position"]
        (stored,) = web.here.ledger.range_raw(position - 1, 1)
        assert "张三".encode() not in stored.leaf
        fact = web.get(f"/facts/{position}").json()
        assert (fact["data"]["description"], fact["erased"]) == ("张三发现阀门泄漏", [])

    def test_erased_words_are_gone_and_it_says_so(self, web: Web, county: County) -> None:
        position = county.hazard().json()["position"]
        web.here.ledger.forget(county.id)
        fact = web.get(f"/facts/{position}").json()
        assert (fact["data"]["description"], fact["erased"]) == (None, ["description"])


class TestIdempotency:
    def test_the_same_command_again_is_the_same_fact(self, web: Web, county: County) -> None:
        key = str(uuid7())
        first = county.hazard(Idempotency_Key=key)
        head = web.get("/facts").json()["head"]
        again = county.hazard(Idempotency_Key=f'"{key}"')
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["Idempotency-Replayed"] == "true"
        assert web.get("/facts").json()["head"] == head

    def test_it_is_the_same_after_the_record_has_moved_on(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        path, sent = f"/hazards/{record}/assessed", {"If_Match": '"1"'}
        sent["Idempotency_Key"] = str(uuid7())
        first = web.post(path, GENERAL, **sent)
        web.post(f"/hazards/{record}/rectification-started", {})
        again = web.post(path, GENERAL, **sent)
        assert first.status_code == 201
        assert first.json() == again.json()

    @pytest.mark.parametrize("change", [{"number": "YH-2"}, {"description": "另一处"}])
    def test_another_content_under_the_same_id_is_refused(
        self, county: County, change: dict[str, str]
    ) -> None:
        key = str(uuid7())
        county.hazard(Idempotency_Key=key)
        other = county.hazard(Idempotency_Key=key, **change)
        assert other.status_code == 422
        assert other.json()["type"].endswith("/command-reused")

    def test_at_the_same_moment_it_is_one_fact(self, county: County) -> None:
        key, record = str(uuid7()), str(uuid7())

        def send(_: int) -> httpx.Response:
            return county.hazard(record=record, Idempotency_Key=key)

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(send, range(16)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["position"] for answer in answers}) == 1
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1

    @pytest.mark.parametrize("key", ["", "7", "not-a-uuid", "x" * 500])
    def test_an_id_that_is_none_is_refused(self, county: County, key: str) -> None:
        answer = county.hazard(Idempotency_Key=key)
        assert (answer.status_code, answer.json()["where"]) == (400, "Idempotency-Key")

    def test_a_missing_id_is_told_plainly(self, web: Web, county: County) -> None:
        answer = web.client.post("/api/v1/hazards", json=county.found())
        assert (answer.status_code, answer.json()["where"]) == (400, "Idempotency-Key")
        assert "Idempotency-Key" in answer.json()["detail"]


class TestIfMatch:
    def test_the_version_read_is_the_version_changed(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        tag = web.get(f"/hazards/{record}").headers["ETag"]
        answer = web.post(f"/hazards/{record}/assessed", GENERAL, If_Match=tag)
        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"2"'

    def test_a_record_that_moved_on_is_not_changed(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        web.post(f"/hazards/{record}/assessed", GENERAL)
        answer = web.post(f"/hazards/{record}/rectified", {}, If_Match='"1"')
        assert (answer.status_code, answer.json()["where"]) == (412, "If-Match")
        assert web.get(f"/hazards/{record}").json()["version"] == 2

    def test_only_one_of_those_who_read_the_same_goes_first(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]

        def assess(_: int) -> httpx.Response:
            return web.post(f"/hazards/{record}/assessed", GENERAL, If_Match='"1"')

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(assess, range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + [412] * 7

    def test_another_fact_about_the_enterprise_is_no_mismatch(
        self, web: Web, county: County
    ) -> None:
        """The gate of closing looks at the whole enterprise, yet only the record must match."""
        orders = [county.order() for _ in range(6)]

        def withdraw(order: str) -> httpx.Response:
            body = {"by_org": county.department, "reason": "误下"}
            return web.post(f"/orders/{order}/withdrawn", body, If_Match='"1"')

        with ThreadPoolExecutor(6) as threads:
            answers = list(threads.map(withdraw, orders))
        assert {answer.status_code for answer in answers} == {201}

    @pytest.mark.parametrize("version", ["1", 'W/"1"', "*", '"x"', '"1", "2"'])
    def test_what_is_no_version_of_ours_is_refused(
        self, web: Web, county: County, version: str
    ) -> None:
        record = county.hazard().json()["record"]
        answer = web.post(f"/hazards/{record}/rectified", {}, If_Match=version)
        assert (answer.status_code, answer.json()["where"]) == (400, "If-Match")


class TestReadYourWrites:
    def test_the_answer_waits_for_the_lists(self, web: Web, county: County) -> None:
        for number in range(5):
            answer = county.hazard(number=f"YH-{number}", Prefer="respond-async, wait=10")
            assert answer.headers["Preference-Applied"] == "wait=10"
            listed = web.get("/hazards", enterprise=county.enterprise).json()["hazards"]
            assert f"YH-{number}" in {each["number"] for each in listed}

    def test_what_cannot_be_shown_in_time_is_recorded_all_the_same(self, own_web: Web) -> None:
        own_web.here.runner.stop()
        body = {"kind": "enterprise", "code": "91371399MA3C00003U", "name": "沂河化工"}
        answer = own_web.post("/organisations", body, Prefer="wait=0.05")
        assert answer.status_code == 201
        assert "Preference-Applied" not in answer.headers


class TestCorrections:
    def test_it_is_about_what_it_corrects(self, web: Web, county: County) -> None:
        found = county.hazard().json()
        fact = {"topic": "hazard.found", "data": county.found(number="YH-9")}
        body = {
            "positions": [found["position"]],
            "reason": "编号有误",
            "replacement": {"happened": "2024-05-19", "fact": fact},
        }
        answer = web.post("/corrections", body)
        assert answer.status_code == 201, answer.text
        correction = web.get(f"/corrections/{answer.json()['record']}").json()
        data = correction["facts"][0]["data"]
        assert data["about"] == [str(county.id)]
        assert data["replacement"]["fact"]["data"]["description"] == "阀门泄漏"
        record = web.get(f"/hazards/{found['record']}").json()
        assert record["state"]["number"] == "YH-9"
        assert record["facts"][0]["corrected_by"] == answer.json()["position"]

    def test_what_is_put_right_about_a_person_is_erased_with_them(self, web: Web) -> None:
        person = web.post("/persons", {"name": "张健国"}).json()
        fact = {"topic": "person.registered", "data": {"name": "张建国"}}
        replacement = {"happened": "2024-05-19", "fact": fact}
        body = {"positions": [person["position"]], "reason": "错字", "replacement": replacement}
        position = web.post("/corrections", body).json()["position"]
        web.here.ledger.forget(UUID(person["record"]))
        told = web.get(f"/facts/{position}").json()
        assert told["erased"] == ["reason", "replacement.fact.data.name"]
        assert told["data"]["replacement"]["fact"]["data"]["name"] is None

    def test_not_everything_at_once(self, web: Web) -> None:
        body = {"positions": list(range(1, 102)), "reason": "全部"}
        answer = web.post("/corrections", body)
        assert (answer.status_code, answer.json()["where"]) == (422, "positions")

    def test_what_only_the_system_writes_replaces_nothing(self, web: Web, county: County) -> None:
        position = county.hazard().json()["position"]
        fact = {"topic": "token.issued", "data": {"person": str(county.id), "label": "x"}}
        replacement = {"happened": "2024-05-19", "fact": fact}
        body = {"positions": [position], "reason": "试", "replacement": replacement}
        assert web.post("/corrections", body).status_code == 422

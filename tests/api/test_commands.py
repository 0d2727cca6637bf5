"""Every kind of fact goes in over HTTP: once, whole, and only where it may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from api.examples import example_of_commands, story
from api.operations import NOUNS, operations
from api.sent import own_topics
from domain.organisation import organisation_id
from tests.support.county import DEPARTMENT, ENTERPRISE, begin, hazard

if TYPE_CHECKING:
    from tests.support.web import Web


def test_the_story_is_accepted_act_by_act(told: Web) -> None:
    facts = told.get("/facts", limit=500).json()["facts"]
    assert [fact["topic"] for fact in facts[1:]] == [act.topic for act in story()]


def test_the_story_knows_every_operation() -> None:
    assert operations().keys() - {act.topic for act in story()} == set()


def test_every_kind_of_fact_is_posted_or_written_by_the_system() -> None:
    by_system = own_topics().keys() - operations().keys()
    assert by_system == {
        *("accident_row.imported", "import.finished", "ledger.opened", "ledger_row.imported"),
        *("ledger_row.set_aside", "token.issued", "token.revoked"),
    }


def test_no_two_operations_share_an_address() -> None:
    paths = [operation.path for operation in operations().values()]
    assert len(set(paths)) == len(paths)
    assert "/hazards/{record}/acceptance-applied" in paths
    assert "/posts/{record}/appointment-made" in paths
    assert "/reports/{enterprise}/{month}/filed" in paths
    assert "/settings/changed" in paths


def test_every_noun_is_known() -> None:
    assert {topic.noun for topic in own_topics().values()} - NOUNS.keys() == {"ledger", "token"}


class TestAnswer:
    def test_says_where_the_fact_stands(self, web: Web) -> None:
        begin(web)
        record = str(uuid7())
        answer = hazard(web, record=record)
        assert answer.status_code == 201
        assert answer.json()["record"] == record
        assert answer.json()["version"] == 1
        assert answer.headers["ETag"] == '"1"'
        fact = web.client.get(answer.headers["Location"]).json()
        assert fact["position"] == answer.json()["position"]
        assert fact["recorded"] == answer.json()["recorded"]
        assert "Idempotency-Replayed" not in answer.headers

    def test_a_record_begun_without_an_id_gets_one(self, web: Web) -> None:
        begin(web)
        first, second = hazard(web).json(), hazard(web).json()
        assert first["record"] != second["record"]
        assert web.get(f"/hazards/{first['record']}").json()["version"] == 1

    def test_what_the_record_knows_may_be_left_out(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        answer = web.post(f"/hazards/{record}/assessed", {"level": "general"})
        fact = web.client.get(answer.headers["Location"]).json()
        assert fact["data"]["enterprise"] == str(organisation_id(ENTERPRISE))

    def test_what_is_left_out_is_now(self, web: Web) -> None:
        begin(web)
        fact = web.client.get(hazard(web).headers["Location"]).json()
        assert fact["happened"] == fact["received"]

    def test_a_day_stays_a_day(self, web: Web) -> None:
        begin(web)
        answer = hazard(web, happened="2024-05-20")
        assert web.client.get(answer.headers["Location"]).json()["happened"] == "2024-05-20"

    def test_words_are_sealed(self, web: Web) -> None:
        begin(web)
        position = hazard(web, description="张三发现阀门泄漏").json()["position"]
        (stored,) = web.here.ledger.range_raw(position - 1, 1)
        assert "张三".encode() not in stored.leaf
        fact = web.get(f"/facts/{position}").json()
        assert fact["data"]["description"] == "张三发现阀门泄漏"
        assert fact["erased"] == []

    def test_erased_words_are_gone_and_it_says_so(self, web: Web) -> None:
        begin(web)
        position = hazard(web).json()["position"]
        web.here.ledger.forget(organisation_id(ENTERPRISE))
        fact = web.get(f"/facts/{position}").json()
        assert fact["data"]["description"] is None
        assert fact["erased"] == ["description"]


class TestIdempotency:
    def test_the_same_command_again_is_the_same_fact(self, web: Web) -> None:
        begin(web)
        key = str(uuid7())
        first = hazard(web, Idempotency_Key=key)
        head = web.get("/facts").json()["head"]
        again = hazard(web, Idempotency_Key=f'"{key}"')
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["Idempotency-Replayed"] == "true"
        assert web.get("/facts").json()["head"] == head

    def test_it_is_the_same_after_the_record_has_moved_on(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        key = str(uuid7())
        body = {"level": "general"}
        sent = {"Idempotency_Key": key, "If_Match": '"1"'}
        first = web.post(f"/hazards/{record}/assessed", body, **sent)
        web.post(f"/hazards/{record}/rectification-started", {})
        again = web.post(f"/hazards/{record}/assessed", body, **sent)
        assert first.json() == again.json()

    def test_another_content_under_the_same_id_is_refused(self, web: Web) -> None:
        begin(web)
        key = str(uuid7())
        hazard(web, Idempotency_Key=key)
        other = hazard(web, number="YH-2", Idempotency_Key=key)
        assert other.status_code == 422
        assert other.json()["type"].endswith("/command-reused")

    def test_at_the_same_moment_it_is_one_fact(self, web: Web) -> None:
        begin(web)
        key, record = str(uuid7()), str(uuid7())

        def send(_: int) -> Any:
            return hazard(web, record=record, Idempotency_Key=key)

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(send, range(16)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["position"] for answer in answers}) == 1
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1

    @pytest.mark.parametrize("key", ["", "7", "not-a-uuid", "x" * 500])
    def test_an_id_that_is_none_is_refused(self, web: Web, key: str) -> None:
        answer = web.post("/hazards", {}, Idempotency_Key=key)
        assert answer.status_code in (400, 422)

    def test_a_missing_id_is_told_plainly(self, web: Web) -> None:
        begin(web)
        answer = web.client.post("/api/v1/organisations", json=begin_body())
        assert answer.status_code == 400
        assert answer.json()["where"] == "Idempotency-Key"
        assert "Idempotency-Key" in answer.json()["detail"]


def begin_body() -> dict[str, Any]:
    return {"kind": "enterprise", "code": "91371300MA3C00033A", "name": "另一家"}


class TestIfMatch:
    def test_the_version_read_is_the_version_changed(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        read = web.get(f"/hazards/{record}")
        answer = web.post(
            f"/hazards/{record}/assessed", {"level": "general"}, If_Match=read.headers["ETag"]
        )
        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"2"'

    def test_a_record_that_moved_on_is_not_changed(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        web.post(f"/hazards/{record}/assessed", {"level": "general"})
        answer = web.post(f"/hazards/{record}/rectified", {}, If_Match='"1"')
        assert answer.status_code == 412
        assert answer.json()["where"] == "If-Match"
        assert web.get(f"/hazards/{record}").json()["version"] == 2

    def test_another_fact_about_the_enterprise_is_no_mismatch(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]

        def assess(_: int) -> Any:
            return web.post(f"/hazards/{record}/assessed", {"level": "general"}, If_Match='"1"')

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(assess, range(8)))
            others = list(threads.map(lambda _: hazard(web), range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + [412] * 7
        assert {answer.status_code for answer in others} == {201}

    @pytest.mark.parametrize("version", ["1", 'W/"1"', "*", '"x"', '"1", "2"'])
    def test_what_is_no_version_of_ours_is_refused(self, web: Web, version: str) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        answer = web.post(f"/hazards/{record}/rectified", {}, If_Match=version)
        assert answer.status_code == 400
        assert answer.json()["where"] == "If-Match"


class TestRefusals:
    def test_a_zero_report_while_a_hazard_of_the_month_is_on_record(self, web: Web) -> None:
        begin(web)
        hazard(web, happened="2024-05-20")
        path = f"/reports/{ENTERPRISE}/2024-05"
        principal = web.post("/persons", {"name": "张建国"}).json()["record"]
        post = {"organisation": ENTERPRISE, "kind": "principal", "title": "总经理"}
        there = web.post("/posts", {**post, "happened": "2024-01-01"}).json()["record"]
        web.post(
            f"/posts/{there}/appointment-made", {"person": principal, "happened": "2024-01-01"}
        )
        filed = web.post(f"{path}/filed", {"kind": "zero", "to_org": DEPARTMENT})
        assert filed.status_code == 201
        answer = web.post(
            f"{path}/endorsed", {"role": "principal", "person": principal, "filing": 1}
        )
        assert answer.status_code == 409
        problem = answer.json()
        assert problem["type"].endswith("/gate-closed")
        assert problem["clause"] == "3.2c"
        assert problem["todo"]

    def test_closing_a_hazard_before_its_steps(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        answer = web.post(f"/hazards/{record}/closed", {"by_org": ENTERPRISE})
        assert (answer.status_code, answer.json()["clause"]) == (409, "3.1b")

    def test_a_refusal_speaks_the_readers_language(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        path, body = f"/hazards/{record}/closed", {"by_org": ENTERPRISE}
        chinese = web.post(path, body)
        english = web.post(path, body, Accept_Language="de, en;q=0.8, zh;q=0.2")
        assert chinese.headers["Content-Language"] == "zh"
        assert english.headers["Content-Language"] == "en"
        assert english.headers["Content-Type"] == "application/problem+json"
        assert english.json()["title"] == "A condition is not met"
        assert english.json()["detail"].isascii() or "“" in english.json()["detail"]

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/hazards/{nobody}/assessed", {"level": "general"}),
            ("/hazards/{order}/assessed", {"level": "general"}),
            ("/orders/{hazard}/withdrawn", {"by_org": DEPARTMENT, "reason": "误下"}),
            ("/hazards/{hazard}/accepted", {"by_org": "91371300MA3C09999X", "passed": True}),
            ("/hazards/{hazard}/assessed", {"level": "general", "enterprise": DEPARTMENT}),
            ("/hazards/{hazard}/assessed", {"level": "general", "happened": "2124-05-20"}),
            ("/orders/{order}/complied", {"items": [7]}),
            ("/corrections", {"positions": [999_999], "reason": "没有这一条"}),
            ("/posts/{nobody}/abolished", {}),
        ],
    )
    def test_what_contradicts_the_record(self, web: Web, path: str, body: dict[str, Any]) -> None:
        begin(web)
        found = hazard(web).json()["record"]
        item = {"item": 1, "text": "整改", "deadline": "2024-06-05"}
        issued = {"enterprise": ENTERPRISE, "by_org": DEPARTMENT, "number": "1号", "items": [item]}
        order = web.post("/orders", issued).json()["record"]
        answer = web.post(path.format(nobody=uuid4(), hazard=found, order=order), body)
        assert answer.status_code == 409, answer.text
        assert answer.json()["type"].endswith("/contradiction")

    def test_a_record_begins_once(self, web: Web) -> None:
        begin(web)
        record = str(uuid7())
        hazard(web, record=record)
        assert hazard(web, record=record).status_code == 409

    def test_an_id_of_another_kind_of_record_begins_nothing(self, web: Web) -> None:
        begin(web)
        taken = str(organisation_id(ENTERPRISE))
        answer = hazard(web, record=taken)
        assert (answer.status_code, answer.json()["where"]) == (409, "record")

    @pytest.mark.parametrize(
        "change", [{"key": "9.9z.never"}, {"value": "soon"}, {"value": "1 fortnights"}]
    )
    def test_a_setting_that_no_rule_could_read(self, web: Web, change: dict[str, str]) -> None:
        body = {"key": "3.2b.report", "value": "12 hours", "since": "2024-01-01", "source": "文"}
        answer = web.post("/settings/changed", {**body, **change})
        assert answer.status_code == 422
        assert web.post("/settings/changed", {**body, "value": None}).status_code == 201


class TestTogether:
    def test_an_inspection_and_what_it_found(self, told: Web) -> None:
        """The documentation's example, with ids of its own."""
        fresh = {each: str(uuid7()) for each in _ids(example_of_commands()) if "-0003-" in each}
        fresh |= {each: str(uuid7()) for each in _ids(example_of_commands()) if "-0004-" in each}
        fresh |= {each: str(uuid7()) for each in _ids(example_of_commands()) if "-0005-" in each}
        body = _replaced(example_of_commands(), fresh)
        answer = told.post("/commands", body)
        assert answer.status_code == 201, answer.text
        positions = [act["position"] for act in answer.json()["acts"]]
        assert positions == list(range(positions[0], positions[0] + len(body["acts"])))
        assert [act["topic"] for act in answer.json()["acts"]] == [a["topic"] for a in body["acts"]]

    def test_all_or_nothing(self, web: Web) -> None:
        begin(web)
        head = web.get("/facts").json()["head"]
        record = str(uuid7())
        acts = [
            {"topic": "hazard.found", "record": record, "data": found_body()},
            {"topic": "hazard.closed", "record": record, "data": {"by_org": ENTERPRISE}},
        ]
        answer = web.post("/commands", {"acts": acts})
        assert (answer.status_code, answer.json()["clause"]) == (409, "3.1b")
        assert web.get("/facts").json()["head"] == head

    def test_an_act_goes_on_what_an_earlier_one_began(self, web: Web) -> None:
        begin(web)
        record = str(uuid7())
        acts = [
            {"topic": "hazard.found", "record": record, "data": found_body()},
            {"topic": "hazard.assessed", "record": record, "data": {"level": "major"}},
        ]
        answer = web.post("/commands", {"acts": acts})
        assert [act["version"] for act in answer.json()["acts"]] == [1, 2]
        state = web.get(f"/hazards/{record}").json()["state"]
        assert (state["level"], state["enterprise"]) == ("major", str(organisation_id(ENTERPRISE)))

    def test_it_is_one_command(self, web: Web) -> None:
        begin(web)
        key = str(uuid7())
        body = {"acts": [{"topic": "hazard.found", "data": found_body()}] * 2}
        first = web.post("/commands", body, Idempotency_Key=key)
        again = web.post("/commands", body, Idempotency_Key=key)
        assert first.json() == again.json()
        assert len({act["record"] for act in first.json()["acts"]}) == 2

    def test_each_act_may_expect_a_version(self, web: Web) -> None:
        begin(web)
        record = hazard(web).json()["record"]
        act = {"topic": "hazard.assessed", "record": record, "data": {"level": "general"}}
        stale = web.post("/commands", {"acts": [{**act, "expected": 0}]})
        right = web.post("/commands", {"acts": [{**act, "expected": 1}]})
        assert (stale.status_code, right.status_code) == (412, 201)

    def test_records_fixed_by_their_subject_need_no_id(self, web: Web) -> None:
        begin(web)
        data = {"enterprise": ENTERPRISE, "month": "2024-05", "kind": "zero", "to_org": DEPARTMENT}
        answer = web.post("/commands", {"acts": [{"topic": "report.filed", "data": data}]})
        assert answer.status_code == 201
        assert web.get(f"/reports/{ENTERPRISE}/2024-05").json()["version"] == 1

    @pytest.mark.parametrize(
        ("acts", "where"),
        [
            ([], "acts"),
            ([{"topic": "nothing.happened", "data": {}}], "acts.0"),
            ([{"data": {}}], "acts.0"),
            ([{"topic": "hazard.found", "data": {"number": 7}}], "acts.0.data"),
            ([{"topic": "hazard.assessed", "data": {"level": "general"}}], "record"),
        ],
    )
    def test_what_is_wrong_is_told_act_by_act(
        self, web: Web, acts: list[dict[str, Any]], where: str
    ) -> None:
        answer = web.post("/commands", {"acts": acts})
        assert answer.status_code in (409, 422)
        assert answer.json()["where"].startswith(where)


def found_body() -> dict[str, Any]:
    return {
        "enterprise": ENTERPRISE,
        "number": "YH-2024-1",
        "description": "阀门泄漏",
        "found_by": "enterprise",
    }


def _ids(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {each for item in value.values() for each in _ids(item)}
    if isinstance(value, list):
        return {each for item in value for each in _ids(item)}
    return {value} if isinstance(value, str) and value.startswith("01900a00-") else set()


def _replaced(value: Any, new: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(item, new) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, new) for item in value]
    return new.get(value, value) if isinstance(value, str) else value


class TestReadYourWrites:
    def test_the_answer_waits_for_the_lists(self, web: Web) -> None:
        begin(web)
        for number in range(5):
            answer = hazard(web, number=f"YH-{number}", Prefer="respond-async, wait=10")
            assert answer.headers["Preference-Applied"] == "wait=10"
            listed = web.get("/hazards", enterprise=ENTERPRISE).json()["hazards"]
            assert f"YH-{number}" in {each["number"] for each in listed}

    def test_what_cannot_be_shown_in_time_is_recorded_all_the_same(self, web: Web) -> None:
        begin(web)
        web.here.runner.stop()
        answer = hazard(web, Prefer="wait=0.05")
        assert answer.status_code == 201
        assert "Preference-Applied" not in answer.headers


class TestCorrections:
    def test_it_is_about_what_it_corrects(self, web: Web) -> None:
        begin(web)
        found = hazard(web).json()
        body = {
            "positions": [found["position"]],
            "reason": "编号有误",
            "replacement": {
                "happened": "2024-05-19",
                "fact": {"topic": "hazard.found", "data": {**found_body(), "number": "YH-9"}},
            },
        }
        answer = web.post("/corrections", body)
        assert answer.status_code == 201, answer.text
        correction = web.get(f"/corrections/{answer.json()['record']}").json()
        assert correction["facts"][0]["data"]["about"] == [str(organisation_id(ENTERPRISE))]
        words = correction["facts"][0]["data"]["replacement"]["fact"]["data"]["description"]
        assert words == "阀门泄漏"
        record = web.get(f"/hazards/{found['record']}").json()
        assert record["state"]["number"] == "YH-9"
        assert record["facts"][0]["corrected_by"] == answer.json()["position"]

    def test_what_only_the_system_writes_replaces_nothing(self, web: Web) -> None:
        begin(web)
        position = hazard(web).json()["position"]
        fact = {"topic": "token.issued", "data": {"person": str(UUID(int=1)), "label": "x"}}
        replacement = {"happened": "2024-05-19", "fact": fact}
        body = {"positions": [position], "reason": "试", "replacement": replacement}
        assert web.post("/corrections", body).status_code == 422

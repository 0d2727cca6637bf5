"""What is on record can be asked: record by record, fact by fact, as at and as known at."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, datetime
from time import sleep
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import pytest

from api.asking import ask_trace
from api.examples import story
from api.operations import NOUNS
from domain.moment import parse_moment, span_of
from domain.organisation import organisation_id
from domain.policy.clauses import CLAUSES
from domain.policy.settings import SETTINGS
from domain.trace import Question
from projections.duties import count_duties
from tests.support.web import API

if TYPE_CHECKING:
    from tests.support.county import County
    from tests.support.web import Web

STORY = "91371399MA3C00003U"
"""The enterprise of the examples' story, which every server of these tests holds."""
ACCIDENT = "2024-09-18T14:25:00+08:00"
NOBODY = "00000000-0000-4000-8000-00000000dead"


def instant(text: str) -> datetime:
    moment = parse_moment(text)
    assert isinstance(moment, datetime)
    return moment


class TestRecords:
    def test_a_record_is_its_facts_and_what_they_come_to(self, web: Web, county: County) -> None:
        record = county.hazard(happened="2024-05-20").json()["record"]
        web.post(f"/hazards/{record}/assessed", {"level": "major", "happened": "2024-05-21"})
        answer = web.get(f"/hazards/{record}")
        told = answer.json()
        assert answer.headers["ETag"] == '"2"'
        assert (told["noun"], told["version"]) == ("hazard", 2)
        assert [fact["topic"] for fact in told["facts"]] == ["hazard.found", "hazard.assessed"]
        assert told["state"]["level"] == "major"
        assert told["state"]["steps"]["assessed"]["fact"] == told["facts"][1]["position"]
        assert told["state"]["steps"]["closed"] is None

    def test_as_at_leaves_out_what_happened_later(self, web: Web, county: County) -> None:
        record = county.hazard(happened="2024-05-20").json()["record"]
        web.post(f"/hazards/{record}/assessed", {"level": "major", "happened": "2024-05-22"})
        then = web.get(f"/hazards/{record}", as_at="2024-05-21").json()
        assert (then["state"]["state"], then["state"]["level"]) == ("found", None)
        assert [fact["topic"] for fact in then["facts"]] == ["hazard.found"]
        before = web.get(f"/hazards/{record}", as_at="2024-05-19").json()
        assert (before["state"], before["facts"]) == ({}, [])

    def test_known_at_leaves_out_what_was_recorded_later(self, web: Web, county: County) -> None:
        first = county.hazard(happened="2024-05-20").json()
        sleep(0.01)
        web.post(f"/hazards/{first['record']}/assessed", {"level": "major"})
        then = web.get(f"/hazards/{first['record']}", known_at=first["recorded"])
        assert then.json()["version"] == 1
        assert then.headers["ETag"] == '"1"'
        earlier = web.get(f"/hazards/{first['record']}", known_at="2024-05-20")
        assert earlier.status_code == 404
        assert "截至" in earlier.json()["todo"]

    def test_a_deadline_comes_from_the_order(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        item = {"item": 1, "text": "整改", "deadline": "2024-06-05", "hazard": record}
        body = {"by_org": county.department, "number": "1号", "items": [item]}
        order = web.post("/orders", {"enterprise": county.enterprise, **body}).json()["record"]
        assert web.get(f"/hazards/{record}").json()["state"]["deadline"] == "2024-06-05"
        told = web.get(f"/orders/{order}").json()["state"]
        assert told["items"][0]["deadline_in_force"] == "2024-06-05"
        assert told["items"][0]["passed"] is None

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            (f"/organisations/{STORY}", {"name": "沂河精细化工有限公司", "high_risk": True}),
            ("/posts/01900a00-0002-7000-8000-000000000001", {"title": "总经理", "abolished": None}),
            ("/persons/01900a00-0001-7000-8000-000000000001", {"name": "张建国"}),
            (
                "/orders/01900a00-0005-7000-8000-000000000001",
                {"withdrawn": None, "breached": None},
            ),
            ("/inspections/01900a00-0004-7000-8000-000000000001", {"undisposed": []}),
            ("/listings/01900a00-0006-7000-8000-000000000002", {"made": None}),
            ("/incidents/01900a00-0011-7000-8000-000000000001", {"deaths": 3, "level": "larger"}),
            ("/halts/01900a00-0007-7000-8000-000000000001", {"ground": "major_hazard"}),
            ("/penalties/01900a00-0010-7000-8000-000000000001", {"imposed": True}),
            (f"/supervisions/{STORY}", {"enterprise": str(organisation_id(STORY))}),
            (f"/reports/{STORY}/2024-05", {"month": "2024-05"}),
        ],
    )
    def test_every_noun_comes_to_something(
        self, web: Web, path: str, expected: dict[str, Any]
    ) -> None:
        told = web.get(path).json()
        assert expected.items() <= told["state"].items()
        assert [fact["version"] for fact in told["facts"]] == list(range(1, told["version"] + 1))

    def test_a_report_counts_by_its_latest_filing(self, web: Web, county: County) -> None:
        path = f"/reports/{county.enterprise}/2024-05"
        person = web.post("/persons", {"name": "李卫东"}).json()["record"]
        body = {"kind": "ordinary", "to_org": county.department}
        web.post(f"{path}/filed", body)
        web.post(f"{path}/filed", body)
        county.post("deputy", person)
        endorsed = web.post(f"{path}/endorsed", {"role": "deputy", "person": person, "filing": 2})
        assert endorsed.status_code == 201
        state = web.get(path).json()["state"]
        assert (state["kind"], state["filing"]) == ("ordinary", 2)
        assert list(state["endorsed"]) == ["deputy"]
        assert state["effective"] is not None

    @pytest.mark.parametrize(
        "path",
        [
            f"/{noun.plural}/{NOBODY}"
            for noun in NOUNS.values()
            if noun.address in ("record", "enterprise")
        ],
    )
    def test_what_is_not_there_is_not_found(self, web: Web, path: str) -> None:
        assert web.get(path).status_code == 404

    def test_a_record_is_found_among_its_own_kind_only(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        assert web.get(f"/orders/{record}").status_code == 404


class TestFacts:
    def test_page_by_page_none_is_missed(self, web: Web) -> None:
        answer = web.get("/facts", limit=17, known_at="2200-01-01")
        head, positions = answer.json()["head"], []
        while answer.json()["next"]:
            positions += [fact["position"] for fact in answer.json()["facts"]]
            link = answer.headers["Link"]
            assert link.endswith('; rel="next"')
            answer = web.client.get(link[1 : link.index(">")])
        positions += [fact["position"] for fact in answer.json()["facts"]]
        assert positions == list(range(1, head + 1))
        assert "Link" not in answer.headers

    def test_by_tag_and_topic(self, web: Web, county: County) -> None:
        record = county.hazard().json()["record"]
        for level in ("general", "major", "general"):
            web.post(f"/hazards/{record}/assessed", {"level": level})
        query = {"tag": [f"hazard:{record}", f"org:{county.id}"], "topic": "hazard.assessed"}
        first = web.get("/facts", **query, limit=2).json()
        rest = web.get("/facts", **query, limit=2, cursor=first["next"]).json()
        levels = [fact["data"]["level"] for page in (first, rest) for fact in page["facts"]]
        assert levels == ["general", "major", "general"]
        assert rest["next"] is None
        assert web.get("/facts", tag="hazard:none").json()["facts"] == []

    def test_a_follower_goes_on_from_the_last_position(self, web: Web, county: County) -> None:
        head = web.get("/facts").json()["head"]
        position = county.hazard().json()["position"]
        assert position == head + 1
        assert [f["position"] for f in web.get("/facts", after=head).json()["facts"]] == [position]

    def test_as_known_earlier(self, web: Web, county: County) -> None:
        first = county.hazard().json()
        sleep(0.01)
        county.hazard()
        tag = f"org:{county.id}"
        known = web.get("/facts", tag=tag, known_at=first["recorded"]).json()["facts"]
        assert known[-1]["position"] == first["position"]
        whole = web.get("/facts", after=first["position"] - 1, known_at=first["recorded"])
        assert [fact["position"] for fact in whole.json()["facts"]] == [first["position"]]
        assert web.get("/facts", known_at="2000-01-01").json()["facts"] == []

    def test_as_at_has_no_meaning_for_the_ledger(self, web: Web) -> None:
        answer = web.get("/facts", as_at="2024-05-20")
        assert (answer.status_code, answer.json()["where"]) == (422, "as_at")

    def test_a_fact_comes_with_its_leaf(self, web: Web, county: County) -> None:
        position = county.hazard().json()["position"]
        fact = web.get(f"/facts/{position}").json()
        leaf = base64.b64decode(fact["leaf"])
        assert hashlib.sha256(leaf).hexdigest() == fact["sha256"]
        assert orjson.dumps(orjson.loads(leaf), option=orjson.OPT_SORT_KEYS) == leaf
        assert orjson.loads(leaf)["position"] == position
        assert orjson.loads(leaf)["recorded"] == fact["recorded"]

    def test_past_the_head_there_is_none(self, web: Web) -> None:
        head = web.get("/facts").json()["head"]
        assert web.get(f"/facts/{head + 1}").status_code == 404


class TestTraces:
    def test_it_is_the_trace(self, web: Web) -> None:
        answer = web.get(f"/enterprises/{STORY}/trace", at=ACCIDENT)
        question = Question(instant(ACCIDENT))
        expected = ask_trace(web.here.ledger, organisation_id(STORY), question)
        assert answer.json() == orjson.loads(expected.model_dump_json())

    def test_an_accident_by_number_and_by_id(self, web: Web) -> None:
        by_number = web.get("/incidents/SG-2024-0918/trace").json()
        by_id = web.get("/incidents/01900a00-0011-7000-8000-000000000001/trace").json()
        assert by_number == by_id
        assert by_number["incident"]["number"] == "SG-2024-0918"
        assert instant(by_number["at"]) == instant(ACCIDENT)

    def test_an_accident_is_traced_as_soon_as_it_is_recorded(
        self, web: Web, county: County
    ) -> None:
        body = {"enterprise": county.enterprise, "number": "SG-1", "name": "事故"}
        record = web.post("/incidents", {**body, "happened": "2024-09-18"}).json()["record"]
        assert web.get(f"/incidents/{record}/trace").json()["at"] == "2024-09-18"

    def test_as_known_before_anything_was_there_is_nothing_to_trace(self, web: Web) -> None:
        path = f"/enterprises/{STORY}/trace"
        assert web.get(path, at=ACCIDENT, known_at="2020-01-01").status_code == 404
        known = web.get(path, at=ACCIDENT, known_at="2200-01-01").json()
        assert known["known_at"] == "2200-01-01T16:00:00Z"

    def test_without_a_moment_it_is_now(self, web: Web) -> None:
        before = web.here.now()
        at = instant(web.get(f"/enterprises/{STORY}/trace").json()["at"])
        assert before <= at <= web.here.now()

    def test_the_look_back_limits_what_is_told(self, web: Web) -> None:
        path = f"/enterprises/{STORY}/trace"
        told = web.get(path, at=ACCIDENT, look_back=30).json()
        assert told["look_back"] == "2024-08-19"
        further = web.get(path, at=ACCIDENT, look_back=3650).json()
        assert told["hazards"]["prior"] == further["hazards"]["prior"] >= 2

    @pytest.mark.parametrize("reference", ["SG-NONE", "01900a00-0000-7000-8000-00000000dead", "……"])
    def test_an_accident_nobody_recorded(self, web: Web, reference: str) -> None:
        assert web.get(f"/incidents/{reference}/trace").status_code == 404

    def test_an_enterprise_nobody_recorded(self, web: Web) -> None:
        assert web.get("/enterprises/E-NEVER/trace").status_code == 404

    def test_two_accidents_of_one_number(self, web: Web, county: County) -> None:
        number = f"SG-{county.enterprise}"
        body = {"enterprise": county.enterprise, "number": number, "name": "事故"}
        ids = [web.post("/incidents", body, Prefer="wait=10").json()["record"] for _ in range(2)]
        answer = web.get(f"/incidents/{number}/trace")
        assert answer.status_code == 422
        assert web.get(f"/incidents/{ids[0]}/trace").status_code == 200

    def test_the_duties_alone(self, web: Web) -> None:
        path = f"/enterprises/{STORY}/duties"
        every = web.get(path, at="2024-06-18").json()["duties"]
        lines = web.get(f"/enterprises/{STORY}/trace", at="2024-06-18").json()["lines"]
        told = [item for line in lines.values() for item in line if item["kind"] == "duty"]
        assert every == told
        some = web.get(path, at="2024-06-18", state="kept", line="supervision").json()["duties"]
        assert some
        assert {(d["state"], d["line"]) for d in some} == {("kept", "supervision")}


class TestReference:
    def test_the_clauses(self, web: Web) -> None:
        told = web.get("/clauses").json()["clauses"]
        assert [clause["number"] for clause in told] == list(CLAUSES)
        assert told[0]["section"] == "一（一）"

    def test_the_settings_in_force(self, web: Web) -> None:
        """The story changes one of them."""
        told = {each["key"]: each for each in web.get("/settings").json()["settings"]}
        assert told.keys() == SETTINGS.keys()
        changed = told["3.2b.report"]
        assert (changed["value"], changed["default"]) == ("12 hours", "24 hours")
        assert changed["since"] == "2024-01-01"
        position = changed["changed_by"]
        fact = web.get("/facts", after=position - 1, limit=1).json()["facts"][0]
        assert (fact["topic"], fact["position"]) == ("setting.changed", position)
        untouched = told["3.2d.apply"]
        assert (untouched["since"], untouched["changed_by"]) == (None, None)
        assert untouched["section"] == "三（二）"

    def test_the_settings_as_at_and_as_known(self, web: Web) -> None:
        def value(**query: str) -> object:
            settings = web.get("/settings", **query).json()["settings"]
            return next(s["value"] for s in settings if s["key"] == "3.2b.report")

        assert value(as_at="2020-01-01") == "24 hours"
        assert value(known_at="2020-01-01") == "24 hours"
        assert value(known_at="2200-01-01") == "12 hours"


class TestCoverage:
    def test_one_clause_with_its_rule_scenario_and_setting(self, web: Web) -> None:
        told = web.get("/clauses/3.2b").json()
        assert told["section"] == "三（二）"
        assert [rule["kind"] for rule in told["rules"]] == ["duty"]
        assert told["rules"][0]["places"][0]["file"] == "domain/policy/s3_2_reporting.py"
        assert [each["key"] for each in told["settings"]] == ["3.2b.report"]
        assert told["settings"][0]["value"] == "12 hours"
        assert {each["result"] for each in told["scenarios"]} <= {"passed", "not_run"}
        assert told["figures"] is None
        assert web.get("/clauses/9.9z").status_code == 404

    def test_the_pages_of_the_policy(self, web: Web) -> None:
        page = web.client.get("/policy")
        assert page.status_code == 200
        assert all(f'id="{number}"' in page.text for number in CLAUSES)
        one = web.client.get("/policy/3.2k?lang=en")
        assert "临沂市安全生产事故隐患自查自纠自报管理暂行办法" in one.text
        assert web.client.get("/policy/9.9z").status_code == 404

    def test_what_is_owed_is_shown_once_it_was_counted(self, own_web: Web) -> None:
        for act in story():
            assert own_web.post(act.path, act.body).status_code == 201
        here = own_web.here
        figures = count_duties(here.ledger, here.now())
        assert figures["3.2a"].open == 1  # nothing is asked about before the ledger was opened
        told = own_web.get("/clauses/3.2a").json()["figures"]
        assert told == {
            "open": figures["3.2a"].open,
            "overdue": figures["3.2a"].overdue,
            "kept": figures["3.2a"].kept,
        }
        assert "未到期 1 项" in own_web.client.get("/policy/3.2a").text
        assert "清点至" in own_web.client.get("/policy").text


class TestWhatIf:
    PATH = f"{API}/traces/what-if"

    def ask(self, web: Web, **body: object) -> httpx.Response:
        sent = {"enterprise": STORY, "at": "2024-06-18", **body}
        return web.client.post(self.PATH, json=sent)

    def test_a_draft_makes_findings_appear_or_vanish(self, web: Web) -> None:
        same = self.ask(web, settings={"3.2b.report": "24 hours"}).json()
        assert same["changes"] == []
        shorter = self.ask(web, settings={"3.2b.report": "1 hours"}).json()
        assert shorter["findings_then"] >= shorter["findings_now"]
        told = {each["clause"]: each for each in shorter["changes"]}
        assert told["3.2b"]["then"]["setting"]["value"] == "1 hours"

    def test_by_the_settings_of_another_day(self, web: Web) -> None:
        told = self.ask(web, settings_at="2023-01-01").json()
        assert told["settings"].startswith("2023-01-01的设置")

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({}, "settings"),
            ({"settings": {"3.2b.report": "1 days"}, "settings_at": "2024-01-01"}, "settings"),
            ({"settings": {"3.2b.reprot": "1 days"}}, "settings.3.2b.reprot"),
        ],
    )
    def test_what_cannot_be_supposed_is_refused(
        self, web: Web, body: dict[str, object], where: str
    ) -> None:
        answer = self.ask(web, **body)
        assert answer.status_code == 422
        assert where in answer.text


class TestRounds:
    def test_each_round_of_a_month_with_its_check(self, web: Web) -> None:
        path = f"/enterprises/{STORY}/rounds"
        assert web.get(path, month="2024-05", at="2024-06-18").json()["rounds"] == []
        today = span_of(web.here.now(), "day")
        web.post("/checks", {"enterprise": STORY, "happened": today})
        (week,) = (
            each
            for each in web.get(path, month=today[:7]).json()["rounds"]
            if each["tier"] == "enterprise"
        )
        assert (week["name"], week["standing"]) == (
            span_of(date.fromisoformat(today), "week"),
            "made",
        )
        assert week["facts"]


class TestPages:
    def test_the_settings_as_at_a_day(self, web: Web) -> None:
        page = web.client.get("/settings")
        assert page.status_code == 200
        assert "12小时" in page.text
        assert "沂南应急发〔2023〕31号" in page.text
        assert "12小时" not in web.client.get("/settings?as_at=2023-12-01").text
        assert "12 hours" in web.client.get("/settings?lang=en&as_at=").text

    def test_what_if_is_asked_on_a_page(self, web: Web) -> None:
        blank = web.client.get("/what-if")
        assert blank.status_code == 200
        assert 'name="settings_at"' in blank.text
        ask = {"enterprise": STORY, "at": "2024-06-18"}
        draft = {**ask, "key": "3.2b.report", "value": "1 hours", "lang": "en"}
        page = web.client.get("/what-if", params=draft)
        assert page.status_code == 200
        assert "3.2b.report=1 hours" in page.text
        assert "3.2b</td>" in page.text
        same = web.client.get("/what-if", params={**ask, "settings_at": ""})
        assert "没有任何认定因此改变" in same.text
        wrong = web.client.get("/what-if", params={**ask, "key": "3.2b.reprot", "value": "1"})
        assert wrong.status_code == 422
        assert 'href="/what-if"' in web.client.get("/settings").text

    def test_the_list_leads_to_the_trace(self, web: Web) -> None:
        listed = web.client.get("/incidents")
        assert listed.headers["Content-Type"] == "text/html; charset=utf-8"
        href = "/incidents/01900a00-0011-7000-8000-000000000001/trace"
        assert href in listed.text
        page = web.client.get(href)
        assert page.status_code == 200
        assert "沂河精细化工有限公司" in page.text

    def test_in_english(self, web: Web) -> None:
        chinese, english = web.client.get("/incidents"), web.client.get("/incidents?lang=en")
        assert 'lang="en"' in english.text
        assert 'lang="zh-CN"' in chinese.text

    @pytest.mark.parametrize("known_at", ["", "2200-01-01T08:00", "2200-01-01T00:00:00+00:00"])
    def test_the_forms(self, web: Web, known_at: str) -> None:
        asked = {"enterprise": STORY, "at": "2024-09-18T14:25", "known_at": known_at}
        assert web.client.get("/trace", params=asked).status_code == 200

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/incidents/SG-NEVER/trace", 404),
            ("/trace?enterprise=E-NEVER&at=2024-09-18", 404),
            (f"/trace?enterprise={STORY}&at=yesterday", 422),
            (f"/trace?enterprise={STORY}", 422),
            (f"/trace?enterprise={STORY}&at=2024-09-18&known_at=never", 422),
            (f"/trace?enterprise={STORY}&at=2024-09-18&known=2024-09-18", 422),
            ("/nothing-here", 404),
        ],
    )
    def test_what_cannot_be_shown_is_told_on_a_page(self, web: Web, path: str, status: int) -> None:
        answer = web.client.get(path, headers={"Accept": "text/html,*/*"})
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")

    def test_the_style_is_ours(self, web: Web) -> None:
        answer = web.client.get("/static/style.css")
        assert answer.headers["Content-Type"].startswith("text/css")
        assert answer.headers["Cache-Control"] == "no-cache"

"""Experts over HTTP: the ledger, who is behind, the pools, whom to call in, and who read what."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from domain.ledger import Query
from domain.organisation import organisation_id

if TYPE_CHECKING:
    from tests.support.county import County
    from tests.support.web import Web

SPECIALTIES = ("化工工艺", "电气", "设备")


def expert(web: Web, county: County, name: str, specialty: str, **said: Any) -> str:  # noqa: ANN401
    """Register a person and admit them to the department's pool; return their id."""
    body = {"name": name, "born": "1975-04-01", "happened": "2024-01-05"}
    person: str = web.post("/persons", body).json()["record"]
    admitted = {
        "authority": county.department,
        "specialties": [specialty],
        "title": "senior",
        "years": 10,
        "healthy": True,
        "happened": "2024-02-01",
        **said,
    }
    answer = web.post(f"/persons/{person}/expert-admitted", admitted)
    assert answer.status_code == 201, answer.text
    return person


@pytest.fixture
def panel(web: Web, county: County) -> list[str]:
    """Three experts in the department's pool."""
    return [expert(web, county, f"专家{n}", specialty) for n, specialty in enumerate(SPECIALTIES)]


def members(panel: list[str]) -> list[dict[str, str]]:
    return [{"person": p, "specialty": s} for p, s in zip(panel, SPECIALTIES, strict=False)]


def inspected(web: Web, county: County, panel: list[str]) -> str:
    """Have a panel appointed, an inspection held and its report delivered; return its id."""
    body = {"enterprise": county.enterprise, "members": members(panel), "happened": "2024-05-06"}
    answer = web.post("/expert-inspections/panel-appointed", body)
    assert answer.status_code == 201, answer.text
    record: str = answer.json()["record"]
    held = {
        "record": record,
        "enterprise": county.enterprise,
        "experts": members(panel),
        "happened": "2024-05-09T08:30:00+08:00",
    }
    assert web.post("/expert-inspections/held", held).status_code == 201
    findings = [
        {"item": 1, "text": "=泄放阀未校验", "recommendation": "送检", "at_once": False},
        {"item": 2, "text": "挡鼠板缺失", "recommendation": "加装", "at_once": True},
    ]
    path = f"/expert-inspections/{record}"
    assert web.post(f"{path}/report-delivered", {"findings": findings}).status_code == 201
    assert web.post(f"{path}/rectified", {"item": 2}).status_code == 201
    return record


class TestLedger:
    def test_each_inspection_with_its_findings(
        self, web: Web, county: County, panel: list[str]
    ) -> None:
        record = inspected(web, county, panel)
        told = web.get(f"/enterprises/{county.enterprise}/expert-ledger").json()
        (one,) = told["inspections"]
        assert (told["code"], one["id"]) == (county.enterprise, record)
        assert [each["name"] for each in one["experts"]] == ["专家0", "专家1", "专家2"]
        assert [(f["item"], f["progress"]) for f in one["findings"]] == [
            (1, "open"),
            (2, "rectified"),
        ]
        assert [flag["clause"] for flag in one["flags"]] == ["2.1b"]

    def test_as_a_spreadsheet_of_text(self, web: Web, county: County, panel: list[str]) -> None:
        inspected(web, county, panel)
        answer = web.get(f"/enterprises/{county.enterprise}/expert-ledger.xlsx")
        book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
        heading, first, second = book.get_sheet_by_index(0).to_python()
        assert heading[0] == "检查日期 Held"
        assert first[5:9] == ["1", "=泄放阀未校验", "送检", "未整改"]
        assert second[5:9] == ["2", "挡鼠板缺失", "加装", "已整改"]

    def test_who_read_it_is_kept(self, web: Web, county: County, panel: list[str]) -> None:
        record = inspected(web, county, panel)
        web.get(f"/enterprises/{county.enterprise}/expert-ledger")
        found = web.here.ledger.read(Query((f"expert_inspection:{record}",), ("reading.recorded",)))
        assert [entry.by.authentication for entry in found] == ["cli"]

    def test_reading_leaves_the_version_of_the_report_alone(
        self, web: Web, county: County, panel: list[str]
    ) -> None:
        record = inspected(web, county, panel)
        before = web.get(f"/expert-inspections/{record}").headers["ETag"]
        web.get(f"/enterprises/{county.enterprise}/expert-ledger")
        assert web.get(f"/expert-inspections/{record}").headers["ETag"] == before

    def test_an_enterprise_without_any(self, web: Web, county: County) -> None:
        path = f"/enterprises/{county.enterprise}/expert-ledger"
        assert web.get(path).json()["inspections"] == []
        answer = web.get(f"{path}.xlsx")
        assert len(CalamineWorkbook.from_filelike(BytesIO(answer.content)).sheet_names) == 1

    def test_nobody_by_that_code(self, web: Web) -> None:
        assert web.get("/enterprises/NOBODY-1/expert-ledger").status_code == 404


class TestGates:
    def test_an_expert_suspended_that_day_is_refused(
        self, web: Web, county: County, panel: list[str]
    ) -> None:
        told = {"authority": county.department, "reason": "外出进修", "happened": "2024-05-01"}
        web.post(f"/persons/{panel[0]}/expert-suspended", told)
        body = {
            "enterprise": county.enterprise,
            "members": members(panel),
            "happened": "2024-05-06",
        }
        answer = web.post("/expert-inspections/panel-appointed", body)
        assert (answer.status_code, answer.json()["clause"]) == (409, "2.3d")

    def test_admission_is_judged_by_the_persons_own_record(self, web: Web, county: County) -> None:
        body = {"name": "老专家", "born": "1950-01-01", "happened": "2024-01-05"}
        person = web.post("/persons", body).json()["record"]
        admitted = {
            "authority": county.department,
            "specialties": ["电气"],
            "title": "senior",
            "years": 30,
            "healthy": True,
            "retired": True,
            "happened": "2024-02-01",
        }
        answer = web.post(f"/persons/{person}/expert-admitted", admitted)
        assert (answer.status_code, answer.json()["clause"]) == (409, "2.3b")


class TestLists:
    def test_an_enterprise_without_arrangement_until_it_has_one(
        self, web: Web, county: County
    ) -> None:
        def listed() -> set[str]:
            found, cursor = set(), None
            while True:
                query: dict[str, str] = {"cursor": cursor} if cursor else {}
                page = web.get("/enterprises-without-expert-arrangement", limit=3, **query).json()
                found |= {each["code"] for each in page["enterprises"]}
                cursor = page["next"]
                if cursor is None:
                    return found

        web.here.runner.wait_for(web.here.ledger.head().position, 30)
        assert county.enterprise in listed()
        body = {"enterprise": county.enterprise, "document": "安〔2024〕3号"}
        web.post("/arrangements", body, Prefer="wait=10")
        assert county.enterprise not in listed()

    def test_behind_are_those_that_owe_soonest_due_first(self, web: Web, county: County) -> None:
        web.here.runner.wait_for(web.here.ledger.head().position, 30)
        page = web.get("/expert-inspections-owed", limit=500).json()
        dues = [each["first_due"] for each in page["enterprises"]]
        assert dues == sorted(dues)
        (own,) = [each for each in page["enterprises"] if each["code"] == county.enterprise]
        assert own["overdue"] == 0
        assert own["open"] >= 1
        assert own["first_due"].endswith("-12-31")
        if len(page["enterprises"]) > 1:
            first = web.get("/expert-inspections-owed", limit=1).json()
            second = web.get("/expert-inspections-owed", limit=1, cursor=first["next"]).json()
            both = [*first["enterprises"], *second["enterprises"]]
            assert both == page["enterprises"][:2]

    def test_a_pool_against_what_it_needs(self, web: Web, county: County, panel: list[str]) -> None:
        need = {"body": county.department, "specialty": "电气", "number": 2}
        assert web.post("/pools", {**need, "happened": "2024-02-01"}).status_code == 201
        told = web.get(f"/organisations/{county.department}/expert-pool").json()
        assert told["specialties"] == [{"specialty": "电气", "needed": 2, "in_pool": 1, "short": 1}]
        assert len(panel) == len(SPECIALTIES)

    def test_experts_with_why_one_does_not_fit(
        self, web: Web, county: County, panel: list[str]
    ) -> None:
        free = {"areas": ["沂南县"], "free": [{"since": "2024-05-01", "until": "2024-05-31"}]}
        web.post(f"/persons/{panel[1]}/expert-availability-told", free)
        tied = {"organisation": county.enterprise, "tie": "business", "happened": "2024-01-10"}
        web.post(f"/persons/{panel[2]}/expert-tied", tied, Prefer="wait=10")
        asked = {
            "specialty": "电气",
            "area": "沂南县",
            "since": "2024-05-06",
            "until": "2024-05-08",
            "enterprise": county.enterprise,
        }
        found = {e["person"]: e for e in web.get("/experts", **asked).json()["experts"]}
        assert found[panel[1]]["fits"]
        assert found[panel[1]]["places"][0]["specialties"] == ["电气"]
        assert UUID(found[panel[1]]["places"][0]["authority"]) == organisation_id(county.department)
        reasons = [each["key"] for each in found[panel[2]]["unfit"]]
        assert reasons == ["specialty", "area", "time", "tie"]
        only = web.get("/experts", **asked, fitting="true").json()["experts"]
        assert {panel[1]} <= {each["person"] for each in only}
        assert panel[2] not in {each["person"] for each in only}

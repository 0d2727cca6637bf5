"""Figures drawn from the record over HTTP: of a quarter, of a year, of a fund; who was assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from domain.organisation import organisation_id

if TYPE_CHECKING:
    from tests.support.county import County
    from tests.support.web import Web

QUARTER, YEAR = "2024-Q2", 2024


def figure(told: dict[str, Any], key: str) -> tuple[int, ...]:
    found = next(each for each in told["figures"] if each["key"] == key)
    return found["owed"], found["kept"], found["late"], found["missed"]


@pytest.fixture
def government(web: Web, county: County) -> str:
    """A government above the department of the county; return its code."""
    code = f"G{uuid4().hex[:12].upper()}"
    body = {"kind": "government", "code": code, "name": "县政府", "happened": "2023-01-01"}
    assert web.post("/organisations", body).status_code == 201
    changed = {"parent": code, "happened": "2023-03-01"}
    assert web.post(f"/organisations/{county.department}/changed", changed).status_code == 201
    return code


def test_a_quarters_figures_are_drawn_where_they_are_left_out(web: Web, county: County) -> None:
    assert county.hazard(happened="2024-05-20").status_code == 201
    told = web.get(f"/organisations/{county.department}/quarter-figures", quarter=QUARTER).json()
    assert [each["found_hazards"] for each in told["figures"]] == [1]
    body = {"body": county.department, "quarter": QUARTER, "happened": "2024-07-10"}
    answer = web.post("/quarters", body)
    assert answer.status_code == 201, answer.text
    state = web.get(f"/quarters/{answer.json()['record']}").json()["state"]
    assert state["drawn"] is True
    assert state["figures"] == told["figures"]
    assert state["upto"] == answer.json()["position"] - 1


def test_a_quarters_figures_that_were_sent_are_not_said_to_be_drawn(
    web: Web, county: County
) -> None:
    line = {"area": "某县", "industry": "26", "charge": 10, "found_hazards": 40}
    body = {"body": county.department, "quarter": QUARTER, "upto": 1, "figures": [line]}
    answer = web.post("/quarters", {**body, "happened": "2024-07-10"})
    assert answer.status_code == 201, answer.text
    assert web.get(f"/quarters/{answer.json()['record']}").json()["state"].get("drawn") is None


def test_a_year_is_assessed_on_figures_of_the_record(
    web: Web, county: County, government: str
) -> None:
    """The ledger was opened only now: what was silent before is no evidence, what was found is."""
    hazard = county.hazard(happened="2024-05-20").json()
    path = f"/organisations/{county.department}/yearly-figures"
    told = web.get(path, year=YEAR).json()
    assert told["charge"] == 1
    assert told["figures"][0]["key"] == "expert_inspections"
    assert figure(told, "hazards") == (1, 0, 0, 0)
    items = web.get(f"{path}/hazards", year=YEAR).json()["items"]
    assert [each["subject"] for each in items] == [f"hazard:{hazard['record']}"]
    assert items[0]["facts"] == [hazard["position"]]
    sent = {"body": county.department, "by_org": government, "year": YEAR, "outcome": "qualified"}
    refused = web.post("/yearly-assessments", {**sent, "figures": []})
    assert refused.status_code == 422
    answer = web.post("/yearly-assessments", {**sent, "happened": "2025-01-20"})
    assert answer.status_code == 201, answer.text
    state = web.get(f"/yearly-assessments/{answer.json()['record']}").json()["state"]
    assert figure(state, "hazards") == (1, 0, 0, 0)
    assert state["charge"] == 1
    above = web.get(f"/organisations/{government}/yearly-figures", year=YEAR).json()
    assert figure(above, "hazards") == (1, 0, 0, 0)
    assert web.get(f"/organisations/{government}/assessments", year=YEAR).json()["bodies"] == []


def test_support_rests_on_drawn_figures(web: Web, county: County, government: str) -> None:
    assert county.hazard(happened="2024-05-20").status_code == 201
    sent = {"enterprise": county.enterprise, "by_org": government, "kind": "policy", "year": YEAR}
    answer = web.post("/supports", {**sent, "measure": "优先评优"})
    assert answer.status_code == 201, answer.text
    state = web.get(f"/supports/{answer.json()['record']}").json()["state"]
    assert figure(state, "hazards") == (1, 0, 0, 0)
    assert "quarters" not in [each["key"] for each in state["figures"]]


def test_a_public_fund_and_what_it_purchased(web: Web, county: County, government: str) -> None:
    planned = {"body": government, "year": YEAR, "amount": 100, "happened": "2024-01-10"}
    assert web.post("/public-funds", planned).status_code == 201
    bought = {"body": government, "year": YEAR, "provider": "某公司", "amount": 60}
    bought |= {"enterprises": [county.enterprise], "happened": "2024-02-01"}
    assert web.post("/purchases", bought).status_code == 201
    told = web.get(f"/organisations/{government}/public-fund", year=YEAR).json()
    assert (told["planned"], told["purchased"]) == (100, 60)
    assert told["purchases"][0]["waiting"] == [str(organisation_id(county.enterprise))]
    none = web.get(f"/organisations/{government}/public-fund", year=2023).json()
    assert (none["planned"], none["purchases"]) == (None, [])


@pytest.mark.parametrize("path", ["yearly-figures", "assessments", "public-fund"])
def test_an_unknown_body_has_no_figures(web: Web, path: str) -> None:
    answer = web.get(f"/organisations/NOBODY/{path}", year=YEAR)
    assert answer.status_code == 404

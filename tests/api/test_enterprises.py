"""An enterprise's own line over HTTP: posts up to the principal, money, own rules; inspectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.county import County
    from tests.support.web import Web


def test_posts_reach_the_principal_or_are_listed(web: Web, county: County) -> None:
    manager = {"organisation": county.enterprise, "kind": "principal", "title": "总经理"}
    principal = web.post("/posts", {**manager, "happened": "2024-05-01"}).json()["record"]
    body = {"organisation": county.enterprise, "kind": "team_leader", "title": "丙班班长"}
    orphan = web.post("/posts", {**body, "happened": "2024-05-01"}).json()["record"]
    told = web.get(f"/enterprises/{county.enterprise}/posts").json()
    assert orphan in told["orphans"]
    place = next(each for each in told["posts"] if each["post"] == orphan)
    assert (place["depth"], place["orphan"], place["vacant"]) == (None, "no_superior", True)
    moved = {"reports_to": principal, "happened": "2024-05-02"}
    assert web.post(f"/posts/{orphan}/moved", moved).status_code == 201
    told = web.get(f"/enterprises/{county.enterprise}/posts").json()
    assert orphan not in told["orphans"]
    before = web.get(f"/enterprises/{county.enterprise}/posts", as_at="2024-05-01").json()
    assert orphan in before["orphans"]


def test_money_falls_short_and_lacks_a_source(web: Web, county: County) -> None:
    hazard = county.hazard(number="YH-FUND").json()["record"]
    plan = {"enterprise": county.enterprise, "year": 2024, "amount": 100}
    planned = web.post("/funds", {**plan, "happened": "2024-01-05"}).json()["record"]
    spent = {"enterprise": county.enterprise, "hazard": hazard, "amount": 350, "purpose": "换阀"}
    assert web.post("/spendings", {**spent, "happened": "2024-05-21"}).status_code == 201
    told = web.get(f"/enterprises/{county.enterprise}/funds", year=2024).json()
    assert (told["planned"]["amount"], told["spent"]["amount"]) == (100, 350)
    assert told["shortfall"] == 250
    assert [each["number"] for each in told["hazards"]] == ["YH-FUND"]
    assert web.post(f"/funds/{planned}/revised", {"amount": 400}).status_code == 201
    assert web.get(f"/enterprises/{county.enterprise}/funds", year=2024).json()["shortfall"] == 0
    refused = web.get(f"/enterprises/{county.enterprise}/funds", year=1600)
    assert refused.status_code == 422


def test_own_rules_by_version_and_what_is_missing(web: Web, county: County) -> None:
    person = web.post("/persons", {"name": "张总"}).json()["record"]
    rule = {"enterprise": county.enterprise, "kind": "reporting", "title": "隐患报告制度"}
    adopted = {**rule, "version": "1", "adopted_by": person, "happened": "2024-01-05"}
    assert web.post("/own-rules", adopted).status_code == 201
    again = web.post("/own-rules", {**adopted, "title": "另一名称"})
    assert again.status_code == 409
    told = web.get(f"/enterprises/{county.enterprise}/own-rules").json()
    assert [each["kind"] for each in told["missing"]] == [
        "investigation",
        "registration",
        "rectification",
    ]
    assert told["rules"][0]["adopted_by"] == {"person": person, "name": "张总"}


def test_a_bodys_inspectors_and_equipment(web: Web, county: County) -> None:
    thing = {"body": county.department, "name": "测爆仪", "count": 2, "usable_until": "2024-06-30"}
    assert web.post("/equipment", {**thing, "happened": "2024-01-05"}).status_code == 201
    path = f"/organisations/{county.department}/inspectors"
    assert web.get(path, as_at="2024-06-30").json()["equipment"][0]["usable"]
    assert not web.get(path, as_at="2024-07-01").json()["equipment"][0]["usable"]

"""Who may do and see what: each kind of person against each kind of address, cell by cell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from uuid_utils.compat import uuid7

from api.access import identify
from api.authority import _commands, asked_by_address
from domain.moment import month_of
from domain.organisation import organisation_id
from tests.support.land import SINCE, Land, build
from tests.support.published import covered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.web import Web

API = "/api/v1"
OPEN = {
    *("/health", "/metrics", "/docs", "/openapi.json", "/docs/start.js", "/verify"),
    *("/log/checkpoint", "/log/tile/{address:path}"),
    *("/check", "/check/{code}", "/check/{code}/bundle", "/check/{code}/qr.svg"),
    *("/inspections/site", "/inspections/worker.js"),
    *("/sign-in", "/sign-in/as", "/enrol", "/tips", "/exposures", "/calendar/{secret}.ics"),
    *(f"{API}/tips/{each}" for each in ("follow", "offices", "inbox", "additions", "proof")),
    *("/tips/new", f"{API}/exposures"),
    *(f"{API}/sign-in/passkey/options", f"{API}/sign-in/passkey"),
    *(f"{API}/enrolments/passkey/options", f"{API}/enrolments/passkey"),
}
"""What is published, or is how one signs in: for everybody."""


@pytest.fixture(scope="module")
def land(web: Web) -> Land:
    return build(web)


SEES: dict[str, tuple[bool, bool]] = {
    "": (True, True),
    "总经理一": (True, False),
    "工人一": (True, False),
    "总经理二": (False, True),
    "局长一": (True, False),
    "专管员": (True, False),
    "其他监管员": (False, False),
    "局长二": (False, True),
    "副县长": (True, True),
    "安委办主任": (True, False),
    "外县局长": (False, False),
    "外县县长": (False, False),
    "无职者": (False, False),
    "倒查组员": (True, False),
}
"""By who asks: whether they see the first enterprise, and the second."""

WHOLE_CASE = {"", "局长一", "专管员", "副县长", "安委办主任", "倒查组员"}
"""Who may take all of the first enterprise's case away: its own people are not among them."""

ADDRESSES = (
    "/api/v1/organisations/{code}",
    "/api/v1/organisations/{id}",
    "/api/v1/supervisions/{code}",
    "/api/v1/enterprises/{code}/trace",
    "/api/v1/enterprises/{id}/duties",
    "/api/v1/enterprises/{code}/expert-ledger",
    "/api/v1/enterprises/{code}/rounds?month=2024-05",
    "/api/v1/hazards/{hazard}",
    "/api/v1/facts/{position}",
    "/api/v1/facts?tag=org:{id}",
    "/api/v1/facts?tag=org:{id}&topic=hazard.found",
    "/api/v1/bundles/hazards/{hazard}",
    "/trace?enterprise={code}&at=2024-05-01",
)


def filled(land: Land, address: str, name: str) -> str:
    code = land.code(name)
    return address.format(
        code=code,
        id=organisation_id(code),
        hazard=land.hazards[name],
        position=land.positions[name],
    )


@pytest.mark.parametrize("who", SEES)
def test_each_cell_of_seeing_an_enterprise(land: Land, who: str) -> None:
    covered(land.web)  # bundles are of what a checkpoint covers
    for name, sees in zip(("E1", "E2"), SEES[who], strict=True):
        for address in ADDRESSES:
            path = filled(land, address, name)
            status = land.get(who, path).status_code
            assert (status == 200) is sees, (who, path, status)
            assert status in (200, 403)


def test_all_of_a_case_is_taken_by_those_charged_with_it_and_not_by_its_own_people(
    land: Land,
) -> None:
    path = filled(land, "/api/v1/bundles/traces/{code}", "E1")
    allowed = {who for who in SEES if land.get(who, path).status_code == 200}
    assert allowed == WHOLE_CASE


def test_the_dossier_on_paper_is_all_of_a_case(land: Land) -> None:
    """It holds the whole trace and the evidence for it, whoever issued it."""
    covered(land.web)
    wanted = {"document": land.positions["SG"]}
    issued = {who: land.send("/papers", wanted, who) for who in SEES}
    assert {who for who, answer in issued.items() if answer.status_code == 201} == WHOLE_CASE
    file = issued[""].json()["file"]
    assert {who for who in SEES if land.get(who, file).status_code == 200} == WHOLE_CASE
    refused = land.get("总经理一", file).json()
    made_up = land.get("总经理一", f"/api/v1/papers/{uuid4()}/file").json()
    assert {**refused, "request": ""}["status"] == made_up["status"] == 403


def test_any_other_document_on_paper_is_had_by_whoever_sees_it(land: Land) -> None:
    reported = {"kind": "major", "to_org": land.code("D1")}
    path = f"/hazards/{land.hazards['E1']}/reported"
    wanted = {"document": land.record(path, reported)["position"]}
    covered(land.web)
    issued = {who: land.send("/papers", wanted, who) for who in SEES}
    allowed = {who for who, answer in issued.items() if answer.status_code == 201}
    assert allowed == {who for who, (first, _) in SEES.items() if first}
    file = issued[""].json()["file"]
    assert {who for who in SEES if land.get(who, file).status_code == 200} == allowed


@pytest.mark.parametrize("who", [who for who in SEES if who])
def test_what_is_not_theirs_reads_like_what_does_not_exist(land: Land, who: str) -> None:
    for address in ADDRESSES:
        made_up = address.format(
            code=f"NONE{land.mark}", id=uuid4(), hazard=uuid7(), position=2**40
        )
        for name, sees in zip(("E1", "E2"), SEES[who], strict=True):
            if not sees:
                told = [land.get(who, path) for path in (filled(land, address, name), made_up)]
                bodies = [{**each.json(), "request": ""} for each in told]
                assert bodies[0] == bodies[1], (who, address)
                assert bodies[0]["status"] == 403
                assert bodies[0]["todo"]


@pytest.mark.parametrize("who", SEES)
def test_lists_hold_what_one_may_see_and_nothing_else(land: Land, who: str) -> None:
    own = {str(organisation_id(land.code(name))): name for name in ("E1", "E2")}
    wanted = {name for name, sees in zip(("E1", "E2"), SEES[who], strict=True) if sees}
    month = month_of(datetime.now(UTC))
    for path, key, field_ in (
        ("/api/v1/enterprises?limit=500", "organisations", "id"),
        ("/api/v1/hazards?limit=500", "hazards", "enterprise"),
        (f"/api/v1/reports?month={month}&limit=500", "reports", "enterprise"),
    ):
        rows = land.get(who, path).json()[key]
        assert {own[row[field_]] for row in rows if row[field_] in own} == wanted, (who, path)
        if who:
            assert {row[field_] for row in rows} <= set(own), "nothing of anybody else's"
    rows = land.get(who, "/api/v1/incidents").json()["incidents"]
    numbers = {row["number"] for row in rows}
    assert (f"SG-{land.mark}" in numbers) is ("E1" in wanted)


@pytest.mark.parametrize(("name", "sees"), [("E1", True), ("E2", False)])
def test_a_filter_does_not_get_round_it(land: Land, name: str, *, sees: bool) -> None:
    rows = land.get("总经理一", f"/api/v1/hazards?enterprise={land.code(name)}").json()
    assert bool(rows["hazards"]) is sees
    assert rows["next"] is None


def test_the_ledger_as_a_whole_is_nobodys(land: Land) -> None:
    for who in SEES:
        if who:
            for path in ("/api/v1/facts", "/api/v1/facts?topic=hazard.found"):
                assert land.get(who, path).status_code == 403
            assert land.get(who, "/log/tile/entries/000").status_code == 403


def test_people_are_seen_by_themselves_and_those_over_them(land: Land) -> None:
    path = f"/api/v1/persons/{land.people['工人一']}"
    allowed = {who for who in SEES if land.get(who, path).status_code == 200}
    assert allowed == {"", "工人一", "总经理一", "局长一", "副县长"}


def test_the_rules_are_for_everybody_in_post(land: Land) -> None:
    for path in ("/api/v1/clauses", "/api/v1/settings", "/policy", "/settings"):
        assert land.get("工人一", path).status_code == 200
        assert land.get("无职者", path).status_code == 403


class TestDoing:
    @pytest.mark.parametrize(
        ("who", "enterprise", "may"),
        [
            ("总经理一", "E1", True),
            ("工人一", "E1", True),
            ("专管员", "E1", True),
            ("局长一", "E1", True),
            ("副县长", "E1", True),
            ("总经理一", "E2", False),
            ("专管员", "E2", False),
            ("其他监管员", "E1", False),
            ("外县局长", "E1", False),
            ("无职者", "E1", False),
            ("倒查组员", "E1", False),
        ],
    )
    def test_finding_a_hazard(self, land: Land, who: str, enterprise: str, *, may: bool) -> None:
        answer = land.send("/hazards", land.hazard(enterprise), who)
        assert answer.status_code == (201 if may else 403), answer.text
        if not may:
            assert "有权的是" in answer.json()["todo"]

    @pytest.mark.parametrize(
        ("who", "department", "enterprise", "may"),
        [
            ("局长一", "D1", "E1", True),
            ("专管员", "D1", "E1", True),
            ("局长一", "D2", "E1", False),
            ("局长一", "D1", "E2", False),
            ("总经理一", "D1", "E1", False),
            ("总经理一", "E1", "E1", False),
            ("外县局长", "DX", "E1", False),
        ],
    )
    def test_an_order_is_issued_by_ones_own_department_where_it_supervises(
        self, land: Land, who: str, department: str, enterprise: str, *, may: bool
    ) -> None:
        item = {"item": 1, "text": "更换阀门", "deadline": "2030-01-01"}
        body = {
            "enterprise": land.code(enterprise),
            "by_org": land.code(department),
            "number": f"责{uuid4().hex[:6]}",
            "items": [{**item, "hazard": land.hazards[enterprise]}],
        }
        answer = land.send("/orders", body, who)
        if may:
            assert answer.status_code == 201, answer.text
        else:
            assert answer.status_code == 403, answer.text

    def test_one_act_that_is_not_theirs_takes_the_others_with_it(self, land: Land) -> None:
        acts = [{"topic": "hazard.found", "data": land.hazard(name)} for name in ("E1", "E2")]
        assert land.send("/commands", {"acts": acts}, "总经理一").status_code == 403

    def test_nobody_corrects_what_they_could_not_have_recorded(self, land: Land) -> None:
        body = {"positions": [land.positions["E2"]], "reason": "录入有误"}
        assert land.send("/corrections", body, "总经理一").status_code == 403
        assert land.send("/corrections", body, "副县长").status_code == 201

    def test_nobody_appoints_themself(self, land: Land) -> None:
        body = {"organisation": land.code("E1"), "kind": "deputy", "title": "副总"}
        post = land.record("/posts", body, "总经理一")["record"]
        own = {"person": land.people["总经理一"]}
        assert land.send(f"/posts/{post}/appointment-made", own, "总经理一").status_code == 403
        land.person("新副总")
        other = {"person": land.people["新副总"]}
        assert land.send(f"/posts/{post}/appointment-made", other, "总经理一").status_code == 201

    def test_rules_and_erasures_are_the_owners(self, land: Land) -> None:
        body = {"key": "3.2b.report", "value": "12 hours", "since": "2030-01-01"}
        body["source"] = "试"
        assert land.send("/settings/changed", body, "副县长").status_code == 403
        path = f"/persons/{land.people['工人一']}/erased"
        assert land.send(path, {"basis": "法"}, "总经理一").status_code == 403

    def test_a_registrar_is_over_whom_they_vouch_for(self, land: Land) -> None:
        body = {"person": land.people["工人一"]}
        assert land.send("/enrolments", body, "总经理一").status_code == 201
        for who in ("总经理二", "外县局长", "无职者", "工人一"):
            assert land.send("/enrolments", body, who).status_code == 403


class TestThisMoment:
    def test_who_left_sees_nothing_more(self, land: Land) -> None:
        land.person("离任者", "E1", "deputy")
        path = filled(land, "/api/v1/organisations/{code}", "E1")
        assert land.get("离任者", path).status_code == 200
        ended = {"person": land.people["离任者"], "happened": "2024-01-31"}
        land.record(f"/posts/{land.posts['离任者']}/appointment-ended", ended)
        assert land.get("离任者", path).status_code == 403

    def test_a_department_sees_what_it_supervises_now(self, land: Land) -> None:
        land.organisation("E3", "enterprise")
        code = land.code("E3")
        body = {"department": land.code("D1"), "happened": SINCE}
        path = f"/api/v1/organisations/{code}"
        assert land.get("局长一", path).status_code == 403
        land.record(f"/supervisions/{code}/assigned", body)
        assert land.get("局长一", path).status_code == 200
        land.record(f"/supervisions/{code}/ended", {**body, "happened": "2024-06-01"})
        assert land.get("局长一", path).status_code == 403
        self.caught_up(land)
        rows = land.get("局长一", "/api/v1/enterprises?limit=500").json()["organisations"]
        assert code not in {row["code"] for row in rows}

    def caught_up(self, land: Land) -> None:
        here = land.web.here
        here.runner.wait_for(here.ledger.head().position, 60)


def routes_of(web: Web) -> Iterator[tuple[str, APIRoute]]:
    for included in web.app.routes:
        for context in getattr(included, "effective_route_contexts", list)():
            if isinstance(context.original_route, APIRoute):
                yield context.path_format, context.original_route


def test_a_route_without_a_row_is_nobodys(web: Web) -> None:
    unasked, unguarded = set(), set()
    for path, route in routes_of(web):
        declared = route.path
        full = f"{API}{declared}" if path.startswith(f"{API}/") else declared
        guarded = any(each.call is identify for each in _all(route.dependant))
        if not guarded:
            unguarded.add(full)
            assert full not in _commands() or route.methods == {"GET"}, "a command for everybody"
        elif (
            not (full in _commands() and "POST" in (route.methods or ()))
            and asked_by_address(full) is None
        ):
            unasked.add(full)
    assert unasked == set()
    assert unguarded == OPEN


def _all(dependant: Any) -> Iterator[Any]:  # noqa: ANN401 - FastAPI's own tree
    for each in dependant.dependencies:
        yield each
        yield from _all(each)

"""Rounds one by one: what the scenarios, which read stretches, do not tell apart."""

from __future__ import annotations

from datetime import date, datetime

from domain.check import CheckMade, ShiftsSet
from domain.halt import ProductionPaused
from domain.organisation import SupervisionAssigned, supervision_id
from domain.people import PostCreated, PostKind
from domain.policy.duty import Docket, judge
from domain.policy.rules import DUTIES
from domain.policy.s3_1_checks import Standing, Tier, rounds
from tests.support.book import Book, ident, noon
from tests.support.plant import DEPARTMENT, MILL, PLANT, staffed

TEAM, SHOP = ident("甲班"), ident("一车间")
MONDAY = date(2024, 1, 1)


def book(*starts: str) -> Book:
    """Return a book with a team, whose shifts begin so, and a workshop."""
    made = staffed()
    assigned = SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT)
    made.enter(supervision_id(PLANT), assigned, MONDAY)
    for post, kind in ((TEAM, PostKind.TEAM_LEADER), (SHOP, PostKind.WORKSHOP_HEAD)):
        made.enter(post, PostCreated(organisation=PLANT, kind=kind, title=kind.value), MONDAY)
    if starts:
        made.enter(TEAM, ShiftsSet(organisation=PLANT, starts=starts), MONDAY)
    return made


def check(made: Book, when: date | datetime, post: object = TEAM, org: object = PLANT) -> None:
    fact = CheckMade.model_validate({"enterprise": org, "post": post})
    made.enter(ident(f"check {post} {when}"), fact, when)


def standings(made: Book, tier: Tier, at: date | datetime) -> dict[str, Standing]:
    return {
        each.name: each.standing
        for _, owed in rounds(Docket(PLANT, made.entries, at), tier)
        for each in owed
    }


def test_a_check_of_a_day_alone_is_for_its_first_shift() -> None:
    made = book("20:00", "08:00")
    check(made, date(2024, 1, 2))
    told = standings(made, Tier.TEAM, noon("2024-01-03"))
    assert told["2024-01-02 08:00"] is Standing.MADE
    assert told["2024-01-02 20:00"] is Standing.MISSED
    assert told["2024-01-03 20:00"] is Standing.OPEN
    assert list(told)[:2] == ["2024-01-01 08:00", "2024-01-01 20:00"]


def test_a_check_on_a_day_without_a_shift_is_for_none() -> None:
    made = staffed()
    made.enter(
        TEAM, PostCreated(organisation=PLANT, kind=PostKind.TEAM_LEADER, title="甲班"), MONDAY
    )
    made.enter(TEAM, ShiftsSet(organisation=PLANT, starts=("08:00",), days=(1,)), MONDAY)
    check(made, date(2024, 1, 2))
    assert standings(made, Tier.TEAM, date(2024, 1, 4)) == {"2024-01-01 08:00": Standing.MISSED}


def test_a_check_that_names_no_shift_is_for_the_next_within_four_hours() -> None:
    made = book("08:00", "20:00")
    for hour in ("2024-01-02T08:00+08:00", "2024-01-02T15:59+08:00", "2024-01-03T16:00+08:00"):
        check(made, datetime.fromisoformat(hour))
    told = standings(made, Tier.TEAM, date(2024, 1, 4))
    assert told["2024-01-02 08:00"] is Standing.MADE
    assert told["2024-01-02 20:00"] is Standing.MISSED
    assert told["2024-01-03 20:00"] is Standing.MADE


def test_the_first_check_of_all_is_for_the_first_shift_however_early() -> None:
    made = book("20:00")
    check(made, datetime.fromisoformat("2024-01-01T06:00+08:00"))
    assert standings(made, Tier.TEAM, date(2024, 1, 2))["2024-01-01 20:00"] is Standing.MADE


def test_what_another_enterprise_did_counts_for_nothing() -> None:
    made = book()
    check(made, date(2024, 1, 2), None, MILL)
    pause = ProductionPaused(enterprise=MILL, until=date(2024, 1, 31))
    made.enter(ident("停产"), pause, MONDAY)
    assert standings(made, Tier.ENTERPRISE, date(2024, 1, 8))["2024-W01"] is Standing.MISSED
    assert standings(made, Tier.WORKSHOP, date(2024, 1, 3))["2024-01-02"] is Standing.MISSED


def test_a_month_without_production_parts_no_stretch() -> None:
    made = book()
    pause = ProductionPaused(enterprise=PLANT, until=date(2024, 2, 29))
    made.enter(ident("停产"), pause, date(2024, 2, 1))
    docket = Docket(PLANT, made.entries, date(2024, 3, 10))
    told = [d for d in judge(docket, DUTIES) if (d.rule.clause, d.rule.key) == ("3.1a", "workshop")]
    assert [each.opening.detail for each in told] == ["2024-01至2024-03", "2024-03-10"]
    assert told[0].note is not None
    assert "停产免查29次" in told[0].note[0]


def test_no_round_is_owed_by_a_body_or_before_the_enterprise_operates() -> None:
    made = book()
    assert list(rounds(Docket(DEPARTMENT, made.entries, date(2024, 2, 1)), Tier.ENTERPRISE)) == []
    assert list(rounds(Docket(PLANT, made.entries, date(2023, 12, 31)), Tier.ENTERPRISE)) == []

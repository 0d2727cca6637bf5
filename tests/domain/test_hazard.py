from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from domain.hazard import (
    Determiner,
    HazardAccepted,
    HazardAssessed,
    HazardClosed,
    HazardDetermined,
    HazardDowngraded,
    HazardLevel,
    HazardPlanned,
    HazardRecord,
    HazardRectified,
    RectificationStarted,
    Stage,
)
from domain.imported import LedgerRowImported, RowOrigin
from domain.record import moment_of
from tests.support.book import Book, ident, text
from tests.support.plant import DEPARTMENT, HAZARD, PLANT, county, found

if TYPE_CHECKING:
    from domain.fact import Fact

GENERAL, MAJOR = HazardLevel.GENERAL, HazardLevel.MAJOR
DAYS = [date(2024, 3, day) for day in range(1, 31)]


def assessed(level: HazardLevel) -> HazardAssessed:
    return HazardAssessed(enterprise=PLANT, level=level)


def determined(level: HazardLevel, by: Determiner = Determiner.ENTERPRISE) -> HazardDetermined:
    return HazardDetermined(enterprise=PLANT, level=level, by=by)


def downgraded() -> HazardDowngraded:
    return HazardDowngraded(enterprise=PLANT, by_org=PLANT, reason=text("已清空"))


def accepted(*, passed: bool) -> HazardAccepted:
    return HazardAccepted(enterprise=PLANT, by_org=DEPARTMENT, passed=passed)


def planned(*, effective: bool = True, measures: str = "换罐") -> HazardPlanned:
    return HazardPlanned(enterprise=PLANT, measures=text(measures), effective=effective)


def record(*facts: Fact) -> HazardRecord:
    """Return the record of a hazard about which these were told, one a day from 1 March."""
    book = Book()
    entries = [
        book.enter(HAZARD, fact, day) for fact, day in zip((found(), *facts), DAYS, strict=False)
    ]
    return HazardRecord(f"hazard:{HAZARD}", entries)


def row(level: HazardLevel | None = None) -> LedgerRowImported:
    origin = RowOrigin(source="旧台账", file="0" * 64, row=2)
    return LedgerRowImported(
        enterprise=PLANT, origin=origin, number="旧-1", level=level, found=DAYS[0]
    )


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ((), None),
        ((assessed(GENERAL),), GENERAL),
        ((assessed(MAJOR), assessed(GENERAL)), MAJOR),
        ((assessed(MAJOR), determined(GENERAL)), GENERAL),
        ((assessed(GENERAL), assessed(MAJOR)), MAJOR),
        ((determined(MAJOR), assessed(GENERAL)), MAJOR),
        ((determined(MAJOR), determined(GENERAL)), MAJOR),
        ((determined(MAJOR), assessed(MAJOR), determined(GENERAL)), MAJOR),
        ((determined(MAJOR), downgraded()), GENERAL),
        ((determined(MAJOR), downgraded(), assessed(MAJOR), determined(GENERAL)), GENERAL),
        ((determined(MAJOR), downgraded(), determined(MAJOR)), MAJOR),
        ((determined(GENERAL), determined(MAJOR)), MAJOR),
    ],
)
def test_level_in_force(facts: tuple[Fact, ...], level: HazardLevel | None) -> None:
    hazard = record(*facts)
    assert hazard.level is level
    assert hazard.major is (level is MAJOR)


def test_downgrade_holds_until_it_is_major_again() -> None:
    hazard = record(determined(MAJOR), downgraded(), assessed(GENERAL))
    assert hazard.downgraded is hazard.last("hazard.downgraded")
    assert record(determined(MAJOR), downgraded(), determined(MAJOR)).downgraded is None
    assert record(assessed(GENERAL)).downgraded is None


def test_first_fact_by_which_it_is_general() -> None:
    hazard = record(assessed(MAJOR), determined(GENERAL), assessed(GENERAL))
    assert hazard.general is hazard.first("hazard.determined")
    assert record(assessed(MAJOR)).general is None


def test_first_fact_by_which_it_is_major_and_first_claim_of_it() -> None:
    hazard = record(assessed(GENERAL), assessed(MAJOR), determined(MAJOR))
    assert hazard.determined_major == hazard.all("hazard.assessed")[1]
    assert hazard.claimed_major == hazard.determined_major
    suspected = Book().enter(HAZARD, found(suspected_major=True), DAYS[0])
    assert HazardRecord(f"hazard:{HAZARD}", [suspected]).claimed_major is suspected
    assert record(assessed(GENERAL)).claimed_major is None
    assert record(assessed(GENERAL)).determined_major is None


def test_a_failed_acceptance_opens_a_new_round() -> None:
    done, again = HazardRectified(enterprise=PLANT), HazardRectified(enterprise=PLANT, cost=1)
    first = record(done, accepted(passed=True))
    assert first.rectified is first.first("hazard.rectified")
    assert first.acceptances == first.all("hazard.accepted")
    failed = record(done, accepted(passed=True), accepted(passed=False))
    assert failed.rectified is None
    assert failed.acceptances == []
    renewed = record(done, accepted(passed=True), accepted(passed=False), again)
    assert renewed.rectified is renewed.last("hazard.rectified")
    assert renewed.acceptances == []
    assert record(accepted(passed=True)).acceptances == []


def test_rounds_begin_with_the_first_rectification_after_a_failure() -> None:
    done = HazardRectified(enterprise=PLANT)
    hazard = record(done, done, accepted(passed=False), done, done)
    rectified = hazard.all("hazard.rectified")
    assert hazard.rounds == [rectified[0], rectified[2]]
    assert record().rounds == []


def test_it_is_closed_only_from_when_it_was_struck_off() -> None:
    hazard = record(HazardClosed(enterprise=PLANT, by_org=PLANT))
    struck = moment_of(hazard.entries[1])
    assert hazard.closed(DAYS[0]) is None
    assert hazard.closed(struck) == struck


def test_plan_in_force_is_the_last_that_was_to_take_effect() -> None:
    hazard = record(planned(measures="一"), planned(measures="二"), planned(effective=False))
    assert hazard.plan
    assert str(hazard.plan.measures) == "二"
    earlier = hazard.planned(DAYS[1])
    assert earlier
    assert isinstance(earlier.fact, HazardPlanned)
    assert str(earlier.fact.measures) == "一"
    assert hazard.planned(DAYS[0]) is None
    assert record(planned(effective=False)).plan is None


def test_an_imported_row_is_a_hazard_too() -> None:
    book = Book()
    hazard = HazardRecord(f"hazard:{HAZARD}", [book.enter(HAZARD, row(MAJOR), DAYS[0])])
    assert (hazard.number, hazard.found, hazard.level) == ("旧-1", DAYS[0], MAJOR)
    assert hazard.origin is hazard.entries[0]
    assert not hazard.fixed_on_spot
    assert hazard.description is None
    assert hazard.closing is None
    assert hazard.closed(DAYS[5]) is None
    hazard = HazardRecord(
        hazard.subject, [*hazard.entries, book.enter(HAZARD, assessed(GENERAL), DAYS[3])]
    )
    assert hazard.level is GENERAL


STARTED = RectificationStarted(enterprise=PLANT)
DONE = HazardRectified(enterprise=PLANT)
STRUCK = HazardClosed(enterprise=PLANT, by_org=PLANT)


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ((), Stage.TO_ASSESS),
        ((assessed(GENERAL),), Stage.TO_RECTIFY),
        ((assessed(GENERAL), STARTED), Stage.UNDER_WAY),
        ((assessed(GENERAL), STARTED, DONE), Stage.TO_ACCEPT),
        ((STARTED, DONE, accepted(passed=False)), Stage.UNDER_WAY),
        ((DONE, accepted(passed=True)), Stage.TO_CLOSE),
        ((DONE, accepted(passed=True), STRUCK), Stage.CLOSED),
    ],
)
def test_what_it_waits_for(facts: tuple[Fact, ...], stage: Stage) -> None:
    assert record(*facts).stage(DAYS[-1]) is stage


def test_an_open_row_waits_to_be_rectified() -> None:
    imported = Book().enter(HAZARD, row(None), DAYS[0])
    assert HazardRecord(f"hazard:{HAZARD}", [imported]).stage(DAYS[1]) is Stage.TO_RECTIFY


def test_what_is_neither_found_nor_imported_has_no_description() -> None:
    book = county()
    entry = book.enter(ident("另一隐患"), assessed(GENERAL), DAYS[0])
    hazard = HazardRecord(f"hazard:{ident('另一隐患')}", [entry])
    assert hazard.origin is None
    assert hazard.description is None

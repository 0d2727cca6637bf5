from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from domain.listing import (
    Delisted,
    DelistingApplied,
    FirstAcceptance,
    ListingDeclined,
    ListingMade,
    ListingProposed,
    ListingRecord,
    ListingServed,
    SecondAcceptance,
    Stage,
)
from tests.support.book import Book, ident, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT

if TYPE_CHECKING:
    from domain.fact import Fact

LISTING = ident("督办")
ABOUT: dict[str, Any] = {"enterprise": PLANT, "hazard": HAZARD}
PROPOSED = ListingProposed(**ABOUT, by_org=DEPARTMENT, to_org=GOVERNMENT)
MADE = ListingMade(
    **ABOUT,
    by_org=GOVERNMENT,
    number="1号",
    responsible_body=DEPARTMENT,
    supervising_unit=GOVERNMENT,
    deadline=date(2024, 6, 30),
)
SERVED = ListingServed(**ABOUT, to_org=PLANT)
APPLIED = DelistingApplied(**ABOUT, by_org=DEPARTMENT)


def first(*, passed: bool) -> FirstAcceptance:
    return FirstAcceptance(**ABOUT, by_org=DEPARTMENT, passed=passed)


def second(*, passed: bool) -> SecondAcceptance:
    return SecondAcceptance(**ABOUT, by_org=GOVERNMENT, passed=passed)


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ((SERVED,), Stage.PROPOSED),
        ((PROPOSED,), Stage.PROPOSED),
        (
            (PROPOSED, ListingDeclined(**ABOUT, by_org=GOVERNMENT, reason=text("已整改"))),
            "declined",
        ),
        ((PROPOSED, MADE, SERVED), Stage.LISTED),
        ((PROPOSED, MADE, first(passed=True)), Stage.FIRST_ACCEPTED),
        ((PROPOSED, MADE, first(passed=False)), Stage.LISTED),
        ((PROPOSED, MADE, first(passed=True), APPLIED), Stage.APPLIED),
        ((PROPOSED, MADE, first(passed=True), APPLIED, second(passed=False)), Stage.LISTED),
        ((MADE, first(passed=True), APPLIED, second(passed=True)), Stage.SECOND_ACCEPTED),
        ((MADE, APPLIED, Delisted(**ABOUT, by_org=GOVERNMENT)), Stage.DELISTED),
    ],
)
def test_how_far_a_listing_has_come(facts: tuple[Fact, ...], stage: Stage) -> None:
    book = Book()
    entries = [book.enter(LISTING, f, date(2024, 3, day)) for day, f in enumerate(facts, 1)]
    assert ListingRecord(f"listing:{LISTING}", entries).stage == stage

"""What the scenarios of 3.1 do not reach: hazards taken back, listings that bar nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from domain.correction import FactCorrected
from domain.errors import GateClosed
from domain.hazard import (
    HazardAccepted,
    HazardAssessed,
    HazardClosed,
    HazardDisclosed,
    HazardDowngraded,
    HazardLevel,
    HazardPlanned,
    HazardRectified,
    HazardReported,
    ReportKind,
)
from domain.imported import LedgerRowImported, RowOrigin
from domain.listing import Delisted, ListingMade, ListingProposed
from domain.policy.s3_1_enterprise import missing_of_four
from tests.support.book import Book, ident, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, MILL, PLANT, county, found

if TYPE_CHECKING:
    from uuid import UUID

    from domain.fact import Fact

DAY = date(2024, 3, 5)
DOWNGRADED = HazardDowngraded(enterprise=PLANT, by_org=MILL, reason=text("已清空"))


@pytest.fixture
def taken_back() -> Book:
    """A book in which a hazard was found and the finding then taken back as an error."""
    book = county()
    entry = book.act(HAZARD, found(), DAY)
    wrong = FactCorrected(positions=(entry.position,), about=(PLANT,), reason=text("误录"))
    book.act(ident("更正"), wrong, DAY)
    return book


@pytest.mark.parametrize(
    "fact",
    [
        HazardAccepted(enterprise=PLANT, by_org=DEPARTMENT, passed=True),
        HazardClosed(enterprise=PLANT, by_org=DEPARTMENT),
        DOWNGRADED,
    ],
)
def test_no_gate_guards_a_hazard_whose_finding_was_taken_back(taken_back: Book, fact: Fact) -> None:
    assert taken_back.act(HAZARD, fact, DAY).fact is fact
    assert taken_back.trace(PLANT, date(2024, 4, 1)).hazards.items == []


def test_of_an_imported_row_nobody_is_known_to_have_determined_it() -> None:
    book = county()
    origin = RowOrigin(source="旧台账", file="0" * 64, row=2)
    row = LedgerRowImported(
        enterprise=PLANT, origin=origin, number="旧-1", level=HazardLevel.MAJOR, found=DAY
    )
    book.enter(HAZARD, row, DAY)
    assert book.act(HAZARD, DOWNGRADED, DAY).fact is DOWNGRADED


@pytest.mark.parametrize(
    ("hazard", "delisted"), [(HAZARD, True), (ident("另一隐患"), False)], ids=["delisted", "other"]
)
def test_a_listing_that_ended_or_is_of_another_hazard_bars_no_closing(
    hazard: UUID, *, delisted: bool
) -> None:
    book = county()
    for fact in (
        found(),
        HazardAssessed(enterprise=PLANT, level=HazardLevel.GENERAL),
        HazardReported(enterprise=PLANT, kind=ReportKind.COMPANY, to_org=PLANT),
        HazardDisclosed(enterprise=PLANT, where=text("公告栏")),
        HazardRectified(enterprise=PLANT),
        HazardAccepted(enterprise=PLANT, by_org=DEPARTMENT, passed=True),
    ):
        book.enter(HAZARD, fact, DAY)
    listed = ListingMade(
        enterprise=PLANT,
        hazard=hazard,
        by_org=GOVERNMENT,
        number="督1号",
        responsible_body=DEPARTMENT,
        supervising_unit=GOVERNMENT,
        deadline=DAY,
    )
    proposed = ListingProposed(
        enterprise=PLANT, hazard=hazard, by_org=DEPARTMENT, to_org=GOVERNMENT
    )
    for step in (proposed, listed):
        book.enter(ident("督办"), step, DAY)
    closed = HazardClosed(enterprise=PLANT, by_org=DEPARTMENT)
    if delisted:
        with pytest.raises(GateClosed, match="挂牌督办"):
            book.act(HAZARD, closed, DAY)
        ended = Delisted(enterprise=PLANT, hazard=hazard, by_org=GOVERNMENT)
        book.enter(ident("督办"), ended, DAY)
    assert book.act(HAZARD, closed, DAY).fact is closed


def test_what_of_the_four_a_plan_lacks() -> None:
    assert missing_of_four(None) == ["measures", "responsible", "deadline", "funding"]
    half = HazardPlanned(enterprise=PLANT, measures=text("换罐"), deadline=DAY)
    assert missing_of_four(half) == ["responsible", "funding"]

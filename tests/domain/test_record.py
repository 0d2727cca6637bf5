from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.hazard import HazardDisclosed, HazardRectified, HazardReported, ReportKind
from domain.record import Record, by_moment, facts_of, follows, moment_of
from tests.support.book import Book, noon, text
from tests.support.plant import DEPARTMENT, HAZARD, PLANT, found

NOON = noon("2024-03-05")


def reported() -> HazardReported:
    return HazardReported(enterprise=PLANT, kind=ReportKind.MAJOR, to_org=DEPARTMENT)


def rectified() -> HazardRectified:
    return HazardRectified(enterprise=PLANT)


def test_an_act_in_the_world_counts_from_when_it_is_said_to_have_happened() -> None:
    entry = Book().enter(HAZARD, rectified(), date(2024, 3, 1))
    late = replace(entry, received=NOON, recorded=NOON)
    assert moment_of(late) == date(2024, 3, 1)


@pytest.mark.parametrize(("waited", "counts"), [(0, 0), (120, 0), (121, 121)])
def test_an_act_of_the_record_counts_from_its_arrival(waited: int, counts: int) -> None:
    entry = Book().enter(HAZARD, reported(), date(2024, 3, 1))
    recorded = NOON + timedelta(seconds=waited)
    entry = replace(entry, received=NOON, recorded=recorded)
    assert moment_of(entry) == NOON + timedelta(seconds=counts)


def test_entries_stand_by_moment_and_of_one_moment_by_position() -> None:
    book = Book()
    later = book.enter(HAZARD, found(), datetime(2024, 3, 5, 1, tzinfo=UTC))
    day = book.enter(HAZARD, rectified(), date(2024, 3, 5))
    same = book.enter(HAZARD, rectified(), date(2024, 3, 5))
    before = book.enter(HAZARD, rectified(), date(2024, 3, 4))
    assert by_moment([same, later, before, day]) == [before, day, same, later]


@pytest.mark.parametrize(
    ("happened", "after"),
    [(date(2024, 3, 4), False), (date(2024, 3, 5), True), (date(2024, 3, 6), True)],
)
def test_what_was_entered_later_follows_unless_it_is_dated_before(
    happened: date, *, after: bool
) -> None:
    book = Book()
    first = book.enter(HAZARD, found(), NOON)
    second = book.enter(HAZARD, rectified(), happened)
    assert follows(second, first) is after
    assert follows(first, second) is (happened < date(2024, 3, 5))
    assert not follows(first, first)


def test_a_record_finds_its_facts() -> None:
    book = Book()
    entries = [
        book.enter(HAZARD, found(), date(2024, 3, 1)),
        book.enter(HAZARD, rectified(), date(2024, 3, 9)),
        book.enter(HAZARD, HazardDisclosed(enterprise=PLANT, where=text("厂门")), date(2024, 3, 2)),
        book.enter(HAZARD, rectified(), date(2024, 3, 8)),
    ]
    record = Record(f"hazard:{HAZARD}", list(reversed(entries)))
    assert record.key == str(HAZARD)
    assert record.positions() == [1, 2, 3, 4]
    assert [each.position for each in record.all("hazard.found", "hazard.rectified")] == [1, 4, 2]
    assert record.first("hazard.rectified") is entries[3]
    assert record.last("hazard.rectified") is entries[1]
    assert record.fact("hazard.found") is entries[0].fact
    assert record.first("hazard.closed") is None
    assert record.last("hazard.closed") is None
    assert record.fact("hazard.closed") is None
    assert list(facts_of(entries, HazardDisclosed)) == [(entries[2], entries[2].fact)]

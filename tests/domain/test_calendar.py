from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import CALENDAR, KNOWN_YEARS, Calendar, DayDecided
from domain.fact import Entry
from domain.moment import Period, end
from tests.support.book import Book, noon

MAY_DAY = date(2024, 5, 1)


def decided(*days: tuple[date, bool, str]) -> list[Entry]:
    """Return decisions, each by its day, whether it is worked, and when it was recorded."""
    book = Book()
    return [
        book.enter(CALENDAR, DayDecided(day=day, works=works, source="文件"), noon(recorded))
        for day, works, recorded in days
    ]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 4, 30), True),
        (MAY_DAY, False),
        (date(2024, 5, 11), True),  # a Saturday worked in exchange
        (date(2024, 5, 12), False),
        (date(2003, 5, 1), True),  # a Thursday of a year whose notices are not at hand
        (date(2003, 5, 3), False),
    ],
)
def test_days_are_worked_by_the_notices_of_their_year(day: date, *, works: bool) -> None:
    assert Calendar([]).works(day) is works


def test_a_local_decision_goes_before_the_notices() -> None:
    entries = decided(
        (MAY_DAY, True, "2024-04-01"),
        (date(2024, 6, 3), False, "2024-04-02"),
        (MAY_DAY, False, "2024-04-03"),
        (date(2024, 7, 1), False, "2024-04-04"),
    )
    calendar = Calendar(entries)
    assert not calendar.works(MAY_DAY)
    assert not calendar.works(date(2024, 6, 3))
    assert calendar.decisions(MAY_DAY, date(2024, 6, 3)) == [entries[2], entries[1]]


def test_a_decision_changes_no_day_that_had_passed() -> None:
    day = date(2024, 6, 3)
    assert Calendar(decided((day, False, "2024-06-04"))).works(day)
    assert not Calendar(decided((day, False, "2024-06-03"))).works(day)


def test_a_period_over_a_holiday_ends_later() -> None:
    period = Period(3, "working_days")
    opened = date(2024, 4, 29)
    assert period.after(opened, Calendar([]).works) == end(date(2024, 5, 7))
    assert period.after(opened) == end(date(2024, 5, 2))


def test_years_whose_notices_are_not_at_hand_are_told() -> None:
    last = KNOWN_YEARS[-1]
    assert Calendar.unknown(date(last, 1, 1), date(last, 12, 31)) == []
    assert Calendar.unknown(date(last, 12, 1), date(last + 1, 1, 1)) == [last + 1]

"""The calendar 日历: which days are worked 工作日, by the State's notices and local decisions.

Only a period in working days asks it (3 working_days): days are otherwise calendar days. The
notices of every year are data of the ``chinesecalendar`` package; of a year that it does not hold
only Saturdays and Sundays are free, and whoever reckons with such a year says so.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from chinese_calendar.constants import holidays, workdays
from pydantic import Field

from domain.fact import Fact
from domain.moment import Day, is_weekday, no_later
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.fact import Entry

CALENDAR = uuid5(NAMESPACE_URL, "https://daocha.example/calendar")
"""The one record that holds every local decision about a day in a ledger."""
KNOWN_YEARS = range(min(holidays).year, max(holidays).year + 1)
"""The years whose notices are at hand."""


class DayDecided(
    Fact,
    topic="calendar.day_decided",
    zh="调整工作日",
    en="Working day decided",
    of_record=True,
):
    """A day is worked, or is not, by a decision of this jurisdiction or a notice not yet at hand.

    It changes no day that had already passed when it was recorded.
    """

    day: Day
    works: bool
    source: str = Field(min_length=1, max_length=200, examples=["国办发明电〔2026〕7号"])


class Calendar:
    """Which days are worked, as some entries leave it.

    Args:
        entries: facts in the ledger's order; those that decide on days count.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._decided = {
            fact.day: (entry, fact.works)
            for entry, fact in facts_of(list(entries), DayDecided)
            if no_later(moment_of(entry), fact.day)
        }

    def works(self, day: date) -> bool:
        """Tell whether ``day`` is worked 工作日."""
        if day in self._decided:
            return self._decided[day][1]
        return day in workdays or (is_weekday(day) and day not in holidays)

    def decisions(self, first: date, last: date) -> list[Entry]:
        """Return the local decisions about the days from ``first`` to ``last``, by their day."""
        return [self._decided[day][0] for day in sorted(self._decided) if first <= day <= last]

    @staticmethod
    def unknown(first: date, last: date) -> list[int]:
        """Return the years between two days whose notices are not at hand."""
        return [year for year in range(first.year, last.year + 1) if year not in KNOWN_YEARS]

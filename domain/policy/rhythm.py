"""Rhythms 周期: duties of the calendar that come again and again, derived and never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from domain.moment import end, first_day, last_day, local_day, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.moment import Period, Span
    from domain.policy.duty import Docket

_OF_THE_CALENDAR: dict[int, Span] = {1: "month", 3: "quarter", 6: "half_year", 12: "year"}
"""Rounds of so many months are those of the calendar."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One round of a rhythm: its name, such as ``2024-Q2``, and its first and last day."""

    name: str
    first: date
    last: date

    @property
    def due(self) -> datetime:
        """When it is over: 24:00 of its last day, in UTC."""
        return end(self.last)

    def holds(self, moment: date | datetime) -> bool:
        """Tell whether ``moment`` lies in it."""
        return self.first <= local_day(moment) <= self.last


def turns(
    docket: Docket, key: str, since: date | datetime, until: date | datetime | None = None
) -> Iterator[Turn]:
    """Yield the rounds from the one in which ``since`` lies to that of the docket's moment.

    The setting ``key`` says how long a round is. Months, quarters, half-years and years are those
    of the calendar; other rounds follow on ``since``. A changed setting takes hold with the round
    that begins after it. While it is switched off there are none.

    Args:
        docket: by whose settings, and up to which moment.
        key: the setting.
        since: when what is owed begins; the round then running is owed too.
        until: when it ends; None while it goes on.
    """
    day, last = local_day(since), local_day(docket.at)
    if until is not None:
        last = min(last, local_day(until))
    while day <= last:
        period = docket.settings.at(key, day).period
        if period is None:
            day += timedelta(days=1)
            continue
        turn = _turn(day, period)
        yield turn
        day = turn.last + timedelta(days=1)


def _turn(day: date, period: Period) -> Turn:
    span = _OF_THE_CALENDAR.get(period.amount) if period.unit == "months" else None
    if span:
        name = span_of(day, span)
        return Turn(name, first_day(name), last_day(name))
    over = local_day(period.after(day) - timedelta(microseconds=1))
    return Turn(day.isoformat(), day, max(day, over - timedelta(days=1)))

"""The time axis 时间轴刻度: hours, days, months, quarters or years, as the length of time asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from api.pages import show
from api.pages.figures.measure import width
from domain.moment import SHANGHAI, local_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.pages.words import Speech

_DAY = timedelta(days=1)
_HOURS_UP_TO = 3 * _DAY
_DAYS_UP_TO = 45 * _DAY
_TENTHS_UP_TO = 250 * _DAY
_MONTHS_UP_TO = 800 * _DAY
_QUARTERS_UP_TO = 2000 * _DAY
_GAP = 10
"""Pixels kept free between two labels."""
_INDENT = 6
"""Pixels from a strong line to its words."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the axis with its words; the ``major`` ones are strong."""

    x: float
    words: str
    major: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from ``start`` to ``end`` along the pixels from ``left`` to ``right``."""

    start: datetime
    end: datetime
    left: float
    right: float

    def x(self, moment: date | datetime) -> float:
        """Return where a moment lies, at the edge where it lies outside; a day at its noon."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(12), SHANGHAI)
        share = (moment - self.start) / (self.end - self.start)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def ticks(self, say: Speech, size: float) -> list[Tick]:
        """Return the ticks whose words, at a font size of ``size``, stand clear of each other."""
        length = self.end - self.start
        if length <= _HOURS_UP_TO:
            major = self._worded(say, self._days(), "axis.day_year", "axis.day", size)
            minor = list(self._hours(length))
        elif length <= _MONTHS_UP_TO:
            major = self._worded(say, self._firsts(), "axis.month_year", "axis.month", size)
            minor = list(self._single_days() if length <= _DAYS_UP_TO else self._tenths())
            minor = minor if length <= _TENTHS_UP_TO else []
        else:
            major = self._worded(say, self._years(), "axis.year", "axis.year", size)
            minor = list(self._quarters(say)) if length <= _QUARTERS_UP_TO else []
        return self._legible([*major, *minor], size)

    def _worded(
        self, say: Speech, days: Iterator[date], first_key: str, key: str, size: float
    ) -> list[Tick]:
        """Word the strong ticks: the period in which the axis starts stands at its left edge.

        It is dropped where the next one follows too closely; the first one kept says the year.
        """
        starts = list(days)
        widest = width(_words(say, first_key, starts[0]), size, bold=True)
        if len(starts) > 1 and self._edge(starts[1]) - self.left < widest + _INDENT + _GAP:
            del starts[0]
        return [
            Tick(
                self._edge(day),
                _words(say, first_key if not index or day.month == day.day == 1 else key, day),
                major=True,
            )
            for index, day in enumerate(starts)
        ]

    def _legible(self, found: list[Tick], size: float) -> list[Tick]:
        """Drop every tick whose words would touch those of a stronger or an earlier one."""
        kept: list[tuple[float, float, Tick]] = []
        for tick in found:
            wide = width(tick.words, size, bold=tick.major)
            left = tick.x + _INDENT if tick.major else tick.x - wide / 2
            right = left + wide
            clear = all(right + _GAP <= other[0] or other[1] + _GAP <= left for other in kept)
            if clear and right <= self.right and left >= self.left:
                kept.append((left, right, tick))
        return sorted((tick for _, _, tick in kept), key=lambda tick: tick.x)

    def _edge(self, day: date) -> float:
        """Return where a day begins."""
        return self.x(datetime.combine(day, time.min, SHANGHAI))

    def _inside(self, day: date) -> bool:
        return self.start <= datetime.combine(day, time.min, SHANGHAI) <= self.end

    def _days(self) -> Iterator[date]:
        day, last = local_day(self.start), local_day(self.end)
        while day <= last:
            yield day
            day += _DAY

    def _firsts(self) -> Iterator[date]:
        day, last = local_day(self.start).replace(day=1), local_day(self.end)
        while day <= last:
            yield day
            day = (day + 32 * _DAY).replace(day=1)

    def _years(self) -> Iterator[date]:
        for year in range(local_day(self.start).year, local_day(self.end).year + 1):
            yield date(year, 1, 1)

    def _hours(self, length: timedelta) -> Iterator[Tick]:
        step = 1 if length <= _DAY / 2 else 3 if length <= _DAY else 6
        for day in self._days():
            for hour in range(step, 24, step):
                at = datetime.combine(day, time(hour), SHANGHAI)
                if self.start <= at <= self.end:
                    yield Tick(self.x(at), f"{hour:02d}:00", major=False)

    def _single_days(self) -> Iterator[Tick]:
        for day in self._days():
            if day.day > 1 and self._inside(day):
                yield Tick(self._edge(day), str(day.day), major=False)

    def _tenths(self) -> Iterator[Tick]:
        for first in self._firsts():
            for day in (first.replace(day=11), first.replace(day=21)):
                if self._inside(day):
                    yield Tick(self._edge(day), str(day.day), major=False)

    def _quarters(self, say: Speech) -> Iterator[Tick]:
        for first in self._firsts():
            if first.month in (4, 7, 10) and self._inside(first):
                quarter = first.month // 3 + 1
                words = say("axis.quarter", quarter=quarter, numeral=show.NUMERALS[quarter])
                yield Tick(self._edge(first), words, major=False)


def _words(say: Speech, key: str, day: date) -> str:
    name = show.month_name(day.month)
    return say(key, year=day.year, month=day.month, day=day.day, name=name)

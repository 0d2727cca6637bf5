"""Moments 时刻 and deadlines 期限: the only place that knows what a day is.

A moment is either an instant (an aware ``datetime``, UTC inside) or a whole local day (a ``date``
in Asia/Shanghai) where the record gives no time. A day is never turned into an instant of that day:
every comparison below says how it treats a day, and lateness is claimed only where it is certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SATURDAY = 5
_FIRST_YEAR, _LAST_YEAR = 1900, 2200  # wide enough for any record, and safe to calculate with
FIRST_DAY = date(_FIRST_YEAR, 1, 1)
"""No moment lies before it."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def utc(value: datetime) -> datetime:
    """Return ``value`` in UTC; a naive time is refused with ``ValueError``."""
    if value.tzinfo is None:
        message = "时间缺少时区 (a time without a zone is not accepted)"
        raise ValueError(message)
    return value.astimezone(UTC)


def parse_moment(value: object) -> date | datetime:
    """Read a day (``2024-05-03``) or an instant (RFC 3339, any zone) into a moment.

    Raises:
        ValueError: the text is neither, or the instant has no zone.
    """
    if isinstance(value, str):
        value = (date if _DAY.fullmatch(value) else datetime).fromisoformat(value)
    if not isinstance(value, date):
        message = "须为日期或带时区的时间 (a day or a zoned time is expected)"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns ValueError into a field error
    _check_year(value)
    return utc(value) if isinstance(value, datetime) else value


def _check_year(value: date) -> date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        message = f"年份须在{_FIRST_YEAR}至{_LAST_YEAR}之间 (the year is out of range)"
        raise ValueError(message)
    return value


def format_moment(value: date | datetime) -> str:
    """Write a moment the way it is stored: a day as it is, an instant in UTC ending in ``Z``."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat()


def _parse_instant(value: object) -> datetime:
    moment = parse_moment(value)
    if not isinstance(moment, datetime):
        message = "须为带时区的时间 (a zoned time is expected)"
        raise ValueError(message)  # noqa: TRY004 - as above
    return moment


Moment = Annotated[
    date | datetime,
    BeforeValidator(parse_moment),
    PlainSerializer(format_moment, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["2024-05-03", "2024-05-03T06:30:00Z"]}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_parse_instant),
    PlainSerializer(format_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Day = Annotated[
    date,
    AfterValidator(_check_year),
    PlainSerializer(lambda day: day.isoformat(), return_type=str),
]


def local_day(moment: date | datetime) -> date:
    """Return the day in Asia/Shanghai on which ``moment`` lies."""
    return moment.astimezone(SHANGHAI).date() if isinstance(moment, datetime) else moment


def start(moment: date | datetime) -> datetime:
    """Return the first instant that ``moment`` can mean, in UTC: 00:00 local for a day."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time.min, SHANGHAI).astimezone(UTC)


def end(moment: date | datetime) -> datetime:
    """Return the last instant that ``moment`` can mean, in UTC: 24:00 local for a day."""
    return moment if isinstance(moment, datetime) else start(moment + timedelta(days=1))


def earlier(first: date | datetime, second: date | datetime) -> bool:
    """Tell whether ``first`` lies before ``second``.

    Two instants are compared as such; where either is a whole day, days are compared, so that
    something dated on the accident's own day is never "before" it.
    """
    if isinstance(first, datetime) and isinstance(second, datetime):
        return first < second
    return local_day(first) < local_day(second)


def no_later(first: date | datetime, second: date | datetime) -> bool:
    """Tell whether ``first`` lies before or at ``second``; on one and the same day, a day does."""
    return not earlier(second, first)


def late(moment: date | datetime, due: datetime, *, by_the_hour: bool = False) -> bool:
    """Tell whether ``moment`` certainly lies past the deadline ``due``.

    24:00 of a day is the first instant past that day's deadline; a deadline in hours is still met
    at its very instant. A whole day is late only where all of it lies past the deadline.

    Args:
        moment: when the thing was done.
        due: the deadline.
        by_the_hour: it was counted in hours, so that it ends no day even at midnight.
    """
    begins = start(moment)
    ends_a_day = due == start(local_day(due)) and not by_the_hour
    return begins >= due if ends_a_day else begins > due


def months_between(first: date, last: date) -> list[str]:
    """Return the months from ``first`` to ``last``, both included, as ``2024-05``."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start_at = first.year * 12 + first.month - 1
    return [f"{(start_at + n) // 12:04d}-{(start_at + n) % 12 + 1:02d}" for n in range(count)]


def month_of(moment: date | datetime) -> str:
    """Return the local month of ``moment`` as ``2024-05`` (23:59 on the last day belongs to it)."""
    return f"{local_day(moment):%Y-%m}"


Span = Literal["day", "week", "month", "quarter", "half_year", "year"]
"""The spans 时段 of the calendar, in which the rules count."""
_FIRST_MONTHS = {"": 1, "H1": 1, "H2": 7, "Q1": 1, "Q2": 4, "Q3": 7, "Q4": 10}
_MONTHS_LONG = {"": 12, "H": 6, "Q": 3}


def span_of(moment: date | datetime, unit: Span) -> str:
    """Return the span in which ``moment`` lies, by its name.

    A day is ``2024-05-03``, a week (ISO 8601: Monday to Sunday) ``2024-W18``, a month ``2024-05``,
    a quarter ``2024-Q2``, a half-year ``2024-H1``, a year ``2024``.
    """
    day = local_day(moment)
    if unit == "day":
        return day.isoformat()
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if unit == "month":
        return f"{day:%Y-%m}"
    if unit == "quarter":
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    if unit == "half_year":
        return f"{day.year:04d}-H{(day.month + 5) // 6}"
    return f"{day.year:04d}"


def first_day(span: str) -> date:
    """Return the first day of a span, such as ``2024-05`` or another that :func:`span_of` names."""
    year, tail = int(span[:4]), span[5:]
    if tail.startswith("W"):
        return date.fromisocalendar(year, int(tail[1:]), 1)
    if _DAY.fullmatch(span):
        return date.fromisoformat(span)
    return date(year, _FIRST_MONTHS.get(tail) or int(tail), 1)


def last_day(span: str) -> date:
    """Return the last day of a span, such as ``2024-05``; it never moves for a holiday."""
    first, tail = first_day(span), span[5:]
    if tail.startswith("W"):
        return first + timedelta(days=6)
    if _DAY.fullmatch(span):
        return first
    last_month = first.month + _MONTHS_LONG.get(tail[:1], 1) - 1
    return (first.replace(month=last_month) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def spans_between(first: date, last: date, unit: Span) -> list[str]:
    """Return the spans that the days from ``first`` to ``last`` touch; none if ``last`` is first.

    Args:
        first: the first day.
        last: the last day, included.
        unit: how long the spans are.
    """
    spans = []
    while first <= last:
        spans.append(span_of(first, unit))
        first = last_day(spans[-1]) + timedelta(days=1)
    return spans


Time = tuple["date | datetime", "date | datetime | None"]
"""From when to when, both included; None: still."""


def uncovered(
    times: Iterable[Time], since: date | datetime, until: date | datetime
) -> Iterator[tuple[date | datetime, date | datetime]]:
    """Yield what of the time between two moments none of ``times`` covers.

    A day that ends one of them is covered whole, so that the day after it is no gap. A gap runs
    from its first moment to the moment that ends it, which lies outside it.
    """
    free_from = since
    for begins, ends in sorted(times, key=lambda time: start(time[0])):
        if earlier(until, begins):
            break
        if earlier(free_from, begins):
            yield free_from, begins
        if ends is None:
            return
        after = ends if isinstance(ends, datetime) else ends + timedelta(days=1)
        free_from = max(free_from, after, key=start)
    if earlier(free_from, until):
        yield free_from, until


def is_weekday(day: date) -> bool:
    """Tell whether a day is neither a Saturday nor a Sunday."""
    return day.weekday() < _SATURDAY


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as the rules give it: 24 hours, 10 days, 3 working days 工作日, 1 month."""

    amount: int
    unit: Literal["hours", "days", "working_days", "months"]

    def after(
        self, opened: date | datetime, works: Callable[[date], bool] = is_weekday
    ) -> datetime:
        """Return the instant at which this period, begun at ``opened``, has run out, in UTC.

        Hours run continuously, from the end of the day where only the day is known. Days are
        calendar days in Asia/Shanghai, the opening day excluded, ending 24:00; working days count
        the days that are worked; a month ends on the day of the same number, or on the month's
        last day where there is none.

        Args:
            opened: when it begins.
            works: tells whether a day is worked, as :class:`domain.calendar.Calendar` does.
        """
        if self.unit == "hours":
            return end(opened) + timedelta(hours=self.amount)
        day = local_day(opened)
        if self.unit == "days":
            return end(day + timedelta(days=self.amount))
        if self.unit == "months":
            return end(_months_later(day, self.amount))
        left = self.amount
        while left:
            day += timedelta(days=1)
            left -= works(day)
        return end(day)


def _months_later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    last = last_day(f"{index // 12:04d}-{index % 12 + 1:02d}")
    return last.replace(day=min(day.day, last.day))

"""The days of the demo year, in Asia/Shanghai: when people work, and how a moment is written."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from domain.moment import SHANGHAI

YEAR = 2024
OPENED = datetime(YEAR, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
"""The moment of the ledger's first fact; nothing is recorded before it."""
ENDS = datetime(YEAR + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
"""The year is told up to here."""

_SATURDAY = 5
_MORNING, _EVENING = 8.25, 18.5
_HOLIDAYS = frozenset(
    first + timedelta(days=n)
    for first, days in (
        (date(YEAR, 1, 1), 1),  # 元旦
        (date(YEAR, 2, 10), 8),  # 春节
        (date(YEAR, 4, 4), 3),  # 清明节
        (date(YEAR, 5, 1), 5),  # 劳动节
        (date(YEAR, 6, 10), 1),  # 端午节
        (date(YEAR, 9, 15), 3),  # 中秋节
        (date(YEAR, 10, 1), 7),  # 国庆节
    )
    for n in range(days)
)


def when(text: str) -> datetime:
    """Read ``05-28 16:20`` as that minute of the demo year in Shanghai; the answer is in UTC."""
    local = datetime.fromisoformat(f"{YEAR}-{text}").replace(tzinfo=SHANGHAI)
    return local.astimezone(UTC)


def day(text: str) -> date:
    """Read ``05-28`` as that day of the demo year."""
    return date.fromisoformat(f"{YEAR}-{text}")


def clock(on: date, hours: float) -> datetime:
    """Return the moment so many ``hours`` after 00:00 of a day, to the minute, in UTC."""
    midnight = datetime.combine(on, time.min, SHANGHAI)
    return (midnight + timedelta(minutes=round(hours * 60))).astimezone(UTC)


def works(on: date) -> bool:
    """Tell whether offices work on a day (days worked in exchange are left out)."""
    return on.weekday() < _SATURDAY and on not in _HOLIDAYS


def workday(on: date) -> date:
    """Return that day, or the next on which offices work."""
    while not works(on):
        on += timedelta(days=1)
    return on


def workday_before(on: date) -> date:
    """Return that day, or the last one before it on which offices work."""
    while not works(on):
        on -= timedelta(days=1)
    return on


def by_day(moment: datetime) -> datetime:
    """Return that moment, or 08:15 of the next morning if it lies in the evening or at night."""
    local = moment.astimezone(SHANGHAI)
    hours = local.hour + local.minute / 60
    if _MORNING <= hours <= _EVENING:
        return moment
    return clock(local.date() + timedelta(days=hours > _EVENING), _MORNING)

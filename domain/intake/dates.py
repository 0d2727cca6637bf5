"""Dates as people write them in ledgers, read into days or instants, or refused with the reason.

A date without a time stays a ``date``. A time is local in Asia/Shanghai unless the text names its
zone (RFC 3339), and comes back as an aware ``datetime`` in UTC. Midnight to the second is how
programs write "no time", so it is read as the day; 24:00 is meant, and is the next day's 00:00.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from unicodedata import normalize

from domain.intake.problem import Cell, Flaw
from domain.intake.values import BLANK
from domain.moment import SHANGHAI, local_day

FIRST_YEAR, LAST_YEAR = 1949, 2100

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_TIME = r"""
    (?P<half>上午|下午)?
    (?P<hour>\d{1,2}) (?: : (?P<minute>\d{2}) (?: : (?P<second>\d{2}) (?:\.\d+)? )?
                        | [时点] (?: (?P<minute_zh>\d{1,2}) 分 (?: (?P<second_zh>\d{1,2}) 秒 )? )? )
    \s* (?P<zone> Z | [+-]\d{2}:?\d{2} )?
"""
_DATE = re.compile(
    rf"""
    (?P<year>\d{{4}})
    (?: \s*(?P<mark>[-/.])\s* (?P<month>\d{{1,2}}) \s*(?P=mark)\s* (?P<day>\d{{1,2}}) \.?
      | \s*年\s* (?P<month_zh>\d{{1,2}}) \s*月\s* (?P<day_zh>\d{{1,2}}) \s*[日号]
      | (?P<month_8>\d{{2}}) (?P<day_8>\d{{2}}) )
    (?: \s* \(? (?:星期|周)[一二三四五六日天] \)? )?
    (?: (?: (?<=\d)[\sT]+ | (?<!\d)[\sT]* ) {_TIME} )?
    """,
    re.VERBOSE,
)
_AMBIGUOUS = re.compile(r"\d{1,2}\s*([-/.])\s*\d{1,2}\s*\1\s*(?:\d{4}|\d{2})|\d{2}[-/.年]\d.*")
_INCOMPLETE = re.compile(r"\d{4}(?:[-/.年]\d{0,2}月?)?|\d{1,2}月\d{1,2}[日号]?|\d{1,2}[-/.]\d{1,2}")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_BEFORE = re.compile(r"\s*(?:之前|以前|前|止)$")

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's clock has no zone
_LEAP_DAY_THAT_NEVER_WAS = 60
_SMALLEST_EIGHT_DIGITS = 10_000_000
_DAY_SECONDS = 86_400

Moment = date | datetime
ReadMoment = tuple[Moment | None, tuple[Flaw, ...]]


@lru_cache(maxsize=1 << 15, typed=True)
def read_moment(cell: Cell) -> ReadMoment:
    """Read a date cell.

    Args:
        cell: text such as ``2024-05-03``, ``2024/5/3``, ``2024.5.3``, ``20240503`` or
            ``2024年5月3日``, with or without a time; a spreadsheet's own date; or the number of a
            day in its 1900 system (ECMA-376 part 1, 18.17.4.1), also as text of five digits.

    Returns:
        The day, or the instant in UTC, or None for an empty cell; and why it could not be read.
    """
    if isinstance(cell, datetime):
        return _checked(_whole_day_at_midnight(cell))
    if cell is None or isinstance(cell, date):
        return _checked(cell)
    if isinstance(cell, int) and cell >= _SMALLEST_EIGHT_DIGITS:
        return _from_text(str(cell))
    if isinstance(cell, int | float):
        return _from_serial(cell)
    return _from_text(normalize("NFKC", cell).translate(_DASHES).strip())


def read_deadline(cell: Cell) -> ReadMoment:
    """Read a deadline like :func:`read_moment`; ``2024年5月31日前`` means that day included.

    民法典 art. 1259: 以前 includes the number itself.
    """
    return read_moment(_BEFORE.sub("", cell.rstrip()) if isinstance(cell, str) else cell)


def _from_text(text: str) -> ReadMoment:
    if text in BLANK:
        return None, ()
    found = _DATE.fullmatch(text)
    if found is None:
        return _from_serial(float(text)) if _SERIAL.fullmatch(text) else (None, (_why(text),))
    part = found.groupdict()
    year = int(part["year"])
    month = int(part["month"] or part["month_zh"] or part["month_8"])
    day = int(part["day"] or part["day_zh"] or part["day_8"])
    try:
        whole = date(year, month, day)
        return _checked(whole if part["hour"] is None else _with_time(whole, part))
    except (ValueError, OverflowError):
        return None, (Flaw("impossible_date"),)


def _with_time(day: date, part: dict[str, str | None]) -> Moment:
    hour = int(part["hour"] or 0)
    minute = int(part["minute"] or part["minute_zh"] or 0)
    second = int(part["second"] or part["second_zh"] or 0)
    if part["half"] == "下午" and hour < 12:  # noqa: PLR2004 - noon
        hour += 12
    days = 0
    if (hour, minute, second) == (24, 0, 0):
        days, hour = 1, 0
    local = datetime.combine(day, time(hour, minute, second)) + timedelta(days=days)
    if part["zone"]:
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{part['zone']}").tzinfo
        return local.replace(tzinfo=zone).astimezone(UTC)
    if days:
        return local.replace(tzinfo=SHANGHAI).astimezone(UTC)
    return _whole_day_at_midnight(local)


def _from_serial(number: float) -> ReadMoment:
    if not _LEAP_DAY_THAT_NEVER_WAS < number < _SMALLEST_EIGHT_DIGITS:
        return None, (Flaw("year_out_of_range" if number > 0 else "unreadable_date"),)
    try:
        moment = _EPOCH + timedelta(seconds=round(number * _DAY_SECONDS))
    except OverflowError:
        return None, (Flaw("year_out_of_range"),)
    return _checked(_whole_day_at_midnight(moment))


def _whole_day_at_midnight(moment: datetime) -> Moment:
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if moment.time() == time.min:
        return moment.date()
    return moment.replace(tzinfo=SHANGHAI).astimezone(UTC)


def _checked(moment: Moment | None) -> ReadMoment:
    if moment is not None and not FIRST_YEAR <= local_day(moment).year <= LAST_YEAR:
        return None, (Flaw("year_out_of_range"),)
    return moment, ()


def _why(text: str) -> Flaw:
    if _AMBIGUOUS.fullmatch(text):
        return Flaw("ambiguous_date")
    if _INCOMPLETE.fullmatch(text):
        return Flaw("incomplete_date")
    return Flaw("unreadable_date")

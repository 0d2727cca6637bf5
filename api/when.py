"""Moments as people type them at the edge: Asia/Shanghai unless they say otherwise."""

from __future__ import annotations

import re
from datetime import date, datetime

from domain.errors import Invalid
from domain.moment import SHANGHAI, end, parse_moment, utc

_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = re.compile(_DAY + r"[T ]\d{2}:\d{2}\S*")


def read_when(text: str, where: str) -> date | datetime:
    """Read ``2024-09-18``, ``2024-09-18 14:20`` (Shanghai) or a zoned RFC 3339 time.

    Raises:
        Invalid: it is none of these, or there is no such day or time.
    """
    value = text.strip()
    try:
        if not _TIME.fullmatch(value):  # "20240918" would pass for midnight
            return parse_moment(date.fromisoformat(value) if re.fullmatch(_DAY, value) else None)
        moment = datetime.fromisoformat(value)
        return parse_moment(utc(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)))
    except (ValueError, OverflowError) as error:
        raise Invalid(
            f"不是日期或时间：{value[:40]}",
            f"not a day or a time: {value[:40]}",
            todo_zh="请写成 2024-09-18、2024-09-18 14:20 或 2024-09-18T14:20:00+08:00",
            todo_en="write 2024-09-18, 2024-09-18 14:20 or 2024-09-18T14:20:00+08:00",
            where=where,
        ) from error


def read_known_at(text: str, where: str) -> datetime:
    """Read a moment of knowledge; a day means all of it, to its 24:00 in Shanghai."""
    return end(read_when(text, where))

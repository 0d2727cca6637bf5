"""The typed words that steps are made of: one place that reads Chinese dates, names and states."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_bdd import parsers

from domain.answer import Line, State
from domain.hazard import HazardLevel
from domain.moment import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Callable

Read = TypeVar("Read", bound="Callable[[str], Any]")
_DAY = r"\d{4}年\d{1,2}月\d{1,2}日"
_PERIOD = re.compile(r"(\d+)(小时|天|个工作日|个月)")
_UNITS = {"小时": "hours", "天": "days", "个工作日": "working_days", "个月": "months"}
STATES = {
    "按期履行": State.KEPT,
    "逾期履行": State.KEPT_LATE,
    "尚未到期": State.OPEN,
    "逾期未履行": State.BROKEN,
    "不再承担": State.WAIVED,
}
LINES = {
    "领导责任": Line.LEADERSHIP,
    "部门监管责任": Line.SUPERVISION,
    "主体责任": Line.ENTERPRISE,
    "专家责任": Line.EXPERT,
}


def reads(pattern: str) -> Callable[[Read], Read]:
    """Make a function the reader of what matches ``pattern`` (as ``parse.with_pattern``, typed)."""

    def mark(read: Read) -> Read:
        read.pattern = pattern  # type: ignore[attr-defined]
        return read

    return mark


@reads(_DAY)
def day(text: str) -> date:
    """Read 2024年3月5日."""
    year, month, number = map(int, re.findall(r"\d+", text))
    return date(year, month, number)


@reads(_DAY + r"(?:\d{1,2}:\d{2}(?::\d{2})?)?")
def moment(text: str) -> date | datetime:
    """Read 2024年3月5日 as a day, and 2024年3月5日9:30 as an instant; 24:00 ends the day."""
    match = re.match(_DAY, text)
    assert match
    clock = text[match.end() :]
    on = day(match[0])
    if not clock:
        return on
    hours, minutes, *seconds = map(int, clock.split(":"))
    past = timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))
    return (datetime.combine(on, time.min, SHANGHAI) + past).astimezone(UTC)


@reads(r"\d{4}年\d{1,2}月")
def month(text: str) -> str:
    """Read 2024年3月 as 2024-03."""
    year, number = map(int, re.findall(r"\d+", text))
    return f"{year:04d}-{number:02d}"


@reads(r"[^“”]+")
def name(text: str) -> str:
    """Read what stands between quotation marks."""
    return text


@reads(r"“[^“”]+”(?:、“[^“”]+”)*")
def names(text: str) -> list[str]:
    """Read “甲”、“乙”."""
    return re.findall(r"“([^“”]+)”", text)


@reads(r"[^“”，；：、\s]+")
def title(text: str) -> str:
    """Read the title of a post, such as 分管负责人."""
    return text


@reads(r".+")
def words(text: str) -> str:
    """Read words between quotation marks that may hold quotation marks themselves."""
    return text


@reads(r"\d\.\d[a-z]")
def clause(text: str) -> str:
    """Read the number of a clause, such as 3.2c."""
    return text


@reads(r"\d+(?:小时|天|个工作日|个月)?")
def value(text: str) -> str:
    """Read the value of a rule setting: 24小时, 10天, 3个工作日, 1个月, or a number."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return text
    return f"{match[1]} {_UNITS[match[2]]}"


@reads(r"不?合格")
def verdict(text: str) -> bool:
    """Read 合格 or 不合格."""
    return text == "合格"


@reads(r"第\d+项不?合格(?:、第\d+项不?合格)*")
def verdicts(text: str) -> dict[int, bool]:
    """Read 第1项合格、第2项不合格."""
    return {int(n): v == "合格" for n, v in re.findall(r"第(\d+)项(不?合格)", text)}


@reads(r"第\d+项(?:、第\d+项)*")
def items(text: str) -> tuple[int, ...]:
    """Read 第1项、第2项."""
    return tuple(int(n) for n in re.findall(r"\d+", text))


@reads("一般|重大")
def level(text: str) -> HazardLevel:
    """Read the level of a hazard."""
    return HazardLevel.GENERAL if text == "一般" else HazardLevel.MAJOR


def one_of(choices: dict[str, Any]) -> Callable[[str], Any]:
    """Make a type that reads one of some words."""

    @reads("|".join(sorted(choices, key=len, reverse=True)))
    def read(text: str) -> object:
        return choices[text]

    return read


TYPES: dict[str, Callable[[str], Any]] = {
    "day": day,
    "moment": moment,
    "month": month,
    "name": name,
    "names": names,
    "title": title,
    "words": words,
    "clause": clause,
    "value": value,
    "verdict": verdict,
    "verdicts": verdicts,
    "items": items,
    "level": level,
    "state": one_of(STATES),
    "line": one_of(LINES),
}


def phrase(text: str, **more: Callable[[str], Any]) -> parsers.parse:
    """Make the parser of a step, such as ``“{org:name}”于{when:moment}关闭``.

    Args:
        text: the step, with ``{argument:type}`` for what varies.
        more: types for this step beside :data:`TYPES`.
    """
    return parsers.parse(text, extra_types=TYPES | more)

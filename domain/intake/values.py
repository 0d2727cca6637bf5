"""Words, texts and amounts of a ledger's cells, read into values, or refused with the reason.

Every function returns the value, or None where there is none that can be used, and the flaws found
on the way. A flaw beside a value is a warning.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from domain.hazard import HazardLevel
from domain.intake.problem import Cell, Flaw, as_text

Flaws = tuple[Flaw, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLANK = _words(r"- -- --- / // \ _ 无 暂无 空 n/a N/A NA null NULL None nan NaN NaT") | {""}
"""What people and programs write in a cell that holds nothing (after NFKC)."""

MAX_TEXT = 10_000
"""Characters of a free text; the rest is cut off with a warning."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)
"""Control, zero-width and direction-changing characters: not seen, but they make texts differ."""

_LEVEL = re.compile(
    r"(?P<level>一般|重大)(?:生产)?(?:安全)?(?:生产)?(?:事故|火灾)?(?:隐患|问题)?(?:[(（].*)?"
)
_LEVELS = {"一般": HazardLevel.GENERAL, "重大": HazardLevel.MAJOR}

_CLOSED = _words("""
    已销号 销号 已整改 已整改完成 已整改完毕 已整改到位 已整改销号 整改完成 整改完毕 整改到位 已完成
    完成 已完成整改 已闭环 闭环 已关闭 关闭 已办结 办结 已验收 验收合格 已验收销号 已消除
    是 √ ✓ ✔ Y YES TRUE
""")
_OPEN = _words("""
    整改中 正在整改 未销号 未整改 未整改完成 未完成 未完成整改 未闭环 未关闭 未办结 未验收
    待整改 待销号 待验收 待闭环 部分整改 限期整改 限期整改中 逾期未整改 处理中 进行中
    否 × ✗ ✘ N NO FALSE
""")

_COUNT = re.compile(r"\+?(\d{1,9})(?:\.0+)?\s*[人名个]?")
_MONEY = re.compile(
    r"""
    (?P<about> 大约 | 约为 | 约 | 近 | ≈ | ~ )? \s* (?:人民币)? \s* ¥? \s*
    (?P<number> \d{1,3}(?:,\d{3})+(?:\.\d+)? | \d+(?:\.\d+)? ) \s*
    (?P<over> 余 | 多 )? (?P<unit> 亿 | 万 | 千 )? (?P<yuan> 元 )? (?P<more> 余 | 左右 | 以上 )? 整?
    """,
    re.VERBOSE,
)
_UNITS = {"千": 1_000, "万": 10_000, "亿": 100_000_000}
_MAX_FEN = 2**53 - 1


class Status(NamedTuple):
    """A known word of 销号情况 as it was written, and whether it says that all is done."""

    word: str
    closed: bool


def read_text(cell: Cell, limit: int = MAX_TEXT) -> tuple[str, Flaws]:
    """Read free text: trimmed, without invisible characters, of ``limit`` characters at most.

    Whatever looks like a formula is text like any other.
    """
    text = as_text(cell)
    if len(text) <= limit and text.isprintable():
        return text, ()
    flaws: list[Flaw] = []
    if unseen := sorted({f"U+{ord(char):04X}" for char in _INVISIBLE.findall(text)}):
        flaws.append(Flaw("control_characters", " ".join(unseen[:5])))
        text = _INVISIBLE.sub("", text).strip()
    if len(text) > limit:
        flaws.append(Flaw("overlong", str(limit)))
        text = text[:limit]
    return text, tuple(flaws)


def _word(cell: Cell) -> str:
    return "".join(normalize("NFKC", as_text(cell)).split())


@lru_cache(maxsize=1 << 12, typed=True)
def read_level(cell: Cell) -> tuple[HazardLevel | None, Flaws]:
    """Read 隐患等级: 一般 or 重大 with the usual endings; any other word is no level here."""
    word = _word(cell)
    if word in BLANK:
        return None, ()
    if found := _LEVEL.fullmatch(word):
        return _LEVELS[found["level"]], ()
    return None, (Flaw("unknown_level"),)


@lru_cache(maxsize=1 << 12, typed=True)
def read_status(cell: Cell) -> tuple[Status | None, Flaws]:
    """Read 销号情况 by closed lists of words; anything else may be free text and is left alone."""
    word = _word(cell)
    if word in BLANK:
        return None, ()
    if word.upper() in _CLOSED:
        return Status(word, closed=True), ()
    if word.upper() in _OPEN:
        return Status(word, closed=False), ()
    return None, (Flaw("unknown_status"),)


def read_count(cell: Cell) -> tuple[int | None, Flaws]:
    """Read a number of people, such as 3, ``3人`` or 无 (none)."""
    word = _word(cell)
    if word == "无":
        return 0, ()
    if word in BLANK:
        return None, ()
    if found := _COUNT.fullmatch(word):
        return int(found[1]), ()
    return None, (Flaw("unreadable_count"),)


def read_loss(cell: Cell, unit: int | None = 1) -> tuple[int | None, Flaws]:
    """Read an amount of money into fen 分, exactly.

    Args:
        cell: a number, or text such as ``1,200,000.00``, ``120万元`` or ``约200万元``.
        unit: the yuan that 1 in this column means (10,000 for 万元), None where the header does
            not say. A unit in the cell itself goes before it.
    """
    word = _word(cell)
    if word == "无":
        return 0, ()
    if word in BLANK:
        return None, ()
    found = _MONEY.fullmatch(word)
    if found is None:
        return None, (Flaw("unreadable_loss"),)
    number = Decimal(found["number"].replace(",", ""))
    stated = found["unit"] or found["yuan"]
    yuan = number * (_UNITS.get(found["unit"], 1) if stated else unit or 1)
    fen = (yuan * 100).to_integral_value(ROUND_HALF_EVEN)
    if fen > _MAX_FEN:
        return None, (Flaw("unreadable_loss"),)
    flaws: list[Flaw] = []
    if found["about"] or found["over"] or found["more"]:
        flaws.append(Flaw("approximate_loss", f"{yuan.normalize():f}"))
    if unit is None and not stated and number:
        flaws.append(Flaw("loss_unit_unstated"))
    if fen != yuan * 100:
        flaws.append(Flaw("loss_rounded"))
    return int(fen), tuple(flaws)

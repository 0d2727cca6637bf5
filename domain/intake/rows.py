"""Rows of hazard and accident ledgers, read whole: the fields, what is odd about them, or why not.

A row is kept wherever it can be: an odd value is left empty, its words are kept as text, and a
warning says so. A row is set aside only when it is not known whose it is or when it happened. The
row's own dates are never corrected: closed means 整改完成日期, whatever 销号情况 says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

import orjson

from domain.hazard import HazardLevel
from domain.intake.aliases import LOSS_UNITS, SERIAL, Kind
from domain.intake.codes import read_code, read_number
from domain.intake.columns import MISSHAPEN, Cells, recognise
from domain.intake.dates import Moment, read_deadline, read_moment
from domain.intake.problem import Cell, Flaw, Problem, as_text
from domain.intake.values import (
    BLANK,
    MAX_TEXT,
    Flaws,
    read_count,
    read_level,
    read_loss,
    read_status,
    read_text,
)
from domain.moment import earlier, local_day

MAX_NAME = 200
"""Characters of a short open field: the name of an enterprise or of a body, a category."""

PERSONS = ("检查人", "整改责任人")
_PARSED = {SERIAL, "单位编码", "单位名称", MISSHAPEN}
_HAZARD_FIELDS = frozenset(
    _PARSED
    | {
        *PERSONS,
        "隐患编号",
        "检查时间",
        "检查单位",
        "隐患类型",
        "隐患等级",
        "整改期限",
        "整改完成日期",
        "销号情况",
    }
)
_ACCIDENT_FIELDS = frozenset(
    _PARSED | {*LOSS_UNITS, "事故编号", "事故时间", "事故类别", "死亡人数", "重伤人数"}
)
_FOOTER = re.compile(
    r"(?:总|合|小|共|累)计|本页|(?:填表|制表|填报|审核|复核|经办|统计)(?:人|单位|时间|日期)|(?:备注|说明|注)[:：]"
)

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardRow:
    """One row of a hazard ledger.

    Args:
        row: its number in the file, as the user sees it there.
        number: 隐患编号, or None where the file gives none that can be used.
        code: 单位编码. ``enterprise``: 单位名称.
        inspected_by: 检查单位. ``category``: 隐患类型. ``level``: 隐患等级.
        found: 检查时间; ``closed``: 整改完成日期; each a local day, or an instant in UTC.
        deadline: 整改期限, a whole local day.
        status: the word of 销号情况 as written, if it is a known one; it decides nothing.
        persons: personal values by canonical column, to be sealed.
        texts: free text by canonical or own column name, to be sealed; among it the words of every
            value that could not be read.
        warnings: what is odd, in the order in which it was met.
        occurrence: 2, 3 … where the unit's number stands for other content in an earlier row.
        repeats: the earlier row of the same file with the very same content.
    """

    row: int
    number: str | None
    code: str
    enterprise: str | None
    inspected_by: str | None
    category: str | None
    level: HazardLevel | None
    found: Moment
    deadline: date | None
    closed: Moment | None
    status: str | None
    persons: Mapping[str, str]
    texts: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()
    occurrence: int = 1
    repeats: int | None = None

    def content(self) -> bytes:
        """Return what the row says, canonically: equal for equal rows wherever they stand."""
        return _canonical(
            self.number,
            self.code,
            self.enterprise,
            self.inspected_by,
            self.category,
            self.level,
            self.found,
            self.deadline,
            self.closed,
            self.status,
            self.persons,
            self.texts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccidentRow:
    """One row of an accident ledger; the fields not named here are those of :class:`HazardRow`.

    Args:
        number: 事故编号.
        category: 事故类别, as written.
        occurred: 事故时间, a local day, or an instant in UTC.
        deaths, serious_injuries: people, or None where the file does not say.
        loss: direct economic loss in fen 分, or None.
    """

    row: int
    number: str
    code: str
    enterprise: str | None
    category: str | None
    occurred: Moment
    deaths: int | None
    serious_injuries: int | None
    loss: int | None
    texts: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()
    occurrence: int = 1
    repeats: int | None = None

    def content(self) -> bytes:
        """Return what the row says, canonically: equal for equal rows wherever they stand."""
        return _canonical(
            self.number,
            self.code,
            self.enterprise,
            self.category,
            self.occurred,
            self.deaths,
            self.serious_injuries,
            self.loss,
            self.texts,
        )


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that cannot be taken as it stands, with every reason.

    ``is_data`` is False for what only looks like a row: a total, a signature, a repeated header.
    """

    row: int
    problems: tuple[Problem, ...]
    is_data: bool = True


def read_hazard_row(row: int, cells: Cells, *, as_of: Moment | None = None) -> HazardRow | SetAside:
    """Read one row of a hazard ledger.

    Args:
        row: its number in the file.
        cells: its cells by canonical or own column name.
        as_of: the day or instant of the import; what lies after it is warned about.
    """
    reading = _Reading(cells)
    code = reading.take("单位编码", read_code(cells.get("单位编码")))
    found = reading.moment("检查时间")
    if code is None or found is None or cells.get(MISSHAPEN):
        return reading.set_aside(row, "检查时间", found)
    number = reading.readable("隐患编号", read_number(cells.get("隐患编号")))
    closed = reading.readable("整改完成日期", read_moment(cells.get("整改完成日期")))
    deadline = reading.deadline()
    level = reading.readable("隐患等级", read_level(cells.get("隐患等级")))
    status = reading.readable("销号情况", read_status(cells.get("销号情况")))
    if closed is not None and earlier(closed, found):
        reading.warn("closed_before_found", "整改完成日期")
    if deadline is not None and earlier(deadline, found):
        reading.warn("deadline_before_found", "整改期限")
    if as_of is not None:
        reading.warn_if_after(as_of, "found_in_future", "检查时间", found)
        reading.warn_if_after(as_of, "closed_in_future", "整改完成日期", closed)
    if status is not None and status.closed != (closed is not None):
        reading.warn("closed_without_date" if status.closed else "open_with_date", "销号情况")
    return HazardRow(
        row=row,
        number=number,
        code=code,
        enterprise=reading.name("单位名称"),
        inspected_by=reading.name("检查单位"),
        category=reading.name("隐患类型"),
        level=level,
        found=found,
        deadline=deadline,
        closed=closed,
        status=status.word if status else None,
        persons=reading.persons(),
        texts=reading.texts(_HAZARD_FIELDS),
        warnings=tuple(reading.problems),
    )


def read_accident_row(
    row: int, cells: Cells, *, as_of: Moment | None = None
) -> AccidentRow | SetAside:
    """Read one row of an accident ledger; the arguments are those of :func:`read_hazard_row`."""
    reading = _Reading(cells)
    code = reading.take("单位编码", read_code(cells.get("单位编码")))
    occurred = reading.moment("事故时间")
    number = reading.take("事故编号", read_number(cells.get("事故编号")))
    if code is None or occurred is None or number is None or cells.get(MISSHAPEN):
        return reading.set_aside(row, "事故时间", occurred)
    if as_of is not None:
        reading.warn_if_after(as_of, "occurred_in_future", "事故时间", occurred)
    return AccidentRow(
        row=row,
        number=number,
        code=code,
        enterprise=reading.name("单位名称"),
        category=reading.name("事故类别", MAX_NAME // 2),
        occurred=occurred,
        deaths=reading.readable("死亡人数", read_count(cells.get("死亡人数"))),
        serious_injuries=reading.readable("重伤人数", read_count(cells.get("重伤人数"))),
        loss=reading.loss(),
        texts=reading.texts(_ACCIDENT_FIELDS),
        warnings=tuple(reading.problems),
    )


class _Reading:
    """One row being read: its cells, and the problems and unreadable words met so far."""

    __slots__ = ("_kept", "cells", "problems")

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.problems: list[Problem] = []
        self._kept: dict[str, str] = {}
        if MISSHAPEN in cells:
            surplus = as_text(cells[MISSHAPEN])
            flaw = Flaw("surplus_cells", surplus[:100]) if surplus else Flaw("short_line")
            self.problems.append(flaw.at("", None))

    def take(self, column: str, result: tuple[_Value | None, Flaws]) -> _Value | None:
        value, flaws = result
        if flaws:
            cell = self.cells.get(column)
            self.problems.extend([flaw.at(column, cell) for flaw in flaws])
        return value

    def readable(self, column: str, result: tuple[_Value | None, Flaws]) -> _Value | None:
        """Take a value; keep the words of one that cannot be read."""
        value = self.take(column, result)
        if value is None and result[1]:
            self._keep(column)
        return value

    def moment(self, column: str) -> Moment | None:
        cell = self.cells.get(column)
        value = self.take(column, read_moment(cell))
        if value is None and not self.problems_of(column):
            self.problems.append(Flaw("missing_date").at(column, cell))
        return value

    def problems_of(self, column: str) -> list[Problem]:
        return [problem for problem in self.problems if problem.column == column]

    def deadline(self) -> date | None:
        value = self.readable("整改期限", read_deadline(self.cells.get("整改期限")))
        if isinstance(value, datetime):
            self.warn("deadline_time_dropped", "整改期限")
            self._keep("整改期限")
            return local_day(value)
        return value

    def loss(self) -> int | None:
        for column, unit in LOSS_UNITS.items():
            if column in self.cells:
                return self.readable(column, read_loss(self.cells[column], unit))
        return None

    def name(self, column: str, limit: int = MAX_NAME) -> str | None:
        text = self._text(column, limit)
        return None if text in BLANK else text

    def persons(self) -> dict[str, str]:
        found = {column: self._text(column, MAX_TEXT) for column in PERSONS}
        return {column: text for column, text in found.items() if text not in BLANK}

    def texts(self, fields: frozenset[str]) -> dict[str, str]:
        texts = self._kept
        for column in self.cells:
            if column not in fields and (text := self._text(column, MAX_TEXT)):
                texts[column] = text
        return texts

    def _text(self, column: str, limit: int) -> str:
        text, flaws = read_text(self.cells.get(column), limit)
        if flaws:
            self.take(column, (text, flaws))
        return text

    def _keep(self, column: str) -> None:
        if text := read_text(self.cells.get(column))[0]:
            self._kept[column] = text

    def warn(self, code: str, column: str) -> None:
        self.problems.append(Flaw(code).at(column, self.cells.get(column)))

    def warn_if_after(self, as_of: Moment, code: str, column: str, moment: Moment | None) -> None:
        if moment is not None and earlier(as_of, moment):
            self.warn(code, column)

    def set_aside(self, row: int, dated: str, moment: Moment | None) -> SetAside:
        if moment is None and self._is_no_data(dated):
            return SetAside(row, (Flaw("not_a_row").at("", self._first()),), is_data=False)
        return SetAside(row, tuple(self.problems))

    def _filled(self) -> dict[str, Cell]:
        return {column: cell for column, cell in self.cells.items() if as_text(cell)}

    def _first(self) -> Cell:
        return next(iter(self._filled().values()), None)

    def _is_no_data(self, dated: str) -> bool:
        """Tell a total, a signature, an empty numbered line or a repeated header from a row."""
        filled = self._filled()
        if not filled.keys() - {SERIAL, MISSHAPEN}:
            return True
        if dated not in filled and _FOOTER.match("".join(as_text(self._first()).split())):
            return True
        kind: Kind = "accidents" if dated == "事故时间" else "hazards"
        repeated = [column for column, cell in filled.items() if recognise(cell, kind) == column]
        return len(repeated) > 1


def _canonical(*fields: object) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


_Row = TypeVar("_Row", bound=HazardRow | AccidentRow)


@dataclass(slots=True)
class Occurrences:
    """Tells repeated numbers within one file apart, row by row.

    Holds a digest of 16 bytes for every number and for every content, no row itself.
    """

    _rows: dict[bytes, int] = field(default_factory=dict)
    _numbers: dict[bytes, tuple[int, int]] = field(default_factory=dict)

    def place(self, row: _Row) -> _Row:
        """Return ``row`` as it stands among the rows before it.

        The same number of one unit with the same content ``repeats`` the earlier row; with other
        content it is another ``occurrence``. Either carries a warning naming the earlier row. Rows
        without a number are told apart by their content alone.
        """
        content = _digest(row.content())
        first = self._rows.setdefault(content, row.row)
        if first != row.row:
            return _marked(row, Flaw("repeated_row", str(first)), repeats=first)
        if row.number is None:
            return row
        number = _digest(_canonical(row.code.upper(), row.number))
        first, count = self._numbers.get(number, (row.row, 0))
        self._numbers[number] = first, count + 1
        if count == 0:
            return row
        return _marked(row, Flaw("number_used_again", str(first)), occurrence=count + 1)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _marked(row: _Row, flaw: Flaw, *, occurrence: int = 1, repeats: int | None = None) -> _Row:
    column = "隐患编号" if isinstance(row, HazardRow) else "事故编号"
    warnings = (*row.warnings, flaw.at(column, row.number))
    return replace(row, occurrence=occurrence, repeats=repeats, warnings=warnings)

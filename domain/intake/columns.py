"""Which column of somebody else's ledger is which: canonical names, aliases, and a mapping file.

A column goes by its name: as the mapping file says, else as the canonical name or one of its known
aliases, after folding full-width forms, blanks, line breaks and required-field asterisks. A column
that nobody knows is kept under its own name; none is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import cast
from unicodedata import normalize

from domain.errors import Invalid
from domain.intake.aliases import ALIASES, LOSS_UNITS, REQUIRED, Kind
from domain.intake.problem import Cell, as_text, excerpt

Cells = dict[str, Cell]
"""One row: the canonical or own name of each column, and its cell."""

MISSHAPEN = ""
"""The key of what a row has beyond the header's last column; empty text if it is too short."""

KEEP = "其他"
IGNORE = "忽略"
_SPECIAL = {KEEP: KEEP, "other": KEEP, IGNORE: IGNORE, "ignore": IGNORE}
MAX_COLUMNS = 200
_MIN_RECOGNISED = 2
_HEADER_ROWS = 10


def fold(name: Cell) -> str:
    """Return a name as it is compared: NFKC, no blanks, line breaks, asterisks or colon."""
    text = normalize("NFKC", name) if isinstance(name, str) else ""
    return "".join(text.split()).strip("*:")


_KNOWN: dict[Kind, dict[str, str]] = {
    kind: {fold(alias): name for name, aliases in names.items() for alias in aliases}
    for kind, names in ALIASES.items()
}
_REMARK = re.compile(r"\([^()]*\)$")


def recognise(name: Cell, kind: Kind) -> str | None:
    """Return the canonical name of a column by what is known, or None.

    A remark in brackets at its end is left aside, as in ``检查时间(年月日)``, but not that of an
    amount of money, where it can be the unit.
    """
    folded = fold(name)
    if folded in _KNOWN[kind]:
        return _KNOWN[kind][folded]
    canonical = _KNOWN[kind].get(_REMARK.sub("", folded))
    return None if canonical in LOSS_UNITS else canonical


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What a mapping file says: for each kind of ledger, folded column name → canonical name."""

    entries: Mapping[Kind, Mapping[str, str]] = field(
        default_factory=lambda: {"hazards": {}, "accidents": {}}
    )

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str, Kind | None]]) -> ColumnMapping:
        """Check and take the entries of a mapping.

        Args:
            pairs: their column, the canonical name (or 其他/``other``: keep under its own name, or
                忽略/``ignore``: leave out), and the kind of ledger it is for, None for both.

        Raises:
            Invalid: names the entry that is empty, contradicts another, or has no canonical name.
        """
        entries: dict[Kind, dict[str, str]] = {"hazards": {}, "accidents": {}}
        for theirs, target, only in pairs:
            for kind in _kinds_for(theirs, target, only):
                name = _SPECIAL.get(target.strip().lower()) or recognise(target, kind) or ""
                if entries[kind].setdefault(fold(theirs), name) != name:
                    raise _bad_entry(theirs, target, "此列已有另一条对应", "is mapped twice")
        return cls(entries)


def _kinds_for(theirs: str, target: str, only: Kind | None) -> list[Kind]:
    if not fold(theirs):
        raise _bad_entry(theirs, target, "没有写列名", "names no column")
    kinds: list[Kind] = [only] if only else ["hazards", "accidents"]
    if target.strip().lower() in _SPECIAL:
        return kinds
    if fitting := [kind for kind in kinds if recognise(target, kind)]:
        return fitting
    raise _bad_entry(theirs, target, "不是标准列名", "is no canonical column")


def _bad_entry(theirs: str, target: str, zh: str, en: str) -> Invalid:
    entry = f"{excerpt(theirs)} → {excerpt(target)}"
    return Invalid(
        f"列名对照表的条目 “{entry}” 有误：{zh}",
        f"the mapping's entry '{entry}' {en}",
        todo_zh="标准列名：" + "、".join(canonical_names()) + f"；或 {KEEP}、{IGNORE}",
        todo_en="use a canonical column name, 'other' or 'ignore'",
        where=theirs,
    )


def canonical_names() -> list[str]:
    """Return every canonical column name of both kinds of ledger."""
    return list(dict.fromkeys(name for names in ALIASES.values() for name in names))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one file.

    Args:
        kind: the kind of ledger.
        header: the names as they stand in the file.
        names: for each, its canonical name, its own name if unknown, or None if it is left out.
        unused: entries of the mapping that name no column of this file.
    """

    kind: Kind
    header: tuple[str, ...]
    names: tuple[str | None, ...]
    unused: tuple[str, ...] = ()

    @property
    def other(self) -> tuple[str, ...]:
        """The columns that are kept under their own name."""
        return tuple(name for name in self.names if name and name not in ALIASES[self.kind])

    def cells(self, values: Sequence[Cell]) -> Cells:
        """Return a row's values by column; ``MISSHAPEN`` tells if it is longer or shorter."""
        cells: dict[str | None, Cell] = dict(zip(self.names, values, strict=False))
        cells.pop(None, None)
        if len(values) != len(self.names):
            surplus = [str(value) for value in values[len(self.names) :] if value not in {None, ""}]
            if surplus or len(values) < len(self.names):
                cells[MISSHAPEN] = " | ".join(surplus)
        return cast("Cells", cells)


def find_header(
    rows: Sequence[Sequence[Cell]], kind: Kind, mapping: ColumnMapping | None = None
) -> tuple[int, Columns]:
    """Find the header among the first rows of a table.

    Above it there may be a title; it may itself take two rows, where merged cells group columns
    (整改情况 above 整改期限 and 整改完成日期).

    Args:
        rows: the first rows of the table.
        kind: the kind of ledger expected.
        mapping: what the mapping file says.

    Returns:
        The index of the first row of data, and the columns.

    Raises:
        Invalid: there is no header, a required column is missing, or two columns have one meaning;
            the sentence says which columns were seen and what was expected.
    """
    entries = (mapping or ColumnMapping()).entries[kind]
    known = _known(rows, kind, entries)
    scores = _scores(known)
    if max(scores, default=0) < _MIN_RECOGNISED:
        raise _no_header(rows, kind)
    best = scores.index(max(scores))
    header, end = list(rows[best]), best + 1
    if end < len(known) and _is_second_line(known[best], known[end], rows[end]):
        header, end = _joined(rows[best], rows[end]), end + 1
    elif best and _is_second_line(known[best - 1], known[best], rows[best]):
        header = _joined(rows[best - 1], rows[best])
    return end, _columns(header, kind, entries)


def recognised(
    rows: Sequence[Sequence[Cell]], kind: Kind, mapping: ColumnMapping | None = None
) -> int:
    """Return how many columns the best header row among ``rows`` names; for trying separators."""
    return max(_scores(_known(rows, kind, (mapping or ColumnMapping()).entries[kind])), default=0)


def _known(
    rows: Sequence[Sequence[Cell]], kind: Kind, entries: Mapping[str, str]
) -> list[list[str | None]]:
    return [[_resolve(cell, kind, entries) for cell in row] for row in rows[:_HEADER_ROWS]]


def _scores(known: list[list[str | None]]) -> list[int]:
    return [len({name for name in names if name}) for names in known]


def _resolve(name: Cell, kind: Kind, entries: Mapping[str, str]) -> str | None:
    return entries.get(fold(name)) or recognise(name, kind)


def _is_second_line(
    upper: Sequence[str | None], lower: Sequence[str | None], cells: Sequence[Cell]
) -> bool:
    """Tell whether a row only names columns that the header row above it leaves unnamed."""
    return (
        any(upper)
        and any(lower)
        and not any(
            above and cell not in {None, ""} and below != above
            for above, below, cell in zip_longest(upper, lower, cells)
        )
    )


def _joined(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell]:
    return [below if fold(below) else above for above, below in zip_longest(upper, lower)]


def _columns(header: Sequence[Cell], kind: Kind, entries: Mapping[str, str]) -> Columns:
    last = max(place for place, cell in enumerate(header, 1) if fold(cell))
    if last > MAX_COLUMNS:
        raise Invalid(
            f"表头有 {last} 列，超过 {MAX_COLUMNS} 列",
            f"the header has {last} columns, more than {MAX_COLUMNS}",
            todo_zh="请删去与台账无关的列",
            todo_en="remove the columns that do not belong to the ledger",
        )
    shown = tuple(" ".join(as_text(cell).split()) for cell in header[:MAX_COLUMNS])
    claimed = {entries[fold(name)] for name in shown if fold(name) in entries} - {KEEP, IGNORE}
    known = ALIASES[kind]
    names: list[str | None] = []
    for place, name in enumerate(shown, 1):
        said = entries.get(fold(name))
        if said == IGNORE:
            names.append(None)
        elif said and said != KEEP:
            names.append(said)
        else:
            guess = None if said else recognise(name, kind)
            free = guess and guess not in claimed
            names.append(
                guess if free else _own_name(name or f"第{place}列", place, [*names, *known])
            )
    _check_duplicates(shown, names)
    _check_required(shown, names, kind)
    return Columns(kind, shown, tuple(names), tuple(sorted(set(entries) - set(map(fold, shown)))))


def _own_name(name: str, place: int, taken: Sequence[str | None]) -> str:
    return f"{name}({place})" if name in taken else name


def _check_duplicates(header: Sequence[str], names: Sequence[str | None]) -> None:
    first: dict[str, str] = {}
    for name, meaning in zip(header, names, strict=True):
        if meaning is None:
            continue
        one = "直接经济损失" if meaning in LOSS_UNITS else meaning
        if one in first:
            raise Invalid(
                f"“{first[one]}”和“{name}”两列都是“{one}”",
                f"the columns '{first[one]}' and '{name}' both mean '{one}'",
                todo_zh=f"请删去一列，或在列名对照表中把其中一列写成“{KEEP}”或“{IGNORE}”",
                todo_en="remove one, or map one of them to 'other' or 'ignore'",
                where=name,
            )
        first[one] = name


def _check_required(header: Sequence[str], names: Sequence[str | None], kind: Kind) -> None:
    missing = [name for name in REQUIRED[kind] if name not in names]
    if missing:
        known = "；".join(f"{name}（{'、'.join(ALIASES[kind][name][1:6])}…）" for name in missing)
        raise Invalid(
            f"缺少必需的列：{known}。表中的列：{_seen(header)}",
            f"required columns are missing: {', '.join(missing)}; seen: {_seen(header)}",
            todo_zh="请补上该列，或用列名对照表说明哪一列是它",
            todo_en="add the column, or say in a mapping file which one it is",
            where=missing[0],
        )


def _no_header(rows: Sequence[Sequence[Cell]], kind: Kind) -> Invalid:
    fullest = max(rows[:_HEADER_ROWS], key=lambda row: sum(map(bool, map(fold, row))), default=())
    return Invalid(
        f"前 {_HEADER_ROWS} 行中没有找到表头。看到的列：{_seen(fullest)}；"
        f"应有的列：{'、'.join(ALIASES[kind])}",
        f"no header in the first {_HEADER_ROWS} rows; seen: {_seen(fullest)}; "
        f"expected: {', '.join(ALIASES[kind])}",
        todo_zh="请检查是否选对了文件和工作表，或用列名对照表说明各列",
        todo_en="check the file and the sheet, or explain the columns in a mapping file",
    )


def _seen(header: Iterable[Cell]) -> str:
    shown = [excerpt(cell, 20) for cell in header if cell not in {None, ""}]
    return "、".join(shown[:30]) + ("…" if len(shown) > 30 else "") if shown else "（无）"  # noqa: PLR2004

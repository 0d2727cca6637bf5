"""What became of every row of an import: as data, on the terminal, and as a spreadsheet.

Nothing is held of a row but its number under each of its problems: the spreadsheet is written while
the rows go by.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

import xlsxwriter.exceptions  # type: ignore[import-untyped]
from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text

from api.importing.errors import TableError
from api.importing.tables import Table
from domain.intake.columns import MISSHAPEN, Cells
from domain.intake.problem import SENTENCES, Problem, as_text

Outcome = Literal["imported", "changed", "unchanged", "repeated", "set_aside", "not_data"]
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "imported": ("已导入", "imported"),
    "changed": ("此前已导入，内容有变，另记一条", "imported before, changed, recorded anew"),
    "unchanged": ("此前已导入，未变", "imported before, unchanged"),
    "repeated": ("与本文件前面的行相同", "the same as an earlier row"),
    "set_aside": ("搁置，未导入", "set aside"),
    "not_data": ("不是数据行", "not a row of data"),
}

_ROWS_SHOWN = 5
_MAX_CELL = 32_000
_MAX_LINES = 1_048_576
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADINGS = (
    ("行号 Row", 8),
    ("处理 Outcome", 18),
    ("列 Column", 16),
    ("值 Value", 24),
    ("问题", 40),
    ("怎么办", 40),
    ("Problem", 40),
    ("What to do", 40),
)


class ImportReport:
    """The report on one file, filled row by row.

    Use it as a context manager: on leaving, the spreadsheet is completed and put in its place, also
    when the import broke off (``complete`` is then False).

    Args:
        table: the file that is imported.
        spreadsheet: where to write the spreadsheet of problems, or None for none.

    Raises:
        TableError: the spreadsheet cannot be written there.
    """

    def __init__(self, table: Table, spreadsheet: Path | None = None) -> None:
        self.table = table
        self.spreadsheet = spreadsheet
        self.complete = False
        self.outcomes: Counter[Outcome] = Counter()
        self.with_warnings = 0
        self._rows: dict[str, array[int]] = {}
        self._lines = _Lines(spreadsheet, table) if spreadsheet else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.complete = kind is None
        if self._lines:
            self._lines.close(self.summary())

    def add(self, row: int, outcome: Outcome, problems: Sequence[Problem], cells: Cells) -> None:
        """Enter what became of one row.

        Args:
            row: its number in the file.
            outcome: what became of it.
            problems: its warnings, or the reasons why it was set aside.
            cells: the row as it was read.
        """
        self.outcomes[outcome] += 1
        if not problems:
            return
        self.with_warnings += outcome not in {"set_aside", "not_data"}
        for code in dict.fromkeys(problem.code for problem in problems):
            self._rows.setdefault(code, array("Q")).append(row)
        if self._lines:
            self._lines.write(row, outcome, problems, cells)

    def summary(self) -> dict[str, Any]:
        """Return the whole report as JSON-able data, with every row number under each problem."""
        table = self.table
        return {
            "file": table.path.name,
            "sha256": table.sha256,
            "kind": table.columns.kind,
            "form": table.form,
            "sheet": table.sheet,
            "other_sheets": list(table.other_sheets),
            "other_columns": list(table.columns.other),
            "unused_mapping": list(table.columns.unused),
            "complete": self.complete,
            "rows": self.outcomes.total(),
            "outcomes": {outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "with_warnings": self.with_warnings,
            "problems": [
                {
                    "code": code,
                    "count": len(rows),
                    "zh": _general(SENTENCES[code].zh),
                    "en": _general(SENTENCES[code].en),
                    "todo_zh": SENTENCES[code].todo_zh,
                    "todo_en": SENTENCES[code].todo_en,
                    "rows": rows.tolist(),
                }
                for code, rows in sorted(self._rows.items(), key=lambda item: -len(item[1]))
            ],
            "spreadsheet": str(self.spreadsheet) if self.spreadsheet else None,
        }

    def __rich__(self) -> Group:
        """Return the report for a terminal."""
        counts = RichTable(
            title=Text(self.table.path.name), title_justify="left", show_header=False
        )
        counts.add_column()
        counts.add_column(justify="right")
        for outcome, (zh, en) in OUTCOMES.items():
            if self.outcomes[outcome] or outcome in {"imported", "set_aside"}:
                counts.add_row(f"{zh} {en}", f"{self.outcomes[outcome]:,}")
        counts.add_row("其中有提醒 with warnings", f"{self.with_warnings:,}")
        parts: list[RichTable | Text] = [counts]
        if self._rows:
            parts.append(self._problem_table())
        if self.spreadsheet and self._rows:
            parts.append(Text(f"逐行清单 every row: {self.spreadsheet}"))
        if not self.complete:
            parts.append(Text("导入尚未完成 not complete", style="bold"))
        return Group(*parts)

    def _problem_table(self) -> RichTable:
        table = RichTable(title="问题 Problems", title_justify="left")
        table.add_column("行数 rows", justify="right")
        table.add_column("问题 what", overflow="fold")
        table.add_column("怎么办 what to do", overflow="fold")
        table.add_column("行号 row numbers", overflow="fold")
        for problem in self.summary()["problems"]:
            rows = problem["rows"]
            shown = "、".join(map(str, rows[:_ROWS_SHOWN])) + ("…" if rows[_ROWS_SHOWN:] else "")
            table.add_row(
                f"{problem['count']:,}",
                Text(f"{problem['zh']}\n{problem['en']}"),
                Text(f"{problem['todo_zh']}\n{problem['todo_en']}"),
                shown,
            )
        return table


def _general(sentence: str) -> str:
    return sentence.format("…")


class _Sheet(Protocol):
    """What is used of a sheet of xlsxwriter, which has no types of its own."""

    def write_string(self, row: int, column: int, text: str, style: object) -> int: ...
    def write_number(self, row: int, column: int, number: float) -> int: ...
    def set_column(self, first: int, last: int, width: float) -> int: ...
    def freeze_panes(self, row: int, column: int) -> None: ...


class _Lines:
    """The spreadsheet: a summary, and a line for every problem with the row it concerns."""

    def __init__(self, path: Path, table: Table) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        try:
            self._partial.touch()
        except OSError as error:
            raise _unwritable(path, error) from error
        self._book = xlsxwriter.Workbook(str(self._partial), {"constant_memory": True})
        self._heading = self._book.add_format({"bold": True, "text_wrap": True, "num_format": "@"})
        self._text = self._book.add_format({"num_format": "@"})
        self._quoted = self._book.add_format({"num_format": "@", "quote_prefix": True})
        self._summary = self._book.add_worksheet("摘要 Summary")
        columns = zip(table.columns.header, table.columns.names, strict=True)
        self._columns = {name: header or name for header, name in columns if name}
        self._columns[MISSHAPEN] = "表头之外 Beyond the header"
        self._sheets = 0
        self._sheet = self._next_sheet()

    def _next_sheet(self) -> _Sheet:
        self._sheets += 1
        sheet: _Sheet = self._book.add_worksheet(f"问题行 Rows {self._sheets}")
        headings = [*(name for name, _ in _HEADINGS), *self._columns.values()]
        for place, heading in enumerate(headings):
            self._put(sheet, 0, place, heading, self._heading)
        for place, (_, width) in enumerate(_HEADINGS):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 1)
        self._line = 1
        return sheet

    def write(self, row: int, outcome: Outcome, problems: Sequence[Problem], cells: Cells) -> None:
        original = [as_text(cells.get(name)) for name in self._columns]
        for problem in problems:
            if self._line == _MAX_LINES:
                self._sheet = self._next_sheet()
            self._sheet.write_number(self._line, 0, row)
            texts = [
                " ".join(OUTCOMES[outcome]),
                problem.column,
                problem.value_excerpt,
                problem.zh,
                problem.todo_zh,
                problem.en,
                problem.todo_en,
                *original,
            ]
            for place, text in enumerate(texts, 1):
                self._put(self._sheet, self._line, place, text)
            self._line += 1

    def _put(self, sheet: _Sheet, row: int, place: int, text: str, style: object = None) -> None:
        """Write text as text: no number, link or formula comes of it, here or when re-entered."""
        if text:
            own = self._quoted if text.startswith(_FORMULA) else self._text
            sheet.write_string(row, place, text[:_MAX_CELL], style or own)

    def close(self, summary: dict[str, Any]) -> None:
        """Write the summary, complete the file and put it in its place."""
        lines: list[tuple[str, str]] = [
            ("文件 File", summary["file"]),
            ("SHA-256", summary["sha256"]),
            ("工作表 Sheet", summary["sheet"] or ""),
            ("已完成 Complete", "是 yes" if summary["complete"] else "否 no"),
            ("行 Rows", str(summary["rows"])),
            *((" ".join(OUTCOMES[key]), str(n)) for key, n in summary["outcomes"].items()),
            ("其中有提醒 with warnings", str(summary["with_warnings"])),
            *((f"{one['zh']} {one['en']}", str(one["count"])) for one in summary["problems"]),
        ]
        for row, (name, value) in enumerate(lines):
            self._put(self._summary, row, 0, name)
            self._put(self._summary, row, 1, value)
        self._summary.set_column(0, 0, 60)
        self._summary.set_column(1, 1, 70)
        try:
            self._book.close()
            self._partial.replace(self._path)
        except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
            raise _unwritable(self._path, error) from error


def _unwritable(path: Path, error: Exception) -> TableError:
    return TableError(
        f"报告无法写入：{path}（{error}）",
        f"the report cannot be written: {path} ({error})",
        todo_zh="请换一个可写的位置；若该文件正被打开，请先关闭",
        todo_en="choose a place that can be written to; close the file if it is open",
        where=str(path),
    )

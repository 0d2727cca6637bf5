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
from typing import Any, Literal, Self

import xlsxwriter.exceptions  # type: ignore[import-untyped]
from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text

from api.importing.errors import TableError
from api.importing.tables import Table
from api.sheets import MAX_LINES, Book, Sheet
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
_WIDTH = 16
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


class _Lines:
    """The spreadsheet: a summary, and a line for every problem with the row it concerns."""

    def __init__(self, path: Path, table: Table) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        try:
            self._partial.touch()
        except OSError as error:
            raise _unwritable(path, error) from error
        self._book = Book(self._partial)
        self._summary = self._book.sheet("摘要 Summary")
        columns = zip(table.columns.header, table.columns.names, strict=True)
        self._columns = {name: header or name for header, name in columns if name}
        self._columns[MISSHAPEN] = "表头之外 Beyond the header"
        self._sheets = 0
        self._sheet = self._next_sheet()

    def _next_sheet(self) -> Sheet:
        self._sheets += 1
        own = [(name, _WIDTH) for name in self._columns.values()]
        return self._book.sheet(f"问题行 Rows {self._sheets}", [*_HEADINGS, *own])

    def write(self, row: int, outcome: Outcome, problems: Sequence[Problem], cells: Cells) -> None:
        original = [as_text(cells.get(name)) for name in self._columns]
        for problem in problems:
            if self._sheet.lines == MAX_LINES:
                self._sheet = self._next_sheet()
            told = [" ".join(OUTCOMES[outcome]), problem.column, problem.value_excerpt]
            told += [problem.zh, problem.todo_zh, problem.en, problem.todo_en]
            self._sheet.line([row, *told, *original])

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
        self._summary.widen(0, 60)
        self._summary.widen(1, 70)
        for line in lines:
            self._summary.line(line)
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

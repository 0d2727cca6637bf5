"""Spreadsheets 电子表格 that are written: every cell is text, so that nothing in one is ever run.

Codes keep their zeros, and what looks like a formula stays the text that it was, here and when a
cell is typed into again.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

import xlsxwriter  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_LINES = 1_048_576
"""How many lines a sheet can have, its headings included."""
_MAX_CELL = 32_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHORT = 40


class Book:
    """A spreadsheet that is written line by line and held nowhere.

    Args:
        target: the file to write, or where.
    """

    def __init__(self, target: Path | IO[bytes]) -> None:
        where = target if hasattr(target, "write") else str(target)
        self._book: Any = xlsxwriter.Workbook(where, {"constant_memory": True})
        self._heading = self._book.add_format({"bold": True, "text_wrap": True, "num_format": "@"})
        self._text = self._book.add_format({"num_format": "@"})
        self._long = self._book.add_format({"num_format": "@", "text_wrap": True})
        self._quoted = self._book.add_format({"num_format": "@", "quote_prefix": True})

    def sheet(self, name: str, headings: Sequence[tuple[str, int]] = ()) -> Sheet:
        """Return a new sheet: its name, and its headings with how wide they are in characters."""
        sheet = Sheet(self, self._book.add_worksheet(name))
        for place, (_, width) in enumerate(headings):
            sheet.widen(place, width)
        if headings:
            sheet.line([heading for heading, _ in headings], heading=True)
            sheet.freeze()
        return sheet

    def style(self, text: str, *, heading: bool = False) -> Any:  # noqa: ANN401 - no types
        """Return how a text is written."""
        if heading:
            return self._heading
        if text.startswith(_FORMULA):
            return self._quoted
        return self._long if len(text) > _SHORT else self._text

    def close(self) -> None:
        """Complete the file.

        Raises:
            OSError: it cannot be written.
            xlsxwriter.exceptions.XlsxWriterException: likewise.
        """
        self._book.close()


class Sheet:
    """One sheet of a spreadsheet."""

    def __init__(self, book: Book, sheet: Any) -> None:  # noqa: ANN401 - no types
        self._book = book
        self._sheet = sheet
        self.lines = 0

    def widen(self, place: int, width: int) -> None:
        """Make a column so many characters wide."""
        self._sheet.set_column(place, place, width)

    def freeze(self) -> None:
        """Keep the first line and column in sight."""
        self._sheet.freeze_panes(1, 1)

    def line(self, texts: Iterable[str | int], *, heading: bool = False) -> None:
        """Write a line; an int, which can be no code, is written as a number."""
        for place, value in enumerate(texts):
            if isinstance(value, int):
                self._sheet.write_number(self.lines, place, value)
            elif value:
                style = self._book.style(value, heading=heading)
                self._sheet.write_string(self.lines, place, value[:_MAX_CELL], style)
        self.lines += 1


def spreadsheet(
    name: str, headings: Sequence[tuple[str, int]], lines: Iterable[Sequence[str | int]]
) -> bytes:
    """Return an XLSX file of one table; what does not fit on a sheet goes on on the next.

    Args:
        name: the name of the sheet.
        headings: the columns, with how wide they are in characters.
        lines: the rows; consumed one by one.
    """
    file = BytesIO()
    book = Book(file)
    sheet = book.sheet(name, headings)
    sheets = 1
    for line in lines:
        if sheet.lines == MAX_LINES:
            sheets += 1
            sheet = book.sheet(f"{name} {sheets}", headings)
        sheet.line(line)
    book.close()
    return file.getvalue()

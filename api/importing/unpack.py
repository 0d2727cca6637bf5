"""Reads one sheet of a spreadsheet in a process of its own, and writes its rows to standard output.

Run as a program by ``sheets.py``. The decoder allocates what a file claims to need: one stray cell
in the last corner of a sheet, or a packed bomb, ends the process that reads it. So this process has
little memory, knows nothing of the rest, and may die.

Messages, pickled one after the other: ``("sheet", name, other names, height)``, any number of
``("rows", [(row number, cells), …])``, ``("end",)``; or ``("error", what, detail)``.
"""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO

import python_calamine as calamine

Cell = str | int | float | date | datetime | None
Raw = str | float | date | datetime | time | timedelta

BATCH = 500
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_EXACT = 10**15
"""A spreadsheet keeps 15 digits; a whole number below this is exact."""


def main(path: str, sheet: str, memory: int, seconds: int, out: BinaryIO) -> None:
    """Write the rows of ``sheet`` (empty: the first one with content) of the file at ``path``.

    Args:
        path: the file.
        sheet: the sheet's name.
        memory: bytes of address space this process may use.
        seconds: of processor time.
        out: where the messages go.
    """
    _limit(memory, seconds)
    try:
        with Path(path).open("rb") as file, calamine.CalamineWorkbook.from_object(file) as book:
            _send_sheet(book, sheet, out)
    except calamine.WorksheetNotFound:
        _send(out, "error", "no_such_sheet", "、".join(book.sheet_names))
    except calamine.CalamineError as error:
        _send(out, "error", "encrypted" if _is_encrypted(path) else "damaged", str(error))


def _limit(memory: int, seconds: int) -> None:
    """Bound this process, where the operating system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _send_sheet(book: calamine.CalamineWorkbook, name: str, out: BinaryIO) -> None:
    sheet = book.get_sheet_by_name(name) if name else _first_with_content(book)
    others = [other for other in book.sheet_names if sheet is None or other != sheet.name]
    if sheet is None or sheet.end is None:
        _send(out, "error", "empty", "、".join(others))
        return
    _send(out, "sheet", sheet.name, others, sheet.end[0] + 1)
    merged = _merged(sheet)
    batch = []
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [plain(value) for value in values]
        _fill_down(cells, merged.get(number, ()))
        if any(cell is not None for cell in cells):
            batch.append((number, cells))
        if len(batch) == BATCH:
            _send(out, "rows", batch)
            batch = []
    _send(out, "rows", batch)
    _send(out, "end")


def _is_encrypted(path: str) -> bool:
    """Tell whether a file that could not be read has a password.

    The decoder says so only when it goes by the file's name; an encrypted .xlsx is a compound file
    with a stream of its own ([MS-OFFCRYPTO] 2.3).
    """
    try:
        calamine.CalamineWorkbook.from_path(path).close()
    except calamine.PasswordError:
        return True
    except calamine.CalamineError:
        return _ENCRYPTED in Path(path).read_bytes()
    return False


def _first_with_content(book: calamine.CalamineWorkbook) -> calamine.CalamineSheet | None:
    shown = calamine.SheetVisibleEnum.Visible
    for meta in sorted(book.sheets_metadata, key=lambda meta: meta.visible != shown):
        if meta.typ == calamine.SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(meta.name)
            if sheet.height:
                return sheet
    return None


def _merged(sheet: calamine.CalamineSheet) -> dict[int, list[tuple[int, list[Cell]]]]:
    """Return, for each row number, the columns that belong to a cell merged downwards."""
    left = sheet.start[1] if sheet.start else 0
    last = sheet.end[0] if sheet.end else 0
    rows: dict[int, list[tuple[int, list[Cell]]]] = {}
    for (top, first), (bottom, _) in sheet.merged_cell_ranges or ():
        shared: list[Cell] = []
        if bottom > top:
            for row in range(top, min(bottom, last) + 1):
                rows.setdefault(row + 1, []).append((first - left, shared))
    return rows


def _fill_down(cells: list[Cell], merged: list[tuple[int, list[Cell]]] | tuple[()]) -> None:
    """Give every row of a cell merged downwards its value, as the user sees it."""
    for column, shared in merged:
        if 0 <= column < len(cells):
            if shared:
                cells[column] = shared[0]
            else:
                shared.append(cells[column])


def plain(value: Raw) -> Cell:
    """Return a cell's value without the spreadsheet: whole numbers that are exact as ``int``."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def _send(out: BinaryIO, *message: object) -> None:
    pickle.dump(message, out, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.stdout.buffer)

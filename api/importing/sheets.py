"""Spreadsheets (.xlsx, .xls, .xlsb, .ods), read by a process of their own; see ``unpack.py``."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from api.importing import unpack
from api.importing.errors import HEAD, TableError
from domain.intake.problem import Cell

MEMORY = 3 * 2**30
"""Bytes that unpacking one sheet may take."""
SECONDS = 600
"""Processor time that unpacking one sheet may take."""

_TOO_MUCH = (
    "请另存为 CSV（UTF-8）后再导入，或删去表格外的零散单元格",
    "save it as CSV (UTF-8) and import that, or clear stray cells far outside the table",
)
_ERRORS = {
    "encrypted": (
        "表格文件有密码保护，无法读取",
        "the spreadsheet is protected by a password",
        "请在表格软件中取消打开密码，另存后再导入",
        "remove the password in the spreadsheet program and save it again",
    ),
    "no_such_sheet": (
        "没有这个工作表；现有工作表：{}",
        "there is no such sheet; the sheets are: {}",
        "请改用现有工作表的名称",
        "give the name of one of them",
    ),
    "empty": (
        "工作表是空的；其他工作表：{}",
        "the sheet is empty; other sheets: {}",
        "请检查是否选对了文件和工作表",
        "check the file and the sheet",
    ),
    "damaged": (
        "不是能读取的表格文件，或已损坏（{}）",
        "not a spreadsheet that can be read, or damaged ({})",
        "请用表格软件打开，另存为 .xlsx 后再导入",
        "open it in a spreadsheet program and save it as .xlsx",
    ),
}


@dataclass(frozen=True, slots=True)
class SheetSource:
    """One sheet of a spreadsheet; ``rows`` is its height, blank rows included."""

    path: Path
    sheet: str
    other_sheets: tuple[str, ...]
    rows: int
    form: str = "spreadsheet"

    @classmethod
    def of(cls, path: Path, sheet: str | None) -> SheetSource:
        """Look into a spreadsheet.

        Args:
            path: the file.
            sheet: the sheet's name, or None for the first visible one with content.

        Raises:
            TableError: it is encrypted, damaged, too large or empty, or has no such sheet.
        """
        with _unpacked(path, sheet or "") as messages:
            _, name, others, height = next(messages)
        return cls(path, str(name), tuple(others), int(height))

    def head(self) -> list[tuple[int, list[Cell]]]:
        """Return the first rows."""
        with closing(self.records()) as records:
            return list(islice(records, HEAD))

    def records(self) -> Generator[tuple[int, list[Cell]], None, None]:
        """Yield the rows that hold anything, with their numbers in the sheet.

        Raises:
            TableError: the sheet cannot be read to its end.
        """
        with _unpacked(self.path, self.sheet) as messages:
            next(messages)
            for _, batch in messages:
                yield from batch


@contextmanager
def _unpacked(path: Path, sheet: str) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Start the reading process; it ends with the block, however far it was listened to."""
    program = [sys.executable, "-P", str(Path(unpack.__file__)), str(path.resolve()), sheet]
    with subprocess.Popen(  # noqa: S603 - our own program; the path is an argument, not a command
        [*program, str(MEMORY), str(SECONDS)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield _messages(cast("BinaryIO", process.stdout))
        finally:
            process.kill()


def _messages(pipe: BinaryIO) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            message = pickle.load(pipe)  # noqa: S301 - from our own process, never from the file
        except (EOFError, pickle.UnpicklingError) as error:
            raise TableError(
                "表格已损坏，或展开后过大",
                "the spreadsheet is damaged, or too large once unpacked",
                todo_zh=_TOO_MUCH[0],
                todo_en=_TOO_MUCH[1],
            ) from error
        if message[0] == "end":
            return
        if message[0] == "error":
            zh, en, todo_zh, todo_en = _ERRORS[message[1]]
            detail = message[2] or "—"
            raise TableError(zh.format(detail), en.format(detail), todo_zh=todo_zh, todo_en=todo_en)
        yield message

"""A ledger's file as rows: what it is, how long it is, which columns it has, and each row.

Which form a file has is told by its content, never by its name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from api.importing.errors import TableError
from api.importing.sheets import SheetSource
from api.importing.texts import Records, TextSource
from domain.errors import Invalid
from domain.intake.aliases import Kind
from domain.intake.columns import Cells, ColumnMapping, Columns, find_header, fold, recognised
from domain.intake.problem import Cell

_SHEET_SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_MAX_MAPPING = 1 << 20
_SECTIONS: dict[str, Kind] = {
    "hazards": "hazards",
    "隐患": "hazards",
    "accidents": "accidents",
    "事故": "accidents",
}


class _Source(Protocol):
    """A file whose form is known."""

    @property
    def rows(self) -> int: ...
    @property
    def form(self) -> str: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def other_sheets(self) -> tuple[str, ...]: ...
    def head(self) -> Records: ...
    def records(self) -> Iterator[tuple[int, list[Cell]]]: ...


@dataclass(frozen=True, slots=True)
class Table:
    """A ledger's file, ready to be read; iterate over it as often as you like.

    Iterating yields ``(row number, cells)``: the number as the user sees it in the file (the row
    of the sheet, or the first line of the record), and the cells by canonical or own column name.
    It raises :class:`TableError` if the file cannot be read to its end, or changes meanwhile.

    Args:
        path: the file.
        sha256: of the file as it lies there, in hex.
        rows: how many rows of data there are at most; for a progress bar.
        columns: which column is which.
        form: encoding and separator, or ``spreadsheet``.
        sheet: the sheet's name, None for text.
        other_sheets: the sheets that are not read.
    """

    path: Path
    sha256: str
    rows: int
    columns: Columns
    form: str
    sheet: str | None
    other_sheets: tuple[str, ...]
    _source: _Source
    _skip: int
    _stamp: tuple[int, int]

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        if _stamp(self.path) != self._stamp:
            raise _changed()
        cells = self.columns.cells
        try:
            for number, values in islice(self._source.records(), self._skip, None):
                yield number, cells(values)
        except (OSError, EOFError, UnicodeError, zlib.error) as error:
            raise _changed() from error
        if _stamp(self.path) != self._stamp:
            raise _changed()


def open_table(
    path: Path, kind: Kind, *, sheet: str | None = None, mapping: ColumnMapping | None = None
) -> Table:
    """Look into a ledger's file and find out all that is needed to read it.

    Args:
        path: a CSV, TSV, gzipped CSV, .xlsx, .xls, .xlsb or .ods file, by content.
        kind: ``hazards`` or ``accidents``.
        sheet: the sheet of a spreadsheet; None for the first with content.
        mapping: what the mapping file says of its columns.

    Raises:
        TableError: the file is missing, empty, no table, damaged, encrypted, wrongly encoded or too
            large, or its header is not found or lacks a required column.
    """
    try:
        stamp = _stamp(path)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            start = file.read(8)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not start:
        raise TableError(
            "文件是空的",
            "the file is empty",
            todo_zh="请检查是否选对了文件，或重新导出",
            todo_en="check that it is the right file, or export it again",
            where=str(path),
        )
    source: _Source
    if start.startswith(_SHEET_SIGNATURES):
        source = SheetSource.of(path, sheet)
    else:
        source = TextSource.of(path, lambda head: _fits(head, kind, mapping))
    head = source.head()
    try:
        skip, columns = find_header([cells for _, cells in head], kind, mapping)
    except Invalid as error:
        raise _with_sheets(error, source) from error
    header_end = head[skip - 1][0] if source.sheet else skip
    return Table(
        path=path,
        sha256=sha256,
        rows=source.rows - header_end,
        columns=columns,
        form=source.form,
        sheet=source.sheet,
        other_sheets=source.other_sheets,
        _source=source,
        _skip=skip,
        _stamp=stamp,
    )


def _fits(head: Records, kind: Kind, mapping: ColumnMapping | None) -> tuple[int, int]:
    rows = [cells for _, cells in head]
    return recognised(rows, kind, mapping), max(map(len, rows), default=0)


def _stamp(path: Path) -> tuple[int, int]:
    if not path.is_file():
        raise TableError(
            f"没有这个文件：{path}",
            f"there is no such file: {path}",
            todo_zh="请检查路径",
            todo_en="check the path",
            where=str(path),
        )
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> TableError:
    return TableError(
        f"文件无法读取：{path}（{error.strerror}）",
        f"the file cannot be read: {path} ({error.strerror})",
        todo_zh="请检查文件的权限和所在的磁盘",
        todo_en="check the file's permissions and its disk",
        where=str(path),
    )


def _changed() -> TableError:
    return TableError(
        "文件在读取过程中被改动",
        "the file changed while it was being read",
        todo_zh="请关闭正在编辑它的程序后重新导入；已导入的行不会重复",
        todo_en="close the program that edits it and import again; no row is imported twice",
    )


def _with_sheets(error: Invalid, source: _Source) -> TableError:
    others = "、".join(source.other_sheets)
    return TableError(
        error.zh + (f"（工作表“{source.sheet}”；另有：{others}）" if others else ""),
        error.en + (f" (sheet '{source.sheet}'; others: {others})" if others else ""),
        todo_zh=error.todo_zh,
        todo_en=error.todo_en,
        where=error.where,
    )


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file: their column → the canonical one.

    TOML and JSON hold ``"排查日期" = "检查时间"`` at the top for both kinds of ledger, or under
    ``[hazards]`` (or 隐患) and ``[accidents]`` (or 事故) for one. CSV holds two columns, theirs and
    the canonical one, for both.

    Raises:
        TableError: the file cannot be read.
        Invalid: an entry is wrong; it is named.
    """
    _stamp(path)
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_MAPPING)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return ColumnMapping.of(_entries(path, text))


def _entries(path: Path, text: str) -> Iterator[tuple[str, str, Kind | None]]:
    try:
        match path.suffix.lower():
            case ".toml":
                yield from _nested(tomllib.loads(text))
            case ".json":
                yield from _nested(json.loads(text))
            case _:
                yield from _pairs(text)
    except (ValueError, csv.Error) as error:
        raise TableError(
            f"列名对照表 {path.name} 无法读取：{error}",
            f"the mapping file {path.name} cannot be read: {error}",
            todo_zh="请写成 TOML、JSON 或两列的 CSV",
            todo_en="write TOML, JSON or a CSV of two columns",
            where=str(path),
        ) from error


def _nested(content: object, only: Kind | None = None) -> Iterator[tuple[str, str, Kind | None]]:
    if not isinstance(content, dict):
        message = "不是“列名 = 标准列名”的形式 (not a table of names)"
        raise ValueError(message)  # noqa: TRY004 - told to the user like any other wrong content
    for theirs, target in content.items():
        if isinstance(target, str):
            yield theirs, target, only
        elif theirs in _SECTIONS and only is None:
            yield from _nested(target, _SECTIONS[theirs])
        else:
            message = f"条目 “{theirs}” 须为文字 (must be text)"
            raise ValueError(message)


def _pairs(text: str) -> Iterator[tuple[str, str, None]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    for cells in reader:
        if not any(cells) or cells[0].startswith("#"):
            continue
        if len(cells) != 2:  # noqa: PLR2004 - theirs and ours
            message = f"第 {reader.line_num} 行不是两列 (line {reader.line_num} is not two columns)"
            raise ValueError(message)
        if fold(cells[1]).lower() not in {"标准列名", "canonical"}:
            yield cells[0], cells[1], None

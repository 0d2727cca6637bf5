"""Tables as text: CSV and TSV, plain or gzipped, in UTF-8 or GB18030, with their separator found.

A file is read through once before its first row is given out, so that nothing is taken from one
that is broken off, wrongly encoded or wrongly quoted further down. Rows are then streamed.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from api.importing.errors import HEAD, TableError
from domain.intake.problem import Cell

SEPARATORS = {",": "逗号", ";": "分号", "\t": "制表符"}
MAX_UNPACKED = 4 * 2**30
"""Bytes that a gzipped file may hold."""

Records = list[tuple[int, list[Cell]]]

_CHUNK = 1 << 20
_SIGNATURE = 4096
_GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<div", b"<head")
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z\xbc\xaf",
    b"SQLite format",
    b"PK\x03\x04",
)
_MANY_NULS = 0.05
_SURE_OF_UTF8 = 16
"""Continuation bytes after which a text is UTF-8 beyond doubt; GB18030 text never has so many."""


@dataclass(frozen=True, slots=True)
class TextSource:
    """A table in text form.

    Args:
        path: the file.
        encoding: the codec's name in Python.
        separator: between cells.
        rows: records that hold anything, the header included.
    """

    path: Path
    encoding: str
    separator: str
    rows: int
    sheet: None = None
    other_sheets: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path, fits: Callable[[Records], tuple[int, int]]) -> TextSource:
        """Look through a file.

        Args:
            path: the file.
            fits: says how well the first records look like a table, for choosing the separator.

        Raises:
            TableError: it is not text, or broken off, or neither UTF-8 nor GB18030, or its quotes
                do not match.
        """
        encoding = _encoding(path)
        trials = [cls(path, encoding, separator, 0) for separator in SEPARATORS]
        best = max(trials, key=lambda trial: fits(trial.head()))
        return cls(path, encoding, best.separator, sum(1 for _ in best.records()))

    @property
    def form(self) -> str:
        """The form of the file in words."""
        name = {"utf-8-sig": "UTF-8 BOM", "utf-16": "UTF-16"}.get(
            self.encoding, self.encoding.upper()
        )
        return f"{name}，{SEPARATORS[self.separator]}分隔"

    def head(self) -> Records:
        """Return the first records, as far as they can be read with this separator."""
        found: Records = []
        try:
            with closing(self.records()) as records:
                found.extend(islice(records, HEAD))
        except TableError:
            pass
        return found

    def records(self) -> Generator[tuple[int, list[Cell]], None, None]:
        """Yield the records that hold anything, each with the number of its first line.

        Raises:
            TableError: the quotes do not match.
        """
        line = 0
        with _opened(self.path) as raw, io.TextIOWrapper(raw, self.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.separator, strict=True)
            try:
                for cells in reader:
                    number, line = line + 1, reader.line_num
                    if any(map(str.strip, cells)):
                        yield number, cast("list[Cell]", cells)
            except csv.Error as error:
                raise _misquoted(line + 1, reader.line_num, error) from error


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return cast("BinaryIO", gzip.open(path)) if packed else path.open("rb")


def _encoding(path: Path) -> str:
    """Return the encoding in which the whole file can be read, strictly."""
    try:
        with _opened(path) as file:
            start = file.read(_SIGNATURE)
        _check_is_text(start)
        for mark, name in _BOMS:
            if start.startswith(mark):
                broken = _first_broken(path, name)
                if broken is None:
                    return name
                raise broken.error(name)
        utf8 = _first_broken(path, "utf-8")
        if utf8 is None:
            return "utf-8"
        if utf8.continuation >= _SURE_OF_UTF8:
            raise utf8.error("UTF-8")
        gb = _first_broken(path, "gb18030")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TableError(
            "gzip 文件不完整或已损坏",
            f"the gzip file is cut off or damaged: {error}",
            todo_zh="请重新取得该文件",
            todo_en="get the file again",
        ) from error
    if gb is None:
        return "gb18030"
    raise max(utf8, gb, key=lambda broken: broken.byte).error("UTF-8 / GB18030")


def _check_is_text(start: bytes) -> None:
    if start.lstrip().lower().startswith(_MARKUP):
        raise TableError(
            "这是网页或 XML 文件，只是扩展名像表格",
            "this is a web page or an XML file under a table's name",
            todo_zh="请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入",
            todo_en="open it in a spreadsheet program and save it as .xlsx",
        )
    marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if start.startswith(_OTHERS) or (not marked and start.count(0) > len(start) * _MANY_NULS):
        raise TableError(
            "这不是表格文件",
            "this is not a table",
            todo_zh="请给出 .csv、.tsv、.csv.gz、.xlsx、.xls、.xlsb 或 .ods 文件；压缩包请先解压",
            todo_en="give a .csv, .tsv, .csv.gz, .xlsx, .xls, .xlsb or .ods file; unpack archives",
        )


@dataclass(frozen=True, slots=True)
class _Broken:
    """Where a file ceases to be of an encoding; ``continuation``: bytes beyond one a character."""

    byte: int
    line: int
    continuation: int

    def error(self, name: str) -> TableError:
        return TableError(
            f"第 {self.line} 行（第 {self.byte + 1} 个字节）不是有效的 {name} 编码",
            f"line {self.line} (byte {self.byte + 1}) is not valid {name}",
            todo_zh="请用表格软件另存为“CSV UTF-8”后再导入",
            todo_en="save it as 'CSV UTF-8' in a spreadsheet program and import that",
            where=f"line {self.line}",
        )


def _first_broken(path: Path, encoding: str) -> _Broken | None:
    """Decode the whole file and return where that fails, or None."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    size = lines = characters = 0
    with _opened(path) as file:
        while True:
            chunk = file.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, "ignore")
                byte = size - pending + error.start
                return _Broken(byte, lines + good.count("\n") + 1, byte - characters - len(good))
            if not chunk:
                return None
            size += len(chunk)
            lines += text.count("\n")
            characters += len(text)
            if size > MAX_UNPACKED:
                raise _too_large()


def _too_large() -> TableError:
    return TableError(
        f"文件解压后超过 {MAX_UNPACKED >> 20} MiB",
        f"the file holds more than {MAX_UNPACKED >> 20} MiB once unpacked",
        todo_zh="请按年份或地区拆成几个文件",
        todo_en="split it by year or area",
    )


def _misquoted(first: int, last: int, error: csv.Error) -> TableError:
    return TableError(
        f"第 {first} 行起的引号不成对（读到第 {last} 行）",
        f"the quotes do not match from line {first} on (read up to line {last}): {error}",
        todo_zh="请检查该行的引号；单元格内的引号应写成两个",
        todo_en="check the quotes in that line; a quote within a cell is written twice",
        where=f"line {first}",
    )

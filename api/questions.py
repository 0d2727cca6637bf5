"""Questions put many at a time: a CSV of enterprises and days."""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.when import read_when
from domain.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

COLUMNS = ("enterprise", "day")


@dataclass(frozen=True, slots=True)
class Asked:
    """One line: a unit's code, the moment asked about, and where it stands, as ``file:line``."""

    enterprise: str
    at: date | datetime
    where: str


def read_questions(file: Path) -> list[Asked]:
    """Read every question of a CSV in UTF-8, gzipped where its name ends in ``.gz``.

    Args:
        file: has the columns ``enterprise`` and ``day``; others are left alone.

    Raises:
        Invalid: it cannot be read, lacks a column, or a line has no code or no day; says which.
    """
    try:
        return list(_questions(file))
    except (OSError, EOFError, UnicodeError, zlib.error, csv.Error) as error:
        raise Invalid(
            f"读不出 {file}：{error}",
            f"cannot read {file}: {error}",
            todo_zh="检查路径；文件须为 UTF-8 编码的 CSV（可 .gz）",
            todo_en="check the path; the file must be a CSV in UTF-8 (or .gz)",
            where=str(file),
        ) from error


def _questions(file: Path) -> Iterator[Asked]:
    packed = file.suffix.lower() == ".gz"
    with (gzip.open if packed else open)(file, "rt", encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise Invalid(
                f"{file.name} 缺少列 {'、'.join(missing)}",
                f"{file.name} lacks the columns {', '.join(missing)}",
                todo_zh="首行须有 enterprise 和 day",
                todo_en="its first line must name enterprise and day",
                where=f"{file.name}:1",
            )
        for row in reader:
            where = f"{file.name}:{reader.line_num}"
            code, day = ((row[name] or "").strip() for name in COLUMNS)
            if not code:
                raise Invalid(
                    "缺少单位编码",
                    "the enterprise code is missing",
                    todo_zh="在 enterprise 列填写单位编码",
                    todo_en="fill in the column enterprise",
                    where=where,
                )
            yield Asked(code, read_when(day, where), where)

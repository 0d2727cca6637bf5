"""Small ledgers kept elsewhere, and what becomes of them when they are imported."""

from __future__ import annotations

import csv
import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter  # type: ignore[import-untyped]

from api.importing.importer import Importer
from api.importing.report import ImportReport
from api.importing.tables import open_table
from domain.fact import Fact
from domain.organisation import organisation_id
from domain.trace import Question, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from uuid import UUID

    from domain.answer import Trace
    from domain.fact import Entry
    from domain.intake.aliases import Kind
    from domain.ledger import Ledger

HAZARD_COLUMNS = (
    *("隐患编号", "单位编码", "单位名称", "检查时间", "检查单位", "检查人", "隐患问题描述"),
    *("隐患类型", "隐患等级", "整改要求", "整改期限", "整改责任人", "整改完成日期", "销号情况"),
)
ACCIDENT_COLUMNS = (
    *("事故编号", "单位编码", "事故时间", "事故类别", "死亡人数", "重伤人数"),
    *("直接经济损失(元)", "简要情况"),
)
Cells = dict[str, object]


def hazard(number: str = "YH-1", **cells: object) -> Cells:
    """Return a row of a hazard ledger in which nothing is odd, but for what is given."""
    row: Cells = {
        "隐患编号": number,
        "单位编码": "A0001",
        "单位名称": "沂河化工有限公司",
        "检查时间": "2024-05-03",
        "检查单位": "县应急局",
        "检查人": "王检查",
        "隐患问题描述": "配电箱未接地",
        "隐患类型": "电气",
        "隐患等级": "一般",
        "整改要求": "接地并复测",
        "整改期限": "2024-06-02",
        "整改责任人": "李整改",
        "整改完成日期": "2024-05-20",
        "销号情况": "已销号",
    }
    return row | cells


def accident(number: str = "SG-1", **cells: object) -> Cells:
    """Return a row of an accident ledger in which nothing is odd, but for what is given."""
    row: Cells = {
        "事故编号": number,
        "单位编码": "A0001",
        "事故时间": "2024-09-18 14:20",
        "事故类别": "机械伤害",
        "死亡人数": "1",
        "重伤人数": "2",
        "直接经济损失(元)": "1200000.50",
        "简要情况": "赵某某清理反应釜时被卷入",
    }
    return row | cells


def columns_of(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Return every column that a row has, in the order in which they are met."""
    return list(dict.fromkeys(name for row in rows for name in row))


def write_csv(path: Path, rows: Iterable[Mapping[str, object]], encoding: str = "utf-8") -> Path:
    """Write rows as a CSV."""
    rows = list(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns_of(rows) or list(HAZARD_COLUMNS))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write rows as a spreadsheet; days and times as its own dates."""
    rows = list(rows)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("台账")
        names = columns_of(rows)
        sheet.write_row(0, 0, names)
        for at, row in enumerate(rows, 1):
            for place, name in enumerate(names):
                value = row.get(name)
                write: Callable[..., Any] = (
                    sheet.write_datetime if isinstance(value, date) else sheet.write
                )
                write(at, place, value)
    return path


def bring_in(
    ledger: Ledger,
    file: Path,
    kind: Kind = "hazards",
    *,
    source: str = "台账",
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Import a file and return the report's summary."""
    table = open_table(file, kind)
    with ImportReport(table) as report:
        importer = Importer(ledger, table, source=source, now=now, random=os.urandom)
        importer.run(report, progress)
    return report.summary()


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def became(summary: Mapping[str, Any]) -> dict[str, int]:
    """Return what became of how many rows, those outcomes left out that there were none of."""
    return {outcome: count for outcome, count in summary["outcomes"].items() if count}


def entries(ledger: Ledger, *kinds: type[Fact]) -> list[Entry]:
    """Return every fact, of some kinds only where they are given, words opened."""
    found = ledger.range(0, 1_000_000)
    return [entry for entry in found if not kinds or isinstance(entry.fact, kinds)]


def shown(ledger: Ledger, code: str, at: str, **more: Any) -> Trace:  # noqa: ANN401
    """Return the trace of a unit on a day, from every fact in the ledger."""
    question = Question(date.fromisoformat(at), **more)
    return trace(organisation_id(code), entries(ledger), question)


def without_places(answer: Trace) -> Any:  # noqa: ANN401 - plain data
    """Return a trace as plain data, less what depends on where in the ledger its facts stand."""
    return _without(answer.model_dump(mode="json"), {"facts", "head", "recorded", "known_at"})


def _without(value: Any, names: set[str]) -> Any:  # noqa: ANN401 - plain data
    if isinstance(value, dict):
        return {key: _without(item, names) for key, item in value.items() if key not in names}
    if isinstance(value, list):
        return [_without(item, names) for item in value]
    return value


def unit(code: str) -> UUID:
    """Return the record id of the unit of a code."""
    return organisation_id(code)

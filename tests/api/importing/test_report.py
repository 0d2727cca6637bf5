from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from rich.console import Console

from api.importing import report as reporting
from api.importing.errors import TableError
from api.importing.report import OUTCOMES, ImportReport, Outcome
from api.importing.tables import Table, open_table
from domain.intake.rows import Occurrences, SetAside, read_hazard_row

LEDGER = """隐患编号,统一社会信用代码,检查时间,整改完成日期,备注
YH-1,A1,2024-05-03,2024-05-01,=HYPERLINK("x")
YH-2,9.13713E+17,2024-02-30,,甲
YH-3,015009,2024-05-03,2024-05-10,乙
YH-3,015009,2024-05-03,2024-05-10,乙
合计,,,,
YH-4,A1,2024-05-04,24-5-9,@SUM(1)
YH-5,A1,2024-05-04,2024-05-09,丙,丁
"""


@pytest.fixture
def table(tmp_path: Path) -> Table:
    path = tmp_path / "ledger.csv"
    path.write_text(LEDGER, "utf-8")
    return open_table(path, "hazards")


def fill(report: ImportReport) -> None:
    seen = Occurrences()
    for number, cells in report.table:
        row = read_hazard_row(number, cells)
        if isinstance(row, SetAside):
            outcome: Outcome = "set_aside" if row.is_data else "not_data"
            report.add(number, outcome, row.problems, cells)
        else:
            row = seen.place(row)
            report.add(number, "repeated" if row.repeats else "imported", row.warnings, cells)


def shown(report: ImportReport) -> str:
    console = Console(width=200, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as captured:
        console.print(report)
    return captured.get()


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_row_is_counted_once(table: Table) -> None:
    with ImportReport(table) as report:
        fill(report)
    summary = report.summary()
    assert summary["rows"] == table.rows == 7
    assert summary["outcomes"] == {
        "imported": 3,
        "changed": 0,
        "unchanged": 0,
        "repeated": 1,
        "set_aside": 2,
        "not_data": 1,
    }
    assert summary["with_warnings"] == 3
    assert summary["complete"]


def test_summary_lists_the_rows_of_every_problem(table: Table) -> None:
    with ImportReport(table) as report:
        fill(report)
    summary = json.loads(json.dumps(report.summary()))
    rows = {problem["code"]: problem["rows"] for problem in summary["problems"]}
    assert rows == {
        "closed_before_found": [2],
        "float_code": [3],
        "impossible_date": [3],
        "repeated_row": [5],
        "not_a_row": [6],
        "ambiguous_date": [7],
        "surplus_cells": [8],
    }
    assert all(problem["count"] == len(problem["rows"]) for problem in summary["problems"])
    assert summary["file"] == "ledger.csv"
    assert summary["sha256"] == table.sha256
    assert summary["form"] == "UTF-8，逗号分隔"
    assert summary["other_columns"] == ["备注"]
    assert summary["spreadsheet"] is None


def test_one_row_counts_once_for_one_problem(table: Table) -> None:
    report = ImportReport(table)
    number, cells = next(iter(table))
    row = read_hazard_row(number, cells)
    assert not isinstance(row, SetAside)
    report.add(number, "changed", row.warnings * 2, cells)
    report.add(number, "unchanged", (), cells)
    summary = report.summary()
    assert summary["problems"][0]["rows"] == [2]
    assert summary["with_warnings"] == 1
    assert (summary["outcomes"]["changed"], summary["outcomes"]["unchanged"]) == (1, 1)
    assert not summary["complete"]


def test_terminal_shows_counts_and_problems(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    with ImportReport(table, path) as report:
        assert "not complete" in shown(report)
        fill(report)
    text = shown(report)
    assert "搁置，未导入 set aside" in text
    assert "整改完成日期早于检查时间" in text
    assert "closed before it was found" in text
    assert "与第 … 行完全相同" in text
    assert "report.xlsx" in text
    assert "not complete" not in text


def test_terminal_shows_the_first_row_numbers(table: Table) -> None:
    with ImportReport(table) as report:
        for _ in range(2):
            fill(report)
        number, cells = next(iter(table))
        row = read_hazard_row(number, cells)
        assert not isinstance(row, SetAside)
        for row_number in range(10, 20):
            report.add(row_number, "imported", row.warnings, cells)
    assert "2、2、10、11、12…" in shown(report)


def test_terminal_without_problems(table: Table) -> None:
    with ImportReport(table) as report:
        report.add(2, "imported", (), {})
    assert "问题" not in shown(report)


def test_markup_in_a_files_name_is_text(tmp_path: Path) -> None:
    path = tmp_path / "[bold]台账[link=x].csv"
    path.write_text(LEDGER, "utf-8")
    with ImportReport(open_table(path, "hazards")) as report:
        fill(report)
    assert "[bold]台账[link=x].csv" in shown(report)


def test_spreadsheet_tells_what_is_wrong_row_by_row(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    with ImportReport(table, path) as report:
        fill(report)
    content = sheets(path)
    assert list(content) == ["摘要 Summary", "问题行 Rows 1"]
    heading, *lines = content["问题行 Rows 1"]
    assert heading[:4] == ["行号 Row", "处理 Outcome", "列 Column", "值 Value"]
    assert heading[8:] == [
        *("隐患编号", "统一社会信用代码", "检查时间", "整改完成日期", "备注"),
        "表头之外 Beyond the header",
    ]
    assert [line[0] for line in lines] == [2, 3, 3, 5, 6, 7, 8]
    first = lines[0]
    assert first[1:4] == ["已导入 imported", "整改完成日期", "2024-05-01"]
    assert first[4:8] == [
        *("整改完成日期早于检查时间", "请核对原始资料"),
        *("closed before it was found", "compare with the original papers"),
    ]
    assert first[8:13] == ["YH-1", "A1", "2024-05-03", "2024-05-01", '=HYPERLINK("x")']
    assert lines[1][9] == "9.13713E+17"
    assert lines[3][9] == "015009"
    assert lines[6][13] == "丁"
    summary = dict(line[:2] for line in content["摘要 Summary"])
    assert summary["SHA-256"] == table.sha256
    assert summary["搁置，未导入 set aside"] == "2"
    assert summary["已完成 Complete"] == "是 yes"


def test_spreadsheet_holds_no_formula_and_no_link(table: Table, tmp_path: Path) -> None:
    import zipfile  # noqa: PLC0415 - only here

    path = tmp_path / "report.xlsx"
    with ImportReport(table, path) as report:
        fill(report)
    with zipfile.ZipFile(path) as book:
        cells = book.read("xl/worksheets/sheet2.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in cells
    assert "hyperlink" not in cells.replace("=HYPERLINK(", "")
    assert 'quotePrefix="1"' in styles
    assert "@SUM(1)" in cells


def test_spreadsheet_goes_on_in_another_sheet(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "MAX_LINES", 4)
    path = tmp_path / "report.xlsx"
    with ImportReport(table, path) as report:
        fill(report)
    content = sheets(path)
    assert list(content)[1:] == ["问题行 Rows 1", "问题行 Rows 2", "问题行 Rows 3"]
    rows = [line[0] for name in list(content)[1:] for line in content[name][1:]]
    assert rows == [2, 3, 3, 5, 6, 7, 8]


def test_very_long_cells_are_cut(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    with ImportReport(table, path) as report:
        row = read_hazard_row(2, {"单位编码": "", "备注": "长" * 40_000})
        assert isinstance(row, SetAside)
        report.add(2, "set_aside", row.problems, {"备注": "长" * 40_000})
    assert len(sheets(path)["问题行 Rows 1"][1][12]) == 32_000


def test_spreadsheet_is_written_also_when_the_import_breaks_off(
    table: Table, tmp_path: Path
) -> None:
    path = tmp_path / "report.xlsx"

    def broken_off() -> None:
        with ImportReport(table, path) as report:
            fill(report)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    summary = dict(line[:2] for line in sheets(path)["摘要 Summary"])
    assert summary["已完成 Complete"] == "否 no"
    assert [file.name for file in tmp_path.iterdir() if "partial" in file.name] == []


def test_place_that_cannot_be_written_to(table: Table, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="报告无法写入"):
        ImportReport(table, tmp_path / "none" / "report.xlsx")
    target = tmp_path / "folder.xlsx"
    target.mkdir()
    with pytest.raises(TableError, match="报告无法写入"), ImportReport(table, target):
        pass


def test_every_outcome_has_words() -> None:
    assert all(zh and en for zh, en in OUTCOMES.values())

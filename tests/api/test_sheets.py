from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import python_calamine

from api import sheets
from api.sheets import spreadsheet

HEADS = [("编号", 10), ("内容", 40)]


def read(file: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(file))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_codes_keep_their_zeros_and_numbers_are_numbers() -> None:
    told = read(spreadsheet("台账", HEADS, [["0012", "91371399MA3C00003U"], [7, ""]]))
    assert told == {"台账": [["编号", "内容"], ["0012", "91371399MA3C00003U"], [7.0, ""]]}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(“x”)"])
def test_what_looks_like_a_formula_stays_text(text: str) -> None:
    file = spreadsheet("台账", HEADS, [[text, text]])
    assert read(file)["台账"][1] == [text, text]
    with ZipFile(BytesIO(file)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_LINES", 3)
    told = read(spreadsheet("台账", HEADS, [[str(n), "一"] for n in range(3)]))
    assert [len(lines) for lines in told.values()] == [3, 2]
    assert [lines[0] for lines in told.values()] == [["编号", "内容"]] * 2


def test_a_cell_takes_no_more_than_a_spreadsheet_can_hold() -> None:
    told = read(spreadsheet("台账", HEADS, [["长", "文" * 40_000]]))
    assert told["台账"][1][1] == "文" * 32_000

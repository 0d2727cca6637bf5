from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.importing import texts
from api.importing.errors import TableError
from api.importing.tables import Table, open_table
from domain.intake.columns import MISSHAPEN, Cells

HEADER = "隐患编号,单位编码,检查时间,隐患问题描述\n"
ROW = "YH-1,A1,2024-05-03,管线腐蚀\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.csv"


def rows_of(table: Table) -> list[tuple[int, list[object]]]:
    return [(number, list(cells.values())) for number, cells in table]


def cells_of(path: Path) -> list[Cells]:
    return [cells for _, cells in open_table(path, "hazards")]


def refused(path: Path) -> TableError:
    with pytest.raises(TableError) as caught:
        open_table(path, "hazards")
    assert caught.value.zh
    assert caught.value.en
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        ("utf-8", "UTF-8，逗号分隔"),
        ("utf-8-sig", "UTF-8 BOM，逗号分隔"),
        ("gb18030", "GB18030，逗号分隔"),
        ("gbk", "GB18030，逗号分隔"),
        ("utf-16", "UTF-16，逗号分隔"),
    ],
)
def test_encoding_is_found(file: Path, encoding: str, form: str) -> None:
    file.write_text(HEADER + ROW * 2, encoding=encoding)
    table = open_table(file, "hazards")
    assert table.form == form
    assert table.rows == 2
    assert rows_of(table)[1] == (3, ["YH-1", "A1", "2024-05-03", "管线腐蚀"])


def test_rare_characters_of_gb18030(file: Path) -> None:
    file.write_text(HEADER + "YH-1,A1,2024-05-03,䶮㙍𠮷\n", encoding="gb18030")
    assert cells_of(file)[0]["隐患问题描述"] == "䶮㙍𠮷"


def test_characters_that_span_chunks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for chunk in (1, 2, 3, 5):
        monkeypatch.setattr(texts, "_CHUNK", chunk)
        for encoding in ("utf-8", "gb18030"):
            file.write_text(HEADER + ROW, encoding=encoding)
            assert cells_of(file)[0]["隐患问题描述"] == "管线腐蚀"


@pytest.mark.parametrize(("separator", "name"), [(",", "逗号"), (";", "分号"), ("\t", "制表符")])
def test_separator_is_found(file: Path, separator: str, name: str) -> None:
    file.write_text((HEADER + 'YH-1,A1,2024-05-03,"1,2;3\t4"\n').replace(",", separator), "utf-8")
    table = open_table(file, "hazards")
    assert table.form.endswith(f"{name}分隔")
    assert len(table.columns.names) == 4


def test_gzip(tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv.gz"
    file.write_bytes(gzip.compress((HEADER + ROW).encode("gb18030")))
    table = open_table(file, "hazards")
    assert table.form == "GB18030，逗号分隔"
    assert len(rows_of(table)) == 1


def test_row_number_is_the_first_line_of_the_record(file: Path) -> None:
    file.write_text(HEADER + 'YH-1,A1,2024-05-03,"上\n下"\n\n,,,\nYH-2,A1,2024-05-04,x\n', "utf-8")
    table = open_table(file, "hazards")
    assert [number for number, _ in table] == [2, 6]
    assert table.rows == 2
    assert cells_of(file)[0]["隐患问题描述"] == "上\n下"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break(file: Path, newline: str) -> None:
    file.write_bytes((HEADER + ROW + ROW).replace("\n", newline).encode())
    assert [number for number, _ in open_table(file, "hazards")] == [2, 3]


def test_title_above_the_header(file: Path) -> None:
    file.write_text("××县安全隐患台账,,,\n填报单位：某县,,,\n" + HEADER + ROW, "utf-8")
    assert rows_of(open_table(file, "hazards")) == [(4, ["YH-1", "A1", "2024-05-03", "管线腐蚀"])]


def test_longer_and_shorter_lines_are_noted(file: Path) -> None:
    file.write_text(HEADER + "YH-1,A1,2024-05-03,甲,乙\nYH-2,A1\nYH-3,A1,x,y,,\n", "utf-8")
    longer, shorter, padded = cells_of(file)
    assert longer[MISSHAPEN] == "乙"
    assert shorter[MISSHAPEN] == ""
    assert MISSHAPEN not in padded


def test_table_can_be_read_again(file: Path) -> None:
    file.write_text(HEADER + ROW, "utf-8")
    table = open_table(file, "hazards")
    assert rows_of(table) == rows_of(table)


def test_leaving_in_the_middle_closes_the_file(file: Path) -> None:
    file.write_text(HEADER + ROW * 100, "utf-8")
    rows = iter(open_table(file, "hazards"))
    next(rows)
    del rows  # an open file would be a ResourceWarning, and so an error


def test_broken_utf8_is_not_taken_for_gb18030(file: Path) -> None:
    good = (HEADER + ROW).encode()
    file.write_bytes(good + b"YH-2,A1,2024-05-03,\xe7\xae" + ROW.encode())
    error = refused(file)
    assert "第 3 行" in error.zh
    assert f"第 {len(good) + 20} 个字节" in error.zh
    assert "line 3" in error.en
    assert "UTF-8" in error.en


def test_utf8_broken_off_at_its_end(file: Path) -> None:
    file.write_bytes((HEADER + ROW).encode().rstrip()[:-1])
    assert "第 2 行" in refused(file).zh


def test_broken_after_a_byte_order_mark(file: Path) -> None:
    file.write_bytes((HEADER + ROW).encode("utf-8-sig") + b"\xff\n")
    assert "utf-8-sig" in refused(file).en


def test_neither_utf8_nor_gb18030(file: Path) -> None:
    file.write_bytes((HEADER + ROW).encode("gb18030") + b"YH-2,A1,2024-05-04,\xff\xff\n")
    error = refused(file)
    assert "第 3 行" in error.zh
    assert "UTF-8 / GB18030" in error.zh


def test_broken_byte_is_found_across_chunks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_CHUNK", 7)
    good = (HEADER + ROW * 5).encode()
    file.write_bytes(good + b"\xff")
    assert f"第 {len(good) + 1} 个字节" in refused(file).zh
    assert "第 7 行" in refused(file).zh


@pytest.mark.parametrize("cut", [1, 9, -4])
def test_damaged_gzip(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "ledger.csv.gz"
    whole = gzip.compress((HEADER + ROW * 50).encode())
    file.write_bytes(whole[:cut] if cut != 1 else whole[:20] + b"\x00\xff" + whole[22:])
    assert "gzip" in refused(file).zh


def test_packed_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_UNPACKED", 3 << 20)
    file = tmp_path / "ledger.csv.gz"
    file.write_bytes(gzip.compress(HEADER.encode() + b"a" * (5 << 20)))
    assert "超过 3 MiB" in refused(file).zh


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER + ROW + 'YH-2,A1,2024-05-04,"没有结束\n' + ROW * 3, 3),
        (HEADER + 'YH-2,A1,2024-05-04,"甲"乙\n' + ROW, 2),
        (HEADER + ROW + "YH-2,A1,2024-05-04," + "长" * 140_000 + "\n", 3),
    ],
)
def test_quotes_that_do_not_match(file: Path, text: str, line: int) -> None:
    file.write_text(text, "utf-8")
    error = refused(file)
    assert f"第 {line} 行" in error.zh
    assert error.where == f"line {line}"


def test_broken_quote_in_the_first_line(file: Path) -> None:
    file.write_text('"隐患编号,单位编码,检查时间\n' + ROW, "utf-8")
    assert "第 1 行" in refused(file).zh


@pytest.mark.parametrize(
    "start",
    [
        b"<html><table><tr><td>",
        b"\n<!DOCTYPE html>",
        b'<?xml version="1.0"?><Workbook>',
        b"<TABLE border=1>",
    ],
)
def test_web_page_under_a_tables_name(file: Path, start: bytes) -> None:
    file.write_bytes(start)
    assert "网页" in refused(file).zh


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"MZ" + b"\0" * 100, HEADER.encode("utf-16-le")],
)
def test_no_table_at_all(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert refused(file).zh == "这不是表格文件"


def test_nul_in_a_cell_is_the_cells_affair(file: Path) -> None:
    file.write_text(HEADER + "YH-1,A1,2024-05-03,管\x00线\n" + ROW * 10, "utf-8")
    assert cells_of(file)[0]["隐患问题描述"] == "管\x00线"


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=12
)


@given(
    table=st.lists(st.lists(cells, min_size=2, max_size=2), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    separator=st.sampled_from([",", ";", "\t"]),
    packed=st.booleans(),
)
def test_whatever_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[list[str]],
    encoding: str,
    separator: str,
    packed: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([["隐患编号", "单位编码", "检查时间", "备注", "说明"]])
    writer.writerows([["YH-1", "A1", "2024-05-03", *row] for row in table])
    raw = text.getvalue().encode(encoding)
    file = tmp_path_factory.mktemp("drawn") / "ledger"
    file.write_bytes(gzip.compress(raw) if packed else raw)
    read = [[row["备注"], row["说明"]] for row in cells_of(file)]
    assert read == table

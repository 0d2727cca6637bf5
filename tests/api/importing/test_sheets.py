from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from api.importing import sheets
from api.importing.errors import TableError
from api.importing.tables import Table, open_table
from api.importing.unpack import plain
from domain.intake.problem import Cell
from domain.intake.rows import HazardRow, read_hazard_row

HEADER = ["序号", "隐患编号", "单位编码", "检查时间", "备注"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.xlsx"


def write(path: Path, **filled: Callable[[Any, Any], None]) -> Path:
    """Write a workbook: each sheet by its name, filled by a function of the sheet and the book."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, fill in filled.items():
            fill(book.add_worksheet(name), book)
    return path


def ledger(sheet: Any, _: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, [1, "YH-1", "A1", "2024-05-03", "甲"])


def nothing(_: Any, __: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
    pass


def values(table: Table) -> list[tuple[int, list[Cell]]]:
    return [(number, list(cells.values())) for number, cells in table]


def refused(path: Path, sheet: str | None = None) -> TableError:
    with pytest.raises(TableError) as caught:
        open_table(path, "hazards", sheet=sheet)
    assert caught.value.todo_zh
    assert caught.value.todo_en
    return caught.value


def test_sheet_is_read(file: Path) -> None:
    table = open_table(write(file, 台账=ledger), "hazards")
    assert (table.form, table.sheet, table.other_sheets) == ("spreadsheet", "台账", ())
    assert table.rows == 1
    assert values(table) == [(2, [1, "YH-1", "A1", "2024-05-03", "甲"])]
    assert values(table) == values(table)


def test_first_sheet_with_content_is_taken(file: Path) -> None:
    table = open_table(write(file, 空=nothing, 台账=ledger, 另=ledger), "hazards")
    assert table.sheet == "台账"
    assert table.other_sheets == ("空", "另")


def test_named_sheet_is_taken(file: Path) -> None:
    write(file, 台账=ledger, 另=ledger)
    assert open_table(file, "hazards", sheet="另").sheet == "另"


def test_hidden_sheet_is_taken_last(file: Path) -> None:
    def hidden(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        ledger(sheet, book)
        sheet.hide()

    def shown(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        ledger(sheet, book)
        sheet.activate()
        sheet.set_first_sheet()

    assert open_table(write(file, 藏=hidden, 见=shown), "hazards").sheet == "见"


def test_no_such_sheet_names_those_there_are(file: Path) -> None:
    assert "现有工作表：台账、另" in refused(write(file, 台账=ledger, 另=ledger), "没有").zh


def test_cover_sheet_is_no_ledger_and_the_others_are_named(file: Path) -> None:
    def cover(sheet: Any, _: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        sheet.write(0, 0, "填表说明")

    error = refused(write(file, 封面=cover, 台账=ledger))
    assert "没有找到表头" in error.zh
    assert "工作表“封面”；另有：台账" in error.zh


def test_empty_workbook(file: Path) -> None:
    assert "是空的" in refused(write(file, 空=nothing, 也空=nothing)).zh
    assert "是空的" in refused(file, "空").zh


def test_title_above_and_blank_columns_before(file: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        sheet.merge_range("C3:G3", "××县安全隐患台账", book.add_format())
        sheet.write_row("C5", HEADER)
        sheet.write_row("C6", [1, "YH-1", "A1", "2024-05-03", "甲"])
        sheet.write_row("C9", [2, "YH-2", "A1", "2024-05-04", "乙"])
        sheet.write("C10", "合计")

    table = open_table(write(file, 台账=fill), "hazards")
    assert [number for number, _ in table] == [6, 9, 10]
    assert table.rows == 5
    assert table.columns.header == tuple(HEADER)


def test_cells_keep_their_kinds(file: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        clock = book.add_format({"num_format": "hh:mm"})
        sheet.write_row(0, 0, ["单位编码", "检查时间", "a", "b", "c", "d", "e", "f", "g"])
        sheet.write_row(1, 0, [371302000000123])
        sheet.write_datetime(1, 1, date(2024, 5, 3), day)
        sheet.write_datetime(1, 2, datetime.fromisoformat("2024-05-03T14:30"), moment)
        sheet.write(1, 3, 1.5)
        sheet.write(1, 4, 371302000000000123)
        sheet.write(1, 5, True)  # noqa: FBT003 - the cell's value
        sheet.write_datetime(1, 6, time(14, 30), clock)
        sheet.write_string(1, 7, "=1+1")
        sheet.write_string(1, 8, "甲\n乙")

    ((number, cells),) = open_table(write(file, 台账=fill), "hazards")
    assert list(cells.values()) == [
        *(371302000000123, date(2024, 5, 3), datetime.fromisoformat("2024-05-03T14:30"), 1.5),
        *(3.7130200000000012e17, "TRUE", "14:30:00", "=1+1", "甲\n乙"),
    ]
    row = read_hazard_row(number, cells)
    assert isinstance(row, HazardRow)
    assert row.code == "371302000000123"
    assert row.found == date(2024, 5, 3)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("", None),
        (False, "FALSE"),
        (1e15, 1e15),
        (-3.0, -3),
        (timedelta(hours=36), "1 day, 12:00:00"),
        (3, 3),
    ],
)
def test_plain(value: Any, cell: Cell) -> None:  # noqa: ANN401 - what the decoder may give
    assert plain(value) == cell
    assert type(plain(value)) is type(cell)


def test_cell_merged_downwards_is_every_rows(file: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        style = book.add_format()
        sheet.merge_range("B2:B3", "单位编码", style)
        sheet.merge_range("C2:D2", "整改情况", style)
        sheet.merge_range("E2:E3", "检查时间", style)
        sheet.write_row("C3", ["整改期限", "整改完成日期"])
        sheet.merge_range("B4:B6", "A1", style)
        sheet.write_column("E4", ["2024-05-03", "2024-05-04", "2024-05-05"])
        sheet.merge_range("C4:D4", "2024-05-31", style)

    table = open_table(write(file, 台账=fill), "hazards")
    assert table.columns.names == ("单位编码", "整改期限", "整改完成日期", "检查时间")
    assert values(table) == [
        (4, ["A1", "2024-05-31", None, "2024-05-03"]),
        (5, ["A1", None, None, "2024-05-04"]),
        (6, ["A1", None, None, "2024-05-05"]),
    ]


def test_stray_cell_in_the_last_corner_is_an_error_and_no_crash(file: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        ledger(sheet, book)
        sheet.write(1_048_575, 16_383, "x")

    error = refused(write(file, 台账=fill))
    assert error.zh == "表格已损坏，或展开后过大"
    assert "CSV" in error.todo_zh


def test_packed_bomb(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MEMORY", 200 << 20)
    write(file, 台账=ledger)
    bomb = file.with_name("bomb.xlsx")
    with zipfile.ZipFile(file) as good, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for name in good.namelist():
            content = good.read(name)
            if name == "xl/sharedStrings.xml":
                content = content.replace(b"</sst>", b"<si><t>%s</t></si></sst>" % (b"a" * 2**27))
            out.writestr(name, content)
    assert bomb.stat().st_size < 2**20
    assert refused(bomb).zh == "表格已损坏，或展开后过大"


def test_sheet_that_breaks_off_while_it_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = open_table(write(file, 台账=ledger), "hazards")
    monkeypatch.setattr(sheets, "MEMORY", 1 << 20)
    with pytest.raises(TableError, match="过大"):
        list(table)


def test_leaving_in_the_middle_ends_the_process(file: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        ledger(sheet, book)
        for row in range(2, 3_000):
            sheet.write_row(row, 0, [row, f"YH-{row}", "A1", "2024-05-03", "甲" * 50])

    rows = iter(open_table(write(file, 台账=fill), "hazards"))
    assert next(rows)[0] == 2
    del rows  # a process left behind would be a ResourceWarning, and so an error


@pytest.mark.parametrize("content", [b"PK\x03\x04 junk", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 junk"])
def test_damaged_spreadsheet(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "已损坏" in refused(file).zh


def test_archive_of_something_else(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("ledger.csv", "单位编码,检查时间\n")
    assert "不是能读取的表格文件" in refused(file).zh


def test_cut_off_spreadsheet(file: Path) -> None:
    write(file, 台账=ledger)
    file.write_bytes(file.read_bytes()[:-100])
    assert "已损坏" in refused(file).zh


def test_open_document_sheet(tmp_path: Path) -> None:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in [("office", "office"), ("table", "table"), ("text", "text")]
    )
    day = '<table:table-cell office:value-type="date" office:date-value="2024-05-03"/>'
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = [
        cell.format("单位编码") + cell.format("检查时间"),
        cell.format("A1") + day,
    ]
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    path = tmp_path / "ledger.ods"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="台账">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    assert values(open_table(path, "hazards")) == [(2, ["A1", date(2024, 5, 3)])]


def compound(name: str, content: bytes) -> bytes:
    """Return a compound file ([MS-CFB]) of one stream of at most 60 KB."""
    content = content.ljust(4096, b"\0")
    content = content.ljust(-len(content) // 512 * -512, b"\0")
    count = len(content) // 512
    chain = [*range(3, count + 2), 0xFFFFFFFE]
    table = [0xFFFFFFFD, 0xFFFFFFFE, *chain]
    table += [0xFFFFFFFF] * (128 - len(table))

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        wide = (title + "\0").encode("utf-16-le")
        none = 0xFFFFFFFF
        head = wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, none, none, child)
        return head + b"\0" * 36 + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    directory += entry(name, 2, 0xFFFFFFFF, 2, len(content))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<5H6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, *[0xFFFFFFFE, 0] * 2)
    header += struct.pack("<I", 0) + b"\xff" * 4 * 108
    return header + struct.pack("<128I", *table) + directory.ljust(512, b"\0") + content


def old_workbook(*rows: list[str | float], extra: bytes = b"") -> bytes:
    """Return an .xls ([MS-XLS], BIFF8) of one sheet, with ``extra`` records in its globals."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1996, 0, 6))

    def text(value: str, size: str) -> bytes:
        return struct.pack(f"<{size}B", len(value), 1) + value.encode("utf-16-le")

    before = begin(0x0005) + extra + record(0x0042, struct.pack("<H", 1200))
    sheet = begin(0x0010)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                sheet += record(0x0204, place + text(value, "H"))
            else:
                sheet += record(0x0203, place + struct.pack("<d", value))
    name = text("台账", "B")
    offset = len(before) + 4 + 6 + len(name) + 4
    globals_ = before + record(0x0085, struct.pack("<IBB", offset, 0, 0) + name) + record(0x000A)
    return compound("Workbook", globals_ + sheet + record(0x000A))


def test_old_workbook(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xls"
    path.write_bytes(old_workbook(["单位编码", "检查时间"], ["A1", 45415.0]))
    table = open_table(path, "hazards")
    assert table.sheet == "台账"
    assert values(table) == [(2, ["A1", 45415])]


def test_name_does_not_tell_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(old_workbook(["单位编码", "检查时间"], ["A1", "2024-05-03"]))
    assert open_table(path, "hazards").form == "spreadsheet"
    xls = tmp_path / "ledger.xls"
    xls.write_text("单位编码\t检查时间\nA1\t2024-05-03\n", "gb18030")
    assert open_table(xls, "hazards").form == "GB18030，制表符分隔"


def test_encrypted_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(compound("EncryptedPackage", b"\x07" * 5000))
    assert "有密码保护" in refused(path).zh


def test_encrypted_old_workbook(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xls"
    password = struct.pack("<HHHHH", 0x002F, 6, 1, 0x1234, 0x5678)
    path.write_bytes(old_workbook(["单位编码", "检查时间"], extra=password))
    assert "有密码保护" in refused(path).zh


def test_time_in_a_sheet_is_local(file: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        style = book.add_format({"num_format": "yyyy/m/d h:mm"})
        sheet.write_row(0, 0, ["单位编码", "检查时间"])
        sheet.write(1, 0, "A1")
        sheet.write_datetime(1, 1, datetime.fromisoformat("2024-05-03T14:30"), style)

    ((number, cells),) = open_table(write(file, 台账=fill), "hazards")
    row = read_hazard_row(number, cells)
    assert isinstance(row, HazardRow)
    assert row.found == datetime(2024, 5, 3, 6, 30, tzinfo=UTC)

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from api.importing.errors import TableError
from api.importing.tables import open_table, read_mapping
from domain.errors import Invalid
from domain.intake.columns import ColumnMapping, find_header

HEADER = "隐患编号,单位编码,检查时间,备注\n"
ROW = "YH-1,A1,2024-05-03,甲\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER + ROW * 3, "utf-8")
    return path


def test_table_tells_what_it_is(file: Path) -> None:
    table = open_table(file, "hazards")
    assert table.path == file
    assert table.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert table.rows == 3
    assert table.columns.kind == "hazards"
    assert table.columns.other == ("备注",)
    assert (table.sheet, table.other_sheets) == (None, ())


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="没有这个文件"):
        open_table(tmp_path / "none.csv", "hazards")
    with pytest.raises(TableError, match="没有这个文件"):
        open_table(tmp_path, "hazards")


def test_empty_file(file: Path) -> None:
    file.write_bytes(b"")
    with pytest.raises(TableError, match="文件是空的"):
        open_table(file, "hazards")


@pytest.mark.parametrize("text", ["\n\n", ",,,\n", "\ufeff"])
def test_file_of_blanks(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(TableError, match="没有找到表头"):
        open_table(file, "hazards")


def test_file_that_cannot_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(TableError, match="Permission denied"):
        open_table(file, "hazards")
    with pytest.raises(TableError, match="Permission denied"):
        read_mapping(file)


def test_no_header_says_what_was_seen(file: Path) -> None:
    file.write_text("name,date\nx,y\n", "utf-8")
    with pytest.raises(TableError, match="看到的列：name、date") as caught:
        open_table(file, "hazards")
    assert caught.value.todo_zh


def test_header_alone_is_a_table_without_rows(file: Path) -> None:
    file.write_text(HEADER, "utf-8")
    table = open_table(file, "hazards")
    assert (table.rows, list(table)) == (0, [])


def test_changed_file_is_noticed(file: Path) -> None:
    table = open_table(file, "hazards")
    rows = iter(table)
    next(rows)
    file.write_text(HEADER + ROW * 4, "utf-8")
    with pytest.raises(TableError, match="被改动"):
        list(rows)
    with pytest.raises(TableError, match="被改动"):
        next(iter(table))


def test_file_that_turns_unreadable_is_noticed(file: Path) -> None:
    table = open_table(file, "hazards")
    stat = file.stat()
    size = stat.st_size
    file.write_bytes(file.read_bytes()[: size - 3] + b"\xff\xff\n")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(TableError, match="被改动"):
        list(table)


def test_mapping_is_used_for_the_separator_too(file: Path) -> None:
    file.write_text("code;day;what\nA1;2024-05-03;x, y, z\n", "utf-8")
    mapping = ColumnMapping.of([("code", "单位编码", None), ("day", "检查时间", None)])
    assert [cells for _, cells in open_table(file, "hazards", mapping=mapping)] == [
        {"单位编码": "A1", "检查时间": "2024-05-03", "what": "x, y, z"}
    ]


TOML = """
"排查日" = "检查时间"
"代码" = "单位编码"
[hazards]
"号" = "隐患编号"
["事故"]
"号" = "事故编号"
"""
JSON = """{"排查日": "检查时间", "代码": "单位编码",
"隐患": {"号": "隐患编号"}, "accidents": {"号": "事故编号"}}"""
CSV = "我的列名,标准列名\n排查日,检查时间\n\n# 说明,x,y\n代码,统一社会信用代码\n号,编号\n"


@pytest.mark.parametrize(
    ("name", "text"), [("m.toml", TOML), ("m.json", JSON), ("m.csv", CSV), ("m.txt", CSV)]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_mapping_file(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding)
    mapping = read_mapping(path)
    assert mapping.entries["hazards"] == {
        "排查日": "检查时间",
        "代码": "单位编码",
        "号": "隐患编号",
    }
    assert mapping.entries["accidents"]["号"] == "事故编号"
    assert find_header([["号", "代码", "排查日"]], "hazards", mapping)[1].names == (
        *("隐患编号", "单位编码", "检查时间"),
    )


def test_mapping_file_in_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(CSV, "gb18030")
    assert read_mapping(path).entries["hazards"]["排查日"] == "检查时间"


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("m.toml", '"甲" = ', "m.toml 无法读取"),
        ("m.toml", '"甲" = 3', "条目 “甲” 须为文字"),
        ("m.toml", '[columns]\n"甲" = "检查时间"', "条目 “columns” 须为文字"),
        ("m.toml", '[hazards.hazards]\n"甲" = "检查时间"', "条目 “hazards” 须为文字"),
        ("m.json", '["甲"]', "不是“列名 = 标准列名”的形式"),
        ("m.json", "{", "m.json 无法读取"),
        ("m.json", '{"甲": "检查时候"}', "“甲 → 检查时候” 有误"),
        ("m.csv", "甲,检查时间\n乙\n", "第 2 行不是两列"),
        ("m.csv", '甲,"检查时间\n', "m.csv 无法读取"),
        ("m.csv", "甲,检查时候\n", "“甲 → 检查时候” 有误"),
    ],
)
def test_bad_mapping_file(tmp_path: Path, name: str, text: str, match: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(Invalid, match=match):
        read_mapping(path)


def test_missing_mapping_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="没有这个文件"):
        read_mapping(tmp_path / "none.toml")

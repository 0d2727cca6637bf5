from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hazard import HazardLevel
from domain.intake.aliases import ALIASES
from domain.intake.columns import MISSHAPEN
from domain.intake.problem import Cell
from domain.intake.rows import (
    AccidentRow,
    HazardRow,
    Occurrences,
    SetAside,
    read_accident_row,
    read_hazard_row,
)

HAZARD: dict[str, Cell] = {
    "序号": "1",
    "隐患编号": "YH-1",
    "单位编码": "A1",
    "单位名称": "某化工公司",
    "检查时间": "2024-05-03",
    "检查单位": "某县应急管理局",
    "检查人": "某甲",
    "隐患问题描述": "管线腐蚀",
    "隐患类型": "设备",
    "隐患等级": "一般隐患",
    "整改要求": "更换管线",
    "整改期限": "2024-05-31",
    "整改责任人": "某乙",
    "整改完成日期": "2024-05-20",
    "销号情况": "已销号",
    "备注": "复查合格",
}
ACCIDENT: dict[str, Cell] = {
    "事故编号": "SG-1",
    "单位编码": "A1",
    "单位名称": "某化工公司",
    "事故时间": "2024-05-03 14:30",
    "事故类别": "爆炸",
    "死亡人数": "3人",
    "重伤人数": 1,
    "直接经济损失(元)": "1,200,000.00",
    "简要情况": "某甲受伤",
    "备注": "",
}
TODAY = date(2024, 6, 1)


def hazard(**cells: Cell) -> HazardRow:
    row = read_hazard_row(7, HAZARD | cells, as_of=TODAY)
    assert isinstance(row, HazardRow)
    return row


def accident(**cells: Cell) -> AccidentRow:
    row = read_accident_row(7, ACCIDENT | cells, as_of=TODAY)
    assert isinstance(row, AccidentRow)
    return row


def codes(row: HazardRow | AccidentRow | SetAside) -> list[tuple[str, str]]:
    problems = row.problems if isinstance(row, SetAside) else row.warnings
    return [(problem.code, problem.column) for problem in problems]


def test_hazard_row() -> None:
    assert hazard() == HazardRow(
        row=7,
        number="YH-1",
        code="A1",
        enterprise="某化工公司",
        inspected_by="某县应急管理局",
        category="设备",
        level=HazardLevel.GENERAL,
        found=date(2024, 5, 3),
        deadline=date(2024, 5, 31),
        closed=date(2024, 5, 20),
        status="已销号",
        persons={"检查人": "某甲", "整改责任人": "某乙"},
        texts={"隐患问题描述": "管线腐蚀", "整改要求": "更换管线", "备注": "复查合格"},
        warnings=(),
    )


def test_smallest_hazard_row() -> None:
    row = read_hazard_row(2, {"单位编码": "A1", "检查时间": "2024-05-03"})
    assert isinstance(row, HazardRow)
    assert codes(row) == [("missing_number", "隐患编号")]
    assert (row.number, row.level, row.deadline, row.closed, row.status) == (None,) * 5
    assert (row.persons, row.texts) == ({}, {})


def test_hazard_row_with_a_time() -> None:
    row = hazard(检查时间="2024-05-03 14:30", 整改完成日期="2024-05-03 15:00")
    assert row.found == datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
    assert row.closed == datetime(2024, 5, 3, 7, 0, tzinfo=UTC)
    assert row.warnings == ()


@pytest.mark.parametrize(
    ("cells", "warnings"),
    [
        ({"整改完成日期": "2024-05-02"}, [("closed_before_found", "整改完成日期")]),
        ({"整改完成日期": "2024-05-03"}, []),
        ({"整改期限": "2024-05-02"}, [("deadline_before_found", "整改期限")]),
        ({"整改期限": "2024-05-03"}, []),
        ({"整改期限": "2024-05-31 18:00"}, [("deadline_time_dropped", "整改期限")]),
        ({"整改期限": "2024-02-30"}, [("impossible_date", "整改期限")]),
        ({"整改完成日期": ""}, [("closed_without_date", "销号情况")]),
        ({"整改完成日期": "", "销号情况": "整改中"}, []),
        ({"整改完成日期": "", "销号情况": ""}, []),
        ({"销号情况": "整改中"}, [("open_with_date", "销号情况")]),
        ({"销号情况": ""}, []),
        ({"销号情况": "某乙说改了"}, [("unknown_status", "销号情况")]),
        (
            {"整改完成日期": "24-5-3"},
            [("ambiguous_date", "整改完成日期"), ("closed_without_date", "销号情况")],
        ),
        ({"隐患等级": "较大"}, [("unknown_level", "隐患等级")]),
        ({"隐患等级": ""}, []),
        ({"隐患编号": ""}, [("missing_number", "隐患编号")]),
        ({"隐患编号": 1.5}, [("float_number", "隐患编号")]),
        ({"单位编码": 371302000000123}, [("numeric_code", "单位编码")]),
        ({"单位名称": "某" * 300}, [("overlong", "单位名称")]),
        ({"备注": "长" * 10_001}, [("overlong", "备注")]),
        ({"隐患问题描述": "管\x00线"}, [("control_characters", "隐患问题描述")]),
        ({"检查人": "某\u200b甲"}, [("control_characters", "检查人")]),
        ({"整改完成日期": "2024-06-02"}, [("closed_in_future", "整改完成日期")]),
        ({MISSHAPEN: ""}, [("short_line", "")]),
        (
            {"检查时间": "2024-06-02", "整改期限": "", "整改完成日期": "", "销号情况": ""},
            [("found_in_future", "检查时间")],
        ),
    ],
)
def test_hazard_row_is_kept_with_warnings(
    cells: dict[str, Cell], warnings: list[tuple[str, str]]
) -> None:
    assert codes(hazard(**cells)) == warnings


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        ("整改期限", "立即整改", "deadline"),
        ("整改完成日期", "5月20日", "closed"),
        ("隐患等级", "Ⅱ级", "level"),
        ("销号情况", "等待验收中", "status"),
        ("隐患编号", 1.5, "number"),
    ],
)
def test_words_that_cannot_be_read_are_kept(column: str, cell: Cell, field: str) -> None:
    row = hazard(**{column: cell})
    assert getattr(row, field) is None
    assert row.texts[column] == str(cell)


def test_time_of_a_deadline_is_kept_as_text() -> None:
    row = hazard(整改期限="2024-05-31 18:00")
    assert row.deadline == date(2024, 5, 31)
    assert row.texts["整改期限"] == "2024-05-31 18:00"


def test_invisible_characters_alone_leave_nothing_to_keep() -> None:
    row = hazard(隐患等级="\x00")
    assert row.level is None
    assert "隐患等级" not in row.texts


def test_closing_date_decides_and_not_the_status() -> None:
    assert hazard(整改完成日期="").closed is None
    assert hazard(销号情况="整改中").closed == date(2024, 5, 20)


def test_blank_persons_and_names_are_none() -> None:
    row = hazard(检查人="/", 整改责任人="无", 单位名称="-", 检查单位=None, 隐患类型="")
    assert row.persons == {}
    assert (row.enterprise, row.inspected_by, row.category) == (None, None, None)


def test_formula_is_text() -> None:
    assert hazard(备注="=HYPERLINK(1)").texts["备注"] == "=HYPERLINK(1)"


def test_warning_shows_the_value_and_what_to_do() -> None:
    (warning,) = hazard(整改期限="2024-02-30").warnings
    assert warning.value_excerpt == "2024-02-30"
    assert warning.zh == "没有这一天或这一时刻"
    assert "2024-05-03" in warning.todo_zh


def test_instant_of_the_import_is_compared_with_days() -> None:
    now = datetime(2024, 5, 2, 16, 30, tzinfo=UTC)  # 00:30 on 3 May in Shanghai
    row = read_hazard_row(1, HAZARD | {"整改完成日期": "", "销号情况": ""}, as_of=now)
    assert codes(row) == []


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"单位编码": ""}, [("missing_code", "单位编码")]),
        ({"单位编码": 9.13713e17}, [("float_code", "单位编码")]),
        ({"单位编码": "9.13713E+17"}, [("float_code", "单位编码")]),
        ({"单位编码": 123}, [("numeric_code_may_lack_zeros", "单位编码")]),
        ({"单位编码": "11010519491231002X"}, [("personal_id_as_code", "单位编码")]),
        ({"检查时间": ""}, [("missing_date", "检查时间")]),
        ({"检查时间": None}, [("missing_date", "检查时间")]),
        ({"检查时间": "2024-02-30"}, [("impossible_date", "检查时间")]),
        ({"检查时间": "03/05/2024"}, [("ambiguous_date", "检查时间")]),
        (
            {"单位编码": "", "检查时间": "某日"},
            [("missing_code", "单位编码"), ("unreadable_date", "检查时间")],
        ),
        ({MISSHAPEN: "多"}, [("surplus_cells", "")]),
    ],
)
def test_hazard_row_is_set_aside(cells: dict[str, Cell], reasons: list[tuple[str, str]]) -> None:
    row = read_hazard_row(7, HAZARD | cells)
    assert isinstance(row, SetAside)
    assert row.row == 7
    assert row.is_data
    assert codes(row) == reasons


@pytest.mark.parametrize(
    "cells",
    [
        {"序号": "合 计", "隐患编号": "35"},
        {"单位编码": "总计", "隐患编号": "35条"},
        {"隐患编号": "填表人：某甲", "检查单位": "审核人：某乙"},
        {"序号": "备注：本表一式两份"},
        {"序号": 36},
        {"序号": 36, "检查时间": None, "单位编码": ""},
        {},
        {"序号": "序号", "单位编码": "统一社会信用代码", "检查时间": "检查 时间", "备注": "备注"},
    ],
)
def test_what_only_looks_like_a_row(cells: dict[str, Cell]) -> None:
    row = read_hazard_row(9, cells)
    assert isinstance(row, SetAside)
    assert not row.is_data
    assert codes(row) == [("not_a_row", "")]


@pytest.mark.parametrize(
    "cells",
    [
        {"隐患问题描述": "电线裸露"},
        {"单位编码": "A1", "隐患问题描述": "小计有误"},
        {"序号": "合计", "单位编码": "", "检查时间": "某日"},
        {"单位编码": "单位编码", "检查时间": "某日"},
    ],
)
def test_row_without_a_date_is_a_row(cells: dict[str, Cell]) -> None:
    row = read_hazard_row(9, cells)
    assert isinstance(row, SetAside)
    assert row.is_data


def test_accident_row() -> None:
    assert accident() == AccidentRow(
        row=7,
        number="SG-1",
        code="A1",
        enterprise="某化工公司",
        category="爆炸",
        occurred=datetime(2024, 5, 3, 6, 30, tzinfo=UTC),
        deaths=3,
        serious_injuries=1,
        loss=120_000_000,
        texts={"简要情况": "某甲受伤"},
        warnings=(),
    )


def test_smallest_accident_row() -> None:
    row = read_accident_row(2, {"事故编号": "SG-1", "单位编码": "A1", "事故时间": date(2024, 5, 3)})
    assert isinstance(row, AccidentRow)
    assert (row.deaths, row.serious_injuries, row.loss, row.category) == (None,) * 4
    assert row.warnings == ()


@pytest.mark.parametrize(
    ("cells", "warnings"),
    [
        ({"死亡人数": "若干"}, [("unreadable_count", "死亡人数")]),
        ({"重伤人数": -1}, [("unreadable_count", "重伤人数")]),
        ({"直接经济损失(元)": "不详"}, [("unreadable_loss", "直接经济损失(元)")]),
        ({"直接经济损失(元)": "约200万元"}, [("approximate_loss", "直接经济损失(元)")]),
        ({"事故时间": "2024-06-02"}, [("occurred_in_future", "事故时间")]),
        ({"事故类别": "类" * 101}, [("overlong", "事故类别")]),
    ],
)
def test_accident_row_is_kept_with_warnings(
    cells: dict[str, Cell], warnings: list[tuple[str, str]]
) -> None:
    row = accident(**cells)
    assert codes(row) == warnings
    unreadable = [column for code, column in warnings if code.startswith("unreadable")]
    assert set(unreadable) <= row.texts.keys()


@pytest.mark.parametrize(
    ("column", "cell", "fen"),
    [
        ("直接经济损失(万元)", "12.3456", 12_345_600),
        ("直接经济损失(万元)", 0.29, 290_000),
        ("直接经济损失", "200万元", 200_000_000),
        ("直接经济损失", "200", 20_000),
    ],
)
def test_loss_in_the_unit_of_its_column(column: str, cell: Cell, fen: int) -> None:
    cells = {name: value for name, value in ACCIDENT.items() if name != "直接经济损失(元)"}
    row = read_accident_row(7, cells | {column: cell})
    assert isinstance(row, AccidentRow)
    assert row.loss == fen


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"事故编号": ""}, [("missing_number", "事故编号")]),
        ({"单位编码": 12.5}, [("float_code", "单位编码")]),
        ({"事故时间": ""}, [("missing_date", "事故时间")]),
        ({"事故时间": "2024-13-01"}, [("impossible_date", "事故时间")]),
        ({MISSHAPEN: "多"}, [("surplus_cells", "")]),
    ],
)
def test_accident_row_is_set_aside(cells: dict[str, Cell], reasons: list[tuple[str, str]]) -> None:
    row = read_accident_row(7, ACCIDENT | cells)
    assert isinstance(row, SetAside)
    assert codes(row) == reasons


def test_repeated_header_of_accidents_is_no_row() -> None:
    row = read_accident_row(
        7, {"事故编号": "事故编号", "单位编码": "单位编码", "事故时间": "事故时间"}
    )
    assert isinstance(row, SetAside)
    assert not row.is_data


def test_same_row_again_repeats_the_first() -> None:
    seen = Occurrences()
    assert seen.place(at(2)) == at(2)
    again = seen.place(at(3))
    assert (again.repeats, again.occurrence) == (2, 1)
    assert codes(again) == [("repeated_row", "隐患编号")]
    assert again.warnings[0].zh == "与第 2 行完全相同"
    assert seen.place(at(4)).repeats == 2


def test_same_number_with_other_content_is_another_occurrence() -> None:
    seen = Occurrences()
    placed = [
        seen.place(at(2)),
        seen.place(at(3, 整改期限="2024-05-30")),
        seen.place(at(4)),
        seen.place(at(5, 整改期限="2024-05-29")),
        seen.place(at(6, 整改期限="2024-05-30")),
    ]
    assert [(row.occurrence, row.repeats) for row in placed] == [
        *((1, None), (2, None), (1, 2), (3, None), (1, 3)),
    ]
    assert placed[3].warnings[0].zh.startswith("同一单位的这个编号已在第 2 行出现")


def test_same_number_of_another_unit_is_no_repetition() -> None:
    seen = Occurrences()
    seen.place(at(2))
    assert seen.place(at(3, 单位编码="A2")).warnings == ()
    assert seen.place(at(4, 单位编码="a1")).occurrence == 2  # case makes no other unit


def test_rows_without_a_number_are_told_apart_by_content() -> None:
    seen = Occurrences()
    seen.place(at(2, 隐患编号=""))
    other = seen.place(at(3, 隐患编号="", 备注="另一处"))
    assert (other.occurrence, other.repeats) == (1, None)
    assert seen.place(at(4, 隐患编号="")).repeats == 2


def test_accidents_are_told_apart_too() -> None:
    seen = Occurrences()
    seen.place(accident())
    other = read_accident_row(8, ACCIDENT | {"死亡人数": 4})
    assert isinstance(other, AccidentRow)
    placed = seen.place(other)
    assert placed.occurrence == 2
    assert codes(placed) == [("number_used_again", "事故编号")]


def test_content_says_what_the_row_says_and_not_where_it_stands() -> None:
    same = {"序号": "99", "检查时间": "2024年5月3日", "隐患等级": "一般", "检查人": " 某甲 "}
    assert at(2).content() == at(3, **same).content()
    for column in HAZARD.keys() - {"序号"}:
        changed: Any = {"隐患等级": "重大", "销号情况": "整改中"}.get(column, "2024-05-09")
        assert at(2).content() != at(2, **{column: changed}).content(), column
    for column in ACCIDENT:
        assert accident().content() != accident(**{column: "9"} | dated(column)).content(), column


def dated(column: str) -> dict[str, Cell]:
    return {column: "2024-05-09"} if column == "事故时间" else {}


def at(row: int, **cells: Cell) -> HazardRow:
    found = read_hazard_row(row, HAZARD | cells)
    assert isinstance(found, HazardRow)
    return found


cells = st.none() | st.text() | st.integers() | st.floats() | st.dates() | st.datetimes()
hazard_rows = st.dictionaries(
    st.sampled_from([*ALIASES["hazards"], "备注", MISSHAPEN]),
    cells | st.sampled_from([*HAZARD.values()]),
)
accident_rows = st.dictionaries(
    st.sampled_from([*ALIASES["accidents"], "备注", MISSHAPEN]),
    cells | st.sampled_from([*ACCIDENT.values()]),
)


@given(hazard_rows, accident_rows)
def test_every_row_is_read_or_set_aside_with_a_reason(
    one: dict[str, Cell], other: dict[str, Cell]
) -> None:
    for row in (
        read_hazard_row(1, one, as_of=TODAY),
        read_accident_row(1, other, as_of=TODAY),
        read_hazard_row(1, HAZARD | one, as_of=TODAY),
        read_accident_row(1, ACCIDENT | other, as_of=TODAY),
    ):
        if isinstance(row, SetAside):
            assert row.problems
        else:
            assert row.content()
            assert Occurrences().place(row) == row

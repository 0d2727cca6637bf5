from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.errors import Invalid
from domain.intake.aliases import ALIASES, REQUIRED, Kind
from domain.intake.columns import (
    MAX_COLUMNS,
    MISSHAPEN,
    ColumnMapping,
    canonical_names,
    find_header,
    fold,
    recognise,
    recognised,
)
from domain.intake.problem import Cell

REAL = Path(__file__).parents[4] / "shared/data/codes/hazard_ledger_columns_real.csv"
MINIMAL = ["单位编码", "检查时间"]


def names(
    header: Sequence[Cell], *pairs: tuple[str, str], kind: Kind = "hazards"
) -> tuple[str | None, ...]:
    mapping = ColumnMapping.of([(theirs, ours, None) for theirs, ours in pairs])
    return find_header([header], kind, mapping)[1].names


@pytest.mark.parametrize("kind", ["hazards", "accidents"])
def test_no_name_means_two_columns(kind: Kind) -> None:
    known = [fold(alias) for aliases in ALIASES[kind].values() for alias in aliases]
    assert len(known) == len(set(known))
    assert set(REQUIRED[kind]) <= set(ALIASES[kind])
    for canonical, aliases in ALIASES[kind].items():
        assert {recognise(alias, kind) for alias in aliases} == {canonical}


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("检查时间", "检查时间"),
        ("检 查\n时 间", "检查时间"),
        ("＊统一社会信用代码", "单位编码"),
        ("整改要求（措施）", "整改要求"),
        ("整改责任单位(建设/设计/施工/监理)", "整改责任单位"),
        ("检查时间（年月日）：", "检查时间"),
        ("排查时间", "检查时间"),
        ("完成时限", "整改期限"),
        ("是否销号", "销号情况"),
        ("隐患ＩＤ", "隐患编号"),
        ("联系电话", None),
        ("死亡人数", None),
        (45415, None),
        (None, None),
    ],
)
def test_hazard_column(name: Cell, canonical: str | None) -> None:
    assert recognise(name, "hazards") == canonical


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("直接经济损失（元）", "直接经济损失(元)"),
        ("直接经济损失(万元)", "直接经济损失(万元)"),
        ("直接经济损失", "直接经济损失"),
        ("直接经济损失（美元）", None),
        ("死亡人数(人)", "死亡人数"),
        ("事故发生时间", "事故时间"),
    ],
)
def test_accident_column(name: str, canonical: str | None) -> None:
    assert recognise(name, "accidents") == canonical


def test_columns_of_a_real_ledger_are_all_known() -> None:
    if not REAL.exists():
        pytest.skip(f"the columns of a real ledger are not here: {REAL}")
    with REAL.open(encoding="utf-8") as file:
        columns = [row["column"] for row in csv.DictReader(file)]
    assert [column for column in columns if recognise(column, "hazards") is None] == []


def test_header_below_a_title() -> None:
    rows: list[list[Cell]] = [
        ["××县安全隐患台账", None, None, None],
        ["填报单位：××县", None, "2024年5月", None],
        ["序号", "单位编码", "检查时间", "备注"],
        [1, "A1", "2024-05-03", "x"],
    ]
    end, columns = find_header(rows, "hazards")
    assert end == 3
    assert columns.names == ("序号", "单位编码", "检查时间", "备注")
    assert columns.other == ("备注",)


def test_header_in_two_lines() -> None:
    rows: list[list[Cell]] = [
        ["单位编码", "检查时间", "整改情况", None, None],
        [None, None, "整改期限", "整改责任人", "整改完成日期"],
        ["A1", "2024-05-03", "2024-05-31", "某人", "2024-05-10"],
    ]
    end, columns = find_header(rows, "hazards")
    assert end == 2
    assert columns.names == ("单位编码", "检查时间", "整改期限", "整改责任人", "整改完成日期")


def test_header_in_two_lines_of_which_the_first_is_fuller() -> None:
    rows: list[list[Cell]] = [
        ["隐患编号", "单位编码", "检查时间", "整改情况", None],
        [None, None, None, "整改期限", "整改完成日期"],
        ["YH-1", "A1", "2024-05-03", "2024-05-31", "2024-05-10"],
    ]
    end, columns = find_header(rows, "hazards")
    assert end == 2
    assert columns.names == ("隐患编号", "单位编码", "检查时间", "整改期限", "整改完成日期")


def test_header_in_two_lines_with_more_in_the_second_and_merged_cells_repeated() -> None:
    rows: list[list[Cell]] = [
        ["单位编码", "隐患", None, None, "整改情况"],
        ["单位编码", "检查时间", "隐患类型", "隐患等级", "整改期限"],
        ["A1", "2024-05-03", "x", "一般", "2024-05-31"],
    ]
    end, columns = find_header(rows, "hazards")
    assert end == 2
    assert columns.names == ("单位编码", "检查时间", "隐患类型", "隐患等级", "整改期限")


def test_header_in_two_lines_of_which_the_second_is_fuller() -> None:
    rows: list[list[Cell]] = [
        ["单位编码", "隐患"],
        [None, "检查时间", "隐患类型", "隐患等级"],
        ["A1", "2024-05-03", "x", "一般"],
    ]
    end, columns = find_header(rows, "hazards")
    assert end == 2
    assert columns.names == ("单位编码", "检查时间", "隐患类型", "隐患等级")


def test_row_of_data_is_no_second_line() -> None:
    rows: list[list[Cell]] = [["单位编码", "检查时间", "备注"], ["A1", None, "等级"]]
    assert find_header(rows, "hazards")[0] == 1


def test_row_of_data_is_no_first_line() -> None:
    rows: list[list[Cell]] = [["编号", "A1"], ["隐患编号", "单位编码", "检查时间"]]
    assert find_header(rows, "hazards")[1].names == ("隐患编号", "单位编码", "检查时间")


@pytest.mark.parametrize(
    "rows",
    [[], [[]], [["a", "b"], ["c", "d"]], [["单位编码", "x"]], [[1, 2.5, None]]],
)
def test_no_header(rows: list[list[Cell]]) -> None:
    with pytest.raises(Invalid, match="没有找到表头") as caught:
        find_header(rows, "hazards")
    assert "检查时间" in caught.value.zh


def test_missing_header_says_what_was_seen() -> None:
    with pytest.raises(Invalid, match="看到的列：甲、乙；应有的列：序号、单位编码") as caught:
        find_header([["标题"], ["甲", None, "乙"]], "hazards")
    assert "seen: 甲、乙" in caught.value.en
    with pytest.raises(Invalid, match="甲30…；"):
        find_header([[f"甲{n}" for n in range(1, 40)]], "hazards")


def test_header_must_stand_among_the_first_rows() -> None:
    title: list[Cell] = ["说明"]
    rows: list[list[Cell]] = [*[title] * 9, ["单位编码", "检查时间"]]
    assert find_header(rows, "hazards")[0] == 10
    with pytest.raises(Invalid, match="没有找到表头"):
        find_header([title, *rows], "hazards")


@pytest.mark.parametrize(
    ("kind", "header", "missing"),
    [
        ("hazards", ["隐患编号", "单位编码"], "检查时间"),
        ("hazards", ["隐患编号", "检查时间"], "单位编码"),
        ("accidents", ["单位编码", "事故时间"], "事故编号"),
        ("accidents", ["事故编号", "单位编码"], "事故时间"),
    ],
)
def test_required_column_is_missed(kind: Kind, header: list[str], missing: str) -> None:
    with pytest.raises(Invalid, match=f"缺少必需的列：{missing}") as caught:
        find_header([header], kind)
    assert caught.value.where == missing


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(Invalid, match="“单位编码”和“统一社会信用代码”两列都是“单位编码”"):
        names([*MINIMAL, "统一社会信用代码"])
    with pytest.raises(Invalid, match="两列都是“直接经济损失”"):
        names(
            ["单位编码", "事故编号", "事故时间", "直接经济损失(元)", "直接经济损失(万元)"],
            kind="accidents",
        )


def test_unknown_columns_keep_their_names() -> None:
    assert names([*MINIMAL, "备注", "", "备 注", "备注", None]) == (
        *MINIMAL,
        *("备注", "第4列", "备 注", "备注(6)", "第7列"),
    )


def test_too_many_columns() -> None:
    header: list[Cell] = [*MINIMAL, *(f"列{n}" for n in range(MAX_COLUMNS))]
    with pytest.raises(Invalid, match="超过 200 列"):
        names(header)
    assert len(names([*header[:MAX_COLUMNS], None])) == MAX_COLUMNS


def test_mapping_goes_before_what_is_known() -> None:
    assert names(["单位编码", "甲", "检查时间"], ("甲", "检查时间"), ("检查时间", "其他")) == (
        *("单位编码", "检查时间"),
        "检查时间(3)",
    )


def test_mapped_column_takes_the_meaning_from_an_alias() -> None:
    header = ["内部编号", "统一社会信用代码", "检查时间"]
    assert names(header, ("内部编号", "单位编码")) == ("单位编码", "统一社会信用代码", "检查时间")
    assert names([*MINIMAL, "统一社会信用代码"], ("统一社会信用代码", "忽略")) == (*MINIMAL, None)
    assert names([*MINIMAL, "企业代码"], ("企业代码", "OTHER")) == (*MINIMAL, "企业代码")


def test_mapping_takes_aliases_and_folds_names() -> None:
    assert names(["单位编码", "日 期（排查）"], ("日期(排查)", "排查时间")) == tuple(MINIMAL)


def test_mapping_for_one_kind_only() -> None:
    mapping = ColumnMapping.of(
        [("号", "隐患编号", "hazards"), ("号", "事故编号", "accidents"), ("亡", "死亡人数", None)]
    )
    assert mapping.entries == {
        "hazards": {"号": "隐患编号"},
        "accidents": {"号": "事故编号", "亡": "死亡人数"},
    }


def test_mapping_of_an_absent_column_is_told() -> None:
    mapping = ColumnMapping.of([("没有此列", "检查人", None), ("检查时间", "检查时间", None)])
    assert find_header([MINIMAL], "hazards", mapping)[1].unused == ("没有此列",)


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([("甲", "检查时候", None)], "“甲 → 检查时候” 有误：不是标准列名"),
        ([("甲", "", None)], "不是标准列名"),
        ([("", "检查时间", None)], "没有写列名"),
        ([("甲", "检查时间", None), ("甲 ", "整改期限", None)], "“甲 → 整改期限” 有误：此列已有"),
        ([("甲", "死亡人数", "hazards")], "不是标准列名"),
    ],
)
def test_bad_entry_is_named(pairs: list[tuple[str, str, Kind | None]], text: str) -> None:
    with pytest.raises(Invalid, match=text) as caught:
        ColumnMapping.of(pairs)
    assert "检查时间" in caught.value.todo_zh


def test_same_entry_twice_is_no_contradiction() -> None:
    assert ColumnMapping.of([("甲", "检查时间", None)] * 2).entries["hazards"] == {"甲": "检查时间"}


def test_two_columns_mapped_to_one_are_refused() -> None:
    with pytest.raises(Invalid, match="“甲”和“乙”两列都是“检查时间”"):
        names(["单位编码", "甲", "乙"], ("甲", "检查时间"), ("乙", "检查时间"))


def test_cells_by_column() -> None:
    columns = find_header([["单位编码", "检查时间", "身份证号"]], "hazards")[1]
    assert columns.cells(["A1", "x", "y"]) == {"单位编码": "A1", "检查时间": "x", "身份证号": "y"}
    assert columns.cells(["A1", "x", "y", "", None]) == columns.cells(["A1", "x", "y"])
    assert columns.cells(["A1", "x", "y", "z", "", 3])[MISSHAPEN] == "z | 3"
    assert columns.cells(["A1"]) == {"单位编码": "A1", MISSHAPEN: ""}


def test_ignored_column_is_left_out() -> None:
    mapping = ColumnMapping.of([("身份证号", "ignore", None)])
    columns = find_header([["单位编码", "身份证号", "检查时间"]], "hazards", mapping)[1]
    assert columns.cells(["A1", "secret", "x"]) == {"单位编码": "A1", "检查时间": "x"}
    assert columns.other == ()


def test_recognised_counts_the_best_row() -> None:
    assert recognised([["甲"], ["单位编码", "检查时间"], ["检查人"]], "hazards") == 2
    assert recognised([], "hazards") == 0


def test_canonical_names_hold_both_kinds() -> None:
    assert {"隐患编号", "事故编号", "单位编码", "直接经济损失(万元)"} <= set(canonical_names())
    assert len(canonical_names()) == len(set(canonical_names()))

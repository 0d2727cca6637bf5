from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hazard import HazardLevel
from domain.intake.problem import SENTENCES, Cell, Flaw, as_text, excerpt
from domain.intake.values import read_count, read_level, read_loss, read_status, read_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" 动火\n作业 ", "动火\n作业"),
        (3, "3"),
        (3.5, "3.5"),
        (date(2024, 5, 3), "2024-05-03"),
        (datetime.fromisoformat("2024-05-03T14:30"), "2024-05-03 14:30:00"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("全角　空格", "全角　空格"),
    ],
)
def test_text(cell: Cell, text: str) -> None:
    assert read_text(cell) == (text, ())
    assert as_text(cell) == text


def test_invisible_characters_are_removed_and_named() -> None:
    assert read_text("\ufeff未\x00戴\u200b安全帽\x07") == (
        "未戴安全帽",
        (Flaw("control_characters", "U+0000 U+0007 U+200B U+FEFF"),),
    )


def test_direction_marks_and_halves_of_characters_are_removed() -> None:
    assert read_text("甲\ud800")[0] == "甲"
    assert read_text("\u202e已整改")[0] == "已整改"


def test_overlong_text_is_cut_and_said_so() -> None:
    assert read_text("长" * 10_000) == ("长" * 10_000, ())
    assert read_text("长" * 10_001) == ("长" * 10_000, (Flaw("overlong", "10000"),))
    assert read_text("甲\x00乙丙", limit=2) == (
        "甲乙",
        (Flaw("control_characters", "U+0000"), Flaw("overlong", "2")),
    )


@given(st.text())
def test_text_read_once_is_clean(text: str) -> None:
    clean, _ = read_text(text)
    assert read_text(clean) == (clean, ())


@pytest.mark.parametrize(
    "cell",
    [
        "一般",
        "一般隐患",
        " 一般事故隐患 ",
        "一般安全隐患",
        "一般生产安全事故隐患",
        "一般问题",
        "一般（C级）",
    ],
)
def test_general(cell: Cell) -> None:
    assert read_level(cell) == (HazardLevel.GENERAL, ())


@pytest.mark.parametrize(
    "cell",
    ["重大", "重大隐患", "重大事故隐患", "重大生产安全事故隐患", "重大火灾隐患", "重 大\n隐患"],
)
def test_major(cell: Cell) -> None:
    assert read_level(cell) == (HazardLevel.MAJOR, ())


@pytest.mark.parametrize("cell", ["较大", "Ⅰ级", "特别重大", "一般/重大", "A", 1, "一般或重大"])
def test_unknown_level(cell: Cell) -> None:
    assert read_level(cell) == (None, (Flaw("unknown_level"),))


@pytest.mark.parametrize("cell", [None, "", "/", "无"])
def test_no_level_and_no_status(cell: Cell) -> None:
    assert read_level(cell) == (None, ())
    assert read_status(cell) == (None, ())


@pytest.mark.parametrize(
    ("cell", "word", "closed"),
    [
        ("已销号", "已销号", True),
        ("已整改", "已整改", True),
        ("已完成", "已完成", True),
        (" 是 ", "是", True),
        ("√", "√", True),
        ("yes", "yes", True),
        ("TRUE", "TRUE", True),
        ("整改中", "整改中", False),
        ("未销号", "未销号", False),
        ("未整 改", "未整改", False),
        ("否", "否", False),
        ("×", "×", False),
        ("no", "no", False),
    ],
)
def test_status(cell: Cell, word: str, closed: bool) -> None:  # noqa: FBT001 - a table of cases
    status, flaws = read_status(cell)
    assert status == (word, closed)
    assert flaws == ()


@pytest.mark.parametrize("cell", ["已于5月3日整改完成", "张三负责", "1", 1, "大概"])
def test_unknown_status(cell: Cell) -> None:
    assert read_status(cell) == (None, (Flaw("unknown_status"),))


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (3, 3),
        (0, 0),
        (3.0, 3),
        ("3", 3),
        ("3人", 3),
        ("３ 人", 3),
        ("12名", 12),
        ("无", 0),
        ("+2", 2),
    ],
)
def test_count(cell: Cell, count: int) -> None:
    assert read_count(cell) == (count, ())


@pytest.mark.parametrize("cell", [None, "", "/", "-"])
def test_no_count(cell: Cell) -> None:
    assert read_count(cell) == (None, ())


@pytest.mark.parametrize(
    "cell", [-1, 3.5, "三人", "约3人", "3-5人", "2024-05-03", "9999999999", "1e3"]
)
def test_unreadable_count(cell: Cell) -> None:
    assert read_count(cell) == (None, (Flaw("unreadable_count"),))


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("1,200,000.00", 120_000_000),
        ("1200000", 120_000_000),
        (1_200_000, 120_000_000),
        (1234.56, 123_456),
        ("￥1,200", 120_000),
        ("120万元", 120_000_000),
        ("1.2 亿元", 12_000_000_000),
        ("5千元", 500_000),
        ("人民币120万元整", 120_000_000),
        ("0", 0),
        ("无", 0),
        ("０.０１元", 1),
    ],
)
def test_loss(cell: Cell, fen: int) -> None:
    assert read_loss(cell) == (fen, ())


@pytest.mark.parametrize(
    ("cell", "unit", "fen", "codes"),
    [
        ("12.3456", 10_000, 12_345_600, []),
        (0.29, 10_000, 290_000, []),
        ("120万元", 10_000, 120_000_000, []),
        ("500元", 10_000, 50_000, []),
        ("200", None, 20_000, ["loss_unit_unstated"]),
        ("0", None, 0, []),
        ("200万", None, 200_000_000, []),
        ("约200万元", 1, 200_000_000, ["approximate_loss"]),
        ("200余万元", 1, 200_000_000, ["approximate_loss"]),
        ("200万元左右", 1, 200_000_000, ["approximate_loss"]),
        ("0.005", 1, 0, ["loss_rounded"]),
        ("0.015", 1, 2, ["loss_rounded"]),
        (None, 1, None, []),
        ("/", 1, None, []),
        ("很大", 1, None, ["unreadable_loss"]),
        ("-5", 1, None, ["unreadable_loss"]),
        ("100至200万元", 1, None, ["unreadable_loss"]),
        ("1,20,000", 1, None, ["unreadable_loss"]),
        ("100万美元", 1, None, ["unreadable_loss"]),
        ("90071992547410亿", 1, None, ["unreadable_loss"]),
        (float("nan"), 1, None, []),
        (float("inf"), 1, None, ["unreadable_loss"]),
    ],
)
def test_loss_with_a_unit(cell: Cell, unit: int | None, fen: int | None, codes: list[str]) -> None:
    loss, flaws = read_loss(cell, unit)
    assert (loss, [flaw.code for flaw in flaws]) == (fen, codes)


@given(st.decimals(0, Decimal(10**10), places=2))
def test_every_amount_is_read_to_the_fen(yuan: Decimal) -> None:
    assert read_loss(f"{yuan}") == (int(yuan * 100), ())
    assert read_loss(f"{yuan:,}元") == (int(yuan * 100), ())
    assert read_loss(f"{yuan / 10_000}", 10_000) == (int(yuan * 100), ())


def test_float_loss_is_read_as_it_is_shown() -> None:
    assert read_loss(0.1 + 0.2) == (30, (Flaw("loss_rounded"),))


@given(st.text() | st.integers() | st.floats())
def test_no_cell_is_too_odd(cell: Cell) -> None:
    for read in (read_count, read_level, read_status, read_loss):
        value, _ = read(cell)
        assert value is None or not isinstance(value, float)


def test_every_sentence_can_be_said() -> None:
    for code in SENTENCES:
        problem = Flaw(code, "甲").at("列", "值")
        assert problem.code == code
        assert problem.value_excerpt == "值"
        assert all((problem.zh, problem.en, problem.todo_zh, problem.todo_en))
        assert "{" not in problem.zh + problem.en


def test_excerpt_is_short_and_visible() -> None:
    assert excerpt("甲\x00\n乙") == "甲� 乙"
    assert excerpt("甲" * 81) == "甲" * 80 + "…"
    assert excerpt(None) == ""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.figures.axis import Axis
from api.pages.figures.measure import Box, rows, shorten, width, wrap
from api.pages.figures.svg import circled, number, path
from api.pages.words import Speech
from tests.api.pages.sample import instant

_TEXT = st.text(alphabet="反应釜安全联锁失效abcXYZ 019，。（）“”·-/é", max_size=60)


def test_a_chinese_character_is_one_em_and_latin_letters_are_narrower() -> None:
    assert width("反应釜", 13) == 39
    assert width("（“·…", 10) == 40
    assert 5 < width("0", 10) < 6.5
    assert width("W", 10) > width("i", 10)
    assert width("abc", 10, bold=True) > width("abc", 10)
    assert width("e\u0301", 10) == width("e", 10)


@given(_TEXT, st.floats(20, 400))
def test_a_shortened_text_fits_and_begins_as_it_did(text: str, limit: float) -> None:
    found = shorten(text, 13, limit)
    assert width(found, 13) <= limit
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


@given(_TEXT, st.floats(30, 300), st.integers(1, 4))
def test_a_wrapped_text_fits_and_loses_nothing_unsaid(text: str, limit: float, lines: int) -> None:
    found = wrap(text, 13, limit, lines)
    assert len(found) <= lines
    assert all(width(line, 13) <= limit for line in found)
    if not any(line.endswith("…") for line in found):
        assert "".join("".join(found).split()) == "".join(text.split())


def test_a_line_neither_begins_nor_ends_with_the_wrong_mark() -> None:
    assert wrap("沂南县应急管理局，危化科", 10, 80, 3) == ["沂南县应急管", "理局，危化科"]
    assert wrap("沂南县应急管理，危化", 10, 70, 3) == ["沂南县应急", "管理，危化"]
    assert wrap("落实（五落实）", 10, 30, 4) == ["落实", "（五落", "实）"]
    assert wrap("approved by 张涛", 10, 70, 3) == ["approved", "by 张涛"]
    assert wrap("", 10, 50, 2) == []


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 40)), max_size=30))
def test_what_shares_a_row_stands_clear(pairs: list[tuple[int, int]]) -> None:
    extents = [(float(left), float(left + wide)) for left, wide in pairs]
    places = rows(extents, 5)
    for row in set(places):
        inside = sorted(e for e, place in zip(extents, places, strict=True) if place == row)
        assert all(first[1] + 5 <= second[0] for first, second in pairwise(inside))


def test_boxes_meet_where_they_overlap() -> None:
    box = Box(0, 0, 10, 10)
    assert box.meets(Box(9, 9, 20, 20))
    assert not box.meets(Box(10, 0, 20, 10))
    assert box.meets(Box(12, 0, 20, 10), gap=3)


def test_coordinates_and_paths_are_brief() -> None:
    assert [number(10.04), number(3.25), number(-0.5)] == ["10", "3.2", "-0.5"]
    assert path("M", 1, 2.5, "l", -3, 4, "Z") == '<path d="M1 2.5l-3 4Z"/>'


def test_numbers_are_circled_as_far_as_there_are_circles() -> None:
    assert [circled(n) for n in (1, 20, 21, 35, 36, 50, 51)] == [*"①⑳㉑㉟㊱㊿", "[51]"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("hours", [6, 12, 30, 80, 24 * 20, 24 * 90, 24 * 400, 24 * 1100, 24 * 9000])
def test_the_axis_has_legible_ticks_at_every_length(hours: int, lang: str) -> None:
    end = instant("2024-09-18 14:25")
    axis = Axis(end - timedelta(hours=hours), end, 232, 1352)
    ticks = axis.ticks(Speech("zh" if lang == "zh" else "en"), 12.5)
    assert any(tick.major for tick in ticks)
    assert len(ticks) >= 2
    assert all(232 <= tick.x <= 1352 for tick in ticks)
    spans = [
        (t.x + 6, t.x + 6 + width(t.words, 12.5, bold=True)) if t.major
        else (t.x - width(t.words, 12.5) / 2, t.x + width(t.words, 12.5) / 2)
        for t in ticks
    ]  # fmt: skip
    assert all(first[1] + 10 <= second[0] for first, second in pairwise(spans))


def test_the_axis_says_the_unit_that_fits() -> None:
    end = instant("2024-09-18 14:25")

    def words(days: float) -> list[str]:
        axis = Axis(end - timedelta(days=days), end, 232, 1352)
        return [tick.words for tick in axis.ticks(Speech("zh"), 12.5)]

    assert "12:00" in words(0.5)
    assert "9月18日" in words(2)
    assert "15" in words(20)
    assert {"2024年6月", "7月", "11", "21"} <= set(words(105))
    assert {"2023年10月", "12月", "2024年1月"} <= set(words(380))
    assert {"2023年", "三季度"} <= set(words(1100))
    assert "2011年" in words(9000)


def test_a_day_lies_at_its_noon_and_nothing_lies_outside() -> None:
    axis = Axis(instant("2024-09-01 00:00"), instant("2024-09-11 00:00"), 0, 1000)
    assert axis.x(instant("2024-09-02 00:00")) == 100
    assert axis.x(instant("2024-09-02 00:00").date()) == 50  # 09-01 by UTC's date
    assert axis.x(instant("2020-01-01 00:00")) == 0
    assert axis.x(instant("2030-01-01 00:00")) == 1000

"""Lines for a terminal: Chinese is broken anywhere but within a number or before what closes."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from api.terminal import in_lines


def test_a_line_is_filled_and_a_number_is_whole() -> None:
    text = "第 12 条签名之后还没有名册同时载明其岗位和密钥，录于2024-05-20。"
    assert list(in_lines(text, 24)) == [
        "第 12 条签名之后还没有名",
        "册同时载明其岗位和密钥，",
        "录于2024-05-20。",
    ]
    assert list(in_lines("岗位和密钥，录于", 10)) == ["岗位和密", "钥，录于"]
    assert list(in_lines("that no other fact bears on it", 12)) == [
        "that no",
        "other fact",
        "bears on it",
    ]
    assert list(in_lines("", 10)) == [""]


@given(
    text=st.text(st.sampled_from("第十条签名（ 12-05ab"), max_size=60), width=st.integers(70, 90)
)
def test_nothing_is_lost_and_lines_fit(text: str, width: int) -> None:
    lines = list(in_lines(text * 3, width))
    assert "".join("".join(lines).split()) == "".join((text * 3).split())
    assert all(cell_len(line) <= max(width, longest(text * 3)) for line in lines)


def longest(text: str) -> int:
    return max((len(number) for number in re.findall("[!-~]+", text)), default=0)

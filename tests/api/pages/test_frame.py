"""What stands around every page, and the tables on it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from api.pages.menu import MENU, menu
from api.pages.render import Page, Switches, environment, error_page
from api.pages.table import Cell, Column, Field, Table, Tag
from api.pages.words import WORDS, Speech
from domain.errors import NotFound


class Row(NamedTuple):
    number: str
    days: int


TABLE = Table(
    (
        Column[Row]("unit", lambda row: Cell(row.number, f"/x/{row.number}", note="注")),
        Column[Row]("level", lambda row: Cell("一般", tags=(Tag(f"超期{row.days}天", "red"),))),
    ),
    [Row("<1>", 3), Row("2", 0)],
)
NOTHING = NotFound("没有", "there is none")


def paths(path: str, *, inside: bool) -> list[str]:
    return [item.path for _, items in menu(path, inside=inside) for item, _ in items]


def current(path: str) -> list[str]:
    return [item.path for _, items in menu(path, inside=True) for item, here in items if here]


def test_the_public_is_led_to_public_pages_only() -> None:
    everything = [item for items in MENU.values() for item in items]
    assert paths("/check", inside=False) == [item.path for item in everything if item.public]
    assert paths("/check", inside=True) == [item.path for item in everything]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/policy/3.2c", ["/policy"]),
        ("/policyholder", []),
        ("/check/ABCD", ["/check"]),
        ("/nowhere", []),
    ],
)
def test_the_menu_says_on_which_page_one_is(path: str, expected: list[str]) -> None:
    assert current(path) == expected


def test_every_row_of_the_menu_has_its_words() -> None:
    assert all(group in WORDS for group in MENU)
    assert all(item.word in WORDS for items in MENU.values() for item in items)
    shown = [item.path for items in MENU.values() for item in items]
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize("simulated", [True, False])
def test_every_page_of_a_demonstration_says_so(simulated: bool) -> None:  # noqa: FBT001
    html = error_page(404, NOTHING, "zh", Switches(simulated=simulated))
    assert ("演示数据" in html) is simulated


FIELDS = (
    Field("q", "unit", value="a"),
    Field("level", "level", "choice", "b", (("", "全部"), ("b", "重大"))),
    Field("late", "level", "tick", "1"),
)


def test_a_table_is_shown_as_it_is_described() -> None:
    html = render_macro("{{ l.table(table, page) }}", table=TABLE)
    assert '<th scope="row"><a href="/x/&lt;1&gt;?large=1">&lt;1&gt;</a>' in html
    assert '<span class="tag red">超期3天</span>' in html
    assert f'data-l="{Speech("zh")("level")}"' in html


def test_filters_keep_what_is_asked_for_and_how_the_page_is_shown() -> None:
    html = render_macro("{{ l.filters(fields, page, '/x.xlsx') }}", fields=FIELDS)
    assert '<input type="hidden" name="large" value="1">' in html
    assert 'name="after"' not in html
    assert 'name="q" value="a"' in html
    assert '<option value="b" selected>重大</option>' in html
    assert 'value="1" checked' in html
    assert 'href="/x.xlsx" download' in html


def test_pages_of_a_list_lead_on_and_back() -> None:
    html = render_macro("{{ l.pages(page, 'cursor', 'before') }}")
    assert "after=cursor" in html
    assert 'href="?large=1&amp;q=a"' in html
    assert render_macro("{{ l.pages(page) }}").strip() == ""


def render_macro(text: str, **values: object) -> str:
    page = Page("zh", Switches(large=True), {"q": "a", "after": "9"})
    source = f"{{% import 'list.html' as l with context %}}{text}"
    return environment("zh").from_string(source).render(page=page, **values)

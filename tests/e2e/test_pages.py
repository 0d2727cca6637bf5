"""The pages of the demo, in a browser."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import expect

from domain.fact import leaf_hash
from domain.proof.code import short_code
from domain.proof.tiles import ENTRIES, WIDTH, Tile, read_entries
from tests.e2e.conftest import TRACE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.e2e.conftest import Visitor

DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WITHOUT_SCRIPT: dict[str, Any] = {**DESK, "java_script_enabled": False}
REPORT = "/reports/913713990000100143"
"""The monthly reports of the enterprise in which the demo's accident happens."""
LOOKS = ["", "?lang=en", "?large=1", "?contrast=1", "?lang=en&large=1&contrast=1"]

on_each_screen = pytest.mark.parametrize(
    "visit", [DESK, PHONE], ids=["desk", "phone"], indirect=True
)
in_each_look = pytest.mark.parametrize("look", LOOKS)
without_script = pytest.mark.parametrize("visit", [WITHOUT_SCRIPT], ids=[""], indirect=True)


def violations(page: Page) -> list[str]:
    """Return what axe-core finds: the rule, and the first element that breaks it."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


def scrolls_sideways(page: Page) -> bool:
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width > 0


def test_the_list_of_accidents_leads_to_the_accident(visit: Visitor) -> None:
    visit.go("/")
    visit.page.locator("nav.menu a", has_text="事故倒查").click()
    visit.page.locator("main table a").click()
    expect(visit.page.locator("h1")).to_contain_text("爆炸事故")
    assert not visit.complaints
    assert not visit.elsewhere()


@on_each_screen
@in_each_look
def test_the_trace(visit: Visitor, look: str, picture: Path) -> None:
    visit.go(TRACE + look)
    page = visit.page
    expect(page.locator("h1")).to_contain_text("爆炸事故")
    expect(page.locator("#findings .matter").first).to_be_visible()
    for figure in ("#swimlane", "#chain"):
        expect(page.locator(f"{figure} svg")).to_be_visible()
    page.screenshot(path=picture)
    assert not scrolls_sideways(page)
    assert violations(page) == []
    assert not visit.complaints
    assert not visit.elsewhere()


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/?lang=en&large=1", "/incidents/none/trace", "/nowhere"),
        *("/incidents", "/incidents?lang=en&large=1", "/duties", "/duties?lang=en&contrast=1"),
        *("/duties/gaps", "/duties/gaps?lang=en"),
        *("/reminders", "/reminders?lang=en&large=1"),
        *("/hazards", "/hazards?lang=en&overdue=1", "/hazards/new?lang=en&large=1"),
        *("/reports?year=2024", "/reports?year=2024&lang=en&contrast=1"),
        *(f"{REPORT}/2024-05", f"{REPORT}/2024-08?lang=en&large=1"),
        *("/check", "/check?lang=en", "/check/0000-0000-0000-0000"),
        *("/policy", "/policy?lang=en&large=1", "/policy/3.2c?contrast=1", "/settings"),
        *("/what-if", "/what-if?lang=en&large=1", "/system", "/system?lang=en&large=1"),
        *("/experts", "/experts?lang=en&fitting=1", "/experts/owed", "/experts/panel?lang=en"),
        *("/inspections", "/inspections/site?lang=en", "/inspections/plan?lang=en"),
        *("/orders", "/orders?lang=en&overdue=1", "/orders/new", "/listings", "/halts?lang=en"),
    ],
)
def test_the_other_pages_fit_and_are_accessible(visit: Visitor, path: str) -> None:
    visit.go(path)
    for screen in (DESK, PHONE):
        visit.page.set_viewport_size(screen["viewport"])
        assert not scrolls_sideways(visit.page)
        assert violations(visit.page) == []
    assert not visit.elsewhere()


@in_each_look
def test_a_document_is_checked_by_its_code(visit: Visitor, look: str) -> None:
    code = code_of_an_order(visit.address)
    visit.go(f"/check{look}")
    visit.page.locator("#code").fill(code.lower())
    visit.page.locator("form.ask button").click()
    expect(visit.page.locator("dl.facts")).to_contain_text(code)
    for screen in (DESK, PHONE):
        visit.page.set_viewport_size(screen["viewport"])
        assert not scrolls_sideways(visit.page)
        assert violations(visit.page) == []
    assert not visit.complaints


@in_each_look
def test_a_hazard_s_page(visit: Visitor, look: str, picture: Path) -> None:
    visit.go(f"/hazards{look}")
    visit.page.locator(".listed tbody a").first.click()
    expect(visit.page.locator(".steps").first).to_be_visible()
    visit.page.screenshot(path=picture)
    for screen in (DESK, PHONE):
        visit.page.set_viewport_size(screen["viewport"])
        assert not scrolls_sideways(visit.page)
        assert violations(visit.page) == []
    assert not visit.complaints
    assert not visit.elsewhere()


def code_of_an_order(address: str) -> str:
    """Return the code of the first order on record, as a monitor of the log finds it."""
    for number in range(40):
        answer = httpx.get(f"{address}/log/tile/entries/{number:03d}", timeout=60)
        for leaf in read_entries(Tile(ENTRIES, number, WIDTH), answer.content):
            if b'"topic":"order.issued"' in leaf:
                return short_code(leaf_hash(leaf))
    raise AssertionError("no order is on record")


def test_a_figure_on_a_phone_scrolls_in_its_own_box(visit: Visitor) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.go(TRACE)
    box = visit.page.locator("#swimlane .figure")
    assert box.evaluate("box => box.scrollWidth > 2 * box.clientWidth")
    box.evaluate("box => box.scrollLeft = 300")
    assert box.evaluate("box => box.scrollLeft") == 300


@without_script
def test_the_answer_as_known_at_the_accident_holds_nothing_entered_afterwards(
    visit: Visitor,
) -> None:
    visit.go(TRACE)
    afterwards = visit.page.locator("#afterwards tbody tr")
    late = visit.page.locator("#facts tr.late")
    assert afterwards.count() > 0
    assert late.count() > 0
    facts = visit.page.locator("#facts tbody tr").count()
    visit.page.locator("#known_at").fill("2024-09-12T15:25")
    visit.page.locator("form.ask button").click()
    expect(visit.page.locator("#known_at")).to_have_value("2024-09-12T15:25")
    assert afterwards.count() == 0
    assert late.count() == 0
    assert 0 < visit.page.locator("#facts tbody tr").count() < facts


@without_script
def test_the_links_beside_the_form_do_what_the_form_does(visit: Visitor) -> None:
    visit.go(TRACE)
    visit.page.locator("form.ask a").first.click()
    expect(visit.page.locator("#known_at")).to_have_value("2024-09-12T15:26")
    assert visit.page.locator("#afterwards tbody tr").count() == 0
    visit.page.locator("form.ask a").last.click()
    assert visit.page.locator("#afterwards tbody tr").count() > 0


def test_a_finding_leads_to_the_facts_it_rests_on(visit: Visitor) -> None:
    visit.go(TRACE)
    link = visit.page.locator("#findings .matter .refs a").first
    link.click()
    fact = visit.page.locator("#facts tr:target")
    expect(fact).to_be_in_viewport()
    assert f"#{fact.get_attribute('id')}" == link.get_attribute("href")
    top = visit.page.locator(".tabs").bounding_box()
    landed = fact.bounding_box()
    assert top is not None
    assert landed is not None
    assert landed["y"] >= top["y"] + top["height"], "the fact lies under the bar that stays"


def test_a_place_can_be_asked_about_from_the_list_of_accidents(visit: Visitor) -> None:
    visit.go("/incidents")
    visit.page.locator("#enterprise").fill("913713990000100143")
    visit.page.locator("#at").fill("2024-08-01T12:00")
    visit.page.locator("form.ask button").click()
    expect(visit.page.locator("h1")).to_contain_text("沂川澄溪化工有限公司")
    assert visit.page.locator("#hazards").is_visible()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/incidents/none/trace", "没有编号为 none 的事故"),
        ("/incidents/none/trace?lang=en", "no accident has the number none"),
        ("/nowhere", "没有这个地址"),
    ],
)
def test_what_is_not_there_is_told_in_plain_words(visit: Visitor, path: str, words: str) -> None:
    assert visit.go(path).status == 404
    expect(visit.page.locator("main")).to_contain_text(words)
    assert "--" not in visit.page.locator("main").inner_text(), "a command line's words"
    visit.page.locator("main a").click()
    assert visit.page.url.startswith(f"{visit.address}/")
    expect(visit.page.locator("main table").first).to_be_visible()


def test_on_paper_nothing_is_cut_off_and_what_is_for_the_screen_is_gone(
    visit: Visitor, picture: Path
) -> None:
    visit.go(TRACE)
    visit.page.emulate_media(media="print")
    for hidden in (".top", ".tabs", "form.ask"):
        expect(visit.page.locator(hidden)).to_be_hidden()
    visit.page.pdf(path=picture.with_suffix(".pdf"), prefer_css_page_size=True)
    visit.page.set_viewport_size({"width": 700, "height": 1000})  # A4 less its margins
    assert not scrolls_sideways(visit.page)
    for figure in ("#swimlane", "#chain"):
        box = visit.page.locator(f"{figure} .figure")
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth"), figure


@pytest.mark.parametrize("path", [TRACE, "/", "/static/style.css", "/api/v1/facts?limit=100"])
def test_answers_are_packed_for_whoever_takes_that(demo: str, path: str) -> None:
    plain = httpx.get(demo + path, headers={"Accept-Encoding": "identity"})
    packed = httpx.get(demo + path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.content == plain.content


def test_the_trace_costs_little_to_send(demo: str) -> None:
    with httpx.stream("GET", demo + TRACE, headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert len(sent) <= 60_000
    assert len(gzip.decompress(sent)) > 3 * len(sent)

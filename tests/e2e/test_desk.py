"""An officer's day: what is owed and by when, the list of it on another day, a calendar of it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import expect

from tests.e2e.test_pages import on_each_screen, scrolls_sideways, violations, without_script

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Visitor

OFFICER = "曹亦军"


def sign_in(visit: Visitor, name: str) -> None:
    visit.go("/sign-in")
    visit.page.locator("button[name=person]", has_text=name).click()
    expect(visit.page.locator(".who")).to_contain_text(name)


def at_the_desk(visit: Visitor, path: str = "/") -> None:
    """Open the desk, once all that is on record has been judged."""
    deadline = time.monotonic() + 180
    visit.go(path)
    while visit.page.locator(".notice[role=status]").count() and time.monotonic() < deadline:
        time.sleep(1)
        visit.go(path)


@on_each_screen
def test_an_officer_sees_what_they_owe_and_where_to_do_it(visit: Visitor, picture: Path) -> None:
    sign_in(visit, OFFICER)
    at_the_desk(visit)
    page = visit.page
    expect(page.locator("h1")).to_have_text(f"{OFFICER}的工作台")
    expect(page.locator("dl.tiles .red dd")).to_have_text(re.compile(r"[1-9]"))
    first = page.locator("section.panel").first
    expect(first).to_contain_text("逾期")
    page.screenshot(path=picture, full_page=True)
    assert not scrolls_sideways(page)
    assert violations(page) == []
    first.locator("tbody a", has_text="对月报所列隐患作整改效果评价和反馈").first.click()
    expect(page.locator("h1")).to_contain_text("月报")
    assert not visit.complaints
    assert not visit.elsewhere()


@without_script
def test_anybodys_duties_on_another_day_without_a_script(visit: Visitor) -> None:
    visit.go("/duties")
    visit.page.locator("#organisation").fill("澄溪化工")
    visit.page.locator("#as_at").fill("2024-09-12")
    visit.page.locator("form.filters button").click()
    heading = visit.page.locator("section.panel h2")
    expect(heading).to_contain_text("沂川澄溪化工有限公司的义务")
    expect(heading).to_contain_text("2024-09-12")
    expect(visit.page.locator("tbody tr", has_text="月底前报送").first).to_contain_text("2024-08")
    sheet = visit.page.locator("a[download]").get_attribute("href")
    answer = httpx.get(visit.address + str(sheet), timeout=120)
    assert answer.content[:2] == b"PK"


def test_a_calendar_of_deadlines(visit: Visitor, picture: Path) -> None:
    sign_in(visit, OFFICER)
    visit.go("/reminders")
    visit.page.locator("button", has_text="开通日历订阅").click()
    address = visit.page.locator("#address-shown").input_value()
    visit.page.screenshot(path=picture, full_page=True)
    assert violations(visit.page) == []
    answer = httpx.get(address, timeout=120)
    assert answer.text.startswith("BEGIN:VCALENDAR")
    visit.page.locator("button", has_text="停用").first.click()
    expect(visit.page.locator("main")).to_contain_text("尚未开通日历订阅")
    assert httpx.get(address, timeout=120).status_code == 404
    assert not visit.complaints

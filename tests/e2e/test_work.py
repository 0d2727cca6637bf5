"""Whole tasks of an enterprise's people in a browser: a hazard to its closing, a zero report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.api.conftest import made
from tests.e2e.test_pages import PHONE, scrolls_sideways, violations
from tests.e2e.test_signing import AUTHENTICATOR, Phone
from tests.support.county import County
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

MONTH = "2024-05"


@pytest.fixture
def web(postgres_url: str, tmp_path: Path) -> Iterator[Web]:
    """A ledger with a simulated clock, in which one may step into anybody's shoes."""
    with made(postgres_url, tmp_path, "simulated") as settings, Web.serving(settings) as web:
        yield web


@pytest.fixture
def phone(browser: Browser, web: Web) -> Iterator[Phone]:
    context = browser.new_context(**PHONE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield Phone(page, str(web.client.base_url).replace("127.0.0.1", "localhost"), complaints)
    context.close()


def person(web: Web, name: str) -> str:
    record: str = web.post("/persons", {"name": name}).json()["record"]
    return record


def become(phone: Phone, name: str, back: str) -> None:
    """Sign out, and step into somebody's shoes."""
    phone.page.context.clear_cookies()
    phone.go(f"/sign-in?back={back}")
    phone.page.get_by_role("button", name=name).click()
    phone.page.wait_for_url(f"{phone.address}{back}**")


def press(phone: Phone, button: str) -> None:
    phone.page.get_by_role("button", name=button).click()


def test_a_hazard_from_its_report_to_its_closing(web: Web, phone: Phone) -> None:
    county = County.begin(web)
    county.post("safety_manager", person(web, "许安全"))
    web.here.runner.wait_for(web.here.ledger.head().position, 60)
    become(phone, "许安全", "/hazards")
    page = phone.page
    page.get_by_role("link", name="登记隐患").click()
    page.get_by_label("隐患内容").fill("二号泵法兰渗漏")
    press(phone, "登记")
    expect(page.locator("h1")).to_contain_text("二号泵法兰渗漏")
    phone.fine()
    next_form = page.locator("#do form").first
    page.get_by_text("一般事故隐患").first.click()
    next_form.get_by_role("button").click()
    next_form.get_by_label("措施").fill("围挡并停用二号泵")
    next_form.get_by_role("button").click()
    next_form.get_by_text("整理上报公司").click()
    next_form.get_by_role("button").click()
    next_form.get_by_label("公示地点").fill("车间公示栏")
    next_form.get_by_role("button").click()
    next_form.get_by_label("措施").fill("更换垫片")
    next_form.get_by_label("责任人").select_option(index=1)
    next_form.get_by_label("完成期限").fill("2026-12-31")
    next_form.get_by_label("资金来源").fill("检修费用")
    next_form.get_by_role("button").click()
    expect(page.locator("#plan")).to_contain_text("齐全")
    next_form.get_by_role("button", name="开始整改").click()
    next_form.get_by_label("整改结果").fill("已更换并试压")
    next_form.get_by_role("button", name="整改完成").click()
    next_form.get_by_text("合格", exact=True).click()
    next_form.get_by_role("button", name="验收").click()
    next_form.get_by_role("button", name="销号").click()
    expect(page.locator("#do")).to_contain_text("本隐患已销号")
    phone.fine()
    assert not scrolls_sideways(page)


def test_a_zero_report_filed_signed_by_both_and_receipted(web: Web, phone: Phone) -> None:
    county = County.begin(web)
    county.post("safety_manager", person(web, "赵登记"))
    names = {"deputy": "李副总", "principal": "张总"}
    people = {role: person(web, name) for role, name in names.items()}
    for role, someone in people.items():
        county.post(role, someone)
    report = f"/reports/{county.id}/{MONTH}"
    for someone in people.values():
        become(phone, "赵登记", "/account")
        phone.go(f"/keys?person={someone}")
        press(phone, "登记通行密钥")
        phone.said("已登记")
    become(phone, "李副总", report)
    expect(phone.page.locator("#check")).to_contain_text("可以零报告")
    press(phone, "报送")
    for name in names.values():
        become(phone, name, report)
        phone.fine()
        phone.page.locator("#signatures").get_by_role("link", name="去签署").click()
        label = phone.page.locator("option", has_text=name).inner_text()
        phone.page.get_by_label("签署人").select_option(label=label)
        press(phone, "签署")
        phone.said("已签署")
    phone.go(report)
    expect(phone.page.locator("main")).to_contain_text("已生效")
    phone.page.locator("a.code.big").click()
    expect(phone.page.locator("main")).to_contain_text("月报")
    state = web.get(f"/reports/{county.enterprise}/{MONTH}").json()["state"]
    assert state["standing"] == "effective"
    assert violations(phone.page) == []

"""An inspection on site with no connection: nothing is lost, and nothing is recorded twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import DESK, PHONE, scrolls_sideways, violations

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.e2e.conftest import Visitor

SITE = "/inspections/site"
INSPECTOR, UNIT = "高秉文", "沂川澄溪化工有限公司"
on_a_phone = pytest.mark.parametrize("visit", [PHONE], ids=[""], indirect=True)


def sign_in(visit: Visitor, name: str, back: str = SITE) -> None:
    visit.go(f"/sign-in?back={back}")
    visit.page.locator(f"button:has-text('{name}')").first.click()
    visit.page.wait_for_url(f"{visit.address}{back}")


def ready(page: Page) -> None:
    expect(page.locator("#ready")).to_have_text(re.compile("离线|offline"))
    expect(page.locator("#who")).to_contain_text(INSPECTOR)


def told(page: Page, path: str) -> Any:  # noqa: ANN401 - any JSON
    return page.evaluate(
        "path => fetch(path, {headers: {Accept: 'application/json'}}).then((a) => a.json())", path
    )


def begin(page: Page, findings: tuple[str, ...] = ()) -> None:
    page.locator("#new").click()
    page.locator("#enterprise").fill(UNIT)
    page.locator("#place").fill("二车间")
    for officer in page.locator("#officers input").all()[:2]:
        officer.check()
    for number, text in enumerate(findings):
        page.locator("#add").click()
        page.locator("#findings textarea").nth(number).fill(text)


def photograph(page: Page) -> None:
    """Take a picture of the first finding."""
    jpeg = page.evaluate(
        """() => new Promise((done) => {
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 8;
            canvas.toBlob(async (blob) => done(Array.from(new Uint8Array(
                await blob.arrayBuffer()))), 'image/jpeg');
        })"""
    )
    page.locator("#findings input[type=file]").first.set_input_files(
        {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": bytes(jpeg)}
    )
    expect(page.locator("#findings figure")).to_have_count(1)


@on_a_phone
def test_an_inspection_without_a_connection(visit: Visitor, picture: Path) -> None:
    sign_in(visit, INSPECTOR)
    page = visit.page
    ready(page)
    visit.context.set_offline(True)
    page.reload()
    expect(page.locator("h1")).to_have_text("现场检查")
    expect(page.locator("#net")).to_have_text("没有网络，照常填写")
    begin(page, ("反应釜压力表超期未检", "通道堆放杂物"))
    page.locator("#findings .finding").nth(1).get_by_label("当场整改").check()
    photograph(page)
    page.locator("#signers input").first.check()
    page.locator("#how").select_option("refused")
    page.locator("#person").select_option("")
    page.locator("#name").fill("现场负责人甲")
    page.locator("#done").click()
    expect(page.locator("#lacks")).to_contain_text("拒签的理由和见证人")
    page.locator("#reason").fill("对第1项有异议")
    page.locator("#witness").fill("园区安全员")
    expect(page.locator("#saved")).to_have_text("已保存在本机")
    page.screenshot(path=picture, full_page=True)
    assert not scrolls_sideways(page)
    assert violations(page) == []

    page.close()  # as if the browser had been closed in the middle
    page = visit.context.new_page()
    page.goto(visit.address + SITE)
    expect(page.locator("#drafts li")).to_contain_text(UNIT)
    page.locator("#drafts button").click()
    expect(page.locator("#findings textarea").first).to_have_value("反应釜压力表超期未检")
    expect(page.locator("#witness")).to_have_value("园区安全员")
    page.locator("#done").click()
    expect(page.locator("#drafts li")).to_have_class("waiting")
    expect(page.locator("#count")).to_have_text("1 项未发送")
    assert violations(page) == []

    visit.context.set_offline(False)
    expect(page.locator("#drafts li")).to_have_class("sent")
    expect(page.locator("#count")).to_have_text("全部已发送")
    address = page.locator("#drafts a").get_attribute("href")
    assert address is not None
    record = address.rpartition("/")[2]
    page.locator("#send").click()
    page.reload()
    expect(page.locator("#count")).to_have_text("全部已发送")

    facts = told(page, f"/api/v1/inspections/{record}")["facts"]
    assert [fact["topic"] for fact in facts if fact["topic"].startswith("inspection.")] == [
        "inspection.held",
        *("inspection.finding_recorded", "inspection.finding_recorded"),
        "inspection.finding_disposed",
        *("inspection.record_signed", "inspection.record_signed"),
        "inspection.photographed",
    ]
    photographed = facts[-1]
    digest = photographed["data"]["digest"]
    photo = f"/inspections/{record}/photos/{digest}"
    assert page.evaluate("path => fetch(path).then((a) => a.status)", photo) == 200
    assert photographed["happened"] < photographed["recorded"]
    assert not visit.elsewhere()


@pytest.mark.parametrize("visit", [DESK], ids=[""], indirect=True)
def test_what_is_refused_is_told_and_can_be_put_right(visit: Visitor) -> None:
    sign_in(visit, INSPECTOR)
    page = visit.page
    ready(page)
    begin(page, ("台账缺页",))
    page.locator("#begun").fill("2199-01-01T08:00")
    page.locator("#done").click()
    expect(page.locator("#drafts li")).to_have_class("refused")
    expect(page.locator("#drafts [role=alert]")).to_contain_text("在收到之后")
    page.locator("#drafts button").click()
    expect(page.locator("#findings textarea")).to_have_value("台账缺页")
    page.locator("#begun").fill("2024-12-30T08:00")

    visit.context.clear_cookies()  # the session has expired meanwhile
    page.locator("#done").click()
    expect(page.locator("#stop")).to_contain_text("登录")
    expect(page.locator("#drafts li")).to_have_class("waiting")
    page.locator("#stop a").click()
    page.locator(f"button:has-text('{INSPECTOR}')").first.click()
    expect(page.locator("#drafts li")).to_have_class("sent")


@pytest.mark.parametrize("visit", [DESK], ids=[""], indirect=True)
def test_an_answer_that_was_lost_is_not_sent_as_another(visit: Visitor) -> None:
    sign_in(visit, INSPECTOR)
    page = visit.page
    ready(page)
    sent: list[str] = []

    def lose(route: Any) -> None:  # noqa: ANN401 - Playwright's
        sent.append(route.request.headers["idempotency-key"])
        if len(sent) == 1:
            route.fetch()  # the server records it, and the answer never arrives
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/commands", lose)
    begin(page)
    page.locator("#done").click()
    expect(page.locator("#drafts li")).to_have_class("waiting")
    page.locator("#send").click()
    expect(page.locator("#drafts li")).to_have_class("sent")
    assert len(sent) == 2
    assert len(set(sent)) == 1
    record = (page.locator("#drafts a").get_attribute("href") or "").rpartition("/")[2]
    facts = told(page, f"/api/v1/inspections/{record}")["facts"]
    assert [fact["topic"] for fact in facts] == ["inspection.held"]


@pytest.mark.parametrize("visit", [DESK], ids=[""], indirect=True)
def test_a_change_after_a_lost_answer_is_told_and_not_lost(visit: Visitor) -> None:
    sign_in(visit, INSPECTOR)
    page = visit.page
    ready(page)

    def lose(route: Any) -> None:  # noqa: ANN401 - Playwright's
        route.fetch()
        route.abort()

    page.route("**/api/v1/commands", lose)
    begin(page, ("先发送的内容",))
    with page.expect_event("requestfailed"):
        page.locator("#done").click()
    expect(page.locator("#drafts li")).to_have_class("waiting")
    page.unroute("**/api/v1/commands")
    page.locator("#drafts button").click()
    page.locator("#findings textarea").fill("后改的内容")
    photograph(page)
    page.route("**/photos?**", lambda route: route.fulfill(status=422, json={"detail": "照片不清"}))
    page.locator("#done").click()
    card = page.locator("#drafts li")
    expect(card).to_have_class("refused")
    expect(card).to_contain_text("其后的修改没有录入")
    expect(card).to_contain_text("照片不清")
    expect(card.get_by_text("从本机清除")).to_have_count(0)
    record = (card.locator("a").get_attribute("href") or "").rpartition("/")[2]
    facts = told(page, f"/api/v1/inspections/{record}")["facts"]
    found = [fact for fact in facts if fact["topic"] == "inspection.finding_recorded"]
    assert "先发送的内容" in str(found)
    card.get_by_role("button", name="修改").click()
    expect(page.locator("#findings textarea")).to_have_value("后改的内容")
    page.locator("#later").click()
    page.unroute("**/photos?**")
    card.get_by_text("重新发送照片").click()
    expect(card.get_by_text("从本机清除")).to_have_count(1)

"""A tip is written, sealed in the browser, sent and added to; only the keepers open it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pyrage
import pytest
from playwright.sync_api import expect
from pyrage import x25519

from api.tip_box import put_on_record
from api.tips import open_box
from domain.fact import seal_digest
from domain.tip import receipt_of, tip_id
from tests.api.conftest import made
from tests.e2e.test_pages import PHONE, scrolls_sideways, violations
from tests.support.county import County
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

WORDS = "三号车间把可燃气体报警器都拆了，夜班照常生产"
WHO = "欧阳知情，13800000099"


@pytest.fixture
def web(postgres_url: str, tmp_path: Path) -> Iterator[Web]:
    with made(postgres_url, tmp_path) as settings, Web.serving(settings) as web:
        yield web


def keeper(web: Web, county: County, title: str) -> Any:  # noqa: ANN401 - pyrage has no types
    body = {"organisation": county.department, "kind": "section_head", "title": title}
    post = web.post("/posts", {**body, "happened": "2024-01-01"}).json()["record"]
    identity = x25519.Identity.generate()
    key = {"body": county.department, "recipient": str(identity.to_public()), "keeper": post}
    assert web.post("/tip-keys", key).status_code == 201
    return identity


def opened(envelope: dict[str, Any], *identities: Any) -> str:  # noqa: ANN401 - as above
    data = envelope["ciphertext"].encode()
    for identity in identities:
        data = pyrage.decrypt(data + b"\n", [identity])
    inner = orjson.loads(data)
    assert envelope["commitment"] == seal_digest(inner["text"], bytes.fromhex(inner["salt"]))
    return str(inner["text"])


def test_age_files_of_our_own_are_read_by_others(web: Web, browser: Browser) -> None:
    """Of every length about a block's and a chunk's."""
    page = browser.new_page()
    page.goto(f"{web.client.base_url}/tips/new")
    identity = x25519.Identity.generate()
    for length in (0, 1, 63, 64, 65, 65535, 65536, 65537):
        file = page.evaluate(
            """async ([length, to]) => {
                const { encrypt } = await import("/static/age.js");
                return encrypt(new Uint8Array(length).fill(7), to);
            }""",
            [length, str(identity.to_public())],
        )
        assert pyrage.decrypt(file.encode() + b"\n", [identity]) == b"\x07" * length
    page.close()


def test_a_tip_from_the_browser_to_its_keepers(web: Web, browser: Browser, picture: Path) -> None:
    county = County.begin(web)
    setting = {"key": "5.2d.custodians", "value": "2", "since": "2024-01-01", "source": "试"}
    assert web.post("/settings/changed", setting).status_code == 201
    first, second = keeper(web, county, "举报科科长"), keeper(web, county, "纪检负责人")
    context = browser.new_context(**PHONE)
    page = context.new_page()
    sent: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(f"{web.client.base_url}/tips/new")
    page.get_by_label("举报内容").fill(WORDS)
    page.get_by_label("您的姓名和联系方式").fill(WHO)
    page.screenshot(path=picture, full_page=True)
    fine(page)
    page.get_by_role("button", name="加密并提交").click()
    expect(page.locator("#done")).to_be_visible(timeout=30_000)
    code = page.locator("#made").inner_text()
    fine(page)
    waiting = web.here.waiting.tip(bytes.fromhex(receipt_of(code)))
    assert waiting is not None
    told = orjson.loads(open_box(web.here.ledger, waiting) or "")
    content = first if told["content"]["keys"] == [told["identity"]["keys"][0]] else second
    assert opened(told["content"], content) == WORDS
    assert {opened(told["identity"], first, second), WHO} == {WHO}
    with pytest.raises(pyrage.DecryptError):
        opened(told["identity"], second)
    put_on_record(web.here)
    assert web.here.ledger.record(tip_id(receipt_of(code)))

    page.goto(f"{web.client.base_url}/tips")
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("main")).to_contain_text("待决定是否受理")

    page.goto(f"{web.client.base_url}/tips/new")
    page.get_by_label("补充以前的举报").fill(code.lower())
    page.get_by_label("举报内容").fill("昨晚又拆了两个")
    page.get_by_role("button", name="加密并提交").click()
    expect(page.locator("#done")).to_be_visible(timeout=30_000)
    assert put_on_record(web.here) == 1
    assert complaints == []
    everything = "\n".join(sent)
    for secret in (WORDS, WORDS[:6], WHO, "昨晚又拆"):
        assert secret not in everything
    context.close()


def fine(page: Page) -> None:
    assert not scrolls_sideways(page)
    assert violations(page) == []

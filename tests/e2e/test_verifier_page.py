"""The page as a stranger meets it: opened from the disk, a file chosen or dropped, and read."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from api.documents.paper import Paper
from api.documents.press import Mark, press
from api.verifier import verifier_page
from domain.fact import leaf_hash
from tests.e2e.test_pages import scrolls_sideways, violations
from tests.support.evidence import (
    DEPUTY,
    DISCLOSED,
    POLICY,
    PRINCIPAL,
    SHOWN,
    known_signers,
    zero_report,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.support.firefox import Firefox

DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
    document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
}"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as somebody is sent it: the page, evidence, the same changed, a policy."""
    folder = tmp_path_factory.mktemp("sent")
    (folder / "verify.html").write_bytes(verifier_page(POLICY).html)
    (folder / "plain.html").write_bytes(verifier_page().html)
    (folder / "policy.txt").write_text(POLICY, "utf-8")
    good = zero_report().bundle(*SHOWN, disclosed=DISCLOSED).write()
    (folder / "good.json").write_bytes(good)
    (folder / "good.pdf").write_bytes(on_paper(good))
    (folder / "changed.json").write_bytes(good.replace("张三".encode(), "王五".encode()))
    (folder / "alone.json").write_bytes(signed_by_one())
    return folder


def on_paper(evidence: bytes) -> bytes:
    paper = Paper("零报告", "2024年5月", "沂河化工有限公司", (), date(2024, 5, 31))
    at = datetime(2024, 6, 2, tzinfo=UTC)
    return press(paper, Mark("CODE", "CODE", (12,), 20, at, simulated=False, evidence=evidence))


def signed_by_one() -> bytes:
    log = known_signers()
    log.sign(DEPUTY, log.report())
    return log.bundle(*range(1, 13)).write()


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, files: Path) -> Iterator[Page]:
    """The page with the policy built in, in Chinese unless the test asks otherwise."""
    given: dict[str, Any] = {"locale": "zh-CN", **getattr(request, "param", {})}
    context = browser.new_context(**given)
    opened = context.new_page()
    wrong: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((files / "verify.html").as_uri())
    yield opened
    context.close()
    assert wrong == []
    assert {url for url in asked if not url.startswith(("file:", "data:"))} == set()


on_each_screen = pytest.mark.parametrize(
    "page",
    [
        {"viewport": {"width": 1440, "height": 900}},
        {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "en-GB"},
    ],
    ids=["desk", "phone"],
    indirect=True,
)


@on_each_screen
@pytest.mark.parametrize("name", ["", "good.json", "changed.json", "alone.json"])
def test_it_fits_and_is_accessible(page: Page, files: Path, name: str, picture: Path) -> None:
    if name:
        page.set_input_files("#bundle", files / name)
        expect(page.locator("#answer")).to_be_visible()
    page.screenshot(path=picture, full_page=True)
    assert not scrolls_sideways(page)
    assert violations(page) == []


def test_evidence_that_holds(page: Page, files: Path) -> None:
    page.set_input_files("#bundle", files / "good.json")
    expect(page.locator(".verdict.good h2")).to_have_text("核验通过")
    expect(page.locator(".gist")).to_contain_text("沂河化工有限公司")
    expect(page.locator(".gist")).to_contain_text("两人分别签名")
    proved = page.locator(".proved li")
    assert proved.count() == 10
    expect(page.locator("[data-claim=signed] .words").first).to_contain_text(
        "张三以沂河化工有限公司"
    )
    expect(page.locator(".who").nth(1)).to_contain_text("2024-06-02 11:04:05")
    expect(page.locator(".open")).to_contain_text("所记内容是否属实")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".verdict.good h2")).to_have_text("It holds")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".open")).to_contain_text("That what was recorded is true")


def test_a_document_on_paper_carries_its_evidence(page: Page, files: Path) -> None:
    page.set_input_files("#bundle", files / "good.pdf")
    expect(page.locator(".verdict.good")).to_be_visible()
    expect(page.locator(".gist")).to_contain_text("两人分别签名")
    expect(page.locator(".gist .note")).to_contain_text("纸面所印的文字")
    expect(page.locator(".open [data-claim=printed_words]")).to_contain_text("逐项对照")
    assert page.locator(".proved li").count() == 10
    digest = sha256((files / "good.pdf").read_bytes()).hexdigest()
    expect(page.locator("#answer")).to_contain_text(digest)


def test_evidence_that_was_changed(page: Page, files: Path) -> None:
    page.set_input_files("#bundle", files / "changed.json")
    expect(page.locator(".verdict.bad h2")).to_have_text("核验未通过，请勿采信")
    expect(page.locator("#answer")).to_contain_text("公开的内容与摘要不符")
    expect(page.locator("#answer")).to_contain_text("3 name")
    assert page.locator(".proved, .verdict.good").count() == 0


def test_what_is_wrong_with_a_good_file_is_said_at_once(page: Page, files: Path) -> None:
    page.set_input_files("#bundle", files / "alone.json")
    expect(page.locator(".verdict.noted h2")).to_have_text("文件真实，但请注意标 ▲ 之处")
    expect(page.locator(".gist .grave")).to_contain_text("缺少主要负责人的签名")


def test_it_can_be_dropped_and_needs_a_policy(page: Page, files: Path) -> None:
    page.goto((files / "plain.html").as_uri())
    expect(page.locator("#trust")).to_contain_text("还需要一份信任策略文件")
    drop(page, files / "good.json")
    expect(page.locator(".verdict.unsure")).to_contain_text("还缺信任策略")
    drop(page, files / "policy.txt")
    expect(page.locator(".verdict.good")).to_be_visible()
    expect(page.locator("#trust")).to_contain_text("city.example/witness 必须附署")


def drop(page: Page, file: Path) -> None:
    page.evaluate(DROP, [file.name, b64encode(file.read_bytes()).decode()])


def test_anything_else_is_refused_in_words(page: Page, files: Path, tmp_path: Path) -> None:
    for content in (b"", b"\xff\xfe", b"{}", b"%PDF-1.7", b"[" * 100_000):
        (tmp_path / "it").write_bytes(content)
        page.set_input_files("#bundle", tmp_path / "it")
        expect(page.locator(".verdict.bad")).to_be_visible()
    (tmp_path / "policy").write_text("quorum none and more\n", "utf-8")
    page.set_input_files("#bundle", tmp_path / "policy")
    expect(page.locator("#trust")).to_contain_text("信任策略文件有误")


def test_strangers_words_are_text(page: Page, tmp_path: Path) -> None:
    """Whoever writes into a ledger cannot write into the reader's page."""
    log = known_signers()
    evil = "<img src=x onerror=alert(1)></script><b>"
    report = log.report(to_org=evil)
    first = log.sign(DEPUTY, report, meaning=evil)
    log.sign(PRINCIPAL, report, after=leaf_hash(first).hex(), meaning=evil)
    (tmp_path / "evil.json").write_bytes(log.bundle(*range(1, 14)).write())
    page.set_input_files("#bundle", tmp_path / "evil.json")
    expect(page.locator(".proved")).to_contain_text(evil)
    assert page.locator("#answer img, #answer b").count() == 0


def test_on_paper(page: Page, files: Path, picture: Path) -> None:
    page.set_input_files("#bundle", files / "good.json")
    page.emulate_media(media="print")
    for hidden in ("#choose", ".tools", ".top nav"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".proved")).to_be_visible()
    page.pdf(path=picture.with_suffix(".pdf"))


def test_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Is this evidence genuine?")
    page.keyboard.press("Tab")
    expect(page.locator("#bundle")).to_be_focused()


def test_in_firefox(fox: Firefox, files: Path) -> None:
    """The same file, the same answer, by the other browser's own hands."""
    fox.open(files / "verify.html")
    for name, kind in (("good.json", "good"), ("changed.json", "bad"), ("good.pdf", "good")):
        fox.choose("#bundle", files / name)
        seen = fox.evaluate(
            "return new Promise((done) => { const look = () => {"
            "  const found = document.querySelector('.verdict');"
            "  const name = [...document.querySelectorAll('dd')].some((each) =>"
            "    each.textContent === arguments[0]);"
            "  if (found && name) done([found.className, found.textContent]);"
            "  else setTimeout(look, 50); }; look(); })",
            name,
        )
        assert seen[0] == f"verdict {kind}", seen
    claims = "return document.querySelectorAll('.proved li').length"
    assert fox.evaluate(claims) > 5


def test_it_is_served_under_a_strict_policy(demo: str, browser: Browser, files: Path) -> None:
    answer = httpx.get(f"{demo}/verify")
    policy = answer.headers["Content-Security-Policy"]
    assert re.match(r"default-src 'none'; .*script-src 'sha256-[^ ]+'; style-src 'sha256-", policy)
    assert "unsafe" not in policy
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.goto(f"{demo}/verify")
    page.set_input_files("#bundle", [files / "policy.txt", files / "good.json"])
    expect(page.locator(".verdict.good")).to_be_visible()
    context.close()
    assert wrong == []

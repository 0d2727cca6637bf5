"""A zero report signed by two people with passkeys, in a browser on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from api.access import issue_token
from domain.fact import Actor
from tests.api.conftest import made
from tests.e2e.test_pages import PHONE, scrolls_sideways, violations
from tests.support.county import County
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
MONTH = "2024-05"


@dataclass
class Phone:
    """A browser with an authenticator, and what went wrong behind its pages."""

    page: Page
    address: str
    complaints: list[str]

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def said(self, words: str) -> None:
        expect(self.page.locator("#said")).to_contain_text(words, timeout=20_000)

    def fine(self) -> None:
        assert not scrolls_sideways(self.page)
        assert violations(self.page) == []
        assert self.complaints == []


@pytest.fixture
def web(postgres_url: str, tmp_path: Path) -> Iterator[Web]:
    with made(postgres_url, tmp_path) as settings, Web.serving(settings) as web:
        yield web


@pytest.fixture
def phone(browser: Browser, web: Web) -> Iterator[Phone]:
    context = browser.new_context(**PHONE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    # A warning that RS256 is missing is no complaint: it is not among the suites that are taken.
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield Phone(page, str(web.client.base_url).replace("127.0.0.1", "localhost"), complaints)
    context.close()


def person(web: Web, name: str) -> str:
    record: str = web.post("/persons", {"name": name}).json()["record"]
    return record


def token_of_a_registrar(web: Web, county: County) -> str:
    here = web.here
    registrar = person(web, "赵登记")
    county.post("safety_manager", registrar)
    return issue_token(
        here.ledger,
        UUID(registrar),
        "登记密钥",
        until=None,
        now=here.now(),
        random=here.random,
        by=Actor(authentication="system"),
    )


def state(web: Web, county: County) -> dict[str, Any]:
    found: dict[str, Any] = web.get(f"/reports/{county.enterprise}/{MONTH}").json()["state"]
    return found


def test_two_people_sign_a_zero_report_with_passkeys(web: Web, phone: Phone) -> None:
    county = County.begin(web)
    token = token_of_a_registrar(web, county)
    for role, name in (("deputy", "李副总"), ("principal", "张总")):
        someone = person(web, name)
        county.post(role, someone)
        phone.go(f"/keys?person={someone}")
        phone.fine()
        phone.page.get_by_label("登记人的令牌").fill(token)
        phone.page.get_by_role("button", name="登记通行密钥").click()
        phone.said("已登记")
    filed = web.post(
        f"/reports/{county.enterprise}/{MONTH}/filed",
        {"kind": "zero", "to_org": county.department},
    )
    position = filed.json()["position"]
    for expected in ("李副总", "张总"):
        phone.go(f"/sign/{position}")
        expect(phone.page.locator("main")).to_contain_text("本单位2024年5月未发现新的事故隐患")
        phone.fine()
        chosen = phone.page.get_by_label("签署人")
        label = phone.page.locator("option", has_text=expected).inner_text()
        chosen.select_option(label=label)
        phone.page.get_by_role("button", name="签署").click()
        phone.said("已签署")
    assert state(web, county)["standing"] == "effective"
    phone.go(f"/sign/{position}?lang=en")
    expect(phone.page.locator("main")).to_contain_text("Nobody in a post")
    phone.fine()


def test_a_token_that_is_not_good_is_told(web: Web, phone: Phone) -> None:
    someone = person(web, "李副总")
    phone.go(f"/keys?person={someone}&lang=en")
    phone.page.get_by_label("The registrar's token").fill("daocha_" + "x" * 43)
    phone.page.get_by_role("button", name="Register a passkey").click()
    phone.said("no such token")

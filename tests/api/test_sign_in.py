"""Signing in with password and passkey, sessions, and how often one may try."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from api import sessions
from api.app import create_app
from api.porter import tell_failures
from api.settings import Settings
from api.sign_in import credentials_of, issue_code, revoke
from domain.errors import GateClosed
from domain.fact import Actor
from domain.ledger import Query
from domain.proof.encoding import write_base64
from domain.sign_in import Manner
from tests.api.conftest import made
from tests.support.authenticator import Authenticator
from tests.support.awaited import awaited
from tests.support.web import API, Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.county import County

OWNER = Actor(authentication="cli")
PASSWORD = "四个不相干的词 horse battery"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies and says where a form came from."""

    client: httpx.Client

    @classmethod
    @contextmanager
    def of(cls, web: Web, host: str = "") -> Iterator[Browser]:
        address = str(web.client.base_url)
        if host:
            address = address.replace("127.0.0.1", host)
        with httpx.Client(base_url=address, timeout=60, headers={"Accept": "text/html"}) as client:
            yield cls(client)

    @property
    def origin(self) -> str:
        return str(self.client.base_url).rstrip("/")

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.client.post(path, data=fields, headers={"Origin": self.origin})

    def sign_in(
        self, login: str, password: str = PASSWORD, back: str = "/account"
    ) -> httpx.Response:
        return self.post("/sign-in", login=login, password=password, back=back)

    def enrol(self, code: str, login: str, password: str = PASSWORD) -> httpx.Response:
        return self.post("/enrol", code=code, login=login, password=password, again=password)

    def me(self) -> dict[str, Any]:
        told: dict[str, Any] = self.client.get(f"{API}/me").json()
        return told

    def send(self, path: str, body: object, **headers: str) -> httpx.Response:
        sent = {"Idempotency-Key": str(uuid7()), "Origin": self.origin, "Accept": "*/*"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(API + path, json=body, headers=sent)


@pytest.fixture
def browser(web: Web) -> Iterator[Browser]:
    with Browser.of(web) as found:
        yield found


@pytest.fixture
def person(web: Web) -> str:
    found: str = web.post("/persons", {"name": "赵志强"}).json()["record"]
    return found


def code_for(web: Web, person: str, **options: Any) -> str:  # noqa: ANN401 - any option
    given: dict[str, Any] = {"now": datetime.now(UTC), "command": uuid7(), "by": OWNER, **options}
    return issue_code(web.here.ledger, UUID(person), **given)


def enrolled(web: Web, person: str) -> str:
    """Let a person have a password, and return their login name."""
    login = f"zhao-{uuid7().hex}"
    with Browser.of(web) as own:
        answer = own.enrol(code_for(web, person), login)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    return login


def about(web: Web, person: str) -> list[str]:
    entries = web.here.ledger.read(Query((f"person:{person}",)))
    return [entry.topic for entry in entries if not entry.topic.startswith("person.")]


class TestEnrolment:
    def test_somebody_makes_a_password_with_a_code_and_is_signed_in(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        answer = browser.enrol(code_for(web, person), f"zhao-{person}")
        assert answer.status_code == 303
        told = browser.me()
        assert (told["person"], told["authentication"]) == (person, "password")
        assert about(web, person) == ["enrolment.issued", "credential.registered", "sign_in.made"]

    def test_the_ledger_holds_neither_code_nor_login_nor_password(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        code, login = code_for(web, person), f"zhao-{person}"
        browser.enrol(code, login)
        head = web.here.ledger.head().position
        leaves = b"".join(each.leaf for each in web.here.ledger.range_raw(max(0, head - 20), 20))
        account = web.here.accounts.of(UUID(person))
        assert account is not None
        kept = account.verifier
        for secret in (code, code.replace("-", ""), login, PASSWORD, kept):
            assert secret.encode() not in leaves
        assert kept.startswith("$argon2id$")

    def test_a_code_is_good_once(self, web: Web, person: str, browser: Browser) -> None:
        code = code_for(web, person)
        assert browser.enrol(code, f"first-{person}").status_code == 303
        again = browser.enrol(code, f"second-{person}")
        assert again.status_code == 401
        assert "登记码无效" in again.text

    def test_a_code_runs_out(self, web: Web, person: str, browser: Browser) -> None:
        code = code_for(web, person, now=datetime.now(UTC) - timedelta(hours=3), hours=2)
        assert browser.enrol(code, f"zhao-{person}").status_code == 401

    def test_it_is_read_however_it_is_typed(self, web: Web, person: str, browser: Browser) -> None:
        code = code_for(web, person).lower().replace("-", " ")
        assert browser.enrol(code, f"zhao-{person}").status_code == 303

    def test_nobody_vouches_for_themself(self, web: Web, person: str) -> None:
        with pytest.raises(GateClosed, match="不得为自己"):
            code_for(web, person, by=Actor(authentication="token", person=UUID(person)))

    def test_a_registrar_gives_it_over_the_api(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        command = str(uuid7())
        answer = web.post("/enrolments", {"person": person}, Idempotency_Key=command)
        assert answer.status_code == 201, answer.text
        again = web.post("/enrolments", {"person": person}, Idempotency_Key=command)
        assert again.json() == answer.json(), "a repeated command gives the same code"
        assert browser.enrol(answer.json()["code"], f"zhao-{person}").status_code == 303

    @pytest.mark.parametrize(
        ("login", "password", "again"),
        [
            ("zhao", "short", "short"),
            ("zhao", "aaaabbbbaaaabbbb", "aaaabbbbaaaabbbb"),
            ("zhaozhiqiang", "zhaozhiqiang-2024", "zhaozhiqiang-2024"),
            ("zhao", PASSWORD, PASSWORD + "x"),
            ("  ", PASSWORD, PASSWORD),
        ],
    )
    def test_what_is_easily_guessed_is_refused(
        self, web: Web, person: str, browser: Browser, login: str, password: str, again: str
    ) -> None:
        code = code_for(web, person)
        fields = {"code": code, "login": login, "password": password, "again": again}
        assert browser.post("/enrol", **fields).status_code == 422
        assert browser.enrol(code, f"zhao-{person}").status_code == 303, "the code is not used up"

    def test_a_login_name_is_one_persons(self, web: Web, person: str, browser: Browser) -> None:
        login = enrolled(web, person)
        other = web.post("/persons", {"name": "钱某"}).json()["record"]
        answer = browser.enrol(code_for(web, other), login.upper())
        assert (answer.status_code, "已有人使用" in answer.text) == (409, True)

    def test_a_new_password_takes_the_old_ones_place(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        browser.enrol(code_for(web, person), login, PASSWORD + " new")
        with Browser.of(web) as fresh:
            assert fresh.sign_in(login).status_code == 401
            assert fresh.sign_in(login, PASSWORD + " new").status_code == 303
        assert len(credentials_of(web.here.ledger, UUID(person))) == 1


class TestPassword:
    def test_signing_in_leads_back(self, web: Web, person: str, browser: Browser) -> None:
        answer = browser.sign_in(enrolled(web, person), back="/policy?lang=en")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/policy?lang=en")

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
    def test_but_never_to_another_site(
        self, web: Web, person: str, browser: Browser, back: str
    ) -> None:
        assert browser.sign_in(enrolled(web, person), back=back).headers["Location"] == "/"

    def test_what_is_wrong_is_not_said(self, web: Web, person: str, browser: Browser) -> None:
        login = enrolled(web, person)
        wrong = browser.sign_in(login, "another password altogether")
        unknown = browser.sign_in(f"nobody-{person}", "another password altogether")
        assert (wrong.status_code, unknown.status_code) == (401, 401)
        assert wrong.text == unknown.text
        assert "登录名或密码不对" in wrong.text

    def test_a_form_on_another_site_signs_nobody_in(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        fields = {"login": enrolled(web, person), "password": PASSWORD}
        for headers in ({"Origin": "https://evil.example"}, {}, {"Origin": "null"}):
            answer = browser.client.post("/sign-in", data=fields, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers

    def test_a_revoked_one_is_good_for_nothing(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        browser.sign_in(login)
        (credential,) = credentials_of(web.here.ledger, UUID(person))
        here = web.here
        revoke(here.ledger, here.accounts, credential, now=here.now(), by=OWNER)
        assert browser.client.get(f"{API}/me").status_code == 401, "the session has ended too"
        assert browser.sign_in(login).status_code == 401

    def test_an_erased_person_signs_in_no_more(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        erased = web.post(f"/persons/{person}/erased", {"basis": "个人信息保护法第四十七条"})
        assert erased.status_code == 201, erased.text
        assert browser.sign_in(login).status_code == 401

    def test_nor_after_a_backup_brought_back_the_time_before(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        browser.sign_in(login)
        web.here.ledger.vault.bar(UUID(person))  # all that outlives such a restore
        with Web.serving(web.here.settings) as restored:
            browser.client.base_url = str(restored.client.base_url)
            assert browser.me().get("person") is None
            assert browser.sign_in(login).status_code == 401

    def test_changing_it_ends_all_other_sessions(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        with Browser.of(web) as elsewhere:
            elsewhere.sign_in(login)
            browser.sign_in(login)
            token = browser.me()["token"]
            new = PASSWORD + " 2"
            fields = {"csrf": token, "old": PASSWORD, "password": new, "again": new}
            assert browser.post("/account/password", **{**fields, "old": "x"}).status_code == 401
            assert browser.post("/account/password", **fields).status_code == 303
            assert browser.me()["person"] == person
            assert elsewhere.client.get(f"{API}/me").status_code == 401
        assert browser.sign_in(login).status_code == 401
        assert browser.sign_in(login, new).status_code == 303


class TestAttempts:
    def test_guessing_is_slowed_down_and_says_for_how_long(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        answers = [browser.sign_in(login, "a wrong password") for _ in range(12)]
        assert {answer.status_code for answer in answers[:10]} == {401}
        assert answers[-1].status_code == 429
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 31

    def test_strangers_lock_nobody_out_of_their_own_browser(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        browser.sign_in(login)
        with Browser.of(web) as stranger:
            for _ in range(12):
                last = stranger.sign_in(login, "a wrong password")
        assert last.status_code == 429
        assert browser.sign_in(login).status_code == 303

    def test_a_forged_mark_of_a_browser_counts_for_nothing(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        for number in range(12):
            browser.client.cookies.set("daocha-device", f"n{number}.{'0' * 64}")
            last = browser.sign_in(login, "a wrong password")
        assert last.status_code == 429

    def test_failures_are_on_record_together_and_name_nobody_who_tried(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        for _ in range(3):
            browser.sign_in(login, "a wrong password")
        tell_failures(web.here)
        browser.sign_in(login, "a wrong password")
        tell_failures(web.here)
        told = web.here.ledger.read(Query((f"person:{person}",), ("sign_in.failed",)))
        assert [entry.fact.attempts for entry in told] == [3]  # type: ignore[attr-defined]
        assert told[0].by == Actor(authentication="system")


class TestSessions:
    def test_its_cookie_is_strict(self, web: Web, person: str, browser: Browser) -> None:
        answer = browser.sign_in(enrolled(web, person))
        cookies = answer.headers.get_list("set-cookie")
        assert len(cookies) == 2
        for cookie in cookies:
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert "Path=/" in cookie
            assert "Domain" not in cookie

    def test_over_https_it_is_bound_to_the_host(self, web: Web, person: str) -> None:
        origin = "https://aj.example.gov.cn"
        app = create_app(settings := Settings(public_url=origin))
        app.state.serving = replace(web.here, settings=settings)
        fields = {"login": enrolled(web, person), "password": PASSWORD}

        async def send(method: str, path: str, **sent: Any) -> httpx.Response:  # noqa: ANN401
            transport = httpx.ASGITransport(app, client=("127.0.0.1", 5))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as far:
                return await far.request(method, path, **sent)

        headers = {"Origin": origin}
        answer = awaited(lambda: send("POST", "/sign-in", data=fields, headers=headers))
        assert answer.status_code == 303
        cookies = answer.headers.get_list("set-cookie")
        assert [cookie.split("=")[0] for cookie in cookies] == [
            "__Host-daocha",
            "__Host-daocha-device",
        ]
        assert all("Secure" in cookie for cookie in cookies)
        answer = awaited(lambda: send("GET", f"{API}/me"))
        assert answer.status_code == 401, "behind a public address nobody is the owner"

    def test_the_database_holds_no_cookie(self, web: Web, person: str, browser: Browser) -> None:
        browser.sign_in(enrolled(web, person))
        secret = browser.client.cookies["daocha"]
        assert len(secret) >= 43
        assert web.here.accounts.session(secret.encode()) is None

    def test_signing_out(self, web: Web, person: str, browser: Browser) -> None:
        browser.sign_in(enrolled(web, person))
        kept = browser.client.cookies["daocha"]
        answer = browser.post("/sign-out", csrf=browser.me()["token"])
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
        assert "daocha" not in browser.client.cookies
        browser.client.cookies.set("daocha", kept)
        assert browser.client.get(f"{API}/me").status_code == 401
        assert about(web, person)[-1] == "sign_in.ended"

    def test_signing_out_everywhere(self, web: Web, person: str, browser: Browser) -> None:
        login = enrolled(web, person)
        browser.sign_in(login)
        with Browser.of(web) as other:
            other.sign_in(login)
            browser.post("/sign-out", csrf=browser.me()["token"], everywhere="true")
            assert other.client.get(f"{API}/me").status_code == 401

    @pytest.mark.parametrize(("later", "holds"), [(29, True), (31, False)])
    def test_one_that_is_not_used_ends(
        self, web: Web, person: str, later: int, *, holds: bool
    ) -> None:
        now = datetime.now(UTC)
        secret = begun(web, person, now - timedelta(minutes=later))
        answer = web.client.get(f"{API}/me", headers={"Cookie": f"daocha={secret}"})
        assert (answer.status_code == 200) is holds

    def test_one_that_is_used_ends_too(self, web: Web, person: str) -> None:
        began = datetime.now(UTC) - timedelta(hours=12, seconds=1)
        secret = begun(web, person, began)
        digest = web.here.ledger.vault.keyed_digest(b"session\n" + secret.encode())
        web.here.accounts.touch(digest, datetime.now(UTC))
        answer = web.client.get(f"{API}/me", headers={"Cookie": f"daocha={secret}"})
        assert answer.status_code == 401

    @pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 4000])
    def test_a_made_up_one_is_worse_than_none(self, web: Web, cookie: str) -> None:
        answer = web.client.get(f"{API}/me", headers={"Cookie": f"daocha={cookie}"})
        assert answer.status_code == 401

    def test_a_page_leads_to_signing_in_and_back(self, browser: Browser) -> None:
        browser.client.cookies.set("daocha", "gone")
        answer = browser.client.get("/policy?lang=en")
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/sign-in?lang=en&back=%2Fpolicy%3Flang%3Den"
        page = browser.client.get(answer.headers["Location"])
        assert page.status_code == 200
        assert 'value="/policy?lang=en"' in page.text
        assert "Max-Age=0" in page.headers["Set-Cookie"], "the dead cookie is dropped"


class TestMeant:
    """A browser sends the cookie; that its user meant it, the page has to show."""

    def test_what_is_done_is_done_by_whoever_signed_in(
        self, web: Web, county: County, person: str, browser: Browser
    ) -> None:
        post = county.post("safety_manager", person)
        browser.sign_in(enrolled(web, person))
        token = browser.me()["token"]
        answer = browser.send("/hazards", county.found(by_post=post), X_CSRF_Token=token)
        assert answer.status_code == 201, answer.text
        fact = web.client.get(answer.headers["Location"]).json()
        assert (fact["authentication"], fact["person"]) == ("password", person)

    @pytest.mark.parametrize(
        "changed",
        [
            {"X_CSRF_Token": ""},
            {"X_CSRF_Token": "A" * 43},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site"},
        ],
    )
    def test_nothing_is_done_for_another_site(
        self, web: Web, county: County, person: str, browser: Browser, changed: dict[str, str]
    ) -> None:
        browser.sign_in(enrolled(web, person))
        sent = {"X_CSRF_Token": browser.me()["token"], **changed}
        answer = browser.send("/hazards", county.found(), **sent)
        assert answer.status_code == 403
        assert answer.json()["todo"]

    def test_the_token_of_another_session_does_not_do(
        self, web: Web, person: str, browser: Browser
    ) -> None:
        login = enrolled(web, person)
        browser.sign_in(login)
        with Browser.of(web) as other:
            other.sign_in(login)
            token = other.me()["token"]
        assert browser.post("/sign-out", csrf=token).status_code == 403


class TestPasskeys:
    @pytest.fixture
    def local(self, web: Web) -> Iterator[Browser]:
        with Browser.of(web, "localhost") as found:
            yield found

    def enrol(self, browser: Browser, code: str) -> tuple[Authenticator, httpx.Response]:
        key = Authenticator(browser.origin, uuid7().bytes)
        options = browser.send("/enrolments/passkey/options", {"code": code}).json()["options"]
        client_data, data = key.create(options)
        answer = browser.send(
            "/enrolments/passkey",
            {
                "code": code,
                "challenge": options["challenge"],
                "client_data": base64(client_data),
                "authenticator_data": base64(data),
            },
        )
        return key, answer

    def answer(self, browser: Browser, key: Authenticator, **changed: str) -> httpx.Response:
        options = browser.send("/sign-in/passkey/options", {}).json()["options"]
        signature = key.sign(options["challenge"])
        body = {
            "credential": url(key.credential),
            "challenge": options["challenge"],
            "client_data": signature["client_data"],
            "authenticator_data": signature["authenticator_data"],
            "signature": signature["value"],
            **changed,
        }
        self.sent = body
        return browser.send("/sign-in/passkey", body)

    def test_somebody_makes_one_and_signs_in_with_it(
        self, web: Web, person: str, local: Browser
    ) -> None:
        key, answer = self.enrol(local, code_for(web, person))
        assert answer.status_code == 200, answer.text
        assert answer.json()["person"] == person
        local.client.cookies.clear()
        assert self.answer(local, key).status_code == 200
        told = local.me()
        assert (told["person"], told["authentication"]) == (person, "passkey")

    def test_it_signs_no_document(self, web: Web, person: str, local: Browser) -> None:
        key, _ = self.enrol(local, code_for(web, person))
        assert web.get(f"/keys/{uuid7()}").status_code == 404
        entries = web.here.ledger.read(Query((f"person:{person}",), ("key.registered",)))
        assert entries == []
        assert key.key_id

    def test_an_answer_is_good_once(self, web: Web, person: str, local: Browser) -> None:
        key, _ = self.enrol(local, code_for(web, person))
        assert self.answer(local, key).status_code == 200
        again = local.send("/sign-in/passkey", self.sent)
        assert again.status_code == 401

    def test_a_challenge_that_nobody_asked_is_refused(
        self, web: Web, person: str, local: Browser
    ) -> None:
        key, _ = self.enrol(local, code_for(web, person))
        made_up = url(b"c" * 32)
        signature = key.sign(made_up)
        body = {
            "credential": url(key.credential),
            "challenge": made_up,
            "client_data": signature["client_data"],
            "authenticator_data": signature["authenticator_data"],
            "signature": signature["value"],
        }
        assert local.send("/sign-in/passkey", body).status_code == 401

    def test_another_key_is_refused_and_counted(
        self, web: Web, person: str, local: Browser
    ) -> None:
        key, _ = self.enrol(local, code_for(web, person))
        thief = Authenticator(local.origin, key.credential)
        assert self.answer(local, thief).status_code == 422
        tell_failures(web.here)
        assert about(web, person)[-1] == "sign_in.failed"

    def test_one_that_is_not_registered_or_was_revoked(
        self, web: Web, person: str, local: Browser
    ) -> None:
        assert self.answer(local, Authenticator(local.origin)).status_code == 401
        key, _ = self.enrol(local, code_for(web, person))
        (credential,) = credentials_of(web.here.ledger, UUID(person))
        here = web.here
        revoke(here.ledger, here.accounts, credential, now=here.now(), by=OWNER)
        assert self.answer(local, key).status_code == 401


class TestDemo:
    def test_only_a_demo_lends_anybodys_shoes(self, person: str, browser: Browser) -> None:
        assert browser.post("/sign-in/as", person=person).status_code == 403
        assert "换人体验" not in browser.client.get("/sign-in").text

    def test_in_the_demo_one_click_is_enough(self, postgres_url: str, tmp_path: Path) -> None:
        with made(postgres_url, tmp_path, "simulated") as settings, Web.serving(settings) as web:
            person = web.post("/persons", {"name": "赵志强"}).json()["record"]
            body = {"kind": "enterprise", "code": "E1", "name": "沂河化工"}
            web.post("/organisations", body)
            post = web.post("/posts", {"organisation": "E1", "kind": "deputy", "title": "副经理"})
            web.post(f"/posts/{post.json()['record']}/appointment-made", {"person": person})
            with Browser.of(web) as browser:
                page = browser.client.get("/sign-in").text
                assert re.search(rf'name="person" value="{person}"', page)
                assert "赵志强" in page
                there = browser.post("/sign-in/as", person=person, back="/account")
                assert there.status_code == 303
                told = browser.me()
                assert (told["name"], told["authentication"]) == ("赵志强", "demo")
                assert [each["title"] for each in told["posts"]] == ["副经理"]
                page = browser.client.get("/account").text
                assert "沂河化工 · 副经理" in page
                assert browser.post("/sign-in/as", person=str(uuid7())).status_code == 404


class TestPages:
    @pytest.mark.parametrize("path", ["/sign-in", "/enrol", "/account"])
    def test_in_both_languages(self, web: Web, path: str) -> None:
        zh = web.client.get(path, headers={"Accept": "text/html"})
        en = web.client.get(f"{path}?lang=en", headers={"Accept": "text/html"})
        assert (zh.status_code, en.status_code) == (200, 200)
        assert zh.text != en.text
        assert "style=" not in zh.text
        assert "<script>" not in zh.text


def begun(web: Web, person: str, moment: datetime) -> str:
    """Begin a session at some moment and return its secret."""
    here = replace(web.here, now=lambda: moment)
    return sessions.begin(here, UUID(person), Manner.PASSWORD)


def base64(data: bytes) -> str:
    return write_base64(data)


def url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()

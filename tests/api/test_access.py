"""Who may ask and act: this machine where nobody else can reach it, and holders of tokens."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from starlette.requests import Request
from uuid_utils.compat import uuid7

from api.access import is_of_this_machine, issue_token, revoke_token
from api.app import create_app
from api.settings import Settings
from domain.access import PREFIX, token_id
from domain.errors import Contradiction
from domain.fact import Actor
from tests.support.awaited import awaited

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.support.county import County
    from tests.support.web import Web

SYSTEM = Actor(authentication="system")
LIST = "/api/v1/organisations"


def token_of(
    web: Web, person: str, *, until: datetime | None = None, now: datetime | None = None
) -> str:
    return issue_token(
        web.here.ledger,
        UUID(person),
        "值班室电脑",
        until=until,
        now=now or datetime.now(UTC),
        random=os.urandom,
        by=SYSTEM,
    )


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def person(web: Web) -> str:
    """Somebody on record."""
    found: str = web.post("/persons", {"name": "赵志强"}).json()["record"]
    return found


class TestTokens:
    def test_its_holder_may_ask_from_anywhere(self, web: Web, person: str) -> None:
        token = token_of(web, person)
        answer = web.from_elsewhere("GET", LIST, peer="203.0.113.9", headers=bearer(token))
        assert answer.status_code == 200

    def test_what_its_holder_does_is_done_by_them(
        self, web: Web, county: County, person: str
    ) -> None:
        county.post("safety_manager", person)
        token = token_of(web, person)
        answer = county.hazard(Authorization=f"Bearer {token}")
        fact = web.client.get(answer.headers["Location"]).json()
        assert (fact["authentication"], fact["person"]) == ("token", person)

    def test_the_ledger_does_not_hold_it(self, web: Web, person: str) -> None:
        token = token_of(web, person)
        (issued,) = web.here.ledger.record(token_id(token))
        (stored,) = web.here.ledger.range_raw(issued.position - 1, 1)
        assert token.startswith(PREFIX)
        assert len(token) >= len(PREFIX) + 43
        assert token.encode() not in stored.leaf
        assert token.removeprefix(PREFIX).encode() not in stored.leaf

    def test_a_revoked_one_is_good_for_nothing(self, web: Web, person: str) -> None:
        token = token_of(web, person)
        now = datetime.now(UTC)
        revoke_token(
            web.here.ledger, token_id(token), "遗失", now=now, random=os.urandom, by=SYSTEM
        )
        answer = web.client.get(LIST, headers=bearer(token))
        assert answer.status_code == 401
        assert answer.json()["detail"] == "令牌已吊销"

    def test_one_that_ran_out_is_good_for_nothing(self, web: Web, person: str) -> None:
        then = datetime.now(UTC) - timedelta(days=2)
        token = token_of(web, person, until=then + timedelta(days=1), now=then)
        answer = web.client.get(LIST, headers=bearer(token))
        assert (answer.status_code, answer.json()["detail"]) == (401, "令牌已过期")

    def test_only_somebody_on_record_gets_one(self, web: Web) -> None:
        with pytest.raises(Contradiction):
            token_of(web, str(uuid7()))

    def test_only_one_that_was_issued_is_revoked(self, web: Web) -> None:
        with pytest.raises(Contradiction, match="不在案"):
            revoke_token(
                web.here.ledger,
                token_id("daocha_x"),
                None,
                now=datetime.now(UTC),
                random=os.urandom,
                by=SYSTEM,
            )

    @pytest.mark.parametrize(
        "given",
        [
            *("", "Bearer", "Bearer daocha_", "Bearer daocha_" + "A" * 43),
            *("Basic YTpi", "Bearer x", "daocha_abc", "Bearer daocha_" + "A" * 500),
        ],
    )
    def test_a_wrong_one_is_worse_than_none(self, web: Web, given: str) -> None:
        """At this machine no token is needed; who shows a wrong one is told so all the same."""
        answer = web.client.get(LIST, headers={"Authorization": given})
        assert answer.status_code == 401, given
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["todo"]


class TestPosts:
    def test_acting_in_ones_post(self, web: Web, county: County, person: str) -> None:
        post = county.post("safety_manager", person)
        token = token_of(web, person)
        answer = county.hazard(by_post=post, Authorization=f"Bearer {token}")
        assert answer.status_code == 201, answer.text
        assert web.client.get(answer.headers["Location"]).json()["post"] == post

    @pytest.mark.parametrize("happened", ["2023-02-28", "2023-02-01T08:00:00Z"])
    def test_not_before_one_held_it(
        self, web: Web, county: County, person: str, happened: str
    ) -> None:
        post = county.post("safety_manager", person)
        token = token_of(web, person)
        sent = {"by_post": post, "Authorization": f"Bearer {token}"}
        answer = county.hazard(happened=happened, **sent)
        assert (answer.status_code, answer.json()["where"]) == (403, "by_post")

    def test_not_after_one_left_it(self, web: Web, county: County, person: str) -> None:
        post = county.post("safety_manager", person)
        ended = {"person": person, "happened": "2023-06-01"}
        web.post(f"/posts/{post}/appointment-ended", ended)
        token = token_of(web, person)
        sent = {"by_post": post, "Authorization": f"Bearer {token}"}
        assert county.hazard(happened="2023-07-01", **sent).status_code == 403
        assert county.hazard(happened="2023-05-01", **sent).status_code == 403

    def test_an_act_of_the_record_is_done_now(self, web: Web, county: County, person: str) -> None:
        """Whoever left the post last year signs nothing today, whatever date they give."""
        post = county.post("safety_manager", person)
        web.post(f"/posts/{post}/appointment-ended", {"person": person, "happened": "2023-06-01"})
        body = {"kind": "ordinary", "to_org": county.department, "happened": "2023-05-01"}
        path = f"/reports/{county.enterprise}/2023-04/filed"
        token = token_of(web, person)
        answer = web.post(path, {**body, "by_post": post}, Authorization=f"Bearer {token}")
        assert answer.status_code == 403

    def test_an_appointment_that_was_taken_back_never_was(
        self, web: Web, county: County, person: str
    ) -> None:
        post = county.post("safety_manager", person)
        facts = web.get(f"/posts/{post}").json()["facts"]
        body = {"positions": [facts[-1]["position"]], "reason": "录错人员"}
        assert web.post("/corrections", body).status_code == 201
        sent = {"by_post": post, "Authorization": f"Bearer {token_of(web, person)}"}
        assert county.hazard(**sent).status_code == 403

    def test_not_somebody_elses(self, web: Web, county: County, person: str) -> None:
        other = web.post("/persons", {"name": "孙丽"}).json()["record"]
        post = county.post("safety_manager", other)
        sent = {"by_post": post, "Authorization": f"Bearer {token_of(web, person)}"}
        assert county.hazard(**sent).status_code == 403

    def test_not_one_that_nobody_created(self, web: Web, county: County, person: str) -> None:
        sent = {"by_post": str(uuid7()), "Authorization": f"Bearer {token_of(web, person)}"}
        assert county.hazard(**sent).status_code == 403, "as of one that is somebody else's"

    def test_not_without_a_token(self, county: County) -> None:
        """Whoever sits at this machine is nobody in particular."""
        assert county.hazard(by_post=str(uuid7())).status_code == 403


class TestThisMachine:
    @pytest.mark.parametrize("peer", ["203.0.113.9", "10.0.0.2", "::ffff:10.0.0.2", "fe80::1", ""])
    def test_other_machines_need_a_token(self, web: Web, peer: str) -> None:
        answer = web.from_elsewhere("GET", LIST, peer=peer)
        assert answer.status_code == 401
        assert "Authorization" in answer.json()["todo"]

    @pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
    def test_this_one_does_not(self, web: Web, peer: str) -> None:
        assert web.from_elsewhere("GET", LIST, peer=peer).status_code == 200

    @pytest.mark.parametrize(
        "header",
        [
            {"X-Forwarded-For": "127.0.0.1"},
            {"Forwarded": "for=127.0.0.1"},
            {"X-Real-IP": "127.0.0.1"},
            {"Via": "1.1 proxy"},
        ],
    )
    def test_what_a_proxy_passes_on_is_not_of_this_machine(
        self, web: Web, header: dict[str, str]
    ) -> None:
        assert web.client.get(LIST, headers=header).status_code == 401
        far = web.from_elsewhere("GET", LIST, peer="203.0.113.9", headers=header)
        assert far.status_code == 401

    @pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "[", "10.0.0.2"])
    def test_another_hosts_name_is_a_trick(self, web: Web, host: str) -> None:
        """A page of another site whose name was pointed here (DNS rebinding)."""
        assert web.client.get(LIST, headers={"Host": host}).status_code == 401

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
    def test_another_sites_page_is_not_of_this_machine(self, web: Web, origin: str) -> None:
        assert web.client.get(LIST, headers={"Origin": origin}).status_code == 401

    def test_our_own_page_is(self, web: Web) -> None:
        origin = str(web.client.base_url).rstrip("/")
        assert web.client.get(LIST, headers={"Origin": origin}).status_code == 200

    def test_nobody_at_all_is_not(self) -> None:
        scope: dict[str, Any] = {"type": "http", "client": None, "scheme": "http", "path": "/"}
        scope |= {"headers": [(b"host", b"127.0.0.1")], "server": ("127.0.0.1", 80)}
        assert not is_of_this_machine(Request(scope))


class TestBeyondLoopback:
    @pytest.fixture(params=[{"host": "0.0.0.0"}, {"require_tokens": True}])  # noqa: S104
    def guarded(self, web: Web, request: pytest.FixtureRequest) -> FastAPI:
        """The same ledger behind a server that everybody can reach, or that trusts nobody."""
        settings = Settings(**request.param)
        app = create_app(settings)
        app.state.serving = replace(web.here, settings=settings)
        return app

    def ask(self, app: FastAPI, path: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app, client=("127.0.0.1", 5))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as far:
                return await far.get(path, headers=headers)

        return awaited(send)

    @pytest.mark.parametrize(
        "path", [LIST, "/api/v1/facts", "/api/v1/clauses", "/", "/trace?enterprise=E&at=2024-01-01"]
    )
    def test_everybody_needs_a_token(self, guarded: FastAPI, path: str) -> None:
        assert self.ask(guarded, path).status_code == 401

    def test_with_a_token_all_is_well(self, guarded: FastAPI, web: Web, person: str) -> None:
        assert self.ask(guarded, LIST, bearer(token_of(web, person))).status_code == 200

    @pytest.mark.parametrize("path", ["/health", "/docs", "/openapi.json", "/static/style.css"])
    def test_what_holds_no_data_is_open(self, guarded: FastAPI, path: str) -> None:
        assert self.ask(guarded, path).status_code == 200

    def test_a_browser_gets_a_page(self, guarded: FastAPI) -> None:
        answer = self.ask(guarded, "/settings", {"Accept": "text/html"})
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            "/sign-in?back=%2Fsettings",
        )
        page = self.ask(guarded, answer.headers["Location"], {"Accept": "text/html"})
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")

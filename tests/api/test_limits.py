"""How large, how deep, how slow and how frequent a request may be; and what is counted of it."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api import limits, protocol
from api.home import check_is_safe
from api.limits import Allowances, Arrivals, Rate, address_of, check_json, in_time
from api.problems import BadRequest, TooOften, TooSlow
from api.settings import Settings
from domain.errors import Invalid
from tests.support.awaited import awaited

if TYPE_CHECKING:
    from starlette.types import Message

    from tests.support.web import Web


_JSON = st.recursive(
    st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


class TestSize:
    def test_too_many_headers(self, web: Web) -> None:
        headers = {f"X-{n}": "v" for n in range(limits.MOST_HEADERS + 1)}
        assert web.client.get("/health", headers=headers).status_code == 431
        headers = {"X-Long": "v" * limits.MOST_HEADER_BYTES}
        assert web.client.get("/health", headers=headers).status_code == 431

    def test_a_query_that_is_too_long(self, web: Web) -> None:
        answer = web.client.get("/api/v1/hazards?name=" + "v" * limits.MOST_QUERY_BYTES)
        assert (answer.status_code, answer.headers["content-type"]) == (
            413,
            "application/problem+json",
        )

    def test_a_body_that_is_too_large(self, web: Web) -> None:
        answer = web.post("/hazards", {"description": "长" * web.here.settings.max_request_bytes})
        assert answer.status_code == 413

    @pytest.mark.parametrize(
        "body",
        [
            *(b"[" * 5000 + b"]" * 5000, b'{"a":' * 40 + b"1" + b"}" * 40, b"[" + b"1," * 30000),
            *(b"[]" * 200_000, b'""' * 200_000),
        ],
    )
    def test_json_that_is_too_deep_or_too_wide(self, web: Web, body: bytes) -> None:
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        answer = web.client.post("/api/v1/hazards", content=body, headers=headers)
        assert answer.status_code == 400

    @given(
        st.recursive(
            st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
        )
    )
    def test_depth_is_counted_as_it_is(self, value: object) -> None:
        text = orjson.dumps(value) if not _has_big(value) else json.dumps(value).encode()
        if _depth(value) <= limits.DEEPEST:
            check_json(text)
        nested = b"[" * limits.DEEPEST + text + b"]" * limits.DEEPEST
        if _depth(value):
            with pytest.raises(BadRequest):
                check_json(nested)
        else:
            check_json(nested)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _has_big(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_big, value.values()))
    if isinstance(value, list):
        return any(map(_has_big, value))
    return isinstance(value, int) and not -(2**63) <= value < 2**63


class TestRate:
    def test_an_allowance_is_used_up_and_comes_back(self) -> None:
        allowances, rate = Allowances(), Rate(3, 0.5)
        assert [allowances.take("k", "a", rate, 0) for _ in range(4)] == [0, 0, 0, 2]
        assert allowances.take("k", "b", rate, 0) == 0, "somebody else's is their own"
        assert allowances.take("k", "a", rate, 1) == 1
        assert allowances.take("k", "a", rate, 2) == 0
        assert allowances.take("k", "a", rate, 1000) == 0
        assert [allowances.take("k", "a", rate, 1000) for _ in range(3)] == [0, 0, 2]

    def test_strangers_are_told_when_to_come_back(
        self, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "OF_THE_PUBLIC", Rate(2, 0.1))
        peer = "203.0.113.77"
        paths = ["/check/ABCD-EFGH-JKLM-NPQR", "/tips", "/check"]
        told = [web.from_elsewhere("GET", f"{path}", peer=peer) for path in paths]
        answers = [*told, web.from_elsewhere("GET", "/tips", peer=peer)]
        assert answers[-1].status_code == 429
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10
        assert web.from_elsewhere("GET", "/tips", peer="203.0.113.78").status_code == 200

    def test_trying_out_tokens_costs(self, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "OF_AN_ADDRESS", Rate(50, 0.01))
        peer = "203.0.113.79"
        statuses = [
            web.from_elsewhere(
                "GET",
                "/api/v1/me",
                peer=peer,
                headers={"Authorization": f"Bearer daocha_{uuid4().hex}"},
            ).status_code
            for _ in range(5)
        ]
        assert statuses == [401, 401, 401, 429, 429]

    def test_a_trusted_proxy_says_where_it_comes_from(self) -> None:
        def request(peer: str, said: str) -> Request:
            headers = [(b"x-forwarded-for", said.encode())]
            return Request({"type": "http", "client": (peer, 1), "headers": headers})

        behind = Settings(trusted_proxies=("10.0.0.0/8",))
        assert address_of(request("10.1.2.3", "6.6.6.6, 203.0.113.5"), behind) == "203.0.113.5"
        assert address_of(request("10.1.2.3", "made up"), behind) == "10.1.2.3"
        assert address_of(request("198.51.100.1", "203.0.113.5"), behind) == "198.51.100.1"
        assert address_of(request("10.1.2.3", "203.0.113.5"), Settings()) == "10.1.2.3"
        public = Settings(public_url="https://aj.example.gov.cn")
        assert address_of(request("127.0.0.1", "203.0.113.5"), public) == "203.0.113.5"
        assert address_of(request("10.1.2.3", "203.0.113.5"), public) == "10.1.2.3"

    def test_the_last_line_counts_and_a_customers_network_is_one(self) -> None:
        headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"2001:db8:1:2:3::4")]
        request = Request({"type": "http", "client": ("127.0.0.1", 1), "headers": headers})
        public = Settings(public_url="https://aj.example.gov.cn")
        assert address_of(request, public) == "2001:db8:1:2::"

    def test_so_many_bodies_come_at_once(self) -> None:
        arrivals = Arrivals()
        with ExitStack() as stack:
            for _ in range(limits.MOST_FROM_ONE):
                stack.enter_context(arrivals.arriving("203.0.113.5"))
            with pytest.raises(TooOften):
                stack.enter_context(arrivals.arriving("203.0.113.5"))
            stack.enter_context(arrivals.arriving("203.0.113.6"))
            for _ in range(limits.MOST_ON_THEIR_WAY - limits.MOST_FROM_ONE - 1):
                stack.enter_context(arrivals.arriving("127.0.0.1"))
            with pytest.raises(TooOften):
                stack.enter_context(arrivals.arriving("127.0.0.1"))
        with arrivals.arriving("203.0.113.5"):
            pass


class TestTime:
    def test_a_body_that_does_not_come_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "SECONDS_FOR_A_BODY", 0.01)

        async def never() -> Message:
            await asyncio.sleep(3600)
            raise AssertionError

        async def wait() -> None:
            await in_time(never)()

        with pytest.raises(TooSlow):
            awaited(wait)

    def test_half_a_request_is_answered(self, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "SECONDS_FOR_A_BODY", 0.2)
        url = web.client.base_url
        with socket.create_connection((url.host, url.port or 80), timeout=60) as there:
            there.sendall(
                b"POST /api/v1/tips/follow HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            assert there.recv(65536).startswith(b"HTTP/1.1 408 ")

    def test_half_a_request_holds_no_place(self, web: Web) -> None:
        url = web.client.base_url
        with ExitStack() as stack:
            for _ in range(30):
                there = socket.create_connection((url.host, url.port or 80), timeout=60)
                stack.enter_context(closing(there)).sendall(
                    b"POST /api/v1/tips/follow HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
                )
            assert web.client.get("/health").status_code in (200, 503)
            assert web.app.state.crowd.inside == 0
            assert web.get("/hazards").status_code == 200

    def test_half_a_head_is_closed(self, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(protocol, "SECONDS_FOR_A_HEAD", 0.2)
        url = web.client.base_url
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "):
            with socket.create_connection((url.host, url.port or 80), timeout=60) as there:
                there.sendall(sent)
                assert there.recv(65536) == b""

    def test_a_head_without_end_is_refused(self, web: Web) -> None:
        url = web.client.base_url
        with socket.create_connection((url.host, url.port or 80), timeout=60) as there:
            there.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"v" * 100_000)
            assert there.recv(65536).startswith(b"HTTP/1.1 400 ")


class TestWhatIsCounted:
    def test_programs_at_this_machine_read_the_metrics(self, web: Web) -> None:
        web.get("/hazards")
        told = web.client.get("/metrics")
        assert told.status_code == 200
        assert 'daocha_requests_total{route="/hazards",method="GET",status="200"}' in told.text
        assert "daocha_up 1" in told.text
        assert web.from_elsewhere("GET", "/metrics", peer="203.0.113.9").status_code == 403

    def test_nothing_of_anybodys_is_in_them(self, web: Web) -> None:
        person = web.post("/persons", {"name": "欧阳计数"}).json()["record"]
        web.get(f"/persons/{person}")
        text = web.client.get("/metrics").text
        assert person not in text
        assert "欧阳计数" not in text


class TestWhereItIsServed:
    def test_real_facts_are_not_served_in_the_clear(self, web: Web) -> None:
        for unsafe in (
            Settings(host="192.0.2.1"),
            Settings(public_url="http://aj.example.gov.cn"),
            Settings(host="192.0.2.1", public_url="http://aj.example.gov.cn"),
        ):
            with pytest.raises(Invalid, match="HTTPS"):
                check_is_safe(unsafe, web.here.ledger)
        check_is_safe(Settings(), web.here.ledger)
        check_is_safe(Settings(public_url="https://aj.example.gov.cn"), web.here.ledger)

    def test_a_network_that_is_none(self) -> None:
        with pytest.raises(Invalid):
            Settings(trusted_proxies=("the proxy",))

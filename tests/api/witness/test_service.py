from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import httpx
import pytest

from api.witness import service
from api.witness.service import MAX_BODY, create_witness
from api.witness.state import State
from domain.fact import leaf_hash
from domain.proof.cosignature import (
    CosignatureVerifier,
    Ed25519Cosigner,
    MlDsaCosigner,
    MlDsaVerifier,
    cosigned_at,
)
from domain.proof.note import ED25519, Key, NoteSigner, NoteVerifier, Verifier, open_note
from tests.domain.proof.test_witness import SIGSUM_LOG, UNKNOWN_LOG, script
from tests.support.awaited import awaited
from tests.support.logs import LOG, History
from tests.support.vectors import needs_vectors
from tests.support.web import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

ED = Ed25519Cosigner("example.com/witness", bytes([1]) * 32)
ML = MlDsaCosigner("example.com/witness", bytes([2]) * 32)
HISTORY = History([leaf_hash(b"%d" % n) for n in range(40)])
MONITORED = f"/{sha256(LOG.key.name.encode()).hexdigest()}/checkpoint"


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.make(tmp_path / "witness.sqlite")
    assert state.add_log(str(LOG.key)) == LOG.key.name
    return state


@pytest.fixture
def client(state: State, clock: Clock) -> Iterator[httpx.Client]:
    app = create_witness(state, [ED, ML], clock)
    with listening(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def add(client: httpx.Client, body: bytes) -> httpx.Response:
    return client.post("/add-checkpoint", content=body)


def test_both_cosignatures_come_back_and_are_shown_to_monitors(client: httpx.Client) -> None:
    assert client.get(MONITORED).status_code == 404
    answer = add(client, HISTORY.request(0, 7))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    verifiers: list[Verifier] = [
        NoteVerifier(LOG.key),
        CosignatureVerifier(ED.key),
        MlDsaVerifier(ML.key),
    ]
    opened = open_note(HISTORY.note(7) + answer.content, verifiers)
    assert [each.name for each in opened.signatures] == [LOG.key.name, *[ED.key.name] * 2]
    assert {cosigned_at(each) for each in opened.signatures[1:]} == {
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    }
    shown = client.get(MONITORED)
    assert (shown.status_code, shown.content) == (200, HISTORY.note(7) + answer.content)
    assert client.get(MONITORED.replace("/", "/x", 1)).status_code == 404


def test_what_the_specification_says(client: httpx.Client) -> None:
    """Each status, in the order in which the specification asks."""
    other = History(HISTORY.leaves, NoteSigner("else.example/log", bytes([9]) * 32))
    forged = History(HISTORY.leaves, NoteSigner(LOG.key.name, bytes([9]) * 32))
    rewritten = History([leaf_hash(b"rewritten"), *HISTORY.leaves[1:]])
    assert add(client, b"old 0\n").status_code == 400
    assert add(client, other.request(0, 7)).status_code == 404
    assert add(client, forged.request(0, 7)).status_code == 403
    assert add(client, HISTORY.request(0, 7)).status_code == 200
    assert add(client, b"old 9\n\n" + HISTORY.note(8)).status_code == 400
    conflict = add(client, HISTORY.request(0, 9))
    assert (conflict.status_code, conflict.content) == (409, b"7\n")
    assert conflict.headers["Content-Type"] == "text/x.tlog.size"
    assert add(client, rewritten.request(7, 9)).status_code == 422
    assert add(client, rewritten.request(7, 7)).status_code == 422
    assert add(client, HISTORY.request(7, 7)).status_code == 200
    assert add(client, HISTORY.request(7, 9)).status_code == 200


@needs_vectors
def test_litewitness_script(client: httpx.Client, state: State) -> None:
    """The published conversation, over HTTP."""
    origin = f"sigsum.org/v1/tree/{sha256(bytes.fromhex(SIGSUM_LOG)).hexdigest()}"
    state.add_log(str(Key(origin, ED25519, bytes.fromhex(SIGSUM_LOG))))
    for request, status, how, expected in script("litewitness.txt"):
        answer = add(client, request)
        assert answer.status_code == (UNKNOWN_LOG if expected == "unknown log" else status)
        assert answer.text == expected if how == "==" else expected in answer.text


def test_a_log_may_have_two_keys_while_one_is_replaced(client: httpx.Client, state: State) -> None:
    new = NoteSigner(LOG.key.name, bytes([8]) * 32)
    assert add(client, HISTORY.request(0, 3)).status_code == 200
    renewed = History(HISTORY.leaves, new)
    assert add(client, renewed.request(3, 5)).status_code == 403
    state.add_log(str(new.key))
    assert add(client, renewed.request(3, 5)).status_code == 200
    assert add(client, HISTORY.request(5, 6)).status_code == 200


def test_only_these_methods_and_addresses(client: httpx.Client) -> None:
    assert client.get("/add-checkpoint").status_code == 405
    assert client.put("/add-checkpoint").status_code == 405
    assert client.post(MONITORED).status_code == 405
    assert client.get("/").status_code == 404


def test_too_large_a_request_is_not_read(client: httpx.Client) -> None:
    assert add(client, b"x" * (MAX_BODY + 1)).status_code == 413
    assert add(client, b"x" * MAX_BODY).status_code == 400


def test_too_slow_a_request_is_not_waited_for(
    state: State, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_SECONDS", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"old 0\n"
        await asyncio.sleep(5)
        yield b"\n"

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_witness(state, [ED], clock))
        async with httpx.AsyncClient(transport=transport, base_url="http://witness") as client:
            return await client.post("/add-checkpoint", content=slowly())

    assert awaited(ask).status_code == 408
    state.close()


def test_a_clock_that_went_back_stops_it(client: httpx.Client, clock: Clock) -> None:
    add(client, HISTORY.request(0, 3))
    clock.time -= timedelta(seconds=30)  # a little: the moment stays that of the last one
    answer = add(client, HISTORY.request(3, 4))
    opened = open_note(HISTORY.note(4) + answer.content, [CosignatureVerifier(ED.key)])
    assert cosigned_at(opened.signatures[0]) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    clock.time -= timedelta(minutes=2)
    assert add(client, HISTORY.request(4, 5)).status_code == 503
    clock.time += timedelta(hours=1)
    assert add(client, HISTORY.request(4, 5)).status_code == 200


def test_whoever_comes_second_is_told_where_the_first_one_came(
    client: httpx.Client, state: State, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests decided upon one head: the second is not signed, however good its proof."""
    add(client, HISTORY.request(0, 3))
    latest = State.latest

    def late(self: State, origin: str) -> object:
        found = latest(self, origin)
        monkeypatch.setattr(State, "latest", latest)
        assert add(client, HISTORY.request(3, 9)).status_code == 200
        return found

    monkeypatch.setattr(State, "latest", late)
    answer = add(client, HISTORY.request(3, 5))
    assert (answer.status_code, answer.content) == (409, b"9\n")
    assert client.get(MONITORED).content.startswith(HISTORY.note(9))


def test_evidence_of_a_second_history_is_logged_whole(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    add(client, HISTORY.request(0, 7))
    forged = History([leaf_hash(b"rewritten"), *HISTORY.leaves[1:]]).request(7, 9)
    with caplog.at_level(logging.INFO, "daocha.witness"):
        add(client, forged)
        add(client, HISTORY.request(0, 9))
    inconsistent, refused = [vars(each) for each in caplog.records]
    assert (inconsistent["levelname"], inconsistent["request"]) == ("WARNING", forged.decode())
    assert (refused["levelname"], refused["status"], refused["why"]) == ("INFO", 409, "7")

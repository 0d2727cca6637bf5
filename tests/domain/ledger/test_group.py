"""Commands that wait at the same moment share one call, and each gets its own answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Thread
from time import sleep
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from domain.errors import Conflict, Unavailable
from domain.ledger import Ledger, Receipt
from domain.ledger import group as group_module
from domain.ledger.group import Group
from tests.support.ledger import Place, command, draft

Request = dict[str, Any]


class Server:
    """Answers calls with what they asked, once it is let go; keeps the calls."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.called = Event()
        self.go = Event()
        self.raises: BaseException | None = None

    def __call__(self, requests: Sequence[Request]) -> list[int]:
        self.calls.append([request["n"] for request in requests])
        self.called.set()
        assert self.go.wait(5)
        if self.raises is not None:
            raise self.raises
        return [request["n"] for request in requests]


def gather(group: Group, server: Server, count: int, pool: ThreadPoolExecutor) -> list[Future[Any]]:
    """Let one request be under way and ``count - 1`` wait, in order."""
    futures = [pool.submit(group.send, {"n": 0})]
    assert server.called.wait(5)
    for n in range(1, count):
        futures.append(pool.submit(group.send, {"n": n}))
        while len(group._queue) < n:
            sleep(0.001)
    return futures


def test_one_goes_at_once_and_those_who_wait_go_together() -> None:
    server = Server()
    with ThreadPoolExecutor(10) as pool:
        futures = gather(Group(server), server, 10, pool)
        server.go.set()
        assert [future.result(5) for future in futures] == list(range(10))
    assert server.calls == [[0], list(range(1, 10))]


def test_a_call_is_not_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_module, "_LARGEST", 4)
    server = Server()
    with ThreadPoolExecutor(10) as pool:
        futures = gather(Group(server), server, 10, pool)
        server.go.set()
        assert [future.result(5) for future in futures] == list(range(10))
    assert server.calls == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_what_a_call_raises_everybody_gets_and_the_next_goes_on() -> None:
    server = Server()
    group = Group(server)
    server.raises = Unavailable("断", "lost")
    with ThreadPoolExecutor(5) as pool:
        futures = gather(group, server, 5, pool)
        server.go.set()
        for future in futures:
            with pytest.raises(Unavailable, match="lost"):
                future.result(5)
    server.raises = None
    assert group.send({"n": 7}) == 7


def test_an_interrupted_leader_leaves_the_others_with_an_answer() -> None:
    server = Server()
    group = Group(server)
    with ThreadPoolExecutor(5) as pool:
        futures = gather(group, server, 5, pool)
        server.raises = KeyboardInterrupt()
        server.go.set()
        for future in futures:
            with pytest.raises((KeyboardInterrupt, Unavailable)):
                future.result(5)
    assert any(isinstance(future.exception(), Unavailable) for future in futures)
    server.raises = None
    assert group.send({"n": 7}) == 7


class Impatient(Event):
    """A wait that is interrupted, as the main thread's is by Ctrl-C."""

    def __init__(self, before: Callable[[], object]) -> None:
        super().__init__()
        self.before = before

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - as it is called
        self.before()
        raise KeyboardInterrupt


@pytest.mark.parametrize("moment", ["waiting", "chosen to lead", "answered"])
def test_an_interrupted_waiter_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    server = Server()
    group = Group(server)
    with ThreadPoolExecutor(5) as pool:
        first = gather(group, server, 1, pool)
        other: list[Future[Any]] = []

        def before() -> None:
            if moment == "chosen to lead":
                other.append(pool.submit(group.send, {"n": 2}))
                while len(group._queue) < 2:
                    sleep(0.001)
            if moment != "waiting":
                server.go.set()
                first[0].result(5)
            if moment == "answered":  # somebody else led, and sent this request too
                with group._lock:
                    group._queue.clear()

        real = group_module._Waiting.__init__

        def impatient(self: group_module._Waiting, request: Request) -> None:
            real(self, request)
            if request["n"] == 1:
                self.woken = Impatient(before)

        monkeypatch.setattr(group_module._Waiting, "__init__", impatient)
        with pytest.raises(KeyboardInterrupt):
            group.send({"n": 1})
        server.go.set()
        assert [future.result(5) for future in first + other] == [0, 2][: 1 + len(other)]
        if moment != "answered":
            assert group.send({"n": 3}) == 3


# With the database


def test_threads_are_each_answered_for_themselves(ledger: Ledger) -> None:
    record = uuid4()

    def one(n: int) -> Receipt | None:
        try:
            return ledger.append(command(draft(record) if n % 4 == 0 else draft()))
        except Conflict:
            return None

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(200)))
    taken = [answer.positions[0] for answer in answers if answer is not None]
    assert sorted(taken) == list(range(2, 2 + len(taken)))
    assert len(taken) == 151
    assert sum(answer is not None for answer in answers[::4]) == 1


def test_waiting_commands_share_a_commit(ledger: Ledger, place: Place) -> None:
    """While another session holds the append lock, commands gather and go in one call."""
    calls: list[int] = []
    real = ledger.recorder._confirmed

    def count(query: Any, values: Sequence[str]) -> list[Any]:  # noqa: ANN401 - a query
        calls.append(values[0].count('"digest"'))
        return real(query, values)

    ledger.recorder._confirmed = count  # type: ignore[method-assign,assignment]
    threads = [Thread(target=ledger.append, args=(command(),)) for _ in range(12)]
    with psycopg.connect(place.url) as holder:
        holder.execute(
            "SELECT pg_advisory_xact_lock(%s::regclass::oid::bigint)", [f"{place.schema}.fact"]
        )
        for thread in threads:
            thread.start()
        while len(ledger._group._queue) < 11:
            sleep(0.01)
    for thread in threads:
        thread.join(10)
    assert calls == [1, 11]
    assert ledger.head().position == 13

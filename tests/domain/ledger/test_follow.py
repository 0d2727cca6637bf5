"""Following the ledger: nothing missed, nothing twice, whatever happens to the connections."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from time import monotonic, sleep
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from domain.fact import Entry
from domain.ledger import Ledger
from domain.ledger import recorder as recorder_module
from domain.ledger.command import encode
from domain.ledger.datastore import Listener
from tests.support.ledger import Place, Told, command, draft, sealed


class Follower:
    """Follows in a thread of its own and keeps what it is given."""

    def __init__(self, ledger: Ledger, after: int = 0) -> None:
        self.seen: list[Entry] = []
        self.stop = Event()
        self._batches = ledger.subscribe(after, stop=self.stop)
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with closing(self._batches) as batches:  # type: ignore[type-var]
            for batch in batches:
                self.seen += batch

    def has_seen(self, position: int, within: float = 10) -> bool:
        deadline = monotonic() + within
        while monotonic() < deadline:
            if self.seen and self.seen[-1].position >= position:
                return [entry.position for entry in self.seen] == list(
                    range(self.seen[0].position, position + 1)
                )
            sleep(0.01)
        return False

    def end(self) -> None:
        self.stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()


@contextmanager
def following(ledger: Ledger, after: int = 0) -> Iterator[Follower]:
    found = Follower(ledger, after)
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def follower(ledger: Ledger) -> Iterator[Follower]:
    with following(ledger) as found:
        yield found


@pytest.fixture
def no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be found by the slow look of its own accord."""
    monkeypatch.setattr(recorder_module, "_POLL", 3600)


def kill_listeners(place: Place) -> int:
    """Cut every connection that listens for this ledger's facts; returns how many."""
    query = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE query LIKE 'LISTEN%%' AND query LIKE %s AND pid <> pg_backend_pid()
    """
    return int(place.sql(query, f"%{place.schema}%")[0][0])


@pytest.mark.usefixtures("no_poll")
def test_new_facts_are_told_at_once(ledger: Ledger, follower: Follower) -> None:
    assert follower.has_seen(1)
    for position in range(2, 12):
        ledger.append(command())
        assert follower.has_seen(position, within=2)


@pytest.mark.usefixtures("no_poll")
def test_a_killed_listener_listens_again(
    ledger: Ledger, place: Place, follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    assert follower.has_seen(1)
    for _ in range(3):
        assert kill_listeners(place) == 1
        position = ledger.append(command()).positions[-1]
        assert follower.has_seen(position)
        position = ledger.append(command()).positions[-1]
        assert follower.has_seen(position)
    assert "listening was interrupted" in caplog.text


def test_a_lost_notification_is_made_up_for(
    ledger: Ledger, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_POLL", 0.3)
    with following(ledger) as follower:
        assert follower.has_seen(1)
        (request,) = encode([command()], None, os.urandom)
        assert isinstance(request, dict)
        place.sql(  # only the owner can: in the function's way, but without its notification
            "INSERT INTO S.fact SELECT (S.compose(%s, 2, clock_timestamp())).*",
            Jsonb(request["facts"][0]),
        )
        assert follower.has_seen(2)


def test_it_begins_where_it_is_told(ledger: Ledger) -> None:
    ledger.append(command(*[draft() for _ in range(1200)]))
    with following(ledger, after=700) as follower:
        assert follower.has_seen(1201)
        assert follower.seen[0].position == 701


def test_sealed_values_are_opened(ledger: Ledger) -> None:
    person = uuid4()
    fact = Told(person=person, name=sealed("张三", person))
    ledger.append(command(draft(fact=fact)))
    stop = Event()
    for batch in ledger.subscribe(1, stop=stop):
        assert batch[0].fact == fact
        stop.set()
    stop.clear()
    for batch in ledger.subscribe(1, stop=stop, open_sealed=False):
        assert batch[0].fact != fact
        stop.set()


def test_it_ends_when_the_ledger_is_closed(place: Place) -> None:
    ledger = place.open()
    follower = Follower(ledger)
    assert follower.has_seen(1)
    ledger.close()
    follower._thread.join(5)
    assert not follower._thread.is_alive()


def test_it_waits_while_the_database_is_away(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only the reading fails here; the whole server is killed in test_faults."""
    monkeypatch.setattr(recorder_module, "_PATIENCE", 0.05)
    monkeypatch.setattr(recorder_module, "_POLL", 0.1)

    def away(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("gone")

    with following(ledger) as follower:
        assert follower.has_seen(1)
        with monkeypatch.context() as patch:
            patch.setattr(ledger.recorder.store, "connection", away)
            sleep(0.5)
        ledger.append(command())
        assert follower.has_seen(2)
    assert "following waits for the database" in caplog.text


def test_a_listener_that_cannot_connect_keeps_trying(place: Place) -> None:
    stop = Event()
    with Listener("host=/nonexistent", place.schema) as listener:
        began = monotonic()
        listener.wait(0.4, stop)
        assert monotonic() - began >= 0.3
        listener._conninfo = place.url
        listener.wait(60, stop)  # returns as soon as it listens again
        place.sql(f"SELECT pg_notify('{place.schema}', '')")
        listener.wait(60, stop)
    stop.set()
    with Listener(place.url, place.schema) as listener:
        listener.wait(60, stop)

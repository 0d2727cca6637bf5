"""Connections cut, servers killed, standbys gone: what was acknowledged is there, once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import psutil
import psycopg
import pytest

from api.embedded import embedded_postgres
from domain.errors import Unavailable
from domain.ledger import Command, Ledger, Receipt
from domain.ledger import datastore as datastore_module
from domain.ledger import recorder as recorder_module
from tests.support.ledger import Noted, Place, command
from tests.support.processes import numbered


def hold_the_lock(place: Place) -> psycopg.Connection[Any]:
    """Keep every append waiting until the connection is closed."""
    holder = psycopg.connect(place.url)
    query = "SELECT pg_advisory_xact_lock(%s::regclass::oid::bigint)"
    holder.execute(query, [f"{place.schema}.fact"])
    return holder


def appenders(place: Place, function: str, waiting_for: str, running: str = "") -> int:
    """Call a function on the process of each append that waits for something; count them."""
    query = """
        SELECT count(f(pid)) FROM pg_stat_activity
        WHERE state = 'active' AND wait_event = %s AND query LIKE %s AND pid <> pg_backend_pid()
    """.replace("f(pid)", f"{function}(pid)")
    wanted = running or f'SELECT "{place.schema}"."append"'
    return int(place.sql(query, waiting_for, f"{wanted}%")[0][0])


def on_the_appender(
    place: Place, function: str, waiting_for: str = "advisory", running: str = ""
) -> None:
    """Call ``pg_cancel_backend`` or its like on the append that waits for something."""
    deadline = monotonic() + 10
    while appenders(place, function, waiting_for, running) != 1:
        assert monotonic() < deadline
        sleep(0.02)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as found:
        yield found


def test_a_connection_cut_in_flight_is_made_again(
    place: Place, ledger: Ledger, pool: ThreadPoolExecutor
) -> None:
    with hold_the_lock(place):
        future = pool.submit(ledger.append, command())
        on_the_appender(place, "pg_terminate_backend")
    assert future.result(10).positions == (2,)


def test_an_answer_lost_after_the_commit_is_asked_for_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ledger.recorder._confirmed
    lost = iter([True, False])

    def lose(*asked: Any) -> list[Any]:  # noqa: ANN401 - a query and its values
        answers = real(*asked)
        if next(lost):
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return answers

    monkeypatch.setattr(ledger.recorder, "_confirmed", lose)
    receipt = ledger.append(command())
    assert receipt.positions == (2,)
    assert ledger.head().position == 2


def test_a_cancelled_append_is_not_repeated(
    place: Place, ledger: Ledger, pool: ThreadPoolExecutor
) -> None:
    with hold_the_lock(place):
        future = pool.submit(ledger.append, command())
        on_the_appender(place, "pg_cancel_backend")
        with pytest.raises(Unavailable, match="cancel"):
            future.result(10)
    assert ledger.head().position == 1


def test_a_lock_held_for_too_long_is_given_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = datastore_module._SESSION.replace("'30s'", "'100ms'")
    monkeypatch.setattr(datastore_module, "_SESSION", hasty)
    with place.open() as ledger, hold_the_lock(place):
        with pytest.raises(Unavailable, match="lock timeout"):
            ledger.append(command())
        assert ledger.head().position == 1


def test_a_database_that_stays_away_is_reported_in_time(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_PATIENCE", 0.2)

    def away(*_: object) -> None:
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(ledger.recorder.store, "connection", away)
    began = monotonic()
    with pytest.raises(Unavailable, match="connection refused"):
        ledger.append(command())
    with pytest.raises(Unavailable, match="connection refused"):
        ledger.head()
    with pytest.raises(Unavailable), ledger.views():
        pass
    assert monotonic() - began < 5


def test_a_closed_ledger_says_so_at_once(place: Place) -> None:
    ledger = place.open()
    ledger.append(command())
    ledger.close()
    began = monotonic()
    with pytest.raises(Unavailable):
        ledger.append(command())
    assert monotonic() - began < 1


# A server of its own, which can be killed


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture
def own(state: Path, schema: str, tmp_path: Path) -> Iterator[Place]:
    with embedded_postgres(state) as url:
        place = Place(url, schema, tmp_path / "keys")
        place.create()
        yield place
        place.close()


def kill(state: Path) -> None:
    pid = int((state / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    while any(lives_in(process, state / "data") for process in psutil.process_iter()):
        sleep(0.02)


def lives_in(process: psutil.Process, directory: Path) -> bool:
    with suppress(psutil.Error, OSError):
        return process.name() == "postgres" and process.cwd() == str(directory)
    return False


class Traffic:
    """Four threads that write and one that follows, until told to stop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.acknowledged: list[int] = []
        self.followed: list[int] = []
        self._stop_writing, self._stop_following = Event(), Event()
        self._writers = [Thread(target=self._write, args=(first,)) for first in range(1, 5)]
        self._follower = Thread(target=self._follow)
        for thread in (*self._writers, self._follower):
            thread.start()

    def _write(self, first: int) -> None:
        for n in range(first, 10**6, 4):
            if self._stop_writing.is_set():
                return
            self.ledger.append(numbered(n))
            self.acknowledged.append(n)

    def _follow(self) -> None:
        for batch in self.ledger.subscribe(0, stop=self._stop_following):
            self.followed += [entry.position for entry in batch]

    def flow(self, count: int) -> None:
        """Wait until so many more commands are acknowledged."""
        enough = len(self.acknowledged) + count
        while len(self.acknowledged) < enough:
            sleep(0.02)

    def end(self) -> None:
        self._stop_writing.set()
        for thread in self._writers:
            thread.join(30)
        head = self.ledger.head().position
        while not self.followed or self.followed[-1] < head:
            sleep(0.02)
        self._stop_following.set()
        self._follower.join(30)


def test_a_server_killed_and_started_again_has_every_acknowledged_fact_once(
    own: Place, state: Path
) -> None:
    with own.open() as ledger:
        traffic = Traffic(ledger)
        for _ in range(3):
            traffic.flow(40)
            kill(state)
            with embedded_postgres(state):
                pass
        traffic.flow(40)
        traffic.end()
        entries = ledger.range(1, 10**6)
        assert traffic.followed == list(range(1, len(entries) + 2))
        numbers = [entry.fact.number for entry in entries if isinstance(entry.fact, Noted)]
        assert sorted(numbers) == sorted(traffic.acknowledged)
        assert len(entries) == 2 * len(numbers)


def set_system(place: Place, name: str, value: str) -> None:
    place.sql(f"ALTER SYSTEM SET {name} = '{value}'")
    place.sql("SELECT pg_reload_conf()")
    while place.sql(f"SHOW {name}") != [(value,)]:
        sleep(0.02)


def test_a_write_that_no_standby_confirmed_is_not_acknowledged(
    own: Place, pool: ThreadPoolExecutor
) -> None:
    with own.open() as ledger:
        set_system(own, "synchronous_standby_names", "nobody")
        try:
            asked, future = first_to_wait(own, ledger, pool)
            for _ in range(2):  # the first time it is recorded, then it is a repeat
                on_the_appender(own, "pg_cancel_backend", "SyncRep")
                with pytest.raises(Unavailable, match="not confirmed by a standby"):
                    future.result(10)
                future = pool.submit(ledger.append, asked)
        finally:
            set_system(own, "synchronous_standby_names", "")
        assert future.result(10).repeated
        assert future.result().positions == (ledger.head().position,)


def test_what_is_found_on_record_is_not_acknowledged_before_a_standby_has_it(
    own: Place, pool: ThreadPoolExecutor
) -> None:
    with own.open() as ledger:
        set_system(own, "synchronous_standby_names", "nobody")
        try:
            asked, future = first_to_wait(own, ledger, pool)
            on_the_appender(own, "pg_cancel_backend", "SyncRep")
            with pytest.raises(Unavailable, match="not confirmed by a standby"):
                future.result(10)
            again = pool.submit(ledger.receipt, asked.id, asked.digest)
            on_the_appender(own, "pg_cancel_backend", "SyncRep", "SELECT pg_logical_emit_message")
            with pytest.raises(Unavailable, match="not confirmed by a standby"):
                again.result(10)
        finally:
            set_system(own, "synchronous_standby_names", "")
        found = ledger.receipt(asked.id, asked.digest)
        assert found is not None
        assert found.repeated


def first_to_wait(
    place: Place, ledger: Ledger, pool: ThreadPoolExecutor
) -> tuple[Command, Future[Receipt]]:
    """Append until one waits for a standby: a new setting takes a moment to be heeded."""
    while True:
        asked = command()
        future = pool.submit(ledger.append, asked)
        while not future.done():
            if appenders(place, "abs", "SyncRep"):
                return asked, future


def test_a_server_that_became_a_standby_is_left_for_the_new_primary(
    own: Place, pool: ThreadPoolExecutor
) -> None:
    with own.open() as ledger:
        ledger.append(command())
        set_system(own, "default_transaction_read_only", "on")
        future = pool.submit(ledger.append, command())
        sleep(0.3)
        assert not future.done()
        own.sql("SET default_transaction_read_only = off")
        with psycopg.connect(own.url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            connection.execute("SELECT pg_reload_conf()")
        assert future.result(20).positions == (3,)


def test_sessions_do_not_acknowledge_before_the_disk(own: Place) -> None:
    set_system(own, "synchronous_commit", "off")
    try:
        with own.open() as ledger:
            shown = ledger.recorder.rows(ledger.recorder._sql("SHOW synchronous_commit"), [])
            assert shown == [("on",)]
    finally:
        own.sql("ALTER SYSTEM RESET synchronous_commit")
        own.sql("SELECT pg_reload_conf()")

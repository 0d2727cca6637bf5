"""Three PostgreSQL on one machine: the primary dies under load, and a standby takes over.

One of two standbys must have confirmed each commit (``ANY 1``). The ledger is opened once, by the
addresses of all three, and is told nothing of what happens.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest

from api.embedded import embedded_postgres
from api.log.keys import LogKeys, ensure
from api.postgres import EMBEDDED
from domain.errors import Unavailable
from domain.fact import leaf_hash
from domain.proof.merkle import root_of
from projections.log import Tiles
from projections.runner import Runner
from tests.api.log.conftest import Desk
from tests.faults.town import check_read_models, kill_postgres
from tests.support.ledger import ORIGIN, Noted, Place
from tests.support.processes import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.ledger import Ledger

PATIENCE = 3000


def until(true: Any) -> None:  # noqa: ANN401 - whatever can be asked
    for _ in range(PATIENCE):
        with suppress(psycopg.OperationalError):
            if true():
                return
        sleep(0.02)
    raise AssertionError("it never came true")


def ask(url: str, query: str) -> Any:  # noqa: ANN401 - one value
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def tell(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


class Three:
    """A primary ``a`` and two standbys, each in a directory of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.states = {name: folder / name for name in "abc"}
        self.urls: dict[str, str] = {}
        self._stack = stack
        self.urls["a"] = stack.enter_context(embedded_postgres(self.states["a"]))
        for name in "bc":
            self._copy(name)
            self.urls[name] = stack.enter_context(embedded_postgres(self.states[name]))
        self.confirm("a", "bc")

    def _copy(self, name: str) -> None:
        """Make a standby of the primary, for the account that runs it."""
        state = self.states[name]
        state.mkdir(mode=0o711)
        EMBEDDED.run(
            "pg_basebackup", f"--pgdata={state / 'data'}", "--wal-method=stream",
            "--checkpoint=fast", f"--dbname={self.urls['a']} ",
        )  # fmt: skip
        (state / "data/standby.signal").touch()
        with (state / "data/postgresql.auto.conf").open("a") as settings:
            settings.write(f"{self._following('a', name)}\n")
            settings.write("wal_retrieve_retry_interval = '500ms'\n")
        owner = (self.states["a"] / "data").stat()
        for path in ((state / "data"), *(state / "data").rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)

    def _following(self, primary: str, name: str) -> str:
        host = self.states[primary] / "data"
        return f"primary_conninfo = 'host={host} port=5432 user=postgres application_name={name}'"

    def confirm(self, primary: str, standbys: str) -> None:
        """Let each commit of a primary wait for one of its standbys."""
        names = ", ".join(standbys)
        tell(
            self.urls[primary],
            f"ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 ({names})'",
            "SELECT pg_reload_conf()",
        )
        query = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'"
        until(lambda: ask(self.urls[primary], query) == len(standbys))

    @property
    def url(self) -> str:
        """The address of all three, of which whichever takes writes is meant."""
        hosts = ",".join(quote(str(state / "data"), safe="") for state in self.states.values())
        return f"postgresql://postgres@/postgres?host={hosts}&port=5432,5432,5432"

    def kill(self) -> None:
        """Kill the primary, for good."""
        kill_postgres(self.states["a"])

    def promote(self) -> str:
        """Let the standby that has received most be the primary; the other follows it."""
        query = "SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn"
        new, other = sorted("bc", key=lambda name: ask(self.urls[name], query), reverse=True)
        tell(self.urls[new], "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_promote()")
        following = self._following(new, other).replace("primary_conninfo =", "primary_conninfo TO")
        tell(self.urls[other], f"ALTER SYSTEM SET {following}", "SELECT pg_reload_conf()")
        self.confirm(new, other)
        return new


class Load:
    """Four threads that write until told to stop, each command until it is answered."""

    def __init__(self, ledger: Ledger) -> None:
        self.acknowledged: dict[int, int] = {}
        self._ledger = ledger
        self._stop = Event()
        self._threads = [Thread(target=self._write, args=(first,)) for first in range(1, 5)]
        for thread in self._threads:
            thread.start()

    def _write(self, first: int) -> None:
        for number in range(first, 10**6, 4):
            while not self._stop.is_set():
                with suppress(Unavailable):
                    self.acknowledged[number] = self._ledger.append(numbered(number)).positions[0]
                    break
            if self._stop.is_set():
                return

    def flow(self, count: int) -> None:
        enough = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= enough)

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


@pytest.fixture
def three() -> Iterator[Three]:
    # Not under pytest's own directory, which every run of pytest closes to other accounts.
    with (
        TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as directory,
        ExitStack() as stack,
    ):
        Path(directory).chmod(0o711)
        yield Three(Path(directory), stack)


def test_the_primary_dies_and_nothing_acknowledged_is_lost(three: Three, tmp_path: Path) -> None:
    place = Place(three.url, "ledger", tmp_path / "keys")
    place.create()
    with place.open() as ledger:
        runner = Runner(place.url, [Tiles()], schema=place.schema)
        keys = LogKeys(place.keys, ORIGIN)
        desk = Desk(place, ledger, runner, keys, place.keys / "log.policy")
        ensure(ledger, keys, now=datetime.now(UTC), random=os.urandom)
        load = Load(ledger)
        load.flow(100)
        runner.catch_up()
        desk.publish()
        seen = desk.latest()
        three.kill()
        new = three.promote()
        load.flow(100)
        load.end()
        head = ledger.head().position
        entries = ledger.range(0, head)
        assert [entry.position for entry in entries] == list(range(1, head + 1))
        numbers = [entry.fact.number for entry in entries if isinstance(entry.fact, Noted)]
        assert len(numbers) == len(set(numbers)), "a fact is there twice"
        at = {e.position: e.fact.number for e in entries if isinstance(e.fact, Noted)}
        lost = {n: p for n, p in load.acknowledged.items() if at.get(p) != n}
        assert lost == {}, "an acknowledged fact is lost"
        leaves = [leaf_hash(raw.leaf) for raw in ledger.range_raw(0, head)]
        assert root_of(leaves[: seen.size]) == seen.root, "another history than was published"
        check_read_models(ledger)  # and brings them up to date, the tiles among them
        runner.stop()
        assert desk.publish() == head, "the log goes on from what it signed before"
        other = next(name for name in "bc" if name != new)
        reading = Place(three.urls[other], "ledger", tmp_path / "keys")
        until(lambda: _head_of(reading) == head)
    place.close()


def _head_of(place: Place) -> int:
    """Return how far a standby is, by reading from it as anybody may."""
    with place.open(vault=None) as ledger:
        return len(ledger.range(0, 10**6))

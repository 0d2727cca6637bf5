"""The transparency log on PostgreSQL, each figure as a ratio measured in the same run.

Bars: the tree built at 0.7 or more of bare hashing of the same leaves read from PostgreSQL; an
inclusion proof among 1,000,000 leaves in a median of 2 ms with its query; appending with the log on
(tiles and publisher in the same process) at 0.8 or more of the rate without it.

Run it with ``python -m bench.log [SECONDS]``: the time for each line about appending, default 4.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from api.log.keys import LogKeys
from api.log.publisher import Publisher
from bench.append import Way, alternate
from bench.place import ORIGIN, command, new_ledger, server
from domain.fact import leaf_hash
from domain.proof.merkle import verify_inclusion
from domain.proof.tiles import Edge, Tile
from projections.build import BATCH
from projections.log import Log, Tiles
from projections.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from domain.ledger import Ledger

LEAVES = 100_000
LARGE = 1_000_000
ASKED = 500
ROUNDS = 5
CLIENTS = 32
_FACTS = 100
_LEAVES = """
    SELECT leaf FROM {schema}.fact WHERE position > %s AND position <= %s ORDER BY position
"""
_COPY = "COPY {schema}_views_a.tile FROM STDIN (FORMAT BINARY)"


def main() -> None:
    """Measure, and print one line a figure."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 4.0
    with server() as url:
        with new_ledger(url) as ledger:
            _measure_proofs(url, ledger)
        with new_ledger(url) as ledger:
            _measure_tree(url, ledger)
        _measure_appending(url, seconds)


# The tree.


def _measure_tree(url: str, ledger: Ledger) -> None:
    for _ in range(0, LEAVES, 10 * _FACTS):
        ledger.append_many([command(_FACTS) for _ in range(10)])
    count = ledger.head().position

    def bare() -> None:
        for batch in _batches(ledger, url):
            for leaf in batch:
                sha256(b"\0" + leaf).digest()

    def build() -> None:
        edge = Edge()
        for batch in _batches(ledger, url):
            edge.grow([leaf_hash(leaf) for leaf in batch])

    runner = Runner(url, [Tiles()], schema=ledger.schema)
    runner.catch_up()
    times = [
        (_took(bare), _took(build), _took(lambda: runner.rebuild("log"))) for _ in range(ROUNDS)
    ]
    runner.stop()
    least = [min(each) for each in zip(*times, strict=True)]
    print(f"tree of {count:,} leaves read from PostgreSQL: {count / least[1]:,.0f} leaves/s")
    print(f"  to bare hashing of the same, read likewise   {least[0] / least[1]:.2f}  (bar 0.70)")
    print(f"  with its tiles stored, made anew: {count / least[2]:,.0f} leaves/s")


def _batches(ledger: Ledger, url: str) -> Iterator[list[bytes]]:
    """Yield all leaves, in the batches in which read models are fed."""
    query = _LEAVES.replace("{schema}", ledger.schema).encode()
    after = 0
    with psycopg.connect(url) as connection, connection.cursor(binary=True) as cursor:
        while rows := cursor.execute(query, [after, after + BATCH]).fetchall():
            after += len(rows)
            yield [leaf for (leaf,) in rows]


def _took(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# Proofs.


def _measure_proofs(url: str, ledger: Ledger) -> None:
    """Ask for proofs with the tiles of a large tree in the table; the tree has no facts."""
    hashes = [leaf_hash(b"%d" % n) for n in range(LARGE)]
    edge = Edge()
    runner = Runner(url, [Tiles()], schema=ledger.schema)
    runner.catch_up()
    runner.stop()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {ledger.schema}_views_a.tile".encode())
        copy = _COPY.replace("{schema}", ledger.schema).encode()
        with connection.cursor() as cursor, cursor.copy(copy) as into:
            into.set_types(["int2", "int8", "bytea"])
            for tile, data in edge.grow(hashes):
                into.write_row((tile.level, tile.number, data))
        connection.execute(f"ANALYZE {ledger.schema}_views_a.tile".encode())
    log, root = Log(ledger), edge.root()
    bare = sorted(_took(lambda: log.stored(Tile(0, 0))) for _ in range(ASKED))
    times = []
    for index in random.Random(2).sample(range(LARGE), ASKED):  # noqa: S311 - which to ask
        began = time.perf_counter()
        proof = log.inclusion(index + 1, LARGE)
        times.append(time.perf_counter() - began)
        verify_inclusion(index, LARGE, hashes[index], proof, root)
    print(f"inclusion proof among {LARGE:,} leaves with its query, of {ASKED}:")
    print(f"  median {statistics.median(times) * 1e3:.2f} ms  (bar 2 ms)")
    print(f"  99 %   {statistics.quantiles(times, n=100)[98] * 1e3:.2f} ms")
    print(f"  beside it, one tile read alone: median {statistics.median(bare) * 1e3:.2f} ms")


# Appending.


def _measure_appending(url: str, seconds: float) -> None:
    with (
        new_ledger(url, pool_size=CLIENTS + 4) as without,
        new_ledger(url, pool_size=CLIENTS + 4) as ledger,
        _log_of(url, ledger),
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        for name, clients in (("one client", 1), (f"{CLIENTS} clients", CLIENTS)):
            ways = {
                "without": _appending(without, pool, clients),
                "with": _appending(ledger, pool, clients),
            }
            alternate(ways, 0.5)  # warm
            found = {way: rate * clients * 4 for way, rate in alternate(ways, seconds).items()}
            print(f"appending, {name}: {found['with']:,.0f} facts/s with the log on")
            print(f"  to appending without it  {found['with'] / found['without']:.2f}  (bar 0.80)")
        latest = ledger.checkpoints.latest()
        if latest:
            print(f"  checkpoints made: {latest.number}, of {latest.size:,} facts")


def _appending(ledger: Ledger, pool: ThreadPoolExecutor, clients: int) -> Way:
    def append(made: list[Any]) -> None:
        list(pool.map(ledger.append, made)) if clients > 1 else list(map(ledger.append, made))

    return Way(append, lambda: [command() for _ in range(clients * 4)])


@contextmanager
def _log_of(url: str, ledger: Ledger) -> Iterator[None]:
    """Keep tiles and publish, as a server does."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="daocha-bench-")))
        runner = stack.enter_context(Runner(url, [Tiles()], schema=ledger.schema))
        stack.enter_context(
            Publisher(
                ledger,
                runner,
                LogKeys(folder, ORIGIN),
                folder / "log.policy",
                now=lambda: datetime.now(UTC),
                random=os.urandom,
            )
        )
        yield


if __name__ == "__main__":
    main()

"""How fast facts go in, against PostgreSQL's own speed with the same rows in the same run.

The bare operation puts the same rows (facts with finished leaves, their tags, the command) into
tables of the same form in one transaction, one statement and one round trip; nothing faster that
keeps them is known to us. It takes no lock, checks nothing, composes nothing.

Run it with ``python -m bench.append [SECONDS]``: the time for each line of the table, default 4.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import psycopg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.place import command, new_ledger, server
from domain.ledger import Command, Ledger
from domain.ledger.command import encode

CLIENTS = 32
FACTS = 100
ROUNDS = 8
"""Turns that each side takes, so that a noisy disk disturbs both alike."""
BARE_TABLES = """
    CREATE TABLE {schema}.bare_fact (LIKE {schema}.fact INCLUDING INDEXES);
    CREATE TABLE {schema}.bare_tag (LIKE {schema}.tag INCLUDING INDEXES);
    CREATE TABLE {schema}.bare_command (LIKE {schema}.command INCLUDING INDEXES);
"""
_INSERT = """
    WITH facts AS (
        INSERT INTO {schema}.bare_fact
        SELECT position, record, 1, topic, now(), leaf
        FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::bytea[])
            AS given (position, record, topic, leaf)
    ), tags AS (
        INSERT INTO {schema}.bare_tag SELECT * FROM unnest(%s::text[], %s::bigint[])
    )
    INSERT INTO {schema}.bare_command VALUES (%s, %s, %s, %s, now())
"""


@dataclass(frozen=True)
class Way:
    """One way of doing it: what is done, with what, made how many at a time before."""

    do: Callable[[Any], object]
    make: Callable[[], Any]
    at_once: int = 1


@dataclass
class Bare:
    """The bare operation on one connection."""

    connection: psycopg.Connection[Any]
    schema: str
    position: int = 0

    def rows(self, asked: Command) -> list[Any]:
        """Return the parameters of the statement, leaves and all."""
        first = self.position + 1
        positions = list(range(first, first + len(asked.drafts)))
        self.position = positions[-1]
        bodies = [draft.body(asked.id, bytes(16)) for draft in asked.drafts]
        tags = [
            (tag, position)
            for draft, position in zip(asked.drafts, positions, strict=True)
            for tag in draft.tags()
        ]
        envelope = ',"position":1,"record":"","recorded":"","tags":[],"topic":"","version":1}'
        leaves = [f'{{"body":{body}{envelope}{"x" * 320}'.encode() for body in bodies]
        return [
            positions,
            [draft.record for draft in asked.drafts],
            [draft.fact.topic.name for draft in asked.drafts],
            leaves,
            [tag for tag, _ in tags],
            [position for _, position in tags],
            asked.id,
            asked.digest,
            first,
            len(positions),
        ]

    def insert(self, rows: list[Any]) -> None:
        """Insert them in one statement, committed."""
        statement = _INSERT.replace("{schema}", self.schema)
        self.connection.execute(statement.encode(), rows, prepare=True)


def rate(way: Way, seconds: float) -> tuple[int, float]:
    """Return how many times it was done and in how long; what it takes is made before."""
    done, spent = 0, 0.0
    while spent < seconds:
        made = [way.make() for _ in range(way.at_once)]
        began = perf_counter()
        for each in made:
            way.do(each)
        spent += perf_counter() - began
        done += len(made)
    return done, spent


def alternate(ways: dict[str, Way], seconds: float) -> dict[str, float]:
    """Measure several ways in turns; returns how many a second of each."""
    done = dict.fromkeys(ways, 0)
    spent = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, way in ways.items():
            count, time = rate(way, seconds / ROUNDS)
            done[name] += count
            spent[name] += time
    return {name: done[name] / spent[name] for name in ways}


def one_client(ledger: Ledger, bare: Bare, facts: int) -> dict[str, Way]:
    """Return the ways of one client: bare, the append function alone, and all that we do."""

    def request() -> list[dict[str, Any]]:
        return [each for each in encode([command(facts)], None, bytes) if isinstance(each, dict)]

    at_once = max(2, 40 // facts)
    return {
        "bare": Way(bare.insert, lambda: bare.rows(command(facts)), at_once),
        "function": Way(ledger.recorder.append, request, at_once),
        "append": Way(ledger.append, lambda: command(facts), at_once),
    }


def many_clients(ledger: Ledger, pool: ThreadPoolExecutor) -> dict[str, Way]:
    """Return the ways of many threads with one fact each: each call by itself, and shared."""

    def commands() -> list[Command]:
        return [command() for _ in range(CLIENTS * 4)]

    return {
        "alone": Way(
            lambda made: list(pool.map(ledger.append_many, [[c] for c in made])), commands
        ),
        "shared": Way(lambda made: list(pool.map(ledger.append, made)), commands),
    }


def measure(url: str, seconds: float, progress: Progress) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table."""
    steps = progress.add_task("append", total=3)
    with (
        new_ledger(url, pool_size=CLIENTS + 4) as ledger,
        psycopg.connect(url, autocommit=True) as connection,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        connection.execute(BARE_TABLES.replace("{schema}", ledger.schema).encode())
        bare = Bare(connection, ledger.schema)
        for facts, bar in ((1, 0.55), (FACTS, 0.5)):
            ways = one_client(ledger, bare, facts)
            alternate(ways, 0.2)  # warm
            found = alternate(ways, seconds)
            what = "one client" if facts == 1 else f"one command of {facts} facts"
            for name, part in (("function", "append function alone"), ("append", "Ledger.append")):
                speed, against = found[name] * facts, found["bare"] * facts
                yield _row(f"{what}, {part}", speed, "bare", against, bar)
            progress.advance(steps)
        ways = many_clients(ledger, pool)
        alternate(ways, 0.2)
        found = alternate(ways, seconds)
        size = CLIENTS * 4
        label = f"{CLIENTS} clients, sharing calls"
        yield _row(label, found["shared"] * size, "each alone", found["alone"] * size, 2)
        progress.advance(steps)


def _row(what: str, speed: float, other: str, against: float, bar: float) -> tuple[str, ...]:
    ratio = speed / against
    return what, f"{speed:,.0f}", f"{other} {against:,.0f}", f"{ratio:.2f}", f"{bar}"


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 4.0
    console = Console()
    with server() as url, Progress(console=console, transient=True) as progress:
        rows = list(measure(url, seconds, progress))
    table = Table("what", "facts/s", "against", "ratio", "bar", title="append")
    for row in rows:
        table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    main()

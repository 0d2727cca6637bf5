"""How fast facts go in, against PostgreSQL's own speed with the same rows in the same run.

The bare operation puts the same rows (facts with finished leaves, their tags, the command) into
tables of the same form in one transaction, one statement and one round trip; nothing faster that
keeps them is known to us. It takes no lock, checks nothing, composes nothing.

Run it with ``python -m bench.append [SECONDS]``: the time for each line of the table, default 4.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
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
_TABLES = """
    CREATE TEMP TABLE bare_fact (position bigint PRIMARY KEY, record uuid NOT NULL,
        version integer NOT NULL, topic text COLLATE "C" NOT NULL, recorded timestamptz NOT NULL,
        leaf bytea NOT NULL, UNIQUE (record, version));
    CREATE TEMP TABLE bare_tag (tag text COLLATE "C", position bigint, PRIMARY KEY (tag, position));
    CREATE TEMP TABLE bare_command (id uuid PRIMARY KEY, digest bytea NOT NULL,
        first bigint NOT NULL, facts integer NOT NULL, recorded timestamptz NOT NULL);
""".replace("TEMP TABLE ", "TABLE {schema}.")
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


def rate(do: Callable[[Any], object], make: Callable[[], Any], seconds: float) -> tuple[int, float]:
    """Return how many times ``do`` was done and in how long, what it takes being made before."""
    prepared = [make() for _ in range(200)]
    done, spent = 0, 0.0
    while spent < seconds:
        began = perf_counter()
        for each in prepared:
            do(each)
            done += 1
            if perf_counter() - began + spent > seconds:
                break
        spent += perf_counter() - began
        prepared = [make() for _ in range(200)] if spent < seconds else []
    return done, spent


def alternate(
    sides: dict[str, tuple[Callable[[Any], object], Callable[[], Any]]], seconds: float
) -> dict[str, float]:
    """Measure several ways in turns; returns how many a second of each."""
    totals = {name: [0, 0.0] for name in sides}
    for _ in range(ROUNDS):
        for name, (do, make) in sides.items():
            done, spent = rate(do, make, seconds / ROUNDS)
            totals[name][0] += done
            totals[name][1] += spent
    return {name: done / spent for name, (done, spent) in totals.items()}


def one_client(ledger: Ledger, bare: Bare, facts: int, seconds: float) -> dict[str, float]:
    """Measure commands of so many facts by one client: whole, in the database only, and bare."""

    def request() -> list[dict[str, Any]]:
        return [each for each in encode([command(facts)], None, bytes) if isinstance(each, dict)]

    return alternate(
        {
            "bare": (bare.insert, lambda: bare.rows(command(facts))),
            "database": (ledger.recorder.append, request),
            "append": (ledger.append, lambda: command(facts)),
        },
        seconds,
    )


def many_clients(ledger: Ledger, seconds: float) -> dict[str, float]:
    """Measure single-fact commands of many threads, sent together and each by itself."""

    def together(commands: list[Command]) -> None:
        list(pool.map(ledger.append, commands))

    def alone(commands: list[Command]) -> None:
        list(pool.map(ledger.append_many, [[each] for each in commands]))

    totals = {"alone": [0, 0.0], "together": [0, 0.0]}
    with ThreadPoolExecutor(CLIENTS) as pool:
        together([command() for _ in range(CLIENTS)])
        alone([command() for _ in range(CLIENTS)])
        for _ in range(ROUNDS):
            for name, send in (("alone", alone), ("together", together)):
                commands = [command() for _ in range(int(seconds / ROUNDS * 1500))]
                began = perf_counter()
                send(commands)
                totals[name][0] += len(commands)
                totals[name][1] += perf_counter() - began
    return {name: done / spent for name, (done, spent) in totals.items()}


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 4.0
    console = Console()
    table = Table("what", "facts/s", "bare facts/s", "ratio", "bar", title="append")
    with (
        server() as url,
        new_ledger(url, pool_size=CLIENTS + 4) as ledger,
        psycopg.connect(url, autocommit=True) as connection,
        Progress(console=console, transient=True) as progress,
    ):
        connection.execute(_TABLES.replace("{schema}", ledger.schema).encode())
        bare = Bare(connection, ledger.schema)
        steps = progress.add_task("one client", total=4)
        for sizes in chain([1], [FACTS]):
            alternate({"warm": (ledger.append, lambda: command(1))}, 0.5)
            found = one_client(ledger, bare, sizes, seconds)
            bar = 0.55 if sizes == 1 else 0.5
            what = "one client" if sizes == 1 else f"one command of {sizes} facts"
            for name, label in (("database", "the function alone"), ("append", "Ledger.append")):
                ratio = found[name] / found["bare"]
                table.add_row(
                    f"{what}: {label}",
                    f"{found[name] * sizes:,.0f}",
                    f"{found['bare'] * sizes:,.0f}",
                    f"{ratio:.2f}",
                    f"{bar}",
                )
            progress.advance(steps)
        clients = many_clients(ledger, seconds)
        ratio = clients["together"] / clients["alone"]
        table.add_row(
            f"{CLIENTS} clients: grouped against each alone",
            f"{clients['together']:,.0f}",
            f"{clients['alone']:,.0f}",
            f"{ratio:.2f}",
            "2",
        )
    console.print(table)


if __name__ == "__main__":
    main()

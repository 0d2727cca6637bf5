"""What other processes do in tests; here, so that a spawned interpreter can import it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from domain.errors import Conflict
from domain.ledger import Command, Condition, KeyStore, Ledger, Query, Receipt
from projections.counts import Counts
from projections.runner import Runner
from tests.support.ledger import Crossed, Noted, Place, command, draft

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = UUID("00000000-0000-5000-8000-00000000d0c5")


def make_keys(directory: Path, origin: str, subjects: list[UUID]) -> dict[UUID, bytes]:
    store = KeyStore.open(directory, origin)
    try:
        return store.ensure(subjects, os.urandom)
    finally:
        store.close()


@dataclass(frozen=True)
class Told:
    """What a writer was told of one command: nothing where it was a conflict."""

    command: Command
    receipt: Receipt | None


def _open(place: Place) -> Ledger:
    return place.open(vault=None, pool_size=2)


def write_at_random(place: Place, seed: int, count: int, records: Sequence[UUID]) -> list[Told]:
    """Append new records, contended versions, conditions and repeats, as they come."""
    chance = Random(seed)  # noqa: S311 - a test's choice is no secret
    told: list[Told] = []
    with _open(place) as ledger:
        for _ in range(count):
            record = chance.choice(records)
            head = ledger.head().position
            made = chance.choice(("new", "next", "condition", "repeat"))
            if made == "repeat" and told:
                asked = chance.choice(told).command
            elif made == "next":
                asked = command(draft(record, len(ledger.record(record)) + 1))
            elif made == "condition":
                condition = Condition(head, (Query((f"org:{record}",), ("test.crossed",)),))
                asked = command(draft(fact=Crossed(org=record)), condition=condition)
            else:
                asked = command(*[draft(fact=Noted(org=record)) for _ in range(3)])
            told.append(Told(asked, _try(ledger, asked)))
    return told


def _try(ledger: Ledger, asked: Command) -> Receipt | None:
    try:
        return ledger.append(asked)
    except Conflict:
        return None


def send(place: Place, asked: Command, times: int) -> list[Receipt | None]:
    """Send one and the same command again and again."""
    with _open(place) as ledger:
        return [_try(ledger, asked) for _ in range(times)]


def take_once(place: Place, orgs: Sequence[UUID], after: int) -> list[int]:
    """Cross out each organisation that nobody has crossed out; returns which succeeded."""
    taken = []
    with _open(place) as ledger:
        for index, org in enumerate(orgs):
            condition = Condition(after, (Query((f"org:{org}",), ("test.crossed",)),))
            if _try(ledger, command(draft(fact=Crossed(org=org)), condition=condition)):
                taken.append(index)
    return taken


def numbered(n: int) -> Command:
    """Return the n-th command of a stream: the same at every call, but for its nonce."""
    record = uuid5(NAMES, f"record {n}")
    return command(
        draft(record, 1, Noted(number=n)),
        draft(record, 2, Crossed()),
        command_id=uuid5(NAMES, f"command {n}"),
        digest=str(n).encode(),
    )


def write_stream(place: Place, acknowledged: Path) -> None:
    """Append numbered commands for ever, noting each one that was acknowledged."""
    with _open(place) as ledger, acknowledged.open("a") as file:
        n = 0
        while True:
            n += 1
            ledger.append(numbered(n))
            file.write(f"{n}\n")
            file.flush()


def project(place: Place, upto: int) -> int:
    """Run the counts projection until it has come to a position."""
    with Runner(place.url, [Counts()], schema=place.schema) as runner:
        runner.wait_for(upto, timeout=60)
        return runner.progress()[0].position


def project_for_ever(place: Place) -> None:
    """Run the counts projection until killed."""
    with Runner(place.url, [Counts()], schema=place.schema) as runner:
        runner.wait_for(2**62, timeout=600)

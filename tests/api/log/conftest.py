"""A log at work: a ledger, its tiles, its key, and whoever publishes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.log.keys import LogKeys, ensure
from api.log.publisher import Press
from domain.ledger import Ledger, Published
from domain.proof.checkpoint import Checkpoint, open_checkpoint
from domain.proof.note import NoteVerifier
from projections.log import Log, Tiles
from projections.runner import Runner
from tests.support.ledger import ORIGIN, Noted, Place, command, draft, ledger, place

__all__ = ["ledger", "place"]


@dataclass
class Desk:
    """Everything the publisher of a ledger works with."""

    place: Place
    ledger: Ledger
    runner: Runner
    keys: LogKeys
    policy: Path

    def note(self, facts: int = 1) -> int:
        """Record facts and bring the tiles up to them; returns the last position."""
        drafts = [draft(fact=Noted(number=n)) for n in range(facts)]
        position = self.ledger.append(command(*drafts)).positions[-1]
        self.runner.catch_up()
        return position

    def press(self) -> Press:
        return Press(self.ledger, self.keys, self.policy)

    def publish(self) -> int | None:
        """Publish once, as a process that was just started."""
        press = self.press()
        try:
            with self.ledger.checkpoints.leading() as leader:
                assert leader is not None
                return press.publish(leader)
        finally:
            press.close()

    def latest(self) -> Published:
        found = self.ledger.checkpoints.latest()
        assert found is not None
        return found

    def opened(self, *vkeys: str) -> Checkpoint:
        """Return the newest checkpoint, which each of these keys must have signed."""
        found = self.latest()
        for vkey in vkeys:
            head, _ = open_checkpoint(found.note, ORIGIN, [NoteVerifier.read(vkey)])
            assert (head.size, head.root) == (found.size, found.root)
        assert found.root == Log(self.ledger).root(found.size)
        return head

    def change_tiles(self, statement: str) -> None:
        """Change the live tiles behind everybody's back; the first side is ``a``."""
        self.place.sql(statement.replace(" tile", f" {self.place.schema}_views_a.tile"))

    def as_superuser(self, statement: str, *values: object) -> None:
        """Change what must not be changed, as whoever owns the database can."""
        for table in ("fact", "tag", "command", "checkpoint"):
            self.place.sql(f"ALTER TABLE S.{table} DISABLE TRIGGER never")
        self.place.sql(statement, *values)
        for table in ("fact", "tag", "command", "checkpoint"):
            self.place.sql(f"ALTER TABLE S.{table} ENABLE ALWAYS TRIGGER never")

    def rebuild(self) -> None:
        """Make the tiles anew from the facts as they are now."""
        runner = Runner(self.place.url, [Tiles()], schema=self.place.schema)
        runner.rebuild("log")
        runner.stop()


@pytest.fixture
def desk(place: Place, ledger: Ledger) -> Iterator[Desk]:
    """A log that has its key, and nothing published."""
    runner = Runner(place.url, [Tiles()], schema=place.schema)
    desk = Desk(place, ledger, runner, LogKeys(place.keys, ORIGIN), place.keys / "log.policy")
    ensure(ledger, desk.keys, now=datetime.now(UTC), random=os.urandom)
    runner.catch_up()
    yield desk
    runner.stop()


@pytest.fixture
def key(desk: Desk) -> str:
    """The log's first key."""
    (found,) = desk.keys.at_hand()
    return found

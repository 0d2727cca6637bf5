"""An embedded server of its own, a ledger on it, and an archive of its backups."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from api import home
from api.backup.archive import Archive
from api.backup.taking import Backup
from api.log.keys import ensure
from api.log.publisher import Press
from api.settings import Settings
from domain.erasing import erase
from domain.fact import Sealed
from domain.ledger import Ledger
from domain.people import PersonRegistered
from projections.log import Tiles
from projections.runner import Runner
from tests.support.ledger import CLI, Noted, command, draft

ERASED = uuid4()


def now() -> datetime:
    return datetime.now(UTC)


def publish(ledger: Ledger, settings: Settings) -> int:
    """Sign and publish what there is, as the server does."""
    keys = home.log_keys_of(settings, ledger.origin)
    ensure(ledger, keys, now=now(), random=os.urandom)
    runner = Runner(ledger.conninfo, [Tiles()], schema=ledger.schema)
    runner.catch_up()
    runner.stop()
    press = Press(ledger, keys, home.log_policy_of(settings))
    try:
        with ledger.checkpoints.leading() as leader:
            assert leader is not None
            press.publish(leader)
    finally:
        press.close()
    return ledger.head().position


@dataclass
class Story:
    """What happened, and where the backups of it are.

    A full copy; a person on record, and a moment; the person erased; published; a copy of what
    changed; and some facts more, published too, of which only the log has.
    """

    settings: Settings
    archive: Path
    full: str
    before_erasure: datetime
    position: int

    def copy(self, folder: Path) -> Archive:
        """Return the archive again, to be harmed: no file is copied until it is replaced."""
        place = folder / "archive"
        shutil.copytree(self.archive, place, copy_function=os.link)
        return Archive(place)


def note(ledger: Ledger, facts: int = 3) -> None:
    ledger.append(command(*[draft(fact=Noted(number=number)) for number in range(facts)]))


def tell(settings: Settings, archive: Path) -> tuple[str, datetime, int]:
    with home.opened(settings, create_missing=True) as ledger:
        taking = Backup(ledger, Archive(archive), now=now, random=os.urandom)
        publish(ledger, settings)
        note(ledger)
        full = taking.take().base
        name = Sealed.close("某某", ERASED, os.urandom(16))
        ledger.append(command(draft(ERASED, fact=PersonRegistered(name=name))))
        moment = now()
        erase(ledger, ERASED, "某法第一条", by=CLI, received=now(), random=os.urandom)
        publish(ledger, settings)
        changed = taking.take().base
        assert changed.parent == full.name
        note(ledger)
        position = publish(ledger, settings)
        taking.receive(taking.begin())
    return full.name, moment, position


@pytest.fixture(scope="session")
def story() -> Iterator[Story]:
    # Not under pytest's own directory, which every run of pytest closes to other accounts.
    with TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as directory:
        folder = Path(directory)
        settings = Settings(home=folder / "home", database_url=None)
        archive = folder / "archive"
        yield Story(settings, archive, *tell(settings, archive))


@pytest.fixture
def environment(story: Story, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What names the story's ledger."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return {"DAOCHA_HOME": str(story.settings.home), "PYTHONIOENCODING": "utf-8"}

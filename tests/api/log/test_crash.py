"""A database that crashes under a log: read models do not wait for the disk, checkpoints do.

What the tiles had not brought to the disk is applied again from the facts, to the same hashes, so
that all that was ever signed of them holds.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil
import pytest

from api.embedded import embedded_postgres
from api.log.keys import LogKeys, ensure
from domain.fact import leaf_hash
from domain.proof.merkle import root_of
from projections.log import Tiles
from projections.runner import Runner
from tests.api.log.conftest import Desk
from tests.support.ledger import ORIGIN, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 4


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory not under pytest's own, which every run of pytest closes to other accounts."""
    with TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)


@contextmanager
def desk_in(folder: Path, url: str, *, new: bool) -> Iterator[Desk]:
    """A log at work on the server at ``url``."""
    place = Place(url, "crash", folder / "keys")
    if new:
        place.create()
    try:
        with place.open() as ledger:
            runner = Runner(url, [Tiles()], schema=place.schema)
            keys = LogKeys(place.keys, ORIGIN)
            desk = Desk(place, ledger, runner, keys, place.keys / "log.policy")
            ensure(ledger, keys, now=datetime.now(UTC), random=os.urandom)
            runner.catch_up()
            yield desk
            runner.stop()
    finally:
        place.close()


def crash(state: Path) -> None:
    """End every process of the server at once, as a power cut would; what it buffered is lost."""
    number = (state / "data/postmaster.pid").read_text("utf-8").split("\n", 1)[0]
    postmaster = psutil.Process(int(number))
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=30)


def test_what_was_signed_holds_after_a_crash(folder: Path) -> None:
    state = folder / "postgres"
    for number in range(ROUNDS):
        with embedded_postgres(state) as url:
            with desk_in(folder, url, new=not number) as desk:
                head = desk.ledger.head().position
                leaves = [leaf_hash(raw.leaf) for raw in desk.ledger.range_raw(0, head)]
                assert desk.press().log.root(head) == root_of(leaves)
                assert desk.publish() in (head, None), "it goes on from what was signed"
                last = desk.note(300)
                if number % 2:
                    assert desk.publish() == last
                for _ in range(3):
                    desk.note()
            crash(state)

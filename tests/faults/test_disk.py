"""A disk that is full: of the data, and of the write-ahead log.

Each is a small file system in memory of its own, which only root can mount.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from api.embedded import embedded_postgres
from domain.errors import Unavailable
from domain.ledger import recorder
from tests.faults.town import check_read_models
from tests.support.ledger import Noted, Place, command, draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.ledger import Command, Ledger

MEGABYTES = {"base": 48, "pg_wal": 64}
LARGE = "x" * 30_000
MOST = 4_000


def mount(place: Path, megabytes: int, *, again: bool = False) -> None:
    options = f"size={megabytes}m" + (",remount" if again else "")
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)


@contextmanager
def small(state: Path, folder: str) -> Iterator[Path]:
    """Let a folder of a cluster's data stand on a file system that is nearly full."""
    data = state / "data" / folder
    disk = state / f"disk-{folder}"
    disk.mkdir()
    mount(disk, MEGABYTES[folder])
    try:
        inside = disk / folder
        owner = data.stat()
        shutil.copytree(data, inside)
        for path in (disk, inside, *inside.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
        inside.chmod(0o700)
        shutil.rmtree(data)
        data.symlink_to(inside)
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def large(number: int) -> Command:
    return command(draft(fact=Noted(number=number, words=f"{os.urandom(15_000).hex()}")))


def fill(ledger: Ledger) -> list[tuple[Command, int]]:
    """Record until there is no room; return what was acknowledged."""
    acknowledged: list[tuple[Command, int]] = []
    for number in range(MOST):
        asked = large(number)
        try:
            acknowledged.append((asked, ledger.append(asked).positions[0]))
        except Unavailable:
            return acknowledged
    raise AssertionError("the disk was never full")


@pytest.mark.parametrize("folder", ["base", "pg_wal"])
def test_a_full_disk_loses_nothing_that_was_acknowledged(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    monkeypatch.setattr(recorder, "_PATIENCE", 1.0)
    # Not under pytest's own directory, which every run of pytest closes to other accounts.
    with TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as directory:
        state = Path(directory) / "postgres"
        with embedded_postgres(state):
            pass
        with small(state, folder) as disk:
            with embedded_postgres(state) as url:
                place = Place(url, "small", Path(directory) / "keys")
                place.create()
                with place.open() as ledger:
                    acknowledged = fill(ledger)
            assert acknowledged
            mount(disk, 512, again=True)
            with embedded_postgres(state), place.open() as ledger:
                for asked, position in acknowledged:
                    (entry,) = ledger.range(position - 1, 1)
                    assert entry.record == asked.drafts[0].record
                    assert ledger.append(asked).positions == (position,), "it was there already"
                asked = large(MOST)
                assert ledger.append(asked).positions[0] > acknowledged[-1][1], "it goes on"
                head = ledger.head().position
                positions = [entry.position for entry in ledger.range(0, head)]
                assert positions == list(range(1, head + 1))
                check_read_models(ledger)
            place.close()

"""Imports that do not run alone to their end: together, killed, without their database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from api.embedded import embedded_postgres
from api.importing import importer as importing
from api.importing.errors import TableError
from domain.errors import Unavailable
from domain.imported import LedgerRowImported, RowSetAside
from domain.ledger import Ledger, recorder
from domain.organisation import OrganisationRegistered
from tests.support.imports import (
    became,
    bring_in,
    entries,
    hazard,
    shown,
    without_places,
    write_csv,
)
from tests.support.ledger import Place
from tests.support.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.imports import Cells

ROUNDS = 6
UNITS = 7

WORKER = """
import os, sys
from pathlib import Path
from api.importing import importer
from domain.ledger import KeyStore, Ledger, Vault
from tests.support.imports import bring_in
from tests.support.ledger import ORIGIN

url, schema, keys, file, batch = sys.argv[1:]
importer.BATCH = int(batch)
vault = Vault(KeyStore.open(Path(keys), ORIGIN), os.urandom)
with Ledger.open(url, schema=schema, vault=vault, random=os.urandom) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    bring_in(ledger, Path(file), progress=lambda done: print(done, flush=True))
"""


def worker(place: Place, file: Path, batch: int) -> subprocess.Popen[str]:
    """Start an import in a process of its own; it begins when it is told to."""
    arguments = [place.url, place.schema, str(place.keys), str(file), str(batch)]
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def begin(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()


def end(*processes: subprocess.Popen[str]) -> list[int]:
    codes = []
    for process in processes:
        codes.append(process.wait(120))
        for pipe in (process.stdin, process.stdout):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()
    return codes


def made_rows(count: int) -> list[Cells]:
    """Return rows of several units, every tenth of them with a date that cannot be."""
    return [
        hazard(
            f"YH-{n}",
            单位编码=f"U{n % UNITS}",
            检查时间="2024-02-30" if n % 10 == 9 else f"2024-05-{n % 28 + 1:02}",
            整改期限=f"2024-06-{n % 28 + 1:02}",
            整改完成日期="" if n % 3 else "2024-06-10",
            销号情况="",
            隐患问题描述=f"第{n}项",
        )
        for n in range(count)
    ]


def assert_every_row_once(ledger: Ledger, rows: list[Cells]) -> None:
    found = entries(ledger, LedgerRowImported)
    numbers = [entry.fact.number for entry in found if isinstance(entry.fact, LedgerRowImported)]
    expected = [row["隐患编号"] for row in rows if row["检查时间"] != "2024-02-30"]
    assert sorted(numbers) == sorted(map(str, expected))
    assert len(entries(ledger, RowSetAside)) == len(rows) - len(expected)
    assert len(entries(ledger, OrganisationRegistered)) == UNITS
    described = {e.fact.description.value for e in found}  # type: ignore[attr-defined]
    assert len(described) == len(expected)
    assert None not in described


@pytest.fixture
def undisturbed(postgres_url: str, tmp_path: Path) -> Iterator[Place]:
    """A second ledger, for an import that runs alone."""
    found = Place(postgres_url, f"test_{uuid4().hex}", tmp_path / "other keys")
    found.create()
    yield found
    found.close()
    found.drop()


def test_two_imports_at_the_same_time(place: Place, tmp_path: Path) -> None:
    rows = made_rows(600)
    file = write_csv(tmp_path / "ledger.csv", rows)
    both = [worker(place, file, 20), worker(place, file, 20)]
    begin(*both)
    assert end(*both) == [0, 0]
    with place.open() as ledger:
        assert_every_row_once(ledger, rows)


def test_imports_of_two_states_of_one_ledger_at_the_same_time(place: Place, tmp_path: Path) -> None:
    """Whichever is later wins, row by row; and neither is lost or doubled."""
    rows = [hazard(f"YH-{n}", 单位编码=f"U{n % UNITS}") for n in range(300)]
    changed = [row | {"整改期限": "2024-07-01"} for row in rows]
    files = [
        write_csv(tmp_path / "may.csv", rows),
        write_csv(tmp_path / "june.csv", changed),
    ]
    both = [worker(place, file, 20) for file in files]
    begin(*both)
    assert end(*both) == [0, 0]
    with place.open() as ledger:
        found = entries(ledger, LedgerRowImported)
        read = [(e.record, str(e.fact.deadline)) for e in found]  # type: ignore[attr-defined]
        assert len(read) == len(set(read)) == 600
        assert shown(ledger, "U0", "2024-09-18").hazards.prior == 43
        last = Counter(dict(read).values())
        expected = {"changed": last["2024-07-01"], "unchanged": last["2024-06-02"]}
        outcomes = bring_in(ledger, files[0])["outcomes"]
        assert {name: outcomes[name] for name in expected} == expected


def test_killed_at_any_moment_and_run_again(
    place: Place, undisturbed: Place, tmp_path: Path
) -> None:
    rows = made_rows(1_200)
    file = write_csv(tmp_path / "ledger.csv", rows)
    chance = random.Random(20_240_918)  # noqa: S311 - moments, no secrets
    for _ in range(ROUNDS):
        importer = worker(place, file, 10)
        begin(importer)
        assert importer.stdout
        for _ in range(chance.randint(0, 80)):  # of 120 batches
            importer.stdout.readline()
        sleep(chance.uniform(0.0, 0.02))  # somewhere in the next
        importer.send_signal(signal.SIGKILL)
        assert end(importer) == [-signal.SIGKILL]
    with place.open() as ledger:
        half = len(entries(ledger, LedgerRowImported))
        bring_in(ledger, file)
        assert_every_row_once(ledger, rows)
        broken_off = [without_places(shown(ledger, f"U{n}", "2024-06-15")) for n in range(UNITS)]
    assert 0 < half < 1_080
    with undisturbed.open() as ledger:
        bring_in(ledger, file)
        alone = [without_places(shown(ledger, f"U{n}", "2024-06-15")) for n in range(UNITS)]
    assert broken_off == alone
    assert all(answer["hazards"]["overdue"] for answer in alone)


def test_a_database_that_goes_away_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_PATIENCE", 0.5)
    monkeypatch.setattr(importing, "BATCH", 50)
    rows = made_rows(400)
    file = write_csv(tmp_path / "ledger.csv", rows)
    done: list[int] = []
    # Not under pytest's own directory, which other accounts cannot pass.
    with TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as folder:
        state = Path(folder) / "postgres"

        def gone_half_way(count: int) -> None:
            done.append(count)
            if sum(done) == 200:
                pid = int((state / "data/postmaster.pid").read_text().splitlines()[0])
                os.kill(pid, signal.SIGQUIT)  # at once, as in a power cut

        with embedded_postgres(state) as url:
            place = Place(url, "ledger", tmp_path / "keys")
            place.create()
            patient = Ledger.open(
                url, schema="ledger", vault=place.vault(), random=os.urandom, pool_wait=1.0
            )
            with patient as ledger, pytest.raises(Unavailable) as caught:
                bring_in(ledger, file, progress=gone_half_way)
        assert "再次导入" in caught.value.todo_zh
        assert "Import the file again" in caught.value.todo_en
        assert sum(done) == 200
        with embedded_postgres(state), place.open() as ledger:
            assert len(entries(ledger, LedgerRowImported, RowSetAside)) == 200
            assert became(bring_in(ledger, file)) == {
                "imported": 180,
                "unchanged": 180,
                "set_aside": 40,
            }
            assert_every_row_once(ledger, rows)
        place.close()


def test_a_file_that_changes_while_it_is_read(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 50)
    rows = made_rows(400)
    file = write_csv(tmp_path / "ledger.csv", rows)

    def saved_by_somebody(_: int) -> None:
        write_csv(file, rows[:300])

    with pytest.raises(TableError) as caught:
        bring_in(ledger, file, progress=saved_by_somebody)
    assert "不会重复" in caught.value.todo_zh
    write_csv(file, rows)
    bring_in(ledger, file)
    assert_every_row_once(ledger, rows)

"""A town at work: a real server, an importer and somebody who sends, on a database of their own.

Whatever is killed is started again. What counts is what was acknowledged.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

import httpx
import psutil
from psycopg import sql
from uuid_utils.compat import uuid7

from api import home
from api.embedded import embedded_postgres
from api.settings import Settings
from domain.fact import leaf_hash
from domain.imported import LedgerRowImported
from domain.organisation import OrganisationChanged
from domain.proof.checkpoint import Checkpoint, read_checkpoint
from domain.proof.merkle import root_of
from domain.proof.note import split_note
from projections.build import Builds
from projections.models import read_models
from projections.runner import Runner
from tests.support.server import free_port, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from domain.ledger import Ledger

PATIENCE = 120
ROWS = 400
DRAWN = "_changed"
"""How the tables are called that say nothing of the facts: a number that grows with each change."""


@dataclass
class Town:
    """Everything that runs, and what it was told.

    Args:
        folder: for all of it.
        chance: what is drawn from it is the same for one seed.
    """

    folder: Path
    chance: Random
    acknowledged: dict[str, int] = field(default_factory=dict)
    seen: list[Checkpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = Settings(home=self.folder / "home", database_url=None)
        self.state = self.settings.home / "postgres"
        self.port = free_port()
        self.rows = hazards(self.folder / "hazards.csv", ROWS)
        self._stop = Event()
        self._server: subprocess.Popen[bytes] | None = None
        self._importer: subprocess.Popen[bytes] | None = None
        self._users = ExitStack()
        self.failed: BaseException | None = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let all of it run meanwhile."""
        self._users.enter_context(embedded_postgres(self.state))
        with home.opened(self.settings, create_missing=True):
            pass
        self._server = self._serve()
        sender = Thread(target=self._send)
        sender.start()
        try:
            yield
        finally:
            self._stop.set()
            sender.join()
            for process in (self._server, self._importer):
                if process is not None:
                    process.kill()
                    process.wait()
            self._users.close()

    def _serve(self) -> subprocess.Popen[bytes]:
        environment = {"DAOCHA_HOME": str(self.settings.home)}
        return start("serve", self.port, self.folder / "log", **environment)

    def begin_import(self) -> None:
        """Begin to import, or to import again, unless that is under way."""
        if self._importer is None or self._importer.poll() is not None:
            daocha = str(Path(sys.executable).with_name("daocha"))
            with (self.folder / "importer.log").open("ab") as log:
                self._importer = subprocess.Popen(
                    [daocha, "import", "ledger", str(self.rows)],
                    env={"DAOCHA_HOME": str(self.settings.home), "PATH": os.defpath},
                    stdout=log,
                    stderr=log,
                )

    def finish_import(self) -> None:
        """Import until it ends by itself."""
        for _ in range(5):
            self.begin_import()
            assert self._importer is not None
            if self._importer.wait(PATIENCE) == 0:
                return
        raise AssertionError((self.folder / "importer.log").read_text("utf-8")[-4000:])

    def flow(self, commands: int) -> None:
        """Wait until so many more commands are acknowledged."""
        enough, until = len(self.acknowledged) + commands, monotonic() + PATIENCE
        while len(self.acknowledged) < enough:
            assert self.failed is None, self.failed
            assert monotonic() < until, "nothing is acknowledged any more"
            sleep(0.02)

    def kill(self, victim: str) -> None:
        """Kill one of them at a random moment, and start it again."""
        sleep(self.chance.random() * 0.5)
        if victim == "postgres":
            kill_postgres(self.state)
            with embedded_postgres(self.state):  # starts it; its users stay
                pass
            return
        process = self._server if victim == "server" else self._importer
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        if victim == "server":
            self._server = self._serve()
        else:
            self.begin_import()

    def _send(self) -> None:
        """Give an organisation one name after the other, each command until it is answered.

        The record takes a change as often as it is told of it: only the command's id makes it one.
        """
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE) as client:
                body = {"kind": "government", "code": "T1", "name": "某镇政府"}
                self._until_answered(client, "/api/v1/organisations", body)
                while not self._stop.is_set():
                    name = f"第{len(self.acknowledged)}个名称"
                    at = self._until_answered(
                        client, "/api/v1/organisations/T1/changed", {"name": name}
                    )
                    if at is not None:
                        self.acknowledged[name] = at
                    with suppress(httpx.HTTPError):
                        self._look(client.get("/log/checkpoint"))
        except BaseException as error:
            self.failed = error
            raise

    def _until_answered(self, client: httpx.Client, path: str, body: dict[str, str]) -> int | None:
        """Send a command until it is answered; return its position, or None when told to stop."""
        key = {"Idempotency-Key": str(uuid7())}
        while not self._stop.is_set():
            with suppress(httpx.HTTPError):
                answer = client.post(path, json=body, headers=key)
                if answer.status_code in (200, 201):
                    return int(answer.json()["position"])
                assert answer.status_code in (429, 503), answer.text
                sleep(0.1)
        return None

    def _look(self, answer: httpx.Response) -> None:
        """Keep a checkpoint, as anybody outside may."""
        if answer.is_success:
            self.seen.append(read_checkpoint(split_note(answer.content)[0]))

    # Afterwards

    def check(self) -> None:
        """Assert what must hold whatever happened."""
        assert self.failed is None, self.failed
        with embedded_postgres(self.state), home.opened(self.settings) as ledger:
            head = ledger.head().position
            entries = ledger.range(0, head, open_sealed=False)
            assert [each.position for each in entries] == list(range(1, head + 1))
            names = {
                each.position: each.fact.name
                for each in entries
                if isinstance(each.fact, OrganisationChanged)
            }
            assert {name: names.get(at) for name, at in self.acknowledged.items()} == {
                name: name for name in self.acknowledged
            }, "an acknowledged fact is lost"
            assert max(Counter(names.values()).values()) == 1, "a fact is there twice"
            imported = sum(isinstance(each.fact, LedgerRowImported) for each in entries)
            assert imported == ROWS, "a row is missing, or there twice"
            leaves = [leaf_hash(raw.leaf) for raw in ledger.range_raw(0, head)]
            for checkpoint in self.seen:
                assert root_of(leaves[: checkpoint.size]) == checkpoint.root
            check_read_models(ledger)


def check_read_models(ledger: Ledger) -> None:
    """Assert that every read model says what it says when it is made anew."""
    models = read_models(ledger.schema)
    runner = Runner(ledger.conninfo, models, schema=ledger.schema)
    builds = Builds(ledger.conninfo, ledger.schema, size=2)
    try:
        runner.catch_up()
        for model in models:
            said = tuple(name for name in model.tables if not name.endswith(DRAWN))
            before = contents(ledger, said)
            runner.rebuild(model.name)
            after = contents(ledger, said)
            differing = {table: (before[table], after[table]) for table in before}
            differing = {name: both for name, both in differing.items() if both[0] != both[1]}
            assert differing == {}, (model.name, differing)
    finally:
        builds.close()
        runner.stop()


def contents(ledger: Ledger, tables: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the rows of a read model, as texts, in order."""
    found = {}
    with ledger.views() as cursor:
        for table in tables:
            query = sql.SQL("SELECT row_to_json(t)::text AS row FROM {} AS t")
            cursor.execute(query.format(sql.Identifier(table)))
            found[table] = sorted(row["row"] for row in cursor.fetchall())
    return found


def kill_postgres(state: Path) -> None:
    """End every process of the server at once, as a power cut would."""
    number = int((state / "data/postmaster.pid").read_text("utf-8").split("\n", 1)[0])
    postmaster = psutil.Process(number)
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=30)


def hazards(path: Path, rows: int) -> Path:
    """Write a ledger to import."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("隐患编号", "单位编码", "单位名称", "检查时间", "隐患问题描述", "隐患等级", "整改期限")
        )
        for n in range(rows):
            found = date(2024, 1, 1) + timedelta(days=n % 300)
            unit = n % 40
            writer.writerow(
                (f"H{n:05}", f"U{unit:03}", f"第{unit}号厂", found, "配电箱未接地", "一般", found)
            )
    return path

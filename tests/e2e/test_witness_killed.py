"""``kill -9`` of a witness under load: it never cosigns two histories, nor a smaller tree later.

Two processes share one state. Clients that hold the log's key race with three histories that part
where the last round ended, so that a second history is signed at once by any witness that forgets
or does not look. What counts is every cosignature that was ever received, over all rounds.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

import httpx
import pytest

from domain.proof.cosignature import CosignatureVerifier, cosigned_at
from domain.proof.note import open_note, read_key
from tests.support.logs import LOG, History
from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from domain.proof.note import Verifier

ROUNDS = int(os.environ.get("DAOCHA_KILL_ROUNDS", "5"))
HISTORIES = 3
CLIENTS = 4
GROWTH = 400
"""Leaves that a history may grow by in a round."""


def daocha(*words: str) -> str:
    """Run the witness's command line and return what it says."""
    command = [sys.executable, "-m", "api", "witness", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True)
class Received:
    """A cosignature as it came: the tree, its stated moment, and when it was asked and answered."""

    size: int
    root: bytes
    moment: float
    asked: float
    answered: float


@dataclass
class Service:
    """One of the processes on the state."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "api", "witness", "serve", str(self.folder)]
        with (self.folder.parent / "log").open("ab") as log:
            command += ["--port", str(self.port)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = monotonic() + 120
        while self.process.poll() is None and monotonic() < deadline:
            try:
                httpx.get(self.url, timeout=60)
            except httpx.TransportError:
                sleep(0.05)
            else:
                return
        raise AssertionError((self.folder.parent / "log").read_text("utf-8")[-2000:])

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def url(self) -> str:
        """Its submission prefix."""
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Client:
    """Pushes the histories of a round to a witness until told to stop, as fast as it answers."""

    service: Service
    histories: list[History]
    verifier: Verifier
    stop: Event
    chance: random.Random
    received: list[Received] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Push, and keep every cosignature that comes back."""
        known = 0
        with httpx.Client(base_url=self.service.url, timeout=60) as client:
            while not self.stop.is_set():
                history = self.chance.choice(self.histories)
                size = min(known + self.chance.randint(0, 3), len(history.leaves))
                try:
                    known = self._push(client, history, known, size)
                except httpx.TransportError:
                    sleep(0.02)

    def _push(self, client: httpx.Client, history: History, old: int, size: int) -> int:
        """Push one tree, and return what size the witness is then known to have."""
        asked = monotonic()
        answer = client.post("/add-checkpoint", content=history.request(old, size))
        answered = monotonic()
        self.statuses.add(answer.status_code)
        if answer.status_code == 409:
            return int(answer.text)
        if answer.status_code != 200:
            return old
        opened = open_note(history.note(size) + answer.content, [self.verifier])
        moment = cosigned_at(opened.signatures[0])
        assert moment is not None
        found = Received(size, history.root(size), moment.timestamp(), asked, answered)
        self.received.append(found)
        return size


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[tuple[Verifier, list[Service]]]:
    folder = tmp_path / "witness"
    daocha("init", str(folder), "--name", "city.example/witness")
    daocha("add-log", str(folder), str(LOG.key))
    vkey = daocha("key", str(folder)).split()[-1]
    services = [Service(folder), Service(folder)]
    yield CosignatureVerifier(read_key(vkey)), services
    for service in services:
        service.kill()


def signed_last(service: Service, histories: list[History]) -> History:
    """Return the history whose tree the witness has on record, cut where it stands."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        for history in histories:
            known = client.post("/add-checkpoint", content=history.request(0, 1))
            size = int(known.text) if known.status_code == 409 else 1
            answer = client.post("/add-checkpoint", content=history.request(size, size))
            if answer.status_code == 200:
                return History(history.leaves[:size])
    raise AssertionError("none of the histories is on record")


def test_no_two_histories_and_no_way_back(witness: tuple[Verifier, list[Service]]) -> None:
    verifier, services = witness
    chance = random.Random(11)  # noqa: S311 - when to kill is no secret
    received: list[Received] = []
    statuses: set[int] = set()
    base = History([chance.randbytes(32)])
    for service in services:
        service.start()
    for number in range(ROUNDS):
        histories = [
            base.grown(chance.randbytes(32) for _ in range(GROWTH)) for _ in range(HISTORIES)
        ]
        stop = Event()
        clients = [
            Client(services[n % 2], histories, verifier, stop, random.Random(chance.random()))  # noqa: S311
            for n in range(CLIENTS)
        ]
        victims = services if number % 3 == 2 else [services[number % 2]]
        with ThreadPoolExecutor(CLIENTS) as threads:
            running = [threads.submit(client.run) for client in clients]
            sleep(chance.uniform(0.1, 0.8))
            for service in victims:
                service.kill()
            sleep(0.1)
            for service in victims:
                service.start()
            sleep(0.2)
            stop.set()
            for each in running:
                each.result()
        received += [each for client in clients for each in client.received]
        statuses |= {status for client in clients for status in client.statuses}
        base = signed_last(services[0], histories)
        # Whatever was signed is part of the history that the witness still has.
        assert all(
            each.size <= len(base.leaves) and base.root(each.size) == each.root
            for client in clients
            for each in client.received
        )
    assert len(received) > 20 * ROUNDS
    assert {200, 409, 422} <= statuses
    assert all(base.root(each.size) == each.root for each in received), "a second history"
    check_order(received)


def check_order(received: list[Received]) -> None:
    """Check that no size goes back, by the moments signed and by the clock on the wall."""
    largest: dict[float, tuple[int, int]] = {}
    for each in received:
        low, high = largest.get(each.moment, (each.size, each.size))
        largest[each.moment] = min(low, each.size), max(high, each.size)
    sizes = [largest[moment] for moment in sorted(largest)]
    assert all(before[1] <= after[0] for before, after in pairwise(sizes)), "a size went back"
    by_answer = sorted(received, key=lambda each: each.answered)
    by_request = sorted(received, key=lambda each: each.asked)
    reached, index = 0, 0
    for each in by_request:
        while by_answer[index].answered < each.asked:
            reached = max(reached, by_answer[index].size)
            index += 1
        assert each.size >= reached, "a smaller tree was signed after a larger one"

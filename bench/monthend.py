"""The last evening of a month: reports sent at a rate that nobody waits with, until it is too much.

An open loop: requests are sent when their time has come, whether or not those before them were
answered. The server is a real one, on loopback. For each rate: how many were accepted, how many
were told to come again, how long the accepted ones took; and after all of it, whether everything
acknowledged is on record, once, as of its arrival.

Run it with ``python -m bench.monthend [SECONDS]``: how long each rate is kept up, default 10.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from uuid_utils.compat import uuid7

from api import home
from api.settings import Settings
from tests.support.server import free_port, start

if TYPE_CHECKING:
    from domain.ledger import Ledger

SENDERS = 300
"""Most requests on their way at once; one that finds no free sender is not sent."""
SHARES = (0.5, 1.0, 2.0, 4.0)
"""Of the rate that one client after the other reaches, which is measured first."""
_TOLD_LATER = 429
_HEAD = """\
| load | rate | accepted | told later | failed | not sent | median | p99 |
| --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass
class Night:
    """What became of the requests of one rate."""

    accepted: list[float] = field(default_factory=list)
    later: int = 0
    failed: int = 0
    unsent: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def send(client: httpx.Client, night: Night) -> None:
    """Send one command and note what became of it."""
    key = str(uuid7())
    body = {"kind": "government", "code": key, "name": "某镇政府"}
    began = time.perf_counter()
    try:
        answer = client.post("/api/v1/organisations", json=body, headers={"Idempotency-Key": key})
    except httpx.HTTPError:
        with night.lock:
            night.failed += 1
        return
    took = time.perf_counter() - began
    with night.lock:
        if answer.is_success:
            night.accepted.append(took)
            night.codes[key] = answer.json()["position"]
        elif answer.status_code == _TOLD_LATER and "retry-after" in answer.headers:
            night.later += 1
        else:
            night.failed += 1


def keep_up(client: httpx.Client, rate: float, seconds: float) -> Night:
    """Send at a rate for so long, at random moments, and wait for what is on its way."""
    night = Night()
    free = threading.Semaphore(SENDERS)
    chance = random.Random(7)  # noqa: S311 - the same at every run
    senders = []

    def one() -> None:
        try:
            send(client, night)
        finally:
            free.release()

    due, end = time.perf_counter(), time.perf_counter() + seconds
    while due < end:
        time.sleep(max(0.0, due - time.perf_counter()))
        if free.acquire(blocking=False):
            senders.append(threading.Thread(target=one))
            senders[-1].start()
        else:
            night.unsent += 1
        due += chance.expovariate(rate)
    for each in senders:
        each.join()
    return night


def told(name: str, rate: float, night: Night) -> str:
    """Return the line of a rate."""
    accepted = sorted(night.accepted) or [0.0]
    last = accepted[int(len(accepted) * 0.99) - 1]
    return (
        f"| {name} | {rate:,.0f}/s | {len(night.accepted):,} | {night.later:,} | {night.failed:,} "
        f"| {night.unsent:,} "
        f"| {statistics.median(accepted) * 1000:,.0f} ms | {last * 1000:,.0f} ms |"
    )


def check(ledger: Ledger, nights: list[Night]) -> None:
    """Assert that everything acknowledged is there, where it was said to be."""
    codes = {code: at for night in nights for code, at in night.codes.items()}
    for after in range(0, ledger.head().position, 4096):
        for entry in ledger.range(after, 4096, open_sealed=False):
            code = str(getattr(entry.fact, "code", ""))
            if codes.get(code) == entry.position:
                del codes[code]
    if codes:
        message = f"{len(codes)} acknowledged facts are not where they were said to be"
        raise AssertionError(message)


def main() -> None:
    """Measure and print, in Markdown."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 10.0
    with tempfile.TemporaryDirectory(prefix="daocha-bench-") as folder:
        Path(folder).chmod(0o711)
        settings = Settings(home=Path(folder) / "home", database_url=None)
        with home.opened(settings, create_missing=True) as ledger:
            port = free_port()
            process = start("serve", port, Path(folder) / "log", DAOCHA_HOME=str(settings.home))
            limits = httpx.Limits(max_connections=SENDERS)
            nights = []
            try:
                with httpx.Client(
                    base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits
                ) as client:
                    print(
                        "| load | rate | accepted | told later | failed | not sent | median | p99 |"
                    )
                    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
                    alone = Night()
                    end = time.perf_counter() + seconds
                    while time.perf_counter() < end:
                        send(client, alone)
                    rate = len(alone.accepted) / seconds
                    print(told("one after the other", rate, alone), flush=True)
                    nights.append(alone)
                    for share in SHARES:
                        nights.append(keep_up(client, rate * share, seconds))
                        print(told(f"{share:g} times that", rate * share, nights[-1]), flush=True)
            finally:
                process.terminate()
                process.wait(60)
            check(ledger, nights)
            print("\neverything acknowledged is on record, once")


if __name__ == "__main__":
    main()

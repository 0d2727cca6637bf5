"""How long a trace takes over HTTP, and whether it stays so as the ledger grows ten times.

Bars: a median of 50 ms for an enterprise with 100 facts, and at 1,000,000 facts no more than 1.3
times that at 100,000. The bare operation beside it: reading the same facts from PostgreSQL.
"""

from __future__ import annotations

import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from api import home
from api.settings import Settings
from bench.made import county, enterprise, unit_code
from domain.ledger import Query
from domain.organisation import organisation_id

if TYPE_CHECKING:
    from domain.ledger import Ledger

SIZES = (1_000, 10_000)
"""Enterprises of 100 facts each."""
ASKED = 200
_BATCH = 10


def main() -> None:
    """Fill a ledger, ask, fill it to ten times that, ask again."""
    with tempfile.TemporaryDirectory(prefix="daocha-bench-") as folder:
        settings = Settings(home=Path(folder) / "home", database_url=None)
        medians = []
        with home.opened(settings, create_missing=True) as ledger:
            ledger.append(county())
            filled = 0
            for size in SIZES:
                _fill(ledger, filled, size)
                filled = size
                bare = statistics.median(_bare(ledger, size))
                asked = statistics.median(_over_http(settings, size))
                medians.append(asked)
                facts = ledger.head().position
                print(
                    f"{facts:>10,} facts  trace over HTTP {asked:6.1f} ms (median of {ASKED})"
                    f"  bare read {bare:5.1f} ms"
                )
        print(f"ten times the facts: {medians[1] / medians[0]:.2f} times the median")


def _fill(ledger: Ledger, first: int, last: int) -> None:
    began = time.perf_counter()
    for start in range(first, last, _BATCH):
        ledger.append_many([enterprise(n) for n in range(start, min(start + _BATCH, last))])
    took = time.perf_counter() - began
    print(f"{'':>10}  filled at {(last - first) * 100 / took:,.0f} facts/s")


def _chosen(size: int) -> list[int]:
    return random.Random(size).sample(range(size), ASKED)  # noqa: S311 - which to ask


def _bare(ledger: Ledger, size: int) -> list[float]:
    times = []
    for number in _chosen(size):
        began = time.perf_counter()
        ledger.read(Query((f"org:{organisation_id(unit_code(number))}",)), open_sealed=False)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _over_http(settings: Settings, size: int) -> list[float]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603 - our own program
        [str(Path(sys.executable).with_name("daocha")), "serve", "--port", str(port)],
        env={"DAOCHA_HOME": str(settings.home), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client:
            _wait_for(client)
            times = []
            for number in _chosen(size):
                began = time.perf_counter()
                answer = client.get(
                    f"/enterprises/{unit_code(number)}/trace", params={"at": "2024-12-31"}
                )
                times.append((time.perf_counter() - began) * 1000)
                answer.raise_for_status()
            return times
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            if client.get("http://" + client.base_url.netloc.decode() + "/health").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    message = "the server did not come up"
    raise RuntimeError(message)


if __name__ == "__main__":
    main()

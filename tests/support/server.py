"""daocha as its users run it: the real command in a process of its own, on a free port."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import httpx
import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATIENCE = 180
"""Seconds for a start; the demo's year is written meanwhile."""
_started: list[subprocess.Popen[bytes]] = []
"""The demo that this process started: whoever leaves last stops it, be it another."""


def start(command: str, port: int, log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start ``daocha serve`` or ``demo`` and return when it answers.

    Args:
        command: which of the two.
        port: a free one.
        log: what the process says is added here.
        environment: its settings; those of the tests' own environment do not reach it.

    Raises:
        AssertionError: it ended, or stayed silent for too long; with the end of the log.
    """
    program = [str(Path(sys.executable).with_name("daocha")), command, "--port", str(port)]
    with log.open("ab") as out:
        process = subprocess.Popen(program, env=_environment(environment), stdout=out, stderr=out)
    deadline = monotonic() + PATIENCE
    while process.poll() is None and monotonic() < deadline:
        with suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE)
            return process
        sleep(0.1)
    process.kill()
    process.wait()
    raise AssertionError(f"daocha {command} did not start:\n{log.read_text('utf-8')[-4000:]}")


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def shared_demo(directory: Path) -> Iterator[str]:
    """Yield the address of the demo, which every process that names the directory shares.

    Whoever comes first starts it and whoever leaves last stops it. The locks die with their
    holders, so a worker that is killed keeps nobody from stopping it.
    """
    directory.mkdir(exist_ok=True)
    running = directory / "running"
    with (directory / "users").open("w") as users:
        with _alone(directory):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not running.exists():
                port = free_port()
                home = str(directory / "home")
                process = start("demo", port, directory / "log", DAOCHA_HOME=home)
                _started.append(process)
                running.write_text(f"{process.pid} {port}")
            number, port = map(int, running.read_text().split())
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            with _alone(directory), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop(number)
                running.unlink()
            for own in _started:
                own.poll()


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    own = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith("DAOCHA_")
    }
    return {**own, **settings}


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    with (directory / "gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _stop(number: int) -> None:
    """Stop a process that another may have started, and wait until it has gone."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(number)
        process.terminate()
        # One whose parent has not yet asked for its end stays behind as a zombie.
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            sleep(0.05)

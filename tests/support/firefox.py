"""Debian's Firefox, driven over its own wire (Marionette), which needs nothing else installed.

Playwright drives only a Firefox that it built itself. The wire is JSON in both directions, each
message with its length before it: ``[0, id, command, parameters]`` and ``[1, id, error, result]``.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 180
PREFERENCES = """
user_pref("marionette.port", 0);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.auto", false);
user_pref("browser.shell.checkDefaultBrowser", false);
"""
"""A free port; a proxy that is not there, so that nothing is asked of any network."""


@dataclass
class Firefox:
    """A running Firefox with one window."""

    wire: socket.socket
    count: int = 0

    def open(self, file: Path) -> None:
        """Open a page from the disk."""
        self.ask("WebDriver:Navigate", url=file.as_uri())

    def evaluate(self, script: str, *args: object) -> Any:  # noqa: ANN401 - whatever it returns
        """Run a function's body in the page and return what it returns."""
        answer = self.ask("WebDriver:ExecuteScript", script=script, args=list(args))
        return answer["value"]

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file in an input, as a person does."""
        found = self.ask("WebDriver:FindElement", using="css selector", value=selector)
        (element,) = found["value"].values()
        self.ask("WebDriver:ElementSendKeys", id=element, text=str(file))

    def ask(self, command: str, **parameters: object) -> dict[str, Any]:
        """Send a command and return its result."""
        self.count += 1
        message = json.dumps([0, self.count, command, parameters]).encode()
        self.wire.sendall(b"%d:%b" % (len(message), message))
        _, number, error, result = self.read()
        assert number == self.count
        assert error is None, error
        return result or {}

    def read(self) -> Any:  # noqa: ANN401 - a message
        """Return the next message."""
        head = b""
        while not head.endswith(b":"):
            head += self._receive(1)
        size, body = int(head[:-1]), b""
        while len(body) < size:
            body += self._receive(size - len(body))
        return json.loads(body)

    def _receive(self, count: int) -> bytes:
        received = self.wire.recv(count)
        assert received, "Firefox is gone"
        return received


def find_firefox() -> str | None:
    """Return the program, if there is one."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


@contextmanager
def firefox(program: str, folder: Path) -> Iterator[Firefox]:
    """Start Firefox without a window and with a profile of its own in ``folder``."""
    profile = folder / "profile"
    profile.mkdir(parents=True)
    (profile / "user.js").write_text(PREFERENCES, "utf-8")
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    environment = {**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        with _connected(process, profile / "MarionetteActivePort", folder / "log") as wire:
            browser = Firefox(wire)
            browser.read()  # it says who it is
            browser.ask("WebDriver:NewSession")
            browser.ask("WebDriver:SetTimeouts", script=PATIENCE * 1000)
            yield browser
            with suppress(AssertionError, OSError):
                browser.ask("Marionette:Quit", flags=["eForceQuit"])
    finally:
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _connected(process: subprocess.Popen[bytes], port: Path, log: Path) -> socket.socket:
    """Return the wire to a Firefox that is starting."""
    deadline = monotonic() + PATIENCE
    while process.poll() is None and monotonic() < deadline:
        with suppress(FileNotFoundError, ValueError, ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", int(port.read_text())), PATIENCE)
        sleep(0.1)
    raise AssertionError(f"Firefox did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")

"""Chores 例行工作: what is done again and again in a thread of the server's process."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import ClassVar, Self

from domain.errors import DaochaError

_log = logging.getLogger("daocha.chores")


class Chore:
    """Something that is done again and again, as a context manager.

    Any number of processes may have one: what it does, it does so that twice is as good as once.
    What goes wrong is logged, and tried again the next time. ``name`` is the thread's, ``every``
    the seconds between two times, ``fails`` what to log where it did not work, and ``at_once``
    whether the first time is at the start.
    """

    name: ClassVar[str]
    every: ClassVar[float]
    fails: ClassVar[str]
    at_once: ClassVar[bool] = False

    def __init__(self) -> None:
        self._stop = Event()
        self._thread = Thread(target=self._run, name=self.name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def do(self) -> None:
        """Do it once."""
        raise NotImplementedError

    def _run(self) -> None:
        if self.at_once:
            self._try()
        while not self._stop.wait(self.every):
            self._try()

    def _try(self) -> None:
        try:
            self.do()
        except DaochaError as error:
            _log.warning("%s: %s", self.fails, error)
        except Exception:  # noqa: BLE001 - a thread must not end in silence
            _log.exception("%s", self.fails)

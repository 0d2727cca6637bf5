"""The runner: keeps the read models up with the ledger, in threads of the server's process.

It listens first and then catches up, looks by itself in case a notification was lost, outlives the
database's restarts, and may run in any number of processes: a lock for each projection lets them
take turns, and the tracked position, recorded in the transaction of what was applied, lets none
apply a fact twice.

A fact that comes alone is applied at once. Those of a stream are left to come together for a
moment, unless somebody waits for one: a transaction for each of them, in each read model, would
take from the writers what the machine can do, for nobody's sake.
"""

from __future__ import annotations

import logging
from threading import Condition, Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Self

from domain.errors import DaochaError, Unavailable
from domain.ledger.datastore import Listener
from projections.build import PASSING, Build, Builds, Poisoned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from projections.build import Progress, Projection

_log = logging.getLogger("daocha.projections")

_POLL = 5.0
_APART = 0.25
"""Seconds after news in which more of it is left to come together."""
_BESIDE = 3
"""Connections besides one for each projection: for the state, and for whoever asks of it."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


class Runner:
    """Keeps projections up with the ledger.

    Used as a context manager, or with :meth:`start` and :meth:`stop`.

    Args:
        conninfo: connection string or URI of the ledger's database.
        projections: the read models.
        schema: the ledger's PostgreSQL schema.
    """

    def __init__(
        self, conninfo: str, projections: Iterable[Projection], *, schema: str = "daocha"
    ) -> None:
        projections = tuple(projections)
        self._builds = Builds(conninfo, schema, size=len(projections) + _BESIDE)
        self._stop = Event()
        self._moved = Condition()
        self._workers = {
            each.name: _Worker(Build(self._builds, each), self._stop, self._moved)
            for each in projections
        }
        self._listener = Listener(conninfo, schema)
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the threads: one that listens, and one for each projection."""
        self._threads = [Thread(target=self._listen, name="projections", daemon=True)]
        self._threads += [
            Thread(target=worker.run, name=f"projection {name}", daemon=True)
            for name, worker in self._workers.items()
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all threads after the batch under way, and close the connections."""
        self._stop.set()
        for worker in self._workers.values():
            worker.wake.set()
        for thread in self._threads:
            thread.join()
        self._builds.close()

    def wait_for(self, position: int, timeout: float, names: Sequence[str] | None = None) -> None:
        """Wait until projections have applied the fact at ``position``: read your own writes.

        Args:
            position: of the last fact that must show.
            timeout: seconds to wait at most.
            names: which projections; all if None.

        Raises:
            Unavailable: a projection has stopped at a fact that it cannot apply, or is too slow.
        """
        workers = [self._workers[name] for name in names or self._workers]
        deadline = monotonic() + timeout
        with self._moved:
            for worker in workers:
                if worker.position < position:
                    worker.wake.set()  # whatever the pace of the news
            while behind := [worker for worker in workers if worker.position < position]:
                for worker in behind:
                    if worker.failure is not None:
                        raise worker.failure
                if not self._moved.wait(deadline - monotonic()):
                    raise _too_slow(behind[0].name, behind[0].position, position)

    def wait_past(self, name: str, position: int, timeout: float, stop: Event) -> int:
        """Wait until a projection has come past a position, and return how far it is.

        Args:
            name: which projection.
            position: the last one that the caller has seen.
            timeout: seconds after which to return all the same.
            stop: returns at once when set; call :meth:`wake` after setting it.
        """
        worker = self._workers[name]
        with self._moved:
            self._moved.wait_for(lambda: worker.position > position or stop.is_set(), timeout)
        return worker.position

    def wake(self) -> None:
        """Let all who wait look whether they still should."""
        with self._moved:
            self._moved.notify_all()

    def catch_up(self) -> None:
        """Apply everything there is, in this thread and without :meth:`start`.

        Raises:
            Unavailable: a projection stopped at a fact that it cannot apply.
        """
        for worker in self._workers.values():
            worker.catch_up()
            if worker.failure is not None:
                raise worker.failure

    def rebuild(self, name: str, *, tell: Callable[[int], object] = lambda _: None) -> None:
        """Make one projection's tables anew beside the live ones and swap them.

        May be broken off at any time; the next call goes on from there.

        Args:
            name: which projection.
            tell: called with the position reached after each batch.

        Raises:
            Unavailable: a fact cannot be applied; the live tables stay as they are.
        """
        self._workers[name].rebuild(tell)

    def progress(self) -> list[Progress]:
        """Return how far each projection has come, by whichever process."""
        return self._builds.progress()

    def _listen(self) -> None:
        with self._listener as listener:
            while not self._stop.is_set():
                for worker in self._workers.values():
                    worker.wake.set()
                self._stop.wait(_APART)
                listener.wait(_POLL, self._stop)


class _Worker:
    """Keeps one projection up; stops, loudly, at a fact that it cannot apply."""

    def __init__(self, build: Build, stop: Event, moved: Condition) -> None:
        self.name = build.projection.name
        self.position = 0
        self.failure: DaochaError | None = None
        self.wake = Event()
        self._build = build
        self._stop = stop
        self._moved = moved

    def run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stop.is_set() and self.failure is None:
            self.wake.clear()
            try:
                self.catch_up()
            except PASSING as error:
                self.position = 0  # a database that crashed may lack what it last applied
                _log.warning("projection %s waits for the database: %s", self.name, error)
                self._stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                pause = _FIRST_PAUSE
                self.wake.wait()

    def catch_up(self) -> None:
        """Apply what there is. A failure is kept; what passes is raised."""
        try:
            if not self._build.prepare():
                self._build.rebuild(stop=self._stop)
            more = True
            while more and not self._stop.is_set():
                self.position, more = self._build.step()
                self._tell()
        except PASSING:
            raise
        except Poisoned as error:
            self._build.fail(error.position, str(error))
            self._fail(error)
        except DaochaError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - a thread must not end in silence
            self._fail(_broken(self.name, error))

    def rebuild(self, tell: Callable[[int], object]) -> None:
        self._build.rebuild(tell=tell, stop=self._stop)

    def _fail(self, error: DaochaError) -> None:
        _log.error("%s", error)
        self.failure = error
        self._tell()

    def _tell(self) -> None:
        with self._moved:
            self._moved.notify_all()


def _broken(name: str, error: Exception) -> Unavailable:
    return Unavailable(
        f"读模型 {name} 不能更新：{error!r}",
        f"the read model {name} cannot be kept up: {error!r}",
        todo_zh="请查看日志与数据库权限，然后重启。",
        todo_en="Look at the log and the database's grants, then restart.",
    )


def _too_slow(name: str, position: int, wanted: int) -> Unavailable:
    return Unavailable(
        f"读模型 {name} 尚在第 {position} 条，未到第 {wanted} 条",
        f"the read model {name} is at {position} and not yet at {wanted}",
        todo_zh="记录已成功；请稍后再查看。",
        todo_en="The facts are recorded: look again in a moment.",
    )

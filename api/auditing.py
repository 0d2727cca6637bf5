"""``daocha audit`` 核验: the whole ledger read again, on all cores, going on where it stopped.

Ranges of facts are looked at side by side in processes of their own; their outcomes are folded here
in order. What is known is written down every few seconds, whole or not at all, so that a process
killed in the middle loses no more than that.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import api.operations  # noqa: F401 - in each process too, every kind of fact must be known
from api import home
from domain.audit.faults import Fault, first
from domain.audit.fold import Audit, surplus_command, surplus_tag
from domain.audit.ranges import Checked, check_range
from domain.errors import Unavailable
from domain.ledger import KeyStore, LedgerTables, Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.settings import Settings
    from domain.ledger import Ledger

RANGE = 4096
"""Facts looked at together; a multiple of 256, so that the tree grows by whole runs."""
_AHEAD = 4
"""Ranges that each process has before it."""
_SAVE_EVERY = 2.0
_SAVING_SHARE = 20
"""Writing down what is known takes at most one part in so many of the time."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found.

    Args:
        origin: the ledger's name.
        began: the last position that earlier audits had looked at; nothing up to it was read again.
        position: the last position up to which everything holds.
        root: the root of the tree over all facts up to there, in hexadecimal.
        closed: sealed values that could not be opened, for want of their key.
        fault: the first thing that does not hold; None where all does.
    """

    origin: str
    began: int
    position: int
    root: str
    closed: int
    fault: Fault | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "fault"}
        return {**plain, "holds": self.fault is None, "fault": self.fault and self.fault._asdict()}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a process finds the ledger and its keys."""

    conninfo: str
    schema: str
    keys: Path
    origin: str

    @contextmanager
    def opened(self) -> Iterator[Callable[[int, int], Checked]]:
        """Yield what looks at a range."""
        with ExitStack() as stack:
            tables = stack.enter_context(LedgerTables(self.conninfo, self.schema))
            keys = KeyStore.open(self.keys, self.origin)
            stack.callback(keys.close)
            vault = Vault(keys, os.urandom)
            yield lambda after, upto: check_range(after, upto, tables, vault)


class Progress:
    """What is known, on disk: one file beside the other state, replaced whole.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = monotonic() + _SAVE_EVERY

    def load(self) -> bytes | None:
        """Return what was written last, or None."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def save(self, audit: Audit, *, now: bool = False) -> None:
        """Write down what is known, if it is time to, or ``now``."""
        began = monotonic()
        if began < self._next and not now:
            return
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with new.open("wb") as file:
                file.write(audit.dump())
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        ended = monotonic()
        self._next = ended + max(_SAVE_EVERY, _SAVING_SHARE * (ended - began))


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"核验进度 {path} 不能读写：{error.strerror}",
        f"the audit's progress cannot be kept in {path}: {error.strerror}",
        todo_zh="检查目录的权限和磁盘空间",
        todo_en="check the permissions and the disk",
    )


def progress_file(settings: Settings) -> Path:
    """Return where the progress of a ledger's audit is kept."""
    return settings.home / "audit" / f"{settings.ledger}.json"


def audit(
    settings: Settings,
    *,
    fresh: bool = False,
    jobs: int | None = None,
    tell: Callable[[int, int], object] = lambda *_: None,
) -> Report:
    """Read a ledger again and tell the first place that does not hold.

    Args:
        settings: which ledger, and where its keys and the audit's progress are.
        fresh: read everything again, also what an earlier audit found to hold.
        jobs: how many processes; default: one a core.
        tell: called with the position reached and the last one.

    Raises:
        Invalid: the progress kept is of another ledger or version: begin anew.
        Unavailable: the database, the keys or the progress cannot be read.
    """
    with home.opened(settings) as ledger, LedgerTables(ledger.conninfo, ledger.schema) as tables:
        progress = Progress(progress_file(settings))
        known = None if fresh else progress.load()
        state = (
            Audit.load(known, ledger.origin, tables.leaf_hashes)
            if known
            else Audit(ledger.origin, tables.leaf_hashes)
        )
        began, head = state.position, ledger.head().position
        if began > head:
            return _report(state, began, _shrunk(head))
        place = _Place(ledger.conninfo, ledger.schema, home.keys_of(settings), ledger.origin)
        fault = _take_all(place, state, head, jobs or os.cpu_count() or 1, progress, tell)
        fault = fault or _finish(ledger, tables, state)
        progress.save(state, now=True)
        return _report(state, began, fault)


def _take_all(
    place: _Place,
    state: Audit,
    head: int,
    jobs: int,
    progress: Progress,
    tell: Callable[[int, int], object],
) -> Fault | None:
    """Look at all ranges up to ``head`` and fold them, until one does not hold."""
    for checked in _checked(place, state.position, head, jobs):
        fault = state.take(checked)
        if fault:
            return fault
        progress.save(state)
        tell(state.position, head)
    return None


def _finish(ledger: Ledger, tables: LedgerTables, state: Audit) -> Fault | None:
    totals = tables.totals(state.position)
    tags, commands = state.surplus(totals)
    tag = tables.surplus_tag(state.position) if tags else None
    command = tables.surplus_command(state.position) if commands else None
    return first(
        state.finish(totals, ledger.erased()),
        surplus_tag(*tag) if tag else None,
        surplus_command(*command) if command else None,
    )


def _report(state: Audit, began: int, fault: Fault | None) -> Report:
    root = state.tree.root().hex()
    return Report(state.origin, began, state.position, root, state.closed, fault)


def _shrunk(head: int) -> Fault:
    zh = "此条及其后的事实在上次核验时还在，现已不在：台账被截断，或退回了旧备份"
    en = "the last audit found this fact and later ones, which are gone: cut off, or an old backup"
    return Fault(head + 1, "missing", zh, en)


# Processes.


def _checked(place: _Place, after: int, head: int, jobs: int) -> Iterator[Checked]:
    """Yield the outcome of every range, in order."""
    ranges = deque(_ranges(after, head))
    if jobs == 1 or len(ranges) <= 1:
        with place.opened() as check:
            for each in ranges:
                yield check(*each)
        return
    context = get_context("spawn")  # a fork would take over connections and locks
    with ProcessPoolExecutor(jobs, context, _begin, (place,)) as pool:
        pending: deque[Future[Checked]] = deque()
        try:
            while ranges or pending:
                while ranges and len(pending) < jobs * _AHEAD:
                    pending.append(pool.submit(_look, *ranges.popleft()))
                yield pending.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _ranges(after: int, head: int) -> Iterator[tuple[int, int]]:
    while after < head:
        upto = min((after // RANGE + 1) * RANGE, head)
        yield after, upto
        after = upto


class _Own:
    """What a process that does nothing else has opened, until it ends."""

    stack = ExitStack()
    check: Callable[[int, int], Checked]


def _begin(place: _Place) -> None:
    """Open the ledger in a new process, which ends with the one that began it."""
    Thread(target=_end_with_parent, daemon=True).start()
    _Own.check = _Own.stack.enter_context(place.opened())


def _look(after: int, upto: int) -> Checked:
    return _Own.check(after, upto)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

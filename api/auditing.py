"""``daocha audit`` 核验: the whole ledger read again, on all cores, going on where it stopped.

Ranges of facts are looked at side by side in processes of their own; their outcomes are folded here
in order. What is known is written down every few seconds, whole or not at all, so that a process
killed in the middle loses no more than that.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import orjson

import api.operations  # noqa: F401 - in each process too, every kind of fact must be known
from api import home
from api.log.witnesses import read_policy
from domain.audit.faults import Fault, first
from domain.audit.fold import Audit, surplus_command, surplus_tag
from domain.audit.ranges import Checked, check_range
from domain.audit.rolls import Taken, check_kept, check_reached, check_said
from domain.audit.signatures import Due, judge
from domain.errors import Unavailable
from domain.ledger import KeyStore, LedgerTables, Vault
from domain.proof.taken import REPORTS
from projections.rolls_again import Asked, derive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from api.settings import Settings
    from domain.ledger import Ledger
    from domain.proof.note import Verifier

P = ParamSpec("P")
T = TypeVar("T")
_Derived = dict[str, bytes]

RANGE = 4096
"""Facts looked at together; a multiple of 256, so that the tree grows by whole runs."""
TOGETHER = 250
"""Signatures judged together, and checkpoints read together, and entries of rolls derived."""
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
        signatures: the personal signatures among them.
        checkpoints: the checkpoints of the transparency log that were held against them.
        rolls: the rolls among them, each of which says what the record says.
        closed: sealed values that could not be opened, for want of their key.
        fault: the first thing that does not hold; None where all does.
    """

    origin: str
    began: int
    position: int
    root: str
    signatures: int
    checkpoints: int
    rolls: int
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


class _Worker:
    """Looks at one thing at a time, on a connection of its own."""

    def __init__(self, place: _Place) -> None:
        self._tables = LedgerTables(place.conninfo, place.schema)
        self._keys = KeyStore.open(place.keys, place.origin)
        self._vault = Vault(self._keys, os.urandom)

    def close(self) -> None:
        """Close the connection and the keys."""
        self._keys.close()
        self._tables.close()

    def check(self, after: int, upto: int) -> Checked:
        """Look at a range."""
        return check_range(after, upto, self._tables, self._vault)

    def judge(self, due: Sequence[Due]) -> Fault | None:
        """Judge signatures."""
        return judge(due, self._tables.rows_at)

    def derive(self, kind: str, month: str, upto: int, asked: Sequence[Asked]) -> _Derived:
        """Derive entries of a roll."""
        found = derive(kind, month, upto, asked, self._tables)
        return {each.id: leaf for each, leaf in zip(asked, found, strict=True) if leaf}


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

    def is_due(self) -> bool:
        """Tell whether it is time to write down what is known."""
        return monotonic() >= self._next

    def save(self, audit: Audit) -> None:
        """Write down what is known."""
        began = monotonic()
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
        about = ledger.origin, tables.leaf_hashes, _witnesses(settings)
        state = Audit.load(known, *about) if known else Audit(*about)
        began, head = state.position, ledger.head().position
        if began > head:
            return _report(state, began, _shrunk(head))
        place = _Place(ledger.conninfo, ledger.schema, home.keys_of(settings), ledger.origin)
        with _crew(place, head - began, jobs or os.cpu_count() or 1) as crew:
            fault = _Going(crew, tables, state, progress).through(head, tell)
            fault = fault or first(_finish(ledger, tables, state), _rolls(crew, tables, state))
        if fault is None:
            progress.save(state)
        return _report(state, began, fault)


class _Going:
    """An audit under way: ranges looked at ahead, folded in order, their signatures judged."""

    def __init__(self, crew: _Crew, tables: LedgerTables, state: Audit, progress: Progress) -> None:
        self._crew = crew
        self._tables = tables
        self._state = state
        self._progress = progress
        self._judging: deque[Future[Fault | None]] = deque()

    def through(self, head: int, tell: Callable[[int, int], object]) -> Fault | None:
        """Look at everything up to ``head``, until something does not hold.

        What is known is only ever written down when all signatures so far have been judged.
        """
        for checked in self._crew.checked(self._state.position, head):
            fault = self._take(checked)
            if fault:
                return first(self._judged(), fault)
            while len(self._judging) > self._crew.ahead:
                fault = self._judging.popleft().result()
                if fault:
                    return fault
            if self._progress.is_due():
                fault = self._judged()
                if fault:
                    return fault
                self._progress.save(self._state)
            tell(self._state.position, head)
        return self._judged()

    def _take(self, checked: Checked) -> Fault | None:
        state = self._state
        fault = state.take(checked)
        due, state.due = state.due, []
        for begin in range(0, len(due), TOGETHER):
            self._judging.append(self._crew.judge(due[begin : begin + TOGETHER]))
        return fault or self._take_checkpoints()

    def _take_checkpoints(self) -> Fault | None:
        state, fault, more = self._state, None, True
        while more and fault is None:
            found = self._tables.checkpoints(state.checkpoints.number, state.position, TOGETHER)
            fault, more = state.take_checkpoints(found), bool(found)
        return fault

    def _judged(self) -> Fault | None:
        """Wait for all that is being judged, and return the first fault."""
        found = first(*(each.result() for each in self._judging))
        self._judging.clear()
        return found


def _finish(ledger: Ledger, tables: LedgerTables, state: Audit) -> Fault | None:
    totals = tables.totals(state.position)
    tags, commands = state.surplus(totals)
    tag = tables.surplus_tag(state.position) if tags else None
    command = tables.surplus_command(state.position) if commands else None
    return first(
        state.finish(totals, ledger.erased()),
        surplus_tag(*tag) if tag else None,
        surplus_command(*command) if command else None,
        state.take_tiles(tables.upper_tiles()),
    )


# Rolls.


def _rolls(crew: _Crew, tables: LedgerTables, state: Audit) -> Fault | None:
    """Hold all rolls against what is kept of them, and new ones against the record."""
    for taken in state.rolls:
        kept = tables.roll(bytes.fromhex(taken.head.root))
        fault = check_kept(taken, kept)
        if not fault and taken.position > state.derived:
            fault = check_reached(taken, tables.recorded_by(taken.deadline))
            fault = fault or _derived_again(crew, tables, state, taken, _by_id(kept))
        if fault:
            return fault
        state.derived = max(taken.position, state.derived)
    return None


def _derived_again(
    crew: _Crew, tables: LedgerTables, state: Audit, taken: Taken, kept: dict[str, bytes]
) -> Fault | None:
    by = state.dependencies.of_roll(taken.kind, taken.upto)
    known = _chains(tables, state, taken)
    ids = sorted(by.keys() | kept.keys())
    asked = [Asked(each, by.get(each, ()), *known.get(each, ())) for each in ids]
    derived: _Derived = {}
    for found in crew.derived(taken, asked):
        derived |= found
    return check_said(taken, kept, derived)


def _chains(tables: LedgerTables, state: Audit, taken: Taken) -> dict[str, tuple[int, int, bytes]]:
    """Return what the roll of reports before this one says of the facts about each on it."""
    last = [each for each in state.rolls if each.kind == REPORTS and each.upto <= taken.upto]
    last = [each for each in last if each.position < taken.position]
    if taken.kind != REPORTS or not last:
        return {}
    kept = _by_id(tables.roll(bytes.fromhex(last[-1].head.root)))
    told = {each: orjson.loads(leaf)["content"] for each, leaf in kept.items()}
    return {
        each: (last[-1].upto, said["count"], bytes.fromhex(said["chain"]))
        for each, said in told.items()
    }


def _by_id(leaves: Sequence[bytes]) -> dict[str, bytes]:
    return {orjson.loads(leaf)["id"]: leaf for leaf in leaves}


def _report(state: Audit, began: int, fault: Fault | None) -> Report:
    position = state.position if fault is None else min(state.position, max(fault.position - 1, 0))
    return Report(
        origin=state.origin,
        began=began,
        position=position,
        root=state.tree.root_at(position).hex(),
        signatures=state.signatures,
        checkpoints=state.checkpoints.number,
        rolls=len(state.rolls),
        closed=state.closed,
        fault=fault,
    )


def _witnesses(settings: Settings) -> list[Verifier]:
    """Return the keys of the witnesses that the log's policy names."""
    return list(read_policy(home.log_policy_of(settings)).witnesses.values())


def _shrunk(head: int) -> Fault:
    zh = "此条及其后的事实在上次核验时还在，现已不在：台账被截断，或退回了旧备份"
    en = "the last audit found this fact and later ones, which are gone: cut off, or an old backup"
    return Fault(head + 1, "missing", zh, en)


# Processes.


class _Crew:
    """Whoever looks at ranges and judges signatures: processes, or this one by itself.

    Args:
        executor: runs what is asked.
        jobs: how many at a time.
    """

    def __init__(self, executor: Executor, jobs: int) -> None:
        self._executor = executor
        self.ahead = jobs * _AHEAD

    def checked(self, after: int, head: int) -> Iterator[Checked]:
        """Yield the outcome of every range, in order; those to come are looked at meanwhile."""
        ranges = deque(_ranges(after, head))
        pending: deque[Future[Checked]] = deque()
        while ranges or pending:
            while ranges and len(pending) < self.ahead:
                pending.append(self._executor.submit(_check, *ranges.popleft()))
            yield pending.popleft().result()

    def judge(self, due: list[Due]) -> Future[Fault | None]:
        """Have signatures judged."""
        return self._executor.submit(_judge, due)

    def derived(self, taken: Taken, asked: Sequence[Asked]) -> Iterator[_Derived]:
        """Yield the entries of a roll, derived again, in parts."""
        parts = deque(asked[begin : begin + TOGETHER] for begin in range(0, len(asked), TOGETHER))
        pending: deque[Future[_Derived]] = deque()
        while parts or pending:
            while parts and len(pending) < self.ahead:
                about = taken.kind, taken.month, taken.upto, parts.popleft()
                pending.append(self._executor.submit(_derive, *about))
            yield pending.popleft().result()


@contextmanager
def _crew(place: _Place, facts: int, jobs: int) -> Iterator[_Crew]:
    """Yield as many processes as are worth their beginning; for little work, this one."""
    if jobs == 1 or facts <= RANGE:
        _open(place)
        try:
            yield _Crew(_AtOnce(), 1)
        finally:
            _close()
        return
    context = get_context("spawn")  # a fork would take over connections and locks
    with ProcessPoolExecutor(jobs, context, _begin, (place,)) as pool:
        try:
            yield _Crew(pool, jobs)
        finally:
            pool.shutdown(cancel_futures=True)


class _AtOnce(Executor):
    """Does what is asked at once, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Return what is already done."""
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def _ranges(after: int, head: int) -> Iterator[tuple[int, int]]:
    while after < head:
        upto = min((after // RANGE + 1) * RANGE, head)
        yield after, upto
        after = upto


_workers: list[_Worker] = []
"""The one of this process."""


def _begin(place: _Place) -> None:
    """Open the ledger in a new process, which ends with the one that began it."""
    Thread(target=_end_with_parent, daemon=True).start()
    _open(place)


def _open(place: _Place) -> None:
    _workers.append(_Worker(place))


def _close() -> None:
    _workers.pop().close()


def _check(after: int, upto: int) -> Checked:
    return _workers[-1].check(after, upto)


def _judge(due: Sequence[Due]) -> Fault | None:
    return _workers[-1].judge(due)


def _derive(kind: str, month: str, upto: int, asked: Sequence[Asked]) -> _Derived:
    return _workers[-1].derive(kind, month, upto, asked)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

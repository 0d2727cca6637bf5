"""What a witness remembers: which logs it witnesses, and the newest tree of each.

One SQLite file, which several processes of one machine may use at once. Everything the witness
promises rests on :meth:`State.advance`: in one transaction the head that was decided upon is
compared with the one on record, the new one put in its place and the moment taken, and the
transaction is on the disk (``synchronous=FULL``) before the caller may sign.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Self

from domain.errors import Conflict, Invalid, NotFound, Unavailable
from domain.proof.cosignature import read_cosigner
from domain.proof.note import ED25519, NoteVerifier, Verifier, read_key
from domain.proof.witness import NOTHING, Accepted, Head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BACKWARDS = timedelta(minutes=1)
"""How far the clock may lie behind the last cosignature before the witness stops signing."""
_WAIT = 10.0
"""Seconds to wait for another process's transaction."""
_VERSION = 1
_TABLES = f"""
CREATE TABLE log (
    vkey TEXT PRIMARY KEY,
    origin TEXT NOT NULL
) STRICT;
CREATE TABLE head (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    seconds INTEGER NOT NULL,
    note BLOB
) STRICT;
PRAGMA user_version = {_VERSION};
"""


class State:
    """The witness's memory, opened.

    Args:
        file: the SQLite file; :meth:`make` makes it.

    Raises:
        NotFound: it is not there. A witness that lost its memory must not begin again under the
            same keys: it would cosign whatever it is shown first.
        Invalid: it is something else.
    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            raise NotFound(
                f"见证方的记录不见了：{file}",
                f"the witness's memory is not there: {file}",
                todo_zh="没有记录的见证方会签署第二份历史，不得沿用原密钥：请停用它，另建一个",
                todo_en="without it the old keys could sign a second history: make a new witness",
            )
        self._lock = Lock()
        self._database = _connect(file)
        if self._database.execute("PRAGMA user_version").fetchone() != (_VERSION,):
            self._database.close()
            raise Invalid("不是见证方的记录", "not a witness's memory", where=str(file))

    @classmethod
    def make(cls, file: Path) -> Self:
        """Make the file, empty, and open it."""
        database = _connect(file)
        # A write-ahead log: unlike the older journal it needs no folder entry to be on the disk.
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript(_TABLES)
        database.close()
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return cls(file)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def add_log(self, vkey: str) -> str:
        """Witness a log from now on, and return its origin; again is nothing.

        Raises:
            Invalid: ``vkey`` is not the public key of a log.
        """
        key = read_key(vkey)
        _ = _verifier(vkey)
        with self._transaction():
            self._database.execute(
                "INSERT INTO log (vkey, origin) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (vkey, key.name),
            )
        return key.name

    def logs(self) -> dict[str, list[Verifier]]:
        """Return the keys of the logs that are witnessed, by origin."""
        with self._lock:
            rows = self._database.execute("SELECT origin, vkey FROM log ORDER BY rowid").fetchall()
        found: dict[str, list[Verifier]] = {}
        for origin, vkey in rows:
            found.setdefault(origin, []).append(_verifier(vkey))
        return found

    def latest(self, origin: str) -> Head:
        """Return the newest tree of a log that was or is about to be cosigned."""
        with self._lock:
            row = self._database.execute(
                "SELECT size, root FROM head WHERE origin = ?", (origin,)
            ).fetchone()
        return Head(*row) if row else NOTHING

    def advance(self, accepted: Accepted, now: Callable[[], datetime]) -> datetime:
        """Put a log's new head in place of the one it was decided upon; it may be signed then.

        Args:
            accepted: what was decided.
            now: the clock, asked inside the transaction, so that of two cosignatures of a log the
                later one is never of the smaller tree.

        Returns:
            The moment to sign with, in whole seconds, never before the last one.

        Raises:
            Conflict: the record has moved on meanwhile; nothing is changed.
            Unavailable: the clock has gone back, or the file cannot be written.
        """
        origin = accepted.checkpoint.origin
        with self._transaction():
            row = self._database.execute(
                "SELECT size, root, seconds FROM head WHERE origin = ?", (origin,)
            ).fetchone()
            head, last = (Head(*row[:2]), row[2]) if row else (NOTHING, 0)
            if head != accepted.before:
                raise Conflict("记录已有变化", "the head has moved on")
            seconds = _not_before(last, now())
            self._database.execute(
                "INSERT INTO head (origin, size, root, seconds) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (origin) DO UPDATE SET"
                " size = excluded.size, root = excluded.root, seconds = excluded.seconds",
                (origin, *accepted.after, seconds),
            )
        return datetime.fromtimestamp(seconds, UTC)

    def keep(self, accepted: Accepted, note: bytes) -> None:
        """Keep the note to serve to monitors, unless a larger tree has come between."""
        with self._transaction():
            self._database.execute(
                "UPDATE head SET note = ? WHERE origin = ? AND size = ? AND root = ?",
                (note, accepted.checkpoint.origin, *accepted.after),
            )

    def notes(self) -> dict[str, bytes]:
        """Return the newest note that was cosigned of each log, by origin."""
        with self._lock:
            return dict(
                self._database.execute("SELECT origin, note FROM head WHERE note IS NOT NULL")
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Keep every other process from writing meanwhile; on the disk when it is left."""
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._database.execute("COMMIT")
                except BaseException:
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")
                    raise
            except sqlite3.OperationalError as error:  # locked for too long, disk full, read-only
                raise Unavailable(
                    "见证方的记录暂时无法写入", f"the witness's memory cannot be written: {error}"
                ) from error


def _connect(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA synchronous=FULL")
    return database


def _verifier(vkey: str) -> Verifier:
    key = read_key(vkey)
    if key.kind == ED25519:
        return NoteVerifier(key)
    try:
        return read_cosigner(vkey)
    except Invalid as error:
        raise Invalid("不是日志的公钥", "not the public key of a log", where=key.name) from error


def _not_before(last: int, now: datetime) -> int:
    if now + BACKWARDS < datetime.fromtimestamp(last, UTC):
        raise Unavailable(
            "时钟早于上一次附署",
            "the clock lies before the last cosignature",
            todo_zh="请校准本机时钟",
            todo_en="set this machine's clock",
        )
    return max(last, int(now.timestamp()))

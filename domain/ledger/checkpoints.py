"""The checkpoints 检查点 that the transparency log has published: permanent, like facts.

They are stored by one function in the database, which never takes a smaller tree than the last, nor
another tree of its size. Whether a checkpoint is rightly signed is for whoever reads it to check.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql
from psycopg.rows import class_row, scalar_row

from domain.errors import Contradiction
from domain.ledger.datastore import unreachable
from domain.ledger.recorder import patiently

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from psycopg import Connection

    from domain.ledger.datastore import LedgerDatastore


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint as it was published.

    Args:
        number: counts them, from 1.
        size: leaves of the tree.
        root: its hash.
        note: the signed note, with all signatures.
        published: when it was stored, in UTC, by the database's clock.
    """

    number: int
    size: int
    root: bytes
    note: bytes
    published: datetime


class Checkpoints:
    """The published checkpoints of one ledger.

    Raises:
        Unavailable: whatever is asked, the database cannot be reached.
    """

    def __init__(self, store: LedgerDatastore) -> None:
        self._store = store
        self._table = sql.Identifier(store.schema, "checkpoint")

    def latest(self) -> Published | None:
        """Return the newest one, or None where nothing was published yet."""
        return self._first(sql.SQL("ORDER BY number DESC"), [])

    def covering(self, size: int) -> Published | None:
        """Return the first one whose tree has at least ``size`` leaves, or None."""
        return self._first(sql.SQL("WHERE size >= %s ORDER BY size, number"), [size])

    def below(self, size: int) -> Published | None:
        """Return the newest one whose tree has fewer than ``size`` leaves, or None."""
        return self._first(sql.SQL("WHERE size < %s ORDER BY size DESC, number DESC"), [size])

    def of_size(self, size: int) -> Published | None:
        """Return the newest one whose tree has exactly ``size`` leaves, or None."""
        return self._first(sql.SQL("WHERE size = %s ORDER BY number DESC"), [size])

    def numbered(self, number: int) -> Published | None:
        """Return the one of a number, or None."""
        return self._first(sql.SQL("WHERE number = %s"), [number])

    def _first(self, rest: sql.SQL, values: list[int]) -> Published | None:
        query = sql.SQL("SELECT * FROM {} {} LIMIT 1").format(self._table, rest)

        def read() -> Published | None:
            with (
                self._store.connection() as connection,
                connection.cursor(row_factory=class_row(Published), binary=True) as cursor,
            ):
                return cursor.execute(query, values).fetchone()

        return patiently(read)

    @contextmanager
    def leading(self) -> Iterator[Leader | None]:
        """Become the one that publishes, for as long as this lasts; None where another is.

        Raises:
            Unavailable: the database cannot be reached.
        """
        with self._store.connect() as connection:
            key = f"{self._store.schema}.checkpoint"
            query = "SELECT pg_try_advisory_lock(%s::regclass::oid::bigint)"
            with connection.cursor(row_factory=scalar_row) as cursor:
                leads = cursor.execute(query, [key]).fetchone()
            yield Leader(connection, self._store.schema) if leads else None


class Leader:
    """The only one that publishes: its connection holds the lock, and stores what it publishes."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection = connection
        self._publish = sql.SQL("SELECT {}(%s, %s, %s)").format(sql.Identifier(schema, "publish"))

    def store(self, size: int, root: bytes, note: bytes) -> int:
        """Store a checkpoint after the newest one, and return its number.

        Args:
            size: leaves of the tree.
            root: its hash.
            note: the signed note.

        Raises:
            Contradiction: a larger tree was published, or another of this size, or the tree
                reaches past the facts, or the note is not of this tree.
            Unavailable: the lead is lost with the connection.
        """
        try:
            with self._connection.cursor(row_factory=scalar_row) as cursor:
                (number,) = cursor.execute(self._publish, [size, root, note]).fetchall()
        except errors.DataException as error:
            raise Contradiction(
                f"检查点（{size}）不能公布：{error.diag.message_primary}",
                f"the checkpoint of {size} cannot be published: {error.diag.message_primary}",
                todo_zh="停止写入，保全数据库和备份，与见证方所存的检查点核对。",
                todo_en="Stop writing, preserve everything, compare with what witnesses hold.",
                where=str(size),
            ) from error
        except psycopg.OperationalError as error:
            raise unreachable(error) from error
        return int(number)

"""How a read model is made from the ledger: in batches, each exactly once, and anew beside the old.

A projection's tables stand in one of two PostgreSQL schemas, ``<ledger>_views_a`` and ``_b``; views
in ``<ledger>_views`` show the live ones. A rebuild fills the other set and swaps the views.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import psycopg
from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    Tracking,
)
from eventsourcing.postgres import PostgresTrackingRecorder
from psycopg import sql
from psycopg.rows import tuple_row

from domain.errors import Unavailable
from domain.ledger import RawEntry
from domain.ledger.datastore import LedgerDatastore
from domain.ledger.schema import PROJECTOR, WRITER, check_name, views_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

PASSING = (psycopg.OperationalError, OperationalError, InterfaceError, IntegrityError)
"""The database is away for a while, or another process was quicker: try again."""
BATCH = 2000
"""Facts in one transaction: one by one they would cost twenty times as much."""
# What a crash takes from a read model, the facts give back: its tracked position goes with it, as
# one transaction, and the facts before it were on the disk when it was committed.
_BEGIN = """
    SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)),
        set_config('synchronous_commit', 'off', true)
"""
_SETTLED_AT_ONCE = 1000
"""Records whose rows a rebuild makes in one transaction."""
_STATE = """
    CREATE TABLE IF NOT EXISTS {views}.build (
        name text,
        side text CHECK (side IN ('a', 'b')),
        version integer NOT NULL,
        tables text[] NOT NULL,
        live boolean NOT NULL,
        failed_at bigint,
        failure text,
        PRIMARY KEY (name, side)
    );
    -- Whose rows a rebuild has yet to make.
    CREATE TABLE IF NOT EXISTS {views}.due (
        name text,
        side text,
        id uuid,
        PRIMARY KEY (name, side, id)
    )
"""


class Projection(Protocol):
    """One read model: its tables, and how facts change them."""

    @property
    def name(self) -> str:
        """Lower case, for good."""
        ...

    @property
    def version(self) -> int:
        """Raised with every change of the tables or of what goes in: they are then made anew."""
        ...

    @property
    def tables(self) -> Mapping[str, str]:
        """By the plain name under which it is read, the statements that make each table.

        A name belongs to one projection only.
        """
        ...

    @property
    def topics(self) -> frozenset[str] | None:
        """The kinds of fact it wants, or None for all."""
        ...

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Change the tables, known to ``cursor`` by their plain names, by facts in order."""
        ...


@runtime_checkable
class Gathering(Protocol):
    """A projection whose rows can be made once for many facts: a rebuild makes each row once."""

    @property
    def puts_off(self) -> bool:
        """Whether it pays."""
        ...

    def gather(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> set[UUID]:
        """Return whose rows the facts may change."""
        ...

    def settle(self, cursor: Cursor[DictRow], ids: set[UUID], upto: int) -> None:
        """Make their rows from all facts up to a position."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a projection has come, and what stopped it: at which position and why.

    Args:
        name: of the projection.
        position: the last fact that its live tables know of.
        failed_at: the fact that cannot be applied, if one cannot.
        failure: why.
        rebuilding: the last fact that the tables made beside the live ones know of, if any are.
    """

    name: str
    position: int
    failed_at: int | None
    failure: str | None
    rebuilding: int | None = None


class Outdated(Unavailable):
    """The tables belong to another version of the program."""


class Poisoned(Unavailable):
    """A fact cannot be applied; ``position`` says which."""

    def __init__(self, name: str, position: int, error: Exception) -> None:
        super().__init__(
            f"读模型 {name} 停在第 {position} 条事实：{error!r}",
            f"the read model {name} stopped at the fact at {position}: {error!r}",
            todo_zh="事实已记录，未受影响；请升级或修复程序后重建读模型。",
            todo_en="The fact itself is safe: mend the program, then rebuild the read model.",
            where=str(position),
        )
        self.position = position


class Positions(PostgresTrackingRecorder):
    """The library's tracking recorder: refuses a position that does not lie past the last."""

    def __init__(self, store: LedgerDatastore) -> None:
        super().__init__(store, tracking_table_name="tracking")

    def at(self, cursor: Cursor[DictRow], name: str) -> int:
        """Return the last position applied under ``name``; 0 if none was."""
        return self._max_tracking_id(name, cursor) or 0

    def advance(self, cursor: Cursor[DictRow], name: str, position: int) -> None:
        """Record the last position applied, in the transaction of what was applied."""
        self._insert_tracking(cursor, Tracking(name, position))

    def forget(self, cursor: Cursor[DictRow], name: str) -> None:
        """Begin again from the first position."""
        table = sql.Identifier(self.datastore.schema, self.tracking_table_name)
        cursor.execute(sql.SQL("DELETE FROM {} WHERE application_name = %s").format(table), [name])


class Builds:
    """The read models of one ledger in the database.

    Args:
        conninfo: connection string or URI of the ledger's database.
        schema: the ledger's PostgreSQL schema.
        size: most connections at a time.
    """

    def __init__(self, conninfo: str, schema: str, *, size: int = 8) -> None:
        check_name(schema)
        self.schema = schema
        self.views = views_schema(schema)
        self.store = LedgerDatastore(conninfo, schema=self.views, role=PROJECTOR, size=size)
        self.positions = Positions(self.store)
        self._preparing = Lock()
        self._prepared = Event()

    def close(self) -> None:
        """Close the connections."""
        self.store.close()

    def prepare(self) -> None:
        """Make the tables that keep the state, unless they are there.

        One thread does it while the others wait without a connection: the library takes a second
        one, and were they all waiting in the database, the pool would have none left for it.
        """
        with self._preparing:
            if not self._prepared.is_set():
                self._prepare()
                self._prepared.set()

    def _prepare(self) -> None:
        with self.transaction("state") as cursor:
            cursor.execute(sql.SQL(_STATE).format(views=sql.Identifier(self.views)))
            self.positions.create_table()
            if _has_reader(cursor):  # who reads may ask how far the read models are
                grant = f"GRANT SELECT ON {self.views}.build, {self.views}.tracking TO {WRITER}"
                cursor.execute(grant.encode())

    def progress(self) -> list[Progress]:
        """Return how far each projection has come."""
        self.prepare()
        with self.transaction("state") as cursor:
            query = "SELECT name, side, live, failed_at, failure FROM {build} ORDER BY name"
            rows = cursor.execute(self.sql(query)).fetchall()
            at = {
                (row["name"], row["live"]): self.positions.at(
                    cursor, f"{row['name']}/{row['side']}"
                )
                for row in rows
            }
            return [
                Progress(
                    row["name"],
                    at[row["name"], True],
                    row["failed_at"],
                    row["failure"],
                    at.get((row["name"], False)),
                )
                for row in rows
                if row["live"]
            ]

    @contextmanager
    def transaction(self, lock: str) -> Iterator[Cursor[DictRow]]:
        """Run a transaction that no other with the same ``lock`` overlaps.

        It shows at once, and comes to the disk within moments: that is not waited for.
        """
        with (
            self.store.connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            cursor.execute(_BEGIN, [f"{self.views} {lock}"])
            yield cursor

    def sql(self, text: str, **names: sql.Composable) -> sql.Composed:
        """Fill the names of our own tables into a statement."""
        return sql.SQL(text).format(
            build=sql.Identifier(self.views, "build"),
            due=sql.Identifier(self.views, "due"),
            fact=sql.Identifier(self.schema, "fact"),
            **names,
        )


class Build:
    """One projection's tables: how they are made, fed, made anew and swapped."""

    def __init__(self, builds: Builds, projection: Projection) -> None:
        self._builds = builds
        self._positions = builds.positions
        self.projection = projection
        self._begun = 0
        self._at_once = False

    def prepare(self) -> bool:
        """Make the tables and show them unless there are any; tell whether they are up to date.

        Raises:
            Outdated: they were made by a newer version of the projection.
        """
        self._builds.prepare()
        with self._transaction() as cursor:
            live = self._find(cursor, live=True)
            if live is None:
                self._make(cursor, "a", live=True)
                self._show(cursor, "a")
                return True
            return self._is_current(live)

    def step(self) -> tuple[int, bool]:
        """Apply the next batch to the live tables; return its last position and if it was full.

        Raises:
            Outdated: the live tables are not of this version of the projection.
            Poisoned: a fact cannot be applied; those before it have been.
        """
        position, applied = self._advance(live=True)
        return position, applied == BATCH

    def rebuild(
        self, *, tell: Callable[[int], object] = lambda _: None, stop: Event | None = None
    ) -> bool:
        """Make the tables anew beside the live ones, then swap them.

        Begins where an earlier attempt was broken off. Where rows can be made once for many facts,
        they are made when all facts have been passed through; where that fails, they are made
        again fact by fact, so that the one at fault is known.

        Args:
            tell: called with the position reached after each batch.
            stop: breaks it off between two batches when set.

        Returns:
            Whether it was finished.

        Raises:
            Poisoned: a fact cannot be applied; the live tables stay as they are.
        """
        self.prepare()
        with self._transaction() as cursor:
            self._begin(cursor)
        swapped = False
        while not swapped:
            if stop is not None and stop.is_set():
                return False
            position, applied = self._advance(live=False)
            tell(position)
            if applied < BATCH and not self._settle():
                with suppress(_Failed):  # the next round says which fact it was
                    swapped = self._swap()
        return True

    def _settle(self) -> bool:
        """Make some of the rows that are to be made; tell whether there were any.

        If it cannot be done, begin again without putting anything off.
        """
        try:
            with self._transaction() as cursor:
                new = self._find(cursor, live=False)
                return new is not None and self._settle_some(cursor, new)
        except _Failed:
            self._at_once = True
            with self._transaction() as cursor:
                new = self._find(cursor, live=False)
                if new is not None:
                    self._drop(cursor, new)
                self._begin(cursor)
            return True

    def _settle_some(self, cursor: Cursor[DictRow], new: DictRow) -> bool:
        projection = self.projection
        if not isinstance(projection, Gathering):
            return False
        query = """
            DELETE FROM {due} WHERE (name, side, id) IN (
                SELECT name, side, id FROM {due} WHERE name = %s AND side = %s LIMIT %s
            ) RETURNING id
        """
        chosen = [projection.name, new["side"], _SETTLED_AT_ONCE]
        rows = cursor.execute(self._builds.sql(query), chosen).fetchall()
        if rows:
            upto = self._positions.at(cursor, f"{projection.name}/{new['side']}")
            self._work_on(cursor, new["side"])
            with _failing():
                projection.settle(cursor, {row["id"] for row in rows}, upto)
        return bool(rows)

    def fail(self, position: int, reason: str) -> None:
        """Record that the fact at ``position`` cannot be applied."""
        with self._transaction() as cursor:
            query = "UPDATE {build} SET failed_at = %s, failure = %s WHERE name = %s AND live"
            cursor.execute(self._builds.sql(query), [position, reason, self.projection.name])

    def _advance(self, *, live: bool) -> tuple[int, int]:
        """Apply a batch; where it fails, fact by fact, so that the one at fault is known."""
        with suppress(_Failed):
            return self._batch(BATCH, live=live)
        position, applied = 0, 0
        try:
            for _ in range(BATCH):
                position, one = self._batch(1, live=live)
                applied += one
        except _Failed as failed:
            raise Poisoned(self.projection.name, self._begun + 1, failed.error) from failed
        return position, applied

    def _batch(self, limit: int, *, live: bool) -> tuple[int, int]:
        with self._transaction() as cursor:
            build = self._find(cursor, live=live)
            if build is None:  # another process has swapped the tables
                return 0, 0
            if not self._is_current(build):
                raise _outdated(self.projection.name)
            return self._apply(cursor, build, limit)

    def _transaction(self) -> AbstractContextManager[Cursor[DictRow]]:
        return self._builds.transaction(self.projection.name)

    def _find(self, cursor: Cursor[DictRow], *, live: bool) -> DictRow | None:
        query = self._builds.sql("SELECT * FROM {build} WHERE name = %s AND live = %s")
        return cursor.execute(query, [self.projection.name, live]).fetchone()

    def _is_current(self, build: DictRow) -> bool:
        if build["version"] > self.projection.version:
            raise _outdated(self.projection.name)
        return bool(build["version"] == self.projection.version)

    def _apply(self, cursor: Cursor[DictRow], build: DictRow, limit: int) -> tuple[int, int]:
        """Apply the next facts to the tables of ``build``, and record the last position."""
        name = f"{self.projection.name}/{build['side']}"
        after = self._positions.at(cursor, name)
        last, wanted = self._read(cursor, after, limit)
        if last > after:
            if wanted:
                self._begun = after
                self._work_on(cursor, build["side"])
                self._change(cursor, build, wanted)
            self._positions.advance(cursor, name, last)
            if build["failed_at"] is not None:
                self._forget_failure(cursor)
        return last, last - after

    def _read(self, cursor: Cursor[DictRow], after: int, limit: int) -> tuple[int, list[RawEntry]]:
        """Return the last position after ``after`` that can be reached, and the wanted facts.

        Positions are dense and final at commit; were one ever missing, nothing may be built on it.
        """
        topics = self.projection.topics
        wanted = sql.SQL("true") if topics is None else sql.SQL("topic = ANY(%(topics)s)")
        query = self._builds.sql(
            "SELECT position, record, version, topic, recorded, leaf, {wanted} AS wanted"
            " FROM {fact} WHERE position > %(after)s AND position <= %(last)s ORDER BY position",
            wanted=wanted,
        )
        values = {"after": after, "last": after + limit, "topics": list(topics or ())}
        with cursor.connection.cursor(row_factory=tuple_row, binary=True) as reader:
            rows = reader.execute(query, values).fetchall()
        for expected, row in enumerate(rows, after + 1):
            if row[0] != expected:
                raise Poisoned(self.projection.name, expected, _Missing("no such position"))
        return after + len(rows), [RawEntry(*row[:-1]) for row in rows if row[-1]]

    def _change(self, cursor: Cursor[DictRow], build: DictRow, wanted: Sequence[RawEntry]) -> None:
        projection = self.projection
        with _failing():
            now = build["live"] or self._at_once
            if now or not isinstance(projection, Gathering) or not projection.puts_off:
                projection.apply(cursor, wanted)
                return
            ids = projection.gather(cursor, wanted)
        query = "INSERT INTO {due} SELECT %s, %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING"
        row = [projection.name, build["side"], list(ids)]
        cursor.execute(self._builds.sql(query), row)

    def _forget_failure(self, cursor: Cursor[DictRow]) -> None:
        query = "UPDATE {build} SET failed_at = NULL, failure = NULL WHERE name = %s"
        cursor.execute(self._builds.sql(query), [self.projection.name])

    def _begin(self, cursor: Cursor[DictRow]) -> None:
        """Make the second set of tables, unless an earlier attempt left one of this version."""
        live, new = self._find(cursor, live=True), self._find(cursor, live=False)
        if new is not None and new["version"] != self.projection.version:
            self._drop(cursor, new)
            new = None
        if new is None:
            side = "b" if live is None or live["side"] == "a" else "a"
            self._make(cursor, side, live=False)

    def _swap(self) -> bool:
        """Let the second set of tables catch up, and show it instead of the first."""
        with self._transaction() as cursor:
            live, new = self._find(cursor, live=True), self._find(cursor, live=False)
            if new is None:  # another process was quicker
                return True
            while self._apply(cursor, new, BATCH)[1] or self._settle_some(cursor, new):
                pass
            if live is not None:
                for table in live["tables"]:
                    self._execute(cursor, "DROP VIEW {views}.{table}", table=table)
                self._drop(cursor, live)
            query = "UPDATE {build} SET live = true WHERE name = %s"
            cursor.execute(self._builds.sql(query), [self.projection.name])
            self._show(cursor, new["side"])
        return True

    def _make(self, cursor: Cursor[DictRow], side: str, *, live: bool) -> None:
        self._work_on(cursor, side)
        for statements in self.projection.tables.values():
            cursor.execute(statements.encode())
        query = "INSERT INTO {build} VALUES (%s, %s, %s, %s, %s)"
        tables = list(self.projection.tables)
        row = [self.projection.name, side, self.projection.version, tables, live]
        cursor.execute(self._builds.sql(query), row)

    def _drop(self, cursor: Cursor[DictRow], build: DictRow) -> None:
        for table in build["tables"]:
            self._execute(cursor, "DROP TABLE {side}.{table}", table=table, side=build["side"])
        query = "DELETE FROM {build} WHERE name = %s AND side = %s"
        cursor.execute(self._builds.sql(query), [build["name"], build["side"]])
        query = "DELETE FROM {due} WHERE name = %s AND side = %s"
        cursor.execute(self._builds.sql(query), [build["name"], build["side"]])
        self._positions.forget(cursor, f"{build['name']}/{build['side']}")

    def _show(self, cursor: Cursor[DictRow], side: str) -> None:
        """Make the views that show the tables of ``side``, for the application to read."""
        is_reader = _has_reader(cursor)
        for table in self.projection.tables:
            view = "CREATE VIEW {views}.{table} AS SELECT * FROM {side}.{table}"
            self._execute(cursor, view, table=table, side=side)
            if is_reader:
                grant = f"GRANT SELECT ON {{views}}.{{table}} TO {WRITER}"
                self._execute(cursor, grant, table=table)

    def _work_on(self, cursor: Cursor[DictRow], side: str) -> None:
        """Let the projection's plain table names mean those of ``side``, in this transaction."""
        path = f"{self._builds.views}_{side}"
        cursor.execute("SELECT set_config('search_path', %s, true)", [path])

    def _execute(self, cursor: Cursor[DictRow], text: str, *, table: str, side: str = "a") -> None:
        statement = sql.SQL(text).format(
            views=sql.Identifier(self._builds.views),
            side=sql.Identifier(f"{self._builds.views}_{side}"),
            table=sql.Identifier(table),
        )
        cursor.execute(statement)


def _has_reader(cursor: Cursor[DictRow]) -> bool:
    """Tell whether the role exists that reads the read models."""
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [WRITER])
    return cursor.fetchone() is not None


class _Missing(Exception):
    """There is a gap in the ledger."""


class _Failed(Exception):
    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


@contextmanager
def _failing() -> Iterator[None]:
    """Tell what a projection cannot do from what passes by itself."""
    try:
        yield
    except PASSING:
        raise
    except Exception as error:
        raise _Failed(error) from error


def _outdated(name: str) -> Outdated:
    return Outdated(
        f"读模型 {name} 的表属于另一版本的程序",
        f"the tables of the read model {name} belong to another version of the program",
        todo_zh="请只运行最新的程序。",
        todo_en="Run the newest program only.",
    )

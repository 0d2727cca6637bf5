"""The recorder: the event sourcing library's storage, on our tables and our append function.

Only the append function writes facts; everything else here reads. The library's own write path is
not used: it hangs on large batches, lets followers miss events, and takes a table lock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

import orjson
import psycopg
from eventsourcing.persistence import DataError, IntegrityError, Notification, Subscription
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresRecorder
from psycopg import errors, sql
from psycopg.rows import scalar_row, tuple_row
from psycopg_pool import PoolClosed

from domain.errors import Unavailable
from domain.fact import Entry, read_leaf
from domain.ledger.command import Query, payload
from domain.ledger.datastore import LedgerDatastore, Listener, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from eventsourcing.persistence import StoredEvent

T = TypeVar("T")

_log = logging.getLogger("daocha.ledger")

_LOST = ("08", "57P01", "57P02", "57P03", "25006")
"""SQLSTATEs after which another connection may do: lost, shut down, or no longer the primary."""
_PATIENCE = 20.0
"""Seconds for which a lost call is tried again; a failover takes about that long."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_POLL = 5.0
"""Seconds after which a follower looks by itself, in case a notification was lost."""
_BATCH = 500
_MAX_POSITION = 2**63 - 1
_MAX_VERSION = 2**31 - 1
_CONFIRM = (
    b"SELECT pg_logical_emit_message(true, 'daocha', '')"
    b" WHERE current_setting('synchronous_standby_names') <> ''"
)
_COLUMNS = sql.SQL("position, record, version, topic, recorded, leaf")


@dataclass(frozen=True)
class RawEntry:
    """A fact as it lies in the table; what is inside is read when it is asked for."""

    position: int
    record: UUID
    version: int
    topic: str
    recorded: datetime
    leaf: bytes

    @cached_property
    def body(self) -> dict[str, Any]:
        """The leaf's body as plain JSON: actor, command, data, happened, received, schema."""
        return orjson.loads(self.leaf)["body"]  # type: ignore[no-any-return]

    @cached_property
    def entry(self) -> Entry:
        """The fact, validated by its own schema; sealed values stay closed."""
        return read_leaf(self.leaf)


@dataclass(frozen=True)
class StoredFact(Notification):
    """A fact in the library's words; ``state`` is the body exactly as it stands in the leaf."""

    leaf: bytes

    @classmethod
    def of(cls, raw: RawEntry) -> Self:
        """Cut the body out of the leaf: what follows it begins with the position and the record."""
        envelope = f',"position":{raw.position},"record":"{raw.record}"'.encode()
        return cls(
            originator_id=raw.record,
            originator_version=raw.version,
            topic=raw.topic,
            state=raw.leaf[len(b'{"body":') : raw.leaf.rindex(envelope)],
            id=raw.position,
            leaf=raw.leaf,
        )


class LedgerRecorder(PostgresApplicationRecorder):
    """Writes through the append function and reads by position, by record and by tags.

    Args:
        datastore: the connections.
        random: returns that many random bytes; for command ids of the library's own writes.
    """

    def __init__(self, datastore: LedgerDatastore, random: Callable[[int], bytes]) -> None:
        PostgresRecorder.__init__(self, datastore)  # not the parent's: its tables are not ours
        self.store = datastore
        self._random = random
        self._names = {
            "fact": sql.Identifier(datastore.schema, "fact"),
            "tag": sql.Identifier(datastore.schema, "tag"),
            "command": sql.Identifier(datastore.schema, "command"),
            "sealed": sql.Identifier(datastore.schema, "sealed"),
            "append": sql.Identifier(datastore.schema, "append"),
            "forget": sql.Identifier(datastore.schema, "forget"),
            "columns": _COLUMNS,
        }
        self._append = self._sql("SELECT {append}(%s::jsonb)")

    # Writing

    def append(self, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send commands to the append function; answers come in their order.

        A lost connection leaves it open whether they were recorded. They are sent again, for up to
        20 seconds, which is safe because every command has an id: what was recorded is answered as
        a repeat.

        Raises:
            Unavailable: the database cannot be reached or refuses; whether the commands were
                recorded may be unknown, and sending them again is safe.
            psycopg.Error: the server found something wrong with them; none was recorded.
        """
        text = payload(requests)
        return patiently(lambda: self._confirmed(self._append, [text]))

    def confirm(self) -> None:
        """Wait until the standbys hold what is committed here, where there are any to wait for.

        A fact that is found may have been written by an append whose wait was cut short. Whoever
        answers for it has to wait anew: this transaction writes something, and commits after it.

        Raises:
            Unavailable: they did not confirm it.
        """
        patiently(lambda: self._confirmed(_CONFIRM))

    def _confirmed(self, query: sql.Composed | bytes, values: Sequence[object] = ()) -> list[Any]:
        """Run what writes, and refuse its answer where the standbys did not confirm it."""
        warnings: list[str] = []

        def note(diagnostic: errors.Diagnostic) -> None:
            if diagnostic.severity_nonlocalized == "WARNING":
                warnings.append(str(diagnostic.message_primary))

        with self.store.connection() as connection:
            connection.add_notice_handler(note)
            try:
                with connection.cursor(row_factory=scalar_row) as cursor:
                    answers = cursor.execute(query, values, prepare=True).fetchall()
            except errors.ReadOnlySqlTransaction:
                connection.close()  # this server is a standby now
                raise
            finally:
                connection.remove_notice_handler(note)
        if warnings:
            # A cancelled wait for the standbys: committed here, perhaps nowhere else.
            raise Unavailable(
                f"写入未经备库确认：{warnings[0]}",
                f"the write was not confirmed by a standby: {warnings[0]}",
                todo_zh="是否已记录尚不确定；请用同一命令编号重试。",
                todo_en="Whether it is recorded is not known: send it again with the same id.",
            )
        return answers

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: object
    ) -> Sequence[int] | None:
        """Append events of the library; their state must be one JSON object.

        Raises:
            IntegrityError: a version is taken, or does not follow on its record.
            DataError: an event is not of the form that the append function takes.
        """
        if not stored_events:
            return None
        facts = [
            {
                "record": str(event.originator_id),
                "version": event.originator_version,
                "topic": event.topic,
                "tags": [f"record:{event.originator_id}"],
                "body": event.state.decode(),
            }
            for event in stored_events
        ]
        command = UUID(bytes=self._random(16))
        digest = sha256(payload(facts).encode()).hexdigest()
        (answer,) = self.append([{"id": str(command), "digest": digest, "facts": facts}])
        if answer["outcome"] == "recorded":
            return list(range(answer["first"], answer["first"] + answer["facts"]))
        raise (IntegrityError if answer["outcome"] == "conflict" else DataError)(str(answer))

    def forget(self, subject: UUID) -> int:
        """Remove the boxes of ``subject``; returns how many there were."""
        return int(self.rows(self._sql("SELECT {forget}(%s)"), [subject])[0][0])

    # Reading in the library's words

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredFact]:
        """Return the facts of one record by version."""
        query = self._sql(
            "SELECT {columns} FROM {fact} WHERE record = %s AND version > %s AND version <= %s"
            " ORDER BY version {order} LIMIT %s",
            order=sql.SQL("DESC" if desc else "ASC"),
        )
        bounds = [-1 if gt is None else gt, _MAX_VERSION if lte is None else lte]
        return [StoredFact.of(raw) for raw in self._raw(query, [originator_id, *bounds, limit])]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[StoredFact]:
        """Return facts by position."""
        after = 0 if start is None else start - inclusive_of_start
        return [StoredFact.of(raw) for raw in self.after(after, limit, upto=stop, topics=topics)]

    def max_notification_id(self) -> int | None:
        """Return the last position, or None where there is none."""
        return self.head()[0] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LedgerSubscription:
        """Return an endless iterator of the facts after ``gt``."""
        return LedgerSubscription(self, gt, topics)

    # Reading in our own

    def after(
        self, after: int, limit: int, *, upto: int | None = None, topics: Sequence[str] = ()
    ) -> list[RawEntry]:
        """Return at most ``limit`` facts after a position, in order, of any or of some topics."""
        query = self._sql(
            "SELECT {columns} FROM {fact} WHERE position > %s AND position <= %s{wanted}"
            " ORDER BY position LIMIT %s",
            wanted=sql.SQL(" AND topic = ANY(%s)" if topics else ""),
        )
        bounds = [after, _MAX_POSITION if upto is None else upto]
        return self._raw(query, [*bounds, *([list(topics)] if topics else []), limit])

    def find(
        self,
        queries: Sequence[Query],
        *,
        after: int = 0,
        upto: int | None = None,
        limit: int | None = None,
    ) -> list[RawEntry]:
        """Return the first ``limit`` facts after ``after`` that answer any of the queries."""
        bounds = (after, _MAX_POSITION if upto is None else upto)
        parts = [self._positions(query, bounds) for query in queries]
        # OFFSET 0 keeps the planner to one look-up a position, whatever it believes of the sizes.
        query = self._sql(
            "SELECT fact.* FROM (SELECT position FROM ({found}) AS found"
            " ORDER BY position LIMIT %s) AS found CROSS JOIN LATERAL (SELECT {columns}"
            " FROM {fact} AS known WHERE known.position = found.position OFFSET 0) AS fact"
            " ORDER BY fact.position",
            found=sql.SQL(" UNION ").join(statement for statement, _ in parts),
        )
        return self._raw(query, [*(value for _, values in parts for value in values), limit])

    def _positions(self, query: Query, bounds: tuple[int, int]) -> tuple[sql.Composed, list[Any]]:
        """Return the statement that finds the positions of one query, and its parameters."""
        topics = [list(query.topics)] if query.topics else []
        if not query.tags:
            return self._sql(
                "SELECT position FROM {fact}"
                " WHERE position > %s AND position <= %s AND topic = ANY(%s)"
            ), [*bounds, *topics]
        first, *others = query.tags
        also = " AND EXISTS (SELECT FROM {tag} AS o WHERE o.tag = %s AND o.position = t.position)"
        of_topic = (
            " AND EXISTS (SELECT FROM {fact} AS f"
            " WHERE f.position = t.position AND f.topic = ANY(%s))"
        )
        one = "SELECT position FROM {tag} AS t WHERE tag = %s AND position > %s AND position <= %s"
        statement = self._sql("".join([one, also * len(others), of_topic * len(topics)]))
        return statement, [first, *bounds, *others, *topics]

    def head(self) -> tuple[int, datetime | None]:
        """Return the last position and when it was recorded; 0 and None where there is none."""
        query = "SELECT position, recorded FROM {fact} ORDER BY position DESC LIMIT 1"
        rows = self.rows(self._sql(query), [])
        return (rows[0][0], rows[0][1]) if rows else (0, None)

    def position_at(self, known_at: datetime) -> int:
        """Return the last position recorded at or before ``known_at``, by halving; 0 if none."""
        query = self._sql("""
            WITH RECURSIVE search (low, high) AS (
                SELECT 0::bigint, coalesce((SELECT max(position) FROM {fact}), 0)
              UNION ALL
                SELECT CASE WHEN recorded <= %s THEN middle ELSE low END,
                    CASE WHEN recorded <= %s THEN high ELSE middle - 1 END
                FROM search
                CROSS JOIN LATERAL (SELECT (low + high + 1) / 2 AS middle) AS halved
                CROSS JOIN LATERAL
                    (SELECT recorded FROM {fact} WHERE position = middle OFFSET 0) AS found
                WHERE low < high
            )
            SELECT low FROM search WHERE low = high
        """)
        return int(self.rows(query, [known_at, known_at])[0][0])

    def records(self, ids: Sequence[UUID], *, upto: int | None = None) -> list[RawEntry]:
        """Return the facts of several records, by position."""
        query = self._sql(
            "SELECT {columns} FROM {fact} WHERE record = ANY(%s) AND position <= %s"
            " ORDER BY position"
        )
        return self._raw(query, [list(ids), _MAX_POSITION if upto is None else upto])

    def at(self, positions: Sequence[int]) -> list[RawEntry]:
        """Return the facts at these positions, in order."""
        query = self._sql("SELECT {columns} FROM {fact} WHERE position = ANY(%s) ORDER BY position")
        return self._raw(query, [list(positions)])

    def existing(self, ids: Sequence[UUID]) -> set[UUID]:
        """Return those of ``ids`` that are records with at least one fact."""
        query = self._sql(
            "SELECT wanted FROM unnest(%s::uuid[]) AS wanted"
            " WHERE EXISTS (SELECT FROM {fact} WHERE record = wanted)"
        )
        return {row[0] for row in self.rows(query, [list(ids)])}

    def command(self, command_id: UUID) -> tuple[bytes, int, int, datetime] | None:
        """Return digest, first position, number of facts and moment of a recorded command."""
        query = self._sql("SELECT digest, first, facts, recorded FROM {command} WHERE id = %s")
        rows = self.rows(query, [command_id])
        return rows[0] if rows else None

    def boxes(self, positions: Sequence[int]) -> dict[tuple[int, str], bytes]:
        """Return the sealed boxes of the facts at ``positions``, by position and path."""
        query = self._sql("SELECT position, path, box FROM {sealed} WHERE position = ANY(%s)")
        rows = self.rows(query, [list(positions)])
        return {(position, path): box for position, path, box in rows}

    def follow(
        self, after: int, stop: Event, *, batch: int = _BATCH, topics: Sequence[str] = ()
    ) -> Iterator[list[RawEntry]]:
        """Yield the facts after ``after`` in batches, and wait for more until ``stop`` is set.

        It listens before it first reads, looks by itself every few seconds, and outlives the
        database's restarts.
        """
        with Listener(self.store.conninfo, self.store.schema) as listener:
            while not stop.is_set():
                try:
                    found = self.after(after, batch, topics=topics)
                except Unavailable as error:
                    _log.warning("following waits for the database: %s", error)
                    found = []
                if found:
                    after = found[-1].position
                    yield found
                else:
                    listener.wait(_POLL, stop)

    def _sql(self, text: str, **parts: sql.Composable) -> sql.Composed:
        return sql.SQL(text).format(**self._names, **parts)

    def _raw(self, query: sql.Composed, values: Sequence[Any]) -> list[RawEntry]:
        return [RawEntry(*row) for row in self.rows(query, values)]

    def rows(self, query: sql.Composed, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows that answer a query, in one round trip, prepared and in binary."""

        def read() -> list[tuple[Any, ...]]:
            with (
                self.store.connection() as connection,
                connection.cursor(row_factory=tuple_row, binary=True) as cursor,
            ):
                return cursor.execute(query, values, prepare=True).fetchall()

        return patiently(read)


class LedgerSubscription(Subscription[LedgerRecorder]):
    """The library's iterator over new facts; unlike its own, it has no start race."""

    def __init__(self, recorder: LedgerRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._stop = Event()
        self._facts = self._follow(recorder, gt or 0, topics)

    def _follow(
        self, recorder: LedgerRecorder, after: int, topics: Sequence[str]
    ) -> Iterator[Notification]:
        for batch in recorder.follow(after, self._stop, topics=topics):
            for raw in batch:
                yield StoredFact.of(raw)

    def stop(self) -> None:
        """End the iteration; the thread that iterates notices within a fifth of a second."""
        super().stop()
        self._stop.set()

    def __next__(self) -> Notification:
        """Return the next fact, waiting for it."""
        if self._stop.is_set():
            raise StopIteration
        return next(self._facts)


def patiently(call: Callable[[], T]) -> T:
    """Make a call that may be made again where the connection was lost.

    Raises:
        Unavailable: the database stayed away, or refuses.
        psycopg.Error: anything else.
    """
    deadline = monotonic() + _PATIENCE
    pause = _FIRST_PAUSE
    while True:
        try:
            return call()
        except errors.InsufficientPrivilege as error:
            raise unreachable(error) from error
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError) as error:
            if not _is_lost(error) or monotonic() + pause > deadline:
                raise unreachable(error) from error
        sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _is_lost(error: psycopg.Error) -> bool:
    if isinstance(error, PoolClosed):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_LOST)

"""The outbox 发件箱: which reminders were told to whom, and what of them has been sent.

It is the one thing beside the read models that no fact gives back: should it be lost, people are
reminded again of what they were told before. A reminder is noted as told in the transaction that
puts it into the outbox, so that it is put there once. Mail is marked as under way before it is
handed over, and never handed over twice: of what a crash cut off, it is said that nobody knows. A
webhook is sent again, under the same id, until it is taken or given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

from domain.ledger.schema import WRITER
from projections.build import Builds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.ledger import Ledger
    from projections.views import Views

_TABLES = """
    CREATE TABLE IF NOT EXISTS {told} (
        channel text NOT NULL,
        recipient text NOT NULL,
        duty text NOT NULL,
        stage text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (channel, recipient, duty, stage)
    );
    CREATE TABLE IF NOT EXISTS {outbox} (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        channel text NOT NULL,
        recipient text NOT NULL,
        body jsonb NOT NULL,
        made timestamptz NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        next timestamptz NOT NULL,
        ended timestamptz,
        failure text
    );
    CREATE INDEX IF NOT EXISTS reminder_to ON {outbox} (channel, recipient, made);
    CREATE INDEX IF NOT EXISTS reminder_waiting ON {outbox} (channel, recipient, number)
        WHERE state IN ('waiting', 'sending');
"""
_LONGEST_FAILURE = 300


class Channel(StrEnum):
    """By what something is sent."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class State(StrEnum):
    """How something in the outbox stands.

    ``uncertain``: a crash cut it off while it was handed over; ``dead``: it was given up.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Telling:
    """That a duty has come to a stage of which somebody is told, such as ``before-7``."""

    duty: str
    stage: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be sent."""

    id: UUID
    channel: Channel
    recipient: str
    body: dict[str, Any]
    attempts: int


class Outbox:
    """Keeps what is to be sent.

    Args:
        ledger: whose reminders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._builds = Builds(ledger.conninfo, ledger.schema, size=3)
        names = {"told": "reminder_told", "outbox": "reminder_outbox"}
        self._names = {
            name: sql.Identifier(self._builds.views, table) for name, table in names.items()
        }

    def close(self) -> None:
        """Close the connections."""
        self._builds.close()

    def prepare(self) -> None:
        """Make the tables, unless they are there."""
        with self._builds.transaction("reminders") as cursor:
            cursor.execute(self._sql(_TABLES))
            role = "SELECT 1 FROM pg_roles WHERE rolname = %s"
            if cursor.execute(role, [WRITER]).fetchone():
                cursor.execute(self._sql(f"GRANT SELECT ON {{told}}, {{outbox}} TO {WRITER}"))

    def untold(
        self, channel: Channel, recipient: str, tellings: Sequence[Telling]
    ) -> list[Telling]:
        """Return of which of some stages somebody was not told yet."""
        query = """
            SELECT duty, stage FROM {told} WHERE channel = %s AND recipient = %s AND duty = ANY(%s)
        """
        duties = sorted({each.duty for each in tellings})
        with self._builds.transaction("reminders") as cursor:
            rows = cursor.execute(self._sql(query), [channel, recipient, duties]).fetchall()
        told = {(row["duty"], row["stage"]) for row in rows}
        return [each for each in tellings if (each.duty, each.stage) not in told]

    def put(
        self,
        channel: Channel,
        recipient: str,
        messages: Iterable[tuple[UUID, dict[str, Any], Sequence[Telling]]],
        now: datetime,
    ) -> int:
        """Put messages into the outbox, each unless all that it tells of was told before.

        Args:
            channel: by what they are sent.
            recipient: to whom.
            messages: the id, the body, and what each tells of.
            now: the moment.

        Returns:
            How many were put there.
        """
        note = """
            INSERT INTO {told} SELECT %s, %s, duty, stage, %s
            FROM unnest(%s::text[], %s::text[]) AS t (duty, stage)
            ON CONFLICT DO NOTHING RETURNING duty
        """
        put = "INSERT INTO {outbox} (id, channel, recipient, body, made, state, next)"
        put += " VALUES (%s, %s, %s, %s, %s, 'waiting', %s)"
        number = 0
        with self._builds.transaction("reminders") as cursor:
            for ident, body, tellings in messages:
                duties, stages = [t.duty for t in tellings], [t.stage for t in tellings]
                values = [channel, recipient, now, duties, stages]
                if cursor.execute(self._sql(note), values).fetchone() is None:
                    continue
                cursor.execute(self._sql(put), [ident, channel, recipient, Jsonb(body), now, now])
                number += 1
        return number

    def made_on(self, channel: Channel, recipient: str, day: date) -> bool:
        """Tell whether a message to somebody was made on a local day."""
        query = """
            SELECT 1 FROM {outbox} WHERE channel = %s AND recipient = %s
                AND (made AT TIME ZONE 'Asia/Shanghai')::date = %s LIMIT 1
        """
        with self._builds.transaction("reminders") as cursor:
            found = cursor.execute(self._sql(query), [channel, recipient, day]).fetchone()
        return found is not None

    def take(self, channel: Channel, now: datetime) -> Iterator[Message]:
        """Yield what is due to be sent, to each recipient the oldest first and one at a time.

        Each is marked as under way before it is yielded; what failed holds up what follows it, so
        that a recipient gets everything in its order.

        Args:
            channel: by what it is sent.
            now: the moment.
        """
        take = """
            UPDATE {outbox} SET state = 'sending', attempts = attempts + 1
            WHERE number = (
                SELECT o.number FROM (
                    SELECT DISTINCT ON (recipient) number, next, state FROM {outbox}
                    WHERE channel = %s AND state IN ('waiting', 'sending')
                    ORDER BY recipient, number
                ) AS o WHERE o.state = 'waiting' AND o.next <= %s ORDER BY o.number LIMIT 1
            ) RETURNING id, channel, recipient, body, attempts
        """
        while True:
            with self._builds.transaction("reminders") as cursor:
                row = cursor.execute(self._sql(take), [channel, now]).fetchone()
            if row is None:
                return
            yield Message(
                row["id"], Channel(row["channel"]), row["recipient"], row["body"], row["attempts"]
            )

    def sent(self, ident: UUID, now: datetime) -> None:
        """Note that something was taken."""
        self._end(ident, State.SENT, now, None)

    def failed(self, ident: UUID, now: datetime, failure: str, again: timedelta | None) -> None:
        """Note that something was not taken.

        Args:
            ident: of the message.
            now: the moment.
            failure: why.
            again: after what time it is tried again; None: it is given up.
        """
        if again is None:
            self._end(ident, State.DEAD, now, failure)
            return
        query = "UPDATE {outbox} SET state = 'waiting', next = %s, failure = %s WHERE id = %s"
        with self._builds.transaction("reminders") as cursor:
            cursor.execute(self._sql(query), [now + again, failure[:_LONGEST_FAILURE], ident])

    def uncertain(self, ident: UUID, now: datetime, failure: str) -> None:
        """Note that nobody knows whether something was taken: it is not sent again by itself."""
        self._end(ident, State.UNCERTAIN, now, failure)

    def recover(self, now: datetime) -> None:
        """After a crash: what was under way by webhook is sent again, what was by mail is not."""
        again = "UPDATE {outbox} SET state = 'waiting' WHERE state = 'sending' AND channel = %s"
        unknown = "UPDATE {outbox} SET state = 'uncertain', ended = %s"
        unknown += " WHERE state = 'sending' AND channel = %s"
        with self._builds.transaction("reminders") as cursor:
            cursor.execute(self._sql(again), [Channel.WEBHOOK])
            cursor.execute(self._sql(unknown), [now, Channel.MAIL])

    def again(self, ident: UUID, now: datetime) -> bool:
        """Have something that was given up sent once more; tell whether there was such a thing."""
        query = """
            UPDATE {outbox} SET state = 'waiting', attempts = 0, next = %s, ended = NULL
            WHERE id = %s AND state IN ('dead', 'uncertain') RETURNING id
        """
        with self._builds.transaction("reminders") as cursor:
            return cursor.execute(self._sql(query), [now, ident]).fetchone() is not None

    def alone(self) -> AbstractContextManager[Cursor[DictRow]]:
        """Let one process at a time send."""
        return self._builds.transaction("reminders sending")

    def _end(self, ident: UUID, state: State, now: datetime, failure: str | None) -> None:
        query = "UPDATE {outbox} SET state = %s, ended = %s, failure = %s WHERE id = %s"
        cut = failure[:_LONGEST_FAILURE] if failure else None
        with self._builds.transaction("reminders") as cursor:
            cursor.execute(self._sql(query), [state, now, cut, ident])

    def _sql(self, text: str) -> sql.Composed:
        return sql.SQL(text).format(**self._names)


def list_outbox(views: Views, *, limit: int, state: str | None = None) -> list[dict[str, Any]]:
    """Return what is in the outbox, the latest first.

    Args:
        views: where to read.
        limit: how many at most.
        state: only what stands so.
    """
    return views.rows(
        "SELECT * FROM {view} WHERE {chosen} ORDER BY number DESC LIMIT %(limit)s",
        view="reminder_outbox",
        chosen=["state = %(state)s"] if state else [],
        values={"state": state, "limit": limit},
    )

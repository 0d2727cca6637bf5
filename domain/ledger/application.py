"""The ledger 台账: the only way facts get in and entries come out."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import UUID

import psycopg
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import InfrastructureFactory, Mapper
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment
from psycopg import sql

from domain.erasure import Erasure
from domain.errors import Contradiction, DaochaError, Unavailable
from domain.fact import Withheld, read_leaf
from domain.ledger.checkpoints import Checkpoints
from domain.ledger.command import Command, Query, Receipt, decode, encode
from domain.ledger.datastore import LedgerDatastore, connect
from domain.ledger.erasures import erased, left
from domain.ledger.group import Group
from domain.ledger.recorder import LedgerRecorder, StoredFact, patiently
from domain.ledger.rolls import Rolls
from domain.ledger.schema import WRITER, check_name, privileges, read_genesis, views_schema
from domain.ledger_opened import LedgerOpened
from domain.moment import format_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from eventsourcing.persistence import StoredEvent
    from eventsourcing.utils import EnvType
    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.fact import Entry
    from domain.ledger.recorder import RawEntry
    from domain.ledger.vault import Vault


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends: the last position, and when it was recorded, in UTC."""

    position: int
    recorded: datetime


class Ledger(Application[UUID]):
    """One ledger in one PostgreSQL schema; one object a process, shared by its threads.

    Make it with :meth:`open` and close it, or use it as a context manager.
    """

    def __init__(
        self,
        datastore: LedgerDatastore,
        genesis: Entry,
        vault: Vault | None,
        random: Callable[[int], bytes],
    ) -> None:
        """Use :meth:`open`."""
        self._datastore = datastore
        self._genesis = genesis
        self._vault = vault
        self._random = random
        self._clock: Callable[[], datetime] | None = None
        self._group = Group(self._send)
        self.checkpoints = Checkpoints(datastore)
        self.rolls = Rolls(datastore)
        self._look_at_views = sql.SQL(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL search_path = {}"
        ).format(sql.Identifier(views_schema(datastore.schema)))
        super().__init__()
        self.recorder: LedgerRecorder

    @classmethod
    def open(
        cls,
        conninfo: str,
        *,
        schema: str = "daocha",
        vault: Vault | None,
        random: Callable[[int], bytes],
        pool_size: int = 20,
        pool_wait: float = 10.0,
    ) -> Self:
        """Open a ledger that :func:`domain.ledger.create` made.

        Args:
            conninfo: connection string or URI of its database: unix socket, ``sslmode``, several
                hosts, all that libpq understands.
            schema: the PostgreSQL schema that holds it.
            vault: opens and seals personal values; None for who may not see them and records none.
            random: returns that many random bytes, unpredictable ones.
            pool_size: most connections at a time: threads that read or write, and listeners.
            pool_wait: seconds to wait for a connection.

        Raises:
            Contradiction: the vault's key store is not this ledger's.
            Unavailable: the database cannot be reached, or holds no such ledger.
        """
        check_name(schema)
        with connect(conninfo) as connection:
            genesis = read_genesis(connection, schema)
            _check_keys(genesis, vault)
            came_back = left(connection, schema, vault) if vault else set()
        datastore = LedgerDatastore(
            conninfo, schema=schema, role=WRITER, size=pool_size, wait=pool_wait
        )
        ledger = cls(datastore, genesis, vault, random)
        with ExitStack() as stack:
            stack.callback(ledger.close)
            for person in sorted(came_back):
                ledger.erase(person)
            stack.pop_all()
        return ledger

    # Writing

    def append(self, command: Command) -> Receipt:
        """Record the facts of a command, all or none, once however often it is sent.

        A lost connection is made again for up to 20 seconds; a conflict is never retried here.

        Raises:
            Conflict: a record has moved on, or the condition no longer holds; decide again.
            CommandReused: the id stands for a command of another content.
            Invalid: something is not of the form it must have; nothing was recorded.
            Contradiction: it holds a personal value of somebody who was erased.
            Unavailable: the outcome is unknown; sending the same command again is safe.
        """
        (request,) = encode([command], self._vault, self._random)
        if isinstance(request, DaochaError):
            raise request
        receipt = decode(command, self._group.send(request))
        if isinstance(receipt, DaochaError):
            raise receipt
        self._carry_out(command)
        return receipt

    def append_many(self, commands: Sequence[Command]) -> list[Receipt | DaochaError]:
        """Record many commands in one call and one commit, each judged and answered by itself.

        They are judged in their order, so that each sees the ones before it.

        Returns:
            For each command its receipt, or the error that :meth:`append` would raise.

        Raises:
            Unavailable: the outcome of all is unknown; sending them again is safe.
        """
        requests = encode(commands, self._vault, self._random)
        answers = iter(self._send([each for each in requests if isinstance(each, dict)]))
        found = [
            request if isinstance(request, DaochaError) else decode(command, next(answers))
            for command, request in zip(commands, requests, strict=True)
        ]
        for command, receipt in zip(commands, found, strict=True):
            if isinstance(receipt, Receipt):
                self._carry_out(command)
        return found

    def goes_by(self, clock: Callable[[], datetime]) -> None:
        """Let what comes without a moment of recording be recorded at ``clock``'s, if simulated.

        Args:
            clock: aware, and never before the last fact, as long as nobody else writes.
        """
        self._clock = clock if self.is_simulated else None

    def _send(self, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send requests together; where the server chokes on them, one by one."""
        if self._clock:
            moment = format_moment(self._clock())
            requests = [{"recorded": moment, **request} for request in requests]
        try:
            return self.recorder.append(requests) if requests else []
        except psycopg.Error as error:
            if len(requests) > 1:
                return [answer for request in requests for answer in self._send([request])]
            return [{"outcome": "invalid", "reason": str(error)}]

    def _carry_out(self, command: Command) -> None:
        """Destroy the values of whom a command that was just recorded erases.

        Raises:
            Unavailable: it is on record, and will be carried out when the ledger is next opened, or
                the command sent again.
        """
        for draft in command.drafts:
            if isinstance(draft.fact, Erasure):
                self.erase(draft.record)

    def erase(self, person: UUID) -> None:
        """Carry out an erasure that is on record; again, where it was cut short.

        Raises:
            Unavailable: the ledger was opened without its key store, or that is busy: call again.
        """
        self.vault.bar(person)
        self.forget(person)

    def erased(self) -> set[UUID]:
        """Return every person whose erasure is on record."""

        def look() -> set[UUID]:
            with self._datastore.connection() as connection:
                return erased(connection, self._datastore.schema)

        return patiently(look)

    def unerased(self) -> set[UUID]:
        """Return those erased of whom something is left or came back; opening erases them again."""

        def look() -> set[UUID]:
            with self._datastore.connection() as connection:
                return left(connection, self._datastore.schema, self.vault)

        return patiently(look)

    def forget(self, subject: UUID) -> int:
        """Destroy the sealed values of ``subject``: its key first, then the boxes.

        Returns:
            How many boxes were removed.

        Raises:
            Unavailable: the ledger was opened without its key store, or that is busy: call again.
        """
        self.vault.forget(subject)
        return self.recorder.forget(subject)

    # Reading

    def record(
        self, record_id: UUID, *, upto: int | None = None, open_sealed: bool = True
    ) -> list[Entry]:
        """Return the facts of one record by version, up to position ``upto``; empty if unknown."""
        try:
            entries: list[Entry] = self.repository.get(
                record_id, projector_func=cast("Any", _gather)
            )
        except AggregateNotFoundError:
            return []
        entries = [entry for entry in entries if upto is None or entry.position <= upto]
        return self._opened(entries, open_sealed=open_sealed)

    def read(
        self,
        *queries: Query,
        after: int = 0,
        upto: int | None = None,
        limit: int | None = None,
        open_sealed: bool = True,
    ) -> list[Entry]:
        """Return the facts that answer any of the queries, by position.

        Args:
            queries: what to look for; one without tags reads through all positions.
            after: only facts at later positions.
            upto: only facts at this position or before.
            limit: only so many, the first ones.
            open_sealed: read the personal values too; those erased or missing stay closed.
        """
        if not queries:
            return []
        raw = self.recorder.find(queries, after=after, upto=upto, limit=limit)
        return self._opened([entry.entry for entry in raw], open_sealed=open_sealed)

    def records(
        self, ids: Iterable[UUID], *, upto: int | None = None, open_sealed: bool = True
    ) -> list[Entry]:
        """Return the facts of several records, by position; unknown ones add nothing."""
        raw = self.recorder.records(sorted(set(ids)), upto=upto)
        return self._opened([entry.entry for entry in raw], open_sealed=open_sealed)

    def records_raw(self, ids: Iterable[UUID]) -> list[RawEntry]:
        """Return the same, unread, for whoever needs little of each."""
        return self.recorder.records(sorted(set(ids)))

    def at(self, positions: Sequence[int]) -> list[RawEntry]:
        """Return the facts at these positions as they are stored, in order."""
        return self.recorder.at(positions)

    def opened_at(self, positions: Iterable[int]) -> list[Entry]:
        """Return the facts at these positions, by position, with their words opened."""
        raw = self.recorder.at(sorted(set(positions)))
        return self._opened([entry.entry for entry in raw], open_sealed=True)

    def existing(self, ids: Iterable[UUID]) -> set[UUID]:
        """Return those of ``ids`` that are records with at least one fact."""
        wanted = sorted(set(ids))
        return self.recorder.existing(wanted) if wanted else set()

    def receipt(self, command_id: UUID, digest: bytes) -> Receipt | None:
        """Return what became of a command if it was recorded before.

        Raises:
            CommandReused: it was, with another content.
            Unavailable: no standby has confirmed it yet.
        """
        known = self.recorder.command(command_id)
        if known is None:
            return None
        found, first, facts, recorded = known
        answer = {"outcome": "repeated", "first": first, "facts": facts}
        if bytes(found) != digest:
            answer["outcome"] = "reused"
        answer["recorded"] = recorded.isoformat()
        result = decode(Command(command_id, (), digest), answer)
        if isinstance(result, DaochaError):
            raise result
        self.recorder.confirm()
        return result

    @property
    def conninfo(self) -> str:
        """The connection string of its database, for whoever keeps read models of it."""
        return self._datastore.conninfo

    @property
    def origin(self) -> str:
        """The ledger's own name, which names its transparency log too."""
        return cast("LedgerOpened", self._genesis.fact).origin

    @property
    def is_simulated(self) -> bool:
        """Whether callers give the moment of recording: a demo's or a test's ledger."""
        return cast("LedgerOpened", self._genesis.fact).clock == "simulated"

    @property
    def schema(self) -> str:
        """The PostgreSQL schema that holds it."""
        return self._datastore.schema

    @property
    def vault(self) -> Vault:
        """What opens and seals personal values.

        Raises:
            Unavailable: the ledger was opened without it.
        """
        if self._vault is None:
            raise Unavailable(
                "台账未以密钥库打开",
                "the ledger was opened without its key store",
                todo_zh="请以密钥库打开台账。",
                todo_en="Open it with its key store.",
            )
        return self._vault

    def range(self, after: int, limit: int, *, open_sealed: bool = True) -> list[Entry]:
        """Return the at most ``limit`` facts that follow position ``after``."""
        raw = self.recorder.after(after, limit)
        return self._opened([entry.entry for entry in raw], open_sealed=open_sealed)

    def range_raw(self, after: int, limit: int) -> list[RawEntry]:
        """Return the same, unread: for whoever needs few of them or little of each."""
        return self.recorder.after(after, limit)

    def ask(self, query: sql.Composed, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows that answer a single statement, in one round trip.

        For read models, which are named with their schema; several statements that belong
        together take :meth:`views`.

        Raises:
            Unavailable: the database cannot be reached.
        """
        return self.recorder.rows(query, values)

    @contextmanager
    def views(self) -> Iterator[Cursor[DictRow]]:
        """Lend a cursor to which the read models are known by their plain names, in one snapshot.

        Raises:
            Unavailable: the database cannot be reached.
        """
        with ExitStack() as stack:
            yield patiently(lambda: self._look(stack))

    def _look(self, stack: ExitStack) -> Cursor[DictRow]:
        with ExitStack() as attempt:
            connection = attempt.enter_context(self._datastore.connection())
            attempt.enter_context(connection.transaction())
            connection.execute(self._look_at_views)
            cursor = attempt.enter_context(connection.cursor())
            stack.push(attempt.pop_all())
            return cursor

    def privileges(self) -> list[DaochaError]:
        """Return what is not as it should be with this process's rights and the guards."""

        def look() -> list[DaochaError]:
            with self._datastore.connection() as connection:
                return privileges(connection, self._datastore.schema)

        return patiently(look)

    def head(self) -> Head:
        """Return where the ledger ends."""
        position, recorded = self.recorder.head()
        return Head(position, cast("datetime", recorded))  # there is always the first fact

    def position_at(self, known_at: datetime) -> int:
        """Return the last position recorded at or before ``known_at`` (aware); 0 if none.

        What the ledger held then is the facts up to that position.
        """
        return self.recorder.position_at(known_at)

    def genesis(self) -> Entry:
        """Return the first fact, a :class:`LedgerOpened`."""
        return self._genesis

    def subscribe(
        self, after: int, *, stop: Event | None = None, open_sealed: bool = True
    ) -> Iterator[list[Entry]]:
        """Yield the facts after a position in batches, and wait for more.

        None is missed and none comes twice; lost connections are made again. Ends when ``stop`` is
        set or the ledger is closed.
        """
        for batch in self.recorder.follow(after, _Either(stop or self.closing, self.closing)):
            yield self._opened([entry.entry for entry in batch], open_sealed=open_sealed)

    def _opened(self, entries: list[Entry], *, open_sealed: bool) -> list[Entry]:
        """Fill in the personal values of entries just read: one query, one visit to the keys."""
        if not open_sealed or self._vault is None:
            return entries
        closed = {
            (entry.position, path): sealed
            for entry in entries
            for path, sealed in entry.fact.sealed()
            if not isinstance(sealed, Withheld)
        }
        if closed:
            boxes = self.recorder.boxes(sorted({position for position, _ in closed}))
            found = [(closed[key], box) for key, box in boxes.items() if key in closed]
            values = self._vault.open(found)
            for (sealed, _), value in zip(found, values, strict=True):
                if value is not None:
                    sealed.fill(*value)
        return entries

    def withheld(self, entry: Entry, path: str) -> str | None:
        """Return what is not handed out with the facts; None where it is erased or not there.

        Whoever calls this has put the reading on record.

        Args:
            entry: a fact.
            path: of the value in it, such as ``identity.ciphertext``.
        """
        sealed = dict(entry.fact.sealed()).get(path)
        box = self.recorder.boxes([entry.position]).get((entry.position, path))
        if sealed is None or box is None:
            return None
        (value,) = self.vault.open([(sealed, box)])
        return value[0] if value else None

    # What the library asks an application for

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Take nothing from the process's environment."""
        return Environment(name, env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Return a factory of our recorder on our datastore."""
        return _Factory(env, self._datastore, self._random)

    def construct_mapper(self) -> Mapper[UUID]:
        """Return the mapper that reads leaves."""
        return LeafMapper(self.factory.transcoder())


class _Either(Event):
    """Set when either of two events is."""

    def __init__(self, first: Event, second: Event) -> None:
        super().__init__()
        self._events = (first, second)

    def is_set(self) -> bool:
        return any(event.is_set() for event in self._events)

    def wait(self, timeout: float | None = None) -> bool:
        return self._events[0].wait(timeout) or self.is_set()


class LeafMapper(Mapper[UUID]):
    """Reads stored facts into entries."""

    def to_domain_event(self, stored_event: StoredEvent) -> Entry:
        """Read a leaf, upcasting old shapes and checking every value."""
        return read_leaf(cast("StoredFact", stored_event).leaf)

    def to_stored_event(self, domain_event: object) -> StoredEvent:
        """Refuse: facts are recorded by commands, which the library knows nothing of."""
        message = f"append a command instead of saving {type(domain_event).__name__}"
        raise TypeError(message)


class _Factory(PostgresFactory):
    def __init__(
        self, env: Environment, datastore: LedgerDatastore, random: Callable[[int], bytes]
    ) -> None:
        InfrastructureFactory.__init__(self, env)  # not the parent's: it reads addresses from env
        self.datastore: LedgerDatastore = datastore
        self._random = random

    def application_recorder(self) -> LedgerRecorder:
        return LedgerRecorder(self.datastore, self._random)


def _gather(_: object, entries: Iterable[Entry]) -> list[Entry] | None:
    """Collect a record's entries: the library's projector, whose aggregate is the plain list."""
    return list(entries) or None


def _check_keys(genesis: Entry, vault: Vault | None) -> None:
    fact = cast("LedgerOpened", genesis.fact)
    if vault is not None and vault.fingerprint != fact.keys:
        raise Contradiction(
            f"密钥库不是台账 {fact.origin} 的",
            f"this key store is not that of the ledger {fact.origin}",
            todo_zh="请恢复原来的密钥库；新建的不能读出已封存的个人信息。",
            todo_en="Restore its own: a new one cannot read what is sealed.",
        )

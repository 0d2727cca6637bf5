"""A session 批量录入: many commands decided in memory and appended in batches.

The decision is that of :func:`domain.recording.record`: names, contradictions and gates are asked
one command after another, each in the light of those before it. What differs is that the facts in
hand are kept here instead of being read again for every command, which only holds while nobody
else writes to the ledger; a session that finds otherwise stops.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from domain.errors import Conflict, DaochaError
from domain.fact import Entry, leaf_hash
from domain.ledger import Command
from domain.ledger_opened import LedgerOpened
from domain.organisation import OrganisationRegistered, OrgKind
from domain.proof.merkle import Frontier
from domain.proof.statement import TreeHead
from domain.reading import about_bodies
from domain.record import facts_of
from domain.recording import (
    Known,
    Scope,
    check_names,
    content,
    corrected_by,
    decide_all,
    guarded,
    records_of,
)
from domain.signing import KEY_TOPICS, keys_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.fact import Actor, Draft
    from domain.ledger import Receipt
    from domain.recording import Act

_OF_THE_LEDGER = ("setting.changed", "calendar.day_decided", "ledger.opened")
BATCH = 400
"""How many commands go to the ledger in one call."""


class KeyedDigests(Protocol):
    """What a session asks of a vault."""

    def keyed_digest(self, data: bytes) -> bytes:
        """Return the digest by which a command is recognised when it comes again."""
        ...


class Stored(Protocol):
    """What a session asks of a fact that it reads back."""

    @property
    def leaf(self) -> bytes:
        """Its leaf, as the database composed it."""
        ...


class Appendable(Protocol):
    """What a session asks of a ledger."""

    @property
    def vault(self) -> KeyedDigests:
        """Its vault."""
        ...

    def append_many(self, commands: Sequence[Command]) -> list[Receipt | DaochaError]:
        """Record commands in their order, each answered by itself."""
        ...

    def range_raw(self, after: int, limit: int) -> Sequence[Stored]:
        """Return the at most ``limit`` facts that follow position ``after``."""
        ...


class Session:
    """Records many commands on a ledger that nobody else writes to meanwhile.

    Args:
        ledger: where to.
        entries: what it holds so far, from position 1 on. A session that was cut short is taken
            up again from where it began: commands already recorded are answered as repeated.
    """

    def __init__(self, ledger: Appendable, entries: Iterable[Entry]) -> None:
        self._ledger = ledger
        self._waiting: list[Command] = []
        self._expected: list[range] = []
        self._records: dict[UUID, list[Entry]] = defaultdict(list)
        self._enterprises: dict[UUID, list[Entry]] = {}
        self._bodies: list[Entry] = []
        self._keys: dict[UUID, list[Entry]] = defaultdict(list)
        self._unhashed: list[tuple[list[Entry], int]] = []
        self._tree = Frontier()
        self.position = 0
        for entry in entries:
            self._keep(entry)
        self._read_back()

    def record(
        self,
        acts: Sequence[Act],
        *,
        command: UUID,
        by: Actor,
        received: datetime,
        recorded: datetime | None = None,
    ) -> range:
        """Decide ``acts`` as one command and put them in line; arguments as for ``record``.

        Returns:
            The positions at which the facts will stand.

        Raises:
            Contradiction, GateClosed, Conflict: as :func:`domain.recording.decide` says; nothing
                of the command is kept.
        """
        check_names(self._existing, acts)
        corrected = corrected_by(acts, self._at)
        scope = guarded(acts, corrected)
        keys = sorted({key for act in acts for key in keys_named(act.fact)})
        known = Known(
            {r: list(self._records.get(r, ())) for r in records_of(acts, corrected)},
            self._known(scope),
            [entry for key in keys for entry in self._keys.get(key, ())],
            self.position,
            corrected,
        )
        drafts = decide_all(acts, by, received, known)
        positions = range(self.position + 1, self.position + 1 + len(drafts))
        digest = self._ledger.vault.keyed_digest(content(acts, by))
        self._waiting.append(Command(command, tuple(drafts), digest, recorded=recorded))
        self._expected.append(positions)
        for position, draft in zip(positions, drafts, strict=True):
            self._keep(_entry(draft, position, command, recorded or received))
        if len(self._waiting) >= BATCH:
            self.flush()
        return positions

    def flush(self) -> None:
        """Append what is in line.

        Raises:
            Conflict: somebody else has written to the ledger meanwhile.
            DaochaError: the ledger refused a command.
        """
        commands, self._waiting = self._waiting, []
        expected, self._expected = self._expected, []
        answers = self._ledger.append_many(commands) if commands else []
        for positions, answer in zip(expected, answers, strict=True):
            if isinstance(answer, DaochaError):
                raise answer
            if answer.positions != tuple(positions):
                raise Conflict(
                    f"批量录入期间台账另有他人写入（第{answer.positions[0]}条）",
                    f"somebody else wrote to the ledger meanwhile, see {answer.positions[0]}",
                    todo_zh="停止其他写入后重新开始",
                    todo_en="stop the other writers and begin again",
                )
        self._read_back()

    def _read_back(self) -> None:
        """Read the leaves that the ledger composed: what people sign is named by their hashes."""
        after = self._tree.size
        stored = self._ledger.range_raw(after, self.position - after)
        hashes = [leaf_hash(each.leaf) for each in stored]
        for hashed in hashes:
            self._tree.append(hashed)
        for place, index in self._unhashed:
            entry = place[index]
            place[index] = replace(entry, hash=hashes[entry.position - after - 1])
        self._unhashed.clear()

    def entry(self, record: UUID, position: int) -> Entry:
        """Return a fact of a record with its leaf's hash, so that somebody can sign it."""
        if position > self._tree.size:
            self.flush()
        return next(each for each in self._records[record] if each.position == position)

    @property
    def seen(self) -> TreeHead:
        """The tree over the facts that the ledger holds by now, those in line left out."""
        return TreeHead(size=self._tree.size, root=self._tree.root().hex())

    @property
    def origin(self) -> str:
        """The name of the ledger's log."""
        return next(fact.origin for _, fact in facts_of(self._bodies, LedgerOpened))

    def entries(self, record: UUID) -> list[Entry]:
        """Return the facts of one record so far, those in line included."""
        return list(self._records.get(record, ()))

    def _at(self, positions: set[int]) -> Iterator[Entry]:
        everything = (entry for entries in self._records.values() for entry in entries)
        return (entry for entry in everything if entry.position in positions)

    def _existing(self, ids: Iterable[UUID]) -> set[UUID]:
        return {ident for ident in ids if ident in self._records}

    def _known(self, scope: Scope) -> list[Entry] | None:
        """Return what is read for ``record``, but for the people whom no act names."""
        if not scope:
            return None
        about = [self._enterprises.get(each, ()) for each in scope.organisations]
        about += [self._records.get(each, ()) for each in scope.persons]
        own = {entry.position: entry for entries in about for entry in entries}
        return [*self._bodies, *own.values()]

    def _keep(self, entry: Entry) -> None:
        self.position = entry.position
        self._put(self._records[entry.record], entry)
        if entry.topic in KEY_TOPICS:
            for tag in entry.tags:
                if tag.startswith("key:"):
                    self._put(self._keys[UUID(tag.removeprefix("key:"))], entry)
        for _, fact in facts_of([entry], OrganisationRegistered):
            if fact.kind is OrgKind.ENTERPRISE:
                self._enterprises[entry.record] = []
        about = [each for each in _organisations(entry) if each in self._enterprises]
        for enterprise in about:
            self._put(self._enterprises[enterprise], entry)
        of_expert = entry.topic.startswith("expert.")  # asked of those whom no act names, too
        if not about and (of_expert or entry.topic in (*about_bodies(), *_OF_THE_LEDGER)):
            self._put(self._bodies, entry)

    def _put(self, place: list[Entry], entry: Entry) -> None:
        self._unhashed.append((place, len(place)))
        place.append(entry)


def _organisations(entry: Entry) -> set[UUID]:
    named = {ident for _, kind, ident in entry.fact.names() if kind == "org"}
    own = {entry.record} if entry.fact.topic.noun == "org" else set()
    return own | {each for each in named if f"org:{each}" in entry.tags}


def _entry(draft: Draft, position: int, command: UUID, recorded: datetime) -> Entry:
    return Entry(
        position=position,
        record=draft.record,
        version=draft.version,
        recorded=recorded,
        received=draft.received,
        tags=tuple(draft.tags()),
        by=draft.by,
        happened=draft.happened,
        command=command,
        fact=draft.fact,
    )

"""A tape 录带: what a session appends, kept as it came; stands for a ledger in pure tests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from domain.fact import Actor, Entry, leaf_hash
from domain.ledger import LedgerOpened, Receipt
from domain.ledger_opened import ledger_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from domain.errors import DaochaError
    from domain.ledger import Command, Query

ORIGIN = "test.example/demo"


class Leaf(NamedTuple):
    """What a ledger stores of a fact."""

    leaf: bytes


class Tape:
    """Takes commands as a ledger does, in order and densely, and judges none of them."""

    def __init__(self, opened: datetime) -> None:
        self.opened = opened
        self.commands: list[Command] = []
        self.entries = [self.genesis()]
        self.leaves = [Leaf(b"genesis")]
        self.vault = self

    def genesis(self) -> Entry:
        fact = LedgerOpened(origin=ORIGIN, jurisdiction="沂川县", clock="simulated", keys="0" * 64)
        return Entry(
            position=1,
            record=ledger_id(ORIGIN),
            version=1,
            recorded=self.opened,
            received=self.opened,
            tags=(f"ledger:{ledger_id(ORIGIN)}",),
            by=Actor(authentication="system"),
            happened=self.opened,
            command=UUID(int=0),
            fact=fact,
        )

    def keyed_digest(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def range_raw(self, after: int, limit: int) -> list[Leaf]:
        return self.leaves[after : after + limit]

    def append_many(self, commands: Sequence[Command]) -> list[Receipt | DaochaError]:
        return [self._append(command) for command in commands]

    def read(self, *queries: Query, upto: int | None = None) -> list[Entry]:
        return [
            entry
            for entry in self.entries[:upto]
            if any(
                set(query.tags) <= set(entry.tags)
                and (not query.topics or entry.topic in query.topics)
                for query in queries
            )
        ]

    def records(self, ids: Iterable[UUID], *, upto: int | None = None) -> list[Entry]:
        wanted = set(ids)
        return [entry for entry in self.entries[:upto] if entry.record in wanted]

    def _append(self, command: Command) -> Receipt:
        assert command.recorded is not None
        assert command.recorded >= self.entries[-1].recorded, "the clock never goes back"
        self.commands.append(command)
        first = len(self.entries) + 1
        for position, draft in enumerate(command.drafts, first):
            entry = Entry(
                position=position,
                record=draft.record,
                version=draft.version,
                recorded=command.recorded,
                received=draft.received,
                tags=tuple(draft.tags()),
                by=draft.by,
                happened=draft.happened,
                command=command.id,
                fact=draft.fact,
            )
            leaf = draft.leaf(position, command.recorded, command.id, bytes(16))
            self.leaves.append(Leaf(leaf))
            self.entries.append(replace(entry, hash=leaf_hash(leaf)))
        positions = tuple(range(first, len(self.entries) + 1))
        return Receipt(command.id, positions, command.recorded, repeated=False)

"""Any commands in any order: the ledger answers as a plain list would, and keeps what it answered.

The model is a Python list of what was accepted. After each run the ledger is read back in every
way it can be, and must equal the model; every leaf must still be what it was when it was written.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.errors import CommandReused, Conflict, DaochaError, Invalid
from domain.fact import Draft, Entry, Sealed
from domain.ledger import Command, Condition, Ledger, Query, Receipt
from tests.support.ledger import CLI, NOW, Crossed, Noted, Told

SPACE = UUID("00000000-0000-5000-8000-00000000beef")
NAMES = st.integers(0, 4)
KINDS = st.sampled_from(["noted", "crossed", "told"])
FACTS = st.lists(st.tuples(NAMES, KINDS, NAMES), min_size=1, max_size=4)


@dataclass
class Model:
    """What a ledger must hold: the accepted drafts by position, the answers by command."""

    base: int
    drafts: list[Draft] = field(default_factory=list)
    commands: list[tuple[Command, Receipt]] = field(default_factory=list)

    def version(self, record: UUID) -> int:
        return sum(draft.record == record for draft in self.drafts)

    def matches(self, query: Query, after: int) -> list[int]:
        return [
            self.base + index
            for index, draft in enumerate(self.drafts, 1)
            if self.base + index > after
            and set(query.tags) <= set(draft.tags())
            and (not query.topics or draft.fact.topic.name in query.topics)
        ]

    def expected(self, command: Command) -> type[DaochaError] | Receipt | None:
        """Return the answer a command must get; None for a new receipt."""
        for known, receipt in self.commands:
            if known.id == command.id:
                same = known.digest == command.digest
                return replace(receipt, repeated=True) if same else CommandReused
        versions: dict[UUID, int] = {}
        if any(draft.version < 1 for draft in command.drafts):
            return Invalid
        for draft in command.drafts:
            last = versions.setdefault(draft.record, self.version(draft.record))
            if draft.version != last + 1:
                return Conflict
            versions[draft.record] += 1
        condition = command.condition
        if condition and any(self.matches(query, condition.after) for query in condition.none_of):
            return Conflict
        return None


class Recording(RuleBasedStateMachine):
    """Commands of every kind against one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger
        self.model = Model(ledger.head().position)
        self.leaves: dict[int, bytes] = {}
        self.forgotten: set[UUID] = set()
        self.ever_forgotten: set[UUID] = set()
        self.space = uuid5(SPACE, os.urandom(8).hex())  # each run has records of its own
        self.count = 0

    def record(self, name: int) -> UUID:
        return uuid5(self.space, str(name))

    def drafts(self, facts: Sequence[tuple[int, str, int]], slip: int = 0) -> tuple[Draft, ...]:
        """Make drafts that follow on what the model holds, the last off by ``slip``."""
        made: list[Draft] = []
        for name, kind, other in facts:
            record = self.record(name)
            version = self.model.version(record) + sum(d.record == record for d in made) + 1
            made.append(Draft(record, version, self.fact(kind, other), CLI, NOW, NOW))
        return (*made[:-1], replace(made[-1], version=made[-1].version + slip))

    def fact(self, kind: str, other: int) -> Noted | Crossed | Told:
        self.count += 1
        if kind == "told":
            person = self.record(100 + other)
            name = Sealed.close(f"人{self.count}", person, os.urandom(16))
            return Told(person=person, name=name, more={"note": name})
        org = self.record(200 + other)
        return Crossed(org=org) if kind == "crossed" else Noted(org=org, number=self.count)

    def command(self, drafts: tuple[Draft, ...], condition: Condition | None = None) -> Command:
        return Command(uuid5(self.space, f"c{self.count}"), drafts, b"digest", condition)

    def settle(self, command: Command, answer: Receipt | DaochaError) -> None:
        """Hold an answer against the model, and take what was accepted into it."""
        expected = self.model.expected(command)
        if isinstance(expected, type):
            assert type(answer) is expected
            return
        assert isinstance(answer, Receipt)
        if expected is not None:
            assert answer == expected
            return
        first = self.model.base + len(self.model.drafts) + 1
        assert answer.positions == tuple(range(first, first + len(command.drafts)))
        assert not answer.repeated
        self.model.drafts += command.drafts
        self.model.commands.append((command, answer))
        for draft in command.drafts:  # a new value has a new key
            self.forgotten.difference_update(s.subject for _, s in draft.fact.sealed())

    def send(self, command: Command) -> None:
        try:
            answer: Receipt | DaochaError = self.ledger.append(command)
        except DaochaError as error:
            answer = error
        self.settle(command, answer)

    @rule(facts=FACTS, slip=st.sampled_from([0, 0, 0, -1, 1, 7]))
    def append(self, facts: list[tuple[int, str, int]], slip: int) -> None:
        self.send(self.command(self.drafts(facts, slip)))

    @rule(
        facts=FACTS,
        back=st.integers(0, 12),
        tags=st.lists(st.tuples(st.sampled_from(["org", "person", "test"]), NAMES), max_size=2),
        topics=st.lists(st.sampled_from(["test.noted", "test.crossed", "test.told"]), max_size=2),
    )
    def append_if(
        self,
        facts: list[tuple[int, str, int]],
        back: int,
        tags: list[tuple[str, int]],
        topics: list[str],
    ) -> None:
        offset = {"org": 200, "person": 100, "test": 0}
        wanted = tuple(f"{kind}:{self.record(offset[kind] + name)}" for kind, name in tags)
        after = max(self.model.base, self.ledger.head().position - back)
        query = Query(wanted, tuple(topics or ["test.noted"]))
        self.send(self.command(self.drafts(facts), Condition(after, (query,))))

    @precondition(lambda self: self.model.commands)
    @rule(pick=st.integers(0, 10**6), same=st.booleans())
    def send_again(self, pick: int, *, same: bool) -> None:
        command, _ = self.model.commands[pick % len(self.model.commands)]
        self.send(command if same else replace(command, digest=b"other"))

    @rule(groups=st.lists(st.tuples(FACTS, st.sampled_from([0, 0, 1])), min_size=1, max_size=5))
    def append_many(self, groups: list[tuple[list[tuple[int, str, int]], int]]) -> None:
        """Make all commands before any is sent, so that some clash with those before them."""
        commands = [self.command(self.drafts(facts, slip)) for facts, slip in groups]
        commands += [known for known, _ in self.model.commands[:1]]
        answers = self.ledger.append_many(commands)
        for command, answer in zip(commands, answers, strict=True):
            self.settle(command, answer)

    @rule(name=NAMES)
    def forget(self, name: int) -> None:
        person = self.record(100 + name)
        self.ledger.forget(person)
        self.forgotten.add(person)
        self.ever_forgotten.add(person)

    @invariant()
    def positions_are_dense(self) -> None:
        assert self.ledger.head().position == self.model.base + len(self.model.drafts)

    @invariant()
    def no_leaf_changes(self) -> None:
        for raw in self.ledger.range_raw(self.model.base, 10**6):
            assert self.leaves.setdefault(raw.position, raw.leaf) == raw.leaf

    def teardown(self) -> None:
        entries = self.ledger.range(self.model.base, 10**6)
        assert len(entries) == len(self.model.drafts) == len(self.leaves)
        for entry, draft in zip(entries, self.model.drafts, strict=True):
            assert_same(entry, draft, self.ever_forgotten)
        assert all(a.recorded <= b.recorded for a, b in pairwise(entries))
        for command, receipt in self.model.commands:
            for position in receipt.positions:
                entry = entries[position - self.model.base - 1]
                assert (entry.command, entry.recorded) == (command.id, receipt.recorded)
        for name in range(5):
            record = self.record(name)
            assert self.ledger.record(record) == [e for e in entries if e.record == record]
            for tag in (f"org:{self.record(200 + name)}", f"person:{self.record(100 + name)}"):
                query = Query((tag,))
                found = [entry.position for entry in self.ledger.read(query)]
                assert found == self.model.matches(query, 0)
        for person in self.forgotten:
            told = [e.fact for e in entries if isinstance(e.fact, Told) and e.fact.person == person]
            assert all(value.value is None for fact in told for _, value in fact.sealed())


def assert_same(entry: Entry, draft: Draft, forgotten: set[UUID]) -> None:
    """Hold what is read against what was written; only a value of the forgotten may be gone."""
    assert (entry.record, entry.version, entry.by) == (draft.record, draft.version, draft.by)
    assert (entry.happened, entry.received) == (draft.happened, draft.received)
    assert list(entry.tags) == draft.tags()
    plain: Any = entry.fact
    assert plain.model_dump() == draft.fact.model_dump()
    for (path, read), (_, written) in zip(entry.fact.sealed(), draft.fact.sealed(), strict=True):
        gone = read.value is None and read.subject in forgotten
        assert gone or read.value == written.value, path


def test_any_commands_in_any_order(ledger: Ledger) -> None:
    run_state_machine_as_test(
        partial(Recording, ledger),  # type: ignore[arg-type] # any factory will do
        settings=settings(max_examples=30, stateful_step_count=20, deadline=None),
    )

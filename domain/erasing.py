"""Erasing somebody by law, under every record that is known to be theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from domain.erasure import PersonErased
from domain.errors import NotFound
from domain.ledger import Query
from domain.people import PersonSame
from domain.record import facts_of
from domain.recording import Act, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from domain.fact import Actor
    from domain.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased, as which records, and where the first of these facts stands."""

    persons: tuple[UUID, ...]
    position: int


def erase(
    ledger: Ledger,
    person: UUID,
    basis: str,
    *,
    by: Actor,
    received: datetime,
    random: Callable[[int], bytes],
) -> Erased:
    """Record the erasure of a person, which destroys their key and boxes.

    Records stated to be the same person's (``person.same_as``) are erased with them. Erasing
    somebody again records nothing and carries out what may have been cut short.

    Args:
        ledger: whose record they are in.
        person: their record.
        basis: by what right: article and document; it stays for good, so it names nobody.
        by: who does it.
        received: when it was asked for, in UTC.
        random: returns that many random bytes, for the command's id.

    Raises:
        NotFound: there is no such person on record.
        Unavailable: it is recorded, and its carrying out was held up: call again.
    """
    people = same_person(ledger, person)
    done = {each: _erasure(ledger, each) for each in people}
    acts = [Act(each, PersonErased(basis=basis), received) for each in people if not done[each]]
    if acts:
        command = UUID(bytes=random(16), version=4)
        receipt = record(ledger, acts, command=command, by=by, received=received)
        return Erased(tuple(people), receipt.positions[0])
    for each in people:
        ledger.erase(each)
    return Erased(tuple(people), min(position for position in done.values() if position))


def same_person(ledger: Ledger, person: UUID) -> list[UUID]:
    """Return all records of one person: this one, and those stated to be the same.

    Raises:
        NotFound: there is no such person on record.
    """
    found = [person]
    for each in found:
        stated = ledger.read(Query((f"person:{each}",), ("person.same_as",)), open_sealed=False)
        pairs = [{entry.record, fact.same_as} for entry, fact in facts_of(stated, PersonSame)]
        found += sorted({other for pair in pairs for other in pair} - set(found))
    begun = [r[0] for r in (ledger.record(each, open_sealed=False) for each in found) if r]
    if not begun or begun[0].record != person or begun[0].fact.topic.noun != "person":
        raise NotFound(
            f"没有人员档案 {person}",
            f"there is no person {person} on record",
            todo_zh="核对编号；编号在人员的档案页上",
            todo_en="check the id: it stands on the person's page",
        )
    return found


def _erasure(ledger: Ledger, person: UUID) -> int | None:
    """Return where the person's erasure stands, or None."""
    entries = ledger.record(person, open_sealed=False)
    return next((e.position for e, _ in facts_of(entries, PersonErased)), None)

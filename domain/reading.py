"""What to read from the ledger to know one enterprise's case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.calendar import CALENDAR
from domain.fact import TOPICS, BodyFact
from domain.ledger import Query
from domain.organisation import OrganisationRegistered
from domain.record import facts_of
from domain.setting import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from domain.fact import Entry
    from domain.ledger import Ledger

_DEEPEST = 6
"""Tiers of government at the most: town, county, city, province, nation, and one to spare."""


def read_case(ledger: Ledger, enterprise: UUID, *, upto: int | None = None) -> list[Entry]:
    """Return every fact that concerns an enterprise and the bodies over it.

    That is: the facts about it; those about each organisation that they name, and about the bodies
    above these; the people who acted or held a post; the rule settings, the calendar, and the first
    fact.

    Args:
        ledger: where to read.
        enterprise: its record id.
        upto: the last position to read; None reads all there is.
    """
    found = ledger.read(Query((f"org:{enterprise}",)), upto=upto)
    entries = {entry.position: entry for entry in found}
    read = {enterprise}
    for _ in range(_DEEPEST):
        wanted = _organisations(entries.values()) - read
        if not wanted:
            break
        read |= wanted
        queries = [Query((f"org:{org}",), about_bodies()) for org in sorted(wanted)]
        entries |= {entry.position: entry for entry in ledger.read(*queries, upto=upto)}
    people = _people(entries.values())
    for entry in ledger.records([*people, SETTINGS, CALENDAR], upto=upto):
        entries[entry.position] = entry
    genesis = ledger.genesis()
    entries[genesis.position] = genesis
    return [entries[position] for position in sorted(entries)]


_ABOUT_BODIES = (
    "organisation.registered",
    "organisation.changed",
    "organisation.closed",
    "post.created",
    "post.abolished",
    "appointment.made",
    "appointment.ended",
    "inspection.plan_adopted",
    "fact.corrected",
    "emergency_plan.filed",
    "emergency_plan.revised",
    "emergency_plan.reviewed",
    "emergency_plan.abolished",
    "drill.held",
)


def about_bodies() -> tuple[str, ...]:
    """Return the kinds of fact about a body that bear on the enterprises it answers for."""
    declared = (name for name, topic in TOPICS.items() if issubclass(topic.fact, BodyFact))
    return (*_ABOUT_BODIES, *declared)


def _organisations(entries: Iterable[Entry]) -> set[UUID]:
    listed = list(entries)
    # A body's list of enterprises names whom it covered: their cases have nothing to do with this.
    named = {
        ident
        for entry in listed
        for field, kind, ident in entry.fact.names()
        if kind == "org" and field != "enterprises"
    }
    parents = {fact.parent for _, fact in facts_of(listed, OrganisationRegistered) if fact.parent}
    return named | parents


def _people(entries: Iterable[Entry]) -> set[UUID]:
    people: set[UUID] = set()
    for entry in entries:
        people |= {ident for _, kind, ident in entry.fact.names() if kind == "person"}
        if entry.by.person:
            people.add(entry.by.person)
    return people

"""What to read from the ledger to know one enterprise's case, or what is on record of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.calendar import CALENDAR
from domain.expert import ExpertFact
from domain.fact import TOPICS, BodyFact
from domain.ledger import Query
from domain.organisation import OrganisationRegistered
from domain.record import facts_of
from domain.setting import SETTINGS
from domain.tip import TipFact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from domain.fact import Entry
    from domain.ledger import Ledger

_DEEPEST = 6
"""Tiers of government at the most: town, county, city, province, nation, and one to spare."""


def read_case(ledger: Ledger, enterprise: UUID, *, upto: int | None = None) -> list[Entry]:
    """Return every fact that concerns an enterprise and the bodies over it.

    That is: the facts about it; the whole of every report from the public that is about it, or that
    it handles; those about each organisation that they name, and about the bodies
    above these; the people who acted or held a post, and the bodies in whose expert pools they are;
    the rule settings, the calendar, and the first fact.

    Args:
        ledger: where to read.
        enterprise: its record id.
        upto: the last position to read; None reads all there is.
    """
    found = ledger.read(Query((f"org:{enterprise}",)), upto=upto)
    entries = {entry.position: entry for entry in found}
    tips = {entry.record for entry in found if isinstance(entry.fact, TipFact)}
    entries |= {entry.position: entry for entry in ledger.records(tips, upto=upto)}
    read = {enterprise}
    _read_bodies(ledger, entries, _organisations(entries.values()), read, upto)
    people = _people(entries.values())
    own = read_people(ledger, people, upto=upto)
    entries |= {entry.position: entry for entry in own}
    _read_bodies(ledger, entries, _authorities(own), read, upto)
    more = _people(entries.values()) - people
    if more:
        entries |= {entry.position: entry for entry in read_people(ledger, more, upto=upto)}
    return [entries[position] for position in sorted(entries)]


def _read_bodies(
    ledger: Ledger, entries: dict[int, Entry], wanted: set[UUID], read: set[UUID], upto: int | None
) -> None:
    """Add what is on record of some bodies and of those above them, unless it was read before."""
    for _ in range(_DEEPEST):
        wanted = wanted - read
        if not wanted:
            break
        read |= wanted
        queries = [Query((f"org:{org}",), about_bodies()) for org in sorted(wanted)]
        found = list(ledger.read(*queries, upto=upto))
        entries |= {entry.position: entry for entry in found}
        wanted = _organisations(found)


def read_people(ledger: Ledger, people: Iterable[UUID], *, upto: int | None = None) -> list[Entry]:
    """Return what stands in people's own records, the settings, the calendar and the first fact.

    Args:
        ledger: where to read.
        people: their record ids.
        upto: the last position to read; None reads all there is.
    """
    found = {e.position: e for e in ledger.records([*people, SETTINGS, CALENDAR], upto=upto)}
    genesis = ledger.genesis()
    return [*{genesis.position: genesis, **found}.values()]


def about_people() -> tuple[str, ...]:
    """Return the kinds of fact that stand in people's own records."""
    return tuple(name for name, topic in TOPICS.items() if topic.noun == "person")


_ABOUT_BODIES = (
    "organisation.registered",
    "organisation.changed",
    "organisation.closed",
    "post.created",
    "post.moved",
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
    """Return the kinds of fact about a body that bear on the enterprises it answers for.

    Not the reports that it gets from the public: one about an enterprise carries that one's tag.
    """
    declared = (
        name
        for name, topic in TOPICS.items()
        if issubclass(topic.fact, BodyFact) and not issubclass(topic.fact, TipFact)
    )
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
        if entry.fact.topic.noun == "person":
            people.add(entry.record)
    return people


def _authorities(entries: list[Entry]) -> set[UUID]:
    return {fact.authority for _, fact in facts_of(entries, ExpertFact)}

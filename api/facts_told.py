"""Facts of one record as people read them, each with both clocks and with its check code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from api.documents.forms import form_of
from domain.labels import summary
from domain.moment import local_day
from domain.proof.code import short_code

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from domain.answer import Words
    from domain.fact import Entry
    from domain.labels import Labels


@dataclass(frozen=True, slots=True)
class FactTold:
    """A fact of a record.

    Args:
        position: where it stands.
        topic: its kind.
        title: what it is called.
        summary: one line of what it says, where it says more than its title.
        happened, recorded: when it happened, by the actor's word, and when it was recorded.
        days_between: whole days from the one to the other.
        person: who acted.
        name: their name; None where it is erased or was never recorded.
        post, organisation: in which post of what organisation.
        authentication: by what they were known.
        corrected_by: the position of the correction it fell to.
        code: its check code.
        document: whether it can be made out on paper.
    """

    position: int
    topic: str
    title: Words
    summary: str | None
    happened: date | datetime
    recorded: datetime
    days_between: int
    person: UUID | None
    name: str | None
    post: str | None
    organisation: str | None
    authentication: str
    corrected_by: int | None
    code: str
    document: bool


def tell_facts(entries: Iterable[Entry], labels: Labels) -> list[FactTold]:
    """Return facts of a docket as people read them, in the ledger's order."""
    return [_told(entry, labels) for entry in sorted(entries, key=lambda each: each.position)]


def _told(entry: Entry, labels: Labels) -> FactTold:
    organisation = labels.acting_organisation(entry)
    return FactTold(
        position=entry.position,
        topic=entry.topic,
        title=labels.title(entry),
        summary=summary(entry, labels),
        happened=entry.happened,
        recorded=entry.recorded,
        days_between=(local_day(entry.recorded) - local_day(entry.happened)).days,
        person=entry.by.person,
        name=labels.person_name(entry.by.person),
        post=labels.post_title(entry.by.post),
        organisation=organisation.name if organisation else None,
        authentication=entry.by.authentication,
        corrected_by=labels.docket.corrected_by.get(entry.position),
        code=short_code(entry.hash),
        document=form_of(entry) is not None,
    )

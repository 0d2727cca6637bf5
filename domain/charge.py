"""Who is charged with an enterprise 职责关系, at any moment: read off the facts.

Departments supervise it, posts are named for it, a unit supervises a listed hazard of it, experts
are on a panel for it, reviewers look into an accident at it, each from a moment to a moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.case import Case
from domain.expert_inspection import ExpertFileClosed, PanelAppointed, ReportDelivered
from domain.incident import ReviewOpened
from domain.moment import earlier, no_later
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry

CHARGING = (
    "supervision.assigned",
    "supervision.ended",
    "supervision.transfer_accepted",
    "supervision.transfer_decided",
    "supervision.named",
    "supervision.unnamed",
    "listing.made",
    "listing.delisted",
    "expert_inspection.panel_appointed",
    "expert_inspection.report_delivered",
    "expert_inspection.file_closed",
    "review.opened",
    "fact.corrected",
)
"""The kinds of fact about an enterprise from which all of this follows."""


class Charge(StrEnum):
    """What somebody is charged with; the holder is an organisation, a post or a person."""

    SUPERVISES = "supervises"
    NAMED = "named"
    LISTED = "listed"
    PANEL = "panel"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Held:
    """A charge, from ``since`` to ``until`` (None: still)."""

    charge: Charge
    holder: UUID
    since: date | datetime
    until: date | datetime | None

    def covers(self, moment: date | datetime) -> bool:
        """Tell whether it was held at ``moment``; on the day it ends it is held no longer."""
        return no_later(self.since, moment) and (self.until is None or earlier(moment, self.until))


def charges(enterprise: UUID, entries: Iterable[Entry], at: date | datetime) -> list[Held]:
    """Return every charge that anybody ever held for an enterprise.

    Args:
        enterprise: its record id.
        entries: the facts about it of the kinds in :data:`CHARGING`, or more.
        at: what happened later is left out.
    """
    case = Case(enterprise, entries, at)
    directory = case.directory
    found = [
        Held(Charge.SUPERVISES, each.department, each.since, each.until)
        for each in directory.supervisions(enterprise)
    ]
    for each in directory.namings(enterprise):
        found += [
            Held(Charge.NAMED, post, each.since, each.until) for post in (each.leader, each.officer)
        ]
    return [*found, *_listed(case), *_panels(case), *_reviews(case)]


def _listed(case: Case) -> Iterator[Held]:
    for listing in case.listings:
        if listing.made and listing.terms:
            ended = listing.first("listing.delisted")
            until = moment_of(ended) if ended else None
            terms = listing.terms
            for body in dict.fromkeys(
                (terms.supervising_unit, terms.responsible_body, terms.by_org)
            ):
                yield Held(Charge.LISTED, body, moment_of(listing.made), until)


def _panels(case: Case) -> Iterator[Held]:
    """Yield who is on a panel: until what they found is rechecked, or there was nothing to."""
    found = {e.record for e, fact in facts_of(case.entries, ReportDelivered) if fact.findings}
    closed = {
        entry.record: moment_of(entry)
        for entry, fact in facts_of(case.entries, ExpertFileClosed)
        if fact.part or entry.record not in found
    }
    for entry, fact in facts_of(case.entries, PanelAppointed):
        for member in fact.members:
            yield Held(Charge.PANEL, member.person, moment_of(entry), closed.get(entry.record))


def _reviews(case: Case) -> Iterator[Held]:
    for entry, fact in facts_of(case.entries, ReviewOpened):
        for person in fact.reviewers:
            yield Held(Charge.REVIEW, person, moment_of(entry), None)

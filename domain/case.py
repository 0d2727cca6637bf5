"""The case 案情: everything on record about one enterprise, as at a moment and as known at one.

A case is given the entries that concern the enterprise and the bodies over it. It leaves out what
was recorded after ``known_at`` and what happened after ``at``, puts corrections in the place of
what they correct, and sorts the rest into records.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from domain.correction import FactCorrected, aims_of, same_act
from domain.directory import Directory
from domain.evacuation import GrantRecord
from domain.expert import ExpertRecord, experts_of
from domain.expert_inspection import ExpertInspection
from domain.grade import TargetRecord
from domain.hazard import HazardRecord
from domain.imported import LedgerRowImported, RowSetAside
from domain.incident import IncidentOccurred
from domain.inspection import InspectionRecord
from domain.ledger_opened import LedgerOpened
from domain.listing import ListedFact, ListingRecord
from domain.moment import earlier, local_day, no_later
from domain.monthly_report import MonthFact, ReportRecord
from domain.order import OrderRecord
from domain.organisation import OrganisationRegistered
from domain.people import PersonRegistered, PostCreated
from domain.project import ProjectRecord
from domain.record import Record, facts_of, moment_of
from domain.signing import SignatureMade
from domain.tip import TipRecord
from domain.training import EmploymentRecord

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from domain.correction import Replacement
    from domain.fact import Entry, Fact


class Case:
    """The facts about one enterprise, sorted.

    Args:
        enterprise: its record id.
        entries: the facts that concern it and the bodies over it, in any order.
        at: the moment asked about; what happened later is left out.
        known_at: what was recorded later is left out; None takes all there is.
        head: where the ledger ended, where that is known: entries of others may stand there.
    """

    def __init__(
        self,
        enterprise: UUID,
        entries: Iterable[Entry],
        at: date | datetime,
        known_at: datetime | None = None,
        *,
        head: int | None = None,
    ) -> None:
        self.enterprise = enterprise
        self.head = head
        self.at = at
        self.known_at = known_at
        known = {e.position: e for e in entries if known_at is None or e.recorded <= known_at}
        self._known = {position: known[position] for position in sorted(known)}
        self.all_entries = list(self._known.values())
        self.corrected_by: dict[int, int] = {}
        self.replaced: dict[int, Entry] = {}
        self._effective = self._superseded(self._corrected())
        self.entries = [each for each in self._effective if no_later(moment_of(each), at)]
        self._by_tag = _by_tag(self.entries)

    def _corrected(self) -> list[Entry]:
        """Return the facts with each correction's replacement in the place of what it corrects.

        A replacement stands at its correction's position. Of several corrections of one fact the
        last counts; one that was itself taken back corrects nothing. ``corrected_by`` tells which
        correction each corrected fact fell to, ``replaced`` which fact each replacement is for.
        """
        known = self._known
        effective = dict(known)
        for entry, fact in reversed(list(facts_of(self.all_entries, FactCorrected))):
            if entry.position in self.corrected_by:
                continue
            fallen = [
                p
                for p in aims_of(fact, known, entry.position)
                if p not in self.corrected_by and not known[p].fact.topic.final
            ]
            for position in fallen:
                self.corrected_by[position] = entry.position
                del effective[position]
            originals = [known[p] for p in fallen if not isinstance(known[p].fact, FactCorrected)]
            if originals and fact.replacement:
                self.replaced[entry.position] = originals[0]
                effective[originals[0].position] = _in_place_of(
                    originals[0], entry, fact.replacement
                )
        return sorted(effective.values(), key=lambda entry: entry.position)

    @staticmethod
    def _superseded(entries: list[Entry]) -> list[Entry]:
        """Leave out each imported row that a later import of the same row replaced."""
        latest = {e.record: e for e, _ in facts_of(entries, LedgerRowImported)}
        return [
            entry
            for entry in entries
            if not isinstance(entry.fact, LedgerRowImported) or latest[entry.record] is entry
        ]

    @cached_property
    def opened(self) -> tuple[Entry, LedgerOpened] | None:
        """The ledger's first fact, whatever the moment asked about; None in a bare book."""
        return next(facts_of(self.all_entries, LedgerOpened), None)

    def at_position(self, position: int) -> Entry | None:
        """Return the fact at a position of the ledger, as it was recorded; None if not in hand."""
        return self._known.get(position)

    def about(self, tag: str) -> list[Entry]:
        """Return the facts that carry ``tag``, in the ledger's order."""
        return self._by_tag.get(tag, [])

    def whenever(self, tag: str) -> list[Entry]:
        """Return the facts that carry ``tag``, those that happened after the moment included."""
        return self._whenever.get(tag, [])

    @property
    def lasting(self) -> list[Entry]:
        """The facts in force, those that happened after the moment included."""
        return self._effective

    @cached_property
    def _whenever(self) -> dict[str, list[Entry]]:
        return _by_tag(self._effective)

    def entered_afterwards(self, entry: Entry) -> bool:
        """Tell whether a fact about the time before the moment was recorded only after it.

        A correction is about the time of what it corrects; a row that was set aside, whose date
        may be what could not be read, can be about any time.
        """
        at = self.at
        recorded = entry.recorded if isinstance(at, datetime) else local_day(entry.recorded)
        if isinstance(entry.fact, RowSetAside):
            return earlier(at, recorded)
        about = [entry.happened]
        if isinstance(entry.fact, FactCorrected):
            about = [
                self._known[p].happened for p in aims_of(entry.fact, self._known, entry.position)
            ]
        return earlier(at, recorded) and any(earlier(happened, at) for happened in about)

    @cached_property
    def directory(self) -> Directory:
        """Who held which post and who supervised whom.

        Names and codes are known however late an organisation, person or post was registered.
        """
        kinds = (OrganisationRegistered, PersonRegistered, PostCreated)
        return Directory(
            [
                entry
                for entry in self._effective
                if isinstance(entry.fact, kinds) or no_later(moment_of(entry), self.at)
            ]
        )

    def _subjects(self, noun: str) -> list[str]:
        """Return the records of a kind that are about this enterprise: another's may be at hand."""
        own = f"org:{self.enterprise}"
        return [
            tag
            for tag, entries in self._by_tag.items()
            if tag.startswith(noun + ":") and any(own in entry.tags for entry in entries)
        ]

    def _begun(self, noun: str, kind: type[Fact]) -> list[str]:
        """Return the records that still hold a fact of a kind: a correction may have taken it."""
        tags = self._subjects(noun)
        return [tag for tag in tags if any(facts_of(self.about(tag), kind))]

    @cached_property
    def hazards(self) -> dict[UUID, HazardRecord]:
        """Every hazard found at the enterprise, in the order of the ledger."""
        records = (HazardRecord(tag, self.about(tag)) for tag in self._subjects("hazard"))
        return {
            record.id: record
            for record in records
            if record.origin and record.enterprise == self.enterprise
        }

    @cached_property
    def inspections(self) -> list[InspectionRecord]:
        """Every inspection."""
        return [InspectionRecord(t, self.about(t)) for t in self._subjects("inspection")]

    @cached_property
    def expert_inspections(self) -> list[ExpertInspection]:
        """Every inspection by experts, appointed or held."""
        records = [ExpertInspection(t, self.about(t)) for t in self._subjects("expert_inspection")]
        return [record for record in records if record.panel or record.held]

    @cached_property
    def experts(self) -> dict[UUID, ExpertRecord]:
        """Everybody in hand of whom anything is on record as an expert."""
        return experts_of(self.entries)

    def expert(self, person: UUID) -> ExpertRecord:
        """Return a person as an expert; of many a one nothing is on record."""
        return self.experts.get(person) or ExpertRecord(f"person:{person}", [])

    @cached_property
    def orders(self) -> list[OrderRecord]:
        """Every rectification order."""
        records = (OrderRecord(tag, self.about(tag)) for tag in self._subjects("order"))
        return [record for record in records if record.issued]

    @cached_property
    def listings(self) -> list[ListingRecord]:
        """Every listing, proposed or made."""
        return [ListingRecord(t, self.about(t)) for t in self._begun("listing", ListedFact)]

    @cached_property
    def halts(self) -> list[Record]:
        """Every halt."""
        return [Record(tag, self.about(tag)) for tag in self._subjects("halt")]

    @cached_property
    def reports(self) -> dict[str, ReportRecord]:
        """Every monthly report by its month."""
        records = [ReportRecord(t, self.about(t)) for t in self._begun("report", MonthFact)]
        return {record.month: record for record in records}

    @cached_property
    def signatures(self) -> dict[int, list[tuple[Entry, SignatureMade]]]:
        """Every electronic signature by the position of what it signs, in the ledger's order."""
        found: dict[int, list[tuple[Entry, SignatureMade]]] = defaultdict(list)
        for entry, fact in facts_of(self.entries, SignatureMade):
            found[fact.document].append((entry, fact))
        return found

    @cached_property
    def incidents(self) -> list[tuple[Entry, IncidentOccurred]]:
        """Every accident on record at the enterprise."""
        return [
            (entry, fact)
            for entry, fact in facts_of(self.entries, IncidentOccurred)
            if fact.enterprise == self.enterprise
        ]

    @cached_property
    def projects(self) -> list[ProjectRecord]:
        """Every construction project."""
        return [ProjectRecord(tag, self.about(tag)) for tag in self._subjects("project")]

    @cached_property
    def targets(self) -> list[TargetRecord]:
        """Every set of dates by which the enterprise is to reach a grade."""
        return [TargetRecord(tag, self.about(tag)) for tag in self._subjects("target")]

    @cached_property
    def employments(self) -> list[EmploymentRecord]:
        """Every time that somebody worked for the enterprise."""
        return [EmploymentRecord(tag, self.about(tag)) for tag in self._subjects("employment")]

    @cached_property
    def grants(self) -> list[GrantRecord]:
        """Every grant of the power to stop and evacuate."""
        return [GrantRecord(tag, self.about(tag)) for tag in self._subjects("grant")]

    @cached_property
    def tips(self) -> list[TipRecord]:
        """Every report from the public that is about the enterprise, or that the body handled."""
        records = (TipRecord(tag, self.about(tag)) for tag in self._subjects("tip"))
        return [
            tip
            for tip in records
            if tip.first("tip.received")
            and self.enterprise in (tip.enterprise, *(body for _, body in tip.handlers()))
        ]

    def deadline(self, hazard: HazardRecord) -> date | None:
        """Return the rectification deadline in force for a hazard.

        The earliest that an order or a listing sets; else that of the enterprise's own plans, as
        moved in time; else that of the imported row.
        """
        tag = hazard.subject
        set_by_others = [
            order.deadline(item.item)
            for order in self.orders
            if order.issued and not order.withdrawn
            for item in order.issued.items
            if f"hazard:{item.hazard}" == tag
        ]
        set_by_others += [
            listing.deadline
            for listing in self.listings
            if listing.terms and listing.deadline and f"hazard:{listing.terms.hazard}" == tag
        ]
        if set_by_others:
            return min(set_by_others)
        if hazard.own_deadline:
            return hazard.own_deadline
        return hazard.row.deadline if hazard.row else None


def _by_tag(entries: list[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for tag in entry.tags:
            found[tag].append(entry)
    return found


def _in_place_of(original: Entry, correction: Entry, replacement: Replacement) -> Entry:
    """Return what should have been written, in its record, as entered with the correction.

    An act of the record that stays the act it was still counts from when it arrived.
    """
    counts = moment_of(original) if same_act(original, replacement) else None
    return replace(
        original,
        position=correction.position,
        recorded=correction.recorded,
        received=correction.received,
        tags=tuple(dict.fromkeys((*original.tags, *replacement.fact.tags()))),
        happened=replacement.happened,
        fact=replacement.fact,
        hash=correction.hash,
        counts=counts if isinstance(counts, datetime) else None,
    )

"""Listed supervision of major hazards 政府挂牌督办 with its two acceptances (三（三）)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, HazardId, OrgRef, PersonId
from domain.moment import Day, end, late
from domain.record import Record, facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from domain.fact import Entry


class ListedFact(EnterpriseFact):
    """A fact about one listing: it names the hazard, so that the hazard's history holds it."""

    hazard: HazardId


class ListingProposed(
    ListedFact,
    topic="listing.proposed",
    zh="提请挂牌督办",
    en="Listing proposed",
    starts=True,
    of_record=True,
):
    """A body that knows of a major hazard proposes its listing to the authority (3.3a)."""

    by_org: OrgRef
    to_org: OrgRef


class ListingMade(
    ListedFact,
    topic="listing.made",
    zh="挂牌督办",
    en="Hazard listed",
    of_record=True,
):
    """The authority lists it, naming responsible body, supervising unit and deadline (3.3g)."""

    by_org: OrgRef
    number: str = Field(min_length=1, max_length=64, examples=["临安督〔2024〕7号"])
    responsible_body: OrgRef
    supervising_unit: OrgRef
    deadline: Day


class ListingDeclined(
    ListedFact,
    topic="listing.declined",
    zh="不予挂牌督办",
    en="Listing declined",
    of_record=True,
):
    """The authority declines, with its reason (3.3g)."""

    by_org: OrgRef
    reason: FreeText


class ListingServed(
    ListedFact, topic="listing.served", zh="送达督办通知书", en="Listing notice served"
):
    """The notice reached the enterprise or the responsible body: from here on it knew."""

    to_org: OrgRef
    to_person: PersonId | None = None


class ListingPlanMade(
    ListedFact,
    topic="listing.plan_made",
    zh="制定挂牌隐患整改方案",
    en="Plan for the listed hazard made",
    of_record=True,
):
    """The responsible body's plan (3.3b)."""

    by_org: OrgRef
    plan: FreeText


class ListingChecked(
    ListedFact,
    topic="listing.checked",
    zh="督办检查",
    en="Listed hazard checked",
):
    """The supervising unit looked after it (3.3d)."""

    by_org: OrgRef
    result: FreeText | None = None
    officers: tuple[PersonId, ...] = ()


class ListingExtended(
    ListedFact,
    topic="listing.extended",
    zh="延长督办期限",
    en="Listing deadline extended",
    of_record=True,
):
    """Only the authority that set the deadline may extend it, before it passes."""

    by_org: OrgRef
    deadline: Day
    reason: FreeText


class _Acceptance(ListedFact):
    by_org: OrgRef
    passed: bool
    remarks: FreeText | None = None


class FirstAcceptance(
    _Acceptance,
    topic="listing.first_accepted",
    zh="责任单位组织验收",
    en="First acceptance",
    of_record=True,
):
    """The responsible body accepts, or not (3.3e)."""


class DelistingApplied(
    ListedFact,
    topic="listing.delisting_applied",
    zh="提出销号申请",
    en="Delisting applied for",
    of_record=True,
):
    """The responsible body applies after a passed acceptance (3.3e)."""

    by_org: OrgRef


class SecondAcceptance(
    _Acceptance,
    topic="listing.second_accepted",
    zh="督办单位验收",
    en="Second acceptance",
    of_record=True,
):
    """The supervising unit accepts, or not (3.3f)."""


class Delisted(
    ListedFact,
    topic="listing.delisted",
    zh="予以销号",
    en="Delisted",
    of_record=True,
):
    """Only after both acceptances (3.3f)."""

    by_org: OrgRef


class Stage(StrEnum):
    """How far a listed supervision has come 督办阶段."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    LISTED = "listed"
    FIRST_ACCEPTED = "first_accepted"
    APPLIED = "applied"
    SECOND_ACCEPTED = "second_accepted"
    DELISTED = "delisted"


_STAGES = {
    "listing.proposed": Stage.PROPOSED,
    "listing.declined": Stage.DECLINED,
    "listing.made": Stage.LISTED,
    "listing.first_accepted": Stage.FIRST_ACCEPTED,
    "listing.delisting_applied": Stage.APPLIED,
    "listing.second_accepted": Stage.SECOND_ACCEPTED,
    "listing.delisted": Stage.DELISTED,
}


class ListingRecord(Record):
    """One listed supervision, from the proposal to the delisting."""

    @property
    def hazard(self) -> UUID:
        """The hazard it is about."""
        return next(fact.hazard for _, fact in facts_of(self.entries, ListedFact))

    @property
    def made(self) -> Entry | None:
        """The fact by which the hazard is listed."""
        return self.first("listing.made")

    @property
    def terms(self) -> ListingMade | None:
        """Responsible body, supervising unit and first deadline; listing it again moves none."""
        return self.made.fact if self.made else None  # type: ignore[return-value]

    @property
    def extensions(self) -> list[tuple[Entry, ListingExtended, bool]]:
        """Every extension of the deadline, and whether it took effect.

        It does only from the authority that set the deadline, to a later day, before that had
        passed.
        """
        found: list[tuple[Entry, ListingExtended, bool]] = []
        terms = self.terms
        deadline = terms.deadline if terms else None
        for entry, fact in facts_of(self.entries, ListingExtended):
            in_time = (
                deadline is not None
                and fact.deadline > deadline
                and not late(moment_of(entry), end(deadline))
            )
            effective = in_time and terms is not None and fact.by_org == terms.by_org
            found.append((entry, fact, effective))
            deadline = fact.deadline if effective else deadline
        return found

    @property
    def deadline(self) -> date | None:
        """The deadline in force; None where the hazard is not listed."""
        granted = [fact.deadline for _, fact, effective in self.extensions if effective]
        terms = self.terms
        return granted[-1] if granted else (terms.deadline if terms else None)

    def passed(self, topic: str, body: UUID) -> list[Entry]:
        """Return the acceptances of ``topic`` that ``body`` found passed, earliest first."""
        return [
            entry
            for entry, fact in facts_of(self.all(topic), _Acceptance)
            if fact.passed and fact.by_org == body
        ]

    @property
    def stage(self) -> Stage:
        """How far it has come; an acceptance that failed leads back to rectification."""
        entry = self.last(*_STAGES)
        if entry is None:
            return Stage.PROPOSED
        failed = isinstance(entry.fact, _Acceptance) and not entry.fact.passed
        return Stage.LISTED if failed else _STAGES[entry.topic]

"""Experts 专家: a person's place in the pools, free days, ties and conduct (二（三）, 二（四）).

All of it stands in the person's own record, so that a case reads it with its people.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import (
    ExpertInspectionId,
    Fact,
    FreeText,
    Frozen,
    HazardId,
    OrgId,
    OrgRef,
    PersonId,
)
from domain.moment import Day, last_day, local_day, no_later
from domain.record import Record, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry


class Pool(StrEnum):
    """The pools from which experts are chosen 专家库 (2.1d)."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"


class Title(StrEnum):
    """A professional title 职称."""

    SENIOR = "senior"
    INTERMEDIATE = "intermediate"
    JUNIOR = "junior"


class Registration(StrEnum):
    """A registered qualification 执业资格 that stands for a title (2.3b)."""

    SAFETY_ENGINEER = "safety_engineer"
    SAFETY_ASSESSOR = "safety_assessor"


class ExpertFact(Fact):
    """A fact about an expert in the pool of ``authority``; it stands in the person's record."""

    authority: OrgId


class ExpertAdmitted(
    ExpertFact, topic="expert.admitted", noun="person", zh="聘入专家库", en="Expert admitted"
):
    """Admission to a pool, refused where 2.3b's conditions fail.

    ``exception`` is the reason why a retired person over the age limit is admitted all the same.
    """

    pool: Pool = Pool.MUNICIPAL
    specialties: tuple[str, ...] = Field(min_length=1, examples=[["化工工艺", "电气"]])
    title: Title | None = None
    registration: Registration | None = None
    years: int = Field(ge=0, le=80, description="从事安全生产技术与管理工作的年数")
    healthy: bool
    retired: bool = False
    born: Day | None = Field(default=None, description="人员档案未载时填写")
    area: str | None = Field(default=None, max_length=100)
    exception: FreeText | None = None


class ExpertPublished(
    ExpertFact,
    topic="expert.published",
    noun="person",
    zh="发文公布专家",
    en="Admission published",
    of_record=True,
):
    """The admission is made public by a document (2.3c)."""

    document: str = Field(min_length=1, max_length=200)


class LetterIssued(
    ExpertFact,
    topic="expert.letter_issued",
    noun="person",
    zh="发放聘书",
    en="Letter of appointment issued",
    of_record=True,
):
    """The expert holds the letter of appointment (2.3c)."""

    document: str = Field(min_length=1, max_length=200)


class ExpertSuspended(
    ExpertFact, topic="expert.suspended", noun="person", zh="暂停专家资格", en="Expert suspended"
):
    """Until restored, the expert is not in the pool (2.3d)."""

    reason: FreeText


class ExpertRestored(
    ExpertFact, topic="expert.restored", noun="person", zh="恢复专家资格", en="Expert restored"
):
    """A suspension ends (2.3d)."""

    reason: FreeText


class ExpertLeft(ExpertFact, topic="expert.left", noun="person", zh="调出专家库", en="Expert left"):
    """The expert leaves the pool for good; ``falsity`` where struck off for false reports."""

    reason: FreeText
    falsity: bool = Field(default=False, description="是否因弄虚作假除名")


class Outcome(StrEnum):
    """What a yearly appraisal comes to 考核结果 (2.4c)."""

    COMMENDED = "commended"
    KEPT = "kept"
    TAKEN_OUT = "taken_out"


class ExpertAppraised(
    ExpertFact,
    topic="expert.appraised",
    noun="person",
    zh="考核专家",
    en="Expert appraised",
    of_record=True,
):
    """The appraisal of a year (2.4c); one who is taken out leaves the pool by it."""

    year: int = Field(ge=1990, le=2100)
    outcome: Outcome
    reason: FreeText | None = None


class Span(Frozen):
    """Free days, both included."""

    since: Day
    until: Day


class AvailabilityTold(
    Fact, topic="expert.availability_told", noun="person", zh="填报空闲时间", en="Free days told"
):
    """Where and when the expert can be had (2.4a); what was told before no longer holds."""

    areas: tuple[str, ...] = ()
    free: tuple[Span, ...] = ()


class TieKind(StrEnum):
    """How an expert is tied to an enterprise 利害关系."""

    EMPLOYED = "employed"
    OWNER = "owner"
    RELATIVE = "relative"
    BUSINESS = "business"
    OTHER = "other"


class TieRecorded(
    Fact, topic="expert.tied", noun="person", zh="登记专家与企业的利害关系", en="Tie recorded"
):
    """The expert is tied to an enterprise from the day this happened, until ``until``."""

    organisation: OrgId
    tie: TieKind
    until: Day | None = None
    remarks: FreeText | None = None


class SecretDisclosed(
    Fact, topic="expert.secret_disclosed", noun="person", zh="泄露企业秘密", en="Secret disclosed"
):
    """The expert disclosed a secret of the enterprise (2.4b); ``by_org`` says so."""

    organisation: OrgId
    by_org: OrgRef | None = None
    inspection: ExpertInspectionId | None = None
    content: FreeText


class FalseReportFound(
    Fact,
    topic="expert.false_report_found",
    noun="person",
    zh="认定提供虚假报告",
    en="False report found",
):
    """A body found that the expert's report of an inspection was false (2.4d).

    ``hazards`` are those that the report passed over, beside the ones that were on record when the
    inspection was held and that the report does not name.
    """

    organisation: OrgId
    inspection: ExpertInspectionId
    by_org: OrgRef
    hazards: tuple[HazardId, ...] = ()
    grounds: FreeText


def completed_years(born: date, on: date) -> int:
    """Return a person's age in completed years (满周岁) on a day.

    The birthday itself is the first day of the new age. One born on 29 February completes a year
    on 28 February where the year has no other last day, as every month's period ends in this house.
    """
    last = last_day(f"{on.year:04d}-{born.month:02d}")
    birthday = last.replace(day=min(born.day, last.day))
    return on.year - born.year - (on < birthday)


@dataclass(frozen=True, slots=True)
class Membership:
    """An expert's place in one authority's pool, with what put them in or out of it."""

    authority: UUID
    pool: Pool
    specialties: tuple[str, ...]
    area: str | None
    admitted: Entry
    changes: tuple[Entry, ...]

    def ended(self, at: date | datetime) -> Entry | None:
        """Return the fact by which the expert had left for good at ``at``."""
        return next((e for e in self.changes if _leaves(e) and no_later(moment_of(e), at)), None)

    def suspended(self, at: date | datetime) -> bool:
        """Tell whether a suspension was in force at ``at``: what changes on a day counts on it."""
        topics = ("expert.suspended", "expert.restored")
        told = [e for e in self.changes if e.topic in topics and no_later(moment_of(e), at)]
        return bool(told) and told[-1].topic == "expert.suspended"

    def active(self, at: date | datetime) -> bool:
        """Tell whether the expert was in the pool at ``at``: admitted, not suspended, not left."""
        admitted = no_later(moment_of(self.admitted), at)
        return admitted and self.ended(at) is None and not self.suspended(at)


def _leaves(entry: Entry) -> bool:
    fact = entry.fact
    taken_out = isinstance(fact, ExpertAppraised) and fact.outcome is Outcome.TAKEN_OUT
    return taken_out or isinstance(fact, ExpertLeft)


class ExpertRecord(Record):
    """One person as an expert: the facts of the person's own record."""

    @property
    def memberships(self) -> list[Membership]:
        """Every time in a pool, in order; an admission anew begins another one."""
        found = []
        admissions = list(facts_of(self.entries, ExpertAdmitted))
        for index, (entry, fact) in enumerate(admissions):
            anew = [
                self.entries.index(e)
                for e, f in admissions[index + 1 :]
                if f.authority == fact.authority
            ]
            until = min(anew, default=len(self.entries))
            changes = tuple(
                e
                for e in self.entries[self.entries.index(entry) + 1 : until]
                if isinstance(e.fact, ExpertFact) and e.fact.authority == fact.authority
            )
            found.append(
                Membership(fact.authority, fact.pool, fact.specialties, fact.area, entry, changes)
            )
        return found

    def standing(self, at: date | datetime) -> list[Membership]:
        """Return the pools that the expert had been admitted to and not left, suspended or not."""
        return [
            each
            for each in self.memberships
            if no_later(moment_of(each.admitted), at) and each.ended(at) is None
        ]

    def places(self, at: date | datetime) -> list[Membership]:
        """Return the pools that the expert was in at ``at``."""
        return [each for each in self.memberships if each.active(at)]

    def specialties(self, at: date | datetime) -> set[str]:
        """Return the specialties for which the expert was in a pool at ``at``."""
        return {name for each in self.places(at) for name in each.specialties}

    def struck_off(self, at: date | datetime) -> bool:
        """Tell whether by ``at`` the expert was struck off, or found out, for false reports."""
        return any(
            no_later(moment_of(entry), at)
            and (isinstance(entry.fact, FalseReportFound) or getattr(entry.fact, "falsity", False))
            for entry in self.entries
        )

    def tie(self, organisation: UUID, at: date | datetime) -> Entry | None:
        """Return the fact by which the expert was tied to an organisation at ``at``."""
        day = local_day(at)
        return next(
            (
                entry
                for entry, fact in facts_of(self.entries, TieRecorded)
                if fact.organisation == organisation
                and no_later(moment_of(entry), at)
                and (fact.until is None or day <= fact.until)
            ),
            None,
        )

    @property
    def availability(self) -> AvailabilityTold | None:
        """What was last told of free days."""
        found: AvailabilityTold | None = self.fact("expert.availability_told")
        return found


def experts_of(entries: Iterable[Entry]) -> dict[UUID, ExpertRecord]:
    """Return everybody whose own record holds a fact about them as an expert, by person."""
    own: dict[UUID, list[Entry]] = {}
    for entry in entries:
        if entry.fact.topic.noun == "person":
            own.setdefault(entry.record, []).append(entry)
    return {
        person: ExpertRecord(f"person:{person}", told)
        for person, told in own.items()
        if any(entry.topic.startswith("expert.") for entry in told)
    }


class Attending(Frozen):
    """One who examines: the person, and the specialty they stand for."""

    person: PersonId
    specialty: str = Field(min_length=1, max_length=60)

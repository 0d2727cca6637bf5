"""Training 安全培训, certificates 证书 and the people at work 用工 (4.3).

A certificate belongs to a person and goes with them, so it stands in the person's record. Training
and employment are an enterprise's: one record for each time that a person works there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import BodyFact, EnterpriseFact, Fact, FreeText, Frozen, OrgRef, PersonId, Sealed
from domain.moment import Day, Instant, end, no_later, start
from domain.record import Record, by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.moment import Time


class CertificateKind(StrEnum):
    """What a certificate attests 证书类别."""

    SPECIAL_OPERATION = "special_operation"
    ASSESSMENT = "assessment"
    INSPECTOR = "inspector"
    SAFETY_ENGINEER = "safety_engineer"
    OTHER = "other"


class Engagement(StrEnum):
    """How somebody works for an enterprise 用工形式: its own, dispatched 被派遣, an intern 实习."""

    OWN = "own"
    DISPATCHED = "dispatched"
    INTERN = "intern"


class Attendance(Frozen):
    """Who took part, and whether they passed."""

    person: PersonId
    passed: bool


class TrainingHeld(
    EnterpriseFact,
    topic="training.held",
    zh="开展安全培训",
    en="Training held",
    starts=True,
):
    """A training, who took it and who passed; ``covers_hazards`` is what 4.3c asks for."""

    name: str = Field(min_length=1, max_length=200, examples=["新员工三级安全教育"])
    covers_hazards: bool
    hours: int | None = Field(default=None, ge=0)
    attended: tuple[Attendance, ...] = ()
    until: Instant | None = None
    remarks: FreeText | None = None


class CertificateIssued(
    Fact,
    topic="certificate.issued",
    noun="person",
    zh="取得证书",
    en="Certificate issued",
):
    """A person got a certificate, valid on both days included; its number is the person's own."""

    kind: CertificateKind
    category: str | None = Field(default=None, max_length=100, examples=["低压电工作业"])
    number: Sealed | None = None
    issuer: str = Field(min_length=1, max_length=200, examples=["临沂市应急管理局"])
    valid_from: Day
    valid_to: Day | None = None


class CertificateWithdrawn(
    Fact,
    topic="certificate.withdrawn",
    noun="person",
    zh="撤销证书",
    en="Certificate withdrawn",
):
    """The certificates of this kind and category that the person held are void from here on."""

    kind: CertificateKind
    category: str | None = Field(default=None, max_length=100)
    reason: FreeText | None = None


class EmploymentBegan(
    EnterpriseFact, topic="employment.began", zh="用工", en="Employment began", starts=True
):
    """The person works for the enterprise from this day, as its own or otherwise."""

    person: PersonId
    engagement: Engagement = Engagement.OWN
    from_org: str | None = Field(default=None, max_length=200, description="派遣单位或者学校")


class ContractSigned(
    EnterpriseFact, topic="employment.contract_signed", zh="订立劳动合同", en="Contract signed"
):
    """A labour contract; it binds from its signing or ``valid_from``, whichever is later."""

    valid_from: Day | None = None
    valid_to: Day | None = None


class WorkAssigned(EnterpriseFact, topic="employment.assigned", zh="上岗", en="Put to work"):
    """The person takes up a job; ``special_operation`` names the kind 特种作业 where it is one."""

    work: str = Field(min_length=1, max_length=100, examples=["电焊工"])
    special_operation: str | None = Field(
        default=None, min_length=1, max_length=100, examples=["焊接与热切割作业"]
    )


class WorkLeft(EnterpriseFact, topic="employment.left_work", zh="离岗", en="Left the work"):
    """The person does the job no longer."""

    work: str = Field(min_length=1, max_length=100)


class EmploymentEnded(
    EnterpriseFact, topic="employment.ended", zh="终止用工", en="Employment ended"
):
    """The person works for the enterprise no longer, in whatever job."""

    reason: FreeText | None = None


class TrainingChecked(
    BodyFact,
    topic="training_check.held",
    zh="开展培训情况专项检查",
    en="Training checked",
    starts=True,
):
    """A regulator's campaign on the training of the enterprises that it lists (4.3d)."""

    year: int = Field(ge=1990, le=2100)
    enterprises: tuple[OrgRef, ...] = Field(min_length=1)
    result: FreeText | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A job that somebody did, from its beginning to its end (both included; None: still)."""

    entry: Entry
    fact: WorkAssigned
    since: date | datetime
    until: date | datetime | None


class EmploymentRecord(Record):
    """One person's employment in one enterprise, from its beginning to its end."""

    @property
    def began(self) -> tuple[Entry, EmploymentBegan] | None:
        """Who works there, and since when; None where that was taken back."""
        return next(facts_of(self.entries, EmploymentBegan), None)

    @property
    def ended(self) -> date | datetime | None:
        """When it ended; None while it goes on."""
        ended = self.first("employment.ended")
        return moment_of(ended) if ended else None

    @property
    def works(self) -> list[Work]:
        """Every job with its end: left, taken up anew, or the employment's own."""
        jobs = list(self.entries)
        found = []
        for index, (entry, fact) in enumerate((e, e.fact) for e in jobs):
            if not isinstance(fact, WorkAssigned):
                continue
            ends = [self.ended] if self.ended else []
            ends += [
                moment_of(later)
                for later in jobs[index + 1 :]
                if isinstance(later.fact, WorkLeft | WorkAssigned) and later.fact.work == fact.work
            ]
            found.append(Work(entry, fact, moment_of(entry), min(ends, key=end, default=None)))
        return found

    @property
    def contracts(self) -> list[Time]:
        """From when to when a contract bound; a contract dated back binds from its signing."""
        return [
            (max(moment_of(entry), fact.valid_from or moment_of(entry), key=start), fact.valid_to)
            for entry, fact in facts_of(self.entries, ContractSigned)
        ]


def certified(
    entries: list[Entry], kind: CertificateKind, category: str | None = None
) -> list[tuple[Entry, Time]]:
    """Return a person's certificates of a kind, each with the days for which it held.

    Args:
        entries: the facts of the person's record.
        kind: of which kind.
        category: of which category; None takes every one.
    """
    found = []
    for entry, fact in facts_of(entries, CertificateIssued):
        if fact.kind is not kind or category not in (None, fact.category):
            continue
        ends = [
            moment_of(each)
            for each, gone in facts_of(entries, CertificateWithdrawn)
            if gone.kind is kind
            and gone.category in (None, fact.category)
            and no_later(fact.valid_from, moment_of(each))
        ]
        ends += [fact.valid_to] if fact.valid_to else []
        found.append((entry, (fact.valid_from, min(ends, key=end) if ends else None)))
    return found


def trained(entries: list[Entry], person: UUID) -> list[tuple[Entry, bool]]:
    """Return the trainings among ``entries`` that a person took, and whether they passed."""
    held = by_moment([entry for entry, _ in facts_of(entries, TrainingHeld)])
    return [
        (entry, each.passed)
        for entry, fact in facts_of(held, TrainingHeld)
        for each in fact.attended
        if each.person == person
    ]


def passed_times(entries: list[Entry], person: UUID) -> list[Time]:
    """Return from when to when the latest training that a person took was a passed one."""
    taken = trained(entries, person)
    until = [moment_of(entry) for entry, _ in taken[1:]]
    return (
        [
            (moment_of(entry), ends)
            for (entry, passed), ends in zip(taken, [*until, None], strict=True)
            if passed
        ]
        if taken
        else []
    )

"""Hazards 事故隐患 and their seven steps: 发现—评估—报告—公示—治理—验收—销号 (三（一）)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import Field

from domain.fact import (
    EnterpriseFact,
    FreeText,
    InspectionId,
    ListingId,
    OrgRef,
    PersonId,
    PostId,
)
from domain.moment import Day, no_later
from domain.order import OrderIssued
from domain.record import Record, facts_of, follows, moment_of, set_in_time

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry
    from domain.imported import LedgerRowImported


class HazardLevel(StrEnum):
    """How grave a hazard is 隐患等级."""

    GENERAL = "general"
    MAJOR = "major"


class Finder(StrEnum):
    """Who found a hazard 发现主体."""

    ENTERPRISE = "enterprise"
    EMPLOYEE = "employee"
    DEPARTMENT = "department"
    EXPERT = "expert"
    PUBLIC = "public"


class HazardFound(
    EnterpriseFact, topic="hazard.found", zh="发现隐患", en="Hazard found", starts=True
):
    """Step 1. ``suspected_major`` starts the clocks of 2.1k, 3.1f and 3.2b by itself."""

    number: str = Field(min_length=1, max_length=64, examples=["YH-2024-000317"])
    description: FreeText
    place: FreeText | None = None
    category: str | None = Field(default=None, max_length=100)
    found_by: Finder
    finder_org: OrgRef | None = None
    finder: PersonId | None = None
    inspection: InspectionId | None = None
    suspected_major: bool = False
    fixed_on_spot: bool = False
    endangers_production: bool = Field(default=False, description="危及生产安全（二（一））")


class HazardMadeKnown(
    EnterpriseFact, topic="hazard.made_known", zh="告知隐患", en="Hazard made known"
):
    """The hazard was told to a post of the enterprise or of a department, by whatever way."""

    to_org: OrgRef
    to_post: PostId | None = None
    to_person: PersonId | None = None
    manner: str | None = Field(default=None, max_length=100)


class HazardAssessed(EnterpriseFact, topic="hazard.assessed", zh="评估隐患", en="Hazard assessed"):
    """Step 2: the enterprise's own assessment, naming who organises the rectification (3.1c)."""

    level: HazardLevel
    organiser: PostId | None = None
    grounds: FreeText | None = None


class Determiner(StrEnum):
    """Who determined that a hazard is major 认定主体."""

    ENTERPRISE = "enterprise"
    DEPARTMENT = "department"
    EXPERT = "expert"


class HazardDetermined(
    EnterpriseFact,
    topic="hazard.determined",
    zh="认定重大事故隐患",
    en="Hazard determined",
):
    """The determination convened by the principal (3.1d), or a department's or expert's claim."""

    level: HazardLevel
    by: Determiner
    determiner_org: OrgRef | None = None
    functions: tuple[str, ...] = Field(default=(), examples=[["安全", "生产", "工程设备", "技术"]])
    absent: tuple[str, ...] = ()
    absence_reason: FreeText | None = None
    standard: str | None = Field(default=None, max_length=200)


class HazardDowngraded(
    EnterpriseFact,
    topic="hazard.downgraded",
    zh="降低隐患等级",
    en="Hazard downgraded",
    of_record=True,
):
    """No longer major: only by whoever determined it, or a superior, with reasons."""

    by_org: OrgRef
    reason: FreeText


class ReportKind(StrEnum):
    """What a report of a hazard is 报告种类."""

    COMPANY = "company"
    MAJOR = "major"
    SPECIAL = "special"


class HazardReported(
    EnterpriseFact,
    topic="hazard.reported",
    zh="报告隐患",
    en="Hazard reported",
    of_record=True,
):
    """Step 3: to the company (3.1c), to the regulator at once (3.2b), or specially (3.1e)."""

    kind: ReportKind
    to_org: OrgRef
    content: FreeText | None = None


class HazardDisclosed(
    EnterpriseFact, topic="hazard.disclosed", zh="公示隐患", en="Hazard disclosed"
):
    """Step 4: where and from when to when; for major hazards also the employees' meeting (3.1g)."""

    where: FreeText
    until: Day | None = None
    employees_meeting: bool = False


class HazardPlanned(
    EnterpriseFact,
    topic="hazard.planned",
    zh="制定整改方案",
    en="Rectification planned",
):
    """四定 (measures, people, time, funding) and, with the emergency plan, 五落实.

    A plan of which something is missing is recorded as it is; it takes effect when whole (1.3e).
    """

    measures: FreeText | None = None
    responsible: PostId | None = None
    deadline: Day | None = None
    funding: FreeText | None = None
    emergency_plan: FreeText | None = None
    effective: bool = Field(default=True, description="是否作为生效方案（须四定或五落实齐全）")


class HazardSafeguarded(
    EnterpriseFact,
    topic="hazard.safeguarded",
    zh="采取治理期间安全措施",
    en="Safeguards taken",
):
    """Measures that keep people safe until acceptance (3.1f)."""

    measures: FreeText


class SafeguardsEnded(
    EnterpriseFact, topic="hazard.safeguards_ended", zh="停止安全措施", en="Safeguards ended"
):
    """The measures are no longer kept up."""

    reason: FreeText | None = None


class RectificationStarted(
    EnterpriseFact,
    topic="hazard.rectification_started",
    zh="开始整改",
    en="Rectification started",
):
    """Step 5 begins: somebody is at work on it."""

    organiser: PostId | None = None


class HazardRectified(
    EnterpriseFact, topic="hazard.rectified", zh="整改完成", en="Hazard rectified"
):
    """Step 5 is done, by the word of whoever says so."""

    result: FreeText | None = None
    cost: int | None = Field(default=None, ge=0, description="整改投入（分）")


class AcceptanceApplied(
    EnterpriseFact,
    topic="hazard.acceptance_applied",
    zh="申请验收",
    en="Acceptance applied for",
    of_record=True,
):
    """The enterprise applies to the regulator of its industry (3.2d)."""

    to_org: OrgRef


class HazardAccepted(
    EnterpriseFact,
    topic="hazard.accepted",
    zh="验收",
    en="Acceptance",
    of_record=True,
):
    """Step 6, passed or not, by the enterprise itself or by a regulator or listing body."""

    by_org: OrgRef
    passed: bool
    officers: tuple[PostId, ...] = ()
    listing: ListingId | None = None
    remarks: FreeText | None = None


class AcceptanceFiled(
    EnterpriseFact,
    topic="hazard.acceptance_filed",
    zh="验收案卷归档",
    en="Acceptance file closed",
    of_record=True,
):
    """A body closes the file of its acceptance, refused where an expert is missing (2.2a).

    ``no_expert_reason`` says why no expert of a matching specialty took part.
    """

    by_org: OrgRef
    experts: tuple[PersonId, ...] = ()
    specialties: tuple[str, ...] | None = Field(default=None, description="验收内容所涉专业")
    no_expert_reason: FreeText | None = None


class HazardClosed(
    EnterpriseFact,
    topic="hazard.closed",
    zh="销号",
    en="Hazard closed",
    of_record=True,
):
    """Step 7: struck off. Refused until every earlier step is on record (3.1b)."""

    by_org: OrgRef


STEPS = ("found", "assessed", "reported", "disclosed", "rectified", "accepted", "closed")
"""The seven steps 发现—评估—报告—公示—治理—验收—销号 (3.1b)."""


class Stage(StrEnum):
    """What a hazard waits for 现状, in the words of a hazard ledger 隐患台账."""

    TO_ASSESS = "to_assess"
    TO_RECTIFY = "to_rectify"
    UNDER_WAY = "under_way"
    TO_ACCEPT = "to_accept"
    TO_CLOSE = "to_close"
    CLOSED = "closed"


_SET_LEVEL = ("hazard.assessed", "hazard.determined", "hazard.downgraded")
ACCEPTANCES = ("hazard.accepted", "listing.first_accepted", "listing.second_accepted")
"""Every kind of acceptance 验收: a failed one of any kind opens a new round."""


class HazardRecord(Record):
    """One hazard: its own facts and those of orders, listings and halts that name it."""

    @property
    def id(self) -> UUID:
        """The record's id."""
        return UUID(self.key)

    @property
    def row(self) -> LedgerRowImported | None:
        """The imported row it came from, as last imported."""
        return self.fact("ledger_row.imported")  # type: ignore[no-any-return]

    @property
    def origin(self) -> Entry | None:
        """The fact by which it is on record: found here, or imported."""
        return self.first("hazard.found") or self.last("ledger_row.imported")

    @property
    def found(self) -> date | datetime:
        """When it was found, by the word of whoever found it."""
        entry = self.first("hazard.found")
        if entry:
            return entry.happened
        assert self.row is not None  # noqa: S101 - the case keeps only hazards with an origin
        return self.row.found

    @property
    def number(self) -> str:
        """Its number 隐患编号."""
        return str((self.fact("hazard.found") or self.fact("ledger_row.imported")).number)

    @property
    def description(self) -> FreeText | None:
        """What was found, in words."""
        found = self.fact("hazard.found")
        if found:
            return found.description  # type: ignore[no-any-return]
        return self.row.description if self.row else None

    @property
    def enterprise(self) -> UUID:
        """The enterprise where it was found."""
        origin = self.fact("hazard.found") or self.fact("ledger_row.imported")
        return origin.enterprise  # type: ignore[no-any-return]

    @property
    def fixed_on_spot(self) -> bool:
        """It was put right at once, as it was found 即查即改."""
        found = self.fact("hazard.found")
        return bool(found and found.fixed_on_spot)

    @property
    def settled_on_spot(self) -> bool:
        """It was put right at once and needs nothing more; a claim that it is major ends that."""
        return self.fixed_on_spot and self.claimed_major is None

    @property
    def claimed_major(self) -> Entry | None:
        """The first claim "major, or suspected major", from which the clocks of 3.2b run."""
        return next((entry for entry in self.entries if self._claims_major(entry)), None)

    def _claims_major(self, entry: Entry) -> bool:
        suspected = isinstance(entry.fact, HazardFound) and entry.fact.suspected_major
        return suspected or self._says_major(entry)

    def _says_major(self, entry: Entry) -> bool:
        """Tell whether a fact says that it is major: an assessment, a determination, an order."""
        fact = entry.fact
        if isinstance(fact, OrderIssued):
            return any(item.major and item.hazard == self.id for item in fact.items)
        return (
            isinstance(fact, HazardAssessed | HazardDetermined) and fact.level is HazardLevel.MAJOR
        )

    @property
    def determined_major(self) -> Entry | None:
        """The first fact by which it is major: a determination, an assessment, an order."""
        return next((entry for entry in self.entries if self._says_major(entry)), None)

    @property
    def levels(self) -> list[tuple[Entry, HazardLevel]]:
        """Every fact that set its level, with that level, earliest first.

        A determination overrides an assessment; what was determined as major is lowered by a
        downgrade only. A department that orders a major hazard rectified determines it as such.
        """
        found: list[tuple[Entry, HazardLevel]] = []
        determined = False
        for entry in self.entries:
            ordered = entry.topic == "order.issued" and self._says_major(entry)
            if entry.topic not in _SET_LEVEL and not ordered:
                continue
            says = HazardLevel.MAJOR if ordered else HazardLevel.GENERAL
            level = getattr(entry.fact, "level", says)
            was_major = bool(found) and found[-1][1] is HazardLevel.MAJOR
            lowers = was_major and level is HazardLevel.GENERAL
            if entry.topic == "hazard.downgraded":
                determined = False
            elif lowers and (determined or entry.topic == "hazard.assessed"):
                continue
            elif entry.topic != "hazard.assessed":
                determined = level is HazardLevel.MAJOR
            found.append((entry, level))
        return found

    @property
    def level(self) -> HazardLevel | None:
        """Its level in force; that of the imported row where nothing was said since."""
        if self.levels:
            return self.levels[-1][1]
        return self.row.level if self.row else None

    @property
    def general(self) -> Entry | None:
        """The first fact by which it stands as a general hazard."""
        return next((e for e, level in self.levels if level is HazardLevel.GENERAL), None)

    @property
    def downgraded(self) -> Entry | None:
        """The fact by which it is not, or no longer, major, if that still holds.

        A downgrade; or a determination as general, where only a suspicion or the enterprise's own
        assessment had said otherwise.
        """
        if self.major:
            return None
        before = [entry for entry, level in self.levels if level is HazardLevel.MAJOR]
        return next(
            (
                entry
                for entry, _ in self.levels
                if entry.topic != "hazard.assessed" and all(follows(entry, e) for e in before)
            ),
            None,
        )

    @property
    def major(self) -> bool:
        """Whether it stands as a major hazard."""
        return self.level is HazardLevel.MAJOR

    @property
    def closing(self) -> Entry | None:
        """The fact by which it is struck off, if it is."""
        struck = self.first("hazard.closed", "listing.delisted")
        if struck or not self.settled_on_spot:
            return struck
        return self.first("hazard.found")

    def closed(self, at: date | datetime) -> date | datetime | None:
        """Return when it was closed, if it was at ``at``; a day closes for the whole of it."""
        entry = self.closing
        told = self.row.closed if self.row else None
        closed = moment_of(entry) if entry else told
        return closed if closed is not None and no_later(closed, at) else None

    @property
    def failures(self) -> list[Entry]:
        """Every acceptance that did not pass, the enterprise's own included."""
        return [
            entry
            for entry in self.all(*ACCEPTANCES)
            if not entry.fact.passed  # type: ignore[attr-defined]
        ]

    def failed_since(self, rectified: Entry) -> Entry | None:
        """Return an acceptance that did not pass after ``rectified``: a new round is owed."""
        return next((entry for entry in self.failures if follows(entry, rectified)), None)

    def in_round(self, entry: Entry, opened: Entry) -> bool:
        """Tell whether ``entry`` belongs to the round that ``opened`` began, or was going on at.

        A failed acceptance ends it, and is the last act of it.
        """
        failed = self.failed_since(opened)
        return follows(entry, opened) and not (failed and follows(entry, failed))

    def major_when(self, moment: date | datetime) -> bool:
        """Tell whether it stood as a major hazard at a moment, by what had happened by then."""
        said = [level for entry, level in self.levels if no_later(moment_of(entry), moment)]
        return bool(said) and said[-1] is HazardLevel.MAJOR

    @property
    def rounds(self) -> list[Entry]:
        """The rectification that ended each round: a failed acceptance opens the next one."""
        rounds: list[Entry] = []
        for entry in self.all("hazard.rectified"):
            failed = self.failed_since(rounds[-1]) if rounds else None
            if not rounds or (failed and follows(entry, failed)):
                rounds.append(entry)
        return rounds

    @property
    def rectified(self) -> Entry | None:
        """The fact by which it is rectified, if no acceptance has failed since."""
        entry = self.last("hazard.rectified")
        return entry if entry and not self.failed_since(entry) else None

    @property
    def acceptances(self) -> list[Entry]:
        """The passed acceptances of this round: after the last rectification, none failed since."""
        rectified = self.rectified
        if rectified is None:
            return []
        return [
            entry
            for entry in self.all("hazard.accepted", "listing.second_accepted")
            if entry.fact.passed  # type: ignore[attr-defined]
            and follows(entry, rectified)
        ]

    def planned(self, by: date | datetime | None = None) -> Entry | None:
        """Return the plan in force ``by`` then: the latest that was meant to take effect."""
        plans = [
            entry
            for entry, fact in facts_of(self.entries, HazardPlanned)
            if fact.effective and (by is None or no_later(moment_of(entry), by))
        ]
        return plans[-1] if plans else None

    @property
    def plan(self) -> HazardPlanned | None:
        """The plan in force, as it reads."""
        entry = self.planned()
        return entry.fact if entry else None  # type: ignore[return-value]

    @property
    def own_deadline(self) -> date | None:
        """The deadline in force that the enterprise set itself by its plans."""
        told = [
            (entry, fact.deadline)
            for entry, fact in facts_of(self.entries, HazardPlanned)
            if fact.effective and fact.deadline
        ]
        return next((day for _, day, effective in reversed(set_in_time(told)) if effective), None)

    def stage(self, at: date | datetime) -> Stage:
        """Return what it waits for, as a hazard ledger has it 现状.

        An order, and the row of an imported ledger, say that it is to be rectified.
        """
        if self.closed(at) is not None:
            return Stage.CLOSED
        if self.rectified:
            return Stage.TO_CLOSE if self.acceptances else Stage.TO_ACCEPT
        if self.first("hazard.rectification_started"):
            return Stage.UNDER_WAY
        weighed = self.level or self.row or self.first("order.issued")
        return Stage.TO_RECTIFY if weighed else Stage.TO_ASSESS

    def step(self, at: date | datetime) -> str:
        """Return the last of the seven steps that is on record."""
        if self.closed(at) is not None:
            return "closed"
        done = [step for step in STEPS[:-1] if self.reached(step)]
        return done[-1] if done else "found"

    def reached(self, step: str) -> Entry | None:
        """Return the fact by which a step was done.

        Rectification and acceptance count in the present round: a failed acceptance undoes both.
        """
        if step == "assessed":
            return self.first("hazard.assessed", "hazard.determined")
        if step == "rectified":
            return self.rectified
        if step == "accepted":
            return next(iter(self.acceptances), None)
        if step == "found":
            return self.origin
        return self.first(f"hazard.{step}")

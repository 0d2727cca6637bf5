"""Inspections by experts 专家检查: panel, report, measures, rechecks, signatures (二（一）).

One record an inspection. Its parts are numbered: 0 is the inspection, n the n-th recheck.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.expert import Attending
from domain.fact import (
    EnterpriseFact,
    ExpertInspectionId,
    FreeText,
    Frozen,
    HazardId,
    OrgRef,
    PersonId,
    PostId,
)
from domain.moment import Day, Instant
from domain.record import Record, facts_of, set_in_time
from domain.signing import SignatureMade, SignatureWithdrawn

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from domain.fact import Entry

NOUN = "expert_inspection"


class Member(Attending):
    """One whom the enterprise appoints; ``special_reason`` for one from outside the pools."""

    special_reason: FreeText | None = None


class PanelAppointed(
    EnterpriseFact,
    topic="expert_inspection.panel_appointed",
    zh="聘请专家组",
    en="Panel appointed",
    starts=True,
):
    """The enterprise appoints experts for one inspection: refused where 2.1d to 2.1g fail."""

    members: tuple[Member, ...] = Field(min_length=1)
    few_reason: FreeText | None = Field(default=None, description="少于三人的理由")
    document: str | None = Field(default=None, max_length=200)


class Organiser(StrEnum):
    """Who organised an inspection by experts 组织者; only the first two count for 2.1a."""

    ENTERPRISE = "enterprise"
    GROUP = "group"
    GOVERNMENT = "government"
    PURCHASED = "purchased"


class Subject(StrEnum):
    """The five subjects to stand out 检查重点内容 (2.1b)."""

    RESPONSIBILITY = "responsibility"
    KEY_PLACES = "key_places"
    VIOLATIONS = "violations"
    EMERGENCY = "emergency"
    OWN_CHECKS = "own_checks"


class LeftOut(Frozen):
    """A subject that was left out, and why."""

    subject: Subject
    reason: FreeText


class ExpertsInspected(
    EnterpriseFact,
    topic="expert_inspection.held",
    zh="专家开展检查",
    en="Inspection by experts held",
    starts=True,
):
    """The inspection took place, with or without an appointed panel; always recordable.

    ``by_org`` is the headquarters or the body, where the enterprise did not organise it itself.
    """

    organiser: Organiser = Organiser.ENTERPRISE
    by_org: OrgRef | None = None
    experts: tuple[Attending, ...] = Field(min_length=1)
    subjects: tuple[Subject, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    agreed: FreeText | None = Field(default=None, description="与专家商定的检查内容")
    until: Instant | None = None
    attended_by: tuple[PersonId, ...] = Field(default=(), description="到场的企业人员")


class Finding(Frozen):
    """A problem that the report names; where it is a hazard, the hazard's record is named."""

    item: int = Field(ge=1)
    text: FreeText
    recommendation: FreeText | None = Field(default=None, description="整改意见或建议")
    hazard: HazardId | None = None
    at_once: bool = Field(description="能否迅速整改")
    endangers_production: bool = False


class ReportDelivered(
    EnterpriseFact,
    topic="expert_inspection.report_delivered",
    zh="提交专家检查报告",
    en="Expert report delivered",
    of_record=True,
):
    """The panel's report to the enterprise (2.1h); a later one takes the place of an earlier."""

    findings: tuple[Finding, ...] = ()
    text: FreeText | None = None


class MeasureSet(
    EnterpriseFact,
    topic="expert_inspection.measure_set",
    zh="制订整改措施",
    en="Measure set",
):
    """The measure for one finding (2.1i); as a ``plan`` it takes effect only with all five (2.1j).

    The five 五落实: responsible, funding, measure, deadline, emergency plan.
    """

    item: int = Field(ge=1)
    measure: FreeText
    plan: bool = Field(default=False, description="是否整改计划")
    responsible: PostId | None = None
    deadline: Day | None = None
    funding: FreeText | None = None
    emergency_plan: FreeText | None = None


class FindingSafeguarded(
    EnterpriseFact,
    topic="expert_inspection.safeguarded",
    zh="对专家发现的问题采取安全保障措施",
    en="Finding safeguarded",
):
    """Measures that keep people safe until the finding is rectified (2.1j)."""

    item: int = Field(ge=1)
    measures: FreeText


class FindingRectified(
    EnterpriseFact,
    topic="expert_inspection.rectified",
    zh="专家发现的问题整改完成",
    en="Finding rectified",
):
    """The finding is put right, by the enterprise's word."""

    item: int = Field(ge=1)
    result: FreeText | None = None


class ReadyForRecheck(
    EnterpriseFact,
    topic="expert_inspection.ready_for_recheck",
    zh="报请专家复查",
    en="Declared ready for recheck",
    of_record=True,
):
    """The enterprise declares some findings ready, before all are rectified (2.1l)."""

    items: tuple[int, ...] = Field(min_length=1)


class Rechecking(Attending):
    """One who rechecks; one who stands in for a member says for whom and why."""

    stands_in_for: PersonId | None = None
    reason: FreeText | None = None


class ItemRechecked(Frozen):
    """What a recheck found of one finding."""

    item: int = Field(ge=1)
    passed: bool
    remarks: FreeText | None = None


class ExpertsRechecked(
    EnterpriseFact,
    topic="expert_inspection.rechecked",
    zh="专家复查",
    en="Rechecked by experts",
):
    """The n-th recheck; it counts if one original member, or a valid substitute, made it (2.1l)."""

    number: int = Field(ge=1)
    experts: tuple[Rechecking, ...] = Field(min_length=1)
    items: tuple[ItemRechecked, ...] = Field(min_length=1)


class PartSigned(
    EnterpriseFact,
    topic="expert_inspection.signed",
    zh="专家签字",
    en="Signed by an expert",
    of_record=True,
):
    """A member signed the record of the inspection (part 0) or of a recheck (2.1m)."""

    part: int = Field(default=0, ge=0, description="0 为检查记录，n 为第 n 次复查记录")
    person: PersonId


class NotSigning(StrEnum):
    """Why a member's signature is missing 未签字情形."""

    UNABLE = "unable"
    REFUSED = "refused"


class PartUnsigned(
    EnterpriseFact,
    topic="expert_inspection.unsigned",
    zh="专家未签字",
    en="Not signed by an expert",
    of_record=True,
):
    """A member cannot or will not sign, with the reason (2.1m)."""

    part: int = Field(default=0, ge=0, description="0 为检查记录，n 为第 n 次复查记录")
    person: PersonId
    manner: NotSigning
    reason: FreeText


class ExpertFileClosed(
    EnterpriseFact,
    topic="expert_inspection.file_closed",
    zh="专家检查记录存档",
    en="Expert file closed",
    of_record=True,
):
    """The enterprise files a part's record; refused while a member's word is missing (2.1m)."""

    part: int = Field(default=0, ge=0, description="0 为检查记录，n 为第 n 次复查记录")


class ReportRead(
    EnterpriseFact,
    topic="reading.recorded",
    zh="查阅专家检查报告",
    en="Expert report read",
    starts=True,
    of_record=True,
):
    """Somebody read an expert report (2.4b), in a record of its own: reading changes no report.

    Who and when stand in the entry; ``person`` where it was another.
    """

    inspection: ExpertInspectionId
    person: PersonId | None = None
    purpose: FreeText | None = None


@dataclass(frozen=True, slots=True)
class Recheck:
    """One recheck as recorded."""

    entry: Entry
    fact: ExpertsRechecked


class ExpertInspection(Record):
    """One inspection by experts."""

    @property
    def panel(self) -> tuple[Entry, PanelAppointed] | None:
        """The appointed panel, if there was one."""
        return next(facts_of(self.entries, PanelAppointed), None)

    @property
    def held(self) -> tuple[Entry, ExpertsInspected] | None:
        """The inspection, if it took place."""
        return next(facts_of(self.entries, ExpertsInspected), None)

    @property
    def reports(self) -> list[tuple[Entry, ReportDelivered]]:
        """Every report, the standing one last."""
        return list(facts_of(self.entries, ReportDelivered))

    @property
    def delivered(self) -> Entry | None:
        """The first report, by which the inspection counts."""
        return self.reports[0][0] if self.reports else None

    @property
    def findings(self) -> dict[int, tuple[Entry, Finding]]:
        """Every finding by number, with the report that first named it; as last worded."""
        found: dict[int, tuple[Entry, Finding]] = {}
        for entry, report in self.reports:
            for each in report.findings:
                first = found.get(each.item, (entry, each))[0]
                found[each.item] = (first, each)
        return found

    def worded(self, item: int, *, at_once: bool) -> Entry:
        """Return the first report that says whether a finding can be put right at once."""
        return next(
            entry
            for entry, report in self.reports
            for each in report.findings
            if each.item == item and each.at_once is at_once
        )

    @property
    def members(self) -> dict[UUID, str]:
        """Whoever was appointed or took part, each with the specialty."""
        members: dict[UUID, str] = {}
        if self.panel:
            members |= {each.person: each.specialty for each in self.panel[1].members}
        if self.held:
            members |= {each.person: each.specialty for each in self.held[1].experts}
        return members

    @property
    def inspectors(self) -> dict[UUID, str]:
        """Whoever took part; before that, whoever was appointed."""
        if self.held:
            return {each.person: each.specialty for each in self.held[1].experts}
        return self.members

    def measure(self, item: int) -> tuple[Entry, MeasureSet] | None:
        """Return the first measure set for a finding."""
        found = facts_of(self.entries, MeasureSet)
        return next(((e, fact) for e, fact in found if fact.item == item), None)

    def deadline(self, item: int) -> date | None:
        """Return the deadline in force that the enterprise set itself for a finding."""
        told = self.deadlines(item)
        return next((day for _, day, effective in reversed(told) if effective), None)

    def deadlines(self, item: int) -> list[tuple[Entry, date, bool]]:
        """Return every deadline that it set itself for a finding, and whether it took effect."""
        return set_in_time(
            (entry, fact.deadline)
            for entry, fact in facts_of(self.entries, MeasureSet)
            if fact.item == item and fact.deadline
        )

    def about_item(self, item: int, *kinds: type) -> list[Entry]:
        """Return the facts of some kinds about one finding, earliest first."""
        return [
            entry
            for entry in self.entries
            if isinstance(entry.fact, kinds) and getattr(entry.fact, "item", None) == item
        ]

    @property
    def rechecks(self) -> list[Recheck]:
        """Every recheck, earliest first."""
        return [Recheck(entry, fact) for entry, fact in facts_of(self.entries, ExpertsRechecked)]

    def verdict(self, item: int) -> tuple[Entry, ItemRechecked] | None:
        """Return what the last recheck of a finding said."""
        found = [(r.entry, i) for r in self.rechecks for i in r.fact.items if i.item == item]
        return found[-1] if found else None

    def signers(self, part: int) -> set[UUID]:
        """Return whose word a part's file needs: its members, or those who rechecked."""
        if part == 0:
            return set(self.members)
        rechecks = [each.fact for each in self.rechecks if each.fact.number == part]
        return {each.person for fact in rechecks for each in fact.experts}

    def accounted(self, part: int) -> set[UUID]:
        """Return who signed a part, or is recorded as unable or refusing.

        A personal electronic signature under the report, or under the recheck, is one on its part.
        """
        told = {
            entry.fact.person
            for entry in self.entries
            if isinstance(entry.fact, PartSigned | PartUnsigned) and entry.fact.part == part
        }
        return told | self._signed(part)

    def _signed(self, part: int) -> set[UUID]:
        """Return who signed a part's own document by a personal key, and did not withdraw it."""
        documents = {each.entry.position for each in self.rechecks if each.fact.number == part}
        if part == 0:
            documents = {entry.position for entry, _ in self.reports}
        withdrawn = {entry.record for entry, _ in facts_of(self.entries, SignatureWithdrawn)}
        return {
            fact.statement.person
            for entry, fact in facts_of(self.entries, SignatureMade)
            if fact.document in documents and entry.record not in withdrawn
        }

    def closed(self, part: int) -> Entry | None:
        """Return the fact by which a part's file is closed."""
        found = facts_of(self.entries, ExpertFileClosed)
        return next((entry for entry, fact in found if fact.part == part), None)

"""Inspections 监督检查, their findings and what became of each finding (一（二）)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import (
    EnterpriseFact,
    Fact,
    FreeText,
    Frozen,
    HazardId,
    OrgId,
    OrgRef,
    PersonId,
    PostId,
)
from domain.moment import Day, Instant
from domain.record import Record, facts_of

if TYPE_CHECKING:
    from domain.fact import Entry


class InspectionKind(StrEnum):
    """What kind of inspection 检查类别."""

    ROUTINE = "routine"
    SPECIAL = "special"
    UNANNOUNCED = "unannounced"
    RECHECK = "recheck"
    EXPERT = "expert"


class InspectionPlanned(
    Fact,
    topic="inspection.plan_adopted",
    noun="plan",
    zh="制定年度监督检查计划",
    en="Yearly inspection plan adopted",
    starts=True,
    of_record=True,
):
    """A department's plan for a year (1.2b): scope, method, frequency, how the draw is made."""

    department: OrgId
    year: int = Field(ge=1990, le=2100)
    scope: FreeText
    method: FreeText | None = None
    frequency: FreeText | None = None
    random_draw: FreeText | None = None


class InspectionScheduled(
    EnterpriseFact,
    topic="inspection.scheduled",
    noun="inspection",
    zh="列入检查计划",
    en="Inspection scheduled",
    starts=True,
):
    """The enterprise is to be inspected by ``planned`` at the latest (1.2b)."""

    department: OrgRef
    planned: Day
    post: PostId | None = Field(default=None, description="负责检查的岗位")


class Officer(Frozen):
    """One of those who inspect: person, post and certificate number."""

    person: PersonId
    post: PostId | None = None
    certificate: str | None = Field(default=None, max_length=64)
    shown: bool = Field(default=True, description="是否出示执法证件")


class InspectionHeld(
    EnterpriseFact,
    topic="inspection.held",
    zh="开展监督检查",
    en="Inspection held",
    starts=True,
):
    """The inspection took place, planned or not; always recordable. ``until`` ends it on site."""

    by_org: OrgRef
    kind: InspectionKind = InspectionKind.ROUTINE
    officers: tuple[Officer, ...] = ()
    experts: tuple[PersonId, ...] = ()
    place: FreeText | None = None
    until: Instant | None = None
    attended_by: tuple[PersonId, ...] = Field(default=(), description="到场的企业人员")
    check_list: str | None = Field(default=None, max_length=100)
    specialties: tuple[str, ...] | None = Field(default=None, description="检查内容所涉专业")


class FindingRecorded(
    EnterpriseFact,
    topic="inspection.finding_recorded",
    zh="检查发现问题",
    en="Finding recorded",
):
    """One problem of the inspection; where it is a hazard, the hazard's record is named."""

    item: int = Field(ge=1)
    text: FreeText
    hazard: HazardId | None = None
    unlawful_act: bool = False


class Disposition(StrEnum):
    """What is done about a finding (1.2c)."""

    ON_SPOT = "on_spot"
    ORDER = "order"
    LISTING = "listing"
    CASE = "case"
    TRANSFER = "transfer"


class FindingDisposed(
    EnterpriseFact,
    topic="inspection.finding_disposed",
    zh="处置检查问题",
    en="Finding disposed of",
    of_record=True,
):
    """The disposition of one finding; ``reference`` is the order, listing or case it led to."""

    item: int = Field(ge=1)
    disposition: Disposition
    reference: UUID | None = None
    to_org: OrgRef | None = None


class RecordSigned(
    EnterpriseFact,
    topic="inspection.record_signed",
    zh="签署检查记录",
    en="Inspection record signed",
    of_record=True,
):
    """Somebody signed the record on site, or refused, which is itself recorded.

    The officers sign it, and the person in charge of the unit; ``signer`` names one who is not on
    record. A refusal has its ``witness`` (安全生产法 art. 68).
    """

    person: PersonId | None = None
    signer: FreeText | None = Field(default=None, description="签字人姓名（人员未登记的）")
    refused: bool = False
    reason: FreeText | None = None
    witness: FreeText | None = None


class InspectionPhotographed(
    EnterpriseFact,
    topic="inspection.photographed",
    zh="现场拍照",
    en="Photograph taken on site",
):
    """A photograph of the inspection, or of one finding: its hash, taken when this happened.

    The picture itself stands outside the ledger under its hash.
    """

    item: int | None = Field(default=None, ge=1, description="所涉问题的序号")
    digest: str = Field(
        pattern=r"^[0-9a-f]{64}$",
        description="照片文件的 SHA-256",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    size: int = Field(ge=1, description="照片文件的字节数")


class InspectionFileClosed(
    EnterpriseFact,
    topic="inspection.file_closed",
    zh="检查案卷归档",
    en="Inspection file closed",
    of_record=True,
):
    """Refused while a finding has no disposition (1.2c), or an expert is missing (2.2a).

    ``no_expert_reason`` says why no expert of a matching specialty took part.
    """

    no_expert_reason: FreeText | None = None


def plan_id(department: UUID, year: int) -> UUID:
    """Return the record id of a department's plan for a year (UUIDv5)."""
    return uuid5(department, f"inspection-plan {year}")


class InspectionRecord(Record):
    """One inspection: its findings and what became of each."""

    @property
    def findings(self) -> dict[int, tuple[Entry, FindingRecorded]]:
        """Return every finding by its item number."""
        return {fact.item: (entry, fact) for entry, fact in facts_of(self.entries, FindingRecorded)}

    def disposition(self, item: int) -> Entry | None:
        """Return the first fact that disposed of a finding."""
        return next(
            (e for e, fact in facts_of(self.entries, FindingDisposed) if fact.item == item), None
        )

    @property
    def undisposed(self) -> list[int]:
        """The items nothing was decided about, in order."""
        return [item for item in sorted(self.findings) if not self.disposition(item)]

"""Installations 复杂工艺装备、安全防护设施 on an enterprise's list, to be assessed (1.3d)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, Frozen, HazardId, PersonId
from domain.record import Record, facts_of

if TYPE_CHECKING:
    from uuid import UUID

    from domain.fact import Entry


class InstallationKind(StrEnum):
    """What is to be assessed 类别."""

    PROCESS_EQUIPMENT = "process_equipment"
    SAFETY_INSTALLATION = "safety_installation"


class InstallationListed(
    EnterpriseFact,
    topic="installation.listed",
    zh="列入诊断评估清单",
    en="Installation listed",
    starts=True,
):
    """The enterprise puts process equipment or a safety installation on its list."""

    kind: InstallationKind
    name: str = Field(min_length=1, max_length=200, examples=["硝化反应釜"])
    place: FreeText | None = None


class InstallationRemoved(
    EnterpriseFact,
    topic="installation.removed",
    zh="移出诊断评估清单",
    en="Installation removed",
):
    """It is used no longer, or was put on the list by mistake."""

    reason: FreeText | None = None


class AssessmentFinding(Frozen):
    """One thing that an assessment found; ``hazard`` is the record it became."""

    item: int = Field(ge=1)
    text: FreeText
    hazard: HazardId | None = None


class InstallationAssessed(
    EnterpriseFact,
    topic="installation.assessed",
    zh="开展诊断和安全评估",
    en="Installation assessed",
):
    """The installation was diagnosed and assessed; one made without outsiders is told as such.

    ``institution`` is the technical service institution 技术服务机构; ``experts`` are those of the
    trade 行业专家.
    """

    institution: str | None = Field(default=None, max_length=200, examples=["某安全技术服务公司"])
    experts: tuple[PersonId, ...] = ()
    result: FreeText
    findings: tuple[AssessmentFinding, ...] = ()

    @property
    def by_outsiders(self) -> bool:
        """Whether an institution or experts were called in, as 1.3d asks."""
        return bool(self.institution or self.experts)


class FindingBecameHazard(
    EnterpriseFact,
    topic="installation.finding_recorded",
    zh="评估发现的问题登记为隐患",
    en="Finding recorded as a hazard",
):
    """What the n-th assessment found is on record as a hazard."""

    assessment: int = Field(ge=1, description="第几次评估")
    item: int = Field(ge=1)
    hazard: HazardId


@dataclass(frozen=True, slots=True)
class Assessment:
    """The n-th assessment of an installation."""

    number: int
    entry: Entry
    fact: InstallationAssessed


class InstallationRecord(Record):
    """One installation: since when it is on the list, and every assessment."""

    @property
    def listed(self) -> tuple[Entry, InstallationListed] | None:
        """By which fact it is on the list; None where that was taken back."""
        return next(facts_of(self.entries, InstallationListed), None)

    @property
    def assessments(self) -> list[Assessment]:
        """Every assessment, numbered from 1, earliest first."""
        found = facts_of(self.entries, InstallationAssessed)
        return [Assessment(number, entry, fact) for number, (entry, fact) in enumerate(found, 1)]

    def recorded(self, assessment: Assessment, item: int) -> tuple[Entry, UUID] | None:
        """Return by which fact a finding is on record as a hazard, and as which."""
        for finding in assessment.fact.findings:
            if finding.item == item and finding.hazard:
                return assessment.entry, finding.hazard
        for entry, fact in facts_of(self.entries, FindingBecameHazard):
            if (fact.assessment, fact.item) == (assessment.number, item):
                return entry, fact.hazard
        return None

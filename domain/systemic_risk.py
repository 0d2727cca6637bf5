"""Systemic risks 系统性风险: pipelines, chemical parks, clusters of high-rises, mined-out areas.

No single enterprise can remove them: a government registers each, names the department and the
units responsible (1.1e), has it assessed every period and follows up the measures (3.2h).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import BodyFact, FreeText, Frozen, OrgId, OrgRef
from domain.moment import Day, no_later
from domain.record import Record, facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime


class RiskKind(StrEnum):
    """What kind of risk 风险类别."""

    PIPELINE = "pipeline"
    CHEMICAL_PARK = "chemical_park"
    HIGH_RISES = "high_rises"
    MINED_OUT = "mined_out"
    OTHER = "other"


class RiskRegistered(
    BodyFact,
    topic="risk.registered",
    zh="登记系统性风险",
    en="Systemic risk registered",
    starts=True,
):
    """A government or zone registers a risk in its area."""

    kind: RiskKind
    name: str = Field(min_length=1, max_length=200, examples=["沂南化工园区"])
    area: str = Field(min_length=1, max_length=100, examples=["沂南县"])
    description: FreeText | None = None


class RiskAssigned(
    BodyFact,
    topic="risk.assigned",
    zh="明确系统性风险责任",
    en="Systemic risk assigned",
    of_record=True,
):
    """Which department is responsible, and which units (1.1e); a later one replaces it."""

    department: OrgId
    units: tuple[OrgRef, ...] = Field(min_length=1)


class Measure(Frozen):
    """What is to be done: plans revised, layout adjusted, measures completed, hazards removed."""

    item: int = Field(ge=1)
    text: FreeText
    by_org: OrgRef
    due: Day


class RiskAssessed(
    BodyFact,
    topic="risk.assessed",
    zh="评估系统性风险",
    en="Systemic risk assessed",
    of_record=True,
):
    """A safety assessment of the risk, and the measures that follow from it."""

    by_org: OrgRef
    result: FreeText
    measures: tuple[Measure, ...] = ()


class RiskMeasureTaken(
    BodyFact,
    topic="risk.measure_taken",
    zh="落实系统性风险措施",
    en="Measure on a systemic risk taken",
):
    """A measure of the latest assessment that named it was carried out."""

    item: int = Field(ge=1)
    by_org: OrgRef
    result: FreeText


class RiskRemoved(
    BodyFact,
    topic="risk.removed",
    zh="系统性风险消除",
    en="Systemic risk removed",
    of_record=True,
):
    """The risk is gone, and on what grounds."""

    reason: FreeText


class RiskRecord(Record):
    """One systemic risk."""

    def responsible(self, at: date | datetime) -> RiskAssigned | None:
        """Return who was responsible for it at ``at``: by the latest assignment."""
        told = [
            fact
            for entry, fact in facts_of(self.entries, RiskAssigned)
            if no_later(moment_of(entry), at)
        ]
        return told[-1] if told else None

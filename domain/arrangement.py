"""The arrangement for outside experts 外聘专家查隐患制度, and how departments urge and decide."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import EnterpriseFact, ExpertInspectionId, FreeText, OrgRef
from domain.moment import earlier, no_later
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry


class ArrangementAdopted(
    EnterpriseFact,
    topic="arrangement.adopted",
    zh="建立外聘专家查隐患制度",
    en="Arrangement for outside experts adopted",
    starts=True,
):
    """The enterprise has a written arrangement for outside experts (2.2d)."""

    document: str = Field(min_length=1, max_length=200)
    content: FreeText | None = None


class ArrangementEnded(
    EnterpriseFact,
    topic="arrangement.ended",
    zh="废止外聘专家查隐患制度",
    en="Arrangement for outside experts ended",
):
    """The arrangement holds no longer."""

    reason: FreeText | None = None


class ExpertGuidanceGiven(
    EnterpriseFact,
    topic="arrangement.guided",
    noun="arrangement_guidance",
    zh="指导督促外聘专家查隐患",
    en="Guidance on outside experts given",
    starts=True,
):
    """A department guided and urged the enterprise to have and use outside experts (2.2d)."""

    by_org: OrgRef
    content: FreeText
    document: str | None = Field(default=None, max_length=200)


class Ground(StrEnum):
    """Which failing a department decides on 处理事由 (2.2c)."""

    FREQUENCY = "frequency"
    MEASURE = "measure"
    RECTIFICATION = "rectification"
    RECHECK = "recheck"


class Handling(StrEnum):
    """What the department does 处理方式."""

    ORDER = "order"
    CASE = "case"
    INTERVIEW = "interview"
    EXPOSURE = "exposure"
    OTHER = "other"
    NOTHING = "nothing"


class HandlingDecided(
    EnterpriseFact,
    topic="handling.decided",
    zh="决定如何处理排查整改不力",
    en="Decided on poor inspection or rectification",
    starts=True,
    of_record=True,
):
    """What is done about a failing, or why nothing (2.2c).

    It answers every failing on that ground that had come about by then; where ``year`` or
    ``inspection`` is named, only those of that year or that inspection.
    """

    by_org: OrgRef
    ground: Ground
    handling: Handling
    explanation: FreeText = Field(description="处理内容，或不予处理的理由")
    year: int | None = Field(default=None, ge=1990, le=2100)
    inspection: ExpertInspectionId | None = None


def arranged(entries: list[Entry], at: date | datetime) -> Entry | None:
    """Return the fact by which the enterprise has an arrangement at ``at``, if it has one.

    Args:
        entries: the facts about one enterprise.
        at: the moment; on the day on which it ends, an arrangement no longer holds.
    """
    ended = {entry.record: moment_of(entry) for entry, _ in facts_of(entries, ArrangementEnded)}
    standing = [
        entry
        for entry, _ in facts_of(entries, ArrangementAdopted)
        if no_later(moment_of(entry), at)
        and (entry.record not in ended or earlier(at, ended[entry.record]))
    ]
    return standing[-1] if standing else None

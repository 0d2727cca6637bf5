"""Cases 立案 and penalties 行政处罚 (3.2i)."""

from __future__ import annotations

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, HazardId, OrgRef, PersonId


class CaseOpened(
    EnterpriseFact,
    topic="penalty.case_opened",
    zh="立案",
    en="Case opened",
    starts=True,
    of_record=True,
):
    """A department opens a case on a ground of 3.2i or another; ``subjects`` are its tags."""

    by_org: OrgRef
    ground: str = Field(min_length=1, max_length=100, examples=["隐患不报告"])
    hazards: tuple[HazardId, ...] = ()
    persons: tuple[PersonId, ...] = ()
    number: str | None = Field(default=None, max_length=64)


class PenaltyDecided(
    EnterpriseFact,
    topic="penalty.decided",
    zh="作出处罚决定",
    en="Penalty decided",
    of_record=True,
):
    """The decision: imposed, or not and why."""

    by_org: OrgRef
    imposed: bool
    kind: str | None = Field(default=None, max_length=100, examples=["罚款"])
    amount: int | None = Field(default=None, ge=0, description="罚款金额（分）")
    number: str | None = Field(default=None, max_length=64)
    reason: FreeText | None = None

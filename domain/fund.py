"""Funds 隐患排查治理资金 of an enterprise: planned for a year, set aside for hazards, spent (1.3c).

All amounts are in fen 分.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, HazardId

_Fen = Field(ge=0, description="金额（分）", examples=[50_000_000])


class FundPlanned(
    EnterpriseFact,
    topic="fund.planned",
    zh="编制安全资金计划",
    en="Fund planned",
    starts=True,
):
    """What the enterprise plans to spend in a year on finding and remedying hazards."""

    year: int = Field(ge=1990, le=2100)
    amount: int = _Fen
    document: str | None = Field(default=None, max_length=200)


class FundRevised(
    EnterpriseFact, topic="fund.revised", zh="调整安全资金计划", en="Fund plan revised"
):
    """Another amount takes the place of the one planned before."""

    amount: int = _Fen
    reason: FreeText | None = None


class AllotmentMade(
    EnterpriseFact,
    topic="allotment.made",
    zh="安排隐患治理资金",
    en="Money set aside for a hazard",
    starts=True,
):
    """Money is set aside for one hazard, and where it comes from."""

    hazard: HazardId
    amount: int = _Fen
    source: FreeText = Field(description="资金来源")


class SpendingMade(
    EnterpriseFact, topic="spending.made", zh="支出安全资金", en="Money spent", starts=True
):
    """Money was spent: on one hazard, or on finding and preventing hazards at large."""

    amount: int = _Fen
    hazard: HazardId | None = None
    purpose: FreeText
    document: str | None = Field(default=None, max_length=200)


def fund_id(enterprise: UUID, year: int) -> UUID:
    """Return the record id of an enterprise's fund of a year (UUIDv5 of both)."""
    return uuid5(enterprise, f"fund {year}")

"""Public funds 专项资金 of a government, inspections it purchases, and support it gives (五（三）).

All amounts are in fen 分.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from pydantic import Field

from domain.expert_inspection import ExpertsInspected, Organiser
from domain.fact import BodyFact, EnterpriseFact, FreeText, OrgRef
from domain.moment import local_day
from domain.record import facts_of
from domain.yearly import Indicator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.fact import Entry

_Fen = Field(ge=1, description="金额（分）", examples=[300_000_000])


class PublicFundPlanned(
    BodyFact,
    topic="public_fund.planned",
    zh="安排专项资金",
    en="Public fund planned",
    starts=True,
    of_record=True,
):
    """A government sets money aside for a year, for experts to take part in inspections (5.3a)."""

    year: int = Field(ge=1990, le=2100)
    amount: int = _Fen
    document: str | None = Field(default=None, max_length=200)


class PublicFundRevised(
    BodyFact,
    topic="public_fund.revised",
    zh="调整专项资金",
    en="Public fund revised",
    of_record=True,
):
    """Another amount takes the place of the one planned before."""

    amount: int = _Fen
    reason: FreeText | None = None


class InspectionsPurchased(
    BodyFact,
    topic="purchase.agreed",
    zh="政府购买隐患排查服务",
    en="Inspections purchased",
    starts=True,
):
    """A government purchases inspections of the enterprises that it lists, by whom and for what.

    The inspections themselves are held as 专家检查 with the organiser ``purchased`` (5.3a).
    """

    year: int = Field(ge=1990, le=2100)
    provider: str = Field(min_length=1, max_length=200, examples=["山东某安全技术服务有限公司"])
    amount: int = _Fen
    enterprises: tuple[OrgRef, ...] = Field(min_length=1, max_length=500)
    document: str | None = Field(default=None, max_length=200)


class SupportKind(StrEnum):
    """How a government supports an enterprise 支持方式."""

    POLICY = "policy"
    FUNDS = "funds"


class SupportGiven(
    EnterpriseFact,
    topic="support.given",
    zh="给予政策资金支持",
    en="Support given",
    starts=True,
    of_record=True,
):
    """An enterprise that does well is supported, and on which figures of which year (5.3b).

    The figures are drawn from the record up to the position ``upto``.
    """

    by_org: OrgRef
    kind: SupportKind
    amount: int | None = Field(default=None, ge=1, description="金额（分）")
    year: int = Field(ge=1990, le=2100, description="依据哪一年度的数据")
    upto: int = Field(ge=1, description="数据截至第几条事实", examples=[18250])
    figures: tuple[Indicator, ...] = ()
    measure: FreeText = Field(description="支持的内容")
    document: str | None = Field(default=None, max_length=200)


def public_fund_id(body: UUID, year: int) -> UUID:
    """Return the record id of a body's fund of a year (UUIDv5 of both)."""
    return uuid5(body, f"public-fund {year}")


def planned_for(entries: list[Entry], body: UUID, year: int) -> tuple[int | None, list[Entry]]:
    """Return what a government set aside for a year in fen, and by which facts.

    None where nothing was; the latest amount is the one in force.
    """
    record = public_fund_id(body, year)
    found = [
        entry
        for entry in entries
        if entry.record == record and isinstance(entry.fact, PublicFundPlanned | PublicFundRevised)
    ]
    amount = found[-1].fact.amount if found else None  # type: ignore[attr-defined]
    return amount, found


def purchases(
    entries: Iterable[Entry], body: UUID, year: int
) -> list[tuple[Entry, InspectionsPurchased]]:
    """Return what inspections a government purchased for a year."""
    agreed = facts_of(list(entries), InspectionsPurchased)
    return [(entry, fact) for entry, fact in agreed if (fact.body, fact.year) == (body, year)]


def purchased_inspections(
    entries: Iterable[Entry], body: UUID, year: int
) -> list[tuple[Entry, ExpertsInspected]]:
    """Return the purchased inspections that were held in a year for a government."""
    held = facts_of(list(entries), ExpertsInspected)
    return [
        (entry, fact)
        for entry, fact in held
        if fact.organiser is Organiser.PURCHASED
        and fact.by_org == body
        and local_day(entry.happened).year == year
    ]

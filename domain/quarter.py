"""A regulator's quarter 季度评估: what it assesses of its charge, by figures of the record (3.2f).

The figures are counted by area and by the division 大类 of the industry (the first two digits of
its code in GB/T 4754), from the record up to a position, so that anybody can count them again.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import BodyFact, EnterpriseFact, FreeText, Frozen, HazardId, OrgRef

QUARTER = r"^\d{4}-Q[1-4]$"
UNKNOWN = "不详"
"""The area or industry of an enterprise whose registration names none."""
_Count = Field(default=0, ge=0)


class Figures(Frozen):
    """What the record shows of one area and industry in a quarter.

    ``charge`` counts the enterprises. ``found_hazards`` were found in the quarter,
    ``major_hazards`` of them are major or claimed so, ``closed_hazards`` are closed by its end;
    ``overdue_hazards`` are those open past their deadline at its end, whenever found.
    ``unreported`` counts monthly reports of the quarter that were owed and not made by its end.
    """

    area: str = Field(min_length=1, max_length=100, examples=["沂南县"])
    industry: str = Field(min_length=1, max_length=10, examples=["26"])
    charge: int = Field(ge=0, examples=[120])
    found_hazards: int = _Count
    major_hazards: int = _Count
    closed_hazards: int = _Count
    overdue_hazards: int = _Count
    unreported: int = _Count

    @property
    def per_hundred(self) -> int:
        """Hazards found for every hundred enterprises, rounded down."""
        return self.found_hazards * 100 // max(self.charge, 1)

    @property
    def key(self) -> str:
        """The area and industry, as one field of work."""
        return f"{self.area} {self.industry}"


class QuarterAssessed(
    BodyFact,
    topic="quarter.assessed",
    zh="季度评估分析",
    en="Quarter assessed",
    starts=True,
    of_record=True,
):
    """The regulator assesses, checks and analyses its charge of a quarter (3.2f).

    ``drawn``: the figures were counted from the record, not said by whoever assessed.
    """

    quarter: str = Field(pattern=QUARTER, examples=["2024-Q2"])
    upto: int = Field(ge=1, description="数据截至第几条事实", examples=[18250])
    figures: tuple[Figures, ...] = Field(default=(), max_length=300)
    drawn: bool | None = Field(default=None, description="数据是否由系统从台账提取")
    summary: FreeText | None = None


class GuidanceGiven(
    EnterpriseFact,
    topic="guidance.given",
    zh="指导督促企业",
    en="Guidance given",
    starts=True,
):
    """A body guides an enterprise or urges it to act (3.2f 指导和督促)."""

    by_org: OrgRef
    urging: bool = Field(default=False, description="督促为是，指导为否")
    hazards: tuple[HazardId, ...] = ()
    matter: FreeText


def quarter_id(body: UUID, quarter: str) -> UUID:
    """Return the record id of a body's assessment of a quarter (UUIDv5 of both)."""
    return uuid5(body, f"quarter {quarter}")

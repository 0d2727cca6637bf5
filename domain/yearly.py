"""The yearly assessment 年度考核 of a government or department, by figures of the record (5.4a, c).

Figures are counted from the record up to a position, so that anybody can count them again; which
duties lie behind each is told by ``domain.policy.s5_4_figures``.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import BodyFact, FreeText, Frozen, OrgRef


class Key(StrEnum):
    """What is counted 考核指标."""

    EXPERT_INSPECTIONS = "expert_inspections"
    MONTHLY_REPORTS = "monthly_reports"
    HAZARDS = "hazards"
    MAJOR_HAZARDS = "major_hazards"
    ORDERS = "orders"
    PLANNED_INSPECTIONS = "planned_inspections"
    RECHECKS = "rechecks"
    ANSWERS = "answers"
    QUARTERS = "quarters"
    MEETINGS = "meetings"


KEYS = {
    Key.EXPERT_INSPECTIONS: ("外聘专家排查", "inspections by outside experts"),
    Key.MONTHLY_REPORTS: ("月报和零报告", "monthly and zero reports"),
    Key.HAZARDS: ("隐患整改", "hazards rectified"),
    Key.MAJOR_HAZARDS: ("重大隐患整改", "major hazards rectified"),
    Key.ORDERS: ("限期整改指令", "rectification orders"),
    Key.PLANNED_INSPECTIONS: ("计划检查", "planned inspections"),
    Key.RECHECKS: ("整改复查", "rechecks"),
    Key.ANSWERS: ("月报反馈", "answers to reports"),
    Key.QUARTERS: ("季度评估分析", "quarterly assessments"),
    Key.MEETINGS: ("领导会议", "leaders' meetings"),
}


class Indicator(Frozen):
    """One figure of a year: how many were owed, and what became of them.

    Of duties: how many fell due in the year, and were kept in time, kept late, or missed; what is
    left was waived or is not yet due. Of hazards: how many were found in the year, and were closed
    by their deadline (or had none), closed after it, or are open past it.
    """

    key: Key
    owed: int = Field(ge=0)
    kept: int = Field(ge=0)
    late: int = Field(ge=0)
    missed: int = Field(ge=0)


class Outcome(StrEnum):
    """What people make of the figures 考核等次."""

    EXCELLENT = "excellent"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"


class YearAssessed(
    BodyFact,
    topic="yearly_assessment.made",
    zh="年度考核",
    en="Year assessed",
    starts=True,
    of_record=True,
):
    """A government assesses a body below it for a year; ``body`` is the one assessed (5.4c).

    The figures are drawn from the record up to the position ``upto``; the outcome is decided by
    people.
    """

    by_org: OrgRef = Field(description="考核单位")
    year: int = Field(ge=1990, le=2100)
    upto: int = Field(ge=1, description="数据截至第几条事实", examples=[18250])
    figures: tuple[Indicator, ...] = ()
    charge: int = Field(default=0, ge=0, description="所辖企业数")
    outcome: Outcome
    remarks: FreeText | None = None
    document: str | None = Field(default=None, max_length=200)


def yearly_assessment_id(body: UUID, by_org: UUID, year: int) -> UUID:
    """Return the record id of an assessment (UUIDv5 of who, by whom and the year)."""
    return uuid5(body, f"yearly-assessment {by_org} {year}")

"""Oversight 督查 of enterprises, and of the next lower government and its departments (5.4b)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.fact import BodyFact, EnterpriseFact, FreeText, HazardId, OrgRef


class Office(StrEnum):
    """Which kind of office oversees 督查主体."""

    INSPECTORATE = "inspectorate"
    SUPERVISION = "supervision"
    SAFETY = "safety"


_Problems = Field(default=0, ge=0, description="发现的问题数")


class EnterpriseOverseen(
    EnterpriseFact,
    topic="oversight.of_enterprise",
    zh="督查企业隐患整改治理",
    en="Enterprise overseen",
    starts=True,
):
    """How an enterprise rectifies its hazards was looked into."""

    by_org: OrgRef
    office: Office = Field(description="督查、监察或者安监部门")
    hazards: tuple[HazardId, ...] = ()
    problems: int = _Problems
    matter: FreeText = Field(description="督查内容和结果")
    document: str | None = Field(default=None, max_length=200)


class BodyOverseen(
    BodyFact,
    topic="oversight.of_body",
    zh="督查监管责任落实",
    en="Body overseen",
    starts=True,
):
    """How a lower government or one of its departments does its duty was looked into."""

    by_org: OrgRef
    office: Office = Field(description="督查、监察或者安监部门")
    problems: int = _Problems
    matter: FreeText = Field(description="督查内容和结果")
    document: str | None = Field(default=None, max_length=200)

"""Check lists 隐患排查标准 by industry and grade; an inspection says which it used (4.2b)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import BodyFact, EnterpriseFact, FreeText, Frozen, Names, Tag

ChecklistId = Annotated[UUID, Tag("checklist")]


class CheckItem(Frozen):
    """One thing to look at, and on what it rests."""

    item: int = Field(ge=1)
    text: FreeText
    source: str | None = Field(default=None, max_length=200)


class ChecklistAdopted(
    BodyFact,
    topic="checklist.adopted",
    zh="制定隐患排查标准",
    en="Check list adopted",
    starts=True,
    of_record=True,
):
    """One version of the list for an industry and, where it is for one, a grade.

    Each version is a record of its own, so that what an inspection names never changes under it.
    """

    industry: str = Field(min_length=1, max_length=10, examples=["2614"])
    grade: int | None = Field(default=None, ge=1, le=3)
    version: int = Field(ge=1)
    name: str = Field(min_length=1, max_length=200, examples=["化工企业隐患排查标准"])
    items: tuple[CheckItem, ...] = Field(min_length=1)


class ChecklistUsed(
    EnterpriseFact,
    topic="inspection.checklist_used",
    zh="写明所用排查标准",
    en="Check list used",
):
    """The inspection was held by this version of a list."""

    checklist: Annotated[UUID, Names("checklist")]


def checklist_id(body: UUID, industry: str, grade: int | None, version: int) -> UUID:
    """Return the record id of one version of a body's list (UUIDv5)."""
    return uuid5(body, f"checklist {industry} {grade or ''} {version}")

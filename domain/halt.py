"""Halts 停产停业 and resumption 恢复生产经营 (2.1k, 3.2e)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, HazardId, OrgRef, PersonId
from domain.moment import Day


class HaltGround(StrEnum):
    """Why production is halted 停产原因."""

    MAJOR_HAZARD = "major_hazard"
    PENALTY = "penalty"
    OTHER = "other"


class HaltOrdered(
    EnterpriseFact,
    topic="halt.ordered",
    zh="责令停产停业",
    en="Halt ordered",
    starts=True,
):
    """Production stops, wholly or in ``scope``; ordered by a department or by the enterprise."""

    by_org: OrgRef
    ground: HaltGround
    hazards: tuple[HazardId, ...] = ()
    scope: FreeText | None = None
    number: str | None = Field(default=None, max_length=64)


class HaltLifted(
    EnterpriseFact,
    topic="halt.lifted",
    zh="准予恢复生产经营",
    en="Halt lifted",
    of_record=True,
):
    """For major hazards refused until the regulator accepted every hazard in its scope (3.2e)."""

    by_org: OrgRef


class ProductionObserved(
    EnterpriseFact,
    topic="production.observed",
    noun="production",
    zh="发现仍在生产经营",
    en="Production observed",
    starts=True,
):
    """Somebody saw the enterprise produce, at the place of a halt or elsewhere."""

    by_org: OrgRef | None = None
    observer: PersonId | None = None
    scope: FreeText | None = None


class ProductionPaused(
    EnterpriseFact,
    topic="production.paused",
    noun="production",
    zh="安排停产",
    en="Production paused",
    starts=True,
):
    """The whole enterprise does not produce up to and with ``until``, as it arranged itself."""

    until: Day
    reason: FreeText | None = None


class ProductionResumed(
    EnterpriseFact,
    topic="production.resumed",
    noun="production",
    zh="恢复生产经营",
    en="Production resumed",
    starts=True,
):
    """The enterprise produces again; always recordable, however unlawful."""

    scope: FreeText | None = None

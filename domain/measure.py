"""Decisions on an enterprise 处理决定, and its closing 关闭 (4.2a, 4.3e).

安全生产法 art. 115: closing is requested by the department and decided by the county government or
above.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, OrgRef, PersonId


class MeasureGround(StrEnum):
    """What the decision is about 处理事由."""

    STANDARD = "standard"
    TRAINING = "training"
    OTHER = "other"


class Measure(StrEnum):
    """What is decided 处理措施."""

    CORRECTION = "correction"
    SUSPENSION = "suspension"
    HALT = "halt"
    CLOSING = "closing"


class MeasureDecided(
    EnterpriseFact,
    topic="measure.decided",
    zh="作出处理决定",
    en="Measures decided",
    starts=True,
    of_record=True,
):
    """A department decides what is done, or by which law nothing is: then ``reason`` says why.

    ``persons`` limits a decision on training to those named; none named, it is on all.
    """

    by_org: OrgRef
    ground: MeasureGround
    measures: tuple[Measure, ...] = ()
    persons: tuple[PersonId, ...] = ()
    number: str | None = Field(default=None, max_length=64)
    reason: FreeText | None = None


class ClosingRequested(
    EnterpriseFact,
    topic="closing.requested",
    zh="提请关闭",
    en="Closing requested",
    starts=True,
    of_record=True,
):
    """A department asks the government to close the enterprise."""

    by_org: OrgRef
    to_org: OrgRef
    ground: MeasureGround
    number: str | None = Field(default=None, max_length=64)


class ClosingDecided(
    EnterpriseFact,
    topic="closing.decided",
    zh="决定是否关闭",
    en="Closing decided",
    of_record=True,
):
    """The government decides; refused where it is of a town or no government (4.2a)."""

    by_org: OrgRef
    closed: bool
    number: str | None = Field(default=None, max_length=64)
    reason: FreeText | None = None

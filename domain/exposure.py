"""Exposure 公开曝光 of units that are not in earnest about hazards, with its grounds (5.2e)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, HazardId, OrgRef
from domain.moment import Day, local_day, no_later
from domain.publicity import Medium
from domain.record import Record, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime


class ExposureGround(StrEnum):
    """Why a unit is exposed 曝光事由."""

    NOT_EARNEST = "not_earnest"
    GOING_THROUGH_MOTIONS = "going_through_motions"
    NOT_REPORTED = "not_reported"
    NOT_RECTIFIED = "not_rectified"
    CONCEALED = "concealed"


class UnitExposed(
    EnterpriseFact,
    topic="exposure.published",
    zh="公开曝光",
    en="Unit exposed",
    starts=True,
    of_record=True,
):
    """A body exposes a unit: on which ground, in which words for the public, by which media.

    ``text`` is read by everybody and names nobody. After the day ``until`` it is shown no longer.
    """

    by_org: OrgRef
    ground: ExposureGround
    text: FreeText = Field(description="曝光的事实依据，向社会公开，不写个人姓名")
    hazards: tuple[HazardId, ...] = ()
    media: tuple[Medium, ...] = ()
    document: str | None = Field(default=None, max_length=200)
    until: Day | None = Field(default=None, description="公开至何日，含当日；不写则至撤下为止")


class ExposureEnded(
    EnterpriseFact,
    topic="exposure.ended",
    zh="撤下曝光",
    en="Exposure ended",
    of_record=True,
):
    """The unit is exposed no longer, and why."""

    by_org: OrgRef
    reason: FreeText


class ExposureRecord(Record):
    """One exposure, and whether it is still shown."""

    @property
    def published(self) -> UnitExposed | None:
        """What was published."""
        return self.fact("exposure.published")  # type: ignore[no-any-return]

    def shown(self, at: date | datetime) -> bool:
        """Tell whether the public is shown it at ``at``: published, not over, not taken down."""
        entry, fact = self.first("exposure.published"), self.published
        if entry is None or fact is None or not no_later(moment_of(entry), at):
            return False
        ended = self.first("exposure.ended")
        if ended and no_later(moment_of(ended), at):
            return False
        return fact.until is None or local_day(at) <= fact.until

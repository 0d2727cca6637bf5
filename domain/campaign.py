"""Campaigns 专项整治 on a field of work in which hazards gather or are dangerous (3.2g)."""

from __future__ import annotations

from pydantic import Field

from domain.fact import BodyFact, FreeText
from domain.moment import Day
from domain.quarter import QUARTER


class CampaignFact(BodyFact):
    """What a regulator decides about one area and industry, on the figures of a quarter."""

    area: str = Field(min_length=1, max_length=100, examples=["沂南县"])
    industry: str = Field(min_length=1, max_length=10, examples=["26"])
    quarter: str | None = Field(default=None, pattern=QUARTER, examples=["2024-Q2"])


class CampaignOpened(
    CampaignFact,
    topic="campaign.opened",
    zh="部署专项整治",
    en="Campaign opened",
    starts=True,
    of_record=True,
):
    """The regulator holds a campaign, up to ``until``."""

    until: Day
    scope: FreeText
    document: str | None = Field(default=None, max_length=200)


class CampaignDeclined(
    CampaignFact,
    topic="campaign.declined",
    zh="决定不开展专项整治",
    en="Campaign declined",
    starts=True,
    of_record=True,
):
    """The regulator holds none, and says why."""

    reason: FreeText


class CampaignFinished(
    BodyFact,
    topic="campaign.finished",
    zh="专项整治结束",
    en="Campaign finished",
    of_record=True,
):
    """What the campaign came to."""

    inspected: int = Field(ge=0, description="检查企业数")
    found_hazards: int = Field(ge=0, description="发现隐患数")
    rectified_hazards: int = Field(ge=0, description="完成整改数")
    result: FreeText

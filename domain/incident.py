"""Accidents 生产安全事故, their level, and the accountability review 责任倒查 (5.4d)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, HazardId, IncidentId, OrgRef, PersonId, PostId


class AccidentLevel(StrEnum):
    """The level of an accident 事故等级 (国务院令493号 art. 3)."""

    GENERAL = "general"
    LARGER = "larger"
    MAJOR = "major"
    EXTRAORDINARY = "extraordinary"


_BOUNDS = (
    (AccidentLevel.EXTRAORDINARY, 30, 100, 10_000_000_000),
    (AccidentLevel.MAJOR, 10, 50, 5_000_000_000),
    (AccidentLevel.LARGER, 3, 10, 1_000_000_000),
)


def accident_level(deaths: int, serious: int, loss: int) -> AccidentLevel:
    """Return the level by deaths, serious injuries (or poisonings) and direct loss.

    The lower bound belongs to the higher level, and any one of the three suffices.

    Args:
        deaths: people killed.
        serious: people seriously injured.
        loss: direct economic loss in fen 分.
    """
    for level, least_deaths, least_serious, least_loss in _BOUNDS:
        if deaths >= least_deaths or serious >= least_serious or loss >= least_loss:
            return level
    return AccidentLevel.GENERAL


class IncidentOccurred(
    EnterpriseFact,
    topic="incident.occurred",
    zh="发生事故",
    en="Accident occurred",
    starts=True,
):
    """The accident; ``happened`` of the entry is its moment. Loss in fen 分."""

    number: str = Field(min_length=1, max_length=64, examples=["SG-2024-0918"])
    name: str = Field(min_length=1, max_length=100, examples=["“9·18”爆炸事故"])
    category: str | None = Field(default=None, max_length=50, examples=["其他爆炸"])
    deaths: int = Field(default=0, ge=0)
    serious_injuries: int = Field(default=0, ge=0)
    loss: int = Field(default=0, ge=0)
    hazards: tuple[HazardId, ...] = Field(default=(), description="直接相关的隐患")
    summary: FreeText | None = None


class CasualtiesUpdated(
    EnterpriseFact,
    topic="incident.casualties_updated",
    zh="补报伤亡和损失",
    en="Casualties updated",
):
    """Later figures replace the earlier ones (493号 art. 13); what is left out stays."""

    deaths: int | None = Field(default=None, ge=0)
    serious_injuries: int | None = Field(default=None, ge=0)
    loss: int | None = Field(default=None, ge=0)


class CauseEstablished(
    EnterpriseFact,
    topic="incident.cause_established",
    zh="认定事故原因",
    en="Cause established",
    of_record=True,
):
    """The inquiry links the accident to hazards on record."""

    by_org: OrgRef
    hazards: tuple[HazardId, ...] = ()
    cause: FreeText


class ReviewOpened(
    EnterpriseFact,
    topic="review.opened",
    zh="启动责任倒查",
    en="Accountability review opened",
    starts=True,
    of_record=True,
):
    """The review that 5.4d asks for after every accident."""

    incident: IncidentId
    by_org: OrgRef
    reviewers: tuple[PersonId, ...] = ()


class Stage(StrEnum):
    """What stands about a person's responsibility 追究情况."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    NOT_PURSUED = "not_pursued"


class Sanction(StrEnum):
    """What is proposed or decided 追究方式."""

    PARTY = "party"
    ADMINISTRATIVE = "administrative"
    PENALTY = "penalty"
    CRIMINAL = "criminal"
    INTERNAL = "internal"
    OTHER = "other"


class OutcomeRecorded(
    EnterpriseFact,
    topic="review.outcome_recorded",
    zh="责任追究结果",
    en="Outcome for a person",
    of_record=True,
):
    """What a body proposed or decided about one person, or that it does not pursue them (5.4e).

    People decide; the record only keeps it. Not pursued for diligence 尽职免责 is art. 71 of
    山东省安全生产条例: ``grounds`` says why, and ``shown_by`` names the facts that show it.
    """

    person: PersonId
    post: PostId | None = Field(default=None, description="在何岗位上的责任")
    stage: Stage
    sanction: Sanction | None = Field(default=None, description="追究方式；不予追究的为空")
    by_org: OrgRef = Field(description="作出建议或者决定的单位")
    content: FreeText | None = None
    grounds: FreeText
    shown_by: tuple[int, ...] = Field(default=(), description="所依据的事实的序号")
    document: str | None = Field(default=None, max_length=200)

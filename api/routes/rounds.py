"""Rounds 自查轮次: each check that an enterprise owed, by shift, day and week (3.1a)."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.access import TheCaller
from api.asking import ask_docket
from api.documentation import ERRORS_OF_QUESTIONS
from api.routes.questions import KnownAt, QueryMoment
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey
from api.serving import TheServing
from domain.moment import Instant, Moment, first_day, last_day, local_day
from domain.monthly_report import MONTH
from domain.policy.s3_1_checks import Standing, Tier, rounds

if TYPE_CHECKING:
    from domain.policy.s3_1_checks import Round

rounds_routes = APIRouter(route_class=StrictRoute, tags=["倒查 · Traces"])


class RoundAnswer(BaseModel):
    """One check that was owed: of which shift, day or week, by when, and what became of it."""

    tier: Tier
    post: UUID | None
    title: str | None
    name: str
    due: Instant
    standing: Standing
    checked: Moment | None
    facts: list[int]


class Rounds(BaseModel):
    """The rounds of a month, by tier, post and time."""

    enterprise: UUID
    at: Moment
    month: str
    rounds: list[RoundAnswer]


@rounds_routes.get(
    "/enterprises/{enterprise}/rounds",
    summary="一家单位一个月的自查轮次 · The checks that an enterprise owed in a month",
    responses=ERRORS_OF_QUESTIONS,
)
def list_rounds(
    *,
    enterprise: Annotated[OrganisationKey, Path(description="单位编码或档案编号 · code or id")],
    here: TheServing,
    _: TheCaller,
    known_at: KnownAt,
    month: Annotated[str, Query(pattern=MONTH, examples=["2024-05"])],
    at: QueryMoment | None = None,
) -> Rounds:
    """Each shift, day and week that begins in the month, and the check on record for it."""
    moment = here.now().astimezone(UTC) if at is None else at
    docket = ask_docket(here.ledger, enterprise, moment, known_at)
    told = [
        _told(tier, post.id if post else None, post.title if post else None, each)
        for tier in Tier
        for post, owed in rounds(docket, tier)
        for each in owed
        if first_day(month) <= _day(each) <= last_day(month)
    ]
    return Rounds(enterprise=enterprise, at=moment, month=month, rounds=told)


def _day(each: Round) -> date:
    return local_day(each.opens)


def _told(tier: Tier, post: UUID | None, title: str | None, each: Round) -> RoundAnswer:
    facts = [each.check] if each.check else [*each.excused_by]
    return RoundAnswer(
        tier=tier,
        post=post,
        title=title,
        name=each.name,
        due=each.due,
        standing=each.standing,
        checked=each.check.happened if each.check else None,
        facts=[entry.position for entry in facts],
    )

"""An enterprise's own line: its posts up to the principal, its money, its own rules; inspectors."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.access import TheCaller
from api.asking import ask_docket
from api.documentation import ERRORS_OF_QUESTIONS
from api.enterprise_told import (
    Funds,
    Inspectors,
    OwnRules,
    PostTree,
    tell_funds,
    tell_inspectors,
    tell_posts,
    tell_rules,
)
from api.routes.questions import AsAt, KnownAt
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey
from api.serving import TheServing
from domain.moment import local_day

if TYPE_CHECKING:
    from datetime import datetime

    from api.serving import Serving
    from domain.policy.duty import Docket

enterprise_questions = APIRouter(
    route_class=StrictRoute, responses=ERRORS_OF_QUESTIONS, tags=["企业主体责任 · Enterprises"]
)
Unit = Annotated[OrganisationKey, Path(description="单位编码或档案编号 · the unit's code or id")]


def _docket(
    here: Serving, org: UUID, as_at: date | datetime | None, known_at: datetime | None
) -> Docket:
    at = as_at if as_at is not None else here.now().astimezone(UTC)
    return ask_docket(here.ledger, org, at, known_at)


@enterprise_questions.get(
    "/enterprises/{enterprise}/posts",
    summary="企业岗位如何逐级连到主要负责人 · How an enterprise's posts reach its principal",
)
def posts(
    *, enterprise: Unit, here: TheServing, _: TheCaller, known_at: KnownAt, as_at: AsAt = None
) -> PostTree:
    """Every post with its depth below the principal, the orphans, and who holds no post (1.3b)."""
    return tell_posts(_docket(here, enterprise, as_at, known_at))


@enterprise_questions.get(
    "/enterprises/{enterprise}/funds",
    summary="企业一年的隐患排查治理资金 · An enterprise's money for hazards in a year",
)
def funds(
    *,
    enterprise: Unit,
    here: TheServing,
    _: TheCaller,
    known_at: KnownAt,
    as_at: AsAt = None,
    year: Annotated[
        int | None, Query(ge=1990, le=2100, description="年度；省略为所问之年 · which year")
    ] = None,
) -> Funds:
    """Planned, set aside for hazards and spent; what is short, what has no source (1.3c)."""
    docket = _docket(here, enterprise, as_at, known_at)
    return tell_funds(docket, year or local_day(docket.at).year)


@enterprise_questions.get(
    "/enterprises/{enterprise}/own-rules",
    summary="企业的规章制度及所缺类别 · An enterprise's own rules, and which kinds are missing",
)
def own_rules(
    *, enterprise: Unit, here: TheServing, _: TheCaller, known_at: KnownAt, as_at: AsAt = None
) -> OwnRules:
    """Every version by kind, with who adopted it (1.3f)."""
    return tell_rules(_docket(here, enterprise, as_at, known_at))


@enterprise_questions.get(
    "/organisations/{organisation}/inspectors",
    summary="部门的执法人员和执法装备 · A body's inspectors and their equipment",
)
def inspectors_of(
    *, organisation: Unit, here: TheServing, _: TheCaller, known_at: KnownAt, as_at: AsAt = None
) -> Inspectors:
    """Certificates valid that day, the last training, and what they are equipped with (1.2e)."""
    return tell_inspectors(_docket(here, organisation, as_at, known_at))

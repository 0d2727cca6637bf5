"""What the public reads without an account 公开信息: units that are exposed, and why (5.2e)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.documentation import ERRORS_OF_QUESTIONS
from api.pages.render import exposures_page
from api.routes.lists import next_of
from api.routes.questions import Cursor, GivenCursor, Limit, OnlyNow
from api.routes.records import link_next
from api.routes.shown import Shown, view_of
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey
from api.serving import TheServing
from domain.exposure import ExposureGround, UnitExposed
from domain.moment import Day, Moment, local_day
from domain.publicity import Medium
from domain.record import facts_of
from projections.exposures import list_exposures

if TYPE_CHECKING:
    from api.serving import Serving

ERRORS_OF_ALL = {status: told for status, told in ERRORS_OF_QUESTIONS.items() if status != 401}  # noqa: PLR2004 - nobody needs a token
public = APIRouter(route_class=StrictRoute, responses=ERRORS_OF_ALL)
public_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_LISTED = 200


class ListedExposure(BaseModel):
    """A unit that is exposed: by whom, on which ground, in which words."""

    id: UUID
    enterprise: UUID
    enterprise_code: str | None
    enterprise_name: str | None
    by_org: UUID
    by_name: str | None
    ground: ExposureGround
    text: str | None = Field(description="曝光的事实依据 · what it rests on, in words")
    media: list[Medium]
    document: str | None
    published: Moment
    until: Day | None = Field(description="公开至何日，含当日 · shown up to this day")


class Exposures(BaseModel):
    """A page of what the public is shown now, the latest first."""

    exposures: list[ListedExposure]
    next: str | None


@public.get(
    "/exposures",
    tags=["公开曝光 · Exposures"],
    summary="公开曝光的单位（不需账号） · Units that are exposed (no account needed)",
)
def exposures(
    *,
    request: Request,
    response: Response,
    here: TheServing,
    _: OnlyNow,
    enterprise: Annotated[
        OrganisationKey | None, Query(description="只列一家单位的 · of one unit")
    ] = None,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> Exposures:
    """Those that were neither taken down nor are over, the latest first."""
    paging = Cursor("exposures", enterprise)
    after = paging.read(cursor, date.fromisoformat, UUID)
    found = _listed(here, enterprise=enterprise, limit=limit + 1, after=after)
    rows = [{"published_on": day, "id": each.id} for day, each in found]
    following = next_of(paging, rows, limit, "published_on")
    link_next(request, response, following)
    return Exposures(exposures=[each for _, each in found[:limit]], next=following)


@public_pages.get("/exposures")
def page(request: Request, here: TheServing, _: Shown) -> HTMLResponse:
    """Return the page of the units that are exposed now."""
    listed = [each for _, each in _listed(here, limit=_LISTED)]
    view = view_of(request)
    return HTMLResponse(exposures_page(listed, *view))


def _listed(
    here: Serving,
    *,
    limit: int,
    enterprise: UUID | None = None,
    after: tuple[date, UUID] | None = None,
) -> list[tuple[date, ListedExposure]]:
    """Return what is shown today, each with the day by which it is sorted."""
    today = local_day(here.now())
    rows = list_exposures(here.views, today=today, limit=limit, enterprise=enterprise, after=after)
    facts = facts_of(here.ledger.records([row["id"] for row in rows]), UnitExposed)
    words = {entry.record: fact.text.value for entry, fact in facts}
    shown = ListedExposure.model_fields.keys() - {"text"}
    return [
        (
            row["published_on"],
            ListedExposure(**{name: row[name] for name in shown}, text=words.get(row["id"])),
        )
        for row in rows
    ]

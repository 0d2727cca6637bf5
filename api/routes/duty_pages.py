"""Pages of duties 义务: the desk, and the list of duties of anybody."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import TheAuthority, TheCaller
from api.desk import tell_desk, tell_overview
from api.duties_shown import Asking, everything, tell_list
from api.duty_list import Standing
from api.gaps import tell_gaps
from api.pages.render_duties import desk_page, duties_page, duty_table, gap_table, gaps_page
from api.pages.words import Speech
from api.routes.shown import Shown, fresh, view_of
from api.routes.strict import StrictRoute
from api.serving import TheServing
from api.sheets import MEDIA_TYPE
from projections.dockets import Dockets

duty_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_Text = Annotated[str, Query(max_length=200)]
_After = Annotated[str, Query(max_length=400)]
_PAGE, _MOST = 50, 20_000


@duty_pages.get("/")
@duty_pages.get("/workbench")
def workbench(
    request: Request, here: TheServing, caller: TheCaller, authority: TheAuthority, _: Shown
) -> HTMLResponse:
    """Return the caller's desk; of the machine's owner, who owes nothing, an overview."""
    person = caller.person
    told = tell_desk(here, person, authority.scope) if person else tell_overview(here)
    return HTMLResponse(desk_page(told, *view_of(request)))


def _asked(
    *,
    organisation: _Text = "",
    post: _Text = "",
    person: UUID | None = None,
    side: _Text = "",
    about: _Text = "",
    standing: Standing = Standing.OPEN,
    clause: _Text = "",
    as_at: _Text = "",
) -> Asking:
    return Asking(organisation, post, person, side, about, standing, clause, as_at)


TheAsking = Annotated[Asking, Depends(_asked)]
"""Which duties are asked for."""


@duty_pages.get("/duties")
def duties(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    asking: TheAsking,
    after: _After = "",
) -> HTMLResponse:
    """Return anybody's duties, on any day."""
    told = tell_list(here, authority, asking, view_of(request)[0], after)
    return HTMLResponse(duties_page(told, *view_of(request)))


@duty_pages.get("/duties.xlsx")
def duties_sheet(
    request: Request, here: TheServing, authority: TheAuthority, _: Shown, asking: TheAsking
) -> Response:
    """Return all of a list as a spreadsheet."""
    say = Speech(view_of(request)[0])
    table = duty_table(
        everything(here, authority, asking),
        say,
        bearer=True,
        settled=asking.standing is Standing.SETTLED,
    )
    return _sheet(table.spreadsheet(say("duties"), say), "duties")


@duty_pages.get("/duties/gaps")
def gaps(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    clause: _Text = "",
    after: _After = "",
) -> HTMLResponse:
    """Return what nobody holds."""
    told, following = tell_gaps(here, authority, clause, after or None, _PAGE)
    stands = fresh(here, Dockets.name)
    return HTMLResponse(gaps_page(told, clause, after, following, stands, *view_of(request)))


@duty_pages.get("/duties/gaps.xlsx")
def gaps_sheet(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    clause: _Text = "",
) -> Response:
    """Return all of it as a spreadsheet."""
    say = Speech(view_of(request)[0])
    told, _next = tell_gaps(here, authority, clause, None, _MOST)
    return _sheet(gap_table(told, say).spreadsheet(say("gaps"), say), "gaps")


def _sheet(content: bytes, name: str) -> Response:
    return Response(
        content,
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'},
    )

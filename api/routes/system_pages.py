"""The page that says how the system is: ``/system``."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.access import TheCaller
from api.pages.render_system import system_page
from api.routes.shown import Shown, view_of
from api.routes.strict import StrictRoute
from api.serving import TheServing
from api.system_told import tell_system

system_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)


@system_pages.get("/system")
def system(request: Request, here: TheServing, _: TheCaller, __: Shown) -> HTMLResponse:
    """Return how far lists and log are, when it was audited and backed up, and what to do."""
    return HTMLResponse(system_page(tell_system(here, request.app.state.crowd), *view_of(request)))

"""Pages 页面: the list of accidents, and the trace of one, for people with a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.access import TheAuthority, TheCaller
from api.asking import ask_trace, ask_what_if
from api.coverage import find_clause, tell_clauses
from api.coverage_asked import ask_figures
from api.drafts import of_day, of_draft
from api.finding import incident_of
from api.pages.render import (
    STATIC,
    Listed,
    clause_page,
    incidents_page,
    keys_page,
    policy_page,
    settings_page,
    sign_page,
    trace_page,
    what_if_page,
)
from api.pages.render_sign_in import permissions_page
from api.routes.shown import Shown, view_of
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey, Text
from api.serving import TheServing
from api.settings_told import tell_settings
from api.signing import to_sign
from api.when import read_known_at, read_when
from domain.answer import Incident, OrgRef
from domain.document import DOCUMENTS, register
from domain.moment import local_day, parse_moment
from domain.trace import LOOK_BACK, Question
from projections.incidents import Incidents, list_incidents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from api.authority import Authority
    from api.serving import Serving

pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
static_files = StaticFiles(directory=STATIC)
VERIFIER = StaticFiles(packages=[("api.verifier", ".")])
"""The verifier's modules: pages that need cryptography of our own import them."""
_LISTED = 200
_PATIENCE = 10
"""Seconds to wait for the read model of accidents."""
FormKnownAt = Annotated[str | None, Query(max_length=40)]


@pages.get("/incidents")
def incidents(
    request: Request, here: TheServing, authority: TheAuthority, __: Shown
) -> HTMLResponse:
    """Return the list of accidents, and the form that asks about a place."""
    _catch_up(here)
    rows = list_incidents(here.views, limit=_LISTED, scope=authority.scope)
    page = incidents_page(
        [_listed(row) for row in rows],
        *view_of(request),
    )
    return HTMLResponse(page)


def _catch_up(here: Serving) -> None:
    """Wait for the list of accidents: one that is behind would say that there is none.

    Raises:
        Unavailable: it is still far behind, as after an import; the page says so instead.
    """
    here.runner.wait_for(here.ledger.head().position, _PATIENCE, [Incidents.name])


def _listed(row: Mapping[str, object]) -> Listed:
    number = str(row["number"])
    values = {name: row[name] for name in ("id", "category", "deaths", "serious_injuries", "loss")}
    incident = Incident.model_validate(
        {
            **values,
            "number": number,
            "name": row["name"] or f"事故 {number}",
            "at": parse_moment(row["occurred"]),
            "level": row["level"],
            "hazards": [],
            "facts": [],
        }
    )
    place = OrgRef.model_validate(
        {
            "id": row["enterprise"],
            "code": row["enterprise_code"],
            "name": row["enterprise_name"] or str(row["enterprise"]),
        }
    )
    return Listed(incident=incident, place=place, href=f"/incidents/{row['id']}/trace")


@pages.get("/policy")
def policy(request: Request, here: TheServing, _: TheCaller, __: Shown) -> HTMLResponse:
    """Return every clause with its rules, scenarios and what is owed by it."""
    counted = ask_figures(here.views)
    told = tell_clauses(tell_settings(here.ledger, here.now()), counted.figures)
    view = view_of(request)
    return HTMLResponse(policy_page(told, counted.as_of, *view))


@pages.get("/policy/{clause}")
def clause(
    request: Request,
    clause: Annotated[Text, Path(max_length=20)],
    here: TheServing,
    _: TheCaller,
    __: Shown,
) -> HTMLResponse:
    """Return one clause: where its rules live, its settings, its scenarios."""
    counted = ask_figures(here.views)
    told = find_clause(tell_settings(here.ledger, here.now()), clause, counted.figures)
    named = register(here.ledger.record(DOCUMENTS), here.now())
    page = clause_page(
        told,
        counted.as_of,
        [each for each in named if each.clause == clause],
        *view_of(request),
    )
    return HTMLResponse(page)


@pages.get("/settings")
def settings(
    *,
    request: Request,
    here: TheServing,
    _: TheCaller,
    __: Shown,
    as_at: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """Return the rule settings as at a day; now, where none is given."""
    asked = as_at and as_at.strip()
    told = tell_settings(here.ledger, read_when(asked, "as_at") if asked else here.now())
    page = settings_page(told, *view_of(request))
    return HTMLResponse(page)


@pages.get("/what-if")
def what_if(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    __: Shown,
    enterprise: OrganisationKey | None = None,
    at: Annotated[str, Query(max_length=40)] = "",
    settings_at: Annotated[str, Query(max_length=40)] = "",
    key: Annotated[str, Query(max_length=100)] = "",
    value: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Return what another day's settings, or one changed setting, would make of an enterprise."""
    now = here.now()
    told = None
    if enterprise:
        authority.see_dossier(enterprise)
        moment = read_when(at, "at") if at.strip() else now
        supposed = (
            of_draft({key: None if value in ("", "off") else value}, local_day(now))
            if key
            else of_day(read_when(settings_at, "settings_at") if settings_at.strip() else now)
        )
        question = Question(moment, None, None, LOOK_BACK)
        told = ask_what_if(here.ledger, enterprise, question, *supposed)
    asked = {
        "enterprise": request.query_params.get("enterprise", ""),
        "at": at,
        "settings_at": settings_at,
        "key": key,
        "value": value,
    }
    page = what_if_page(told, asked, *view_of(request))
    return HTMLResponse(page)


@pages.get("/permissions")
def permissions(request: Request, _: TheCaller, __: Shown) -> HTMLResponse:
    """Return the table of who may do and see what, as it is asked."""
    return HTMLResponse(permissions_page(*view_of(request)))


@pages.get("/keys")
def keys(
    *,
    request: Request,
    _: TheCaller,
    __: Shown,
    person: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Return the page on which a registrar registers somebody's passkey."""
    view = view_of(request)
    return HTMLResponse(keys_page(person, *view))


@pages.get("/sign/{position}")
def sign(
    request: Request,
    position: Annotated[int, Path(ge=1, le=2**53 - 1)],
    here: TheServing,
    _: TheCaller,
    __: Shown,
) -> HTMLResponse:
    """Return the page on which a document is signed."""
    view = view_of(request)
    return HTMLResponse(sign_page(to_sign(here, position), *view))


@pages.get("/incidents/{incident}/trace")
def incident_trace(
    *,
    request: Request,
    incident: Annotated[Text, Path(max_length=100)],
    here: TheServing,
    authority: TheAuthority,
    __: Shown,
    known_at: FormKnownAt = None,
) -> HTMLResponse:
    """Return the trace of an accident."""
    _catch_up(here)
    found = authority.find(lambda: incident_of(here.ledger, here.views, incident))
    authority.see_organisation(found.enterprise)
    question = Question(found.at, _known(known_at), found.id, LOOK_BACK)
    return _trace(request, here, authority, found.enterprise, question, {})


@pages.get("/trace")
def place_trace(
    *,
    request: Request,
    enterprise: OrganisationKey,
    at: Annotated[str, Query(max_length=40)],
    here: TheServing,
    authority: TheAuthority,
    __: Shown,
    known_at: FormKnownAt = None,
) -> HTMLResponse:
    """Return the trace of an enterprise at a moment, which without a zone is Beijing time."""
    question = Question(read_when(at, "at"), _known(known_at), None, timedelta(LOOK_BACK.days))
    keep = {"enterprise": request.query_params["enterprise"], "at": at}
    return _trace(request, here, authority, enterprise, question, keep)


def _trace(
    request: Request,
    here: Serving,
    authority: Authority,
    enterprise: UUID,
    question: Question,
    keep: Mapping[str, str],
) -> HTMLResponse:
    told = ask_trace(here.ledger, enterprise, question, tips=authority.sees_tips(enterprise))
    return HTMLResponse(trace_page(told, *view_of(request), keep))


def _known(text: str | None) -> datetime | None:
    """Read what a form sends; an empty field means now."""
    return read_known_at(text, "known_at") if text and text.strip() else None

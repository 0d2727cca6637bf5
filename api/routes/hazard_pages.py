"""The pages of hazards 隐患: report one, see all of it, and do what comes next about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access import TheAuthority, TheCaller
from api.filling import Filled, TheForm, act, posts_to_act_in, send
from api.hazard_acts import ACTS, asked_for, offered
from api.hazard_told import hazard_docket, tell_hazard
from api.me import tell_me
from api.pages.render_hazards import (
    AtHazard,
    PostChoice,
    Refused,
    hazard_page,
    new_hazard_page,
)
from api.photos_told import tell_photos
from api.problems import kind_of
from api.routes.shown import Shown, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.sent import Text
from api.serving import TheServing
from domain.answer import OrgRef
from domain.errors import DaochaError, NotFound
from domain.hazard import Finder
from domain.labels import Labels
from domain.moment import local_day
from domain.organisation import OrganisationRegistered, OrgKind
from domain.record import facts_of
from projections.hazards import Hazards

if TYPE_CHECKING:
    from api.authority import Authority
    from api.caller import Caller
    from api.commands import Asked
    from api.hazard_acts import HazardAct, Side
    from api.serving import Serving
    from domain.directory import Post
    from domain.policy.duty import Docket

_SEE_OTHER = 303
HazardRecordId = Annotated[UUID, Path(description="隐患的档案编号 · the hazard's record")]

hazard_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
hazard_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)


@hazard_pages.get("/hazards/new")
def new(
    *,
    request: Request,
    here: TheServing,
    caller: TheCaller,
    _: Shown,
    enterprise: Annotated[Text, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Return the form that reports a hazard, with a number that nobody else has."""
    number = f"YH-{local_day(here.now()):%Y%m%d}-{here.random(3).hex().upper()}"
    filled = {"enterprise": (enterprise,), "number": (number,)}
    return HTMLResponse(_new_page(request, here, caller, Filled(filled)))


def _new_page(
    request: Request,
    here: Serving,
    caller: Caller,
    form: Filled,
    problem: DaochaError | None = None,
) -> str:
    own, posts = _own_organisations(here, caller)
    enterprises = [org for org in own if org.kind == OrgKind.ENTERPRISE]
    asked = form["enterprise"]
    if enterprises and asked and asked not in {str(v) for e in enterprises for v in (e.id, e.code)}:
        enterprises = []
    default = Finder.ENTERPRISE if enterprises or caller.person is None else Finder.DEPARTMENT
    fields = {"found_by": (default.value,), **form.fields}
    return new_hazard_page(
        Filled(fields),
        problem,
        enterprises,
        posts,
        *view_of(request),
    )


def _own_organisations(here: Serving, caller: Caller) -> tuple[list[OrgRef], list[Post]]:
    """Return the organisations in which somebody holds a post, and the posts."""
    if caller.person is None:
        return [], []
    ids = sorted({post.organisation for post in tell_me(here, caller).posts})
    entries = [*here.ledger.records(ids)] if ids else []
    orgs = [
        OrgRef(id=entry.record, code=fact.code, name=fact.name, kind=fact.kind.value)
        for entry, fact in facts_of(entries, OrganisationRegistered)
    ]
    return orgs, posts_to_act_in(here, caller, ids)


@hazard_forms.post("/hazards/new", response_model=None)
def report(
    request: Request, here: TheServing, caller: TheCaller, form: TheForm, _: Shown
) -> Response:
    """Register a hazard that was found."""
    try:
        own, _posts = _own_organisations(here, caller)
        receipt = send(here, caller, form, [_found(form, caller, own)], shown_in=[Hazards.name])
    except DaochaError as problem:
        page = _new_page(request, here, caller, form, problem)
        return HTMLResponse(page, kind_of(problem).status)
    (entry,) = here.ledger.range(receipt.positions[0] - 1, 1, open_sealed=False)
    return to_hazard(request, entry.record)


def _found(form: Filled, caller: Caller, own: list[OrgRef]) -> Asked:
    finder = form["found_by"]
    by_department = finder == Finder.DEPARTMENT.value
    orgs = [org for org in own if (org.kind != OrgKind.ENTERPRISE) is by_department]
    told = ("enterprise", "number", "description", "place", "category", "found_by")
    ticks = ("suspected_major", "fixed_on_spot", "endangers_production")
    own_find = finder in (Finder.ENTERPRISE, Finder.EMPLOYEE, Finder.DEPARTMENT)
    data = {
        **{name: form[name] for name in told},
        **{name: form[name] == "1" for name in ticks},
        "finder": caller.person if own_find else None,
        "finder_org": str(orgs[0].id) if orgs and own_find else None,
    }
    return act("hazard.found", data, happened=form["happened"])


@hazard_pages.get("/hazards/{hazard}")
def hazard(
    request: Request,
    hazard: HazardRecordId,
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
    _: Shown,
) -> HTMLResponse:
    """Return the page of a hazard."""
    docket = hazard_docket(here, authority, hazard)
    return HTMLResponse(hazard_page_of(request, here, caller, authority, docket, hazard))


def hazard_page_of(
    request: Request,
    here: Serving,
    caller: Caller,
    authority: Authority,
    docket: Docket,
    hazard: UUID,
    refused: Refused | None = None,
) -> str:
    """Return the page of a hazard, with what was refused a moment ago on it."""
    side, posts = _side(here, caller, docket)
    now = here.now()
    at = AtHazard(
        posts=posts,
        side=side,
        offers=offered(docket, docket.hazards[hazard], side, now) if side else [],
        choices=_choices(docket),
        now=now,
        photos=tell_photos(here, authority, docket.about(f"hazard:{hazard}"), Labels(docket)),
    )
    told = tell_hazard(docket, hazard)
    return hazard_page(told, at, refused, *view_of(request))


def _side(here: Serving, caller: Caller, docket: Docket) -> tuple[Side | None, list[Post]]:
    """Return on whose side somebody acts about an enterprise, and in which of their posts.

    The owner of the machine acts on the enterprise's.
    """
    own = posts_to_act_in(here, caller, [docket.enterprise])
    if own or caller.person is None:
        return "enterprise", own
    regulators = docket.directory.regulators(docket.enterprise, docket.at)
    theirs = posts_to_act_in(here, caller, regulators)
    return ("department", theirs) if theirs else (None, [])


def _choices(docket: Docket) -> list[PostChoice]:
    """Return the enterprise's posts with who holds them."""
    labels, directory = Labels(docket), docket.directory
    found = []
    for post in directory.all_posts(docket.enterprise):
        if post.abolished is not None:
            continue
        held = [each for each in directory.holdings(post.id) if each.covers(docket.at)]
        names = "、".join(labels.person_name(each.person) or "" for each in held)
        found.append(PostChoice(post.id, f"{post.title} {names}".strip()))
    return found


@hazard_forms.post("/hazards/{hazard}/{name}", response_model=None)
def do(
    *,
    request: Request,
    hazard: HazardRecordId,
    name: Annotated[Text, Path(max_length=40)],
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
    form: TheForm,
    _: Shown,
) -> Response:
    """Do something about a hazard; refused, the form comes back as it was filled in."""
    each = ACTS.get(name)
    if each is None:
        raise NotFound(
            "没有这种办理事项",
            "there is no such act",
            todo_zh="从隐患页面办理",
            todo_en="go by its page",
        )
    docket = hazard_docket(here, authority, hazard)
    try:
        asked = _asked(here, caller, docket, hazard, each, form)
        send(here, caller, form, [asked], shown_in=[Hazards.name])
    except DaochaError as problem:
        page = hazard_page_of(
            request, here, caller, authority, docket, hazard, Refused(name, form, problem)
        )
        return HTMLResponse(page, kind_of(problem).status)
    return to_hazard(request, hazard)


def _asked(
    here: Serving,
    caller: Caller,
    docket: Docket,
    hazard: UUID,
    each: HazardAct,
    form: Filled,
) -> Asked:
    side, posts = _side(here, caller, docket)
    chosen = next((post for post in posts if post.id == form.post), None) or next(iter(posts), None)
    acting = chosen.organisation if chosen and side == "department" else docket.enterprise
    regulator = docket.regulator(docket.at)
    return asked_for(each, form, docket.hazards[hazard], acting, regulator)


def to_hazard(request: Request, hazard: UUID, part: str = "") -> RedirectResponse:
    """Lead to the page of a hazard, shown as this one was."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/hazards/{hazard}{query}{part}", _SEE_OTHER)

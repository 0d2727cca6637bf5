"""The pages of monthly reports 月报与零报告: fill in, check, file, sign, receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access import TheCaller
from api.filling import Filled, TheForm, act, posts_to_act_in, send
from api.month_told import MonthTold, month_now, tell_month
from api.pages.render_reports import AtHand, month_page
from api.problems import kind_of
from api.routes.shown import Shown, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.sent import OrganisationKey
from api.serving import TheServing
from domain.errors import DaochaError
from domain.monthly_report import MONTH
from domain.organisation import OrgKind
from domain.permissions import LEADING
from domain.sign_in import Manner
from projections.documents import Documents
from projections.reports import Reports

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.caller import Caller
    from api.commands import Asked
    from api.serving import Serving

SEE_OTHER = 303
Month = Annotated[str, Path(pattern=MONTH)]
_EMPTY = Filled({})

report_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
report_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)


@report_pages.get("/reports/{enterprise}")
def this_month(
    request: Request, enterprise: OrganisationKey, here: TheServing, _: TheCaller, __: Shown
) -> RedirectResponse:
    """Lead to the report that is due next."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/reports/{enterprise}/{month_now(here)}{query}", SEE_OTHER)


@report_pages.get("/reports/{enterprise}/{month}")
def month(
    request: Request,
    enterprise: OrganisationKey,
    month: Month,
    here: TheServing,
    caller: TheCaller,
    _: Shown,
) -> HTMLResponse:
    """Return the page of an enterprise's report of a month."""
    return HTMLResponse(_page(request, here, caller, tell_month(here, caller, enterprise, month)))


def _page(
    request: Request,
    here: Serving,
    caller: Caller,
    told: MonthTold,
    form: Filled = _EMPTY,
    problem: DaochaError | None = None,
) -> str:
    at_hand = _at_hand(here, caller, told)
    view = view_of(request)
    return month_page(told, form, problem, at_hand, *view)


def _at_hand(here: Serving, caller: Caller, told: MonthTold) -> AtHand:
    own = posts_to_act_in(here, caller, [told.enterprise.id])
    owner = caller.person is None
    regulators = [each.id for each in told.regulators if each.kind != OrgKind.ENTERPRISE]
    answering = [post for post in posts_to_act_in(here, caller, regulators) if post.kind in LEADING]
    holds_hazards = told.receipt is not None and told.receipt.count > 0
    return AtHand(
        posts=own,
        files=owner or bool(own),
        owner=owner,
        password=caller.authentication == Manner.PASSWORD.value,
        answers=next(iter(answering), None) if holds_hazards else None,
    )


@report_forms.post("/reports/{enterprise}/{month}", response_model=None)
def file(
    request: Request,
    enterprise: OrganisationKey,
    month: Month,
    here: TheServing,
    caller: TheCaller,
    form: TheForm,
    _: Shown,
) -> Response:
    """File the report, or file it again: the later text takes the place of the earlier."""
    told = tell_month(here, caller, enterprise, month)
    states = form.under("state")

    def filed() -> list[Asked]:
        found, older = (
            [
                {"hazard": str(each.id), "state": states.get(str(each.id)) or each.step}
                for each in of
            ]
            for of in (told.found, told.older)
        )
        data = {
            "enterprise": str(enterprise),
            "month": month,
            "kind": form["kind"],
            "to_org": form["to_org"],
            "hazards": tuple(found) if form["kind"] == "ordinary" else (),
            "older": tuple(older),
            "text": form["text"],
        }
        return [act("report.filed", data)]

    return _done(request, here, caller, form, told, filed)


@report_forms.post("/reports/{enterprise}/{month}/withdraw", response_model=None)
def withdraw(
    request: Request,
    enterprise: OrganisationKey,
    month: Month,
    here: TheServing,
    caller: TheCaller,
    form: TheForm,
    _: Shown,
) -> Response:
    """Take the report back; what was filed stays on record."""
    told = tell_month(here, caller, enterprise, month)
    data = {"enterprise": str(enterprise), "month": month, "reason": form["reason"]}
    return _done(request, here, caller, form, told, lambda: [act("report.withdrawn", data)])


@report_forms.post("/reports/{enterprise}/{month}/endorse", response_model=None)
def endorse(
    request: Request,
    enterprise: OrganisationKey,
    month: Month,
    here: TheServing,
    caller: TheCaller,
    form: TheForm,
    _: Shown,
) -> Response:
    """Put one's own name to the report, without an electronic signature."""
    told = tell_month(here, caller, enterprise, month)

    def endorsed() -> list[Asked]:
        data = {
            "enterprise": str(enterprise),
            "month": month,
            "role": form["role"],
            "person": caller.person,
            "filing": int(form["filing"]) if form["filing"].isdecimal() else 0,
        }
        return [act("report.endorsed", data)]

    return _done(request, here, caller, form, told, endorsed)


@report_forms.post("/reports/{enterprise}/{month}/answer", response_model=None)
def answer(
    request: Request,
    enterprise: OrganisationKey,
    month: Month,
    here: TheServing,
    caller: TheCaller,
    form: TheForm,
    _: Shown,
) -> Response:
    """Answer a report that holds hazards (3.2j)."""
    told = tell_month(here, caller, enterprise, month)
    data = {
        "enterprise": str(enterprise),
        "month": month,
        "by_org": form["by_org"],
        "answer": form["answer"],
    }
    return _done(request, here, caller, form, told, lambda: [act("report.answered", data)])


def _done(
    request: Request,
    here: Serving,
    caller: Caller,
    form: Filled,
    told: MonthTold,
    acts: Callable[[], list[Asked]],
) -> Response:
    """Record what a form asks for and go on to the report; refused, show it with what was typed."""
    try:
        send(here, caller, form, acts(), shown_in=[Reports.name, Documents.name])
    except DaochaError as problem:
        page = _page(request, here, caller, told, form, problem)
        return HTMLResponse(page, kind_of(problem).status)
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"/reports/{told.enterprise.id}/{told.month}{query}"
    return RedirectResponse(address, SEE_OTHER)

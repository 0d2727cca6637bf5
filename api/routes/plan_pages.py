"""The yearly inspection plan 年度检查计划: what is to be inspected by whom, and who never was."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.me import posts_held
from api.pages.acts_of_inspections import ADOPT_PLAN
from api.pages.render_inspections import schedule_table
from api.pages.render_matters import Paging, list_page
from api.pages.table import Field
from api.pages.words import Speech
from api.routes.beginning import Beginning
from api.routes.desk import SEE_OTHER, RecordedAt, SentForm, TheVisit, Visit
from api.routes.listed import After
from api.routes.lists import next_of
from api.routes.questions import Cursor
from api.routes.shown import Shown, fresh
from api.routes.strict import FormRoute, StrictRoute
from api.scene import Scene
from api.sent import OrganisationKey
from domain.inspection import InspectionPlanned, plan_id
from domain.moment import local_day, parse_moment
from domain.organisation import OrgKind
from domain.record import facts_of
from domain.trace import about
from projections.inspections import list_never_inspected, list_schedule
from projections.organisations import list_organisations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.caller import Caller
    from api.pages.acts import ActForm, Options, Tried
    from api.serving import Serving

plan_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
plan_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_PAGE, _NEVER = 50, 20
Year = Annotated[int | None, Query(ge=1990, le=2100)]


class PlanDesk(Beginning):
    """A department's plan for a year: adopted once, and what has been planned since."""

    forms = (ADOPT_PLAN,)
    word = "plan"
    at = path = "/inspections/plan"
    keeps = ("department", "year")

    def __init__(self, visit: Visit, scene: Scene, year: int, after: str | None = None) -> None:
        super().__init__(visit, scene)
        self.year = year
        self.cursor = after
        plan = self.here.ledger.record(plan_id(scene.enterprise, year))
        self.plan = next(facts_of([*plan], InspectionPlanned), None)

    @property
    def posted(self) -> Mapping[str, Any]:
        """No address: whose plan it is and its year fix the record."""
        return {}

    def offers(self) -> Mapping[str, None]:
        """Return what can be done: a plan is adopted once a year."""
        return {} if self.plan else {ADOPT_PLAN.topic: None}

    def options(self) -> Options:
        """Return what can be chosen: nothing."""
        return {}

    def known(self, form: ActForm) -> dict[str, Any]:  # noqa: ARG002 - it has one form
        """Return whose plan it is, and for which year."""
        return {"year": self.year}

    def after(self, form: ActForm) -> str:  # noqa: ARG002 - as above
        """Return the page itself."""
        return self.address

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page."""
        lang, switches = self.view
        say, scene, here = Speech(lang), self.scene, self.here
        department = scene.enterprise
        paging = Cursor("plan_page", department, self.year)
        rows = list_schedule(
            here.views,
            department=department,
            year=self.year,
            today=scene.today,
            limit=_PAGE + 1,
            after=paging.read(self.cursor, date.fromisoformat, UUID),
        )
        never = list_never_inspected(here.views, limit=_NEVER, scope=self.authority.scope)
        return list_page(
            "plan",
            schedule_table(rows[:_PAGE], dict(scene.posts(department)), say),
            self._fields(),
            Paging(self.cursor, next_of(paging, rows, _PAGE, "planned")),
            fresh(here, "inspection"),
            lang,
            switches,
            template="matters/plan.html",
            place=scene.place,
            year=self.year,
            plan=self.plan[1] if self.plan else None,
            adopted=self.plan[0].recorded if self.plan else None,
            acts=self.acts(tried),
            recorded=recorded,
            never=[{**row, "since": local_day(parse_moment(row["began"]))} for row in never],
            about=about(scene.docket, f"org:{department}", clauses=("1.2b", "4.3d", "5.1b")),
        )

    def _fields(self) -> list[Field]:
        own = self._departments()
        chosen = str(self.scene.enterprise)
        return [
            Field("department", "plan.department", "choice", chosen, own),
            Field("year", "plan.year", "number", str(self.year)),
        ]

    def _departments(self) -> tuple[tuple[str, str], ...]:
        """Return whose plans somebody may look at: their own bodies', and this one."""
        orgs = dict.fromkeys([self.scene.enterprise, *self.hands.organisations])
        named = [(str(org), self.scene.name(org)) for org in orgs]
        return tuple((org, name) for org, name in named if name)


def _department(here: Serving, caller: Caller, asked: UUID | None) -> UUID | None:
    """Return whose plan is meant: the one asked for, else that of the visitor's own body."""
    if asked is not None:
        return asked
    held = posts_held(here, caller.person) if caller.person else []
    if held:
        return held[0].organisation
    first = list_organisations(here.views, limit=1, kind=OrgKind.DEPARTMENT.value)
    return first[0]["id"] if first else None


def _plan(
    visit: Visit, department: UUID | None, year: int | None, after: str | None = None
) -> PlanDesk | None:
    """Return the plan that is meant, if one may see it; None where there is no department."""
    body = _department(visit.here, visit.caller, department)
    if body is None:
        return None
    visit.authority.see_organisation(body)
    scene = Scene(visit.here, body, visit.authority)
    return PlanDesk(visit, scene, year or scene.today.year, after)


@plan_pages.get("/inspections/plan", response_model=None)
def plan(
    *,
    visit: TheVisit,
    _: Shown,
    department: OrganisationKey | None = None,
    year: Year = None,
    after: After = None,
    recorded: RecordedAt = None,
) -> Response:
    """Return a department's plan for a year."""
    found = _plan(visit, department, year, after)
    return found.page(recorded) if found else RedirectResponse("/inspections", SEE_OTHER)


@plan_forms.post("/inspections/plan", response_model=None)
def adopt_plan(
    *,
    visit: TheVisit,
    sent: SentForm,
    _: Shown,
    department: OrganisationKey | None = None,
    year: Year = None,
    after: After = None,  # noqa: ARG001 - of the page it was sent from
    recorded: RecordedAt = None,  # noqa: ARG001 - as above
) -> Response:
    """Adopt the plan."""
    found = _plan(visit, department, year)
    return found.sent(sent) if found else RedirectResponse("/inspections", SEE_OTHER)

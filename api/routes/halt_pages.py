"""Halts and resumption 停产停业与恢复: the list, a halt, what is done about it, ordering one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import TheAuthority
from api.pages.acts_of_orders import GROUNDS, HALT_ACTS, ORDER_HALT
from api.pages.render_matters import Paging, halt_fields, halts_table, list_page, matter_page
from api.pages.words import Speech
from api.routes.beginning import Beginning, serve_beginning
from api.routes.desk import RecordDesk, Visit, serve_record
from api.routes.listed import After, most, sheet
from api.routes.lists import next_of
from api.routes.questions import Cursor
from api.routes.shown import Shown, fresh, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.sent import Text
from api.serving import TheServing
from domain.errors import NotFound
from domain.halt import HaltOrdered, ProductionObserved, ProductionResumed
from domain.record import Record, facts_of, follows, moment_of
from projections.halts import list_halts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from api.pages.acts import ActForm, Options, Tried

halt_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
halt_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_PAGE = 50
_IN_FORCE = {"yes": True, "no": False}
Words = Annotated[Text, Query(max_length=100)]


@halt_pages.get("/halts")
def halts(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    state: Words = "",
    after: After = None,
) -> HTMLResponse:
    """Return the halts that somebody may see, those ordered last first."""
    lang, switches = view_of(request)
    paging = Cursor("halt_page", state)
    rows = list_halts(
        here.views,
        limit=_PAGE + 1,
        in_force=_IN_FORCE.get(state),
        after=paging.read(after, date.fromisoformat, UUID),
        scope=authority.scope,
    )
    say = Speech(lang)
    return HTMLResponse(
        list_page(
            "halts",
            halts_table(rows[:_PAGE], say),
            halt_fields(state, say),
            Paging(after, next_of(paging, rows, _PAGE, "since_on")),
            fresh(here, "halt"),
            lang,
            switches,
            export=f"/halts.xlsx?{request.url.query}",
            new=[("/halts/new", "halts.new")],
        )
    )


@halt_pages.get("/halts.xlsx")
def halts_sheet(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    state: Words = "",
    after: After = None,  # noqa: ARG001 - the sheet holds every page
) -> Response:
    """Return all of them as a spreadsheet."""
    say = Speech(view_of(request)[0])
    rows = list_halts(
        here.views, limit=most(), in_force=_IN_FORCE.get(state), scope=authority.scope
    )
    return sheet(halts_table(rows, say), "halts", say)


class HaltDesk(RecordDesk):
    """A halt, and what can be done about it."""

    noun = "halt"
    path = "/halts"
    forms = HALT_ACTS

    def __init__(self, visit: Visit, record: UUID) -> None:
        super().__init__(visit, record)
        self.halt = Record(self.tag, self.scene.docket.about(self.tag))
        first = next(facts_of(self.halt.entries, HaltOrdered), None)
        if first is None:
            raise NotFound("此停产决定已更正撤回", "this halt was taken back by a correction")
        self.entry, self.fact = first

    @property
    def posted(self) -> Mapping[str, Any]:
        """The halt's address: what is seen of production begins a record of its own."""
        return {"record": self.record}

    def address_of(self, form: ActForm) -> Mapping[str, Any]:
        """Return the address of an act: production seen is on record by itself."""
        return {} if form.topic.startswith("production.") else self.posted

    def known(self, form: ActForm) -> Mapping[str, Any]:
        """Return the enterprise, for what begins a record."""
        if form.topic.startswith("production."):
            return {"enterprise": str(self.scene.enterprise)}
        return {}

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return what can be done: nothing more once it is lifted."""
        if self.halt.first("halt.lifted"):
            return {}
        return dict.fromkeys(form.topic for form in HALT_ACTS)

    def options(self) -> Options:
        """Return what can be chosen: nothing."""
        return {}

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page."""
        scene = self.scene
        lifted = self.halt.last("halt.lifted")
        return matter_page(
            "matters/halt.html",
            scene,
            scene.about(self.tag, defied=self._produced()),
            self.acts(tried),
            recorded,
            *self.view,
            bundle=f"/api/v1/bundles/traces/{scene.enterprise}?at={scene.today}",
            fact=self.fact,
            by=scene.name(self.fact.by_org),
            since=self.entry.happened,
            lifted=moment_of(lifted) if lifted else None,
            hazards=[*self._hazards()],
        )

    def _produced(self) -> bool:
        """Tell whether production was seen, or resumed, since the halt."""
        kinds = (ProductionObserved, ProductionResumed)
        return any(
            isinstance(entry.fact, kinds) and follows(entry, self.entry)
            for entry in self.scene.docket.own
        )

    def _hazards(self) -> Iterator[dict[str, Any]]:
        """Yield each hazard in the halt's scope, and whether the regulator accepted it."""
        for each in self.fact.hazards:
            hazard = self.scene.docket.hazards.get(each)
            if hazard:
                accepted = hazard.last("hazard.accepted")
                passed = accepted and getattr(accepted.fact, "passed", False)
                outside = accepted and getattr(accepted.fact, "by_org", None) not in (
                    None,
                    self.scene.enterprise,
                )
                yield {
                    "id": str(each),
                    "number": hazard.number,
                    "description": hazard.description or "",
                    "accepted": moment_of(accepted) if accepted and passed and outside else None,
                }


class NewHalt(Beginning):
    """Ordering a halt, by a department or by the enterprise itself (2.1k)."""

    forms = (ORDER_HALT,)
    word = "halts.new"
    at = "/halts/new"
    path = "/halts"

    def options(self) -> Options:
        """Return the grounds, and the hazards still open at the enterprise."""
        zh = self.view[0] == "zh"
        return {
            "grounds": [(key, words[not zh]) for key, words in GROUNDS.items()],
            "hazards": self.scene.open_hazards(),
        }


serve_beginning(halt_pages, halt_forms, NewHalt)
serve_record(halt_pages, halt_forms, HaltDesk)

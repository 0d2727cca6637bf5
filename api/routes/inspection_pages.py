"""Inspections 检查: the list, an inspection, what is done about it, recording and planning one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import TheAuthority
from api.commands import Asked
from api.operations import operations
from api.pages.acts import read
from api.pages.acts_of_inspections import (
    DISPOSITIONS,
    HOLD,
    INSPECTION_ACTS,
    KINDS,
    SCHEDULE,
)
from api.pages.render_inspections import inspection_fields, inspection_tag, inspections_table
from api.pages.render_matters import Paging, list_page, matter_page
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
from domain.inspection import (
    FindingDisposed,
    InspectionPhotographed,
    InspectionRecord,
    InspectionScheduled,
    RecordSigned,
)
from domain.moment import local_day
from domain.record import facts_of
from projections.inspections import list_inspections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from api.pages.acts import ActForm, Given, Options, Tried

inspection_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
inspection_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_PAGE = 50
Words = Annotated[Text, Query(max_length=100)]


@inspection_pages.get("/inspections")
def inspections(
    *,
    request: Request,
    here: TheServing,
    authority: TheAuthority,
    _: Shown,
    state: Words = "",
    after: After = None,
) -> HTMLResponse:
    """Return the inspections that somebody may see, the latest first."""
    lang, switches = view_of(request)
    say = Speech(lang)
    paging = Cursor("inspection_page", state)
    rows = list_inspections(
        here.views,
        today=local_day(here.now()),
        limit=_PAGE + 1,
        state=state or None,
        after=paging.read(after, date.fromisoformat, UUID),
        scope=authority.scope,
    )
    return HTMLResponse(
        list_page(
            "inspections",
            inspections_table(rows[:_PAGE], say),
            inspection_fields(state, say),
            Paging(after, next_of(paging, rows, _PAGE, "due_on")),
            fresh(here, "inspection"),
            lang,
            switches,
            export=f"/inspections.xlsx?{request.url.query}",
            new=[
                ("/inspections/site", "site.title"),
                ("/inspections/new", "inspections.new"),
                ("/inspections/plan", "inspections.plan"),
            ],
        )
    )


@inspection_pages.get("/inspections.xlsx")
def inspections_sheet(
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
    rows = list_inspections(
        here.views,
        today=local_day(here.now()),
        limit=most(),
        state=state or None,
        scope=authority.scope,
    )
    return sheet(inspections_table(rows, say), "inspections", say)


def officers_of(given: Given) -> dict[str, Any]:
    """Return the officers that a form names, as the fact holds them."""
    return {"officers": [{"person": each} for each in given.get("officers", ()) if each]}


class InspectionDesk(RecordDesk):
    """An inspection, planned or held, and what can be done about it."""

    noun = "inspection"
    path = "/inspections"
    forms = INSPECTION_ACTS

    def __init__(self, visit: Visit, record: UUID) -> None:
        super().__init__(visit, record)
        self.inspection = InspectionRecord(self.tag, self.scene.docket.about(self.tag))
        self.entry = self.inspection.first("inspection.held")
        self.held: Any = self.inspection.fact("inspection.held")
        plan = next(facts_of(self.inspection.entries, InspectionScheduled), None)
        self.planned = plan[1] if plan else None
        if not self.held and not self.planned:
            raise NotFound("此次检查已更正撤回", "this inspection was taken back by a correction")

    @property
    def department(self) -> UUID:
        """Who inspected, or is to."""
        if self.planned and not self.held:
            return self.planned.department
        return UUID(str(self.held.by_org))

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return what can be done: nothing more once its file is closed."""
        own = [self.department]
        if self.inspection.first("inspection.file_closed"):
            return {}
        if not self.held:
            return {"inspection.held": own}
        disposed = {"inspection.finding_disposed": own} if self.inspection.undisposed else {}
        return {
            "inspection.finding_recorded": own,
            **disposed,
            "inspection.record_signed": own,
            "inspection.file_closed": own,
        }

    def known(self, form: ActForm) -> Mapping[str, Any]:
        """Return what the page knows of the fact that an act records."""
        if form.topic == "inspection.held":
            return {"enterprise": str(self.scene.enterprise)}
        return {}

    def shaped(self, form: ActForm, given: Given) -> Mapping[str, Any]:
        """Return the officers as the fact holds them."""
        return officers_of(given) if form.topic == "inspection.held" else {}

    def given(self, form: ActForm) -> Given:
        """Return the number of the next finding."""
        number = max(self.inspection.findings, default=0) + 1
        return {"item": [str(number)]} if form.topic == "inspection.finding_recorded" else {}

    def options(self) -> Options:
        """Return what can be chosen."""
        scene, n = self.scene, int(self.view[0] != "zh")
        findings = self.inspection.findings
        return {
            "kinds": [(key, words[n]) for key, words in KINDS.items()],
            "dispositions": [(key, words[n]) for key, words in DISPOSITIONS.items()],
            "officers": scene.people([self.department]),
            "people": scene.people([scene.enterprise]),
            "signers": scene.people([scene.enterprise, self.department]),
            "undisposed": [
                (str(item), f"{item}. {findings[item][1].text}"[:60])
                for item in self.inspection.undisposed
            ],
            "hazards": scene.open_hazards(),
            "bodies": scene.bodies if self.held else (),
        }

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page."""
        lang, switches = self.view
        scene, held, record = self.scene, self.held, self.inspection
        day = self.planned.planned if self.planned else None
        state = {
            "closed": record.first("inspection.file_closed"),
            "held": held,
            "undisposed": len(record.undisposed),
            "missed": day is not None and day < scene.today,
        }
        return matter_page(
            "matters/inspection.html",
            scene,
            scene.about(self.tag),
            self.acts(tried),
            recorded,
            lang,
            switches,
            bundle=f"/api/v1/bundles/traces/{scene.enterprise}?at={scene.today}",
            record=self.record,
            kind=held.kind.value if held else None,
            state=inspection_tag(state, Speech(lang)),
            department=scene.name(self.department),
            planned=day.isoformat() if day else None,
            held=self.entry.happened if self.entry else None,
            until=held.until if held else None,
            where=str(held.place) if held and held.place else "",
            officers=[scene.person(each.person) for each in held.officers] if held else [],
            findings=[*self._findings()],
            undisposed=record.undisposed,
            signatures=[*self._signatures()],
        )

    def _findings(self) -> Iterator[dict[str, Any]]:
        record, scene = self.inspection, self.scene
        photos = [*facts_of(record.entries, InspectionPhotographed)]
        for item, (_, finding) in sorted(record.findings.items()):
            done = record.disposition(item)
            fact = done.fact if done and isinstance(done.fact, FindingDisposed) else None
            hazard = scene.docket.hazards.get(finding.hazard) if finding.hazard else None
            ordered = fact and fact.disposition == "order" and fact.reference
            yield {
                "item": item,
                "text": str(finding.text),
                "unlawful": finding.unlawful_act,
                "hazard": finding.hazard,
                "number": hazard.number if hazard else "",
                "photos": [
                    {"digest": each.digest, "at": entry.happened}
                    for entry, each in photos
                    if each.item == item
                ],
                "disposition": fact.disposition.value if fact else None,
                "href": f"/orders/{fact.reference}" if fact and ordered else None,
                "to": scene.name(fact.to_org) if fact else "",
            }

    def _signatures(self) -> Iterator[dict[str, Any]]:
        for entry, fact in facts_of(self.inspection.entries, RecordSigned):
            who = self.scene.person(fact.person) if fact.person else str(fact.signer or "")
            yield {
                "who": who,
                "refused": fact.refused,
                "reason": str(fact.reason or ""),
                "witness": str(fact.witness) if fact.witness else "",
                "at": entry.happened,
            }


class NewInspection(Beginning):
    """Recording an inspection with its findings, at a desk."""

    forms = (HOLD,)
    word = "inspections.new"
    at = "/inspections/new"
    path = "/inspections"
    grows = "findings"

    def options(self) -> Options:
        """Return what can be chosen."""
        n = int(self.view[0] != "zh")
        return {
            "kinds": [(key, words[n]) for key, words in KINDS.items()],
            "officers": self.scene.people(self.hands.organisations),
            "people": self.scene.people([self.scene.enterprise]),
        }

    def given(self, form: ActForm) -> Given:  # noqa: ARG002 - it has one form
        """Return one blank finding."""
        return {"findings.0.item": ["1"], "kind": ["routine"]}

    def shaped(self, form: ActForm, given: Given) -> Mapping[str, Any]:  # noqa: ARG002 - as above
        """Return the officers as the fact holds them."""
        return officers_of(given)

    def with_it(self, form: ActForm, given: Given) -> Sequence[Asked]:
        """Return the findings, which are recorded with it."""
        operation = operations()["inspection.finding_recorded"]
        rows = read(form, given).values.get("findings", [])
        enterprise = str(self.scene.enterprise)
        return [
            Asked(
                operation,
                operation.data.model_validate({**row, "enterprise": enterprise}),
                {"record": self.record},
            )
            for row in rows
            if row.get("text")
        ]


class NewSchedule(Beginning):
    """Putting an enterprise on the plan (1.2b)."""

    forms = (SCHEDULE,)
    word = "schedule.new"
    at = "/inspections/schedule"
    path = "/inspections"

    def options(self) -> Options:
        """Return the posts of the visitor's own department."""
        own = dict.fromkeys(self.hands.organisations)
        return {"own_posts": [each for org in own for each in self.scene.posts(org)]}


serve_beginning(inspection_pages, inspection_forms, NewInspection)
serve_beginning(inspection_pages, inspection_forms, NewSchedule)
serve_record(inspection_pages, inspection_forms, InspectionDesk)

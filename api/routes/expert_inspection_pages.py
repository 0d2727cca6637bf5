"""Inspections by experts 专家检查: an enterprise's ledger (2.1n), one with reports, rechecks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.access import TheAuthority, TheCaller
from api.expert_ledger import expert_ledger
from api.pages.acts_of_experts import EXPERT_INSPECTION_ACTS, NOT_SIGNING
from api.pages.render_experts import ledger_table
from api.pages.render_matters import Paging, list_page, matter_page
from api.pages.words import Speech
from api.routes.desk import RecordDesk, Visit, serve_record
from api.routes.experts import keep_reading
from api.routes.shown import Shown, fresh, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.scene import Scene
from api.sent import OrganisationKey
from api.serving import TheServing
from domain.errors import NotFound
from domain.policy.expert_views import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.pages.acts import ActForm, Given, Options, Tried

expert_inspection_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
expert_inspection_forms = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
_OF_FINDINGS = ("measure_set", "safeguarded", "rectified", "ready_for_recheck", "rechecked")


@expert_inspection_pages.get("/enterprises/{enterprise}/experts")
def ledger(
    *,
    request: Request,
    enterprise: OrganisationKey,
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
    _: Shown,
) -> HTMLResponse:
    """Return an enterprise's ledger of inspections by experts; read on record (2.4b)."""
    lang, switches = view_of(request)
    scene = Scene(here, enterprise, authority)
    told = expert_ledger(scene.docket)
    keep_reading(here, caller, told)
    code = scene.place.code
    return HTMLResponse(
        list_page(
            "ledger",
            ledger_table(told.inspections, Speech(lang)),
            [],
            Paging(None, None),
            fresh(here, "expert"),
            lang,
            switches,
            export=f"/api/v1/enterprises/{code}/expert-ledger.xlsx",
            new=[(f"/experts/panel?enterprise={code}", "panel.new")],
        )
    )


class ExpertInspectionDesk(RecordDesk):
    """An inspection by experts, and what can be done about it."""

    noun = "expert_inspection"
    path = "/expert-inspections"
    forms = EXPERT_INSPECTION_ACTS

    def __init__(self, visit: Visit, record: UUID) -> None:
        super().__init__(visit, record)
        found = [e for e in self.scene.docket.expert_inspections if e.key == str(record)]
        if not found:
            raise NotFound("此次专家检查已更正撤回", "this inspection was taken back")
        self.inspection = found[0]

    def offers(self) -> Mapping[str, Sequence[UUID] | None]:
        """Return what can be done as far as it has come."""
        acts = [] if self.inspection.held else ["held"]
        if self.inspection.held:
            acts += ["report_delivered", "signed", "unsigned", "file_closed"]
        if self.inspection.findings:
            acts += _OF_FINDINGS
        return dict.fromkeys(f"expert_inspection.{act}" for act in acts)

    def known(self, form: ActForm) -> Mapping[str, str]:
        """Return the enterprise, for what can begin a record."""
        is_held = form.topic == "expert_inspection.held"
        return {"enterprise": str(self.scene.enterprise)} if is_held else {}

    def options(self) -> Options:
        """Return what can be chosen."""
        n = int(self.view[0] != "zh")
        findings = self.inspection.findings
        return {
            "members": [(str(p), self.scene.person(p)) for p in self.inspection.members],
            "subjects": [(key.value, words[n]) for key, words in SUBJECTS.items()],
            "items": [(str(i), f"{i}. {each.text}"[:60]) for i, (_, each) in findings.items()],
            "posts": self.scene.posts(self.scene.enterprise),
            "not_signing": [(key, words[n]) for key, words in NOT_SIGNING.items()],
        }

    def given(self, form: ActForm) -> Given:
        """Return a row for each member, and for each finding."""
        members = self.inspection.members
        rows: dict[str, list[str]] = {"part": ["0"]}
        if form.act in ("held", "rechecked"):
            for n, (person, specialty) in enumerate(members.items()):
                rows[f"experts.{n}.person"] = [str(person)]
                rows[f"experts.{n}.specialty"] = [specialty]
        if form.act == "rechecked":
            rows["number"] = [str(len(self.inspection.rechecks) + 1)]
            rows |= {f"items.{n}.item": [str(i)] for n, i in enumerate(self.inspection.findings)}
        if form.act == "report_delivered":
            rows |= {f"findings.{n}.item": [str(n + 1)] for n in range(4)}
        return rows

    def render(self, tried: Tried | None, recorded: int | None) -> str:
        """Return the page; reading a report is on record (2.4b)."""
        scene = self.scene
        whole = expert_ledger(scene.docket)
        (told,) = [each for each in whole.inspections if each.id == self.record]
        one = whole.model_copy(update={"inspections": [told]})
        keep_reading(self.here, self.caller, one)
        return matter_page(
            "matters/expert_inspection.html",
            scene,
            scene.about(self.tag),
            self.acts(tried),
            recorded,
            *self.view,
            bundle=f"/api/v1/bundles/traces/{scene.enterprise}?at={scene.today}",
            told=told,
        )


serve_record(expert_inspection_pages, expert_inspection_forms, ExpertInspectionDesk)

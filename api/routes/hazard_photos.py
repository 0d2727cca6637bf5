"""Photographs of a hazard: sent by the form on its page, and shown as harmless JPEG files."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.access import TheAuthority, TheCaller
from api.filling import TheForm, send
from api.hazard_told import hazard_docket
from api.pages.render_hazards import Refused
from api.photos import find
from api.photos_told import MOST, photo_acts
from api.pictures import LARGE, SMALL, shown
from api.problems import kind_of
from api.routes.hazard_pages import HazardRecordId, hazard_page_of, to_hazard
from api.routes.shown import Shown
from api.routes.strict import StrictRoute, UploadRoute
from api.serving import TheServing
from domain.errors import DaochaError, Invalid, NotFound
from domain.photo import HazardPhotographed
from domain.record import facts_of
from projections.hazards import Hazards
from projections.photos import Photos

photo_pages = APIRouter(route_class=StrictRoute, include_in_schema=False)
photo_forms = APIRouter(
    route_class=UploadRoute,
    include_in_schema=False,
    default_response_class=HTMLResponse,
    max_body_size=24 * 1024 * 1024,  # six photographs of a phone
)
_AN_HOUR = "private, max-age=3600"


async def _sent(request: Request) -> list[bytes]:
    """Return the files that a form holds, as they came."""
    sent = (await request.form()).getlist("photo")
    files = [await each.read() for each in sent if not isinstance(each, str)]
    return [data for data in files if data]


@photo_forms.post("/hazards/{hazard}/photos", response_model=None)
def photograph(
    *,
    request: Request,
    hazard: HazardRecordId,
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
    form: TheForm,
    files: Annotated[list[bytes], Depends(_sent)],
    _: Shown,
) -> Response:
    """Keep photographs, and put their hashes on record."""
    docket = hazard_docket(here, authority, hazard)
    try:
        _check_number(files)
        acts = photo_acts(here, form, hazard, files)
        send(here, caller, form, acts, shown_in=[Hazards.name, Photos.name])
    except DaochaError as problem:
        refused = Refused("photos", form, problem)
        page = hazard_page_of(request, here, caller, authority, docket, hazard, refused)
        return HTMLResponse(page, kind_of(problem).status)
    return to_hazard(request, hazard, "#photos")


def _check_number(files: list[bytes]) -> None:
    if not 1 <= len(files) <= MOST:
        raise Invalid(
            f"一次上传1至{MOST}张照片",
            f"between one and {MOST} photographs are sent at once",
            todo_zh="选择照片后再提交",
            todo_en="choose them and send again",
            where="photo",
        )


@photo_pages.get("/hazards/{hazard}/photos/{digest}")
def photo(
    *,
    hazard: HazardRecordId,
    digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    here: TheServing,
    _: TheCaller,
    small: Annotated[Literal["1"] | None, Query()] = None,
) -> Response:
    """Return a photograph of a hazard, made anew from its pixels: no place, no camera in it."""
    on_record = facts_of([*here.ledger.record(hazard, open_sealed=False)], HazardPhotographed)
    if digest not in {fact.digest for _, fact in on_record}:
        raise NotFound("这项隐患没有这张照片", "the hazard has no such photograph")
    made = shown(find(here.settings.home, digest), SMALL if small else LARGE)
    return Response(made, media_type="image/jpeg", headers={"Cache-Control": _AN_HOUR})

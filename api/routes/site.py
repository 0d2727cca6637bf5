"""Inspecting on site with no connection 现场检查: the page, its worker, the pack, photographs.

The page itself holds nothing of anybody: it is kept by the browser, and filled from what the
browser keeps. What was done on site is sent when there is a connection, through the same commands
as everything else.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.access import TheAuthority, TheCaller
from api.commands import Asked, perform
from api.documentation import ERRORS
from api.operations import operations
from api.pages.render import STATIC, Page, render
from api.pages.words import Speech
from api.pages.words_of_site import SITE_WORDS
from api.photos import check, find, store
from api.routes.commands import CommandId
from api.routes.shown import Shown, view_of
from api.routes.strict import StrictRoute
from api.sent import SentInstant
from api.serving import TheServing
from api.site_pack import Pack, pack
from domain.errors import NotFound
from domain.inspection import InspectionPhotographed
from domain.record import facts_of

PAGE = "/inspections/site"
KEPT = (
    *("/static/style.css", "/static/matters.css", "/static/site.css", "/static/mark.svg"),
    *("/static/site.js", "/static/site_store.js", "/static/site_sending.js"),
)
"""What the page needs without a connection."""
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


class PhotoRoute(StrictRoute):
    """A route that takes a photograph and nothing else."""

    media_type = "image/jpeg"


site_pages = APIRouter(route_class=StrictRoute, include_in_schema=False)
site_photos = APIRouter(route_class=PhotoRoute, tags=["监督检查 · Inspections"])


@site_pages.get(PAGE)
def site(request: Request, _: Shown) -> HTMLResponse:
    """Return the page, which is the same for everybody."""
    lang, switches = view_of(request)
    shown = replace(switches, inside=True, visitor=None)
    say = Speech(lang)
    words = {key.removeprefix("site."): say(key) for key in SITE_WORDS}
    page = render("matters/site.html", Page(lang, shown, {}), lang, words=words)
    return HTMLResponse(page)


@site_pages.get("/inspections/worker.js")
def worker() -> Response:
    """Return the worker that keeps the page; it changes whenever anything that it keeps does."""
    files = [STATIC / name.rpartition("/")[2] for name in KEPT]
    templates = STATIC.parent / "templates"
    files += [templates / "matters" / "site.html", templates / "base.html"]
    version = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    script = (STATIC / "site_worker.js").read_text("utf-8").replace("VERSION", version)
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@site_pages.get("/inspections/pack")
def taken_along(here: TheServing, caller: TheCaller, authority: TheAuthority) -> Pack:
    """Return what an inspector takes along, with the token that sending asks for."""
    return pack(here, caller, authority)


class PhotoKept(BaseModel):
    """A photograph that was kept."""

    position: int
    digest: str = Field(description="照片文件的 SHA-256")


async def _photograph(request: Request) -> bytes:
    return await request.body()


@site_photos.post(
    "/inspections/{record}/photos",
    summary="上传现场照片 · A photograph taken on site",
    status_code=201,
    responses=ERRORS,
    openapi_extra={"requestBody": {"content": {"image/jpeg": {"schema": {"type": "string"}}}}},
)
def photograph(  # noqa: PLR0913 - each is a part of what is sent
    *,
    record: UUID,
    command: CommandId,
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
    captured: Annotated[SentInstant, Query(description="拍摄时间 · when it was taken")],
    item: Annotated[int | None, Query(ge=1, le=10_000, description="问题序号")] = None,
    by_post: Annotated[UUID | None, Query(description="以何岗位 · in which post")] = None,
    data: Annotated[bytes, Depends(_photograph)] = b"",
) -> PhotoKept:
    """Keep the file under its hash, and put that on record with when it was taken."""
    authority.see_record(record)
    digest = check(data)
    operation = operations()["inspection.photographed"]
    told = {"digest": digest, "size": len(data)} | ({"item": item} if item else {})
    asked = Asked(operation, operation.data.model_validate(told), {"record": record}, captured)
    receipt = perform(here, caller, command, [asked], by_post)
    store(here.settings.home, data)  # sent again after a fault, it is recorded once and kept
    return PhotoKept(position=receipt.positions[0], digest=digest)


@site_pages.get("/inspections/{record}/photos/{digest}")
def photo(record: UUID, digest: Digest, here: TheServing, authority: TheAuthority) -> Response:
    """Return a photograph of an inspection."""
    authority.see_record(record)
    taken = facts_of([*here.ledger.record(record)], InspectionPhotographed)
    if digest not in {fact.digest for _, fact in taken}:
        raise NotFound("此次检查没有这张照片", "the inspection has no such photograph")
    return Response(find(here.settings.home, digest), media_type="image/jpeg")

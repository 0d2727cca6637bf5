"""The check page 文书查验: a short code or a QR code leads here, without an account.

An unknown code is answered by one look-up in an index and says so plainly; codes have 80 bits, so
that trying them out finds nothing.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Annotated

import segno
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.bundling import Bundler
from api.checking import Checked, check
from api.pages.render import check_page
from api.routes.bundles import file_of
from api.routes.shown import Shown, view_of
from api.routes.strict import StrictRoute
from api.serving import TheServing
from api.sessions import own_origin
from domain.errors import NotFound
from domain.proof.code import read_code
from projections.log import Log

if TYPE_CHECKING:
    from api.serving import Serving

checks = APIRouter(route_class=StrictRoute, include_in_schema=False, prefix="/check")
_Code = Annotated[str, Path(max_length=40)]
_SEE_OTHER = 303


@checks.get("", response_class=HTMLResponse, response_model=None)
def form(
    request: Request,
    _: Shown,
    code: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Return the form that takes a code, or lead on to what it stands for."""
    if code is not None:
        query = request.url.include_query_params().remove_query_params("code").query
        where = f"/check/{read_code(code)}"
        return RedirectResponse(f"{where}?{query}" if query else where, _SEE_OTHER)
    page = check_page(None, *view_of(request))
    return HTMLResponse(page)


@checks.get("/{code}", response_class=HTMLResponse)
def shown(code: _Code, request: Request, here: TheServing, _: Shown) -> HTMLResponse:
    """Return what the record says of the document with that code."""
    found = _check(here, code)
    page = check_page(found, *view_of(request))
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


@checks.get("/{code}/bundle")
def bundle(code: _Code, here: TheServing) -> Response:
    """Return the evidence bundle of the document's matter, names and words kept back."""
    found = _check(here, code)
    bundler = Bundler(here.ledger, Log(here.ledger))
    data = bundler.of_document(found.entry, mask=True)
    if data is None:
        raise NotFound(
            "此类文书尚无单独的证据包",
            "there is no bundle of this kind of document by itself",
            todo_zh="请向出具单位索取",
            todo_en="ask who issued it",
        )
    return file_of(data, f"check-{found.code}")


@checks.get("/{code}/qr.svg")
def qr(code: _Code, request: Request) -> Response:
    """Return the QR code that leads to the check page, to be put on the document."""
    image = segno.make(f"{own_origin(request)}/check/{read_code(code)}", error="m", micro=False)
    svg = BytesIO()
    image.save(svg, kind="svg", scale=4, omitsize=True)
    return Response(svg.getvalue(), media_type="image/svg+xml")


def _check(here: Serving, code: str) -> Checked:
    return check(here.ledger, here.views, Log(here.ledger), code, here.now())

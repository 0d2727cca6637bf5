"""The button that makes a document out on paper 出具文书: issued on record, then shown as the file."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.access import TheAuthority, TheCaller, actor
from api.documents.issuing import issue, make
from api.routes.desk import SEE_OTHER
from api.routes.papers import check_page_of
from api.routes.shown import Shown
from api.routes.strict import FormRoute
from api.serving import TheServing
from projections.log import Log

paper_forms = APIRouter(route_class=FormRoute, include_in_schema=False)


@paper_forms.post("/papers", response_model=None)
def issue_paper(
    *,
    request: Request,
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
    _: Shown,
    csrf: Annotated[str, Form(max_length=200)],  # noqa: ARG001 - asked by TheCaller
    command: Annotated[UUID, Form()],
    document: Annotated[int, Form(ge=1, le=2**53 - 1)],
) -> Response:
    """Fill in the form by the newest checkpoint, put its hash on record, and show the file."""
    authority.see_paper(document)
    now = here.now()
    by = actor(here.ledger, caller, None, [now])
    made = make(here.ledger, Log(here.ledger), document, check_page_of(request))
    entry = issue(made, here.ledger, command=command, by=by, now=now)
    return RedirectResponse(f"/api/v1/papers/{entry.record}/file", SEE_OTHER)

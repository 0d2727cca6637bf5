"""Making a document out on paper from a page 出具文书: what ``POST /api/v1/papers`` does."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from api.access import TheAuthority, TheCaller, actor
from api.documents.issuing import issue, make
from api.filling import TheForm
from api.routes.papers import check_page_of
from api.routes.shown import Shown
from api.routes.strict import FormRoute
from api.serving import TheServing
from domain.errors import Unavailable
from projections.log import Log

if TYPE_CHECKING:
    from api.documents.issuing import Made
    from domain.ledger import Ledger

paper_forms = APIRouter(route_class=FormRoute, include_in_schema=False)
_SEE_OTHER = 303
_TRIES, _PAUSE = 15, 0.2
"""How often, and after how many seconds, to look again for a checkpoint that covers a document."""


@paper_forms.post("/papers", response_model=None)
def make_out(
    *,
    request: Request,
    document: Annotated[int, Form(ge=1, le=2**53 - 1)],
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
    form: TheForm,
    _: Shown,
) -> RedirectResponse:
    """Fill in the form of a fact, put its hash on record, and lead to the file."""
    authority.see_paper(document)
    now = here.now()
    by = actor(here.ledger, caller, form.post, [now])
    made = _made(here.ledger, document, check_page_of(request))
    entry = issue(made, here.ledger, command=form.command, by=by, now=now)
    return RedirectResponse(f"/api/v1/papers/{entry.record}/file", _SEE_OTHER)


def _made(ledger: Ledger, document: int, check_page: str) -> Made:
    """Make the paper; of what was recorded a moment ago, once a checkpoint covers it."""
    for _ in range(_TRIES):
        try:
            return make(ledger, Log(ledger), document, check_page)
        except Unavailable:
            sleep(_PAUSE)
    return make(ledger, Log(ledger), document, check_page)

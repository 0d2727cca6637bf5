"""Documents on paper 文书: the statutory forms as PDF/A-3, with the evidence inside."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from api.access import TheAuthority, TheCaller, actor
from api.documentation import ERRORS, ERRORS_OF_QUESTIONS
from api.documents.forms import FORMS
from api.documents.issuing import CODE_STANDS_FOR, issue, issued_paper, make, make_again
from api.routes.commands import CommandId
from api.routes.strict import StrictRoute
from api.sent import Sent
from api.serving import TheServing
from api.sessions import own_origin
from domain.paper import PaperIssued
from projections.log import Log

papers = APIRouter(
    route_class=StrictRoute, tags=["出具的文书 · Documents on paper"], prefix="/papers"
)


class FormTold(BaseModel):
    """A form, and the kind of fact whose paper it is."""

    topic: str = Field(examples=["order.issued"])
    zh: str = Field(examples=["责令限期整改指令书"])
    en: str


class FormsTold(BaseModel):
    """Every form."""

    forms: list[FormTold]


class PaperWanted(Sent):
    """Which document is wanted on paper."""

    document: int = Field(ge=1, description="文书在台账中的序号 · its position", examples=[1042])
    by_post: UUID | None = Field(default=None, description="以何岗位出具 · in which post")


class PaperTold(BaseModel):
    """A paper that was issued; ``file`` is where to fetch it."""

    record: UUID
    position: int
    document: int
    checkpoint: int
    digest: str = Field(description="PDF 文件的 SHA-256")
    file: str = Field(examples=["/api/v1/papers/0192f0c1-7d3a-7cc2-9a43-3f6c1f7a8a01/file"])


@papers.get(
    "/forms", summary="可出具的文书 · Which facts have a paper", responses=ERRORS_OF_QUESTIONS
)
def forms(_: TheCaller) -> FormsTold:
    """The statutory forms and those designed in their manner."""
    told = [FormTold(topic=form.topic, zh=form.zh, en=form.en) for form in FORMS.values()]
    return FormsTold(forms=told)


@papers.post(
    "",
    summary="出具文书 · Issue a document on paper",
    status_code=201,
    responses=ERRORS,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"example": {"document": 1042}}}},
    },
)
def issue_paper(
    body: PaperWanted,
    command: CommandId,
    caller: TheCaller,
    authority: TheAuthority,
    here: TheServing,
    request: Request,
) -> PaperTold:
    """Fill in the form by the newest checkpoint, put its hash on record, and say where it is."""
    authority.see_paper(body.document)
    now = here.now()
    by = actor(here.ledger, caller, body.by_post, [now])
    made = make(here.ledger, Log(here.ledger), body.document, check_page_of(request))
    entry = issue(made, here.ledger, command=command, by=by, now=now)
    fact = entry.fact
    assert isinstance(fact, PaperIssued)  # noqa: S101 - as its record says
    return PaperTold(
        record=entry.record,
        position=entry.position,
        document=fact.document,
        checkpoint=fact.checkpoint,
        digest=fact.digest,
        file=f"/api/v1/papers/{entry.record}/file",
    )


@papers.get(
    "/{paper}/file",
    summary="文书文件 · The file",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **ERRORS_OF_QUESTIONS},
)
def paper_file(
    paper: Annotated[UUID, Path()], here: TheServing, authority: TheAuthority
) -> Response:
    """The very file that was issued, made again to the byte; refused where it differs."""
    issued = authority.find(lambda: issued_paper(here.ledger, paper))
    authority.see_paper(issued.document)
    made = make_again(here.ledger, Log(here.ledger), issued)
    disposition = f"inline; filename*=UTF-8''{quote(made.name, safe='')}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(made.file, media_type="application/pdf", headers=headers)


def check_page_of(request: Request) -> str:
    """Return the address of this server's check page, for the QR code."""
    return f"{own_origin(request)}/check/{CODE_STANDS_FOR}"

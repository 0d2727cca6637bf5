"""Evidence bundles 证据包 over HTTP: one file each, for somebody who has no access here."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response

from api.access import TheAuthority, TheCaller
from api.bundling import Bundler
from api.documentation import ERRORS_OF_QUESTIONS
from api.finding import incident_of, record_numbered
from api.routes.questions import KnownAt
from api.routes.strict import StrictRoute
from api.routes.traces import At, LookBack, Unit
from api.sent import Text
from api.serving import TheServing
from domain.monthly_report import MONTH
from domain.trace import LOOK_BACK, Question
from projections.log import Log

if TYPE_CHECKING:
    from api.serving import Serving

bundles = APIRouter(
    route_class=StrictRoute,
    tags=["证据包 · Evidence bundles"],
    responses=ERRORS_OF_QUESTIONS,
    prefix="/bundles",
    default_response_class=Response,
)
_Reference = Annotated[Text, Path(max_length=100, description="编号或档案编号 · its number or id")]
Mask = Annotated[
    bool, Query(description="不公开姓名和文字 · keep names and words back", strict=False)
]


@bundles.get("/reports/{enterprise}/{month}", summary="月报、零报告 · A monthly or zero report")
def bundle_report(
    *,
    enterprise: Unit,
    month: Annotated[str, Path(pattern=MONTH, examples=["2024-05"])],
    here: TheServing,
    _: TheCaller,
    mask: Mask = False,
) -> Response:
    """The report with its signatures, who held the posts, whose the keys were, and the rolls."""
    data = _bundler(here).of_report(enterprise, month, mask=mask)
    return file_of(data, f"report-{month}")


@bundles.get(
    "/extracts/{enterprise}",
    summary="可供银行核验的摘要 · An enterprise's extract that a bank can check",
)
def bundle_extract(*, enterprise: Unit, here: TheServing, _: TheCaller) -> Response:
    """Its hazards with their steps, and its grades; to check it takes no account (4.2c)."""
    return file_of(_bundler(here).of_extract(enterprise), "extract")


@bundles.get("/orders/{order}", summary="责令限期整改指令书 · A rectification order")
def bundle_order(
    *, order: _Reference, here: TheServing, authority: TheAuthority, mask: Mask = False
) -> Response:
    """The order from its issue to the last recheck."""
    record = authority.find(lambda: record_numbered(here.views, "order", order))
    authority.see_record(record)
    return file_of(_bundler(here).of_record("order", record, mask=mask), f"order-{record}")


@bundles.get("/hazards/{hazard}", summary="一项隐患的全过程 · A hazard's whole life")
def bundle_hazard(
    *, hazard: _Reference, here: TheServing, authority: TheAuthority, mask: Mask = False
) -> Response:
    """The hazard from its finding to its closing."""
    record = authority.find(lambda: record_numbered(here.views, "hazard", hazard))
    authority.see_record(record)
    return file_of(_bundler(here).of_record("hazard", record, mask=mask), f"hazard-{record}")


@bundles.get("/traces/{enterprise}", summary="一次倒查 · A trace of an enterprise")
def bundle_trace(
    *,
    enterprise: Unit,
    here: TheServing,
    authority: TheAuthority,
    known_at: KnownAt,
    at: At = None,
    look_back: LookBack = LOOK_BACK.days,
    mask: Mask = False,
) -> Response:
    """The trace with every fact of the case that it was made from."""
    authority.see_dossier(enterprise)
    moment = here.now().astimezone(UTC) if at is None else at
    question = Question(moment, known_at, None, timedelta(days=look_back))
    data = _bundler(here).of_trace(enterprise, question, mask=mask)
    return file_of(data, f"trace-{enterprise}")


@bundles.get("/incidents/{incident}", summary="一起事故的倒查 · The trace of an accident")
def bundle_incident(
    *,
    incident: _Reference,
    here: TheServing,
    authority: TheAuthority,
    known_at: KnownAt,
    look_back: LookBack = LOOK_BACK.days,
    mask: Mask = False,
) -> Response:
    """The trace of the enterprise at the moment of its accident, with every fact of the case."""
    found = authority.find(lambda: incident_of(here.ledger, here.views, incident))
    authority.see_dossier(found.enterprise)
    question = Question(found.at, known_at, found.id, timedelta(days=look_back))
    data = _bundler(here).of_trace(found.enterprise, question, mask=mask)
    return file_of(data, f"trace-{incident}")


def _bundler(here: Serving) -> Bundler:
    return Bundler(here.ledger, Log(here.ledger))


def file_of(data: bytes, name: str) -> Response:
    """Return a bundle as a file to keep."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}.bundle.json"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(data, media_type="application/json", headers=headers)

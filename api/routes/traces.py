"""Traces 倒查: who owed what at a place, and what the record shows of it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from api.access import TheCaller
from api.asking import ask_trace
from api.documentation import ERRORS_OF_QUESTIONS
from api.finding import incident_of
from api.routes.questions import KnownAt, QueryMoment
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey, Text
from api.serving import TheServing
from domain.answer import DutyLine, Line, State, Trace
from domain.moment import Instant, Moment
from domain.trace import LOOK_BACK, Question

if TYPE_CHECKING:
    from datetime import date, datetime

    from api.serving import Serving

traces = APIRouter(route_class=StrictRoute, tags=["倒查 · Traces"])
_LONGEST_LOOK_BACK = 36_500

At = Annotated[
    QueryMoment | None,
    Query(
        description="所问时刻；省略即为此刻 · the moment asked about; now where it is left out",
        examples=["2024-09-18T14:25:00+08:00", "2024-09-18"],
    ),
]
LookBack = Annotated[
    int,
    Query(
        ge=0,
        le=_LONGEST_LOOK_BACK,
        description="讲述回溯的天数；未了结的不受此限 · days told; what is undischarged always is",
    ),
]
Unit = Annotated[
    OrganisationKey, Path(description="单位编码或档案编号 · the enterprise's code or id")
]


@traces.get(
    "/enterprises/{enterprise}/trace",
    summary="倒查一家单位 · The trace of an enterprise at a moment",
    response_model=Trace,
    responses=ERRORS_OF_QUESTIONS,
)
def trace_enterprise(
    *,
    enterprise: Unit,
    here: TheServing,
    _: TheCaller,
    known_at: KnownAt,
    at: At = None,
    look_back: LookBack = LOOK_BACK.days,
) -> Response:
    """By line of responsibility: each duty, each breach, each hazard, and who knew what when."""
    return _told(_ask(here, enterprise, at, known_at, look_back))


@traces.get(
    "/incidents/{incident}/trace",
    summary="倒查一起事故 · The trace of an accident",
    response_model=Trace,
    responses=ERRORS_OF_QUESTIONS,
)
def trace_incident(
    *,
    incident: Annotated[
        Text,
        Path(max_length=100, description="事故编号或档案编号 · the accident's number or id"),
    ],
    here: TheServing,
    _: TheCaller,
    known_at: KnownAt,
    look_back: LookBack = LOOK_BACK.days,
) -> Response:
    """The trace of the enterprise at the moment of its accident."""
    found = incident_of(here.ledger, here.views, incident)
    return _told(_ask(here, found.enterprise, found.at, known_at, look_back, found.id))


class Duties(BaseModel):
    """What was owed at a place at a moment, by all lines, in the order in which it arose."""

    enterprise: str
    at: Moment
    known_at: Instant | None
    duties: list[DutyLine]


@traces.get(
    "/enterprises/{enterprise}/duties",
    summary="一家单位的各项义务 · What is owed at an enterprise",
    responses=ERRORS_OF_QUESTIONS,
)
def list_duties(
    *,
    enterprise: Unit,
    here: TheServing,
    _: TheCaller,
    known_at: KnownAt,
    at: At = None,
    look_back: LookBack = LOOK_BACK.days,
    state: Annotated[State | None, Query(description="只列某种状态 · of one state")] = None,
    line: Annotated[Line | None, Query(description="只列某条责任线 · of one line")] = None,
) -> Duties:
    """The duties of a trace alone: by what clause, on whom, when due, and how they stand."""
    told = _ask(here, enterprise, at, known_at, look_back)
    lines = [getattr(told.lines, each.value) for each in Line]
    duties = [item for items in lines for item in items if isinstance(item, DutyLine)]
    chosen = [
        duty
        for duty in duties
        if (state is None or duty.state is state) and (line is None or duty.line is line)
    ]
    return Duties(enterprise=told.enterprise, at=told.at, known_at=told.known_at, duties=chosen)


def _ask(
    here: Serving,
    enterprise: UUID,
    at: date | datetime | None,
    known_at: datetime | None,
    look_back: int,
    incident: UUID | None = None,
) -> Trace:
    moment = here.now().astimezone(UTC) if at is None else at
    question = Question(moment, known_at, incident, timedelta(days=look_back))
    return ask_trace(here.ledger, enterprise, question)


def _told(trace: Trace) -> Response:
    """Return the answer as JSON; it was checked when it was made."""
    return Response(trace.model_dump_json(), media_type="application/json")

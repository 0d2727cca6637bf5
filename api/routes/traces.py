"""Traces 倒查: who owed what at a place, and what the record shows of it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.access import TheAuthority
from api.asking import ask_trace, ask_what_if
from api.documentation import ERRORS_OF_QUESTIONS
from api.drafts import of_day, of_draft
from api.finding import incident_of
from api.routes.questions import KnownAt, QueryMoment
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey, Sent, SentMoment, Text
from api.serving import TheServing
from domain.answer import DutyLine, Line, State, Trace
from domain.errors import Invalid
from domain.moment import Instant, Moment, end, local_day
from domain.trace import LOOK_BACK, Question
from domain.what_if import WhatIf

if TYPE_CHECKING:
    from datetime import date, datetime

    from api.authority import Authority
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
    authority: TheAuthority,
    known_at: KnownAt,
    at: At = None,
    look_back: LookBack = LOOK_BACK.days,
) -> Response:
    """By line of responsibility: each duty, each breach, each hazard, and who knew what when."""
    return _told(_ask(here, authority, enterprise, at, known_at, look_back))


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
    authority: TheAuthority,
    known_at: KnownAt,
    look_back: LookBack = LOOK_BACK.days,
) -> Response:
    """The trace of the enterprise at the moment of its accident."""
    found = authority.find(lambda: incident_of(here.ledger, here.views, incident))
    authority.see_organisation(found.enterprise)
    return _told(_ask(here, authority, found.enterprise, found.at, known_at, look_back, found.id))


class Supposed(Sent):
    """A question, and the settings to judge by instead of those on record: one of the two."""

    enterprise: OrganisationKey = Field(description="单位编码或档案编号 · code or id")
    at: SentMoment | None = Field(default=None, description="所问时刻；省略即为此刻")
    known_at: SentMoment | None = Field(default=None, description="只取截至此时已录入的")
    settings: dict[str, str | None] | None = Field(
        default=None,
        max_length=200,
        description="设置草案：设置项及其值，空为停用 · a draft: keys and values, null for off",
        examples=[{"3.2b.report": "12 hours"}],
    )
    settings_at: SentMoment | None = Field(
        default=None, description="改按这一日的设置 · by the settings of that day instead"
    )


_SUPPOSED = {
    "enterprise": "91371399MA3C00003U",
    "at": "2024-09-12",
    "settings": {"3.2b.report": "12 hours"},
}


@traces.post(
    "/traces/what-if",
    summary="设想：改按另一套设置判定 · The same record by other settings",
    responses=ERRORS_OF_QUESTIONS,
    openapi_extra={"requestBody": {"content": {"application/json": {"example": _SUPPOSED}}}},
)
def ask_what_if_supposed(body: Supposed, here: TheServing, authority: TheAuthority) -> WhatIf:
    """Which findings appear, vanish or change, side by side; nothing is recorded."""
    authority.see_dossier(body.enterprise)
    now = here.now().astimezone(UTC)
    if (body.settings is None) == (body.settings_at is None):
        raise Invalid(
            "须在 settings 与 settings_at 中给出且只给出一项",
            "give exactly one of settings and settings_at",
            todo_zh="给出设置草案，或给出一个日期",
            todo_en="give a draft of settings, or a day",
            where="settings",
        )
    supposed = (
        of_draft(body.settings, local_day(now))
        if body.settings is not None
        else of_day(body.settings_at or now)
    )
    known_at = end(body.known_at) if body.known_at else None
    question = Question(body.at or now, known_at)
    return ask_what_if(here.ledger, body.enterprise, question, *supposed)


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
    authority: TheAuthority,
    known_at: KnownAt,
    at: At = None,
    look_back: LookBack = LOOK_BACK.days,
    state: Annotated[State | None, Query(description="只列某种状态 · of one state")] = None,
    line: Annotated[Line | None, Query(description="只列某条责任线 · of one line")] = None,
) -> Duties:
    """The duties of a trace alone: by what clause, on whom, when due, and how they stand."""
    told = _ask(here, authority, enterprise, at, known_at, look_back)
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
    authority: Authority,
    enterprise: UUID,
    at: date | datetime | None,
    known_at: datetime | None,
    look_back: int,
    incident: UUID | None = None,
) -> Trace:
    moment = here.now().astimezone(UTC) if at is None else at
    question = Question(moment, known_at, incident, timedelta(days=look_back))
    return ask_trace(here.ledger, enterprise, question, tips=authority.sees_tips(enterprise))


def _told(trace: Trace) -> Response:
    """Return the answer as JSON; it was checked when it was made."""
    return Response(trace.model_dump_json(), media_type="application/json")

"""Lists: organisations, hazards, accidents, and who has reported. They answer for now."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.access import TheAuthority
from api.documentation import ERRORS_OF_QUESTIONS
from api.routes.questions import Cursor, GivenCursor, Limit, OnlyNow, readable
from api.routes.records import link_next
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey, Text
from api.serving import TheServing
from domain.answer import State
from domain.hazard import HazardFound, HazardLevel
from domain.imported import LedgerRowImported
from domain.incident import AccidentLevel
from domain.moment import Day, Moment, local_day
from domain.monthly_report import MONTH, Role
from domain.organisation import OrgKind
from domain.policy.reports import ReportState
from projections.hazards import list_hazards
from projections.incidents import list_incidents
from projections.organisations import list_organisations
from projections.reports import list_reports

if TYPE_CHECKING:
    from domain.ledger import Ledger

lists = APIRouter(route_class=StrictRoute, responses=ERRORS_OF_QUESTIONS)
Words = Annotated[Text | None, Query(min_length=1, max_length=100)]
OneEnterprise = Annotated[
    OrganisationKey | None,
    Query(description="只列一家单位的 · of one enterprise", examples=["91371399MA3C00003U"]),
]


class Standing(StrEnum):
    """Where a hazard stands: at one of the seven steps, or open: at any but the last."""

    OPEN = "open"
    FOUND = "found"
    ASSESSED = "assessed"
    REPORTED = "reported"
    DISCLOSED = "disclosed"
    RECTIFIED = "rectified"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class ListedOrganisation(BaseModel):
    """An organisation as it is called now."""

    id: UUID
    kind: OrgKind
    code: str
    name: str
    parent: UUID | None
    area: str | None
    industry: str | None
    high_risk: bool
    began: Moment | None
    closed: Moment | None
    imported: bool


class Organisations(BaseModel):
    """A page of organisations by their code."""

    organisations: list[ListedOrganisation]
    next: str | None


class ListedHazard(BaseModel):
    """A hazard as it stands now."""

    id: UUID
    enterprise: UUID
    enterprise_code: str | None
    enterprise_name: str | None
    number: str
    description: str | None = Field(description="已删除的为空 · null where it was erased")
    level: HazardLevel | None
    state: str = Field(description="七步中所处的步骤 · the last step done", examples=["rectified"])
    found: Moment
    found_by: str | None
    deadline: Day | None
    closed: Moment | None
    overdue: bool
    listed: bool
    imported: bool


class Hazards(BaseModel):
    """A page of hazards, those found last first."""

    hazards: list[ListedHazard]
    next: str | None


class ListedIncident(BaseModel):
    """An accident with its level by the latest figures."""

    id: UUID
    enterprise: UUID
    enterprise_code: str | None
    enterprise_name: str | None
    number: str
    name: str | None
    category: str | None
    occurred: Moment
    deaths: int
    serious_injuries: int
    loss: int = Field(description="直接经济损失（分） · direct loss in fen")
    level: AccidentLevel
    reviewed: bool = Field(description="是否已启动责任倒查 · whether a review was opened")
    imported: bool


class Incidents(BaseModel):
    """A page of accidents, the latest first."""

    incidents: list[ListedIncident]
    next: str | None


class ListedReport(BaseModel):
    """An enterprise's line in the roll of a month."""

    enterprise: UUID
    code: str
    name: str
    month: str
    owed: bool = Field(description="当月是否应报 · whether it owes this month's report")
    state: State | None
    record: UUID | None
    kind: Literal["ordinary", "zero"] | None
    filed: Moment | None
    effective: Moment | None = Field(description="生效时间 · when it took effect")
    standing: ReportState | None = Field(
        description=(
            "月报状态；零报告须两岗负责人均以电子签名签署方生效"
            " · how it stands: a zero report takes effect only with both electronic signatures"
        )
    )
    missing: list[Role] = Field(
        description="零报告尚缺何岗电子签名 · whose signature a zero report still lacks"
    )
    two_posts: bool = Field(description="一人兼两岗 · one person signed in both posts")


class Reports(BaseModel):
    """A page of the roll of a month, by the enterprises' codes."""

    reports: list[ListedReport]
    next: str | None


@lists.get(
    "/organisations",
    tags=["单位 · Organisations"],
    summary="单位列表 · Organisations of every kind",
)
def organisations(  # noqa: PLR0913 - each is a parameter of the request
    *,
    request: Request,
    response: Response,
    here: TheServing,
    authority: TheAuthority,
    __: OnlyNow,
    kind: Annotated[OrgKind | None, Query(description="单位性质 · of one kind")] = None,
    name: Words = None,
    closed: Annotated[bool | None, Query(description="是否已关闭 · closed or not")] = None,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> Organisations:
    """Governments, zones, departments, enterprises and expert bodies, by their codes."""
    paging = Cursor("organisations", kind, name, closed)
    rows = list_organisations(
        here.views,
        limit=limit + 1,
        scope=authority.scope,
        kind=kind.value if kind else None,
        name=name,
        closed=closed,
        after=paging.read(cursor, readable, UUID),
    )
    following = next_of(paging, rows, limit, "code")
    link_next(request, response, following)
    return Organisations(
        organisations=[ListedOrganisation(**row) for row in rows[:limit]], next=following
    )


@lists.get(
    "/enterprises",
    tags=["单位 · Organisations"],
    summary="生产经营单位列表 · Enterprises",
)
def enterprises(  # noqa: PLR0913 - each is a parameter of the request
    *,
    request: Request,
    response: Response,
    here: TheServing,
    authority: TheAuthority,
    only_now: OnlyNow,
    name: Words = None,
    closed: Annotated[bool | None, Query(description="是否已关闭 · closed or not")] = None,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> Organisations:
    """Enterprises by their codes."""
    return organisations(
        request=request,
        response=response,
        here=here,
        authority=authority,
        __=only_now,
        kind=OrgKind.ENTERPRISE,
        name=name,
        closed=closed,
        limit=limit,
        cursor=cursor,
    )


@lists.get("/hazards", tags=["隐患 · Hazards"], summary="隐患列表 · Hazards")
def hazards(  # noqa: PLR0913 - each is a parameter of the request
    *,
    request: Request,
    response: Response,
    here: TheServing,
    authority: TheAuthority,
    __: OnlyNow,
    enterprise: OneEnterprise = None,
    state: Annotated[
        Standing | None, Query(description="所处步骤；open 为未销号的 · open: not yet closed")
    ] = None,
    level: Annotated[HazardLevel | None, Query(description="隐患等级 · of one level")] = None,
    overdue: Annotated[bool | None, Query(description="是否逾期 · overdue or not")] = None,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> Hazards:
    """Hazards, those found last first."""
    day = local_day(here.now())
    paging = Cursor("hazards", enterprise, state, level, overdue)
    rows = list_hazards(
        here.views,
        today=day,
        limit=limit + 1,
        scope=authority.scope,
        enterprise=enterprise,
        state=state.value if state else None,
        level=level.value if level else None,
        overdue=overdue,
        after=paging.read(cursor, date.fromisoformat, UUID),
    )
    following = next_of(paging, rows, limit, "found_on")
    link_next(request, response, following)
    words = _descriptions(here.ledger, [row["id"] for row in rows[:limit]])
    return Hazards(
        hazards=[_hazard(row, words.get(row["id"])) for row in rows[:limit]], next=following
    )


def _hazard(row: dict[str, Any], description: str | None) -> ListedHazard:
    shown = ListedHazard.model_fields.keys() & row.keys()
    return ListedHazard(**{name: row[name] for name in shown}, description=description)


def _descriptions(ledger: Ledger, ids: list[UUID]) -> dict[UUID, str | None]:
    """Return what was found, in words: read models hold nothing that can be erased."""
    words: dict[UUID, str | None] = {}
    for entry in ledger.records(ids):
        if isinstance(entry.fact, HazardFound | LedgerRowImported) and entry.fact.description:
            words[entry.record] = entry.fact.description.value
    return words


@lists.get("/incidents", tags=["事故 · Accidents"], summary="事故列表 · Accidents")
def incidents(  # noqa: PLR0913 - each is a parameter of the request
    *,
    request: Request,
    response: Response,
    here: TheServing,
    authority: TheAuthority,
    __: OnlyNow,
    enterprise: OneEnterprise = None,
    number: Words = None,
    level: Annotated[AccidentLevel | None, Query(description="事故等级 · of one level")] = None,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> Incidents:
    """Accidents, the latest first."""
    paging = Cursor("incidents", enterprise, number, level)
    rows = list_incidents(
        here.views,
        limit=limit + 1,
        scope=authority.scope,
        enterprise=enterprise,
        number=number,
        level=level.value if level else None,
        after=paging.read(cursor, date.fromisoformat, UUID),
    )
    following = next_of(paging, rows, limit, "occurred_on")
    link_next(request, response, following)
    shown = [{n: row[n] for n in ListedIncident.model_fields} for row in rows[:limit]]
    return Incidents(incidents=[ListedIncident(**row) for row in shown], next=following)


@lists.get(
    "/reports",
    tags=["月报与零报告 · Monthly and zero reports"],
    summary="一个月的报送名册：谁报了，谁没报 · The roll of a month: who has reported, who has not",
)
def reports(
    *,
    request: Request,
    response: Response,
    here: TheServing,
    authority: TheAuthority,
    __: OnlyNow,
    month: Annotated[str, Query(pattern=MONTH, examples=["2024-05"])],
    reported: Annotated[
        bool | None, Query(description="false 只列应报未报的 · false: only those who owe it")
    ] = None,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> Reports:
    """Every enterprise that owed the month's report (3.2a), and how it stands."""
    paging = Cursor("reports", month, reported)
    rows = list_reports(
        here.views,
        month=month,
        today=local_day(here.now()),
        limit=limit + 1,
        scope=authority.scope,
        reported=reported,
        after=paging.read(cursor, readable, UUID),
    )
    following = next_of(paging, [{**row, "id": row["enterprise"]} for row in rows], limit, "code")
    link_next(request, response, following)
    return Reports(reports=[ListedReport(**row) for row in rows[:limit]], next=following)


def next_of(paging: Cursor, rows: list[dict[str, Any]], limit: int, by: str) -> str | None:
    """Return the cursor after the last row shown, if there are more."""
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return paging.write(last[by], last["id"])

"""Experts: the ledger of an enterprise, who is behind, the pools, and whom to call in (二)."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api.access import TheAuthority, TheCaller, actor
from api.documentation import ERRORS_OF_QUESTIONS
from api.expert_ledger import ExpertLedger, as_spreadsheet, expert_ledger
from api.routes.lists import next_of
from api.routes.questions import AsAt, Cursor, GivenCursor, KnownAt, Limit, OnlyNow, readable
from api.routes.records import link_next
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey, SentDay, Text
from api.serving import TheServing
from api.sheets import MEDIA_TYPE
from domain.answer import Words
from domain.errors import NotFound
from domain.expert import Pool, experts_of
from domain.expert_inspection import ReportRead
from domain.moment import Day, Instant, local_day
from domain.policy.duty import Docket
from domain.policy.expert_views import UNFIT, Wanted, unfit
from domain.policy.s2_3_pool import shortage
from domain.reading import read_case
from domain.recording import Act, record
from projections.experts import list_behind, list_experts, list_without_arrangement

if TYPE_CHECKING:
    from datetime import datetime

    from api.caller import Caller
    from api.serving import Serving
    from domain.expert import ExpertRecord

expert_questions = APIRouter(
    route_class=StrictRoute, responses=ERRORS_OF_QUESTIONS, tags=["专家 · Experts"]
)
Unit = Annotated[OrganisationKey, Path(description="单位编码或档案编号 · the unit's code or id")]
Specialty = Annotated[
    Text | None, Query(min_length=1, max_length=60, description="专业 · of a specialty")
]


def _docket(
    here: Serving, org: UUID, as_at: date | datetime | None, known_at: datetime | None
) -> Docket:
    """Read the docket of an organisation.

    Raises:
        NotFound: it is not on record.
    """
    at = as_at if as_at is not None else here.now().astimezone(UTC)
    docket = Docket(org, read_case(here.ledger, org), at, known_at)
    if org not in docket.directory.organisations:
        raise NotFound(
            f"单位 {org} 未登记",
            f"the organisation {org} is not registered",
            todo_zh="核对单位编码",
            todo_en="check the code",
        )
    return docket


@expert_questions.get(
    "/enterprises/{enterprise}/expert-ledger",
    summary="一家企业的专家安全检查台账 · An enterprise's ledger of inspections by experts",
)
def ledger_of(
    *, enterprise: Unit, here: TheServing, caller: TheCaller, known_at: KnownAt, as_at: AsAt = None
) -> ExpertLedger:
    """Each inspection, its findings and how far each is rectified (2.1n); read on record (2.4b)."""
    told = expert_ledger(_docket(here, enterprise, as_at, known_at))
    keep_reading(here, caller, told)
    return told


@expert_questions.get(
    "/enterprises/{enterprise}/expert-ledger.xlsx",
    summary="专家安全检查台账（电子表格） · The same ledger as a spreadsheet",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def sheet_of(
    *, enterprise: Unit, here: TheServing, caller: TheCaller, known_at: KnownAt, as_at: AsAt = None
) -> Response:
    """One line a finding; every cell is text."""
    told = expert_ledger(_docket(here, enterprise, as_at, known_at))
    keep_reading(here, caller, told)
    name = {"Content-Disposition": 'attachment; filename="expert-ledger.xlsx"'}
    return Response(as_spreadsheet(told), media_type=MEDIA_TYPE, headers=name)


def keep_reading(here: Serving, caller: Caller, told: ExpertLedger) -> None:
    """Keep who read whose reports, and when, before they are handed out (2.4b)."""
    read = [each.id for each in told.inspections if each.delivered]
    if not read:
        return
    received = here.now().astimezone(UTC)
    command = UUID(bytes=here.random(16), version=4)
    acts = [
        Act(
            uuid5(command, str(inspection)),
            ReportRead(enterprise=told.enterprise, inspection=inspection),
            received,
        )
        for inspection in read
    ]
    by = actor(here.ledger, caller, None, [received])
    record(here.ledger, acts, command=command, by=by, received=received)


class BehindEnterprise(BaseModel):
    """An enterprise that owes inspections by experts now."""

    id: UUID
    code: str
    name: str
    first_due: Day = Field(description="最早到期日 · the earliest deadline of what it owes")
    overdue: int = Field(description="已逾期次数 · how many are overdue")
    open: int = Field(description="未到期次数 · how many are owed and not yet due")


class BehindEnterprises(BaseModel):
    """A page of those behind, the soonest due first."""

    enterprises: list[BehindEnterprise]
    next: str | None


@expert_questions.get(
    "/expert-inspections-owed",
    summary="欠外聘专家排查的企业，先到期的在前 · Who owes inspections, soonest due first",
)
def behind(
    *,
    request: Request,
    response: Response,
    here: TheServing,
    authority: TheAuthority,
    __: OnlyNow,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> BehindEnterprises:
    """For supervision of how inspections by experts go (2.2b): by grade, per calendar year."""
    paging = Cursor("expert-inspections-owed")
    after = paging.read(cursor, date.fromisoformat, UUID)
    rows = list_behind(
        here.views, today=local_day(here.now()), limit=limit + 1, after=after, scope=authority.scope
    )
    following = next_of(paging, rows, limit, "due_on")
    link_next(request, response, following)
    shown = [
        BehindEnterprise(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            first_due=row["due_on"],
            overdue=row["overdue"],
            open=row["open"],
        )
        for row in rows[:limit]
    ]
    return BehindEnterprises(enterprises=shown, next=following)


class NamedEnterprise(BaseModel):
    """An enterprise by code and name."""

    id: UUID
    code: str
    name: str


class WithoutArrangement(BaseModel):
    """A page of enterprises without the arrangement, by their codes."""

    enterprises: list[NamedEnterprise]
    next: str | None


@expert_questions.get(
    "/enterprises-without-expert-arrangement",
    summary="未建立外聘专家查隐患制度的企业 · Enterprises without an arrangement for experts",
)
def without(
    *,
    request: Request,
    response: Response,
    here: TheServing,
    authority: TheAuthority,
    __: OnlyNow,
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> WithoutArrangement:
    """Those in operation that have none on record (2.2d)."""
    paging = Cursor("enterprises-without-expert-arrangement")
    after = paging.read(cursor, readable, UUID)
    rows = list_without_arrangement(here.views, limit=limit + 1, after=after, scope=authority.scope)
    following = next_of(paging, rows, limit, "code")
    link_next(request, response, following)
    return WithoutArrangement(
        enterprises=[NamedEnterprise(**row) for row in rows[:limit]], next=following
    )


class PoolSpecialty(BaseModel):
    """How a pool stands with one specialty."""

    specialty: str
    needed: int
    in_pool: int = Field(description="在库人数 · how many are in the pool now")
    short: int = Field(description="缺额 · how many are missing")


class PoolStanding(BaseModel):
    """Experts of each specialty against what the pool needs (2.3a)."""

    body: UUID
    name: str
    specialties: list[PoolSpecialty]


@expert_questions.get(
    "/organisations/{organisation}/expert-pool",
    summary="专家库各专业的需求与在库人数 · A pool's experts of each specialty against demand",
)
def pool(
    *, organisation: Unit, here: TheServing, _: TheCaller, known_at: KnownAt, as_at: AsAt = None
) -> PoolStanding:
    """By specialty, as far as the body has said what it needs."""
    docket = _docket(here, organisation, as_at, known_at)
    return PoolStanding(
        body=organisation,
        name=docket.directory.name(organisation),
        specialties=[
            PoolSpecialty(
                specialty=specialty, needed=needed, in_pool=has, short=max(0, needed - has)
            )
            for specialty, needed, has in shortage(docket, local_day(docket.at))
        ],
    )


class ExpertPlace(BaseModel):
    """A pool in which an expert is now."""

    authority: UUID
    pool: Pool
    specialties: list[str]


class UnfitReason(BaseModel):
    """Why an expert is not the one looked for."""

    key: str
    words: Words


class FoundExpert(BaseModel):
    """An expert, and why not, where something is missing."""

    person: UUID
    name: str | None
    places: list[ExpertPlace]
    areas: list[str]
    fits: bool
    unfit: list[UnfitReason]


class FoundExperts(BaseModel):
    """Those who fit first; the others with what is missing."""

    at: Instant
    experts: list[FoundExpert]


@expert_questions.get(
    "/experts",
    summary="按专业、地域、空闲日期查找专家 · Find experts by specialty, area and free days",
)
def find(
    *,
    here: TheServing,
    _: TheCaller,
    __: OnlyNow,
    specialty: Specialty = None,
    area: Annotated[
        Text | None, Query(min_length=1, max_length=100, description="地域 · serving an area")
    ] = None,
    since: Annotated[SentDay | None, Query(description="自何日起空闲 · free from this day")] = None,
    until: Annotated[SentDay | None, Query(description="至何日 · to this day")] = None,
    enterprise: Annotated[
        OrganisationKey | None, Query(description="为哪家企业选聘 · for this enterprise")
    ] = None,
    fitting: Annotated[
        bool | None, Query(description="true 只列合适的 · true: only those who fit")
    ] = None,
) -> FoundExperts:
    """For choosing with care (2.4a): everybody who is an expert, with why one does not fit."""
    at = here.now().astimezone(UTC)
    wanted = Wanted(specialty, area, since, until, enterprise)
    people = experts_of(here.ledger.records(list_experts(here.views)))
    found = [_found(expert, person, wanted, at) for person, expert in people.items()]
    found.sort(key=lambda each: (len(each.unfit), each.name or "", str(each.person)))
    shown = [each for each in found if fitting is None or each.fits is fitting]
    return FoundExperts(at=at, experts=shown)


def _found(expert: ExpertRecord, person: UUID, wanted: Wanted, at: datetime) -> FoundExpert:
    reasons = unfit(expert, wanted, at)
    told = expert.availability
    registered = expert.fact("person.registered")
    return FoundExpert(
        person=person,
        name=registered.name.value if registered else None,
        places=[
            ExpertPlace(
                authority=place.authority, pool=place.pool, specialties=list(place.specialties)
            )
            for place in expert.places(at)
        ],
        areas=list(told.areas) if told else [],
        fits=not reasons,
        unfit=[
            UnfitReason(key=key, words=Words(zh=UNFIT[key][0], en=UNFIT[key][1])) for key in reasons
        ],
    )

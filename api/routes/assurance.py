"""五（二） over HTTP: how employees take part (5.2f), what bodies have for reports (5.2g)."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.access import TheCaller
from api.asking import ask_docket
from api.documentation import ERRORS_OF_QUESTIONS
from api.routes.questions import AsAt, KnownAt
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey
from api.serving import TheServing
from domain.moment import Moment, local_day
from domain.participation import credits_of, participation
from domain.policy.s5_2_public import gaps
from domain.tip_office import ChannelOpened, Item, on_file

if TYPE_CHECKING:
    from datetime import datetime

    from api.serving import Serving
    from domain.policy.duty import Docket

assurance = APIRouter(route_class=StrictRoute, responses=ERRORS_OF_QUESTIONS)
Unit = Annotated[OrganisationKey, Path(description="单位编码或档案编号 · the unit's code or id")]
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


class UnitTold(BaseModel):
    """A team, workshop or department of the enterprise; without a title, everybody else."""

    post: UUID | None = Field(
        description="代表该班组、车间、部门的岗位 · the post that stands for it"
    )
    title: str | None
    people: int = Field(description="在岗人数 · how many people it has")
    finders: int = Field(description="发现过隐患的人数 · how many of them found a hazard")
    hazards: int = Field(description="所发现的隐患数 · how many they found")


class CreditTold(BaseModel):
    """A hazard with whoever found it, and what they were given for it."""

    hazard: UUID
    number: str
    finder: UUID
    finder_name: str | None
    unit: str | None
    rewarded: int = Field(description="奖金合计（分） · money given, in fen")
    rewards: list[str] = Field(description="其他奖励 · what else was given")


class Participation(BaseModel):
    """How the people of an enterprise take part in a year, up to the moment asked about."""

    enterprise: UUID
    year: int
    units: list[UnitTold]
    credited: list[CreditTold]


@assurance.get(
    "/enterprises/{enterprise}/participation",
    tags=["隐患 · Hazards"],
    summary="从业人员参与排查的情况 · How employees take part in finding hazards",
)
def take_part(
    *,
    enterprise: Unit,
    here: TheServing,
    _: TheCaller,
    known_at: KnownAt,
    year: Annotated[int, Query(ge=_FIRST_YEAR, le=_LAST_YEAR, examples=[2024])],
    as_at: AsAt = None,
) -> Participation:
    """By unit, those without a finder too; who found each hazard, what was given (5.2f)."""
    docket = _docket(here, enterprise, as_at, known_at)
    since = date(year, 1, 1)
    until = max(since, min(date(year, 12, 31), local_day(docket.at)))
    units = participation(docket, since, until)
    return Participation(
        enterprise=enterprise,
        year=year,
        units=[
            UnitTold(
                post=unit.post.id if unit.post else None,
                title=unit.post.title if unit.post else None,
                people=len(unit.people),
                finders=len(unit.finders),
                hazards=unit.hazards,
            )
            for unit in units
        ],
        credited=[
            CreditTold(
                hazard=each.hazard.id,
                number=each.hazard.number,
                finder=each.finder,
                finder_name=_name(docket, each.finder),
                unit=each.unit.title if each.unit else None,
                rewarded=sum(reward.amount or 0 for reward in each.rewards),
                rewards=[str(reward.reward) for reward in each.rewards if reward.reward],
            )
            for each in credits_of(docket, since, until)
        ],
    )


def _name(docket: Docket, person: UUID) -> str | None:
    known = docket.directory.names.get(person)
    return known.name.value if known else None


class ItemTold(BaseModel):
    """One of the four things that a body must have, and what it has."""

    item: Item
    on_file: list[str] = Field(description="现有的号码、邮箱、文件 · what there is now")
    missing_since: Moment | None = Field(description="自何时起缺 · since when there is none")


class Arrangements(BaseModel):
    """What a body has set up for reports from the public."""

    body: UUID
    items: list[ItemTold]


@assurance.get(
    "/organisations/{organisation}/tip-arrangements",
    tags=["举报渠道 · Channels for tips"],
    summary="一个单位的举报渠道和制度，缺哪一项 · What a body has for reports, and what is missing",
)
def arrangements(
    *, organisation: Unit, here: TheServing, _: TheCaller, known_at: KnownAt, as_at: AsAt = None
) -> Arrangements:
    """Telephone, e-mail, procedure and reward rules (5.2g)."""
    docket = _docket(here, organisation, as_at, known_at)
    about = docket.about(f"org:{organisation}")
    items = []
    for item in Item:
        there = [each for each in on_file(about, item) if each.until is None]
        facts = [each.fact for each in there]
        missing = (since for body, since in gaps(docket, item) if body == organisation)
        told = [f.address if isinstance(f, ChannelOpened) else f.document for f in facts]
        items.append(ItemTold(item=item, on_file=told, missing_since=next(missing, None)))
    return Arrangements(body=organisation, items=items)


def _docket(
    here: Serving, org: UUID, as_at: date | datetime | None, known_at: datetime | None
) -> Docket:
    moment = as_at if as_at is not None else here.now().astimezone(UTC)
    return ask_docket(here.ledger, org, moment, known_at)

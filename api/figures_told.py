"""What the product tells of figures drawn from the record: of a year, a quarter, a public fund.

Each figure of a year can be asked for what lies behind it, item by item, with its facts (5.4a).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

from domain.answer import Words
from domain.expert_inspection import ExpertsInspected
from domain.moment import Day, Moment
from domain.policy.duty import judge
from domain.policy.s5_3_system import public_fund
from domain.policy.s5_4_assessment import ASSESS
from domain.policy.s5_4_figures import indicators
from domain.quarter import QUARTER, Figures
from domain.record import facts_of, moment_of
from domain.yearly import KEYS, Key, Outcome, YearAssessed

if TYPE_CHECKING:
    from datetime import datetime

    from api.charges import Charge
    from domain.fact import Entry
    from domain.policy.s5_4_figures import Item


class IndicatorTold(BaseModel):
    """One figure of a year: how many were owed, and what became of them."""

    key: Key
    words: Words
    owed: int
    kept: int = Field(description="按期 · in time")
    late: int = Field(description="逾期办结 · late")
    missed: int = Field(description="逾期未办 · missed")


class YearFigures(BaseModel):
    """A body's figures of a year, drawn from the record up to a position (5.4a)."""

    body: UUID
    name: str
    year: int
    at: Moment
    upto: int = Field(description="数据截至第几条事实 · drawn from the facts up to this position")
    charge: int = Field(description="所辖企业数 · enterprises in its charge")
    figures: list[IndicatorTold]


class ItemTold(BaseModel):
    """A duty or hazard behind a figure, and the facts that show it."""

    organisation: UUID
    name: str
    subject: str = Field(description="所涉档案 · the record it is about, as its tag")
    detail: str
    due: Day | None
    standing: str = Field(description="kept、late、missed 或 other · what became of it")
    facts: list[int]


class FigureItems(BaseModel):
    """Everything behind one figure of a year."""

    body: UUID
    year: int
    key: Key
    words: Words
    upto: int
    items: list[ItemTold]


class QuarterFigures(BaseModel):
    """A regulator's figures of a quarter by area and industry, drawn from the record (3.2f)."""

    body: UUID
    name: str
    quarter: str = Field(pattern=QUARTER)
    upto: int
    figures: list[Figures]


class AssessedBody(BaseModel):
    """A body next below, and whether it was assessed for a year (5.4c)."""

    body: UUID
    name: str
    due: Moment | None
    state: str = Field(description="义务状态 · how the duty to assess it stands")
    assessed: Moment | None
    outcome: Outcome | None
    facts: list[int]


class Assessments(BaseModel):
    """Whom a government assesses for a year, and who is left."""

    body: UUID
    name: str
    year: int
    bodies: list[AssessedBody]


class PurchaseTold(BaseModel):
    """Inspections that a government purchased."""

    record: UUID
    provider: str
    amount: int = Field(description="金额（分） · in fen")
    enterprises: list[UUID]
    held: list[UUID] = Field(description="已开展的专家检查 · the inspections held")
    waiting: list[UUID] = Field(description="尚未开展的企业 · where none was held yet")
    facts: list[int]


class PublicFundTold(BaseModel):
    """A government's fund of a year, and what it purchased (5.3a)."""

    body: UUID
    name: str
    year: int
    planned: int | None = Field(description="金额（分），没有安排的为空 · in fen; null: none")
    purchased: int = Field(description="购买服务的金额（分） · in fen")
    purchases: list[PurchaseTold]
    facts: list[int]


def tell_year(charge: Charge, year: int, at: datetime) -> YearFigures:
    """Return a body's figures of a year."""
    enterprises = charge.enterprises(date(year, 1, 1), date(year, 12, 31))
    return YearFigures(
        body=charge.body,
        name=charge.directory.name(charge.body),
        year=year,
        at=at,
        upto=charge.upto,
        charge=len(enterprises),
        figures=[
            IndicatorTold(
                key=each.key,
                words=_words(each.key),
                owed=each.owed,
                kept=each.kept,
                late=each.late,
                missed=each.missed,
            )
            for each in indicators(charge.items(year, at))
        ],
    )


def tell_items(charge: Charge, year: int, key: Key, at: datetime) -> FigureItems:
    """Return what lies behind one figure of a year."""
    items = [item for item in charge.items(year, at) if item.key is key]
    return FigureItems(
        body=charge.body,
        year=year,
        key=key,
        words=_words(key),
        upto=charge.upto,
        items=[_item(charge, each) for each in items],
    )


def tell_quarter(charge: Charge, quarter: str) -> QuarterFigures:
    """Return a body's figures of a quarter."""
    return QuarterFigures(
        body=charge.body,
        name=charge.directory.name(charge.body),
        quarter=quarter,
        upto=charge.upto,
        figures=list(charge.quarter(quarter)),
    )


def tell_assessments(charge: Charge, year: int, at: datetime) -> Assessments:
    """Return whom a government assesses for a year, and how each assessment stands (5.4c)."""
    told = []
    for body in sorted(charge.bodies - {charge.body}, key=charge.directory.name):
        docket = charge.docket(body, at)
        for duty in judge(docket, (ASSESS,)):
            if duty.opening.detail == str(year) and duty.opening.who.org == charge.body:
                done = duty.done.entry if duty.done else None
                made = done.fact if done else None
                told.append(
                    AssessedBody(
                        body=body,
                        name=charge.directory.name(body),
                        due=duty.due,
                        state=duty.state.value,
                        assessed=moment_of(done) if done else None,
                        outcome=made.outcome if isinstance(made, YearAssessed) else None,
                        facts=[done.position] if done else [],
                    )
                )
    return Assessments(
        body=charge.body, name=charge.directory.name(charge.body), year=year, bodies=told
    )


def tell_public_fund(charge: Charge, year: int, at: datetime) -> PublicFundTold:
    """Return a government's fund of a year and the inspections that it purchased (5.3a)."""
    elsewhere: list[Entry] = [e for own in charge.own.values() for e in own]
    held = [entry for entry, _ in facts_of(elsewhere, ExpertsInspected)]
    told = public_fund(charge.docket(charge.body, at), year, held)
    return PublicFundTold(
        body=charge.body,
        name=charge.directory.name(charge.body),
        year=year,
        planned=told.planned,
        purchased=told.purchased,
        purchases=[
            PurchaseTold(
                record=each.entry.record,
                provider=each.fact.provider,
                amount=each.fact.amount,
                enterprises=list(each.fact.enterprises),
                held=[entry.record for entry, _ in each.held],
                waiting=list(each.waiting),
                facts=[each.entry.position, *(entry.position for entry, _ in each.held)],
            )
            for each in told.purchases
        ],
        facts=[entry.position for entry in told.by],
    )


def _words(key: Key) -> Words:
    zh, en = KEYS[key]
    return Words(zh=zh, en=en)


def _item(charge: Charge, item: Item) -> ItemTold:
    return ItemTold(
        organisation=item.org,
        name=charge.directory.name(item.org),
        subject=item.subject,
        detail=item.detail,
        due=item.due,
        standing=item.standing,
        facts=list(item.facts),
    )

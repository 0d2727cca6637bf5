"""政府部门与专家: experts in government inspections, and what is decided (二（二）)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pytest_bdd import step

from domain.arrangement import (
    ArrangementAdopted,
    ExpertGuidanceGiven,
    Ground,
    Handling,
    HandlingDecided,
)
from domain.hazard import AcceptanceFiled
from domain.inspection import InspectionHeld
from tests.features.phrases import one_of, phrase
from tests.features.steps.expert_inspections import about
from tests.features.world import World
from tests.support.book import ident, text

GROUNDS = {
    "排查次数不足": Ground.FREQUENCY,
    "未制订整改措施": Ground.MEASURE,
    "逾期未整改": Ground.RECTIFICATION,
    "复查不合格": Ground.RECHECK,
}


# 政府部门


@step(
    phrase(
        "“{body:name}”于{when:moment}偕同专家{names:names}对“{org:name}”开展检查"
        "“{inspection:name}”，所涉专业为{specialties:names}"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    names: list[str],
    org: str,
    inspection: str,
    specialties: list[str],
) -> None:
    fact = InspectionHeld(
        enterprise=world.org(org),
        by_org=world.org(body),
        experts=tuple(world.person(each) for each in names),
        specialties=tuple(specialties),
    )
    world.record(world.new("inspection", inspection), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}偕同专家{names:names}对“{org:name}”开展检查“{inspection:name}”"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    names: list[str],
    org: str,
    inspection: str,
) -> None:
    fact = InspectionHeld(
        enterprise=world.org(org),
        by_org=world.org(body),
        experts=tuple(world.person(each) for each in names),
    )
    world.record(world.new("inspection", inspection), fact, when)


@step(
    phrase("“{body:name}”于{when:moment}将隐患“{hazard:name}”验收案卷归档，专家{names:names}参加")
)
def _(world: World, body: str, when: date | datetime, hazard: str, names: list[str]) -> None:
    acceptance_filed(world, body, when, hazard, names, None)


@step(
    phrase(
        "“{body:name}”于{when:moment}将隐患“{hazard:name}”验收案卷归档，没有专家参加，"
        "理由为“{reason:name}”"
    )
)
def _(world: World, body: str, when: date | datetime, hazard: str, reason: str) -> None:
    acceptance_filed(world, body, when, hazard, [], reason)


@step(phrase("“{body:name}”于{when:moment}将隐患“{hazard:name}”验收案卷归档，没有专家参加"))
def _(world: World, body: str, when: date | datetime, hazard: str) -> None:
    acceptance_filed(world, body, when, hazard, [], None)


def acceptance_filed(
    world: World,
    body: str,
    when: date | datetime,
    hazard: str,
    names: list[str],
    reason: str | None,
) -> None:
    """Close the file of an acceptance."""
    record = world.hazard(hazard)
    fact = AcceptanceFiled(
        enterprise=world.enterprise_of(record),
        by_org=world.org(body),
        experts=tuple(world.person(each) for each in names),
        specialties=("压力容器",),
        no_expert_reason=text(reason) if reason else None,
    )
    world.record(record, fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}就“{org:name}”{ground:ground}作出处理", ground=one_of(GROUNDS)
    )
)
def _(world: World, body: str, when: date | datetime, org: str, ground: Ground) -> None:
    decide(world, body, when, org, ground)


@step(
    phrase(
        "“{body:name}”于{when:moment}就“{org:name}”{year:d}年{ground:ground}决定不予处理，"
        "理由为“{reason:name}”",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    year: int,
    ground: Ground,
    reason: str,
) -> None:
    decide(
        world,
        body,
        when,
        org,
        ground,
        year=year,
        handling=Handling.NOTHING,
        explanation=text(reason),
    )


@step(
    phrase(
        "“{body:name}”于{when:moment}就“{org:name}”检查“{inspection:name}”{ground:ground}作出处理",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World, body: str, when: date | datetime, org: str, inspection: str, ground: Ground
) -> None:
    record, _ = about(world, inspection)
    decide(world, body, when, org, ground, inspection=record)


def decide(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    ground: Ground,
    **said: Any,  # noqa: ANN401 - fields of the fact
) -> None:
    """Record a department's decision on a failing."""
    told: dict[str, Any] = {
        "handling": Handling.INTERVIEW,
        "explanation": text("约谈主要负责人"),
    } | said
    fact = HandlingDecided(enterprise=world.org(org), by_org=world.org(body), ground=ground, **told)
    world.record(ident(f"handling {body} {when} {ground}"), fact, when)


@step(phrase("“{org:name}”于{when:moment}建立外聘专家查隐患制度"))
def _(world: World, org: str, when: date | datetime) -> None:
    fact = ArrangementAdopted(enterprise=world.org(org), document="青化安〔2024〕3号")
    world.record(ident(f"arrangement {org}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}指导督促“{org:name}”建立外聘专家查隐患制度"))
def _(world: World, body: str, when: date | datetime, org: str) -> None:
    fact = ExpertGuidanceGiven(
        enterprise=world.org(org), by_org=world.org(body), content=text("按等级聘请专家")
    )
    world.record(ident(f"guidance {org}"), fact, when)

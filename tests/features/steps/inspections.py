"""监督检查: planned, held, what was found and what was done about it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step

from domain.inspection import (
    Disposition,
    FindingDisposed,
    FindingRecorded,
    InspectionFileClosed,
    InspectionHeld,
    InspectionPlanned,
    InspectionScheduled,
    Officer,
    RecordSigned,
    plan_id,
)
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import text

DISPOSITIONS = {
    "督促即查即改": Disposition.ON_SPOT,
    "下达限期整改指令书": Disposition.ORDER,
    "提请挂牌督办": Disposition.LISTING,
    "立案查处": Disposition.CASE,
    "移送": Disposition.TRANSFER,
}


def about(world: World, inspection: str) -> tuple[UUID, UUID]:
    """Return an inspection's record and its enterprise."""
    record = world.the("inspection", inspection)
    return record, world.enterprise_of(record)


@step(phrase("“{department:name}”于{when:moment}制定{year:d}年度监督检查计划"))
def _(world: World, department: str, when: date | datetime, year: int) -> None:
    org = world.org(department)
    fact = InspectionPlanned(
        department=org,
        year=year,
        scope=text("化工企业"),
        method=text("双随机"),
        frequency=text("每半年一次"),
        random_draw=text("按名录抽取"),
    )
    world.record(plan_id(org, year), fact, when)


@step(
    phrase(
        "“{department:name}”于{when:moment}计划对“{enterprise:name}”开展检查“{inspection:name}”，"
        "不迟于{planned:day}"
    )
)
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    inspection: str,
    planned: date,
) -> None:
    fact = InspectionScheduled(
        enterprise=world.org(enterprise), department=world.org(department), planned=planned
    )
    world.record(world.new("inspection", inspection), fact, when)


@step(
    phrase(
        "“{department:name}”于{when:moment}计划对“{enterprise:name}”开展检查“{inspection:name}”，"
        "由{post:title}负责，不迟于{planned:day}"
    )
)
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    inspection: str,
    post: str,
    planned: date,
) -> None:
    fact = InspectionScheduled(
        enterprise=world.org(enterprise),
        department=world.org(department),
        planned=planned,
        post=world.post(department, post),
    )
    world.record(world.new("inspection", inspection), fact, when)


@step(phrase("“{department:name}”于{when:moment}对“{enterprise:name}”开展检查“{inspection:name}”"))
def _(
    world: World, department: str, when: date | datetime, enterprise: str, inspection: str
) -> None:
    hold(world, department, when, enterprise, inspection, ())


@step(
    phrase(
        "“{department:name}”于{when:moment}对“{enterprise:name}”开展检查“{inspection:name}”，"
        "{attended:names}到场"
    )
)
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    inspection: str,
    attended: list[str],
) -> None:
    hold(world, department, when, enterprise, inspection, tuple(attended))


@step(
    phrase(
        "“{department:name}”于{when:moment}对“{enterprise:name}”开展检查“{inspection:name}”，"
        "由{officers:names}检查"
    )
)
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    inspection: str,
    officers: list[str],
) -> None:
    hold(world, department, when, enterprise, inspection, (), tuple(officers))


def hold(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    inspection: str,
    attended: tuple[str, ...],
    officers: tuple[str, ...] = (),
) -> None:
    """Record that an inspection took place, planned or not."""
    planned = world.knows("inspection", inspection)
    record = (world.the if planned else world.new)("inspection", inspection)
    fact = InspectionHeld(
        enterprise=world.org(enterprise),
        by_org=world.org(department),
        officers=tuple(Officer(person=world.person(each)) for each in officers),
        attended_by=tuple(world.person(each) for each in attended),
    )
    world.record(record, fact, when)


@step(phrase("检查“{inspection:name}”于{when:moment}记录第{item:d}项问题"))
def _(world: World, inspection: str, when: date | datetime, item: int) -> None:
    finding(world, inspection, when, item, None)


@step(phrase("检查“{inspection:name}”于{when:moment}记录第{item:d}项问题，即隐患“{hazard:name}”"))
def _(world: World, inspection: str, when: date | datetime, item: int, hazard: str) -> None:
    finding(world, inspection, when, item, world.hazard(hazard))


def finding(
    world: World, inspection: str, when: date | datetime, item: int, hazard: UUID | None
) -> None:
    """Record one finding of an inspection."""
    record, enterprise = about(world, inspection)
    fact = FindingRecorded(
        enterprise=enterprise, item=item, text=text("消防通道堵塞"), hazard=hazard
    )
    world.record(record, fact, when)


@step(
    phrase(
        "检查“{inspection:name}”第{item:d}项于{when:moment}{disposition:disposition}",
        disposition=one_of(DISPOSITIONS),
    )
)
def _(
    world: World, inspection: str, item: int, when: date | datetime, disposition: Disposition
) -> None:
    record, enterprise = about(world, inspection)
    fact = FindingDisposed(enterprise=enterprise, item=item, disposition=disposition)
    world.record(record, fact, when)


@step(phrase("检查“{inspection:name}”记录于{when:moment}由“{person:name}”签字"))
def _(world: World, inspection: str, when: date | datetime, person: str) -> None:
    record, enterprise = about(world, inspection)
    fact = RecordSigned(enterprise=enterprise, person=world.person(person))
    world.record(record, fact, when)


@step(phrase("检查“{inspection:name}”于{when:moment}归档"))
def _(world: World, inspection: str, when: date | datetime) -> None:
    close(world, inspection, when, "日常巡查，不涉及专业判断")


@step(phrase("检查“{inspection:name}”于{when:moment}归档，未说明为何没有专家"))
def _(world: World, inspection: str, when: date | datetime) -> None:
    close(world, inspection, when, None)


def close(world: World, inspection: str, when: date | datetime, reason: str | None) -> None:
    """Close the file of an inspection; the reason is why no expert took part (2.2a)."""
    record, enterprise = about(world, inspection)
    fact = InspectionFileClosed(
        enterprise=enterprise, no_expert_reason=text(reason) if reason else None
    )
    world.record(record, fact, when)

"""专家台账 and what else is looked up of experts (2.1n, 2.2b, 2.2d, 2.3a, 2.4a)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from pytest_bdd import step, then

from domain.expert import AvailabilityTold, Span
from domain.moment import local_day
from domain.organisation import OrganisationRegistered, OrgKind
from domain.policy.duty import Docket
from domain.policy.expert_views import (
    PROGRESS,
    UNFIT,
    Wanted,
    behind,
    flags,
    ledger,
    lines,
    unfit,
    without_arrangement,
)
from domain.policy.s2_3_pool import shortage
from domain.record import facts_of
from tests.features.phrases import phrase
from tests.features.world import World

if TYPE_CHECKING:
    from uuid import UUID


def docket_of(world: World, org: UUID, at: date | datetime | None = None) -> Docket:
    """Return the docket of an organisation, by default as of the last that was entered."""
    world.expect_no_refusal()
    return Docket(org, world.book.entries, at or world.book.entries[-1].recorded)


def chinese(on: date | None) -> str:
    """Write a day as scenarios do."""
    return f"{on.year}年{on.month}月{on.day}日" if on else ""


def flags_of(world: World, org: str, name: str) -> list[str]:
    """Return what the ledger of expert inspections shows beside an inspection."""
    docket = docket_of(world, world.org(org))
    record = str(world.the("expert inspection", name))
    return [
        flag.zh for each in ledger(docket) if each.key == record for flag in flags(docket, each)
    ]


@then(phrase("“{org:name}”的专家检查台账中检查“{inspection:name}”没有提示"))
def _(world: World, org: str, inspection: str) -> None:
    assert flags_of(world, org, inspection) == []


@then(phrase("“{org:name}”的专家检查台账中检查“{inspection:name}”提示“{flag:words}”"))
def _(world: World, org: str, inspection: str, flag: str) -> None:
    assert flag in flags_of(world, org, inspection)


@then(phrase("“{org:name}”的专家检查台账中检查“{inspection:name}”没有提示“{flag:words}”"))
def _(world: World, org: str, inspection: str, flag: str) -> None:
    assert flag not in flags_of(world, org, inspection)


@then(phrase("{at:day}“{org:name}”的专家检查台账为"))
def _(world: World, at: date, org: str, datatable: list[list[str]]) -> None:
    docket = docket_of(world, world.org(org), at)
    told = [
        [
            chinese(local_day(each.held[0].happened) if each.held else None),
            str(line.found.item),
            PROGRESS[line.progress][0],
            chinese(line.deadline),
        ]
        for each in ledger(docket)
        for line in lines(docket, each)
    ]
    assert [["检查日期", "项次", "整改情况", "期限"], *told] == datatable


@then(phrase("{at:day}“{org:name}”的专家检查台账为空"))
def _(world: World, at: date, org: str) -> None:
    assert ledger(docket_of(world, world.org(org), at)) == []


def enterprises(world: World) -> list[UUID]:
    """Return every enterprise that was registered."""
    registered = facts_of(world.book.entries, OrganisationRegistered)
    return [entry.record for entry, fact in registered if fact.kind is OrgKind.ENTERPRISE]


@then(phrase("{at:day}欠外聘专家排查的企业依次为"))
def _(world: World, at: date, datatable: list[list[str]]) -> None:
    dockets = [docket_of(world, org, at) for org in enterprises(world)]
    told = [(docket, found) for docket in dockets if (found := behind(docket))]
    told.sort(key=lambda pair: pair[1].first_due)
    rows = [
        [
            docket.directory.name(docket.enterprise),
            chinese(found.first_due),
            str(found.overdue),
            str(found.open),
        ]
        for docket, found in told
    ]
    assert [["单位", "最早到期日", "已逾期", "未到期"], *rows] == datatable


@then(phrase("{at:day}未建立外聘专家查隐患制度的企业为{names:names}"))
def _(world: World, at: date, names: list[str]) -> None:
    dockets = [docket_of(world, org, at) for org in enterprises(world)]
    found = [each for each in dockets if without_arrangement(each)]
    assert [each.directory.name(each.enterprise) for each in found] == names


@then(phrase("{at:day}“{body:name}”专家库各专业为"))
def _(world: World, at: date, body: str, datatable: list[list[str]]) -> None:
    told = shortage(docket_of(world, world.org(body), at), at)
    rows = [[specialty, str(needed), str(has)] for specialty, needed, has in told]
    assert [["专业", "需要", "在库"], *rows] == datatable


@step(
    phrase(
        "专家“{person:name}”于{when:moment}填报可服务地区“{area:name}”，{since:day}至{until:day}空闲"
    )
)
def _(
    world: World, person: str, when: date | datetime, area: str, since: date, until: date
) -> None:
    fact = AvailabilityTold(areas=(area,), free=(Span(since=since, until=until),))
    world.record(world.person(person), fact, when)


def unfit_for(world: World, at: date, wanted: Wanted) -> dict[str, str]:
    """Return every expert's name with why they are not the one looked for."""
    docket = docket_of(world, next(iter(enterprises(world))), at)
    return {
        str(docket.directory.names[person].name): "、".join(
            UNFIT[reason][0] for reason in unfit(expert, wanted, at)
        )
        for person, expert in docket.experts.items()
    }


@then(
    phrase(
        "{at:day}为“{org:name}”查找“{specialty:name}”专业、“{area:name}”、"
        "{since:day}至{until:day}空闲的专家，结果为"
    )
)
def _(
    world: World,
    at: date,
    org: str,
    specialty: str,
    area: str,
    since: date,
    until: date,
    datatable: list[list[str]],
) -> None:
    wanted = Wanted(specialty, area, since, until, world.org(org))
    rows = [[name, why] for name, why in unfit_for(world, at, wanted).items()]
    assert [["姓名", "不合之处"], *rows] == datatable


@then(
    phrase(
        "{at:day}为“{org:name}”查找“{specialty:name}”专业的专家，“{person:name}”不合之处为“{why:name}”"
    )
)
def _(world: World, at: date, org: str, specialty: str, person: str, why: str) -> None:
    assert unfit_for(world, at, Wanted(specialty, enterprise=world.org(org)))[person] == why

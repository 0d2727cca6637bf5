"""责令限期整改指令书: issued, served, extended, complied with, rechecked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step

from domain.order import (
    OrderBreached,
    OrderComplied,
    OrderExtended,
    OrderIssued,
    OrderItem,
    OrderRechecked,
    OrderServed,
    OrderWithdrawn,
    RecheckedItem,
    ServiceRefused,
)
from tests.features.phrases import day, phrase
from tests.features.world import World
from tests.support.book import text


def issue(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    order: str,
    items: tuple[OrderItem, ...],
) -> None:
    """Record an order; its number is its name in the scenario."""
    fact = OrderIssued(
        enterprise=world.org(enterprise),
        by_org=world.org(department),
        number=order,
        items=items,
    )
    world.record(world.new("order", order), fact, when)


def about(world: World, order: str) -> tuple[UUID, UUID]:
    """Return an order's record and its enterprise."""
    record = world.the("order", order)
    return record, world.enterprise_of(record)


@step(phrase("“{department:name}”于{when:moment}向“{enterprise:name}”下达指令书“{order:name}”"))
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    order: str,
    datatable: list[list[str]],
) -> None:
    columns, *rows = datatable
    assert columns == ["项", "问题", "隐患", "期限"]
    items = tuple(
        OrderItem(
            item=int(number),
            text=text(problem),
            hazard=world.hazard(hazard) if hazard else None,
            deadline=day(deadline),
        )
        for number, problem, hazard, deadline in rows
    )
    issue(world, department, when, enterprise, order, items)


@step(
    phrase(
        "“{department:name}”于{when:moment}向“{enterprise:name}”下达指令书“{order:name}”，"
        "限{deadline:day}整改隐患“{hazard:name}”"
    )
)
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    order: str,
    deadline: date,
    hazard: str,
) -> None:
    item = OrderItem(item=1, text=text(hazard), hazard=world.hazard(hazard), deadline=deadline)
    issue(world, department, when, enterprise, order, (item,))


@step(
    phrase(
        "“{department:name}”于{when:moment}向“{enterprise:name}”下达指令书“{order:name}”，"
        "限{deadline:day}整改重大隐患“{hazard:name}”"
    )
)
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    order: str,
    deadline: date,
    hazard: str,
) -> None:
    found = world.hazard(hazard)
    item = OrderItem(item=1, text=text(hazard), hazard=found, major=True, deadline=deadline)
    issue(world, department, when, enterprise, order, (item,))


@step(phrase("指令书“{order:name}”于{when:moment}送达“{org:name}”{post:title}"))
def _(world: World, order: str, when: date | datetime, org: str, post: str) -> None:
    record, enterprise = about(world, order)
    fact = OrderServed(enterprise=enterprise, to_post=world.post(org, post))
    world.record(record, fact, when)


@step(phrase("指令书“{order:name}”于{when:moment}被“{person:name}”拒收，留置送达"))
def _(world: World, order: str, when: date | datetime, person: str) -> None:
    record, enterprise = about(world, order)
    fact = ServiceRefused(
        enterprise=enterprise, by_person=world.person(person), witness=text("村委会主任")
    )
    world.record(record, fact, when)


@step(
    phrase("“{body:name}”于{when:moment}将指令书“{order:name}”第{item:d}项期限延至{deadline:day}")
)
def _(
    world: World, body: str, when: date | datetime, order: str, item: int, deadline: date
) -> None:
    record, enterprise = about(world, order)
    fact = OrderExtended(
        enterprise=enterprise,
        by_org=world.org(body),
        item=item,
        deadline=deadline,
        reason=text("设备到货推迟"),
    )
    world.record(record, fact, when)


@step(phrase("“{org:name}”于{when:moment}报告指令书“{order:name}”{items:items}整改完成"))
def _(world: World, org: str, when: date | datetime, order: str, items: tuple[int, ...]) -> None:
    fact = OrderComplied(enterprise=world.org(org), items=items)
    world.record(world.the("order", order), fact, when)


@step(phrase("“{body:name}”于{when:moment}复查指令书“{order:name}”：{verdicts:verdicts}"))
def _(
    world: World, body: str, when: date | datetime, order: str, verdicts: dict[int, bool]
) -> None:
    record, enterprise = about(world, order)
    fact = OrderRechecked(
        enterprise=enterprise,
        by_org=world.org(body),
        items=tuple(RecheckedItem(item=item, passed=passed) for item, passed in verdicts.items()),
    )
    world.record(record, fact, when)


@step(phrase("“{body:name}”于{when:moment}认定“{org:name}”拒不执行指令书“{order:name}”"))
def _(world: World, body: str, when: date | datetime, org: str, order: str) -> None:
    fact = OrderBreached(
        enterprise=world.org(org), by_org=world.org(body), grounds=text("拒不停用设备")
    )
    world.record(world.the("order", order), fact, when)


@step(phrase("“{body:name}”于{when:moment}撤销指令书“{order:name}”"))
def _(world: World, body: str, when: date | datetime, order: str) -> None:
    record, enterprise = about(world, order)
    fact = OrderWithdrawn(
        enterprise=enterprise, by_org=world.org(body), reason=text("认定事实有误")
    )
    world.record(record, fact, when)

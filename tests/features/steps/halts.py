"""停产 and 证照: production halted, seen, resumed; licences suspended and returned."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step

from domain.halt import (
    HaltGround,
    HaltLifted,
    HaltOrdered,
    ProductionObserved,
    ProductionResumed,
)
from domain.licence import LicenceReturned, LicenceSuspended
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import ident, text

GROUNDS = {
    "重大隐患": HaltGround.MAJOR_HAZARD,
    "行政处罚": HaltGround.PENALTY,
    "其他原因": HaltGround.OTHER,
}


@step(
    phrase("“{body:name}”于{when:moment}因重大隐患{hazards:names}责令“{org:name}”停产“{halt:name}”")
)
def _(
    world: World, body: str, when: date | datetime, hazards: list[str], org: str, halt: str
) -> None:
    fact = HaltOrdered(
        enterprise=world.org(org),
        by_org=world.org(body),
        ground=HaltGround.MAJOR_HAZARD,
        hazards=tuple(world.hazard(each) for each in hazards),
    )
    world.record(world.new("halt", halt), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}因{ground:ground}责令“{org:name}”停产“{halt:name}”",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World, body: str, when: date | datetime, ground: HaltGround, org: str, halt: str
) -> None:
    fact = HaltOrdered(enterprise=world.org(org), by_org=world.org(body), ground=ground)
    world.record(world.new("halt", halt), fact, when)


@step(phrase("“{body:name}”于{when:moment}准予“{halt:name}”恢复生产"))
def _(world: World, body: str, when: date | datetime, halt: str) -> None:
    record = world.the("halt", halt)
    fact = HaltLifted(enterprise=world.enterprise_of(record), by_org=world.org(body))
    world.record(record, fact, when)


@step(phrase("“{body:name}”于{when:moment}发现“{org:name}”仍在生产"))
def _(world: World, body: str, when: date | datetime, org: str) -> None:
    fact = ProductionObserved(enterprise=world.org(org), by_org=world.org(body))
    world.record(ident(f"production {when}"), fact, when)


@step(phrase("“{body:name}”“{person:name}”于{when:moment}发现“{org:name}”仍在生产"))
def _(world: World, body: str, person: str, when: date | datetime, org: str) -> None:
    fact = ProductionObserved(
        enterprise=world.org(org), by_org=world.org(body), observer=world.person(person)
    )
    world.record(ident(f"production {when}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}发现“{org:name}”{scope:title}仍在生产"))
def _(world: World, body: str, when: date | datetime, org: str, scope: str) -> None:
    fact = ProductionObserved(enterprise=world.org(org), by_org=world.org(body), scope=text(scope))
    world.record(ident(f"production {when}"), fact, when)


@step(phrase("“{org:name}”于{when:moment}恢复生产"))
def _(world: World, org: str, when: date | datetime) -> None:
    fact = ProductionResumed(enterprise=world.org(org))
    world.record(ident(f"production {when}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}因隐患“{hazard:name}”暂扣“{org:name}”“{licence:name}”"))
def _(world: World, body: str, when: date | datetime, hazard: str, org: str, licence: str) -> None:
    fact = LicenceSuspended(
        enterprise=world.org(org),
        by_org=world.org(body),
        licence=licence,
        hazard=world.hazard(hazard),
    )
    world.record(world.new("licence", licence), fact, when)


@step(phrase("“{body:name}”于{when:moment}发还“{org:name}”“{licence:name}”"))
def _(world: World, body: str, when: date | datetime, org: str, licence: str) -> None:
    fact = LicenceReturned(enterprise=world.org(org), by_org=world.org(body))
    record = (world.the if world.knows("licence", licence) else world.new)("licence", licence)
    world.record(record, fact, when)

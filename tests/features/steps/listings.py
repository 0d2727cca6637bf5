"""挂牌督办: proposed, listed, planned, checked, accepted twice, delisted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pytest_bdd import step

from domain.listing import (
    Delisted,
    DelistingApplied,
    FirstAcceptance,
    ListedFact,
    ListingChecked,
    ListingDeclined,
    ListingExtended,
    ListingMade,
    ListingPlanMade,
    ListingProposed,
    ListingServed,
    SecondAcceptance,
)
from tests.features.phrases import phrase
from tests.features.world import World
from tests.support.book import text


def record(
    world: World,
    listing: str,
    kind: type[ListedFact],
    when: date | datetime,
    **more: Any,  # noqa: ANN401 - the fields of whichever kind
) -> None:
    """Record a fact about a listing that the scenario has begun."""
    record, hazard = world.the("listing", listing), world.the("hazard of", listing)
    fact = kind(enterprise=world.enterprise_of(record), hazard=hazard, **more)
    world.record(record, fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}就隐患“{hazard:name}”"
        "提请“{authority:name}”挂牌督办“{listing:name}”"
    )
)
def _(
    world: World, body: str, when: date | datetime, hazard: str, authority: str, listing: str
) -> None:
    found: UUID = world.hazard(hazard)
    world.new("hazard of", listing, found)
    fact = ListingProposed(
        enterprise=world.enterprise_of(found),
        hazard=found,
        by_org=world.org(body),
        to_org=world.org(authority),
    )
    world.record(world.new("listing", listing), fact, when)


@step(
    phrase(
        "“{authority:name}”于{when:moment}对“{listing:name}”挂牌，"
        "由“{body:name}”负责整改、“{unit:name}”督办，限{deadline:day}整改到位"
    )
)
def _(
    world: World,
    authority: str,
    when: date | datetime,
    listing: str,
    body: str,
    unit: str,
    deadline: date,
) -> None:
    record(
        world,
        listing,
        ListingMade,
        when,
        by_org=world.org(authority),
        number=listing,
        responsible_body=world.org(body),
        supervising_unit=world.org(unit),
        deadline=deadline,
    )


@step(phrase("“{authority:name}”于{when:moment}对“{listing:name}”不予挂牌"))
def _(world: World, authority: str, when: date | datetime, listing: str) -> None:
    by_org, reason = world.org(authority), text("已停产，危险已消除")
    record(world, listing, ListingDeclined, when, by_org=by_org, reason=reason)


@step(phrase("“{listing:name}”的督办通知书于{when:moment}送达“{org:name}”"))
def _(world: World, listing: str, when: date | datetime, org: str) -> None:
    record(world, listing, ListingServed, when, to_org=world.org(org))


@step(phrase("“{body:name}”于{when:moment}制定“{listing:name}”整改方案"))
def _(world: World, body: str, when: date | datetime, listing: str) -> None:
    plan = text("更换全部密封")
    record(world, listing, ListingPlanMade, when, by_org=world.org(body), plan=plan)


@step(phrase("“{unit:name}”于{when:moment}督办检查“{listing:name}”"))
def _(world: World, unit: str, when: date | datetime, listing: str) -> None:
    record(world, listing, ListingChecked, when, by_org=world.org(unit))


@step(phrase("“{authority:name}”于{when:moment}将“{listing:name}”期限延至{deadline:day}"))
def _(world: World, authority: str, when: date | datetime, listing: str, deadline: date) -> None:
    by_org, reason = world.org(authority), text("设备到货推迟")
    record(world, listing, ListingExtended, when, by_org=by_org, deadline=deadline, reason=reason)


@step(phrase("“{body:name}”于{when:moment}组织“{listing:name}”验收{passed:verdict}"))
def _(world: World, body: str, when: date | datetime, listing: str, *, passed: bool) -> None:
    record(world, listing, FirstAcceptance, when, by_org=world.org(body), passed=passed)


@step(phrase("“{body:name}”于{when:moment}就“{listing:name}”申请销号"))
def _(world: World, body: str, when: date | datetime, listing: str) -> None:
    record(world, listing, DelistingApplied, when, by_org=world.org(body))


@step(phrase("“{unit:name}”于{when:moment}督办验收“{listing:name}”{passed:verdict}"))
def _(world: World, unit: str, when: date | datetime, listing: str, *, passed: bool) -> None:
    record(world, listing, SecondAcceptance, when, by_org=world.org(unit), passed=passed)


@step(phrase("“{unit:name}”于{when:moment}将“{listing:name}”摘牌销号"))
def _(world: World, unit: str, when: date | datetime, listing: str) -> None:
    record(world, listing, Delisted, when, by_org=world.org(unit))

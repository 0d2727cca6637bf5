"""立案 and 处罚: cases opened and decided."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step

from domain.penalty import CaseOpened, PenaltyDecided
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import text

OUTCOMES = {"决定处罚": True, "决定不予处罚": False}


def open_case(
    world: World, body: str, when: date | datetime, org: str, case: str, hazards: list[str]
) -> None:
    """Record that a department opened a case."""
    fact = CaseOpened(
        enterprise=world.org(org),
        by_org=world.org(body),
        ground="隐患不报告",
        number=case,
        hazards=tuple(world.hazard(each) for each in hazards),
    )
    world.record(world.new("penalty", case), fact, when)


@step(phrase("“{body:name}”于{when:moment}对“{org:name}”立案“{case:name}”"))
def _(world: World, body: str, when: date | datetime, org: str, case: str) -> None:
    open_case(world, body, when, org, case, [])


@step(
    phrase("“{body:name}”于{when:moment}对“{org:name}”立案“{case:name}”，涉及隐患{hazards:names}")
)
def _(
    world: World, body: str, when: date | datetime, org: str, case: str, hazards: list[str]
) -> None:
    open_case(world, body, when, org, case, hazards)


@step(
    phrase("“{body:name}”于{when:moment}对“{case:name}”{imposed:outcome}", outcome=one_of(OUTCOMES))
)
def _(world: World, body: str, when: date | datetime, case: str, *, imposed: bool) -> None:
    record = world.the("penalty", case)
    fact = PenaltyDecided(
        enterprise=world.enterprise_of(record),
        by_org=world.org(body),
        imposed=imposed,
        reason=None if imposed else text("已及时改正"),
    )
    world.record(record, fact, when)

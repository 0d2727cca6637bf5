"""自查: what an enterprise's teams, workshops and itself look over, by shift, day and week."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step

from domain.check import CheckMade, ShiftsSet
from domain.halt import HaltGround, HaltOrdered, ProductionPaused
from tests.features.phrases import one_of, phrase
from tests.features.steps.halts import GROUNDS
from tests.features.world import World
from tests.support.book import ident, text


def check(
    world: World, org: str, when: date | datetime, post: str = "", shift: datetime | None = None
) -> None:
    """Record a check: of the enterprise, or of one of its posts."""
    whose = world.post(org, post) if post else None
    fact = CheckMade(enterprise=world.org(org), post=whose, shift=shift)
    world.record(ident(f"check {post} {when}"), fact, when)


@step(phrase("“{org:name}”于{when:moment}开展自查"))
def _(world: World, org: str, when: date | datetime) -> None:
    check(world, org, when)


@step(phrase("“{org:name}”{post:title}于{when:moment}组织检查"))
def _(world: World, org: str, post: str, when: date | datetime) -> None:
    check(world, org, when, post)


@step(phrase("“{org:name}”{post:title}于{when:moment}为{shift:moment}班次组织检查"))
def _(world: World, org: str, post: str, when: date | datetime, shift: datetime) -> None:
    check(world, org, when, post, shift)


@step(phrase("“{org:name}”自{when:moment}起排定{post:title}班次“{starts:name}”，每周“{days:name}”"))
def _(world: World, org: str, when: date | datetime, post: str, starts: str, days: str) -> None:
    fact = ShiftsSet(
        organisation=world.org(org),
        starts=tuple(starts.split("、")),
        days=tuple(map(int, days.split("、"))),
    )
    world.record(world.post(org, post), fact, when)


@step(phrase("“{org:name}”安排自{when:day}起停产至{until:day}"))
def _(world: World, org: str, when: date, until: date) -> None:
    fact = ProductionPaused(enterprise=world.org(org), until=until)
    world.record(ident(f"pause {when}"), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}因{ground:ground}责令“{org:name}”{scope:title}停产“{halt:name}”",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    ground: HaltGround,
    org: str,
    scope: str,
    halt: str,
) -> None:
    fact = HaltOrdered(
        enterprise=world.org(org),
        by_org=world.org(body),
        ground=ground,
        scope=text(scope),
    )
    world.record(world.new("halt", halt), fact, when)

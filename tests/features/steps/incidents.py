"""事故 and 责任倒查: the accident, its later figures and causes, and the review."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from pytest_bdd import step, then, when

from domain.incident import CasualtiesUpdated, CauseEstablished, IncidentOccurred, ReviewOpened
from domain.moment import end
from tests.features.phrases import phrase
from tests.features.world import World
from tests.support.book import ident, text

if TYPE_CHECKING:
    from domain.answer import Incident


def occur(
    world: World,
    org: str,
    at: date | datetime,
    incident: str,
    deaths: int,
    hazards: list[str],
    injured: int = 0,
) -> None:
    """Record an accident; its number and name are its name in the scenario."""
    fact = IncidentOccurred(
        enterprise=world.org(org),
        number=incident,
        name=incident,
        deaths=deaths,
        serious_injuries=injured,
        hazards=tuple(world.hazard(each) for each in hazards),
    )
    world.record(world.new("incident", incident), fact, at)


@step(phrase("“{org:name}”于{at:moment}发生事故“{incident:name}”，死亡{deaths:d}人"))
def _(world: World, org: str, at: date | datetime, incident: str, deaths: int) -> None:
    occur(world, org, at, incident, deaths, [])


@step(
    phrase(
        "“{org:name}”于{at:moment}发生事故“{incident:name}”，死亡{deaths:d}人，"
        "直接相关隐患{hazards:names}"
    )
)
def _(
    world: World, org: str, at: date | datetime, incident: str, deaths: int, hazards: list[str]
) -> None:
    occur(world, org, at, incident, deaths, hazards)


@step(
    phrase(
        "“{org:name}”于{at:moment}发生事故“{incident:name}”，死亡{deaths:d}人、重伤{injured:d}人，"
        "直接相关隐患{hazards:names}"
    )
)
def _(
    world: World,
    org: str,
    at: date | datetime,
    incident: str,
    deaths: int,
    injured: int,
    hazards: list[str],
) -> None:
    occur(world, org, at, incident, deaths, hazards, injured)


@step(phrase("事故“{incident:name}”于{at:moment}补报为死亡{deaths:d}人、重伤{injured:d}人"))
def _(world: World, incident: str, at: date | datetime, deaths: int, injured: int) -> None:
    record = world.the("incident", incident)
    fact = CasualtiesUpdated(
        enterprise=world.enterprise_of(record), deaths=deaths, serious_injuries=injured
    )
    world.record(record, fact, at)


@step(phrase("“{body:name}”于{at:moment}认定事故“{incident:name}”原因涉及隐患{hazards:names}"))
def _(world: World, body: str, at: date | datetime, incident: str, hazards: list[str]) -> None:
    record = world.the("incident", incident)
    fact = CauseEstablished(
        enterprise=world.enterprise_of(record),
        by_org=world.org(body),
        hazards=tuple(world.hazard(each) for each in hazards),
        cause=text("联锁被旁路"),
    )
    world.record(record, fact, at)


@step(phrase("“{body:name}”于{at:moment}启动事故“{incident:name}”责任倒查"))
def _(world: World, body: str, at: date | datetime, incident: str) -> None:
    record = world.the("incident", incident)
    fact = ReviewOpened(
        enterprise=world.enterprise_of(record), incident=record, by_org=world.org(body)
    )
    world.record(ident(f"review {incident}"), fact, at)


# 倒查


@when(phrase("倒查事故“{incident:name}”"))
def _(world: World, incident: str) -> None:
    ask(world, incident, None)


@when(phrase("倒查事故“{incident:name}”，只看{known:moment}以前录入的"))
def _(world: World, incident: str, known: date | datetime) -> None:
    ask(world, incident, end(known))


def ask(world: World, incident: str, known: datetime | None) -> None:
    """Ask the trace of an accident, at its own moment."""
    world.expect_no_refusal()
    record = world.the("incident", incident)
    at = next(entry.happened for entry in world.book.entries if entry.record == record)
    enterprise = world.enterprise_of(record)
    world.answer = world.book.trace(enterprise, at, known_at=known, incident=record)
    world.item = None


def incident(world: World) -> Incident:
    """Return the accident of the answer."""
    found = world.asked().incident
    assert found is not None
    return found


@then(phrase("事故定为“{level:name}”"))
def _(world: World, level: str) -> None:
    assert incident(world).level == level


@then(phrase("事故直接相关隐患为{hazards:names}"))
def _(world: World, hazards: list[str]) -> None:
    assert incident(world).hazards == hazards
    causes = [each.number for each in world.asked().hazards.items if each.direct_cause]
    assert sorted(causes) == sorted(hazards)


@then("声明只陈述记录事实")
def _(world: World) -> None:
    assert world.asked().notice.zh == "本图只陈述记录事实，不构成责任认定。"

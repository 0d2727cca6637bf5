"""会议 of leaders and what they decide; 规划; the leadership line of a trace."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step, then

from domain.answer import Leader
from domain.meeting import Decision, DecisionCarriedOut, MeetingHeld, SafetyInPlan
from tests.features.phrases import day, phrase
from tests.features.world import World
from tests.support.book import ident, text


def hold(
    world: World, body: str, when: date | datetime, chair: str, decisions: tuple[Decision, ...]
) -> None:
    """Record a meeting; it is known by the day on which it was held."""
    number = sum(entry.topic == "meeting.held" for entry in world.book.entries) + 1
    fact = MeetingHeld(
        body=world.org(body),
        chair=world.person(chair),
        problems=text("化工企业动火作业管理松懈"),
        decisions=decisions,
    )
    world.record(world.new("meeting", f"{body}{number}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}召开会议，由“{chair:name}”主持"))
def _(world: World, body: str, when: date | datetime, chair: str) -> None:
    hold(world, body, when, chair, ())


@step(phrase("“{body:name}”于{when:moment}召开会议，由“{chair:name}”主持，决定"))
def _(
    world: World, body: str, when: date | datetime, chair: str, datatable: list[list[str]]
) -> None:
    columns, *rows = datatable
    assert columns == ["事项", "落实单位", "落实岗位", "期限", "针对"]
    decisions = tuple(
        Decision(
            item=number,
            text=text(words),
            post=world.post(org, post),
            due=day(due),
            enterprise=world.org(enterprise) if enterprise else None,
        )
        for number, (words, org, post, due, enterprise) in enumerate(rows, 1)
    )
    hold(world, body, when, chair, decisions)


@step(phrase("“{body:name}”第{number:d}次会议的第{item:d}项决定于{when:moment}落实"))
def _(world: World, body: str, number: int, item: int, when: date | datetime) -> None:
    fact = DecisionCarriedOut(body=world.org(body), item=item, result=text("已办结"))
    world.record(world.the("meeting", f"{body}{number}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}将安全生产纳入“{plan:name}”“{section:name}”"))
def _(world: World, body: str, when: date | datetime, plan: str, section: str) -> None:
    fact = SafetyInPlan(body=world.org(body), plan=plan, section=section)
    world.record(ident(f"plan {plan}"), fact, when)


# 领导责任人


def leader(world: World, body: str, part: str) -> Leader:
    """Return the one part of a body's leadership line whose words hold these."""
    found = [
        each
        for each in world.asked().leadership
        if each.bearer.organisation
        and each.bearer.organisation.name == body
        and part in each.part.zh
    ]
    assert len(found) == 1, [each.part.zh for each in world.asked().leadership]
    return found[0]


@then(phrase("“{body:name}”领导责任人中“{part:name}”为{people:names}"))
def _(world: World, body: str, part: str, people: list[str]) -> None:
    assert [each.name for each in leader(world, body, part).bearer.holders] == people


@then(phrase("“{body:name}”领导责任人中“{part:name}”不在案"))
def _(world: World, body: str, part: str) -> None:
    bearer = leader(world, body, part).bearer
    assert (bearer.post, bearer.holders) == (None, [])


@then(phrase("领导责任人所在单位依次为{bodies:names}"))
def _(world: World, bodies: list[str]) -> None:
    orgs = [each.bearer.organisation for each in world.asked().leadership]
    assert list(dict.fromkeys(org.name for org in orgs if org)) == bodies


@then("没有领导责任人")
def _(world: World) -> None:
    assert world.asked().leadership == []

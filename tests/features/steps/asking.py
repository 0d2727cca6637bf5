"""倒查: what is asked of the trace, and what it answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from pytest_bdd import then, when

from domain.answer import BreachLine, DutyLine, HazardItem, Holder, Line, State
from domain.hazard import HazardLevel
from domain.moment import end, local_day
from tests.features.phrases import one_of, phrase
from tests.features.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = {
    "发现": "found",
    "评估": "assessed",
    "报告": "reported",
    "公示": "disclosed",
    "治理": "rectified",
    "验收": "accepted",
    "销号": "closed",
}
TIMES = {"产生": "at_opening", "届满": "at_due", "所问时刻": "at_moment"}


# 倒查


@when(phrase("{at:moment}倒查“{org:name}”"))
def _(world: World, at: date | datetime, org: str) -> None:
    ask(world, org, at, None)


@when(phrase("{at:moment}倒查“{org:name}”，只看{known:moment}以前录入的"))
def _(world: World, at: date | datetime, org: str, known: date | datetime) -> None:
    ask(world, org, at, end(known))


def ask(world: World, org: str, at: date | datetime, known: datetime | None) -> None:
    """Ask the trace of an enterprise."""
    world.expect_no_refusal()
    world.answer = world.book.trace(world.org(org), at, known_at=known)
    world.item = None


# 被拒绝与否


@then(phrase("被拒绝，依据{clause:clause}，因为“{reason:words}”"))
def _(world: World, clause: str, reason: str) -> None:
    assert world.refusal is not None, "未被拒绝"
    assert (world.refusal.clause, world.refusal.zh) == (clause, reason)
    world.refusal = None


@then(phrase("被拒绝，因为“{reason:words}”"))
def _(world: World, reason: str) -> None:
    assert world.refusal is not None, "未被拒绝"
    assert (world.refusal.clause, world.refusal.zh) == (None, reason)
    world.refusal = None


@then("准予录入")
def _(world: World) -> None:
    world.expect_no_refusal()


# 义务


def items(world: World) -> Iterator[DutyLine | BreachLine]:
    """Yield everything on all four lines of the answer."""
    lines = world.asked().lines
    for line in Line:
        yield from getattr(lines, line.value)


def duties(world: World, clause: str, title: str, subject: str | None = None) -> list[DutyLine]:
    """Return the duties of a clause and title, about one subject where it is named."""
    return [
        item
        for item in items(world)
        if isinstance(item, DutyLine)
        and (item.clause, item.title.zh) == (clause, title)
        and subject in (None, item.subject.label)
    ]


def judge(world: World, found: list[DutyLine], state: State) -> None:
    """Expect exactly one duty, in that state, and speak of it from now on."""
    assert len(found) == 1, [(d.subject.label, d.state.value) for d in found]
    world.item = found[0]
    assert found[0].state is state, (found[0].opened, found[0].due, found[0].done)


@then(phrase("{clause:clause}义务“{title:words}”{state:state}"))
def _(world: World, clause: str, title: str, state: State) -> None:
    judge(world, duties(world, clause, title), state)


@then(phrase("关于“{subject:name}”的{clause:clause}义务“{title:words}”{state:state}"))
def _(world: World, subject: str, clause: str, title: str, state: State) -> None:
    judge(world, duties(world, clause, title, subject), state)


@then(phrase("没有{clause:clause}义务“{title:words}”"))
def _(world: World, clause: str, title: str) -> None:
    assert duties(world, clause, title) == []


@then(phrase("没有关于“{subject:name}”的{clause:clause}义务“{title:words}”"))
def _(world: World, subject: str, clause: str, title: str) -> None:
    assert duties(world, clause, title, subject) == []


@then(phrase("{clause:clause}义务“{title:words}”共{count:d}项"))
def _(world: World, clause: str, title: str, count: int) -> None:
    assert len(duties(world, clause, title)) == count


@then(phrase("关于“{subject:name}”的{clause:clause}义务“{title:words}”共{count:d}项，编号各不相同"))
def _(world: World, subject: str, clause: str, title: str, count: int) -> None:
    found = duties(world, clause, title, subject)
    assert len(found) == len({each.id for each in found}) == count, [each.id for each in found]


@then(phrase("有{count:d}项{clause:clause}义务{state:state}"))
def _(world: World, count: int, clause: str, state: State) -> None:
    found = [d for d in items(world) if isinstance(d, DutyLine) and d.clause == clause]
    found = [each for each in found if each.state is state]
    assert len(found) == count, [(d.title.zh, d.subject.label) for d in found]
    world.item = found[0] if count == 1 else None


@then(phrase("该义务期限为{due:moment}"))
def _(world: World, due: date | datetime) -> None:
    assert world.duty().due == end(due)


@then("该义务没有期限")
def _(world: World) -> None:
    assert world.duty().due is None


@then(phrase("该义务产生于{opened:moment}"))
def _(world: World, opened: date | datetime) -> None:
    assert world.duty().opened == opened


@then(phrase("该义务办结于{done:moment}"))
def _(world: World, done: date | datetime) -> None:
    assert world.duty().done == done


@then(phrase("该义务逾期{days:d}天"))
def _(world: World, days: int) -> None:
    assert world.duty().late_days == days


@then(phrase("该义务的相对方为“{org:name}”"))
def _(world: World, org: str) -> None:
    owed_to = world.duty().owed_to
    assert owed_to is not None
    assert owed_to.name == org


@then("该义务没有相对方")
def _(world: World) -> None:
    assert world.duty().owed_to is None


@then(phrase("该义务由“{org:name}”{post:title}{names:names}承担"))
def _(world: World, org: str, post: str, names: list[str]) -> None:
    assert bearer(world.duty()) == (org, post, names)


@then(phrase("该义务的岗位“{org:name}”{post:title}空缺，由“{answers:words}”答责"))
def _(world: World, org: str, post: str, answers: str) -> None:
    vacant(world.duty(), org, post, answers)


@then(phrase("“{person:name}”在该义务{time:time}时在任", time=one_of(TIMES)))
def _(world: World, person: str, time: str) -> None:
    assert getattr(holder(world.duty(), person), time)


@then(phrase("“{person:name}”在该义务{time:time}时不在任", time=one_of(TIMES)))
def _(world: World, person: str, time: str) -> None:
    assert not getattr(holder(world.duty(), person), time)


@then(phrase("该义务按设置{value:value}判定"))
def _(world: World, value: str) -> None:
    applied = world.duty().setting
    assert applied is not None
    assert applied.value == value


@then(phrase("该义务注明“{note:words}”"))
def _(world: World, note: str) -> None:
    told = world.duty().note
    assert told is not None
    assert told.zh == note


@then("该义务没有注明")
def _(world: World) -> None:
    assert world.duty().note is None


@then("该义务标明为推定规则")
def _(world: World) -> None:
    applied = world.duty().setting
    assert applied is not None
    assert applied.inferred


@then("该义务标明仅凭事后补录履行")
def _(world: World) -> None:
    assert world.duty().done_by_late_entry


@then("该义务未标明事后补录")
def _(world: World) -> None:
    assert not world.duty().done_by_late_entry


# 违反


def breaches(world: World, clause: str, title: str, subject: str | None = None) -> list[BreachLine]:
    """Return the breaches of a clause and title, about one subject where it is named."""
    return [
        item
        for item in items(world)
        if isinstance(item, BreachLine)
        and (item.clause, item.title.zh) == (clause, title)
        and subject in (None, item.subject.label)
    ]


def count_breaches(world: World, found: list[BreachLine], count: int) -> None:
    """Expect so many breaches; speak of the one from now on."""
    assert len(found) == count, [(b.subject.label, b.detail.zh) for b in found]
    world.item = found[0] if count == 1 else None


@then(phrase("有{count:d}处{clause:clause}“{title:words}”"))
def _(world: World, count: int, clause: str, title: str) -> None:
    count_breaches(world, breaches(world, clause, title), count)


@then(phrase("关于“{subject:name}”有{count:d}处{clause:clause}“{title:words}”"))
def _(world: World, subject: str, count: int, clause: str, title: str) -> None:
    count_breaches(world, breaches(world, clause, title, subject), count)


@then(phrase("没有{clause:clause}“{title:words}”"))
def _(world: World, clause: str, title: str) -> None:
    assert breaches(world, clause, title) == []


@then(phrase("没有关于“{subject:name}”的{clause:clause}“{title:words}”"))
def _(world: World, subject: str, clause: str, title: str) -> None:
    assert breaches(world, clause, title, subject) == []


@then(phrase("有一处{clause:clause}“{title:words}”写明“{detail:words}”"))
def _(world: World, clause: str, title: str, detail: str) -> None:
    found = breaches(world, clause, title)
    assert detail in [each.detail.zh for each in found]
    world.item = next(each for each in found if each.detail.zh == detail)


@then(phrase("有一处{clause:clause}“{title:words}”自{since:moment}起至{until:moment}止"))
def _(
    world: World, clause: str, title: str, since: date | datetime, until: date | datetime
) -> None:
    found = {(each.at, each.until): each for each in breaches(world, clause, title)}
    assert (since, until) in found
    world.item = found[since, until]


@then(phrase("该处写明“{detail:words}”"))
def _(world: World, detail: str) -> None:
    assert world.breach().detail.zh == detail


@then(phrase("该处自{since:moment}起至{until:moment}止"))
def _(world: World, since: date | datetime, until: date | datetime) -> None:
    assert (world.breach().at, world.breach().until) == (since, until)


@then(phrase("该处自{since:moment}起，仍在持续"))
def _(world: World, since: date | datetime) -> None:
    assert (world.breach().at, world.breach().until) == (since, None)


@then(phrase("该处发生于{at:moment}"))
def _(world: World, at: date | datetime) -> None:
    assert world.breach().at == at


@then(phrase("该处由“{org:name}”{post:title}{names:names}答责"))
def _(world: World, org: str, post: str, names: list[str]) -> None:
    assert bearer(world.breach()) == (org, post, names)


@then(phrase("该处的岗位“{org:name}”{post:title}空缺，由“{answers:words}”答责"))
def _(world: World, org: str, post: str, answers: str) -> None:
    vacant(world.breach(), org, post, answers)


@then(phrase("该处按设置{value:value}判定"))
def _(world: World, value: str) -> None:
    applied = world.breach().setting
    assert applied is not None
    assert applied.value == value


@then("该处标明为推定规则")
def _(world: World) -> None:
    applied = world.breach().setting
    assert applied is not None
    assert applied.inferred


@then("该处标明事后补录")
def _(world: World) -> None:
    assert world.breach().entered_afterwards


@then("该处未标明事后补录")
def _(world: World) -> None:
    assert not world.breach().entered_afterwards


# 二者共有


def bearer(item: DutyLine | BreachLine) -> tuple[str | None, str, list[str | None]]:
    """Return the bearing organisation, the post's title and its holders' names."""
    org = item.bearer.organisation
    names = [each.name for each in item.bearer.holders]
    return org.name if org else None, item.bearer.title, names


def vacant(item: DutyLine | BreachLine, org: str, post: str, answers: str) -> None:
    """Expect a vacant post, and who answers for it."""
    assert item.bearer.vacant
    assert bearer(item) == (org, post, [])
    assert item.bearer.answers == answers


def holder(item: DutyLine | BreachLine, person: str) -> Holder:
    """Return a bearer's holder by name."""
    return next(each for each in item.bearer.holders if each.name == person)


def spoken_of(world: World) -> DutyLine | BreachLine:
    """Return the duty or breach last spoken of."""
    assert world.item is not None, "尚未提到哪一项"
    return world.item


@then(phrase("列在{line:line}一线"))
def _(world: World, line: Line) -> None:
    assert spoken_of(world) in getattr(world.asked().lines, line.value)


@then(phrase("所依据的事实为{titles:names}"))
def _(world: World, titles: list[str]) -> None:
    shown = {fact.position: fact.title.zh for fact in world.asked().facts}
    assert [shown[position] for position in spoken_of(world).facts] == titles


@then(phrase("所涉隐患为{hazards:names}"))
def _(world: World, hazards: list[str]) -> None:
    assert spoken_of(world).hazards == hazards


@then("标明依据导入台账")
def _(world: World) -> None:
    assert spoken_of(world).imported


@then(phrase("“{person:name}”标明一人兼两岗"))
def _(world: World, person: str) -> None:
    assert holder(spoken_of(world), person).two_posts


@then(phrase("“{person:name}”未标明一人兼两岗"))
def _(world: World, person: str) -> None:
    assert not holder(spoken_of(world), person).two_posts


@then(phrase("“{person:name}”标明代理"))
def _(world: World, person: str) -> None:
    assert holder(spoken_of(world), person).acting


@then(phrase("“{person:name}”的任职标明事后补录"))
def _(world: World, person: str) -> None:
    assert holder(spoken_of(world), person).entered_afterwards


# 隐患


def hazard_item(world: World, number: str) -> HazardItem:
    """Return a hazard of the answer by its number."""
    found = [each for each in world.asked().hazards.items if each.number == number]
    assert len(found) == 1, number
    return found[0]


@then(phrase("隐患“{hazard:name}”处于{step:step}", step=one_of(STEPS)))
def _(world: World, hazard: str, step: str) -> None:
    assert hazard_item(world, hazard).state == step


@then(phrase("隐患“{hazard:name}”等级为{level:level}"))
def _(world: World, hazard: str, level: HazardLevel) -> None:
    assert hazard_item(world, hazard).level == level.value


@then(phrase("隐患“{hazard:name}”的整改期限为{deadline:day}"))
def _(world: World, hazard: str, deadline: date) -> None:
    assert hazard_item(world, hazard).deadline == deadline


@then(phrase("在案隐患{count:d}项，未销号的为{hazards:names}"))
def _(world: World, count: int, hazards: list[str]) -> None:
    answer = world.asked().hazards
    assert (answer.prior, sorted(answer.open)) == (count, sorted(hazards))


@then(phrase("在案隐患{count:d}项，均已销号"))
def _(world: World, count: int) -> None:
    answer = world.asked().hazards
    assert (answer.prior, answer.open) == (count, [])


@then(phrase("逾期未销号的隐患为{hazards:names}"))
def _(world: World, hazards: list[str]) -> None:
    assert sorted(world.asked().hazards.overdue) == sorted(hazards)


@then("没有逾期未销号的隐患")
def _(world: World) -> None:
    assert world.asked().hazards.overdue == []


def titles_about(world: World, hazard: str) -> list[str]:
    """Return what the facts that a hazard's line rests on are called."""
    shown = {fact.position: fact.title.zh for fact in world.asked().facts}
    return [shown[position] for position in hazard_item(world, hazard).facts]


@then(phrase("隐患“{hazard:name}”的事实中有“{title:name}”"))
def _(world: World, hazard: str, title: str) -> None:
    assert title in titles_about(world, hazard)


@then(phrase("隐患“{hazard:name}”的事实中没有“{title:name}”"))
def _(world: World, hazard: str, title: str) -> None:
    assert title not in titles_about(world, hazard)


# 谁何时知情、事后录入、事实


@then(phrase("“{org:name}”“{person:name}”于{at:moment}因{how:words}得知“{subject:name}”"))
def _(world: World, org: str, person: str, at: date | datetime, how: str, subject: str) -> None:
    known = [
        (k.organisation.name if k.organisation else None, k.person_name, k.at, k.how.zh)
        for k in world.asked().knowledge
        if k.subject.label == subject
    ]
    assert (org, person, at, how) in known


@then(phrase("事后录入的有{titles:names}"))
def _(world: World, titles: list[str]) -> None:
    assert [each.title.zh for each in world.asked().entered_afterwards] == titles


@then("没有事后录入的事项")
def _(world: World) -> None:
    assert world.asked().entered_afterwards == []


@then(phrase("事实清单中有{day:day}的“{title:name}”"))
def _(world: World, day: date, title: str) -> None:
    listed = [(local_day(fact.happened), fact.title.zh) for fact in world.asked().facts]
    assert (day, title) in listed


@then(phrase("事实清单中没有“{title:name}”"))
def _(world: World, title: str) -> None:
    assert title not in [fact.title.zh for fact in world.asked().facts]


@then(phrase("事实清单中有{day:day}的“{title:name}”，内容为“{summary:words}”"))
def _(world: World, day: date, title: str, summary: str) -> None:
    listed = [
        (local_day(fact.happened), fact.title.zh, fact.summary) for fact in world.asked().facts
    ]
    assert (day, title, summary) in listed

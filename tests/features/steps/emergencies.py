"""应急救援: teams, stores and experts, plans and drills, danger and the power to evacuate."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step, then

from domain.answer import State
from domain.emergency import (
    DrillHeld,
    ExpertListed,
    PlanAbolished,
    PlanFiled,
    PlanKind,
    PlanReviewed,
    PlanRevised,
    StoreCounted,
    StoreKind,
    StoreRegistered,
    TeamFormed,
)
from domain.evacuation import (
    AllClearGiven,
    Commander,
    DangerPassed,
    DangerSeen,
    EvacuationOrdered,
    GrantIssued,
    GrantRevoked,
    WorkerWithdrew,
)
from domain.moment import end
from tests.features.phrases import one_of, phrase, reads
from tests.features.steps.asking import duties, judge
from tests.features.steps.trainings import person_of
from tests.features.world import World
from tests.support.book import ident, text

PLANS = {
    "综合应急预案": PlanKind.COMPREHENSIVE,
    "专项应急预案": PlanKind.SPECIAL,
    "现场处置方案": PlanKind.ON_SITE,
}
POSTS = {
    "现场带班人员": Commander.SHIFT_LEADER,
    "班组长": Commander.TEAM_LEADER,
    "调度人员": Commander.DISPATCHER,
}
_POST = "|".join(POSTS)


@reads(rf"(?:{_POST})(?:、(?:{_POST}))*")
def posts(words: str) -> tuple[Commander, ...]:
    """Read 现场带班人员、班组长."""
    return tuple(POSTS[word] for word in words.split("、"))


# 队伍、装备、物资、专家


@step(
    phrase(
        "“{org:name}”于{when:moment}建立{full:full}应急救援队伍“{team:name}”",
        full=one_of({"专职": True, "兼职": False}),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    full: bool,  # noqa: FBT001 - as the step gives it
    team: str,
) -> None:
    fact = TeamFormed(organisation=world.org(org), name=team, full_time=full)
    world.record(world.new("rescue_team", team), fact, when)


@step(
    phrase(
        "“{org:name}”于{when:moment}登记应急{kind:kind}“{name:name}”{count:d}{unit:title}",
        kind=one_of({"装备": StoreKind.EQUIPMENT, "物资": StoreKind.SUPPLIES}),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    kind: StoreKind,
    name: str,
    count: int,
    unit: str,
) -> None:
    fact = StoreRegistered(
        organisation=world.org(org), kind=kind, name=name, count=count, unit=unit
    )
    world.record(world.new("rescue_store", name), fact, when)


@step(phrase("“{org:name}”于{when:moment}清点应急储备“{name:name}”，现有{count:d}"))
def _(world: World, org: str, when: date | datetime, name: str, count: int) -> None:
    fact = StoreCounted(organisation=world.org(org), count=count)
    world.record(world.the("rescue_store", name), fact, when)


@step(phrase("“{org:name}”于{when:moment}将“{person:name}”列入应急救援专家库，专业为{what:title}"))
def _(world: World, org: str, when: date | datetime, person: str, what: str) -> None:
    who = person_of(world, person, when)
    fact = ExpertListed(organisation=world.org(org), person=who, specialty=what)
    world.record(world.new("emergency_expert", person), fact, when)


# 预案


@step(
    phrase(
        "“{org:name}”于{when:moment}向“{body:name}”报备{kind:kind}“{plan:name}”",
        kind=one_of(PLANS),
    )
)
def _(world: World, org: str, when: date | datetime, body: str, kind: PlanKind, plan: str) -> None:
    fact = PlanFiled(organisation=world.org(org), kind=kind, name=plan, to_org=world.org(body))
    world.record(world.new("emergency_plan", plan), fact, when)


@step(phrase("“{org:name}”于{when:moment}修订并报备预案“{plan:name}”"))
def _(world: World, org: str, when: date | datetime, plan: str) -> None:
    fact = PlanRevised(organisation=world.org(org))
    world.record(world.the("emergency_plan", plan), fact, when)


@step(
    phrase(
        "“{org:name}”于{when:moment}评估预案“{plan:name}”，{revise:revise}修订",
        revise=one_of({"须": True, "无须": False}),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    plan: str,
    revise: bool,  # noqa: FBT001 - as the step gives it
) -> None:
    fact = PlanReviewed(organisation=world.org(org), to_revise=revise)
    world.record(world.the("emergency_plan", plan), fact, when)


@step(phrase("“{org:name}”于{when:moment}废止预案“{plan:name}”"))
def _(world: World, org: str, when: date | datetime, plan: str) -> None:
    world.record(
        world.the("emergency_plan", plan), PlanAbolished(organisation=world.org(org)), when
    )


# 演练


@step(phrase("“{org:name}”于{when:moment}开展{kind:kind}演练", kind=one_of(PLANS)))
def _(world: World, org: str, when: date | datetime, kind: PlanKind) -> None:
    drill(world, org, when, kind, ())


@step(
    phrase(
        "“{org:name}”于{when:moment}开展{kind:kind}“{plan:name}”演练",
        kind=one_of(PLANS),
    )
)
def _(world: World, org: str, when: date | datetime, kind: PlanKind, plan: str) -> None:
    drill(world, org, when, kind, (world.the("emergency_plan", plan),))


def drill(
    world: World, org: str, when: date | datetime, kind: PlanKind, plans: tuple[UUID, ...]
) -> None:
    """Record a drill."""
    fact = DrillHeld(organisation=world.org(org), kind=kind, plans=plans)
    world.record(ident(f"drill {org} {when} {kind}"), fact, when)


@then(phrase("{due:moment}到期的{clause:clause}义务“{title:words}”{state:state}"))
def _(world: World, due: date | datetime, clause: str, title: str, state: State) -> None:
    judge(world, [each for each in duties(world, clause, title) if each.due == end(due)], state)


@then(phrase("没有{due:moment}到期的{clause:clause}义务“{title:words}”"))
def _(world: World, due: date | datetime, clause: str, title: str) -> None:
    assert [each for each in duties(world, clause, title) if each.due == end(due)] == []


@then(phrase("“{org:name}”{due:moment}到期的{clause:clause}义务“{title:words}”{state:state}"))
def _(world: World, org: str, due: date | datetime, clause: str, title: str, state: State) -> None:
    found = [each for each in duties(world, clause, title) if each.due == end(due)]
    borne = [e for e in found if e.bearer.organisation and e.bearer.organisation.name == org]
    judge(world, borne, state)


# 停产撤人


@step(phrase("“{org:name}”于{when:moment}书面赋予{to:to}停产撤人决策权“{grant:name}”", to=posts))
def _(world: World, org: str, when: date | datetime, to: tuple[Commander, ...], grant: str) -> None:
    fact = GrantIssued(enterprise=world.org(org), posts=to, document=grant)
    world.record(world.new("grant", grant), fact, when)


@step(phrase("“{org:name}”于{when:moment}收回停产撤人决策权“{grant:name}”"))
def _(world: World, org: str, when: date | datetime, grant: str) -> None:
    world.record(world.the("grant", grant), GrantRevoked(enterprise=world.org(org)), when)


@step(phrase("“{org:name}”于{when:moment}出现险情“{danger:name}”"))
def _(world: World, org: str, when: date | datetime, danger: str) -> None:
    fact = DangerSeen(enterprise=world.org(org), text=text(danger))
    world.record(world.new("danger", danger), fact, when)


@step(phrase("险情“{danger:name}”于{when:moment}经“{person:name}”确认解除"))
def _(world: World, danger: str, when: date | datetime, person: str) -> None:
    record = world.the("danger", danger)
    fact = DangerPassed(
        enterprise=world.enterprise_of(record),
        person=person_of(world, person, when),
        grounds=text("现场检测合格"),
    )
    world.record(record, fact, when)


@step(
    phrase("“{org:name}”{post:title}“{person:name}”于{when:moment}下达停产撤人命令“{order:name}”")
)
def _(world: World, org: str, post: str, person: str, when: date | datetime, order: str) -> None:
    fact = EvacuationOrdered(
        enterprise=world.org(org), person=world.person(person), post=world.post(org, post)
    )
    world.record(world.new("evacuation", order), fact, when)


@step(phrase("停产撤人命令“{order:name}”于{when:moment}经“{person:name}”解除"))
def _(world: World, order: str, when: date | datetime, person: str) -> None:
    record = world.the("evacuation", order)
    fact = AllClearGiven(
        enterprise=world.enterprise_of(record),
        person=person_of(world, person, when),
        grounds=text("险情排除，检测合格"),
    )
    world.record(record, fact, when)


@step(phrase("“{org:name}”“{person:name}”于{when:moment}自行停止作业撤离"))
def _(world: World, org: str, person: str, when: date | datetime) -> None:
    fact = WorkerWithdrew(
        enterprise=world.org(org),
        person=person_of(world, person, when),
        reason=text("闻到异味"),
    )
    world.record(ident(f"withdrawal {person}"), fact, when)

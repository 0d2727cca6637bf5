"""企业主体责任: the tree of posts, money, assessed installations, plans with 五落实, own rules."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from pytest_bdd import step, then

from domain.fund import AllotmentMade, FundPlanned, FundRevised, SpendingMade, fund_id
from domain.hazard import HazardPlanned
from domain.installation import (
    AssessmentFinding,
    FindingBecameHazard,
    InstallationAssessed,
    InstallationKind,
    InstallationListed,
    InstallationRemoved,
)
from domain.moment import local_day
from domain.own_rule import OwnRuleAdopted, OwnRuleRepealed, RuleKind, missing_kinds, own_rule_id
from domain.people import PostCreated, PostMoved
from domain.policy.s1_3_views import (
    ORPHANS,
    HazardMoney,
    money_of,
    post_tree,
    rule_in_force,
    rules_by_kind,
)
from tests.features.phrases import names, one_of, phrase, reads
from tests.features.steps.expert_views import docket_of
from tests.features.steps.hazards import about
from tests.features.steps.trainings import person_of
from tests.features.world import KINDS, World
from tests.support.book import ident, text

LISTED = {
    "工艺装备": InstallationKind.PROCESS_EQUIPMENT,
    "安全设施": InstallationKind.SAFETY_INSTALLATION,
}
RULES = {
    "排查制度": RuleKind.INVESTIGATION,
    "登记制度": RuleKind.REGISTRATION,
    "报告制度": RuleKind.REPORTING,
    "整改制度": RuleKind.RECTIFICATION,
    "资金使用专项制度": RuleKind.FUNDS,
    "责任制": RuleKind.RESPONSIBILITY,
    "其他制度": RuleKind.OTHER,
}
FIVE = {
    "责任": "responsible",
    "资金": "funding",
    "措施": "measures",
    "时限": "deadline",
    "应急预案": "emergency_plan",
}
YES = {"是": True, "否": False}
HAS = {"有": True, "没有": False}


@reads(r"无|“[^“”]+”(?:、“[^“”]+”)*")
def names_or_none(words: str) -> list[str]:
    """Read 无 or “甲”、“乙”."""
    return [] if words == "无" else names(words)


# 岗位


def create_below(
    world: World, org: str, above: str, kind: str, post: str, when: date | datetime
) -> None:
    """Create a post below another of the same organisation."""
    fact = PostCreated(
        organisation=world.org(org),
        kind=KINDS[kind],
        title=post,
        reports_to=world.post(org, above),
    )
    world.record(world.new("post", f"{org} {post}"), fact, when)


@step(phrase("“{org:name}”于{when:moment}在{above:title}之下设{kind:title}岗位“{post:name}”"))
def _(world: World, org: str, when: date | datetime, above: str, kind: str, post: str) -> None:
    create_below(world, org, above, kind, post, when)


@step(phrase("“{org:name}”于{when:moment}设{kind:title}岗位“{post:name}”，上级岗位不在案"))
def _(world: World, org: str, when: date | datetime, kind: str, post: str) -> None:
    fact = PostCreated(
        organisation=world.org(org), kind=KINDS[kind], title=post, reports_to=ident("nobody's")
    )
    world.record(world.new("post", f"{org} {post}"), fact, when)


@step(phrase("“{org:name}”于{when:moment}将{post:title}岗位改隶{above:title}"))
def _(world: World, org: str, when: date | datetime, post: str, above: str) -> None:
    fact = PostMoved(organisation=world.org(org), reports_to=world.post(org, above))
    world.record(world.post(org, post), fact, when)


@step(phrase("“{org:name}”于{when:moment}将{post:title}岗位改隶“{other:name}”{above:title}"))
def _(world: World, org: str, when: date | datetime, post: str, other: str, above: str) -> None:
    fact = PostMoved(organisation=world.org(org), reports_to=world.post(other, above))
    world.record(world.post(org, post), fact, when)


@step(phrase("“{other:name}”将“{org:name}”{post:title}岗位于{when:moment}改隶其{above:title}"))
def _(world: World, other: str, org: str, post: str, when: date | datetime, above: str) -> None:
    fact = PostMoved(organisation=world.org(other), reports_to=world.post(other, above))
    world.record(world.post(org, post), fact, when)


@then(phrase("{at:day}“{org:name}”的岗位均连到主要负责人"))
def _(world: World, at: date, org: str) -> None:
    assert post_tree(docket_of(world, world.org(org), at)).orphans == ()


@then(phrase("{at:day}“{org:name}”未连到主要负责人的岗位为"))
def _(world: World, at: date, org: str, datatable: list[list[str]]) -> None:
    found = post_tree(docket_of(world, world.org(org), at)).orphans
    told = [[each.post.title, ORPHANS[each.orphan][0]] for each in found if each.orphan]
    assert [["岗位", "原因"], *told] == datatable


@then(phrase("{at:day}“{org:name}”岗位“{post:name}”在主要负责人之下第{depth:d}级"))
def _(world: World, at: date, org: str, post: str, depth: int) -> None:
    tree = post_tree(docket_of(world, world.org(org), at))
    assert [each.depth for each in tree.places if each.post.title == post] == [depth]


@then(
    phrase("{at:day}“{org:name}”没有岗位的人员为{people:people}", people=names_or_none),
)
def _(world: World, at: date, org: str, people: list[str]) -> None:
    docket = docket_of(world, world.org(org), at)
    found = [str(docket.directory.names[p].name) for p in post_tree(docket).without_post]
    assert found == people


@then(phrase("{at:day}“{org:name}”{has:has}成文的责任制", has=one_of(HAS)))
def _(world: World, at: date, org: str, has: bool) -> None:  # noqa: FBT001 - as written
    assert (post_tree(docket_of(world, world.org(org), at)).system is not None) is has


# 资金


@step(phrase("“{org:name}”于{when:moment}计划{year:d}年安全资金{amount:d}元"))
def _(world: World, org: str, when: date | datetime, year: int, amount: int) -> None:
    enterprise = world.org(org)
    fact = FundPlanned(enterprise=enterprise, year=year, amount=amount * 100)
    world.record(fund_id(enterprise, year), fact, when)


@step(phrase("“{org:name}”于{when:moment}将{year:d}年安全资金调整为{amount:d}元"))
def _(world: World, org: str, when: date | datetime, year: int, amount: int) -> None:
    enterprise = world.org(org)
    fact = FundRevised(enterprise=enterprise, amount=amount * 100)
    world.record(fund_id(enterprise, year), fact, when)


@step(
    phrase(
        "“{org:name}”于{when:moment}为隐患“{hazard:name}”安排资金{amount:d}元，来源“{source:name}”"
    )
)
def _(world: World, org: str, when: date | datetime, hazard: str, amount: int, source: str) -> None:
    fact = AllotmentMade(
        enterprise=world.org(org),
        hazard=world.hazard(hazard),
        amount=amount * 100,
        source=text(source),
    )
    world.record(ident(f"allotment {hazard} {when}"), fact, when)


@step(phrase("“{org:name}”于{when:moment}为隐患“{hazard:name}”支出{amount:d}元"))
def _(world: World, org: str, when: date | datetime, hazard: str, amount: int) -> None:
    fact = SpendingMade(
        enterprise=world.org(org),
        hazard=world.hazard(hazard),
        amount=amount * 100,
        purpose=text("更换阀门"),
    )
    world.record(ident(f"spending {hazard} {when}"), fact, when)


@step(phrase("“{org:name}”于{when:moment}支出{amount:d}元，用于“{purpose:name}”"))
def _(world: World, org: str, when: date | datetime, amount: int, purpose: str) -> None:
    fact = SpendingMade(enterprise=world.org(org), amount=amount * 100, purpose=text(purpose))
    world.record(ident(f"spending {purpose}"), fact, when)


@then(phrase("{at:day}“{org:name}”{year:d}年资金不足{amount:d}元"))
def _(world: World, at: date, org: str, year: int, amount: int) -> None:
    assert money_of(docket_of(world, world.org(org), at), year).shortfall == amount * 100


@then(phrase("{at:day}“{org:name}”{year:d}年计划未支出{amount:d}元"))
def _(world: World, at: date, org: str, year: int, amount: int) -> None:
    assert money_of(docket_of(world, world.org(org), at), year).not_spent == amount * 100


@then(phrase("{at:day}“{org:name}”{year:d}年计划为{amount:d}元"))
def _(world: World, at: date, org: str, year: int, amount: int) -> None:
    assert money_of(docket_of(world, world.org(org), at), year).planned == amount * 100


def money_about(world: World, at: date, org: str, year: int, hazard: str) -> HazardMoney:
    """Return the money of one hazard."""
    told = money_of(docket_of(world, world.org(org), at), year)
    return next(each for each in told.hazards if each.hazard.number == hazard)


@then(phrase("{at:day}“{org:name}”{year:d}年隐患“{hazard:name}”的资金为"))
def _(world: World, at: date, org: str, year: int, hazard: str, datatable: list[list[str]]) -> None:
    money = money_about(world, at, org, year, hazard)
    yuan = [str(each // 100) for each in (money.allotted, money.spent, money.shortfall)]
    row = [str(money.source), *yuan, "是" if money.unfunded else "否"]
    assert [["来源", "安排", "支出", "不足", "没有来源"], row] == datatable


@then(
    phrase(
        "{at:day}“{org:name}”{year:d}年隐患“{hazard:name}”没有资金来源：{told:told}",
        told=one_of(YES),
    )
)
def _(world: World, at: date, org: str, year: int, hazard: str, told: bool) -> None:  # noqa: FBT001
    assert money_about(world, at, org, year, hazard).unfunded is told


@then(
    phrase(
        "{at:day}“{org:name}”{year:d}年没有资金来源的隐患为{hazards:hazards}",
        hazards=names_or_none,
    )
)
def _(world: World, at: date, org: str, year: int, hazards: list[str]) -> None:
    told = money_of(docket_of(world, world.org(org), at), year)
    assert [each.hazard.number for each in told.hazards if each.unfunded] == hazards


# 诊断评估清单


@step(phrase("“{org:name}”于{when:moment}将{kind:kind}“{name:name}”列入清单", kind=one_of(LISTED)))
def _(world: World, org: str, when: date | datetime, kind: InstallationKind, name: str) -> None:
    fact = InstallationListed(enterprise=world.org(org), kind=kind, name=name)
    world.record(world.new("installation", name), fact, when)


@step(phrase("“{org:name}”于{when:moment}将“{name:name}”移出清单"))
def _(world: World, org: str, when: date | datetime, name: str) -> None:
    fact = InstallationRemoved(enterprise=world.org(org))
    world.record(world.the("installation", name), fact, when)


def assess(world: World, name: str, when: date | datetime, **said: Any) -> None:  # noqa: ANN401
    """Record an assessment of an installation."""
    record = world.the("installation", name)
    fact = InstallationAssessed(
        enterprise=world.enterprise_of(record), result=text("总体可靠"), **said
    )
    world.record(record, fact, when)


@step(phrase("“{institution:name}”于{when:moment}评估“{name:name}”"))
def _(world: World, institution: str, when: date | datetime, name: str) -> None:
    assess(world, name, when, institution=institution)


@step(phrase("专家“{person:name}”于{when:moment}评估“{name:name}”"))
def _(world: World, person: str, when: date | datetime, name: str) -> None:
    assess(world, name, when, experts=(person_of(world, person, when),))


@step(phrase("“{org:name}”于{when:moment}自行评估“{name:name}”"))
def _(world: World, org: str, when: date | datetime, name: str) -> None:
    assert world.org(org) == world.enterprise_of(world.the("installation", name))
    assess(world, name, when)


@step(
    phrase(
        "“{institution:name}”于{when:moment}评估“{name:name}”，"
        "第{item:d}项问题即隐患“{hazard:name}”"
    )
)
def _(
    world: World, institution: str, when: date | datetime, name: str, item: int, hazard: str
) -> None:
    finding = AssessmentFinding(item=item, text=text("磨损超限"), hazard=world.hazard(hazard))
    assess(world, name, when, institution=institution, findings=(finding,))


@step(phrase("“{institution:name}”于{when:moment}评估“{name:name}”，第{item:d}项问题尚未登记"))
def _(world: World, institution: str, when: date | datetime, name: str, item: int) -> None:
    finding = AssessmentFinding(item=item, text=text("磨损超限"))
    assess(world, name, when, institution=institution, findings=(finding,))


@step(
    phrase(
        "“{name:name}”第{number:d}次评估第{item:d}项问题于{when:moment}登记为隐患“{hazard:name}”"
    )
)
def _(world: World, name: str, number: int, item: int, when: date | datetime, hazard: str) -> None:
    record = world.the("installation", name)
    fact = FindingBecameHazard(
        enterprise=world.enterprise_of(record),
        assessment=number,
        item=item,
        hazard=world.hazard(hazard),
    )
    world.record(record, fact, when)


# 五落实


@reads(r"(?:责任|资金|措施|时限|应急预案)(?:、(?:责任|资金|措施|时限|应急预案))*")
def lacking(words: str) -> list[str]:
    """Read 资金、应急预案."""
    return re.split("、", words)


def plan_without(
    world: World, hazard: str, when: date | datetime, left_out: list[str], *, effective: bool
) -> None:
    """Record a plan that lacks some of 五落实."""
    record, enterprise = about(world, hazard)
    plan: dict[str, Any] = {
        "responsible": world.any_post(enterprise),
        "funding": text("安全生产费用"),
        "measures": text("更换罐体"),
        "deadline": local_day(when) + timedelta(days=15),
        "emergency_plan": text("泄漏应急预案"),
    }
    for each in left_out:
        del plan[FIVE[each]]
    world.record(record, HazardPlanned(enterprise=enterprise, effective=effective, **plan), when)


@step(phrase("隐患“{hazard:name}”于{when:moment}制定整改方案，缺{left_out:five}", five=lacking))
def _(world: World, hazard: str, when: date | datetime, left_out: list[str]) -> None:
    plan_without(world, hazard, when, left_out, effective=True)


@step(phrase("隐患“{hazard:name}”于{when:moment}草拟整改方案，缺{left_out:five}", five=lacking))
def _(world: World, hazard: str, when: date | datetime, left_out: list[str]) -> None:
    plan_without(world, hazard, when, left_out, effective=False)


# 规章制度


def adopt(
    world: World,
    person: str,
    org: str,
    kind: RuleKind,
    title: str,
    version: str,
    when: date | datetime,
    since: date | None = None,
) -> None:
    """Record a version of an enterprise's own rule, adopted by its principal."""
    enterprise = world.org(org)
    fact = OwnRuleAdopted(
        enterprise=enterprise,
        kind=kind,
        title=title,
        version=version,
        adopted_by=world.person(person),
        post=world.post(org, "主要负责人"),
        since=since,
    )
    world.record(own_rule_id(enterprise, kind, title, version), fact, when)


@step(
    phrase(
        "“{person:name}”于{when:moment}批准“{org:name}”{kind:kind}“{title:name}”“{version:name}”",
        kind=one_of(RULES),
    )
)
def _(
    world: World,
    person: str,
    when: date | datetime,
    org: str,
    kind: RuleKind,
    title: str,
    version: str,
) -> None:
    adopt(world, person, org, kind, title, version, when)


@step(
    phrase(
        "“{person:name}”于{when:moment}批准“{org:name}”{kind:kind}“{title:name}”“{version:name}”，"
        "自{since:day}起施行",
        kind=one_of(RULES),
    )
)
def _(
    world: World,
    person: str,
    when: date | datetime,
    org: str,
    kind: RuleKind,
    title: str,
    version: str,
    since: date,
) -> None:
    adopt(world, person, org, kind, title, version, when, since)


@step(
    phrase(
        "“{org:name}”于{when:moment}废止{kind:kind}“{title:name}”“{version:name}”",
        kind=one_of(RULES),
    )
)
def _(
    world: World, org: str, when: date | datetime, kind: RuleKind, title: str, version: str
) -> None:
    enterprise = world.org(org)
    record = own_rule_id(enterprise, kind, title, version)
    world.record(record, OwnRuleRepealed(enterprise=enterprise), when)


@reads(r"无|[^、“”]+(?:、[^、“”]+)*")
def kinds_missing(words: str) -> list[RuleKind]:
    """Read 排查、登记."""
    return [] if words == "无" else [RULES[f"{each}制度"] for each in words.split("、")]


@then(phrase("{at:day}“{org:name}”所缺制度为{kinds:missing}", missing=kinds_missing))
def _(world: World, at: date, org: str, kinds: list[RuleKind]) -> None:
    docket = docket_of(world, world.org(org), at)
    assert missing_kinds(docket.own, docket.at) == kinds


@then(
    phrase(
        "{at:day}“{org:name}”施行的{kind:kind}为{versions:versions}",
        kind=one_of(RULES),
        versions=names_or_none,
    )
)
def _(world: World, at: date, org: str, kind: RuleKind, versions: list[str]) -> None:
    found = rules_by_kind(docket_of(world, world.org(org), at)).get(kind, [])
    assert [each.fact.version for each in found if each.holds(at)] == versions


@then(phrase("{at:day}“{org:name}”{has:has}资金使用专项制度", has=one_of(HAS)))
def _(world: World, at: date, org: str, has: bool) -> None:  # noqa: FBT001 - as written
    docket = docket_of(world, world.org(org), at)
    assert (rule_in_force(docket, RuleKind.FUNDS) is not None) is has


@then(
    phrase(
        "“{org:name}”{kind:kind}“{version:name}”由{post:title}“{person:name}”批准",
        kind=one_of(RULES),
    )
)
def _(world: World, org: str, kind: RuleKind, version: str, post: str, person: str) -> None:
    docket = docket_of(world, world.org(org))
    found = [v for v in rules_by_kind(docket)[kind] if v.fact.version == version]
    told = [(v.fact.post, v.fact.adopted_by) for v in found]
    assert told == [(world.post(org, post), world.person(person))]

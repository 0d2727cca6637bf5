"""社会监督: channels and rules for reports, exposure, publicity, employees (五（二）)."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step, then

from domain.exposure import ExposureEnded, ExposureGround, ExposureRecord, UnitExposed
from domain.hazard import Finder
from domain.moment import end
from domain.participation import FinderRewarded, HazardEscalated, credits_of, participation
from domain.policy.duty import Docket
from domain.policy.s5_2_public import gaps
from domain.publicity import Medium, PublicityMade
from domain.tip_office import (
    Channel,
    ChannelClosed,
    ChannelOpened,
    Item,
    RulesAdopted,
    RulesEnded,
    RulesKind,
)
from tests.features.phrases import one_of, phrase
from tests.features.steps.hazards import about, find
from tests.features.world import World
from tests.support.book import ident, text

CHANNELS = {
    "举报电话": Channel.TELEPHONE,
    "举报电子邮箱": Channel.EMAIL,
    "网上举报平台": Channel.WEB,
}
RULES = {"举报办事程序": RulesKind.PROCEDURE, "举报奖励办法": RulesKind.REWARD}
ITEMS = {
    "举报电话": Item.TELEPHONE,
    "举报电子邮箱": Item.EMAIL,
    "举报办事程序": Item.PROCEDURE,
    "举报奖励办法": Item.REWARD,
}
GROUNDS = {
    "不认真": ExposureGround.NOT_EARNEST,
    "走过场": ExposureGround.GOING_THROUGH_MOTIONS,
    "不报告": ExposureGround.NOT_REPORTED,
    "不整改": ExposureGround.NOT_RECTIFIED,
    "瞒报": ExposureGround.CONCEALED,
}
MEDIA = {
    "广播": Medium.BROADCAST,
    "电视": Medium.TELEVISION,
    "报纸": Medium.NEWSPAPER,
    "互联网": Medium.INTERNET,
}


# 渠道、程序、奖励办法


@step(
    phrase(
        "“{body:name}”于{when:moment}设立{channel:channel}“{address:name}”",
        channel=one_of(CHANNELS),
    )
)
def _(world: World, body: str, when: date | datetime, channel: Channel, address: str) -> None:
    fact = ChannelOpened(body=world.org(body), channel=channel, address=address)
    world.record(world.new("channel", f"{body} {address}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}停用“{address:name}”"))
def _(world: World, body: str, when: date | datetime, address: str) -> None:
    fact = ChannelClosed(body=world.org(body), reason=text("号码变更"))
    world.record(world.the("channel", f"{body} {address}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}制定{kind:kind}“{document:name}”", kind=one_of(RULES)))
def _(world: World, body: str, when: date | datetime, kind: RulesKind, document: str) -> None:
    fact = RulesAdopted(body=world.org(body), kind=kind, document=document)
    world.record(world.new("rules", document), fact, when)


@step(phrase("“{body:name}”于{when:moment}废止“{document:name}”"))
def _(world: World, body: str, when: date | datetime, document: str) -> None:
    world.record(world.the("rules", document), RulesEnded(body=world.org(body)), when)


@then(
    phrase(
        "{at:moment}“{org:name}”所属各级各部门中没有{item:item}的为{bodies:names}",
        item=one_of(ITEMS),
    )
)
def _(world: World, at: date | datetime, org: str, item: Item, bodies: list[str]) -> None:
    docket = Docket(world.org(org), world.book.entries, at)
    assert [docket.directory.name(body) for body, _ in gaps(docket, item)] == bodies


# 曝光


@step(
    phrase(
        "“{body:name}”于{when:moment}以“{ground:ground}”为由公开曝光“{org:name}”，"
        "依据为“{words:name}”",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World, body: str, when: date | datetime, ground: ExposureGround, org: str, words: str
) -> None:
    expose(world, body, when, org, ground, words, None)


@step(
    phrase(
        "“{body:name}”于{when:moment}以“{ground:ground}”为由公开曝光“{org:name}”，"
        "依据为“{words:name}”，公开至{until:day}",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    ground: ExposureGround,
    org: str,
    words: str,
    until: date,
) -> None:
    expose(world, body, when, org, ground, words, until)


def expose(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    ground: ExposureGround,
    words: str,
    until: date | None,
) -> None:
    """Record that a unit is exposed; the scenario knows the exposure by the unit's name."""
    fact = UnitExposed(
        enterprise=world.org(org),
        by_org=world.org(body),
        ground=ground,
        text=text(words),
        media=(Medium.INTERNET,),
        until=until,
    )
    world.record(world.new("exposure", org), fact, when)


@step(phrase("“{body:name}”于{when:moment}撤下对“{org:name}”的曝光，理由为“{reason:name}”"))
def _(world: World, body: str, when: date | datetime, org: str, reason: str) -> None:
    fact = ExposureEnded(enterprise=world.org(org), by_org=world.org(body), reason=text(reason))
    world.record(world.the("exposure", org), fact, when)


def shown(world: World, at: date | datetime) -> list[tuple[str, str, str]]:
    """Return what the public is shown at a moment: unit, ground, words."""
    records = dict.fromkeys(e.record for e in world.book.entries if e.topic == "exposure.published")
    found = []
    for record in records:
        entries = [entry for entry in world.book.entries if entry.record == record]
        exposure = ExposureRecord(f"exposure:{record}", entries)
        if exposure.shown(at) and exposure.published:
            fact = exposure.published
            name = Docket(fact.enterprise, world.book.entries, at).directory.name(fact.enterprise)
            ground = next(words for words, each in GROUNDS.items() if each is fact.ground)
            found.append((name, ground, str(fact.text)))
    return found


@then(phrase("{at:moment}公开曝光的单位为{orgs:names}"))
def _(world: World, at: date | datetime, orgs: list[str]) -> None:
    assert [name for name, _, _ in shown(world, at)] == orgs


@then(phrase("{at:moment}“{org:name}”的曝光事由为“{ground:name}”，依据为“{words:name}”"))
def _(world: World, at: date | datetime, org: str, ground: str, words: str) -> None:
    assert (org, ground, words) in shown(world, at)


@then(phrase("{at:moment}没有公开曝光的单位"))
def _(world: World, at: date | datetime) -> None:
    assert shown(world, at) == []


# 宣传


@step(
    phrase(
        "“{body:name}”于{when:moment}通过“{media:media}”宣传“{content:name}”", media=one_of(MEDIA)
    )
)
def _(world: World, body: str, when: date | datetime, media: Medium, content: str) -> None:
    number = sum(entry.topic == "publicity.made" for entry in world.book.entries) + 1
    fact = PublicityMade(body=world.org(body), media=(media,), content=text(content))
    world.record(ident(f"publicity {number}"), fact, when)


@then(phrase("“{body:name}”{year:d}年通过“{media:media}”宣传{count:d}次", media=one_of(MEDIA)))
def _(world: World, body: str, year: int, media: Medium, count: int) -> None:
    org = world.org(body)
    docket = Docket(org, world.book.entries, date(year, 12, 31))
    told = [e for e in docket.about(f"org:{org}") if isinstance(e.fact, PublicityMade)]
    of_year = [e.fact for e in told if e.happened.year == year]
    assert sum(media in getattr(fact, "media", ()) for fact in of_year) == count


# 从业人员


@step(phrase("“{org:name}”从业人员“{person:name}”于{when:moment}发现隐患“{hazard:name}”"))
def _(world: World, org: str, person: str, when: date | datetime, hazard: str) -> None:
    who = {"finder_org": world.org(org), "finder": world.person(person)}
    find(world, hazard, org, when, found_by=Finder.EMPLOYEE, **who)


@step(
    phrase(
        "“{org:name}”从业人员“{person:name}”于{when:moment}越过{post:title}"
        "向“{to:name}”报告隐患“{hazard:name}”"
    )
)
def _(
    world: World,
    org: str,
    person: str,
    when: date | datetime,
    post: str,
    to: str,
    hazard: str,
) -> None:
    fact = HazardEscalated(
        enterprise=world.org(org),
        person=world.person(person),
        to_org=world.org(to),
        past=(world.post(org, post),),
    )
    world.record(world.hazard(hazard), fact, when)


@step(phrase("“{org:name}”于{when:moment}因隐患“{hazard:name}”奖励“{person:name}”{yuan:d}元"))
def _(world: World, org: str, when: date | datetime, hazard: str, person: str, yuan: int) -> None:
    record, enterprise = about(world, hazard)
    fact = FinderRewarded(
        enterprise=enterprise,
        person=world.person(person),
        by_org=world.org(org),
        amount=yuan * 100,
    )
    world.record(record, fact, when)


@step(phrase("“{org:name}”于{when:moment}因隐患“{hazard:name}”奖励“{person:name}”，未写明奖励什么"))
def _(world: World, org: str, when: date | datetime, hazard: str, person: str) -> None:
    record, enterprise = about(world, hazard)
    fact = FinderRewarded(enterprise=enterprise, person=world.person(person), by_org=world.org(org))
    world.record(record, fact, when)


@then(
    phrase("截至{at:day}“{org:name}”{unit:title}{people:d}人中{finders:d}人发现隐患，共{count:d}项")
)
def _(world: World, at: date, org: str, unit: str, people: int, finders: int, count: int) -> None:
    docket = Docket(world.org(org), world.book.entries, end(at))
    told = {
        (each.post.title if each.post else "其他"): each
        for each in participation(docket, at.replace(month=1, day=1), at)
    }
    found = told[unit]
    assert (len(found.people), len(found.finders), found.hazards) == (people, finders, count)


@then(phrase("截至{at:day}隐患“{hazard:name}”记在“{person:name}”名下，奖励{yuan:d}元"))
def _(world: World, at: date, hazard: str, person: str, yuan: int) -> None:
    record, enterprise = about(world, hazard)
    docket = Docket(enterprise, world.book.entries, end(at))
    (credit,) = [
        each
        for each in credits_of(docket, at.replace(month=1, day=1), at)
        if each.hazard.id == record
    ]
    given = sum(each.amount or 0 for each in credit.rewards)
    assert (credit.finder, given) == (world.person(person), yuan * 100)

"""专项资金、购买服务、支持、年度考核、督查、责任追究结果 (五（三）、五（四）)."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step, then

from domain.directory import Directory
from domain.hazard import HazardClosed
from domain.incident import OutcomeRecorded, Sanction, Stage
from domain.moment import end, first_day, last_day
from domain.organisation import OrganisationRegistered, OrgKind
from domain.oversight import BodyOverseen, EnterpriseOverseen, Office
from domain.policy.s5_3_system import public_fund
from domain.policy.s5_4_figures import (
    Item,
    below,
    in_charge_of,
    indicators,
    items_of,
    quarter_figures,
    quarter_line,
)
from domain.public_fund import (
    InspectionsPurchased,
    PublicFundPlanned,
    PublicFundRevised,
    SupportGiven,
    SupportKind,
    public_fund_id,
)
from domain.record import facts_of
from domain.yearly import KEYS, Indicator, Key, Outcome, YearAssessed, yearly_assessment_id
from tests.features.phrases import one_of, phrase, reads
from tests.features.steps.enterprises import names_or_none
from tests.features.steps.expert_views import docket_of
from tests.features.steps.regulators import quarter
from tests.features.world import World
from tests.support.book import ident, text

OUTCOMES = {
    "优秀": Outcome.EXCELLENT,
    "合格": Outcome.QUALIFIED,
    "不合格": Outcome.UNQUALIFIED,
}
OFFICES = {
    "督查部门": Office.INSPECTORATE,
    "监察部门": Office.SUPERVISION,
    "安监部门": Office.SAFETY,
}
STAGES = {"建议": Stage.PROPOSED, "决定": Stage.DECIDED}
SANCTIONS = {
    "党纪处分": Sanction.PARTY,
    "政务处分": Sanction.ADMINISTRATIVE,
    "行政处罚": Sanction.PENALTY,
}
WORDS = {zh: key for key, (zh, _) in KEYS.items()}


# 专项资金


@step(phrase("“{body:name}”于{when:moment}安排{year:d}年专项资金{amount:d}元"))
def _(world: World, body: str, when: date | datetime, year: int, amount: int) -> None:
    org = world.org(body)
    fact = PublicFundPlanned(body=org, year=year, amount=amount * 100)
    world.record(public_fund_id(org, year), fact, when)


@step(phrase("“{body:name}”于{when:moment}将{year:d}年专项资金调整为{amount:d}元"))
def _(world: World, body: str, when: date | datetime, year: int, amount: int) -> None:
    org = world.org(body)
    world.record(public_fund_id(org, year), PublicFundRevised(body=org, amount=amount * 100), when)


@then(phrase("{at:day}“{body:name}”{year:d}年专项资金为{amount:d}元"))
def _(world: World, at: date, body: str, year: int, amount: int) -> None:
    assert public_fund(docket_of(world, world.org(body), at), year, []).planned == amount * 100


@then(phrase("{at:day}“{body:name}”{year:d}年没有安排专项资金"))
def _(world: World, at: date, body: str, year: int) -> None:
    assert public_fund(docket_of(world, world.org(body), at), year, []).planned is None


@step(
    phrase(
        "“{body:name}”于{when:moment}向“{provider:name}”购买{year:d}年对{enterprises:names}的排查，"
        "金额{amount:d}元"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    provider: str,
    year: int,
    enterprises: list[str],
    amount: int,
) -> None:
    fact = InspectionsPurchased(
        body=world.org(body),
        year=year,
        provider=provider,
        amount=amount * 100,
        enterprises=tuple(world.org(each) for each in enterprises),
    )
    world.record(ident(f"purchase {provider} {when}"), fact, when)


@then(
    phrase(
        "{at:day}“{body:name}”{year:d}年购买服务{amount:d}元，已开展{held:d}次，"
        "尚未开展的企业为{waiting:waiting}",
        waiting=names_or_none,
    )
)
def _(
    world: World, at: date, body: str, year: int, amount: int, held: int, waiting: list[str]
) -> None:
    docket = docket_of(world, world.org(body), at)
    told = public_fund(docket, year, world.book.entries)
    left = [docket.directory.name(each) for p in told.purchases for each in p.waiting]
    assert (told.purchased, sum(len(p.held) for p in told.purchases)) == (amount * 100, held)
    assert left == waiting


@step(phrase("“{body:name}”于{when:moment}以{year:d}年度数据给予“{org:name}”资金支持{amount:d}元"))
def _(world: World, body: str, when: date | datetime, year: int, org: str, amount: int) -> None:
    enterprise = world.org(org)
    fact = SupportGiven(
        enterprise=enterprise,
        by_org=world.org(body),
        kind=SupportKind.FUNDS,
        amount=amount * 100,
        year=year,
        upto=len(world.book.entries),
        figures=indicators(items_of(docket_of(world, enterprise, when), year)),
        measure=text("减免专家服务费"),
    )
    world.record(ident(f"support {org} {when}"), fact, when)


def cells(figure: Indicator) -> list[str]:
    """Write a figure as scenarios do."""
    counts = (figure.owed, figure.kept, figure.late, figure.missed)
    return [KEYS[figure.key][0], *map(str, counts)]


@then(phrase("支持“{org:name}”所依据的{year:d}年数据为"))
def _(world: World, org: str, year: int, datatable: list[list[str]]) -> None:
    given = facts_of(world.book.entries, SupportGiven)
    found = [f for _, f in given if (f.enterprise, f.year) == (world.org(org), year)]
    told = [cells(each) for fact in found for each in fact.figures if each.owed]
    assert [["指标", "应办", "按期", "逾期办结", "逾期未办"], *told] == datatable


# 年度考核


def charge_of(world: World, body: str, year: int) -> list[UUID]:
    """Return the enterprises in a body's charge at any time of a year."""
    directory = Directory(world.book.entries)
    return in_charge_of(directory, world.org(body), date(year, 1, 1), date(year, 12, 31))


def behind(world: World, body: str, year: int, at: date | datetime) -> list[Item]:
    """Return everything behind a body's figures of a year."""
    bodies = below(Directory(world.book.entries), world.org(body))
    found = [
        item
        for enterprise in charge_of(world, body, year)
        for item in items_of(docket_of(world, enterprise, at), year, bodies)
    ]
    return [*found, *(i for each in bodies for i in items_of(docket_of(world, each, at), year))]


@step(
    phrase(
        "“{assessor:name}”于{when:moment}考核“{body:name}”{year:d}年度，等次为{outcome:outcome}",
        outcome=one_of(OUTCOMES),
    )
)
def _(
    world: World,
    assessor: str,
    when: date | datetime,
    body: str,
    year: int,
    outcome: Outcome,
) -> None:
    assessed, by = world.org(body), world.org(assessor)
    fact = YearAssessed(
        body=assessed,
        by_org=by,
        year=year,
        upto=len(world.book.entries),
        figures=indicators(behind(world, body, year, when)),
        charge=len(charge_of(world, body, year)),
        outcome=outcome,
    )
    world.record(yearly_assessment_id(assessed, by, year), fact, when)


@reads(r"应办\d+、按期\d+、逾期办结\d+、逾期未办\d+")
def counts(words: str) -> tuple[int, ...]:
    """Read 应办4、按期1、逾期办结0、逾期未办3."""
    return tuple(int(number) for number in re.findall(r"\d+", words))


@then(
    phrase(
        "{at:day}“{body:name}”{year:d}年考核指标“{key:key}”{told:counts}",
        key=one_of(WORDS),
        counts=counts,
    )
)
def _(world: World, at: date, body: str, year: int, key: Key, told: tuple[int, ...]) -> None:
    found = indicators(behind(world, body, year, at))
    figure = next(each for each in found if each.key is key)
    assert (figure.owed, figure.kept, figure.late, figure.missed) == told


@then(phrase("{at:day}“{body:name}”{year:d}年考核指标“{key:key}”背后为", key=one_of(WORDS)))
def _(world: World, at: date, body: str, year: int, key: Key, datatable: list[list[str]]) -> None:
    titles = {entry.position: entry.fact.topic.zh for entry in world.book.entries}
    directory = Directory(world.book.entries)
    told = [
        [
            directory.name(item.org),
            item.detail,
            item.standing,
            "、".join(titles[position] for position in item.facts),
        ]
        for item in behind(world, body, year, at)
        if item.key is key
    ]
    assert [["单位", "事项", "情况", "事实"], *told] == datatable


@then(phrase("{at:day}“{body:name}”{year:d}年所辖企业为{charge:charge}", charge=names_or_none))
def _(world: World, at: date, body: str, year: int, charge: list[str]) -> None:
    assert at.year > year
    directory = Directory(world.book.entries)
    found = charge_of(world, body, year)
    assert [directory.name(each) for each in found] == charge


@step(phrase("隐患“{hazard:name}”于{when:moment}闭环"))
def _(world: World, hazard: str, when: date | datetime) -> None:

    record = world.hazard(hazard)
    enterprise = world.enterprise_of(record)
    world.book.enter(record, HazardClosed(enterprise=enterprise, by_org=enterprise), when)


@step(phrase("隐患“{hazard:name}”至今没有闭环"))
def _(world: World, hazard: str) -> None:
    record = world.hazard(hazard)
    closed = facts_of(world.book.entries, HazardClosed)
    assert record not in [entry.record for entry, _ in closed]


# 季度数据


@step(
    phrase("“{parent:name}”于{when:moment}起登记“{org:name}”，地区“{area:name}”，行业{industry:d}")
)
def _(world: World, parent: str, when: date | datetime, org: str, area: str, industry: int) -> None:
    fact = OrganisationRegistered(
        kind=OrgKind.ENTERPRISE,
        code=org,
        name=org,
        parent=world.org(parent),
        area=area,
        industry=str(industry),
    )
    world.record(world.new("org", org), fact, when)


@then(phrase("“{body:name}”{of:quarter}从台账提取的数据为", quarter=quarter))
def _(world: World, body: str, of: str, datatable: list[list[str]]) -> None:
    first, last = first_day(of), last_day(of)
    charge = in_charge_of(Directory(world.book.entries), world.org(body), first, last)
    lines = (quarter_line(docket_of(world, each, end(last)), of) for each in charge)
    told = [
        [
            each.area,
            each.industry,
            *map(
                str,
                (
                    each.charge,
                    each.found_hazards,
                    each.major_hazards,
                    each.closed_hazards,
                    each.overdue_hazards,
                    each.unreported,
                ),
            ),
        ]
        for each in quarter_figures(lines)
    ]
    headings = ["地区", "行业", "企业", "发现", "重大", "销号", "逾期", "未报"]
    assert [headings, *told] == datatable


# 督查


@step(
    phrase(
        "“{by:name}”作为{office:office}于{when:moment}督查“{org:name}”，"
        "发现问题{problems:d}项：“{matter:name}”",
        office=one_of(OFFICES),
    )
)
def _(
    world: World,
    by: str,
    office: Office,
    when: date | datetime,
    org: str,
    problems: int,
    matter: str,
) -> None:
    fact = EnterpriseOverseen(
        enterprise=world.org(org),
        by_org=world.org(by),
        office=office,
        problems=problems,
        matter=text(matter),
    )
    world.record(ident(f"oversight {org} {when}"), fact, when)


@step(
    phrase(
        "“{by:name}”作为{office:office}于{when:moment}督查“{body:name}”监管责任，"
        "发现问题{problems:d}项：“{matter:name}”",
        office=one_of(OFFICES),
    )
)
def _(
    world: World,
    by: str,
    office: Office,
    when: date | datetime,
    body: str,
    problems: int,
    matter: str,
) -> None:
    fact = BodyOverseen(
        body=world.org(body),
        by_org=world.org(by),
        office=office,
        problems=problems,
        matter=text(matter),
    )
    world.record(ident(f"oversight {body} {when}"), fact, when)


@then(phrase("事实清单中没有{day:day}的“{title:name}”"))
def _(world: World, day: date, title: str) -> None:
    listed = [(fact.happened, fact.title.zh) for fact in world.asked().facts]
    assert (day, title) not in listed


# 责任追究结果


def outcome(
    world: World,
    by: str,
    when: date | datetime,
    incident: str,
    person: str,
    stage: Stage,
    sanction: Sanction | None,
    grounds: str,
) -> None:
    """Record what a body proposed or decided about a person."""
    fact = OutcomeRecorded(
        enterprise=world.enterprise_of(world.the("incident", incident)),
        person=world.person(person),
        stage=stage,
        sanction=sanction,
        by_org=world.org(by),
        grounds=text(grounds),
    )
    world.record(ident(f"review {incident}"), fact, when)


@step(
    phrase(
        "“{by:name}”于{when:moment}就事故“{incident:name}”{stage:stage}对“{person:name}”"
        "给予{sanction:sanction}，依据为“{grounds:name}”",
        stage=one_of(STAGES),
        sanction=one_of(SANCTIONS),
    )
)
def _(
    world: World,
    by: str,
    when: date | datetime,
    incident: str,
    stage: Stage,
    person: str,
    sanction: Sanction,
    grounds: str,
) -> None:
    outcome(world, by, when, incident, person, stage, sanction, grounds)


@step(
    phrase(
        "“{by:name}”于{when:moment}就事故“{incident:name}”决定对“{person:name}”不予追究，"
        "依据为“{grounds:name}”"
    )
)
def _(
    world: World, by: str, when: date | datetime, incident: str, person: str, grounds: str
) -> None:
    outcome(world, by, when, incident, person, Stage.NOT_PURSUED, None, grounds)


@step(
    phrase("“{by:name}”于{when:moment}就事故“{incident:name}”决定追究“{person:name}”而未写明方式")
)
def _(world: World, by: str, when: date | datetime, incident: str, person: str) -> None:
    outcome(world, by, when, incident, person, Stage.DECIDED, None, "未按期整改")


@step(
    phrase(
        "“{by:name}”于{when:moment}就事故“{incident:name}”决定对“{person:name}”不予追究"
        "而写明行政处罚"
    )
)
def _(world: World, by: str, when: date | datetime, incident: str, person: str) -> None:
    outcome(world, by, when, incident, person, Stage.NOT_PURSUED, Sanction.PENALTY, "未按期整改")


@then("责任追究结果为")
def _(world: World, datatable: list[list[str]]) -> None:
    told = [
        [
            str(each.person_name),
            each.stage,
            each.sanction or "",
            each.by.name if each.by else "",
            str(each.grounds),
        ]
        for each in world.asked().outcomes
    ]
    assert [["姓名", "情况", "方式", "作出单位", "依据"], *told] == datatable


@then("没有责任追究结果")
def _(world: World) -> None:
    assert world.asked().outcomes == []

"""季度评估、专项整治、系统性风险、月报反馈、文件目录: what bodies assess, decide and answer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step, then

from domain.campaign import CampaignDeclined, CampaignFinished, CampaignOpened
from domain.document import DOCUMENTS, DocumentRegistered, register
from domain.monthly_report import ReportAnswered, report_id
from domain.quarter import Figures, GuidanceGiven, QuarterAssessed, quarter_id
from domain.systemic_risk import (
    Measure,
    RiskAssessed,
    RiskAssigned,
    RiskKind,
    RiskMeasureTaken,
    RiskRegistered,
    RiskRemoved,
)
from tests.features.phrases import day, one_of, phrase, reads
from tests.features.world import World
from tests.support.book import ident, text

QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
HELD = {"存有文本": True, "未存文本": False}


@reads(r"\d{4}年[一二三四]季度")
def quarter(words: str) -> str:
    """Read 2024年一季度 as 2024-Q1."""
    return f"{words[:4]}-Q{QUARTERS[words[5]]}"


# 季度评估


def assess(
    world: World, body: str, when: date | datetime, of: str, figures: tuple[Figures, ...] = ()
) -> None:
    """Record the assessment of a quarter."""
    org = world.org(body)
    fact = QuarterAssessed(body=org, quarter=of, upto=1, figures=figures)
    world.record(quarter_id(org, of), fact, when)


@step(phrase("“{body:name}”于{when:moment}评估{of:quarter}情况", quarter=quarter))
def _(
    world: World,
    body: str,
    when: date | datetime,
    of: str,
    datatable: list[list[str]] | None = None,
) -> None:
    columns, *rows = datatable or [["地区", "行业", "企业", "隐患", "重大"]]
    assert columns == ["地区", "行业", "企业", "隐患", "重大"]
    figures = tuple(
        Figures(area=a, industry=i, charge=int(e), found_hazards=int(h), major_hazards=int(m))
        for a, i, e, h, m in rows
    )
    assess(world, body, when, of, figures)


@step(
    phrase(
        "“{body:name}”于{when:moment}{urging:urging}“{org:name}”“{matter:name}”",
        urging=one_of({"指导": False, "督促": True}),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    urging: bool,  # noqa: FBT001 - as written
    org: str,
    matter: str,
) -> None:
    fact = GuidanceGiven(
        enterprise=world.org(org), by_org=world.org(body), urging=urging, matter=text(matter)
    )
    world.record(ident(f"guidance {matter}"), fact, when)


# 专项整治


def campaign(
    world: World, body: str, when: date | datetime, area: str, industry: str, until: date
) -> None:
    """Record the opening of a campaign."""
    fact = CampaignOpened(
        body=world.org(body), area=area, industry=industry, until=until, scope=text("全部企业")
    )
    world.record(world.new("campaign", f"{body} {industry}"), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}{held:held}“{area:name}”“{industry:name}”领域专项整治",
        held=one_of({"部署": True, "不开展": False}),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    held: bool,  # noqa: FBT001 - as written
    area: str,
    industry: str,
) -> None:
    if held:
        campaign(world, body, when, area, industry, date(2024, 12, 31))
        return
    fact = CampaignDeclined(
        body=world.org(body), area=area, industry=industry, reason=text("已由市级部署")
    )
    world.record(ident(f"declined {when}"), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}部署“{area:name}”“{industry:name}”领域专项整治，"
        "至{until:day}结束"
    )
)
def _(
    world: World, body: str, when: date | datetime, area: str, industry: str, until: date
) -> None:
    campaign(world, body, when, area, industry, until)


@step(phrase("“{body:name}”于{when:moment}报告该专项整治结果"))
def _(world: World, body: str, when: date | datetime) -> None:
    fact = CampaignFinished(
        body=world.org(body),
        inspected=10,
        found_hazards=12,
        rectified_hazards=12,
        result=text("均已整改"),
    )
    world.record(world.the("campaign", f"{body} 26"), fact, when)


# 系统性风险


@step(phrase("“{body:name}”于{when:moment}登记系统性风险“{risk:name}”"))
def _(world: World, body: str, when: date | datetime, risk: str) -> None:
    fact = RiskRegistered(
        body=world.org(body), kind=RiskKind.CHEMICAL_PARK, name=risk, area="沂南县"
    )
    world.record(world.new("risk", risk), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}明确“{risk:name}”由“{department:name}”负责、“{unit:name}”参与"
    )
)
def _(
    world: World, body: str, when: date | datetime, risk: str, department: str, unit: str
) -> None:
    fact = RiskAssigned(
        body=world.org(body), department=world.org(department), units=(world.org(unit),)
    )
    world.record(world.the("risk", risk), fact, when)


@step(phrase("“{body:name}”于{when:moment}评估系统性风险“{risk:name}”"))
def _(
    world: World,
    body: str,
    when: date | datetime,
    risk: str,
    datatable: list[list[str]] | None = None,
) -> None:
    columns, *rows = datatable or [["项", "措施", "责任单位", "期限"]]
    assert columns == ["项", "措施", "责任单位", "期限"]
    measures = tuple(
        Measure(item=int(item), text=text(words), by_org=world.org(org), due=day(due))
        for item, words, org, due in rows
    )
    fact = RiskAssessed(
        body=_body_of(world, risk),
        by_org=world.org(body),
        result=text("风险较高"),
        measures=measures,
    )
    world.record(world.the("risk", risk), fact, when)


@step(phrase("“{body:name}”于{when:moment}落实“{risk:name}”第{item:d}项措施"))
def _(world: World, body: str, when: date | datetime, risk: str, item: int) -> None:
    fact = RiskMeasureTaken(
        body=_body_of(world, risk), item=item, by_org=world.org(body), result=text("已落实")
    )
    world.record(world.the("risk", risk), fact, when)


@step(phrase("“{body:name}”于{when:moment}确认“{risk:name}”消除"))
def _(world: World, body: str, when: date | datetime, risk: str) -> None:
    fact = RiskRemoved(body=world.org(body), reason=text("已拆除"))
    world.record(world.the("risk", risk), fact, when)


def _body_of(world: World, risk: str) -> UUID:
    """Return the government that registered a risk."""
    record = world.the("risk", risk)
    registered = (e.fact for e in world.book.entries if e.record == record)
    return next(fact.body for fact in registered if isinstance(fact, RiskRegistered))


# 月报反馈


@step(phrase("“{body:name}”于{when:moment}反馈“{org:name}”{month:month}月报"))
def _(world: World, body: str, when: date | datetime, org: str, month: str) -> None:
    enterprise = world.org(org)
    fact = ReportAnswered(
        enterprise=enterprise, month=month, by_org=world.org(body), answer=text("整改有效")
    )
    world.record(report_id(enterprise, month), fact, when)


# 文件目录


@step(phrase("{when:day}登记文件“{title:name}”{version:d}年版，{held:held}", held=one_of(HELD)))
def _(world: World, when: date, title: str, version: int, held: bool) -> None:  # noqa: FBT001
    fact = DocumentRegistered(number="某号", title=title, version=str(version), held=held)
    world.record(DOCUMENTS, fact, when)


@then(phrase("{at:day}文件目录中“{title:name}”{held:held}", held=one_of(HELD)))
def _(world: World, at: date, title: str, held: bool) -> None:  # noqa: FBT001 - as written
    assert [each.held for each in register(world.book.entries, at) if each.title == title] == [held]


@then(phrase("{at:day}文件目录中“{title:name}”有{first:d}、{second:d}两版"))
def _(world: World, at: date, title: str, first: int, second: int) -> None:
    found = [each.version for each in register(world.book.entries, at) if each.title == title]
    assert found == [str(first), str(second)]

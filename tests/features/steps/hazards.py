"""隐患: the seven steps, and what is said about a hazard on the way."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from pytest_bdd import step, then

from domain.fact import Actor
from domain.hazard import (
    AcceptanceApplied,
    Determiner,
    Finder,
    HazardAccepted,
    HazardAssessed,
    HazardClosed,
    HazardDetermined,
    HazardDisclosed,
    HazardDowngraded,
    HazardFound,
    HazardLevel,
    HazardMadeKnown,
    HazardPlanned,
    HazardRectified,
    HazardReported,
    HazardSafeguarded,
    RectificationStarted,
    ReportKind,
    SafeguardsEnded,
)
from domain.imported import LedgerRowImported, RowOrigin, imported_hazard_id
from domain.moment import local_day
from domain.organisation import OrgKind
from domain.record import facts_of
from tests.features.phrases import one_of, phrase, reads
from tests.features.world import World
from tests.support.book import text

FINDERS = {"自查": Finder.ENTERPRISE, "员工自查": Finder.EMPLOYEE}
DETERMINERS = {
    OrgKind.ENTERPRISE: Determiner.ENTERPRISE,
    OrgKind.DEPARTMENT: Determiner.DEPARTMENT,
    OrgKind.GOVERNMENT: Determiner.DEPARTMENT,
    OrgKind.ZONE: Determiner.DEPARTMENT,
    OrgKind.EXPERT_BODY: Determiner.EXPERT,
}
_FOUR = {"措施": "measures", "人员": "responsible", "时间": "deadline", "资金来源": "funding"}


@reads(r"定(?:措施|人员|时间|资金来源)(?:、定(?:措施|人员|时间|资金来源))*")
def four(words: str) -> list[str]:
    """Read 定措施、定人员 …."""
    return re.findall(r"定([^、]+)", words)


def find(world: World, hazard: str, enterprise: str, when: date | datetime, **said: Any) -> None:  # noqa: ANN401
    """Record that a hazard was found; its number is its name in the scenario."""
    record = world.new("hazard", hazard)
    fact = HazardFound(
        enterprise=world.org(enterprise), number=hazard, description=text(hazard), **said
    )
    world.record(record, fact, when)


def finder(world: World, body: str) -> dict[str, Any]:
    """Return what a finding says of a body that is not the enterprise."""
    org = world.org(body)
    return {"found_by": Finder(DETERMINERS[world.kinds[org]].value), "finder_org": org}


def about(world: World, hazard: str) -> tuple[UUID, UUID]:
    """Return a hazard's record and its enterprise."""
    record = world.hazard(hazard)
    return record, world.enterprise_of(record)


# 发现


@step(phrase("“{org:name}”于{when:moment}{by:by}发现隐患“{hazard:name}”", by=one_of(FINDERS)))
def _(world: World, org: str, when: date | datetime, by: Finder, hazard: str) -> None:
    find(world, hazard, org, when, found_by=by)


@step(
    phrase(
        "“{org:name}”“{person:name}”于{when:moment}{by:by}发现隐患“{hazard:name}”",
        by=one_of(FINDERS),
    )
)
def _(world: World, org: str, person: str, when: date | datetime, by: Finder, hazard: str) -> None:
    find(world, hazard, org, when, found_by=by, finder=world.person(person))


@step(phrase("“{org:name}”于{when:moment}自查发现疑似重大隐患“{hazard:name}”"))
def _(world: World, org: str, when: date | datetime, hazard: str) -> None:
    find(world, hazard, org, when, found_by=Finder.ENTERPRISE, suspected_major=True)


@step(phrase("“{org:name}”于{when:moment}自查发现疑似重大隐患“{hazard:name}”，危及生产安全"))
def _(world: World, org: str, when: date | datetime, hazard: str) -> None:
    said = {"suspected_major": True, "endangers_production": True}
    find(world, hazard, org, when, found_by=Finder.ENTERPRISE, **said)


@step(phrase("“{org:name}”于{when:moment}自查发现并当场整改隐患“{hazard:name}”"))
def _(world: World, org: str, when: date | datetime, hazard: str) -> None:
    find(world, hazard, org, when, found_by=Finder.ENTERPRISE, fixed_on_spot=True)


@step(phrase("“{org:name}”于{when:moment}自查发现并当场整改疑似重大隐患“{hazard:name}”"))
def _(world: World, org: str, when: date | datetime, hazard: str) -> None:
    said = {"found_by": Finder.ENTERPRISE, "suspected_major": True, "fixed_on_spot": True}
    find(world, hazard, org, when, **said)


@step(phrase("“{body:name}”于{when:moment}在“{org:name}”发现隐患“{hazard:name}”"))
def _(world: World, body: str, when: date | datetime, org: str, hazard: str) -> None:
    find(world, hazard, org, when, **finder(world, body))


@step(phrase("“{body:name}”于{when:moment}在“{org:name}”发现疑似重大隐患“{hazard:name}”"))
def _(world: World, body: str, when: date | datetime, org: str, hazard: str) -> None:
    find(world, hazard, org, when, suspected_major=True, **finder(world, body))


@step(
    phrase(
        "“{body:name}”于{when:moment}在检查“{inspection:name}”中发现“{org:name}”隐患“{hazard:name}”"
    )
)
def _(
    world: World, body: str, when: date | datetime, inspection: str, org: str, hazard: str
) -> None:
    during = world.the("inspection", inspection)
    find(world, hazard, org, when, inspection=during, **finder(world, body))


@step(phrase("群众于{when:moment}举报“{org:name}”隐患“{hazard:name}”"))
def _(world: World, when: date | datetime, org: str, hazard: str) -> None:
    find(world, hazard, org, when, found_by=Finder.PUBLIC)


@step(phrase("“{org:name}”于{when:moment}被告知隐患“{hazard:name}”"))
def _(world: World, org: str, when: date | datetime, hazard: str) -> None:
    record, enterprise = about(world, hazard)
    world.record(record, HazardMadeKnown(enterprise=enterprise, to_org=world.org(org)), when)


@step(
    phrase(
        "隐患“{hazard:name}”于{when:moment}{manner:manner}告知“{org:name}”{post:title}",
        manner=one_of({"口头": "口头", "书面": "书面"}),
    )
)
def _(world: World, hazard: str, when: date | datetime, manner: str, org: str, post: str) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardMadeKnown(
        enterprise=enterprise,
        to_org=world.org(org),
        to_post=world.post(org, post),
        manner=manner,
    )
    world.record(record, fact, when)


# 评估、认定


@step(phrase("隐患“{hazard:name}”于{when:moment}评估为{level:level}隐患"))
def _(world: World, hazard: str, when: date | datetime, level: HazardLevel) -> None:
    record, enterprise = about(world, hazard)
    world.record(record, HazardAssessed(enterprise=enterprise, level=level), when)


@step(
    phrase(
        "隐患“{hazard:name}”于{when:moment}评估为{level:level}隐患，"
        "由“{org:name}”{post:title}组织整改"
    )
)
def _(
    world: World, hazard: str, when: date | datetime, level: HazardLevel, org: str, post: str
) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardAssessed(enterprise=enterprise, level=level, organiser=world.post(org, post))
    world.record(record, fact, when)


@step(phrase("“{body:name}”于{when:moment}认定隐患“{hazard:name}”为{level:level}隐患"))
def _(world: World, body: str, when: date | datetime, hazard: str, level: HazardLevel) -> None:
    determine(world, body, when, hazard, level, ())


@step(
    phrase(
        "“{body:name}”于{when:moment}认定隐患“{hazard:name}”为{level:level}隐患，"
        "{absent:title}未参加，原因为“{reason:name}”"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    hazard: str,
    level: HazardLevel,
    absent: str,
    reason: str,
) -> None:
    determine(world, body, when, hazard, level, (absent,), reason)


@step(
    phrase(
        "“{body:name}”于{when:moment}认定隐患“{hazard:name}”为{level:level}隐患，"
        "{absent:title}未参加，未说明原因"
    )
)
def _(
    world: World, body: str, when: date | datetime, hazard: str, level: HazardLevel, absent: str
) -> None:
    determine(world, body, when, hazard, level, (absent,))


@step(
    phrase(
        "{by:by}于{when:moment}认定隐患“{hazard:name}”为重大隐患，未写明单位",
        by=one_of({"部门": Determiner.DEPARTMENT, "专家": Determiner.EXPERT}),
    )
)
def _(world: World, by: Determiner, when: date | datetime, hazard: str) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardDetermined(enterprise=enterprise, level=HazardLevel.MAJOR, by=by)
    world.record(record, fact, when)


FUNCTIONS = ("安全部门", "生产部门", "工程设备部门", "技术部门")


def determine(
    world: World,
    body: str,
    when: date | datetime,
    hazard: str,
    level: HazardLevel,
    absent: tuple[str, ...],
    reason: str | None = None,
) -> None:
    """Record a determination; all four functions took part but those absent."""
    record, enterprise = about(world, hazard)
    org = world.org(body)
    fact = HazardDetermined(
        enterprise=enterprise,
        level=level,
        by=DETERMINERS[world.kinds[org]],
        determiner_org=org,
        functions=tuple(each for each in FUNCTIONS if each not in absent),
        absent=absent,
        absence_reason=text(reason) if reason else None,
    )
    world.record(record, fact, when)


@step(phrase("“{body:name}”于{when:moment}将隐患“{hazard:name}”降为一般隐患"))
def _(world: World, body: str, when: date | datetime, hazard: str) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardDowngraded(
        enterprise=enterprise, by_org=world.org(body), reason=text("危险物质已清空")
    )
    world.record(record, fact, when)


# 报告、公示


@step(phrase("隐患“{hazard:name}”于{when:moment}整理上报公司"))
def _(world: World, hazard: str, when: date | datetime) -> None:
    report(world, hazard, about(world, hazard)[1], ReportKind.COMPANY, when)


@step(phrase("重大隐患“{hazard:name}”于{when:moment}报告“{org:name}”"))
def _(world: World, hazard: str, when: date | datetime, org: str) -> None:
    report(world, hazard, world.org(org), ReportKind.MAJOR, when)


@step(phrase("隐患“{hazard:name}”的专项报告于{when:moment}提交“{org:name}”"))
def _(world: World, hazard: str, when: date | datetime, org: str) -> None:
    report(world, hazard, world.org(org), ReportKind.SPECIAL, when)


def report(world: World, hazard: str, to: UUID, kind: ReportKind, when: date | datetime) -> None:
    """Record a report of a hazard."""
    record, enterprise = about(world, hazard)
    world.record(record, HazardReported(enterprise=enterprise, kind=kind, to_org=to), when)


@step(phrase("隐患“{hazard:name}”于{when:moment}在“{where:name}”公示"))
def _(world: World, hazard: str, when: date | datetime, where: str) -> None:
    record, enterprise = about(world, hazard)
    world.record(record, HazardDisclosed(enterprise=enterprise, where=text(where)), when)


@step(
    phrase("隐患“{hazard:name}”于{when:moment}在“{where:name}”公示至{until:day}，并向职工大会通报")
)
def _(world: World, hazard: str, when: date | datetime, where: str, until: date) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardDisclosed(
        enterprise=enterprise, where=text(where), until=until, employees_meeting=True
    )
    world.record(record, fact, when)


@then(phrase("隐患“{hazard:name}”于{when:moment}公示至{until:day}，经职工大会通报"))
def _(world: World, hazard: str, when: date | datetime, until: date) -> None:
    told = facts_of(world.book.entries, HazardDisclosed)
    found = [
        (entry.happened, fact.until, fact.employees_meeting)
        for entry, fact in told
        if entry.record == world.hazard(hazard)
    ]
    assert found == [(when, until, True)]


# 治理


@step(phrase("隐患“{hazard:name}”于{when:moment}{settled:four}", four=four))
def _(world: World, hazard: str, when: date | datetime, settled: list[str]) -> None:
    record, enterprise = about(world, hazard)
    plan: dict[str, Any] = {
        "measures": text("更换密封"),
        "responsible": world.any_post(enterprise),
        "deadline": local_day(when) + timedelta(days=15),
        "funding": text("安全生产费用"),
    }
    chosen = {_FOUR[each]: plan[_FOUR[each]] for each in settled}
    world.record(record, HazardPlanned(enterprise=enterprise, **chosen), when)


@step(phrase("隐患“{hazard:name}”于{when:moment}制定整改方案，期限{deadline:day}"))
def _(world: World, hazard: str, when: date | datetime, deadline: date) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardPlanned(
        enterprise=enterprise,
        measures=text("更换罐体"),
        responsible=world.any_post(enterprise),
        deadline=deadline,
        funding=text("安全生产费用"),
        emergency_plan=text("泄漏应急预案"),
    )
    world.record(record, fact, when)


@step(phrase("隐患“{hazard:name}”于{when:moment}草拟整改方案"))
def _(world: World, hazard: str, when: date | datetime) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardPlanned(
        enterprise=enterprise,
        measures=text("更换罐体"),
        responsible=world.any_post(enterprise),
        deadline=local_day(when) + timedelta(days=15),
        funding=text("安全生产费用"),
        effective=False,
    )
    world.record(record, fact, when)


@step(phrase("隐患“{hazard:name}”于{when:moment}采取安全措施"))
def _(world: World, hazard: str, when: date | datetime) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardSafeguarded(enterprise=enterprise, measures=text("设警戒区"))
    world.record(record, fact, when)


@step(phrase("隐患“{hazard:name}”于{when:moment}停止安全措施"))
def _(world: World, hazard: str, when: date | datetime) -> None:
    record, enterprise = about(world, hazard)
    world.record(record, SafeguardsEnded(enterprise=enterprise), when)


@step(phrase("隐患“{hazard:name}”于{when:moment}开始整改"))
def _(world: World, hazard: str, when: date | datetime) -> None:
    record, enterprise = about(world, hazard)
    world.record(record, RectificationStarted(enterprise=enterprise), when)


@step(phrase("隐患“{hazard:name}”于{when:moment}整改完成"))
def _(world: World, hazard: str, when: date | datetime) -> None:
    record, enterprise = about(world, hazard)
    world.record(record, HazardRectified(enterprise=enterprise), when)


# 验收、销号


@step(phrase("“{org:name}”于{when:moment}就隐患“{hazard:name}”向“{body:name}”申请验收"))
def _(world: World, org: str, when: date | datetime, hazard: str, body: str) -> None:
    fact = AcceptanceApplied(enterprise=world.org(org), to_org=world.org(body))
    world.record(world.hazard(hazard), fact, when)


@step(phrase("“{body:name}”于{when:moment}验收隐患“{hazard:name}”{passed:verdict}"))
def _(
    world: World,
    body: str,
    when: date | datetime,
    hazard: str,
    passed: bool,  # noqa: FBT001
) -> None:
    record, enterprise = about(world, hazard)
    fact = HazardAccepted(enterprise=enterprise, by_org=world.org(body), passed=passed)
    world.record(record, fact, when)


@step(phrase("“{body:name}”于{when:moment}验收“{org:name}”不在案的隐患“{hazard:name}”合格"))
def _(world: World, body: str, when: date | datetime, org: str, hazard: str) -> None:
    fact = HazardAccepted(enterprise=world.org(org), by_org=world.org(body), passed=True)
    world.record(world.new("hazard", hazard), fact, when)


@step(phrase("“{body:name}”于{when:moment}将隐患“{hazard:name}”销号"))
def _(world: World, body: str, when: date | datetime, hazard: str) -> None:
    record, enterprise = about(world, hazard)
    world.record(record, HazardClosed(enterprise=enterprise, by_org=world.org(body)), when)


# 导入的台账


@step(
    phrase(
        "{recorded:moment}导入台账一行：“{org:name}”隐患“{hazard:name}”，"
        "{found:day}发现，{deadline:day}到期"
    )
)
def _(world: World, recorded: datetime, org: str, hazard: str, found: date, deadline: date) -> None:
    import_row(world, recorded, org, hazard, found, deadline, None)


@step(
    phrase(
        "{recorded:moment}导入台账一行：“{org:name}”隐患“{hazard:name}”，"
        "{found:day}发现，{deadline:day}到期，{closed:day}整改完成"
    )
)
def _(
    world: World,
    recorded: datetime,
    org: str,
    hazard: str,
    found: date,
    deadline: date,
    closed: date,
) -> None:
    import_row(world, recorded, org, hazard, found, deadline, closed)


def import_row(
    world: World,
    recorded: datetime,
    org: str,
    hazard: str,
    found: date,
    deadline: date,
    closed: date | None,
) -> None:
    """Import one row of a hazard ledger."""
    enterprise = world.org(org)
    record = world.new("hazard", hazard, imported_hazard_id("旧台账", enterprise, hazard, 1))
    fact = LedgerRowImported(
        enterprise=enterprise,
        origin=RowOrigin(source="旧台账", file="0" * 64, row=2),
        number=hazard,
        found=found,
        deadline=deadline,
        closed=closed,
    )
    world.record(record, fact, found, by=Actor(authentication="import"), entered=recorded)

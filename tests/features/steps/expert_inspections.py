"""专家检查: panels, inspections by experts, their reports, what follows (二（一）, 二（二）)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from pytest_bdd import step, then

from domain.expert import Attending
from domain.expert_inspection import (
    ExpertsInspected,
    Finding,
    FindingRectified,
    FindingSafeguarded,
    LeftOut,
    MeasureSet,
    Member,
    Organiser,
    PanelAppointed,
    ReportDelivered,
    Subject,
)
from domain.hazard import Finder, HazardFound
from domain.moment import local_day
from domain.record import facts_of
from tests.features.phrases import one_of, phrase, reads
from tests.features.steps.entering import correct_last
from tests.features.world import World
from tests.support.book import text

SUBJECTS = {
    "责任制度规程": Subject.RESPONSIBILITY,
    "重点部位": Subject.KEY_PLACES,
    "三违": Subject.VIOLATIONS,
    "应急救援": Subject.EMERGENCY,
    "内部检查": Subject.OWN_CHECKS,
}
ORGANISERS = {"政府组织": Organiser.GOVERNMENT, "政府购买服务": Organiser.PURCHASED}
FIVE = ("责任", "资金", "措施", "时限", "预案")
_EXPERT = re.compile(r"“([^“”]+)”（([^（）]+)）")
_PROBLEM = re.compile(r"第(\d+)项(能|难以)迅速整改")


@reads(r"“[^“”]+”（[^（）]+）(?:、“[^“”]+”（[^（）]+）)*")
def experts(words: str) -> list[tuple[str, str]]:
    """Read “甲”（化工）、“乙”（电气）."""
    return _EXPERT.findall(words)


@reads(r"第\d+项(?:能|难以)迅速整改(?:、第\d+项(?:能|难以)迅速整改)*")
def problems(words: str) -> list[tuple[int, bool]]:
    """Read 第1项能迅速整改、第2项难以迅速整改."""
    return [(int(number), way == "能") for number, way in _PROBLEM.findall(words)]


@reads(r"[^“”：，]+(?:、[^“”：，]+)*")
def listed(words: str) -> list[str]:
    """Read 责任、资金."""
    return words.split("、")


EXPERTS = {"experts": experts}


def inspection(world: World, name: str) -> UUID:
    """Return the record of an inspection by experts, begun with its first fact."""
    kind = "expert inspection"
    return world.the(kind, name) if world.knows(kind, name) else world.new(kind, name)


def about(world: World, name: str) -> tuple[UUID, UUID]:
    """Return an inspection by experts and its enterprise."""
    record = world.the("expert inspection", name)
    return record, world.enterprise_of(record)


# 聘请


@step(
    phrase("“{org:name}”于{when:moment}为检查“{inspection:name}”聘请专家{panel:experts}", **EXPERTS)
)
def _(
    world: World, org: str, when: date | datetime, inspection: str, panel: list[tuple[str, str]]
) -> None:
    appoint(world, org, when, inspection, panel)


@step(phrase("{when:moment}将上一条聘请更正为专家{panel:experts}", **EXPERTS))
def _(world: World, when: date | datetime, panel: list[tuple[str, str]]) -> None:
    entry = world.book.entries[-1]
    assert isinstance(entry.fact, PanelAppointed)
    members = tuple(Member(person=world.person(p), specialty=specialty) for p, specialty in panel)
    right = entry.fact.model_copy(update={"members": members})
    correct_last(world, when, entry.happened, right)


@step(
    phrase(
        "“{org:name}”于{when:moment}为检查“{inspection:name}”聘请专家{panel:experts}，"
        "人数不足的理由为“{reason:name}”",
        **EXPERTS,
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    inspection: str,
    panel: list[tuple[str, str]],
    reason: str,
) -> None:
    appoint(world, org, when, inspection, panel, few_reason=text(reason))


@step(
    phrase(
        "“{org:name}”于{when:moment}为检查“{inspection:name}”聘请专家{panel:experts}，"
        "聘请“{outsider:name}”的特殊理由为“{reason:name}”",
        **EXPERTS,
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    inspection: str,
    panel: list[tuple[str, str]],
    outsider: str,
    reason: str,
) -> None:
    appoint(world, org, when, inspection, panel, special={outsider: reason})


def appoint(
    world: World,
    org: str,
    when: date | datetime,
    name: str,
    panel: list[tuple[str, str]],
    special: dict[str, str] | None = None,
    **said: Any,  # noqa: ANN401 - fields of the fact
) -> None:
    """Appoint a panel; ``special`` gives the reasons for those from outside the pools."""
    reasons = {person: text(words) for person, words in (special or {}).items()}
    members = tuple(
        Member(
            person=world.person(person),
            specialty=specialty,
            special_reason=reasons.get(person),
        )
        for person, specialty in panel
    )
    fact = PanelAppointed(enterprise=world.org(org), members=members, **said)
    world.record(inspection(world, name), fact, when)


# 检查


@step(
    phrase("专家{panel:experts}于{when:moment}对“{org:name}”开展检查“{inspection:name}”", **EXPERTS)
)
def _(
    world: World, panel: list[tuple[str, str]], when: date | datetime, org: str, inspection: str
) -> None:
    inspect(world, panel, when, org, inspection)


@step(
    phrase(
        "专家{panel:experts}受“{body:name}”组织于{when:moment}对“{org:name}”开展系统内部检查"
        "“{inspection:name}”",
        **EXPERTS,
    )
)
def _(
    world: World,
    panel: list[tuple[str, str]],
    body: str,
    when: date | datetime,
    org: str,
    inspection: str,
) -> None:
    said = {"organiser": Organiser.GROUP, "by_org": world.org(body)}
    inspect(world, panel, when, org, inspection, **said)


@step(
    phrase(
        "专家{panel:experts}由“{body:name}”{way:way}于{when:moment}对“{org:name}”开展检查"
        "“{inspection:name}”",
        way=one_of(ORGANISERS),
        **EXPERTS,
    )
)
def _(
    world: World,
    panel: list[tuple[str, str]],
    body: str,
    way: Organiser,
    when: date | datetime,
    org: str,
    inspection: str,
) -> None:
    inspect(world, panel, when, org, inspection, organiser=way, by_org=world.org(body))


@step(
    phrase(
        "专家{panel:experts}于{when:moment}对“{org:name}”开展检查“{inspection:name}”，"
        "内容为{subjects:listed}，未查{left:listed}，原因为“{reason:name}”",
        listed=listed,
        **EXPERTS,
    )
)
def _(
    world: World,
    panel: list[tuple[str, str]],
    when: date | datetime,
    org: str,
    inspection: str,
    subjects: list[str],
    left: list[str],
    reason: str,
) -> None:
    said = {
        "subjects": tuple(SUBJECTS[each] for each in subjects),
        "left_out": tuple(LeftOut(subject=SUBJECTS[e], reason=text(reason)) for e in left),
        "agreed": text("以硝化装置为重点"),
    }
    inspect(world, panel, when, org, inspection, **said)


def inspect(
    world: World,
    panel: list[tuple[str, str]],
    when: date | datetime,
    org: str,
    name: str,
    **said: Any,  # noqa: ANN401 - fields of the fact
) -> None:
    """Record an inspection by experts."""
    fact = ExpertsInspected(
        enterprise=world.org(org),
        experts=tuple(Attending(person=world.person(p), specialty=s) for p, s in panel),
        **said,
    )
    world.record(inspection(world, name), fact, when)


@then(
    phrase(
        "检查“{inspection:name}”的记录载明内容{subjects:listed}，未查{left:listed}，原因为“{reason:name}”",
        listed=listed,
    )
)
def _(world: World, inspection: str, subjects: list[str], left: list[str], reason: str) -> None:
    record, _ = about(world, inspection)
    (fact,) = [f for e, f in facts_of(world.book.entries, ExpertsInspected) if e.record == record]
    assert fact.subjects == tuple(SUBJECTS[each] for each in subjects)
    assert [(each.subject, str(each.reason)) for each in fact.left_out] == [
        (SUBJECTS[each], reason) for each in left
    ]
    assert fact.agreed is not None


# 报告、措施、整改


@step(phrase("检查“{inspection:name}”的报告于{when:moment}提交，未发现问题"))
def _(world: World, inspection: str, when: date | datetime) -> None:
    report(world, inspection, when, [])


@step(
    phrase("检查“{inspection:name}”的报告于{when:moment}提交，{found:problems}", problems=problems)
)
def _(world: World, inspection: str, when: date | datetime, found: list[tuple[int, bool]]) -> None:
    report(world, inspection, when, found)


@step(
    phrase(
        "检查“{inspection:name}”的报告于{when:moment}提交，{found:problems}，"
        "第{item:d}项没有整改意见",
        problems=problems,
    )
)
def _(
    world: World,
    inspection: str,
    when: date | datetime,
    found: list[tuple[int, bool]],
    item: int,
) -> None:
    report(world, inspection, when, found, unadvised=item)


@step(
    phrase(
        "检查“{inspection:name}”的报告于{when:moment}提交，{found:problems}，"
        "第{item:d}项即隐患“{hazard:name}”",
        problems=problems,
    )
)
def _(
    world: World,
    inspection: str,
    when: date | datetime,
    found: list[tuple[int, bool]],
    item: int,
    hazard: str,
) -> None:
    report(world, inspection, when, found, hazards={item: world.hazard(hazard)})


@step(
    phrase(
        "检查“{inspection:name}”的报告于{when:moment}提交，{found:problems}，"
        "第{item:d}项即危及生产安全的隐患“{hazard:name}”",
        problems=problems,
    )
)
def _(
    world: World,
    inspection: str,
    when: date | datetime,
    found: list[tuple[int, bool]],
    item: int,
    hazard: str,
) -> None:
    hazards = {item: world.hazard(hazard)}
    report(world, inspection, when, found, hazards=hazards, endangers=item)


def report(
    world: World,
    name: str,
    when: date | datetime,
    found: list[tuple[int, bool]],
    *,
    unadvised: int | None = None,
    hazards: dict[int, UUID] | None = None,
    endangers: int | None = None,
) -> None:
    """Deliver the report of an inspection."""
    record, enterprise = about(world, name)
    findings = tuple(
        Finding(
            item=item,
            text=text("安全阀未校验"),
            recommendation=None if item == unadvised else text("送检安全阀"),
            hazard=(hazards or {}).get(item),
            at_once=at_once,
            endangers_production=item == endangers,
        )
        for item, at_once in found
    )
    world.record(record, ReportDelivered(enterprise=enterprise, findings=findings), when)


@step(phrase("{when:moment}更正上一条记录，补上第{item:d}项的整改意见"))
def _(world: World, when: date | datetime, item: int) -> None:
    entry = world.book.entries[-1]
    assert isinstance(entry.fact, ReportDelivered)
    told = tuple(
        each.model_copy(update={"recommendation": text("更换")}) if each.item == item else each
        for each in entry.fact.findings
    )
    correct_last(world, when, entry.happened, entry.fact.model_copy(update={"findings": told}))


@step(phrase("专家于{when:moment}在“{org:name}”发现疑似重大隐患“{hazard:name}”，危及生产安全"))
def _(world: World, when: date | datetime, org: str, hazard: str) -> None:
    found_by_expert(world, when, org, hazard, suspected_major=True, endangers_production=True)


@step(phrase("专家于{when:moment}在“{org:name}”发现疑似重大隐患“{hazard:name}”"))
def _(world: World, when: date | datetime, org: str, hazard: str) -> None:
    found_by_expert(world, when, org, hazard, suspected_major=True)


@step(phrase("专家于{when:moment}在“{org:name}”发现隐患“{hazard:name}”"))
def _(world: World, when: date | datetime, org: str, hazard: str) -> None:
    found_by_expert(world, when, org, hazard)


def found_by_expert(
    world: World,
    when: date | datetime,
    org: str,
    hazard: str,
    **said: Any,  # noqa: ANN401 - fields of the fact
) -> None:
    """Record a hazard that an expert found."""
    fact = HazardFound(
        enterprise=world.org(org),
        number=hazard,
        description=text(hazard),
        found_by=Finder.EXPERT,
        **said,
    )
    world.record(world.new("hazard", hazard), fact, when)


@step(phrase("检查“{inspection:name}”第{item:d}项于{when:moment}制订整改措施"))
def _(world: World, inspection: str, item: int, when: date | datetime) -> None:
    record, enterprise = about(world, inspection)
    fact = MeasureSet(enterprise=enterprise, item=item, measure=text("送检安全阀"))
    world.record(record, fact, when)


@step(phrase("检查“{inspection:name}”第{item:d}项于{when:moment}制订整改措施，限{deadline:day}"))
def _(world: World, inspection: str, item: int, when: date | datetime, deadline: date) -> None:
    record, enterprise = about(world, inspection)
    fact = MeasureSet(
        enterprise=enterprise, item=item, measure=text("送检安全阀"), deadline=deadline
    )
    world.record(record, fact, when)


@step(
    phrase(
        "检查“{inspection:name}”第{item:d}项于{when:moment}制定整改计划，落实{settled:listed}",
        listed=listed,
    )
)
def _(world: World, inspection: str, item: int, when: date | datetime, settled: list[str]) -> None:
    record, enterprise = about(world, inspection)
    assert set(settled) <= set(FIVE)
    plan: dict[str, Any] = {
        "责任": ("responsible", world.any_post(enterprise)),
        "资金": ("funding", text("安全生产费用")),
        "时限": ("deadline", local_day(when) + timedelta(days=30)),
        "预案": ("emergency_plan", text("泄漏应急预案")),
    }
    said = dict(plan[each] for each in settled if each != "措施")
    fact = MeasureSet(
        enterprise=enterprise, item=item, measure=text("更换安全阀"), plan=True, **said
    )
    world.record(record, fact, when)


@step(phrase("检查“{inspection:name}”第{item:d}项于{when:moment}采取安全保障措施"))
def _(world: World, inspection: str, item: int, when: date | datetime) -> None:
    record, enterprise = about(world, inspection)
    fact = FindingSafeguarded(enterprise=enterprise, item=item, measures=text("设警戒区"))
    world.record(record, fact, when)


@step(phrase("检查“{inspection:name}”第{item:d}项于{when:moment}整改完成"))
def _(world: World, inspection: str, item: int, when: date | datetime) -> None:
    record, enterprise = about(world, inspection)
    world.record(record, FindingRectified(enterprise=enterprise, item=item), when)

"""安全生产标准化: grades awarded and told, the set dates, and what was decided when they passed."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pytest_bdd import step, then

from domain.checklist import CheckItem, ChecklistAdopted, ChecklistUsed, checklist_id
from domain.grade import (
    Authority,
    GradeAwarded,
    GradeKind,
    GradeNotified,
    GradeWithdrawn,
    SecondDateSet,
    TargetExtended,
    TargetSet,
    grade_held,
    grades,
)
from domain.measure import (
    ClosingDecided,
    ClosingRequested,
    Measure,
    MeasureDecided,
    MeasureGround,
)
from domain.organisation import Level, OrganisationRegistered, OrgKind
from domain.record import facts_of
from tests.features.phrases import one_of, phrase, reads
from tests.features.world import World
from tests.support.book import ident, text

if TYPE_CHECKING:
    from domain.fact import Entry

KINDS = {
    "岗位达标": GradeKind.POST,
    "专业达标": GradeKind.PROFESSION,
    "企业达标": GradeKind.ENTERPRISE,
}
NUMBERS = {"一级": 1, "二级": 2, "三级": 3}
AUTHORITIES = {
    "银行": Authority.BANKING,
    "证券": Authority.SECURITIES,
    "保险": Authority.INSURANCE,
    "担保": Authority.GUARANTEE,
}
MEASURES = {
    "暂扣证照、责令停产整顿": (Measure.SUSPENSION, Measure.HALT),
    "暂扣证照": (Measure.SUSPENSION,),
    "责令停产整顿": (Measure.HALT,),
    "责令限期改正": (Measure.CORRECTION,),
    "提请关闭": (Measure.CLOSING,),
    "不予处理": (),
}
GROUNDS = {"未按期达标": MeasureGround.STANDARD, "未经培训、无证上岗": MeasureGround.TRAINING}


@reads(r"(?:银行|证券|保险|担保)(?:、(?:银行|证券|保险|担保))*")
def authorities(words: str) -> tuple[Authority, ...]:
    """Read 银行、证券."""
    return tuple(AUTHORITIES[word] for word in words.split("、"))


def about(world: World, kind: str, name: str) -> tuple[UUID, UUID]:
    """Return the record of a grade or a target, and its enterprise."""
    record = world.the(kind, name)
    return record, world.enterprise_of(record)


@reads(rf"(?:{'|'.join(KINDS)})(?:{'|'.join(NUMBERS)})")
def graded(words: str) -> tuple[GradeKind, int]:
    """Read 企业达标二级."""
    return KINDS[words[:4]], NUMBERS[words[4:]]


@step(
    phrase(
        "“{body:name}”于{when:day}评定“{org:name}”{graded:graded}“{name:name}”，有效至{until:day}",
        graded=graded,
    )
)
def _(
    world: World,
    body: str,
    when: date,
    org: str,
    graded: tuple[GradeKind, int],
    name: str,
    until: date,
) -> None:
    fact = GradeAwarded(
        enterprise=world.org(org),
        by_org=world.org(body),
        kind=graded[0],
        grade=graded[1],
        number=name,
        valid_from=when,
        valid_to=until,
    )
    world.record(world.new("grade", name), fact, when)


@step(phrase("“{body:name}”于{when:moment}撤销达标等级“{grade:name}”"))
def _(world: World, body: str, when: date | datetime, grade: str) -> None:
    record, org = about(world, "grade", grade)
    world.record(record, GradeWithdrawn(enterprise=org, by_org=world.org(body)), when)


@step(
    phrase(
        "“{body:name}”于{when:moment}将达标等级“{grade:name}”向{to:to}主管部门通报",
        to=authorities,
    )
)
def _(
    world: World, body: str, when: date | datetime, grade: str, to: tuple[Authority, ...]
) -> None:
    record, org = about(world, "grade", grade)
    world.record(record, GradeNotified(enterprise=org, by_org=world.org(body), to=to), when)


@then(
    phrase(
        "{at:moment}“{org:name}”持有的达标等级为{grade:grade}",
        grade=one_of({**NUMBERS, "无": None}),
    )
)
def _(world: World, at: date | datetime, org: str, grade: int | None) -> None:
    held = grade_held(about_org(world, org), at)
    assert (held.grade if held else None) == grade


@then(
    phrase(
        "“{org:name}”{graded:graded}由“{body:name}”评定，自{since:day}至{until:day}有效",
        graded=graded,
    )
)
def _(
    world: World, org: str, graded: tuple[GradeKind, int], body: str, since: date, until: date
) -> None:
    told = [
        (each.kind, each.grade, each.by_org, each.since, each.until)
        for each in grades(about_org(world, org))
    ]
    assert (*graded, world.org(body), since, until) in told


def about_org(world: World, org: str) -> list[Entry]:
    """Return the facts about an organisation."""
    return [entry for entry in world.book.entries if f"org:{world.org(org)}" in entry.tags]


# 达标期限


@step(
    phrase(
        "“{body:name}”于{when:moment}要求“{org:name}”在{deadline:day}前达到{grade:grade}"
        "“{target:name}”",
        grade=one_of(NUMBERS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    deadline: date,
    grade: int,
    target: str,
) -> None:
    fact = TargetSet(
        enterprise=world.org(org), by_org=world.org(body), grade=grade, deadline=deadline
    )
    world.record(world.new("target", target), fact, when)


@step(phrase("“{body:name}”于{when:moment}将“{target:name}”的期限延至{deadline:day}"))
def _(world: World, body: str, when: date | datetime, target: str, deadline: date) -> None:
    record, org = about(world, "target", target)
    fact = TargetExtended(enterprise=org, by_org=world.org(body), deadline=deadline)
    world.record(record, fact, when)


@step(phrase("“{body:name}”于{when:moment}为“{target:name}”确定整改达标期限{deadline:day}"))
def _(world: World, body: str, when: date | datetime, target: str, deadline: date) -> None:
    record, org = about(world, "target", target)
    fact = SecondDateSet(enterprise=org, by_org=world.org(body), deadline=deadline)
    world.record(record, fact, when)


# 处理决定与关闭


def decide(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    ground: MeasureGround,
    measures: tuple[Measure, ...],
    *,
    reason: str | None = None,
    persons: tuple[UUID, ...] = (),
) -> None:
    """Record a decision on an enterprise."""
    fact = MeasureDecided(
        enterprise=world.org(org),
        by_org=world.org(body),
        ground=ground,
        measures=measures,
        persons=persons,
        reason=text(reason) if reason else None,
    )
    world.record(ident(f"measure {body} {when} {ground} {measures}"), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}对“{org:name}”{ground:ground}决定{measures:measures}",
        ground=one_of(GROUNDS),
        measures=one_of(MEASURES),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    ground: MeasureGround,
    measures: tuple[Measure, ...],
) -> None:
    decide(world, body, when, org, ground, measures)


@step(
    phrase(
        "“{body:name}”于{when:moment}对“{org:name}”{ground:ground}决定{measures:measures}，"
        "理由为“{reason:name}”",
        ground=one_of(GROUNDS),
        measures=one_of(MEASURES),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    ground: MeasureGround,
    measures: tuple[Measure, ...],
    reason: str,
) -> None:
    decide(world, body, when, org, ground, measures, reason=reason)


@step(
    phrase(
        "“{body:name}”于{when:moment}对“{org:name}”“{person:name}”{ground:ground}"
        "决定{measures:measures}",
        ground=one_of(GROUNDS),
        measures=one_of(MEASURES),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    person: str,
    ground: MeasureGround,
    measures: tuple[Measure, ...],
) -> None:
    decide(world, body, when, org, ground, measures, persons=(world.person(person),))


@step(
    phrase(
        "“{body:name}”于{when:moment}因{ground:ground}提请“{government:name}”关闭“{org:name}”",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    ground: MeasureGround,
    government: str,
    org: str,
) -> None:
    fact = ClosingRequested(
        enterprise=world.org(org),
        by_org=world.org(body),
        to_org=world.org(government),
        ground=ground,
    )
    world.record(world.new("closing", org), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}决定{closed:closed}“{org:name}”",
        closed=one_of({"关闭": True, "不予关闭": False}),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    closed: bool,  # noqa: FBT001 - as the step gives it
    org: str,
) -> None:
    fact = ClosingDecided(enterprise=world.org(org), by_org=world.org(body), closed=closed)
    world.record(world.the("closing", org), fact, when)


@step(phrase("“{parent:name}”于{when:moment}登记所属乡镇政府“{name:name}”"))
def _(world: World, parent: str, when: date | datetime, name: str) -> None:
    fact = OrganisationRegistered(
        kind=OrgKind.GOVERNMENT,
        code=name,
        name=name,
        level=Level.TOWN,
        parent=world.org(parent),
    )
    world.record(world.new("org", name), fact, when)


# 隐患排查标准


@step(
    phrase(
        "“{body:name}”于{when:moment}制定行业{industry:title}{grade:grade}排查标准第{version:d}版"
        "“{name:name}”",
        grade=one_of(NUMBERS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    industry: str,
    grade: int,
    version: int,
    name: str,
) -> None:
    org = world.org(body)
    fact = ChecklistAdopted(
        body=org,
        industry=industry,
        grade=grade,
        version=version,
        name=name,
        items=(CheckItem(item=1, text=text("联锁投用")),),
    )
    record = checklist_id(org, industry, grade, version)
    if not world.knows("checklist", f"{name}第{version}版"):
        world.new("checklist", f"{name}第{version}版", record)
    world.record(record, fact, when)


@step(phrase("检查“{inspection:name}”于{when:moment}写明所用标准为“{name:name}”第{version:d}版"))
def _(world: World, inspection: str, when: date | datetime, name: str, version: int) -> None:
    record = world.the("inspection", inspection)
    fact = ChecklistUsed(
        enterprise=world.enterprise_of(record),
        checklist=world.the("checklist", f"{name}第{version}版"),
    )
    world.record(record, fact, when)


@then(phrase("检查“{inspection:name}”所用标准为“{name:name}”第{version:d}版"))
def _(world: World, inspection: str, name: str, version: int) -> None:
    record = world.the("inspection", inspection)
    entries = [entry for entry in world.book.entries if entry.record == record]
    used = [fact.checklist for _, fact in facts_of(entries, ChecklistUsed)]
    adopted = facts_of(world.book.entries, ChecklistAdopted)
    told = [(fact.name, fact.version) for entry, fact in adopted if entry.record in used]
    assert told == [(name, version)]

"""专家检查的由来: grades, groups and key processes, on which it depends who is called in."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step

from domain.grade import GradeAwarded, GradeWithdrawn
from domain.group import GroupEnded, GroupLevel, GroupRecorded
from domain.key_process import ProcessEnded, ProcessRegistered
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import ident, text

GRADES = {"一级": 1, "二级": 2, "三级": 3}
LEVELS = {"中央": GroupLevel.CENTRAL, "省管": GroupLevel.PROVINCIAL}


# 等级、集团、重点工艺


@step(
    phrase(
        "“{body:name}”评定“{org:name}”为{grade:grade}标准化企业，自{since:day}起",
        grade=one_of(GRADES),
    )
)
def _(world: World, body: str, org: str, grade: int, since: date) -> None:
    award(world, body, org, grade, since, None)


@step(
    phrase(
        "“{body:name}”评定“{org:name}”为{grade:grade}标准化企业，自{since:day}起至{until:day}",
        grade=one_of(GRADES),
    )
)
def _(world: World, body: str, org: str, grade: int, since: date, until: date) -> None:
    award(world, body, org, grade, since, until)


def award(world: World, body: str, org: str, grade: int, since: date, until: date | None) -> None:
    """Award a grade to an enterprise."""
    fact = GradeAwarded(
        enterprise=world.org(org),
        by_org=world.org(body),
        grade=grade,
        valid_from=since,
        valid_to=until,
    )
    world.record(world.new("grade", f"{org} {grade}"), fact, since)


@step(
    phrase(
        "“{body:name}”于{when:moment}撤销“{org:name}”的{grade:grade}标准化等级",
        grade=one_of(GRADES),
    )
)
def _(world: World, body: str, when: date | datetime, org: str, grade: int) -> None:
    fact = GradeWithdrawn(
        enterprise=world.org(org), by_org=world.org(body), reason=text("发生事故")
    )
    world.record(world.the("grade", f"{org} {grade}"), fact, when)


@step(
    phrase(
        "“{org:name}”自{since:moment}起属{level:level_of}企业集团，总部为“{head:name}”",
        level_of=one_of(LEVELS),
    )
)
def _(world: World, org: str, since: date | datetime, level: GroupLevel, head: str) -> None:
    fact = GroupRecorded(enterprise=world.org(org), headquarters=world.org(head), level=level)
    world.record(ident(f"group {org}"), fact, since)


@step(phrase("“{org:name}”于{when:moment}脱离所属集团"))
def _(world: World, org: str, when: date | datetime) -> None:
    world.record(ident(f"group {org}"), GroupEnded(enterprise=world.org(org)), when)


@step(phrase("“{org:name}”于{when:moment}登记重点工艺“{process:name}”，所需专业为{names:names}"))
def _(world: World, org: str, when: date | datetime, process: str, names: list[str]) -> None:
    fact = ProcessRegistered(enterprise=world.org(org), name=process, specialties=tuple(names))
    world.record(world.new("process", process), fact, when)


@step(phrase("“{org:name}”于{when:moment}停用重点工艺“{process:name}”"))
def _(world: World, org: str, when: date | datetime, process: str) -> None:
    world.record(world.the("process", process), ProcessEnded(enterprise=world.org(org)), when)

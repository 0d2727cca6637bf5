"""专家: who is in which pool, and what is told and found of experts (二（三）, 二（四）)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from pytest_bdd import step, then

from domain.expert import (
    ExpertAdmitted,
    ExpertAppraised,
    ExpertFact,
    ExpertLeft,
    ExpertPublished,
    ExpertRestored,
    ExpertSuspended,
    FalseReportFound,
    LetterIssued,
    Outcome,
    Pool,
    Registration,
    SecretDisclosed,
    TieKind,
    TieRecorded,
    Title,
)
from domain.expert_pool import DemandSet
from domain.people import PersonRegistered
from tests.features.phrases import moment, one_of, phrase, reads
from tests.features.world import World
from tests.support.book import ident, text

POOLS = {"国家": Pool.NATIONAL, "省级": Pool.PROVINCIAL, "市级": Pool.MUNICIPAL}
OUTCOMES = {"表彰": Outcome.COMMENDED, "继续聘任": Outcome.KEPT, "调出": Outcome.TAKEN_OUT}
QUALIFICATIONS: dict[str, dict[str, Any]] = {
    "高级职称": {"title": Title.SENIOR},
    "中级职称": {"title": Title.INTERMEDIATE},
    "初级职称": {"title": Title.JUNIOR},
    "无职称": {},
    "注册安全工程师": {"registration": Registration.SAFETY_ENGINEER},
    "注册安全评价师": {"registration": Registration.SAFETY_ASSESSOR},
}
_TERMS = re.compile(rf"({'|'.join(QUALIFICATIONS)})、工作(\d+)年、身体(健康|欠佳)、(在职|退休)")


@reads(_TERMS.pattern.replace("(", "(?:"))
def terms(words: str) -> dict[str, Any]:
    """Read 高级职称、工作10年、身体健康、在职."""
    match = _TERMS.fullmatch(words)
    assert match
    return QUALIFICATIONS[match[1]] | {
        "years": int(match[2]),
        "healthy": match[3] == "健康",
        "retired": match[4] == "退休",
    }


GOOD = terms("高级职称、工作10年、身体健康、在职")


def enter(world: World, person: str, when: date | datetime, born: date | None) -> None:
    """Register a person."""
    record = world.new("person", person)
    world.record(record, PersonRegistered(name=text(person, record), born=born), when)


def told(world: World, person: str, fact: ExpertFact, when: date | datetime) -> None:
    """Record a fact about an expert."""
    world.record(world.person(person), fact, when)


@step("有以下专家")
def _(world: World, datatable: list[list[str]]) -> None:
    columns, *rows = datatable
    assert columns == ["姓名", "专业", "专家库", "管理单位", "自"]
    for person, specialties, pool, authority, since in rows:
        when = moment(since)
        enter(world, person, when, date(1975, 1, 1))
        fact = ExpertAdmitted(
            authority=world.org(authority),
            pool=POOLS[pool],
            specialties=tuple(specialties.split("、")),
            **GOOD,
        )
        told(world, person, fact, when)


@step(phrase("“{person:name}”于{when:moment}登记在案，{born:day}出生"))
def _(world: World, person: str, when: date | datetime, born: date) -> None:
    enter(world, person, when, born)


@step(phrase("“{person:name}”于{when:moment}登记在案，出生日期不详"))
def _(world: World, person: str, when: date | datetime) -> None:
    enter(world, person, when, None)


def admit(
    world: World,
    body: str,
    when: date | datetime,
    person: str,
    pool: Pool,
    specialties: list[str],
    said: dict[str, Any],
) -> None:
    """Admit a person to a pool."""
    fact = ExpertAdmitted(
        authority=world.org(body), pool=pool, specialties=tuple(specialties), **said
    )
    told(world, person, fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}将“{person:name}”聘入{pool:pool}专家库，"
        "专业为{specialties:names}，{said:terms}",
        pool=one_of(POOLS),
        terms=terms,
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    person: str,
    pool: Pool,
    specialties: list[str],
    said: dict[str, Any],
) -> None:
    admit(world, body, when, person, pool, specialties, said)


@step(
    phrase(
        "“{body:name}”于{when:moment}将“{person:name}”聘入{pool:pool}专家库，"
        "专业为{specialties:names}，{said:terms}，地域为“{area:name}”",
        pool=one_of(POOLS),
        terms=terms,
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    person: str,
    pool: Pool,
    specialties: list[str],
    said: dict[str, Any],
    area: str,
) -> None:
    admit(world, body, when, person, pool, specialties, {**said, "area": area})


@step(
    phrase(
        "“{body:name}”于{when:moment}将“{person:name}”聘入{pool:pool}专家库，"
        "专业为{specialties:names}，{said:terms}，超龄理由为“{reason:name}”",
        pool=one_of(POOLS),
        terms=terms,
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    person: str,
    pool: Pool,
    specialties: list[str],
    said: dict[str, Any],
    reason: str,
) -> None:
    said = said | {"exception": text(reason)}
    admit(world, body, when, person, pool, specialties, said)


@step(
    phrase(
        "“{body:name}”于{when:moment}将“{person:name}”聘入{pool:pool}专家库，"
        "专业为{specialties:names}，{said:terms}，载明{born:day}出生",
        pool=one_of(POOLS),
        terms=terms,
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    person: str,
    pool: Pool,
    specialties: list[str],
    said: dict[str, Any],
    born: date,
) -> None:
    admit(world, body, when, person, pool, specialties, said | {"born": born})


@step(phrase("“{body:name}”于{when:moment}发文公布专家“{person:name}”"))
def _(world: World, body: str, when: date | datetime, person: str) -> None:
    fact = ExpertPublished(authority=world.org(body), document="沂应急发〔2024〕5号")
    told(world, person, fact, when)


@step(phrase("“{body:name}”于{when:moment}向专家“{person:name}”发放聘书"))
def _(world: World, body: str, when: date | datetime, person: str) -> None:
    told(world, person, LetterIssued(authority=world.org(body), document="聘书第1号"), when)


@step(phrase("“{body:name}”于{when:moment}暂停专家“{person:name}”"))
def _(world: World, body: str, when: date | datetime, person: str) -> None:
    fact = ExpertSuspended(authority=world.org(body), reason=text("外出进修"))
    told(world, person, fact, when)


@step(phrase("“{body:name}”于{when:moment}恢复专家“{person:name}”"))
def _(world: World, body: str, when: date | datetime, person: str) -> None:
    fact = ExpertRestored(authority=world.org(body), reason=text("进修结束"))
    told(world, person, fact, when)


@step(phrase("“{body:name}”于{when:moment}将专家“{person:name}”调出专家库"))
def _(world: World, body: str, when: date | datetime, person: str) -> None:
    told(world, person, ExpertLeft(authority=world.org(body), reason=text("工作变动")), when)


@step(phrase("“{body:name}”于{when:moment}因弄虚作假将专家“{person:name}”除名"))
def _(world: World, body: str, when: date | datetime, person: str) -> None:
    fact = ExpertLeft(authority=world.org(body), reason=text("编造记录"), falsity=True)
    told(world, person, fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}考核专家“{person:name}”{year:d}年度，决定{outcome:outcome}",
        outcome=one_of(OUTCOMES),
    )
)
def _(
    world: World, body: str, when: date | datetime, person: str, year: int, outcome: Outcome
) -> None:
    fact = ExpertAppraised(authority=world.org(body), year=year, outcome=outcome)
    told(world, person, fact, when)


@step(phrase("专家“{person:name}”自{when:moment}起与“{org:name}”有业务往来"))
def _(world: World, person: str, when: date | datetime, org: str) -> None:
    fact = TieRecorded(organisation=world.org(org), tie=TieKind.BUSINESS)
    world.record(world.person(person), fact, when)


@step(phrase("专家“{person:name}”自{when:moment}起至{until:day}与“{org:name}”有业务往来"))
def _(world: World, person: str, when: date | datetime, until: date, org: str) -> None:
    fact = TieRecorded(organisation=world.org(org), tie=TieKind.BUSINESS, until=until)
    world.record(world.person(person), fact, when)


@step(phrase("专家“{person:name}”于{when:moment}泄露“{org:name}”的工艺秘密"))
def _(world: World, person: str, when: date | datetime, org: str) -> None:
    fact = SecretDisclosed(organisation=world.org(org), content=text("工艺参数"))
    world.record(world.person(person), fact, when)


@step(
    phrase("“{body:name}”于{when:moment}认定专家“{person:name}”对检查“{inspection:name}”报告虚假")
)
def _(world: World, body: str, when: date | datetime, person: str, inspection: str) -> None:
    false_report(world, body, when, person, inspection, [])


@step(
    phrase(
        "“{body:name}”于{when:moment}认定专家“{person:name}”对检查“{inspection:name}”报告虚假，"
        "隐瞒隐患{hazards:names}"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    person: str,
    inspection: str,
    hazards: list[str],
) -> None:
    false_report(world, body, when, person, inspection, hazards)


def false_report(
    world: World,
    body: str,
    when: date | datetime,
    person: str,
    inspection: str,
    hazards: list[str],
) -> None:
    """Record that an expert's report was found to be false."""
    record = world.the("expert inspection", inspection)
    fact = FalseReportFound(
        organisation=world.enterprise_of(record),
        inspection=record,
        by_org=world.org(body),
        hazards=tuple(world.hazard(each) for each in hazards),
        grounds=text("检查记录系编造"),
    )
    world.record(world.person(person), fact, when)


@step(phrase("“{body:name}”于{when:moment}确定“{specialty:name}”专业需{number:d}名专家"))
def _(world: World, body: str, when: date | datetime, specialty: str, number: int) -> None:
    fact = DemandSet(body=world.org(body), specialty=specialty, number=number)
    world.record(ident(f"demand {body} {specialty} {when}"), fact, when)


# 答责的专家


def bearing_in_person(item: Any) -> tuple[str, list[str | None]]:  # noqa: ANN401 - duty or breach
    """Return the title and the names of those who bear something in person."""
    assert item.bearer.organisation is None
    return item.bearer.title, [each.name for each in item.bearer.holders]


@then(phrase("该义务由专家{names:names}承担"))
def _(world: World, names: list[str]) -> None:
    assert bearing_in_person(world.duty()) == ("专家", names)


@then(phrase("该处由专家{names:names}答责"))
def _(world: World, names: list[str]) -> None:
    assert bearing_in_person(world.breach()) == ("专家", names)

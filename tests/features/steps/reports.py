"""月报 and 零报告: filed, signed, withdrawn; duties waived."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pytest_bdd import step

from domain.correction import FactCorrected, Replacement
from domain.fact import Entry
from domain.monthly_report import (
    DutyWaived,
    ReportedHazard,
    ReportEndorsed,
    ReportFiled,
    ReportWithdrawn,
    Role,
    report_id,
)
from domain.policy.reports import UNSIGNED
from domain.record import facts_of
from domain.setting import SETTINGS, SettingChanged
from tests.features.phrases import one_of, phrase
from tests.features.steps.signing import sign_document
from tests.features.world import World
from tests.support.book import ident, text

ROLES = {"分管负责人": Role.DEPUTY, "主要负责人": Role.PRINCIPAL}
KINDS = {"月报": "ordinary", "零报告": "zero"}


def file(
    world: World,
    org: str,
    when: date | datetime,
    to: str,
    month: str,
    kind: Literal["ordinary", "zero"],
    hazards: list[str],
) -> None:
    """Record a filing; the hazards are the month's in an ordinary report, older ones in a zero."""
    enterprise = world.org(org)
    listed = tuple(ReportedHazard(hazard=world.hazard(each), state="整改中") for each in hazards)
    fact = ReportFiled(
        enterprise=enterprise,
        month=month,
        kind=kind,
        to_org=world.org(to),
        hazards=listed if kind == "ordinary" else (),
        older=listed if kind == "zero" else (),
    )
    world.record(report_id(enterprise, month), fact, when)


def filings(world: World, org: str, month: str) -> list[Entry]:
    """Return the texts of a month's report, in the order in which they were filed."""
    record = report_id(world.org(org), month)
    entries = [entry for entry in world.book.entries if entry.record == record]
    return [entry for entry, _ in facts_of(entries, ReportFiled)]


def sign(
    world: World, person: str, when: date | datetime, role: Role, org: str, month: str, draft: int
) -> None:
    """Have a person sign the ``draft``-th text of a report with their own key; 0 is the last."""
    document = filings(world, org, month)[draft - 1]
    title = next(words for words, each in ROLES.items() if each is role)
    sign_document(world, document, person, org, title, when)


@step(
    phrase(
        "“{org:name}”于{when:moment}向“{to:name}”报送{month:month}{kind:kind}", kind=one_of(KINDS)
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    to: str,
    month: str,
    kind: Literal["ordinary", "zero"],
) -> None:
    file(world, org, when, to, month, kind, [])


@step(
    phrase(
        "“{org:name}”于{when:moment}向“{to:name}”报送{month:month}{kind:kind}，"
        "列明隐患{hazards:names}",
        kind=one_of(KINDS),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    to: str,
    month: str,
    kind: Literal["ordinary", "zero"],
    hazards: list[str],
) -> None:
    file(world, org, when, to, month, kind, hazards)


@step(
    phrase(
        "“{person:name}”于{when:moment}以{role:role}身份签署“{org:name}”{month:month}月报",
        role=one_of(ROLES),
    )
)
def _(world: World, person: str, when: date | datetime, role: Role, org: str, month: str) -> None:
    sign(world, person, when, role, org, month, 0)


@step(
    phrase(
        "“{person:name}”于{when:moment}以{role:role}身份签署“{org:name}”{month:month}月报"
        "第{draft:d}稿",
        role=one_of(ROLES),
    )
)
def _(
    world: World,
    person: str,
    when: date | datetime,
    role: Role,
    org: str,
    month: str,
    draft: int,
) -> None:
    sign(world, person, when, role, org, month, draft)


@step(
    phrase(
        "“{person:name}”于{when:moment}以{role:role}身份在“{org:name}”{month:month}月报上签字，"
        "未经电子签名",
        role=one_of(ROLES),
    )
)
def _(world: World, person: str, when: date | datetime, role: Role, org: str, month: str) -> None:
    enterprise = world.org(org)
    fact = ReportEndorsed(
        enterprise=enterprise,
        month=month,
        role=role,
        person=world.person(person),
        filing=filings(world, org, month)[-1].version,
    )
    world.record(report_id(enterprise, month), fact, when)


@step(phrase("“{org:name}”于{when:moment}更正{month:month}月报的文本"))
def _(world: World, org: str, when: date | datetime, month: str) -> None:
    filing = filings(world, org, month)[-1]
    other = filing.fact.model_copy(update={"text": text("另一文本")})
    fact = FactCorrected(
        positions=(filing.position,),
        about=(world.org(org),),
        reason=text("文字有误"),
        replacement=Replacement(happened=filing.happened, fact=other),
    )
    world.record(ident(f"correction {filing.position}"), fact, when)


@step(phrase("自{since:day}起，允许未经电子签名的签字使零报告生效"))
def _(world: World, since: date) -> None:
    fact = SettingChanged(key=UNSIGNED, value="1", since=since, source="沂应急发〔2024〕3号")
    world.record(SETTINGS, fact, since)


@step(phrase("“{org:name}”于{when:moment}撤回{month:month}月报"))
def _(world: World, org: str, when: date | datetime, month: str) -> None:
    enterprise = world.org(org)
    fact = ReportWithdrawn(enterprise=enterprise, month=month, reason=text("数据有误"))
    world.record(report_id(enterprise, month), fact, when)


@step(phrase("“{body:name}”于{when:moment}豁免“{org:name}”{month:month}月报"))
def _(world: World, body: str, when: date | datetime, org: str, month: str) -> None:
    enterprise = world.org(org)
    waive(world, body, when, enterprise, "3.2a", f"report:{report_id(enterprise, month)}")


@step(phrase("“{body:name}”于{when:moment}豁免隐患“{hazard:name}”的{clause:clause}义务"))
def _(world: World, body: str, when: date | datetime, hazard: str, clause: str) -> None:
    record = world.hazard(hazard)
    waive(world, body, when, world.enterprise_of(record), clause, f"hazard:{record}")


def waive(
    world: World, body: str, when: date | datetime, enterprise: UUID, clause: str, subject: str
) -> None:
    """Record a waiver."""
    fact = DutyWaived(
        enterprise=enterprise,
        clause=clause,
        subject=subject,
        by_org=world.org(body),
        reason=text("停电"),
    )
    world.record(ident(f"waiver {subject} {when}"), fact, when)

"""Made-up data for the benchmarks, the same at every run."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from domain.fact import Actor, Draft, Fact, Sealed
from domain.hazard import (
    Finder,
    HazardAccepted,
    HazardAssessed,
    HazardClosed,
    HazardDisclosed,
    HazardFound,
    HazardLevel,
    HazardPlanned,
    HazardRectified,
    HazardReported,
    HazardSafeguarded,
    RectificationStarted,
    ReportKind,
)
from domain.ledger import Command
from domain.monthly_report import ReportFiled, report_id
from domain.organisation import (
    OrganisationRegistered,
    OrgKind,
    ResponsiblesNamed,
    SupervisionAssigned,
    organisation_id,
    supervision_id,
)
from domain.people import AppointmentMade, PersonRegistered, PostCreated, PostKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGAN = datetime(2024, 1, 1, 1, tzinfo=UTC)
_BY = Actor(authentication="system")
_SALT = bytes(16)
_HAZARDS = 8
_STEP = timedelta(hours=3)


def hazard_csv(path: Path, rows: int) -> Path:
    """Write a hazard ledger of ``rows`` rows over some thousand units."""
    columns = (
        *("隐患编号", "单位编码", "单位名称", "检查时间", "检查单位", "隐患问题描述"),
        *("隐患等级", "整改期限", "整改完成日期", "销号情况"),
    )
    first = date(2020, 1, 1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for n in range(rows):
            unit, found = n % 3_275, first + timedelta(days=n * 7 % 1_800)
            closed = found + timedelta(days=n % 45)
            words = ("配电箱未接地", "安全通道堵塞", "可燃气体报警器失效")[n % 3]
            level = "重大" if n % 33 == 0 else "一般"
            due = found + timedelta(days=30)
            row = (f"H{n:06}", f"U{unit:05}", f"第{unit}号厂", found, "检查组", words, level)
            writer.writerow((*row, due, closed, "已销号"))
    return path


def unit_code(number: int) -> str:
    """Return the code of the made-up enterprise ``number``."""
    return f"BENCH{number:07}"


def county() -> Command:
    """Return the facts of a government and its department, over every enterprise made here."""
    government, department = organisation_id("BENCH-GOV"), organisation_id("BENCH-DEPT")
    facts: list[tuple[UUID, Fact]] = [
        (
            government,
            OrganisationRegistered(kind=OrgKind.GOVERNMENT, code="BENCH-GOV", name="县政府"),
        ),
        (
            department,
            OrganisationRegistered(
                kind=OrgKind.DEPARTMENT, code="BENCH-DEPT", name="县应急局", parent=government
            ),
        ),
    ]
    for org in (government, department):
        facts += list(_staff(org))
    return _command("county", facts)


def enterprise(number: int) -> Command:
    """Return the 100 facts of one enterprise's year: its posts, hazards by every step, reports."""
    code = unit_code(number)
    org, department = organisation_id(code), organisation_id("BENCH-DEPT")
    facts = list(staffed(number))
    for n in range(_HAZARDS):
        facts += [(uuid5(org, f"hazard {n}"), fact) for fact in hazard(org, department, n)]
    for month in (f"2024-{m:02}" for m in range(1, 13)):
        record = report_id(org, month)
        facts.append(
            (record, ReportFiled(enterprise=org, month=month, kind="ordinary", to_org=department))
        )
    return _command(code, facts[:100])


def staffed(number: int) -> Iterator[tuple[UUID, Fact]]:
    """Yield how the enterprise ``number`` begins: registered, its posts held, supervised."""
    code = unit_code(number)
    org, department = organisation_id(code), organisation_id("BENCH-DEPT")
    name = f"第{number}号厂"
    yield org, OrganisationRegistered(kind=OrgKind.ENTERPRISE, code=code, name=name)
    yield from _staff(org)
    supervision = supervision_id(org)
    yield supervision, SupervisionAssigned(enterprise=org, department=department)
    named = ResponsiblesNamed(
        enterprise=org,
        department=department,
        leader=_post(department, PostKind.PRINCIPAL),
        officer=_post(department, PostKind.DEPUTY),
    )
    yield supervision, named


def _staff(org: UUID) -> Iterator[tuple[UUID, Fact]]:
    for kind in (PostKind.PRINCIPAL, PostKind.DEPUTY):
        post, person = _post(org, kind), uuid5(org, f"person {kind}")
        yield post, PostCreated(organisation=org, kind=kind, title=kind.value)
        yield person, PersonRegistered(name=Sealed.close("某某", person, _SALT))
        yield post, AppointmentMade(organisation=org, person=person)


def _post(org: UUID, kind: PostKind) -> UUID:
    return uuid5(org, f"post {kind}")


def hazard(org: UUID, department: UUID, n: int) -> Iterator[Fact]:
    """Yield the ten steps of an enterprise's hazard ``n``, from its finding to its closing."""
    words = Sealed.close("反应釜联锁装置未投用，现场无人值守", org, _SALT)
    yield HazardFound(
        enterprise=org, number=f"YH-{n:03}", description=words, found_by=Finder.ENTERPRISE
    )
    yield HazardAssessed(enterprise=org, level=HazardLevel.GENERAL)
    yield HazardReported(enterprise=org, kind=ReportKind.COMPANY, to_org=org)
    yield HazardDisclosed(enterprise=org, where=words)
    yield HazardPlanned(enterprise=org, measures=words, deadline=date(2024, 12, 1), funding=words)
    yield HazardSafeguarded(enterprise=org, measures=words)
    yield RectificationStarted(enterprise=org)
    yield HazardRectified(enterprise=org, result=words)
    yield HazardAccepted(enterprise=org, by_org=department, passed=True)
    yield HazardClosed(enterprise=org, by_org=org)


def _command(name: str, facts: list[tuple[UUID, Fact]]) -> Command:
    versions: dict[UUID, int] = {}
    drafts = []
    for index, (record, fact) in enumerate(facts):
        versions[record] = versions.get(record, 0) + 1
        happened = BEGAN + index * _STEP
        drafts.append(Draft(record, versions[record], fact, _BY, happened, happened))
    ident = uuid5(organisation_id(name), "bench")
    return Command(ident, tuple(drafts), ident.bytes)

"""复查、签字、存档 after an inspection by experts (2.1l, 2.1m), and who read the report (2.4b)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pytest_bdd import step

from domain.expert_inspection import (
    ExpertFileClosed,
    ExpertsRechecked,
    ItemRechecked,
    NotSigning,
    PartSigned,
    PartUnsigned,
    ReadyForRecheck,
    Rechecking,
    ReportRead,
)
from tests.features.phrases import one_of, phrase
from tests.features.steps.expert_inspections import EXPERTS, about, inspection
from tests.features.world import World
from tests.support.book import ident, text

# 复查、签字、存档


@step(phrase("检查“{inspection:name}”{items:items}于{when:moment}报请复查"))
def _(world: World, inspection: str, items: tuple[int, ...], when: date | datetime) -> None:
    record, enterprise = about(world, inspection)
    world.record(record, ReadyForRecheck(enterprise=enterprise, items=items), when)


@step(
    phrase(
        "检查“{inspection:name}”第{number:d}次复查于{when:moment}由专家{panel:experts}进行，"
        "{results:verdicts}",
        **EXPERTS,
    )
)
def _(
    world: World,
    inspection: str,
    number: int,
    when: date | datetime,
    panel: list[tuple[str, str]],
    results: dict[int, bool],
) -> None:
    recheck(world, inspection, number, when, panel, results)


@step(
    phrase(
        "检查“{inspection:name}”第{number:d}次复查于{when:moment}由专家{panel:experts}"
        "代替“{original:name}”进行，理由为“{reason:name}”，{results:verdicts}",
        **EXPERTS,
    )
)
def _(
    world: World,
    inspection: str,
    number: int,
    when: date | datetime,
    panel: list[tuple[str, str]],
    original: str,
    reason: str,
    results: dict[int, bool],
) -> None:
    said = {"stands_in_for": world.person(original), "reason": text(reason)}
    recheck(world, inspection, number, when, panel, results, **said)


@step(
    phrase(
        "检查“{inspection:name}”第{number:d}次复查于{when:moment}由专家{panel:experts}"
        "代替“{original:name}”进行，未说明理由，{results:verdicts}",
        **EXPERTS,
    )
)
def _(
    world: World,
    inspection: str,
    number: int,
    when: date | datetime,
    panel: list[tuple[str, str]],
    original: str,
    results: dict[int, bool],
) -> None:
    recheck(world, inspection, number, when, panel, results, stands_in_for=world.person(original))


def recheck(
    world: World,
    name: str,
    number: int,
    when: date | datetime,
    panel: list[tuple[str, str]],
    results: dict[int, bool],
    **said: Any,  # noqa: ANN401 - fields of the fact
) -> None:
    """Record a recheck."""
    record, enterprise = about(world, name)
    fact = ExpertsRechecked(
        enterprise=enterprise,
        number=number,
        experts=tuple(
            Rechecking(person=world.person(p), specialty=specialty, **said)
            for p, specialty in panel
        ),
        items=tuple(ItemRechecked(item=item, passed=ok) for item, ok in results.items()),
    )
    world.record(record, fact, when)


@step(phrase("专家“{person:name}”于{when:moment}在检查“{inspection:name}”记录上签字"))
def _(world: World, person: str, when: date | datetime, inspection: str) -> None:
    sign(world, inspection, 0, person, when)


@step(
    phrase("专家“{person:name}”于{when:moment}在检查“{inspection:name}”第{part:d}次复查记录上签字")
)
def _(world: World, person: str, when: date | datetime, inspection: str, part: int) -> None:
    sign(world, inspection, part, person, when)


def sign(world: World, name: str, part: int, person: str, when: date | datetime) -> None:
    """Sign the record of an inspection or a recheck."""
    record, enterprise = about(world, name)
    fact = PartSigned(enterprise=enterprise, part=part, person=world.person(person))
    world.record(record, fact, when)


@step(
    phrase(
        "专家“{person:name}”于{when:moment}{manner:manner}在检查“{inspection:name}”记录上签字，"
        "原因为“{reason:name}”",
        manner=one_of({"不能": NotSigning.UNABLE, "拒绝": NotSigning.REFUSED}),
    )
)
def _(
    world: World,
    person: str,
    when: date | datetime,
    manner: NotSigning,
    inspection: str,
    reason: str,
) -> None:
    record, enterprise = about(world, inspection)
    fact = PartUnsigned(
        enterprise=enterprise, person=world.person(person), manner=manner, reason=text(reason)
    )
    world.record(record, fact, when)


@step(phrase("“{org:name}”于{when:moment}将检查“{inspection:name}”记录存档"))
def _(world: World, org: str, when: date | datetime, inspection: str) -> None:
    file(world, org, inspection, 0, when)


@step(phrase("“{org:name}”于{when:moment}将检查“{inspection:name}”第{part:d}次复查记录存档"))
def _(world: World, org: str, when: date | datetime, inspection: str, part: int) -> None:
    file(world, org, inspection, part, when)


def file(world: World, org: str, name: str, part: int, when: date | datetime) -> None:
    """Close the file of an inspection or a recheck."""
    fact = ExpertFileClosed(enterprise=world.org(org), part=part)
    world.record(inspection(world, name), fact, when)


@step(phrase("“{person:name}”于{when:moment}查阅检查“{inspection:name}”的报告"))
def _(world: World, person: str, when: date | datetime, inspection: str) -> None:
    record, enterprise = about(world, inspection)
    fact = ReportRead(
        enterprise=enterprise,
        inspection=record,
        person=world.person(person),
        purpose=text("日常监管"),
    )
    world.record(ident(f"reading {inspection} {when}"), fact, when)

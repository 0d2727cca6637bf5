"""执法人员: their certificates, trainings and equipment, and who holds an inspection."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step, then

from domain.inspection import InspectionHeld, Officer
from domain.inspector import EquipmentProvided, EquipmentRetired, InspectorsTrained, equipment_of
from domain.moment import local_day
from domain.policy.s1_2_inspectors import inspectors
from domain.training import Attendance, CertificateIssued
from tests.features.phrases import one_of, phrase
from tests.features.steps.expert_views import docket_of
from tests.features.steps.trainings import person_of
from tests.features.world import World
from tests.support.book import ident


@step(
    phrase(
        "“{body:name}”于{when:moment}派{officers:names}对“{enterprise:name}”开展检查“{inspection:name}”"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    officers: list[str],
    enterprise: str,
    inspection: str,
) -> None:
    inspect(world, body, when, officers, enterprise, inspection)


@step(
    phrase(
        "“{body:name}”于{when:moment}派{officers:names}对“{enterprise:name}”开展检查"
        "“{inspection:name}”，“{person:name}”到场"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    officers: list[str],
    enterprise: str,
    inspection: str,
    person: str,
) -> None:
    inspect(world, body, when, officers, enterprise, inspection, attended=world.person(person))


def inspect(
    world: World,
    body: str,
    when: date | datetime,
    officers: list[str],
    enterprise: str,
    inspection: str,
    *,
    attended: UUID | None = None,
) -> None:
    """Record an inspection by named officers."""
    fact = InspectionHeld(
        enterprise=world.org(enterprise),
        by_org=world.org(body),
        officers=tuple(Officer(person=person_of(world, each, when)) for each in officers),
        attended_by=(attended,) if attended else (),
    )
    begun = world.the if world.knows("inspection", inspection) else world.new  # it was planned
    world.record(begun("inspection", inspection), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}培训执法人员“{training:name}”，“{person:name}”{passed:verdict}"
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    training: str,
    person: str,
    passed: bool,  # noqa: FBT001 - as the step gives it
) -> None:
    attended = (Attendance(person=person_of(world, person, when), passed=passed),)
    fact = InspectorsTrained(body=world.org(body), name=training, hours=40, attended=attended)
    world.record(ident(f"inspector training {training}"), fact, when)


@step(phrase("“{body:name}”于{when:moment}配置执法装备“{name:name}”{count:d}台，可用至{until:day}"))
def _(world: World, body: str, when: date | datetime, name: str, count: int, until: date) -> None:
    fact = EquipmentProvided(body=world.org(body), name=name, count=count, usable_until=until)
    world.record(world.new("equipment", name), fact, when)


@step(phrase("“{body:name}”于{when:moment}停用执法装备“{name:name}”"))
def _(world: World, body: str, when: date | datetime, name: str) -> None:
    world.record(world.the("equipment", name), EquipmentRetired(body=world.org(body)), when)


@then(phrase("{at:day}“{body:name}”的执法人员为"))
def _(world: World, at: date, body: str, datatable: list[list[str]]) -> None:
    docket = docket_of(world, world.org(body), at)
    told = []
    for each in inspectors(docket):
        until = None
        if each.certificate and isinstance(each.certificate.fact, CertificateIssued):
            until = each.certificate.fact.valid_to
        name = str(docket.directory.names[each.person].name)
        trained = local_day(each.trained[0].happened).isoformat() if each.trained else ""
        told.append([name, until.isoformat() if until else "", trained])
    assert [["姓名", "证件有效至", "最近培训"], *told] == datatable


@then(
    phrase(
        "{at:day}“{body:name}”的执法装备“{name:name}”{standing:standing}",
        standing=one_of({"可用": True, "已过期": False, "不在册": None}),
    )
)
def _(world: World, at: date, body: str, name: str, standing: bool | None) -> None:  # noqa: FBT001
    found = equipment_of(world.book.entries, world.org(body), at)
    usable = {each.name: each.usable for each in found}
    assert usable.get(name) is standing

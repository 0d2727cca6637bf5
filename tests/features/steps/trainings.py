"""安全培训、证书 and 用工: who was trained and certified, at work since when, by what contract."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step, then

from domain.organisation import CrowdedPlaceFound, OrganisationChanged
from domain.people import PersonRegistered
from domain.record import facts_of
from domain.training import (
    Attendance,
    CertificateIssued,
    CertificateKind,
    CertificateWithdrawn,
    ContractSigned,
    EmploymentBegan,
    EmploymentEnded,
    Engagement,
    TrainingChecked,
    TrainingHeld,
    WorkAssigned,
    WorkLeft,
)
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import ident, text

ENGAGEMENTS = {
    "本单位职工": Engagement.OWN,
    "被派遣劳动者": Engagement.DISPATCHED,
    "实习学生": Engagement.INTERN,
}


def person_of(world: World, name: str, when: date | datetime) -> UUID:
    """Return a person, who enters the record with this where they are new."""
    if not world.knows("person", name):
        ident_ = world.new("person", name)
        world.record(ident_, PersonRegistered(name=text(name, ident_)), when)
    return world.person(name)


def job(world: World, org: str, person: str) -> UUID:
    """Return the record of somebody's employment."""
    return world.the("employment", f"{org} {person}")


@step(
    phrase(
        "“{person:name}”于{when:moment}到“{org:name}”工作，为{engagement:engagement}",
        engagement=one_of(ENGAGEMENTS),
    )
)
def _(world: World, person: str, when: date | datetime, org: str, engagement: Engagement) -> None:
    who = person_of(world, person, when)
    fact = EmploymentBegan(enterprise=world.org(org), person=who, engagement=engagement)
    world.record(world.new("employment", f"{org} {person}"), fact, when)


@step(phrase("“{person:name}”于{when:moment}在“{org:name}”上岗，任{work:title}"))
def _(world: World, person: str, when: date | datetime, org: str, work: str) -> None:
    fact = WorkAssigned(enterprise=world.org(org), work=work)
    world.record(job(world, org, person), fact, when)


@step(
    phrase(
        "“{person:name}”于{when:moment}在“{org:name}”上岗，任{work:title}，"
        "从事特种作业“{special:name}”"
    )
)
def _(world: World, person: str, when: date | datetime, org: str, work: str, special: str) -> None:
    fact = WorkAssigned(enterprise=world.org(org), work=work, special_operation=special)
    world.record(job(world, org, person), fact, when)


@step(phrase("“{person:name}”于{when:moment}在“{org:name}”不再任{work:title}"))
def _(world: World, person: str, when: date | datetime, org: str, work: str) -> None:
    fact = WorkLeft(enterprise=world.org(org), work=work)
    world.record(job(world, org, person), fact, when)


@step(phrase("“{person:name}”于{when:moment}离开“{org:name}”"))
def _(world: World, person: str, when: date | datetime, org: str) -> None:
    world.record(job(world, org, person), EmploymentEnded(enterprise=world.org(org)), when)


@step(phrase("“{person:name}”于{when:moment}与“{org:name}”订立劳动合同"))
def _(world: World, person: str, when: date | datetime, org: str) -> None:
    world.record(job(world, org, person), ContractSigned(enterprise=world.org(org)), when)


@step(
    phrase("“{person:name}”于{when:moment}与“{org:name}”订立劳动合同，自{since:day}至{until:day}")
)
def _(world: World, person: str, when: date | datetime, org: str, since: date, until: date) -> None:
    fact = ContractSigned(enterprise=world.org(org), valid_from=since, valid_to=until)
    world.record(job(world, org, person), fact, when)


# 培训


def train(
    world: World,
    org: str,
    when: date | datetime,
    training: str,
    attended: dict[str, bool],
    *,
    covers_hazards: bool = True,
) -> None:
    """Record a training, with who passed it."""
    fact = TrainingHeld(
        enterprise=world.org(org),
        name=training,
        covers_hazards=covers_hazards,
        attended=tuple(
            Attendance(person=person_of(world, name, when), passed=passed)
            for name, passed in attended.items()
        ),
    )
    world.record(world.new("training", f"{training} {when}"), fact, when)


@step(
    phrase("“{org:name}”于{when:moment}开展培训“{training:name}”，“{person:name}”{passed:verdict}")
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    training: str,
    person: str,
    passed: bool,  # noqa: FBT001 - as the step gives it
) -> None:
    train(world, org, when, training, {person: passed})


@step(
    phrase(
        "“{org:name}”于{when:moment}开展培训“{training:name}”，{covers:covers}隐患排查内容",
        covers=one_of({"包含": True, "不包含": False}),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    training: str,
    covers: bool,  # noqa: FBT001 - as the step gives it
) -> None:
    train(world, org, when, training, {}, covers_hazards=covers)


@then(
    phrase(
        "培训“{training:name}”记明{covers:covers}隐患排查内容",
        covers=one_of({"包含": True, "不包含": False}),
    )
)
def _(world: World, training: str, covers: bool) -> None:  # noqa: FBT001 - as the step gives it
    held = [f for _, f in facts_of(world.book.entries, TrainingHeld) if f.name == training]
    assert [fact.covers_hazards for fact in held] == [covers]


# 证书


KINDS = {
    "考核合格证": CertificateKind.ASSESSMENT,
    "特种作业操作证": CertificateKind.SPECIAL_OPERATION,
    "行政执法证": CertificateKind.INSPECTOR,
}


def certify(
    world: World,
    person: str,
    when: date | datetime,
    kind: CertificateKind,
    category: str | None,
    until: date | None,
) -> None:
    """Record a certificate of a person, valid from the day that it was issued."""
    since = when if not isinstance(when, datetime) else when.date()
    fact = CertificateIssued(
        kind=kind, category=category, issuer="市应急管理局", valid_from=since, valid_to=until
    )
    world.record(person_of(world, person, when), fact, when)


@step(
    phrase(
        "“{person:name}”于{when:day}取得{kind:kind}，有效至{until:day}",
        kind=one_of(KINDS),
    )
)
def _(world: World, person: str, when: date, kind: CertificateKind, until: date) -> None:
    certify(world, person, when, kind, None, until)


@step(
    phrase(
        "“{person:name}”于{when:day}取得“{category:name}”{kind:kind}，有效至{until:day}",
        kind=one_of(KINDS),
    )
)
def _(
    world: World, person: str, when: date, category: str, kind: CertificateKind, until: date
) -> None:
    certify(world, person, when, kind, category, until)


@step(phrase("“{person:name}”的{kind:kind}于{when:day}被撤销", kind=one_of(KINDS)))
def _(world: World, person: str, kind: CertificateKind, when: date) -> None:
    world.record(world.person(person), CertificateWithdrawn(kind=kind), when)


# 专项检查


@step(
    phrase("“{body:name}”于{when:moment}开展{year:d}年度培训情况专项检查，检查{enterprises:names}")
)
def _(world: World, body: str, when: date | datetime, year: int, enterprises: list[str]) -> None:
    fact = TrainingChecked(
        body=world.org(body),
        year=year,
        enterprises=tuple(world.org(each) for each in enterprises),
    )
    world.record(ident(f"training check {body} {when}"), fact, when)


# 单位属性


@step(
    phrase(
        "“{org:name}”于{when:moment}{high:high}高危单位",
        high=one_of({"列为": True, "不再列为": False}),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    high: bool,  # noqa: FBT001 - as the step gives it
) -> None:
    world.record(world.org(org), OrganisationChanged(high_risk=high), when)


@step(
    phrase(
        "“{org:name}”于{when:moment}{crowded:crowded}人员密集场所",
        crowded=one_of({"认定为": True, "不再认定为": False}),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    crowded: bool,  # noqa: FBT001 - as the step gives it
) -> None:
    world.record(world.org(org), CrowdedPlaceFound(crowded=crowded), when)

"""建设项目“三同时” and 行政许可: reviewed, accepted, begun; permits applied for and granted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pytest_bdd import step, then

from domain.fact import EnterpriseFact
from domain.licence import (
    Condition,
    LicenceApplied,
    LicenceGranted,
    LicenceRefused,
    LicenceReturned,
    LicenceRevoked,
    LicenceSuspended,
)
from domain.project import (
    ConstructionBegun,
    DesignReviewed,
    FacilitiesAccepted,
    ProductionBegun,
    ProjectAct,
    ProjectRegistered,
)
from tests.features.phrases import one_of, phrase
from tests.features.world import World
from tests.support.book import text

ACTS = {"开工": ProjectAct.BUILD, "投产": ProjectAct.PRODUCE}
REVIEWS = {"安全设施设计审查": DesignReviewed, "安全设施竣工验收": FacilitiesAccepted}
BEGUN = {"开工": ConstructionBegun, "投产": ProductionBegun}
MET = (Condition(name="安全设施竣工验收合格", met=True),)
CITED = {"industrial_policy": "产业结构调整指导目录", "permit_rule": "安全生产许可证条例"}


def about(world: World, kind: str, name: str) -> tuple[UUID, UUID]:
    """Return the record of a project or a licence, and its enterprise."""
    record = world.the(kind, name)
    return record, world.enterprise_of(record)


@step(phrase("“{org:name}”于{when:moment}登记建设项目“{project:name}”"))
def _(world: World, org: str, when: date | datetime, project: str) -> None:
    fact = ProjectRegistered(enterprise=world.org(org), name=project)
    world.record(world.new("project", project), fact, when)


@step(
    phrase(
        "“{body:name}”于{when:moment}对项目“{project:name}”{review:review}{passed:verdict}",
        review=one_of(REVIEWS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    project: str,
    review: type[DesignReviewed | FacilitiesAccepted],
    passed: bool,  # noqa: FBT001 - as the step gives it
) -> None:
    record, org = about(world, "project", project)
    world.record(record, review(enterprise=org, by_org=world.org(body), passed=passed), when)


@step(phrase("项目“{project:name}”于{when:moment}{act:act}", act=one_of(BEGUN)))
def _(world: World, project: str, when: date | datetime, act: type[EnterpriseFact]) -> None:
    record, org = about(world, "project", project)
    world.record(record, act(enterprise=org), when)


# 行政许可


def grant(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    licence: str,
    **more: Any,  # noqa: ANN401 - the fields of the fact
) -> None:
    """Grant a licence, which the enterprise may have applied for."""
    known = world.knows("licence", licence)
    record = (world.the if known else world.new)("licence", licence)
    fields = {"conditions": MET, **CITED, **more}
    fact = LicenceGranted(
        enterprise=world.org(org), by_org=world.org(body), licence=licence, **fields
    )
    world.record(record, fact, when)


@step(
    phrase(
        "“{org:name}”于{when:moment}为项目“{project:name}”{act:act}"
        "向“{body:name}”申请“{licence:name}”",
        act=one_of(ACTS),
    )
)
def _(
    world: World,
    org: str,
    when: date | datetime,
    project: str,
    act: ProjectAct,
    body: str,
    licence: str,
) -> None:
    fact = LicenceApplied(
        enterprise=world.org(org),
        to_org=world.org(body),
        licence=licence,
        project=world.the("project", project),
        act=act,
    )
    world.record(world.new("licence", licence), fact, when)


@step(phrase("“{org:name}”于{when:moment}向“{body:name}”申请“{licence:name}”"))
def _(world: World, org: str, when: date | datetime, body: str, licence: str) -> None:
    fact = LicenceApplied(enterprise=world.org(org), to_org=world.org(body), licence=licence)
    world.record(world.new("licence", licence), fact, when)


@step(phrase("“{body:name}”于{when:moment}准予“{org:name}”“{licence:name}”"))
def _(world: World, body: str, when: date | datetime, org: str, licence: str) -> None:
    grant(world, body, when, org, licence)


@step(
    phrase(
        "“{body:name}”于{when:moment}准予“{org:name}”项目“{project:name}”{act:act}的“{licence:name}”",
        act=one_of(ACTS),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    project: str,
    act: ProjectAct,
    licence: str,
) -> None:
    grant(world, body, when, org, licence, project=world.the("project", project), act=act)


@step(
    phrase(
        "“{body:name}”于{when:moment}准予“{org:name}”项目“{project:name}”许可“{licence:name}”，"
        "未写明是开工还是投产"
    )
)
def _(world: World, body: str, when: date | datetime, org: str, project: str, licence: str) -> None:
    grant(world, body, when, org, licence, project=world.the("project", project))


@step(
    phrase(
        "“{body:name}”于{when:moment}准予“{org:name}”“{licence:name}”，未写明所核查的安全生产条件"
    )
)
def _(world: World, body: str, when: date | datetime, org: str, licence: str) -> None:
    grant(world, body, when, org, licence, conditions=())


@step(
    phrase(
        "“{body:name}”于{when:moment}准予“{org:name}”“{licence:name}”，"
        "经核查“{condition:name}”不符合"
    )
)
def _(
    world: World, body: str, when: date | datetime, org: str, licence: str, condition: str
) -> None:
    conditions = (*MET, Condition(name=condition, met=False))
    grant(world, body, when, org, licence, conditions=conditions)


MISSING = {
    "产业政策": {"industrial_policy": None},
    "许可规定": {"permit_rule": None},
    "产业政策和许可规定": {"industrial_policy": None, "permit_rule": None},
}


@step(
    phrase(
        "“{body:name}”于{when:moment}准予“{org:name}”“{licence:name}”，未写明{missing:missing}",
        missing=one_of(MISSING),
    )
)
def _(
    world: World,
    body: str,
    when: date | datetime,
    org: str,
    licence: str,
    missing: dict[str, None],
) -> None:
    grant(world, body, when, org, licence, **missing)


@step(phrase("“{body:name}”于{when:moment}不予许可“{licence:name}”"))
def _(world: World, body: str, when: date | datetime, licence: str) -> None:
    record, org = about(world, "licence", licence)
    fact = LicenceRefused(enterprise=org, by_org=world.org(body), reason=text("不具备条件"))
    world.record(record, fact, when)


LATER = {"暂扣": LicenceSuspended, "发还": LicenceReturned, "撤销": LicenceRevoked}


@step(phrase("“{body:name}”于{when:moment}将许可证照“{licence:name}”{act:act}", act=one_of(LATER)))
def _(
    world: World,
    body: str,
    when: date | datetime,
    licence: str,
    act: type[LicenceSuspended | LicenceReturned | LicenceRevoked],
) -> None:
    record, org = about(world, "licence", licence)
    more: dict[str, Any] = {"licence": licence} if act is LicenceSuspended else {}
    more |= {"reason": text("不再具备条件")} if act is LicenceRevoked else {}
    world.record(record, act(enterprise=org, by_org=world.org(body), **more), when)


# 谁审批、谁发证


@then("没有审批与发证")
def _(world: World) -> None:
    assert world.asked().approvals == []


@then(phrase("审批与发证为“{approvals:words}”"))
def _(world: World, approvals: str) -> None:
    told = [
        f"{each.organisation.name if each.organisation else ''}{each.title.zh}“{each.name}”"
        for each in world.asked().approvals
    ]
    assert "；".join(told) == approvals


@then(phrase("“{name:name}”由“{org:name}”{post:title}“{person:name}”经手"))
def _(world: World, name: str, org: str, post: str, person: str) -> None:
    found = [each for each in world.asked().approvals if each.name == name]
    told = [(a.organisation and a.organisation.name, a.post_title, a.person_name) for a in found]
    assert (org, post, person) in told


@then(phrase("“{name:name}”经核查的安全生产条件为{conditions:names}"))
def _(world: World, name: str, conditions: list[str]) -> None:
    found = [each for each in world.asked().approvals if each.name == name]
    assert [list(each.conditions) for each in found if each.conditions] == [conditions]

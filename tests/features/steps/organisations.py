"""单位 and 监管关系: who there is, and who supervises whom."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pytest_bdd import step, then

from domain.directory import Directory
from domain.fact import Actor
from domain.moment import earlier, no_later
from domain.organisation import (
    Ground,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrgKind,
    ResponsiblesNamed,
    ResponsiblesWithdrawn,
    SupervisionAssigned,
    SupervisionEnded,
    TransferAccepted,
    TransferDecided,
    TransferProposed,
    TransferRefused,
    supervision_id,
)
from tests.features.phrases import moment, one_of, phrase
from tests.features.world import World
from tests.support.book import text

ORG_KINDS = {
    "政府": OrgKind.GOVERNMENT,
    "管委会": OrgKind.ZONE,
    "部门": OrgKind.DEPARTMENT,
    "企业": OrgKind.ENTERPRISE,
    "专家机构": OrgKind.EXPERT_BODY,
}
GROUNDS = {
    "行业": Ground.INDUSTRY,
    "属地": Ground.TERRITORY,
    "安全": Ground.SAFETY,
    "审批": Ground.APPROVAL,
    "发证": Ground.LICENCE,
}


def register(
    world: World,
    name: str,
    kind: OrgKind,
    parent: str,
    when: date | datetime,
    began: date | None = None,
    by: Actor | None = None,
) -> None:
    """Register an organisation; its code is its name, which is never read as a division code."""
    org = world.new("org", name)
    world.kinds[org] = kind
    fact = OrganisationRegistered(
        kind=kind,
        code=name,
        name=name,
        parent=world.org(parent) if parent else None,
        began=began,
    )
    world.record(org, fact, when, by=by)


def supervision(world: World, enterprise: str) -> tuple[UUID, UUID]:
    """Return the record of an enterprise's supervision, and the enterprise."""
    org = world.org(enterprise)
    return supervision_id(org), org


@step("有以下单位")
def _(world: World, datatable: list[list[str]]) -> None:
    columns, *rows = datatable
    assert columns == ["单位", "性质", "上级", "自"]
    for name, kind, parent, since in rows:
        register(world, name, ORG_KINDS[kind], parent, moment(since))


@step(
    phrase(
        "“{parent:name}”于{when:moment}登记{kind:kind}“{name:name}”，自{began:day}起运行",
        kind=one_of(ORG_KINDS),
    )
)
def _(
    world: World,
    parent: str,
    when: date | datetime,
    kind: OrgKind,
    name: str,
    began: date,
) -> None:
    register(world, name, kind, parent, when, began)


@step(phrase("“{org:name}”于{when:moment}随台账导入"))
def _(world: World, org: str, when: datetime) -> None:
    register(world, org, OrgKind.ENTERPRISE, "", when, by=Actor(authentication="import"))


@step(phrase("“{org:name}”于{when:moment}划归“{parent:name}”"))
def _(world: World, org: str, when: date | datetime, parent: str) -> None:
    world.record(world.org(org), OrganisationChanged(parent=world.org(parent)), when)


@step(phrase("“{org:name}”于{when:moment}关闭"))
def _(world: World, org: str, when: date | datetime) -> None:
    world.record(world.org(org), OrganisationClosed(), when)


@step(phrase("“{department:name}”自{when:moment}起监管“{enterprise:name}”"))
def _(world: World, department: str, when: date | datetime, enterprise: str) -> None:
    assign(world, department, when, enterprise, Ground.INDUSTRY)


@step(
    phrase(
        "“{department:name}”自{when:moment}起按{ground:ground}监管“{enterprise:name}”",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World, department: str, when: date | datetime, ground: Ground, enterprise: str
) -> None:
    assign(world, department, when, enterprise, ground)


def assign(
    world: World, department: str, when: date | datetime, enterprise: str, ground: Ground
) -> None:
    """Assign a department to an enterprise."""
    record, org = supervision(world, enterprise)
    fact = SupervisionAssigned(enterprise=org, department=world.org(department), ground=ground)
    world.record(record, fact, when)


@step(phrase("“{department:name}”于{when:moment}终止监管“{enterprise:name}”"))
def _(world: World, department: str, when: date | datetime, enterprise: str) -> None:
    record, org = supervision(world, enterprise)
    fact = SupervisionEnded(enterprise=org, department=world.org(department))
    world.record(record, fact, when)


@step(phrase("“{sender:name}”于{when:moment}提出将“{enterprise:name}”移交“{receiver:name}”"))
def _(world: World, sender: str, when: date | datetime, enterprise: str, receiver: str) -> None:
    record, org = supervision(world, enterprise)
    fact = TransferProposed(enterprise=org, sender=world.org(sender), receiver=world.org(receiver))
    world.record(record, fact, when)


@step(phrase("“{receiver:name}”于{when:moment}接收“{sender:name}”移交的“{enterprise:name}”"))
def _(world: World, receiver: str, when: date | datetime, sender: str, enterprise: str) -> None:
    accept(world, receiver, when, sender, Ground.INDUSTRY, enterprise)


@step(
    phrase(
        "“{receiver:name}”于{when:moment}接收“{sender:name}”按{ground:ground}移交的“{enterprise:name}”",
        ground=one_of(GROUNDS),
    )
)
def _(
    world: World,
    receiver: str,
    when: date | datetime,
    sender: str,
    ground: Ground,
    enterprise: str,
) -> None:
    accept(world, receiver, when, sender, ground, enterprise)


def accept(
    world: World,
    receiver: str,
    when: date | datetime,
    sender: str,
    ground: Ground,
    enterprise: str,
) -> None:
    """Let a department accept an enterprise from another."""
    record, org = supervision(world, enterprise)
    fact = TransferAccepted(
        enterprise=org, sender=world.org(sender), receiver=world.org(receiver), ground=ground
    )
    world.record(record, fact, when)


@step(phrase("“{receiver:name}”于{when:moment}拒绝接收“{sender:name}”移交的“{enterprise:name}”"))
def _(world: World, receiver: str, when: date | datetime, sender: str, enterprise: str) -> None:
    record, org = supervision(world, enterprise)
    fact = TransferRefused(
        enterprise=org,
        sender=world.org(sender),
        receiver=world.org(receiver),
        reason=text("不属于本部门职责"),
    )
    world.record(record, fact, when)


@step(
    phrase(
        "“{superior:name}”于{when:moment}裁定“{sender:name}”移交的“{enterprise:name}”"
        "由“{responsible:name}”监管"
    )
)
def _(
    world: World,
    superior: str,
    when: date | datetime,
    sender: str,
    enterprise: str,
    responsible: str,
) -> None:
    record, org = supervision(world, enterprise)
    fact = TransferDecided(
        enterprise=org,
        superior=world.org(superior),
        sender=world.org(sender),
        responsible=world.org(responsible),
    )
    world.record(record, fact, when)


@step(
    phrase(
        "“{department:name}”于{when:moment}实名确定“{enterprise:name}”"
        "的责任领导为{leader:title}、责任人为{officer:title}"
    )
)
def _(
    world: World,
    department: str,
    when: date | datetime,
    enterprise: str,
    leader: str,
    officer: str,
) -> None:
    record, org = supervision(world, enterprise)
    fact = ResponsiblesNamed(
        enterprise=org,
        department=world.org(department),
        leader=world.post(department, leader),
        officer=world.post(department, officer),
    )
    world.record(record, fact, when)


@step(phrase("“{department:name}”于{when:moment}撤销“{enterprise:name}”的实名责任"))
def _(world: World, department: str, when: date | datetime, enterprise: str) -> None:
    record, org = supervision(world, enterprise)
    fact = ResponsiblesWithdrawn(enterprise=org, department=world.org(department))
    world.record(record, fact, when)


# 谁主管、谁审批、谁发证


@then(phrase("{at:moment}负责“{enterprise:name}”行业监管的为{names:names}"))
def _(world: World, at: date | datetime, enterprise: str, names: list[str]) -> None:
    directory = Directory(world.book.entries)
    found = directory.regulators(world.org(enterprise), at)
    assert [directory.name(each) for each in found] == names


@then(
    phrase(
        "{at:moment}按{ground:ground}监管“{enterprise:name}”的为{names:names}",
        ground=one_of(GROUNDS),
    )
)
def _(world: World, at: date | datetime, ground: Ground, enterprise: str, names: list[str]) -> None:
    directory = Directory(world.book.entries)
    found = [
        directory.name(each.department)
        for each in directory.supervisions(world.org(enterprise))
        if each.ground is ground
        and no_later(each.since, at)
        and (each.until is None or earlier(at, each.until))
    ]
    assert found == names

"""What the product tells of an enterprise's own line, and of a body's inspectors (1.2e, 1.3b–1.3f).

The command line and the HTTP API answer alike; the domain decides (``domain.policy.s1_3_views``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

from domain.answer import Words
from domain.inspector import equipment_of
from domain.moment import Day, Moment, local_day
from domain.own_rule import RuleKind, missing_kinds
from domain.people import PostKind
from domain.policy.s1_2_inspectors import inspectors
from domain.policy.s1_3_views import (
    ORPHANS,
    Orphan,
    money_of,
    post_tree,
    rule_in_force,
    rules_by_kind,
)
from domain.record import moment_of
from domain.training import CertificateIssued

if TYPE_CHECKING:
    from domain.fact import Entry
    from domain.own_rule import Version
    from domain.policy.duty import Docket
    from domain.policy.s1_2_inspectors import Inspector
    from domain.policy.s1_3_views import HazardMoney, Place

RULES = {
    RuleKind.INVESTIGATION: ("排查", "investigation"),
    RuleKind.REGISTRATION: ("登记", "registration"),
    RuleKind.REPORTING: ("报告", "reporting"),
    RuleKind.RECTIFICATION: ("整改", "rectification"),
    RuleKind.FUNDS: ("资金使用", "use of funds"),
    RuleKind.RESPONSIBILITY: ("责任制", "system of responsibility"),
    RuleKind.OTHER: ("其他", "other"),
}
_Fen = Field(description="金额（分） · in fen")


class NamedPerson(BaseModel):
    """A person by id and name; the name is null where it was erased."""

    person: UUID
    name: str | None


class PostPlace(BaseModel):
    """A post's place in the tree that reaches the principal (1.3b)."""

    post: UUID
    title: str
    kind: PostKind
    reports_to: UUID | None
    depth: int | None = Field(
        description="距主要负责人的级数；连不到的为空 · steps to the principal; null for an orphan"
    )
    orphan: Orphan | None
    why: Words | None = Field(description="连不到的原因 · why it does not reach the principal")
    vacant: bool
    holders: list[NamedPerson]


class PostTree(BaseModel):
    """An enterprise's posts, which of them do not reach the principal, and who holds none."""

    enterprise: UUID
    name: str
    at: Moment
    posts: list[PostPlace]
    orphans: list[UUID] = Field(
        description="连不到主要负责人的岗位 · posts not reaching the principal"
    )
    without_post: list[NamedPerson] = Field(
        description="在岗而没有岗位的人员 · who works there and holds no post"
    )
    written: RuleVersion | None = Field(
        description="施行中的责任制 · the written system of responsibility in force"
    )


class RuleVersion(BaseModel):
    """A version of an enterprise's own rule, and who adopted it."""

    record: UUID
    kind: RuleKind
    title: str
    version: str
    adopted_by: NamedPerson
    post: UUID | None
    post_title: str | None
    adopted: Moment
    since: Moment
    until: Moment | None = Field(description="被替代或废止之时 · when replaced or repealed")
    in_force: bool
    document: str | None
    facts: list[int]


class MissingRule(BaseModel):
    """A kind of rule that 1.3f names and of which none is in force."""

    kind: RuleKind
    words: Words


class OwnRules(BaseModel):
    """An enterprise's own rules by kind and version, and the kinds that are missing (1.3f)."""

    enterprise: UUID
    name: str
    at: Moment
    rules: list[RuleVersion]
    missing: list[MissingRule]


class Amount(BaseModel):
    """An amount in fen, and the facts that it rests on."""

    amount: int = _Fen
    facts: list[int]


class HazardFunds(BaseModel):
    """The money of one hazard, in fen."""

    hazard: UUID
    number: str
    source: str | None = Field(description="资金来源；没有的为空 · where it comes from")
    allotted: int = _Fen
    spent: int = _Fen
    cost: int | None = Field(description="整改完成时所报投入（分） · as said when rectified")
    shortfall: int = Field(
        description="安排的不够之数（分） · by how much too little was set aside"
    )
    unfunded: bool = Field(
        description="已开始整改而没有资金来源 · being remedied with no source of funding"
    )
    facts: list[int]


class Funds(BaseModel):
    """An enterprise's money of a year: planned, set aside for hazards, spent (1.3c)."""

    enterprise: UUID
    name: str
    at: Moment
    year: int
    planned: Amount | None
    allotted: Amount
    spent: Amount
    shortfall: int = Field(
        description="计划少于安排或支出之数（分） · by how much the plan is too little"
    )
    not_spent: int = Field(
        description="年度终了而计划未支出之数（分） · planned and not spent when the year was over"
    )
    hazards: list[HazardFunds]
    written: RuleVersion | None = Field(
        description="施行中的资金使用专项制度 · the rule on the use of funds in force"
    )


class InspectorTold(BaseModel):
    """Who may inspect for a body: certificate of the day, and last training."""

    person: UUID
    name: str | None
    posts: list[UUID]
    certified: bool
    valid_from: Day | None
    valid_to: Day | None
    last_trained: Moment | None
    passed: bool | None
    facts: list[int]


class EquipmentTold(BaseModel):
    """Equipment that a body's inspectors have."""

    record: UUID
    name: str
    count: int
    usable_until: Day | None
    usable: bool
    facts: list[int]


class Inspectors(BaseModel):
    """A body's inspectors and their equipment (1.2e)."""

    body: UUID
    name: str
    at: Moment
    inspectors: list[InspectorTold]
    equipment: list[EquipmentTold]


PostTree.model_rebuild()


def tell_posts(docket: Docket) -> PostTree:
    """Return how an enterprise's posts reach its principal (1.3b)."""
    tree = post_tree(docket)
    return PostTree(
        enterprise=docket.enterprise,
        name=docket.directory.name(docket.enterprise),
        at=docket.at,
        posts=[_place(docket, each) for each in tree.places],
        orphans=[each.post.id for each in tree.orphans],
        without_post=[_named(docket, person) for person in tree.without_post],
        written=_version(docket, tree.system) if tree.system else None,
    )


def tell_rules(docket: Docket) -> OwnRules:
    """Return an enterprise's own rules, and which kinds are missing (1.3f)."""
    found = rules_by_kind(docket)
    return OwnRules(
        enterprise=docket.enterprise,
        name=docket.directory.name(docket.enterprise),
        at=docket.at,
        rules=[_version(docket, v) for kind in RuleKind for v in found.get(kind, [])],
        missing=[
            MissingRule(kind=kind, words=Words(zh=RULES[kind][0], en=RULES[kind][1]))
            for kind in missing_kinds(docket.own, docket.at)
        ],
    )


def tell_funds(docket: Docket, year: int) -> Funds:
    """Return an enterprise's money of a year (1.3c)."""
    told = money_of(docket, year)
    rule = rule_in_force(docket, RuleKind.FUNDS)
    return Funds(
        enterprise=docket.enterprise,
        name=docket.directory.name(docket.enterprise),
        at=docket.at,
        year=year,
        planned=None if told.planned is None else _amount(told.planned, told.by["planned"]),
        allotted=_amount(told.allotted, told.by["allotted"]),
        spent=_amount(told.spent, told.by["spent"]),
        shortfall=told.shortfall,
        not_spent=told.not_spent,
        hazards=[_hazard(each) for each in told.hazards],
        written=_version(docket, rule) if rule else None,
    )


def tell_inspectors(docket: Docket) -> Inspectors:
    """Return a body's inspectors and their equipment (1.2e)."""
    return Inspectors(
        body=docket.enterprise,
        name=docket.directory.name(docket.enterprise),
        at=docket.at,
        inspectors=[_inspector(docket, each) for each in inspectors(docket)],
        equipment=[
            EquipmentTold(
                record=each.entry.record,
                name=each.name,
                count=each.count,
                usable_until=each.usable_until,
                usable=each.usable,
                facts=[each.entry.position],
            )
            for each in equipment_of(docket.entries, docket.enterprise, docket.at)
        ],
    )


def _positions(entries: tuple[Entry, ...]) -> list[int]:
    return sorted(entry.position for entry in entries)


def _named(docket: Docket, person: UUID) -> NamedPerson:
    known = docket.directory.names.get(person)
    return NamedPerson(person=person, name=known.name.value if known else None)


def _place(docket: Docket, place: Place) -> PostPlace:
    why = ORPHANS[place.orphan] if place.orphan else None
    return PostPlace(
        post=place.post.id,
        title=place.post.title,
        kind=place.post.kind,
        reports_to=place.post.reports_to,
        depth=place.depth,
        orphan=place.orphan,
        why=Words(zh=why[0], en=why[1]) if why else None,
        vacant=not place.holders,
        holders=[_named(docket, held.person) for held in place.holders],
    )


def _version(docket: Docket, version: Version) -> RuleVersion:
    fact = version.fact
    post = docket.directory.posts.get(fact.post) if fact.post else None
    return RuleVersion(
        record=version.entry.record,
        kind=fact.kind,
        title=fact.title,
        version=fact.version,
        adopted_by=_named(docket, fact.adopted_by),
        post=fact.post,
        post_title=post.title if post else None,
        adopted=moment_of(version.entry),
        since=version.since,
        until=version.until,
        in_force=version.holds(docket.at),
        document=fact.document,
        facts=[version.entry.position],
    )


def _amount(amount: int, entries: tuple[Entry, ...]) -> Amount:
    return Amount(amount=amount, facts=_positions(entries))


def _hazard(money: HazardMoney) -> HazardFunds:
    return HazardFunds(
        hazard=money.hazard.id,
        number=money.hazard.number,
        source=money.source.value if money.source else None,
        allotted=money.allotted,
        spent=money.spent,
        cost=money.cost,
        shortfall=money.shortfall,
        unfunded=money.unfunded,
        facts=_positions(money.by),
    )


def _inspector(docket: Docket, inspector: Inspector) -> InspectorTold:
    held, trained = inspector.certificate, inspector.trained
    fact = held.fact if held else None
    valid = fact if isinstance(fact, CertificateIssued) else None
    by = (*((held,) if held else ()), *((trained[0],) if trained else ()))
    return InspectorTold(
        person=inspector.person,
        name=_named(docket, inspector.person).name,
        posts=list(inspector.posts),
        certified=valid is not None,
        valid_from=valid.valid_from if valid else None,
        valid_to=valid.valid_to if valid else None,
        last_trained=local_day(trained[0].happened) if trained else None,
        passed=trained[1] if trained else None,
        facts=_positions(by),
    )

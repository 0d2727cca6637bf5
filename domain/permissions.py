"""Permissions 权限: one table of who may do and see what, and one question asked of it.

Nobody has a role of their own: how somebody stands to a matter, a *tie* 关系, follows from the
posts they hold at this moment, from who supervises whom at this moment, and from the state of the
matter (a panel until its recheck, a listing until it is delisted). A row says which ties
suffice. What has no row is nobody's but the owner's of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from domain.charge import Charge, Held
from domain.people import PostKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime


class Tie(StrEnum):
    """How somebody stands to a matter 与事项的关系."""

    OWNER = "owner"
    ANYONE = "anyone"
    KNOWN = "known"
    LEADING = "leading"
    SELF = "self"
    HEAD = "head"
    STAFF = "staff"
    REGULATOR = "regulator"
    OFFICER = "officer"
    ABOVE = "above"
    LISTED = "listed"
    PEER = "peer"
    EXPERT = "expert"
    REVIEWER = "reviewer"


TIES: dict[Tie, tuple[str, str]] = {
    Tie.OWNER: ("本机所有者", "the owner of the machine"),
    Tie.ANYONE: ("任何人", "anyone"),
    Tie.KNOWN: ("在任人员", "anyone in post"),
    Tie.LEADING: ("任一单位的负责岗位", "a leading post anywhere"),
    Tie.SELF: ("本人", "the person themself"),
    Tie.HEAD: ("本单位负责岗位", "a leading post of the organisation itself"),
    Tie.STAFF: ("本单位其他岗位", "any other post of the organisation itself"),
    Tie.REGULATOR: (
        "现监管部门的负责岗位",
        "a leading post of a department that supervises it now",
    ),
    Tie.OFFICER: ("实名确定的责任岗位", "the post named for it"),
    Tie.ABOVE: ("上级政府、园区", "a government or zone above it or above its supervisor"),
    Tie.LISTED: ("挂牌督办中的有关单位", "a body of a listing in force"),
    Tie.PEER: ("同级政府的其他部门", "another department of a government above it"),
    Tie.EXPERT: ("在聘专家组成员", "an expert appointed to it, until what they found is rechecked"),
    Tie.REVIEWER: ("责任倒查人员", "a reviewer appointed to its accident"),
}
"""Each tie in Chinese and English, in the order in which the page shows them."""

LEADING = frozenset(
    (
        PostKind.PARTY_HEAD,
        PostKind.PRINCIPAL,
        PostKind.DEPUTY,
        PostKind.DEPUTY_LINE,
        PostKind.SECTION_HEAD,
        PostKind.FUNCTION_HEAD,
        PostKind.SAFETY_MANAGER,
    )
)
"""The posts that answer for more than their own work."""

_OWN = frozenset({Tie.HEAD, Tie.STAFF})
_CHARGED = frozenset({Tie.REGULATOR, Tie.OFFICER, Tie.ABOVE, Tie.LISTED})
_HEADS = frozenset({Tie.HEAD, Tie.REGULATOR, Tie.ABOVE})
_EITHER = _OWN | _CHARGED
_PERMITTING = frozenset({Tie.REGULATOR, Tie.OFFICER, Tie.ABOVE, Tie.PEER})
_NOBODY: frozenset[Tie] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: what may be done or seen, and by whom."""

    zh: str
    en: str
    ties: frozenset[Tie]


SEE: dict[str, Row] = {
    "enterprise": Row(
        "查看一家生产经营单位：档案、隐患、月报、义务、倒查、证据包",
        "see an enterprise: records, hazards, reports, duties, traces, bundles",
        _EITHER | {Tie.EXPERT, Tie.REVIEWER},
    ),
    "dossier": Row(
        "取得一家单位倒查的证据包，查看倒查中的举报",
        "take the bundle of an enterprise's trace, and see tips in its trace",
        _CHARGED | {Tie.REVIEWER},
    ),
    "tip": Row("查看承办的举报", "see a tip that the office handles", _OWN),
    "body": Row(
        "查看一个政府、部门、园区或专家库的档案",
        "see the records of a government, department, zone or pool",
        _OWN | {Tie.ABOVE, Tie.PEER},
    ),
    "figures": Row(
        "查看一个政府、部门、园区的考核和分析数据及其背后的每一件事",
        "see a body's figures, and everything behind them",
        frozenset({Tie.HEAD, Tie.ABOVE}),
    ),
    "person": Row(
        "查看一个人的档案（须对其现任职的每一单位都有权）",
        "see a person's record (by a tie to every organisation they now answer to)",
        frozenset({Tie.SELF}) | _HEADS,
    ),
    "register": Row(
        "查看政府和部门名录、名册摘要、专家",
        "see the register of bodies, the heads of rolls, experts",
        frozenset({Tie.KNOWN}),
    ),
    "rules": Row(
        "查看条款、规则设置、工作日历、文件目录",
        "see clauses, rule settings, working days, the register of documents",
        frozenset({Tie.KNOWN}),
    ),
    "self": Row("查看本人的账户", "see one's own account", frozenset({Tie.SELF})),
    "everything": Row("查看全部事实和日志条目", "see every fact, and the log's entries", _NOBODY),
    "published": Row(
        "核验文书、查看日志检查点和接口说明",
        "check a document, see the log's checkpoints and the API's description",
        frozenset({Tie.ANYONE}),
    ),
}
"""What may be seen."""

DO: dict[str, Row] = {
    "process group arrangement expert_inspection check installation fund allotment spending"
    " own_rule training employment project production report rescue_team rescue_store"
    " emergency_expert emergency_plan drill grant danger evacuation withdrawal": Row(
        "企业自办的事项：自查、整改、月报、专家检查、培训、应急",
        "what an enterprise does itself",
        _OWN,
    ),
    "hazard incident signature halt": Row(
        "发现和处理隐患、报告事故、停产、签署",
        "hazards, accidents, halts, signatures",
        _EITHER,
    ),
    "expert_inspection.report_delivered expert_inspection.held expert_inspection.rechecked"
    " expert_inspection.signed expert_inspection.unsigned": Row(
        "专家检查、复查和报告", "inspections by experts and their reports", _OWN | {Tie.EXPERT}
    ),
    "inspection order listing penalty measure guidance handling duty closing target"
    " production.observed report.answered arrangement.guided incident.cause_established": Row(
        "监督检查、指令、挂牌督办、处罚、督办",
        "inspections, orders, listings, penalties",
        _CHARGED,
    ),
    "support exposure oversight": Row(
        "支持、督导、公开曝光",
        "support, oversight, exposure",
        _CHARGED | {Tie.PEER},
    ),
    "tip": Row("办理举报", "handling tips", _OWN),
    "order.complied listing.delisting_applied": Row(
        "企业报告已整改、申请销号", "what an enterprise answers", _EITHER
    ),
    "licence grade project.design_reviewed project.facilities_accepted": Row(
        "许可、证照、达标等级、“三同时”审查",
        "permits, licences, grades, reviews of projects",
        _PERMITTING,
    ),
    "licence.applied": Row("申请许可", "applying for a licence", _OWN),
    "supervision": Row(
        "确定、移交监管和实名责任", "who supervises and who is named", _HEADS - {Tie.HEAD}
    ),
    "meeting overall_plan inspector_training equipment pool checklist training_check quarter"
    " campaign risk plan inspection.plan_adopted public_fund purchase oversight.of_body"
    " yearly_assessment publicity tip_key tip_channel tip_rules": Row(
        "政府和部门自办的事项：会议、计划、评估、整治",
        "what a body does itself",
        frozenset({Tie.HEAD, Tie.STAFF, Tie.ABOVE}),
    ),
    "expert": Row(
        "专家入库、考核、调整",
        "admission and appraisal of experts",
        frozenset({Tie.HEAD, Tie.ABOVE}),
    ),
    "review": Row(
        "启动责任倒查、记录追责结果",
        "accountability reviews and their outcomes",
        frozenset({Tie.ABOVE, Tie.REGULATOR, Tie.REVIEWER}),
    ),
    "org organisation post appointment": Row(
        "登记单位、岗位和任职", "organisations, posts, appointments", _HEADS
    ),
    "person": Row("登记人员", "registering people", frozenset({Tie.LEADING})),
    "certificate key enrolment person.same_as": Row(
        "为他人登记密钥、登录、资格证书和同一人（须对其现任职的每一单位都有权）",
        "keys, sign-ins, certificates and sameness of others"
        " (by a tie to every organisation they now answer to)",
        _HEADS,
    ),
    "key.revoked": Row("吊销签名密钥", "revoking a signing key", _HEADS | {Tie.SELF}),
    "reading": Row("记录查阅", "recording what was read", _EITHER | {Tie.EXPERT, Tie.REVIEWER}),
    "person.erased setting calendar document": Row(
        "个人信息删除、规则设置、工作日历、文件目录",
        "erasure, rule settings, working days, the register of documents",
        _NOBODY,
    ),
}
"""What may be done, by nouns and kinds of fact; the longer name counts before the shorter."""

_DO = {name: row for names, row in DO.items() for name in names.split()}


def row_for(topic: str, noun: str) -> Row | None:
    """Return the row for recording a kind of fact: its own, or that of its noun; None: nobody's."""
    prefix = topic.partition(".")[0]
    return _DO.get(topic) or _DO.get(prefix) or _DO.get(noun)


@dataclass(frozen=True, slots=True)
class PostHeld:
    """A post that somebody holds now, and the bodies above its organisation, nearest first."""

    post: UUID
    kind: PostKind
    organisation: UUID
    government: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks: a person and the posts they hold at this moment, or the owner of the machine."""

    person: UUID | None
    posts: tuple[PostHeld, ...] = ()
    owner: bool = False

    @property
    def organisations(self) -> frozenset[UUID]:
        """The organisations in which they hold a post."""
        return frozenset(post.organisation for post in self.posts)


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be done or seen: about which organisation, or which person.

    Args:
        organisation: the organisation that it is about.
        above: the bodies above that, nearest first.
        charges: who is charged with it.
        above_charged: the bodies above those that supervise it now.
        person: the person that it is about.
    """

    organisation: UUID | None = None
    above: tuple[UUID, ...] = ()
    charges: tuple[Held, ...] = ()
    above_charged: frozenset[UUID] = field(default_factory=frozenset)
    person: UUID | None = None


def ties(who: Standing, matter: Matter, moment: date | datetime) -> frozenset[Tie]:
    """Return how somebody stands to a matter at a moment.

    Args:
        who: the person, with the posts they hold then.
        matter: what it is about.
        moment: then.
    """
    found = {Tie.ANYONE}
    if who.owner:
        found.add(Tie.OWNER)
    if who.posts:
        found.add(Tie.KNOWN)
    if any(post.kind in LEADING for post in who.posts):
        found.add(Tie.LEADING)
    if who.person is not None and who.person == matter.person:
        found.add(Tie.SELF)
    held = [each for each in matter.charges if each.covers(moment)]
    for post in who.posts:
        found |= _ties_of(post, matter, held)
    personal = {Charge.PANEL: Tie.EXPERT, Charge.REVIEW: Tie.REVIEWER}
    found |= {
        personal[each.charge]
        for each in held
        if each.charge in personal and each.holder == who.person
    }
    return frozenset(found)


def _ties_of(post: PostHeld, matter: Matter, held: Iterable[Held]) -> set[Tie]:
    """Return how the holder of one post stands to a matter."""
    if matter.organisation is None:
        return set()
    found: set[Tie] = set()
    leads = post.kind in LEADING
    if post.organisation == matter.organisation:
        found.add(Tie.HEAD if leads else Tie.STAFF)
    over = {*matter.above, *matter.above_charged}
    if leads and post.organisation in over:
        found.add(Tie.ABOVE)
    if post.government in over:
        found.add(Tie.PEER)
    for each in held:
        if each.charge is Charge.SUPERVISES and each.holder == post.organisation and leads:
            found.add(Tie.REGULATOR)
        elif each.charge is Charge.NAMED and each.holder == post.post:
            found.add(Tie.OFFICER)
        elif each.charge is Charge.LISTED and each.holder == post.organisation and leads:
            found.add(Tie.LISTED)
    return found


def may(who: Standing, row: Row | None, matter: Matter, moment: date | datetime) -> bool:
    """Tell whether somebody may do or see something about a matter at a moment.

    Args:
        who: the person, with the posts they hold then.
        row: what they would do or see; None: what no row speaks of.
        matter: what it is about.
        moment: then.
    """
    return who.owner or (row is not None and bool(row.ties & ties(who, matter, moment)))

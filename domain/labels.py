"""How the things of a docket are called, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from domain import answer
from domain.answer import Line
from domain.hazard import HazardAccepted, HazardMadeKnown, HazardReported, ReportKind
from domain.imported import AccidentRowImported
from domain.incident import CasualtiesUpdated, IncidentOccurred, accident_level
from domain.inspection import InspectionHeld
from domain.listing import ListingServed
from domain.moment import local_day, no_later, start
from domain.monthly_report import ReportEndorsed
from domain.order import OrderServed, ServiceRefused
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from domain.directory import Holding
    from domain.fact import Entry
    from domain.policy.duty import Bearing, Docket

POST_KINDS = {
    PostKind.PARTY_HEAD: "党委主要负责人",
    PostKind.PRINCIPAL: "主要负责人",
    PostKind.DEPUTY: "分管负责人",
    PostKind.DEPUTY_LINE: "分管行业负责人",
    PostKind.SECTION_HEAD: "科室负责人",
    PostKind.INSPECTOR: "执法人员",
    PostKind.FUNCTION_HEAD: "职能部门负责人",
    PostKind.SAFETY_MANAGER: "安全管理人员",
    PostKind.WORKSHOP_HEAD: "车间负责人",
    PostKind.TEAM_LEADER: "班组长",
    PostKind.SHIFT_LEADER: "现场带班人员",
    PostKind.DISPATCHER: "调度人员",
    PostKind.EXPERT: "专家",
    PostKind.WORKER: "从业人员",
}
_LINES = {
    OrgKind.GOVERNMENT: Line.LEADERSHIP,
    OrgKind.ZONE: Line.LEADERSHIP,
    OrgKind.DEPARTMENT: Line.SUPERVISION,
    OrgKind.ENTERPRISE: Line.ENTERPRISE,
    OrgKind.EXPERT_BODY: Line.EXPERT,
}
_LEVELS = {
    "general": "一般事故",
    "larger": "较大事故",
    "major": "重大事故",
    "extraordinary": "特别重大事故",
}
_NOUNS = {
    "order": "指令书",
    "inspection": "监督检查",
    "listing": "挂牌督办",
    "halt": "停产",
    "penalty": "案件",
    "licence": "证照",
    "production": "生产经营",
    "supervision": "监管关系",
    "settings": "规则设置",
    "review": "责任倒查",
    "correction": "更正",
    "waiver": "豁免",
    "plan": "检查计划",
    "import": "导入",
    "ledger": "台账",
    "person": "人员",
}


class Labels:
    """Names and titles from one docket."""

    def __init__(self, docket: Docket) -> None:
        self.docket = docket
        self.directory = docket.directory

    def organisation(self, org: UUID | None) -> answer.OrgRef | None:
        """Return an organisation with its name and code."""
        if org is None:
            return None
        known = self.directory.organisations.get(org)
        if known is None:
            return answer.OrgRef(id=org, name=str(org))
        return answer.OrgRef(id=org, code=known.code, name=known.name, kind=known.kind.value)

    def acting_organisation(self, entry: Entry) -> answer.OrgRef | None:
        """Return the organisation in whose name somebody acted."""
        post = self.directory.posts.get(entry.by.post) if entry.by.post else None
        org = post.organisation if post else getattr(entry.fact, "by_org", None)
        return self.organisation(org)

    def line_of(self, org: UUID | None) -> Line | None:
        """Return the line of responsibility on which an organisation stands."""
        known = self.directory.organisations.get(org) if org else None
        return _LINES[known.kind] if known else None

    def person_name(self, person: UUID | None) -> str | None:
        """Return a person's name; None where it is erased or was never recorded."""
        known = self.directory.names.get(person) if person else None
        return known.name.value if known else None

    def post_title(self, post: UUID | None) -> str | None:
        """Return a post's title."""
        known = self.directory.posts.get(post) if post else None
        return known.title if known else None

    def title(self, entry: Entry) -> answer.Words:
        """Return what a fact is called."""
        if isinstance(entry.fact, HazardReported):
            zh, en = _REPORTS[entry.fact.kind]
            return answer.Words(zh=zh, en=en)
        if isinstance(entry.fact, HazardAccepted):
            passed = entry.fact.passed
            return answer.Words(
                zh="验收合格" if passed else "验收不合格",
                en="Acceptance passed" if passed else "Acceptance failed",
            )
        return answer.Words(zh=entry.fact.topic.zh, en=entry.fact.topic.en)

    def subject(self, tag: str, detail: str) -> answer.Subject:
        """Return what a tag stands for, in words."""
        kind, _, key = tag.partition(":")
        return answer.Subject(kind=kind, id=key, label=self._label(kind, tag, key, detail))

    def _label(self, kind: str, tag: str, key: str, detail: str) -> str:
        if kind == "hazard" and UUID(key) in self.docket.hazards:
            return self.docket.hazards[UUID(key)].number
        if kind == "org":
            name = self.directory.name(UUID(key))
            return f"{name} {detail}年" if detail.isdigit() else name
        if kind == "post":
            return self.post_title(UUID(key)) or key
        entries = self.docket.about(tag)
        number = next((n for e in entries if (n := getattr(e.fact, "number", None))), None)
        month = next((m for e in entries if (m := getattr(e.fact, "month", None))), None)
        if kind == "report":
            return f"{month or detail}月报"
        if kind == "incident":
            name = next((n for e in entries if (n := getattr(e.fact, "name", None))), None)
            return name or number or key
        noun = _NOUNS.get(kind, kind)
        label = f"{noun} {number}" if number else noun
        if kind == "order" and detail.isdigit():
            return f"{label} 第{detail}项"
        if kind == "inspection" and entries:
            label = f"{noun} {local_day(entries[0].happened).isoformat()}"
            return f"{label} 第{detail}项" if detail.isdigit() else label
        return f"{label} {detail}".strip() if kind == "listing" and "期" in detail else label

    def bearer(
        self,
        borne: Bearing,
        opened: date | datetime,
        due: datetime | None,
        at: date | datetime,
        only: UUID | None = None,
    ) -> answer.Bearer:
        """Return a bearing post with its holders; ``only`` limits them to one person."""
        holders = [h for h in borne.holders if only is None or h.person == only]
        answers = None
        if borne.vacant:
            names = "、".join(self.person_name(h.person) or "" for h in borne.stand_in)
            answers = f"{self.directory.name(borne.stand_in_org)}主要负责人 {names}".strip()
        return answer.Bearer(
            organisation=self.organisation(borne.org),
            post=borne.post.id if borne.post else None,
            kind=borne.kind.value if borne.post is None else borne.post.kind.value,
            title=borne.post.title if borne.post else POST_KINDS[borne.kind],
            holders=[self._holder(h, opened, due, at) for h in holders],
            vacant=borne.vacant,
            answers=answers,
        )

    def _holder(
        self, held: Holding, opened: date | datetime, due: datetime | None, at: date | datetime
    ) -> answer.Holder:
        kinds = {
            post.kind
            for post in self.directory.held_by(held.person, opened)
            if post.kind in (PostKind.PRINCIPAL, PostKind.DEPUTY)
            and post.organisation == self.directory.posts[held.post].organisation
        }
        return answer.Holder(
            person=held.person,
            name=self.person_name(held.person),
            since=held.since,
            until=held.until,
            acting=held.acting,
            at_opening=held.covers(opened),
            at_due=due is not None and no_later(due, at) and held.covers(due),
            at_moment=held.covers(at),
            two_posts=len(kinds) > 1,
            facts=[entry.position for entry in held.entries],
        )

    def incident(self, incident: UUID, hazards: list[str]) -> answer.Incident | None:
        """Return the accident with its level by the latest casualties and loss on record."""
        entries = self.docket.whenever(f"incident:{incident}")
        entry = next(
            (e for e in entries if isinstance(e.fact, IncidentOccurred | AccidentRowImported)), None
        )
        if entry is None:
            return None
        fact = entry.fact
        assert isinstance(fact, IncidentOccurred | AccidentRowImported)  # noqa: S101 - as chosen
        updates = [each for _, each in facts_of(entries, CasualtiesUpdated)]
        latest = updates[-1] if updates else fact
        level = accident_level(
            latest.deaths or 0, latest.serious_injuries or 0, latest.loss or 0
        )
        return answer.Incident(
            id=incident,
            number=fact.number,
            name=fact.name if isinstance(fact, IncidentOccurred) else f"事故 {fact.number}",
            at=entry.happened,
            category=fact.category,
            deaths=latest.deaths or 0,
            serious_injuries=latest.serious_injuries or 0,
            loss=latest.loss or 0,
            level=_LEVELS[level.value],
            hazards=sorted(hazards),
            facts=[each.position for each in entries],
        )


_REPORTS = {
    ReportKind.COMPANY: ("整理上报公司", "Reported to the company"),
    ReportKind.MAJOR: ("报告重大事故隐患", "Major hazard reported"),
    ReportKind.SPECIAL: ("提交重大隐患专项报告", "Special report submitted"),
}


def summary(entry: Entry, labels: Labels) -> str | None:
    """Return one line of what a fact says, where it says more than its title."""
    fact = entry.fact
    for _, sealed in fact.sealed():
        if sealed.value:
            return sealed.value[:120]
    number = getattr(fact, "number", None)
    if number:
        return str(number)
    month = getattr(fact, "month", None)
    return str(month) if month else labels.post_title(getattr(fact, "post", None))


def knowledge(docket: Docket, labels: Labels) -> list[answer.Knowledge]:
    """Return who knew what when: what was served, reported, signed or attended, by the facts."""
    known = [
        answer.Knowledge(
            at=moment_of(entry),
            person=person,
            person_name=labels.person_name(person),
            post_title=title,
            organisation=labels.organisation(org),
            subject=labels.subject(subject, ""),
            how=answer.Words(zh=how[0], en=how[1]),
            entered_afterwards=start(moment_of(entry)) <= start(docket.at) < entry.recorded,
            facts=[entry.position],
        )
        for entry in docket.entries
        for person, title, org, subject, how in _told(docket, labels, entry)
    ]
    return sorted(known, key=lambda each: (start(each.at), each.facts))


_Told = tuple[UUID | None, str | None, UUID | None, str, tuple[str, str]]


def _told(docket: Docket, labels: Labels, entry: Entry) -> Iterator[_Told]:
    """Yield (person, post title, organisation, subject, how) for everyone a fact shows to know."""
    fact = entry.fact
    own = f"{fact.topic.noun}:{entry.record}"
    if isinstance(fact, OrderServed):
        to = _holder_of(docket, fact.to_post, entry) or fact.to_person
        title = labels.post_title(fact.to_post)
        yield to, title, docket.enterprise, own, ("送达", "served")
    elif isinstance(fact, ServiceRefused):
        yield (
            fact.by_person,
            None,
            docket.enterprise,
            own,
            ("拒收，留置送达", "refused, left there"),
        )
    elif isinstance(fact, HazardReported) and fact.kind is not ReportKind.COMPANY:
        yield from _body(docket, labels, fact.to_org, entry, own, ("收到报告", "was reported to"))
    elif isinstance(fact, HazardMadeKnown):
        person = fact.to_person or _holder_of(docket, fact.to_post, entry)
        title = labels.post_title(fact.to_post)
        yield person, title, fact.to_org, own, ("被告知", "was told")
    elif isinstance(fact, ReportEndorsed):
        title = POST_KINDS[PostKind(fact.role.value)]
        yield fact.person, title, docket.enterprise, own, ("签字", "signed")
    elif isinstance(fact, InspectionHeld):
        for person in fact.attended_by:
            yield person, None, docket.enterprise, own, ("到场", "attended")
        for officer in fact.officers:
            title = labels.post_title(officer.post)
            yield officer.person, title, fact.by_org, own, ("检查", "inspected")
    elif isinstance(fact, ListingServed):
        yield fact.to_person, None, fact.to_org, own, ("收到督办通知", "served with the listing")
    elif entry.topic == "hazard.found" and entry.by.person:
        post = docket.directory.posts.get(entry.by.post) if entry.by.post else None
        org = post.organisation if post else None
        yield entry.by.person, post.title if post else None, org, own, ("发现", "found it")


def _holder_of(docket: Docket, post: UUID | None, entry: Entry) -> UUID | None:
    holdings = docket.directory.holdings(post) if post else []
    return next((h.person for h in holdings if h.covers(moment_of(entry))), None)


def _body(  # noqa: PLR0913 - one line of the answer
    docket: Docket, labels: Labels, org: UUID, entry: Entry, own: str, how: tuple[str, str]
) -> Iterator[_Told]:
    """A body knows through the officer named for the enterprise, else through its deputy."""
    moment = moment_of(entry)
    named = docket.directory.named(docket.enterprise, org, moment)
    if named:
        person = _holder_of(docket, named.officer, entry)
        yield person, labels.post_title(named.officer), org, own, how
        return
    for held in docket.directory.holders(org, PostKind.DEPUTY, moment)[:1]:
        yield held.person, labels.post_title(held.post), org, own, how
        return
    yield None, None, org, own, how

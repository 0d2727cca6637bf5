"""Who knew what when 何时知情: what was served, reported, signed or attended, by the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain import answer
from domain.expert_inspection import ExpertsInspected, ReportDelivered
from domain.halt import ProductionObserved
from domain.hazard import Finder, HazardFound, HazardMadeKnown, HazardReported, ReportKind
from domain.inspection import InspectionHeld
from domain.labels import POST_KINDS
from domain.listing import ListingProposed, ListingServed
from domain.meeting import MeetingHeld
from domain.moment import local_day, no_later, start
from domain.monthly_report import ReportEndorsed, ReportFiled
from domain.order import OrderServed, ServiceRefused
from domain.participation import HazardEscalated
from domain.people import PostKind
from domain.record import moment_of
from domain.signing import SignatureMade
from domain.tip import TipReceived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.case import Case
    from domain.fact import Entry
    from domain.labels import Labels


@dataclass(frozen=True, slots=True)
class _Told:
    """One who knew: a person, in which post, of which organisation, and how it is known.

    ``at`` is when, where that is not when the fact came about.
    """

    person: UUID | None
    post: str | None
    org: UUID | None
    zh: str
    en: str
    at: datetime | None = None


def knowledge(case: Case, labels: Labels) -> list[answer.Knowledge]:
    """Return everyone whom a fact shows to have known of a matter, earliest first."""
    known = [
        answer.Knowledge(
            at=told.at or moment_of(entry),
            person=told.person,
            person_name=labels.person_name(told.person),
            post_title=told.post,
            organisation=labels.organisation(told.org),
            subject=labels.subject(_subject(entry), ""),
            how=answer.Words(zh=told.zh, en=told.en),
            entered_afterwards=case.entered_afterwards(entry),
            facts=[entry.position],
        )
        for entry in case.entries
        for kind, ways in _WAYS
        if isinstance(entry.fact, kind)
        for told in ways(case, labels, entry, entry.fact)
    ]
    return sorted(known, key=lambda each: (start(each.at), each.facts))


def _subject(entry: Entry) -> str:
    """Return what somebody knew of: of a signature, the document that was signed."""
    if isinstance(entry.fact, SignatureMade):
        return entry.fact.about
    return f"{entry.fact.topic.noun}:{entry.record}"


def _served(case: Case, labels: Labels, entry: Entry, fact: OrderServed) -> Iterator[_Told]:
    person = fact.to_person or _holder(case, fact.to_post, entry)
    yield _Told(person, labels.post_title(fact.to_post), case.enterprise, "送达", "was served")


def _refused(case: Case, _: Labels, __: Entry, fact: ServiceRefused) -> Iterator[_Told]:
    zh, en = ("拒收，留置送达", "refused it; left there") if fact.left else ("拒收", "refused it")
    yield _Told(fact.by_person, None, case.enterprise, zh, en)


def _reported(case: Case, labels: Labels, entry: Entry, fact: HazardReported) -> Iterator[_Told]:
    """A body knows of what is reported to it; the company itself was told by its own people."""
    if fact.kind is not ReportKind.COMPANY:
        yield _body(case, labels, entry, fact.to_org, ("收到报告", "was reported to"))


def _escalated(case: Case, labels: Labels, entry: Entry, fact: HazardEscalated) -> Iterator[_Told]:
    """An employee went past their superiors: a body knows, or the enterprise's own principal."""
    if fact.to_org != case.enterprise:
        yield _body(case, labels, entry, fact.to_org, ("收到报告", "was reported to"))
        return
    for held in case.directory.holders(case.enterprise, PostKind.PRINCIPAL, moment_of(entry)):
        post = POST_KINDS[PostKind.PRINCIPAL]
        yield _Told(held.person, post, case.enterprise, "收到越级报告", "was told past others")


def _tipped(case: Case, labels: Labels, entry: Entry, fact: TipReceived) -> Iterator[_Told]:
    """The office that a report from the public reached; who informed is told nowhere."""
    deputies = case.directory.holders(fact.body, PostKind.DEPUTY, moment_of(entry))
    post = next((held.post for held in deputies), None)
    title = labels.post_title(post)
    yield _Told(_holder(case, post, entry), title, fact.body, "接到举报", "received a tip")


def _filed(case: Case, labels: Labels, entry: Entry, fact: ReportFiled) -> Iterator[_Told]:
    if fact.hazards or fact.older:
        words = ("收到月报", "was sent the month's report")
        yield _body(case, labels, entry, fact.to_org, words)


def _proposed(case: Case, labels: Labels, entry: Entry, fact: ListingProposed) -> Iterator[_Told]:
    words = ("收到挂牌督办提请", "was asked to list it")
    yield _body(case, labels, entry, fact.to_org, words)


def _body(case: Case, labels: Labels, entry: Entry, body: UUID, words: tuple[str, str]) -> _Told:
    """A body knows through the officer named for the enterprise, else through its deputy."""
    moment = moment_of(entry)
    named = case.directory.named(case.enterprise, body, moment)
    deputies = case.directory.holders(body, PostKind.DEPUTY, moment)
    post = named.officer if named else next((held.post for held in deputies), None)
    return _Told(_holder(case, post, entry), labels.post_title(post), body, *words)


def _met(case: Case, labels: Labels, entry: Entry, fact: MeetingHeld) -> Iterator[_Told]:
    """Whoever sat in a meeting that decided about the enterprise."""
    if all(each.enterprise != case.enterprise for each in fact.decisions):
        return
    ways = dict.fromkeys((fact.chair, *fact.attended), ("参加会议研究", "attended the meeting"))
    for person, words in (ways | {fact.chair: ("主持会议研究", "chaired the meeting")}).items():
        yield _Told(person, _title(case, labels, person, entry), fact.body, *words)


def _made_known(case: Case, labels: Labels, entry: Entry, fact: HazardMadeKnown) -> Iterator[_Told]:
    person = fact.to_person or _holder(case, fact.to_post, entry)
    title = labels.post_title(fact.to_post)
    zh = f"被告知：{fact.manner}" if fact.manner else "被告知"
    en = f"was told: {fact.manner}" if fact.manner else "was told"
    yield _Told(person, title, fact.to_org, zh, en)


def _signed(case: Case, _: Labels, __: Entry, fact: ReportEndorsed) -> Iterator[_Told]:
    post = POST_KINDS[PostKind(fact.role.value)]
    zh, en = "签字（未经电子签名）", "put their name to it, unsigned"
    yield _Told(fact.person, post, case.enterprise, zh, en)


def _signed_by_key(case: Case, labels: Labels, _: Entry, fact: SignatureMade) -> Iterator[_Told]:
    statement = fact.statement
    post = case.directory.posts.get(statement.post)
    title = labels.post_title(statement.post)
    org = post.organisation if post else case.enterprise
    yield _Told(statement.person, title, org, "签字", "signed")


def _inspected(case: Case, labels: Labels, entry: Entry, fact: InspectionHeld) -> Iterator[_Told]:
    for person in fact.attended_by:
        title = _title(case, labels, person, entry)
        yield _Told(person, title, case.enterprise, "到场", "attended")
    for person in fact.experts:
        yield _Told(person, _title(case, labels, person, entry), None, "参加检查", "took part")
    for officer in fact.officers:
        post = labels.post_title(officer.post)
        yield _Told(officer.person, post, fact.by_org, "检查", "inspected")


def _examined(case: Case, labels: Labels, entry: Entry, fact: ExpertsInspected) -> Iterator[_Told]:
    for person in fact.attended_by:
        title = _title(case, labels, person, entry)
        yield _Told(person, title, case.enterprise, "到场", "attended")
    for each in fact.experts:
        yield _Told(each.person, each.specialty, None, "参加检查", "took part")


def _delivered(case: Case, _: Labels, entry: Entry, __: ReportDelivered) -> Iterator[_Told]:
    """The report is the principal's to read, who answers for what follows from it (1.3a)."""
    for held in case.directory.holders(case.enterprise, PostKind.PRINCIPAL, moment_of(entry)):
        post = POST_KINDS[PostKind.PRINCIPAL]
        yield _Told(held.person, post, case.enterprise, "收到专家检查报告", "was given the report")


def _listed(_: Case, __: Labels, ___: Entry, fact: ListingServed) -> Iterator[_Told]:
    yield _Told(fact.to_person, None, fact.to_org, "收到督办通知", "was served with the listing")


def _found(case: Case, labels: Labels, entry: Entry, fact: HazardFound) -> Iterator[_Told]:
    """Who found it; where nobody is named, who entered it, from when they did."""
    if fact.finder:
        own = fact.found_by in (Finder.ENTERPRISE, Finder.EMPLOYEE)
        org = fact.finder_org or (case.enterprise if own else None)
        yield _Told(fact.finder, _title(case, labels, fact.finder, entry), org, "发现", "found it")
    elif entry.by.person:
        post = case.directory.posts.get(entry.by.post) if entry.by.post else None
        title, org = (labels.post_title(post.id), post.organisation) if post else (None, None)
        org = org or fact.finder_org
        if local_day(entry.recorded) == local_day(entry.happened):
            yield _Told(entry.by.person, title, org, "发现", "found it")
        elif no_later(entry.recorded, case.at):
            yield _Told(entry.by.person, title, org, "录入", "entered it", at=entry.recorded)
    elif fact.finder_org:
        yield _Told(None, None, fact.finder_org, "发现", "found it")


def _saw(case: Case, labels: Labels, entry: Entry, fact: ProductionObserved) -> Iterator[_Told]:
    """A body knows of the production that it saw, by whoever saw it where they are named."""
    if fact.observer or fact.by_org:
        title = _title(case, labels, fact.observer, entry) if fact.observer else None
        yield _Told(fact.observer, title, fact.by_org, "发现仍在生产经营", "saw production")


def _title(case: Case, labels: Labels, person: UUID, entry: Entry) -> str | None:
    """Return the title of the first post that a person held when a fact came about."""
    held = case.directory.held_by(person, entry.happened)
    return labels.post_title(held[0].id) if held else None


def _holder(case: Case, post: UUID | None, entry: Entry) -> UUID | None:
    """Return who held a post when a fact came about."""
    holdings = case.directory.holdings(post) if post else []
    return next((h.person for h in holdings if h.covers(moment_of(entry))), None)


_WAYS: tuple[tuple[type[Any], Callable[..., Iterator[_Told]]], ...] = (
    (OrderServed, _served),
    (ServiceRefused, _refused),
    (HazardReported, _reported),
    (HazardEscalated, _escalated),
    (TipReceived, _tipped),
    (HazardMadeKnown, _made_known),
    (ReportEndorsed, _signed),
    (SignatureMade, _signed_by_key),
    (InspectionHeld, _inspected),
    (ExpertsInspected, _examined),
    (ReportDelivered, _delivered),
    (ListingServed, _listed),
    (HazardFound, _found),
    (ReportFiled, _filed),
    (ListingProposed, _proposed),
    (MeetingHeld, _met),
    (ProductionObserved, _saw),
)
"""By which facts somebody knows."""

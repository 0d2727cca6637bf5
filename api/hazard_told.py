"""A hazard as its page shows it 隐患档案: its steps, plan, deadlines, duties, orders and facts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from api.asking import ask_docket
from api.facts_told import tell_facts
from domain.answer import Line, State, Words
from domain.errors import NotFound
from domain.fact import EnterpriseFact
from domain.hazard import STEPS, HazardFound, HazardPlanned
from domain.labels import POST_KINDS, Labels
from domain.listing import (
    DelistingApplied,
    FirstAcceptance,
    ListingPlanMade,
    SecondAcceptance,
)
from domain.moment import local_day
from domain.policy.duty import find, judge
from domain.policy.rules import BREACHES, DUTIES
from domain.policy.s1_3_enterprise import missing_of_five, needs_plan
from domain.policy.s3_1_enterprise import missing_of_four
from domain.record import facts_of, moment_of, set_in_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from api.authority import Authority
    from api.facts_told import FactTold
    from api.serving import Serving
    from domain.answer import OrgRef
    from domain.fact import Entry
    from domain.hazard import HazardRecord
    from domain.listing import ListingRecord
    from domain.policy.duty import Breach, Docket, Duty, Who

_ABOUT_HAZARDS = ("1.2f", "1.3e", "2.1i", "2.1j", "2.1k", "3.2b", "3.2d", "3.2e")
"""Clauses beside 三（一） and 三（三） whose duties and breaches are about single hazards."""


def _is_about_hazards(clause: str) -> bool:
    within = clause.startswith(("3.1", "3.3")) and clause != "3.1a"
    return within or clause in _ABOUT_HAZARDS


_HAZARD_DUTIES = tuple(rule for rule in DUTIES if _is_about_hazards(rule.clause))
_HAZARD_BREACHES = tuple(rule for rule in BREACHES if _is_about_hazards(rule.clause))


@dataclass(frozen=True, slots=True)
class StepTold:
    """One step: whether it is done, when, by whom; ``skipped``: a later one was done without it."""

    name: str
    done: bool
    skipped: bool = False
    at: date | datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class DeadlineTold:
    """A deadline that was set, by what, and whether it is the one in force."""

    day: date
    by: Words
    organisation: str | None
    position: int
    set_at: date | datetime
    effective: bool


@dataclass(frozen=True, slots=True)
class PlanTold:
    """The plan in force, or the latest draft: what of 四定 and 五落实 it settles."""

    values: tuple[tuple[str, str | None], ...]
    needs_five: bool
    missing: tuple[str, ...]
    draft: bool
    position: int


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty or a breach about the hazard.

    Args:
        clause: which.
        title: what.
        who: the post that bears it, with its holders.
        due: until when; None: none, or a breach.
        state: how a duty stands; None: a breach.
        at: when it opened.
        said: what the breach is.
    """

    clause: str
    line: Line
    title: Words
    who: str
    due: datetime | None
    state: State | None
    at: date | datetime
    said: Words | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """An order, listing, inspection or halt that names the hazard."""

    kind: str
    id: UUID
    label: str
    day: date


@dataclass(frozen=True, slots=True)
class HazardTold:
    """All that the page of a hazard shows; see the fields' names."""

    id: UUID
    number: str
    description: str
    place: str | None
    category: str | None
    enterprise: OrgRef
    regulators: tuple[OrgRef, ...]
    level: str | None
    suspected: bool
    stage: str
    step: str
    listed: bool
    imported: bool
    found: date | datetime
    found_by: str | None
    finder: str | None
    deadline: date | None
    overdue: int
    steps: tuple[StepTold, ...]
    listing: tuple[StepTold, ...]
    listing_told: tuple[tuple[str, str], ...]
    plan: PlanTold | None
    deadlines: tuple[DeadlineTold, ...]
    people: tuple[tuple[str, str], ...]
    owed: tuple[Owed, ...]
    related: tuple[Related, ...]
    facts: tuple[FactTold, ...]
    version: int


def enterprise_of(here: Serving, hazard: UUID) -> UUID:
    """Return the enterprise at which a hazard was found.

    Raises:
        NotFound: there is no such hazard.
    """
    entries = here.ledger.record(hazard, open_sealed=False)
    for entry in entries:
        if entry.fact.topic.noun == "hazard" and isinstance(entry.fact, EnterpriseFact):
            return entry.fact.enterprise
    raise NotFound(
        "没有这项隐患",
        "there is no such hazard",
        todo_zh="核对编号，或从隐患台账进入",
        todo_en="check its number, or go through the hazard ledger",
    )


def hazard_docket(here: Serving, authority: Authority, hazard: UUID) -> Docket:
    """Return the docket of the enterprise at which a hazard was found, as things stand now.

    Without the tips for whoever may not know of them: an enterprise's own people never do.

    Raises:
        NotFound: there is no such hazard, or it was taken back.
    """
    enterprise = enterprise_of(here, hazard)
    tips = authority.standing.owner or authority.sees_tips(enterprise)
    docket = ask_docket(here.ledger, enterprise, here.now(), tips=tips)
    if hazard not in docket.hazards:
        raise NotFound(
            "这项隐患的记录已被更正撤回",
            "what was recorded of this hazard was taken back by a correction",
            todo_zh="查看更正及其理由：在该单位的全部记录中",
            todo_en="the correction and its reason are among the enterprise's facts",
        )
    return docket


def tell_hazard(docket: Docket, hazard: UUID) -> HazardTold:
    """Return a hazard of a docket as its page shows it."""
    return _Teller(docket, docket.hazards[hazard]).told()


class _Teller:
    def __init__(self, docket: Docket, hazard: HazardRecord) -> None:
        self._docket = docket
        self._hazard = hazard
        self._labels = Labels(docket)

    def told(self) -> HazardTold:
        docket, hazard, labels = self._docket, self._hazard, self._labels
        found = hazard.fact("hazard.found")
        deadline = docket.deadline(hazard)
        closed = hazard.closed(docket.at)
        overdue = (local_day(docket.at) - deadline).days if deadline and closed is None else 0
        enterprise = labels.organisation(docket.enterprise)
        assert enterprise is not None  # noqa: S101 - it was asked about by its id
        regulators = docket.directory.regulators(docket.enterprise, docket.at)
        listing = self._listing
        return HazardTold(
            id=hazard.id,
            number=hazard.number,
            description=str(hazard.description or ""),
            place=str(found.place) if found and found.place else None,
            category=found.category if found else None,
            enterprise=enterprise,
            regulators=tuple(org for each in regulators if (org := labels.organisation(each))),
            level=hazard.level.value if hazard.level else None,
            suspected=hazard.level is None and hazard.claimed_major is not None,
            stage=hazard.stage(docket.at).value,
            step=hazard.step(docket.at),
            listed=bool(listing and listing.made and not listing.first("listing.delisted")),
            imported=hazard.row is not None,
            found=hazard.found,
            found_by=found.found_by.value if found else None,
            finder=self._finder(found),
            deadline=deadline,
            overdue=max(overdue, 0),
            steps=tuple(self._steps()),
            listing=tuple(self._listing_steps()),
            listing_told=tuple(self._listing_told()),
            plan=self._plan(),
            deadlines=tuple(self._deadlines()),
            people=tuple(self._people()),
            owed=tuple(self._owed()),
            related=tuple(self._related()),
            facts=tuple(tell_facts(self._entries, labels)),
            version=max(e.version for e in docket.all_entries if e.record == hazard.id),
        )

    @property
    def _entries(self) -> list[Entry]:
        tag, docket = self._hazard.subject, self._docket
        own = [each for each in docket.all_entries if tag in each.tags]
        corrections = {docket.corrected_by.get(each.position) for each in own}
        return [*own, *(e for e in docket.all_entries if e.position in corrections - {None})]

    def _finder(self, found: HazardFound | None) -> str | None:
        if found is None:
            return None
        person = self._labels.person_name(found.finder)
        org = self._labels.organisation(found.finder_org)
        return " · ".join(each for each in (person, org.name if org else None) if each) or None

    def _who(self, entry: Entry) -> str | None:
        return self._labels.person_name(entry.by.person)

    # steps

    def _steps(self) -> Iterator[StepTold]:
        """Yield the seven steps; one before the last done that is not on record was skipped."""
        done = [self._hazard.reached(step) for step in STEPS[:-1]]
        closing = self._hazard.closing
        done.append(closing)
        closed = self._hazard.closed(self._docket.at)
        last = max((i for i, entry in enumerate(done) if entry), default=0)
        for index, (step, entry) in enumerate(zip(STEPS, done, strict=True)):
            if entry:
                yield StepTold(step, done=True, at=moment_of(entry), by=self._who(entry))
            elif step == "closed" and closed:
                yield StepTold(step, done=True, at=closed)
            else:
                owes_steps = self._hazard.row is None and not self._hazard.settled_on_spot
                yield StepTold(step, done=False, skipped=index < last and owes_steps)

    @cached_property
    def _listing(self) -> ListingRecord | None:
        found = [each for each in self._docket.listings if each.hazard == self._hazard.id]
        return found[-1] if found else None

    def _listing_steps(self) -> Iterator[StepTold]:
        """Yield the steps of the listing of a major hazard, where one was proposed (三（三）)."""
        listing = self._listing
        if listing is None:
            return
        accepted = [
            next((e for e, fact in facts_of(listing.entries, kind) if fact.passed), None)
            for kind in (FirstAcceptance, SecondAcceptance)
        ]
        plan, applied = (
            next((e for e, _ in facts_of(listing.entries, kind)), None)
            for kind in (ListingPlanMade, DelistingApplied)
        )
        told = (
            ("proposed", listing.first("listing.proposed")),
            ("made", listing.made or listing.first("listing.declined")),
            ("plan", plan),
            ("first", accepted[0]),
            ("applied", applied),
            ("second", accepted[1]),
            ("delisted", listing.first("listing.delisted")),
        )
        for name, entry in told:
            named = "declined" if entry and entry.topic == "listing.declined" else name
            at = moment_of(entry) if entry else None
            yield StepTold(named, done=bool(entry), at=at, by=self._who(entry) if entry else None)

    def _listing_told(self) -> Iterator[tuple[str, str]]:
        terms = self._listing.terms if self._listing else None
        if terms is None:
            return
        yield "number", terms.number
        for name in ("by_org", "responsible_body", "supervising_unit"):
            org = self._labels.organisation(getattr(terms, name))
            yield name, org.name if org else ""
        deadline = self._listing.deadline if self._listing else None
        yield "deadline", deadline.isoformat() if deadline else ""

    # plan, deadlines, people

    def _plan(self) -> PlanTold | None:
        plans = list(facts_of(self._hazard.entries, HazardPlanned))
        if not plans:
            return None
        in_force = [each for each in plans if each[1].effective]
        entry, plan = (in_force or plans)[-1]
        five = needs_plan(self._docket, self._hazard)
        values = (
            ("measures", plan.measures and str(plan.measures)),
            ("responsible", self._post_holder(plan.responsible)),
            ("deadline", plan.deadline.isoformat() if plan.deadline else None),
            ("funding", plan.funding and str(plan.funding)),
            *(
                (("emergency_plan", plan.emergency_plan and str(plan.emergency_plan)),)
                if five
                else ()
            ),
        )
        missing = missing_of_five(plan) if five else missing_of_four(plan)
        return PlanTold(values, five, tuple(missing), not in_force, entry.position)

    def _post_holder(self, post: UUID | None) -> str | None:
        """Return who holds a post, with its title."""
        if post is None:
            return None
        held = [h for h in self._docket.directory.holdings(post) if h.covers(self._docket.at)]
        names = "、".join(self._labels.person_name(each.person) or "" for each in held)
        return f"{names} {self._labels.post_title(post) or ''}".strip()

    def _deadlines(self) -> Iterator[DeadlineTold]:
        """Yield every deadline that was set: by plans, orders and their extensions, listings."""
        told = [
            *self._own_deadlines(),
            *(each for order in self._docket.orders for each in self._of_order(order.subject)),
            *self._of_listing(),
        ]
        for entry, day, effective in sorted(told, key=lambda each: each[0].position):
            org = self._labels.acting_organisation(entry)
            yield DeadlineTold(
                day,
                self._labels.title(entry),
                org.name if org else None,
                entry.position,
                moment_of(entry),
                effective,
            )

    def _own_deadlines(self) -> list[tuple[Entry, date, bool]]:
        plans = facts_of(self._hazard.entries, HazardPlanned)
        return set_in_time(
            (entry, fact.deadline) for entry, fact in plans if fact.effective and fact.deadline
        )

    def _of_order(self, subject: str) -> Iterator[tuple[Entry, date, bool]]:
        order = next(each for each in self._docket.orders if each.subject == subject)
        issued = order.first("order.issued")
        if order.issued is None or issued is None:
            return
        for item in order.issued.items:
            if item.hazard == self._hazard.id:
                yield issued, item.deadline, order.withdrawn is None
                for entry, fact, effective in order.extensions(item.item):
                    yield entry, fact.deadline, effective

    def _of_listing(self) -> Iterator[tuple[Entry, date, bool]]:
        listing = self._listing
        if listing is None or listing.made is None or listing.terms is None:
            return
        yield listing.made, listing.terms.deadline, True
        for entry, fact, effective in listing.extensions:
            yield entry, fact.deadline, effective

    def _people(self) -> Iterator[tuple[str, str]]:
        """Yield who is responsible for what of it, each with the post."""
        docket, directory = self._docket, self._docket.directory
        assessed = self._hazard.fact("hazard.assessed")
        plan = self._hazard.plan
        posts = {
            "organiser": assessed.organiser if assessed else None,
            "responsible": plan.responsible if plan else None,
        }
        for name, post in posts.items():
            if post:
                yield name, self._post_holder(post) or ""
        for regulator in directory.regulators(docket.enterprise, docket.at):
            named = directory.named(docket.enterprise, regulator, docket.at)
            office = directory.name(regulator)
            if named:
                yield "leader", f"{office} {self._post_holder(named.leader) or ''}"
                yield "officer", f"{office} {self._post_holder(named.officer) or ''}"
            else:
                yield "regulator", office

    # what is owed

    def _owed(self) -> list[Owed]:
        duties = [
            self._duty(each)
            for each in judge(self._docket, _HAZARD_DUTIES)
            if self._concerns(each.opening.subject, each.opening.hazards)
        ]
        breaches = [
            self._breach(each)
            for each in find(self._docket, _HAZARD_BREACHES)
            if self._concerns(each.subject, each.hazards)
        ]
        return sorted([*duties, *breaches], key=lambda each: (local_day(each.at), each.clause))

    def _concerns(self, subject: str, hazards: tuple[UUID, ...]) -> bool:
        return subject == self._hazard.subject or hazards == (self._hazard.id,)

    def _duty(self, duty: Duty) -> Owed:
        rule, opening = duty.rule, duty.opening
        return Owed(
            clause=rule.clause,
            line=rule.line,
            title=_words(rule.zh, rule.en),
            who=self._bearer(opening.who, opening.at),
            due=duty.due,
            state=duty.state,
            at=opening.at,
        )

    def _breach(self, breach: Breach) -> Owed:
        rule = breach.rule
        return Owed(
            clause=rule.clause,
            line=rule.line,
            title=_words(rule.zh, rule.en),
            who=self._bearer(breach.who, breach.at),
            due=None,
            state=None,
            at=breach.at,
            said=_words(breach.zh, breach.en),
        )

    def _bearer(self, who: Who, at: date | datetime) -> str:
        """Return the post that bears something, and who held it as it began."""
        directory = self._docket.directory
        if who.post:
            return self._post_holder(who.post) or ""
        if who.persons:
            return "、".join(self._labels.person_name(each) or "" for each in who.persons)
        held = directory.holders(who.org, who.kind, at) if who.org else []
        names = "、".join(self._labels.person_name(each.person) or "" for each in held)
        office = directory.name(who.org) if who.org else ""
        return " ".join(each for each in (office, POST_KINDS[who.kind], names) if each)

    def _related(self) -> Iterator[Related]:
        """Yield the orders, listings, inspections and halts that name it."""
        seen: set[UUID] = set()
        for entry in self._docket.about(self._hazard.subject):
            noun = entry.fact.topic.noun
            if noun in _RELATED and entry.record not in seen:
                seen.add(entry.record)
                label = self._labels.subject(f"{noun}:{entry.record}", "").label
                yield Related(noun, entry.record, label, local_day(moment_of(entry)))


_RELATED = ("order", "listing", "inspection", "expert_inspection", "halt", "tip", "penalty")


def _words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)

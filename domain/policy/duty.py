"""Duties 义务 and breaches 违反, declared in tables and judged by pure functions.

A :class:`DutyRule` says what a clause makes whom owe; :func:`judge` applies a table of rules to a
docket and returns what was owed, kept, kept late, open, broken or waived. Nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from domain.answer import Line, State
from domain.calendar import Calendar
from domain.case import Case
from domain.directory import Holding, Organisation, Post
from domain.moment import earlier, format_moment, late, local_day, no_later, start
from domain.monthly_report import DutyWaived
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.policy.settings import Applied, Settings
from domain.record import by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from domain.fact import Entry
    from domain.grade import TargetExtended
    from domain.listing import ListingExtended
    from domain.moment import Period
    from domain.order import OrderExtended
    from domain.policy.gate import Gate


class Docket(Case):
    """A case 案卷 together with the settings by which it is judged."""

    @cached_property
    def settings(self) -> Settings:
        """The rule settings, with every change on record."""
        return Settings(self.entries)

    @cached_property
    def calendar(self) -> Calendar:
        """Which days are worked, with every local decision on record."""
        return Calendar(self.entries)

    def after(self, period: Period, opened: date | datetime) -> datetime:
        """Return when ``period`` has run out, in UTC, by the calendar of this jurisdiction."""
        return period.after(opened, self.calendar.works)

    @cached_property
    def waivers(self) -> list[tuple[Entry, DutyWaived]]:
        """Every waiver on record."""
        return list(facts_of(self.entries, DutyWaived))

    def silent_since(self, began: date | datetime) -> date | datetime:
        """Return from when silence is evidence: from ``began``, but not from before the ledger."""
        return max(began, self.opened[0].recorded, key=start) if self.opened else began

    @cached_property
    def own(self) -> list[Entry]:
        """The facts about the enterprise itself: another's may be at hand."""
        about = self.about(f"org:{self.enterprise}")
        return [e for e in about if getattr(e.fact, "enterprise", None) == self.enterprise]

    @cached_property
    def operating_since(self) -> date | datetime | None:
        """When the enterprise's own duties began; None where it is known from imports only."""
        org = self.directory.organisations.get(self.enterprise)
        own = org is not None and org.kind is OrgKind.ENTERPRISE and not org.imported
        return org.began if org and own else None

    @cached_property
    def bodies(self) -> list[UUID]:
        """The bodies whose duties this docket shows, in the order in which they entered it.

        Of an enterprise: whoever ever supervised it, and the governments and zones above it and
        them. Of a body's own docket: itself.
        """
        own = self.directory.organisations.get(self.enterprise)
        if own and own.kind is not OrgKind.ENTERPRISE:
            return [own.id]
        departments = [s.department for s in self.directory.supervisions(self.enterprise)]
        above = [
            each for org in (self.enterprise, *departments) for each in self.directory.above(org)
        ]
        known = self.directory.organisations
        return [
            body
            for body in dict.fromkeys((*departments, *above))
            if body in known and known[body].kind is not OrgKind.ENTERPRISE
        ]

    def regulator(self, at: date | datetime) -> UUID | None:
        """Return the regulator of the enterprise at ``at``."""
        return self.directory.regulator(self.enterprise, at)

    def government(
        self, org: UUID | None = None, at: date | datetime | None = None, *, towns: bool = True
    ) -> UUID | None:
        """Return the government or zone above ``org``, by default above the enterprise.

        Where the enterprise itself names none, the one above its regulator. ``at`` None is now;
        without ``towns`` it is the government of the county or above.
        """
        found = self.directory.government_of(org or self.enterprise, at, towns=towns)
        if found is None and org is None:
            regulator = self.directory.organisations.get(self.regulator(self.at) or self.enterprise)
            if regulator and regulator.kind is OrgKind.ZONE:
                return regulator.id
            above = self.directory.government_of
            found = above(regulator.id, at, towns=towns) if regulator else None
        return found.id if found else None


@dataclass(frozen=True, slots=True)
class Who:
    """Whose post bears a duty: an organisation and a kind of post, or one post outright.

    ``persons`` bear it in person, with no post: the experts of a panel (二（四）).
    """

    org: UUID | None
    kind: PostKind
    post: UUID | None = None
    persons: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a duty.

    Args:
        subject: the tag of what it is about, such as ``hazard:0192…``.
        at: when it opened.
        who: whose post bears it.
        owed_to: the body it is owed to.
        by: the facts that opened it; none for a duty of the calendar.
        due: when it falls due, where that does not follow from the rule's setting.
        hazards: the hazards concerned.
        detail: tells apart several duties of one rule about one subject: a month, an item.
        note: what a reader should know beside, in Chinese and in English.
        done: what discharged it, where that was found together with the opening.
        within: the setting that it is judged by, where that is not the rule's own.
    """

    subject: str
    at: date | datetime
    who: Who
    owed_to: UUID | None = None
    by: tuple[Entry, ...] = ()
    due: datetime | None = None
    hazards: tuple[UUID, ...] = ()
    detail: str = ""
    note: tuple[str, str] | None = None
    done: Done | None = None
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The fact that discharged a duty, and when by it the thing was done."""

    entry: Entry
    at: date | datetime


def found_with_it(_: Docket, opening: Opening) -> Done | None:
    """Return what discharged an opening, where the rule found both together."""
    return opening.done


@dataclass(frozen=True, slots=True)
class DutyRule:
    """A duty as a clause declares it.

    Args:
        clause: its number in the policy.
        key: tells apart several duties of one clause.
        line: the line of responsibility.
        zh, en: what is owed, in words.
        opens: finds every opening in a docket.
        done: finds the fact that discharges an opening.
        within: the setting that gives the period; None where the opening gives the deadline.
        until: finds when the duty ceased to be owed undone (delisted, closed, downgraded).
    """

    clause: str
    key: str
    line: Line
    zh: str
    en: str
    opens: Callable[[Docket], Iterable[Opening]]
    done: Callable[[Docket, Opening], Entry | Done | None]
    within: str | None = None
    until: Callable[[Docket, Opening], Entry | None] | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty as it stands at the docket's moment.

    ``note`` is what a reader should know beside; ``by_calendar`` the local decisions about working
    days that its period ran over; ``by_the_hour`` whether ``due`` was counted in hours.
    """

    rule: DutyRule
    opening: Opening
    due: datetime | None
    done: Done | None
    waived: Entry | None
    state: State
    applied: Applied | None
    note: tuple[str, str] | None = None
    by_calendar: tuple[Entry, ...] = ()
    by_the_hour: bool = False

    @property
    def id(self) -> str:
        """What tells this duty from every other: clause, rule, subject, detail."""
        return duty_id(self.rule, self.opening)


def duty_id(rule: DutyRule, opening: Opening) -> str:
    """Return what tells the duty that an opening of a rule makes from every other."""
    parts = (rule.clause, rule.key, opening.subject, opening.detail)
    return "/".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Breach:
    """A fact of the world that a clause forbids, and whose post answers for it.

    Args:
        at: when it began; ``until`` when it ended.
        lasts: whether it goes on while it has no end; otherwise it was a matter of its moment.
        who: whose post answers.
        person: who answers in person, where the clause says so (a signer).
        detail: tells apart several breaches of one rule that rest on the same facts.
    """

    rule: BreachRule
    subject: str
    at: date | datetime
    who: Who
    by: tuple[Entry, ...]
    zh: str
    en: str
    until: date | datetime | None = None
    hazards: tuple[UUID, ...] = ()
    person: UUID | None = None
    applied: Applied | None = None
    lasts: bool = False
    detail: str = ""

    @property
    def id(self) -> str:
        """What tells this breach from every other: clause, rule, subject, when, detail."""
        when = format_moment(self.at)
        parts = (self.rule.clause, self.rule.key, self.subject, when, self.detail)
        return "/".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class BreachRule:
    """A breach as a clause declares it: ``finds`` yields every one in a docket."""

    clause: str
    key: str
    line: Line
    zh: str
    en: str
    finds: Callable[[Docket, BreachRule], Iterable[Breach]]


@dataclass(frozen=True, slots=True)
class Section:
    """The rules of one section of the policy."""

    duties: tuple[DutyRule, ...] = ()
    breaches: tuple[BreachRule, ...] = ()
    gates: tuple[Gate, ...] = ()


def judge(
    docket: Docket,
    rules: Iterable[DutyRule],
    wanted: Callable[[Opening], bool] = lambda _: True,
) -> list[Duty]:
    """Return every duty that ``rules`` find in the docket, as it stands at the docket's moment.

    Args:
        docket: the case, its settings and its moment.
        rules: what may be owed.
        wanted: which openings are judged; the others are left out.
    """
    return [
        duty_of(docket, rule, opening)
        for rule in rules
        for opening in rule.opens(docket)
        if wanted(opening) and not _switched_off(docket, rule, opening)
    ]


def find(docket: Docket, rules: Iterable[BreachRule]) -> list[Breach]:
    """Return every breach that ``rules`` find in the docket."""
    return [breach for rule in rules for breach in rule.finds(docket, rule)]


def _switched_off(docket: Docket, rule: DutyRule, opening: Opening) -> bool:
    return rule.within is not None and docket.settings.at(rule.within, opening.at).value is None


def duty_of(docket: Docket, rule: DutyRule, opening: Opening) -> Duty:
    """Judge one opening of one rule by the settings in force when it opened."""
    within = opening.within or rule.within
    applied = docket.settings.at(within, opening.at) if within else None
    period = applied.period if applied and opening.due is None else None
    due = docket.after(period, opening.at) if period else opening.due
    by_the_hour = period is not None and period.unit == "hours"

    def overdue(moment: date | datetime) -> bool:
        return due is not None and late(moment, due, by_the_hour=by_the_hour)

    found = rule.done(docket, opening)
    done = found if found is None or isinstance(found, Done) else Done(found, moment_of(found))
    # What was waived or ceased before it fell due is no longer owed; what was due by then stays.
    waivers = _waivers(docket, rule, opening)
    waived = next((each for each in waivers if not overdue(moment_of(each))), None)
    if waived is None and done is None and rule.until:
        ceased = rule.until(docket, opening)
        waived = ceased if ceased and not overdue(moment_of(ceased)) else None
    state = _state(docket, overdue, done, waived)
    note, decisions = _by_working_days(docket, opening, due, applied)
    if waivers and state in {State.BROKEN, State.KEPT_LATE}:
        note = _in_vain(docket, opening, waivers[0], note)
    told = (state, applied, note, decisions, by_the_hour)
    return Duty(rule, opening, due, done, waived, *told)


def _by_working_days(
    docket: Docket, opening: Opening, due: datetime | None, applied: Applied | None
) -> tuple[tuple[str, str] | None, tuple[Entry, ...]]:
    """Return the note on a duty, and the local decisions that a deadline in working days met."""
    period = applied.period if applied else None
    if due is None or period is None or period.unit != "working_days":
        return opening.note, ()
    first, last = local_day(opening.at), local_day(due)
    decisions = tuple(docket.calendar.decisions(first, last))
    years = docket.calendar.unknown(first, last)
    if not years:
        return opening.note, decisions
    listed = "、".join(map(str, years))
    zh = f"{listed}年的节假日安排不在案，工作日只按周末推算"
    en = f"the holidays of {listed} are not known: only weekends are left out"
    before = opening.note
    return (f"{before[0]}；{zh}", f"{before[1]}; {en}") if before else (zh, en), decisions


def _state(
    docket: Docket,
    overdue: Callable[[date | datetime], bool],
    done: Done | None,
    waived: Entry | None,
) -> State:
    if done and not overdue(done.at):
        return State.KEPT
    if waived:
        return State.WAIVED
    if done:
        return State.KEPT_LATE
    return State.BROKEN if overdue(docket.at) else State.OPEN


def _waivers(docket: Docket, rule: DutyRule, opening: Opening) -> list[Entry]:
    """Return the waivers by the counterpart; nobody waives what they owe themselves."""
    subjects = (opening.subject, f"{opening.subject}/{opening.detail}")
    return [
        entry
        for entry, fact in docket.waivers
        if fact.clause == rule.clause
        and fact.subject in subjects
        and fact.by_org == opening.owed_to != opening.who.org
    ]


def _in_vain(
    docket: Docket, opening: Opening, waiver: Entry, before: tuple[str, str] | None
) -> tuple[str, str]:
    """Add to a duty's note that its counterpart waived it only after it had fallen due."""
    body = docket.directory.name(opening.owed_to)
    on = local_day(moment_of(waiver))
    zh = f"{body}于{on}豁免，时已逾期，不生效"
    en = f"{body} waived it on {on}, when it was overdue, in vain"
    return (f"{before[0]}；{zh}", f"{before[1]}; {en}") if before else (zh, en)


@dataclass(frozen=True, slots=True)
class Bearing:
    """Who bore a duty while it ran: the post, its holders, and who answers for a vacancy.

    ``persons`` are those who bore it in person. ``two_posts``: there is no deputy's post, and the
    holders of ``post``, the principal's, are recorded in both.
    """

    org: UUID | None
    kind: PostKind
    post: Post | None
    holders: tuple[Holding, ...] = field(default=())
    vacant: bool = False
    stand_in: tuple[Holding, ...] = ()
    stand_in_org: UUID | None = None
    persons: tuple[UUID, ...] = ()
    two_posts: bool = False


def bearing(
    docket: Docket,
    who: Who,
    since: date | datetime,
    until: date | datetime,
    decisive: date | datetime,
) -> Bearing:
    """Return who held the bearing post between two moments, and who answers for its vacancy.

    Of a unit known from imports only, nothing is on record of its posts, and no vacancy is claimed.
    Where nobody held it at the ``decisive`` moment (when the duty fell due, or now if it has not),
    the post was vacant: in an enterprise the principal answers for the deputy's post; for a
    principal's the head of the body that decides on it. What people bear in person has no vacancy.
    After an enterprise closed, what it owes stays with those who were there at the last. One with
    no deputy's post has its principal recorded in both (安全生产法 art. 25).
    """
    directory = docket.directory
    if who.persons:
        return Bearing(None, who.kind, None, persons=who.persons)
    named = directory.posts.get(who.post) if who.post else None
    org, kind = (named.organisation, named.kind) if named else (who.org, who.kind)
    ended = directory.ended(org) if org else None
    if ended is not None and earlier(ended, decisive):
        since, decisive = min(since, ended, key=start), ended
    posts = [named] if named else _posts_between(docket, who, since, until)
    holders = tuple(
        holding
        for post in posts
        for holding in directory.holdings(post.id)
        if holding.overlaps(since, until)
    )
    post = next((p for p in posts if any(h.post == p.id for h in holders)), None)
    post = post or (posts[0] if posts else None)
    known = directory.organisations.get(org) if org else None
    untold = known is not None and known.imported and not directory.all_posts(known.id)
    if org is None or untold or any(holding.covers(decisive) for holding in holders):
        return Bearing(org, kind, post, holders)
    if _does_without(docket, known, kind, decisive):
        principal = Who(org, PostKind.PRINCIPAL)
        borne = bearing(docket, principal, since, until, decisive)
        return replace(borne, holders=(*holders, *borne.holders), two_posts=True)
    decides = directory.decides_on(org, kind, decisive)
    answers = decides if kind is PostKind.PRINCIPAL else org
    stand_in = directory.holders(answers, PostKind.PRINCIPAL, decisive) if answers else []
    return Bearing(
        org, kind, post, holders, vacant=True, stand_in=tuple(stand_in), stand_in_org=answers
    )


def _does_without(
    docket: Docket, org: Organisation | None, kind: PostKind, at: date | datetime
) -> bool:
    """Tell whether an enterprise had no deputy's post at ``at``: one that is empty is vacant."""
    return (
        org is not None
        and org.kind is OrgKind.ENTERPRISE
        and kind is PostKind.DEPUTY
        and not docket.directory.posts_of(org.id, kind, at)
    )


def _posts_between(
    docket: Docket, who: Who, since: date | datetime, until: date | datetime
) -> list[Post]:
    """Return the posts of a kind that an organisation had at any time between two moments."""
    return [
        post
        for post in (docket.directory.all_posts(who.org) if who.org else [])
        if post.kind is who.kind
        and no_later(post.created, until)
        and (post.abolished is None or no_later(since, post.abolished))
    ]


def first_about(docket: Docket, subject: str, *topics: str) -> Entry | None:
    """Return the earliest fact about ``subject`` of one of ``topics``."""
    entries = [entry for entry in docket.about(subject) if entry.topic in topics]
    return next(iter(by_moment(entries)), None)


def registration(docket: Docket, org: UUID) -> tuple[Entry, ...]:
    """Return the fact that registered an organisation: what a duty of the calendar rests on."""
    registered = first_about(docket, f"org:{org}", "organisation.registered")
    return (registered,) if registered else ()


def by_topics(*topics: str) -> Callable[[Docket, Opening], Entry | None]:
    """Make a discharge: the earliest fact of ``topics`` about the opening's subject."""

    def done(docket: Docket, opening: Opening) -> Entry | None:
        return first_about(docket, opening.subject, *topics)

    return done


def extensions_told(
    docket: Docket,
    first: date,
    extensions: Iterable[tuple[Entry, OrderExtended | ListingExtended | TargetExtended, bool]],
) -> tuple[str, str] | None:
    """Tell the first deadline and every extension: both dates are shown, with or without effect."""
    zh, en = [f"原期限{first}"], [f"first deadline {first}"]
    for entry, fact, effective in extensions:
        granted, until = local_day(moment_of(entry)), fact.deadline
        body = docket.directory.name(fact.by_org)
        zh.append(f"{body}于{granted}延至{until}" + ("" if effective else "，不生效"))
        en.append(
            f"{body} extended it to {until} on {granted}" + ("" if effective else ", in vain")
        )
    return ("；".join(zh), "; ".join(en)) if len(zh) > 1 else None

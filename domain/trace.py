"""The trace 倒查: facts in, lines of responsibility out.

:func:`trace` reads one docket and says, by line of responsibility, who owed what at this place,
what was done in time, late or never, what was known when, and what was written down afterwards.
It is a pure function: the same facts and the same moment give the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from domain import answer
from domain.answer import Line, State
from domain.approval import approvals
from domain.check import CheckMade
from domain.incident import OutcomeRecorded, ReviewOpened
from domain.knowledge import knowledge
from domain.labels import Labels, summary
from domain.meeting import SafetyInPlan
from domain.moment import FIRST_DAY, earlier, end, late, local_day, no_later, start
from domain.organisation import OrgKind
from domain.oversight import BodyOverseen
from domain.policy.duty import Breach, Docket, Duty, Opening, bearing, find, judge
from domain.policy.rules import BREACHES, DUTIES
from domain.policy.s1_leadership import leading
from domain.policy.settings import Settings
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from domain.fact import Entry
    from domain.hazard import HazardRecord
    from domain.policy.settings import Applied

LOOK_BACK = timedelta(days=730)
"""How far back the telling goes by default; what is still undischarged counts however old."""
_LAST_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Args:
        at: the moment, usually that of the accident: a day or an instant.
        known_at: take only what was recorded by then; None takes all there is now.
        incident: the accident, where one is asked about.
        look_back: from when on closed matters are told; it never limits the count of hazards.
    """

    at: date | datetime
    known_at: datetime | None = None
    incident: UUID | None = None
    look_back: timedelta = LOOK_BACK


JudgedBy = Callable[["Iterable[Entry]"], Settings]
"""Makes the settings to judge by from the facts of a case."""


def trace(
    enterprise: UUID,
    entries: Iterable[Entry],
    question: Question,
    judged_by: JudgedBy = Settings,
) -> answer.Trace:
    """Answer ``question`` about ``enterprise`` from ``entries`` (see ``domain.reading``).

    Args:
        enterprise: its record id.
        entries: its case.
        question: the moment, and as known when.
        judged_by: the settings to judge by; those on record, unless others are supposed.
    """
    docket = Docket(enterprise, entries, question.at, question.known_at)
    docket.settings = judged_by(docket.entries)
    return _Tracer(docket, question).compose()


@dataclass(frozen=True, slots=True)
class About:
    """What is owed about one record, and its facts, told as a trace tells them."""

    duties: list[answer.DutyLine]
    breaches: list[answer.BreachLine]
    facts: list[answer.FactLine]


def about(docket: Docket, *subjects: str, clauses: Collection[str]) -> About:
    """Return what is on record and owed of some records of a docket, as at its moment.

    Args:
        docket: the enterprise's.
        subjects: the tags of the records, such as ``order:0192…``; facts are those that carry one.
        clauses: the clauses to be asked about: all of them take their time.
    """
    tracer = _Tracer(docket, Question(docket.at))
    duties = judge(docket, [rule for rule in DUTIES if rule.clause in clauses])
    breaches = find(docket, [rule for rule in BREACHES if rule.clause in clauses])
    return About(
        [tracer.duty(duty) for duty in duties if duty.opening.subject in subjects],
        [tracer.breach(each) for each in breaches if each.subject in subjects],
        tracer.facts({entry.position for tag in subjects for entry in docket.about(tag)}),
    )


class _Tracer:
    """Puts one answer together; each method makes one part of it."""

    def __init__(self, docket: Docket, question: Question) -> None:
        self.docket = docket
        self.question = question
        self.at = question.at
        self.since = max(local_day(question.at) - question.look_back, FIRST_DAY)
        self.labels = Labels(docket)
        self.causes = self._direct_causes()

    def compose(self) -> answer.Trace:
        duties = [self.duty(d) for d in judge(self.docket, DUTIES) if self._told(d)]
        breaches = [self.breach(b) for b in find(self.docket, BREACHES) if self._recent(b)]
        items: list[answer.DutyLine | answer.BreachLine] = [*duties, *breaches]
        items.sort(key=lambda item: (_begun(item), item.clause, item.id))
        lines = {line.value: [item for item in items if item.line is line] for line in Line}
        hazards = self._hazards()
        known = [k for k in knowledge(self.docket, self.labels) if not earlier(k.at, self.since)]
        leaders = self._leaders()
        approved = approvals(self.docket, self.labels)
        used = self._positions(items, hazards, known)
        used |= {position for leader in leaders for position in leader.facts}
        used |= {position for each in approved for position in each.facts}
        outcomes = self._outcomes()
        used |= {position for each in outcomes for position in each.facts}
        afterwards = self._afterwards(used)
        used |= {position for line in afterwards for position in line.facts}
        opened = self.docket.opened
        place = self.labels.organisation(self.docket.enterprise)
        assert place is not None  # noqa: S101 - the enterprise has an id
        return answer.Trace(
            enterprise=place.code or str(self.docket.enterprise),
            at=self.at,
            known_at=self.question.known_at,
            look_back=self.since,
            place=place,
            incident=self._incident(),
            hazards=hazards,
            leadership=leaders,
            lines=answer.Lines(**lines),
            findings=[item for item in items if _is_finding(item)],
            knowledge=known,
            approvals=approved,
            outcomes=outcomes,
            entered_afterwards=afterwards,
            facts=self.facts(used),
            ledger=opened[1].origin if opened else "",
            simulated=bool(opened and opened[1].clock == "simulated"),
            head=max((entry.position for entry in self.docket.all_entries), default=0),
            notice=answer.Words(**answer.NOTICE),
        )

    # what is told

    def _told(self, duty: Duty) -> bool:
        """Leave out what was settled before the look-back; what is undischarged is always told."""
        if duty.state in (State.OPEN, State.BROKEN):
            return True
        settled = duty.done.at if duty.done else duty.opening.at
        last = max(start(settled), duty.due or start(settled))
        return last >= start(self.since)

    def _recent(self, breach: Breach) -> bool:
        goes_on = breach.lasts and breach.until is None
        return goes_on or not earlier(breach.until or breach.at, self.since)

    # lines

    def duty(self, duty: Duty) -> answer.DutyLine:
        opening, done = duty.opening, duty.done
        until = done.at if done else self.at
        facts = {entry.position for entry in opening.by}
        facts |= {done.entry.position} if done else set()
        facts |= {duty.waived.position} if duty.waived else set()
        facts |= _set_by(duty.applied) | {entry.position for entry in duty.by_calendar}
        imported = any(entry.by.authentication == "import" for entry in opening.by)
        return answer.DutyLine(
            id=duty.id,
            clause=duty.rule.clause,
            line=self._line_of(opening.who.org, duty.rule.line),
            title=answer.Words(zh=duty.rule.zh, en=duty.rule.en),
            bearer=self._bearer(duty, until),
            owed_to=self.labels.organisation(opening.owed_to),
            subject=self.labels.subject(opening.subject, opening.detail),
            opened=opening.at,
            due=duty.due,
            done=done.at if done else None,
            state=duty.state,
            late_days=self._late_days(duty),
            done_by_late_entry=bool(
                done and not imported and self.docket.entered_afterwards(done.entry)
            ),
            imported=imported,
            note=answer.Words(zh=duty.note[0], en=duty.note[1]) if duty.note else None,
            setting=_setting(duty.applied),
            hazards=self._numbers(opening.hazards),
            facts=sorted(facts or self._assignments(opening)),
        )

    def _leaders(self) -> list[answer.Leader]:
        return [
            answer.Leader(
                part=answer.Words(zh=zh, en=en),
                bearer=self.labels.bearer(borne, self.since, None, self.at),
                facts=sorted({e.position for held in borne.holders for e in held.entries}),
            )
            for (zh, en), borne in leading(self.docket, self.since)
        ]

    def _assignments(self, opening: Opening) -> list[int]:
        """Return what a duty of the calendar rests on: the assignments that make it owed.

        Where there are none, as for a government's own, that the body is on record.
        """
        parties = (opening.who.org, opening.owed_to)
        until = opening.due or self.at
        found = [
            each.entry.position
            for each in self.docket.directory.supervisions(self.docket.enterprise)
            if each.department in parties
            and no_later(each.since, until)
            and (each.until is None or no_later(opening.at, each.until))
        ]
        known = self.docket.directory.organisations.get(opening.who.org or self.docket.enterprise)
        return found or ([known.position] if known else [])

    def _late_days(self, duty: Duty) -> int | None:
        if duty.due is None or duty.state not in (State.KEPT_LATE, State.BROKEN):
            return None
        done = duty.done.at if duty.done else self.at
        return (local_day(done) - local_day(duty.due - _LAST_INSTANT)).days

    def _bearer(self, duty: Duty, until: date | datetime) -> answer.Bearer:
        opened = duty.opening.at
        due = duty.due - _LAST_INSTANT if duty.due else None  # who follows at 24:00 bears nothing
        last = max(until, due or until, key=start)
        last = min(last, self.at, key=end)
        decisive = min(until, due or until, key=start)
        borne = bearing(self.docket, duty.opening.who, opened, last, decisive)
        return self.labels.bearer(borne, opened, due, self.at)

    def breach(self, breach: Breach) -> answer.BreachLine:
        ended = breach.until or (self.at if breach.lasts else breach.at)
        borne = bearing(self.docket, breach.who, breach.at, ended, breach.at)
        facts = {entry.position for entry in breach.by} | _set_by(breach.applied)
        return answer.BreachLine(
            id=breach.id,
            clause=breach.rule.clause,
            line=self._line_of(breach.who.org, breach.rule.line),
            title=answer.Words(zh=breach.rule.zh, en=breach.rule.en),
            detail=answer.Words(zh=breach.zh, en=breach.en),
            bearer=self.labels.bearer(borne, breach.at, None, self.at, only=breach.person),
            subject=self.labels.subject(breach.subject, ""),
            at=breach.at,
            until=breach.until,
            entered_afterwards=any(self.docket.entered_afterwards(e) for e in breach.by),
            imported=any(entry.by.authentication == "import" for entry in breach.by),
            setting=_setting(breach.applied),
            hazards=self._numbers(breach.hazards),
            facts=sorted(facts),
        )

    def _line_of(self, org: UUID | None, line: Line) -> Line:
        """What a body bears stands on that body's own line; a zone's on that of what it was to do.

        A zone bears the enterprise's responsibility for nothing: what it enters about one, or does
        at one, it does as its supervisor.
        """
        known = self.docket.directory.organisations.get(org) if org else None
        if known and known.kind is OrgKind.ZONE:
            return Line.SUPERVISION if line is Line.ENTERPRISE else line
        return self.labels.line_of(org) or line

    def _numbers(self, hazards: Iterable[UUID]) -> list[str]:
        return [self.docket.hazards[h].number for h in hazards if h in self.docket.hazards]

    # hazards

    def _hazards(self) -> answer.Hazards:
        items = [self._hazard(hazard) for hazard in self.docket.hazards.values()]
        items.sort(key=lambda item: (start(item.found), item.number))
        return answer.Hazards(
            prior=sum(item.prior for item in items),
            open=[item.number for item in items if item.open],
            overdue=[item.number for item in items if item.overdue],
            items=items,
        )

    def _hazard(self, hazard: HazardRecord) -> answer.HazardItem:
        deadline = self.docket.deadline(hazard)
        closed = hazard.closed(self.at)
        prior = earlier(hazard.found, self.at)
        is_open = prior and closed is None
        found = hazard.fact("hazard.found")
        level = hazard.level
        return answer.HazardItem(
            id=hazard.id,
            number=hazard.number,
            description=hazard.description.value if hazard.description else None,
            level=level.value if level else None,
            found=hazard.found,
            found_by=found.found_by.value if found else None,
            deadline=deadline,
            closed=closed,
            state=hazard.step(self.at),
            prior=prior,
            open=is_open,
            overdue=is_open and deadline is not None and late(self.at, end(deadline)),
            listed=any(
                listing.made and listing.terms and listing.terms.hazard == hazard.id
                for listing in self.docket.listings
            ),
            direct_cause=hazard.id in self.causes,
            imported=hazard.row is not None,
            entered_afterwards=bool(
                hazard.origin and self.docket.entered_afterwards(hazard.origin)
            ),
            facts=hazard.positions(),
        )

    # the accident

    def _direct_causes(self) -> set[UUID]:
        linked: set[UUID] = set()
        if self.question.incident:
            for entry in self.docket.whenever(f"incident:{self.question.incident}"):
                linked |= set(getattr(entry.fact, "hazards", ()))
        return linked

    def _incident(self) -> answer.Incident | None:
        if self.question.incident is None:
            return None
        return self.labels.incident(self.question.incident, self._numbers(self.causes))

    def _outcomes(self) -> list[answer.Outcome]:
        """Tell what people decided about each person after the accident, in order (5.4e).

        All of it comes after the moment asked about; what was known then limits it as ever.
        """
        if self.question.incident is None:
            return []
        incident = self.question.incident
        about = facts_of(self.docket.whenever(f"incident:{incident}"), ReviewOpened)
        reviews = {entry.record for entry, _ in about}
        return [
            answer.Outcome(
                person=fact.person,
                person_name=self.labels.person_name(fact.person),
                post_title=self.labels.post_title(fact.post),
                stage=fact.stage.value,
                sanction=fact.sanction.value if fact.sanction else None,
                by=self.labels.organisation(fact.by_org),
                at=moment_of(entry),
                content=fact.content.value if fact.content else None,
                grounds=fact.grounds.value,
                shown_by=list(fact.shown_by),
                facts=[entry.position],
            )
            for review in sorted(reviews)
            for entry, fact in facts_of(self.docket.whenever(f"review:{review}"), OutcomeRecorded)
        ]

    # what was written down afterwards

    def _afterwards(self, used: set[int]) -> list[answer.Afterwards]:
        """Tell what was entered afterwards about this place, or about who answered for it.

        An act of the record said to have been done before the moment is told here too: it counts
        only from its arrival, and so stands nowhere else.
        """
        lines: list[answer.Afterwards] = []
        imports: dict[str, list[Entry]] = {}
        checks: list[Entry] = []
        for entry in self.docket.all_entries:
            concerns = self._is_about_here(entry) or entry.position in used
            if not concerns or not self.docket.entered_afterwards(entry):
                continue
            origin = getattr(entry.fact, "origin", None)
            if origin is not None and entry.by.authentication == "import":
                imports.setdefault(origin.file, []).append(entry)
            elif isinstance(entry.fact, CheckMade):
                checks.append(entry)
            elif entry.by.authentication != "import":
                lines.append(
                    answer.Afterwards(
                        title=self.labels.title(entry),
                        happened=entry.happened,
                        recorded=entry.recorded,
                        by=self.labels.person_name(entry.by.person),
                        facts=[entry.position],
                    )
                )
        lines.extend(_imported(rows) for rows in imports.values())
        lines.extend(self._checks_afterwards(checks))
        return sorted(lines, key=lambda line: line.facts[0])

    def _checks_afterwards(self, checks: list[Entry]) -> list[answer.Afterwards]:
        """Tell the enterprise's own checks that were entered afterwards in one line."""
        if not checks:
            return []
        zh, en = checks[0].fact.topic.zh, checks[0].fact.topic.en
        if len(checks) > 1:
            zh, en = f"{zh}{len(checks)}次", f"{en}, {len(checks)} times"
        return [
            answer.Afterwards(
                title=answer.Words(zh=zh, en=en),
                happened=checks[0].happened,
                recorded=checks[-1].recorded,
                by=self.labels.person_name(checks[-1].by.person),
                count=len(checks),
                facts=[entry.position for entry in checks],
            )
        ]

    @cached_property
    def _tips(self) -> set[UUID]:
        """The reports from the public that are about here: all that became of them is shown."""
        return {tip.id for tip in self.docket.tips}

    def _is_about_here(self, entry: Entry) -> bool:
        return f"org:{self.docket.enterprise}" in entry.tags or entry.record in self._tips

    # facts

    def _positions(
        self,
        items: Iterable[answer.DutyLine | answer.BreachLine],
        hazards: answer.Hazards,
        known: Iterable[answer.Knowledge],
    ) -> set[int]:
        used = {p for part in (items, hazards.items, known) for x in part for p in x.facts}
        used |= {
            entry.position
            for entry in self.docket.all_entries
            if self._is_about_here(entry)
            and not isinstance(entry.fact, CheckMade)  # hundreds: told in numbers by 3.1a
            and not earlier(entry.happened, self.since)
            and no_later(moment_of(entry), self.at)
        }
        used |= {  # what the bodies over the place put into plans (1.1f), who oversaw them (5.4b)
            entry.position
            for entry, fact in (
                *facts_of(self.docket.entries, SafetyInPlan),
                *facts_of(self.docket.entries, BodyOverseen),
            )
            if fact.body in self.docket.bodies
        }
        for item in items:
            used |= {p for holder in item.bearer.holders for p in holder.facts}
        for entry in self.docket.all_entries:  # what was corrected stays visible
            correction = self.docket.corrected_by.get(entry.position)
            if correction and (self._is_about_here(entry) or correction in used):
                used |= {entry.position, correction}
        if self.question.incident:
            about = self.docket.whenever(f"incident:{self.question.incident}")
            used |= {entry.position for entry in about}
        return used

    def facts(self, used: set[int]) -> list[answer.FactLine]:
        return [
            answer.FactLine(
                position=entry.position,
                topic=entry.topic,
                title=self.labels.title(entry),
                record=entry.record,
                subject=self.labels.subject(f"{entry.fact.topic.noun}:{entry.record}", ""),
                happened=entry.happened,
                recorded=entry.recorded,
                person=entry.by.person,
                person_name=self.labels.person_name(entry.by.person),
                post_title=self.labels.post_title(entry.by.post),
                organisation=self.labels.acting_organisation(entry),
                summary=summary(entry, self.labels),
                imported=entry.by.authentication == "import",
                entered_afterwards=self.docket.entered_afterwards(entry),
                corrected_by=self.docket.corrected_by.get(entry.position),
                authentication=entry.by.authentication,
            )
            for entry in self.docket.all_entries
            if entry.position in used
        ]


def _setting(applied: Applied | None) -> answer.SettingApplied | None:
    if applied is None:
        return None
    return answer.SettingApplied(
        key=applied.setting.key,
        value=applied.value or "",
        since=applied.since,
        source=applied.source,
        inferred=applied.setting.inferred,
    )


def _set_by(applied: Applied | None) -> set[int]:
    """Return where the fact stands that set what was applied; nowhere, for a default."""
    return {applied.entry.position} if applied and applied.entry else set()


def _imported(rows: list[Entry]) -> answer.Afterwards:
    return answer.Afterwards(
        title=answer.Words(
            zh=f"导入台账，涉及本单位{len(rows)}行",
            en=f"Ledger imported, {len(rows)} rows about this unit",
        ),
        happened=None,
        recorded=rows[0].recorded,
        by=None,
        count=len(rows),
        facts=[entry.position for entry in rows],
    )


def _begun(item: answer.DutyLine | answer.BreachLine) -> datetime:
    return start(item.opened if isinstance(item, answer.DutyLine) else item.at)


def _is_finding(item: answer.DutyLine | answer.BreachLine) -> bool:
    if isinstance(item, answer.BreachLine):
        return True
    return item.state in (State.KEPT_LATE, State.BROKEN)

"""二（二） Experts in inspections by government, and what is done about enterprises that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line, State
from domain.arrangement import Ground, HandlingDecided
from domain.hazard import AcceptanceFiled
from domain.inspection import InspectionHeld
from domain.key_process import processes_at
from domain.moment import earlier, end, late, local_day
from domain.policy.bearers import officer, regulator_until
from domain.policy.duty import DutyRule, Opening, Section, judge
from domain.policy.gate import Gate, Shut
from domain.policy.s2_1_frequency import INSPECT, TICK
from domain.policy.s2_1_rectification import AT_ONCE, MEASURE, overdue_rectifications
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Draft, Entry
    from domain.policy.duty import Docket, Duty
    from domain.policy.s2_1_rectification import Found

_LATE = (State.BROKEN, State.KEPT_LATE)


# 2.2a an expert of the matching specialty takes part


def _matching(
    docket: Docket,
    persons: Iterable[UUID],
    subject: tuple[str, ...] | None,
    at: date | datetime,
) -> bool:
    """Tell whether one of some people was in a pool that day for what an inspection was about.

    Where it does not say what it was about, that is the enterprise's key processes; where none is
    registered, an expert of any specialty will do.
    """
    asked = set(subject or ())
    if not asked:
        asked = {name for p in processes_at(docket.own, at) for name in p.specialties}
    for person in persons:
        specialties = docket.expert(person).specialties(at)
        if specialties & asked if asked else specialties:
            return True
    return False


def _inspection_held(docket: Docket, record: UUID) -> tuple[Entry, InspectionHeld] | None:
    """Return an inspection by a body other than the enterprise."""
    held = facts_of(docket.about(f"inspection:{record}"), InspectionHeld)
    return next(((e, f) for e, f in held if f.by_org != docket.enterprise), None)


def _expert_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    if isinstance(fact, AcceptanceFiled):
        asked = fact.by_org != docket.enterprise
        matched = _matching(docket, fact.experts, fact.specialties, draft.happened)
    else:
        held = _inspection_held(docket, draft.record)
        asked = held is not None
        matched = held is not None and _matched(docket, *held)
    if not asked or matched or getattr(fact, "no_expert_reason", None):
        return None
    return Shut(
        zh="没有专家库中相应专业的专家参加，且未说明理由，案卷不能归档",
        en="no expert of the matching specialty from the pools took part, and no reason is given",
        todo_zh="安排相应专业的专家参加，或写明理由",
        todo_en="have such an expert take part, or state the reason",
    )


def _matched(docket: Docket, entry: Entry, fact: InspectionHeld) -> bool:
    return _matching(docket, fact.experts, fact.specialties, entry.happened)


# 2.2c what is done about poor inspection or rectification, or why nothing


_NOT_KEPT = (
    (INSPECT, Ground.FREQUENCY),
    (MEASURE, Ground.MEASURE),
    (AT_ONCE, Ground.RECTIFICATION),
)


def _failings(docket: Docket) -> Iterator[Opening]:
    for rule, ground in _NOT_KEPT:
        for duty in judge(docket, (rule,)):
            if duty.due and duty.state in _LATE:
                yield from _opening(docket, _passed(duty), ground, duty.opening)
    yield from _overdue(docket)
    yield from _failed_rechecks(docket)


def _overdue(docket: Docket) -> Iterator[Opening]:
    for found, deadline in overdue_rectifications(docket):
        if found.finding.at_once:
            continue  # told by the duty above
        done = found.rectified
        passed = end(deadline)
        if late(docket.at, passed) and (done is None or late(moment_of(done), passed)):
            about = Opening(
                subject=found.inspection.subject,
                at=deadline,
                who=officer(docket, None, deadline),
                by=(found.entry,),
                hazards=(found.hazard.id,) if found.hazard else (),
                detail=f"第{found.item}项",
                note=_dates_told(found),
            )
            yield from _opening(docket, deadline, Ground.RECTIFICATION, about)


def _dates_told(found: Found) -> tuple[str, str] | None:
    """Tell every deadline that the enterprise set itself, where it set more than one."""
    told = found.inspection.deadlines(found.item)
    if len(told) < 2:  # noqa: PLR2004 - the first and another
        return None
    zh, en = [], []
    for entry, day, effective in told:
        on = local_day(moment_of(entry))
        zh.append(f"{on}定限{day}" + ("" if effective else "，不生效"))
        en.append(f"on {on} it set {day}" + ("" if effective else ", in vain"))
    return "；".join(zh), "; ".join(en)


def _failed_rechecks(docket: Docket) -> Iterator[Opening]:
    for inspection in docket.expert_inspections:
        for recheck in inspection.rechecks:
            if all(item.passed for item in recheck.fact.items):
                continue
            at = moment_of(recheck.entry)
            about = Opening(
                subject=inspection.subject,
                at=at,
                who=officer(docket, None, at),
                by=(recheck.entry,),
                detail=f"第{recheck.fact.number}次复查",
            )
            yield from _opening(docket, at, Ground.RECHECK, about)


_GROUNDS = {
    Ground.FREQUENCY: "排查",
    Ground.MEASURE: "措施",
    Ground.RECTIFICATION: "整改",
    Ground.RECHECK: "不合格",
}


def _passed(duty: Duty) -> date:
    """Return the day on whose end a duty's deadline passed."""
    assert duty.due is not None  # noqa: S101 - as the caller chose it
    return local_day(duty.due - TICK)


def _opening(
    docket: Docket, at: date | datetime, ground: Ground, about: Opening
) -> Iterator[Opening]:
    """Make the regulator's duty to decide on a failing; with no regulator there is none (1.2a).

    After a transfer it is the receiver's, and no deadline restarts.
    """
    regulator = regulator_until(docket, at, "2.2c.decide")
    if regulator:
        yield Opening(
            subject=about.subject,
            at=at,
            who=officer(docket, regulator, at),
            owed_to=docket.government(regulator),
            by=about.by,
            hazards=about.hazards,
            detail=f"{about.detail}{_GROUNDS[ground]}",
            note=about.note,
        )


def _decided(docket: Docket, about: Opening) -> Entry | None:
    """A decision by whoever is responsible by then, on that ground, and not before the failing."""
    regulator = docket.regulator(about.at)
    assert regulator is not None  # noqa: S101 - every opening above has one
    ground = next(g for g, words in _GROUNDS.items() if about.detail.endswith(words))
    for entry, fact in facts_of(docket.own, HandlingDecided):
        moment = moment_of(entry)
        if (
            fact.by_org == docket.directory.successor(docket.enterprise, regulator, moment)
            and fact.ground is ground
            and not earlier(moment, about.at)
            and _names(fact, about)
        ):
            return entry
    return None


def _names(fact: HandlingDecided, about: Opening) -> bool:
    """Tell whether a decision is about this failing, or names none in particular."""
    if fact.inspection and about.subject != f"expert_inspection:{fact.inspection}":
        return False
    return fact.year is None or about.detail.startswith(f"{fact.year} ")


SECTION = Section(
    duties=(
        DutyRule(
            "2.2c",
            "decide",
            Line.SUPERVISION,
            "对排查、整改不力作出处理",
            "Decide on poor inspection or rectification",
            _failings,
            _decided,
            within="2.2c.decide",
        ),
    ),
    gates=(Gate("2.2a", ("inspection.file_closed", "hazard.acceptance_filed"), _expert_gate),),
)

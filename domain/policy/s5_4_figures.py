"""五（四） The figures of a year, counted from the record, and what lies behind each.

For the yearly assessment (5.4a, 5.4c), for support on figures (5.3b), and by area and industry for
a regulator's quarter (3.2f). Every figure can be traced to its facts: :func:`items_of` names them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from domain.answer import State
from domain.moment import end, first_day, last_day, late, local_day, no_later, start
from domain.organisation import OrgKind
from domain.policy.duty import judge
from domain.policy.rules import DUTIES
from domain.policy.s2_1_frequency import INSPECT, TICK
from domain.quarter import UNKNOWN, Figures
from domain.yearly import Indicator, Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from domain.directory import Directory
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket, Duty, DutyRule

_DIVISION = 2
"""The first two digits of an industry's code in GB/T 4754 are its division 大类."""


def _rule(clause: str, key: str) -> DutyRule:
    return next(rule for rule in DUTIES if (rule.clause, rule.key) == (clause, key))


_MONTHLY = _rule("3.2a", "monthly")
OF_ENTERPRISES: dict[Key, DutyRule] = {
    Key.EXPERT_INSPECTIONS: INSPECT,
    Key.MONTHLY_REPORTS: _MONTHLY,
    Key.ORDERS: _rule("1.2f", "comply"),
    Key.PLANNED_INSPECTIONS: _rule("1.2b", "inspect"),
    Key.RECHECKS: _rule("1.2f", "recheck"),
    Key.ANSWERS: _rule("3.2j", "answer"),
}
"""The indicators that are duties told in an enterprise's docket."""
OF_BODIES: dict[Key, DutyRule] = {
    Key.QUARTERS: _rule("3.2f", "quarter"),
    Key.MEETINGS: _rule("1.1c", "meeting"),
}
"""The indicators that are duties of the body itself, told in its own docket."""
_BY_THE_BODY = (Key.PLANNED_INSPECTIONS, Key.RECHECKS, Key.ANSWERS)
"""Of these, only what the assessed body or one below it owed is counted."""


class Standing:
    """The words for what became of an item."""

    KEPT = "kept"
    LATE = "late"
    MISSED = "missed"
    OTHER = "other"


_STANDINGS = {
    State.KEPT: Standing.KEPT,
    State.KEPT_LATE: Standing.LATE,
    State.BROKEN: Standing.MISSED,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One duty or hazard behind a figure: about whom, what, how it stands, and by which facts."""

    key: Key
    org: UUID
    subject: str
    detail: str
    due: date | None
    standing: str
    facts: tuple[int, ...]


def items_of(docket: Docket, year: int, bodies: frozenset[UUID] | None = None) -> Iterator[Item]:
    """Yield everything in a docket that is counted for a year.

    Args:
        docket: an enterprise's, or a body's own; its moment is the one by which it is judged.
        year: the calendar year.
        bodies: whose inspections, rechecks and answers are counted; None: everybody's.
    """
    own = docket.directory.organisations.get(docket.enterprise)
    if own is not None and own.kind is not OrgKind.ENTERPRISE:
        yield from _duties(docket, year, OF_BODIES, bodies)
        return
    yield from _duties(docket, year, OF_ENTERPRISES, bodies)
    yield from _hazards(docket, year)


def _duties(
    docket: Docket, year: int, rules: dict[Key, DutyRule], bodies: frozenset[UUID] | None
) -> Iterator[Item]:
    """Yield the duties that fell due in the year, or fall due in what is left of it."""
    for key, rule in rules.items():
        for duty in judge(docket, (rule,)):
            elsewhere = bodies is not None and duty.opening.who.org not in bodies
            if duty.due is None or (key in _BY_THE_BODY and elsewhere):
                continue
            due = local_day(duty.due - TICK)
            if due.year == year:
                yield Item(
                    key=key,
                    org=docket.enterprise,
                    subject=duty.opening.subject,
                    detail=duty.opening.detail,
                    due=due,
                    standing=_STANDINGS.get(duty.state, Standing.OTHER),
                    facts=_facts(docket, duty),
                )


def _facts(docket: Docket, duty: Duty) -> tuple[int, ...]:
    """Return what a duty rests on: what opened and discharged it; else the assignments."""
    facts = {entry.position for entry in duty.opening.by}
    facts |= {duty.done.entry.position} if duty.done else set()
    facts |= {duty.waived.position} if duty.waived else set()
    if not facts:
        facts = {
            each.entry.position
            for each in docket.directory.supervisions(docket.enterprise)
            if each.department in (duty.opening.owed_to, duty.opening.who.org)
        }
    known = docket.directory.organisations.get(docket.enterprise)
    return tuple(sorted(facts or ({known.position} if known else set())))


def _hazards(docket: Docket, year: int) -> Iterator[Item]:
    """Yield the hazards found in the year; a major one is counted among all and by itself."""
    for hazard in docket.hazards.values():
        if local_day(hazard.found).year == year:
            keys = (Key.HAZARDS, Key.MAJOR_HAZARDS) if _major(hazard) else (Key.HAZARDS,)
            for key in keys:
                deadline = docket.deadline(hazard)
                yield Item(
                    key=key,
                    org=docket.enterprise,
                    subject=hazard.subject,
                    detail=hazard.number,
                    due=deadline,
                    standing=_hazard_standing(docket, hazard, deadline),
                    facts=tuple(hazard.positions()),
                )


def _major(hazard: HazardRecord) -> bool:
    return hazard.major or bool(hazard.claimed_major and not hazard.levels)


def _hazard_standing(docket: Docket, hazard: HazardRecord, deadline: date | None) -> str:
    closed = hazard.closed(docket.at)
    passed = end(deadline) if deadline else None
    if closed is not None:
        return Standing.LATE if passed and late(closed, passed) else Standing.KEPT
    return Standing.MISSED if passed and late(docket.at, passed) else Standing.OTHER


def indicators(items: Iterable[Item], keys: Iterable[Key] = Key) -> tuple[Indicator, ...]:
    """Return one figure for each key, those with nothing owed included."""
    counted: dict[Key, Counter[str]] = {key: Counter() for key in keys}
    for item in items:
        if item.key in counted:
            counted[item.key]["owed"] += 1
            counted[item.key][item.standing] += 1
    return tuple(
        Indicator(
            key=key,
            owed=count["owed"],
            kept=count[Standing.KEPT],
            late=count[Standing.LATE],
            missed=count[Standing.MISSED],
        )
        for key, count in counted.items()
    )


# whose charge it is


def below(directory: Directory, body: UUID) -> frozenset[UUID]:
    """Return a body and every body below it."""
    return frozenset(
        org.id
        for org in directory.organisations.values()
        if org.kind is not OrgKind.ENTERPRISE
        and (org.id == body or body in directory.above(org.id))
    )


def in_charge_of(directory: Directory, body: UUID, since: date, until: date) -> list[UUID]:
    """Return the enterprises that a body answers for in some days, in order of their codes.

    Those that it, or a body below it, supervised at any time between two days, both included; and
    of a government or zone those in its own area, by whom they are below.
    """
    bodies = below(directory, body)
    found = []
    for org in directory.organisations.values():
        if org.kind is not OrgKind.ENTERPRISE or not no_later(org.began, until):
            continue
        if org.closed is not None and not no_later(since, org.closed):
            continue
        supervised = any(
            each.department in bodies
            and no_later(each.since, until)
            and (each.until is None or no_later(since, each.until))
            for each in directory.supervisions(org.id)
        )
        if supervised or bodies & set(directory.above(org.id)):
            found.append(org)
    return [org.id for org in sorted(found, key=lambda org: (org.code, str(org.id)))]


# 3.2f a regulator's quarter, by area and industry


def quarter_line(docket: Docket, quarter: str) -> Figures:
    """Return what one enterprise adds to the figures of a quarter (3.2f).

    Args:
        docket: the enterprise's, at the last moment of the quarter or later.
        quarter: such as ``2024-Q2``.
    """
    first, last = first_day(quarter), last_day(quarter)
    over = end(last)
    org = docket.directory.organisations[docket.enterprise]
    found = [h for h in docket.hazards.values() if first <= local_day(h.found) <= last]
    closed = [h for h in found if _closed_by(docket, h, last)]
    overdue = [
        hazard
        for hazard in docket.hazards.values()
        if no_later(hazard.found, last)
        and (deadline := docket.deadline(hazard)) is not None
        and deadline <= last
        and not _closed_by(docket, hazard, last)
    ]
    unreported = [
        duty
        for duty in judge(docket, (_MONTHLY,))
        if duty.due is not None
        and start(first) < duty.due <= over
        and duty.waived is None
        and (duty.done is None or late(duty.done.at, over))
    ]
    return Figures(
        area=org.area or UNKNOWN,
        industry=(org.industry or UNKNOWN)[:_DIVISION] if org.industry else UNKNOWN,
        charge=1,
        found_hazards=len(found),
        major_hazards=sum(_major(hazard) for hazard in found),
        closed_hazards=len(closed),
        overdue_hazards=len(overdue),
        unreported=len(unreported),
    )


def _closed_by(docket: Docket, hazard: HazardRecord, last: date) -> bool:
    closed = hazard.closed(docket.at)
    return closed is not None and no_later(closed, last)


def quarter_figures(lines: Iterable[Figures]) -> tuple[Figures, ...]:
    """Return the figures of a quarter by area and industry, from those of each enterprise."""
    summed: dict[str, Figures] = {}
    for line in lines:
        so_far = summed.get(line.key)
        summed[line.key] = _sum(so_far, line) if so_far else line
    return tuple(summed[key] for key in sorted(summed))


def _sum(one: Figures, other: Figures) -> Figures:
    counts = one.model_dump(exclude={"area", "industry"})
    added = {name: value + getattr(other, name) for name, value in counts.items()}
    return one.model_copy(update=added)

"""What can be looked up at once of inspections by experts (2.1n, 2.2b, 2.2d, 2.3a, 2.4a).

Pure functions of a docket; lists over many enterprises keep what these say of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.answer import State
from domain.arrangement import arranged
from domain.expert_inspection import Organiser, Subject
from domain.moment import local_day, no_later, start
from domain.policy.duty import judge
from domain.policy.s2_1_frequency import INSPECT, TICK
from domain.policy.s2_1_rectification import findings
from domain.record import follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.expert import ExpertRecord, Span
    from domain.expert_inspection import ExpertInspection
    from domain.policy.duty import Docket
    from domain.policy.s2_1_rectification import Found

SUBJECTS = {
    Subject.RESPONSIBILITY: ("责任制度规程", "responsibility, rules and procedures"),
    Subject.KEY_PLACES: ("重点部位", "hazard sources, key places, outside crews"),
    Subject.VIOLATIONS: ("三违", "the three violations"),
    Subject.EMERGENCY: ("应急救援", "emergency rescue"),
    Subject.OWN_CHECKS: ("内部检查", "the enterprise's own checks"),
}


class Progress(StrEnum):
    """How far a finding is rectified 整改情况 (2.1n)."""

    OPEN = "open"
    MEASURED = "measured"
    RECTIFIED = "rectified"
    FAILED = "failed"
    PASSED = "passed"


PROGRESS = {
    Progress.OPEN: ("未整改", "not rectified"),
    Progress.MEASURED: ("已制订措施", "measure set"),
    Progress.RECTIFIED: ("已整改", "rectified"),
    Progress.FAILED: ("复查不合格", "recheck failed"),
    Progress.PASSED: ("复查合格", "recheck passed"),
}


@dataclass(frozen=True, slots=True)
class Flag:
    """What every view of an inspection shows beside it."""

    clause: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One finding in an enterprise's ledger of expert inspections."""

    found: Found
    progress: Progress
    deadline: date | None


def ledger(docket: Docket) -> list[ExpertInspection]:
    """Return an enterprise's inspections by experts, those held first first, then those to come."""
    return sorted(docket.expert_inspections, key=lambda each: (each.held is None, _began(each)))


def _began(inspection: ExpertInspection) -> datetime:
    return start(moment_of(inspection.entries[0]))


def lines(docket: Docket, inspection: ExpertInspection) -> list[LedgerLine]:
    """Return what an inspection found, item by item, and how far each is rectified (2.1n)."""
    found = [each for each in findings(docket) if each.inspection is inspection]
    return [
        LedgerLine(each, _progress(each), _deadline(docket, each))
        for each in sorted(found, key=lambda each: each.item)
    ]


def _progress(found: Found) -> Progress:
    done = found.rectifications
    verdict = found.inspection.verdict(found.item)
    if verdict:
        entry, said = verdict
        if said.passed:
            return Progress.PASSED
        again = any(follows(each, entry) for each in done)
        return Progress.RECTIFIED if again else Progress.FAILED
    if done:
        return Progress.RECTIFIED
    planned = found.hazard is not None and found.hazard.planned() is not None
    measured = planned or found.inspection.measure(found.item)
    return Progress.MEASURED if measured else Progress.OPEN


def _deadline(docket: Docket, found: Found) -> date | None:
    own = found.inspection.deadline(found.item)
    return own or (docket.deadline(found.hazard) if found.hazard else None)


def flags(docket: Docket, inspection: ExpertInspection) -> Iterator[Flag]:
    """Yield what is shown beside an inspection: by few experts, subjects left out unsaid."""
    organiser = inspection.held[1].organiser if inspection.held else Organiser.ENTERPRISE
    if organiser is Organiser.ENTERPRISE:
        least = docket.settings.at("2.1e.minimum", moment_of(inspection.entries[0])).number or 0
        if len(inspection.inspectors) < least:
            yield Flag("2.1e", f"专家少于{least}人", f"fewer than {least} experts")
    if inspection.held:
        fact = inspection.held[1]
        told = {*fact.subjects, *(each.subject for each in fact.left_out)}
        silent = [each for each in Subject if each not in told]
        if silent:
            zh = "、".join(SUBJECTS[each][0] for each in silent)
            en = ", ".join(SUBJECTS[each][1] for each in silent)
            yield Flag(
                "2.1b",
                f"重点内容既未检查也未说明原因：{zh}",
                f"neither inspected nor said why not: {en}",
            )


@dataclass(frozen=True, slots=True)
class Behind:
    """How an enterprise stands with its yearly inspections by experts (2.2b)."""

    first_due: date
    overdue: int
    open: int


def behind(docket: Docket) -> Behind | None:
    """Return what an enterprise still owes of 2.1a, with what falls or fell due first.

    None where it owes nothing now.
    """
    owed = [
        duty
        for duty in judge(docket, (INSPECT,))
        if duty.state in (State.OPEN, State.BROKEN) and duty.due
    ]
    dues = [local_day(duty.due - TICK) for duty in owed if duty.due]
    if not dues:
        return None
    overdue = sum(duty.state is State.BROKEN for duty in owed)
    return Behind(min(dues), overdue, len(owed) - overdue)


def without_arrangement(docket: Docket) -> bool:
    """Tell whether an operating enterprise has no arrangement for outside experts (2.2d)."""
    org = docket.directory.organisations.get(docket.enterprise)
    operates = docket.operating_since is not None and org is not None and org.closed is None
    return operates and arranged(docket.own, docket.at) is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of expert is looked for (2.4a); what is None does not matter."""

    specialty: str | None = None
    area: str | None = None
    since: date | None = None
    until: date | None = None
    enterprise: UUID | None = None


UNFIT = {
    "pool": ("不在库", "not in a pool"),
    "specialty": ("专业不符", "another specialty"),
    "area": ("地域不符", "not in that area"),
    "time": ("该时间不空闲", "not free then"),
    "tie": ("与该企业有利害关系", "tied to the enterprise"),
}


def unfit(expert: ExpertRecord, wanted: Wanted, at: date | datetime) -> list[str]:
    """Return why an expert is not the one looked for, by the keys of :data:`UNFIT` (2.4a).

    Args:
        expert: the person's own record.
        wanted: what is looked for.
        at: the moment at which the pools are asked.
    """
    places = expert.places(at)
    areas, free = _told(expert)
    admissions = expert.standing(at)
    known = {name for each in admissions for name in each.specialties}
    areas |= {each.area for each in admissions}
    found = {
        "pool": not places,
        "specialty": wanted.specialty not in {None, *known},
        "area": wanted.area is not None and wanted.area not in areas,
        "time": wanted.since is not None
        and not _free(free, wanted.since, wanted.until or wanted.since),
        "tie": wanted.enterprise is not None and expert.tie(wanted.enterprise, at) is not None,
    }
    return [reason for reason, holds in found.items() if holds]


def _told(expert: ExpertRecord) -> tuple[set[str | None], tuple[Span, ...]]:
    told = expert.availability
    return (set(told.areas), told.free) if told else (set(), ())


def _free(spans: Iterable[Span], since: date, until: date) -> bool:
    """Tell whether one stretch of free days holds all the days asked for."""
    return any(no_later(each.since, since) and no_later(until, each.until) for each in spans)

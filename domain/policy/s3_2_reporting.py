"""三（二） Reporting and its supervision: monthly and zero reports, acceptance, halts."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from domain.answer import Line
from domain.halt import (
    HaltGround,
    HaltLifted,
    HaltOrdered,
    ProductionObserved,
    ProductionResumed,
)
from domain.hazard import AcceptanceApplied, HazardAccepted, HazardReported, ReportKind
from domain.moment import (
    earlier,
    end,
    first_day,
    last_day,
    local_day,
    months_between,
    no_later,
)
from domain.monthly_report import kind_of, report_id
from domain.policy.bearers import principal
from domain.policy.duty import Breach, BreachRule, DutyRule, Opening, Section
from domain.policy.gate import Gate, Shut
from domain.policy.reports import (
    effects,
    found_in,
    reached,
    standing,
    to_regulator,
    told_of,
)
from domain.policy.s3_1_enterprise import opening, own_hazards
from domain.record import earliest, facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.fact import Draft, Entry, Fact
    from domain.hazard import HazardRecord
    from domain.monthly_report import ReportRecord
    from domain.policy.duty import Docket
    from domain.record import Record

ISSUED = date(2014, 1, 1)
"""The year of 临政办发〔2014〕40号: no month before it is owed under it."""


# 3.2a the month's report


def months_owed(docket: Docket) -> list[str]:
    """Return the months that operation touches, up to the docket's moment and that of closing.

    Closing does not cancel its month's report; months before the policy, or before the ledger was
    opened, are not asked about.
    """
    since = docket.operating_since
    if since is None:
        return []
    first = max(local_day(docket.silent_since(since)), ISSUED)
    closed = docket.directory.organisations[docket.enterprise].closed
    last = local_day(docket.at) if closed is None else min(local_day(closed), local_day(docket.at))
    return months_between(first, last) if first <= last else []


def _monthly(docket: Docket) -> Iterator[Opening]:
    """One duty a month; a month in which nobody supervised is a gap of government (1.2a)."""
    operating = local_day(docket.operating_since or docket.at)
    for month in months_owed(docket):
        opened = max(operating, first_day(month))
        regulator = docket.regulator(last_day(month)) or docket.regulator(opened)
        report = docket.reports.get(month)
        if regulator:
            yield Opening(
                subject=f"report:{report_id(docket.enterprise, month)}",
                at=opened,
                who=principal(docket),
                owed_to=regulator,
                due=end(last_day(month)),
                hazards=tuple(hazard.id for hazard in found_in(docket, month)),
                detail=month,
                note=told_of(standing(docket, report)) if report else None,
            )


def _reported_month(docket: Docket, about: Opening) -> Entry | None:
    """The first filing with effect that reached a regulator, and was not undone.

    A filing is undone by a withdrawal, and by a zero report that took its place; one ordinary
    report completes another.
    """
    report = docket.reports.get(about.detail)
    if report is None:
        return None
    undone = _undone(report)
    pairs = effects(docket, report)
    return next((e for f, e in pairs if f not in undone and reached(docket, f)), None)


def _undone(report: ReportRecord) -> list[Entry]:
    turns = report.all("report.filed", "report.withdrawn")
    return [now for now, then in pairwise(turns) if kind_of(then) != "ordinary"]


# 3.2b major hazards at once


def _claimed(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        claim = hazard.claimed_major
        if claim:
            regulator = docket.regulator(moment_of(claim))
            yield opening(hazard, claim, who=principal(docket), owed_to=regulator)


def _reported_major(docket: Docket, about: Opening) -> Entry | None:
    for entry, fact in facts_of(docket.hazards[about.hazards[0]].entries, HazardReported):
        if fact.kind is not ReportKind.COMPANY and to_regulator(
            docket, fact.to_org, moment_of(entry)
        ):
            return entry
    return None


def no_longer_major(docket: Docket, about: Opening) -> Entry | None:
    """Return the downgrade that ends what is owed for a major hazard."""
    return docket.hazards[about.hazards[0]].downgraded


# 3.2d application for acceptance, 3.2e production only after it


def _major_rectified(docket: Docket) -> Iterator[Opening]:
    """One duty a round: a failed acceptance opens the next."""
    for hazard in own_hazards(docket):
        for number, entry in enumerate(hazard.rounds, 1):
            if hazard.major_when(moment_of(entry)):
                regulator = docket.regulator(moment_of(entry))
                yield opening(
                    hazard, entry, who=principal(docket), owed_to=regulator, detail=f"第{number}轮"
                )


def _applied(docket: Docket, about: Opening) -> Entry | None:
    """An application counts for the round whose rectification it follows."""
    hazard = docket.hazards[about.hazards[0]]
    for entry, fact in facts_of(hazard.entries, AcceptanceApplied):
        this_round = hazard.in_round(entry, about.by[0])
        if this_round and to_regulator(docket, fact.to_org, moment_of(entry)):
            return entry
    return None


def _nothing_to_apply_for(docket: Docket, about: Opening) -> Entry | None:
    """Nothing is left to apply for once the regulator accepted it, or it is no longer major.

    Nor in a round that a failed acceptance has ended.
    """
    hazard = docket.hazards[about.hazards[0]]
    passed = _passed(docket, hazard, about.by[0])
    return earliest(*passed, hazard.failed_since(about.by[0]), hazard.downgraded)


def _lift_gate(docket: Docket, draft: Draft) -> Shut | None:
    halt = next((each for each in docket.halts if each.key == str(draft.record)), None)
    ordered = halt.first("halt.ordered") if halt else None
    if ordered is None or not isinstance(ordered.fact, HaltOrdered):
        return None
    if ordered.fact.ground is not HaltGround.MAJOR_HAZARD:
        return _only_issuer(docket, ordered.fact, draft)
    unaccepted = [
        hazard
        for hazard in _scope(docket, ordered, draft.received)
        if not _accepted(docket, hazard, ordered, draft.received)
    ]
    if not unaccepted:
        return None
    numbers = "、".join(hazard.number for hazard in unaccepted)
    return Shut(
        zh=f"停产所涉重大隐患{numbers}尚未经行业监管部门验收合格",
        en=f"major hazards {numbers} have not been accepted by the regulator",
        todo_zh="向行业监管部门申请验收，验收合格后再恢复生产经营",
        todo_en="apply to the regulator for acceptance; production resumes after it passed",
    )


def _scope(docket: Docket, ordered: Entry, at: date | datetime) -> list[HazardRecord]:
    """Return the hazards that a halt is for.

    Where it names none, those that stand as major ``at`` then and were not closed before it.
    """
    named = ordered.fact.hazards if isinstance(ordered.fact, HaltOrdered) else ()
    return [
        hazard
        for hazard in docket.hazards.values()
        if hazard.id in named
        or (not named and hazard.major_when(at) and hazard.closed(ordered.happened) is None)
    ]


def _only_issuer(docket: Docket, ordered: HaltOrdered, draft: Draft) -> Shut | None:
    if isinstance(draft.fact, HaltLifted) and draft.fact.by_org == ordered.by_org:
        return None
    issuer = docket.directory.name(ordered.by_org)
    return Shut(
        zh=f"此停产由{issuer}作出，只能由其解除",
        en=f"this halt was ordered by {issuer}, which alone can lift it",
        todo_zh=f"请{issuer}解除",
        todo_en=f"ask {issuer} to lift it",
    )


def _passed(docket: Docket, hazard: HazardRecord, since: Entry) -> list[Entry]:
    """Return the acceptances by a regulator that passed after ``since``."""
    return [
        entry
        for entry, fact in facts_of(hazard.entries, HazardAccepted)
        if fact.passed
        and fact.by_org in docket.directory.regulators(docket.enterprise, moment_of(entry))
        and follows(entry, since)
    ]


def _accepted(
    docket: Docket, hazard: HazardRecord, since: Entry, at: date | datetime
) -> Entry | None:
    """Return the regulator's acceptance after ``since`` that stood ``at`` then.

    One that failed only later undoes nothing that was done before it.
    """
    for entry in _passed(docket, hazard, since):
        failed = hazard.failed_since(entry)
        stands = failed is None or not earlier(moment_of(failed), at)
        if no_later(moment_of(entry), at) and stands:
            return entry
    return None


def _over(docket: Docket, ordered: Entry, at: date | datetime) -> bool:
    """Tell whether all that a halt for major hazards concerns was accepted ``at`` then."""
    scope = _scope(docket, ordered, at)
    return bool(scope) and all(_accepted(docket, each, ordered, at) for each in scope)


class UnderHalt(NamedTuple):
    """Production seen in the part that was halted, before the halt was lifted."""

    halt: Record
    ordered: Entry
    order: HaltOrdered
    seen: Entry


def under_halts(docket: Docket) -> Iterator[UnderHalt]:
    """Yield all production that was seen, or begun again, under a halt on whatever ground."""
    produced = [
        entry
        for entry in docket.entries
        if isinstance(entry.fact, ProductionObserved | ProductionResumed)
    ]
    for halt in docket.halts:
        lifted = halt.first("halt.lifted")
        for ordered, order in facts_of(halt.entries, HaltOrdered):
            for seen in produced:
                begun = earlier(ordered.happened, seen.happened)
                over = lifted is not None and no_later(moment_of(lifted), seen.happened)
                if begun and not over and not _elsewhere(order, seen.fact):
                    yield UnderHalt(halt, ordered, order, seen)


def _elsewhere(ordered: HaltOrdered, seen: Fact) -> bool:
    """Tell whether what was seen was another part of the enterprise than the one halted.

    It is where both are named, and neither name is part of the other; an erased name may be any.
    """
    scopes = (ordered.scope, getattr(seen, "scope", None))
    halted, where = ((scope and scope.value) or "" for scope in scopes)
    return halted not in where and where not in halted


def _produced_under_halt(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Production under a halt for major hazards, before all of them were accepted."""
    for halt, ordered, order, seen in under_halts(docket):
        major = order.ground is HaltGround.MAJOR_HAZARD
        if major and not _over(docket, ordered, seen.happened):
            yield Breach(
                rule=rule,
                subject=halt.subject,
                at=seen.happened,
                who=principal(docket),
                by=(seen, ordered),
                zh="重大隐患停产期间、验收合格之前生产经营",
                en="production during a halt for major hazards, before acceptance",
                hazards=order.hazards,
                detail=str(seen.position),
            )


SECTION = Section(
    duties=(
        DutyRule(
            "3.2a",
            "monthly",
            Line.ENTERPRISE,
            "月底前报送本月隐患自查自纠情况",
            "Report the month by its last day",
            _monthly,
            _reported_month,
        ),
        DutyRule(
            "3.2b",
            "major",
            Line.ENTERPRISE,
            "重大事故隐患即查即报",
            "Report a major hazard at once",
            _claimed,
            _reported_major,
            within="3.2b.report",
            until=no_longer_major,
        ),
        DutyRule(
            "3.2d",
            "apply",
            Line.ENTERPRISE,
            "整改结束后申请验收",
            "Apply for acceptance",
            _major_rectified,
            _applied,
            within="3.2d.apply",
            until=_nothing_to_apply_for,
        ),
    ),
    breaches=(
        BreachRule(
            "3.2e",
            "produced",
            Line.ENTERPRISE,
            "未经验收合格生产经营",
            "Production before acceptance",
            _produced_under_halt,
        ),
    ),
    gates=(Gate("3.2e", ("halt.lifted",), _lift_gate),),
)

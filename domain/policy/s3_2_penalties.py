"""三（二） Penalties: the four named grounds 处罚事由 found from the facts, and the duty to act."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.answer import Line, State
from domain.halt import HaltGround
from domain.moment import earlier, end, late, local_day, no_later, start
from domain.monthly_report import ReportFiled
from domain.penalty import CaseOpened
from domain.policy.bearers import (
    due_or_now,
    known_to_enterprise,
    officer,
    principal,
    regulator_until,
)
from domain.policy.duty import (
    Breach,
    BreachRule,
    DutyRule,
    Opening,
    Section,
    by_topics,
    find,
    first_about,
    judge,
)
from domain.policy.s3_2_reporting import SECTION as REPORTING
from domain.policy.s3_2_reporting import under_halts
from domain.policy.s3_2_zero_report import SECTION as ZERO_REPORT
from domain.policy.s3_2_zero_report import overtaken
from domain.record import by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.policy.duty import Docket
    from domain.policy.s3_2_reporting import UnderHalt


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground for a penalty, found from the facts.

    Args:
        zh, en: the ground as 三（二） names it.
        subject: what it is about.
        at: when it was complete.
        harmed: whether people came to harm.
        shown: since when the record shows it; None where that takes all of its facts.
    """

    zh: str
    en: str
    subject: str
    at: date | datetime
    by: tuple[Entry, ...]
    hazards: tuple[UUID, ...]
    harmed: bool = False
    shown: datetime | None = None


def grounds(docket: Docket) -> list[Ground]:
    """Return every ground of 3.2i that the facts show, in the order in which the text names them.

    A missed monthly report with no hazard behind it is a matter of 3.2a only.
    """
    return [
        *_unreported(docket),
        *_caused_accident(docket),
        *_produced(docket),
        *_defied(docket),
    ]


def _unreported(docket: Docket) -> Iterator[Ground]:
    words = ("隐患不报告或上报不及时", "hazard not reported, or not in time")
    for duty in judge(docket, (*REPORTING.duties, *ZERO_REPORT.duties)):
        missed = duty.state in (State.BROKEN, State.KEPT_LATE)
        if missed and duty.rule.clause == "3.2a" and duty.due:
            yield from _missed_month(docket, duty.opening, duty.due, words)
        elif missed and duty.rule.clause in ("3.2b", "3.2c") and duty.due:
            opening = duty.opening
            yield Ground(*words, opening.subject, duty.due, opening.by, opening.hazards)
        elif duty.rule.clause == "3.2a" and duty.done and duty.due:
            yield from _left_out(docket, duty.opening, duty.due, words)
    contradicted = [rule for rule in ZERO_REPORT.breaches if rule.key == "contradicted"]
    yield from _one_each(find(docket, contradicted), words)


def _missed_month(
    docket: Docket, month: Opening, due: datetime, words: tuple[str, str]
) -> Iterator[Ground]:
    """No report in time, of a month with a hazard that the enterprise knew of."""
    known = {each: known_to_enterprise(docket, docket.hazards[each]) for each in month.hazards}
    by = tuple(entry for entry in known.values() if entry)
    if by:
        hazards = tuple(hazard for hazard, entry in known.items() if entry)
        shown = min(entry.recorded for entry in by)
        yield Ground(*words, month.subject, due, by, hazards, shown=shown)


def _left_out(
    docket: Docket, month: Opening, due: datetime, words: tuple[str, str]
) -> Iterator[Ground]:
    """An ordinary report in time, but without a hazard of the month that the enterprise knew of.

    One known only after the signatures under a zero report has a duty of its own (3.2c).
    """
    filings = [
        (entry, fact)
        for entry, fact in facts_of(docket.reports[month.detail].entries, ReportFiled)
        if fact.kind == "ordinary" and not late(moment_of(entry), due)
    ]
    told = {each.hazard for _, fact in filings for each in fact.hazards}
    told |= {each for duty in overtaken(docket, month.detail) for each in duty.hazards}
    missing = [
        (hazard, known)
        for hazard in (docket.hazards[each] for each in month.hazards if each not in told)
        if (known := known_to_enterprise(docket, hazard)) and not late(moment_of(known), due)
    ]
    if filings and missing and late(docket.at, due):
        filing = filings[-1][0]
        by = (filing, *(known for _, known in missing))
        hazards = tuple(hazard.id for hazard, _ in missing)
        shown = max(filing.recorded, min(known.recorded for _, known in missing))
        yield Ground(*words, month.subject, due, by, hazards, shown=shown)


def _caused_accident(docket: Docket) -> Iterator[Ground]:
    """An accident linked to a hazard that stood open; the link may be established later."""
    words = ("隐患整改不力造成生产安全事故", "an accident after rectification fell short")
    for entry, incident in docket.incidents:
        linked = [
            (each, hazard)
            for each in docket.whenever(f"incident:{entry.record}")
            for hazard in getattr(each.fact, "hazards", ())
            if hazard in docket.hazards
            and docket.hazards[hazard].closed(entry.happened) is None
            and earlier(docket.hazards[hazard].found, entry.happened)
        ]
        if linked:
            by = dict.fromkeys((entry, *(each for each, _ in linked)))
            hazards = dict.fromkeys(hazard for _, hazard in linked)
            subject = f"incident:{entry.record}"
            shown = max(entry.recorded, min(each.recorded for each, _ in linked))
            yield Ground(
                *words,
                subject,
                entry.happened,
                tuple(by),
                tuple(hazards),
                harmed=incident.deaths + incident.serious_injuries > 0,
                shown=shown,
            )


def _produced(docket: Docket) -> Iterator[Ground]:
    words = (
        "隐患不整改或整改不彻底擅自生产经营",
        "production with the hazard not, or not fully, rectified",
    )
    rules = [rule for rule in REPORTING.breaches if rule.clause == "3.2e"]
    yield from _one_each(find(docket, rules), words)


def _one_each(breaches: Iterable[Breach], words: tuple[str, str]) -> Iterator[Ground]:
    """One ground a report, however many signed it; one a halt, however often it was ignored."""
    about: dict[str, list[Breach]] = defaultdict(list)
    for breach in breaches:
        about[breach.subject].append(breach)
    for subject, found in about.items():
        shown = dict.fromkeys(entry for breach in found for entry in breach.by)
        hazards = dict.fromkeys(hazard for breach in found for hazard in breach.hazards)
        first = min((breach.at for breach in found), key=start)
        by_one = min(max(entry.recorded for entry in breach.by) for breach in found)
        yield Ground(*words, subject, first, tuple(shown), tuple(hazards), shown=by_one)


def _defied(docket: Docket) -> Iterator[Ground]:
    """An item failed its recheck after its deadline, or a department found the order defied."""
    words = ("拒不执行监管监察指令", "an order defied")
    for order in docket.orders:
        items = order.issued.items if order.issued else ()
        failed = [
            entry
            for item in items
            for entry, checked in order.rechecks(item.item)
            if not checked.passed and late(entry.happened, end(order.deadline(item.item)))
        ]
        found = by_moment([*order.all("order.breached"), *failed])
        if found:
            defied = {
                item.item
                for item in items
                if found[0].topic == "order.breached"
                or any(e is found[0] and not c.passed for e, c in order.rechecks(item.item))
            }
            hazards = tuple(dict.fromkeys(i.hazard for i in items if i.hazard and i.item in defied))
            yield Ground(*words, order.subject, moment_of(found[0]), (found[0],), hazards)
    yield from _halts_defied(docket, words)


def _halts_defied(docket: Docket, words: tuple[str, str]) -> Iterator[Ground]:
    """Production under a halt that a body ordered for another reason than 3.2e tells of."""
    ignored: dict[str, list[UnderHalt]] = defaultdict(list)
    for each in under_halts(docket):
        own = each.order.by_org == docket.enterprise
        if not own and each.order.ground is not HaltGround.MAJOR_HAZARD:
            ignored[each.halt.subject].append(each)
    for subject, found in ignored.items():
        ordered, hazards = found[0].ordered, found[0].order.hazards
        seen = by_moment([each.seen for each in found])
        shown = max(ordered.recorded, min(entry.recorded for entry in seen))
        yield Ground(*words, subject, seen[0].happened, (ordered, *seen), hazards, shown=shown)


def _breaches(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for ground in grounds(docket):
        yield Breach(
            rule=rule,
            subject=ground.subject,
            at=ground.at,
            who=principal(docket),
            by=ground.by,
            zh=ground.zh,
            en=ground.en,
            hazards=tuple(h for h in ground.hazards if h in docket.hazards),
            detail=f"{ground.zh}/{','.join(str(entry.position) for entry in ground.by)}",
        )


def _to_open(docket: Docket) -> Iterator[Opening]:
    """The regulator owes a case for each subject, from when its first ground was on record."""
    seen: set[str] = set()
    for ground in sorted(grounds(docket), key=_on_record):
        at = max(ground.at, _on_record(ground), key=start)
        if ground.subject in seen or earlier(docket.at, at):
            continue
        seen.add(ground.subject)
        regulator = regulator_until(docket, at, "3.2i.open")
        yield Opening(
            subject=ground.subject,
            at=at,
            who=officer(docket, regulator, at, due_or_now(docket, at, "3.2i.open")),
            owed_to=docket.government(regulator) if regulator else None,
            by=ground.by,
            hazards=tuple(h for h in ground.hazards if h in docket.hazards),
            detail=ground.zh,
            note=_time_bar(docket, ground),
        )


def _on_record(ground: Ground) -> datetime:
    """Return when the ground could be read from the record: complete, and its facts entered."""
    shown = ground.shown or max(entry.recorded for entry in ground.by)
    return max(start(ground.at), shown)


def _time_bar(docket: Docket, ground: Ground) -> tuple[str, str] | None:
    """Return until when a penalty can be imposed (行政处罚法 art. 36), for people to read."""
    key = "3.2i.bar_if_harmed" if ground.harmed else "3.2i.bar"
    period = docket.settings.at(key, ground.at).period
    if period is None:
        return None
    last = local_day(docket.after(period, ground.at) - timedelta(microseconds=1))
    zh = f"处罚时效至{last}（行政处罚法第三十六条；行为持续的自终了之日起算）"
    en = f"time bar {last} (行政处罚法 art. 36; from its end where the act continues)"
    return zh, en


def _opened_case(docket: Docket, about: Opening) -> Entry | None:
    """A case counts that names one of the hazards, or names none and came after the ground.

    One that was decided before there was this ground was about something else.
    """
    for entry, case in facts_of(docket.entries, CaseOpened):
        decided = first_about(docket, f"penalty:{entry.record}", "penalty.decided")
        names_it = bool(set(case.hazards) & set(about.hazards))
        general = not case.hazards or not about.hazards
        over = decided and earlier(moment_of(decided), about.at)
        if (names_it and not over) or (general and no_later(about.at, moment_of(entry))):
            return entry
    return None


def _to_decide(docket: Docket) -> Iterator[Opening]:
    for entry, case in facts_of(docket.entries, CaseOpened):
        yield Opening(
            subject=f"penalty:{entry.record}",
            at=moment_of(entry),
            who=officer(docket, case.by_org, moment_of(entry)),
            owed_to=docket.government(case.by_org),
            by=(entry,),
            hazards=tuple(h for h in case.hazards if h in docket.hazards),
        )


SECTION = Section(
    duties=(
        DutyRule(
            "3.2i",
            "open",
            Line.SUPERVISION,
            "依法立案查处",
            "Open a case",
            _to_open,
            _opened_case,
            within="3.2i.open",
        ),
        DutyRule(
            "3.2i",
            "decide",
            Line.SUPERVISION,
            "作出处罚与否的决定",
            "Decide the case",
            _to_decide,
            by_topics("penalty.decided"),
            within="3.2i.decide",
        ),
    ),
    breaches=(
        BreachRule(
            "3.2i",
            "ground",
            Line.ENTERPRISE,
            "三（二）所列情形",
            "A case that 三（二） names",
            _breaches,
        ),
    ),
)

"""三（二） Penalties: the four named grounds 处罚事由 found from the facts, and the duty to act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.answer import Line, State
from domain.moment import no_later, start
from domain.penalty import CaseOpened
from domain.policy.bearers import officer, principal
from domain.policy.duty import (
    Breach,
    BreachRule,
    DutyRule,
    Opening,
    Section,
    by_topics,
    find,
    judge,
)
from domain.policy.s3_2_reporting import SECTION as REPORTING
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.policy.duty import Docket


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground for a penalty, found from the facts.

    Args:
        zh, en: the ground as 三（二） names it.
        subject: what it is about.
        at: when it was complete.
    """

    zh: str
    en: str
    subject: str
    at: date | datetime
    by: tuple[Entry, ...]
    hazards: tuple[UUID, ...]


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
    for duty in judge(docket, REPORTING.duties):
        missed = duty.state in (State.BROKEN, State.KEPT_LATE)
        if missed and duty.due and duty.rule.clause in ("3.2a", "3.2b") and duty.opening.hazards:
            by = duty.opening.by or _origins(docket, duty.opening.hazards)
            yield Ground(*words, duty.opening.subject, duty.due, by, duty.opening.hazards)
    for breach in find(docket, REPORTING.breaches):
        if breach.rule.clause == "3.2c":
            yield Ground(*words, breach.subject, breach.at, breach.by, breach.hazards)


def _origins(docket: Docket, hazards: tuple[UUID, ...]) -> tuple[Entry, ...]:
    return tuple(e for h in hazards if (e := docket.hazards[h].origin))


def _caused_accident(docket: Docket) -> Iterator[Ground]:
    words = ("隐患整改不力造成生产安全事故", "an accident after rectification fell short")
    for entry, incident in docket.incidents:
        linked = {*incident.hazards}
        causes = [e for e in docket.about(f"incident:{entry.record}") if e is not entry]
        for cause in causes:
            linked |= set(getattr(cause.fact, "hazards", ()))
        standing = tuple(
            hazard.id
            for hazard in docket.hazards.values()
            if hazard.id in linked and hazard.closed(entry.happened) is None
        )
        if standing:
            yield Ground(*words, f"incident:{entry.record}", entry.happened, (entry,), standing)


def _produced(docket: Docket) -> Iterator[Ground]:
    words = (
        "隐患不整改或整改不彻底擅自生产经营",
        "production with the hazard not, or not fully, rectified",
    )
    for breach in find(docket, REPORTING.breaches):
        if breach.rule.clause == "3.2e":
            yield Ground(*words, breach.subject, breach.at, breach.by, breach.hazards)


def _defied(docket: Docket) -> Iterator[Ground]:
    """An item failed its recheck after its deadline, or a department found the order defied."""
    words = ("拒不执行监管监察指令", "an order defied")
    for order in docket.orders:
        found = order.first("order.breached")
        failed = [
            (verdict[0], item.hazard)
            for item in (order.issued.items if order.issued else ())
            if (verdict := order.verdict(item.item))
            and not verdict[1].passed
            and no_later(order.deadline(item.item), verdict[0].happened)
        ]
        if not found and not failed:
            continue
        first = found or failed[0][0]
        hazards = tuple(hazard for _, hazard in failed if hazard)
        yield Ground(*words, order.subject, moment_of(first), (first,), hazards)


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
        )


def _to_open(docket: Docket) -> Iterator[Opening]:
    """The regulator owes the opening of a case: one for each subject, from its first ground."""
    seen: set[str] = set()
    for ground in sorted(grounds(docket), key=lambda each: start(each.at)):
        if ground.subject in seen:
            continue
        seen.add(ground.subject)
        regulator = docket.regulator(ground.at)
        yield Opening(
            subject=ground.subject,
            at=ground.at,
            who=officer(docket, regulator, ground.at),
            owed_to=docket.government(regulator) if regulator else None,
            by=ground.by,
            hazards=tuple(h for h in ground.hazards if h in docket.hazards),
            detail=ground.zh,
        )


def _opened_case(docket: Docket, about: Opening) -> Entry | None:
    """A case counts that names one of the hazards, or names none and came after the ground."""
    for entry, case in facts_of(docket.entries, CaseOpened):
        names_it = bool(set(case.hazards) & set(about.hazards))
        general = not case.hazards or not about.hazards
        if names_it or (general and no_later(about.at, moment_of(entry))):
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
            "应予处罚的情形",
            "A ground for a penalty",
            _breaches,
        ),
    ),
)

"""二（一） A major hazard that endangers production: production stops at once (2.1k)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.halt import HaltGround, HaltOrdered
from domain.moment import earlier, late, no_later
from domain.policy.bearers import principal
from domain.policy.duty import Breach, BreachRule, Done, DutyRule, Opening, Section
from domain.policy.s2_1_rectification import findings
from domain.record import by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket


def _endangering(docket: Docket) -> Iterator[tuple[HazardRecord, Entry]]:
    """Yield every major hazard that endangers production, with the first claim that it is major.

    That it does is said where it was found, or by the experts' report.
    """
    by_experts: set[UUID | None] = {
        found.finding.hazard for found in findings(docket) if found.finding.endangers_production
    }
    for hazard in docket.hazards.values():
        found = hazard.fact("hazard.found")
        claim = hazard.claimed_major
        endangers = found and (found.endangers_production or hazard.id in by_experts)
        if endangers and claim and not hazard.fixed_on_spot:
            yield hazard, claim


def _to_halt(docket: Docket) -> Iterator[Opening]:
    for hazard, claim in _endangering(docket):
        yield Opening(
            subject=hazard.subject,
            at=moment_of(claim),
            who=principal(docket),
            owed_to=docket.regulator(moment_of(claim)),
            by=(claim,),
            hazards=(hazard.id,),
        )


def _halts_for(docket: Docket, hazard: UUID) -> list[tuple[Entry, date | datetime | None]]:
    """Return the halts for a hazard, each with when it was lifted.

    One for major hazards that names none is for every one of them.
    """
    found = []
    for halt in docket.halts:
        lifted = halt.first("halt.lifted")
        for entry, fact in facts_of(halt.entries, HaltOrdered):
            if fact.ground is HaltGround.MAJOR_HAZARD and (
                not fact.hazards or hazard in fact.hazards
            ):
                found.append((entry, moment_of(lifted) if lifted else None))
    return found


def _halted(docket: Docket, about: Opening) -> Done | None:
    """Production stopped by a halt from then on, or stood still under one already."""
    halts = [
        Done(entry, moment_of(entry) if no_later(about.at, moment_of(entry)) else about.at)
        for entry, lifted in _halts_for(docket, about.hazards[0])
        if lifted is None or no_later(about.at, lifted)
    ]
    return min(halts, key=lambda done: done.entry.position, default=None)


def _over(docket: Docket, about: Opening) -> Entry | None:
    """Nothing is left to stop for once it is struck off, accepted, or major no longer."""
    return _ended(docket.hazards[about.hazards[0]])


def _ended(hazard: HazardRecord) -> Entry | None:
    accepted = [e for e in hazard.acceptances if e.fact.by_org != hazard.enterprise]  # type: ignore[attr-defined]
    ends = [hazard.closing, hazard.downgraded, *accepted[:1]]
    return next(iter(by_moment([each for each in ends if each])), None)


def _produced(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Production that went on, or began again, after it had to stop and before the hazard's end."""
    seen = [e for e in docket.own if e.topic in ("production.observed", "production.resumed")]
    for hazard, claim in _endangering(docket):
        applied = docket.settings.at("2.1k.halt", moment_of(claim))
        ended = _ended(hazard)
        for entry in seen:
            due = docket.after(applied.period, moment_of(claim)) if applied.period else None
            if due is None or not late(entry.happened, due):
                continue
            if ended and not earlier(entry.happened, moment_of(ended)):
                continue
            yield Breach(
                rule=rule,
                subject=hazard.subject,
                at=entry.happened,
                who=principal(docket),
                by=(claim, entry),
                zh=f"重大隐患{hazard.number}危及生产安全，应当停产而仍在生产经营",
                en=f"production went on although hazard {hazard.number} endangers it",
                hazards=(hazard.id,),
                applied=applied,
                detail=str(entry.position),
            )


SECTION = Section(
    duties=(
        DutyRule(
            "2.1k",
            "halt",
            Line.ENTERPRISE,
            "危及生产安全的重大隐患立即停产整改",
            "Halt production at once",
            _to_halt,
            _halted,
            within="2.1k.halt",
            until=_over,
        ),
    ),
    breaches=(
        BreachRule(
            "2.1k",
            "produced",
            Line.ENTERPRISE,
            "危及生产安全的重大隐患未停产",
            "Production went on in spite of a major hazard",
            _produced,
        ),
    ),
)

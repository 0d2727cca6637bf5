"""一（一） 系统性风险: a systemic risk gets a responsible department and units (1.1e)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.policy.bearers import in_charge
from domain.policy.duty import DutyRule, Opening, Section, by_topics
from domain.record import facts_of, moment_of
from domain.systemic_risk import RiskRecord, RiskRegistered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.fact import Entry
    from domain.policy.duty import Docket


def risks(docket: Docket) -> Iterator[tuple[RiskRecord, Entry, RiskRegistered]]:
    """Yield each systemic risk of a body that the docket shows, or that one is responsible for."""
    bodies = set(docket.bodies)
    for entry, fact in facts_of(docket.entries, RiskRegistered):
        record = RiskRecord(f"risk:{entry.record}", docket.about(f"risk:{entry.record}"))
        responsible = record.responsible(docket.at)
        if fact.body in bodies or (responsible and responsible.department in bodies):
            yield record, entry, fact


def _registered(docket: Docket) -> Iterator[Opening]:
    for record, entry, fact in risks(docket):
        yield Opening(
            subject=record.subject,
            at=docket.silent_since(moment_of(entry)),
            who=in_charge(fact.body),
            owed_to=docket.government(fact.body),
            by=(entry,),
        )


def risk_removed(docket: Docket, about: Opening) -> Entry | None:
    """Return the fact by which a systemic risk was found to be gone."""
    return next((e for e in docket.about(about.subject) if e.topic == "risk.removed"), None)


SECTION = Section(
    duties=(
        DutyRule(
            "1.1e",
            "assign",
            Line.LEADERSHIP,
            "明确系统性风险的责任部门和单位",
            "Name who is responsible for the systemic risk",
            _registered,
            by_topics("risk.assigned"),
            within="1.1e.assign",
            until=risk_removed,
        ),
    ),
)

"""三（二） 系统性风险: each is assessed every period, and its measures are followed up (3.2h)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.moment import end
from domain.policy.bearers import head, in_charge
from domain.policy.duty import DutyRule, Opening, Section, Who
from domain.policy.s1_1_systemic import risk_removed, risks
from domain.record import facts_of, follows, moment_of
from domain.systemic_risk import RiskAssessed, RiskMeasureTaken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from domain.fact import Entry
    from domain.policy.duty import Docket
    from domain.systemic_risk import RiskRecord, RiskRegistered


def _who(docket: Docket, record: RiskRecord, fact: RiskRegistered, by: date | datetime) -> Who:
    """Return the responsible department's head by a moment; before one is named, the deputy."""
    responsible = record.responsible(min(by, docket.at, key=end))
    return head(responsible.department) if responsible else in_charge(fact.body)


def _assessments(docket: Docket) -> Iterator[Opening]:
    """One duty a period, from the registration and then from each assessment."""
    for record, entry, fact in risks(docket):
        begun = [entry, *(each for each, _ in facts_of(record.entries, RiskAssessed))]
        removed = record.first("risk.removed")
        for number, each in enumerate(begun, 1):
            if removed and follows(each, removed):
                break
            at = docket.silent_since(moment_of(each))
            period = docket.settings.at("3.2h.assess", at).period
            due = docket.after(period, at) if period else docket.at
            yield Opening(
                subject=record.subject,
                at=at,
                who=_who(docket, record, fact, due),
                owed_to=fact.body,
                by=(each,),
                detail=f"第{number}次评估",
            )


def _assessed(docket: Docket, about: Opening) -> Entry | None:
    """The next assessment after the fact that opened the period."""
    for entry, _ in facts_of(docket.about(about.subject), RiskAssessed):
        if entry.position != about.by[0].position and follows(entry, about.by[0]):
            return entry
    return None


def _measures(docket: Docket) -> Iterator[Opening]:
    """One duty a measure, due on the day that its assessment names."""
    for record, _, _ in risks(docket):
        for number, (entry, assessed) in enumerate(facts_of(record.entries, RiskAssessed), 1):
            for measure in assessed.measures:
                yield Opening(
                    subject=record.subject,
                    at=moment_of(entry),
                    who=head(measure.by_org),
                    owed_to=assessed.by_org,
                    by=(entry,),
                    due=end(measure.due),
                    detail=f"第{number}次评估第{measure.item}项措施",
                )


def _measure_taken(docket: Docket, about: Opening) -> Entry | None:
    """A measure is taken by the fact that names it, after the assessment that asked for it."""
    item = int(about.detail.rpartition("第")[2].removesuffix("项措施"))
    for entry, fact in facts_of(docket.about(about.subject), RiskMeasureTaken):
        if fact.item == item and follows(entry, about.by[0]):
            return entry
    return None


SECTION = Section(
    duties=(
        DutyRule(
            "3.2h",
            "assess",
            Line.SUPERVISION,
            "评估系统性风险",
            "Assess the systemic risk",
            _assessments,
            _assessed,
            within="3.2h.assess",
            until=risk_removed,
        ),
        DutyRule(
            "3.2h",
            "measure",
            Line.SUPERVISION,
            "落实系统性风险措施",
            "Take the measure on the systemic risk",
            _measures,
            _measure_taken,
            until=risk_removed,
        ),
    ),
)

"""二（一） What follows an inspection by experts: report, measures, plans (2.1h–2.1j)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.expert_inspection import (
    FindingRectified,
    FindingSafeguarded,
    MeasureSet,
)
from domain.hazard import HazardPlanned
from domain.moment import start
from domain.policy.bearers import in_person, principal
from domain.policy.duty import DutyRule, Opening, Section
from domain.policy.gate import Gate, Shut
from domain.record import by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from domain.expert_inspection import ExpertInspection, Finding
    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket

_FIVE = {
    "responsible": ("责任", "who is responsible"),
    "funding": ("资金", "the funding"),
    "measure": ("措施", "the measures"),
    "measures": ("措施", "the measures"),
    "deadline": ("时限", "the time limit"),
    "emergency_plan": ("预案", "the emergency plan"),
}


# 2.1h the report


def _held(docket: Docket) -> Iterator[Opening]:
    for inspection in docket.expert_inspections:
        if inspection.held:
            entry, fact = inspection.held
            unadvised = [item for item, (_, f) in inspection.findings.items() if _unadvised(f)]
            yield Opening(
                subject=inspection.subject,
                at=fact.until or entry.happened,
                who=in_person(*inspection.inspectors),
                owed_to=docket.enterprise,
                by=(entry,),
                note=_without_advice(unadvised),
            )


def _unadvised(finding: Finding) -> bool:
    return finding.recommendation is None


def _without_advice(items: list[int]) -> tuple[str, str] | None:
    if not items:
        return None
    zh = "、".join(f"第{item}项" for item in items)
    return f"{zh}没有整改意见或建议", f"no recommendation for {', '.join(map(str, items))}"


def _delivered(docket: Docket, about: Opening) -> Entry | None:
    """The report that is whole: every problem named by then has a recommendation."""
    worded: dict[int, Finding] = {}
    for entry, report in inspection_of(docket, about.subject).reports:
        worded |= {each.item: each for each in report.findings}
        if not any(_unadvised(each) for each in worded.values()):
            return entry
    return None


def inspection_of(docket: Docket, subject: str) -> ExpertInspection:
    """Return the inspection by experts that a duty is about."""
    return next(each for each in docket.expert_inspections if each.subject == subject)


# 2.1i a measure for each finding; 2.1j safeguards and plan for what takes time


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of an inspection, with the report that named it and its hazard if it is one."""

    inspection: ExpertInspection
    entry: Entry
    finding: Finding
    hazard: HazardRecord | None

    @property
    def item(self) -> int:
        """Its number."""
        return self.finding.item

    @property
    def rectifications(self) -> list[Entry]:
        """Every fact by which it was put right, by the enterprise's word, earliest first."""
        told = self.inspection.about_item(self.item, FindingRectified)
        if self.hazard:
            told += self.hazard.all("hazard.rectified")
            found = self.hazard.first("hazard.found")
            told += [found] if found and self.hazard.fixed_on_spot else []
        return by_moment(told)

    @property
    def rectified(self) -> Entry | None:
        """The fact by which it was first put right."""
        return next(iter(self.rectifications), None)


def findings(docket: Docket) -> Iterator[Found]:
    """Yield every finding of every expert report."""
    for inspection in docket.expert_inspections:
        for entry, finding in inspection.findings.values():
            hazard = docket.hazards.get(finding.hazard) if finding.hazard else None
            yield Found(inspection, entry, finding, hazard)


def found_of(docket: Docket, about: Opening) -> Found:
    """Return the finding that a duty is about."""
    return next(
        each
        for each in findings(docket)
        if each.inspection.subject == about.subject and f"第{each.item}项" == about.detail
    )


def _each(docket: Docket, *, at_once: bool | None = None) -> Iterator[Opening]:
    """What follows from a finding's wording opens with the first report that words it so."""
    for found in findings(docket):
        if at_once in (None, found.finding.at_once):
            said = found.entry
            if at_once is not None:
                said = found.inspection.worded(found.item, at_once=at_once)
            yield Opening(
                subject=found.inspection.subject,
                at=moment_of(said),
                who=principal(docket),
                owed_to=docket.enterprise,
                by=(said,),
                hazards=(found.hazard.id,) if found.hazard else (),
                detail=f"第{found.item}项",
            )


def _all_findings(docket: Docket) -> Iterator[Opening]:
    return _each(docket)


def _at_once(docket: Docket) -> Iterator[Opening]:
    return _each(docket, at_once=True)


def _not_at_once(docket: Docket) -> Iterator[Opening]:
    return _each(docket, at_once=False)


def _measured(docket: Docket, about: Opening) -> Entry | None:
    """A measure of its own: set for the finding, planned for its hazard, or taken already."""
    found = found_of(docket, about)
    told = found.inspection.about_item(found.item, MeasureSet)
    told += _plans(found.hazard)
    told += found.rectifications
    return next(iter(by_moment(told)), None)


def _plans(hazard: HazardRecord | None) -> list[Entry]:
    planned = facts_of(hazard.entries, HazardPlanned) if hazard else ()
    return [entry for entry, fact in planned if fact.effective]


def _rectified(docket: Docket, about: Opening) -> Entry | None:
    return found_of(docket, about).rectified


def _safeguarded(docket: Docket, about: Opening) -> Entry | None:
    found = found_of(docket, about)
    told = found.inspection.about_item(found.item, FindingSafeguarded)
    told += found.hazard.all("hazard.safeguarded") if found.hazard else []
    return next(iter(by_moment(told)), None)


def _whole_plan(docket: Docket, about: Opening) -> Entry | None:
    found = found_of(docket, about)
    told = [
        entry
        for entry in found.inspection.about_item(found.item, MeasureSet)
        if isinstance(entry.fact, MeasureSet) and entry.fact.plan
    ]
    told += _plans(found.hazard)
    return next((e for e in by_moment(told) if not _missing_of_five(e.fact)), None)


def _missing_of_five(plan: object) -> list[str]:
    """Return which of 五落实 a plan lacks, by field name."""
    return [name for name in _FIVE if hasattr(plan, name) and getattr(plan, name) is None]


def _five_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    if isinstance(fact, MeasureSet):
        asked = fact.plan
    else:
        takes_time = {f.finding.hazard for f in findings(docket) if not f.finding.at_once}
        asked = getattr(fact, "effective", False) and draft.record in takes_time
    missing = _missing_of_five(fact) if asked else []
    if not missing:
        return None
    zh = "、".join(_FIVE[name][0] for name in missing)
    en = ", ".join(_FIVE[name][1] for name in missing)
    return Shut(
        zh=f"专家查出的问题一时难以整改，整改计划未做到“五落实”，缺{zh}",
        en=f"what experts found takes time to rectify, and its plan does not settle {en}",
        todo_zh="补全整改责任、资金、措施、时限和应急预案后生效",
        todo_en="complete the plan: responsibility, funding, measures, time limit, emergency plan",
    )


def overdue_rectifications(docket: Docket) -> Iterator[tuple[Found, date]]:
    """Yield every finding that has a deadline, with that deadline: the earliest there is."""
    for found in findings(docket):
        told = [found.inspection.deadline(found.item)]
        told += [docket.deadline(found.hazard)] if found.hazard else []
        deadlines = [each for each in told if each]
        if deadlines:
            yield found, min(deadlines, key=start)


MEASURE = DutyRule(
    "2.1i",
    "measure",
    Line.ENTERPRISE,
    "对专家查出的问题逐一制订整改措施",
    "Set a measure for the finding",
    _all_findings,
    _measured,
    within="2.1i.measure",
)
AT_ONCE = DutyRule(
    "2.1i",
    "at-once",
    Line.ENTERPRISE,
    "能迅速整改的立即整改",
    "Rectify at once what can be",
    _at_once,
    _rectified,
    within="2.1i.measure",
)

SECTION = Section(
    duties=(
        DutyRule(
            "2.1h",
            "report",
            Line.EXPERT,
            "提交专家检查报告并提出整改意见",
            "Deliver the report with recommendations",
            _held,
            _delivered,
            within="2.1h.report",
        ),
        MEASURE,
        AT_ONCE,
        DutyRule(
            "2.1j",
            "safeguard",
            Line.ENTERPRISE,
            "一时难以整改的采取安全保障措施",
            "Take safeguards where rectifying takes time",
            _not_at_once,
            _safeguarded,
            within="2.1j.safeguard",
            until=_rectified,
        ),
        DutyRule(
            "2.1j",
            "plan",
            Line.ENTERPRISE,
            "一时难以整改的制定整改计划，做到“五落实”",
            "Plan with all five where rectifying takes time",
            _not_at_once,
            _whole_plan,
            within="2.1j.plan",
            until=_rectified,
        ),
    ),
    gates=(Gate("2.1j", ("expert_inspection.measure_set", "hazard.planned"), _five_gate),),
)

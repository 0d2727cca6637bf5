"""一（三） The enterprise's own line: assessments of installations (1.3d), 五落实 (1.3e)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.hazard import HazardAccepted, HazardPlanned
from domain.installation import InstallationRecord
from domain.policy.bearers import principal
from domain.policy.duty import Done, DutyRule, Opening, Section, first_about, found_with_it
from domain.policy.gate import Gate, Shut
from domain.record import by_moment, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket

_FIVE = {
    "responsible": ("责任", "who is responsible"),
    "funding": ("资金", "the funding"),
    "measures": ("措施", "the measures"),
    "deadline": ("时限", "the time limit"),
    "emergency_plan": ("应急预案", "the emergency plan"),
}


# 1.3d complex process equipment and safety installations are assessed each period


def installations(docket: Docket) -> list[InstallationRecord]:
    """Return everything that is, or was, on the enterprise's list."""
    tags = dict.fromkeys(
        f"installation:{entry.record}"
        for entry in docket.own
        if entry.fact.topic.noun == "installation"
    )
    found = (InstallationRecord(tag, docket.about(tag)) for tag in tags)
    return [each for each in found if each.listed]


def _rounds(docket: Docket) -> Iterator[Opening]:
    """One duty a period: from being listed, and then from each assessment by outsiders."""
    for each in installations(docket):
        assert each.listed is not None  # noqa: S101 - as the list says
        counted = [a.entry for a in each.assessments if a.fact.by_outsiders]
        begun = [each.listed[0], *counted]
        for number, entry in enumerate(begun, 1):
            at = docket.silent_since(moment_of(entry))
            done = counted[number - 1] if number <= len(counted) else None
            yield Opening(
                subject=each.subject,
                at=at,
                who=principal(docket),
                owed_to=docket.regulator(at),
                by=(entry,),
                detail=f"第{number}次评估",
                done=Done(done, moment_of(done)) if done else None,
                note=_without_outsiders(each),
            )


def _without_outsiders(each: InstallationRecord) -> tuple[str, str] | None:
    own = [a for a in each.assessments if not a.fact.by_outsiders]
    if not own:
        return None
    zh = "、".join(f"第{a.number}次" for a in own)
    en = ", ".join(str(a.number) for a in own)
    return (
        f"评估记录中{zh}未聘请技术服务机构或行业专家，不计",
        f"assessment {en} on record was made without an institution or experts: not counted",
    )


def _removed(docket: Docket, about: Opening) -> Entry | None:
    """It left the list, or the enterprise closed."""
    ends = [
        first_about(docket, about.subject, "installation.removed"),
        first_about(docket, f"org:{docket.enterprise}", "organisation.closed"),
    ]
    return next(iter(by_moment([each for each in ends if each])), None)


def _findings(docket: Docket) -> Iterator[Opening]:
    """What an assessment found becomes a hazard on record, from which its own steps are owed."""
    for each in installations(docket):
        for assessment in each.assessments:
            for finding in assessment.fact.findings:
                recorded = each.recorded(assessment, finding.item)
                hazard = recorded[1] if recorded else None
                at = moment_of(assessment.entry)
                yield Opening(
                    subject=each.subject,
                    at=at,
                    who=principal(docket),
                    owed_to=docket.enterprise,
                    by=(assessment.entry,),
                    hazards=(hazard,) if hazard is not None and hazard in docket.hazards else (),
                    detail=f"第{assessment.number}次评估第{finding.item}项",
                    done=Done(recorded[0], moment_of(recorded[0])) if recorded else None,
                )


# 1.3e 五落实: a plan takes effect only with all five, wherever a plan is needed


def missing_of_five(plan: HazardPlanned | None) -> list[str]:
    """Return which of 五落实 a plan lacks, by field name."""
    return [name for name in _FIVE if plan is None or getattr(plan, name) is None]


def needs_plan(docket: Docket, hazard: HazardRecord) -> bool:
    """Tell whether 四定 will not do for a hazard: it is major, or listed (3.1e, 3.3b)."""
    listed = any(
        each.made and each.terms and each.terms.hazard == hazard.id for each in docket.listings
    )
    return hazard.major or listed


def _five_gate(docket: Docket, draft: Draft) -> Shut | None:
    hazard, fact = docket.hazards.get(draft.record), draft.fact
    if hazard is None or not needs_plan(docket, hazard):
        return None
    if isinstance(fact, HazardPlanned):
        missing = missing_of_five(fact) if fact.effective else []
    elif isinstance(fact, HazardAccepted) and fact.passed and not hazard.row:
        missing = missing_of_five(hazard.plan)
    else:
        missing = []
    if not missing:
        return None
    zh = "、".join(_FIVE[name][0] for name in missing)
    en = ", ".join(_FIVE[name][1] for name in missing)
    return Shut(
        zh=f"隐患 {hazard.number} 须有整改方案，方案未做到“五落实”，缺{zh}",
        en=f"hazard {hazard.number} needs a plan, which does not settle {en}",
        todo_zh=f"补全{zh}；尚不齐全的方案可先作为草案录入，此时尚不生效",
        todo_en=f"settle {en}; what is not whole yet can be recorded as a draft, without effect",
    )


SECTION = Section(
    duties=(
        DutyRule(
            "1.3d",
            "assess",
            Line.ENTERPRISE,
            "聘请技术服务机构或行业专家诊断评估",
            "Have the installation assessed by outsiders",
            _rounds,
            found_with_it,
            within="1.3d.assess",
            until=_removed,
        ),
        DutyRule(
            "1.3d",
            "finding",
            Line.ENTERPRISE,
            "将评估发现的问题登记为隐患",
            "Record what the assessment found as a hazard",
            _findings,
            found_with_it,
            within="1.3d.finding",
        ),
    ),
    gates=(Gate("1.3e", ("hazard.planned", "hazard.accepted"), _five_gate),),
)

"""三（一） The enterprise's own workflow: 发现—评估—报告—公示—治理—验收—销号."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.hazard import (
    HazardAccepted,
    HazardClosed,
    HazardLevel,
    HazardPlanned,
    HazardReported,
    ReportKind,
)
from domain.moment import earlier, start
from domain.policy.bearers import deputy, known_to_enterprise, organiser, principal
from domain.policy.duty import Breach, BreachRule, DutyRule, Opening, Section, by_topics
from domain.policy.gate import Gate, Shut
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket

_STEP_WORDS = {
    "found": ("发现", "finding"),
    "assessed": ("评估", "assessment"),
    "reported": ("报告", "report"),
    "disclosed": ("公示", "disclosure"),
    "rectified": ("治理", "rectification"),
    "accepted": ("验收", "acceptance"),
    "closed": ("销号", "closing"),
}
_BEFORE_ACCEPTANCE = ("found", "assessed", "reported", "disclosed", "rectified")
_FOUR = {
    "measures": ("措施", "measures"),
    "responsible": ("人员", "the person"),
    "deadline": ("时间", "the time"),
    "funding": ("资金来源", "the funding"),
}


def own_hazards(docket: Docket) -> Iterator[HazardRecord]:
    """Yield the hazards whose steps the enterprise owes: recorded here, not put right on the spot.

    An imported row has no steps of its own, so none is missed from it.
    """
    for hazard in docket.hazards.values():
        if hazard.first("hazard.found") and not hazard.fixed_on_spot:
            yield hazard


def opening(hazard: HazardRecord, entry: Entry, **more: object) -> Opening:
    """Make an opening about a hazard by a fact."""
    return Opening(
        subject=hazard.subject,
        at=moment_of(entry),
        by=(entry,),
        hazards=(hazard.id,),
        **more,  # type: ignore[arg-type]
    )


# 3.1c 四定, organised at once


def _general_assessed(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        entry = hazard.first("hazard.assessed")
        if entry and hazard.level is HazardLevel.GENERAL:
            yield opening(hazard, entry, who=organiser(docket, hazard), owed_to=docket.enterprise)


def _reported(kind: ReportKind, hazard: HazardRecord) -> Entry | None:
    return next(
        (
            entry
            for entry in hazard.all("hazard.reported")
            if isinstance(entry.fact, HazardReported) and entry.fact.kind is kind
        ),
        None,
    )


def _company_reported(docket: Docket, about: Opening) -> Entry | None:
    return _reported(ReportKind.COMPANY, docket.hazards[about.hazards[0]])


def missing_of_four(plan: HazardPlanned | None) -> list[str]:
    """Return which of 四定 a plan lacks, by field name."""
    return [name for name in _FOUR if plan is None or getattr(plan, name) is None]


def _remedied_without_four(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for hazard in own_hazards(docket):
        begun = hazard.first("hazard.rectification_started", "hazard.rectified")
        if begun is None:
            continue
        plans = [
            entry.fact
            for entry in hazard.all("hazard.planned")
            if not earlier(moment_of(begun), moment_of(entry))
        ]
        plan = plans[-1] if plans else None
        missing = missing_of_four(plan if isinstance(plan, HazardPlanned) else None)
        if missing:
            zh = "、".join(_FOUR[name][0] for name in missing)
            en = ", ".join(_FOUR[name][1] for name in missing)
            yield Breach(
                rule=rule,
                subject=hazard.subject,
                at=moment_of(begun),
                who=organiser(docket, hazard),
                by=(begun,),
                zh=f"开始整改时“四定”缺{zh}",
                en=f"when rectification began, {en} had not been settled",
                hazards=(hazard.id,),
            )


# 3.1d determination convened by the principal


def _suspected(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        claim = hazard.claimed_major
        if claim is None or claim.topic == "hazard.determined":
            continue  # a department's or an expert's "major" needs no determination here
        known = known_to_enterprise(docket, hazard)
        if known:
            later = max(claim, known, key=lambda e: start(moment_of(e)))
            yield opening(hazard, later, who=principal(docket), owed_to=docket.enterprise)


# 3.1e plan and special report after the determination


def _determined(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        entry = hazard.first("hazard.determined")
        if entry and hazard.determined_major and hazard.determined_major.topic == entry.topic:
            entry = hazard.determined_major
            yield opening(
                hazard, entry, who=principal(docket), owed_to=docket.regulator(moment_of(entry))
            )


def _special_reported(docket: Docket, about: Opening) -> Entry | None:
    return _reported(ReportKind.SPECIAL, docket.hazards[about.hazards[0]])


def _no_longer_major(docket: Docket, about: Opening) -> Entry | None:
    return docket.hazards[about.hazards[0]].downgraded


def _closed(docket: Docket, about: Opening) -> Entry | None:
    return docket.hazards[about.hazards[0]].closing


# 3.1f safeguards


def _unsafe(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        known = known_to_enterprise(docket, hazard)
        if known is None:
            continue
        period = docket.settings.at("3.1f.safeguard", moment_of(known)).period
        begun = hazard.first("hazard.rectification_started")
        due = period.after(moment_of(known)) if period else None
        if due and begun and start(moment_of(begun)) < due:
            due = max(start(moment_of(begun)), start(moment_of(known)))
        yield opening(hazard, known, who=deputy(docket), owed_to=docket.enterprise, due=due)


def _safeguards_dropped(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for hazard in own_hazards(docket):
        for entry in hazard.all("hazard.safeguards_ended"):
            accepted = hazard.reached("accepted")
            if accepted is None or earlier(moment_of(entry), moment_of(accepted)):
                resumed = next(
                    (
                        moment_of(each)
                        for each in hazard.all("hazard.safeguarded")
                        if earlier(moment_of(entry), moment_of(each))
                    ),
                    None,
                )
                yield Breach(
                    rule=rule,
                    subject=hazard.subject,
                    at=moment_of(entry),
                    until=resumed,
                    who=deputy(docket),
                    by=(entry,),
                    zh="隐患尚未验收即停止安全措施",
                    en="safeguards ended before the hazard was accepted",
                    hazards=(hazard.id,),
                )


# 3.1b the closed loop


def _steps_skipped(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for hazard in own_hazards(docket):
        rectified = hazard.first("hazard.rectified")
        if rectified is None:
            continue
        for step in ("assessed", "reported", "disclosed"):
            done = hazard.reached(step)
            if done is None or earlier(moment_of(rectified), moment_of(done)):
                zh, en = _STEP_WORDS[step]
                yield Breach(
                    rule=rule,
                    subject=f"{hazard.subject}",
                    at=moment_of(rectified),
                    who=organiser(docket, hazard),
                    by=(rectified,),
                    zh=f"未经“{zh}”即完成治理",
                    en=f"rectified before the step “{en}”",
                    hazards=(hazard.id,),
                )


def _missing_steps(hazard: HazardRecord, steps: tuple[str, ...]) -> list[str]:
    """Return the steps not on record; a failed acceptance opens a new round from rectification."""
    missing = [step for step in steps if not hazard.reached(step)]
    rectified = hazard.last("hazard.rectified")
    if rectified and "rectified" in steps and hazard.failed_since(rectified):
        missing.append("rectified")
    return missing


def accepted_by_others(hazard: HazardRecord) -> Entry | None:
    """Return the passed acceptance by a body other than the enterprise (major hazards, 3.2d)."""
    return next(
        (
            entry
            for entry in hazard.all("hazard.accepted")
            if isinstance(entry.fact, HazardAccepted)
            and entry.fact.passed
            and entry.fact.by_org != hazard.enterprise
            and not hazard.failed_since(entry)
        ),
        None,
    )


def _loop_gate(docket: Docket, draft: Draft) -> Shut | None:
    hazard = docket.hazards.get(draft.record)
    if hazard is None or not hazard.first("hazard.found") or hazard.fixed_on_spot:
        return None
    fact = draft.fact
    if isinstance(fact, HazardAccepted) and not fact.passed:
        return None  # that it did not pass is a fact of the world
    steps: tuple[str, ...] = _BEFORE_ACCEPTANCE
    if isinstance(fact, HazardClosed):
        steps = (*_BEFORE_ACCEPTANCE, "accepted")
    missing = _missing_steps(hazard, steps)
    if isinstance(fact, HazardClosed) and hazard.major and not accepted_by_others(hazard):
        missing.append("accepted")
    missing = list(dict.fromkeys(missing))
    if not missing:
        return None
    zh = "、".join(_STEP_WORDS[step][0] for step in missing)
    en = ", ".join(_STEP_WORDS[step][1] for step in missing)
    return Shut(
        zh=f"隐患 {hazard.number} 尚无以下步骤的记录：{zh}",
        en=f"hazard {hazard.number} has no record of: {en}",
        todo_zh="先补全前面的步骤，再验收或销号",
        todo_en="record the earlier steps first",
    )


def _four_gate(docket: Docket, draft: Draft) -> Shut | None:
    hazard = docket.hazards.get(draft.record)
    if hazard is None or not hazard.first("hazard.found") or hazard.fixed_on_spot:
        return None
    if isinstance(draft.fact, HazardAccepted) and not draft.fact.passed:
        return None
    missing = missing_of_four(hazard.plan)
    if not missing:
        return None
    zh = "、".join(_FOUR[name][0] for name in missing)
    en = ", ".join(_FOUR[name][1] for name in missing)
    return Shut(
        zh=f"隐患 {hazard.number} 的整改未落实“四定”，缺{zh}",
        en=f"hazard {hazard.number} was rectified without settling {en}",
        todo_zh="先补充整改方案，定措施、定人员、定时间、定资金来源",
        todo_en="complete the plan: measures, person, time, funding",
    )


def _listed_gate(docket: Docket, draft: Draft) -> Shut | None:
    listed = any(
        listing.made and listing.terms and listing.terms.hazard == draft.record
        for listing in docket.listings
        if not listing.first("listing.delisted")
    )
    if not listed:
        return None
    return Shut(
        zh="挂牌督办的隐患须经责任单位和督办单位两次验收后由督办单位销号",
        en="a listed hazard is struck off only by the supervising unit after both acceptances",
        todo_zh="提出销号申请，由督办单位验收并销号",
        todo_en="apply for delisting and have the supervising unit accept it",
        clause="3.3f",
    )


SECTION = Section(
    duties=(
        DutyRule(
            "3.1c",
            "organise",
            Line.ENTERPRISE,
            "立即组织一般隐患整改",
            "Organise rectification at once",
            _general_assessed,
            by_topics("hazard.planned", "hazard.rectification_started", "hazard.rectified"),
            within="3.1c.organise",
        ),
        DutyRule(
            "3.1c",
            "report",
            Line.ENTERPRISE,
            "整理上报公司",
            "Report to the company",
            _general_assessed,
            _company_reported,
            within="3.1c.organise",
        ),
        DutyRule(
            "3.1d",
            "determine",
            Line.ENTERPRISE,
            "组织认定重大事故隐患",
            "Convene the determination",
            _suspected,
            by_topics("hazard.determined"),
            within="3.1d.determine",
        ),
        DutyRule(
            "3.1e",
            "plan",
            Line.ENTERPRISE,
            "制定重大隐患整改方案",
            "Plan the rectification of a major hazard",
            _determined,
            by_topics("hazard.planned"),
            within="3.1e.special_report",
            until=_no_longer_major,
        ),
        DutyRule(
            "3.1e",
            "special-report",
            Line.ENTERPRISE,
            "提交重大隐患专项报告",
            "Submit the special report",
            _determined,
            _special_reported,
            within="3.1e.special_report",
            until=_no_longer_major,
        ),
        DutyRule(
            "3.1f",
            "safeguard",
            Line.ENTERPRISE,
            "采取治理期间安全措施",
            "Take safeguards",
            _unsafe,
            by_topics("hazard.safeguarded"),
            within="3.1f.safeguard",
            until=_closed,
        ),
    ),
    breaches=(
        BreachRule(
            "3.1b",
            "skipped",
            Line.ENTERPRISE,
            "闭环管理缺少步骤",
            "A step of the closed loop was skipped",
            _steps_skipped,
        ),
        BreachRule(
            "3.1c",
            "without-four",
            Line.ENTERPRISE,
            "未落实“四定”即整改",
            "Rectified without 四定",
            _remedied_without_four,
        ),
        BreachRule(
            "3.1f",
            "dropped",
            Line.ENTERPRISE,
            "验收前停止安全措施",
            "Safeguards dropped",
            _safeguards_dropped,
        ),
    ),
)

GATES = (
    Gate("3.1b", ("hazard.accepted", "hazard.closed"), _loop_gate),
    Gate("3.1c", ("hazard.accepted",), _four_gate),
    Gate("3.3f", ("hazard.closed",), _listed_gate),
)

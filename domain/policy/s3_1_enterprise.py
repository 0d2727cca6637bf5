"""三（一） The enterprise's own workflow: 发现—评估—报告—公示—治理—验收—销号."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.hazard import (
    ACCEPTANCES,
    Determiner,
    HazardClosed,
    HazardDetermined,
    HazardDowngraded,
    HazardLevel,
    HazardPlanned,
    HazardReported,
    ReportKind,
)
from domain.listing import ListedFact
from domain.moment import earlier, end, start
from domain.order import OrderIssued
from domain.policy.bearers import known_to_enterprise, organiser, principal
from domain.policy.duty import Breach, BreachRule, DutyRule, Opening, Section, by_topics
from domain.policy.gate import Gate, Shut
from domain.policy.reports import to_regulator
from domain.policy.s1_3_enterprise import missing_of_five
from domain.record import earliest, facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

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
MAJOR = HazardLevel.MAJOR
_BEFORE_ACCEPTANCE = ("found", "assessed", "reported", "disclosed", "rectified")
_FOUR = {
    "measures": ("措施", "the measures"),
    "responsible": ("人员", "the person"),
    "deadline": ("时间", "the time"),
    "funding": ("资金来源", "the funding"),
}


def own_hazards(docket: Docket) -> Iterator[HazardRecord]:
    """Yield the hazards whose steps the enterprise owes: recorded here, not settled on the spot.

    An imported row has no steps of its own, so none is missed from it.
    """
    for hazard in docket.hazards.values():
        if hazard.first("hazard.found") and not hazard.settled_on_spot:
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


def _once_known(docket: Docket, hazard: HazardRecord, entry: Entry) -> Entry | None:
    """Return ``entry``, or what told the enterprise of the hazard where that came later."""
    known = known_to_enterprise(docket, hazard)
    return max(entry, known, key=lambda e: start(moment_of(e))) if known else None


def _general(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        entry = hazard.general and _once_known(docket, hazard, hazard.general)
        if entry and not hazard.fixed_on_spot:
            yield opening(hazard, entry, who=organiser(docket, hazard), owed_to=docket.enterprise)


def _became_major(docket: Docket, about: Opening) -> Entry | None:
    """From here on the rules for major hazards take the place of 四定."""
    levels = docket.hazards[about.hazards[0]].levels
    return next((e for e, level in levels if level is MAJOR and follows(e, about.by[0])), None)


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
        planned = hazard.planned(moment_of(begun))
        plan = planned.fact if planned else None
        missing = missing_of_four(plan if isinstance(plan, HazardPlanned) else None)
        if missing:
            zh = "、".join(_FOUR[name][0] for name in missing)
            en = ", ".join(_FOUR[name][1] for name in missing)
            yield Breach(
                rule=rule,
                subject=hazard.subject,
                at=moment_of(begun),
                who=organiser(docket, hazard),
                by=(begun, planned) if planned else (begun,),
                zh=f"开始整改时“四定”缺{zh}",
                en=f"when rectification began, {en} had not been settled",
                hazards=(hazard.id,),
            )


# 3.1d determination convened by the principal


def _determinations(hazard: HazardRecord, *, own: bool) -> list[tuple[Entry, HazardDetermined]]:
    """Return the determinations by the enterprise itself, or those by others."""
    return [
        (entry, fact)
        for entry, fact in facts_of(hazard.entries, HazardDetermined)
        if (fact.by is Determiner.ENTERPRISE) is own
    ]


def _claimed(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        claim = hazard.claimed_major
        own = _determinations(hazard, own=True)
        if claim is None or claim in _said_by_others(hazard):
            continue  # a department's or an expert's "major" needs no determination here
        entry = _once_known(docket, hazard, claim)
        if entry:
            note = _absence(own[0][1]) if own else None
            who = principal(docket)
            yield opening(hazard, entry, who=who, owed_to=docket.enterprise, note=note)


def _absence(fact: HazardDetermined) -> tuple[str, str] | None:
    """An absent function is told with its reason; the determination stands."""
    if not fact.absent:
        return None
    reason_zh = f"原因：{fact.absence_reason}" if fact.absence_reason else "未说明原因"
    reason_en = f"reason: {fact.absence_reason}" if fact.absence_reason else "no reason given"
    absent = "、".join(fact.absent)
    return f"{absent}未参加认定，{reason_zh}", f"{absent} did not take part; {reason_en}"


def _own_determination(docket: Docket, about: Opening) -> Entry | None:
    own = _determinations(docket.hazards[about.hazards[0]], own=True)
    return own[0][0] if own else None


def _determined_by_others_or_downgraded(docket: Docket, about: Opening) -> Entry | None:
    hazard = docket.hazards[about.hazards[0]]
    return earliest(*_said_by_others(hazard), hazard.downgraded)


def _said_by_others(hazard: HazardRecord) -> list[Entry]:
    """Return the determinations by others, and the orders that say that it is major."""
    ordered = [entry for entry, _ in hazard.levels if isinstance(entry.fact, OrderIssued)]
    return [*(entry for entry, _ in _determinations(hazard, own=False)), *ordered]


# 3.1e plan and special report after the determination


def _determined(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        determined = next(
            (e for e, fact in facts_of(hazard.entries, HazardDetermined) if fact.level is MAJOR),
            None,
        )
        entry = determined and _once_known(docket, hazard, determined)
        if entry:
            regulator = docket.regulator(moment_of(entry))
            yield opening(hazard, entry, who=principal(docket), owed_to=regulator)


def _planned(docket: Docket, about: Opening) -> Entry | None:
    """A plan counts from when it takes effect: with all five (1.3e), and no draft."""
    return next(
        (
            entry
            for entry, fact in facts_of(docket.hazards[about.hazards[0]].entries, HazardPlanned)
            if fact.effective and not missing_of_five(fact)
        ),
        None,
    )


def _special_reported(docket: Docket, about: Opening) -> Entry | None:
    """A special report counts if a regulator got it: that of the opening, or any of its day.

    Where nobody supervises, any body may have it, as of a report under 3.2b.
    """
    for entry, fact in facts_of(docket.hazards[about.hazards[0]].entries, HazardReported):
        if fact.kind is ReportKind.SPECIAL and (
            fact.to_org == about.owed_to or to_regulator(docket, fact.to_org, moment_of(entry))
        ):
            return entry
    return None


def _no_longer_major(docket: Docket, about: Opening) -> Entry | None:
    return docket.hazards[about.hazards[0]].downgraded


# 3.1f safeguards


def _unsafe(docket: Docket) -> Iterator[Opening]:
    """By the setting or the start of remedying, whichever is earlier.

    From when the enterprise knew, or from the first claim "major" where that came earlier; what
    was put right on the spot needs them only if and when it is claimed to be major.
    """
    for hazard in own_hazards(docket):
        known = None if hazard.fixed_on_spot else known_to_enterprise(docket, hazard)
        entry = earliest(known, hazard.claimed_major)
        if entry is None:
            continue
        opened = moment_of(entry)
        period = docket.settings.at("3.1f.safeguard", opened).period
        begun = hazard.first("hazard.rectification_started", "hazard.rectified")
        due = max(end(moment_of(begun)), end(opened)) if begun else None
        if due and period and due > docket.after(period, opened):
            due = None
        yield opening(hazard, entry, who=principal(docket), owed_to=docket.enterprise, due=due)


def _passed(hazard: HazardRecord) -> list[Entry]:
    """Return every acceptance that passed, by whomever: nothing needs safeguarding after it."""
    return [entry for entry in hazard.all(*ACCEPTANCES) if entry.fact.passed]  # type: ignore[attr-defined]


def _safe(docket: Docket, about: Opening) -> Entry | None:
    hazard = docket.hazards[about.hazards[0]]
    return earliest(hazard.closing, *_passed(hazard))


def _dropped(hazard: HazardRecord, ended: Entry) -> tuple[Entry, ...]:
    """Return by which facts safeguards that ended were wanting; none where they were not.

    Ended after an acceptance that passed, they are wanted again once that turns out to have failed.
    """
    if hazard.closing and follows(ended, hazard.closing):
        return ()
    passed = [each for each in _passed(hazard) if follows(ended, each)]
    failed = hazard.failed_since(passed[-1]) if passed else None
    if passed and failed is None:
        return ()
    return (ended, failed) if failed and follows(failed, ended) else (ended,)


def _safeguards_dropped(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for hazard in own_hazards(docket):
        accepted = [each for each in _passed(hazard) if not hazard.failed_since(each)]
        ends = [*accepted, *hazard.all("hazard.safeguarded"), hazard.closing]
        for entry in hazard.all("hazard.safeguards_ended"):
            by = _dropped(hazard, entry)
            resumed = earliest(*(each for each in ends if each and follows(each, entry)))
            if not by or (resumed and follows(by[-1], resumed)):
                continue
            yield Breach(
                rule=rule,
                subject=hazard.subject,
                at=moment_of(by[-1]),
                until=moment_of(resumed) if resumed else None,
                lasts=True,
                who=principal(docket),
                by=by,
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
                    subject=hazard.subject,
                    detail=step,
                    at=moment_of(rectified),
                    who=organiser(docket, hazard),
                    by=(rectified,),
                    zh=f"未经“{zh}”即完成治理",
                    en=f"rectified before the step “{en}”",
                    hazards=(hazard.id,),
                )


def _accepted_as_due(hazard: HazardRecord) -> bool:
    """A major hazard wants the acceptance of a body other than the enterprise (3.2d)."""
    by = {entry.fact.by_org for entry in hazard.acceptances}  # type: ignore[attr-defined]
    return bool(by - {hazard.enterprise} if hazard.major else by)


def loop_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Acceptance and closing wait until every earlier step is on record (3.1b)."""
    hazard = _bound_by_steps(docket, draft)
    if hazard is None:
        return None
    missing = [step for step in _BEFORE_ACCEPTANCE if not hazard.reached(step)]
    if isinstance(draft.fact, HazardClosed) and not _accepted_as_due(hazard):
        missing.append("accepted")
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


def _bound_by_steps(docket: Docket, draft: Draft) -> HazardRecord | None:
    """Return the hazard whose steps an act has to wait for.

    None for one that was put right on the spot, and for an imported row, whose steps were kept
    elsewhere; none for an acceptance that did not pass, which is a fact of the world.
    """
    if not getattr(draft.fact, "passed", True):
        return None
    about = draft.fact.hazard if isinstance(draft.fact, ListedFact) else draft.record
    return next((each for each in own_hazards(docket) if each.id == about), None)


def four_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Nothing is accepted that was rectified without 四定 (3.1c)."""
    hazard = _bound_by_steps(docket, draft)
    if hazard is None:
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


def _downgrade_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Only whoever determined it as major, or a superior, downgrades a hazard."""
    hazard, fact = docket.hazards.get(draft.record), draft.fact
    if hazard is None or not isinstance(fact, HazardDowngraded):
        return None
    if not hazard.major:
        return Shut(
            zh=f"隐患 {hazard.number} 现非重大隐患，无从降级",
            en=f"hazard {hazard.number} does not stand as major",
            todo_zh="核对隐患及其等级",
            todo_en="check the hazard and its level",
        )
    bodies = _determined_by(docket, hazard, draft.received)
    superiors = {above for body in bodies for above in docket.directory.above(body)}
    if not bodies or fact.by_org in superiors.union(bodies):
        return None
    names = "、".join(docket.directory.name(body) for body in bodies)
    return Shut(
        zh=f"隐患 {hazard.number} 由{names}认定为重大隐患，只有认定者或其上级可以降级",
        en=f"hazard {hazard.number} was determined as major by {names}: "
        "only they or a superior can downgrade it",
        todo_zh=f"请{names}或其上级作出",
        todo_en=f"ask {names} or a superior",
    )


def _determined_by(docket: Docket, hazard: HazardRecord, at: datetime) -> list[UUID]:
    """Return the bodies that determined it as major: others before the enterprise itself.

    Of a determination by others that does not name its body, those who supervise ``at`` then, or
    the government where nobody does; none is known of an imported row.
    """
    others = [f.determiner_org for _, f in _determinations(hazard, own=False) if f.level is MAJOR]
    others += [e.fact.by_org for e, _ in hazard.levels if isinstance(e.fact, OrderIssued)]
    if not others:
        return [docket.enterprise] if hazard.levels else []
    named = [each for each in others if each]
    regulators = docket.directory.regulators(docket.enterprise, at)
    return list(dict.fromkeys(named)) or regulators or docket.directory.above(docket.enterprise)


def _listed_gate(docket: Docket, draft: Draft) -> Shut | None:
    listed = any(
        listing.terms and listing.terms.hazard == draft.record
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
    )


SECTION = Section(
    duties=(
        DutyRule(
            "3.1c",
            "organise",
            Line.ENTERPRISE,
            "立即组织一般隐患整改",
            "Organise rectification at once",
            _general,
            by_topics("hazard.planned", "hazard.rectification_started", "hazard.rectified"),
            within="3.1c.organise",
            until=_became_major,
        ),
        DutyRule(
            "3.1c",
            "report",
            Line.ENTERPRISE,
            "整理上报公司",
            "Report to the company",
            _general,
            _company_reported,
            within="3.1c.organise",
            until=_became_major,
        ),
        DutyRule(
            "3.1d",
            "determine",
            Line.ENTERPRISE,
            "组织认定重大事故隐患",
            "Convene the determination",
            _claimed,
            _own_determination,
            within="3.1d.determine",
            until=_determined_by_others_or_downgraded,
        ),
        DutyRule(
            "3.1e",
            "plan",
            Line.ENTERPRISE,
            "制定重大隐患整改方案",
            "Plan the rectification of a major hazard",
            _determined,
            _planned,
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
            until=_safe,
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
    gates=(
        Gate("3.1b", ("hazard.accepted", "hazard.closed"), loop_gate),
        Gate("3.1c", ("hazard.accepted",), four_gate),
        Gate("3.1d", ("hazard.downgraded",), _downgrade_gate),
        Gate("3.3f", ("hazard.closed",), _listed_gate),
    ),
)

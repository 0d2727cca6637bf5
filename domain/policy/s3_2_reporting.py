"""三（二） Reporting and its supervision: monthly and zero reports, acceptance, halts."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.halt import HaltGround, HaltLifted, HaltOrdered
from domain.hazard import HazardAccepted, HazardReported, ReportKind
from domain.moment import (
    earlier,
    end,
    first_day,
    last_day,
    local_day,
    month_of,
    months_between,
    no_later,
    start,
)
from domain.monthly_report import ReportEndorsed, ReportFiled, Role, report_id
from domain.people import PostKind
from domain.policy.bearers import known_to_enterprise, principal
from domain.policy.duty import (
    Breach,
    BreachRule,
    DutyRule,
    Opening,
    Section,
    Who,
)
from domain.policy.gate import Gate, Shut
from domain.policy.s3_1_enterprise import opening, own_hazards
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.monthly_report import ReportRecord
    from domain.policy.duty import Docket
    from domain.record import Record

ISSUED = date(2014, 1, 1)
"""The year of 临政办发〔2014〕40号: no month before it is owed under it."""
_POSTS = {Role.DEPUTY: PostKind.DEPUTY, Role.PRINCIPAL: PostKind.PRINCIPAL}
_POST_WORDS = {Role.DEPUTY: ("分管负责人", "deputy"), Role.PRINCIPAL: ("主要负责人", "principal")}


# 3.2a the month's report


def months_owed(docket: Docket) -> list[str]:
    """Return the months for which a report is owed, up to the docket's moment.

    From the month in which operation began, or supervision was first assigned if that is later;
    to the month of closing, whose report is still owed.
    """
    since = docket.operating_since
    if since is None:
        return []
    assigned = [local_day(each.since) for each in docket.directory.supervisions(docket.enterprise)]
    first = max(local_day(since), ISSUED, min(assigned, default=ISSUED))
    closed = docket.directory.organisations[docket.enterprise].closed
    last = local_day(docket.at) if closed is None else min(local_day(closed), local_day(docket.at))
    return months_between(first, last) if first <= last else []


def _monthly(docket: Docket) -> Iterator[Opening]:
    operating = docket.operating_since
    for month in months_owed(docket):
        opened = first_day(month)
        if operating is not None and month_of(operating) == month:
            opened = local_day(operating)
        deadline = end(last_day(month))
        regulator = docket.regulator(last_day(month)) or docket.regulator(opened)
        hazards = found_in(docket, month)
        yield Opening(
            subject=f"report:{report_id(docket.enterprise, month)}",
            at=opened,
            who=principal(docket),
            owed_to=regulator,
            due=deadline,
            hazards=tuple(hazard.id for hazard in hazards),
            detail=month,
        )


def _reported_month(docket: Docket, about: Opening) -> Entry | None:
    report = docket.reports.get(about.detail)
    effects = report.effects if report else []
    return effects[0][1] if effects else None


def found_in(docket: Docket, month: str) -> list[HazardRecord]:
    """Return the hazards found in a month, by whomever, one put right on the spot included."""
    return [h for h in docket.hazards.values() if month_of(h.found) == month]


# 3.2b major hazards at once


def _claimed(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        claim = hazard.claimed_major
        if claim:
            regulator = docket.regulator(moment_of(claim))
            yield opening(hazard, claim, who=principal(docket), owed_to=regulator)


def _reported_major(docket: Docket, about: Opening) -> Entry | None:
    hazard = docket.hazards[about.hazards[0]]
    return next(
        (
            entry
            for entry in hazard.all("hazard.reported")
            if isinstance(entry.fact, HazardReported) and entry.fact.kind is not ReportKind.COMPANY
        ),
        None,
    )


# 3.2c the zero report


def _zero_reports(docket: Docket) -> Iterator[tuple[ReportRecord, Entry, Entry]]:
    """Yield every zero report that took effect: its record, its filing, what gave it effect."""
    for report in docket.reports.values():
        for filing, effect in report.effects:
            if isinstance(filing.fact, ReportFiled) and filing.fact.kind == "zero":
                yield report, filing, effect


def _contradicted(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """A hazard of the month was known to the enterprise before that signer signed."""
    for report, filing, _ in _zero_reports(docket):
        for role, signature in report.endorsements(filing).items():
            known = [
                (hazard, entry)
                for hazard in found_in(docket, report.month)
                if (entry := known_to_enterprise(docket, hazard))
                and earlier(moment_of(entry), moment_of(signature))
                and earlier(hazard.found, moment_of(signature))
            ]
            if not known or not isinstance(signature.fact, ReportEndorsed):
                continue
            numbers = "、".join(hazard.number for hazard, _ in known)
            yield Breach(
                rule=rule,
                subject=report.subject,
                at=moment_of(signature),
                who=Who(docket.enterprise, _POSTS[role]),
                by=(signature, filing, *(entry for _, entry in known)),
                zh=f"{_POST_WORDS[role][0]}签署{report.month}零报告之前，当月隐患{numbers}已经发现或告知",
                en=f"hazards {numbers} of {report.month} were known before the "
                f"{_POST_WORDS[role][1]} signed the zero report",
                hazards=tuple(hazard.id for hazard, _ in known),
                person=signature.fact.person,
            )


def _overtaken(docket: Docket) -> Iterator[Opening]:
    """A hazard of the month was found after the signatures: an ordinary report is owed."""
    for report, filing, effect in _zero_reports(docket):
        later = [
            hazard
            for hazard in found_in(docket, report.month)
            if not earlier(hazard.found, moment_of(effect)) and hazard.origin
        ]
        if not later:
            continue
        first = min(later, key=lambda hazard: start(hazard.found))
        period = docket.settings.at("3.2c.overtaken", first.found).period
        month_end = end(last_day(report.month))
        due = max(month_end, period.after(first.found)) if period else month_end
        origin = first.origin
        yield Opening(
            subject=report.subject,
            at=first.found,
            who=principal(docket),
            owed_to=docket.regulator(first.found),
            by=(filing, effect, origin) if origin else (filing, effect),
            due=due,
            hazards=tuple(hazard.id for hazard in later),
            detail=report.month,
        )


def _ordinary_after(docket: Docket, about: Opening) -> Entry | None:
    report = docket.reports[about.detail]
    return next(
        (
            filing
            for filing, _ in report.effects
            if isinstance(filing.fact, ReportFiled)
            and filing.fact.kind == "ordinary"
            and no_later(about.at, moment_of(filing))
        ),
        None,
    )


def _zero_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    if isinstance(fact, ReportFiled):
        return _bars_zero(docket, fact.month) if fact.kind == "zero" else None
    if not isinstance(fact, ReportEndorsed):
        return None
    report = docket.reports.get(fact.month)
    filing = report.filing if report else None
    if filing is None or filing.version != fact.filing:
        return Shut(
            zh=f"所签文本不是{fact.month}月报现行文本",
            en=f"the text signed is not the standing text of {fact.month}",
            todo_zh="重新读取月报，核对文本后再签字",
            todo_en="read the report again, check the text and sign that",
        )
    holds = any(
        holding.person == fact.person
        for holding in docket.directory.holders(
            docket.enterprise, _POSTS[fact.role], draft.received
        )
    )
    if not holds:
        zh, en = _POST_WORDS[fact.role]
        return Shut(
            zh=f"签字人此刻未担任本单位{zh}",
            en=f"the signer does not hold the post of {en} at this moment",
            todo_zh="由现任（含代理）人员签字；岗位空缺的先任命",
            todo_en="let the present (or acting) holder sign; fill the post if it is vacant",
        )
    if isinstance(filing.fact, ReportFiled) and filing.fact.kind == "zero":
        return _bars_zero(docket, fact.month) or _older_unnamed(docket, filing.fact)
    return None


def _bars_zero(docket: Docket, month: str) -> Shut | None:
    hazards = found_in(docket, month)
    if not hazards:
        return None
    numbers = "、".join(hazard.number for hazard in hazards[:5])
    more = f"等{len(hazards)}项" if len(hazards) > 5 else ""  # noqa: PLR2004 - five are named
    return Shut(
        zh=f"{month}已有隐患记录：{numbers}{more}，不得零报告",
        en=f"hazards of {month} are on record ({numbers}); a zero report cannot take effect",
        todo_zh="改报普通月报，列明隐患及整改情况",
        todo_en="file an ordinary report that lists them and their state",
    )


def _older_unnamed(docket: Docket, filed: ReportFiled) -> Shut | None:
    """The text must list older hazards still open and their state."""
    named = {each.hazard for each in filed.older}
    unnamed = [
        hazard.number
        for hazard in docket.hazards.values()
        if month_of(hazard.found) < filed.month
        and hazard.closed(docket.at) is None
        and hazard.id not in named
    ]
    if not unnamed:
        return None
    numbers = "、".join(unnamed)
    return Shut(
        zh=f"零报告未列明以前月份尚未销号的隐患：{numbers}",
        en=f"the zero report does not list older hazards still open: {numbers}",
        todo_zh="重新填报，列明这些隐患及其整改情况，再签字",
        todo_en="file again with these hazards and their state, then sign",
    )


# 3.2d application for acceptance, 3.2e production only after it


def _major_rectified(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        entry = hazard.last("hazard.rectified")
        if entry and hazard.major:
            regulator = docket.regulator(moment_of(entry))
            yield opening(hazard, entry, who=principal(docket), owed_to=regulator)


def _applied(docket: Docket, about: Opening) -> Entry | None:
    """An application counts for the round whose rectification it follows."""
    rectified = about.by[0]
    return next(
        (
            entry
            for entry in docket.hazards[about.hazards[0]].all("hazard.acceptance_applied")
            if entry.position > rectified.position
        ),
        None,
    )


def _lift_gate(docket: Docket, draft: Draft) -> Shut | None:
    halt = next((each for each in docket.halts if each.key == str(draft.record)), None)
    ordered = halt.fact("halt.ordered") if halt else None
    lifting = draft.fact
    if not isinstance(ordered, HaltOrdered) or not isinstance(lifting, HaltLifted):
        return None
    if ordered.ground is not HaltGround.MAJOR_HAZARD:
        return _only_issuer(docket, ordered, lifting)
    unaccepted = [
        docket.hazards[hazard].number
        for hazard in ordered.hazards
        if hazard in docket.hazards and not _accepted_by_regulator(docket, docket.hazards[hazard])
    ]
    if not unaccepted:
        return None
    numbers = "、".join(unaccepted)
    return Shut(
        zh=f"停产所涉重大隐患{numbers}尚未经行业监管部门验收合格",
        en=f"major hazards {numbers} have not been accepted by the regulator",
        todo_zh="向行业监管部门申请验收，验收合格后再恢复生产经营",
        todo_en="apply to the regulator for acceptance; production resumes after it passed",
    )


def _only_issuer(docket: Docket, ordered: HaltOrdered, lifting: HaltLifted) -> Shut | None:
    if lifting.by_org == ordered.by_org:
        return None
    issuer = docket.directory.name(ordered.by_org)
    return Shut(
        zh=f"此停产由{issuer}作出，只能由其解除",
        en=f"this halt was ordered by {issuer}, which alone can lift it",
        todo_zh=f"请{issuer}解除",
        todo_en=f"ask {issuer} to lift it",
    )


def _accepted_by_regulator(docket: Docket, hazard: HazardRecord) -> bool:
    return any(
        isinstance(entry.fact, HazardAccepted)
        and entry.fact.passed
        and entry.fact.by_org == docket.regulator(moment_of(entry))
        and not hazard.failed_since(entry)
        for entry in hazard.all("hazard.accepted")
    )


def in_force(halt: Record, moment: date | datetime) -> bool:
    """Tell whether a halt stood at ``moment``; on the day of its lifting it no longer does."""
    ordered, lifted = halt.first("halt.ordered"), halt.first("halt.lifted")
    if ordered is None or earlier(moment, moment_of(ordered)):
        return False
    return lifted is None or earlier(moment, moment_of(lifted))


def _produced_under_halt(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    seen = [e for e in docket.entries if e.topic in ("production.observed", "production.resumed")]
    for entry in seen:
        for halt in docket.halts:
            ordered = halt.first("halt.ordered")
            if not ordered or not isinstance(ordered.fact, HaltOrdered):
                continue
            if ordered.fact.ground is HaltGround.MAJOR_HAZARD and in_force(halt, entry.happened):
                yield Breach(
                    rule=rule,
                    subject=halt.subject,
                    at=entry.happened,
                    who=principal(docket),
                    by=(entry, ordered),
                    zh="重大隐患停产期间、验收合格之前生产经营",
                    en="production during a halt for major hazards, before acceptance",
                    hazards=ordered.fact.hazards,
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
        ),
        DutyRule(
            "3.2c",
            "overtaken",
            Line.ENTERPRISE,
            "零报告后发现隐患，补报月报",
            "Report after a zero report was overtaken",
            _overtaken,
            _ordinary_after,
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
        ),
    ),
    breaches=(
        BreachRule(
            "3.2c",
            "contradicted",
            Line.ENTERPRISE,
            "零报告与记录矛盾",
            "Zero report contradicted",
            _contradicted,
        ),
        BreachRule(
            "3.2e",
            "produced",
            Line.ENTERPRISE,
            "未经验收合格生产经营",
            "Production before acceptance",
            _produced_under_halt,
        ),
    ),
)

GATES = (
    Gate("3.2c", ("report.filed", "report.endorsed"), _zero_gate),
    Gate("3.2e", ("halt.lifted",), _lift_gate),
)

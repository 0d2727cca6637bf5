"""三（二） Reporting and its supervision: monthly and zero reports, acceptance, halts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.halt import HaltGround, HaltLifted, HaltOrdered
from domain.hazard import AcceptanceApplied, HazardAccepted, HazardReported, ReportKind
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
from domain.monthly_report import ReportEndorsed, ReportFiled, Role, kind_of, report_id
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
from domain.record import facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.monthly_report import ReportRecord
    from domain.policy.duty import Docket
    from domain.record import Record

ISSUED = date(2014, 1, 1)
"""The year of 临政办发〔2014〕40号: no month before it is owed under it."""
_POSTS = {Role.DEPUTY: PostKind.DEPUTY, Role.PRINCIPAL: PostKind.PRINCIPAL}
_POST_WORDS = {Role.DEPUTY: ("分管负责人", "deputy"), Role.PRINCIPAL: ("主要负责人", "principal")}


def to_regulator(docket: Docket, body: UUID, when: date | datetime) -> bool:
    """Tell whether ``body`` was a regulator to report to; where there was none, any body is."""
    regulators = docket.directory.regulators(docket.enterprise, when)
    return body in regulators or not regulators


# 3.2a the month's report


def months_owed(docket: Docket) -> list[str]:
    """Return the months that operation touches, up to the docket's moment and that of closing.

    Closing does not cancel its month's report; months before the policy, or before the ledger was
    opened, are not asked about.
    """
    since = docket.operating_since
    if since is None:
        return []
    first = max(local_day(docket.silent_since(since)), ISSUED)
    closed = docket.directory.organisations[docket.enterprise].closed
    last = local_day(docket.at) if closed is None else min(local_day(closed), local_day(docket.at))
    return months_between(first, last) if first <= last else []


def _monthly(docket: Docket) -> Iterator[Opening]:
    """One duty a month; a month in which nobody supervised is a gap of government (1.2a)."""
    operating = local_day(docket.operating_since or docket.at)
    for month in months_owed(docket):
        opened = max(operating, first_day(month))
        regulator = docket.regulator(last_day(month)) or docket.regulator(opened)
        if regulator:
            yield Opening(
                subject=f"report:{report_id(docket.enterprise, month)}",
                at=opened,
                who=principal(docket),
                owed_to=regulator,
                due=end(last_day(month)),
                hazards=tuple(hazard.id for hazard in found_in(docket, month)),
                detail=month,
            )


def _reported_month(docket: Docket, about: Opening) -> Entry | None:
    """The first filing with effect that reached a regulator, unless the report was withdrawn."""
    report = docket.reports.get(about.detail)
    if report is None or report.filing is None:
        return None
    return next((effect for filing, effect in report.effects if _reached(docket, filing)), None)


def _reached(docket: Docket, filing: Entry) -> bool:
    fact = filing.fact
    return isinstance(fact, ReportFiled) and to_regulator(docket, fact.to_org, moment_of(filing))


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
    for entry, fact in facts_of(docket.hazards[about.hazards[0]].entries, HazardReported):
        if fact.kind is not ReportKind.COMPANY and to_regulator(
            docket, fact.to_org, moment_of(entry)
        ):
            return entry
    return None


def no_longer_major(docket: Docket, about: Opening) -> Entry | None:
    """Return the downgrade that ends what is owed for a major hazard."""
    return docket.hazards[about.hazards[0]].downgraded


# 3.2c the zero report


def _zero_reports(docket: Docket) -> Iterator[tuple[ReportRecord, Entry, Entry]]:
    """Yield every zero report that took effect: its record, its filing, what gave it effect."""
    for report in docket.reports.values():
        for filing, effect in report.effects:
            if kind_of(filing) == "zero":
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
            (hazard, hazard.origin)
            for hazard in found_in(docket, report.month)
            if hazard.origin and not earlier(hazard.found, moment_of(effect))
        ]
        if not later or report.filing is None:
            continue
        first, origin = min(later, key=lambda pair: start(pair[0].found))
        period = docket.settings.at("3.2c.overtaken", first.found).period
        month_end = end(last_day(report.month))
        yield Opening(
            subject=report.subject,
            at=first.found,
            who=principal(docket),
            owed_to=docket.regulator(first.found),
            by=(filing, effect, origin),
            due=max(month_end, docket.after(period, first.found)) if period else month_end,
            hazards=tuple(hazard.id for hazard, _ in later),
            detail=report.month,
        )


def _ordinary_after(docket: Docket, about: Opening) -> Entry | None:
    return next(
        (
            filing
            for filing, _ in docket.reports[about.detail].effects
            if kind_of(filing) == "ordinary"
            and _reached(docket, filing)
            and no_later(about.at, moment_of(filing))
        ),
        None,
    )


def _filing_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, ReportFiled)  # noqa: S101 - the topic that it guards
    return _bars_zero(docket, fact.month) if fact.kind == "zero" else None


def _signing_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, ReportEndorsed)  # noqa: S101 - the topic that it guards
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
    """One duty a round: a failed acceptance opens the next."""
    for hazard in own_hazards(docket):
        for number, entry in enumerate(hazard.rounds, 1):
            if hazard.major_when(moment_of(entry)):
                regulator = docket.regulator(moment_of(entry))
                yield opening(
                    hazard, entry, who=principal(docket), owed_to=regulator, detail=f"第{number}轮"
                )


def _applied(docket: Docket, about: Opening) -> Entry | None:
    """An application counts for the round whose rectification it follows."""
    for entry, fact in facts_of(docket.hazards[about.hazards[0]].entries, AcceptanceApplied):
        if follows(entry, about.by[0]) and to_regulator(docket, fact.to_org, moment_of(entry)):
            return entry
    return None


def _accepted_or_downgraded(docket: Docket, about: Opening) -> Entry | None:
    """Nothing is left to apply for once the regulator accepted it, or it is no longer major."""
    hazard = docket.hazards[about.hazards[0]]
    return _accepted(docket, hazard, about.by[0]) or hazard.downgraded


def _lift_gate(docket: Docket, draft: Draft) -> Shut | None:
    halt = next((each for each in docket.halts if each.key == str(draft.record)), None)
    ordered = halt.first("halt.ordered") if halt else None
    if ordered is None or not isinstance(ordered.fact, HaltOrdered):
        return None
    if ordered.fact.ground is not HaltGround.MAJOR_HAZARD:
        return _only_issuer(docket, ordered.fact, draft)
    unaccepted = [each for each in _scope(docket, ordered) if not _accepted(docket, each, ordered)]
    if not unaccepted:
        return None
    numbers = "、".join(hazard.number for hazard in unaccepted)
    return Shut(
        zh=f"停产所涉重大隐患{numbers}尚未经行业监管部门验收合格",
        en=f"major hazards {numbers} have not been accepted by the regulator",
        todo_zh="向行业监管部门申请验收，验收合格后再恢复生产经营",
        todo_en="apply to the regulator for acceptance; production resumes after it passed",
    )


def _scope(docket: Docket, ordered: Entry) -> list[HazardRecord]:
    """Return the hazards a halt is for; where it names none, every major one of the enterprise."""
    named = ordered.fact.hazards if isinstance(ordered.fact, HaltOrdered) else ()
    hazards = docket.hazards.values()
    return [each for each in hazards if each.id in named or (not named and each.determined_major)]


def _only_issuer(docket: Docket, ordered: HaltOrdered, draft: Draft) -> Shut | None:
    if isinstance(draft.fact, HaltLifted) and draft.fact.by_org == ordered.by_org:
        return None
    issuer = docket.directory.name(ordered.by_org)
    return Shut(
        zh=f"此停产由{issuer}作出，只能由其解除",
        en=f"this halt was ordered by {issuer}, which alone can lift it",
        todo_zh=f"请{issuer}解除",
        todo_en=f"ask {issuer} to lift it",
    )


def _accepted(docket: Docket, hazard: HazardRecord, since: Entry) -> Entry | None:
    """Return the regulator's acceptance that passed after ``since``, unless one failed after it."""
    for entry, fact in facts_of(hazard.entries, HazardAccepted):
        regulators = docket.directory.regulators(docket.enterprise, moment_of(entry))
        by_regulator = fact.passed and fact.by_org in regulators
        if by_regulator and follows(entry, since) and not hazard.failed_since(entry):
            return entry
    return None


def _over(docket: Docket, halt: Record, ordered: Entry) -> date | datetime | None:
    """Return when production might lawfully go on: the halt lifted, or all its hazards accepted."""
    lifted = halt.first("halt.lifted")
    ends = [moment_of(lifted)] if lifted else []
    accepted = [_accepted(docket, hazard, ordered) for hazard in _scope(docket, ordered)]
    moments = [moment_of(entry) for entry in accepted if entry]
    if moments and len(moments) == len(accepted):
        ends.append(max(moments, key=start))
    return min(ends, key=start, default=None)


def _produced_under_halt(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """Production seen after a halt for major hazards was ordered and before it was over."""
    seen = [e for e in docket.entries if e.topic in ("production.observed", "production.resumed")]
    for halt in docket.halts:
        ordered = halt.first("halt.ordered")
        if ordered is None or not isinstance(ordered.fact, HaltOrdered):
            continue
        if ordered.fact.ground is not HaltGround.MAJOR_HAZARD:
            continue
        over = _over(docket, halt, ordered)
        for entry in seen:
            begun = earlier(ordered.happened, entry.happened)
            if begun and (over is None or earlier(entry.happened, over)):
                yield Breach(
                    rule=rule,
                    subject=halt.subject,
                    at=entry.happened,
                    who=principal(docket),
                    by=(entry, ordered),
                    zh="重大隐患停产期间、验收合格之前生产经营",
                    en="production during a halt for major hazards, before acceptance",
                    hazards=ordered.fact.hazards,
                    detail=str(entry.position),
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
            until=no_longer_major,
        ),
        DutyRule(
            "3.2c",
            "overtaken",
            Line.ENTERPRISE,
            "零报告后发现隐患，补报月报",
            "Report after a zero report was overtaken",
            _overtaken,
            _ordinary_after,
            within="3.2c.overtaken",
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
            until=_accepted_or_downgraded,
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
    gates=(
        Gate("3.2c", ("report.filed",), _filing_gate),
        Gate("3.2c", ("report.endorsed",), _signing_gate),
        Gate("3.2e", ("halt.lifted",), _lift_gate),
    ),
)

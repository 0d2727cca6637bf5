"""三（二） The zero report 零报告: who signs it, what bars it, contradicts it or overtakes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.moment import end, last_day, month_of, no_later, start
from domain.monthly_report import ReportEndorsed, ReportFiled, kind_of
from domain.policy.bearers import known_to_enterprise, principal
from domain.policy.duty import Breach, BreachRule, DutyRule, Opening, Section, Who
from domain.policy.gate import Gate, Shut
from domain.policy.reports import (
    POST_WORDS,
    POSTS,
    Contradiction,
    contradicted,
    effects,
    found_after,
    found_in,
    passed_over,
    reached,
)
from domain.record import moment_of
from domain.signed import fault_of
from domain.signing import SignatureMade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.monthly_report import ReportRecord
    from domain.policy.duty import Docket


def _contradicted(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """A hazard of the month was known to the enterprise before that signer signed."""
    for report, filing in _zero_texts(docket):
        for found in contradicted(docket, report, filing):
            zh, en = POST_WORDS[found.signing.role]
            numbers = _numbers(found)
            yield _breach(
                docket,
                rule,
                report,
                filing,
                found,
                f"{zh}签署{report.month}零报告之前，当月隐患{numbers}已经发现或告知",
                f"hazards {numbers} of {report.month} were known before the {en} signed the "
                "zero report",
            )


def _passed_over(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """An older hazard still open, known before that signer signed, is not listed in the text."""
    for report, filing in _zero_texts(docket):
        for found in passed_over(docket, report, filing):
            zh, en = POST_WORDS[found.signing.role]
            numbers = _numbers(found)
            yield _breach(
                docket,
                rule,
                report,
                filing,
                found,
                f"{zh}签署的{report.month}零报告未列明此前已知、尚未销号的隐患{numbers}",
                f"the zero report of {report.month} that the {en} signed does not list hazards "
                f"{numbers}, known before and still open",
            )


def _zero_texts(docket: Docket) -> Iterator[tuple[ReportRecord, Entry]]:
    """Yield every text of a zero report that was ever filed."""
    for report in docket.reports.values():
        for filing in report.all("report.filed"):
            if kind_of(filing) == "zero":
                yield report, filing


def _numbers(found: Contradiction) -> str:
    return "、".join(hazard.number for hazard, _ in found.known)


def _breach(
    docket: Docket,
    rule: BreachRule,
    report: ReportRecord,
    filing: Entry,
    found: Contradiction,
    zh: str,
    en: str,
) -> Breach:
    signing = found.signing
    return Breach(
        rule=rule,
        subject=report.subject,
        at=moment_of(signing.entry),
        who=Who(docket.enterprise, POSTS[signing.role], signing.post),
        by=(signing.entry, filing, *(entry for _, entry in found.known)),
        zh=zh,
        en=en,
        hazards=tuple(hazard.id for hazard, _ in found.known),
        person=signing.person,
        detail=signing.role.value,
    )


def _overtaken(docket: Docket) -> Iterator[Opening]:
    for month in docket.reports:
        yield from overtaken(docket, month)


def overtaken(docket: Docket, month: str) -> Iterator[Opening]:
    """Yield what is owed for hazards of a month known after the signatures: an ordinary report.

    It is owed within the period from when the enterprise knew of the first, or by the month's end;
    for those that it came to know of only after that report, again.
    """
    report = docket.reports.get(month)
    if report is None or report.filing is None:
        return
    for filing, effect in effects(docket, report):
        if kind_of(filing) == "zero":
            later = [
                (h, known_to_enterprise(docket, h)) for h in found_after(docket, report, effect)
            ]
            known = [(hazard, entry) for hazard, entry in later if entry]
            yield from _owed_after(docket, report, (filing, effect), known)


def _owed_after(
    docket: Docket,
    report: ReportRecord,
    zero: tuple[Entry, Entry],
    known: list[tuple[HazardRecord, Entry]],
) -> Iterator[Opening]:
    waiting = sorted(known, key=lambda each: start(moment_of(each[1])))
    number = 0
    while waiting:
        number += 1
        at = moment_of(waiting[0][1])
        period = docket.settings.at("3.2c.overtaken", at).period
        month_end = end(last_day(report.month))
        told = _ordinary(docket, report, at)
        told_at = moment_of(told) if told else docket.at
        covered = [
            each for each in waiting if told is None or no_later(moment_of(each[1]), told_at)
        ]
        yield Opening(
            subject=report.subject,
            at=at,
            who=principal(docket),
            owed_to=docket.regulator(at),
            by=(*zero, waiting[0][1]),
            due=max(month_end, docket.after(period, at)) if period else month_end,
            hazards=tuple(each[0].id for each in known if each in covered),
            detail=report.month if number == 1 else f"{report.month} {number}",
        )
        waiting = [each for each in waiting if each not in covered]


def _ordinary_after(docket: Docket, about: Opening) -> Entry | None:
    month = about.detail.split()[0]
    return _ordinary(docket, docket.reports[month], about.at)


def _ordinary(docket: Docket, report: ReportRecord, since: date | datetime) -> Entry | None:
    """Return the first ordinary report that reached a regulator at or after a moment."""
    return next(
        (
            filing
            for filing, _ in effects(docket, report)
            if kind_of(filing) == "ordinary"
            and reached(docket, filing)
            and no_later(since, moment_of(filing))
        ),
        None,
    )


# what is asked before filing and signing


def _filing_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, ReportFiled)  # noqa: S101 - the topic that it guards
    return _bars_zero(docket, fact.month) if fact.kind == "zero" else None


def _signature_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Every personal signature must hold, under whatever document."""
    made = draft.fact
    assert isinstance(made, SignatureMade)  # noqa: S101 - the topic that it guards
    fault = fault_of(made, docket)
    if fault is None:
        return None
    return Shut(fault.zh, fault.en, fault.todo_zh, fault.todo_en, fault.clause)


def signing_gate(docket: Docket, draft: Draft) -> Shut | None:
    """A report is signed as it stands, and a zero report only while nothing bars it."""
    fact = draft.fact
    if isinstance(fact, SignatureMade):
        document = docket.at_position(fact.document)
        if document is None or not isinstance(document.fact, ReportFiled):
            return None
        month = document.fact.month
        return _superseded(docket, month, document.version) or _zero_gate(docket, month)
    assert isinstance(fact, ReportEndorsed)  # noqa: S101 - the other topic that it guards
    superseded = _superseded(docket, fact.month, fact.filing)
    return superseded or _holder_gate(docket, draft, fact) or _zero_gate(docket, fact.month)


def _zero_gate(docket: Docket, month: str) -> Shut | None:
    """Return what bars a signature under the month's standing text, if that is a zero report."""
    filing = docket.reports[month].filing
    if filing and isinstance(filing.fact, ReportFiled) and filing.fact.kind == "zero":
        return _bars_zero(docket, month) or _older_unnamed(docket, filing.fact)
    return None


def _superseded(docket: Docket, month: str, version: int) -> Shut | None:
    report = docket.reports.get(month)
    filing = report.filing if report else None
    if filing and filing.version == version:
        return None
    return Shut(
        zh=f"所签文本不是{month}月报现行文本",
        en=f"the text signed is not the standing text of {month}",
        todo_zh="重新读取月报，核对文本后再签字",
        todo_en="read the report again, check the text and sign that",
    )


def _holder_gate(docket: Docket, draft: Draft, fact: ReportEndorsed) -> Shut | None:
    holds = any(
        holding.person == fact.person
        for holding in docket.directory.holders(docket.enterprise, POSTS[fact.role], draft.received)
    )
    if holds:
        return None
    zh, en = POST_WORDS[fact.role]
    return Shut(
        zh=f"签字人此刻未担任本单位{zh}",
        en=f"the signer does not hold the post of {en} at this moment",
        todo_zh="由现任（含代理）人员签字；岗位空缺的先任命",
        todo_en="let the present (or acting) holder sign; fill the post if it is vacant",
    )


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


SECTION = Section(
    duties=(
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
            "3.2c",
            "passed-over",
            Line.ENTERPRISE,
            "零报告未列明尚未销号的隐患",
            "Zero report without older hazards still open",
            _passed_over,
        ),
    ),
    gates=(
        Gate("3.2c", ("report.filed",), _filing_gate),
        Gate("3.2c", ("report.endorsed", "signature.made"), signing_gate),
        Gate("3.2c", ("signature.made",), _signature_gate),
    ),
)

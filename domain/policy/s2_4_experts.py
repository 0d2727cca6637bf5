"""二（四） The conduct of experts: ties, secrets, yearly appraisal, false reports (2.4a–2.4d)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.expert import ExpertAppraised, FalseReportFound, SecretDisclosed
from domain.moment import earlier, end, local_day, no_later
from domain.people import PostKind
from domain.policy.bearers import in_charge, in_person
from domain.policy.duty import Breach, BreachRule, DutyRule, Opening, Section
from domain.policy.gate import Gate, Shut
from domain.policy.s2_1_panel import APPOINTING, members, named
from domain.policy.s2_3_pool import concerned, left, place_in
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.fact import Draft, Entry
    from domain.policy.duty import Docket


# 2.4a nobody who is tied to the enterprise


def _tie_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Whoever works for the enterprise, or holds a post in it, is tied to it.

    The post of its outside expert, who signs in it, is no tie.
    """
    employed = _employed(docket, draft.happened)
    tied = [
        each.person
        for each in members(draft)
        if each.person in employed
        or docket.expert(each.person).tie(docket.enterprise, draft.happened)
        or any(
            post.organisation == docket.enterprise and post.kind is not PostKind.EXPERT
            for post in docket.directory.held_by(each.person, draft.happened)
        )
    ]
    if not tied:
        return None
    names = named(docket, tied)
    return Shut(
        zh=f"{names}与本单位有利害关系，不宜受聘",
        en=f"{names} is tied to the enterprise and cannot be appointed",
        todo_zh="改聘与本单位没有利害关系的专家",
        todo_en="appoint one who is not tied to it",
    )


def _employed(docket: Docket, at: date | datetime) -> set[UUID]:
    """Return who worked for the enterprise at a moment; whoever left that day still did."""
    return {
        each.began[1].person
        for each in docket.employments
        if each.began
        and no_later(moment_of(each.began[0]), at)
        and (each.ended is None or no_later(at, each.ended))
    }


# 2.4b secrets


def _disclosed(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for entry, fact in facts_of(docket.entries, SecretDisclosed):
        if fact.organisation == docket.enterprise:
            yield Breach(
                rule=rule,
                subject=f"person:{entry.record}",
                at=moment_of(entry),
                who=in_person(entry.record),
                by=(entry,),
                zh="受聘专家泄露生产经营单位的秘密",
                en="an expert disclosed a secret of the enterprise",
                detail=str(entry.position),
            )


# 2.4c the yearly appraisal


def _to_appraise(docket: Docket) -> Iterator[Opening]:
    """Each expert who is in a pool at the deadline is appraised by it, every year."""
    for expert, place in concerned(docket):
        admitted_on = local_day(moment_of(place.admitted))
        admitted = local_day(docket.silent_since(admitted_on))
        for year in range(admitted.year, local_day(docket.at).year + 1):
            opened = max(admitted, date(year, 1, 1))
            day = docket.settings.at("2.4c.appraise_by", opened).day_in(year)
            ended = place.ended(date(year - 1, 12, 31))
            if day is None or ended or day < opened:
                continue
            yield Opening(
                subject=expert.subject,
                at=opened,
                who=in_charge(place.authority),
                owed_to=docket.government(place.authority),
                by=(place.admitted,),
                due=end(day),
                detail=f"{year}@{place.authority} {admitted_on}",
            )


def _appraised(docket: Docket, about: Opening) -> Entry | None:
    year = int(about.detail.partition("@")[0])
    for entry in place_in(docket, about).changes:
        if isinstance(entry.fact, ExpertAppraised) and entry.fact.year == year:
            return entry
    return None


# 2.4d false reports


def _passed_over(docket: Docket, fact: FalseReportFound) -> tuple[UUID, ...]:
    """Return the hazards that a report passed over.

    Those that the finding names, and those that were on record and open when the inspection was
    held and that the report does not name.
    """
    hazards = [each for each in fact.hazards if each in docket.hazards]
    subject = f"expert_inspection:{fact.inspection}"
    for inspection in docket.expert_inspections:
        if inspection.subject != subject or inspection.held is None:
            continue
        held = inspection.held[0].happened
        reported = {finding.hazard for _, finding in inspection.findings.values()}
        for hazard in docket.hazards.values():
            closed = hazard.closed(docket.at)
            there = earlier(hazard.found, held) and (closed is None or no_later(held, closed))
            if there and hazard.id not in reported:
                hazards.append(hazard.id)
    return tuple(dict.fromkeys(hazards))


def _false_reports(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """A report is false from its delivery on, though that is mostly found after the accident."""
    for entry, fact in facts_of(docket.lasting, FalseReportFound):
        if fact.organisation != docket.enterprise:
            continue
        at = _reported(docket, fact) or moment_of(entry)
        if earlier(docket.at, at):
            continue
        passed_over = _passed_over(docket, fact)
        numbers = "、".join(docket.hazards[each].number for each in passed_over)
        body = docket.directory.name(fact.by_org)
        zh = f"经{body}认定，专家检查报告虚假"
        en = f"{body} found the expert report to be false"
        yield Breach(
            rule=rule,
            subject=f"expert_inspection:{fact.inspection}",
            at=at,
            who=in_person(entry.record),
            by=(*_report_entries(docket, fact), entry),
            zh=f"{zh}，未列隐患{numbers}" if numbers else zh,
            en=f"{en}; it passed over hazards {numbers}" if numbers else en,
            hazards=passed_over,
            detail=str(entry.record),
        )


def _report_entries(docket: Docket, fact: FalseReportFound) -> tuple[Entry, ...]:
    subject = f"expert_inspection:{fact.inspection}"
    found = [i for i in docket.expert_inspections if i.subject == subject]
    return tuple(i.delivered for i in found if i.delivered)


def _reported(docket: Docket, fact: FalseReportFound) -> date | None:
    """Return when the false report was delivered, which is when it was false."""
    return next((moment_of(entry) for entry in _report_entries(docket, fact)), None)


SECTION = Section(
    duties=(
        DutyRule(
            "2.4c",
            "appraise",
            Line.SUPERVISION,
            "年底前考核专家",
            "Appraise the expert by the end of the year",
            _to_appraise,
            _appraised,
            within="2.4c.appraise_by",
            until=left,
        ),
    ),
    breaches=(
        BreachRule(
            "2.4b",
            "disclosed",
            Line.EXPERT,
            "泄露生产经营单位秘密",
            "Secret of the enterprise disclosed",
            _disclosed,
        ),
        BreachRule(
            "2.4d",
            "false",
            Line.EXPERT,
            "提供虚假报告",
            "False report",
            _false_reports,
        ),
    ),
    gates=(Gate("2.4a", APPOINTING, _tie_gate, setting="2.4a.tie"),),
)

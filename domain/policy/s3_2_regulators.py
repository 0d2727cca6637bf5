"""三（二） 每季度评估核查、专项整治、评价和反馈: what regulators owe on reports (3.2f, g, j)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.campaign import CampaignDeclined, CampaignOpened
from domain.moment import end, last_day, local_day, no_later, spans_between
from domain.monthly_report import ReportAnswered, ReportFiled
from domain.organisation import OrgKind
from domain.policy.bearers import due_or_now, head, officer
from domain.policy.duty import DutyRule, Opening, Section
from domain.policy.reports import effects, reached
from domain.policy.s3_2_reporting import ISSUED
from domain.quarter import QuarterAssessed, quarter_id
from domain.record import facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from uuid import UUID

    from domain.fact import Entry
    from domain.policy.duty import Docket
    from domain.quarter import Figures


# 3.2f each quarter, for its charge


def _charges(docket: Docket) -> Iterator[tuple[UUID, date, date]]:
    """Yield each regulator with the days from which and to which it had a charge.

    In its own docket a department is taken to have one as long as it is there; in an enterprise's,
    as long as it supervised the enterprise.
    """
    known = docket.directory.organisations
    own = known.get(docket.enterprise)
    if own and own.kind is not OrgKind.ENTERPRISE:
        if own.kind in (OrgKind.DEPARTMENT, OrgKind.ZONE):
            yield own.id, local_day(own.began), local_day(own.closed or docket.at)
        return
    for each in docket.directory.supervisions(docket.enterprise):
        yield each.department, local_day(each.since), local_day(each.until or docket.at)


def _quarters(docket: Docket) -> Iterator[Opening]:
    """One duty a quarter that is over, for whoever supervised in it."""
    asked = set()
    for body, since, until in _charges(docket):
        first = max(local_day(docket.silent_since(since)), ISSUED)
        for quarter in spans_between(first, min(until, local_day(docket.at)), "quarter"):
            ended = last_day(quarter)
            if ended >= local_day(docket.at) or (body, quarter) in asked:
                continue
            asked.add((body, quarter))
            yield Opening(
                subject=f"org:{body}",
                at=ended,
                who=head(body),
                owed_to=docket.government(body),
                detail=quarter,
            )


def _assessed(docket: Docket, about: Opening) -> Entry | None:
    record = quarter_id(about.who.org, about.detail) if about.who.org else None
    found = facts_of(docket.about(about.subject), QuarterAssessed)
    return next(
        (e for e, _ in found if e.record == record and no_later(about.at, moment_of(e))), None
    )


# 3.2g where hazards gather, a campaign or why not


def concentrations(docket: Docket, entry: Entry, assessed: QuarterAssessed) -> list[Figures]:
    """Return the fields of work whose figures lie above the settings, as an assessment shows them.

    Above ``3.2g.per_hundred`` hazards found for every hundred enterprises, hazards are gathered
    集中; from ``3.2g.major`` major ones on, the field is dangerous 危险性较大. The settings are
    those in force when the assessment was made.
    """
    at = moment_of(entry)
    gathered = docket.settings.at("3.2g.per_hundred", at).number
    dangerous = docket.settings.at("3.2g.major", at).number
    return [
        each
        for each in assessed.figures
        if (gathered is not None and each.per_hundred > gathered)
        or (dangerous and each.major_hazards >= dangerous)
    ]


def _concentrated(docket: Docket) -> Iterator[Opening]:
    bodies = set(docket.bodies)
    for entry, assessed in facts_of(docket.entries, QuarterAssessed):
        if assessed.body not in bodies:
            continue
        for each in concentrations(docket, entry, assessed):
            zh = f"{each.key}类企业{each.charge}家，当季发现隐患{each.found_hazards}项"
            en = f"{each.found_hazards} hazards at {each.charge} enterprises of {each.key}"
            yield Opening(
                subject=f"org:{assessed.body}",
                at=moment_of(entry),
                who=head(assessed.body),
                owed_to=docket.government(assessed.body),
                by=(entry,),
                detail=f"{assessed.quarter} {each.key}",
                note=(
                    f"{zh}，其中重大{each.major_hazards}项",
                    f"{en}, {each.major_hazards} of them major",
                ),
            )


def _decided(docket: Docket, about: Opening) -> Entry | None:
    """A campaign, or the reason for none, on that area and industry after the assessment."""
    quarter, _, key = about.detail.partition(" ")
    for entry in docket.about(about.subject):
        fact = entry.fact
        if not isinstance(fact, CampaignOpened | CampaignDeclined):
            continue
        same = f"{fact.area} {fact.industry}" == key and fact.quarter in (None, quarter)
        if same and follows(entry, about.by[0]):
            return entry
    return None


def _campaigns(docket: Docket) -> Iterator[Opening]:
    """A campaign that was opened comes to a result by the day it was to end."""
    bodies = set(docket.bodies)
    for entry, fact in facts_of(docket.entries, CampaignOpened):
        if fact.body in bodies:
            yield Opening(
                subject=f"campaign:{entry.record}",
                at=moment_of(entry),
                who=head(fact.body),
                owed_to=docket.government(fact.body),
                by=(entry,),
                due=end(fact.until),
            )


def _finished(docket: Docket, about: Opening) -> Entry | None:
    found = docket.about(about.subject)
    return next((entry for entry in found if entry.topic == "campaign.finished"), None)


# 3.2j an answer to each report that holds hazards


def _reports_with_hazards(docket: Docket) -> Iterator[Opening]:
    """One duty a month: from the first filing with effect that lists a hazard, old or new."""
    for report in docket.reports.values():
        for filing, effect in effects(docket, report):
            fact = filing.fact
            if not isinstance(fact, ReportFiled) or not (fact.hazards or fact.older):
                continue
            if not reached(docket, filing):
                continue
            at = moment_of(effect)
            regulator = _answering(docket, fact.to_org, effect)
            listed = [*fact.hazards, *fact.older]
            yield Opening(
                subject=report.subject,
                at=at,
                who=officer(docket, regulator, at, due_or_now(docket, at, "3.2j.answer")),
                owed_to=docket.government(regulator),
                by=(filing,) if filing is effect else (filing, effect),
                hazards=tuple(each.hazard for each in listed if each.hazard in docket.hazards),
                detail=report.month,
            )
            break


def _answering(docket: Docket, body: UUID, effect: Entry) -> UUID:
    """Return who owes the answer: whom it was filed with, or after a transfer its receiver."""
    last = due_or_now(docket, moment_of(effect), "3.2j.answer")
    return docket.directory.successor(docket.enterprise, body, last)


def _answered(docket: Docket, about: Opening) -> Entry | None:
    """An answer counts that comes after the report, from whoever owes it or whom it was sent to."""
    filing = about.by[0]
    sent_to = filing.fact.to_org if isinstance(filing.fact, ReportFiled) else None
    for entry, fact in facts_of(docket.about(about.subject), ReportAnswered):
        if fact.by_org in (about.who.org, sent_to) and follows(entry, filing):
            return entry
    return None


SECTION = Section(
    duties=(
        DutyRule(
            "3.2f",
            "quarter",
            Line.SUPERVISION,
            "每季度评估核查和汇总分析",
            "Assess and analyse the quarter",
            _quarters,
            _assessed,
            within="3.2f.assess",
        ),
        DutyRule(
            "3.2g",
            "decide",
            Line.SUPERVISION,
            "对隐患集中或危险性较大的领域决定是否专项整治",
            "Decide on a campaign where hazards gather",
            _concentrated,
            _decided,
            within="3.2g.decide",
        ),
        DutyRule(
            "3.2g",
            "result",
            Line.SUPERVISION,
            "专项整治按期取得结果",
            "Bring the campaign to a result",
            _campaigns,
            _finished,
        ),
        DutyRule(
            "3.2j",
            "answer",
            Line.SUPERVISION,
            "对月报所列隐患作整改效果评价和反馈",
            "Answer the report that holds hazards",
            _reports_with_hazards,
            _answered,
            within="3.2j.answer",
        ),
    ),
)

"""一 Responsibility 责任: leadership, the departments' supervision, the enterprise's own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.inspection import InspectionPlanned, InspectionRecord, InspectionScheduled
from domain.moment import earlier, end, late, local_day
from domain.order import OrderComplied
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.policy.bearers import head, officer, principal
from domain.policy.duty import (
    Breach,
    BreachRule,
    Done,
    DutyRule,
    Opening,
    Section,
    Who,
    by_topics,
)
from domain.policy.gate import Gate, Shut
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.directory import Organisation
    from domain.fact import Draft, Entry
    from domain.order import OrderRecord
    from domain.policy.duty import Docket

_KIND_WORDS = {
    PostKind.PRINCIPAL: ("主要负责人", "the principal's post"),
    PostKind.DEPUTY: ("分管负责人", "the deputy's post"),
}
_SUPERVISED_KINDS = (OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT, OrgKind.ENTERPRISE)


# 1.1a both posts filled at every moment


def _vacancies(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for org in docket.directory.organisations.values():
        if org.kind not in _SUPERVISED_KINDS or org.imported:
            continue
        until = docket.at if org.closed is None else org.closed
        for kind, words in _KIND_WORDS.items():
            applied = docket.settings.at("1.1a.grace", docket.at)
            for begins, ends in docket.directory.gaps(org.id, kind, org.began, until):
                grace = applied.period
                if grace is None or not late(ends, grace.after(begins)):
                    continue
                yield Breach(
                    rule=rule,
                    subject=f"org:{org.id}",
                    at=begins,
                    until=None if ends == docket.at else ends,
                    who=_answers_for(docket, org, kind),
                    by=_shows_vacancy(docket, org),
                    zh=f"{org.name}{words[0]}空缺",
                    en=f"{words[1]} at {org.name} was vacant",
                    applied=applied,
                )


def _answers_for(docket: Docket, org: Organisation, kind: PostKind) -> Who:
    """The deputy's vacancy in an enterprise is the principal's; any other, of the body above."""
    if org.kind is OrgKind.ENTERPRISE and kind is PostKind.DEPUTY:
        return head(org.id)
    above = docket.directory.government_of(org.id)
    return head(above.id if above else org.id)


def _shows_vacancy(docket: Docket, org: Organisation) -> tuple[Entry, ...]:
    """A vacancy rests on the organisation's registration and on every appointment on record."""
    return tuple(
        entry
        for entry in docket.about(f"org:{org.id}")
        if entry.topic in ("organisation.registered", "appointment.made", "appointment.ended")
        and entry.record in {org.id, *(p.id for p in docket.directory.all_posts(org.id))}
    )


# 1.2a who supervises: from assignments, never from codes


def _unsupervised(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """An enterprise nobody is assigned to is a gap of the county government or zone committee."""
    since = docket.operating_since
    if since is None:
        return
    org = docket.directory.organisations[docket.enterprise]
    free_from: date | datetime = since
    until = org.closed or docket.at
    gaps: list[tuple[date | datetime, date | datetime]] = []
    for each in docket.directory.supervisions(docket.enterprise):
        if earlier(free_from, each.since):
            gaps.append((free_from, each.since))
        if each.until is None:
            free_from = until
            break
        free_from = each.until if earlier(free_from, each.until) else free_from
    if earlier(free_from, until):
        gaps.append((free_from, until))
    for begins, ends in gaps:
        applied = docket.settings.at("1.2a.unassigned", begins)
        if applied.period is None or not late(ends, applied.period.after(begins)):
            continue
        yield Breach(
            rule=rule,
            subject=f"org:{docket.enterprise}",
            at=begins,
            until=None if ends == docket.at else ends,
            who=head(docket.government()),
            by=tuple(
                entry
                for entry in docket.about(f"org:{docket.enterprise}")
                if entry.topic.startswith("supervision.") or entry.record == docket.enterprise
            ),
            zh=f"{org.name}无监管部门",
            en=f"no department was assigned to {org.name}",
            applied=applied,
        )


# 1.2b the yearly plan, and each planned inspection on its day


def _regulators(docket: Docket) -> dict[UUID, date | datetime]:
    """Return each department that supervised the enterprise, with when it began to."""
    found: dict[UUID, date | datetime] = {}
    for each in docket.directory.supervisions(docket.enterprise):
        found.setdefault(each.department, each.since)
    return found


def _yearly_plans(docket: Docket) -> Iterator[Opening]:
    for department, since in _regulators(docket).items():
        for year in range(local_day(since).year, local_day(docket.at).year + 1):
            opened = max(date(year, 1, 1), local_day(since))
            yield Opening(
                subject=f"org:{department}",
                at=opened,
                who=head(department),
                owed_to=docket.government(department),
                detail=str(year),
            )


def _plan_adopted(docket: Docket, about: Opening) -> Entry | None:
    for entry, plan in facts_of(docket.about(about.subject), InspectionPlanned):
        if str(plan.year) == about.detail:
            return entry
    return None


def _scheduled(docket: Docket) -> Iterator[Opening]:
    for entry, fact in facts_of(docket.entries, InspectionScheduled):
        if fact.enterprise != docket.enterprise:
            continue
        who = officer(docket, fact.department, moment_of(entry))
        yield Opening(
            subject=f"inspection:{entry.record}",
            at=moment_of(entry),
            who=Who(who.org, who.kind, fact.post or who.post),
            owed_to=docket.government(fact.department),
            by=(entry,),
            due=end(fact.planned),
        )


# 1.2c every finding is disposed of


def _findings(docket: Docket) -> Iterator[Opening]:
    for inspection in docket.inspections:
        held = inspection.fact("inspection.held")
        for item, (entry, fact) in inspection.findings.items():
            body = held.by_org if held else None
            yield Opening(
                subject=inspection.subject,
                at=moment_of(entry),
                who=officer(docket, body, moment_of(entry)),
                owed_to=docket.government(body) if body else None,
                by=(entry,),
                hazards=(fact.hazard,) if fact.hazard in docket.hazards else (),
                detail=str(item),
            )


def _disposed(docket: Docket, about: Opening) -> Entry | None:
    inspection = InspectionRecord(about.subject, docket.about(about.subject))
    return inspection.disposition(int(about.detail))


def _file_gate(docket: Docket, draft: Draft) -> Shut | None:
    inspection = next((each for each in docket.inspections if each.key == str(draft.record)), None)
    undisposed = inspection.undisposed if inspection else []
    if not undisposed:
        return None
    items = "、".join(f"第{item}项" for item in undisposed)
    return Shut(
        zh=f"检查发现的问题{items}尚未处置，案卷不能归档",
        en=f"findings {', '.join(map(str, undisposed))} have no disposition yet",
        todo_zh="逐项作出处置：即查即改、限期整改、提请挂牌、立案或移送",
        todo_en="dispose of each: rectified on the spot, order, listing, case or transfer",
    )


# 1.2f the order's deadline, and the recheck after it


def _items_ordered(docket: Docket) -> Iterator[Opening]:
    for order in docket.orders:
        entry = order.first("order.issued")
        if entry is None or order.issued is None:
            continue
        for item in order.issued.items:
            yield Opening(
                subject=order.subject,
                at=moment_of(entry),
                who=principal(docket),
                owed_to=order.issued.by_org,
                by=(entry, *order.all("order.served", "order.service_refused")),
                due=end(order.deadline(item.item)),
                hazards=(item.hazard,) if item.hazard in docket.hazards else (),
                detail=str(item.item),
            )


def _order(docket: Docket, subject: str) -> OrderRecord:
    return next(each for each in docket.orders if each.subject == subject)


def _complied(docket: Docket, about: Opening) -> Entry | None:
    """An item is done by the enterprise's word, unless the latest recheck found otherwise."""
    order, item = _order(docket, about.subject), int(about.detail)
    verdict = order.verdict(item)
    if verdict and not verdict[1].passed:
        return None
    words = [e for e, fact in facts_of(order.entries, OrderComplied) if item in fact.items]
    for hazard in about.hazards:
        words += docket.hazards[hazard].all("hazard.rectified")
    failed = [
        entry
        for entry in order.all("order.rechecked")
        if any(each.item == item and not each.passed for each in entry.fact.items)  # type: ignore[attr-defined]
    ]
    since = failed[-1].position if failed else 0
    words = [entry for entry in words if entry.position > since]
    words += [verdict[0]] if verdict else []
    return min(words, key=lambda entry: entry.position, default=None)


def _withdrawn(docket: Docket, about: Opening) -> Entry | None:
    return _order(docket, about.subject).withdrawn


def _to_recheck(docket: Docket) -> Iterator[Opening]:
    """After each deadline of an order in force, the department rechecks the items due by it."""
    for order in docket.orders:
        entry = order.first("order.issued")
        if entry is None or order.issued is None:
            continue
        for deadline in sorted({order.deadline(item.item) for item in order.issued.items}):
            if not earlier(deadline, docket.at):
                continue
            items = [i for i in order.issued.items if order.deadline(i.item) == deadline]
            yield Opening(
                subject=order.subject,
                at=deadline,
                who=officer(docket, order.issued.by_org, deadline),
                owed_to=docket.government(order.issued.by_org),
                by=(entry,),
                hazards=tuple(i.hazard for i in items if i.hazard in docket.hazards),
                detail=deadline.isoformat(),
            )


def _rechecked(docket: Docket, about: Opening) -> Entry | None:
    """The recheck is done when every item due by that deadline has been looked at."""
    order = _order(docket, about.subject)
    assert order.issued is not None  # noqa: S101 - orders in a docket were issued
    due_then = {
        item.item
        for item in order.issued.items
        if order.deadline(item.item).isoformat() == about.detail
    }
    for entry in order.all("order.rechecked"):
        due_then -= {each.item for each in entry.fact.items}  # type: ignore[attr-defined]
        if not due_then:
            return entry
    return None


# rows of imported ledgers: the only duty that can be read from them is their own deadline


def _imported_deadlines(docket: Docket) -> Iterator[Opening]:
    for hazard in docket.hazards.values():
        origin = hazard.last("ledger_row.imported")
        if origin and hazard.row and hazard.row.deadline and not hazard.first("hazard.found"):
            yield Opening(
                subject=hazard.subject,
                at=hazard.row.found,
                who=principal(docket),
                by=(origin,),
                due=end(hazard.row.deadline),
                hazards=(hazard.id,),
            )


def _imported_closing(docket: Docket, about: Opening) -> Done | None:
    hazard = docket.hazards[about.hazards[0]]
    closed = hazard.closed(docket.at)
    return Done(hazard.closing or about.by[0], closed) if closed else None


SECTION = Section(
    duties=(
        DutyRule(
            "1.2b",
            "plan",
            Line.SUPERVISION,
            "制定年度监督检查计划",
            "Adopt the yearly inspection plan",
            _yearly_plans,
            _plan_adopted,
            within="1.2b.plan_by",
        ),
        DutyRule(
            "1.2b",
            "inspect",
            Line.SUPERVISION,
            "按计划开展监督检查",
            "Inspect as planned",
            _scheduled,
            by_topics("inspection.held"),
        ),
        DutyRule(
            "1.2c",
            "dispose",
            Line.SUPERVISION,
            "处置检查发现的问题",
            "Dispose of the finding",
            _findings,
            _disposed,
        ),
        DutyRule(
            "1.2f",
            "comply",
            Line.ENTERPRISE,
            "按指令书限期整改",
            "Rectify by the order's deadline",
            _items_ordered,
            _complied,
            until=_withdrawn,
        ),
        DutyRule(
            "1.2f",
            "imported",
            Line.ENTERPRISE,
            "按期整改（导入台账）",
            "Rectify by the deadline (imported ledger)",
            _imported_deadlines,
            _imported_closing,
        ),
        DutyRule(
            "1.2f",
            "recheck",
            Line.SUPERVISION,
            "限期届满后复查",
            "Recheck after the deadline",
            _to_recheck,
            _rechecked,
            within="1.2f.recheck",
            until=_withdrawn,
        ),
    ),
    breaches=(
        BreachRule(
            "1.1a",
            "vacancy",
            Line.LEADERSHIP,
            "岗位空缺",
            "A post was vacant",
            _vacancies,
        ),
        BreachRule(
            "1.2a",
            "unassigned",
            Line.LEADERSHIP,
            "企业无监管部门",
            "No department assigned",
            _unsupervised,
        ),
    ),
)

GATES = (Gate("1.2c", ("inspection.file_closed",), _file_gate),)

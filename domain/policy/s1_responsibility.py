"""一 Responsibility 责任: leadership, the departments' supervision, the enterprise's own."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.inspection import InspectionHeld, InspectionPlanned, InspectionScheduled
from domain.moment import earlier, end, late, local_day, uncovered
from domain.order import OrderComplied, OrderIssued, OrderRechecked
from domain.organisation import OrgKind, TransferDecided, TransferRefused
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
    extensions_told,
    first_about,
    found_with_it,
)
from domain.policy.gate import Gate, Shut
from domain.record import by_moment, facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.directory import Organisation
    from domain.fact import Draft, Entry
    from domain.order import OrderRecord, RecheckedItem
    from domain.policy.duty import Docket
    from domain.policy.settings import Applied

_KIND_WORDS = {
    PostKind.PRINCIPAL: ("主要负责人", "the principal's post"),
    PostKind.DEPUTY: ("分管负责人", "the deputy's post"),
}
_WITH_BOTH_POSTS = (OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT, OrgKind.ENTERPRISE)


# 1.1a both posts filled at every moment


def _vacancies(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    for org in docket.directory.organisations.values():
        if org.kind not in _WITH_BOTH_POSTS or org.imported:
            continue
        if org.kind is OrgKind.ENTERPRISE and org.id != docket.enterprise:
            continue
        since, until = docket.silent_since(org.began), org.closed or docket.at
        for kind, (zh, en) in _KIND_WORDS.items():
            for begins, ends in _gaps(docket, org, kind, since, until):
                applied = docket.settings.at("1.1a.grace", begins)
                if not _longer_than(docket, applied, begins, ends):
                    continue
                filled = docket.directory.holders(org.id, kind, docket.at)
                yield Breach(
                    rule=rule,
                    subject=f"org:{org.id}",
                    at=begins,
                    until=_ended(docket, ends, over=bool(filled or org.closed)),
                    lasts=True,
                    who=_answers_for(docket, org, kind, begins),
                    by=_shows_vacancy(docket, org, kind),
                    zh=f"{org.name}{zh}空缺",
                    en=f"{en} at {org.name} was vacant",
                    applied=applied,
                    detail=kind.value,
                )


def _longer_than(
    docket: Docket, applied: Applied, begins: date | datetime, ends: date | datetime
) -> bool:
    """Tell whether a gap outlasted its grace; never, where the rule is switched off."""
    return applied.period is not None and late(ends, docket.after(applied.period, begins))


def _ended(docket: Docket, ends: date | datetime, *, over: bool) -> date | datetime | None:
    """Return when a gap ended; None where it goes on at the docket's moment."""
    return ends if over or ends != docket.at else None


def _gaps(
    docket: Docket,
    org: Organisation,
    kind: PostKind,
    since: date | datetime,
    until: date | datetime,
) -> Iterator[tuple[date | datetime, date | datetime]]:
    """Yield when a post was empty; an enterprise may do without a deputy's (安全生产法 art. 25)."""
    times: Iterable[tuple[date | datetime, date | datetime]] = [(since, until)]
    if org.kind is OrgKind.ENTERPRISE and kind is PostKind.DEPUTY:
        times = docket.directory.existing(org.id, kind, since, until)
    for begins, ends in times:
        yield from docket.directory.gaps(org.id, kind, begins, ends)


def _answers_for(docket: Docket, org: Organisation, kind: PostKind, begins: date | datetime) -> Who:
    """In an enterprise the principal answers for the deputy's post; else whoever decides on it."""
    if org.kind is OrgKind.ENTERPRISE and kind is PostKind.DEPUTY:
        return head(org.id)
    return head(docket.directory.decides_on(org.id, kind, begins) or org.id)


def _shows_vacancy(docket: Docket, org: Organisation, kind: PostKind) -> tuple[Entry, ...]:
    """A vacancy rests on the registration and on every appointment to such a post on record."""
    posts = {post.id for post in docket.directory.all_posts(org.id) if post.kind is kind}
    return tuple(
        entry
        for entry in docket.about(f"org:{org.id}")
        if entry.topic in ("organisation.registered", "appointment.made", "appointment.ended")
        and entry.record in {org.id, *posts}
    )


# 1.2a who supervises: from assignments, never from codes


def _unsupervised(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """An enterprise nobody is assigned to is a gap of the county government or zone committee."""
    if docket.operating_since is None:
        return
    org = docket.directory.organisations[docket.enterprise]
    supervised = [(s.since, s.until) for s in docket.directory.supervisions(org.id)]
    since, until = docket.silent_since(docket.operating_since), org.closed or docket.at
    for begins, ends in uncovered(supervised, since, until):
        applied = docket.settings.at("1.2a.unassigned", begins)
        if not _longer_than(docket, applied, begins, ends):
            continue
        over = bool(docket.regulator(docket.at) or org.closed)
        for first, last, government in _governments(docket, begins, ends):
            yield Breach(
                rule=rule,
                subject=f"org:{docket.enterprise}",
                at=first,
                until=_ended(docket, last, over=over),
                lasts=True,
                who=head(government),
                by=tuple(
                    entry
                    for entry in docket.about(f"org:{docket.enterprise}")
                    if entry.topic.startswith("supervision.") or entry.record == docket.enterprise
                ),
                zh=f"{org.name}无监管部门",
                en=f"no department was assigned to {org.name}",
                applied=applied,
            )


def _governments(
    docket: Docket, begins: date | datetime, ends: date | datetime
) -> Iterator[tuple[date | datetime, date | datetime, UUID | None]]:
    """Split a gap where the place came under another county or zone: each answers for its part."""
    moves = docket.directory.moves(docket.enterprise, begins, ends)
    under = [(since, docket.government(at=since, towns=False)) for since in (begins, *moves)]
    parts = [part for n, part in enumerate(under) if n == 0 or part[1] != under[n - 1][1]]
    until = [*(since for since, _ in parts[1:]), ends]
    for (since, government), last in zip(parts, until, strict=True):
        yield since, last, government


def _superior_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Of a transfer that is refused the common superior decides: nobody else can."""
    fact = draft.fact
    assert isinstance(fact, TransferDecided)  # noqa: S101 - the gate guards nothing else
    directory = docket.directory
    refusals = facts_of(docket.own, TransferRefused)
    refused_by = [refused.receiver for _, refused in refusals if refused.sender == fact.sender]
    not_under = [
        party
        for party in dict.fromkeys((fact.sender, *refused_by, fact.responsible))
        if party in directory.organisations
        and fact.superior not in directory.above(party, draft.happened)
    ]
    if not not_under:
        return None
    superior = directory.name(fact.superior)
    names = [directory.name(party) for party in not_under]
    return Shut(
        zh=f"{superior}不是{'、'.join(names)}的上级，无权裁定移交；拒绝接收的，由共同上级裁定",
        en=f"{superior} is not above {', '.join(names)}: of a transfer that is refused the common "
        "superior decides",
        todo_zh="报请移交双方的共同上级裁定",
        todo_en="ask the common superior of both to decide",
    )


# 1.2b the yearly plan, and each planned inspection on its day


def _years_supervised(docket: Docket) -> dict[UUID, set[int]]:
    """Return each department that supervised the enterprise, with the years in which it did."""
    found: dict[UUID, set[int]] = defaultdict(set)
    for each in docket.directory.supervisions(docket.enterprise):
        first = local_day(docket.silent_since(each.since)).year
        last = local_day(each.until or docket.at).year
        found[each.department] |= set(range(first, last + 1))
    return found


def _yearly_plans(docket: Docket) -> Iterator[Opening]:
    """The plan is the department's for its whole charge: owed from 1 January or its own start."""
    for department, years in _years_supervised(docket).items():
        known = docket.directory.organisations.get(department)
        for year in sorted(years):
            new_year = date(year, 1, 1)
            began = local_day(docket.silent_since(known.began)) if known else new_year
            yield Opening(
                subject=f"org:{department}",
                at=max(new_year, began),
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
        held = _held_as_planned(docket, entry.record, fact.department)
        until = _until(docket, end(fact.planned), held)
        department = docket.directory.successor(docket.enterprise, fact.department, until)
        who = officer(docket, department, moment_of(entry), until)
        post = fact.post if department == fact.department else None
        yield Opening(
            subject=f"inspection:{entry.record}",
            at=moment_of(entry),
            who=Who(who.org, who.kind, post or who.post),
            owed_to=docket.government(department),
            by=(entry,),
            due=end(fact.planned),
            done=Done(held, moment_of(held)) if held else None,
        )


def _held_as_planned(docket: Docket, inspection: UUID, department: UUID) -> Entry | None:
    """Return the inspection that was planned; one by another body leaves it undone."""
    found = facts_of(docket.about(f"inspection:{inspection}"), InspectionHeld)
    return next(
        (e for e, held in found if _acts_for(docket, department, held.by_org, moment_of(e))), None
    )


def _until(docket: Docket, due: date | datetime, done: Entry | None) -> date | datetime:
    """Return until when a duty ran: until it was done or fell due, or until now."""
    moments = [due, docket.at, *([moment_of(done)] if done else [])]
    return min(moments, key=end)


def _acts_for(docket: Docket, department: UUID, body: UUID, at: date | datetime) -> bool:
    """Tell whether an act at ``at`` is the department's own, or of whoever received from it.

    The sender of a transfer stays responsible until the receiver accepts; no deadline restarts.
    """
    return body in (department, docket.directory.successor(docket.enterprise, department, at))


def _enterprise_closed(docket: Docket, _: Opening) -> Entry | None:
    return first_about(docket, f"org:{docket.enterprise}", "organisation.closed")


# 1.2c every finding is disposed of


def _findings(docket: Docket) -> Iterator[Opening]:
    for inspection in docket.inspections:
        held = inspection.fact("inspection.held")
        for item, (entry, fact) in inspection.findings.items():
            opened = moment_of(entry)
            until = _until(docket, docket.at, inspection.disposition(item))
            body = (
                docket.directory.successor(docket.enterprise, held.by_org, until) if held else None
            )
            yield Opening(
                subject=inspection.subject,
                at=opened,
                who=officer(docket, body, opened, until),
                owed_to=docket.government(body) if body else None,
                by=(entry,),
                hazards=(fact.hazard,) if fact.hazard in docket.hazards else (),
                detail=str(item),
            )


def _disposed(docket: Docket, about: Opening) -> Entry | None:
    inspection = next(each for each in docket.inspections if each.subject == about.subject)
    return inspection.disposition(int(about.detail))


def _file_gate(docket: Docket, draft: Draft) -> Shut | None:
    file = [each for each in docket.inspections if each.key == str(draft.record)]
    undisposed = [item for inspection in file for item in inspection.undisposed]
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


def _orders(docket: Docket) -> Iterator[tuple[OrderRecord, Entry, OrderIssued]]:
    for order in docket.orders:
        for entry, issued in facts_of(order.entries, OrderIssued):
            yield order, entry, issued


def _items_ordered(docket: Docket) -> Iterator[Opening]:
    for order, entry, issued in _orders(docket):
        for item in issued.items:
            yield Opening(
                subject=order.subject,
                at=moment_of(entry),
                who=principal(docket),
                owed_to=issued.by_org,
                by=(entry, *order.all("order.served", "order.service_refused")),
                due=end(order.deadline(item.item)),
                hazards=(item.hazard,) if item.hazard in docket.hazards else (),
                detail=str(item.item),
                note=_ordered_note(docket, order, item.item),
            )


def _ordered_note(docket: Docket, order: OrderRecord, item: int) -> tuple[str, str] | None:
    """Tell the extensions of an item's deadline, and that it had passed when the order came."""
    notes = [extensions_told(docket, order.first_deadline(item), order.extensions(item))]
    served = order.first("order.served", "order.service_refused")
    if served and late(moment_of(served), end(order.deadline(item))):
        day = local_day(moment_of(served))
        notes.append(
            (
                f"指令书于{day}才送达，已过该项期限",
                f"the order was served only on {day}, after the item's deadline",
            )
        )
    told = [note for note in notes if note]
    if not told:
        return None
    return "；".join(zh for zh, _ in told), "; ".join(en for _, en in told)


def _order(docket: Docket, subject: str) -> OrderRecord:
    return next(each for each in docket.orders if each.subject == subject)


def _complied(docket: Docket, about: Opening) -> Entry | None:
    """An item is done by the enterprise's word, until somebody finds otherwise: then anew.

    That is a recheck by the issuer, or an acceptance of the hazard that did not pass.
    """
    order, _, issued = next(o for o in _orders(docket) if o[0].subject == about.subject)
    item = int(about.detail)
    rechecks = _rechecks(docket, order, issued.by_org, item)
    words = [e for e, fact in facts_of(order.entries, OrderComplied) if item in fact.items]
    words += [entry for entry, checked in rechecks if checked.passed]
    failed = [entry for entry, checked in rechecks if not checked.passed]
    for hazard in (docket.hazards[each] for each in about.hazards):
        rectified = hazard.all("hazard.rectified")
        words += [entry for entry in rectified if follows(entry, about.by[0])]
        failed += hazard.failures
    standing = [word for word in words if not any(follows(each, word) for each in failed)]
    return next(iter(by_moment(standing)), None)


def _rechecks(
    docket: Docket, order: OrderRecord, issuer: UUID, item: int
) -> list[tuple[Entry, RecheckedItem]]:
    """Return the rechecks of an item by the issuer, or by whoever received from it."""
    return [
        (entry, checked)
        for entry, fact in facts_of(order.entries, OrderRechecked)
        for checked in fact.items
        if checked.item == item and _acts_for(docket, issuer, fact.by_org, moment_of(entry))
    ]


def _withdrawn(docket: Docket, about: Opening) -> Entry | None:
    return _order(docket, about.subject).withdrawn


def _to_recheck(docket: Docket) -> Iterator[Opening]:
    """After each deadline of an order in force, the department rechecks the items due by it.

    It falls to whoever answers for the order when it is done or falls due: a receiver, too.
    """
    for order, entry, issued in _orders(docket):
        for deadline in sorted({order.deadline(item.item) for item in issued.items}):
            period = docket.settings.at("1.2f.recheck", deadline).period
            if period is None or not earlier(deadline, docket.at):
                continue
            items = [i for i in issued.items if order.deadline(i.item) == deadline]
            looked_at = {i.item: _rechecks(docket, order, issued.by_org, i.item) for i in items}
            done = _rechecked(looked_at, deadline)
            until = _until(docket, docket.after(period, deadline), done)
            body = docket.directory.successor(docket.enterprise, issued.by_org, until)
            yield Opening(
                subject=order.subject,
                at=deadline,
                who=officer(docket, body, deadline, until),
                owed_to=docket.government(body),
                by=(entry,),
                hazards=tuple(i.hazard for i in items if i.hazard in docket.hazards),
                detail=f"{deadline.isoformat()}到期",
                done=Done(done, moment_of(done)) if done else None,
            )


def _rechecked(
    rechecks: dict[int, list[tuple[Entry, RecheckedItem]]], deadline: date
) -> Entry | None:
    """The recheck is done when every item due by that deadline was found in order or looked at.

    A look before the deadline is enough only for an item that it found in order.
    """
    firsts = []
    for found in rechecks.values():
        enough = [e for e, each in found if each.passed or earlier(deadline, moment_of(e))]
        if not enough:
            return None
        firsts.append(enough[0])
    return by_moment(firsts)[-1]


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


PLANS = DutyRule(
    "1.2b",
    "plan",
    Line.SUPERVISION,
    "制定年度监督检查计划",
    "Adopt the yearly inspection plan",
    _yearly_plans,
    _plan_adopted,
    within="1.2b.plan_by",
)
"""Owed for a department's whole charge: only the docket of an enterprise tells that it has one."""

SECTION = Section(
    duties=(
        PLANS,
        DutyRule(
            "1.2b",
            "inspect",
            Line.SUPERVISION,
            "按计划开展监督检查",
            "Inspect as planned",
            _scheduled,
            found_with_it,
            until=_enterprise_closed,
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
            found_with_it,
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
    gates=(
        Gate("1.2a", ("supervision.transfer_decided",), _superior_gate),
        Gate("1.2c", ("inspection.file_closed",), _file_gate),
    ),
)

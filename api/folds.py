"""What a record is now 现状: for each noun a few words that its facts come to.

The domain folds; here its answers are put into plain JSON. A noun without a fold of its own is
shown by the latest value of each field that its facts hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.answers import plain
from domain.hazard import STEPS
from domain.incident import accident_level
from domain.inspection import InspectionRecord
from domain.listing import ListingRecord
from domain.moment import format_moment
from domain.monthly_report import ReportRecord, kind_of
from domain.order import OrderRecord
from domain.policy.reports import STATE_WORDS, missing_told, standing
from domain.record import Record, facts_of, moment_of
from domain.tip import RewardPaid, TipAccepted, TipRecord
from domain.tip_followed import STATES, followed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from domain.case import Case
    from domain.fact import Entry
    from domain.policy.duty import Docket
    from domain.policy.reports import Standing

State = dict[str, Any]


def fold(noun: str, record: UUID, case: Docket) -> State:
    """Return what a record is at the case's moment; empty where nothing had happened yet."""
    tag = f"{noun}:{record}"
    entries = [entry for entry in case.entries if _own(entry, noun, record)]
    if not entries:
        return {}
    return _FOLDS.get(noun, _latest)(case, Record(tag, entries))


def _own(entry: Entry, noun: str, record: UUID) -> bool:
    return entry.record == record and entry.fact.topic.noun == noun


def _when(moment: date | datetime | None) -> str | None:
    return format_moment(moment) if moment is not None else None


def _done(entry: Entry | None) -> State | None:
    """Return when a step was done and by which fact."""
    return {"at": _when(moment_of(entry)), "fact": entry.position} if entry else None


def _latest(_: Case, record: Record) -> State:
    state: State = {}
    for entry in record.entries:
        state |= plain(entry.fact)[0]
    return state


def _hazard(case: Case, record: Record) -> State:
    hazard = case.hazards.get(UUID(record.key))
    if hazard is None:
        return _latest(case, record)
    deadline = case.deadline(hazard)
    return {
        "number": hazard.number,
        "enterprise": str(hazard.enterprise),
        "description": hazard.description.value if hazard.description else None,
        "level": hazard.level.value if hazard.level else None,
        "state": hazard.step(case.at),
        "found": _when(hazard.found),
        "deadline": _when(deadline),
        "closed": _when(hazard.closed(case.at)),
        "steps": {step: _done(hazard.reached(step)) for step in STEPS},
        "imported": hazard.row is not None,
    }


def _order(case: Case, record: Record) -> State:
    order = OrderRecord(record.subject, record.entries)
    state = _latest(case, Record(record.subject, order.all("order.issued")))
    if order.issued is None:
        return state
    for item, told in zip(order.issued.items, state["items"], strict=True):
        verdict = order.verdict(item.item)
        told["deadline_in_force"] = _when(order.deadline(item.item))
        told["passed"] = verdict[1].passed if verdict else None
    return {
        **state,
        "served": _done(order.first("order.served", "order.service_refused")),
        "breached": _done(order.first("order.breached")),
        "withdrawn": _done(order.withdrawn),
    }


def _inspection(case: Case, record: Record) -> State:
    inspection = InspectionRecord(record.subject, record.entries)
    held = inspection.all("inspection.scheduled", "inspection.held")
    return {
        **(_latest(case, Record(record.subject, held)) if held else {}),
        "held": _done(inspection.last("inspection.held")),
        "findings": [
            {
                "item": item,
                "text": fact.text.value,
                "hazard": str(fact.hazard) if fact.hazard else None,
                "disposed": _done(inspection.disposition(item)),
            }
            for item, (_, fact) in sorted(inspection.findings.items())
        ],
        "undisposed": inspection.undisposed,
        "file_closed": _done(inspection.last("inspection.file_closed")),
    }


def _listing(case: Case, record: Record) -> State:
    listing = ListingRecord(record.subject, record.entries)
    return {
        **_latest(case, record),
        "proposed": _done(listing.first("listing.proposed")),
        "made": _done(listing.made),
        "declined": _done(listing.last("listing.declined")),
        "deadline": _when(listing.deadline),
        "first_acceptance": _done(_passed(listing, "listing.first_accepted")),
        "second_acceptance": _done(_passed(listing, "listing.second_accepted")),
        "delisted": _done(listing.last("listing.delisted")),
    }


def _passed(record: Record, topic: str) -> Entry | None:
    """Return the latest acceptance of a kind, if it passed."""
    last = record.last(topic)
    return last if last and getattr(last.fact, "passed", False) else None


def _report(docket: Docket, record: Record) -> State:
    report = ReportRecord(record.subject, docket.about(record.subject))
    how = standing(docket, report)
    told = missing_told(how)
    return {
        "enterprise": str(docket.enterprise),
        "month": report.month,
        "kind": kind_of(how.filing) if how.filing else None,
        "filed": _done(how.filing),
        "filing": how.filing.version if how.filing else None,
        "standing": how.state.value if how.state else None,
        "standing_told": STATE_WORDS[how.state][0] if how.state else None,
        "endorsed": _names_under(how, electronic=False),
        "signed": _names_under(how, electronic=True),
        "missing": [role.value for role in how.missing],
        "missing_told": told[0] if told else None,
        "two_posts": how.two_posts is not None,
        "effective": _done(how.effect),
        "late": how.late,
        "contradicted_by": sorted(
            {entry.position for each in how.contradictions for _, entry in each.known}
        ),
        "overtaken_by": sorted(each.origin.position for each in how.overtaken if each.origin),
        "answered": _done(report.last("report.answered")),
    }


def _names_under(how: Standing, *, electronic: bool) -> State:
    """Return who put their name to the text that stands, for each post, signed or unsigned."""
    return {
        each.role.value: {
            "at": _when(moment_of(each.entry)),
            "fact": each.entry.position,
            "person": str(each.person),
            "counts": each.counts,
            "withdrawn": _done(each.withdrawn),
        }
        for each in how.signings
        if each.electronic is electronic
    }


def _post(case: Case, record: Record) -> State:
    post = case.directory.posts.get(UUID(record.key))
    if post is None:
        return _latest(case, record)
    return {
        "organisation": str(post.organisation),
        "kind": post.kind.value,
        "title": post.title,
        "created": _when(post.created),
        "abolished": _when(post.abolished),
        "holders": [
            {
                "person": str(held.person),
                "since": _when(held.since),
                "until": _when(held.until),
                "acting": held.acting,
            }
            for held in case.directory.holdings(post.id)
        ],
    }


def _supervision(case: Case, record: Record) -> State:
    enterprise = UUID(str(getattr(record.entries[0].fact, "enterprise", "")))
    return {
        "enterprise": str(enterprise),
        "regulator": _text(case.directory.regulator(enterprise, case.at)),
        "supervisors": [
            {
                "department": str(each.department),
                "ground": each.ground.value,
                "since": _when(each.since),
                "until": _when(each.until),
            }
            for each in case.directory.supervisions(enterprise)
        ],
        "named": [
            {
                "department": str(each.department),
                "leader": str(each.leader),
                "officer": str(each.officer),
                "since": _when(each.since),
                "until": _when(each.until),
            }
            for each in case.directory.namings(enterprise)
        ],
    }


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


def _incident(case: Case, record: Record) -> State:
    state = _latest(case, record)
    figures = (state.get(name) or 0 for name in ("deaths", "serious_injuries", "loss"))
    occurred = record.first("incident.occurred")
    return {
        **state,
        "occurred": _when(occurred.happened) if occurred else state.get("occurred"),
        "level": accident_level(*figures).value,
    }


def _tip(case: Case, record: Record) -> State:
    tip = TipRecord(record.subject, record.entries)
    if tip.first("tip.received") is None:
        return _latest(case, record)
    told = followed(tip)
    fact = tip.received[1]
    accepted = tip.accepted
    words = accepted.fact if accepted and isinstance(accepted.fact, TipAccepted) else fact
    matter, place = words.matter or fact.matter, words.place or fact.place
    paid = sum(f.amount for _, f in facts_of(tip.entries, RewardPaid))
    return {
        "body": str(told.office),
        "enterprise": _text(tip.enterprise),
        "channel": fact.channel.value,
        "named": fact.identity is not None,
        "matter": matter.value if matter else None,
        "place": place.value if place else None,
        "deaths": tip.deaths is not None,
        "state": told.state.value,
        "state_told": STATES[told.state][0],
        "received": _done(tip.received[0]),
        "accepted": _done(accepted),
        "refused": _done(tip.refused),
        "transfer_pending_to": _text(tip.proposal[1].receiver) if tip.proposal else None,
        "checked": _done(tip.first("tip.checked")),
        "findings_written": _done(tip.first("tip.findings_written")),
        "findings_signed": _done(tip.first("tip.findings_signed")),
        "answered": _done(tip.first("tip.answered")),
        "reward_decided": told.amount,
        "reward_paid": paid,
        "readings": [_done(each) for each in tip.all("tip.read")],
        "erased": _done(tip.erased),
    }


_FOLDS: dict[str, Callable[[Docket, Record], State]] = {
    "hazard": _hazard,
    "order": _order,
    "inspection": _inspection,
    "listing": _listing,
    "report": _report,
    "post": _post,
    "supervision": _supervision,
    "incident": _incident,
    "tip": _tip,
}

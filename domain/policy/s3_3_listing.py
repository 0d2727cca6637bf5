"""三（三） Listed supervision of major hazards by government 政府挂牌督办."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.answer import Line
from domain.hazard import (
    HazardDetermined,
    HazardFound,
    HazardMadeKnown,
    HazardReported,
    ReportKind,
)
from domain.inspection import FindingRecorded, InspectionHeld, InspectionRecord
from domain.listing import (
    Delisted,
    FirstAcceptance,
    ListingChecked,
    ListingMade,
    ListingProposed,
    SecondAcceptance,
)
from domain.moment import Period, end, late, local_day, no_later, start
from domain.monthly_report import ReportFiled
from domain.order import OrderIssued
from domain.organisation import OrgKind
from domain.participation import HazardEscalated
from domain.policy.bearers import in_charge, officer
from domain.policy.duty import (
    DutyRule,
    Opening,
    Section,
    by_topics,
    extensions_told,
    first_about,
)
from domain.policy.gate import Gate, Shut
from domain.policy.s3_1_enterprise import four_gate, loop_gate, own_hazards
from domain.record import by_moment, earliest, facts_of, follows, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.listing import ListingRecord
    from domain.policy.duty import Docket

_ACCEPTED = ("listing.first_accepted", "listing.second_accepted")
_PROPOSERS = (OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT)


# 3.3a whoever knows of it proposes


_TOLD: dict[type[Any], str] = {
    HazardDetermined: "determiner_org",
    HazardFound: "finder_org",
    HazardReported: "to_org",
    HazardEscalated: "to_org",
    HazardMadeKnown: "to_org",
    ReportFiled: "to_org",
    OrderIssued: "by_org",
    InspectionHeld: "by_org",
}
"""By which facts about a hazard a body knows of it, and which field names the body."""


def _body_told(docket: Docket, entry: Entry) -> UUID | None:
    """Return the body that a fact about a hazard shows to know of it."""
    fact: Any = entry.fact
    if isinstance(fact, HazardReported) and fact.kind is ReportKind.COMPANY:
        return None
    if isinstance(fact, FindingRecorded):
        inspection = InspectionRecord("", docket.about(f"inspection:{entry.record}"))
        fact = inspection.fact("inspection.held")
    field = next((field for kind, field in _TOLD.items() if isinstance(fact, kind)), "")
    return getattr(fact, field, None)


def _major_known(docket: Docket) -> Iterator[Opening]:
    """Each body other than the enterprise that knows of a major hazard is to propose it.

    Not the authority that was asked to list it: that decides (3.3g), and has nobody to ask.
    """
    for hazard in own_hazards(docket):
        determined = hazard.determined_major
        if determined is None:
            continue
        asked = {fact.to_org for _, fact in facts_of(hazard.entries, ListingProposed)}
        told: dict[UUID, Entry] = {}
        for entry in hazard.entries:
            body = _body_told(docket, entry)
            known = docket.directory.organisations.get(body) if body else None
            if known and known.kind in _PROPOSERS and known.id not in asked:
                told.setdefault(known.id, entry)
        for body, entry in told.items():
            by = tuple(dict.fromkeys((determined, entry)))
            at = max((moment_of(each) for each in by), key=start)
            yield Opening(
                subject=hazard.subject,
                at=at,
                who=officer(docket, body, at),
                owed_to=docket.government(body),
                by=by,
                hazards=(hazard.id,),
                detail=str(body),
            )


def _proposed(docket: Docket, about: Opening) -> Entry | None:
    return first_about(docket, about.subject, "listing.proposed", "listing.made")


def _no_longer_major(docket: Docket, about: Opening) -> Entry | None:
    hazard = docket.hazards.get(about.hazards[0])
    return earliest(hazard.downgraded, hazard.closing) if hazard else None


# 3.3g the authority lists or declines


def _proposals(docket: Docket) -> Iterator[Opening]:
    for listing in docket.listings:
        entry = listing.first("listing.proposed")
        if entry and isinstance(entry.fact, ListingProposed):
            yield _about(listing, entry, entry.fact.to_org, owed_to=entry.fact.by_org)


def _about(
    listing: ListingRecord,
    entry: Entry,
    body: UUID,
    *,
    owed_to: UUID | None = None,
    due: datetime | None = None,
    detail: str = "",
) -> Opening:
    return Opening(
        subject=listing.subject,
        at=moment_of(entry),
        who=in_charge(body),
        owed_to=owed_to,
        by=(entry,),
        due=due,
        hazards=(listing.hazard,),
        detail=detail,
    )


# 3.3b plan, 3.3c rectified by the deadline, 3.3d checked each period


def _listed(docket: Docket) -> Iterator[tuple[ListingRecord, Entry, ListingMade]]:
    for listing in docket.listings:
        if listing.made and listing.terms:
            yield listing, listing.made, listing.terms


def _to_plan(docket: Docket) -> Iterator[Opening]:
    for listing, made, terms in _listed(docket):
        yield _about(listing, made, terms.responsible_body, owed_to=terms.supervising_unit)


def _to_rectify(docket: Docket) -> Iterator[Opening]:
    for listing, made, terms in _listed(docket):
        opening = _about(listing, made, terms.responsible_body, owed_to=terms.supervising_unit)
        due = end(listing.deadline or terms.deadline)
        granted = tuple(entry for entry, _, _ in listing.extensions)
        note = extensions_told(docket, terms.deadline, listing.extensions)
        yield replace(opening, due=due, by=(made, *granted), note=note)


def _rectified(docket: Docket, about: Opening) -> Entry | None:
    """The rectification of the last round, unless its acceptance failed."""
    hazard = docket.hazards.get(about.hazards[0])
    last = hazard.rounds[-1] if hazard and hazard.rounds else None
    return last if hazard and last and not hazard.failed_since(last) else None


def _to_check(docket: Docket) -> Iterator[Opening]:
    """One duty for each period while it is listed, the running one included."""
    for listing, made, terms in _listed(docket):
        opening = _about(listing, made, terms.supervising_unit, owed_to=terms.by_org)
        struck = listing.first("listing.delisted")
        for number, (begins, due) in enumerate(_periods(docket, moment_of(made)), 1):
            if struck and no_later(moment_of(struck), begins):
                break
            yield replace(opening, at=begins, due=due, detail=f"第{number}期")


def _periods(docket: Docket, listed: date | datetime) -> Iterator[tuple[date | datetime, datetime]]:
    """Yield when each period of checking begins and has run out, up to the docket's moment.

    They are counted from the listing, so that those of a month end on the same day of each month
    that has it; and anew from where a changed setting took hold.
    """
    begins = anchor = listed
    value, count = "", 0
    while no_later(begins, docket.at):
        applied = docket.settings.at("3.3d.check", begins)
        if applied.value != value:
            value, count = applied.value or "", 0
            anchor = begins if begins == listed else local_day(begins) - timedelta(days=1)
        period, count = applied.period or Period(1, "months"), count + 1
        due = docket.after(replace(period, amount=max(period.amount, 1) * count), anchor)
        yield begins, due
        begins = due


def _checked(docket: Docket, about: Opening) -> Entry | None:
    """A check counts for the period it falls in; a late one does not make up for a period."""
    for entry, fact in facts_of(docket.about(about.subject), ListingChecked):
        in_time = about.due is None or not late(moment_of(entry), about.due)
        if fact.by_org == about.who.org and no_later(about.at, moment_of(entry)) and in_time:
            return entry
    return None


def _delisted(docket: Docket, about: Opening) -> Entry | None:
    return first_about(docket, about.subject, "listing.delisted")


# 3.3e first acceptance and application, 3.3f second acceptance and delisting


def _rounds(docket: Docket, listing: ListingRecord) -> Iterator[tuple[int, HazardRecord, Entry]]:
    """Yield each round of a listed hazard, by its number and from what it counts.

    From the rectification, or from the listing where that came later; a round that had ended
    before the listing is none of it.
    """
    hazard, made = docket.hazards.get(listing.hazard), listing.made
    if hazard is None or made is None:
        return
    for number, entry in enumerate(hazard.rounds, 1):
        failed = hazard.failed_since(entry)
        if not failed or follows(failed, made):
            yield number, hazard, entry if follows(entry, made) else made


def _to_accept(docket: Docket) -> Iterator[Opening]:
    """One duty a round."""
    for listing, _, terms in _listed(docket):
        for number, _, since in _rounds(docket, listing):
            yield _about(
                listing,
                since,
                terms.responsible_body,
                owed_to=terms.supervising_unit,
                detail=f"第{number}轮",
            )


def _done_after(*topics: str) -> Callable[[Docket, Opening], Entry | None]:
    """Make a discharge: the first such fact by the bearing body after what opened the duty."""

    def done(docket: Docket, about: Opening) -> Entry | None:
        for entry in by_moment(docket.about(about.subject)):
            by_bearer = getattr(entry.fact, "by_org", None) == about.who.org
            if entry.topic in topics and by_bearer and follows(entry, about.by[0]):
                return entry
        return None

    return done


def _done_in_round(topic: str) -> Callable[[Docket, Opening], Entry | None]:
    """Make a discharge: the first such fact by the bearing body in the round of the opening."""
    after = _done_after(topic)

    def done(docket: Docket, about: Opening) -> Entry | None:
        entry, hazard = after(docket, about), docket.hazards[about.hazards[0]]
        return entry if entry and hazard.in_round(entry, about.by[0]) else None

    return done


def _round_over(docket: Docket, about: Opening) -> Entry | None:
    """Nothing more is owed in a round that a failed acceptance ended, or after the delisting."""
    failed = docket.hazards[about.hazards[0]].failed_since(about.by[0])
    return earliest(failed, _delisted(docket, about))


def _first_in_rounds(
    docket: Docket, listing: ListingRecord, entries: list[Entry]
) -> Iterator[Entry]:
    """Yield the first of ``entries`` in each round."""
    for _, hazard, since in _rounds(docket, listing):
        yield from [entry for entry in entries if hazard.in_round(entry, since)][:1]


def _passed_first(docket: Docket) -> Iterator[Opening]:
    for listing, _, terms in _listed(docket):
        passed = listing.passed("listing.first_accepted", terms.responsible_body)
        for entry in _first_in_rounds(docket, listing, passed):
            yield _about(
                listing,
                entry,
                terms.responsible_body,
                owed_to=terms.supervising_unit,
                detail=str(entry.position),
            )


def _applications(docket: Docket) -> Iterator[Opening]:
    for listing, _, terms in _listed(docket):
        applied = listing.all("listing.delisting_applied")
        for entry in _first_in_rounds(docket, listing, applied):
            yield _about(
                listing,
                entry,
                terms.supervising_unit,
                owed_to=terms.by_org,
                detail=str(entry.position),
            )


# gates


def _listing_of(docket: Docket, draft: Draft) -> ListingRecord | None:
    return next((each for each in docket.listings if each.key == str(draft.record)), None)


def _two_bodies(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    if not isinstance(fact, ListingMade) or fact.responsible_body != fact.supervising_unit:
        return None
    name = docket.directory.name(fact.responsible_body)
    return Shut(
        zh=f"责任单位与督办单位同为{name}，两次验收将出自一家",
        en=f"{name} is both responsible body and supervising unit",
        todo_zh="另行确定督办单位",
        todo_en="name another supervising unit",
    )


def _passed_this_round(docket: Docket, listing: ListingRecord, topic: str, body: UUID) -> bool:
    """Tell whether ``body`` accepted it after the last rectification, with no failure since."""
    hazard = docket.hazards.get(listing.terms.hazard) if listing.terms else None
    rectified = hazard.rectified if hazard else None
    return rectified is not None and any(
        follows(entry, rectified) for entry in listing.passed(topic, body)
    )


def _accept_gate(docket: Docket, draft: Draft) -> Shut | None:
    """It can be found not to pass at any time; to pass, it must have been rectified."""
    fact = draft.fact
    if not isinstance(fact, FirstAcceptance | SecondAcceptance) or not fact.passed:
        return None
    hazard = docket.hazards.get(fact.hazard)
    if hazard is None or hazard.rectified:
        return None
    return Shut(
        zh=f"隐患 {hazard.number} 尚无整改完成的记录，不能验收合格",
        en=f"hazard {hazard.number} is not on record as rectified; it cannot pass",
        todo_zh="先记录整改完成；上一轮验收不合格的，须重新整改",
        todo_en="record its rectification first; after a failed acceptance, that of the new round",
    )


_NOT_LISTED = Shut(
    zh="此隐患尚未挂牌，无从销号",
    en="the hazard is not listed, so it cannot be delisted",
    todo_zh="核对督办事项",
    todo_en="check the listing",
)


def _apply_gate(docket: Docket, draft: Draft) -> Shut | None:
    listing = _listing_of(docket, draft)
    if listing is None or listing.terms is None:
        return _NOT_LISTED
    body = listing.terms.responsible_body
    if _passed_this_round(docket, listing, "listing.first_accepted", body):
        return None
    return Shut(
        zh="责任单位尚未组织验收或验收未合格，不能申请销号",
        en="the responsible body has not accepted it; delisting cannot be applied for",
        todo_zh="责任单位先组织验收，合格后申请",
        todo_en="the responsible body accepts it first",
    )


def _delist_gate(docket: Docket, draft: Draft) -> Shut | None:
    listing = _listing_of(docket, draft)
    if listing is None or listing.terms is None:
        return _NOT_LISTED
    unit = listing.terms.supervising_unit
    if isinstance(draft.fact, Delisted) and draft.fact.by_org != unit:
        name = docket.directory.name(unit)
        return Shut(
            zh=f"此隐患由{name}督办，只能由其销号",
            en=f"{name} supervises this hazard, and alone can delist it",
            todo_zh=f"请{name}验收并销号",
            todo_en=f"ask {name} to accept and delist it",
        )
    both = (
        ("listing.first_accepted", listing.terms.responsible_body, "责任单位验收", "the first"),
        ("listing.second_accepted", listing.terms.supervising_unit, "督办单位验收", "the second"),
    )
    lacking = [
        (zh, en)
        for topic, body, zh, en in both
        if not _passed_this_round(docket, listing, topic, body)
    ]
    if not lacking:
        return None
    return Shut(
        zh=f"缺少合格的{'、'.join(zh for zh, _ in lacking)}，不能销号",
        en=f"it cannot be delisted without {' and '.join(en for _, en in lacking)} acceptance",
        todo_zh="两次验收均合格后再销号",
        todo_en="delist it after both acceptances have passed",
    )


SECTION = Section(
    duties=(
        DutyRule(
            "3.3a",
            "propose",
            Line.SUPERVISION,
            "对重大隐患提请挂牌督办",
            "Propose listing",
            _major_known,
            _proposed,
            within="3.3a.propose",
            until=_no_longer_major,
        ),
        DutyRule(
            "3.3g",
            "list",
            Line.LEADERSHIP,
            "决定是否挂牌督办",
            "List, or decline with reason",
            _proposals,
            by_topics("listing.made", "listing.declined"),
            within="3.3g.list",
            until=_no_longer_major,
        ),
        DutyRule(
            "3.3b",
            "plan",
            Line.SUPERVISION,
            "组织制定挂牌隐患整改方案",
            "Make the plan for the listed hazard",
            _to_plan,
            _done_after("listing.plan_made"),
            within="3.3b.plan",
            until=_delisted,
        ),
        DutyRule(
            "3.3c",
            "rectify",
            Line.SUPERVISION,
            "确保挂牌隐患按时整改到位",
            "See it rectified by the listed deadline",
            _to_rectify,
            _rectified,
        ),
        DutyRule(
            "3.3d",
            "check",
            Line.SUPERVISION,
            "督办检查",
            "Check on the listed hazard",
            _to_check,
            _checked,
            within="3.3d.check",
            until=_delisted,
        ),
        DutyRule(
            "3.3e",
            "accept",
            Line.SUPERVISION,
            "责任单位组织验收",
            "First acceptance",
            _to_accept,
            _done_in_round("listing.first_accepted"),
            within="3.3e.accept",
            until=_round_over,
        ),
        DutyRule(
            "3.3e",
            "apply",
            Line.SUPERVISION,
            "提出销号申请",
            "Apply for delisting",
            _passed_first,
            _done_in_round("listing.delisting_applied"),
            within="3.3e.apply",
            until=_round_over,
        ),
        DutyRule(
            "3.3f",
            "accept",
            Line.SUPERVISION,
            "督办单位验收",
            "Second acceptance",
            _applications,
            _done_in_round("listing.second_accepted"),
            within="3.3f.accept",
            until=_round_over,
        ),
    ),
    gates=(
        Gate("3.3f", ("listing.made",), _two_bodies, setting="3.3f.two_bodies"),
        Gate("3.3e", ("listing.first_accepted",), _accept_gate),
        Gate("3.3e", ("listing.delisting_applied",), _apply_gate),
        Gate("3.3f", ("listing.second_accepted",), _accept_gate),
        Gate("3.3f", ("listing.delisted",), _delist_gate),
        # A listed hazard is of the same closed loop: asked last, so that what is the listing's own
        # is told first.
        Gate("3.1b", (*_ACCEPTED, "listing.delisted"), loop_gate),
        Gate("3.1c", _ACCEPTED, four_gate),
    ),
)

"""三（三） Listed supervision of major hazards by government 政府挂牌督办."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.hazard import Determiner, HazardDetermined, HazardMadeKnown, HazardReported, ReportKind
from domain.listing import Delisted, DelistingApplied, ListingChecked, ListingMade, ListingProposed
from domain.moment import end, late, no_later, start
from domain.policy.bearers import in_charge, officer
from domain.policy.duty import DutyRule, Opening, Section, by_topics, first_about
from domain.policy.gate import Gate, Shut
from domain.policy.s3_1_enterprise import own_hazards
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.fact import Draft, Entry
    from domain.hazard import HazardRecord
    from domain.listing import ListingRecord
    from domain.policy.duty import Docket

# 3.3a whoever knows of it proposes


def _bodies_that_know(
    docket: Docket, hazard: HazardRecord, determined: Entry
) -> dict[UUID, tuple[Entry, ...]]:
    """Return each body other than the enterprise that knew, with the facts that show it."""
    known: dict[UUID, tuple[Entry, ...]] = {}
    for entry in hazard.entries:
        fact = entry.fact
        body: UUID | None = None
        if isinstance(fact, HazardDetermined) and fact.by is Determiner.DEPARTMENT:
            body = fact.determiner_org
        elif isinstance(fact, HazardReported) and fact.kind is not ReportKind.COMPANY:
            body = fact.to_org
        elif isinstance(fact, HazardMadeKnown):
            body = fact.to_org
        if body and body != docket.enterprise and body not in known:
            known[body] = tuple(dict.fromkeys((determined, entry)))
    return known


def _major_known(docket: Docket) -> Iterator[Opening]:
    for hazard in own_hazards(docket):
        determined = hazard.determined_major
        if determined is None:
            continue
        for body, by in _bodies_that_know(docket, hazard, determined).items():
            at = max((moment_of(entry) for entry in by), key=start)
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
    hazard = docket.hazards[about.hazards[0]]
    return hazard.downgraded or hazard.closing


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
        hazards=(entry.fact.hazard,),  # type: ignore[attr-defined]
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
        deadline = listing.deadline
        yield _about(
            listing,
            made,
            terms.responsible_body,
            owed_to=terms.supervising_unit,
            due=end(deadline) if deadline else None,
        )


def _rectified(docket: Docket, about: Opening) -> Entry | None:
    hazard = docket.hazards.get(about.hazards[0])
    return hazard.rectified if hazard else None


def _to_check(docket: Docket) -> Iterator[Opening]:
    """One duty for each period while it is listed, the running one included."""
    for listing, made, terms in _listed(docket):
        period = docket.settings.at("3.3d.check", moment_of(made)).period
        struck = listing.first("listing.delisted")
        begins = moment_of(made)
        count = 1
        while period and no_later(begins, docket.at):
            if struck and no_later(moment_of(struck), begins):
                break
            due = period.after(begins)
            yield Opening(
                subject=listing.subject,
                at=begins,
                who=in_charge(terms.supervising_unit),
                owed_to=terms.by_org,
                by=(made,),
                due=due,
                hazards=(terms.hazard,),
                detail=f"第{count}期",
            )
            begins, count = due, count + 1


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


def _to_accept(docket: Docket) -> Iterator[Opening]:
    for listing, made, terms in _listed(docket):
        hazard = docket.hazards.get(terms.hazard)
        for entry in hazard.all("hazard.rectified") if hazard else []:
            if entry.position > made.position:
                yield _about(
                    listing,
                    entry,
                    terms.responsible_body,
                    owed_to=terms.supervising_unit,
                    detail=str(entry.position),
                )


def _after(docket: Docket, about: Opening, *topics: str) -> Entry | None:
    return next(
        (
            entry
            for entry in docket.about(about.subject)
            if entry.topic in topics and entry.position > about.by[0].position
        ),
        None,
    )


def _first_accepted(docket: Docket, about: Opening) -> Entry | None:
    return _after(docket, about, "listing.first_accepted")


def _passed_first(docket: Docket) -> Iterator[Opening]:
    for listing, _, terms in _listed(docket):
        passed = listing.passed("listing.first_accepted")
        if passed:
            yield _about(listing, passed, terms.responsible_body, owed_to=terms.supervising_unit)


def _applied(docket: Docket, about: Opening) -> Entry | None:
    return _after(docket, about, "listing.delisting_applied")


def _applications(docket: Docket) -> Iterator[Opening]:
    for listing, _, terms in _listed(docket):
        for entry in listing.all("listing.delisting_applied"):
            yield _about(
                listing,
                entry,
                terms.supervising_unit,
                owed_to=terms.by_org,
                detail=str(entry.position),
            )


def _second_accepted(docket: Docket, about: Opening) -> Entry | None:
    return _after(docket, about, "listing.second_accepted")


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


def _passed_since_rectified(docket: Docket, listing: ListingRecord, topic: str) -> Entry | None:
    """Return the passed acceptance of this round: after the last rectification."""
    passed = listing.passed(topic)
    hazard = docket.hazards.get(listing.terms.hazard) if listing.terms else None
    rectified = hazard.last("hazard.rectified") if hazard else None
    if passed and rectified and passed.position < rectified.position:
        return None
    return passed


def _apply_gate(docket: Docket, draft: Draft) -> Shut | None:
    listing = _listing_of(docket, draft)
    if not isinstance(draft.fact, DelistingApplied) or listing is None:
        return None
    if _passed_since_rectified(docket, listing, "listing.first_accepted"):
        return None
    return Shut(
        zh="责任单位尚未组织验收或验收未合格，不能申请销号",
        en="the responsible body has not accepted it; delisting cannot be applied for",
        todo_zh="责任单位先组织验收，合格后申请",
        todo_en="the responsible body accepts it first",
    )


def _delist_gate(docket: Docket, draft: Draft) -> Shut | None:
    listing = _listing_of(docket, draft)
    if not isinstance(draft.fact, Delisted) or listing is None:
        return None
    lacking = [
        words
        for topic, words in (
            ("listing.first_accepted", ("责任单位验收", "the first acceptance")),
            ("listing.second_accepted", ("督办单位验收", "the second acceptance")),
        )
        if not _passed_since_rectified(docket, listing, topic)
    ]
    if not lacking:
        return None
    zh = "、".join(words[0] for words in lacking)
    en = " and ".join(words[1] for words in lacking)
    return Shut(
        zh=f"缺少合格的{zh}，不能销号",
        en=f"it cannot be delisted without {en}",
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
        ),
        DutyRule(
            "3.3b",
            "plan",
            Line.SUPERVISION,
            "组织制定挂牌隐患整改方案",
            "Make the plan for the listed hazard",
            _to_plan,
            by_topics("listing.plan_made"),
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
            until=_delisted,
        ),
        DutyRule(
            "3.3e",
            "accept",
            Line.SUPERVISION,
            "责任单位组织验收",
            "First acceptance",
            _to_accept,
            _first_accepted,
            within="3.3e.accept",
        ),
        DutyRule(
            "3.3e",
            "apply",
            Line.SUPERVISION,
            "提出销号申请",
            "Apply for delisting",
            _passed_first,
            _applied,
            within="3.3e.apply",
        ),
        DutyRule(
            "3.3f",
            "accept",
            Line.SUPERVISION,
            "督办单位验收",
            "Second acceptance",
            _applications,
            _second_accepted,
            within="3.3f.accept",
        ),
    ),
)

GATES = (
    Gate("3.3f", ("listing.made",), _two_bodies, setting="3.3f.two_bodies"),
    Gate("3.3e", ("listing.delisting_applied",), _apply_gate),
    Gate("3.3f", ("listing.delisted",), _delist_gate),
)

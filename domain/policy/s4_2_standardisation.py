"""四（二） Standardisation 安全生产标准化: the set dates, what follows them, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.grade import (
    Authority,
    GradeAwarded,
    GradeKind,
    GradeNotified,
    grade_held,
)
from domain.measure import (
    ClosingDecided,
    ClosingRequested,
    Measure,
    MeasureDecided,
    MeasureGround,
)
from domain.moment import earlier, no_later
from domain.organisation import Level, OrgKind
from domain.policy.bearers import due_or_now, officer, regulator_until
from domain.policy.duty import DutyRule, Opening, Section, extensions_told, first_about
from domain.policy.gate import Gate, Shut
from domain.record import by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.fact import Draft, Entry
    from domain.grade import TargetDate, TargetRecord
    from domain.policy.duty import Docket

_BODIES = (OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT)


# 4.2a past the set date a decision, past the second one a request for closing


def _missed(docket: Docket) -> Iterator[tuple[TargetRecord, int, TargetDate]]:
    """Yield each date that passed with the grade not reached: the first is 0, the second 1."""
    org = docket.directory.organisations.get(docket.enterprise)
    for target in docket.targets:
        for number, date_set in enumerate(target.dates):
            day = date_set.deadline
            held = grade_held(docket.entries, day)
            reached = held is not None and target.asks(held.grade)
            gone = org is not None and org.closed is not None and no_later(org.closed, day)
            if earlier(day, docket.at) and not reached and not gone:
                yield target, number, date_set


def _opening(docket: Docket, target: TargetRecord, date_set: TargetDate) -> Opening:
    day = date_set.deadline
    regulator = regulator_until(docket, day, "4.2a.decide") or date_set.by_org
    return Opening(
        subject=target.subject,
        at=day,
        who=officer(docket, regulator, day, due_or_now(docket, day, "4.2a.decide")),
        owed_to=docket.government(regulator),
        by=(date_set.entry, *(entry for entry, _, _ in date_set.extensions)),
        note=extensions_told(docket, date_set.first, date_set.extensions),
    )


def _to_decide(docket: Docket) -> Iterator[Opening]:
    for target, number, date_set in _missed(docket):
        if number == 0:
            yield _opening(docket, target, date_set)


def _to_request(docket: Docket) -> Iterator[Opening]:
    for target, number, date_set in _missed(docket):
        if number == 1:
            yield _opening(docket, target, date_set)


def _decided(docket: Docket, about: Opening) -> Entry | None:
    """The decision suspends and halts, or says by which law it does not."""
    for entry, fact in facts_of(docket.entries, MeasureDecided):
        whole = {Measure.SUSPENSION, Measure.HALT} <= set(fact.measures) or fact.reason
        if fact.ground is MeasureGround.STANDARD and whole and _answers(docket, about, entry):
            return entry
    return None


def _requested(docket: Docket, about: Opening) -> Entry | None:
    for entry, fact in facts_of(docket.entries, ClosingRequested):
        if fact.ground is MeasureGround.STANDARD and _answers(docket, about, entry):
            return entry
    return None


def _answers(docket: Docket, about: Opening, entry: Entry) -> bool:
    """Tell whether an act came after the date had passed, from the department that owes it."""
    at = moment_of(entry)
    by_org = getattr(entry.fact, "by_org", None)
    return earlier(about.at, at) and by_org in (about.who.org, docket.regulator(at))


def _reached_or_closed(docket: Docket, about: Opening) -> Entry | None:
    """The grade was reached after all, or the enterprise closed by itself."""
    target = next(each for each in docket.targets if each.subject == about.subject)
    reached = [
        entry
        for entry, fact in facts_of(docket.entries, GradeAwarded)
        if fact.kind is GradeKind.ENTERPRISE
        and target.asks(fact.grade)
        and earlier(about.at, moment_of(entry))
    ]
    closed = first_about(docket, f"org:{docket.enterprise}", "organisation.closed")
    return next(iter(by_moment([*reached, *([closed] if closed else [])])), None)


def _county_or_above(docket: Docket, draft: Draft) -> Shut | None:
    """安全生产法 art. 115: the county government or above decides on closing."""
    fact = draft.fact
    assert isinstance(fact, ClosingDecided)  # noqa: S101 - as the gate's topics say
    body = docket.directory.organisations.get(fact.by_org)
    if body and body.kind is OrgKind.GOVERNMENT and body.level is not Level.TOWN:
        return None
    name = docket.directory.name(fact.by_org)
    return Shut(
        zh=f"{name}无权决定关闭，须由县级以上人民政府决定",
        en=f"{name} cannot decide on closing: the county government or above does",
        todo_zh="报请县级以上人民政府决定（安全生产法第一百一十五条）",
        todo_en="ask the county government or above (安全生产法 art. 115)",
    )


# 4.2c each grade is told to those in charge of finance


def _to_notify(docket: Docket) -> Iterator[Opening]:
    for entry, fact in facts_of(docket.entries, GradeAwarded):
        at = moment_of(entry)
        if earlier(at, docket.silent_since(at)):
            continue
        known = docket.directory.organisations.get(fact.by_org)
        by_body = known is not None and known.kind in _BODIES
        body = fact.by_org if by_body else regulator_until(docket, at, "4.2c.notify")
        yield Opening(
            subject=f"grade:{entry.record}",
            at=at,
            who=officer(docket, body, at, due_or_now(docket, at, "4.2c.notify")),
            owed_to=docket.government(body) if body else None,
            by=(entry,),
        )


def _notified(docket: Docket, about: Opening) -> Entry | None:
    """Done when all four were told, be it one after another."""
    left = set(Authority)
    for entry in by_moment(docket.about(about.subject)):
        left -= set(entry.fact.to) if isinstance(entry.fact, GradeNotified) else set()
        if not left:
            return entry
    return None


def _grade_withdrawn(docket: Docket, about: Opening) -> Entry | None:
    return first_about(docket, about.subject, "grade.withdrawn")


SECTION = Section(
    duties=(
        DutyRule(
            "4.2a",
            "decide",
            Line.SUPERVISION,
            "对未按期达标的作出处理决定",
            "Decide on the grade not reached",
            _to_decide,
            _decided,
            within="4.2a.decide",
            until=_reached_or_closed,
        ),
        DutyRule(
            "4.2a",
            "close",
            Line.SUPERVISION,
            "对整改逾期未达标的提请关闭",
            "Request closing",
            _to_request,
            _requested,
            within="4.2a.decide",
            until=_reached_or_closed,
        ),
        DutyRule(
            "4.2c",
            "notify",
            Line.SUPERVISION,
            "通报达标评价结果",
            "Notify the grade",
            _to_notify,
            _notified,
            within="4.2c.notify",
            until=_grade_withdrawn,
        ),
    ),
    gates=(Gate("4.2a", ("closing.decided",), _county_or_above),),
)

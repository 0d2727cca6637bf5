"""二（三） The pools: admission, publication, who is in them on a day, enough of each specialty.

A pool's duties are told in the docket of its authority, and, as far as they are about one expert,
in that of each enterprise where the expert took part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.expert import (
    ExpertAdmitted,
    ExpertPublished,
    LetterIssued,
    Registration,
    Title,
    completed_years,
)
from domain.expert_pool import DemandSet
from domain.inspection import InspectionHeld
from domain.moment import earlier, local_day, no_later
from domain.people import PersonRegistered
from domain.policy.bearers import in_charge
from domain.policy.duty import DutyRule, Opening, Section
from domain.policy.gate import Gate, Shut
from domain.policy.s2_1_panel import APPOINTING, members, named
from domain.record import by_moment, facts_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from uuid import UUID

    from domain.expert import ExpertFact, ExpertRecord, Membership
    from domain.fact import Draft, Entry
    from domain.policy.duty import Docket

_TITLES = (Title.SENIOR, Title.INTERMEDIATE)
_REGISTRATIONS = tuple(Registration)


# 2.3a enough experts of each specialty


def in_stock(docket: Docket, body: UUID, specialty: str, day: Entry) -> int:
    """Return how many experts of a specialty a body's pool held as of a fact."""
    moment = moment_of(day)
    return sum(
        any(
            place.authority == body and specialty in place.specialties
            for place in expert.places(moment)
        )
        for expert in docket.experts.values()
    )


def _demands(docket: Docket) -> dict[str, list[tuple[Entry, DemandSet]]]:
    """Return what the docket's own body said it needs, by specialty, earliest first."""
    found: dict[str, list[tuple[Entry, DemandSet]]] = {}
    for entry in by_moment(docket.about(f"org:{docket.enterprise}")):
        if isinstance(entry.fact, DemandSet) and entry.fact.body == docket.enterprise:
            found.setdefault(entry.fact.specialty, []).append((entry, entry.fact))
    return found


def _shortages(
    docket: Docket,
) -> Iterator[tuple[str, Entry, Entry | None]]:
    """Yield each time in which a specialty fell short: by which fact it began, and ended."""
    body = docket.enterprise
    changes = [
        entry
        for expert in docket.experts.values()
        for place in expert.memberships
        if place.authority == body
        for entry in (place.admitted, *place.changes)
    ]
    for specialty, demands in _demands(docket).items():
        told = [entry for entry, _ in demands]
        began: Entry | None = None
        for entry in by_moment([*told, *changes]):
            so_far = [fact.number for each, fact in demands if _by(each, entry)]
            short = bool(so_far) and in_stock(docket, body, specialty, entry) < so_far[-1]
            if short and began is None:
                began = entry
            elif not short and began is not None:
                yield specialty, began, entry
                began = None
        if began:
            yield specialty, began, None


def _by(entry: Entry, other: Entry) -> bool:
    return entry is other or no_later(moment_of(entry), moment_of(other))


def _to_fill(docket: Docket) -> Iterator[Opening]:
    for specialty, began, _ in _shortages(docket):
        yield Opening(
            subject=f"org:{docket.enterprise}",
            at=moment_of(began),
            who=in_charge(docket.enterprise),
            owed_to=docket.government(docket.enterprise),
            by=(began,),
            detail=f"{local_day(moment_of(began))} {specialty}",
        )


def _ended(docket: Docket, about: Opening) -> Entry | None:
    return next(
        (ended for _, began, ended in _shortages(docket) if (began,) == about.by and ended), None
    )


def _filled(docket: Docket, about: Opening) -> Entry | None:
    ended = _ended(docket, about)
    return None if ended and isinstance(ended.fact, DemandSet) else ended


def _no_longer_needed(docket: Docket, about: Opening) -> Entry | None:
    ended = _ended(docket, about)
    return ended if ended and isinstance(ended.fact, DemandSet) else None


# 2.3b admission


def _admission_gate(docket: Docket, draft: Draft) -> Shut | None:
    fact = draft.fact
    assert isinstance(fact, ExpertAdmitted)  # noqa: S101 - the topic that it guards
    years = docket.settings.at("2.3b.years", draft.happened).number or 0
    oldest = docket.settings.at("2.3b.age", draft.happened).number or 0
    wanting = _wanting(fact, years)
    registered = facts_of(docket.about(f"person:{draft.record}"), PersonRegistered)
    born = next((each.born for _, each in registered if each.born), fact.born)
    if born is None:
        wanting.append(("未载明出生日期", "the day of birth is not stated"))
    elif fact.retired and fact.exception is None:
        age = completed_years(born, local_day(draft.happened))
        if age > oldest:
            zh = f"退休人员，年满{age}周岁，超过{oldest}岁，且未说明理由"
            en = f"retired, {age} years old, over {oldest}, and no reason is given"
            wanting.append((zh, en))
    if not wanting:
        return None
    return Shut(
        zh=f"不符合入选专家库的条件：{'；'.join(zh for zh, _ in wanting)}",
        en=f"the conditions of admission are not met: {'; '.join(en for _, en in wanting)}",
        todo_zh="核对职称或执业资格、工作年数、健康状况和年龄；确需聘用超龄退休人员的写明理由",
        todo_en="check title or registration, years, health and age; state the reason for one "
        "who is retired and older",
    )


def _wanting(fact: ExpertAdmitted, years: int) -> list[tuple[str, str]]:
    wanting = []
    if fact.title not in _TITLES and fact.registration not in _REGISTRATIONS:
        zh = "没有中高级职称或注册安全工程师、注册安全评价师执业资格"
        wanting.append((zh, "neither an intermediate or senior title nor a registration"))
    if fact.years < years:
        zh = f"从事安全生产技术与管理工作{fact.years}年，不足{years}年"
        wanting.append((zh, f"{fact.years} years of work, fewer than {years}"))
    if not fact.healthy:
        wanting.append(("身体状况不合要求", "not in good health"))
    return wanting


# 2.3c published, and the letter issued


def concerned(docket: Docket) -> Iterator[tuple[ExpertRecord, Membership]]:
    """Yield the experts of the docket's own pool, or those who took part at its enterprise."""
    took_part = {person for each in docket.expert_inspections for person in each.members}
    took_part |= {
        each.person
        for inspection in docket.expert_inspections
        for recheck in inspection.rechecks
        for each in recheck.fact.experts
    }
    for _, fact in facts_of(docket.entries, InspectionHeld):
        took_part |= set(fact.experts) if fact.enterprise == docket.enterprise else set()
    for person, expert in docket.experts.items():
        for place in expert.memberships:
            if person in took_part or place.authority == docket.enterprise:
                yield expert, place


def place_in(docket: Docket, about: Opening) -> Membership:
    """Return the place in a pool that a duty about an expert rests on."""
    return next(place for _, place in concerned(docket) if place.admitted in about.by)


def _admitted(docket: Docket) -> Iterator[Opening]:
    """One duty an admission; of what came before the ledger was opened it holds no papers."""
    for expert, place in concerned(docket):
        admitted = moment_of(place.admitted)
        if earlier(admitted, docket.silent_since(admitted)):
            continue
        day = local_day(admitted)
        yield Opening(
            subject=expert.subject,
            at=admitted,
            who=in_charge(place.authority),
            owed_to=docket.government(place.authority),
            by=(place.admitted,),
            detail=f"{day}@{place.authority}",
        )


def _first(place: Membership, kind: type[ExpertFact]) -> Entry | None:
    return next((each for each in place.changes if isinstance(each.fact, kind)), None)


def _published(docket: Docket, about: Opening) -> Entry | None:
    return _first(place_in(docket, about), ExpertPublished)


def _letter(docket: Docket, about: Opening) -> Entry | None:
    return _first(place_in(docket, about), LetterIssued)


def left(docket: Docket, about: Opening) -> Entry | None:
    """Return the fact by which the expert left the pool for good."""
    return place_in(docket, about).ended(docket.at)


# 2.3d in the pool on the day of appointment


def _status_gate(docket: Docket, draft: Draft) -> Shut | None:
    """Those who were never in a pool are 2.1d's to ask for."""
    absent = [
        each.person
        for each in members(draft)
        if each.special_reason is None
        and each.specialty not in docket.expert(each.person).specialties(draft.happened)
    ]
    if not absent:
        return None
    names = named(docket, absent)
    return Shut(
        zh=f"{names}在聘请之日不在专家库内（尚未聘入、已暂停或已调出）",
        en=f"{names}: not in a pool on the day of appointment (not yet in, suspended or left)",
        todo_zh="改聘在库专家；特殊专业确需聘请的，写明理由",
        todo_en="appoint one who is, or state the special reason",
    )


def shortage(docket: Docket, day: date) -> list[tuple[str, int, int]]:
    """Return for each specialty how many the docket's own body needs, and has, on a day."""
    found = []
    needs = {
        specialty: [f.number for e, f in demands if no_later(moment_of(e), day)]
        for specialty, demands in sorted(_demands(docket).items())
    }
    for specialty, needed in ((each, numbers) for each, numbers in needs.items() if numbers):
        has = sum(
            any(
                place.authority == docket.enterprise and specialty in place.specialties
                for place in expert.places(day)
            )
            for expert in docket.experts.values()
        )
        found.append((specialty, needed[-1], has))
    return found


SECTION = Section(
    duties=(
        DutyRule(
            "2.3a",
            "fill",
            Line.SUPERVISION,
            "补足专家库该专业人数",
            "Fill the shortage of experts",
            _to_fill,
            _filled,
            within="2.3a.fill",
            until=_no_longer_needed,
        ),
        DutyRule(
            "2.3c",
            "publish",
            Line.SUPERVISION,
            "发文公布入选专家",
            "Publish the admission",
            _admitted,
            _published,
            within="2.3c.publish",
            until=left,
        ),
        DutyRule(
            "2.3c",
            "letter",
            Line.SUPERVISION,
            "发放专家聘书",
            "Issue the letter of appointment",
            _admitted,
            _letter,
            within="2.3c.publish",
            until=left,
        ),
    ),
    gates=(
        Gate("2.3b", ("expert.admitted",), _admission_gate),
        Gate("2.3d", APPOINTING, _status_gate),
    ),
)

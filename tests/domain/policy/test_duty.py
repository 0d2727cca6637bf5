from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest

from domain.answer import Line, State
from domain.calendar import CALENDAR, DayDecided
from domain.fact import Actor, Entry, Fact
from domain.ledger_opened import LedgerOpened, ledger_id
from domain.moment import end
from domain.monthly_report import DutyWaived
from domain.organisation import (
    OrganisationChanged,
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
)
from domain.people import AppointmentEnded, AppointmentMade, PostAbolished, PostCreated, PostKind
from domain.policy.duty import (
    Breach,
    BreachRule,
    Docket,
    Duty,
    DutyRule,
    Opening,
    Who,
    bearing,
    by_topics,
    duty_of,
    find,
    first_about,
    judge,
)
from domain.setting import SETTINGS, SettingChanged
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT, county, found

OPENED = date(2024, 3, 1)
AT = date(2024, 3, 20)
SUBJECT = f"hazard:{HAZARD}"
ZHANG, LI = ident("张"), ident("李")
HEAD, SECOND = ident("主要岗位"), ident("分管岗位")


def day(number: int) -> date:
    return date(2024, 3, number)


def rule(
    opening: Opening, *, within: str | None = "3.2d.apply", until: Entry | None = None
) -> DutyRule:
    """Return a rule with this one opening: five days, kept by the hazard's disclosure."""
    return DutyRule(
        "3.2d",
        "test",
        Line.ENTERPRISE,
        "申请",
        "Apply",
        lambda _: [opening],
        by_topics("hazard.found"),
        within=within,
        until=(lambda *_: until) if until else None,
    )


def opening(owed_to: UUID | None = DEPARTMENT, detail: str = "") -> Opening:
    who = Who(PLANT, PostKind.PRINCIPAL)
    return Opening(SUBJECT, OPENED, who, owed_to=owed_to, detail=detail)


def docket(book: Book, at: date | datetime = AT) -> Docket:
    return Docket(PLANT, book.entries, at)


def state(book: Book, at: date | datetime = AT, of: Opening | None = None) -> State:
    (duty,) = judge(docket(book, at), [rule(of or opening())])
    return duty.state


# states


@pytest.mark.parametrize(
    ("done", "at", "expected"),
    [
        (None, noon("2024-03-06"), State.OPEN),
        (None, end(day(6)), State.BROKEN),
        (None, day(7), State.BROKEN),
        (day(6), AT, State.KEPT),
        (day(7), AT, State.KEPT_LATE),
    ],
)
def test_how_a_duty_stands(done: date | None, at: date | datetime, expected: State) -> None:
    book = county()
    if done:
        book.enter(HAZARD, found(), done)
    assert state(book, at) is expected


def test_a_duty_without_a_deadline_stays_open() -> None:
    duty = duty_of(docket(county()), rule(opening(), within=None), opening())
    assert (duty.state, duty.due, duty.applied) == (State.OPEN, None, None)
    assert duty.id == f"3.2d/test/{SUBJECT}"
    other = duty_of(docket(county()), rule(opening()), opening(detail="第2轮"))
    assert other.id == f"3.2d/test/{SUBJECT}/第2轮"


def test_a_rule_switched_off_opens_nothing() -> None:
    book = county()
    off = SettingChanged(key="3.2d.apply", value=None, since=day(1), source="文件")
    book.enter(SETTINGS, off, date(2024, 2, 1))
    assert judge(docket(book), [rule(opening())]) == []


@pytest.mark.parametrize(("ceased", "expected"), [(6, State.WAIVED), (7, State.BROKEN)])
def test_what_ceased_before_it_fell_due_is_no_longer_owed(ceased: int, expected: State) -> None:
    book = county()
    entry = book.enter(PLANT, OrganisationChanged(employees=3), day(ceased))
    (duty,) = judge(docket(book), [rule(opening(), until=entry)])
    assert duty.state is expected


def test_what_was_done_did_not_cease() -> None:
    book = county()
    entry = book.enter(HAZARD, found(), day(5))
    (duty,) = judge(docket(book), [rule(opening(), until=entry)])
    assert (duty.state, duty.waived) == (State.KEPT, None)


# waivers


def waive(
    book: Book,
    by: UUID = DEPARTMENT,
    subject: str = SUBJECT,
    clause: str = "3.2d",
    on: int = 4,
) -> Book:
    fact = DutyWaived(
        enterprise=PLANT, clause=clause, subject=subject, by_org=by, reason=text("停电")
    )
    book.enter(ident("豁免"), fact, day(on))
    return book


@pytest.mark.parametrize(
    ("by", "subject", "clause", "expected"),
    [
        (DEPARTMENT, SUBJECT, "3.2d", State.WAIVED),
        (DEPARTMENT, f"{SUBJECT}/第1轮", "3.2d", State.WAIVED),
        (GOVERNMENT, SUBJECT, "3.2d", State.BROKEN),
        (PLANT, SUBJECT, "3.2d", State.BROKEN),
        (DEPARTMENT, f"{SUBJECT}/第2轮", "3.2d", State.BROKEN),
        (DEPARTMENT, SUBJECT, "3.2a", State.BROKEN),
    ],
)
def test_only_the_counterpart_waives_and_only_what_it_names(
    by: UUID, subject: str, clause: str, expected: State
) -> None:
    book = waive(county(), by, subject, clause)
    assert state(book, of=opening(detail="第1轮")) is expected


def test_nobody_waives_what_is_owed_to_nobody_or_to_themselves() -> None:
    assert state(waive(county()), of=opening(owed_to=None)) is State.BROKEN
    assert state(waive(county(), PLANT), of=opening(owed_to=PLANT)) is State.BROKEN


@pytest.mark.parametrize(("done", "expected"), [(5, State.KEPT), (8, State.WAIVED)])
def test_what_was_kept_in_time_needs_no_waiver(done: int, expected: State) -> None:
    book = waive(county())
    book.enter(HAZARD, found(), day(done))
    assert state(book) is expected


@pytest.mark.parametrize(
    ("on", "expected", "told"),
    [
        (6, State.WAIVED, None),
        (7, State.KEPT_LATE, "县局于2024-03-07豁免，时已逾期，不生效"),
    ],
)
def test_a_waiver_after_the_deadline_undoes_no_lateness_and_is_told(
    on: int, expected: State, told: str | None
) -> None:
    book = waive(county(), on=on)
    book.enter(HAZARD, found(), day(8))
    (duty,) = judge(docket(book), [rule(opening())])
    assert duty.state is expected
    assert (duty.note and duty.note[0]) == told


# who bore it


def staffed(*facts: tuple[UUID, Fact, date | datetime]) -> Docket:
    """Return a docket in which the plant has both posts, and these facts."""
    book = county()
    for org, post, kind in (
        (PLANT, HEAD, PostKind.PRINCIPAL),
        (PLANT, SECOND, PostKind.DEPUTY),
        (GOVERNMENT, ident("县长岗位"), PostKind.PRINCIPAL),
    ):
        created = PostCreated(organisation=org, kind=kind, title=kind.value)
        book.enter(post, created, date(2024, 1, 1))
    mayor = AppointmentMade(organisation=GOVERNMENT, person=ident("县长"))
    book.enter(ident("县长岗位"), mayor, date(2024, 1, 1))
    for record, fact, happened in facts:
        book.enter(record, fact, happened)
    return docket(book)


def comes(person: UUID) -> AppointmentMade:
    return AppointmentMade(organisation=PLANT, person=person)


def leaves(person: UUID) -> AppointmentEnded:
    return AppointmentEnded(organisation=PLANT, person=person)


PRINCIPAL, DEPUTY = Who(PLANT, PostKind.PRINCIPAL), Who(PLANT, PostKind.DEPUTY)


def test_everybody_who_held_the_post_meanwhile_bears_it() -> None:
    made = staffed(
        (HEAD, comes(ident("前任")), date(2024, 1, 1)),
        (HEAD, leaves(ident("前任")), date(2024, 2, 1)),
        (HEAD, comes(ZHANG), date(2024, 2, 2)),
        (HEAD, leaves(ZHANG), day(5)),
        (HEAD, comes(LI), day(6)),
    )
    borne = bearing(made, PRINCIPAL, day(1), day(10), day(10))
    assert [held.person for held in borne.holders] == [ZHANG, LI]
    assert (borne.org, borne.vacant, borne.stand_in) == (PLANT, False, ())
    assert borne.post is not None
    assert borne.post.id == HEAD


def test_a_post_vacant_when_it_mattered_is_answered_for_by_another() -> None:
    made = staffed((HEAD, comes(ZHANG), day(1)), (HEAD, leaves(ZHANG), day(5)))
    borne = bearing(made, PRINCIPAL, day(1), day(10), day(10))
    assert ([h.person for h in borne.holders], borne.vacant) == ([ZHANG], True)
    assert (borne.stand_in_org, [h.person for h in borne.stand_in]) == (
        GOVERNMENT,
        [ident("县长")],
    )
    assert not bearing(made, PRINCIPAL, day(1), day(10), day(4)).vacant


def test_the_principal_answers_for_the_deputys_post() -> None:
    made = staffed((HEAD, comes(ZHANG), day(1)))
    borne = bearing(made, DEPUTY, day(1), day(10), day(10))
    assert (borne.holders, borne.vacant, borne.stand_in_org) == ((), True, PLANT)
    assert [h.person for h in borne.stand_in] == [ZHANG]
    assert borne.post is not None
    assert borne.post.id == SECOND


def test_one_post_outright_whoever_else_there_is() -> None:
    made = staffed((HEAD, comes(ZHANG), day(1)), (SECOND, comes(LI), day(1)))
    borne = bearing(made, Who(PLANT, PostKind.DEPUTY, HEAD), day(1), day(10), day(10))
    assert [held.person for held in borne.holders] == [ZHANG]


def test_a_post_that_was_replaced_by_another_is_found_by_its_kind() -> None:
    new = ident("新岗位")
    made = staffed(
        (SECOND, PostAbolished(organisation=PLANT), day(5)),
        (new, PostCreated(organisation=PLANT, kind=PostKind.DEPUTY, title="新"), day(5)),
        (new, comes(LI), day(6)),
    )
    borne = bearing(made, DEPUTY, day(1), day(10), day(10))
    assert borne.post is not None
    assert (borne.post.id, borne.vacant) == (new, False)
    before = bearing(made, DEPUTY, day(1), day(4), day(4)).post
    assert before is not None
    assert before.id == SECOND


def test_where_no_body_is_there_is_nobody() -> None:
    borne = bearing(staffed(), Who(None, PostKind.DEPUTY), day(1), day(2), day(2))
    assert (borne.org, borne.post, borne.holders, borne.vacant) == (None, None, (), False)


def test_nobody_above_answers_for_a_principal_without_a_government() -> None:
    borne = bearing(staffed(), Who(DEPARTMENT, PostKind.DEPUTY), day(1), day(2), day(2))
    assert (borne.vacant, borne.stand_in_org, borne.stand_in) == (True, DEPARTMENT, ())
    above = bearing(docket(county()), Who(GOVERNMENT, PostKind.PRINCIPAL), day(1), day(2), day(2))
    assert (above.vacant, above.stand_in_org, above.stand_in) == (True, None, ())


def test_of_a_unit_known_from_imports_only_no_vacancy_is_claimed() -> None:
    book = Book()
    fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="甲", name="甲")
    entry = book.enter(PLANT, fact, day(1))
    book.entries[0] = replace(entry, by=Actor(authentication="import"))
    assert not bearing(docket(book), PRINCIPAL, day(1), day(2), day(2)).vacant


# what a docket knows beside


def test_silence_is_no_evidence_before_the_ledger_was_opened() -> None:
    assert docket(county()).silent_since(OPENED) == OPENED
    book = county()
    fact = LedgerOpened(origin="t.example/x", jurisdiction="甲县", keys="0" * 64)
    entry = book.enter(ledger_id("t.example/x"), fact, noon("2024-03-10"))
    made = docket(book, date(2024, 3, 2))
    assert made.opened == (entry, fact)
    assert made.silent_since(OPENED) == entry.recorded
    assert made.silent_since(day(12)) == day(12)


def test_the_government_is_the_one_above_or_the_one_above_the_regulator() -> None:
    zone, alone = ident("管委会"), ident("无上级厂")
    book = county()
    for org, kind, parent in (
        (zone, OrgKind.ZONE, GOVERNMENT),
        (alone, OrgKind.ENTERPRISE, None),
    ):
        fact = OrganisationRegistered(kind=kind, code=str(org), name="某", parent=parent)
        book.enter(org, fact, day(1))
    assert docket(book).government() == GOVERNMENT
    assert docket(book).government(DEPARTMENT) == GOVERNMENT
    assert docket(book).government(GOVERNMENT) is None
    for department, expected in ((DEPARTMENT, GOVERNMENT), (zone, zone), (ident("未登记"), None)):
        assigned = SupervisionAssigned(enterprise=alone, department=department)
        other = Book(list(book.entries))
        other.enter(ident("监管"), assigned, day(2))
        assert Docket(alone, other.entries, AT).government() == expected
    assert Docket(alone, book.entries, AT).government() is None


def test_the_bodies_of_an_enterprise_are_its_supervisors_and_all_above() -> None:
    city, zone = ident("市政府"), ident("管委会")
    book = county()
    government = OrganisationRegistered(kind=OrgKind.GOVERNMENT, code="市", name="市")
    book.enter(city, government, day(1))
    book.enter(GOVERNMENT, OrganisationChanged(parent=city), day(1))
    committee = OrganisationRegistered(kind=OrgKind.ZONE, code="区", name="区", parent=city)
    book.enter(zone, committee, day(1))
    assert docket(book).bodies == [GOVERNMENT, city]
    for department in (DEPARTMENT, zone, ident("未登记"), DEPARTMENT):
        assigned = SupervisionAssigned(enterprise=PLANT, department=department)
        book.enter(ident("监管"), assigned, day(2))
    assert docket(book).bodies == [DEPARTMENT, zone, GOVERNMENT, city]


def test_the_body_of_a_bodys_own_docket_is_itself() -> None:
    book = county()
    assert Docket(DEPARTMENT, book.entries, AT).bodies == [DEPARTMENT]
    assert Docket(ident("未登记"), book.entries, AT).bodies == []


# working days


def working_days(opened: date, note: tuple[str, str] | None = None, *days: date) -> Duty:
    """Return a duty of three working days, with local decisions that these days are free."""
    book = county()
    setting = SettingChanged(key="3.2d.apply", value="3 working_days", since=day(1), source="文件")
    book.enter(SETTINGS, setting, date(2024, 1, 2))
    for each in days:
        book.enter(CALENDAR, DayDecided(day=each, works=False, source="文件"), date(2024, 1, 3))
    subject = Opening(SUBJECT, opened, Who(PLANT, PostKind.PRINCIPAL), note=note)
    return duty_of(Docket(PLANT, book.entries, opened), rule(subject), subject)


def test_a_deadline_in_working_days_skips_holidays_and_what_was_decided_here() -> None:
    duty = working_days(date(2024, 4, 29))
    assert (duty.due, duty.note, duty.by_calendar) == (end(date(2024, 5, 7)), None, ())
    duty = working_days(date(2024, 4, 29), None, date(2024, 5, 6), date(2024, 6, 3))
    assert duty.due == end(date(2024, 5, 8))
    assert [entry.fact for entry in duty.by_calendar] == [
        DayDecided(day=date(2024, 5, 6), works=False, source="文件")
    ]


def test_years_whose_holidays_are_not_known_are_told() -> None:
    duty = working_days(date(2150, 4, 29))
    assert duty.note is not None
    assert duty.note[0] == "2150年的节假日安排不在案，工作日只按周末推算"
    duty = working_days(date(2150, 12, 30), ("原注", "as noted"))
    assert duty.note is not None
    assert duty.note[0] == "原注；2150、2151年的节假日安排不在案，工作日只按周末推算"
    assert duty.note[1].startswith("as noted; the holidays of 2150")


def test_the_first_fact_is_the_first_by_moment() -> None:
    book = county()
    book.enter(HAZARD, found("晚"), day(9))
    early = book.enter(HAZARD, found("早"), day(2))
    assert first_about(docket(book), SUBJECT, "hazard.found") is early
    assert first_about(docket(book), SUBJECT, "hazard.closed") is None


def test_breaches_of_one_rule_are_told_apart() -> None:
    def finds(_: Docket, rule: BreachRule) -> list[Breach]:
        who = Who(PLANT, PostKind.PRINCIPAL)
        return [
            Breach(rule, SUBJECT, at, who, (), "某事", "Something", detail=detail)
            for at in (day(1), noon("2024-03-01"))
            for detail in ("", "甲")
        ]

    breach = BreachRule("3.1b", "test", Line.ENTERPRISE, "某", "Some", finds)
    ids = [each.id for each in find(docket(county()), [breach])]
    assert ids == [
        f"3.1b/test/{SUBJECT}/2024-03-01",
        f"3.1b/test/{SUBJECT}/2024-03-01/甲",
        f"3.1b/test/{SUBJECT}/2024-03-01T04:00:00Z",
        f"3.1b/test/{SUBJECT}/2024-03-01T04:00:00Z/甲",
    ]

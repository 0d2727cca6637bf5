from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directory import Directory
from domain.fact import Actor, Fact
from domain.moment import Time, uncovered
from domain.organisation import (
    Ground,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrgKind,
    ResponsiblesNamed,
    ResponsiblesWithdrawn,
    SupervisionAssigned,
    SupervisionEnded,
    TransferAccepted,
    TransferDecided,
)
from domain.people import (
    AppointmentEnded,
    AppointmentMade,
    PersonRegistered,
    PostAbolished,
    PostCreated,
    PostKind,
    PostMoved,
)
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, PLANT, county

OTHER = ident("另一局")
POST, SECOND = ident("岗位"), ident("又一岗位")
ZHANG, LI = ident("张"), ident("李")
SINCE = date(2024, 1, 1)


def day(number: int) -> date:
    return date(2024, 3, number)


def told(*facts: tuple[Fact, date | datetime], book: Book | None = None) -> Directory:
    """Return the directory of the county and these facts, each in the record it belongs to."""
    book = book or county()
    for fact, happened in facts:
        record = (
            POST if isinstance(fact, PostCreated | AppointmentMade | AppointmentEnded) else (PLANT)
        )
        book.enter(record, fact, happened)
    return Directory(book.entries)


def assigned(department: UUID, ground: Ground = Ground.INDUSTRY) -> SupervisionAssigned:
    return SupervisionAssigned(enterprise=PLANT, department=department, ground=ground)


def ended(department: UUID, ground: Ground = Ground.INDUSTRY) -> SupervisionEnded:
    return SupervisionEnded(enterprise=PLANT, department=department, ground=ground)


def created(kind: PostKind = PostKind.PRINCIPAL) -> PostCreated:
    return PostCreated(organisation=PLANT, kind=kind, title="总经理")


def appointed(person: UUID = ZHANG, *, acting: bool = False) -> AppointmentMade:
    return AppointmentMade(organisation=PLANT, person=person, acting=acting)


def relieved(person: UUID = ZHANG) -> AppointmentEnded:
    return AppointmentEnded(organisation=PLANT, person=person)


# organisations


def test_a_change_keeps_what_it_leaves_out() -> None:
    directory = told((OrganisationChanged(name="甲化工", high_risk=True, employees=9), day(1)))
    plant = directory.organisations[PLANT]
    assert (plant.name, plant.high_risk, plant.parent) == ("甲化工", True, GOVERNMENT)


def test_a_change_dated_before_the_registration_counts() -> None:
    assert told((OrganisationChanged(name="甲化工"), date(2020, 1, 1))).name(PLANT) == "甲化工"


def test_the_operation_begins_as_stated_or_with_the_registration() -> None:
    book = county()
    stated = OrganisationRegistered(
        kind=OrgKind.ENTERPRISE, code="丙", name="丙厂", began=date(2019, 5, 1)
    )
    book.enter(ident("丙厂"), stated, day(1))
    organisations = Directory(book.entries).organisations
    assert organisations[ident("丙厂")].began == date(2019, 5, 1)
    assert organisations[PLANT].began == SINCE


def test_it_is_closed_from_the_day_it_closed() -> None:
    assert told((OrganisationClosed(), day(9))).organisations[PLANT].closed == day(9)


def test_what_was_never_registered_is_changed_in_vain() -> None:
    book = Book()
    book.enter(PLANT, OrganisationChanged(name="甲"), day(1))
    book.enter(PLANT, OrganisationClosed(), day(1))
    book.enter(POST, PostAbolished(organisation=PLANT), day(1))
    directory = Directory(book.entries)
    assert (directory.organisations, directory.posts) == ({}, {})
    assert directory.name(PLANT) == str(PLANT)
    assert directory.name(None) == ""


def test_the_government_above_is_the_nearest_and_a_circle_ends() -> None:
    assert told().government_of(PLANT) == told().organisations[GOVERNMENT]
    assert told().government_of(GOVERNMENT) is None
    circle = county()
    circle.enter(GOVERNMENT, OrganisationChanged(parent=DEPARTMENT), day(1))
    circle.enter(DEPARTMENT, OrganisationChanged(parent=DEPARTMENT), day(2))
    assert Directory(circle.entries).above(GOVERNMENT) == [DEPARTMENT]
    assert Directory(circle.entries).government_of(GOVERNMENT) is None


def test_what_stood_above_is_told_as_of_the_moment() -> None:
    book = county()
    book.enter(DEPARTMENT, OrganisationChanged(parent=OTHER), day(5))
    book.enter(PLANT, OrganisationChanged(parent=DEPARTMENT), day(9))
    directory = Directory(book.entries)
    assert directory.above(PLANT, date(2019, 1, 1)) == [GOVERNMENT]
    assert directory.above(PLANT, day(8)) == [GOVERNMENT]
    assert directory.above(PLANT, day(9))[:2] == [DEPARTMENT, OTHER]
    assert directory.above(PLANT) == directory.above(PLANT, day(9))
    assert directory.above(ident("无此单位"), day(9)) == []
    assert directory.moves(PLANT, day(1), day(20)) == [day(5), day(9)]
    assert directory.moves(PLANT, day(6), day(9)) == []


def test_of_a_closed_enterprise_the_last_moment_with_a_principal_is_told() -> None:
    closed = (OrganisationClosed(), day(20))
    kept = told((created(), SINCE), (appointed(), day(2)), closed)
    left = told((created(), SINCE), (appointed(), day(2)), (relieved(), day(9)), closed)
    assert (kept.ended(PLANT), left.ended(PLANT)) == (day(20), day(9))
    assert told(closed).ended(PLANT) == day(20)
    assert (told().ended(PLANT), told().ended(ident("无此单位"))) == (None, None)


def test_a_unit_known_from_imports_is_one_until_a_department_is_assigned() -> None:
    book = Book()
    fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="甲", name="甲")
    book.act(PLANT, fact, day(1), by=Actor(authentication="import"))
    assert Directory(book.entries).organisations[PLANT].imported
    book.enter(ident("监管"), assigned(DEPARTMENT), day(5))
    plant = Directory(book.entries).organisations[PLANT]
    assert (plant.imported, plant.began) == (False, day(5))


# people and posts


def test_names_are_kept_by_person() -> None:
    book = Book()
    book.enter(ZHANG, PersonRegistered(name=text("张三", ZHANG)), day(1))
    assert Directory(book.entries).names[ZHANG].name.value == "张三"


def test_a_holder_holds_the_post_from_the_first_day_to_the_last() -> None:
    directory = told((created(), SINCE), (appointed(acting=True), day(5)), (relieved(), day(9)))
    (held,) = directory.holdings(POST)
    assert (held.acting, held.since, held.until) == (True, day(5), day(9))
    assert [held.covers(day(n)) for n in (4, 5, 9, 10)] == [False, True, True, False]
    assert [len(directory.holders(PLANT, PostKind.PRINCIPAL, day(n))) for n in (4, 5)] == [0, 1]
    assert directory.holders(PLANT, PostKind.DEPUTY, day(5)) == []
    assert held.overlaps(day(1), day(5))
    assert held.overlaps(day(9), day(20))
    assert not held.overlaps(day(1), day(4))
    assert not held.overlaps(day(10), day(20))


def test_only_the_person_relieved_leaves() -> None:
    directory = told(
        (created(), SINCE), (appointed(), day(1)), (appointed(LI), day(2)), (relieved(LI), day(9))
    )
    assert [h.person for h in directory.holders(PLANT, PostKind.PRINCIPAL, day(10))] == [ZHANG]


def test_posts_are_those_there_were() -> None:
    book = county()
    book.enter(POST, created(), day(3))
    book.enter(POST, PostAbolished(organisation=PLANT), day(9))
    directory = Directory(book.entries)
    counts = [len(directory.posts_of(PLANT, PostKind.PRINCIPAL, day(n))) for n in (2, 3, 9, 10)]
    assert counts == [0, 1, 1, 0]
    assert len(directory.all_posts(PLANT)) == 1


def test_the_posts_of_a_person_at_a_moment_and_between_two() -> None:
    book = county()
    for post, kind in ((POST, PostKind.PRINCIPAL), (SECOND, PostKind.DEPUTY)):
        book.enter(post, created(kind), SINCE)
    book.enter(POST, appointed(), day(1))
    book.enter(SECOND, appointed(), day(8))
    book.enter(ident("别处"), appointed(), day(1))  # a post that was never created
    directory = Directory(book.entries)
    assert [p.id for p in directory.held_by(ZHANG, day(5))] == [POST]
    assert [p.id for p in directory.held_by(ZHANG, day(5), day(9))] == [POST, SECOND]
    assert directory.held_by(LI, day(5)) == []


# gaps


def gaps(*facts: tuple[Fact, date | datetime]) -> list[tuple[date | datetime, date | datetime]]:
    directory = told((created(), SINCE), *facts)
    return list(directory.gaps(PLANT, PostKind.PRINCIPAL, day(1), day(20)))


@pytest.mark.parametrize(
    ("next_since", "expected"),
    [(day(9), []), (day(10), []), (day(11), [(day(10), day(11))])],
)
def test_the_day_after_the_last_day_is_no_gap(
    next_since: date, expected: list[tuple[date, date]]
) -> None:
    found = gaps((appointed(), day(1)), (relieved(), day(9)), (appointed(LI), next_since))
    assert found == expected


def test_a_post_nobody_ever_held_is_vacant_throughout() -> None:
    assert gaps() == [(day(1), day(20))]


def test_hours_without_a_holder_are_a_gap_of_hours() -> None:
    leaves, comes = noon("2024-03-09"), noon("2024-03-09") + timedelta(hours=3)
    found = gaps((appointed(), day(1)), (relieved(), leaves), (appointed(LI), comes))
    assert found == [(leaves, comes)]


def test_an_abolished_post_is_held_by_nobody() -> None:
    book = county()
    book.enter(POST, created(), SINCE)
    book.enter(POST, appointed(), SINCE)
    book.enter(POST, PostAbolished(organisation=PLANT), day(9))
    directory = Directory(book.entries)
    assert list(directory.gaps(PLANT, PostKind.PRINCIPAL, day(1), day(20))) == [(day(10), day(20))]
    assert list(directory.vacancies(POST, day(1), day(20))) == [(day(10), day(20))]
    assert list(directory.vacancies(SECOND, day(1), day(3))) == [(day(1), day(3))]


NUMBERS = st.integers(1, 28)
LENGTHS = st.integers(0, 27)


def held(begins: int, length: int | None) -> Time:
    return day(begins), None if length is None else day(begins) + timedelta(days=length)


TIMES = st.builds(held, NUMBERS, LENGTHS | st.none())


@given(st.lists(TIMES, max_size=5), NUMBERS, NUMBERS)
def test_uncovered_is_every_day_that_no_time_covers(
    times: list[Time], one: int, other: int
) -> None:
    since, until = sorted((one, other))
    free = {
        n
        for begins, ends in uncovered(times, day(since), day(until))
        for n in range(begins.day, ends.day)
    }
    assert free == {
        n
        for n in range(since, until)
        if not any(t[0] <= day(n) and (t[1] is None or day(n) <= t[1]) for t in times)
    }


# supervision


def test_the_regulator_is_whoever_supervises_the_industry() -> None:
    directory = told(
        (assigned(OTHER, Ground.SAFETY), SINCE),
        (assigned(DEPARTMENT), day(5)),
        (ended(DEPARTMENT), day(9)),
    )
    found = [directory.regulator(PLANT, day(n)) for n in (4, 5, 9, 10)]
    assert found == [OTHER, DEPARTMENT, DEPARTMENT, OTHER]
    assert directory.regulator(PLANT, date(2023, 1, 1)) is None
    assert [s.until for s in directory.supervisions(PLANT)] == [None, day(9)]


def test_of_two_regulators_the_newest_is_answered_to() -> None:
    directory = told((assigned(DEPARTMENT), SINCE), (assigned(OTHER), day(5)))
    assert directory.regulators(PLANT, day(6)) == [DEPARTMENT, OTHER]
    assert directory.regulator(PLANT, day(6)) == OTHER


def test_only_the_ground_that_ended_ends() -> None:
    directory = told(
        (assigned(DEPARTMENT), SINCE),
        (assigned(DEPARTMENT, Ground.SAFETY), SINCE),
        (ended(DEPARTMENT, Ground.SAFETY), day(5)),
    )
    assert directory.regulators(PLANT, day(6)) == [DEPARTMENT]


def test_a_transfer_counts_from_when_the_record_received_it() -> None:
    book = county()
    book.enter(PLANT, assigned(DEPARTMENT), SINCE)
    accepted = TransferAccepted(enterprise=PLANT, sender=DEPARTMENT, receiver=OTHER)
    book.enter(PLANT, OrganisationChanged(employees=3), day(9))
    book.enter(PLANT, accepted, day(2))  # the record's clock stands at the 9th
    directory = Directory(book.entries)
    assert directory.regulator(PLANT, day(8)) == DEPARTMENT
    assert directory.regulator(PLANT, day(10)) == OTHER
    assert directory.successor(PLANT, DEPARTMENT, day(8)) == DEPARTMENT
    assert directory.successor(PLANT, DEPARTMENT, day(10)) == OTHER
    assert directory.successor(PLANT, GOVERNMENT, day(10)) == GOVERNMENT


@pytest.mark.parametrize(("responsible", "after"), [(OTHER, OTHER), (DEPARTMENT, DEPARTMENT)])
def test_the_superior_decides_who_is_responsible(responsible: UUID, after: UUID) -> None:
    decided = TransferDecided(
        enterprise=PLANT, superior=GOVERNMENT, sender=DEPARTMENT, responsible=responsible
    )
    directory = told((assigned(DEPARTMENT), SINCE), (decided, day(5)))
    assert directory.regulator(PLANT, day(6)) == after


def test_a_naming_holds_until_the_next_or_its_withdrawal() -> None:
    def named(leader: UUID) -> ResponsiblesNamed:
        return ResponsiblesNamed(
            enterprise=PLANT, department=DEPARTMENT, leader=leader, officer=SECOND
        )

    withdrawn = ResponsiblesWithdrawn(enterprise=PLANT, department=DEPARTMENT)
    directory = told((named(POST), day(3)), (named(SECOND), day(6)), (withdrawn, day(9)))
    leaders = [directory.named(PLANT, DEPARTMENT, day(n)) for n in (2, 3, 6, 9, 10)]
    assert [n.leader if n else None for n in leaders] == [None, POST, SECOND, SECOND, None]
    assert directory.named(PLANT, OTHER, day(6)) is None
    assert [n.until for n in directory.namings(PLANT)] == [day(6), day(9)]


def test_a_post_that_was_taken_back_moves_nowhere() -> None:
    book = county()
    book.act(POST, PostCreated(organisation=PLANT, kind=PostKind.WORKER, title="操作工"), SINCE)
    book.act(SECOND, PostCreated(organisation=PLANT, kind=PostKind.WORKER, title="班长"), SINCE)
    book.act(POST, PostMoved(organisation=PLANT, reports_to=SECOND), SINCE)
    left = [entry for entry in book.entries if not isinstance(entry.fact, PostCreated)]
    assert POST not in Directory(left).posts

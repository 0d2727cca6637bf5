"""What no scenario shows of section four: a ledger opened late, and what was taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.answer import Trace
from domain.correction import FactCorrected
from domain.directory import Directory
from domain.grade import GradeAwarded, GradeWithdrawn, TargetExtended, TargetRecord, grades
from domain.ledger_opened import LedgerOpened
from domain.organisation import (
    CrowdedPlaceFound,
    OrganisationChanged,
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    supervision_id,
)
from domain.people import PersonRegistered
from domain.project import ConstructionBegun, ProjectRecord, ProjectRegistered
from domain.training import (
    CertificateIssued,
    CertificateKind,
    CertificateWithdrawn,
    EmploymentBegan,
    EmploymentRecord,
    WorkAssigned,
    certified,
    passed_times,
)
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, PLANT, staffed

AT = noon("2024-05-01")
OPENED = datetime(2024, 3, 1, tzinfo=UTC)
WORKER, JOB, PROJECT, GRADE = ident("钱工"), ident("用工"), ident("项目"), ident("等级")


def opened_late() -> Book:
    """Return a book of a ledger that was opened on 1 March about people of 1 January."""
    book = Book()
    genesis = LedgerOpened(origin="ledger.example/x", jurisdiction="371321", keys="a5" * 32)
    book.enter(ident("台账"), genesis, OPENED, recorded=OPENED)
    for entry in staffed().entries:
        book.enter(entry.record, entry.fact, entry.happened)
    fact = SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT)
    book.enter(supervision_id(PLANT), fact, date(2024, 1, 1))
    return book


def clauses(answer: Trace, *wanted: str) -> list[str]:
    lines = answer.lines
    items = [*lines.leadership, *lines.supervision, *lines.enterprise, *lines.expert]
    return [item.clause for item in items if item.clause in wanted]


def employed(book: Book, began: date) -> None:
    book.enter(WORKER, PersonRegistered(name=text("钱工", WORKER)), began)
    book.enter(JOB, EmploymentBegan(enterprise=PLANT, person=WORKER), began)


def test_what_began_before_the_ledger_was_opened_is_not_asked_for() -> None:
    book = opened_late()
    employed(book, date(2024, 1, 5))
    book.enter(JOB, WorkAssigned(enterprise=PLANT, work="保管员"), date(2024, 1, 5))
    book.enter(PROJECT, ProjectRegistered(enterprise=PLANT, name="二期"), date(2024, 1, 5))
    book.enter(PROJECT, ConstructionBegun(enterprise=PLANT), date(2024, 1, 5))
    awarded = GradeAwarded(
        enterprise=PLANT, by_org=DEPARTMENT, grade=3, valid_from=date(2024, 1, 5)
    )
    book.enter(GRADE, awarded, date(2024, 1, 5))
    assert clauses(book.trace(PLANT, AT), "4.1a", "4.2c", "4.3b") == []


def test_what_must_last_is_asked_for_from_the_opening_of_the_ledger_on() -> None:
    book = opened_late()
    employed(book, date(2024, 1, 5))
    shown = [b for b in book.trace(PLANT, AT).lines.enterprise if b.clause in ("4.3a", "4.3f")]
    begins = {b.clause: b.at for b in shown if b.kind == "breach"}
    assert begins == {"4.3a": OPENED, "4.3f": datetime(2024, 4, 1, 16, tzinfo=UTC)}


def test_work_put_down_on_the_accident_s_own_day_may_have_come_after_it() -> None:
    book = opened_late()
    employed(book, AT.date())
    special = WorkAssigned(enterprise=PLANT, work="电焊工", special_operation="焊接")
    book.enter(JOB, special, AT.date())
    assert clauses(book.trace(PLANT, AT), "4.3b") == []
    assert clauses(book.trace(PLANT, AT.date()), "4.3b") == ["4.3b"]
    assert clauses(book.trace(PLANT, noon("2024-05-02")), "4.3b") == ["4.3b"]


def test_an_employment_that_was_taken_back_asks_for_nothing() -> None:
    book = opened_late()
    employed(book, date(2024, 3, 5))
    began = len(book.entries)
    special = WorkAssigned(enterprise=PLANT, work="电焊工", special_operation="焊接")
    book.enter(JOB, special, date(2024, 3, 6))
    assert set(clauses(book.trace(PLANT, AT), "4.3b", "4.3f")) == {"4.3b", "4.3f"}
    correction = FactCorrected(positions=(began,), about=(PLANT,), reason=text("有误"))
    book.enter(ident("更正"), correction, date(2024, 3, 7))
    assert clauses(book.trace(PLANT, AT), "4.3b", "4.3f") == []


def test_a_regulator_that_was_never_registered_owes_no_campaign() -> None:
    book = staffed()
    fact = SupervisionAssigned(enterprise=PLANT, department=ident("无名局"))
    book.enter(supervision_id(PLANT), fact, date(2024, 1, 1))
    assert clauses(book.trace(PLANT, AT), "4.3d") == []


def test_the_erased_name_of_an_employee_leaves_the_record_s_noun() -> None:
    book = staffed()
    book.enter(JOB, EmploymentBegan(enterprise=PLANT, person=WORKER), date(2024, 1, 5))
    facts = book.trace(PLANT, AT).facts
    assert "用工" in {fact.subject.label for fact in facts if fact.topic == "employment.began"}


# records


def test_a_grade_ends_by_what_comes_first_and_a_withdrawal_of_another_ends_nothing() -> None:
    book = Book()
    awarded = GradeAwarded(
        enterprise=PLANT,
        by_org=DEPARTMENT,
        grade=2,
        valid_from=date(2024, 1, 1),
        valid_to=date(2024, 6, 30),
    )
    book.enter(GRADE, awarded, date(2024, 1, 1))
    book.enter(ident("另一等级"), awarded, date(2024, 1, 1))
    withdrawn = GradeWithdrawn(enterprise=PLANT, by_org=DEPARTMENT)
    book.enter(GRADE, withdrawn, date(2024, 3, 1))
    assert [each.until for each in grades(book.entries)] == [date(2024, 3, 1), date(2024, 6, 30)]


def test_an_extension_without_a_date_to_extend_is_none() -> None:
    book = Book()
    extended = TargetExtended(enterprise=PLANT, by_org=DEPARTMENT, deadline=date(2024, 6, 30))
    book.enter(GRADE, extended, date(2024, 1, 1))
    target = TargetRecord(f"target:{GRADE}", book.entries)
    assert target.dates == []
    assert not target.asks(3)


def test_a_project_that_was_never_registered_goes_by_its_id() -> None:
    book = Book()
    book.enter(PROJECT, ConstructionBegun(enterprise=PLANT), date(2024, 1, 1))
    assert ProjectRecord(f"project:{PROJECT}", book.entries).name == str(PROJECT)


def test_nobody_trained_has_no_time_of_having_passed() -> None:
    assert passed_times([], WORKER) == []


def test_a_certificate_outlasts_the_withdrawal_of_another_kind_or_of_an_earlier_one() -> None:
    book = Book()
    kind = CertificateKind.SPECIAL_OPERATION
    other = CertificateWithdrawn(kind=CertificateKind.ASSESSMENT)
    book.enter(WORKER, CertificateWithdrawn(kind=kind), date(2023, 1, 1))
    issued = CertificateIssued(
        kind=kind, category="焊接", issuer="市局", valid_from=date(2024, 1, 1)
    )
    book.enter(WORKER, issued, date(2024, 1, 1))
    book.enter(WORKER, other, date(2024, 2, 1))
    book.enter(WORKER, CertificateWithdrawn(kind=kind, category="高处"), date(2024, 2, 2))
    assert [time for _, time in certified(book.entries, kind, "焊接")] == [(date(2024, 1, 1), None)]
    assert certified(book.entries, kind, "电工") == []


def test_an_employment_without_its_beginning_has_nobody() -> None:
    book = Book()
    book.enter(JOB, WorkAssigned(enterprise=PLANT, work="保管员"), date(2024, 1, 1))
    record = EmploymentRecord(f"employment:{JOB}", book.entries)
    assert record.began is None
    assert [work.until for work in record.works] == [None]


# what an organisation was


def test_what_an_organisation_was_is_known_for_every_moment() -> None:
    book = Book()
    mine = ident("矿")
    registered = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="矿", name="矿")
    book.enter(mine, registered, date(2024, 1, 1))
    book.enter(mine, OrganisationChanged(high_risk=True), date(2024, 3, 1))
    book.enter(mine, OrganisationChanged(name="大矿"), date(2024, 3, 2))
    book.enter(mine, CrowdedPlaceFound(crowded=True), noon("2024-04-01"))
    book.enter(ident("无"), CrowdedPlaceFound(crowded=True), date(2024, 4, 1))
    directory = Directory(book.entries)
    told = [
        (standing.high_risk, standing.crowded)
        for day in ("2023-12-01", "2024-02-01", "2024-03-01", "2024-05-01")
        if (standing := directory.standing(mine, noon(day)))
    ]
    assert told == [(False, False), (False, False), (True, False), (True, True)]
    assert directory.standing(ident("无"), AT) is None
    assert list(directory.risks(mine, date(2024, 2, 1), None)) == [
        (date(2024, 2, 1), date(2024, 2, 29), False),
        (date(2024, 3, 1), None, True),
    ]
    assert list(directory.risks(mine, date(2024, 3, 5), date(2024, 3, 9))) == [
        (date(2024, 3, 5), date(2024, 3, 9), True)
    ]

"""What no scenario shows of section two."""

from __future__ import annotations

from datetime import date

from domain.expert import Attending
from domain.expert_inspection import ExpertsInspected, ReportDelivered
from domain.grade import GradeAwarded, GradeKind
from domain.organisation import OrganisationClosed
from domain.people import PersonRegistered, PostKind
from domain.policy.duty import Docket, judge
from domain.policy.s2_1_frequency import INSPECT
from domain.signing import SignatureWithdrawn, signature_record
from tests.support import pens
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, PLANT, staffed

EXPERT, INSPECTION = ident("专家"), ident("春查")
DAY = date(2024, 3, 5)


def numbers(book: Book, at: date) -> list[str]:
    docket = Docket(PLANT, book.entries, at)
    return [duty.opening.detail for duty in judge(docket, (INSPECT,)) if str(at.year) in duty.id]


def test_only_the_grade_of_the_enterprise_itself_counts() -> None:
    book = staffed()
    for kind, grade in ((GradeKind.POST, 1), (GradeKind.ENTERPRISE, 2)):
        fact = GradeAwarded(
            enterprise=PLANT, by_org=DEPARTMENT, kind=kind, grade=grade, valid_from=date(2023, 1, 1)
        )
        book.enter(ident(f"等级{grade}"), fact, date(2023, 1, 1))
    assert numbers(book, date(2024, 12, 31)) == ["2024 第1次", "2024 第2次"]


def test_one_closed_before_the_ledger_was_opened_owes_nothing() -> None:
    book = staffed()
    book.enter(PLANT, OrganisationClosed(), date(2024, 3, 1))
    book.enter(ident("台账"), pens.opened(), date(2024, 6, 1))
    assert judge(Docket(PLANT, book.entries, date(2024, 12, 31)), (INSPECT,)) == []


def signed(*, withdrawn: bool) -> Docket:
    """Return a docket in which an expert signed a report by a key of their own."""
    book = staffed()
    book.enter(ident("台账"), pens.opened(), DAY)
    book.enter(EXPERT, PersonRegistered(name=text("专家", EXPERT)), DAY)
    attending = (Attending(person=EXPERT, specialty="电气"),)
    book.enter(INSPECTION, ExpertsInspected(enterprise=PLANT, experts=attending), DAY)
    report = book.enter(INSPECTION, ReportDelivered(enterprise=PLANT), noon("2024-03-06"))
    post, key = ident("外聘专家岗位"), pens.key_of("expert")
    stated = pens.statement_of(book.entries, report, EXPERT, post, key)
    made = pens.made(report, PostKind.EXPERT, stated, pens.sign(stated, pens.seed_of("expert")))
    book.enter(signature_record(stated), made, noon("2024-03-07"))
    if withdrawn:
        taken_back = SignatureWithdrawn(
            enterprise=PLANT, about=made.about, person=EXPERT, reason=text("有误")
        )
        book.enter(signature_record(stated), taken_back, noon("2024-03-08"))
    return Docket(PLANT, book.entries, date(2024, 4, 1))


def test_a_signature_by_key_under_the_report_is_one_on_the_record_of_the_inspection() -> None:
    (inspection,) = signed(withdrawn=False).expert_inspections
    assert inspection.accounted(0) == {EXPERT}
    assert inspection.accounted(1) == set()


def test_one_withdrawn_is_none() -> None:
    (inspection,) = signed(withdrawn=True).expert_inspections
    assert inspection.accounted(0) == set()

"""What no scenario shows of the sections on reporting, listing and assurance."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from domain.answer import BreachLine, DutyLine, Line, Trace
from domain.correction import FactCorrected, Replacement
from domain.errors import GateClosed
from domain.fact import Actor
from domain.halt import HaltGround, HaltLifted, HaltOrdered, ProductionResumed
from domain.hazard import Finder
from domain.inspection import InspectionHeld
from domain.listing import ListingMade, ListingProposed, ListingServed
from domain.monthly_report import ReportedHazard, ReportEndorsed, ReportFiled, Role, report_id
from domain.organisation import SupervisionAssigned, supervision_id
from domain.people import PostKind
from domain.policy.bearers import known_to_enterprise
from domain.policy.duty import Docket
from domain.policy.reports import UNSIGNED
from domain.setting import SETTINGS, SettingChanged
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT, found, staffed

AT = noon("2024-04-20")
HALT, LISTING = ident("停产"), ident("督一号")
MARCH = report_id(PLANT, "2024-03")


def supervised() -> Book:
    book = staffed()
    fact = SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT)
    book.enter(supervision_id(PLANT), fact, date(2024, 1, 1))
    return book


def take_back(book: Book) -> None:
    """Take the last fact back."""
    fact = FactCorrected(positions=(len(book.entries),), about=(PLANT,), reason=text("有误"))
    book.enter(ident(f"更正{len(book.entries)}"), fact, book.entries[-1].recorded)


def items(answer: Trace) -> list[DutyLine | BreachLine]:
    return [item for line in Line for item in getattr(answer.lines, line.value)]


def clauses(book: Book) -> set[str]:
    return {item.clause for item in items(book.trace(PLANT, AT))}


# what was taken back


def test_a_halt_that_was_taken_back_forbids_nothing_and_can_be_lifted_by_anyone() -> None:
    book = supervised()
    halt = HaltOrdered(enterprise=PLANT, by_org=DEPARTMENT, ground=HaltGround.MAJOR_HAZARD)
    book.enter(HALT, halt, noon("2024-03-05"))
    take_back(book)
    lifted = HaltLifted(enterprise=PLANT, by_org=GOVERNMENT)
    book.act(HALT, lifted, noon("2024-03-06"))
    book.enter(ident("生产"), ProductionResumed(enterprise=PLANT), noon("2024-03-07"))
    assert "3.2e" not in clauses(book)


def test_a_proposal_that_was_taken_back_asks_for_no_decision() -> None:
    book = supervised()
    book.enter(HAZARD, found(), noon("2024-03-04"))
    proposed = ListingProposed(
        enterprise=PLANT, hazard=HAZARD, by_org=DEPARTMENT, to_org=GOVERNMENT
    )
    book.enter(LISTING, proposed, noon("2024-03-05"))
    assert "3.3g" in clauses(book)
    take_back(book)
    served = ListingServed(enterprise=PLANT, hazard=HAZARD, to_org=PLANT)
    book.enter(LISTING, served, noon("2024-03-06"))
    assert "3.3g" not in clauses(book)


def test_a_listing_of_a_hazard_that_is_not_on_record_has_no_rounds() -> None:
    book = supervised()
    listed = ListingMade(
        enterprise=PLANT,
        hazard=HAZARD,
        by_org=GOVERNMENT,
        number="督一号",
        responsible_body=GOVERNMENT,
        supervising_unit=DEPARTMENT,
        deadline=date(2024, 4, 30),
    )
    book.enter(LISTING, listed, noon("2024-03-05"))
    told = [item.clause for item in items(book.trace(PLANT, AT)) if item.clause.startswith("3.3")]
    assert "3.3c" in told
    assert "3.3e" not in told


# reports


def filed(kind: str, *listed: UUID) -> ReportFiled:
    hazards = tuple(ReportedHazard(hazard=each, state="整改中") for each in listed)
    return ReportFiled(
        enterprise=PLANT,
        month="2024-03",
        kind="zero" if kind == "zero" else "ordinary",
        to_org=DEPARTMENT,
        hazards=hazards,
    )


def signed(role: Role, name: str) -> ReportEndorsed:
    return ReportEndorsed(
        enterprise=PLANT, month="2024-03", role=role, person=ident(name), filing=1
    )


def test_signatures_under_a_text_that_was_corrected_since_lapse() -> None:
    book = supervised()
    allowed = SettingChanged(key=UNSIGNED, value="1", since=date(2024, 1, 1), source="文件")
    book.enter(SETTINGS, allowed, date(2024, 1, 1))
    filing = book.act(MARCH, filed("zero"), noon("2024-03-29"))
    book.act(MARCH, signed(Role.DEPUTY, "李副总"), noon("2024-03-29"))
    book.act(MARCH, signed(Role.PRINCIPAL, "张总"), noon("2024-03-29"))
    month = next(d for d in items(book.trace(PLANT, AT)) if d.subject.label == "2024-03月报")
    assert isinstance(month, DutyLine)
    assert month.state == "kept"
    other = filed("zero").model_copy(update={"text": text("另一文本")})
    correction = FactCorrected(
        positions=(filing.position,),
        about=(PLANT,),
        reason=text("有误"),
        replacement=Replacement(happened=noon("2024-03-29"), fact=other),
    )
    book.act(ident("更正"), correction, noon("2024-03-30"))
    month = next(d for d in items(book.trace(PLANT, AT)) if d.subject.label == "2024-03月报")
    assert isinstance(month, DutyLine)
    assert month.state == "broken"


def test_a_signature_without_any_filing_is_refused() -> None:
    with pytest.raises(GateClosed, match="现行文本") as refused:
        supervised().act(MARCH, signed(Role.PRINCIPAL, "张总"), noon("2024-03-29"))
    assert refused.value.clause == "3.2c"


# penalties


def test_without_a_time_bar_on_record_none_is_shown() -> None:
    book = supervised()
    for key in ("3.2i.bar", "3.2i.bar_if_harmed"):
        off = SettingChanged(key=key, value=None, since=date(2024, 1, 1), source="文件")
        book.enter(SETTINGS, off, date(2024, 1, 1))
    book.enter(HAZARD, found(suspected_major=True), noon("2024-03-05"))
    duties = [d for d in items(book.trace(PLANT, AT)) if isinstance(d, DutyLine)]
    opened = [duty for duty in duties if duty.clause == "3.2i"]
    assert opened
    assert [duty.note for duty in opened] == [None] * len(opened)


# who knew


@pytest.mark.parametrize(("to_org", "knows"), [(PLANT, True), (GOVERNMENT, False)])
def test_the_notice_of_a_listing_tells_the_enterprise_if_it_received_it(
    to_org: UUID, *, knows: bool
) -> None:
    book = supervised()
    by_department = {"found_by": Finder.DEPARTMENT, "finder_org": DEPARTMENT}
    book.enter(HAZARD, found().model_copy(update=by_department), noon("2024-03-05"))
    served = ListingServed(enterprise=PLANT, hazard=HAZARD, to_org=to_org)
    entry = book.enter(LISTING, served, noon("2024-03-06"))
    docket = Docket(PLANT, book.entries, AT)
    known = known_to_enterprise(docket, docket.hazards[HAZARD])
    assert known == (entry if knows else None)


def test_a_hazard_that_the_enterprise_reported_itself_is_known_to_it() -> None:
    book = supervised()
    by_department = {"found_by": Finder.DEPARTMENT, "finder_org": DEPARTMENT}
    book.enter(HAZARD, found().model_copy(update=by_department), noon("2024-03-05"))
    entry = book.enter(MARCH, filed("ordinary", HAZARD), noon("2024-03-29"))
    docket = Docket(PLANT, book.entries, AT)
    assert known_to_enterprise(docket, docket.hazards[HAZARD]) == entry


# late entries


@pytest.mark.parametrize(
    ("by_body", "org", "line"), [(True, "县局", Line.SUPERVISION), (False, "甲厂", Line.ENTERPRISE)]
)
def test_an_entry_by_nobody_in_particular_is_answered_for_by_the_body_that_acted(
    org: str, line: Line, *, by_body: bool
) -> None:
    book = supervised()
    clerk = Actor(authentication="cli", person=ident("张总"))
    fact = InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT) if by_body else found()
    book.enter(HAZARD, fact, noon("2024-03-05"), recorded=noon("2024-03-20"), by=clerk)
    breach = next(b for b in items(book.trace(PLANT, AT)) if b.clause == "5.1c")
    assert breach.line is line
    assert breach.bearer.organisation is not None
    assert breach.bearer.organisation.name == org
    assert breach.bearer.kind == PostKind.PRINCIPAL.value

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from domain.case import Case
from domain.correction import FactCorrected, Replacement
from domain.fact import Entry, Fact
from domain.hazard import HazardLevel, HazardPlanned, HazardRectified
from domain.imported import LedgerRowImported, RowOrigin, RowSetAside
from domain.incident import IncidentOccurred
from domain.listing import ListingMade, ListingProposed
from domain.monthly_report import ReportedHazard, ReportFiled, report_id
from domain.order import OrderIssued, OrderItem, OrderWithdrawn
from domain.organisation import OrganisationRegistered, OrgKind
from domain.record import moment_of
from domain.setting import SETTINGS, SettingChanged
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, MILL, PLANT, county, found

AT = date(2024, 5, 20)
DAY = date(2024, 3, 5)


def correct(
    book: Book, *positions: int, by: Fact | None = None, happened: date | datetime = DAY
) -> Entry:
    """Correct facts on the day after the last one was entered."""
    replacement = Replacement(happened=happened, fact=by) if by else None
    fact = FactCorrected(
        positions=positions, about=(PLANT,), reason=text("有误"), replacement=replacement
    )
    number = len(book.entries)
    return book.enter(ident(f"更正{number}"), fact, book.entries[-1].recorded + timedelta(days=1))


def case(book: Book, at: date | datetime = AT, known_at: datetime | None = None) -> Case:
    return Case(PLANT, book.entries, at, known_at)


def numbers(made: Case) -> list[str]:
    return [hazard.number for hazard in made.hazards.values()]


def row(day: date, closed: date | None = None, deadline: date | None = None) -> LedgerRowImported:
    return LedgerRowImported(
        enterprise=PLANT,
        origin=RowOrigin(source="旧台账", file="0" * 64, row=2),
        number="导-1",
        level=HazardLevel.MAJOR,
        found=day,
        closed=closed,
        deadline=deadline,
    )


# what is left out


def test_what_happened_later_or_was_recorded_later_is_left_out() -> None:
    book = county()
    early = book.enter(HAZARD, found(), noon("2024-03-05"))
    late = book.enter(HAZARD, HazardRectified(enterprise=PLANT), noon("2024-03-09"))
    assert early in case(book, noon("2024-03-05")).entries
    assert late not in case(book, noon("2024-03-08")).entries
    assert late in case(book, date(2024, 3, 9)).entries
    assert late not in case(book, AT, late.recorded - timedelta(microseconds=1)).all_entries
    assert late in case(book, AT, late.recorded).all_entries


def test_the_order_in_which_entries_come_does_not_matter() -> None:
    book = county()
    book.enter(HAZARD, found("YH-1"), DAY)
    first = correct(book, 5, by=found("YH-2"))
    correct(book, first.position, by=found("YH-3"))
    correct(book, 5, by=found("YH-4"))
    backwards = Case(PLANT, reversed(book.entries), AT)
    assert numbers(backwards) == numbers(case(book)) == ["YH-4"]
    assert backwards.entries == case(book).entries


def test_another_enterprises_hazards_are_not_this_ones() -> None:
    book = county()
    book.enter(HAZARD, found().model_copy(update={"enterprise": MILL}), DAY)
    assert case(book).hazards == {}
    assert numbers(Case(MILL, book.entries, AT)) == ["YH-1"]


# corrections


def test_a_correction_puts_its_replacement_in_the_place() -> None:
    book = county()
    book.enter(HAZARD, found("YH-1"), DAY)
    correction = correct(book, 5, by=found("YH-2"), happened=date(2024, 3, 4))
    made = case(book)
    assert numbers(made) == ["YH-2"]
    assert made.hazards[HAZARD].found == date(2024, 3, 4)
    assert made.corrected_by == {5: correction.position}
    assert made.replaced == {correction.position: book.entries[4]}
    origin = made.hazards[HAZARD].origin
    assert origin is not None
    assert (origin.position, origin.record, origin.version) == (correction.position, HAZARD, 1)
    assert origin.recorded == correction.recorded


def test_what_is_taken_back_is_gone() -> None:
    book = county()
    book.enter(HAZARD, found(), DAY)
    correct(book, 5)
    made = case(book)
    assert made.hazards == {}
    assert made.replaced == {}


def test_as_known_before_the_correction_the_original_stands() -> None:
    book = county()
    original = book.enter(HAZARD, found(), DAY)
    correct(book, 5)
    assert numbers(case(book, AT, original.recorded)) == ["YH-1"]


def test_of_two_corrections_the_last_counts() -> None:
    book = county()
    book.enter(HAZARD, found("YH-1"), DAY)
    correct(book, 5, by=found("YH-2"))
    last = correct(book, 5, by=found("YH-3"))
    assert numbers(case(book)) == ["YH-3"]
    assert case(book).corrected_by[5] == last.position


def test_a_correction_that_is_taken_back_corrects_nothing() -> None:
    book = county()
    book.enter(HAZARD, found("YH-1"), DAY)
    wrong = correct(book, 5, by=found("YH-2"))
    last = correct(book, wrong.position)
    made = case(book)
    assert numbers(made) == ["YH-1"]
    assert made.corrected_by == {wrong.position: last.position}


def test_a_replaced_correction_hands_on_what_it_corrected() -> None:
    book = county()
    book.enter(HAZARD, found("YH-1"), DAY)
    wrong = correct(book, 5, by=found("YH-2"))
    last = correct(book, wrong.position, by=found("YH-3"))
    made = case(book)
    assert numbers(made) == ["YH-3"]
    assert set(made.corrected_by) == {5, wrong.position}
    assert set(made.corrected_by.values()) == {last.position}
    assert made.hazards[HAZARD].origin is not None


def test_of_several_facts_corrected_at_once_one_is_replaced() -> None:
    book = county()
    book.enter(HAZARD, found("YH-1"), DAY)
    book.enter(ident("重复"), found("YH-1"), DAY)
    correct(book, 5, 6, by=found("YH-2"))
    assert numbers(case(book)) == ["YH-2"]


def test_nothing_corrects_what_is_not_there_yet() -> None:
    book = county()
    correct(book, 5, 6, 7)
    book.enter(HAZARD, found(), DAY)
    made = case(book)
    assert numbers(made) == ["YH-1"]
    assert made.corrected_by == {}


# entered afterwards


@pytest.mark.parametrize(
    ("happened", "recorded", "at", "afterwards"),
    [
        (DAY, noon("2024-05-21"), AT, True),
        (DAY, noon("2024-05-20"), AT, False),  # some time on the day itself
        (AT, noon("2024-05-21"), AT, False),
        (noon("2024-05-20") - timedelta(hours=1), noon("2024-05-20"), noon("2024-05-20"), False),
        (
            noon("2024-05-20") - timedelta(hours=1),
            noon("2024-05-20") + timedelta(seconds=1),
            noon("2024-05-20"),
            True,
        ),
        (noon("2024-05-20"), noon("2024-05-21"), noon("2024-05-20"), False),
    ],
)
def test_what_was_written_down_only_after_the_moment(
    happened: date | datetime, recorded: datetime, at: date | datetime, *, afterwards: bool
) -> None:
    book = county()
    entry = book.act(HAZARD, found(), happened, recorded=recorded)
    assert case(book, at).entered_afterwards(entry) is afterwards


@pytest.mark.parametrize(("happened", "afterwards"), [(DAY, True), (date(2024, 5, 21), False)])
def test_a_correction_is_about_the_time_of_what_it_corrects(
    happened: date, *, afterwards: bool
) -> None:
    book = county()
    book.act(HAZARD, found(), happened, recorded=noon("2024-05-21"))
    assert case(book).entered_afterwards(correct(book, 5)) is afterwards


def test_a_row_set_aside_can_be_about_any_time() -> None:
    book = county()
    aside = RowSetAside(
        enterprise=PLANT,
        origin=RowOrigin(source="旧台账", file="0" * 64, row=3),
        reasons=("no_date",),
        cells=text("…"),
    )
    entry = book.enter(ident("搁置"), aside, noon("2024-05-21"))
    assert case(book).entered_afterwards(entry)
    assert not case(book, date(2024, 5, 22)).entered_afterwards(entry)


# imported rows


def test_the_last_import_of_a_row_stands_whatever_its_dates() -> None:
    book = county()
    book.enter(HAZARD, row(date(2024, 3, 5)), date(2024, 3, 5))
    book.enter(HAZARD, row(date(2024, 3, 1), closed=DAY), date(2024, 3, 1))
    made = case(book)
    assert made.hazards[HAZARD].found == date(2024, 3, 1)
    assert made.hazards[HAZARD].closed(AT) == DAY
    book.enter(HAZARD, row(date(2024, 6, 1)), date(2024, 6, 1))
    assert case(book).hazards == {}


def test_names_are_known_however_late_the_unit_was_registered() -> None:
    book = Book()
    book.enter(HAZARD, row(DAY), DAY)
    fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="甲", name="甲厂")
    book.enter(PLANT, fact, date(2025, 1, 1))
    assert case(book).directory.name(PLANT) == "甲厂"


# deadlines


def ordered(deadline: date, hazard: UUID = HAZARD) -> OrderIssued:
    item = OrderItem(item=1, text=text("罐体"), hazard=hazard, deadline=deadline)
    return OrderIssued(enterprise=PLANT, by_org=DEPARTMENT, number="1号", items=(item,))


def test_the_earliest_deadline_that_others_set_is_in_force() -> None:
    book = county()
    book.enter(HAZARD, row(DAY, deadline=date(2024, 3, 31)), DAY)
    assert case(book).deadline(case(book).hazards[HAZARD]) == date(2024, 3, 31)
    book.enter(HAZARD, HazardPlanned(enterprise=PLANT, deadline=date(2024, 4, 9)), DAY)
    assert case(book).deadline(case(book).hazards[HAZARD]) == date(2024, 4, 9)
    book.enter(ident("令一"), ordered(date(2024, 4, 20)), DAY)
    book.enter(ident("令二"), ordered(date(2024, 4, 15)), DAY)
    book.enter(ident("令三"), ordered(date(2024, 4, 1), ident("别的隐患")), DAY)
    assert case(book).deadline(case(book).hazards[HAZARD]) == date(2024, 4, 15)
    withdrawn = OrderWithdrawn(enterprise=PLANT, by_org=DEPARTMENT, reason=text("有误"))
    book.enter(ident("令二"), withdrawn, DAY)
    assert case(book).deadline(case(book).hazards[HAZARD]) == date(2024, 4, 20)


def test_a_listing_sets_a_deadline_a_proposal_none() -> None:
    book = county()
    book.enter(HAZARD, found(), DAY)
    proposed = ListingProposed(
        enterprise=PLANT, hazard=HAZARD, by_org=DEPARTMENT, to_org=GOVERNMENT
    )
    book.enter(ident("督"), proposed, DAY)
    assert case(book).deadline(case(book).hazards[HAZARD]) is None
    made = ListingMade(
        enterprise=PLANT,
        hazard=HAZARD,
        by_org=GOVERNMENT,
        number="督1号",
        responsible_body=GOVERNMENT,
        supervising_unit=DEPARTMENT,
        deadline=date(2024, 4, 30),
    )
    book.enter(ident("督"), made, DAY)
    assert case(book).deadline(case(book).hazards[HAZARD]) == date(2024, 4, 30)


# the other records


def test_records_are_sorted_by_what_they_are_about() -> None:
    book = county()
    filed = ReportFiled(enterprise=PLANT, month="2024-03", kind="ordinary", to_org=DEPARTMENT)
    book.enter(report_id(PLANT, "2024-03"), filed, DAY)
    accident = IncidentOccurred(enterprise=PLANT, number="1", name="“3·5”")
    entry = book.enter(ident("事故"), accident, DAY)
    made = case(book)
    assert list(made.reports) == ["2024-03"]
    assert made.incidents == [(entry, accident)]
    assert (made.inspections, made.orders, made.listings, made.halts) == ([], [], [], [])
    assert made.about(f"incident:{ident('事故')}") == [entry]
    assert made.about("incident:none") == made.whenever("incident:none") == []


# a correction and the moment from which an act counts (ADR 34)

REPORT = report_id(PLANT, "2024-03")


def filing(**changed: object) -> ReportFiled:
    filed = ReportFiled(enterprise=PLANT, month="2024-03", kind="ordinary", to_org=DEPARTMENT)
    return filed.model_copy(update=changed)


def corrected_filing(happened: date | datetime, fact: Fact) -> date | datetime:
    """Return from when a report of 28 March counts that was corrected on the next day."""
    book = county()
    entry = book.enter(REPORT, filing(text=text("三月无事故")), noon("2024-03-28"))
    correct(book, entry.position, by=fact, happened=happened)
    made = case(book).reports["2024-03"]
    assert made.filing
    assert made.filing.recorded == entry.recorded + timedelta(days=1)
    return moment_of(made.filing)


def test_a_word_put_right_leaves_the_act_where_it_was_in_time() -> None:
    mended = filing(text=text("三月没有事故"))
    assert corrected_filing(noon("2024-03-28"), mended) == noon("2024-03-28")


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "zero"},
        {"to_org": PLANT},
        {"hazards": (ReportedHazard(hazard=HAZARD, state="整改中"),)},
        {"text": None},
    ],
)
def test_another_act_counts_from_its_correction(changed: dict[str, object]) -> None:
    other = filing(**{"text": text("三月无事故"), **changed})
    assert corrected_filing(noon("2024-03-28"), other) == noon("2024-03-29")


def test_what_is_said_of_another_time_counts_from_its_correction() -> None:
    mended = filing(text=text("三月无事故"))
    assert corrected_filing(date(2024, 3, 27), mended) == noon("2024-03-29")


def test_an_order_whose_number_was_put_right_never_left_the_record() -> None:
    book = county()
    entry = book.enter(ident("指令书"), issued("1号"), noon("2024-03-05"))
    correct(book, entry.position, by=issued("2号"), happened=noon("2024-03-05"))
    between = case(book, noon("2024-03-05"))
    assert [order.issued.number for order in between.orders if order.issued] == ["2号"]
    assert [moment_of(order.entries[0]) for order in between.orders] == [noon("2024-03-05")]


def issued(number: str) -> OrderIssued:
    item = OrderItem(item=1, text=text("栏杆缺失"), deadline=date(2024, 3, 20))
    return OrderIssued(enterprise=PLANT, by_org=DEPARTMENT, number=number, items=(item,))


def test_a_corrected_setting_reaches_no_further_back_than_its_correction() -> None:
    book = county()
    book.enter(SETTINGS, setting("2 hours"), noon("2024-03-05"))
    correct(book, len(book.entries), by=setting("9 hours"), happened=noon("2024-03-05"))
    changed = next(e for e in case(book).entries if e.topic == "setting.changed")
    assert moment_of(changed) == noon("2024-03-06")


def setting(value: str) -> SettingChanged:
    return SettingChanged(key="3.2b.report", value=value, since=date(2024, 3, 1), source="文件")


# the enterprise's own deadline


@pytest.mark.parametrize(
    ("moved_on", "deadline"),
    [(date(2024, 4, 10), date(2024, 6, 30)), (date(2024, 4, 11), date(2024, 4, 10))],
)
def test_a_deadline_of_its_own_is_moved_only_before_it_has_passed(
    moved_on: date, deadline: date
) -> None:
    book = county()
    book.act(HAZARD, found(), DAY)
    book.enter(HAZARD, HazardPlanned(enterprise=PLANT, deadline=date(2024, 4, 10)), DAY)
    book.enter(HAZARD, HazardPlanned(enterprise=PLANT), date(2024, 3, 6))
    book.enter(HAZARD, HazardPlanned(enterprise=PLANT, deadline=date(2024, 6, 30)), moved_on)
    made = case(book)
    assert made.deadline(made.hazards[HAZARD]) == deadline

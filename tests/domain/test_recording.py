from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.correction import FactCorrected, Replacement
from domain.errors import Conflict, Contradiction, GateClosed, Invalid
from domain.fact import Actor, Entry, Fact
from domain.inspection import InspectionPlanned, plan_id
from domain.monthly_report import ReportFiled, report_id
from domain.organisation import SupervisionAssigned, supervision_id
from domain.policy.duty import Docket
from domain.recording import AHEAD, Act, decide
from domain.setting import SETTINGS, SettingChanged
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, HAZARD, PLANT, county, found

NOW = noon("2024-03-05")
BY = Actor(authentication="cli")


def report(month: str) -> ReportFiled:
    return ReportFiled(enterprise=PLANT, month=month, kind="ordinary", to_org=DEPARTMENT)


def setting(value: str | None) -> SettingChanged:
    return SettingChanged(key="3.2b.report", value=value, since=date(2024, 3, 1), source="文件")


# the version decided on


def test_a_record_that_changed_since_is_read_again() -> None:
    book = county()
    entry = book.enter(HAZARD, found(), NOW)
    act = Act(HAZARD, found("YH-2"), NOW, expected=0)
    with pytest.raises(Conflict, match="现为第1版，所依据的是第0版"):
        decide(act, BY, NOW, [entry], None)


def test_what_is_decided_is_the_next_version() -> None:
    docket = Docket(PLANT, county().entries, NOW)
    draft = decide(Act(HAZARD, found(), NOW, expected=0), BY, NOW, [], docket)
    assert (draft.record, draft.version, draft.by, draft.received) == (HAZARD, 1, BY, NOW)


# times


@pytest.mark.parametrize("ahead", [timedelta(0), AHEAD])
def test_a_clock_may_be_a_little_ahead(ahead: timedelta) -> None:
    entry = county().act(HAZARD, found(), NOW + ahead, recorded=NOW)
    assert entry.happened == NOW + ahead


@pytest.mark.parametrize("happened", [NOW + AHEAD + timedelta(seconds=1), date(2024, 3, 6)])
def test_nothing_happened_after_it_was_received(happened: date) -> None:
    with pytest.raises(Contradiction, match="在收到之后") as refused:
        county().act(HAZARD, found(), happened, recorded=NOW)
    assert refused.value.where == "happened"


def test_a_day_that_has_begun_can_be_told() -> None:
    entry = county().act(HAZARD, found(), date(2024, 3, 5), recorded=NOW)
    assert entry.happened == date(2024, 3, 5)


def test_a_month_that_has_not_begun_cannot_be_reported() -> None:
    book = county()
    with pytest.raises(Contradiction, match="2024-04尚未开始，不能报送"):
        book.act(report_id(PLANT, "2024-04"), report("2024-04"), NOW)
    entry = book.act(report_id(PLANT, "2024-03"), report("2024-03"), NOW)
    assert entry.fact == report("2024-03")


# settings


@pytest.mark.parametrize("value", ["soon", None])
def test_a_setting_that_nothing_could_be_judged_by_is_refused(value: str | None) -> None:
    with pytest.raises(Invalid):
        Book().act(SETTINGS, setting(value), NOW)
    book = Book()
    last = book.act(SETTINGS, setting("2 hours"), NOW)
    correction = FactCorrected(
        positions=(last.position,),
        reason=text("有误"),
        replacement=Replacement(happened=NOW, fact=setting(value)),
    )
    with pytest.raises(Invalid):
        book.act(ident("更正"), correction, NOW)


def test_a_correction_may_take_a_setting_back() -> None:
    book = Book()
    last = book.act(SETTINGS, setting("2 hours"), NOW)
    taken = FactCorrected(positions=(last.position,), reason=text("有误"))
    book.act(ident("更正"), taken, NOW)
    docket = Docket(PLANT, book.entries, NOW)
    assert docket.settings.at("3.2b.report", NOW).value == "24 hours"


# places


@pytest.mark.parametrize(
    ("fact", "right"),
    [
        (report("2024-03"), report_id(PLANT, "2024-03")),
        (
            InspectionPlanned(department=DEPARTMENT, year=2024, scope=text("全部")),
            plan_id(DEPARTMENT, 2024),
        ),
        (setting("2 hours"), SETTINGS),
        (
            SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT),
            supervision_id(PLANT),
        ),
    ],
)
def test_a_fact_whose_subject_fixes_its_record_stands_in_no_other(fact: Fact, right: UUID) -> None:
    with pytest.raises(Contradiction, match="须记入其固定档案") as refused:
        county().act(ident("别处"), fact, NOW)
    assert str(right) in refused.value.todo_zh
    assert county().act(right, fact, NOW).record == right


# corrections


def corrected(book: Book, entry: Entry, fact: Fact) -> Entry:
    """Put another fact in an entry's place, on the next day."""
    correction = FactCorrected(
        positions=(entry.position,),
        about=(PLANT,),
        reason=text("有误"),
        replacement=Replacement(happened=entry.happened, fact=fact),
    )
    return book.act(ident(f"更正{entry.position}"), correction, entry.recorded + timedelta(days=1))


def reported() -> tuple[Book, Entry]:
    """Return a book in which March has a hazard and an ordinary report."""
    book = county()
    book.act(HAZARD, found(), NOW)
    return book, book.act(report_id(PLANT, "2024-03"), report("2024-03"), noon("2024-03-28"))


def test_no_correction_puts_in_what_its_own_gate_refuses() -> None:
    book, filed = reported()
    with pytest.raises(GateClosed, match="不得零报告"):
        corrected(book, filed, report("2024-03").model_copy(update={"kind": "zero"}))


def test_a_correction_of_a_correction_is_asked_of_the_first_fact() -> None:
    book, filed = reported()
    first = corrected(book, filed, report("2024-03").model_copy(update={"text": text("三月")}))
    with pytest.raises(GateClosed, match="不得零报告"):
        corrected(book, first, report("2024-03").model_copy(update={"kind": "zero"}))
    last = corrected(book, first, report("2024-03").model_copy(update={"text": text("3月")}))
    assert last.topic == "fact.corrected"


def test_a_correction_that_changes_nothing_a_gate_asks_passes() -> None:
    book = county()
    zero = report("2024-03").model_copy(update={"kind": "zero", "text": text("三月")})
    filed = book.act(report_id(PLANT, "2024-03"), zero, noon("2024-03-28"))
    book.act(HAZARD, found(), noon("2024-03-28") + timedelta(hours=1))
    mended = zero.model_copy(update={"text": text("3月")})
    assert corrected(book, filed, mended).topic == "fact.corrected"


def test_a_fact_is_corrected_into_no_other_record() -> None:
    book, filed = reported()
    with pytest.raises(Contradiction, match="不是同一类档案"):
        corrected(book, filed, found())
    with pytest.raises(Contradiction, match="须记入其固定档案"):
        corrected(book, filed, report("2024-02"))


def test_a_correction_of_what_is_not_on_record_is_asked_no_gate() -> None:
    book, _ = reported()
    zero = report("2024-03").model_copy(update={"kind": "zero"})
    astray = FactCorrected(
        positions=(99,),
        about=(PLANT,),
        reason=text("有误"),
        replacement=Replacement(happened=NOW, fact=zero),
    )
    assert book.act(ident("更正"), astray, noon("2024-03-29")).topic == "fact.corrected"

from __future__ import annotations

import json
import random
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from api.schemas import trace_schema
from domain.answer import BreachLine, DutyLine, Line, State, Trace
from domain.correction import FactCorrected
from domain.fact import Actor
from domain.halt import HaltGround, HaltOrdered, ProductionResumed
from domain.hazard import (
    HazardReported,
    ReportKind,
)
from domain.imported import LedgerRowImported, RowOrigin
from domain.incident import IncidentOccurred
from domain.ledger_opened import LedgerOpened, ledger_id
from domain.moment import late, local_day, start
from domain.monthly_report import ReportFiled, report_id
from domain.order import OrderIssued, OrderItem
from domain.organisation import (
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    supervision_id,
)
from domain.people import AppointmentMade
from domain.policy.duty import Docket
from domain.setting import SETTINGS, SettingChanged
from domain.trace import Question, about, trace
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT, county, found, staffed
from tests.support.plays import ACCIDENT, FIRST, PLAYS, Content, Scene, play

AT = noon("2024-04-20")


def items(answer: Trace) -> list[DutyLine | BreachLine]:
    return [item for line in Line for item in getattr(answer.lines, line.value)]


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(trace_schema()))


@given(PLAYS, st.integers(0, 70), st.booleans())
@settings(deadline=None, max_examples=60)
def test_every_answer_holds_together(
    script: list[Scene],
    days: int,
    only_day: bool,  # noqa: FBT001
) -> None:
    book = play(script)
    instant = FIRST + timedelta(days=days)
    at = local_day(instant) if only_day else instant
    answer = book.trace(PLANT, at, incident=ACCIDENT)
    validator().validate(answer.model_dump(mode="json"))

    shown = {fact.position for fact in answer.facts}
    lines = items(answer)
    assert len({line.id for line in lines}) == len(lines)
    assert all(item in lines for item in answer.findings)
    told = [*lines, *answer.hazards.items, *answer.knowledge, *answer.entered_afterwards]
    told += [holder for line in lines for holder in line.bearer.holders]  # type: ignore[misc]
    assert all(shown.issuperset(each.facts) for each in told)

    hazards = answer.hazards
    assert set(hazards.overdue) <= set(hazards.open)
    assert len(hazards.open) <= hazards.prior <= len(hazards.items)

    for fact in answer.facts:
        if fact.entered_afterwards:
            assert fact.recorded > start(at)
        elif fact.topic != "fact.corrected" and local_day(fact.happened) < local_day(at):
            assert local_day(fact.recorded) <= local_day(at)
    for duty in (line for line in lines if isinstance(line, DutyLine)):
        consistent(duty, at)


def consistent(duty: DutyLine, at: date | datetime) -> None:
    """Expect the state of a duty to follow from its moments."""
    if duty.state is State.KEPT:
        assert duty.done
        assert not (duty.due and late(duty.done, duty.due))
    elif duty.state is State.KEPT_LATE:
        assert duty.done
        assert duty.due
        assert late(duty.done, duty.due)
    elif duty.state is State.BROKEN:
        assert duty.due
        assert late(at, duty.due)
    elif duty.state is State.OPEN:
        assert not (duty.due and late(at, duty.due))
    is_late = duty.state in (State.KEPT_LATE, State.BROKEN)
    assert (duty.late_days is not None and duty.late_days >= 0) == is_late


@given(PLAYS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_order_in_which_facts_are_handed_over_does_not_matter(
    script: list[Scene], chance: random.Random
) -> None:
    book = play(script)
    shuffled = list(book.entries)
    chance.shuffle(shuffled)
    question = Question(AT, None, ACCIDENT)
    assert trace(PLANT, shuffled, question) == trace(PLANT, book.entries, question)


@given(PLAYS, st.integers(0, 90), st.integers(0, 30))
@settings(deadline=None, max_examples=40)
def test_what_was_known_earlier_was_never_more(script: list[Scene], days: int, more: int) -> None:
    book = play(script)
    earlier_on = FIRST + timedelta(days=days)
    later_on = earlier_on + timedelta(days=more)
    before = book.trace(PLANT, AT, known_at=earlier_on)
    after = book.trace(PLANT, AT, known_at=later_on)
    assert all(fact.recorded <= earlier_on for fact in before.facts)
    here = {e.position for e in book.entries if f"org:{PLANT}" in e.tags}
    assert here & {f.position for f in before.facts} <= {f.position for f in after.facts}
    assert before.head <= after.head
    assert book.trace(PLANT, AT, known_at=earlier_on) == before


# single points


def supervised(book: Book) -> Book:
    fact = SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT)
    book.enter(supervision_id(PLANT), fact, date(2024, 1, 1))
    return book


def test_nothing_on_record_is_an_answer_too() -> None:
    answer = trace(PLANT, [], Question(AT))
    assert (answer.enterprise, answer.place.name) == (str(PLANT), str(PLANT))
    assert (answer.hazards.prior, items(answer), answer.facts) == (0, [], [])
    assert (answer.ledger, answer.simulated, answer.head) == ("", False, 0)
    assert answer.notice.zh == "本图只陈述记录事实，不构成责任认定。"


@pytest.mark.parametrize(("clock", "simulated"), [("real", False), ("simulated", True)])
def test_the_ledger_is_named_even_for_a_moment_before_it_was_opened(
    clock: Literal["real", "simulated"], *, simulated: bool
) -> None:
    book = Book()
    opened = LedgerOpened(origin="t.example/x", jurisdiction="甲县", clock=clock, keys="0" * 64)
    book.enter(ledger_id("t.example/x"), opened, noon("2025-01-01"))
    unit = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="甲", name="甲厂")
    book.enter(PLANT, unit, noon("2025-01-02"), by=Actor(authentication="import"))
    answer = book.trace(PLANT, AT)
    assert (answer.ledger, answer.simulated, answer.head) == ("t.example/x", simulated, 2)
    assert (answer.enterprise, answer.place.name) == ("甲", "甲厂")
    assert items(answer) == []


def test_what_was_settled_before_the_look_back_is_left_out() -> None:
    book = supervised(staffed())
    suspected = found("YH-1", suspected_major=True)
    book.enter(HAZARD, suspected, noon("2024-03-05"))
    reported = HazardReported(enterprise=PLANT, kind=ReportKind.MAJOR, to_org=DEPARTMENT)
    book.enter(HAZARD, reported, noon("2024-03-05"))

    def told(at: date) -> dict[str, State]:
        lines = items(book.trace(PLANT, at))
        return {d.title.zh: d.state for d in lines if isinstance(d, DutyLine) and d.hazards}

    reporting, determining = "重大事故隐患即查即报", "组织认定重大事故隐患"
    assert told(date(2024, 4, 1))[reporting] is State.KEPT
    assert told(date(2026, 3, 6))[reporting] is State.KEPT
    assert reporting not in told(date(2026, 3, 7))
    assert told(date(2026, 3, 7))[determining] is State.BROKEN
    assert book.trace(PLANT, date(2030, 1, 1)).hazards.prior == 1


def test_a_breach_of_its_moment_is_forgotten_one_that_goes_on_is_not() -> None:
    book = supervised(staffed())
    halt = HaltOrdered(enterprise=PLANT, by_org=DEPARTMENT, ground=HaltGround.MAJOR_HAZARD)
    book.enter(ident("停"), halt, noon("2024-03-05"))
    book.enter(ident("产"), ProductionResumed(enterprise=PLANT), noon("2024-03-06"))

    def told(at: date) -> set[str]:
        return {b.title.zh for b in items(book.trace(PLANT, at)) if isinstance(b, BreachLine)}

    assert "未经验收合格生产经营" in told(date(2026, 3, 6))
    assert "未经验收合格生产经营" not in told(date(2026, 3, 7))
    assert "未落实实名责任" in told(date(2030, 1, 1))


def test_the_question_can_look_back_further_or_less() -> None:
    book = staffed()
    book.enter(HAZARD, found(), noon("2024-03-05"))
    short = trace(PLANT, book.entries, Question(AT, look_back=timedelta(days=10)))
    assert short.look_back == date(2024, 4, 10)
    assert short.hazards.prior == 1


def test_a_duty_names_the_setting_that_judged_it_and_rests_on_its_fact() -> None:
    book = supervised(staffed())
    change = SettingChanged(
        key="3.2b.report", value="2 hours", since=date(2024, 3, 1), source="沂应急发〔2024〕3号"
    )
    setting = book.enter(SETTINGS, change, date(2024, 2, 1))
    hazard = book.enter(HAZARD, found(suspected_major=True), noon("2024-03-05"))
    duties = [d for d in items(book.trace(PLANT, AT)) if isinstance(d, DutyLine)]
    duty = next(d for d in duties if d.clause == "3.2b")
    assert duty.facts == [setting.position, hazard.position]
    assert duty.setting is not None
    assert (duty.setting.value, duty.setting.since, duty.setting.source) == (
        "2 hours",
        date(2024, 3, 1),
        "沂应急发〔2024〕3号",
    )
    assert duty.late_days == 46
    monthly = next(d for d in duties if d.clause == "3.2a")
    assert monthly.setting is None
    assert monthly.facts  # the assignment that makes it owed


def test_an_act_of_the_record_dated_back_is_told_as_entered_afterwards() -> None:
    book = supervised(staffed())
    filed = ReportFiled(enterprise=PLANT, month="2024-03", kind="ordinary", to_org=DEPARTMENT)
    late_one = book.enter(
        report_id(PLANT, "2024-03"), filed, date(2024, 3, 30), recorded=noon("2024-04-22")
    )
    answer = book.trace(PLANT, AT)
    (line,) = answer.entered_afterwards
    assert (line.title.zh, line.facts, line.happened) == (
        "报送月报",
        [late_one.position],
        date(2024, 3, 30),
    )
    assert late_one.position in {f.position for f in answer.facts if f.entered_afterwards}


def test_what_was_entered_afterwards_about_who_answers_is_told_too() -> None:
    book = supervised(county())
    unrelated = AppointmentMade(organisation=GOVERNMENT, person=ident("谁"))
    book.enter(ident("无关"), unrelated, date(2024, 3, 1), recorded=noon("2024-04-22"))
    assert book.trace(PLANT, AT).entered_afterwards == []
    staff = supervised(staffed())
    staff.enter(HAZARD, found(suspected_major=True), noon("2024-03-05"))
    held = AppointmentMade(organisation=DEPARTMENT, person=ident("张总"))
    entry = staff.enter(
        ident("孙副局长的岗位"), held, date(2024, 3, 1), recorded=noon("2024-04-22")
    )
    told = {p for line in staff.trace(PLANT, AT).entered_afterwards for p in line.facts}
    assert entry.position in told


def imported(number: str, file: str = "0", day: date = date(2024, 3, 5)) -> Content:
    row = LedgerRowImported(
        enterprise=PLANT,
        origin=RowOrigin(source="旧", file=file * 64, row=1),
        number=number,
        found=day,
    )
    return ident(number), row


def test_an_import_is_one_line_however_many_rows_it_holds() -> None:
    book = county()
    by = Actor(authentication="import")
    for number, file in (("导-1", "0"), ("导-2", "0"), ("导-3", "1")):
        record, row = imported(number, file)
        book.enter(record, row, date(2024, 3, 5), recorded=noon("2024-05-01"), by=by)
    lines = book.trace(PLANT, AT).entered_afterwards
    assert [(line.count, line.facts) for line in lines] == [(2, [5, 6]), (1, [7])]
    assert lines[0].title.zh == "导入台账，涉及本单位2行"
    assert (lines[0].happened, lines[0].recorded) == (None, noon("2024-05-01"))


def test_a_unit_that_an_import_registered_is_no_line_of_its_own() -> None:
    book = Book()
    by = Actor(authentication="import")
    unit = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="甲", name="甲厂")
    book.enter(PLANT, unit, date(2024, 3, 5), recorded=noon("2024-05-01"), by=by)
    assert book.trace(PLANT, AT).entered_afterwards == []


def test_a_row_that_was_imported_again_stays_visible() -> None:
    book = county()
    by = Actor(authentication="import")
    for day in (date(2024, 3, 5), date(2024, 3, 4)):
        record, row = imported("导-1", day=day)
        book.enter(record, row, day, recorded=noon("2024-03-09"), by=by)
    answer = book.trace(PLANT, AT)
    assert [item.found for item in answer.hazards.items] == [date(2024, 3, 4)]
    assert {5, 6} <= {fact.position for fact in answer.facts}


def test_what_was_taken_back_stays_visible_with_its_correction() -> None:
    book = county()
    book.enter(HAZARD, found(), date(2020, 1, 1), recorded=noon("2024-03-05"))
    taken = FactCorrected(positions=(5,), reason=text("有误"))
    book.enter(ident("更正"), taken, noon("2024-03-06"))
    answer = book.trace(PLANT, AT)
    assert answer.hazards.items == []
    assert [(f.position, f.corrected_by) for f in answer.facts if f.position > 4] == [
        (5, 6),
        (6, None),
    ]


def test_the_accident_asked_about_is_told_with_its_causes() -> None:
    book = supervised(staffed())
    book.enter(HAZARD, found("YH-1"), noon("2024-03-05"))
    accident = IncidentOccurred(enterprise=PLANT, number="SG-1", name="“4·20”", hazards=(HAZARD,))
    entry = book.enter(ACCIDENT, accident, AT)
    answer = book.trace(PLANT, AT, incident=ACCIDENT)
    assert answer.incident is not None
    assert (answer.incident.name, answer.incident.hazards) == ("“4·20”", ["YH-1"])
    assert [item.direct_cause for item in answer.hazards.items] == [True]
    assert entry.position in {fact.position for fact in answer.facts}
    assert book.trace(PLANT, AT).incident is None


def test_of_one_record_it_is_told_what_is_owed_and_what_was_found_about_it() -> None:
    book = county()
    book.act(
        supervision_id(PLANT), SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT), FIRST
    )
    order, halt = ident("指令书"), ident("停产")
    item = OrderItem(item=1, text=text("通道堵塞"), deadline=date(2024, 2, 1))
    issued = OrderIssued(enterprise=PLANT, by_org=DEPARTMENT, number="1号", items=(item,))
    book.enter(order, issued, FIRST)
    halted = HaltOrdered(enterprise=PLANT, by_org=DEPARTMENT, ground=HaltGround.MAJOR_HAZARD)
    book.enter(halt, halted, noon("2024-02-20"))
    book.enter(ident("恢复"), ProductionResumed(enterprise=PLANT), noon("2024-02-21"))
    docket = Docket(PLANT, book.entries, AT)
    whole = book.trace(PLANT, AT)

    told = about(docket, f"order:{order}", clauses=["1.2f"])
    assert {duty.clause for duty in told.duties} == {"1.2f"}
    assert {duty.id for duty in told.duties} <= {line.id for line in items(whole)}
    assert [fact.topic for fact in told.facts] == ["order.issued"]
    assert not told.breaches

    found = about(docket, f"halt:{halt}", clauses=["3.2e"]).breaches
    assert [each.clause for each in found] == ["3.2e"]
    assert found[0].id in {line.id for line in items(whole)}
    assert not about(docket, f"halt:{halt}", clauses=["1.2f"]).breaches

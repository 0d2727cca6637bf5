"""What is foreseen comes about as it was foreseen; the whole demo year is compared elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from domain.answer import Line
from domain.meeting import MeetingHeld
from domain.organisation import OrganisationClosed, SupervisionAssigned, supervision_id
from domain.people import PostKind
from domain.policy.ahead import FORESEEN, HORIZON, ROUNDS, Foreseen, home_of, look_ahead
from domain.policy.duty import Docket, DutyRule, Opening, Who, judge
from tests.support.book import day_end, noon, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT, county, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.book import Book

NOW = noon("2024-05-20")


def supervised() -> Book:
    book = county()
    fact = SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT)
    book.act(supervision_id(PLANT), fact, date(2024, 1, 1))
    book.act(HAZARD, found(suspected_major=True), date(2024, 5, 19))
    return book


@pytest.mark.parametrize("hours", [0, 11, 12, 13, 24, 300, 320, 720, 839])
def test_what_is_foreseen_is_what_is_judged_then(hours: int) -> None:
    book, then = supervised(), NOW + timedelta(hours=hours)
    outlook = look_ahead(PLANT, book.entries, NOW)
    shown = {each.duty.id for each in outlook.duties if each.shows is None or each.shows <= then}
    docket = Docket(PLANT, book.entries, then)
    judged = judge(docket, FORESEEN, lambda opening: home_of(docket, opening) == PLANT)
    assert shown == {duty.id for duty in judged}
    assert outlook.again == NOW + HORIZON


def test_the_next_months_report_is_owed_from_its_first_day() -> None:
    outlook = look_ahead(PLANT, supervised().entries, NOW)
    coming = {each.duty.id: each for each in outlook.duties if each.shows}
    (report,) = [each for ident, each in coming.items() if ident.endswith("/2024-06")]
    assert report.shows == day_end("2024-05-31")
    assert report.breaks == day_end("2024-06-30")


def test_it_is_asked_anew_when_what_is_on_record_takes_effect() -> None:
    book = supervised()
    book.enter(PLANT, OrganisationClosed(), date(2024, 6, 10), recorded=NOW)
    assert look_ahead(PLANT, book.entries, NOW).again == day_end("2024-06-09")


def test_what_a_rule_says_only_of_days_that_are_over_is_owed_from_the_next() -> None:
    day = date(2024, 6, 3)

    def opens(docket: Docket) -> Iterator[Opening]:
        if docket.at >= day_end("2024-06-03"):
            for item in ("1", "2"):
                yield Opening(f"org:{PLANT}", day, Who(PLANT, PostKind.PRINCIPAL), detail=item)

    outlook = look_ahead(PLANT, supervised().entries, NOW, rules=[rule(opens)])
    assert [each.shows for each in outlook.duties] == [day_end("2024-06-03")] * 2


def rule(opens: object) -> DutyRule:
    return DutyRule("1.1a", "test", Line.ENTERPRISE, "试", "Test", opens, lambda *_: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("due", "by_the_hour", "breaks"),
    [
        (None, False, None),
        (day_end("2024-06-30"), False, day_end("2024-06-30")),
        (day_end("2024-06-30"), True, day_end("2024-06-30") + timedelta(microseconds=1)),
        (noon("2024-06-30"), False, noon("2024-06-30") + timedelta(microseconds=1)),
    ],
)
def test_a_duty_is_overdue_from_the_first_moment_past_its_deadline(
    due: datetime | None,
    by_the_hour: bool,  # noqa: FBT001 - a case
    breaks: datetime | None,
) -> None:
    def opens(_: Docket) -> Iterator[Opening]:
        yield Opening(f"org:{PLANT}", NOW, Who(PLANT, PostKind.PRINCIPAL), due=due)

    (foreseen,) = look_ahead(PLANT, supervised().entries, NOW, rules=[rule(opens)]).duties
    duty = replace(foreseen.duty, by_the_hour=by_the_hour)
    assert Foreseen(duty, None).breaks == breaks


def test_what_nobody_holds_is_told_with_it() -> None:
    gaps = look_ahead(PLANT, supervised().entries, NOW).gaps
    assert {gap.subject for gap in gaps} == {f"org:{PLANT}"}
    assert {gap.rule.clause for gap in gaps} == {"1.1a", "5.1a"}


class TestHome:
    def test_a_bodys_duty_is_at_home_with_the_body(self) -> None:
        docket = Docket(PLANT, supervised().entries, NOW)
        who = Who(DEPARTMENT, PostKind.PRINCIPAL)
        assert home_of(docket, Opening(f"org:{GOVERNMENT}", NOW, who)) == GOVERNMENT
        assert home_of(docket, Opening(f"person:{uuid4()}", NOW, who)) == DEPARTMENT
        assert home_of(docket, Opening(f"tip:{uuid4()}", NOW, Who(None, PostKind.DEPUTY))) == PLANT

    def test_what_a_record_is_about_decides(self) -> None:
        book, meeting = supervised(), uuid4()
        held = MeetingHeld(body=GOVERNMENT, chair=uuid4(), problems=text("隐患"))
        book.enter(meeting, held, date(2024, 5, 20))
        docket, who = Docket(PLANT, book.entries, NOW), Who(GOVERNMENT, PostKind.DEPUTY)
        assert home_of(docket, Opening(f"meeting:{meeting}", NOW, who)) == GOVERNMENT
        assert home_of(docket, Opening(f"hazard:{HAZARD}", NOW, who)) == PLANT
        assert home_of(docket, Opening(f"report:{uuid4()}", NOW, who)) == PLANT


def test_rounds_are_left_out() -> None:
    assert {rule.clause for rule in ROUNDS} == {"3.1a"}
    assert not set(ROUNDS) & set(FORESEEN)

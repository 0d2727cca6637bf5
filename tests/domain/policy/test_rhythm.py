from __future__ import annotations

from datetime import date

import pytest

from domain.moment import end
from domain.organisation import OrganisationRegistered, OrgKind
from domain.policy.duty import Docket
from domain.policy.rhythm import Turn, turns
from domain.policy.settings import SETTINGS, Setting
from domain.setting import SETTINGS as RECORD
from domain.setting import SettingChanged
from tests.support.book import Book, ident

KEY = "9.9a.rhythm"
BODY = ident("青石县政府")


@pytest.fixture(autouse=True)
def setting(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Setting(KEY, "9.9a", "3 months", "某周期", inferred=True, repeats=True)
    monkeypatch.setitem(SETTINGS, KEY, made)


def docket(at: date, *changes: tuple[str | None, date]) -> Docket:
    book = Book()
    begun = date(2024, 1, 1)
    fact = OrganisationRegistered(kind=OrgKind.GOVERNMENT, code="G", name="青石县政府")
    book.act(BODY, fact, begun)
    for value, since in changes:
        change = SettingChanged(key=KEY, value=value, since=since, source="沂政办发〔2024〕1号")
        book.act(RECORD, change, since)
    return Docket(BODY, book.entries, at)


def names(at: date, since: date, *changes: tuple[str | None, date]) -> list[str]:
    return [turn.name for turn in turns(docket(at, *changes), KEY, since)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1 months", ["2024-05", "2024-06", "2024-07"]),
        ("3 months", ["2024-Q2", "2024-Q3"]),
        ("6 months", ["2024-H1", "2024-H2"]),
        ("12 months", ["2024"]),
        ("2 months", ["2024-05-20", "2024-07-20"]),
        ("60 days", ["2024-05-20", "2024-07-19"]),
    ],
)
def test_rounds_are_those_of_the_calendar_or_follow_on_the_beginning(
    value: str, expected: list[str]
) -> None:
    changed = (value, date(2024, 1, 1))
    assert names(date(2024, 7, 31), date(2024, 5, 20), changed) == expected


def test_the_round_that_runs_as_it_begins_is_owed_and_so_is_the_one_that_runs_now() -> None:
    assert names(date(2024, 4, 1), date(2024, 3, 31)) == ["2024-Q1", "2024-Q2"]
    assert names(date(2024, 3, 31), date(2024, 3, 31)) == ["2024-Q1"]


def test_nothing_is_owed_after_the_end() -> None:
    found = turns(docket(date(2024, 12, 31)), KEY, date(2024, 1, 1), date(2024, 6, 30))
    assert [turn.name for turn in found] == ["2024-Q1", "2024-Q2"]


def test_while_it_is_switched_off_there_are_no_rounds() -> None:
    off, on = (None, date(2024, 4, 1)), ("1 months", date(2024, 6, 15))
    assert names(date(2024, 7, 1), date(2024, 1, 1), off, on) == ["2024-Q1", "2024-06", "2024-07"]


def test_a_round_knows_what_lies_in_it() -> None:
    turn = Turn("2024-Q1", date(2024, 1, 1), date(2024, 3, 31))
    assert turn.due == end(date(2024, 3, 31))
    assert turn.holds(date(2024, 3, 31))
    assert not turn.holds(date(2024, 4, 1))
    assert not turn.holds(date(2023, 12, 31))

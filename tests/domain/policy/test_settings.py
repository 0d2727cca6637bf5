from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.errors import Invalid
from domain.moment import Period
from domain.policy.settings import (
    SETTINGS,
    Applied,
    Setting,
    Settings,
    check_change,
    parse_number,
    parse_period,
    parse_yearly,
)
from domain.setting import SETTINGS as RECORD
from domain.setting import SettingChanged
from tests.support.book import Book, noon

REPORT = "3.2b.report"


def change(value: str | None, since: date, key: str = REPORT) -> SettingChanged:
    return SettingChanged(key=key, value=value, since=since, source="沂应急发〔2024〕3号")


def settings(*changes: tuple[SettingChanged, date]) -> Settings:
    book = Book()
    return Settings([book.enter(RECORD, fact, when) for fact, when in changes])


def test_without_a_change_the_default_holds() -> None:
    applied = settings().at(REPORT, date(2024, 5, 1))
    assert (applied.value, applied.since, applied.entry) == ("24 hours", None, None)
    assert applied.period == Period(24, "hours")
    assert "默认" in applied.source


def test_a_change_holds_from_its_day_on() -> None:
    changed = settings((change("2 hours", date(2024, 6, 1)), date(2024, 5, 1)))
    assert changed.at(REPORT, noon("2024-05-31")).value == "24 hours"
    applied = changed.at(REPORT, noon("2024-06-01"))
    assert (applied.value, applied.since) == ("2 hours", date(2024, 6, 1))
    assert applied.source == "沂应急发〔2024〕3号"
    assert applied.entry is not None
    assert changed.at("3.2d.apply", noon("2024-06-01")).value == "5 days"


def test_a_change_never_holds_from_before_it_was_recorded() -> None:
    changed = settings((change("2 hours", date(2024, 1, 1)), date(2024, 5, 1)))
    assert changed.at(REPORT, noon("2024-04-30")).value == "24 hours"
    assert changed.at(REPORT, noon("2024-05-01")).value == "2 hours"


def test_of_two_changes_the_one_that_took_hold_last_counts() -> None:
    changed = settings(
        (change("3 hours", date(2024, 7, 1)), date(2024, 5, 1)),
        (change("2 hours", date(2024, 6, 1)), date(2024, 5, 2)),
        (change("1 hours", date(2024, 6, 1)), date(2024, 5, 3)),
    )
    values = [changed.at(REPORT, date(2024, month, 15)).value for month in (5, 6, 7)]
    assert values == ["24 hours", "1 hours", "3 hours"]


def test_a_rule_switched_off_has_no_period() -> None:
    key = "1.2f.recheck"
    applied = settings((change(None, date(2024, 6, 1), key), date(2024, 5, 1))).at(
        key, date(2024, 6, 1) + timedelta(days=1)
    )
    assert (applied.value, applied.period) == (None, None)


@pytest.mark.parametrize("key", SETTINGS)
def test_every_default_can_be_set_again(key: str) -> None:
    check_change(change(SETTINGS[key].value, date(2024, 1, 1), key))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("24 hours", Period(24, "hours")),
        ("10 days", Period(10, "days")),
        ("3 working_days", Period(3, "working_days")),
        ("1 months", Period(1, "months")),
    ],
)
def test_a_period_is_read(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text", ["", "10", "10 weeks", "-1 days", "1.5 days", "10  days", "24小时"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="不是期限") as refused:
        parse_period(text)
    assert "10 days" in refused.value.todo_zh


@pytest.mark.parametrize(
    ("key", "value", "says", "where"),
    [
        ("3.2b.reprot", "2 hours", "没有设置项 3.2b.reprot", "key"),
        (REPORT, None, "“重大隐患即查即报期限”出自条文，可以调整，不能停用", "value"),
        (REPORT, "soon", "不是期限: soon", None),
        ("3.3d.check", "0 days", "“督办检查周期”不能为零", "value"),
    ],
)
def test_a_setting_that_nothing_could_be_judged_by_is_refused(
    key: str, value: str | None, says: str, where: str | None
) -> None:
    with pytest.raises(Invalid) as refused:
        check_change(change(value, date(2024, 1, 1), key))
    assert (refused.value.zh, refused.value.where) == (says, where)


@pytest.mark.parametrize(
    ("key", "value"),
    [(REPORT, "0 hours"), ("1.2f.recheck", None), ("3.3f.two_bodies", None)],
)
def test_a_setting_can_be_nought_or_off_where_that_makes_sense(key: str, value: str | None) -> None:
    check_change(change(value, date(2024, 1, 1), key))


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("01-31", 2024, date(2024, 1, 31)),
        ("02-29", 2024, date(2024, 2, 29)),
        ("02-29", 2023, date(2023, 2, 28)),
    ],
)
def test_a_day_of_every_year_is_read(text: str, year: int, day: date) -> None:
    assert parse_yearly(text, year) == day


@pytest.mark.parametrize("text", ["", "31", "13-01", "02-30", "1-31", "2024-01-31"])
def test_what_is_no_day_of_every_year_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="不是每年的日期"):
        parse_yearly(text, 2024)


def test_a_number_is_read_and_nothing_else() -> None:
    assert parse_number("65") == 65
    with pytest.raises(Invalid, match="不是数目"):
        parse_number("六十五")


def test_a_value_is_read_in_the_form_of_its_setting() -> None:
    yearly = Applied(Setting("9.9a.by", "9.9a", "01-31", "期限"), "01-31", None, "")
    number = Applied(Setting("9.9a.least", "9.9a", "3", "人数"), "3", None, "")
    assert yearly.day_in(2024) == date(2024, 1, 31)
    assert number.number == 3
    off = Applied(number.setting, None, None, "")
    assert (off.number, off.day_in(2024)) == (None, None)


@pytest.mark.parametrize(
    ("form", "same", "other"),
    [("01-31", "02-28", "3"), ("3", "4", "01-31"), ("3 days", "4 days", "3")],
)
def test_a_setting_keeps_its_form(
    form: str, same: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, "9.9a.x", Setting("9.9a.x", "9.9a", form, "某项"))
    check_change(change(same, date(2024, 1, 1), "9.9a.x"))
    with pytest.raises(Invalid):
        check_change(change(other, date(2024, 1, 1), "9.9a.x"))

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api.pages import show
from api.pages.words import Speech
from domain.answer import SettingApplied
from tests.api.pages.sample import LI, WANG, ident, instant, when

ZH, EN = Speech("zh"), Speech("en")


def test_a_day_is_shown_as_a_day_and_an_instant_to_the_minute_in_beijing_time() -> None:
    assert show.moment(date(2024, 6, 5)) == "2024-06-05"
    assert show.moment(datetime(2024, 6, 5, 16, 30, 59, tzinfo=UTC)) == "2024-06-06 00:30"
    assert show.moment(None) == "—"


def test_a_deadline_at_the_end_of_a_day_is_its_24_hours() -> None:
    assert show.deadline(instant("2024-06-22")) == "2024-06-22 24:00"
    assert show.deadline(instant("2024-06-22 10:15")) == "2024-06-22 10:15"
    assert show.deadline(None) == "—"
    assert show.short_deadline(instant("2024-06-22"), 2024) == "06-22"
    assert show.short_deadline(instant("2024-06-22 10:15"), 2025) == "2024-06-22"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("3.2c", "三（二）"),
        ("1.1a", "一（一）"),
        ("5.4d", "五（四）"),
        ("3.2", "三（二）"),
        ("附则", "附则"),
        ("", ""),
    ],
)
def test_a_clause_is_shown_as_the_paper_numbers_it(number: str, shown: str) -> None:
    assert show.clause(number) == shown


def test_a_clause_tells_its_number_and_words() -> None:
    assert show.clause_words("3.2e") == "3.2e 经验收合格后方可恢复生产经营"
    assert show.clause_words("9.9z") == "9.9z"


def test_people_are_named_marked_as_erased_or_not_there() -> None:
    assert show.person("王建国", ident("w"), ZH) == "王建国"
    assert show.person(None, ident("w"), ZH) == "〔已删除〕"
    assert show.person(None, None, ZH) == "—"
    assert show.holder(WANG.holder(acting=True), EN) == "王建国 (acting)"


def test_a_vacancy_says_who_answers() -> None:
    vacant = LI.bearer([], vacant=True, answers="主要负责人 王建国")
    assert show.bearer_people(vacant, ZH) == "岗位空缺，由主要负责人 王建国答责"
    assert show.bearer_people(LI.bearer([], vacant=True), ZH) == "岗位空缺"
    assert show.bearer_people(LI.bearer([]), ZH) == "任职人员未见记录"
    assert show.bearer_people(LI.bearer([LI.holder(), LI.holder()]), ZH) == "李卫东"


def test_tenure_is_shown_with_and_without_an_end() -> None:
    until = WANG.holder(until=when("2024-07-09"))
    assert show.tenure(WANG.holder(), ZH) == "2021-03-01 起"
    assert show.tenure(until, ZH) == "2021-03-01 至 2024-07-09"
    assert show.tenure_months(until, ZH) == "2021-03 至 2024-07"
    assert show.tenure_months(WANG.holder(), EN) == "since 2021-03"


def test_money_is_given_in_fen_and_shown_in_its_language() -> None:
    assert show.money(128_050_000, ZH) == "128.05万元"
    assert show.money(128_050_000, EN) == "CNY 1,280,500"
    assert show.money(1, ZH) == "0.000001万元"
    assert show.money(0, ZH) == "0万元"
    assert show.money(10_000_000_000, ZH) == "10,000万元"


def test_a_setting_is_named_as_a_setting() -> None:
    source = "本系统默认值，条文未给出数字 (this product's default; the text gives no number)"
    applied = SettingApplied(key="k", value="3 working_days", since=None, source=source)
    assert show.setting(applied, ZH) == "期限依据规则设置 3个工作日（本系统默认值，条文未给出数字）"
    assert show.setting(applied, EN) == (
        "Deadline by rule setting 3 working days (this product's default; the text gives no number)"
    )
    changed = applied.model_copy(
        update={"value": "1", "since": date(2024, 1, 1), "source": "某局 (文)", "inferred": True}
    )
    assert show.setting(changed, ZH) == (
        "期限依据规则设置 1（某局 (文)；2024-01-01 起），推定规则，非条文原文"
    )


def test_a_form_shows_an_instant_in_beijing_time_to_the_minute() -> None:
    assert show.form_value(instant("2024-09-18 14:25")) == "2024-09-18T14:25"
    assert show.form_value(None) == ""

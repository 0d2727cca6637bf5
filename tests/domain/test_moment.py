from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.moment import (
    Day,
    Instant,
    Moment,
    Period,
    Span,
    earlier,
    end,
    first_day,
    format_moment,
    is_weekday,
    last_day,
    late,
    local_day,
    month_of,
    months_between,
    no_later,
    parse_moment,
    span_of,
    spans_between,
    start,
    utc,
)

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))
EPOCH = datetime(1950, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=73000)).map(lambda past: EPOCH + past)
MOMENTS = DAYS | INSTANTS
Unit = Literal["hours", "days", "working_days", "months"]
UNITS: st.SearchStrategy[Unit] = st.sampled_from(get_args(Unit))


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)


# reading and writing


@given(MOMENTS)
def test_what_is_written_reads_back(moment: date | datetime) -> None:
    again = parse_moment(format_moment(moment))
    assert (again, type(again)) == (moment, type(moment))


def test_an_instant_is_stored_in_utc() -> None:
    assert parse_moment("2024-05-03T14:30:00+08:00") == datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
    assert format_moment(shanghai("2024-05-03T14:30")) == "2024-05-03T06:30:00Z"
    assert format_moment(date(2024, 5, 3)) == "2024-05-03"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("2024-05-03T14:30:00", "时区"),
        (datetime(2024, 5, 3), "时区"),  # noqa: DTZ001
        ("2024-02-30", "day is out of range"),
        ("五月三日", "Invalid isoformat"),
        (20240503, "须为日期"),
        (None, "须为日期"),
        ("9999-12-31", "年份"),
        ("0001-01-01", "年份"),
    ],
)
def test_what_is_no_moment_is_refused(value: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_moment(value)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="时区"):
        utc(datetime(2024, 5, 3))  # noqa: DTZ001


INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
DAY: TypeAdapter[date] = TypeAdapter(Day)
MOMENT: TypeAdapter[date | datetime] = TypeAdapter(Moment)


@pytest.mark.parametrize(
    ("field", "value"),
    [(INSTANT, "2024-05-03"), (INSTANT, 3), (DAY, "9999-12-31"), (MOMENT, "9999-12-31")],
)
def test_a_field_refuses_what_it_does_not_hold(field: TypeAdapter[date], value: object) -> None:
    with pytest.raises(ValidationError):
        field.validate_python(value)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (INSTANT, "2024-05-03T06:30:00Z"),
        (DAY, "2024-05-03"),
        (MOMENT, "2024-05-03"),
        (MOMENT, "2024-05-03T06:30:00.000001Z"),
    ],
)
def test_a_field_writes_what_it_read(field: TypeAdapter[date], text: str) -> None:
    assert field.dump_python(field.validate_python(text)) == text


# days


@given(DAYS)
def test_a_day_lasts_from_midnight_to_midnight(day: date) -> None:
    assert end(day) == start(day + timedelta(days=1))
    assert local_day(start(day)) == day
    assert local_day(end(day) - timedelta(microseconds=1)) == day


@given(MOMENTS)
def test_a_moment_lies_between_its_start_and_end(moment: date | datetime) -> None:
    assert start(moment) <= end(moment)
    assert start(local_day(moment)) <= start(moment) <= end(moment) <= end(local_day(moment))


def test_the_local_day_begins_at_16_utc() -> None:
    assert local_day(datetime(2024, 5, 3, 15, 59, tzinfo=UTC)) == date(2024, 5, 3)
    assert local_day(datetime(2024, 5, 3, 16, 0, tzinfo=UTC)) == date(2024, 5, 4)
    assert local_day(datetime(2024, 5, 4, 1, 0, tzinfo=timezone(timedelta(hours=9)))) == date(
        2024, 5, 4
    )


# order


@given(MOMENTS, MOMENTS)
def test_of_two_moments_at_most_one_is_earlier(
    one: date | datetime, other: date | datetime
) -> None:
    assert not (earlier(one, other) and earlier(other, one))
    assert no_later(one, other) == (not earlier(other, one))
    if earlier(one, other):
        assert end(one) <= end(other)


@given(INSTANTS)
def test_a_day_is_neither_before_nor_after_an_instant_of_it(instant: datetime) -> None:
    day = local_day(instant)
    assert not earlier(day, instant)
    assert not earlier(instant, day)
    assert earlier(day - timedelta(days=1), instant)
    assert earlier(instant, day + timedelta(days=1))


@given(INSTANTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
def test_instants_are_compared_exactly(instant: datetime, later: timedelta) -> None:
    assert earlier(instant, instant + later)
    assert not earlier(instant + later, instant)
    assert not earlier(instant, instant)


# lateness


@given(MOMENTS, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_what_is_late_stays_late(moment: date | datetime, due: datetime, more: timedelta) -> None:
    if late(moment, due):
        assert late(start(moment) + more, due)
        assert start(moment) >= due


@given(DAYS, DAYS)
def test_a_whole_day_is_late_only_past_the_deadline(moment: date, due: date) -> None:
    assert late(moment, end(due)) == (moment > due)


@given(DAYS)
def test_twenty_four_hundred_is_past_a_days_deadline(day: date) -> None:
    assert late(end(day), end(day))
    assert not late(end(day) - timedelta(microseconds=1), end(day))


def test_a_deadline_in_hours_is_met_at_its_very_instant() -> None:
    due = shanghai("2024-05-11T09:00")
    assert not late(due, due)
    assert late(due + timedelta(microseconds=1), due)


def test_a_deadline_in_hours_ends_no_day_even_at_midnight() -> None:
    due = shanghai("2024-05-11T00:00")
    assert late(due, due)
    assert not late(due, due, by_the_hour=True)
    assert not late(date(2024, 5, 11), due, by_the_hour=True)
    assert late(due + timedelta(microseconds=1), due, by_the_hour=True)


def test_a_day_is_not_late_for_a_deadline_within_it() -> None:
    assert not late(date(2024, 5, 11), shanghai("2024-05-11T09:00"))
    assert late(date(2024, 5, 12), shanghai("2024-05-11T09:00"))


# months


@given(DAYS)
def test_a_day_lies_in_its_month(day: date) -> None:
    month = month_of(day)
    assert first_day(month) <= day <= last_day(month)
    assert month_of(last_day(month) + timedelta(days=1)) > month


@given(DAYS, st.integers(0, 400))
def test_months_between_are_all_there_and_in_order(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    months = months_between(first, last)
    assert months == sorted({month_of(first + timedelta(days=n)) for n in range(days + 1)})


def test_the_last_minute_belongs_to_its_month() -> None:
    assert month_of(shanghai("2024-02-29T23:59:59")) == "2024-02"
    assert month_of(shanghai("2024-03-01T00:00:00")) == "2024-03"


@pytest.mark.parametrize(
    ("month", "last"), [("2024-02", 29), ("2023-02", 28), ("2024-04", 30), ("2024-12", 31)]
)
def test_the_last_day_of_a_month(month: str, last: int) -> None:
    assert last_day(month).day == last


# periods


@given(MOMENTS, st.integers(0, 400), UNITS)
def test_a_period_never_ends_before_it_begins(
    opened: date | datetime, amount: int, unit: Unit
) -> None:
    assert Period(amount, unit).after(opened) >= end(opened)


@given(MOMENTS, st.integers(0, 60), UNITS)
def test_a_longer_period_ends_later(opened: date | datetime, amount: int, unit: Unit) -> None:
    assert Period(amount, unit).after(opened) < Period(amount + 1, unit).after(opened)


@given(MOMENTS, st.integers(0, 400))
def test_days_exclude_the_opening_day_and_end_at_midnight(
    opened: date | datetime, amount: int
) -> None:
    due = Period(amount, "days").after(opened)
    assert due == end(local_day(opened) + timedelta(days=amount))


def test_hours_run_from_the_instant_or_from_the_end_of_the_day() -> None:
    assert Period(24, "hours").after(shanghai("2024-05-10T09:00")) == shanghai("2024-05-11T09:00")
    assert Period(24, "hours").after(date(2024, 5, 10)) == end(date(2024, 5, 11))


@given(DAYS, st.integers(0, 60), st.frozensets(st.integers(0, 60)))
def test_working_days_are_counted_one_by_one(
    opened: date, amount: int, offsets: frozenset[int]
) -> None:
    holidays = {opened + timedelta(days=n) for n in offsets}

    def works(day: date) -> bool:
        return is_weekday(day) and day not in holidays

    last = Period(amount, "working_days").after(opened, works) - timedelta(microseconds=1)
    days = [opened + timedelta(days=n + 1) for n in range((local_day(last) - opened).days)]
    worked = [day for day in days if day.weekday() < 5 and day not in holidays]
    assert len(worked) == amount
    assert days[-1:] == worked[-1:]


@pytest.mark.parametrize(
    ("opened", "months", "last"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 2, date(2024, 3, 31)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
    ],
)
def test_a_month_ends_on_the_same_number_or_the_last_day(
    opened: date, months: int, last: date
) -> None:
    assert Period(months, "months").after(opened) == end(last)


# spans


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-W18", date(2024, 4, 29), date(2024, 5, 5)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        ("2024-H1", date(2024, 1, 1), date(2024, 6, 30)),
        ("2024-H2", date(2024, 7, 1), date(2024, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_span_has_a_first_and_a_last_day(span: str, first: date, last: date) -> None:
    assert (first_day(span), last_day(span)) == (first, last)


@given(DAYS, st.sampled_from(get_args(Span)))
def test_every_day_lies_in_its_span_and_the_next_begins_after_it(day: date, unit: Span) -> None:
    span = span_of(day, unit)
    assert first_day(span) <= day <= last_day(span)
    assert span_of(first_day(span), unit) == span_of(last_day(span), unit) == span
    following = last_day(span) + timedelta(days=1)
    assert spans_between(day, following, unit) == [span, span_of(following, unit)]
    assert spans_between(following, day, unit) == []


def test_the_last_minute_of_a_quarter_belongs_to_it() -> None:
    assert span_of(shanghai("2024-03-31T23:59"), "quarter") == "2024-Q1"
    assert span_of(shanghai("2024-04-01T00:00"), "quarter") == "2024-Q2"


def test_a_week_of_two_years_is_one_span() -> None:
    assert spans_between(date(2024, 12, 30), date(2025, 1, 5), "week") == ["2025-W01"]

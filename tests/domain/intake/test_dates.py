from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intake.dates import FIRST_YEAR, LAST_YEAR, read_deadline, read_moment
from domain.intake.problem import Cell
from domain.moment import SHANGHAI

DAY = date(2024, 5, 3)
AFTERNOON = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)

naive = datetime.fromisoformat
days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
seconds = st.integers(1, 86_399)


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-05-03", "2024/5/3", "2024.5.3", "2024.05.03.", "20240503", "2024年5月3日"),
        *("2024-5-3", " 2024-05-03 ", "2024 年 5 月 3 日", "２０２４年５月３日"),
        *("２０２４－０５－０３", "2024—05—03"),
        *("2024年5月3号", "2024年5月3日 星期五", "2024-05-03(周五)", "2024-05-03 00:00:00"),
        *("2024-05-03T00:00:00", "2024-05-03 00:00:00.000", "45415", "45415.0", 45415, 45415.0),
        *(20240503, date(2024, 5, 3), naive("2024-05-03")),
    ],
)  # fmt: skip
def test_day_is_read_however_it_is_written(cell: Cell) -> None:
    assert read_moment(cell) == (DAY, ())


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-05-03 14:30", "2024-05-03 14:30:00", "2024/5/3 14:30", "2024-05-03T14:30:00"),
        *("2024年5月3日14时30分", "2024年5月3日 14时30分0秒", "2024年5月3日14:30"),
        "2024年5月3日14点30分",
        *("2024年5月3日下午2时30分", "2024-05-03 下午2:30", "２０２４－０５－０３　１４：３０"),
        *("20240503 14:30", "2024-05-03T06:30:00Z", "2024-05-03T14:30:00+08:00"),
        *("2024-05-03T08:30:00+0200", "2024年5月3日(星期五)14时30分", "2024-05-03 14:30:00.5"),
        *(45415 + 14.5 / 24, str(45415 + 14.5 / 24), naive("2024-05-03T14:30")),
        datetime(2024, 5, 3, 8, 30, tzinfo=timezone(timedelta(hours=2))),
    ],
)  # fmt: skip
def test_time_is_local_and_comes_back_in_utc(cell: Cell) -> None:
    moment, flaws = read_moment(cell)
    assert flaws == ()
    assert moment == AFTERNOON
    assert isinstance(moment, datetime)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-05-03 上午9时", datetime(2024, 5, 3, 1, tzinfo=UTC)),
        ("2024-05-03 下午12时", datetime(2024, 5, 3, 4, tzinfo=UTC)),
        ("2024年5月3日24时", datetime(2024, 5, 3, 16, tzinfo=UTC)),
        ("2024-05-03T24:00:00+00:00", datetime(2024, 5, 4, tzinfo=UTC)),
        ("2024-05-03T00:00:00Z", datetime(2024, 5, 3, tzinfo=UTC)),
        ("1988-07-01 12:00", datetime(1988, 7, 1, 3, tzinfo=UTC)),
        (45415.99999999999, date(2024, 5, 4)),
    ],
)
def test_moment(cell: Cell, moment: datetime | date) -> None:
    assert read_moment(cell) == (moment, ())


@pytest.mark.parametrize("cell", [None, "", "  ", "/", "—", "-", "无", "N/A", "NULL", "NaT"])
def test_nothing_is_no_flaw(cell: Cell) -> None:
    assert read_moment(cell) == (None, ())


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2024-02-30", "impossible_date"),
        ("2023-02-29", "impossible_date"),
        ("2024-13-01", "impossible_date"),
        ("2024年0月3日", "impossible_date"),
        ("20241301", "impossible_date"),
        (20240230, "impossible_date"),
        ("2024-05-03 25:00", "impossible_date"),
        ("2024-05-03 24:01", "impossible_date"),
        ("0000-05-03", "impossible_date"),
        ("9999-12-31 24:00", "impossible_date"),
        ("03/05/2024", "ambiguous_date"),
        ("31/05/2024", "ambiguous_date"),
        ("3.5.2024", "ambiguous_date"),
        ("24-5-3", "ambiguous_date"),
        ("24.5.3", "ambiguous_date"),
        ("24年5月3日", "ambiguous_date"),
        ("2024年5月", "incomplete_date"),
        ("2024-05", "incomplete_date"),
        ("2024", "incomplete_date"),
        ("5月3日", "incomplete_date"),
        ("5.3", "incomplete_date"),
        ("立即整改", "unreadable_date"),
        ("2024-05-03至2024-05-06", "unreadable_date"),
        ("2024-05/03", "unreadable_date"),
        ("May 3, 2024", "unreadable_date"),
        ("=TODAY()", "unreadable_date"),
        ("2024-05-031", "unreadable_date"),
        ("2024-05-03 1430", "unreadable_date"),
        (-1, "unreadable_date"),
        (0, "unreadable_date"),
        (float("nan"), "unreadable_date"),
        (2024, "year_out_of_range"),
        (float("inf"), "year_out_of_range"),
        (9_999_999, "year_out_of_range"),
        ("1948-12-31", "year_out_of_range"),
        ("2101-01-01", "year_out_of_range"),
        (date(1900, 1, 1), "year_out_of_range"),
        (naive("2124-05-03T12:00"), "year_out_of_range"),
        ("99999", "year_out_of_range"),
    ],
)
def test_refused_with_the_reason(cell: Cell, code: str) -> None:
    moment, flaws = read_moment(cell)
    assert moment is None
    assert [flaw.code for flaw in flaws] == [code]


@given(days)
def test_every_way_of_writing_a_day_gives_that_day(day: date) -> None:
    number = (day - date(1899, 12, 30)).days
    for text in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day} 00:00:00",
        str(number),
    ):
        assert read_moment(text) == (day, ())
    assert read_moment(number) == (day, ())


@given(days, seconds)
def test_every_way_of_writing_a_time_gives_that_time(day: date, second: int) -> None:
    local = datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)
    moment = local.replace(tzinfo=SHANGHAI).astimezone(UTC)
    for text in (
        f"{local:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y/%m/%dT%H:%M:%S}",
        f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute}分{local.second}秒",
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    ):
        assert read_moment(text) == (moment, ())
    number = (local - naive("1899-12-30")) / timedelta(days=1)
    assert read_moment(number) == (moment, ())
    assert read_moment(local) == (moment, ())


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_no_cell_is_too_odd(cell: Cell) -> None:
    moment, flaws = read_moment(cell)
    assert (moment is None) or (flaws == ())


@given(st.text("0123456789-/.年月日 :时分T前", max_size=20))
def test_no_date_like_text_is_too_odd(text: str) -> None:
    moment, flaws = read_deadline(text)
    assert (moment is None) or (flaws == ())


@pytest.mark.parametrize(
    ("cell", "deadline"),
    [
        ("2024年5月3日前", DAY),
        ("2024-05-03之前", DAY),
        ("2024/5/3 以前 ", DAY),
        ("2024.5.3止", DAY),
        ("2024-05-03", DAY),
        (45415, DAY),
        (None, None),
    ],
)
def test_deadline_may_say_before(cell: Cell, deadline: date | None) -> None:
    assert read_deadline(cell) == (deadline, ())


def test_relative_deadline_is_refused() -> None:
    assert [flaw.code for flaw in read_deadline("7日内")[1]] == ["unreadable_date"]

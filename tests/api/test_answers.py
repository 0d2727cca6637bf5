"""What was prior, open and overdue at an accident: the real record, its edges, and an oracle."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.asking import ask_trace
from domain.trace import Question
from tests.support.imports import bring_in, hazard, unit, write_csv
from tests.support.ledger import ledger, place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.ledger import Ledger
    from tests.support.imports import Cells

__all__ = ["ledger", "place"]

DATA = Path(__file__).parents[3] / "shared/data/real"
DAY = date(2024, 9, 18)
SAMPLE = 12
"""Answers of every trait; with their overlaps more than sixty in all."""


class Answer(NamedTuple):
    """The counts of a trace: how many prior, which are open, which are overdue."""

    prior: int
    open: list[str]
    overdue: list[str]


def answer(ledger: Ledger, code: str, at: date | datetime = DAY) -> Answer:
    found = ask_trace(ledger, unit(code), Question(at)).hazards
    return Answer(found.prior, sorted(found.open), sorted(found.overdue))


# the real record


def read(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def traits(answer: dict[str, str], rows: Iterable[dict[str, str]]) -> set[str]:
    """Return what can go wrong with an answer."""
    day, found = answer["day"], set()
    for row in rows:
        closed = row["整改完成日期"]
        found |= {f"{name} on the day" for name in row if row[name] == day}
        found |= {"never closed"} if not closed else set()
        found |= {"closed before found"} if closed and closed < row["检查时间"] else set()
    found |= {name for name in ("open", "overdue") if answer[name]}
    return found or {"none"}


def sample(answers: list[dict[str, str]], rows: dict[str, list[dict[str, str]]]) -> list[int]:
    """Return which answers to check: for every trait, those that come first with it."""
    chosen: set[int] = set()
    of_trait: dict[str, int] = defaultdict(int)
    for number, each in enumerate(answers):
        for trait in traits(each, rows[each["enterprise"]]):
            of_trait[trait] += 1
            if of_trait[trait] <= SAMPLE:
                chosen.add(number)
    assert {"open", "overdue", "never closed", "closed before found"} <= of_trait.keys()
    assert {
        "检查时间 on the day",
        "整改期限 on the day",
        "整改完成日期 on the day",
    } <= of_trait.keys()
    return sorted(chosen)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real record is not here: {DATA}")
def test_real_answers(ledger: Ledger, tmp_path: Path) -> None:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read("hazards.csv.gz"):
        rows[row["单位编码"]].append(row)
    answers = read("answers.csv.gz")
    chosen = [answers[number] for number in sample(answers, rows)]
    assert len(chosen) >= 60
    units = {each["enterprise"] for each in chosen}
    bring_in(
        ledger, write_csv(tmp_path / "hazards.csv", [r for u in sorted(units) for r in rows[u]])
    )
    wrong = {}
    for each in chosen:
        expected = Answer(
            int(each["prior"]), sorted(each["open"].split()), sorted(each["overdue"].split())
        )
        got = answer(ledger, each["enterprise"], date.fromisoformat(each["day"]))
        if got != expected:
            wrong[each["accident"]] = (expected, got)
    assert wrong == {}


# rows at the edges: the accident is on 18 September

PRIOR = Answer(1, [], [])
OPEN = Answer(1, ["YH-1"], [])
OVERDUE = Answer(1, ["YH-1"], ["YH-1"])
LATER = Answer(0, [], [])
OPEN_CELLS: Cells = {
    "检查时间": "2024-09-01",
    "整改期限": "2024-09-17",
    "整改完成日期": "",
    "销号情况": "",
}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param({}, OVERDUE, id="never closed"),
        pytest.param({"整改完成日期": "2024-09-17"}, PRIOR, id="closed the day before"),
        pytest.param({"整改完成日期": "2024-09-18"}, PRIOR, id="closed on the day"),
        pytest.param({"整改完成日期": "2024-09-19"}, OVERDUE, id="closed the day after"),
        pytest.param({"整改期限": "2024-09-18"}, OPEN, id="due on the day"),
        pytest.param({"整改期限": "2024-09-19"}, OPEN, id="due the day after"),
        pytest.param({"整改期限": ""}, OPEN, id="no deadline"),
        pytest.param({"整改期限": "限期"}, OPEN, id="a deadline that is no date"),
        pytest.param({"整改期限": "2024-08-01"}, OVERDUE, id="due before it was found"),
        pytest.param({"检查时间": "2024-09-17"}, OVERDUE, id="found the day before"),
        pytest.param({"检查时间": "2024-09-18"}, LATER, id="found on the day"),
        pytest.param({"检查时间": "2024-09-19"}, LATER, id="found the day after"),
        pytest.param({"整改完成日期": "2024-08-20"}, PRIOR, id="closed before it was found"),
        pytest.param(
            {"检查时间": "2024-09-18", "整改完成日期": "2024-09-10"}, LATER, id="both, on the day"
        ),
        pytest.param({"整改完成日期": "24-9-10"}, OVERDUE, id="a closing that is no date"),
        pytest.param({"销号情况": "已销号"}, OVERDUE, id="only said to be closed"),
        pytest.param(
            {"整改完成日期": "2024-09-10", "销号情况": "未整改"}, PRIOR, id="said to be open"
        ),
        pytest.param({"隐患等级": "特别重大"}, OVERDUE, id="level unknown"),
        pytest.param({"隐患等级": ""}, OVERDUE, id="no level"),
        pytest.param({"检查时间": "2024-09-17 23:59"}, OVERDUE, id="found in the night before"),
        pytest.param({"检查时间": "2024-09-18 00:01"}, LATER, id="found in the first minute"),
        pytest.param({"检查时间": "2024-09-17T16:30:00Z"}, LATER, id="found that day, in UTC"),
        pytest.param({"整改完成日期": "2024-09-18 23:59"}, PRIOR, id="closed in the last minute"),
        pytest.param({"整改完成日期": "2024-09-19 00:01"}, OVERDUE, id="closed in the first"),
        pytest.param({"整改期限": "2024-09-17 08:00"}, OVERDUE, id="due at a time the day before"),
        pytest.param({"整改期限": "2024-09-18 08:00"}, OPEN, id="due at a time on the day"),
        pytest.param({"检查时间": "1999-01-01", "整改期限": "1999-02-01"}, OVERDUE, id="very old"),
    ],
)
def test_edges_of_a_day(ledger: Ledger, tmp_path: Path, cells: Cells, expected: Answer) -> None:
    bring_in(ledger, write_csv(tmp_path / "ledger.csv", [hazard() | OPEN_CELLS | cells]))
    assert answer(ledger, "A0001") == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param({"检查时间": "2024-09-18 14:19"}, OVERDUE, id="found a minute before"),
        pytest.param({"检查时间": "2024-09-18 14:20"}, LATER, id="found at that moment"),
        pytest.param({"检查时间": "2024-09-18"}, LATER, id="found on the day, nobody knows when"),
        pytest.param({"整改完成日期": "2024-09-18 14:20"}, PRIOR, id="closed at that moment"),
        pytest.param({"整改完成日期": "2024-09-18 14:21"}, OVERDUE, id="closed a minute after"),
        pytest.param({"整改完成日期": "2024-09-18"}, PRIOR, id="closed on the day, some time"),
        pytest.param({"整改期限": "2024-09-18"}, OPEN, id="due by the end of the day"),
    ],
)
def test_edges_of_a_minute(ledger: Ledger, tmp_path: Path, cells: Cells, expected: Answer) -> None:
    bring_in(ledger, write_csv(tmp_path / "ledger.csv", [hazard() | OPEN_CELLS | cells]))
    moment = datetime.fromisoformat("2024-09-18T14:20:00+08:00")
    assert answer(ledger, "A0001", moment) == expected


# any rows, against an oracle

NEAR = st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days))
FAR = st.dates(date(1999, 1, 1), date(2099, 12, 31))
DAYS = st.one_of(NEAR, NEAR, FAR).map(date.isoformat)
TIMES = st.times().map(lambda time: f" {time:%H:%M}")
MOMENTS = st.builds(str.__add__, DAYS, st.one_of(st.just(""), TIMES))
NO_DATES = st.sampled_from(["", "无", "待定", "2024-02-30", "24-9-18", "9月18日"])
ROWS = st.fixed_dictionaries(
    {
        "隐患编号": st.sampled_from(["", "1", "2", "3", "4", "5", "6"]),
        "检查时间": st.one_of(MOMENTS, MOMENTS, MOMENTS, NO_DATES),
        "整改期限": st.one_of(DAYS, DAYS, NO_DATES),
        "整改完成日期": st.one_of(MOMENTS, NO_DATES),
        "隐患等级": st.sampled_from(["一般", "重大", "特大", ""]),
        "销号情况": st.sampled_from(["已销号", "整改中", "不详", ""]),
        "隐患问题描述": st.sampled_from(["甲", "乙"]),
    }
)


def day(text: object) -> date | None:
    """Read a date as the oracle knows it: the day, without its time."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def oracle(rows: list[Cells]) -> tuple[int, int, int]:
    """Count by the definitions that came with the real record.

    Prior: found on an earlier day than the accident. Open: prior and not closed, or closed after
    the accident's day. Overdue: open, and its deadline lies before the accident's day.
    """
    once = {tuple(row.values()): row for row in rows}.values()
    prior = [row for row in once if (found := day(row["检查时间"])) and found < DAY]
    still_open = [row for row in prior if (day(row["整改完成日期"]) or date.max) > DAY]
    overdue = [row for row in still_open if (day(row["整改期限"]) or date.max) < DAY]
    return len(prior), len(still_open), len(overdue)


CODES = (f"P{n:05}" for n in count())


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=12))
@example([{**dict.fromkeys(hazard(), ""), "检查时间": "2024-09-17 00:00"}])
def test_any_rows(ledger: Ledger, tmp_path: Path, rows: list[Cells]) -> None:
    code = next(CODES)  # a unit of its own for every example, in one ledger
    rows = [row | {"单位编码": code} for row in rows]
    bring_in(ledger, write_csv(tmp_path / "ledger.csv", rows))
    got = answer(ledger, code)
    assert (got.prior, len(got.open), len(got.overdue)) == oracle(rows)

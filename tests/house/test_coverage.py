"""Every clause of the policy has code, scenarios, settings and a row: what is missing is named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from api.coverage import SCENARIOS, ClauseTold, chosen, numbers_in, scenarios, tell_clauses
from api.settings_told import SettingsAnswer, tell_setting
from domain.policy.clauses import CLAUSES
from domain.policy.settings import SETTINGS, Settings
from tests.house.gherkin import clauses_shown
from tests.support.tree import ROOT, features

POLICY = ROOT.parent / "shared" / "policy.md"
"""The map from the text to the product; where it is not at hand, the clauses stand for it."""
_ROW = re.compile(r"^\| (\d\.\d[a-z]) \| (.*) \| (.*) \| (.*) \| (.*) \|$", re.MULTILINE)
_PERIOD = re.compile(r"(\d+) (hours|days)")
_WITHOUT = {"–", "both dates"}


@dataclass(frozen=True)
class Row:
    """A row of the map: a clause, how it acts, and its setting."""

    number: str
    kinds: frozenset[str]
    setting: str


def rows() -> Iterator[Row]:
    """Yield the rows of the map, or what the clauses themselves say."""
    if POLICY.exists():
        for number, _, kinds, _, setting in _ROW.findall(POLICY.read_text("utf-8")):
            yield Row(number, frozenset(kinds.split(", ")), setting.strip())
    else:
        for clause in CLAUSES.values():
            yield Row(clause.number, frozenset(clause.kinds), "–")


def told() -> dict[str, ClauseTold]:
    """Return the page's rows, with the settings as they are by default."""
    in_force = Settings([])
    today = date(2024, 1, 1)
    answers = [tell_setting(in_force.at(key, today)) for key in SETTINGS]
    settings = SettingsAnswer(
        as_at=today, known_at=None, jurisdiction="", version=0, settings=answers
    )
    return {each.number: each for each in tell_clauses(settings)}


def implemented() -> list[str]:
    return [number for number, clause in CLAUSES.items() if clause.implemented]


def test_the_clauses_are_those_of_the_policy() -> None:
    told = list(rows())
    assert [row.number for row in told] == list(CLAUSES)
    assert len(CLAUSES) == 105
    lacking = {row.number: row.kinds - {*CLAUSES[row.number].kinds} for row in told}
    assert {number: kinds for number, kinds in lacking.items() if kinds} == {}


def test_every_clause_has_code_a_scenario_and_a_row() -> None:
    """What is left is exactly what is not in force yet; with nothing left, all 105 are."""
    shown = {number for file in features() for number in clauses_shown(file.read_text("utf-8"))}
    pages = told()
    missing = {
        number: [
            *([] if pages[number].rules or pages[number].places else ["code"]),
            *([] if number in shown else ["scenario"]),
        ]
        for number in CLAUSES
    }
    assert {n: why for n, why in missing.items() if why and n in implemented()} == {}
    assert list(pages) == list(CLAUSES)


def test_every_value_of_the_policy_is_a_setting() -> None:
    clauses = {setting.clause for setting in SETTINGS.values()}
    lacking = [
        f"{row.number}: {row.setting}"
        for row in rows()
        if row.setting not in _WITHOUT and row.number in implemented() and row.number not in clauses
    ]
    assert lacking == []


def test_every_period_that_the_policy_gives_is_the_default_of_a_setting() -> None:
    values = {
        number: [s.value for s in SETTINGS.values() if s.clause == number] for number in CLAUSES
    }
    lacking = [
        f"{row.number}: {row.setting}"
        for row in rows()
        for amount, unit in _PERIOD.findall(row.setting)
        if row.number in implemented() and f"{amount} {unit}" not in values[row.number]
    ]
    assert lacking == []


def test_every_place_that_is_shown_is_there() -> None:
    for clause in told().values():
        for place in (*clause.places, *(p for rule in clause.rules for p in rule.places)):
            lines = (ROOT / place.file).read_text("utf-8").splitlines()
            near = "\n".join(lines[max(place.line - 30, 0) : place.line + 2])
            assert place.line == 1 or place.name.split(".")[-1] in near, place


def test_the_results_on_record_are_of_scenarios_that_passed() -> None:
    features_told = json.loads(SCENARIOS.read_text("utf-8"))["features"]
    results = {each["result"] for f in features_told.values() for each in f["scenarios"]}
    assert results == {"passed"}
    assert {each.result for listed in scenarios().values() for each in listed} <= {
        "passed",
        "not_run",
    }


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("3.2c", ["3.2c"]),
        ("三（二）3.2c", ["3.2c"]),
        ("二（一）", [n for n in CLAUSES if n.startswith("2.1")]),
        ("二(一)", [n for n in CLAUSES if n.startswith("2.1")]),
        ("2.1", [n for n in CLAUSES if n.startswith("2.1")]),
        ("", list(CLAUSES)),
        ("九", []),
        ("9.9z", []),
    ],
)
def test_a_clause_is_found_as_people_ask_for_it(asked: str, numbers: list[str]) -> None:
    assert [each.number for each in chosen(list(told().values()), asked)] == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("reports (3.2f, g, j).", {"3.2f", "3.2g", "3.2j"}),
        ("the answer (3.2j) and 1.1e's", {"3.2j", "1.1e"}),
        ("version 3.2, 13.2a and 3.2z", set()),
    ],
)
def test_clauses_are_read_from_a_docstring(text: str, numbers: set[str]) -> None:
    assert numbers_in(text) == numbers

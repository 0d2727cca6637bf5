"""The feature files: sound, whole, and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.policy.clauses import CLAUSES
from tests.house.gherkin import attacks_shown, clauses_shown, problems, scenario_names
from tests.house.step_audit import audit_steps
from tests.support.attacks import ATTACKS
from tests.support.tree import ROOT, features


@pytest.mark.parametrize("file", features(), ids=lambda file: str(file.relative_to(ROOT)))
def test_feature_file_is_sound(file: Path) -> None:
    assert [str(problem) for problem in problems(file.read_text("utf-8"), CLAUSES, ATTACKS)] == []


def test_every_clause_has_a_scenario() -> None:
    shown = {number for file in features() for number in clauses_shown(file.read_text("utf-8"))}
    assert [n for n, clause in CLAUSES.items() if clause.implemented and n not in shown] == []


def test_every_attack_has_a_scenario() -> None:
    shown = {name for file in features() for name in attacks_shown(file.read_text("utf-8"))}
    assert shown == ATTACKS.keys()


def test_every_scenario_runs_and_finds_each_step_once() -> None:
    written = {
        (str(file), name) for file in features() for name in scenario_names(file.read_text("utf-8"))
    }
    audit = audit_steps(ROOT / "tests", ROOT)
    assert written - audit.bound == set(), "no test runs these"
    assert audit.wrong == {}, "steps found by so many definitions"

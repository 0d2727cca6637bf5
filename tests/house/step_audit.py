"""Which step definitions each scenario would find, without running it.

The file is also the pytest plugin that finds out, in a pytest of its own that only collects.
pytest-bdd takes the last of two step definitions that match, in silence. What matches is asked of
pytest-bdd itself, for each scenario as it is bound and for each row of its examples.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

OPTION = "--step-audit"
_running = import_module("pytest_bdd.scenario")  # whose functions tests/features makes quicker


@dataclass(frozen=True, slots=True)
class Audit:
    """What a test folder binds and how its steps are found."""

    bound: set[tuple[str, str]]
    """Every scenario that a test runs: path of the feature file, name."""
    wrong: dict[str, int]
    """Every step found by no definition or by more than one, and by how many."""


def audit_steps(tests: Path, root: Path) -> Audit:
    """Collect a test folder with pytest and return what its scenarios would run.

    Args:
        tests: the folder.
        root: where to run pytest.

    Raises:
        RuntimeError: pytest cannot collect; holds what it printed.
    """
    with TemporaryDirectory() as directory:
        answer = Path(directory) / "answer.json"
        command = [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"),
            *("-p", __name__, f"{OPTION}={answer}", str(tests)),
        ]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        found = json.loads(answer.read_text("utf-8"))
    return Audit({(file, name) for file, name in found["bound"]}, found["wrong"])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, type=Path, help="write which steps are found to this file, as JSON")


def pytest_collection_finish(session: pytest.Session) -> None:
    bound = []
    wrong: dict[str, int] = {}
    for item in session.items:
        if not isinstance(item, pytest.Function):
            continue
        template = _running.scenario_wrapper_template_registry.get(item.function)
        if template is None:
            continue
        bound.append([template.feature.filename, template.name])
        for step in template.render(_example(item)).steps:
            found = _running.find_fixturedefs_for_step(step, session._fixturemanager, item)
            if (count := len(list(found))) != 1:
                where = f"{Path(template.feature.filename).name}:{step.line_number}"
                wrong[f"{where}: {step.keyword}{step.name}"] = count
    answer = {"bound": bound, "wrong": wrong}
    session.config.getoption(OPTION).write_text(json.dumps(answer), "utf-8")


def _example(item: pytest.Function) -> dict[str, str]:
    """Return the row of examples that an item runs with."""
    parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    example: dict[str, str] = parameters.get("_pytest_bdd_example", {})
    return example

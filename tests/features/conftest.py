"""The world of a scenario, and every step definition under ``steps/``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import unwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_bdd.compat import getfixturedefs
from pytest_bdd.steps import StepNamePrefix, step_function_context_registry

from tests.features.attack import Attack
from tests.features.world import World
from tests.support.stage import Template, template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.fixtures import FixtureDef, FixtureManager
    from _pytest.nodes import Node
    from pytest_bdd.parser import Step
    from pytest_bdd.steps import StepFunctionContext

pytest.register_assert_rewrite("tests.features.steps")
DEFINITIONS: dict[str, StepFunctionContext] = {}
"""Every step definition, by the name under which pytest-bdd keeps it."""
for _file in sorted((Path(__file__).parent / "steps").glob("*.py")):
    _module = import_module(f"tests.features.steps.{_file.stem}")
    # pytest-bdd keeps definitions under names that begin with underscores: `import *` skips them.
    _own = {k: v for k, v in vars(_module).items() if k.startswith(StepNamePrefix.step_def.value)}
    assert not _own.keys() & DEFINITIONS.keys(), "a step is defined in two modules"
    DEFINITIONS |= {name: step_function_context_registry[unwrap(v)] for name, v in _own.items()}
    globals().update(_own)


@cache
def _named(kind: str, text: str) -> list[str]:
    """Return the names of the definitions that match a step."""
    return [
        name
        for name, context in DEFINITIONS.items()
        if context.type in (None, kind) and context.parser.is_matching(text)
    ]


def find_definitions(
    step: Step, fixturemanager: FixtureManager, node: Node
) -> Iterator[FixtureDef[object]]:
    """Find what pytest-bdd's own function finds, in a hundredth of the time.

    It asks pytest about every definition for every step, which took most of a scenario's time; all
    of ours stand here, so only those that match are asked about.
    """
    for name in _named(step.type, step.name):
        yield from getfixturedefs(fixturemanager, name, node) or []


# Not by an import statement: the package has a function of the module's name.
import_module("pytest_bdd.scenario").find_fixturedefs_for_step = find_definitions  # type: ignore[attr-defined]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.expect_no_refusal()


@pytest.fixture(scope="session")
def stage(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The stage for attacks, set up once in each worker."""
    with template(postgres_url, tmp_path_factory.mktemp("stage")) as found:
        yield found


@pytest.fixture
def attack(stage: Template, tmp_path: Path) -> Iterator[Attack]:
    """An attack on a stage of its own."""
    with stage.copied(tmp_path) as copy:
        made = Attack(copy)
        yield made
        assert made.refusal is None, f"意外被拒绝：{made.refusal}"

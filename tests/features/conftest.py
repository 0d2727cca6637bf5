"""The world of a scenario, and every step definition under ``steps/``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_bdd.steps import StepNamePrefix

from tests.features.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.register_assert_rewrite("tests.features.steps")
for _file in sorted((Path(__file__).parent / "steps").glob("*.py")):
    _module = import_module(f"tests.features.steps.{_file.stem}")
    # pytest-bdd keeps definitions under names that begin with underscores: `import *` skips them.
    globals().update(
        {k: v for k, v in vars(_module).items() if k.startswith(StepNamePrefix.step_def.value)}
    )


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.expect_no_refusal()

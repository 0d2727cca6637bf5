"""The world of a scenario, and every step definition under ``steps/``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_bdd.steps import StepNamePrefix

from tests.features.attack import Attack
from tests.features.world import World
from tests.support.stage import Template, template

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

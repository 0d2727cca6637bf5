"""Test vectors that others published, which lie beside the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.tree import ROOT

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

VECTORS = ROOT.parent / "shared/data/vectors"

needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="no ../shared/data/vectors")


def load(path: str | Path) -> Any:  # noqa: ANN401 - whatever JSON there is
    """Return the content of a JSON file among the vectors."""
    return json.loads((VECTORS / path).read_text("utf-8"))


def files(folder: str, count: int) -> list[ParameterSet]:
    """Return a test parameter for each JSON file under ``folder``; there must be ``count``."""
    if not VECTORS.is_dir():
        return [pytest.param(None, marks=needs_vectors)]
    found = sorted((VECTORS / folder).rglob("*.json"))
    assert len(found) == count, f"{folder} has {len(found)} files, not {count}"
    return [pytest.param(path, id=str(path.relative_to(VECTORS / folder))) for path in found]

"""The verifier's modules, called from a test in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from api.verifier import bundled
from domain.proof.claims import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

RUNNER = Path(__file__).parents[1] / "support/runner.js"


class Answer(NamedTuple):
    """What one call came to: a value, or where it was refused: kind, words, place."""

    value: Any = None
    refused: tuple[str, str, str] | None = None

    @property
    def good(self) -> bool:
        """Whether it was not refused."""
        return self.refused is None


class Engine:
    """A browser that has the verifier's modules loaded.

    Args:
        name: which browser.
        evaluate: runs ``run`` of ``runner.js`` there, on a text.
    """

    def __init__(self, name: str, evaluate: Callable[[str], str]) -> None:
        self.name = name
        self._evaluate = evaluate

    def call(self, module: str, name: str, calls: Iterable[Sequence[object]]) -> list[Answer]:
        """Call an exported function once for each list of arguments."""
        asked = {"module": module, "name": name, "calls": [encoded([*args]) for args in calls]}
        answers = []
        for each in json.loads(self._evaluate(json.dumps(asked))):
            assert "crashed" not in each, each
            refused = each.get("refused")
            answers.append(Answer(decoded(each.get("value")), refused and tuple(refused)))
        return answers


def harness(folder: Path) -> Path:
    """Return a page that has the modules and ``run``."""
    page = folder / "harness.html"
    texts = f"const claimTexts = {json.dumps(words())};\n"
    script = bundled("page") + texts + RUNNER.read_text("utf-8")
    page.write_text(f"<!doctype html><meta charset=utf-8><script>{script}</script>", "utf-8")
    return page


def encoded(value: object) -> object:
    """Return a value as it goes over: bytes and whole numbers marked as such."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"int": str(value)}
    if isinstance(value, list | tuple):
        return [encoded(each) for each in value]
    if isinstance(value, dict):
        return {name: encoded(each) for name, each in value.items()}
    return value


def decoded(value: object) -> object:
    """Return a value as it came back."""
    if isinstance(value, dict) and set(value) == {"hex"}:
        return bytes.fromhex(value["hex"])
    return value

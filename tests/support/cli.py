"""The command line run by a test, and what it left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Told:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - plain data
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    def refuses(self, *words: str) -> None:
        """Assert a refusal in both languages, with what to do, and no answer beside it."""
        assert (self.code, self.out) == (2, ""), self
        assert self.err.startswith("✗ ")
        assert "怎么办：" in self.err
        assert " — " in self.err  # the same in English, and what to do
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err


class Run(Protocol):
    def __call__(self, *arguments: object) -> Told: ...

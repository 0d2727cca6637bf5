"""Faults 不符: what an audit found that does not hold, where, and why."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal[
    "missing",
    "leaf",
    "column",
    "recorded",
    "version",
    "tag",
    "command",
    "sealed",
    "tile",
    "checkpoint",
    "signature",
    "roll",
]
"""What sort of thing does not hold; for programs."""


class Fault(NamedTuple):
    """Something that does not hold.

    Args:
        position: the first position concerned.
        kind: what sort of thing it is.
        zh, en: what was found there, in plain words.
    """

    position: int
    kind: Kind
    zh: str
    en: str

    def __str__(self) -> str:
        """Return both languages on one line."""
        return f"第{self.position}条：{self.zh} (fact {self.position}: {self.en})"


def first(*faults: Fault | None) -> Fault | None:
    """Return the fault at the lowest position, the one named first where several stand there."""
    found = [fault for fault in faults if fault is not None]
    return min(found, key=lambda fault: fault.position) if found else None

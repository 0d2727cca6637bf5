"""What a figure folds 折叠: said in words and numbers, never left out in silence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from api.pages.figures import svg
from api.pages.story import Standing, standing

if TYPE_CHECKING:
    from api.pages.story import Item
    from api.pages.words import Speech

_COLOURS = {"against": svg.RED, "on_word": svg.AMBER, "kept": svg.GREEN, "other": svg.MUTED}
_GROUPS = {
    Standing.BROKEN: "against",
    Standing.LATE: "against",
    Standing.BREACH: "against",
    Standing.ON_WORD: "on_word",
    Standing.KEPT: "kept",
}


def fold_words(items: list[Item], say: Speech) -> list[tuple[str, str]]:
    """Return in words, each with its colour, how many items are folded."""
    return [(say(f"more.{key}", n=n), _COLOURS[key]) for key, n in fold_counts(items).items() if n]


def fold_counts(items: list[Item]) -> dict[str, int]:
    """Return how many items are not kept, kept by a late entry's word, kept, and neither."""
    found = Counter(_GROUPS.get(standing(item), "other") for item in items)
    return {key: found[key] for key in _COLOURS}


def fold_line(items: list[Item], say: Speech) -> tuple[str, str]:
    """Return the same for a node: the gravest in full, and the rest briefly."""
    first, *_ = [words for words, _ in fold_words(items, say)]
    counts = fold_counts(items)
    gravest = next(key for key, n in counts.items() if n)
    rest = [say(f"fold.{key}", n=n) for key, n in counts.items() if n and key != gravest]
    return first, " · ".join(rest)

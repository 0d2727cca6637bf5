"""What a figure folds 折叠: said in words and numbers, never left out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages.figures import svg
from api.pages.story import Standing, standing

if TYPE_CHECKING:
    from api.pages.story import Item
    from api.pages.words import Speech


def fold_words(items: list[Item], say: Speech) -> list[tuple[str, str]]:
    """Return in words, each with its colour, how many items are folded."""
    against = sum(standing(item).against for item in items)
    kept = sum(standing(item) in (Standing.KEPT, Standing.ON_WORD) for item in items)
    other = len(items) - against - kept
    found = (
        ("more_not_kept", against, svg.RED),
        ("more_kept", kept, svg.GREEN),
        ("more_other", other, svg.MUTED),
    )
    return [(say(key, n=n), colour) for key, n, colour in found if n]

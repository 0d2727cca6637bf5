"""How a month's report is marked in a map of months 热力图: one word a cell, and days late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.moment import last_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

CELLS = (
    "kept",
    "zero",
    "late",
    "one",
    "unsigned",
    "contradicted",
    "overtaken",
    "missing",
    "open",
    "waived",
    "filed",
    "none",
)
"""Every mark, in the order of the legend."""
COMPLIANT = frozenset({"kept", "zero", "overtaken"})
"""What counts as reported in time: a zero report that was overtaken was no fault (3.2c)."""
LETTERS = {
    "kept": "k",
    "zero": "z",
    "late": "l",
    "one": "1",
    "unsigned": "u",
    "contradicted": "c",
    "overtaken": "o",
    "waived": "w",
    "filed": "f",
}
"""How the marks are kept of which the record speaks; silence has none: time decides about it."""
SILENT = "-"
MONTHS = 12


def bits(months: Iterable[bool]) -> int:
    """Return a year's months as bits, January the lowest."""
    return sum(1 << index for index, holds in enumerate(months) if holds)


def cells_of(letters: str, late: Sequence[int], owed: int, ended: int) -> list[tuple[str, int]]:
    """Return the marks of a year's months, each with by how many days it was late.

    Args:
        letters: of each month the letter of what the record says.
        late: by how many days each was late.
        owed: the months for which a report is owed, a bit each, January the lowest.
        ended: the months that have ended, likewise.
    """
    marks = {letter: mark for mark, letter in LETTERS.items()}
    found = []
    for month in range(MONTHS):
        mark = marks.get(letters[month])
        if mark is None:
            is_owed, has_ended = owed >> month & 1, ended >> month & 1
            mark = "none" if not is_owed else "missing" if has_ended else "open"
        found.append((mark, late[month]))
    return found


def cell_of(
    state: str | None,
    how: str | None,
    kind: str | None,
    effective: date | None,
    month: str,
    signed: bool,  # noqa: FBT001 - one of the five things that a cell is made of
) -> tuple[str, int]:
    """Return how a month's report is marked in a map of months, and by how many days it is late.

    Args:
        state: how the duty of 3.2a stands; None: nothing is owed.
        how: how the report stands.
        kind: ordinary or zero; None: nothing is filed.
        effective: the day on which it took effect.
        month: which month.
        signed: whether at least one of both has signed.
    """
    if state is None:
        return ("none", 0) if how is None else ("filed", 0)
    if how in ("contradicted", "overtaken"):
        return how, 0
    if kind == "zero" and how in ("filed", "awaiting_deputy", "awaiting_principal"):
        return ("one" if signed else "unsigned"), 0
    if state == "kept_late" and effective:
        return "late", max((effective - last_day(month)).days, 1)
    if state == "kept":
        return ("zero" if kind == "zero" else "kept"), 0
    return {"waived": "waived", "open": "open"}.get(state, "missing"), 0

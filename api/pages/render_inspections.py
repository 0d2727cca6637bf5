"""The pages of inspections 监督检查页面: tables and how an inspection stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.pages.render_matters import place_cell
from api.pages.table import Cell, Column, Field, Table, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.pages.words import Speech

Row = dict[str, Any]
STATES = ("", "planned", "missed", "held", "undisposed", "closed")
"""By which inspections are filtered; the first is all."""


def inspection_tag(row: Row, say: Speech) -> Tag:
    """Return how an inspection stands."""
    if row["closed"]:
        return Tag(say("inspection_state.closed"), "green")
    if row["held"]:
        undecided = Tag(say("inspections.open", n=row["undisposed"]), "red")
        return undecided if row["undisposed"] else Tag(say("inspection_state.held"), "blue")
    if row["missed"]:
        return Tag(say("inspection_state.missed"), "red")
    return Tag(say("inspection_state.planned"), "amber")


def inspections_table(rows: Iterable[Row], say: Speech) -> Table[Row]:
    """Return inspections as a table."""
    return Table(
        (
            Column(
                "inspections.day",
                lambda row: Cell(
                    row["due_on"].isoformat(),
                    f"/inspections/{row['id']}",
                    note=""
                    if row["planned"] is None or row["held_on"] is None
                    else say("inspections.planned_for", day=row["planned"].isoformat()),
                ),
                24,
            ),
            Column("matter.enterprise", place_cell, 32),
            Column("inspections.department", lambda row: row["department_name"] or "", 24),
            Column("inspections.kind", lambda row: say.name("inspection_kind", row["kind"])),
            Column("inspections.findings", lambda row: str(row["findings"]), 8),
            Column("inspections.state", lambda row: Cell(tags=(inspection_tag(row, say),))),
        ),
        rows,
    )


def inspection_fields(state: str, say: Speech) -> list[Field]:
    """Return by what inspections are filtered."""
    options = tuple((each, say.name("inspection_state", each or "all")) for each in STATES)
    return [Field("state", "inspections.state", "choice", state, options)]


def schedule_table(rows: Iterable[Row], posts: Mapping[str, str], say: Speech) -> Table[Row]:
    """Return what is planned, with who is to do it."""
    return Table(
        (
            Column("matter.enterprise", place_cell, 32),
            Column(
                "inspections.day",
                lambda row: Cell(row["planned"].isoformat(), f"/inspections/{row['id']}"),
            ),
            Column("plan.post", lambda row: posts.get(str(row["post"]), ""), 28),
            Column("inspections.state", lambda row: Cell(tags=(inspection_tag(row, say),))),
        ),
        rows,
    )

"""The live figures of the clauses, as the pages, the API and the command line ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.coverage import FiguresTold
from projections.duties import last_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from projections.views import Views


@dataclass(frozen=True, slots=True)
class Counted:
    """What is owed by clause as last counted: as of when, up to which fact; None if never."""

    as_of: str | None
    position: int | None
    figures: Mapping[str, FiguresTold] | None


def ask_figures(views: Views) -> Counted:
    """Return what was last counted."""
    rows = last_count(views)
    if not rows:
        return Counted(None, None, None)
    figures = {
        row["clause"]: FiguresTold(open=row["open"], overdue=row["overdue"], kept=row["kept"])
        for row in rows
    }
    return Counted(rows[0]["as_of"], rows[0]["position"], figures)

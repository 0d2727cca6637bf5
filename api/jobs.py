"""The page on which a duty is done 办理页面: where the link beside a duty leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MONTH = re.compile(r"(\d{4}-\d{2})月报")
_PAGES = {
    "hazard": "/hazards/{id}",
    "order": "/orders/{id}",
    "listing": "/listings/{id}",
    "halt": "/halts/{id}",
}
"""By the noun of a duty's subject, the address of its page; ``{id}`` is the record's."""


def job_of(row: Mapping[str, Any]) -> str | None:
    """Return the address of the page on which a duty is done; None where there is none.

    Args:
        row: of the duties, as ``projections.owed_asked`` returns it.
    """
    noun, _, ident = str(row["subject"]).partition(":")
    if noun == "report":
        month = _MONTH.match(row["label"] or "")
        return f"/reports/{row['docket']}/{month[1]}" if month else None
    page = _PAGES.get(noun)
    return page.format(id=ident, docket=row["docket"]) if page else None

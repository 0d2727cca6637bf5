"""The page on which a duty is done 办理页面: where the link beside a duty leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MONTH = re.compile(r"(\d{4}-\d{2})月报")
_PAGES = {
    "hazard": "/hazards/{id}",
    "inspection": "/inspections/{id}",
    "order": "/orders/{id}",
    "listing": "/listings/{id}",
    "halt": "/halts/{id}",
}
"""By the noun of a duty's subject, the address of its page; ``{id}`` is the record's."""
_BY_RULE = {
    ("1.2b", "plan"): "/inspections/plan",
    ("5.1b", "inspect"): "/inspections/new?enterprise={docket}",
}
"""By clause and rule, where the record that would do it does not exist yet."""


def job_of(row: Mapping[str, Any]) -> str | None:
    """Return the address of the page on which a duty is done; None where there is none.

    Args:
        row: of the duties, as ``projections.owed_asked`` returns it.
    """
    noun, _, ident = str(row["subject"]).partition(":")
    rule = _BY_RULE.get((row["clause"], row["rule"]))
    if rule:
        return rule.format(docket=row["docket"])
    if noun == "report":
        month = _MONTH.match(row["label"] or "")
        return f"/reports/{row['docket']}/{month[1]}" if month else None
    page = _PAGES.get(noun)
    return page.format(id=ident, docket=row["docket"]) if page else None

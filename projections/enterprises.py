"""Which enterprises a list is about: chosen by name, area, industry and department, within a scope.

A list of what enterprises did is asked for in one of two ways. Where few enterprises come into
question, they are found first and looked up one by one; where many do, the list is walked in its
own order, and each row is asked whether its enterprise is among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.charges import within

if TYPE_CHECKING:
    from uuid import UUID

    from projections.charges import Scope
    from projections.views import Views

FEW = 2_000
"""Up to so many enterprises are found first."""
SECTIONS: dict[str, tuple[str, str]] = {
    "A": ("01", "06"),
    "B": ("06", "13"),
    "C": ("13", "44"),
    "D": ("44", "47"),
    "E": ("47", "51"),
    "F": ("51", "53"),
    "G": ("53", "61"),
    "H": ("61", "63"),
    "I": ("63", "66"),
    "J": ("66", "70"),
    "K": ("70", "71"),
    "L": ("71", "73"),
    "M": ("73", "76"),
    "N": ("76", "80"),
    "O": ("80", "83"),
    "P": ("83", "84"),
    "Q": ("84", "86"),
    "R": ("86", "91"),
    "S": ("91", "97"),
    "T": ("97", "98"),
}
"""The sections 门类 of GB/T 4754-2017: from which two-digit code to before which."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which enterprises are asked about.

    Args:
        scope: whose list it is; None for the owner, who sees all.
        words: the name or the code holds these.
        area: where they are.
        industry: the section of their industry, such as ``C``.
        department: which department supervises them now.
        enterprise: only this one.
    """

    scope: Scope | None = None
    words: str = ""
    area: str = ""
    industry: str = ""
    department: UUID | None = None
    enterprise: UUID | None = None

    @property
    def narrows(self) -> bool:
        """Whether it leaves any enterprise out."""
        return any(
            (self.scope, self.words, self.area, self.industry, self.department, self.enterprise)
        )

    @property
    def only_scope(self) -> bool:
        """Whether it leaves out nothing but what somebody may not see."""
        return not any((self.words, self.area, self.industry, self.department, self.enterprise))

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """Return what must hold of a row ``o`` of organisations, and what that compares with."""
        own, values = within("o.id", self.scope)
        wanted = {
            "o.kind = 'enterprise'": True,
            "(strpos(o.name, %(words)s) > 0 OR strpos(o.code, upper(%(words)s)) > 0)": self.words,
            "o.area = %(area)s": self.area,
            "o.industry >= %(from_industry)s AND o.industry < %(to_industry)s": self.industry,
            "o.id = %(enterprise)s": self.enterprise,
            _SUPERVISED: self.department,
        }
        start, end = SECTIONS.get(self.industry, ("", ""))
        return [*(each for each, asked in wanted.items() if asked), *own], {
            **values,
            "words": self.words,
            "area": self.area,
            "from_industry": start,
            "to_industry": end,
            "department": self.department,
            "enterprise": self.enterprise,
        }


_SUPERVISED = """o.id IN (
    SELECT c.enterprise FROM {views}.charge AS c
    WHERE c.charge = 'supervises' AND c.holder = %(department)s AND c.until IS NULL
)"""


def few(views: Views, chosen: Chosen) -> list[UUID] | None:
    """Return the enterprises chosen where they are few; None where there are more than that."""
    conditions, values = chosen.conditions()
    rows = views.rows(
        "SELECT o.id FROM {view} AS o WHERE {chosen} LIMIT %(most)s",
        view="organisation",
        chosen=conditions,
        values={**values, "most": FEW + 1},
    )
    return [row["id"] for row in rows] if len(rows) <= FEW else None


def restricted(views: Views, column: str, chosen: Chosen) -> tuple[list[str], dict[str, Any]]:
    """Return the condition that an enterprise is among those chosen, and what it compares with.

    Args:
        views: where to read.
        column: holds the enterprise's id.
        chosen: which.
    """
    if not chosen.narrows:
        return [], {}
    if chosen.only_scope and chosen.scope and chosen.scope.sees:
        return within(column, chosen.scope)
    found = few(views, chosen)
    if found is not None:
        return [f"{column} = ANY(%(enterprises)s::uuid[])"], {"enterprises": found}
    conditions, values = chosen.conditions()
    among = " AND ".join(conditions)
    chosen_ones = f"SELECT o.id FROM {{views}}.organisation AS o WHERE {among}"  # noqa: S608 - ours
    return [f"{column} IN ({chosen_ones})"], values


def areas(views: Views) -> list[str]:
    """Return every area in which an enterprise is, in order: one look-up an area."""
    rows = views.rows(
        """
        WITH RECURSIVE each (area) AS (
            (SELECT min(area) FROM {view})
            UNION ALL
            SELECT (SELECT min(o.area) FROM {view} AS o WHERE o.area > each.area)
            FROM each WHERE each.area IS NOT NULL
        )
        SELECT area FROM each WHERE {chosen}
        """,
        view="organisation",
        chosen=["area IS NOT NULL"],
        values={},
    )
    return [row["area"] for row in rows]


def departments(views: Views, scope: Scope | None) -> list[tuple[UUID, str]]:
    """Return the departments and zones that supervise enterprises, by name.

    Args:
        views: where to read.
        scope: whose list it is: what they lead and what is below it; None: all.
    """
    own = (
        [
            """o.id IN (
            WITH RECURSIVE reach (id) AS (
                SELECT unnest(%(scope_leading)s::uuid[])
                UNION
                SELECT o.id FROM {views}.organisation AS o JOIN reach ON o.parent = reach.id
                WHERE o.kind <> 'enterprise'
            ) SELECT id FROM reach)"""
        ]
        if scope
        else []
    )
    rows = views.rows(
        """
        SELECT o.id, o.name FROM {view} AS o
        WHERE {chosen} AND EXISTS (
            SELECT 1 FROM {views}.charge AS c WHERE c.holder = o.id AND c.charge = 'supervises'
        )
        ORDER BY o.name, o.id LIMIT 500
        """,
        view="organisation",
        chosen=["o.kind <> 'enterprise'", *own],
        values=scope.values if scope else {},
    )
    return [(row["id"], row["name"]) for row in rows]

"""Read models with one row a record that is about one enterprise: orders, listings, halts.

Each row is made of what the domain's own record says; a list can never say otherwise.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

from domain.case import Case
from projections.folding import (
    ALL_TIME,
    Folded,
    LedgerFacts,
    Row,
    ids_in,
    in_order,
    replace,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.fact import Entry


class OfAPlace(Folded):
    """One row a record of a noun whose records are about one enterprise each."""

    @abstractmethod
    def rows(self, case: Case) -> Iterator[Row]:
        """Yield the row of each record of the noun that a case holds."""

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows anew, each from the facts that carry the record's tag."""
        tags = list(tags_of(self.noun, ids))
        entries = in_order(facts.tagged(tags), self.bearing_on(cursor, facts, tags))
        places: dict[UUID, list[Entry]] = defaultdict(list)
        for entry in entries:
            for org in ids_in(entry.tags, "org"):
                places[org].append(entry)
        cases = [Case(enterprise, about, ALL_TIME) for enterprise, about in places.items()]
        rows = [row for case in cases for row in self.rows(case) if UUID(row["id"]) in ids]
        replace(cursor, self.name, "id", ids, rows)

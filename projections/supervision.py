"""Who supervises whom 监管关系: each pair of an enterprise and a body that ever supervised it.

From here a body's charge is found; since when and until when is asked of the enterprise's facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from domain.case import Case
from domain.organisation import OrgKind, supervision_id
from projections.folding import (
    ALL_TIME,
    Folded,
    LedgerFacts,
    Row,
    bearing_table,
    in_order,
    replace,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from projections.views import Views

_ABOUT = (
    *("supervision.assigned", "supervision.ended"),
    *("supervision.transfer_accepted", "supervision.transfer_decided", "fact.corrected"),
)


class Supervisions(Folded):
    """One row for each body that ever supervised an enterprise."""

    name = "supervised"
    noun = "org"
    version = 1
    topics: frozenset[str] | None = frozenset(_ABOUT)
    tables: Mapping[str, str] = {
        "supervised": """
            CREATE TABLE supervised (
                body uuid NOT NULL,
                enterprise uuid NOT NULL,
                PRIMARY KEY (body, enterprise)
            );
            CREATE INDEX ON supervised (enterprise)
        """,
        "supervised_bearing": bearing_table("supervised"),
    }

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows of these enterprises anew, from the records of their supervision."""
        corrections = self.bearing_on(cursor, facts, tags_of("org", ids))
        own = facts.of(supervision_id(each) for each in ids)
        case = Case(next(iter(ids)), in_order(own, corrections), ALL_TIME)
        rows: list[Row] = [
            {"body": str(body), "enterprise": str(enterprise)}
            for enterprise in ids
            for body in {each.department for each in case.directory.supervisions(enterprise)}
        ]
        replace(cursor, "supervised", "enterprise", ids, rows)


def bodies_below(views: Views, body: UUID) -> list[UUID]:
    """Return a body and every government, zone and department below it, as they are now."""
    rows = views.rows(
        """
        WITH RECURSIVE below AS (
            SELECT id FROM {view} WHERE id = %(body)s
            UNION
            SELECT o.id FROM {view} AS o JOIN below AS b ON o.parent = b.id
            WHERE {chosen}
        )
        SELECT id FROM below ORDER BY id
        """,
        view="organisation",
        chosen=["o.kind <> %(enterprise)s"],
        values={"body": body, "enterprise": OrgKind.ENTERPRISE.value},
    )
    return [row["id"] for row in rows]


def ever_in_charge_of(views: Views, bodies: list[UUID]) -> list[UUID]:
    """Return the enterprises that lie below one of some bodies, or that one ever supervised."""
    rows = views.rows(
        """
        SELECT id FROM {view} WHERE {chosen}
        UNION
        SELECT enterprise FROM {views}.supervised WHERE body = ANY(%(bodies)s)
        ORDER BY 1
        """,
        view="organisation",
        chosen=["parent = ANY(%(bodies)s)", "kind = %(enterprise)s"],
        values={"bodies": bodies, "enterprise": OrgKind.ENTERPRISE.value},
    )
    return [row["id"] for row in rows]

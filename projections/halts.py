"""Halts 停产停业 as a list: which are in force, on what ground, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.halt import HaltOrdered
from domain.record import facts_of
from projections.charges import within
from projections.folding import Row, bearing_table, on, when
from projections.places import OfAPlace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from uuid import UUID

    from domain.case import Case
    from projections.charges import Scope
    from projections.views import Views


class Halts(OfAPlace):
    """One row a halt."""

    name = "halt"
    noun = "halt"
    version = 1
    topics: frozenset[str] | None = frozenset(("halt.ordered", "halt.lifted", "fact.corrected"))
    tables: Mapping[str, str] = {
        "halt": """
            CREATE TABLE halt (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                by_org uuid NOT NULL,
                ground text NOT NULL,
                number text,
                hazards integer NOT NULL,
                since text NOT NULL,
                since_on date NOT NULL,
                lifted text
            );
            CREATE INDEX ON halt (since_on DESC, id DESC);
            CREATE INDEX ON halt (since_on DESC, id DESC) WHERE lifted IS NULL;
            CREATE INDEX ON halt (enterprise, since_on DESC, id DESC)
        """,
        "halt_bearing": bearing_table("halt"),
    }

    def rows(self, case: Case) -> Iterator[Row]:
        """Yield the row of each halt of a case."""
        for halt in case.halts:
            for entry, fact in [*facts_of(halt.entries, HaltOrdered)][:1]:
                lifted = halt.last("halt.lifted")
                yield {
                    "id": halt.key,
                    "enterprise": str(fact.enterprise),
                    "by_org": str(fact.by_org),
                    "ground": fact.ground.value,
                    "number": fact.number,
                    "hazards": len(fact.hazards),
                    "since": when(entry.happened),
                    "since_on": on(entry.happened),
                    "lifted": when(lifted.happened) if lifted else None,
                }


def list_halts(
    views: Views,
    *,
    limit: int,
    in_force: bool | None = None,
    after: tuple[date, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return halts, those ordered last first.

    Args:
        views: where to read.
        limit: how many at most.
        in_force: only those that are, or are no longer.
        after: the day and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("enterprise", scope)
    conditions = {
        "lifted IS NULL": in_force is True,
        "lifted IS NOT NULL": in_force is False,
        "(since_on, id) < (%(day)s, %(last)s)": after is not None,
    }
    day, last = after or (None, None)
    return views.rows(
        """
        SELECT found.*, e.code AS enterprise_code, e.name AS enterprise_name, b.name AS by_name
        FROM (
            SELECT * FROM {view} WHERE {chosen} ORDER BY since_on DESC, id DESC LIMIT %(limit)s
        ) AS found
        LEFT JOIN {views}.organisation AS e ON e.id = found.enterprise
        LEFT JOIN {views}.organisation AS b ON b.id = found.by_org
        ORDER BY found.since_on DESC, found.id DESC
        """,
        view="halt",
        chosen=[*(each for each, wanted in conditions.items() if wanted), *own],
        values={**compared, "day": day, "last": last, "limit": limit},
    )

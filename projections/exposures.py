"""Exposures 公开曝光 as a list that the public reads (5.2e)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.case import Case
from domain.exposure import ExposureRecord
from domain.record import moment_of
from projections.folding import (
    ALL_TIME,
    Folded,
    LedgerFacts,
    Row,
    bearing_table,
    in_order,
    on,
    replace,
    tags_of,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from projections.views import Views


class Exposures(Folded):
    """One row an exposure; its words are read from the ledger, where they can be erased."""

    name = "exposure"
    noun = "exposure"
    version = 1
    topics: frozenset[str] | None = frozenset(
        ("exposure.published", "exposure.ended", "fact.corrected")
    )
    tables: Mapping[str, str] = {
        "exposure": """
            CREATE TABLE exposure (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                by_org uuid NOT NULL,
                ground text NOT NULL,
                media text[] NOT NULL,
                document text,
                published text NOT NULL,
                published_on date NOT NULL,
                until date,
                ended boolean NOT NULL
            );
            CREATE INDEX ON exposure (published_on DESC, id DESC);
            CREATE INDEX ON exposure (enterprise, published_on DESC, id DESC)
        """,
        "exposure_bearing": bearing_table("exposure"),
    }

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows anew, each from the facts that name it."""
        tags = list(tags_of("exposure", ids))
        entries = in_order(facts.tagged(tags), self.bearing_on(cursor, facts, tags))
        case = Case(next(iter(ids)), entries, ALL_TIME)
        rows = [_row(ExposureRecord(tag, case.about(tag))) for tag in tags]
        replace(cursor, "exposure", "id", ids, [row for row in rows if row])


def _row(record: ExposureRecord) -> Row | None:
    entry, fact = record.last("exposure.published"), record.published
    if entry is None or fact is None:
        return None
    published = moment_of(entry)
    return {
        "id": record.key,
        "enterprise": str(fact.enterprise),
        "by_org": str(fact.by_org),
        "ground": fact.ground.value,
        "media": [medium.value for medium in fact.media],
        "document": fact.document,
        "published": when(published),
        "published_on": on(published),
        "until": on(fact.until) if fact.until else None,
        "ended": record.first("exposure.ended") is not None,
    }


def list_exposures(
    views: Views,
    *,
    today: date,
    limit: int,
    enterprise: UUID | None = None,
    after: tuple[date, UUID] | None = None,
) -> list[dict[str, Any]]:
    """Return what the public is shown today, the latest first.

    Args:
        views: where to read.
        today: what was to be shown until an earlier day is left out.
        limit: how many at most.
        enterprise: only those of one.
        after: day and id of the last one already seen.
    """
    conditions = {
        "NOT ended AND (until IS NULL OR until >= %(today)s)": True,
        "enterprise = %(enterprise)s": enterprise is not None,
        "(published_on, id) < (%(day)s, %(last)s)": after is not None,
    }
    day, last = after or (None, None)
    return views.rows(
        """
        SELECT found.*, o.code AS enterprise_code, o.name AS enterprise_name, b.name AS by_name
        FROM (
            SELECT * FROM {view} WHERE {chosen}
            ORDER BY published_on DESC, id DESC LIMIT %(limit)s
        ) AS found
        LEFT JOIN {views}.organisation AS o ON o.id = found.enterprise
        LEFT JOIN {views}.organisation AS b ON b.id = found.by_org
        ORDER BY found.published_on DESC, found.id DESC
        """,
        view="exposure",
        chosen=[condition for condition, wanted in conditions.items() if wanted],
        values={
            "today": today,
            "enterprise": enterprise,
            "day": day,
            "last": last,
            "limit": limit,
        },
    )

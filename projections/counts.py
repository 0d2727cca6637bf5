"""Counts 计数: how many facts of each topic happened in each local month."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from domain.moment import month_of, parse_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.ledger import RawEntry


class Counts:
    """Facts per topic and per month in which they happened, in Asia/Shanghai."""

    name = "counts"
    version = 1
    topics: frozenset[str] | None = None
    tables: Mapping[str, str] = {
        "fact_count": """
            CREATE TABLE fact_count (
                month text COLLATE "C",
                topic text COLLATE "C",
                facts bigint NOT NULL,
                PRIMARY KEY (month, topic)
            )
        """
    }

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Add the facts to the counts."""
        counted = Counter(
            (month_of(parse_moment(entry.body["happened"])), entry.topic) for entry in entries
        )
        cursor.execute(
            """
            INSERT INTO fact_count
            SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
            ON CONFLICT (month, topic) DO UPDATE SET facts = fact_count.facts + excluded.facts
            """,
            [
                [month for month, _ in counted],
                [topic for _, topic in counted],
                list(counted.values()),
            ],
        )


def facts_per_month(cursor: Cursor[DictRow]) -> dict[str, dict[str, int]]:
    """Return for each month (``2024-05``), in order, how many facts of each topic happened."""
    months: dict[str, dict[str, int]] = {}
    for row in cursor.execute("SELECT month, topic, facts FROM fact_count ORDER BY month, topic"):
        months.setdefault(row["month"], {})[row["topic"]] = row["facts"]
    return months

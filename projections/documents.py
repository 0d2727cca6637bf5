"""Documents 文书: by the short code on their paper, and by their number.

A document is a fact that people sign or quote, or that has a paper: a report, an order, a
determination, a listing, the record of an inspection, an accident with its dossier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.fact import leaf_hash
from domain.proof.code import short_code
from domain.signable import SIGNABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.ledger import RawEntry
    from projections.views import Views


_UNSIGNED = (
    *("hazard.found", "hazard.reported", "inspection.held", "incident.occurred"),
    *("listing.delisting_applied", "accident_row.imported"),
)


class Documents:
    """One row a document."""

    name = "document"
    version = 2
    topics: frozenset[str] | None = frozenset(
        (*_UNSIGNED, *(each.fact.topic.name for each in SIGNABLE))
    )
    tables: Mapping[str, str] = {
        "document": """
            CREATE TABLE document (
                code text COLLATE "C" PRIMARY KEY,
                position bigint NOT NULL,
                topic text COLLATE "C" NOT NULL,
                record uuid NOT NULL,
                enterprise uuid NOT NULL,
                number text
            );
            CREATE INDEX ON document (number) WHERE number IS NOT NULL
        """
    }

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Add the documents among the facts."""
        rows = []
        for raw in entries:
            data = raw.body["data"]
            code = short_code(leaf_hash(raw.leaf))
            found = (code, raw.position, raw.topic, raw.record, data["enterprise"])
            rows.append((*found, data.get("number")))
        with cursor.connection.cursor() as writer:
            writer.executemany(
                "INSERT INTO document VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING", rows
            )


def find_document(views: Views, code: str) -> dict[str, Any] | None:
    """Return the document of a code: position, topic, record, enterprise, number; or None."""
    rows = views.rows(
        "SELECT * FROM {view} WHERE {chosen}",
        view="document",
        chosen=["code = %(code)s"],
        values={"code": code},
    )
    return rows[0] if rows else None


def records_numbered(views: Views, topic: str, number: str) -> list[UUID]:
    """Return the records whose document of a kind has a number: an order's, a hazard's."""
    rows = views.rows(
        "SELECT DISTINCT record FROM {view} WHERE {chosen} LIMIT 2",
        view="document",
        chosen=["number = %(number)s", "topic = %(topic)s"],
        values={"number": number, "topic": topic},
    )
    return [row["record"] for row in rows]

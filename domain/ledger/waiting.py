"""What waits to be put on record together 待登记: tips until the hour, and what people looked at.

A schema of its own, beside the ledger. A tip is in it as it was sealed in the informant's browser,
without a time, and leaves it when it is on record. A look (who saw what is sensitive, decision 17)
stays: the ledger holds the digest of each batch of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.ledger.beside import Beside

if TYPE_CHECKING:
    from uuid import UUID


class Waiting(Beside):
    """What waits for one ledger."""

    kind = suffix = "waiting"

    # tips

    def put_tip(self, tip: bytes, data: str, most: int) -> bool:
        """Keep a sealed tip until it is on record.

        Args:
            tip: the digest under which it waits.
            data: what was sealed, in a box.
            most: how many bytes may wait in all.

        Returns:
            Whether it was put there; not where one waits under this digest, or too much waits.
        """
        rows = self._run(
            "INSERT INTO {waiting}.tip SELECT %(id)s, %(data)s"
            " WHERE (SELECT coalesce(sum(length(data)), 0) FROM {waiting}.tip)"
            " + length(%(data)s) <= %(most)s"
            " ON CONFLICT (id) DO NOTHING RETURNING id",
            {"id": tip, "data": data, "most": most},
        )
        return bool(rows)

    def tip(self, tip: bytes) -> str | None:
        """Return a sealed tip that waits; None where none does under this digest."""
        rows = self._run("SELECT data FROM {waiting}.tip WHERE id = %s", [tip])
        return str(rows[0]["data"]) if rows else None

    def tips(self) -> list[bytes]:
        """Return the digests of all that wait: in their own order, not that of their coming."""
        return [
            bytes(row["id"]) for row in self._run("SELECT id FROM {waiting}.tip ORDER BY id", [])
        ]

    def take_tip(self, tip: bytes) -> None:
        """Forget a tip that is on record."""
        self._run("DELETE FROM {waiting}.tip WHERE id = %s", [tip])

    # looks

    def put_look(self, leaf: str) -> None:
        """Keep that somebody saw something, as one line of canonical JSON."""
        self._run("INSERT INTO {waiting}.look (leaf) VALUES (%s)", [leaf])

    def gather(self, batch: UUID, most: int) -> tuple[UUID, list[str]]:
        """Put the oldest looks that are on no record into a batch, and return it with its lines.

        A batch that an earlier attempt began and did not settle is returned again instead.
        """
        rows = self._run(
            "WITH begun AS (SELECT batch FROM {waiting}.look"
            " WHERE NOT settled AND batch IS NOT NULL ORDER BY id LIMIT 1),"
            " chosen AS (SELECT id FROM {waiting}.look WHERE NOT settled AND batch IS NULL"
            " AND NOT EXISTS (SELECT FROM begun) ORDER BY id LIMIT %(most)s"
            " FOR UPDATE SKIP LOCKED),"
            " put AS (UPDATE {waiting}.look AS l SET batch = %(batch)s FROM chosen"
            " WHERE l.id = chosen.id RETURNING l.batch)"
            " SELECT batch FROM begun UNION SELECT batch FROM put",
            {"batch": batch, "most": most},
        )
        found: UUID = rows[0]["batch"] if rows else batch
        return found, self.looks(found)

    def settle(self, batch: UUID) -> None:
        """Note that a batch is on record."""
        self._run("UPDATE {waiting}.look SET settled = true WHERE batch = %s", [batch])

    def looks(self, batch: UUID) -> list[str]:
        """Return the looks of a batch, in order."""
        rows = self._run("SELECT leaf FROM {waiting}.look WHERE batch = %s ORDER BY id", [batch])
        return [str(row["leaf"]) for row in rows]

"""The entries of rolls 名册条目: permanent, like facts; the fact of a roll holds their root.

They are kept in blocks of 256, each under its hash, so that a proof about one entry of a hundred
thousand reads the block that the entry stands in and the hashes of the others.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.rows import scalar_row, tuple_row

from domain.errors import NotFound
from domain.ledger.recorder import patiently
from domain.proof.roll import BLOCK, StoredRoll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.ledger.datastore import LedgerDatastore
    from domain.proof.roll import Blocks, RollHead


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The blocks of one roll, as :class:`~domain.proof.roll.StoredRoll` wants them."""

    rolls: Rolls
    root: bytes
    hashes: list[bytes]
    firsts: list[str]

    def leaves(self, number: int) -> list[bytes]:
        return self.rolls.block(self.root, number)


class Rolls:
    """The rolls of one ledger.

    Raises:
        Unavailable: whatever is asked, the database cannot be reached.
    """

    def __init__(self, store: LedgerDatastore) -> None:
        self._store = store
        self._names = {
            "roll": sql.Identifier(store.schema, "roll"),
            "keep": sql.Identifier(store.schema, "keep_roll"),
        }

    @contextmanager
    def leading(self) -> Iterator[bool]:
        """Become the one that takes rolls, for as long as this lasts; false where another is."""
        with self._store.connect() as connection:
            key = f"{self._store.schema}.roll"
            query = "SELECT pg_try_advisory_lock(%s::regclass::oid::bigint)"
            with connection.cursor(row_factory=scalar_row) as cursor:
                yield bool(cursor.execute(query, [key]).fetchone())

    def keep(self, root: bytes, blocks: Blocks) -> None:
        """Keep the entries of the roll with that root; what is kept of it already stays."""
        numbers = range(len(blocks.firsts))
        texts = [b"\n".join(blocks.leaves(number)) for number in numbers]
        values = [root, list(blocks.hashes), list(blocks.firsts), texts]
        statement = self._sql("SELECT {keep}(%s, %s, %s, %s)")

        def write() -> None:
            with self._store.connection() as connection:
                connection.execute(statement, values)

        patiently(write)

    def stored(self, head: RollHead) -> StoredRoll:
        """Return a roll as it is kept, to be asked for proofs.

        Raises:
            NotFound: its entries are not kept here.
        """
        root = bytes.fromhex(head.root)
        query = self._sql("SELECT hash, first FROM {roll} WHERE root = %s ORDER BY number")

        def read() -> list[tuple[bytes, str]]:
            with (
                self._store.connection() as connection,
                connection.cursor(row_factory=tuple_row, binary=True) as cursor,
            ):
                return cursor.execute(query, [root]).fetchall()

        rows = patiently(read)
        if len(rows) != -(-head.size // BLOCK):
            raise NotFound(
                f"名册 {head.of} 的条目不在库中",
                f"the entries of the roll {head.of} are not kept here",
                todo_zh="名册可由事实重新得出：请运行 daocha audit",
                todo_en="they can be derived from the facts: run daocha audit",
            )
        hashes, firsts = [row[0] for row in rows], [row[1] for row in rows]
        return StoredRoll(head.size, _Blocks(self, root, hashes, firsts))

    def block(self, root: bytes, number: int) -> list[bytes]:
        """Return the entries of one block in canonical form."""
        query = self._sql("SELECT leaves FROM {roll} WHERE root = %s AND number = %s")

        def read() -> bytes:
            with (
                self._store.connection() as connection,
                connection.cursor(row_factory=scalar_row, binary=True) as cursor,
            ):
                (found,) = cursor.execute(query, [root, number]).fetchall()
                return bytes(found)

        return patiently(read).split(b"\n")

    def _sql(self, text: str) -> sql.Composed:
        return sql.SQL(text).format(**self._names)

"""Reads a ledger as its auditor does: every table as it lies, by ranges of positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from psycopg import sql
from psycopg.rows import tuple_row

from domain.audit.fold import Totals
from domain.audit.ranges import Box, CommandRow, Misplaced
from domain.fact import leaf_hash
from domain.ledger.checkpoints import Published
from domain.ledger.datastore import connect
from domain.ledger.recorder import RawEntry
from domain.ledger.schema import views_schema
from domain.proof.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

# Look-ups by index whatever the planner believes of the sizes, as in the append function; and no
# plan made for one range is kept for another.
_SESSION = """
    SELECT set_config(name, value, false)
    FROM (VALUES ('timezone', 'UTC'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'),
        ('default_transaction_read_only', 'on')) AS wanted (name, value)
"""
_ROWS = """
    SELECT position, record, version, topic, recorded, leaf FROM {fact}
    WHERE position > %s AND position <= %s ORDER BY position
"""
_ROWS_AT = """
    SELECT position, record, version, topic, recorded, leaf FROM {fact} WHERE position = ANY(%s)
"""
_MISPLACED = """
    SELECT position, record, version FROM {fact} AS given
    WHERE position > %s AND position <= %s AND (
        version < 1
        OR version > 1 AND NOT EXISTS (
            SELECT FROM {fact} AS last WHERE last.record = given.record
                AND last.version = given.version - 1 AND last.position < given.position)
        OR EXISTS (
            SELECT FROM {fact} AS same WHERE same.record = given.record
                AND same.version = given.version AND same.position < given.position))
    ORDER BY position LIMIT 1
"""
_MISSING_TAG = """
    SELECT position, tag FROM unnest(%s::bigint[], %s::text[]) AS wanted (position, tag)
    WHERE NOT EXISTS (SELECT FROM {tag} AS found
        WHERE found.tag = wanted.tag COLLATE "C" AND found.position = wanted.position OFFSET 0)
    ORDER BY position LIMIT 1
"""
_COMMANDS = "SELECT id, first, facts, recorded FROM {command} WHERE id = ANY(%s)"
_BOXES = """
    SELECT position, path, subject, box FROM {sealed}
    WHERE position > %s AND position <= %s ORDER BY position, path
"""
_TILES = """
    SELECT number, hashes FROM {tile} WHERE level = 0 AND number BETWEEN %s AND %s ORDER BY number
"""
_UPPER_TILES = "SELECT level, number, hashes FROM {tile} WHERE level > 0 ORDER BY level, number"
_TILE_EXISTS = "SELECT to_regclass(%s) IS NOT NULL"
_CHECKPOINTS = """
    SELECT number, size, root, note, published FROM {checkpoint}
    WHERE number > %s AND size <= %s ORDER BY number LIMIT %s
"""
_TAGGED = """
    SELECT wanted.tag, fact.position, record, version, topic, recorded, leaf
    FROM unnest(%s::text[], %s::bigint[]) AS wanted (tag, after)
    CROSS JOIN LATERAL (
        SELECT position FROM {tag} AS t
        WHERE t.tag = wanted.tag COLLATE "C" AND t.position > wanted.after AND t.position <= %s
        OFFSET 0
    ) AS found
    CROSS JOIN LATERAL (
        SELECT * FROM {fact} AS f WHERE f.position = found.position OFFSET 0
    ) AS fact
    ORDER BY fact.position
"""
_RECORDED_BY = "SELECT coalesce(max(position), 0) FROM {fact} WHERE recorded <= %s"
_ROLL = "SELECT leaves FROM {roll} WHERE root = %s ORDER BY number"
# One statement: one moment.
_TOTALS = """
    SELECT head.lowest, head.position,
        (SELECT count(*) FROM {tag} WHERE position <= %(upto)s),
        own.commands, own.facts,
        least((SELECT min(position) FROM {tag} WHERE position > head.position),
            (SELECT min(position) FROM {sealed} WHERE position > head.position),
            (SELECT min(greatest(first, head.position + 1)) FROM {command}
                WHERE first + facts - 1 > head.position),
            (SELECT head.position + 1 FROM {checkpoint} WHERE size > head.position LIMIT 1))
    FROM (SELECT min(position) AS lowest, max(position) AS position FROM {fact}) AS head,
        (SELECT count(*) AS commands, coalesce(sum(facts), 0)::bigint AS facts FROM {command}
            WHERE first <= %(upto)s) AS own
"""
_SURPLUS_TAG = """
    SELECT given.position, tag FROM (
        SELECT position, tag, row_number() OVER (PARTITION BY position, tag) AS times FROM {tag}
        WHERE position <= %s) AS given
    LEFT JOIN {fact} USING (position)
    WHERE leaf IS NULL OR times > 1
        OR NOT (convert_from(leaf, 'UTF8')::jsonb -> 'tags') ? tag
    ORDER BY 1, 2 LIMIT 1
"""
_SURPLUS_COMMAND = """
    SELECT first, id FROM {command} AS given
    WHERE first <= %(upto)s AND (facts < 1 OR EXISTS (
        SELECT FROM generate_series(first, least(first + facts - 1, %(upto)s)) AS place
        LEFT JOIN {fact} ON position = place
        WHERE convert_from(leaf, 'UTF8')::jsonb #>> '{{body,command}}'
            IS DISTINCT FROM given.id::text))
    ORDER BY first, id LIMIT 1
"""


class LedgerTables:
    """The tables of a ledger on a connection of its own; what it reads it never changes.

    Args:
        conninfo: connection string or URI of the ledger's database.
        schema: the ledger's PostgreSQL schema.
    """

    def __init__(self, conninfo: str, schema: str) -> None:
        self._connection: Connection[Any] = connect(conninfo)
        self._connection.execute(_SESSION)
        tables = ("fact", "tag", "command", "sealed", "checkpoint", "roll")
        self._names = {name: sql.Identifier(schema, name) for name in tables}
        self._names["tile"] = sql.Identifier(views_schema(schema), "tile")
        tile = self._names["tile"].as_string(self._connection)
        self._has_tiles = bool(self._read(_TILE_EXISTS, [tile])[0][0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def rows(self, after: int, upto: int) -> list[RawEntry]:
        """Return the facts after one position, up to another, by position."""
        return [RawEntry(*row) for row in self._read(_ROWS, [after, upto])]

    def rows_at(self, positions: Sequence[int]) -> list[RawEntry]:
        """Return the facts at some positions."""
        return [RawEntry(*row) for row in self._read(_ROWS_AT, [list(positions)])]

    def tagged(self, wanted: Sequence[tuple[str, int]], upto: int) -> list[tuple[str, RawEntry]]:
        """Return the facts that carry a tag, each with the tag, in the ledger's order.

        Args:
            wanted: tags, and after which position each is looked for.
            upto: the last position.
        """
        columns = [[tag for tag, _ in wanted], [after for _, after in wanted], upto]
        return [(tag, RawEntry(*row)) for tag, *row in self._read(_TAGGED, columns)]

    def recorded_by(self, moment: datetime) -> int:
        """Return the last position recorded by a moment (aware); 0 if none."""
        return int(self._read(_RECORDED_BY, [moment])[0][0])

    def leaf_hashes(self, after: int, upto: int) -> list[bytes]:
        """Return the hashes of their leaves."""
        return [leaf_hash(row.leaf) for row in self.rows(after, upto)]

    def misplaced(self, after: int, upto: int) -> Misplaced | None:
        """Return the first fact whose version does not follow on its record by position."""
        rows = self._read(_MISPLACED, [after, upto])
        return Misplaced(*rows[0]) if rows else None

    def missing_tag(self, tags: Sequence[tuple[int, str]]) -> tuple[int, str] | None:
        """Return the first of these positions and tags that the table of tags lacks."""
        columns = [[position for position, _ in tags], [tag for _, tag in tags]]
        rows = self._read(_MISSING_TAG, columns)
        return (rows[0][0], rows[0][1]) if rows else None

    def commands(self, ids: Iterable[UUID]) -> Mapping[UUID, CommandRow]:
        """Return the rows of these commands."""
        return {row[0]: CommandRow(*row[1:]) for row in self._read(_COMMANDS, [list(ids)])}

    def boxes(self, after: int, upto: int) -> list[Box]:
        """Return the sealed values of a range, by position."""
        return [Box(*row) for row in self._read(_BOXES, [after, upto])]

    def leaf_tiles(self, after: int, upto: int) -> list[tuple[int, bytes]]:
        """Return the tiles of leaf hashes in which a range stands: number and hashes, joined."""
        if not self._has_tiles:
            return []
        numbers = [after // WIDTH, (upto - 1) // WIDTH]
        return [(row[0], row[1]) for row in self._read(_TILES, numbers)]

    def upper_tiles(self) -> list[tuple[int, int, bytes]]:
        """Return the tiles of all levels above the leaves: level, number, hashes joined."""
        if not self._has_tiles:
            return []
        return [(row[0], row[1], row[2]) for row in self._read(_UPPER_TILES, [])]

    def checkpoints(self, after: int, size: int, limit: int) -> list[Published]:
        """Return the checkpoints after a number, of trees up to a size, by number."""
        return [Published(*row) for row in self._read(_CHECKPOINTS, [after, size, limit])]

    def roll(self, root: bytes) -> list[bytes]:
        """Return the entries that are kept of the roll with that root, in order."""
        blocks = [bytes(row[0]) for row in self._read(_ROLL, [root])]
        return [leaf for block in blocks for leaf in block.split(b"\n")]

    def totals(self, upto: int) -> Totals:
        """Return what all tables together hold, and up to a position."""
        return Totals(*self._read(_TOTALS, {"upto": upto})[0])

    def surplus_tag(self, upto: int) -> tuple[int, str] | None:
        """Return the first row of the table of tags that no leaf has."""
        rows = self._read(_SURPLUS_TAG, [upto])
        return (rows[0][0], rows[0][1]) if rows else None

    def surplus_command(self, upto: int) -> tuple[int, UUID] | None:
        """Return where the first command begins that is not the command of the facts it names."""
        rows = self._read(_SURPLUS_COMMAND, {"upto": upto})
        return (rows[0][0], rows[0][1]) if rows else None

    def _read(self, text: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        query = sql.SQL(text).format(**self._names)
        with self._connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            return cursor.execute(query, values).fetchall()

"""The transparency log 透明日志: the tree over all facts, as tiles, and what is proved from it.

Leaf ``n`` of the tree is the fact at position ``n + 1``. The tiles are a read model like any other:
fed in batches, each fact once, and made anew from the facts whenever wanted, to the very same
hashes. What was *signed* of the tree is not theirs to say: checkpoints are kept in the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import errors, sql
from psycopg.rows import tuple_row

from domain.errors import NotFound, Unavailable
from domain.fact import leaf_hash
from domain.ledger.schema import views_schema
from domain.proof import merkle
from domain.proof.encoding import HASH_SIZE
from domain.proof.tiles import ENTRIES, HEIGHT, WIDTH, Edge, Tile, hash_reader, write_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.ledger import Ledger, Published, RawEntry
    from domain.proof.merkle import HashReader

# OFFSET 0 keeps the planner to one look-up a tile, whatever it believes of their number.
_READ = """
    SELECT found.hashes
    FROM unnest(%s::smallint[], %s::bigint[]) WITH ORDINALITY AS wanted (level, number, place)
    LEFT JOIN LATERAL (
        SELECT hashes FROM {tile} WHERE level = wanted.level AND number = wanted.number OFFSET 0
    ) AS found ON true
    ORDER BY place
"""
_LAST = """
    SELECT number, length(hashes) FROM {tile} WHERE level = 0 ORDER BY number DESC LIMIT 1
"""
_WRITE = """
    INSERT INTO tile SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
    ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes
"""


class Tiles:
    """One row a tile, the widest there is; hashes are never compressed, since they cannot be."""

    name = "log"
    version = 1
    topics: frozenset[str] | None = None
    tables: Mapping[str, str] = {
        "tile": """
            CREATE TABLE tile (
                level smallint,
                number bigint,
                hashes bytea NOT NULL,
                PRIMARY KEY (level, number)
            );
            ALTER TABLE tile ALTER hashes SET STORAGE EXTERNAL
        """
    }

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Append the facts to the tree: the edge is read once, what grew is written once."""
        edge = Edge(entries[0].position - 1, lambda tiles: _read(cursor, tiles))
        grown = edge.grow([leaf_hash(entry.leaf) for entry in entries])
        columns = [
            [tile.level for tile, _ in grown],
            [tile.number for tile, _ in grown],
            [hashes for _, hashes in grown],
        ]
        with cursor.connection.cursor(binary=True) as writer:
            writer.execute(_WRITE, columns)


def _read(cursor: Cursor[DictRow], tiles: Sequence[Tile]) -> list[bytes]:
    """Return the hashes of each tile, as wide as it is by now; empty where there is none."""
    query = sql.SQL(_READ).format(tile=sql.Identifier("tile"))
    with cursor.connection.cursor(row_factory=tuple_row, binary=True) as reader:
        rows = reader.execute(query, _places(tiles), prepare=True).fetchall()
    return [hashes or b"" for (hashes,) in rows]


def _places(tiles: Sequence[Tile]) -> list[list[int]]:
    return [[tile.level for tile in tiles], [tile.number for tile in tiles]]


class Log:
    """What can be read of the transparency log of a ledger. Any number of threads may share one.

    Args:
        ledger: whose log it is.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        table = sql.Identifier(views_schema(ledger.schema), "tile")
        self._read = sql.SQL(_READ).format(tile=table)
        self._last = sql.SQL(_LAST).format(tile=table)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._ledger.origin

    def latest(self) -> Published | None:
        """Return the newest published checkpoint: size, root and signed note; None before any."""
        return self._ledger.checkpoints.latest()

    def covering(self, size: int) -> Published | None:
        """Return the first published checkpoint of a tree with at least ``size`` leaves, or None.

        The fact at position *p* stands in the trees from size *p* on.
        """
        return self._ledger.checkpoints.covering(size)

    def size(self) -> int:
        """Return of how many leaves the stored tiles are; not all need be published yet."""
        try:
            rows = self._ledger.ask(self._last, [])
        except errors.UndefinedTable:
            return 0
        return sum(number * WIDTH + length // HASH_SIZE for number, length in rows)

    def reader(self, size: int) -> HashReader:
        """Return what reads the nodes of the tree with ``size`` leaves: one query each time.

        What is read raises ``Unavailable`` where the tiles have not come so far.
        """
        return hash_reader(size, self._tiles)

    def root(self, size: int) -> bytes:
        """Return the root of the tree with ``size`` leaves, from the tiles as they are now.

        Raises:
            Unavailable: the tiles have not come so far.
        """
        return merkle.root(size, self.reader(size))

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """Return the proof that the fact at ``position`` stands in the tree with ``size`` leaves.

        Raises:
            Invalid: it does not.
            Unavailable: the tiles have not come so far.
        """
        return merkle.prove_inclusion(position - 1, size, self.reader(size))

    def consistency(self, old_size: int, size: int) -> list[bytes]:
        """Return the proof that the tree with ``size`` leaves begins with that of ``old_size``.

        Raises:
            Invalid: ``old_size`` is 0, or larger than ``size``.
            Unavailable: the tiles have not come so far.
        """
        return merkle.prove_consistency(old_size, size, self.reader(size))

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaves from index ``start`` up to, and without, ``end``."""
        return [raw.leaf for raw in self._ledger.range_raw(start, end - start)]

    def tile(self, tile: Tile) -> bytes:
        """Return a tile of the published tree, or a bundle of its leaves (level ``ENTRIES``).

        A narrower tile than there is by now is still to be had.

        Raises:
            NotFound: the published tree has no such tile.
            Unavailable: the tiles are being made anew and have not come so far.
        """
        published = self.latest()
        level = max(tile.level, 0)
        width = (published.size >> HEIGHT * level) if published else 0
        end = tile.number * WIDTH + tile.width
        if end > width:
            raise NotFound(
                "已公布的树中没有这块瓦片",
                "the published tree has no such tile",
                todo_zh="以最新检查点的大小为准",
                todo_en="go by the size of the newest checkpoint",
                where=tile.path,
            )
        if tile.level == ENTRIES:
            return write_entries(self.leaves(tile.number * WIDTH, end))
        return self.stored(tile)

    def stored(self, tile: Tile) -> bytes:
        """Return the hashes of a tile, published or not.

        Raises:
            Unavailable: the tiles have not come so far.
        """
        (hashes,) = self._tiles([tile])
        return hashes[: tile.width * HASH_SIZE]

    def _tiles(self, tiles: Sequence[Tile]) -> list[bytes]:
        try:
            rows = self._ledger.ask(self._read, _places(tiles))
        except errors.UndefinedTable as error:
            raise _behind(tiles[0]) from error
        found = [hashes or b"" for (hashes,) in rows]
        for tile, hashes in zip(tiles, found, strict=True):
            if len(hashes) < tile.width * HASH_SIZE:
                raise _behind(tile)
        return found


def _behind(tile: Tile) -> Unavailable:
    return Unavailable(
        "透明日志的瓦片尚未建到此处",
        "the tiles of the transparency log have not come so far",
        todo_zh="请稍候再试；若一直如此，请运行 daocha rebuild",
        todo_en="try again in a moment; if this stays so, run daocha rebuild",
        where=tile.path,
    )

"""Tiles 瓦片: the stored form of the tree and of its leaves (C2SP tlog-tiles).

A tile is up to 256 consecutive hashes of one level in eight: level 0 holds leaf hashes, each hash
of the next level is the root of a full tile below. Tiles are all that is stored: :class:`Edge`
grows them, :func:`hash_reader` makes proofs from a few of them (three for ten million leaves).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from domain.errors import Invalid
from domain.proof.encoding import HASH_SIZE, MAX_SIZE
from domain.proof.merkle import EMPTY_ROOT, HashReader, Node, node_hash, root_of

HEIGHT = 8
"""Levels of the tree that one level of tiles spans."""
WIDTH = 1 << HEIGHT
"""Hashes of a full tile."""
ENTRIES = -1
"""The level of the tiles that hold the leaves themselves ("entry bundles")."""
MAX_ENTRY = 65_535
"""Bytes of the longest leaf, whose length is written in 16 bits."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)"
    r"/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)
_MAX_LEVEL = 63
_MAX_PATH = 100


# C2SP tlog-tiles, "Merkle Tree" and "Log entries".
class Tile(NamedTuple):
    """Where a tile stands: ``width`` hashes from number ``number``·256 of its level."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The tile's address under the log's prefix, such as ``tile/0/x001/x234/067.p/3``."""
        rest, last = divmod(self.number, 1000)
        parts = [f"{last:03d}"]
        while rest:
            rest, part = divmod(rest, 1000)
            parts.append(f"x{part:03d}")
        level = "entries" if self.level == ENTRIES else self.level
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


TileReader = Callable[[Sequence[Tile]], Sequence[bytes]]
"""Gives the hashes of the tiles asked for, joined; a tile may come wider than asked for."""


def read_path(path: str) -> Tile:
    """Return the tile of an address; ``Invalid`` when it is not written as a tile's ``path``."""
    found = _PATH.fullmatch(path) if len(path) <= _MAX_PATH else None
    if found:
        level = ENTRIES if found["level"] == "entries" else int(found["level"])
        number = int(re.sub(r"[x/]", "", found["number"]))
        tile = Tile(level, number, int(found["width"] or WIDTH))
        if tile.path == path and level <= _MAX_LEVEL and number <= MAX_SIZE:
            return tile
    raise Invalid("不是瓦片的路径", "not the path of a tile", where=path[:_MAX_PATH])


# C2SP tlog-tiles, "Partial Tiles".
def tiles_of(size: int) -> Iterator[Tile]:
    """Yield the tiles of the tree with ``size`` leaves, level by level; partial ones come last."""
    return new_tiles(0, size)


def new_tiles(old_size: int, size: int) -> Iterator[Tile]:
    """Yield the tiles of the tree with ``size`` leaves that the one with ``old_size`` lacks.

    For entry bundles take those of level 0 with the level ``ENTRIES`` in its place.
    """
    level = 0
    while (width := size >> HEIGHT * level) > 0:
        old_width = old_size >> HEIGHT * level
        if width != old_width:
            for number in range(old_width // WIDTH, width // WIDTH):
                yield Tile(level, number)
            if width % WIDTH:
                yield Tile(level, width // WIDTH, width % WIDTH)
        level += 1


class Edge:
    """The rightmost, partial tile of every level: all that a log needs at hand in order to grow.

    Args:
        size: the number of leaves so far.
        read: gives those tiles; not asked for a tree without leaves.
    """

    def __init__(self, size: int = 0, read: TileReader = lambda _: ()) -> None:
        self.size = size
        edge = list(_edge_of(size))
        stored = [tile for tile in edge if tile.width]
        data = dict(zip(stored, read(stored), strict=True))
        self._rows = [_hashes(tile, data.get(tile, b"")) for tile in edge]

    def grow(self, leaf_hashes: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Append leaf hashes; return each new or wider tile with its hashes, joined."""
        grown = []
        level, fresh, size = 0, list(leaf_hashes), self.size
        self.size += len(fresh)
        while fresh:
            if level == len(self._rows):
                self._rows.append([])
            row = self._rows[level] + fresh
            first = size >> HEIGHT * (level + 1)
            fresh = []
            full = len(row) - len(row) % WIDTH
            for start in range(0, full, WIDTH):
                hashes = row[start : start + WIDTH]
                grown.append((Tile(level, first + start // WIDTH), b"".join(hashes)))
                fresh.append(root_of(hashes))
            self._rows[level] = rest = row[full:]
            if rest:
                grown.append((Tile(level, first + full // WIDTH, len(rest)), b"".join(rest)))
            level += 1
        return grown

    # RFC 9162 §2.1.1: right to left over the complete subtrees that make up the tree.
    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        result: bytes | None = None
        for row in self._rows:
            end = len(row)
            while end:
                start = end & (end - 1)
                subtree = root_of(row[start:end])
                result = subtree if result is None else node_hash(subtree, result)
                end = start
        return EMPTY_ROOT if result is None else result


def _edge_of(size: int) -> Iterator[Tile]:
    """Yield the rightmost tile of every level, also where it is empty."""
    level = 0
    while (width := size >> HEIGHT * level) > 0:
        yield Tile(level, width // WIDTH, width % WIDTH)
        level += 1


def hash_reader(size: int, read: TileReader) -> HashReader:
    """Return what reads the nodes of the tree with ``size`` leaves from its tiles, in one call.

    The tiles are not checked against a root: a proof made from them is checked by whoever gets it,
    and a server checks its own against the checkpoint before it hands it out.
    """

    def read_nodes(nodes: Sequence[Node]) -> list[bytes]:
        tiles = {_tile_of(node, size): b"" for node in nodes}
        found = read(list(tiles)) if tiles else ()
        rows = {tile: _hashes(tile, data) for tile, data in zip(tiles, found, strict=True)}
        return [_node_in(node, rows[_tile_of(node, size)]) for node in nodes]

    return read_nodes


def _tile_of(node: Node, size: int) -> Tile:
    """Return the tile of the tree with ``size`` leaves from which a node can be computed."""
    if node.number + 1 << node.level > size:
        raise Invalid("所求节点不在树内", "the node does not lie in the tree", where=str(node))
    level, height = divmod(node.level, HEIGHT)
    number = node.number << height >> HEIGHT
    return Tile(level, number, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))


def _node_in(node: Node, row: Sequence[bytes]) -> bytes:
    height = node.level % HEIGHT
    start = (node.number << height) % WIDTH
    return root_of(row[start : start + (1 << height)])


def _hashes(tile: Tile, data: bytes) -> list[bytes]:
    """Return the hashes of a tile that was read; it may be wider than asked for by now."""
    if len(data) % HASH_SIZE or not tile.width <= len(data) // HASH_SIZE <= WIDTH:
        raise Invalid("瓦片缺失或长度不符", "the tile is missing or too narrow", where=tile.path)
    return [data[n : n + HASH_SIZE] for n in range(0, tile.width * HASH_SIZE, HASH_SIZE)]


# C2SP tlog-tiles, "Log entries".
def write_entries(entries: Iterable[bytes]) -> bytes:
    """Return the bundle of these leaves: each after its length in two bytes.

    Raises:
        Invalid: a leaf is longer than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise Invalid("条目超过 65535 字节", "an entry is longer than 65535 bytes")
        parts += [struct.pack(">H", len(entry)), entry]
    return b"".join(parts)


def read_entries(tile: Tile, data: bytes) -> list[bytes]:
    """Return the leaves of a bundle; ``Invalid`` when there are not exactly ``tile.width``."""
    entries: list[bytes] = []
    at = 0
    while at + 2 <= len(data) and len(entries) < tile.width:
        end = at + 2 + int.from_bytes(data[at : at + 2])
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(entries) != tile.width:
        raise Invalid("条目包残缺或过长", "the bundle is cut short or too long", where=tile.path)
    return entries

"""The tree over what was read: its root at every size, from few hashes, and read again."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from domain.audit import tree as tree_module
from domain.audit.log import check_tiles
from domain.audit.tree import Tree
from domain.proof.merkle import root_of
from domain.proof.tiles import Edge

if TYPE_CHECKING:
    from collections.abc import Sequence

HASHES = [sha256(b"%d" % n).digest() for n in range(1100)]


def read(after: int, upto: int) -> Sequence[bytes]:
    return HASHES[after:upto]


def grown(*steps: int, count: int = 1100) -> Tree:
    """Return the tree grown in steps of given widths, the last one repeated."""
    tree, begin, widths = Tree(read), 0, list(steps)
    while begin < count:
        end = min(count, begin + (widths.pop(0) if len(widths) > 1 else widths[0]))
        part = HASHES[begin:end]
        full = range(0, len(part) - 255, 256) if begin % 256 == 0 else ()
        tree.grow(b"".join(part), [root_of(part[at : at + 256]) for at in full])
        begin = end
    return tree


@pytest.mark.parametrize("steps", [(1100,), (1,), (7, 300), (256,), (255,), (512, 100)])
def test_root_at_every_size(steps: tuple[int, ...]) -> None:
    tree = grown(*steps)
    assert tree.size == 1100
    for size in (0, 1, 2, 255, 256, 257, 511, 512, 700, 1023, 1024, 1025, 1099, 1100):
        assert tree.root_at(size) == root_of(HASHES[:size])
    assert tree.root() == root_of(HASHES)


def test_it_goes_on_from_what_was_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "_RUNS_AT_HAND", 1)
    for size in (0, 3, 256, 700):
        tree = Tree.load(*grown(300, count=size).dump(), read)
        assert tree.size == size
        tree.grow(b"".join(HASHES[size:]), [])
        assert [tree.root_at(n) for n in (1, 100, 600, 1100)] == [
            root_of(HASHES[:n]) for n in (1, 100, 600, 1100)
        ]


def test_tiles_above_the_leaves() -> None:
    tree, edge = grown(1100), Edge()
    rows = {(tile.level, tile.number): data for tile, data in edge.grow(HASHES) if tile.level}
    tiles = [(level, number, data) for (level, number), data in rows.items()]
    assert check_tiles(tiles, tree) is None
    ((level, number, data),) = tiles
    changed = data[:32] + bytes(32) + data[64:]
    fault = check_tiles([(level, number, changed)], tree)
    assert fault is not None
    assert (fault.position, fault.kind) == (257, "tile")
    assert check_tiles([(1, 0, data + bytes(32)), (3, 0, bytes(32))], tree) is None

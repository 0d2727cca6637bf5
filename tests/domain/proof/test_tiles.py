from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.fact import leaf_hash
from domain.proof.merkle import (
    Node,
    prove_consistency,
    prove_inclusion,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from domain.proof.tiles import (
    ENTRIES,
    Edge,
    Tile,
    TileReader,
    hash_reader,
    new_tiles,
    read_entries,
    read_path,
    tiles_of,
    write_entries,
)

LEAVES = [leaf_hash(b"leaf %d" % n) for n in range(70_000)]


class Store:
    """Tiles as a database keeps them: one row each, the widest there is."""

    def __init__(self, *sizes: int) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}
        self.asked: list[Tile] = []
        self.edge = Edge()
        for size in sizes:
            self.grow(size)

    def grow(self, size: int) -> None:
        expected = list(new_tiles(self.edge.size, size))
        grown = self.edge.grow(LEAVES[self.edge.size : size])
        assert [tile for tile, _ in grown] == expected
        for tile, data in grown:
            assert len(data) == 32 * tile.width
            self.rows[tile.level, tile.number] = data

    def read(self, tiles: Sequence[Tile]) -> list[bytes]:
        self.asked += tiles
        return [self.rows.get((tile.level, tile.number), b"") for tile in tiles]


# C2SP tlog-tiles.


def test_tiles_of_the_specification() -> None:
    tiles = list(tiles_of(70_000))
    assert tiles[:273] == [Tile(0, n) for n in range(273)]
    assert tiles[273:] == [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999, 1), "tile/0/999.p/1"),
        (Tile(4, 1_234_067, 255), "tile/4/x001/x234/067.p/255"),
        (Tile(ENTRIES, 1_000), "tile/entries/x001/000"),
        (Tile(63, 10**9 + 5), "tile/63/x001/x000/x000/005"),
        (Tile(0, 2**63 - 1), "tile/0/x009/x223/x372/x036/x854/x775/807"),
    ],
)
def test_path(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert read_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        *("", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000"),
        *("tile/64/000", "tile/-1/000", "tile/data/000", "tile/8/0/000", "/tile/0/000"),
        *("tile/0/000/", "tile/0/001/000", "tile/0/x001/x000", "tile/0/x000/000"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p"),
        *("tile/0/x000.p/1", "tile/0/٠٠٠", "tile/0/000\n"),
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "tile/0/" + "x001/" * 30 + "000",
    ],
)  # fmt: skip
def test_no_path(path: str) -> None:
    with pytest.raises(Invalid, match="path of a tile"):
        read_path(path)


def test_entries() -> None:
    entries = [b"", b"a", bytes(65_535)]
    data = write_entries(entries)
    assert data[:5] == b"\0\0\0\x01a"
    assert read_entries(Tile(ENTRIES, 0, 3), data) == entries
    for width in (2, 4):
        with pytest.raises(Invalid, match="cut short or too long"):
            read_entries(Tile(ENTRIES, 0, width), data)
    for broken in (data[:-1], data + b"\0", data[1:], b""):
        with pytest.raises(Invalid, match="cut short or too long"):
            read_entries(Tile(ENTRIES, 0, 3), broken)
    with pytest.raises(Invalid, match="65535"):
        write_entries([bytes(65_536)])


# The edge grows what the definition says.


@given(st.lists(st.integers(0, 1500), max_size=5))
@example([256, 256, 65_536 - 512])
def test_edge_grows(steps: list[int]) -> None:
    store = Store()
    size = 0
    for step in steps:
        size += step
        store.grow(size)
        assert store.edge.root() == root_of(LEAVES[:size])
        assert Edge(size, store.read).root() == store.edge.root()
    assert {(tile.level, tile.number) for tile in tiles_of(size)} == set(store.rows)
    for tile in tiles_of(size):
        span = 256**tile.level
        at = tile.number * 256
        assert store.rows[tile.level, tile.number] == b"".join(
            root_of(LEAVES[n * span : (n + 1) * span]) for n in range(at, at + tile.width)
        )


def test_edge_goes_on_where_it_stopped() -> None:
    store = Store(65_536 + 300)
    again = Edge(65_536 + 300, store.read)
    assert again.grow(LEAVES[65_836:70_000]) == store.edge.grow(LEAVES[65_836:70_000])
    assert again.root() == root_of(LEAVES)


def test_edge_needs_its_tiles() -> None:
    with pytest.raises(Invalid, match="missing or too narrow") as caught:
        Edge(3, lambda _: [bytes(64)])
    assert caught.value.where == "tile/0/000.p/3"
    with pytest.raises(ValueError, match="zip"):
        Edge(3)


# Proofs from tiles.


@pytest.fixture(scope="module")
def store() -> Store:
    return Store(70_000)


@given(size=st.integers(1, 70_000), data=st.data())
def test_proofs_from_few_tiles(store: Store, size: int, data: st.DataObject) -> None:
    """Also of a smaller tree, after its partial tiles have grown."""
    index = data.draw(st.integers(0, size - 1))
    tree = root(size, hash_reader(size, store.read))
    store.asked.clear()
    proof = prove_inclusion(index, size, hash_reader(size, store.read))
    assert len(store.asked) <= 5
    assert set(store.asked) <= set(tiles_of(size))
    verify_inclusion(index, size, LEAVES[index], proof, tree)
    old_size = data.draw(st.integers(1, size))
    consistency = prove_consistency(old_size, size, hash_reader(size, store.read))
    old = root(old_size, hash_reader(old_size, store.read))
    verify_consistency(old_size, size, consistency, old, tree)


def test_a_tree_of_one_leaf_needs_no_tile(store: Store) -> None:
    store.asked.clear()
    assert prove_inclusion(0, 1, hash_reader(1, store.read)) == []
    assert store.asked == []


def test_nodes_outside_the_tree_are_refused(store: Store) -> None:
    with pytest.raises(Invalid, match="does not lie in the tree"):
        hash_reader(3, store.read)([Node(1, 1)])


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(32), bytes(65), bytes(32 * 257)])
def test_broken_tile_is_refused(data: bytes) -> None:
    read: TileReader = lambda tiles: [data for _ in tiles]  # noqa: E731
    with pytest.raises(Invalid, match="missing or too narrow"):
        prove_inclusion(0, 2, hash_reader(2, read))

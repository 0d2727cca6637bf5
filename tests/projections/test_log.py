"""The log's tiles hold every fact, once and in order, and proofs come from a few of them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from domain.errors import Invalid, NotFound, Unavailable
from domain.fact import leaf_hash
from domain.ledger import Ledger
from domain.proof.encoding import HASH_SIZE
from domain.proof.merkle import EMPTY_ROOT, root_of, verify_consistency, verify_inclusion
from domain.proof.tiles import ENTRIES, Edge, Tile, read_entries, tiles_of
from projections import build as build_module
from projections.log import Log, Tiles
from projections.runner import Runner
from tests.support.ledger import Noted, Place, command, draft, publish


@pytest.fixture
def log(ledger: Ledger) -> Log:
    return Log(ledger)


@pytest.fixture
def runner(place: Place) -> Iterator[Runner]:
    found = Runner(place.url, [Tiles()], schema=place.schema)
    yield found
    found.stop()


def fill(ledger: Ledger, size: int) -> None:
    """Append facts until the ledger has that many."""
    missing = size - ledger.head().position
    for start in range(0, missing, 100):
        notes = [Noted(number=n) for n in range(start, min(start + 100, missing))]
        ledger.append(command(*[draft(fact=note) for note in notes]))


def hashes_of(ledger: Ledger) -> list[bytes]:
    return [leaf_hash(raw.leaf) for raw in ledger.range_raw(0, 100_000)]


def stored(place: Place) -> list[tuple[int, int, bytes]]:
    query = f"SELECT level, number, hashes FROM {place.schema}_views.tile ORDER BY 1, 2"  # noqa: S608
    return [(level, number, bytes(hashes)) for level, number, hashes in place.sql(query)]


def test_every_fact_is_a_leaf(place: Place, ledger: Ledger, log: Log, runner: Runner) -> None:
    """Whatever the batches: one fact, one that fills a tile, several tiles and a bit."""
    for size in (1, 2, 255, 256, 257, 900):
        fill(ledger, size)
        runner.catch_up()
        assert log.size() == size
        hashes = hashes_of(ledger)
        assert log.root(size) == root_of(hashes)
        expected = {(t.level, t.number): d for t, d in Edge().grow(hashes)}
        found = {(level, number): data for level, number, data in stored(place)}
        assert found == expected
        assert set(found) == {(tile.level, tile.number) for tile in tiles_of(size)}


def test_made_anew_they_are_the_same(
    place: Place, ledger: Ledger, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "BATCH", 70)
    for size in (3, 300, 700):
        fill(ledger, size)
        runner.catch_up()
    before = stored(place)
    monkeypatch.setattr(build_module, "BATCH", 333)
    runner.rebuild("log")
    assert stored(place) == before
    assert place.sql(f"SELECT count(*) FROM {place.schema}_views_b.tile") == [(len(before),)]  # noqa: S608


def test_proofs(ledger: Ledger, log: Log, runner: Runner) -> None:
    fill(ledger, 700)
    runner.catch_up()
    hashes = hashes_of(ledger)
    chance = Random(4)  # noqa: S311 - which to ask
    for _ in range(50):
        size = chance.randint(2, 700)
        position, old_size = chance.randint(1, size), chance.randint(1, size)
        root = root_of(hashes[:size])
        assert log.root(size) == root
        proof = log.inclusion(position, size)
        verify_inclusion(position - 1, size, hashes[position - 1], proof, root)
        proof = log.consistency(old_size, size)
        verify_consistency(old_size, size, proof, root_of(hashes[:old_size]), root)
    assert log.root(0) == EMPTY_ROOT
    with pytest.raises(Invalid):
        log.inclusion(0, 5)
    with pytest.raises(Invalid):
        log.inclusion(6, 5)
    with pytest.raises(Invalid):
        log.consistency(0, 5)


def test_it_says_so_where_the_tiles_have_not_come_so_far(
    ledger: Ledger, log: Log, runner: Runner
) -> None:
    assert log.size() == 0
    with pytest.raises(Unavailable, match="have not come so far"):
        log.root(1)
    runner.catch_up()
    fill(ledger, 3)
    assert log.size() == 1
    with pytest.raises(Unavailable, match="have not come so far") as caught:
        log.root(3)
    assert caught.value.where == "tile/0/000.p/3"
    runner.catch_up()
    assert log.root(3) == root_of(hashes_of(ledger))


def test_only_what_is_published_is_read(
    place: Place, ledger: Ledger, log: Log, runner: Runner
) -> None:
    fill(ledger, 600)
    runner.catch_up()
    leaves = [raw.leaf for raw in ledger.range_raw(0, 600)]
    with pytest.raises(NotFound, match="no such tile"):
        log.tile(Tile(0, 0, 1))
    publish(place, 300, log.root(300))
    latest = log.latest()
    assert latest is not None
    assert (latest.size, latest.root) == (300, root_of(hashes_of(ledger)[:300]))
    assert log.covering(299) == latest
    assert log.covering(301) is None
    assert log.tile(Tile(0, 0)) == b"".join(map(leaf_hash, leaves[:256]))
    assert log.tile(Tile(0, 1, 44)) == b"".join(map(leaf_hash, leaves[256:300]))
    assert len(log.tile(Tile(0, 1, 7))) == 7 * HASH_SIZE
    assert log.tile(Tile(1, 0, 1)) == root_of(hashes_of(ledger)[:256])
    for level, width in ((0, 45), (1, 2), (0, 256), (5, 1)):
        with pytest.raises(NotFound):
            log.tile(Tile(level, 0 if level else 1, width))
    for tile in (Tile(ENTRIES, 0), Tile(ENTRIES, 1, 44), Tile(ENTRIES, 1, 7)):
        start = tile.number * 256
        assert read_entries(tile, log.tile(tile)) == leaves[start : start + tile.width]
    with pytest.raises(NotFound):
        log.tile(Tile(ENTRIES, 1, 45))

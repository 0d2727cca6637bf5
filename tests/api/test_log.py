"""The transparency log as a monitor reads it over HTTP, which trusts nothing but the log's key."""

from __future__ import annotations

from shutil import copytree
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from api import home
from domain.fact import leaf_hash
from domain.proof.checkpoint import Checkpoint, open_checkpoint
from domain.proof.merkle import root, root_of
from domain.proof.note import NoteVerifier
from domain.proof.tiles import ENTRIES, Tile, hash_reader, read_entries, tiles_of
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from api.settings import Settings


def checkpoint(web: Web) -> Checkpoint:
    """Wait until all that is recorded is published, and open the checkpoint."""
    origin = web.here.ledger.origin
    keys = home.log_keys_of(web.here.settings, origin).at_hand()
    deadline = monotonic() + 30
    while True:
        answer = web.client.get("/log/checkpoint")
        if answer.status_code == 200:
            verifiers = [NoteVerifier.read(key) for key in keys]
            found, _ = open_checkpoint(answer.content, origin, verifiers)
            if found.size >= web.here.ledger.head().position:
                return found
        assert monotonic() < deadline, answer.text
        sleep(0.05)


def get(web: Web, tile: Tile) -> httpx.Response:
    return web.client.get(f"/log/{tile.path}")


def test_a_monitor_follows_the_log(web: Web) -> None:
    head = checkpoint(web)
    leaves: list[bytes] = []
    for number in range(-(-head.size // 256)):
        tile = Tile(ENTRIES, number, min(256, head.size - 256 * number))
        leaves += read_entries(tile, get(web, tile).content)
    assert root_of([leaf_hash(leaf) for leaf in leaves]) == head.root

    def read(tiles: Sequence[Tile]) -> list[bytes]:
        return [get(web, tile).content for tile in tiles]

    assert root(head.size, hash_reader(head.size, read)) == head.root
    for tile in tiles_of(head.size):
        answer = get(web, tile)
        assert (answer.status_code, len(answer.content)) == (200, 32 * tile.width)


def test_answers_have_the_headers_that_the_specification_asks_for(web: Web) -> None:
    size = checkpoint(web).size
    answer = web.client.get("/log/checkpoint")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    for tile in list(tiles_of(size))[:1]:
        answer = get(web, tile)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        answer = get(web, Tile(ENTRIES, 0, tile.width))
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip", "bundles compress well"
    assert web.client.head("/log/checkpoint").status_code == 200


def test_a_partial_tile_stays_after_it_has_grown(web: Web) -> None:
    checkpoint(web)
    assert len(get(web, Tile(0, 0, 3)).content) == 96
    assert len(read_entries(Tile(ENTRIES, 0, 3), get(web, Tile(ENTRIES, 0, 3)).content)) == 3


@pytest.mark.parametrize(
    "path",
    [
        *("tile/0/099", "tile/0/099.p/1", "tile/entries/099", "tile/40/000", "tile/9/000.p/1"),
        *("tile/0/0", "tile/64/000", "tile/x/000", "tile/0/000.p/0", "tile/0/000.p/256"),
        *("tile/entries/0", "tile/entries/", "tile/", "tile/0/x000/000", "tile/0/000.p/01"),
        *("tile/data/000", "", "checkpoints", "tile/0//000.p/1"),
    ],
)
def test_what_the_tree_does_not_have(web: Web, path: str) -> None:
    checkpoint(web)
    answer = web.client.get(f"/log/{path}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_hashes_are_public_and_entries_are_not(web: Web) -> None:
    """A hash tells nothing (each fact holds a nonce); a fact is for whoever has a token."""
    checkpoint(web)

    def ask(path: str) -> int:
        return web.from_elsewhere("GET", path, peer="203.0.113.7").status_code

    assert ask("/log/checkpoint") == 200
    assert ask("/log/tile/0/000.p/1") == 200
    assert ask("/log/tile/entries/000.p/1") == 401
    assert ask("/log/tile/entries/nonsense") == 401


def test_without_a_key_nothing_is_published_and_health_says_why(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"home": settings.home.with_name("elsewhere")})
    copytree(home.keys_of(settings), home.keys_of(elsewhere))
    with Web.serving(settings) as web:
        checkpoint(web)
    with Web.serving(elsewhere) as web:  # another machine, which was not given the log's key
        size = web.here.ledger.head().position
        assert web.client.get("/log/checkpoint").status_code == 200
        web.post("/organisations", {"kind": "department", "code": "D1", "name": "应急管理局"})
        deadline = monotonic() + 30
        while (told := web.client.get("/health").json())["status"] == "ok":
            assert monotonic() < deadline
            sleep(0.05)
        assert told["status"] == "degraded"
        assert (told["log"]["size"], told["log"]["behind"]) == (size, 1)
        assert "不在本机" in told["log"]["problem"]


def test_before_the_first_checkpoint_there_is_none(settings: Settings) -> None:
    home.log_policy_of(settings).write_text("quorum nobody\n")
    with Web.serving(settings) as web:
        answer = web.client.get("/log/checkpoint")
        assert answer.status_code == 404
        assert "尚未公布" in answer.json()["detail"]
        assert web.client.get("/log/tile/0/000.p/1").status_code == 404


def test_health_tells_of_the_log(web: Web) -> None:
    head = checkpoint(web)
    told = web.client.get("/health").json()
    assert told["log"] == {"size": head.size, "behind": 0, "leads": True, "problem": None}
    assert told["status"] == "ok"

"""The transparency log as outsiders read it (C2SP tlog-tiles): checkpoint, tiles, entries.

Checkpoints and tiles are public: they hold hashes, from which no fact can be read or guessed. The
entries are the facts themselves (with personal values and free text as salted digests only), and
are for monitors that were given a token, or sit at this machine. What proofs need is always here;
proofs themselves are computed by whoever wants them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from api.access import TheCaller
from api.documentation import ERRORS_OF_QUESTIONS
from api.serving import TheServing
from domain.errors import Invalid, NotFound
from domain.proof.tiles import ENTRIES, read_path
from projections.log import Log

if TYPE_CHECKING:
    from api.serving import Serving
    from domain.proof.tiles import Tile

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_MOVES = {"Cache-Control": "no-cache"}
"""A checkpoint is replaced within a second."""
_STAYS = {"Cache-Control": "public, max-age=31536000, immutable"}
_STAYS_FOR_ONE = {"Cache-Control": "private, max-age=31536000, immutable"}
_ABSENT: dict[int | str, dict[str, Any]] = {
    404: ERRORS_OF_QUESTIONS[404],
    503: ERRORS_OF_QUESTIONS[503],
}

log = APIRouter(prefix="/log", tags=["透明日志 · Transparency log"])


# C2SP tlog-tiles, "Checkpoints".
@log.get(
    "/checkpoint",
    summary="最新检查点 · The newest checkpoint",
    response_class=Response,
    responses={200: {"content": {_TEXT: {}}}, **_ABSENT},
)
def checkpoint(here: TheServing) -> Response:
    """The newest checkpoint as a signed note, with the cosignatures of witnesses. Public."""
    published = Log(here.ledger).latest()
    if published is None:
        raise NotFound(
            "尚未公布检查点",
            "no checkpoint was published yet",
            todo_zh="请稍候再取；若一直如此，见 /health",
            todo_en="ask again in a moment; if this stays so, see /health",
        )
    return Response(published.note, media_type=_TEXT, headers=_MOVES)


# C2SP tlog-tiles, "Log entries".
@log.get(
    "/tile/entries/{address:path}",
    summary="条目 · Entries, for authorised monitors",
    response_class=Response,
    responses={200: {"content": {_BYTES: {}}}, 401: ERRORS_OF_QUESTIONS[401], **_ABSENT},
)
def entries(address: str, here: TheServing, _: TheCaller) -> Response:
    """A bundle of up to 256 leaves, each after its length in two bytes. Takes a token."""
    return _tile(here, f"entries/{address}", private=True)


# C2SP tlog-tiles, "Merkle Tree".
@log.get(
    "/tile/{address:path}",
    summary="瓦片 · A tile of the tree",
    response_class=Response,
    responses={200: {"content": {_BYTES: {}}}, **_ABSENT},
)
def tile(address: str, here: TheServing) -> Response:
    """Up to 256 hashes of the published tree: level, number, and width if it is partial. Public."""
    return _tile(here, address, private=False)


def _tile(here: Serving, address: str, *, private: bool) -> Response:
    found = Log(here.ledger).tile(_read(f"tile/{address}", private=private))
    return Response(found, media_type=_BYTES, headers=_STAYS_FOR_ONE if private else _STAYS)


def _read(path: str, *, private: bool) -> Tile:
    """Return the tile of an address; entries are to be had at their own route only."""
    try:
        wanted = read_path(path)
    except Invalid as error:
        raise NotFound(error.zh, error.en, where=error.where) from error
    assert (wanted.level == ENTRIES) is private  # noqa: S101 - the route says so
    return wanted

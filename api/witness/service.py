"""C2SP tlog-witness over HTTP: ``add-checkpoint`` for logs, the newest note for monitors.

There is nobody to authenticate: a checkpoint counts by the log's signature on it. Every answer is
plain text, and a request costs at most :data:`MAX_BODY` bytes and :data:`MAX_SECONDS` seconds.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Conflict, Unavailable
from domain.proof.witness import Answer, conflict, decide

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from starlette.requests import Request

    from api.witness.state import State
    from domain.proof.cosignature import Cosigner

MAX_BODY = 256 * 1024
"""Bytes of the largest request: a full proof and some seventy ML-DSA signatures fit in."""
MAX_SECONDS = 10
"""How long a request may take to arrive."""
_INCONSISTENT = 422
_log = logging.getLogger("daocha.witness")


def create_witness(
    state: State, cosigners: Sequence[Cosigner], now: Callable[[], datetime]
) -> Starlette:
    """Return the application; it closes ``state`` when it ends.

    Args:
        state: the witness's memory.
        cosigners: its keys; each signs every checkpoint.
        now: the clock, aware.
    """

    async def add_checkpoint(request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Answer):
            return _respond(body)
        return _respond(await run_in_threadpool(witness_checkpoint, state, cosigners, now, body))

    async def newest(request: Request) -> Response:
        wanted = request.path_params["origin_hash"]
        notes = await run_in_threadpool(state.notes)
        found = (note for name, note in notes.items() if _origin_hash(name) == wanted)
        return _respond(Answer(200, note) if (note := next(found, None)) else _NOTHING)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        state.close()

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin_hash}/checkpoint", newest, methods=["GET"]),
        ],
        lifespan=lifespan,
    )


_NOTHING = Answer(404, b"nothing cosigned of this log\n")


def witness_checkpoint(
    state: State, cosigners: Sequence[Cosigner], now: Callable[[], datetime], request: bytes
) -> Answer:
    """Decide on one request, remember, and only then sign.

    Args:
        state: the witness's memory.
        cosigners: its keys.
        now: the clock, aware.
        request: the body of an ``add-checkpoint`` request.
    """
    decision = decide(request, state.logs(), state.latest)
    if isinstance(decision, Answer):
        _tell_refused(decision, request)
        return decision
    origin = decision.checkpoint.origin
    try:
        time = state.advance(decision, now)
    except Conflict:
        return conflict(state.latest(origin))
    except Unavailable as error:
        _log.error("unavailable", extra={"origin": origin, "why": error.en})
        return Answer(503, b"not available just now\n")
    answer, note = decision.cosign(cosigners, time)
    state.keep(decision, note)
    _log.info("cosigned", extra={"origin": origin, "size": decision.checkpoint.size})
    return answer


def _tell_refused(answer: Answer, request: bytes) -> None:
    """Log a refusal. A signed checkpoint that fits no history is evidence, and kept whole."""
    told: dict[str, Any] = {"status": answer.status, "why": answer.body.decode().strip()}
    if answer.status == _INCONSISTENT:
        _log.warning("inconsistent", extra={**told, "request": request.decode(errors="replace")})
    else:
        _log.info("refused", extra=told)


async def _body(request: Request) -> bytes | Answer:
    """Return the request's body, or why it was not read to its end."""
    body = bytearray()
    try:
        async with asyncio.timeout(MAX_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > MAX_BODY:
                    return Answer(413, b"the request is too large\n")
    except TimeoutError:
        return Answer(408, b"the request took too long\n")
    except ClientDisconnect:
        return Answer(400, b"malformed request\n")
    return bytes(body)


def _origin_hash(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()


def _respond(answer: Answer) -> Response:
    # Set as a header: Starlette would add a charset to the size's type.
    return Response(answer.body, answer.status, {"Content-Type": answer.content_type})

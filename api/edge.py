"""The edge of the server: what every request and every answer has, whatever is asked.

An id for each request, strict headers on each answer, HEAD and OPTIONS, one structured log line,
and a problem instead of a silent end where the program is at fault. Logs hold no bodies, no
addresses with ids, no names: the route as it is declared, and how it went.
"""

from __future__ import annotations

import logging
import re
import traceback
from contextlib import ExitStack
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from uuid_utils.compat import uuid7

from api.caller import ARRIVED
from api.commands import noted
from api.crowd import Crowd
from api.limits import (
    Allowances,
    Arrivals,
    address_of,
    check_head,
    check_rate,
    count_refusal,
    in_time,
    is_an_informants,
    whole_body,
)
from api.metrics import Metrics
from api.problems import Broken, allowed, answer, of_status
from domain.errors import DaochaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.settings import Settings

_log = logging.getLogger("daocha.api")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FRAMES = 12
_NOT_KNOWN = 401
_WEIGHT_OF_LARGE = 4
"""A body that is larger than most counts for so many."""
_WITHOUT_A_BODY = ("GET", "HEAD", "OPTIONS")
_STATIC = ("/static/", "/docs/")
"""What may be kept, if it is asked for again whether it is still so."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with that a browser says "Origin: null" of our own forms (Fetch §3.2).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""On every answer that does not say otherwise."""


class Edge:
    """Middleware around the whole application.

    Args:
        app: the application.
        settings: under which address it is reached.
        metrics: where answers are counted.
        crowd: who is inside.
        now: the server's clock, aware.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        metrics: Metrics,
        crowd: Crowd,
        now: Callable[[], datetime],
    ) -> None:
        self._app = app
        self.settings = settings
        self.metrics = metrics
        self.crowd = crowd
        self.now = now
        self.allowances = Allowances()
        self.arrivals = Arrivals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            await _Exchange(self, self._app, scope, receive, send).run()
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:  # nothing here speaks it, and nothing of it is to be logged
            await send({"type": "websocket.close", "code": 1000})


class _Exchange:
    """One request and its answer."""

    def __init__(
        self, edge: Edge, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._edge = edge
        self._app = app
        self._receive = in_time(receive)
        self._send = send
        self._asked = scope["method"]
        self._status = 0
        given = Headers(scope=scope).get("x-request-id", "")
        self._id = given if _GIVEN_ID.fullmatch(given) else str(uuid7())
        self._scope = {**scope, "daocha.request": self._id}
        self._positions: list[int] = []
        if self._asked == "HEAD":
            self._scope["method"] = "GET"

    async def run(self) -> None:
        """Serve it, and log how it went."""
        began = perf_counter()
        noted.set(self._positions)
        held = ExitStack()
        try:
            self._check(began)
            await self._arrive(held)
            # Only who has sent all of it is inside: nobody holds a place by sending slowly.
            self._edge.crowd.enter(self._scope)
            try:
                if not (self._asked == "OPTIONS" and await self._options()):
                    await self._app(self._scope, self._receive, self._answer)
            finally:
                self._edge.crowd.leave(perf_counter())
        except DaochaError as error:
            if not self._status:
                await self._refuse(error)
        except HTTPException as error:  # larger than anything that is read here
            await self._refuse(of_status(error.status_code))
        except Exception as error:  # noqa: BLE001 - the last place that can tell of it
            await self._broken(error)
        finally:
            held.close()
            self._tell(perf_counter() - began)

    def _check(self, now: float) -> None:
        """Refuse what is too large or too frequent."""
        check_head(self._scope)
        request, settings = Request(self._scope), self._edge.settings
        check_rate(request, settings, self._edge.allowances, now)

    async def _arrive(self, held: ExitStack) -> None:
        """Wait for the body. What has come whole in time is in time, however long it then waits.

        A large one is read where it belongs; few may be at it from one address all the while.
        """
        settings, request = self._edge.settings, Request(self._scope)
        if self._asked not in _WITHOUT_A_BODY:
            address = address_of(request, settings)
            length = request.headers.get("content-length", "")
            if length.isdecimal() and int(length) > settings.max_request_bytes:
                for _ in range(_WEIGHT_OF_LARGE):
                    held.enter_context(self._edge.arrivals.arriving(address))
            else:
                with self._edge.arrivals.arriving(address):
                    self._receive = await whole_body(self._receive)
        self._scope[ARRIVED] = self._edge.now()

    async def _refuse(self, error: DaochaError) -> None:
        response = answer(Request(self._scope), error)
        await response(self._scope, self._receive, self._answer)

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            if self._scope["path"].startswith(_STATIC):
                headers.setdefault("Cache-Control", "no-cache")
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["X-Request-ID"] = self._id
        elif message["type"] == "http.response.body" and self._asked == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    async def _options(self) -> bool:
        """Answer what can be done at the address; tell whether there is anything."""
        methods = allowed(Request(self._scope))
        if not methods:
            return False
        headers = [(b"allow", ", ".join(methods).encode())]
        await self._answer({"type": "http.response.start", "status": 204, "headers": headers})
        await self._answer({"type": "http.response.body"})
        return True

    async def _broken(self, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        # Not the error's own words: they may hold what somebody sent.
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        _log.error("broken", extra={"error": type(error).__name__, "at": where, "id": self._id})
        if not self._status:
            problem = Broken(
                "程序出错，已记入日志",
                "this program is at fault; it is in the log",
                todo_zh=f"请将请求编号 {self._id} 告知管理员",
                todo_en=f"tell the administrator the request's id, {self._id}",
            )
            await self._refuse(problem)

    def _tell(self, seconds: float) -> None:
        if is_an_informants(self._scope["path"]):
            return
        route, problem = _route(self._scope), self._scope.get("daocha.problem")
        self._edge.metrics.count(route, self._asked, self._status, problem, seconds)
        if self._status == _NOT_KNOWN:
            request = Request(self._scope)
            count_refusal(request, self._edge.settings, self._edge.allowances, perf_counter())
        _log.info(
            "request",
            extra={
                "id": self._id,
                "method": self._asked,
                "route": route,
                "status": self._status,
                "problem": problem,
                "person": _person(self._scope),
                "positions": self._positions or None,
                "ms": round(seconds * 1000, 1),
            },
        )


def _person(scope: Scope) -> str | None:
    """Return the record id of who asked, where it is known: never their name."""
    person: UUID | None = getattr(scope.get("state", {}).get("caller"), "person", None)
    return str(person) if person else None


def _route(scope: Scope) -> str | None:
    """Return the address as it is declared, with its parameters in place of ids."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path

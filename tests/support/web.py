"""Somebody who uses the API over HTTP."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from uuid_utils.compat import uuid7

from api.app import create_app
from api.protocol import Protocol
from tests.support.awaited import awaited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from api.serving import Serving
    from api.settings import Settings

API = "/api/v1"


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """Let an application listen on a free port, yield its address, and stop it at the end."""
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        lifespan="on",
        proxy_headers=False,
        http=Protocol,
        ws="none",
        h11_max_incomplete_event_size=32 * 1024,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            sleep(0.005)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Web:
    """A server that listens, and a client at the same machine."""

    app: FastAPI
    client: httpx.Client

    @classmethod
    @contextmanager
    def serving(cls, settings: Settings) -> Iterator[Web]:
        """Start a server on a free port, and stop it at the end."""
        app = create_app(settings)
        with listening(app) as address, httpx.Client(base_url=address, timeout=60) as client:
            yield cls(app, client)

    @property
    def here(self) -> Serving:
        """What the process serves with."""
        return self.app.state.serving  # type: ignore[no-any-return]

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Post a command, with an id of its own unless ``Idempotency_Key`` gives one."""
        sent = {"Idempotency-Key": str(uuid7())}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(API + path, json=body, headers=sent)

    def get(self, path: str, **query: Any) -> httpx.Response:  # noqa: ANN401 - any value
        """Ask something."""
        return self.client.get(API + path, params=query)

    def from_elsewhere(
        self,
        method: str,
        path: str,
        *,
        peer: str,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request that comes from another address; the server is the same."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(peer, 5))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as far:
                return await far.request(method, path, headers=headers)

        return awaited(send)

"""A post office for tests: an SMTP server and a webhook receiver that keep what they get."""

from __future__ import annotations

import socketserver
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

from tests.support.web import listening

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Letters:
    """What an SMTP server took; ``answers`` are given to the next mails instead of taking them."""

    port: int = 0
    taken: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


@contextmanager
def smtp_server() -> Iterator[Letters]:
    """Let an SMTP server listen on a free port."""
    letters = Letters()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 test")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "DATA":
                    self._data()
                elif verb == "QUIT":
                    return self._say("221 bye")
                else:
                    self._say("250 ok")
            return None

        def _data(self) -> None:
            self._say("354 go on")
            lines: list[str] = []
            while (line := self.rfile.readline().decode("utf-8")).rstrip("\r\n") != ".":
                lines.append(line)
            answer = letters.answers.pop(0) if letters.answers else ""
            if not answer:
                letters.taken.append("".join(lines))
            if answer != "hang up":
                self._say(answer or "250 taken")
            else:
                self.connection.close()

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        letters.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield letters
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Hooks:
    """What a webhook's receiver got; ``answers`` are the codes of its next answers, else 204."""

    address: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def webhook_receiver() -> Iterator[Hooks]:
    """Let a webhook's receiver listen on a free port."""
    hooks = Hooks()

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has it
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        hooks.got.append((headers, body))
        code = hooks.answers.pop(0) if hooks.answers else 204
        location = [(b"location", b"http://127.0.0.1:9/")]
        await send({"type": "http.response.start", "status": code, "headers": location})
        await send({"type": "http.response.body", "body": b""})

    with listening(app) as address:
        hooks.address = address
        yield hooks

"""When the database is away, requests get a problem to try again with, and health says so."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from api.app import create_app
from domain.errors import DaochaError, Unavailable
from tests.support.awaited import awaited
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.settings import Settings


@dataclass
class Line:
    """A line to the database that can be cut and mended, and the address at this end."""

    to: dict[str, Any]
    cut: Event = field(default_factory=Event)
    calls: list[tuple[socket.socket, socket.socket]] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)

    def conninfo(self) -> str:
        port = self.listener.getsockname()[1]
        return make_conninfo(**{**self.to, "host": "127.0.0.1", "port": port})

    def break_off(self) -> None:
        self.cut.set()
        for call in self.calls:
            _hang_up(*call)

    def mend(self) -> None:
        self.cut.clear()

    def close(self) -> None:
        self.break_off()
        _hang_up(self.listener)
        for thread in self.threads:
            thread.join()
        for each in (self.listener, *(end for call in self.calls for end in call)):
            each.close()

    def _start(self, target: Callable[..., None], *values: socket.socket) -> None:
        thread = Thread(target=target, args=values, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self.listener.accept()
                if self.cut.is_set():
                    here.close()
                    continue
                there = self._reach()
                self.calls.append((here, there))
                self._start(_pass_on, here, there)
                self._start(_pass_on, there, here)

    def _reach(self) -> socket.socket:
        host, port = str(self.to["host"]), int(self.to.get("port", 5432))
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        there = socket.socket(socket.AF_UNIX)
        there.connect(str(Path(host) / f".s.PGSQL.{port}"))
        return there


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    _hang_up(one, other)


def _hang_up(*ends: socket.socket) -> None:
    for each in ends:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(settings: Settings) -> Iterator[Line]:
    assert settings.database_url is not None
    line = Line(conninfo_to_dict(settings.database_url.get_secret_value()))
    yield line
    line.close()


@pytest.fixture
def far_web(settings: Settings, line: Line, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A server whose database is at the other end of the line; it does not wait for long."""
    monkeypatch.setattr("domain.ledger.recorder._PATIENCE", 0.3)
    monkeypatch.setattr("api.routes.health._PATIENCE", 1.0)
    over_the_line = settings.model_copy(update={"database_url": SecretStr(line.conninfo())})
    with Web.serving(over_the_line) as web:
        yield web


ORGANISATION = {"kind": "enterprise", "code": "91371399MA3C00003U", "name": "沂河化工"}


def test_it_says_so_and_goes_on_when_the_database_is_back(far_web: Web, line: Line) -> None:
    assert far_web.post("/organisations", ORGANISATION, Prefer="wait=10").status_code == 201
    line.break_off()
    key = "01900a00-0000-7000-8000-00000000abcd"
    person = {"name": "张建国"}
    with ThreadPoolExecutor(4) as threads:
        refused = [
            threads.submit(far_web.post, "/persons", person, Idempotency_Key=key),
            threads.submit(far_web.get, "/facts"),
            threads.submit(far_web.get, "/hazards"),
            threads.submit(far_web.get, "/enterprises/91371399MA3C00003U/trace"),
        ]
        health = far_web.client.get("/health")
    for answer in (each.result() for each in refused):
        assert answer.status_code == 503, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"]
        assert answer.json()["type"].endswith("/unavailable")
    assert (health.status_code, health.json()["status"]) == (503, "down")

    line.mend()
    assert far_web.post("/persons", person, Idempotency_Key=key).status_code == 201
    status = ""
    for _ in range(240):  # whoever publishes the log tries again after a while
        status = far_web.client.get("/health").json()["status"]
        if status == "ok":
            break
        sleep(0.25)
    assert status == "ok"


def test_a_read_model_that_stopped_is_told(own_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(*_: object) -> None:
        message = "this one cannot be applied"
        raise ValueError(message)

    monkeypatch.setattr("projections.hazards.Hazards.refold", poisoned)
    department = {"kind": "department", "code": "D1", "name": "应急管理局"}
    own_web.post("/organisations", department)
    own_web.post("/organisations", ORGANISATION)
    hazard = {"enterprise": ORGANISATION["code"], "number": "1", "description": "泄漏"}
    answer = own_web.post("/hazards", {**hazard, "found_by": "enterprise"})
    assert answer.status_code == 201
    with pytest.raises(Unavailable):
        own_web.here.runner.wait_for(answer.json()["position"], 10, ["hazard"])
    health = own_web.client.get("/health").json()
    stopped = {model["name"]: model["stopped_at"] for model in health["read_models"]}
    assert health["status"] == "degraded"
    assert {name: at for name, at in stopped.items() if at is not None} == {
        "hazard": answer.json()["position"]
    }


def test_without_read_models_lists_say_so(own_web: Web) -> None:
    own_web.here.runner.stop()
    schema = f"{own_web.here.ledger.schema}_views"
    with own_web.here.ledger._datastore.connection() as connection:
        connection.execute("RESET ROLE")
        connection.execute(f"DROP VIEW IF EXISTS {schema}.hazard".encode())
        connection.execute("SET ROLE daocha_writer")
    answer = own_web.get("/hazards")
    assert answer.status_code == 503
    assert "rebuild" in answer.json()["todo"]


def test_a_ledger_that_is_not_there_stops_the_start(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"ledger": "nowhere_at_all"})
    app = create_app(nowhere)

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(DaochaError, match="nowhere_at_all"):
        awaited(start)

"""``kill -9`` of the server while people write: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Timer
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from api import home
from api.settings import Settings
from tests.support.server import free_port, start

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

ROUNDS = 3
WRITERS = 4
API = "/api/v1"
ENTERPRISE = "91371399MA3C00003U"


@dataclass
class Service:
    """``daocha serve`` on a ledger of its own, which can be killed and started again."""

    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> httpx.Client:
        """Start it and return a client."""
        self.process = start("serve", self.port, self.folder / "log", **self.environment)
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}{API}", timeout=60)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def service(postgres_url: str, schema: str, tmp_path: Path) -> Iterator[Service]:
    settings = Settings(database_url=SecretStr(postgres_url), ledger=schema, home=tmp_path)
    with home.opened(settings, create_missing=True):
        pass
    environment = {
        "DATABASE_URL": postgres_url,
        "DAOCHA_LEDGER": schema,
        "DAOCHA_HOME": str(tmp_path),
    }
    service = Service(tmp_path, environment)
    yield service
    service.kill()


@dataclass
class Writer:
    """Records one hazard after the other until the server is gone."""

    client: httpx.Client
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: dict[str, Any] = field(default_factory=dict)

    def write(self) -> None:
        try:
            while True:
                key = str(uuid7())
                self.sent[key] = {
                    "record": str(uuid7()),
                    "enterprise": ENTERPRISE,
                    "number": f"YH-{key}",
                    "description": "阀门泄漏",
                    "found_by": "enterprise",
                }
                answer = post(self.client, key, self.sent[key])
                assert answer.status_code == 201, answer.text
                self.acknowledged[key] = answer.json()
        except httpx.TransportError:
            pass


def post(client: httpx.Client, key: str, body: dict[str, Any]) -> httpx.Response:
    return client.post("/hazards", json=body, headers={"Idempotency-Key": key})


def register(client: httpx.Client) -> None:
    body = {"kind": "enterprise", "code": ENTERPRISE, "name": "沂河化工有限公司"}
    key = {"Idempotency-Key": str(uuid7())}
    answer = client.post("/organisations", json=body, headers=key)
    assert answer.status_code == 201, answer.text


def head(client: httpx.Client) -> int:
    position: int = client.get("/facts").json()["head"]
    return position


def write_until_killed(service: Service, client: httpx.Client, seconds: float) -> list[Writer]:
    writers = [Writer(client) for _ in range(WRITERS)]
    timer = Timer(seconds, service.kill)
    with ThreadPoolExecutor(WRITERS) as threads:
        timer.start()
        list(threads.map(Writer.write, writers))
    timer.join()
    return writers


def test_every_acknowledged_fact_is_there_exactly_once(service: Service) -> None:
    chance = random.Random(9)  # noqa: S311 - when to kill is no secret
    client = service.start()
    register(client)
    expected = head(client)
    for _ in range(ROUNDS):
        writers = write_until_killed(service, client, chance.uniform(0.5, 1.5))
        client.close()
        client = service.start()
        assert all(writer.acknowledged for writer in writers)
        for writer in writers:
            for key, body in writer.sent.items():
                again = post(client, key, body)
                assert again.status_code == 201, again.text
                if key in writer.acknowledged:
                    assert again.json() == writer.acknowledged[key]
                    assert again.headers["Idempotency-Replayed"] == "true"
                record = client.get(f"/hazards/{body['record']}").json()
                assert record["version"] == 1
            expected += len(writer.sent)
        assert head(client) == expected
    client.close()

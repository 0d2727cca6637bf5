"""The API in front of a real ledger on PostgreSQL, in a schema of its own."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import psycopg
import pytest

from api import cli
from api.examples import story
from api.home import make
from api.settings import Settings
from tests.support.cli import Run, Told
from tests.support.county import County
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def made(
    postgres_url: str, home: Path, clock: Literal["real", "simulated"] = "real"
) -> Iterator[Settings]:
    """Make a ledger and yield the settings of a server on loopback; drop it at the end."""
    settings = Settings(database_url=postgres_url, ledger=f"test_{uuid4().hex}", home=home)
    make(postgres_url, settings, clock)
    try:
        yield settings
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '10s'")
            for part in ("", "_views", "_views_a", "_views_b", "_auth", "_waiting"):
                name = f"{settings.ledger}{part}"
                connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE".encode())


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a server on loopback, with a ledger that was just made."""
    with made(postgres_url, tmp_path) as settings:
        yield settings


@pytest.fixture
def own_web(settings: Settings) -> Iterator[Web]:
    """A server of the test's own, for those that break it."""
    with Web.serving(settings) as web:
        yield web


def _adopted(web: Web) -> None:
    for _ in range(600):
        if web.here.ledger.head().position > 1:
            return
        time.sleep(0.1)
    raise AssertionError("the log's key was not adopted")


@contextmanager
def telling_the_story(postgres_url: str, home: Path) -> Iterator[Web]:
    """Start a server whose ledger holds the examples' story."""
    with made(postgres_url, home) as settings, Web.serving(settings) as web:
        _adopted(web)  # the story names facts by their positions, which begin after the log's key
        for act in story():
            answer = web.post(act.path, act.body)
            assert answer.status_code == 201, (act.topic, answer.text)
        web.here.runner.wait_for(web.here.ledger.head().position, 60)
        yield web


@pytest.fixture(scope="package")
def web(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One server for all tests of a worker; none of them adds to what the story is about."""
    with telling_the_story(postgres_url, tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def county(web: Web) -> County:
    """An enterprise of the test's own, and the department that supervises it."""
    return County.begin(web)


@pytest.fixture
def environment(postgres_url: str, schema: str, tmp_path: Path) -> dict[str, str]:
    """What names a ledger that is not there yet."""
    return {
        "DATABASE_URL": postgres_url,
        "DAOCHA_LEDGER": schema,
        "DAOCHA_HOME": str(tmp_path / "home"),
        "PYTHONIOENCODING": "utf-8",
    }


@pytest.fixture
def daocha(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the command line in this process."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["daocha", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Told(code, *capsys.readouterr())

    return run

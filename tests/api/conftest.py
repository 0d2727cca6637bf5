"""The API in front of a real ledger on PostgreSQL, in a schema of its own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from api.examples import story
from api.settings import Settings
from domain.ledger import KeyStore, Ledger, Vault, create
from tests.support.county import County
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORIGIN = "test.example/api"


@contextmanager
def made(postgres_url: str, home: Path) -> Iterator[Settings]:
    """Make a ledger and yield the settings of a server on loopback; drop it at the end."""
    schema = f"test_{uuid4().hex}"
    keys = KeyStore.create(home / "keys", ORIGIN, os.urandom)
    create(
        postgres_url,
        schema=schema,
        origin=ORIGIN,
        jurisdiction="沂南县",
        vault=Vault(keys, os.urandom),
        random=os.urandom,
    )
    keys.close()
    try:
        yield Settings(database_url=postgres_url, ledger=schema, home=home)
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '10s'")
            for part in ("", "_views", "_views_a", "_views_b"):
                connection.execute(f"DROP SCHEMA IF EXISTS {schema}{part} CASCADE".encode())


@contextmanager
def opened(settings: Settings) -> Iterator[Ledger]:
    """Open a test's ledger; its keys lie in its own directory."""
    assert settings.database_url is not None
    keys = KeyStore.open(settings.home / "keys", ORIGIN)
    try:
        with Ledger.open(
            settings.database_url.get_secret_value(),
            schema=settings.ledger,
            vault=Vault(keys, os.urandom),
            random=os.urandom,
        ) as ledger:
            yield ledger
    finally:
        keys.close()


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a server on loopback, with a ledger that was just made."""
    with made(postgres_url, tmp_path) as settings:
        yield settings


@pytest.fixture
def own_web(settings: Settings) -> Iterator[Web]:
    """A server of the test's own, for those that break it."""
    with Web.serving(settings, opened) as web:
        yield web


@pytest.fixture(scope="package")
def web(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One server for all tests of a worker, whose ledger holds the examples' story first."""
    with (
        made(postgres_url, tmp_path_factory.mktemp("web")) as settings,
        Web.serving(settings, opened) as web,
    ):
        for act in story():
            answer = web.post(act.path, act.body)
            assert answer.status_code == 201, (act.topic, answer.text)
        web.here.runner.wait_for(web.here.ledger.head().position, 60)
        yield web


@pytest.fixture
def county(web: Web) -> County:
    """An enterprise of the test's own, and the department that supervises it."""
    return County.begin(web)

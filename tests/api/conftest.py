"""The API in front of a real ledger on PostgreSQL, each test with one of its own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from api.settings import Settings
from domain.ledger import KeyStore, Ledger, Vault, create
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

ORIGIN = "test.example/api"


@pytest.fixture
def settings(postgres_url: str, schema: str, tmp_path: Path) -> Settings:
    """Settings of a server on loopback, with a ledger that was just made."""
    keys = KeyStore.create(tmp_path / "keys", ORIGIN, os.urandom)
    vault = Vault(keys, os.urandom)
    create(
        postgres_url,
        schema=schema,
        origin=ORIGIN,
        jurisdiction="沂南县",
        vault=vault,
        random=os.urandom,
    )
    keys.close()
    return Settings(database_url=postgres_url, ledger=schema, home=tmp_path)


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
def web(settings: Settings) -> Iterator[Web]:
    """The server, started, and somebody at its own machine."""
    with Web.serving(settings, opened) as web:
        yield web


def open_ledger(settings: Settings) -> AbstractContextManager[Ledger]:
    """Open the ledger beside the server."""
    return opened(settings)

"""Opening a ledger for a process: which database, which ledger in it, and where its keys are."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, cast

from api.embedded import embedded_postgres
from domain.errors import Contradiction, NotFound
from domain.ledger import KeyStore, Ledger, LedgerOpened, Vault, create

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from api.settings import Settings

DEMO = "daocha_demo"
"""The demo's ledger: a schema of its own beside the real one."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the connection string: that of ``DATABASE_URL``, or of the embedded PostgreSQL."""
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with embedded_postgres(settings.home / "postgres") as url:
        yield url


def keys_of(settings: Settings) -> Path:
    """Return where the ledger's keys live: outside the database and its backups."""
    return settings.home / "keys" / settings.ledger


@contextmanager
def opened(settings: Settings, *, create_missing: bool = False) -> Iterator[Ledger]:
    """Yield the ledger that the settings name.

    Args:
        settings: where, and which.
        create_missing: make it, with a real clock, if it is not there.

    Raises:
        NotFound: there is no such ledger.
        Contradiction: the keys found are not this ledger's.
        Unavailable: the database cannot be reached, or the keys are missing.
    """
    with database(settings) as url:
        try:
            origin = _origin_of(url, settings)
        except NotFound:
            if not create_missing:
                raise
            origin = make(url, settings, "real")
        keys = KeyStore.open(keys_of(settings), origin)
        vault = Vault(keys, os.urandom)
        try:
            with Ledger.open(url, schema=settings.ledger, vault=vault, random=os.urandom) as ledger:
                yield ledger
        finally:
            keys.close()


def _origin_of(url: str, settings: Settings) -> str:
    with Ledger.open(url, schema=settings.ledger, vault=None, random=os.urandom) as ledger:
        return cast("LedgerOpened", ledger.genesis().fact).origin


def make(
    url: str,
    settings: Settings,
    clock: Literal["real", "simulated"],
    opened: datetime | None = None,
) -> str:
    """Make the ledger that the settings name and return its origin, which is for good.

    Args:
        url: the database, as a user who may make schemas.
        settings: its schema, origin (one is made up where none is set) and jurisdiction.
        clock: ``simulated`` for the demo only.
        opened: the moment of the first fact, for a simulated clock.
    """
    origin = settings.origin or f"daocha.local/{os.urandom(6).hex()}"
    keys = KeyStore.create(keys_of(settings), origin, os.urandom)
    try:
        create(
            url,
            schema=settings.ledger,
            origin=origin,
            jurisdiction=settings.jurisdiction,
            clock=clock,
            vault=Vault(keys, os.urandom),
            random=os.urandom,
            opened=opened,
        )
    finally:
        keys.close()
    return origin


def check_is_demo(ledger: Ledger) -> None:
    """Refuse to play the demo on a ledger whose clock is real, with ``Contradiction``."""
    genesis = cast("LedgerOpened", ledger.genesis().fact)
    if genesis.clock != "simulated":
        raise Contradiction(
            f"台账 {genesis.origin} 使用真实时钟，不能用作演示",
            f"the ledger {genesis.origin} has a real clock; the demo will not touch it",
            todo_zh="演示使用它自己的台账；请检查 --ledger 和 DAOCHA_LEDGER",
            todo_en="the demo has a ledger of its own; check --ledger and DAOCHA_LEDGER",
        )

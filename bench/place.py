"""A ledger to measure: in ``DATABASE_URL``, or in an embedded server of its own, removed after."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg

from api.embedded import embedded_postgres
from domain.fact import Actor, Draft, Fact, OrgId, PersonId
from domain.ledger import Command, KeyStore, Ledger, Vault, create

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "bench.example/ledger"
_NOW = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)


class Observed(Fact, topic="bench.observed", zh="观察", en="Observed", starts=True):
    """A fact of about 600 bytes with five tags, as a hazard found has."""

    enterprise: OrgId
    inspector: PersonId
    level: int
    place: str
    words: str


def command(facts: int = 1) -> Command:
    """Return a command of so many new records."""
    return Command(uuid4(), tuple(_draft() for _ in range(facts)), b"digest")


def _draft() -> Draft:
    fact = Observed(
        enterprise=UUID(int=_NOW.second + uuid4().int % 2000),
        inspector=UUID(int=10_000 + uuid4().int % 300),
        level=uuid4().int % 3,
        place="二车间配电室",
        words="配电箱门未接地、箱内积尘严重，未张贴警示标志",
    )
    actor = Actor(authentication="cli", person=fact.inspector, post=fact.enterprise)
    return Draft(uuid4(), 1, fact, actor, _NOW, _NOW)


@contextmanager
def server() -> Iterator[str]:
    """Give the address of a PostgreSQL server."""
    url = os.environ.get("DATABASE_URL")
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="daocha-bench-") as state:
        Path(state).chmod(0o711)
        with embedded_postgres(Path(state) / "postgres") as embedded:
            yield embedded


@contextmanager
def new_ledger(url: str, *, pool_size: int = 4) -> Iterator[Ledger]:
    """Make a ledger in a schema of its own, and drop it afterwards."""
    schema = f"bench_{uuid4().hex[:12]}"
    with tempfile.TemporaryDirectory(prefix="daocha-bench-") as directory:
        keys = KeyStore.create(Path(directory), ORIGIN, os.urandom)
        vault = Vault(keys, os.urandom)
        create(
            url, schema=schema, origin=ORIGIN, jurisdiction="371300", vault=vault, random=os.urandom
        )
        try:
            with Ledger.open(
                url, schema=schema, vault=vault, random=os.urandom, pool_size=pool_size
            ) as ledger:
                yield ledger
        finally:
            keys.close()
            with psycopg.connect(url, autocommit=True) as connection:
                for part in ("", "_views", "_views_a", "_views_b"):
                    connection.execute(f"DROP SCHEMA {schema}{part} CASCADE".encode())

"""Ledgers for tests: each in a schema of its own, with invented facts to put in."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import Field

from domain.fact import Actor, Draft, Fact, Frozen, OrgId, PersonId, Sealed
from domain.ledger import Command, Condition, KeyStore, Ledger, Vault, create
from domain.proof.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "test.example/ledger"
ORG = UUID("00000000-0000-4000-8000-000000000001")
NOW = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
CLI = Actor(authentication="cli")


class Noted(Fact, topic="test.noted", zh="记", en="Noted", starts=True):
    """Something plain."""

    org: OrgId = ORG
    number: int = 0
    words: str = ""


class Crossed(Fact, topic="test.crossed", zh="划", en="Crossed"):
    """Something else in the same record."""

    org: OrgId = ORG


class Part(Frozen):
    """Holds a personal value deep inside a fact."""

    text: Sealed


class Told(Fact, topic="test.told", zh="告", en="Told", starts=True):
    """Something with personal values at every depth."""

    person: PersonId
    name: Sealed | None = None
    parts: tuple[Part, ...] = ()
    more: dict[str, Sealed] = Field(default_factory=dict)


@dataclass
class Place:
    """A ledger's whereabouts: its database, its schema, the directory of its keys."""

    url: str
    schema: str
    keys: Path
    opened: list[KeyStore] = field(default_factory=list)

    def __getstate__(self) -> dict[str, Any]:
        """Go to another process without what only this one can use."""
        return {**self.__dict__, "opened": []}

    def vault(self) -> Vault:
        store = KeyStore.open(self.keys, ORIGIN)
        self.opened.append(store)
        return Vault(store, os.urandom)

    def create(
        self, clock: Literal["real", "simulated"] = "real", *, opened: datetime | None = None
    ) -> None:
        store = KeyStore.create(self.keys, ORIGIN, os.urandom)
        self.opened.append(store)
        create(
            self.url,
            schema=self.schema,
            origin=ORIGIN,
            jurisdiction="371300",
            clock=clock,
            vault=Vault(store, os.urandom),
            random=os.urandom,
            opened=opened,
        )

    def open(self, vault: Vault | Literal["own"] | None = "own", *, pool_size: int = 20) -> Ledger:
        return Ledger.open(
            self.url,
            schema=self.schema,
            vault=self.vault() if vault == "own" else vault,
            random=os.urandom,
            pool_size=pool_size,
        )

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as the owner, who made the schema; ``S`` stands for the schema."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.replace("S.", f"{self.schema}.").encode(), values)
            return cursor.fetchall() if cursor.description else []

    def drop(self) -> None:
        for part in ("", "_views", "_views_a", "_views_b", "_auth", "_waiting"):
            self.sql(f"DROP SCHEMA IF EXISTS {self.schema}{part} CASCADE")

    def close(self) -> None:
        for store in self.opened:
            store.close()


@pytest.fixture
def place(postgres_url: str, schema: str, tmp_path: Path) -> Iterator[Place]:
    """Where a ledger is, newly made."""
    found = Place(postgres_url, schema, tmp_path / "keys")
    found.create()
    yield found
    found.close()


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    """A new ledger, open."""
    with place.open() as opened:
        yield opened


def note_of(size: int, root: bytes) -> bytes:
    """Return what passes for a checkpoint where nobody looks at the signature."""
    text = Checkpoint(ORIGIN, size, root).text
    return f"{text}\n— {ORIGIN} AAAA\n".encode()


def publish(place: Place, size: int, root: bytes = bytes(32)) -> int:
    """Store a checkpoint as the publisher does; returns its number."""
    with place.open(vault=None) as ledger, ledger.checkpoints.leading() as leader:
        assert leader is not None
        return leader.store(size, root, note_of(size, root))


def sealed(value: str, subject: UUID) -> Sealed:
    return Sealed.close(value, subject, os.urandom(16))


def draft(record: UUID | None = None, version: int = 1, fact: Fact | None = None) -> Draft:
    return Draft(record or uuid4(), version, fact or Noted(), CLI, NOW, NOW)


def command(
    *drafts: Draft,
    command_id: UUID | None = None,
    digest: bytes = b"content",
    condition: Condition | None = None,
    recorded: datetime | None = None,
) -> Command:
    return Command(command_id or uuid4(), drafts or (draft(),), digest, condition, recorded)

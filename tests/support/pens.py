"""Pens 笔: people who sign with real keys, in a book with no database behind it.

A person's Ed25519 key follows from their name; the tree that they saw is that of the book's leaves.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from domain.fact import EnterpriseFact
from domain.ledger_opened import LedgerOpened
from domain.proof import ed25519, merkle
from domain.proof.encoding import write_base64
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Statement, TreeHead
from domain.record import facts_of
from domain.signable import signable
from domain.signing import SignatureMade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from domain.fact import Entry
    from domain.people import PostKind

ORIGIN = "ledger.example/yinan"


def seed_of(name: str) -> bytes:
    """Return the private key of whom a name stands for."""
    return sha256(f"pen {name}".encode()).digest()


def key_of(name: str) -> PublicKey:
    """Return their public key."""
    return PublicKey(suite="ed25519", public=write_base64(ed25519.public_key(seed_of(name))))


def opened() -> LedgerOpened:
    """Return the first fact of the ledger whose log they sign for."""
    return LedgerOpened(origin=ORIGIN, jurisdiction="沂南县", clock="simulated", keys="0" * 64)


def head_of(entries: Sequence[Entry]) -> TreeHead:
    """Return the tree over the leaves of some entries, which begin at the first."""
    root = merkle.root_of([entry.hash for entry in entries])
    return TreeHead(size=len(entries), root=root.hex())


def statement_of(
    entries: Sequence[Entry], document: Entry, person: UUID, post: UUID, key: PublicKey
) -> Statement:
    """Return what somebody states by signing a document, as things stand at the end."""
    fact = document.fact
    kind = signable(fact)
    assert kind is not None, f"{fact.topic.zh}不是可签署的文书"
    assert isinstance(fact, EnterpriseFact)
    signed = [
        entry
        for entry, made in facts_of(list(entries), SignatureMade)
        if made.document == document.position
    ]
    return Statement(
        log=next(fact.origin for _, fact in facts_of(list(entries), LedgerOpened)),
        document=document.hash.hex(),
        organisation=fact.enterprise,
        period=getattr(fact, "month", None),
        person=person,
        post=post,
        key=key.id,
        meaning=kind.meaning(fact),
        seen=head_of(entries),
        after=signed[-1].hash.hex() if signed else None,
    )


def sign(statement: Statement, seed: bytes) -> PersonalSignature:
    """Return the signature under a statement by a private key."""
    return PersonalSignature(value=write_base64(ed25519.sign(seed, statement.digest())))


def made(
    document: Entry, role: PostKind, statement: Statement, signature: PersonalSignature
) -> SignatureMade:
    """Return the fact that somebody signed a document."""
    assert isinstance(document.fact, EnterpriseFact)
    return SignatureMade(
        enterprise=document.fact.enterprise,
        about=f"{document.fact.topic.noun}:{document.record}",
        document=document.position,
        role=role,
        statement=statement,
        signature=signature,
    )

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Invalid, NotProved
from domain.fact import leaf_hash
from domain.proof import ed25519
from domain.proof.bundle import Evidence, open_bundle
from domain.proof.encoding import write_base64
from domain.proof.statement import TreeHead
from tests.support.evidence import (
    DEPUTY,
    ENTERPRISE,
    KEYS,
    POSTS,
    PRINCIPAL,
    REGULATOR,
    SEEDS,
    TRUST,
    Log,
    dump,
    key_record,
    known_signers,
)


def prove(log: Log, *but: int) -> Evidence:
    """Open the bundle of all facts but some."""
    positions = [n for n in range(1, len(log.leaves) + 1) if n not in but]
    return open_bundle(log.bundle(*positions).write(), TRUST)


@pytest.fixture
def log() -> Log:
    log = known_signers()
    log.report()
    return log


def test_signature_that_holds(log: Log) -> None:
    log.sign(DEPUTY, log.leaves[-1])
    assert [each.leaf.position for each in prove(log).signatures] == [12]


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("another log", {"log": "example.gov.cn/other"}),
        ("younger", {"seen": TreeHead(size=12, root="00" * 32)}),
        ("does not hold", {"seen": TreeHead(size=1, root="00" * 32)}),
        ("document is not in", {"document": "00" * 32}),
        ("organisation is not in", {"organisation": REGULATOR}),
        ("another period", {"period": "2024-06"}),
        ("another period", {"period": None}),
        ("signer is not in", {"person": UUID(int=99)}),
        ("not hold the post", {"person": PRINCIPAL}),
        ("no such post", {"post": UUID(int=99)}),
        ("no such post of this kind", {"post": POSTS["principal"]}),
        ("not have this key", {"key": "00" * 32}),
        ("not have this key", {"key": KEYS[PRINCIPAL].id}),
        ("earlier signature is not in", {"after": "00" * 32}),
    ],
)
def test_statement_about_something_else(log: Log, why: str, changes: dict[str, Any]) -> None:
    log.sign(DEPUTY, log.leaves[-1], **changes)
    with pytest.raises(NotProved, match=why):
        prove(log)


@pytest.mark.parametrize(
    ("why", "facts"),
    [
        ("names another document", {"document": 10}),
        ("names another document", {"document": None}),
        ("names another document", {"about": f"report:{ENTERPRISE}"}),
        ("names another document", {"about": None}),
        ("another organisation", {"enterprise": str(REGULATOR)}),
        ("no such post of this kind", {"role": "principal"}),
        ("no such post of this kind", {"role": None}),
    ],
)
def test_fact_that_says_otherwise_than_the_statement(
    log: Log, why: str, facts: dict[str, Any]
) -> None:
    log.sign(DEPUTY, log.leaves[-1], facts)
    with pytest.raises(NotProved, match=why):
        prove(log)


def test_document_of_another_organisation(log: Log) -> None:
    other = log.report(enterprise=str(REGULATOR))
    log.sign(DEPUTY, other)
    with pytest.raises(NotProved, match="another organisation"):
        prove(log)


def test_what_comes_after_must_be_a_signature_of_the_same_text(log: Log) -> None:
    first = log.sign(DEPUTY, log.leaves[-1])
    again = log.report()
    log.sign(PRINCIPAL, again, after=leaf_hash(first).hex())
    with pytest.raises(NotProved, match="of another text"):
        prove(log)
    log = known_signers()
    filed = log.report()
    log.sign(DEPUTY, filed, after=leaf_hash(filed).hex())
    with pytest.raises(NotProved, match="earlier signature is not in"):
        prove(log)


# Keys and appointments count from one place in the log to another.


def test_key_registered_afterwards_or_revoked_before() -> None:
    log = known_signers()
    filed = log.report()
    log.sign(DEPUTY, filed)
    log.revoke(DEPUTY)
    assert len(prove(log).signatures) == 1
    log.sign(DEPUTY, filed)
    with pytest.raises(NotProved, match="fact 14: the signer does not have this key here"):
        prove(log)


def test_key_replaced_before() -> None:
    log = known_signers()
    filed = log.report()
    other = {**dump(KEYS[DEPUTY]), "public": write_base64(ed25519.public_key(bytes([9]) * 32))}
    data = {"key": other, "person": str(DEPUTY), "replaces": KEYS[DEPUTY].id}
    log.append("key.registered", UUID(int=77), data, [f"key:{key_record(DEPUTY)}"])
    log.sign(DEPUTY, filed)
    with pytest.raises(NotProved, match="fact 13: the signer does not have this key here"):
        prove(log)


def test_key_of_somebody_else() -> None:
    log = known_signers()
    log.revoke(DEPUTY)
    log.key(DEPUTY, person=str(PRINCIPAL))
    log.sign(DEPUTY, log.report())
    with pytest.raises(NotProved, match="does not have this key here"):
        prove(log)


def test_relieved_before_or_afterwards(log: Log) -> None:
    filed = log.leaves[-1]
    log.sign(DEPUTY, filed)
    log.relieve(DEPUTY, "deputy")
    assert len(prove(log).signatures) == 1
    log.sign(DEPUTY, filed)
    with pytest.raises(NotProved, match="fact 14: the signer does not hold the post here"):
        prove(log)


def test_appointed_again_before_being_relieved_counts_from_the_first_time(log: Log) -> None:
    log.appoint(DEPUTY, "deputy")
    log.sign(DEPUTY, log.leaves[10])
    (signed,) = prove(log).signatures
    assert signed.appointment.position == 5


def test_post_abolished(log: Log) -> None:
    log.append("post.abolished", POSTS["deputy"], {"organisation": str(ENTERPRISE)})
    log.sign(DEPUTY, log.leaves[10])
    with pytest.raises(NotProved, match="no such post"):
        prove(log)


def test_post_of_another_organisation(log: Log) -> None:
    data = {"organisation": str(REGULATOR), "kind": "deputy"}
    post = UUID(int=50)
    log.append("post.created", post, data)
    log.append("appointment.made", post, {"person": str(DEPUTY)})
    log.sign(DEPUTY, log.leaves[10], post=post)
    with pytest.raises(NotProved, match="post is of another organisation"):
        prove(log)
    order = log.append("order.issued", UUID(int=60), {"enterprise": str(ENTERPRISE)})
    said = {"about": f"order:{UUID(int=60)}"}
    log.sign(DEPUTY, order, said, post=post, period=None)
    assert [each.leaf.position for each in prove(log, 14).signatures] == [16]


# The signature itself.


def test_signature_by_another_key(log: Log) -> None:
    forged = json.loads(log.sign(DEPUTY, log.leaves[-1]))["body"]["data"]
    log = known_signers()
    log.report()
    other = ed25519.sign(SEEDS[PRINCIPAL], b"anything")
    forged["signature"]["value"] = write_base64(other)
    log.append("signature.made", UUID(int=80), forged)
    with pytest.raises(NotProved, match="fact 12: the signature is invalid"):
        prove(log)


@pytest.mark.parametrize(
    ("why", "data"),
    [
        ("key is malformed", {"person": "x"}),
        ("key is malformed", {"key": {"suite": "rsa", "public": ""}}),
        ("not a good public key", {"key": {"suite": "ed25519", "public": write_base64(bytes(32))}}),
        ("canonical form", {"key": {**KEYS[DEPUTY].model_dump(mode="json")}}),
    ],
)
def test_registered_key_that_is_none(log: Log, why: str, data: dict[str, Any]) -> None:
    log.append("key.registered", UUID(int=81), data, [f"org:{ENTERPRISE}"])
    with pytest.raises(Invalid, match=why):
        prove(log)

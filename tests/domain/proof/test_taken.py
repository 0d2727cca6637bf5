from __future__ import annotations

from typing import Any

import pytest

from domain.errors import Invalid, NotProved
from domain.fact import leaf_hash
from domain.proof.bundle import Asked, Evidence, open_bundle
from domain.proof.roll import RollEntry
from domain.proof.taken import EMPTY_CHAIN, Filed, Held, InForce, chain, read_content
from tests.support.evidence import (
    DEPUTY,
    ENTERPRISE,
    KEYS,
    POSTS,
    PRINCIPAL,
    REGULATOR,
    TRUST,
    Log,
    key_record,
    known_signers,
)

POST = str(POSTS["deputy"])
KEY = str(key_record(DEPUTY))


@pytest.fixture
def log() -> Log:
    """Of the deputy: post at 4, appointment at 5, key at 6. The report at 11, its signature 12."""
    log = known_signers()
    log.sign(DEPUTY, log.report())
    return log


def prove(log: Log, of: str, entry_id: str, content: Any, **changes: Any) -> Evidence:  # noqa: ANN401
    """Take a roll with one entry at the end of the log, and open a bundle of all with it."""
    entries = [] if content is None else [RollEntry(id=entry_id, content=content)]
    roll = log.take(of, *entries, **changes)
    asked = Asked(len(log.leaves), entry_id, roll.prove(entry_id))
    return open_bundle(log.bundle(*range(1, len(log.leaves) + 1), rolls=[asked]).write(), TRUST)


def holding(**times: int) -> dict[str, Any]:
    return {"person": str(DEPUTY), **times}


def held(*holdings: dict[str, Any]) -> dict[str, Any]:
    return {"held": list(holdings), "kind": "deputy", "organisation": str(ENTERPRISE)}


def in_force(**times: int) -> dict[str, Any]:
    return {"key": KEYS[DEPUTY].id, "person": str(DEPUTY), **times}


# Posts.


def test_who_held_a_post(log: Log) -> None:
    (looked,) = prove(log, "posts 2024-05", POST, held(holding(since=5))).rolls
    assert isinstance(looked.content, Held)
    assert (looked.upto, looked.deadline) == (12, "2024-05-31T16:00:00Z")


def test_who_was_relieved(log: Log) -> None:
    log.relieve(DEPUTY, "deputy")
    prove(log, "posts 2024-05", POST, held(holding(since=5, until=13)))


def test_whose_post_was_abolished(log: Log) -> None:
    log.append("post.abolished", POSTS["deputy"], {"organisation": str(ENTERPRISE)})
    prove(log, "posts 2024-05", POST, held(holding(since=5, until=13)))


@pytest.mark.parametrize(
    "content",
    [
        None,
        held(),
        held(holding(since=4)),
        held(holding(since=5, until=10)),
        held(holding(since=5), holding(since=11)),
    ],
)
def test_roll_of_posts_that_knows_otherwise(log: Log, content: dict[str, Any] | None) -> None:
    with pytest.raises(NotProved, match="not those that the roll knows of"):
        prove(log, "posts 2024-05", POST, content)


def test_appointment_after_what_the_roll_reflects(log: Log) -> None:
    upto = len(log.leaves)
    log.relieve(DEPUTY, "deputy")
    prove(log, "posts 2024-05", POST, held(holding(since=5)), upto=upto)


# Keys.


def test_whose_key_it_was(log: Log) -> None:
    (looked,) = prove(log, "keys 2024-05", KEY, in_force(since=6)).rolls
    assert isinstance(looked.content, InForce)


def test_key_revoked_or_replaced(log: Log) -> None:
    log.revoke(DEPUTY)
    prove(log, "keys 2024-05", KEY, in_force(since=6, until=13))


@pytest.mark.parametrize(
    "content", [None, in_force(since=5), in_force(since=6, until=12), in_force(since=6, until=10)]
)
def test_roll_of_keys_that_knows_otherwise(log: Log, content: dict[str, Any] | None) -> None:
    with pytest.raises(NotProved, match="not those that the roll knows of"):
        prove(log, "keys 2024-05", KEY, content)


def test_revocation_that_the_roll_does_not_know(log: Log) -> None:
    log.revoke(DEPUTY)
    with pytest.raises(NotProved, match="not those that the roll knows of"):
        prove(log, "keys 2024-05", KEY, in_force(since=6))


# Reports.


def filed(*hashes: str, count: int, chained: str) -> dict[str, Any]:
    return {
        "chain": chained,
        "count": count,
        "filed": [{"document": document} for document in hashes],
    }


def test_who_filed(log: Log) -> None:
    document = leaf_hash(log.leaves[10]).hex()
    content = filed(document, count=7, chained="00" * 32)
    (looked,) = prove(log, "monthly_report 2024-05", str(ENTERPRISE), content).rolls
    assert isinstance(looked.content, Filed)
    assert [each.document for each in looked.content.filed] == [document]


def test_who_is_not_on_the_roll(log: Log) -> None:
    (looked,) = prove(log, "monthly_report 2024-05", str(ENTERPRISE), None).rolls
    assert looked.content is None


def test_of_what_is_not_in_hand_nothing_is_compared(log: Log) -> None:
    log.appoint(PRINCIPAL, "principal")
    roll = log.take("posts 2024-05", RollEntry(id=str(DEPUTY), content=held()))
    asked = Asked(14, str(REGULATOR), roll.prove(str(REGULATOR)))
    evidence = open_bundle(log.bundle(*range(1, 13), 14, rolls=[asked]).write(), TRUST)
    assert evidence.rolls[0].content is None


# Their form.


@pytest.mark.parametrize(
    ("of", "content"),
    [
        ("cats 2024-05", held()),
        ("posts 2024-05", {}),
        ("posts 2024-05", {**held(), "extra": 1}),
        ("posts 2024-05", held(holding(since=0))),
        ("posts 2024-05", held({**holding(since=5), "until": None})),
        ("keys 2024-05", held()),
        ("monthly_report 2024-05", {"count": 1, "chain": "00"}),
        ("monthly_report 2024-05", {"count": 1, "chain": "00" * 32}),
    ],
)
def test_content_of_another_form(of: str, content: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_content(of, content)


@pytest.mark.parametrize(
    "changes", [{"upto": 13}, {"upto": "5"}, {"upto": 0}, {"more": 1}, {"deadline": None}]
)
def test_roll_whose_fact_is_malformed(log: Log, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="malformed"):
        prove(log, "posts 2024-05", POST, held(holding(since=5)), **changes)


def test_chain_goes_on() -> None:
    hashes = [bytes([n]) * 32 for n in range(5)]
    assert chain([]) == EMPTY_CHAIN
    assert chain(hashes[2:], chain(hashes[:2])) == chain(hashes)
    assert chain(hashes[::-1]) != chain(hashes)

"""What a command, a query and a receipt are, before any database."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from domain.errors import CommandReused, Conflict, Invalid, Unavailable
from domain.fact import MAX_LEAF, Sealed
from domain.ledger import Condition, Query, Receipt
from domain.ledger.command import decode, encode
from tests.support.ledger import Noted, Told, command, draft, sealed


@pytest.mark.parametrize(
    "tag", ["org", "org:", ":x", 'a:"', "Org:1", "a:b c", "a:" + "x" * 99, "组:1"]
)
def test_a_query_refuses_what_is_no_tag(tag: str) -> None:
    with pytest.raises(Invalid, match="not a tag"):
        Query((tag,))


def test_a_query_asks_for_something() -> None:
    with pytest.raises(Invalid, match="needs a tag or a topic"):
        Query(())
    Query((), ("test.noted",))
    Query(("org:1",))


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (command(draft(version=0)), "drafts.0.version"),
        (command(draft(), draft(fact=Noted(words="a\0b"))), "drafts.1.fact"),
        (command(draft(fact=Noted(words="\\\0"))), "drafts.0.fact"),
        (command(draft(fact=Noted(words="好" * (MAX_LEAF // 3)))), "drafts.0.fact"),
        (command(digest=b""), "digest"),
        (command(digest=b"x" * 65), "digest"),
        (command(recorded=datetime(2024, 5, 3)), "recorded"),  # noqa: DTZ001
    ],
)
def test_what_is_wrong_with_a_command_is_said_with_its_place(wrong: object, where: str) -> None:
    (answer,) = encode([wrong], None, os.urandom)  # type: ignore[list-item]
    assert isinstance(answer, Invalid)
    assert answer.where == where


def test_a_command_without_facts_is_refused() -> None:
    empty = command()
    object.__setattr__(empty, "drafts", ())
    (answer,) = encode([empty], None, os.urandom)
    assert isinstance(answer, Invalid)
    assert answer.where == "drafts"


def test_a_tag_that_a_fact_makes_is_checked() -> None:
    class Odd(Noted, topic="test.odd", noun="Odd", zh="怪", en="Odd"):
        pass

    (answer,) = encode([command(draft(fact=Odd()))], None, os.urandom)
    assert isinstance(answer, Invalid)
    assert answer.where == "drafts.0.tags"


def test_a_backslash_before_u0000_is_no_nul() -> None:
    (answer,) = encode([command(draft(fact=Noted(words="\\u0000")))], None, os.urandom)
    assert isinstance(answer, dict)


def test_a_sealed_value_must_be_open() -> None:
    person = uuid4()
    closed = Sealed(digest=sealed("张三", person).digest, subject=person)
    (answer,) = encode([command(draft(fact=Told(person=person, name=closed)))], None, os.urandom)
    assert isinstance(answer, Invalid)
    assert answer.where == "drafts.0.fact.name"


def test_without_a_vault_nothing_personal_can_be_recorded() -> None:
    person = uuid4()
    fact = Told(person=person, name=sealed("张三", person))
    with pytest.raises(Unavailable, match="without the key store"):
        encode([command(), command(draft(fact=fact))], None, os.urandom)


def test_a_refused_command_does_not_hinder_the_others() -> None:
    wrong, right = encode([command(digest=b""), command()], None, os.urandom)
    assert isinstance(wrong, Invalid)
    assert isinstance(right, dict)


def test_a_condition_is_sent_as_it_stands() -> None:
    condition = Condition(7, (Query(("org:1", "hazard:2"), ("test.noted",)),))
    (answer,) = encode([command(condition=condition)], None, os.urandom)
    assert isinstance(answer, dict)
    assert answer["condition"] == {
        "after": 7,
        "none_of": [{"tags": ("org:1", "hazard:2"), "topics": ("test.noted",)}],
    }


def test_answers_are_read() -> None:
    asked = command(command_id=UUID(int=1))
    moment = "2024-05-03T14:30:00.5+08:00"
    recorded = {"outcome": "recorded", "first": 5, "facts": 2, "recorded": moment}
    at = datetime(2024, 5, 3, 6, 30, 0, 500_000, tzinfo=UTC)
    assert decode(asked, recorded) == Receipt(UUID(int=1), (5, 6), at, repeated=False)
    assert decode(asked, recorded | {"outcome": "repeated"}) == Receipt(
        UUID(int=1), (5, 6), at, repeated=True
    )
    reused = decode(asked, {"outcome": "reused", "first": 5})
    assert isinstance(reused, CommandReused)
    assert reused.where == "id"
    invalid = decode(asked, {"outcome": "invalid", "reason": "fact 1: …"})
    assert isinstance(invalid, Invalid)
    assert "fact 1: …" in invalid.en
    version = decode(
        asked, {"outcome": "conflict", "fact": 2, "record": "r", "version": 4, "last": 7}
    )
    assert isinstance(version, Conflict)
    assert version.where == "drafts.1.version"
    condition = decode(asked, {"outcome": "conflict", "query": 3, "position": 9})
    assert isinstance(condition, Conflict)
    assert condition.where == "condition.none_of.2"
    assert "9" in condition.en

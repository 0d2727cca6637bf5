"""The log's keys: each adopted once, retired once, and never none in use."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.contradictions import contradiction, in_its_place
from domain.errors import Contradiction
from domain.fact import Actor, Entry, Fact
from domain.log import LogKeyAdopted, LogKeyRetired, adopted, in_use, log_id
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.note import NoteSigner

ORIGIN = "ledger.example/yinan"
OLD, NEW, OTHER = (str(NoteSigner(ORIGIN, bytes([n]) * 32).key) for n in (1, 2, 3))
NOW = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)


def entries(*facts: Fact) -> list[Entry]:
    return [
        Entry(
            position=version,
            record=log_id(ORIGIN),
            version=version,
            recorded=NOW,
            received=NOW,
            tags=(),
            by=Actor(authentication="system"),
            happened=NOW,
            command=UUID(int=version),
            fact=fact,
        )
        for version, fact in enumerate(facts, 1)
    ]


def test_both_sign_while_one_is_replaced() -> None:
    record = entries(LogKeyAdopted(key=OLD), LogKeyAdopted(key=NEW))
    assert in_use(record) == [OLD, NEW]
    record = entries(*(each.fact for each in record), LogKeyRetired(key=OLD))
    assert in_use(record) == [NEW]
    assert adopted(record) == [OLD, NEW]
    assert in_use([]) == []


def test_a_key_is_taken_up_once() -> None:
    contradiction(LogKeyAdopted(key=OLD), [], None)
    record = entries(LogKeyAdopted(key=OLD))
    contradiction(LogKeyAdopted(key=NEW), record, None)
    with pytest.raises(Contradiction, match="adopted before"):
        contradiction(LogKeyAdopted(key=OLD), record, None)
    record = entries(LogKeyAdopted(key=OLD), LogKeyAdopted(key=NEW), LogKeyRetired(key=OLD))
    with pytest.raises(Contradiction, match="adopted before"):
        contradiction(LogKeyAdopted(key=OLD), record, None)


def test_a_key_is_given_up_once_and_never_the_last() -> None:
    record = entries(LogKeyAdopted(key=OLD), LogKeyAdopted(key=NEW))
    contradiction(LogKeyRetired(key=OLD), record, None)
    contradiction(LogKeyRetired(key=NEW), record, None)
    with pytest.raises(Contradiction, match="not in use"):
        contradiction(LogKeyRetired(key=OTHER), record, None)
    record = entries(LogKeyAdopted(key=OLD), LogKeyAdopted(key=NEW), LogKeyRetired(key=OLD))
    with pytest.raises(Contradiction, match="not in use"):
        contradiction(LogKeyRetired(key=OLD), record, None)
    with pytest.raises(Contradiction, match="only log key in use"):
        contradiction(LogKeyRetired(key=NEW), record, None)


def test_they_are_all_in_one_record() -> None:
    for fact in (LogKeyAdopted(key=OLD), LogKeyRetired(key=NEW)):
        in_its_place(log_id(ORIGIN), fact)
        with pytest.raises(Contradiction, match="subject fixes"):
            in_its_place(UUID(int=1), fact)


@pytest.mark.parametrize(
    "key",
    [
        "",
        ORIGIN,
        OLD[:-1],
        OLD.replace("yinan", "yishui"),
        str(Ed25519Cosigner("w", b"k" * 32).key),
    ],
)
def test_a_key_is_a_key(key: str) -> None:
    with pytest.raises(ValidationError):
        LogKeyAdopted(key=key)

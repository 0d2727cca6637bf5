from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Invalid
from domain.fact import Actor, Entry, Fact, Frozen, Sealed, read_fact

ID = UUID("01900000-0000-7000-8000-000000000001")
NOW = datetime(2024, 5, 3, tzinfo=UTC)


class Note(Frozen):
    words: Sealed


class Noted(Fact, topic="test.sealed_note", zh="记", en="Noted"):
    note: Note
    others: tuple[Sealed, ...] = ()


def _renamed(data: dict[str, Any]) -> dict[str, Any]:
    return {"place": data["where"]}


class Moved(Fact, topic="test.moved_shape", zh="移", en="Moved", schema=2, upcasters={1: _renamed}):
    place: str


def sealed(words: str) -> Sealed:
    return Sealed.close(words, ID, b"0123456789abcdef")


def test_a_sealed_value_opens_only_to_what_was_sealed() -> None:
    closed = Sealed(digest=sealed("张三").digest, subject=ID)
    assert str(closed) == "〔已删除〕"
    assert str(closed.opened("张三", b"0123456789abcdef")) == "张三"
    with pytest.raises(Invalid, match="摘要不符"):
        closed.opened("李四", b"0123456789abcdef")


def test_sealed_values_are_found_wherever_they_stand() -> None:
    fact = Noted(note=Note(words=sealed("甲")), others=(sealed("乙"), sealed("丙")))
    assert {path: value.value for path, value in fact.sealed()} == {
        "note.words": "甲",
        "others.0": "乙",
        "others.1": "丙",
    }


def test_a_topic_is_for_good() -> None:
    with pytest.raises(TypeError, match="declared twice"):

        class Again(Fact, topic="test.sealed_note", zh="又", en="Again"):
            pass


def test_an_old_shape_is_read_as_the_new_one() -> None:
    assert read_fact("test.moved_shape", 1, {"where": "二车间"}) == Moved(place="二车间")
    with pytest.raises(Invalid, match="比本程序新"):
        read_fact("test.moved_shape", 3, {"place": "二车间"})


def test_an_entry_speaks_the_library_too() -> None:
    entry = Entry(
        position=7,
        record=ID,
        version=3,
        recorded=NOW,
        received=NOW,
        tags=(),
        by=Actor(authentication="cli"),
        happened=date(2024, 5, 3),
        command=ID,
        fact=Moved(place="二车间"),
    )
    assert (entry.originator_id, entry.originator_version) == (ID, 3)

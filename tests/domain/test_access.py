"""A token stands for its holder until it is revoked or runs out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.access import TokenIssued, TokenRevoked, holder, token_id
from domain.errors import NotAuthenticated
from domain.fact import Actor, Entry, Fact
from tests.support.book import ident, text

PERSON = ident("赵志强")
ISSUED = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def entries(*facts: Fact) -> list[Entry]:
    return [
        Entry(
            position=version,
            record=token_id("daocha_x"),
            version=version,
            recorded=ISSUED,
            received=ISSUED,
            tags=(),
            by=Actor(authentication="cli"),
            happened=ISSUED,
            command=UUID(int=version),
            fact=fact,
        )
        for version, fact in enumerate(facts, 1)
    ]


def issued(until: datetime | None = None) -> TokenIssued:
    return TokenIssued(person=PERSON, label=text("值班室"), until=until)


def test_it_stands_for_its_holder() -> None:
    assert holder(entries(issued()), ISSUED) == PERSON
    assert holder(entries(issued()), ISSUED + 100_000 * HOUR) == PERSON


def test_it_runs_out_at_the_very_moment() -> None:
    record = entries(issued(ISSUED + HOUR))
    assert holder(record, ISSUED + HOUR - timedelta(microseconds=1)) == PERSON
    with pytest.raises(NotAuthenticated, match="过期"):
        holder(record, ISSUED + HOUR)


def test_a_revoked_one_stands_for_nobody() -> None:
    with pytest.raises(NotAuthenticated, match="吊销"):
        holder(entries(issued(), TokenRevoked(person=PERSON)), ISSUED)


def test_one_that_was_never_issued_stands_for_nobody() -> None:
    with pytest.raises(NotAuthenticated, match="不存在"):
        holder([], ISSUED)
    with pytest.raises(NotAuthenticated, match="不存在"):
        holder(entries(TokenRevoked(person=PERSON)), ISSUED)


def test_its_record_is_made_from_its_digest() -> None:
    assert token_id("daocha_a") != token_id("daocha_b")
    assert token_id("daocha_a") == UUID("7f5b109c-e16b-5770-914a-f5c98dc8f9a6")

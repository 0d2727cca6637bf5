"""Enrolment codes are good once and for a while; the newest password counts, every passkey does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from domain.errors import GateClosed, NotAuthenticated
from domain.fact import Actor, Entry, Fact
from domain.sign_in import (
    CredentialRegistered,
    CredentialRevoked,
    EnrolmentIssued,
    Manner,
    check_vouching,
    credential_record,
    enrolled,
    enrolment_record,
    in_force,
    passkey_tag,
)
from tests.support.book import ident

PERSON, OTHER = ident("赵志强"), ident("钱某")
ISSUED = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
RECORDS = [uuid5(PERSON, str(n)) for n in range(9)]


def entries(*facts: tuple[UUID, Fact]) -> list[Entry]:
    return [
        Entry(
            position=position,
            record=record,
            version=1,
            recorded=ISSUED,
            received=ISSUED,
            tags=tuple(fact.tags()),
            by=Actor(authentication="cli"),
            happened=ISSUED,
            command=UUID(int=position),
            fact=fact,
        )
        for position, (record, fact) in enumerate(facts, 1)
    ]


def issued() -> EnrolmentIssued:
    return EnrolmentIssued(person=PERSON, until=ISSUED + HOUR)


def registered(manner: Manner, person: UUID = PERSON) -> CredentialRegistered:
    return CredentialRegistered(person=person, manner=manner)


def test_a_code_stands_for_its_person_until_it_runs_out() -> None:
    record = entries((RECORDS[0], issued()))
    assert enrolled(record, ISSUED + HOUR / 2) == PERSON
    with pytest.raises(NotAuthenticated, match="登记码无效"):
        enrolled(record, ISSUED + HOUR)


def test_a_code_nobody_issued_stands_for_nobody() -> None:
    with pytest.raises(NotAuthenticated, match="登记码无效"):
        enrolled([], ISSUED)


def test_what_went_wrong_is_not_said() -> None:
    said = []
    for record in ([], entries((RECORDS[0], issued()))):
        with pytest.raises(NotAuthenticated) as refused:
            enrolled(record, ISSUED + HOUR)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_records_follow_from_codes_and_nothing_from_records() -> None:
    assert enrolment_record("A") == enrolment_record("A") != enrolment_record("B")
    assert credential_record(RECORDS[0]) != credential_record(RECORDS[1])


def test_nobody_vouches_for_themself() -> None:
    with pytest.raises(GateClosed):
        check_vouching(issued(), Actor(authentication="password", person=PERSON))
    check_vouching(issued(), Actor(authentication="password", person=OTHER))
    check_vouching(issued(), Actor(authentication="cli"))


def test_the_newest_password_counts_and_every_passkey() -> None:
    known = entries(
        (RECORDS[0], registered(Manner.PASSWORD)),
        (RECORDS[1], registered(Manner.PASSKEY)),
        (RECORDS[2], registered(Manner.PASSKEY)),
        (RECORDS[3], registered(Manner.PASSWORD)),
        (RECORDS[4], registered(Manner.PASSWORD, OTHER)),
    )
    assert set(in_force(known, PERSON)) == {RECORDS[1], RECORDS[2], RECORDS[3]}
    assert set(in_force(known, OTHER)) == {RECORDS[4]}


def test_what_was_revoked_does_not_and_brings_nothing_back() -> None:
    known = entries(
        (RECORDS[0], registered(Manner.PASSWORD)),
        (RECORDS[1], registered(Manner.PASSWORD)),
        (RECORDS[2], registered(Manner.PASSKEY)),
        (RECORDS[1], CredentialRevoked(person=PERSON)),
        (RECORDS[2], CredentialRevoked(person=PERSON)),
    )
    assert in_force(known, PERSON) == {}


def test_a_passkey_is_found_by_what_a_browser_calls_it() -> None:
    fact = CredentialRegistered(person=PERSON, manner=Manner.PASSKEY, credential="5x0kZ3nY")
    assert list(fact.tags()) == [f"person:{PERSON}", passkey_tag("5x0kZ3nY")]
    assert list(registered(Manner.PASSWORD).tags()) == [f"person:{PERSON}"]

"""Accounts: passwords, sessions and attempts, kept where the ledger's roles cannot see them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain.errors import Contradiction, Unavailable
from domain.ledger import Accounts
from domain.ledger.accounts import Account, Budget, OpenSession
from domain.ledger.beside import AUTH
from domain.ledger.schema import WRITER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.ledger import Place

NOW = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def accounts(place: Place) -> Iterator[Accounts]:
    found = Accounts(place.url, place.schema)
    yield found
    found.close()


def account(person: UUID | None = None) -> Account:
    return Account(person or uuid4(), "$argon2id$…", uuid4())


def session(person: UUID, expires: datetime = NOW + 60 * MINUTE) -> OpenSession:
    return OpenSession(person, "password", uuid4(), NOW, expires)


def test_they_are_made_when_they_are_first_needed(accounts: Accounts) -> None:
    assert not accounts.in_use
    assert accounts.find(b"nobody") is None
    assert accounts.in_use


def test_the_ledgers_own_role_cannot_see_them(place: Place, accounts: Accounts) -> None:
    accounts.find(b"nobody")
    query = "SELECT has_schema_privilege(%s, %s, 'USAGE')"
    assert place.sql(query, WRITER, f"{place.schema}_auth") == [(False,)]
    assert place.sql(query, AUTH, f"{place.schema}_auth") == [(True,)]
    assert place.sql(query, AUTH, place.schema) == [(False,)]


def test_whoever_may_not_make_them_is_told_what_to_do(place: Place) -> None:
    name = f"guest_{uuid4().hex[:12]}"
    place.sql(f"CREATE ROLE {name} LOGIN")
    accounts = Accounts(make_conninfo(place.url, user=name), place.schema)
    try:
        with pytest.raises(Unavailable, match="台账之外的表"):
            accounts.find(b"nobody")
    finally:
        accounts.close()
        place.sql(f"DROP ROLE {name}")


def test_another_process_finds_what_one_has_made(place: Place, accounts: Accounts) -> None:
    accounts.keep(b"zhao", mine := account())
    other = Accounts(place.url, place.schema)
    assert other.find(b"zhao") == mine
    other.close()


def test_where_there_is_no_role_of_its_own_nobody_is_let_in(
    place: Place, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.ledger.beside.ensure_role", lambda *_: False)
    with suppress(psycopg.errors.InsufficientPrivilege):  # there may be one from another ledger
        accounts.find(b"nobody")
    query = "SELECT nspacl FROM pg_namespace WHERE nspname = %s"
    assert place.sql(query, f"{place.schema}_auth") == [(None,)]


def test_where_there_is_no_database_it_says_so(place: Place) -> None:
    accounts = Accounts("host=127.0.0.1 port=1 dbname=none", place.schema)
    with pytest.raises(Unavailable):
        accounts.find(b"nobody")
    accounts.close()


def test_where_it_goes_away_meanwhile_it_says_so(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.find(b"nobody")

    def gone() -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(accounts._store, "connection", gone)
    with pytest.raises(Unavailable):
        accounts.find(b"nobody")


def test_a_login_name_leads_to_one_person(accounts: Accounts) -> None:
    mine, theirs = account(), account()
    accounts.keep(b"zhao", mine)
    with pytest.raises(Contradiction, match="已有人使用"):
        accounts.keep(b"zhao", theirs)
    again = account(mine.person)
    accounts.keep(b"zhang", again)
    assert accounts.find(b"zhao") is None
    assert accounts.find(b"zhang") == again
    changed = account(mine.person)
    accounts.change(changed)
    assert accounts.of(mine.person) == changed == accounts.find(b"zhang")
    assert accounts.of(theirs.person) is None


def test_sessions_end_one_by_one_or_all(accounts: Accounts) -> None:
    person = uuid4()
    for number in range(3):
        accounts.begin(bytes([number]), session(person))
    accounts.end(b"\0")
    accounts.end_all(person, but=b"\1")
    assert [accounts.session(bytes([n])) is None for n in range(3)] == [True, False, True]
    accounts.touch(b"\1", NOW + MINUTE)
    accounts.touch(b"\1", NOW)
    found = accounts.session(b"\1")
    assert found is not None
    assert found.seen == NOW + MINUTE


def test_sessions_that_ran_out_are_cleared_away(accounts: Accounts) -> None:
    accounts.begin(b"old", session(uuid4(), NOW - MINUTE))
    accounts.begin(b"new", session(uuid4()))
    assert accounts.session(b"old") is None
    assert accounts.session(b"new") is not None


def test_nothing_is_left_of_somebody_erased(accounts: Accounts) -> None:
    mine = account()
    accounts.keep(b"zhao", mine)
    accounts.begin(b"s", session(mine.person))
    accounts.failed(mine.person, "password", NOW)
    accounts.forget(mine.person)
    assert accounts.of(mine.person) is None
    assert accounts.session(b"s") is None
    assert accounts.untold(NOW, MINUTE) == []


def test_a_challenge_is_good_once_and_shortly(accounts: Accounts) -> None:
    accounts.ask(b"c", NOW, NOW + MINUTE)
    accounts.ask(b"d", NOW, NOW + MINUTE)
    assert accounts.asked(b"c", NOW)
    assert not accounts.asked(b"c", NOW)
    assert not accounts.asked(b"d", NOW + MINUTE)
    assert not accounts.asked(b"e", NOW)


def test_attempts_come_back_with_time(accounts: Accounts) -> None:
    budget = [Budget(b"k", 2, MINUTE)]
    assert [accounts.wait(budget, NOW) for _ in range(2)] == [0, 0]
    assert 0 < accounts.wait(budget, NOW) <= 60
    assert accounts.wait(budget, NOW + MINUTE) == 0
    assert accounts.wait(budget, NOW + MINUTE) > 0
    assert [accounts.wait(budget, NOW + 60 * MINUTE) == 0 for _ in range(3)] == [True, True, False]


def test_a_clock_set_back_gives_none_away(accounts: Accounts) -> None:
    budget = [Budget(b"k", 1, MINUTE)]
    assert accounts.wait(budget, NOW) == 0
    assert accounts.wait(budget, NOW - 60 * MINUTE) > 0
    assert accounts.wait(budget, NOW + MINUTE / 2) > 0


def test_one_that_is_refused_takes_nothing_from_the_others(accounts: Accounts) -> None:
    empty, full = Budget(b"empty", 1, MINUTE), Budget(b"full", 1, MINUTE)
    accounts.wait([empty], NOW)
    assert accounts.wait([full, empty], NOW) > 0
    assert accounts.wait([full], NOW) == 0


def test_a_good_one_is_given_back_but_never_more(accounts: Accounts) -> None:
    budget = [Budget(b"k", 1, MINUTE)]
    accounts.wait(budget, NOW)
    accounts.give_back(budget)
    accounts.give_back(budget)
    assert [accounts.wait(budget, NOW) == 0 for _ in range(2)] == [True, False]


def test_counts_that_nobody_needs_are_removed(accounts: Accounts) -> None:
    accounts.wait([Budget(b"k", 1, MINUTE)], NOW)
    accounts.tidy(NOW + MINUTE)
    assert accounts.wait([Budget(b"k", 1, MINUTE)], NOW) == 0


def test_failures_are_told_together_and_not_too_often(accounts: Accounts) -> None:
    person = uuid4()
    for who in (person, person, None):
        accounts.failed(who, "password", NOW)
    told = {each.person: each.attempts for each in accounts.untold(NOW, MINUTE)}
    assert told == {person: 2, None: 1}
    accounts.failed(person, "password", NOW + MINUTE / 2)
    assert accounts.untold(NOW + MINUTE / 2, MINUTE) == []
    (later,) = accounts.untold(NOW + MINUTE, MINUTE)
    assert (later.attempts, later.since) == (1, NOW + MINUTE / 2)
    assert accounts.untold(NOW + 9 * MINUTE, MINUTE) == []

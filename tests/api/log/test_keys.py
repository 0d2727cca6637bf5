"""The log's key: made once, kept private, replaced without a gap."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.log.keys import FILE, LogKeys, ensure, retire, rotate, signers
from domain.errors import Contradiction, Invalid, NotFound, Unavailable
from domain.fact import Actor
from domain.ledger import Ledger
from domain.log import adopted, in_use, log_id
from domain.proof.note import NoteSigner
from tests.support.ledger import NOW, ORIGIN, Place, command, draft

CLI = Actor(authentication="cli")


def now() -> datetime:
    return datetime.now(UTC)


def keys_of(place: Place, given: str = "") -> LogKeys:
    return LogKeys(place.keys, ORIGIN, given)


def using(ledger: Ledger) -> list[str]:
    return in_use(ledger.record(log_id(ORIGIN)))


def test_the_first_key_is_made_and_is_a_fact(place: Place, ledger: Ledger) -> None:
    keys = keys_of(place)
    made = ensure(ledger, keys, now=now(), random=os.urandom)
    assert using(ledger) == [made] == list(keys.at_hand())
    assert made is not None
    assert made.startswith(f"{ORIGIN}+")
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert keys.is_private()
    (entry,) = ledger.record(log_id(ORIGIN))
    assert entry.by.authentication == "system"
    assert ensure(ledger, keys, now=now(), random=os.urandom) is None
    assert ledger.head().position == 2


def test_many_may_start_at_once(place: Place, ledger: Ledger) -> None:
    def start(_: int) -> str | None:
        return ensure(ledger, keys_of(place), now=now(), random=os.urandom)

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(start, range(6))) - {None}
    assert len(made) == 1
    assert set(using(ledger)) == made
    assert len(keys_of(place).at_hand()) == 1


def test_a_second_machine_makes_no_second_key(place: Place, ledger: Ledger, tmp_path: Path) -> None:
    made = ensure(ledger, keys_of(place), now=now(), random=os.urandom)
    elsewhere = LogKeys(tmp_path / "elsewhere", ORIGIN)
    assert ensure(ledger, elsewhere, now=now(), random=os.urandom) is None
    assert elsewhere.at_hand() == {}
    assert made is not None
    with pytest.raises(Unavailable, match=made.split("+")[1]) as caught:
        signers(ledger, elsewhere)
    assert "DAOCHA_LOG_KEY" in caught.value.todo_zh


def test_a_key_from_the_environment_is_adopted_and_kept_nowhere(
    place: Place, ledger: Ledger
) -> None:
    signer = NoteSigner(ORIGIN, os.urandom(32))
    keys = keys_of(place, signer.secret)
    assert ensure(ledger, keys, now=now(), random=os.urandom) == str(signer.key)
    assert not keys.path.exists()
    assert [each.key for each in signers(ledger, keys)] == [signer.key]


@pytest.mark.parametrize("text", ["nonsense", "PRIVATE+KEY+x", "PRIVATE+KEY+x+00000000+AAAA"])
def test_what_is_no_private_key_is_refused(place: Place, ledger: Ledger, text: str) -> None:
    with pytest.raises(Invalid):
        ensure(ledger, keys_of(place, text), now=now(), random=os.urandom)
    assert ledger.head().position == 1


def test_another_log_s_key_is_refused(place: Place, ledger: Ledger) -> None:
    other = NoteSigner("test.example/other", os.urandom(32))
    with pytest.raises(Contradiction, match="belongs to"):
        ensure(ledger, keys_of(place, other.secret), now=now(), random=os.urandom)


def test_one_key_replaces_another(place: Place, ledger: Ledger) -> None:
    keys = keys_of(place)
    old = ensure(ledger, keys, now=now(), random=os.urandom)
    new = rotate(ledger, keys, now=now(), random=os.urandom, by=CLI)
    assert [str(each.key) for each in signers(ledger, keys)] == [old, new]
    assert old is not None
    with pytest.raises(NotFound, match="has no key"):
        retire(ledger, "00000000", now=now(), by=CLI)
    assert retire(ledger, old.split("+")[1], now=now(), by=CLI) == old
    assert [str(each.key) for each in signers(ledger, keys)] == [new]
    with pytest.raises(Contradiction, match="only log key in use"):
        retire(ledger, new, now=now(), by=CLI)
    assert adopted(ledger.record(log_id(ORIGIN))) == [old, new]


def test_a_key_at_hand_that_never_served_is_the_next(place: Place, ledger: Ledger) -> None:
    ensure(ledger, keys_of(place), now=now(), random=os.urandom)
    signer = NoteSigner(ORIGIN, os.urandom(32))
    keys = keys_of(place, signer.secret)
    assert rotate(ledger, keys, now=now(), random=os.urandom, by=CLI) == str(signer.key)
    assert len(keys_of(place).at_hand()) == 1


def test_a_file_that_cannot_be_used_is_told(place: Place, ledger: Ledger) -> None:
    (place.keys / FILE).mkdir()
    with pytest.raises(Unavailable, match=FILE):
        ensure(ledger, keys_of(place), now=now(), random=os.urandom)


def test_a_file_that_others_can_read_is_noticed(place: Place, ledger: Ledger) -> None:
    keys = keys_of(place)
    ensure(ledger, keys, now=now(), random=os.urandom)
    keys.path.chmod(0o640)
    assert not keys.is_private()


def test_a_simulated_clock_is_not_moved(place: Place) -> None:
    place.drop()
    place.keys = place.keys.with_name("simulated")
    place.create("simulated", opened=NOW)
    with place.open() as ledger:
        ensure(ledger, keys_of(place), now=now(), random=os.urandom)
        assert ledger.head().recorded == NOW
        ledger.append(command(draft(), recorded=NOW))

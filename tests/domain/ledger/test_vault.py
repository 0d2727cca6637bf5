"""The vault: values can be read with their key, and by nobody without it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.errors import Contradiction, Unavailable
from domain.fact import Sealed
from domain.ledger import KeyStore, Vault
from tests.support.ledger import ORIGIN, sealed
from tests.support.processes import make_keys


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KeyStore]:
    made = KeyStore.create(tmp_path / "keys", ORIGIN, os.urandom)
    yield made
    made.close()


@pytest.fixture
def vault(store: KeyStore) -> Vault:
    return Vault(store, os.urandom)


def test_what_is_sealed_can_be_opened(vault: Vault) -> None:
    people = [uuid4(), uuid4()]
    values = [sealed("张三", people[0]), sealed("", people[1]), sealed("李四", people[0])]
    boxes = vault.seal(values)
    assert all("张三".encode() not in box for box in boxes)
    opened = vault.open(list(zip(values, boxes, strict=True)))
    assert opened == [(value.value, value.salt) for value in values]


def test_a_closed_value_cannot_be_sealed(vault: Vault) -> None:
    with pytest.raises(ValueError, match="only an open value"):
        vault.seal([Sealed(digest="0" * 64, subject=uuid4())])


def test_what_is_forgotten_cannot_be_opened_even_with_a_new_key(vault: Vault) -> None:
    person, other = uuid4(), uuid4()
    values = [sealed("张三", person), sealed("李四", other)]
    boxes = vault.seal(values)
    vault.forget(person)
    assert vault.open(list(zip(values, boxes, strict=True))) == [
        None,
        (values[1].value, values[1].salt),
    ]
    again = sealed("张三回来了", person)
    (box,) = vault.seal([again])
    assert vault.open([(values[0], boxes[0]), (again, box)]) == [None, (again.value, again.salt)]


@pytest.mark.parametrize("change", ["digest", "flipped", "short", "empty"])
def test_a_box_that_was_tampered_with_stays_closed(vault: Vault, change: str) -> None:
    person = uuid4()
    value = sealed("张三", person)
    (box,) = vault.seal([value])
    if change == "digest":
        value = sealed("李四", person)
    box = {"flipped": box[:-1] + bytes([box[-1] ^ 1]), "short": box[:9], "empty": b""}.get(
        change, box
    )
    assert vault.open([(value, box)]) == [None]


def test_a_deleted_key_leaves_no_byte_on_disk(store: KeyStore, tmp_path: Path) -> None:
    people = [uuid4() for _ in range(50)]
    keys = store.ensure(people, os.urandom)

    def on_disk(key: bytes) -> bool:
        return any(key in file.read_bytes() for file in (tmp_path / "keys").iterdir())

    assert on_disk(keys[people[7]])
    store.delete(people[7])
    assert not on_disk(keys[people[7]])
    assert store.find(people).keys() == set(people) - {people[7]}


def test_a_busy_store_says_that_the_bytes_may_remain(
    store: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = uuid4()
    store.ensure([person], os.urandom)
    store._file.execute("PRAGMA busy_timeout = 50")
    reader = sqlite3.connect(store.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM key").fetchall()
    with pytest.raises(Unavailable, match="not yet wiped"):
        store.delete(person)
    assert store.find([person]) == {}
    reader.close()
    store.delete(person)


def test_many_subjects_at_once(store: KeyStore) -> None:
    people = [uuid4() for _ in range(1200)]
    made = store.ensure(people, os.urandom)
    assert len(set(made.values())) == 1200
    assert store.find(people) == made
    assert store.ensure(people, os.urandom) == made


def test_a_half_made_batch_of_keys_is_no_batch(store: KeyStore) -> None:
    calls = iter([b"k" * 32])
    with pytest.raises(StopIteration):
        store.ensure([uuid4(), uuid4()], lambda _: next(calls))
    assert store._file.execute("SELECT count(*) FROM key").fetchone() == (0,)


def test_processes_agree_on_the_keys(store: KeyStore, tmp_path: Path) -> None:
    people = [UUID(int=n) for n in range(200)]
    with get_context("spawn").Pool(4) as pool:
        found = pool.starmap(make_keys, [(tmp_path / "keys", ORIGIN, people)] * 4)
    assert all(each == found[0] for each in found)
    assert store.find(people) == found[0]


def test_keyed_digests_need_the_store(vault: Vault, tmp_path: Path) -> None:
    other = Vault(KeyStore.create(tmp_path / "other", ORIGIN, os.urandom), os.urandom)
    assert vault.keyed_digest(b"row") == vault.keyed_digest(b"row")
    assert len(vault.keyed_digest(b"row")) == 32
    assert vault.keyed_digest(b"row") != other.keyed_digest(b"row")
    assert vault.keyed_digest(b"row") != vault.keyed_digest(b"rows")
    assert vault.fingerprint != other.fingerprint


def test_a_store_is_found_again(store: KeyStore, tmp_path: Path) -> None:
    again = KeyStore.create(tmp_path / "keys", ORIGIN, os.urandom)
    opened = KeyStore.open(tmp_path / "keys", ORIGIN)
    prints = {Vault(each, os.urandom).fingerprint for each in (store, again, opened)}
    assert len(prints) == 1


def test_a_store_belongs_to_one_ledger(store: KeyStore, tmp_path: Path) -> None:
    for find in (KeyStore.open, lambda path, origin: KeyStore.create(path, origin, os.urandom)):
        with pytest.raises(Contradiction, match=ORIGIN):
            find(tmp_path / "keys", "test.example/other")


def test_only_the_owner_may_look(store: KeyStore) -> None:
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_a_missing_store_is_never_made_in_silence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no key store"):
        KeyStore.open(tmp_path, ORIGIN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_an_unreadable_store_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys.sqlite3").write_bytes(content)
    with pytest.raises(Unavailable, match="cannot be used"):
        KeyStore.open(tmp_path, ORIGIN)


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"):
        KeyStore.create(tmp_path / "file" / "keys", ORIGIN, os.urandom)


def test_a_store_whose_making_was_broken_off_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "keys.sqlite3").write_bytes(b"")
    assert KeyStore.create(tmp_path, ORIGIN, os.urandom).find([uuid4()]) == {}


def test_a_closed_store(store: KeyStore) -> None:
    store.close()
    with pytest.raises(Unavailable, match="cannot be used"):
        store.find([uuid4()])

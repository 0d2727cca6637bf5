from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from api.witness.keys import make_keys, read_keys
from api.witness.state import State
from domain.errors import Conflict, Invalid, NotFound, Unavailable
from domain.fact import leaf_hash
from domain.proof.cosignature import ED25519_COSIGNATURE, ML_DSA_44, Ed25519Cosigner, MlDsaCosigner
from domain.proof.witness import NOTHING, Accepted, Head, decide
from tests.support.logs import LOG, History

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = History([leaf_hash(b"%d" % n) for n in range(20)])
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BOTH = [ED25519_COSIGNATURE, ML_DSA_44]


def random(count: int) -> bytes:
    return bytes(range(count))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    state = State.make(tmp_path / "witness.sqlite")
    state.add_log(str(LOG.key))
    state.close()
    return tmp_path / "witness.sqlite"


def accepted(state: State, old: int, size: int) -> Accepted:
    decision = decide(HISTORY.request(old, size), state.logs(), state.latest)
    assert isinstance(decision, Accepted)
    return decision


def test_what_was_advanced_is_there_for_every_process(file: Path) -> None:
    one, other = State(file), State(file)
    assert other.latest(LOG.key.name) == NOTHING
    one.advance(accepted(one, 0, 5), lambda: TIME)
    assert other.latest(LOG.key.name) == Head(5, HISTORY.root(5))
    one.close()
    other.close()


def test_only_the_first_of_two_decisions_upon_one_head_holds(file: Path) -> None:
    one, other = State(file), State(file)
    first, second = accepted(one, 0, 5), accepted(other, 0, 7)
    one.advance(first, lambda: TIME)
    with pytest.raises(Conflict):
        other.advance(second, lambda: TIME)
    assert other.latest(LOG.key.name).size == 5
    one.close()
    other.close()


def test_a_note_of_a_smaller_tree_is_not_kept(file: Path) -> None:
    state = State(file)
    first = accepted(state, 0, 5)
    state.advance(first, lambda: TIME)
    second = accepted(state, 5, 7)
    state.advance(second, lambda: TIME)
    state.keep(second, b"seven")
    state.keep(first, b"five")
    assert state.notes() == {LOG.key.name: b"seven"}
    state.close()


def test_it_is_on_the_disk_before_it_is_signed(file: Path) -> None:
    state = State(file)
    connection = state._database
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    state.close()


def test_a_memory_that_cannot_be_written_signs_nothing(file: Path) -> None:
    state = State(file)
    decision = accepted(state, 0, 5)
    state._database.execute("PRAGMA query_only=ON")
    with pytest.raises(Unavailable):
        state.advance(decision, lambda: TIME)
    state.close()


def test_a_witness_without_its_memory_does_not_begin_again(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="memory is not there"):
        State(tmp_path / "witness.sqlite")
    (tmp_path / "witness.sqlite").touch()
    with pytest.raises(Invalid, match="not a witness's memory"):
        State(tmp_path / "witness.sqlite")


def test_a_memory_is_not_made_twice(file: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        State.make(file)


@pytest.mark.parametrize("vkey", ["nonsense", f"{LOG.key}x", "a b+00000000+AQ=="])
def test_a_log_is_named_by_a_good_key(file: Path, vkey: str) -> None:
    state = State(file)
    with pytest.raises(Invalid):
        state.add_log(vkey)
    assert list(state.logs()) == [LOG.key.name]
    state.close()


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    make_keys(file, "city.example/witness", BOTH, random)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(Invalid, match="there is a witness here already"):
        make_keys(file, "city.example/witness", BOTH, random)
    ed, ml = read_keys(file)
    assert str(ed.key) == str(Ed25519Cosigner("city.example/witness", random(32)).key)
    assert str(ml.key) == str(MlDsaCosigner("city.example/witness", random(32)).key)


def test_keys_that_are_not_there_or_were_changed(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    with pytest.raises(NotFound):
        read_keys(file)
    make_keys(file, "city.example/witness", [ED25519_COSIGNATURE], random)
    good = file.read_text("utf-8")
    for broken in (
        good.replace("city", "town"),
        good.replace("PRIVATE", "PUBLIC"),
        f"{LOG.secret}\n",
        "\n",
    ):
        file.write_text(broken, "utf-8")
        with pytest.raises(Invalid):
            read_keys(file)


def test_a_name_that_cannot_name_a_key(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        make_keys(tmp_path / "keys", "two words", [ED25519_COSIGNATURE], random)
    assert not (tmp_path / "keys").exists()

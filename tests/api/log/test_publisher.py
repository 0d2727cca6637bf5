"""What is signed is true of the ledger, is never taken back, and is published within a second."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from api.log import publisher as publisher_module
from api.log.keys import LogKeys, retire, rotate
from api.log.publisher import Publisher, Standing
from api.log.signed import FILE, NewestSigned, Rewritten
from domain.errors import Contradiction, DaochaError, Unavailable
from domain.fact import Actor, leaf_hash
from domain.ledger import Ledger
from domain.ledger.checkpoints import Leader
from domain.proof.checkpoint import Checkpoint
from domain.proof.merkle import root_of
from domain.proof.note import NoteSigner, write_note
from projections.log import Log, Tiles
from projections.runner import Runner
from tests.support.ledger import ORIGIN, Noted, Place, command, draft

if TYPE_CHECKING:
    from tests.api.log.conftest import Desk

SPAWN = get_context("spawn")
CLI = Actor(authentication="cli")


def test_a_checkpoint_is_of_all_facts_and_signed(desk: Desk, key: str) -> None:
    desk.note(5)
    assert desk.publish() == 7
    hashes = [leaf_hash(raw.leaf) for raw in desk.ledger.range_raw(0, 10)]
    assert desk.opened(key) == Checkpoint(ORIGIN, 7, root_of(hashes))
    assert desk.publish() is None, "there is nothing new"
    desk.note()
    assert desk.publish() == 8
    assert [desk.opened(key).size, desk.latest().number] == [8, 2]


def test_both_keys_sign_while_one_is_replaced(desk: Desk, key: str) -> None:
    desk.publish()
    now = datetime.now(UTC)
    new = rotate(desk.ledger, desk.keys, now=now, random=os.urandom, by=CLI)
    assert desk.publish() == 2, "the tiles have not moved, but a signature was wanting"
    assert desk.latest().number == 2
    desk.opened(key, new)
    assert desk.publish() is None
    retire(desk.ledger, key, now=now, by=CLI)
    desk.runner.catch_up()
    assert desk.publish() == 4
    desk.opened(new)
    with pytest.raises(DaochaError):
        desk.opened(key)


def test_a_key_that_is_not_at_hand_stops_it(desk: Desk) -> None:
    desk.keys.path.unlink()
    with pytest.raises(Unavailable, match="not on this machine"):
        desk.publish()
    assert desk.ledger.checkpoints.latest() is None


# The log never takes back what it signed


def sign_and_die(place: Place) -> None:
    """Sign a checkpoint and be killed before it is stored."""

    def die(self: Leader, size: int, root: bytes, note: bytes) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    Leader.store = die  # type: ignore[method-assign]
    keys = LogKeys(place.keys, ORIGIN)
    with place.open() as ledger, ledger.checkpoints.leading() as leader:
        assert leader is not None
        publisher_module.Press(ledger, keys, place.keys / "log.policy").publish(leader)


def test_killed_between_signing_and_storing(desk: Desk, key: str) -> None:
    desk.note(3)
    process = SPAWN.Process(target=sign_and_die, args=(desk.place,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    signed = NewestSigned(desk.keys).read()
    assert signed is not None
    assert signed.size == 5
    assert desk.ledger.checkpoints.latest() is None
    assert desk.publish() == 5
    assert desk.opened(key) == signed


def forget_checkpoints(desk: Desk) -> None:
    desk.as_superuser("TRUNCATE S.checkpoint")


def test_an_old_backup_is_not_signed(desk: Desk) -> None:
    desk.note(3)
    desk.publish()
    desk.as_superuser("DELETE FROM S.fact WHERE position > 3")
    desk.rebuild()
    for forget in (False, True):
        if forget:
            forget_checkpoints(desk)
        with pytest.raises(Rewritten, match="facts 1 to 5 were signed, it holds 3") as caught:
            desk.publish()
        assert caught.value.where == "5"
        assert "缺第 4 条起" in caught.value.zh
    assert desk.ledger.checkpoints.latest() is None


def test_a_backup_from_before_the_key_is_not_begun_anew(desk: Desk) -> None:
    """Nothing is added to it, the adoption of the very same key neither."""
    desk.note(3)
    desk.publish()
    desk.as_superuser(
        "TRUNCATE S.checkpoint, S.command; DELETE FROM S.fact WHERE position > 1;"
        "DELETE FROM S.tag WHERE position > 1"
    )
    with publishing(desk.place) as (ledger, _, publisher):
        assert "facts 1 to 5 were signed, it holds 1" in problem_of(publisher)
        assert ledger.head().position == 1


def test_an_old_backup_that_was_written_on_is_not_signed(desk: Desk) -> None:
    """As many facts as before, and more, but others."""
    desk.note(3)
    desk.publish()
    desk.as_superuser(
        "DELETE FROM S.fact WHERE position > 3; DELETE FROM S.tag WHERE position > 3;"
        "TRUNCATE S.checkpoint, S.command"
    )
    desk.note(2)
    desk.rebuild()
    with pytest.raises(Rewritten, match="facts 1 to 5 are not those"):
        desk.publish()
    desk.note(7)
    with pytest.raises(Rewritten, match="facts 1 to 5 are not those"):
        desk.publish()


def test_rewritten_history_is_told_with_the_place(desk: Desk) -> None:
    for _ in range(6):
        desk.note(10)
        desk.publish()
    desk.as_superuser(
        "UPDATE S.fact SET leaf = leaf || convert_to(' ', 'UTF8') WHERE position = 35"
    )
    desk.rebuild()
    with pytest.raises(Rewritten) as caught:
        desk.publish()
    assert "facts 1 to 62 are not those that were signed; 1 to 32 agree" in caught.value.en
    assert caught.value.where == "62"
    desk.as_superuser(
        "UPDATE S.fact SET leaf = substr(leaf, 1, length(leaf) - 1) WHERE position = 35"
    )
    desk.rebuild()
    desk.note()
    assert desk.publish() == 63, "restored, it goes on by itself"


def test_rewritten_before_anything_that_was_published(desk: Desk) -> None:
    desk.note(3)
    desk.publish()
    desk.as_superuser("UPDATE S.fact SET leaf = leaf || '\\x20'::bytea WHERE position = 1")
    desk.rebuild()
    with pytest.raises(Rewritten, match="1 to 0 agree"):
        desk.publish()


def test_tampered_tiles_are_not_signed(desk: Desk) -> None:
    desk.note(3)
    desk.publish()
    desk.note()
    desk.change_tiles("UPDATE tile SET hashes = '\\x00'::bytea || substr(hashes, 2)")
    with pytest.raises(Rewritten, match="rebuild") as caught:
        desk.publish()
    assert "daocha rebuild" in caught.value.todo_zh
    desk.rebuild()
    assert desk.publish() == 6


def test_tiles_that_lag_behind_are_no_rollback(desk: Desk) -> None:
    desk.note(3)
    desk.publish()
    desk.change_tiles("DELETE FROM tile")
    assert desk.publish() is None
    desk.rebuild()
    desk.note()
    assert desk.publish() == 6


def test_nothing_is_signed_before_the_tree_holds_the_key(
    place: Place, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Log, "size", lambda _: 1)
    assert desk.publish() is None
    monkeypatch.undo()
    assert desk.publish() == 2


@pytest.mark.parametrize("how", ["another key", "another tree"])
def test_a_checkpoint_that_is_not_ours_is_noticed(desk: Desk, how: str) -> None:
    desk.note(3)
    desk.publish()
    if how == "another key":
        text = Checkpoint(ORIGIN, 5, desk.latest().root).text
        note = write_note(text, [NoteSigner(ORIGIN, os.urandom(32)).sign(text)])
        desk.as_superuser("UPDATE S.checkpoint SET note = %s", note)
    else:
        desk.as_superuser("UPDATE S.checkpoint SET size = 4")
    with pytest.raises(Contradiction, match="was not signed by this log"):
        desk.publish()


def test_the_memory_of_what_was_signed(desk: Desk) -> None:
    signed = NewestSigned(desk.keys)
    assert signed.read() is None
    desk.note(3)
    desk.publish()
    head = signed.read()
    assert head is not None
    assert head.size == 5
    assert signed.path.stat().st_mode & 0o777 == 0o600
    for content in (b"", b"nonsense", b"\xff", Checkpoint("other", 5, head.root).text.encode()):
        signed.path.write_bytes(content)
        with pytest.raises(Contradiction, match="does not hold what this log signed"):
            desk.publish()
    signed.path.unlink()
    desk.note()
    assert desk.publish() == 6, "then what was published is what it goes by"
    assert signed.read() is not None


def test_nothing_is_signed_that_cannot_be_noted(desk: Desk) -> None:
    (desk.keys.directory / FILE).with_suffix(".head.new").mkdir()
    with pytest.raises(Unavailable):
        desk.publish()
    assert desk.ledger.checkpoints.latest() is None


# The thread


@contextmanager
def publishing(place: Place) -> Iterator[tuple[Ledger, Runner, Publisher]]:
    """A process that keeps tiles and publishes."""
    with ExitStack() as stack:
        ledger = stack.enter_context(place.open())
        runner = stack.enter_context(Runner(place.url, [Tiles()], schema=place.schema))
        publisher = Publisher(
            ledger,
            runner,
            LogKeys(place.keys, ORIGIN),
            place.keys / "log.policy",
            now=lambda: datetime.now(UTC),
            random=os.urandom,
        )
        stack.enter_context(publisher)
        yield ledger, runner, publisher


def wait_for(ledger: Ledger, size: int, seconds: float = 30) -> None:
    deadline = monotonic() + seconds
    while not ledger.checkpoints.covering(size):
        assert monotonic() < deadline, f"no checkpoint of {size}"
        sleep(0.01)


def problem_of(publisher: Publisher) -> str:
    """Wait until something keeps it from publishing, and return what."""
    deadline = monotonic() + 30
    while not (problem := publisher.standing.problem):
        assert monotonic() < deadline, "nothing keeps it from publishing"
        sleep(0.01)
    return str(problem)


def note(ledger: Ledger, facts: int = 1) -> int:
    drafts = [draft(fact=Noted(number=n)) for n in range(facts)]
    return ledger.append(command(*drafts)).positions[-1]


def test_it_publishes_what_comes_in(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    with publishing(place) as (ledger, _, publisher):
        for _ in range(3):
            wait_for(ledger, note(ledger))
        assert publisher.standing.leads
        assert publisher.standing.problem is None
    assert "adopted the log's first key" in caplog.text


def test_a_burst_makes_few_checkpoints(place: Place) -> None:
    with publishing(place) as (ledger, _, _):
        wait_for(ledger, 2)
        began = monotonic()
        for _ in range(200):
            last = note(ledger)
        wait_for(ledger, last)
        seconds = monotonic() - began
        latest = ledger.checkpoints.latest()
        assert latest is not None
        assert latest.number <= 3 + seconds / publisher_module._APART


def test_one_leads_and_another_takes_over(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_module, "_STANDBY", 0.05)
    with ExitStack() as second:
        with publishing(place) as (ledger, _, first):
            wait_for(ledger, 2)
            other, _, publisher = second.enter_context(publishing(place))
            for _ in range(5):
                wait_for(ledger, note(ledger))
            assert [first.standing.leads, publisher.standing.leads] == [True, False]
        wait_for(other, note(other))
        assert [first.standing.leads, publisher.standing.leads][1]
        rows = place.sql("SELECT number, size, root FROM S.checkpoint ORDER BY number")
        assert [number for number, *_ in rows] == list(range(1, len(rows) + 1))
        sizes = [size for _, size, _ in rows]
        assert sizes == sorted(sizes)
        log = Log(other)
        assert all(log.root(size) == bytes(root) for _, size, root in rows)


def test_a_lost_lead_is_found_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_module, "_FIRST_PAUSE", 0.05)
    with publishing(place) as (ledger, _, _):
        wait_for(ledger, 2)
        for _ in range(3):
            place.sql(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'"
                " AND objid = 'S.checkpoint'::regclass::oid"
            )
            wait_for(ledger, note(ledger))


def test_what_keeps_it_from_publishing_is_told_once_and_passes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(publisher_module, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(publisher_module, "_LONGEST_PAUSE", 0.05)
    kept = desk.keys.path.rename(desk.keys.path.with_suffix(".away"))
    with publishing(desk.place) as (ledger, _, publisher):
        note(ledger)
        assert "not on this machine" in problem_of(publisher)
        sleep(0.3)
        assert caplog.text.count("not publishing") == 1
        kept.rename(desk.keys.path)
        wait_for(ledger, 3)
        sleep(0.1)
        assert publisher.standing == Standing(leads=True, problem=None)
    assert "publishing again" in caplog.text


def test_a_fault_of_ours_does_not_end_it_in_silence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(publisher_module, "_LONGEST_PAUSE", 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(publisher_module.Press, "publish", lambda *_: 1 / 0)
        with publishing(desk.place) as (ledger, _, publisher):
            assert "ZeroDivisionError" in problem_of(publisher)
            patch.undo()
            wait_for(ledger, 2)

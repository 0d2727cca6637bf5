"""The publisher 公布: signs what the tree has come to, lets witnesses see it, and publishes it.

It runs in a thread of every server process; one of them leads, by a lock in the database. When the
tiles have moved it signs their newest root at once, and then not again for half a second: a fact is
published within a second; a burst makes two checkpoints a second, however many facts it has.

In this order: the tree must begin with the newest published one and with the newest ever signed
from this machine; that it is about to be signed is noted on the disk; it is signed; the witnesses
cosign; it is stored. Killed anywhere in between, the next attempt finds all of it consistent.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Self

from api.log.keys import ensure, signers
from api.log.signed import NewestSigned, Rewritten, compare, rewritten, rolled_back
from api.log.witnesses import Collected, Witnesses, policy_of, policy_text
from domain.errors import Contradiction, DaochaError, Invalid, NotProved, Unavailable
from domain.log import adopted, log_id
from domain.proof.checkpoint import Checkpoint, open_checkpoint
from domain.proof.note import NoteVerifier, open_note, write_note
from domain.proof.trust import NONE, Trust
from projections.log import Log, Tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from api.log.keys import LogKeys
    from domain.ledger import Ledger, Published
    from domain.ledger.checkpoints import Leader
    from domain.proof.note import NoteSigner
    from projections.runner import Runner

_log = logging.getLogger("daocha.log")

_APART = 0.5
"""Seconds between two checkpoints, at least."""
_LOOK = 5.0
"""Seconds after which the leader looks by itself: at what was signed, at keys and policy."""
_STANDBY = 1.0
"""Seconds after which one that does not lead tries again."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How publishing goes in this process: whether it leads, and what keeps it from publishing."""

    leads: bool
    problem: DaochaError | None


class Press:
    """Makes one checkpoint at a time. To be closed.

    Args:
        ledger: whose log it is.
        keys: the private keys at hand.
        policy: the file that says which witnesses must cosign; none need be there.
    """

    def __init__(self, ledger: Ledger, keys: LogKeys, policy: Path) -> None:
        self._ledger = ledger
        self._keys = keys
        self._policy_file = policy
        self._policy_text: str | None = None
        self._witnesses = Witnesses(Trust(NONE))
        self.log = Log(ledger)
        self.signed = NewestSigned(keys)

    def close(self) -> None:
        """Close the connections to witnesses."""
        self._witnesses.close()

    def publish(self, leader: Leader) -> int | None:
        """Publish what the tiles have come to; return its size, or None if all of it is published.

        Raises:
            Rewritten: the ledger no longer holds what was signed.
            Contradiction: the newest checkpoint in the database is not one of this log's.
            Unavailable: a key, a witness or the database is out of reach.
        """
        signing = signers(self._ledger, self._keys)
        self._read_policy()
        latest = self.latest()
        head = self.examine(latest)
        if head is None or (latest is not None and self._is_whole(latest, head, signing)):
            return None
        if head.size < self._begun():
            return None
        self.signed.advance(head, self._prover(head.size))
        own = [signer.sign(head.text) for signer in signing]
        collected = self._collect(head, write_note(head.text, own))
        note = write_note(head.text, [*own, *collected.cosignatures.values()])
        leader.store(head.size, head.root, note)
        return head.size

    def _begun(self) -> int:
        """Return where the log's first key was adopted: every checkpoint holds that fact.

        So whoever reads the log from its beginning knows the key before anything signed by it, also
        where a ledger was written first and its tiles are still catching up.
        """
        return self._ledger.record(log_id(self.log.origin))[0].position

    def latest(self) -> Published | None:
        """Return the newest published checkpoint.

        Raises:
            Contradiction: no key of this log ever signed it, or it does not say what it is said to.
        """
        found = self.log.latest()
        if found is not None:
            keys = adopted(self._ledger.record(log_id(self.log.origin)))
            try:
                head, _ = open_checkpoint(
                    found.note, self.log.origin, [NoteVerifier.read(key) for key in keys]
                )
            except Invalid as error:
                raise _not_ours(found) from error
            if (head.size, head.root) != (found.size, found.root):
                raise _not_ours(found)
        return found

    def examine(self, latest: Published | None) -> Checkpoint | None:
        """Return the head of the tree as it is now, having compared it with all that was signed.

        None where the tiles are still being made.

        Args:
            latest: the newest published checkpoint.

        Raises:
            Rewritten: it does not begin with what was published, or signed from this machine.
        """
        origin, size = self.log.origin, self.log.size()
        known = [Checkpoint(origin, latest.size, latest.root)] if latest else []
        known += [head for head in [self.signed.read()] if head]
        largest = max([head.size for head in known], default=0)
        if size < max(1, largest):
            held = self._ledger.head().position
            if held < largest:
                raise rolled_back(largest, held)
            return None
        now = Checkpoint(origin, size, self.log.root(size))
        for head in known:
            try:
                compare(head, now, self._prover(size))
            except Rewritten as error:
                raise rewritten(head.size, self._agreed(head.size)) from error
        return now

    def _prover(self, size: int) -> Callable[[int], list[bytes]]:
        """Return what proves that the tree of ``size`` begins with that of another size."""
        return lambda old: self.log.consistency(old, size) if old else []

    def _agreed(self, below: int) -> int:
        """Return the size of the largest published tree with which the tiles agree; 0 for none."""
        agreed, disagreed = 0, below
        while agreed < disagreed:
            middle = self._ledger.checkpoints.below((agreed + disagreed) // 2 + 1)
            if middle is None or middle.size <= agreed:
                middle = self._ledger.checkpoints.covering(agreed + 1)
            if middle is None or middle.size >= disagreed:
                break
            if self.log.root(middle.size) == middle.root:
                agreed = middle.size
            else:
                disagreed = middle.size
        return agreed

    def _is_whole(self, latest: Published, head: Checkpoint, signing: Sequence[NoteSigner]) -> bool:
        """Tell whether the newest checkpoint is of this tree and has all signatures it needs."""
        if latest.size != head.size:
            return False
        policy = self._witnesses.policy
        own = {signer.key.id for signer in signing}
        verifiers = [*(NoteVerifier(signer.key) for signer in signing), *policy.witnesses.values()]
        try:
            opened = open_note(latest.note, verifiers)
        except NotProved:
            return False
        found = {signature.key_id for signature in opened.signatures}
        seen = {name for name, each in policy.witnesses.items() if each.key.id in found}
        return own <= found and policy.agrees(seen)

    def _collect(self, head: Checkpoint, note: bytes) -> Collected:
        collected = self._witnesses.collect(head, note, self._prover(head.size))
        for name, error in collected.refusals.items():
            _log.warning("witness %s: %s", name, error)
        return collected

    def _read_policy(self) -> None:
        text = policy_text(self._policy_file)
        if text != self._policy_text:
            policy = policy_of(text, self._policy_file)
            self._witnesses.close()
            self._witnesses, self._policy_text = Witnesses(policy), text


def begin(
    ledger: Ledger, keys: LogKeys, *, now: datetime, random: Callable[[int], bytes]
) -> str | None:
    """Adopt a log's first key (:func:`api.log.keys.ensure`), unless it has signed before.

    Where it has, and no adoption is on record, the record is not what it was; nothing is added.

    Raises:
        Rewritten: the log signed, and its key's adoption is gone from the ledger.
        DaochaError: the key cannot be read, made or recorded.
    """
    if not adopted(ledger.record(log_id(ledger.origin))):
        heads = [head for head in (NewestSigned(keys).read(), ledger.checkpoints.latest()) if head]
        signed, held = max((head.size for head in heads), default=0), ledger.head().position
        if signed:
            raise rolled_back(signed, held) if held < signed else rewritten(signed)
    return ensure(ledger, keys, now=now, random=random)


class Publisher:
    """Publishes for as long as the server runs. Used as a context manager.

    Args:
        ledger: whose log it is.
        runner: keeps the tiles up with the ledger.
        keys: the private keys at hand.
        policy: the file that says which witnesses must cosign.
        now: the server's clock.
        random: returns that many random bytes, unpredictable ones.
    """

    def __init__(
        self,
        ledger: Ledger,
        runner: Runner,
        keys: LogKeys,
        policy: Path,
        *,
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._ledger = ledger
        self._runner = runner
        self._keys = keys
        self._now = now
        self._random = random
        self._press = Press(ledger, keys, policy)
        self._stop = Event()
        self._pause = _FIRST_PAUSE
        self._failed_at: int | None = None
        self._thread = Thread(target=self._run, name="publisher", daemon=True)
        self.standing = Standing(leads=False, problem=None)

    def __enter__(self) -> Self:
        """Adopt the log's first key if it has none, and start."""
        try:
            self._ensure_key()
        except DaochaError as error:  # facts are recorded all the same
            self._tell(error)
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        """End after the checkpoint under way."""
        self._stop.set()
        self._runner.wake()
        self._thread.join()
        self._press.close()

    def _ensure_key(self) -> None:
        key = begin(self._ledger, self._keys, now=self._now(), random=self._random)
        if key:
            _log.warning("adopted the log's first key", extra={"vkey": key})

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._ledger.checkpoints.leading() as leader:
                    self.standing = Standing(leader is not None, self.standing.problem)
                    if leader is not None:
                        self._lead(leader)
                    else:
                        self._stand_by()
            except DaochaError as error:
                self._fail(error)
            except Exception as error:  # noqa: BLE001 - a thread must not end in silence
                self._fail(_broken(error))

    def _lead(self, leader: Leader) -> None:
        """Publish whenever the tiles have moved, until something goes wrong."""
        seen = -1
        while not self._stop.is_set():
            seen = self._runner.wait_past(Tiles.name, seen, _LOOK, self._stop)
            began = monotonic()
            self._ensure_key()
            published = self._press.publish(leader)
            if self.standing.problem is not None:
                _log.warning("publishing again", extra={"size": published})
            self.standing = Standing(leads=True, problem=None)
            self._pause = _FIRST_PAUSE
            if published is not None:
                self._stop.wait(began + _APART - monotonic())

    def _stand_by(self) -> None:
        """Wait for a turn; what was wrong here is settled once whoever leads has published."""
        self._stop.wait(_STANDBY)
        latest = self._ledger.checkpoints.latest()
        if latest is not None and latest.number != self._failed_at:
            self.standing = Standing(leads=False, problem=None)

    def _fail(self, error: DaochaError) -> None:
        """Tell what is wrong, once, and give up the lead for a while: another may do better."""
        self._tell(error)
        with suppress(DaochaError):
            latest = self._ledger.checkpoints.latest()
            self._failed_at = latest.number if latest else None
        self._stop.wait(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def _tell(self, error: DaochaError) -> None:
        if str(error) != str(self.standing.problem):
            _log.error("not publishing: %s", error)
        self.standing = Standing(leads=self.standing.leads, problem=error)


def _not_ours(found: Published) -> Contradiction:
    return Contradiction(
        f"数据库中最新的检查点（第 {found.number} 个，{found.size} 条）不是本日志所签署",
        f"the newest checkpoint in the database (no. {found.number}, of {found.size} facts)"
        " was not signed by this log",
        todo_zh="数据库被改动：停止写入，保全现状，与见证方和备份核对",
        todo_en="the database was tampered with: stop, preserve everything, compare with witnesses",
        where=str(found.size),
    )


def _broken(error: Exception) -> Unavailable:
    return Unavailable(
        f"检查点不能公布：{error!r}",
        f"checkpoints cannot be published: {error!r}",
        todo_zh="请查看日志",
        todo_en="look at the server's log",
    )

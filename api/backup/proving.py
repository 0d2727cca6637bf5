"""What a restored ledger proves of itself: against all that was ever signed and can be found here.

Heads of the log are remembered by the backups themselves, by the file beside the log's key, by the
witnesses that cosigned them, and by whoever kept one. Where the ledger is as long as a head and has
its root, it holds every fact that the head stands for, unchanged. Where it is shorter, the missing
positions are told; where the root differs, it is not that history.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx

from api import home
from api.backup.files import damaged
from api.backup.taking import seen_in
from api.log.signed import NewestSigned
from api.log.witnesses import read_policy
from domain.errors import DaochaError, NotProved
from domain.fact import leaf_hash
from domain.log import adopted, log_id
from domain.proof.checkpoint import open_checkpoint, read_checkpoint
from domain.proof.merkle import Frontier
from domain.proof.note import NoteVerifier, open_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from api.backup.archive import Archive
    from api.backup.restoring import Restored
    from api.settings import Settings
    from domain.ledger import Ledger
    from domain.proof.checkpoint import Checkpoint

HELD, MISSING, REWRITTEN = "held", "missing", "rewritten"
_BATCH = 4096
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the log that somebody remembers."""

    size: int
    root: bytes
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A head beside what the ledger holds: ``held``, ``missing`` or ``rewritten``."""

    zh: str
    en: str
    size: int
    state: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a ledger proves of itself.

    Args:
        position: its last fact.
        recorded: when that was recorded, in UTC: what was recorded before is there.
        root: the root of its tree, in hexadecimal.
        compared: each head that is remembered, the largest first.
        missing: the first and last position that were signed and are not there.
        unasked: who could not be asked, and why.
        erased: who was erased after what the ledger holds; it was carried out again.
        log_missing, log_corrupt: files of the write-ahead log that are not there, or not as they
            were received; nothing after the first could be restored.
        reached: whether it goes as far as was asked.
        short_of: the fact up to which the log was received, if that is not there.
        damaged: files beside the ledger that are not what they were any more.
    """

    position: int
    recorded: datetime
    root: str
    compared: tuple[Compared, ...]
    missing: tuple[int, int] | None
    unasked: tuple[str, ...]
    erased: tuple[UUID, ...]
    log_missing: str | None = None
    log_corrupt: tuple[str, ...] = ()
    reached: bool = True
    short_of: int | None = None
    damaged: tuple[str, ...] = ()

    @property
    def is_rewritten(self) -> bool:
        """Whether it is not the history that was signed."""
        return any(each.state == REWRITTEN for each in self.compared)

    @property
    def is_whole(self) -> bool:
        """Whether it holds all that is known to have been signed, and nothing speaks against it.

        Where there is nothing to compare it with, or somebody who may know more could not be
        asked, it is not shown.
        """
        wrong = (self.log_missing, *self.log_corrupt, self.short_of, *self.unasked, *self.damaged)
        held = all(each.state == HELD for each in self.compared)
        return bool(self.compared) and held and self.reached and not any(wrong)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **asdict(self),
            "recorded": self.recorded.isoformat(),
            "erased": [str(each) for each in self.erased],
            "whole": self.is_whole,
        }


def prove(
    ledger: Ledger,
    settings: Settings,
    archive: Archive | None,
    kept: Iterable[Path] = (),
    found: Restored | None = None,
) -> Proof:
    """Compare a ledger with every head of its log that can be found.

    Args:
        ledger: restored, and opened with its keys, which erases again whoever was erased.
        settings: where the log's keys and policy are.
        archive: the backups, which remember heads too.
        kept: files that somebody kept, each a checkpoint.
        found: how it was restored, if it was.

    Raises:
        NotProved: a file that was kept is no checkpoint of this log.
    """
    heads: list[Head] = []
    unasked: list[str] = []
    here = home.log_keys_of(settings, ledger.origin)
    adopted_ones = adopted(ledger.record(log_id(ledger.origin)))
    keys = [NoteVerifier.read(key) for key in {**dict.fromkeys(adopted_ones), **here.at_hand()}]
    if archive is not None:
        for base, note in seen_in(archive):
            opened = _opened(note.encode(), ledger.origin, keys)
            heads += [_head(opened, f"备份 {base.name}", f"backup {base.name}")] if opened else []
    own = NewestSigned(here).read()
    if own is not None:
        heads.append(_head(own, "本机签署记录", "what this machine signed last"))
    for name, asked in _witnessed(settings, ledger.origin):
        if isinstance(asked, str):
            unasked.append(f"{name}：{asked}")
        else:
            heads.append(_head(asked, f"见证方 {name}", f"witness {name}"))
    for path in kept:
        opened = _opened(path.read_bytes(), ledger.origin, keys)
        if opened is None:
            raise NotProved(
                f"{path} 不是此日志签署的检查点",
                f"{path} is no checkpoint that this log signed",
                todo_zh="核对文件；密钥在所恢复的时刻之后才启用的，无法核验",
                todo_en="check the file; one signed by a later key cannot be verified",
            )
        heads.append(_head(opened, str(path), str(path)))
    proof = _compare(ledger, heads, tuple(unasked))
    if archive is not None:
        proof = replace(proof, damaged=damaged(archive))
    if found is None:
        return proof
    expected = found.received.position if found.received else 0
    return replace(
        proof,
        log_missing=found.gap.missing,
        log_corrupt=found.gap.corrupt,
        reached=found.reached,
        short_of=expected if expected > proof.position else None,
    )


def _compare(ledger: Ledger, heads: list[Head], unasked: tuple[str, ...]) -> Proof:
    head = ledger.head()
    roots = _roots(ledger, head.position, {each.size for each in heads})
    compared = tuple(
        Compared(each.zh, each.en, each.size, _state(each, roots))
        for each in sorted(heads, key=lambda each: -each.size)
    )
    largest = max((each.size for each in heads), default=0)
    return Proof(
        position=head.position,
        recorded=head.recorded,
        root=roots[head.position].hex(),
        compared=compared,
        missing=(head.position + 1, largest) if largest > head.position else None,
        unasked=unasked,
        erased=tuple(sorted(ledger.vault.all_barred() - ledger.erased())),
    )


def _state(head: Head, roots: dict[int, bytes]) -> str:
    if head.size not in roots:
        return MISSING
    return HELD if roots[head.size] == head.root else REWRITTEN


def _roots(ledger: Ledger, last: int, sizes: set[int]) -> dict[int, bytes]:
    """Return the roots of the tree over the facts as they are stored, at sizes that it has."""
    frontier = Frontier()
    roots = {}
    for after in range(0, last, _BATCH):
        for raw in ledger.range_raw(after, min(_BATCH, last - after)):
            frontier.append(leaf_hash(raw.leaf))
            if raw.position in sizes or raw.position == last:
                roots[raw.position] = frontier.root()
    return roots


def _head(checkpoint: Checkpoint, zh: str, en: str) -> Head:
    return Head(checkpoint.size, checkpoint.root, zh, en)


def _opened(note: bytes, origin: str, keys: list[NoteVerifier]) -> Checkpoint | None:
    try:
        return open_checkpoint(note, origin, keys)[0]
    except DaochaError:
        return None


def _witnessed(settings: Settings, origin: str) -> Iterator[tuple[str, Checkpoint | str]]:
    """Ask each witness for the newest head that it cosigned (C2SP tlog-witness, for monitors)."""
    trust = read_policy(home.log_policy_of(settings))
    path = f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
    for name, verifier in trust.witnesses.items():
        url = trust.urls.get(name)
        if url is None:
            yield name, "策略未写网址 (no address)"
            continue
        try:
            answer = httpx.get(f"{url.rstrip('/')}/{path}", timeout=_SECONDS)
            answer.raise_for_status()
            checkpoint = read_checkpoint(open_note(answer.content, [verifier]).text)
        except (httpx.HTTPError, httpx.InvalidURL, DaochaError) as error:
            yield name, str(error)
            continue
        if checkpoint.origin == origin:
            yield name, checkpoint
        else:
            yield name, "答以另一日志 (it answers for another log)"

"""The whole ledger folded in order: what is known up to a position, and what does not hold.

An :class:`Audit` takes the outcomes of ranges one after the other. What it knows can be written
down after any of them and read again, so that an audit that was broken off goes on where it was.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from domain.audit.faults import Fault, first
from domain.audit.log import ADOPTED, RETIRED, Checkpoints, Published, check_tiles
from domain.audit.ranges import Checked, earlier
from domain.audit.rolls import Taken, read_taken
from domain.audit.signatures import Dependencies, Due
from domain.audit.tree import LeafHashes, Tree
from domain.erasure import Erasure
from domain.errors import Invalid
from domain.fact import Entry, read_leaf
from domain.proof.note import Verifier
from domain.proof.roll import RollHead
from domain.proof.statement import TreeHead
from domain.roll import RollTaken
from domain.signing import SignatureMade

FORMAT = 2
"""Version of what :meth:`Audit.dump` writes; another is not gone on from."""


class Totals(NamedTuple):
    """What all tables together hold, in one look at them.

    Args:
        lowest: the lowest position there is.
        head: the last one.
        tags, commands, facts: rows of tags and of commands up to where the audit has come, and the
            facts that those commands say are theirs.
        beyond: the first position past the head that another table speaks of.
    """

    lowest: int
    head: int
    tags: int
    commands: int
    facts: int
    beyond: int | None


class Audit:
    """What is known of a ledger up to a position.

    Args:
        origin: the ledger's own name.
        read: reads leaf hashes again where they are no longer at hand.
        witnesses: the keys of those whose cosignatures are checked.

    ``derived`` is where the last of :attr:`rolls` stands whose entries were derived again.
    """

    def __init__(self, origin: str, read: LeafHashes, witnesses: Sequence[Verifier] = ()) -> None:
        self.origin = origin
        self.tree = Tree(read)
        self.checkpoints = Checkpoints(origin, witnesses)
        self.signatures = 0
        self.due: list[Due] = []
        self.rolls: list[Taken] = []
        self.derived = 0
        self.dependencies = Dependencies()
        self.recorded: datetime | None = None
        self.tags = 0
        self.commands = 0
        self.closed = 0
        self.erased: set[UUID] = set()
        self.unsealed: list[tuple[int, UUID]] = []

    @property
    def position(self) -> int:
        """The last position that was looked at and holds."""
        return self.tree.size

    def take(self, checked: Checked) -> Fault | None:
        """Take the range that follows; nothing of it is taken where something does not hold.

        The signatures in it are then :attr:`due`, to be judged by :func:`signatures.judge`.
        """
        if checked.after != self.position:
            message = f"the range after {checked.after} does not follow on {self.position}"
            raise ValueError(message)
        fault = first(self._in_time(checked), checked.fault)
        if fault:
            return fault
        if checked.recorded:
            self.recorded = checked.recorded[1]
        self.tree.grow(checked.hashes, checked.roots)
        self.tags += checked.tags
        self.commands += checked.commands
        self.closed += checked.closed
        self.unsealed += checked.unsealed
        return first(*(self._learn(read_leaf(leaf)) for leaf in checked.matters))

    def _in_time(self, checked: Checked) -> Fault | None:
        if checked.recorded and self.recorded and checked.recorded[0] < self.recorded:
            return earlier(checked.after + 1)
        return None

    def _learn(self, entry: Entry) -> Fault | None:
        if isinstance(entry.fact, Erasure):
            self.erased.add(entry.record)
        elif entry.topic in (ADOPTED, RETIRED):
            self.checkpoints.keys.learn(entry)
        elif isinstance(entry.fact, RollTaken):
            taken = read_taken(entry, entry.fact)
            if isinstance(taken, Fault):
                return taken
            self.rolls.append(taken)
        due = self.dependencies.learn(entry)
        if due:
            self.due.append(due)
            self.signatures += 1
        if isinstance(entry.fact, SignatureMade):
            return self._seen(entry.position, entry.fact.statement.seen)
        return None

    def _seen(self, position: int, seen: TreeHead) -> Fault | None:
        """Hold the tree that a signer saw against the log's own of that size."""
        if seen.size < position and self.tree.root_at(seen.size).hex() == seen.root:
            return None
        zh = f"签名不成立：签字人所见的树（{seen.size}条）不是本日志当时的树"
        en = f"the signature does not hold: what the signer saw at {seen.size} was not this log"
        return Fault(position, "signature", zh, en)

    def take_checkpoints(self, published: Iterable[Published]) -> Fault | None:
        """Take the checkpoints that follow, of trees up to where the audit has come."""
        faults = (self.checkpoints.take(each, self.tree) for each in published)
        return next((fault for fault in faults if fault), None)

    def take_tiles(self, tiles: Iterable[tuple[int, int, bytes]]) -> Fault | None:
        """Check the stored tiles above the leaves."""
        return check_tiles(tiles, self.tree)

    def finish(self, totals: Totals, erased_since: Iterable[UUID] = ()) -> Fault | None:
        """Tell what does not hold of the whole, once every range has been taken.

        Args:
            totals: what all tables together hold.
            erased_since: persons whose erasure was recorded after the last position.
        """
        erased = self.erased | set(erased_since)
        lost = next(((at, subject) for at, subject in self.unsealed if subject not in erased), None)
        return first(
            _below(totals.lowest),
            _lost(*lost) if lost else None,
            _beyond(totals.beyond),
        )

    def surplus(self, totals: Totals) -> tuple[bool, bool]:
        """Tell whether the tables of tags and of commands hold more than the facts say."""
        commands = totals.commands, totals.facts
        return totals.tags != self.tags, commands != (self.commands, self.position)

    def dump(self) -> bytes:
        """Return what is known, to be read by :meth:`load`."""
        levels, tail = self.tree.dump()
        return orjson.dumps(
            {
                "format": FORMAT,
                "origin": self.origin,
                "levels": [b64encode(level).decode() for level in levels],
                "tail": b64encode(tail).decode(),
                "recorded": self.recorded.isoformat() if self.recorded else None,
                "tags": self.tags,
                "commands": self.commands,
                "closed": self.closed,
                "erased": sorted(map(str, self.erased)),
                "unsealed": [(at, str(subject)) for at, subject in self.unsealed],
                "signatures": self.signatures,
                "rolls": [(each.head.model_dump(), *each[:1], *each[2:]) for each in self.rolls],
                "derived": self.derived,
                "dependencies": self.dependencies.dump(),
                "checkpoint": [self.checkpoints.number, self.checkpoints.size],
                "adopted": {k: at.isoformat() for k, at in self.checkpoints.keys.adopted.items()},
                "retired": self.checkpoints.keys.retired,
            }
        )

    @classmethod
    def load(
        cls, data: bytes, origin: str, read: LeafHashes, witnesses: Sequence[Verifier] = ()
    ) -> Audit:
        """Return what :meth:`dump` wrote down.

        Raises:
            Invalid: it is of another ledger, another version, or no such thing at all.
        """
        try:
            known = _known(data, origin)
            audit = cls(origin, read, witnesses)
            audit.tree = Tree.load(_bytes(known["levels"]), b64decode(known["tail"]), read)
            recorded = known["recorded"]
            audit.recorded = datetime.fromisoformat(recorded) if recorded else None
            audit.tags, audit.commands = known["tags"], known["commands"]
            audit.closed = known["closed"]
            audit.erased = set(map(UUID, known["erased"]))
            audit.unsealed = [(at, UUID(subject)) for at, subject in known["unsealed"]]
            audit.signatures = known["signatures"]
            audit.rolls = [
                Taken(at, RollHead(**head), upto, datetime.fromisoformat(deadline))
                for head, at, upto, deadline in known["rolls"]
            ]
            audit.derived = known["derived"]
            audit.dependencies.load(known["dependencies"])
            audit.checkpoints.number, audit.checkpoints.size = known["checkpoint"]
            keys = audit.checkpoints.keys
            keys.adopted = {k: datetime.fromisoformat(at) for k, at in known["adopted"].items()}
            keys.retired = known["retired"]
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid(
                f"核验进度不能续用：{error!r}",
                f"the audit's progress cannot be gone on from: {error!r}",
                todo_zh="加 --fresh 从头核验",
                todo_en="begin anew with --fresh",
            ) from error
        return audit


def _known(data: bytes, origin: str) -> dict[str, Any]:
    known: dict[str, Any] = orjson.loads(data)
    if (known["format"], known["origin"]) != (FORMAT, origin):
        message = f"{known['origin']}, {known['format']}"
        raise ValueError(message)
    return known


def _bytes(texts: Sequence[str]) -> list[bytes]:
    return [b64decode(text) for text in texts]


def _below(lowest: int) -> Fault | None:
    if lowest >= 1:
        return None
    return Fault(lowest, "missing", "序号应从1起", "positions begin at 1")


def _beyond(position: int | None) -> Fault | None:
    if position is None:
        return None
    zh = "台账止于此前，而其他表中仍有此条的痕迹：末尾的事实被删除"
    en = "the ledger ends before it, yet other tables speak of it: facts were cut off its end"
    return Fault(position, "missing", zh, en)


def _lost(position: int, subject: UUID) -> Fault:
    zh = f"封存值不在，而其人（{subject}）并未依法删除"
    en = f"a sealed value is gone, although nobody erased whose it is ({subject})"
    return Fault(position, "sealed", zh, en)


def surplus_tag(position: int, tag: str) -> Fault:
    """Return what to say of a row of the table of tags that no leaf has."""
    zh, en = f"标签表多出标签 {tag}", f"the table of tags has {tag}, which its leaf has not"
    return Fault(position, "tag", zh, en)


def surplus_command(position: int, command: UUID) -> Fault:
    """Return what to say of a row of the command table that no fact belongs to."""
    zh = f"命令表所记的命令 {command} 与事实不符"
    en = f"the table of commands has {command}, which is not the command of this fact"
    return Fault(position, "command", zh, en)

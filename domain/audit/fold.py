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
from domain.audit.ranges import Checked, earlier
from domain.audit.tree import LeafHashes, Tree
from domain.errors import Invalid
from domain.fact import read_leaf

FORMAT = 1
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
    """

    def __init__(self, origin: str, read: LeafHashes) -> None:
        self.origin = origin
        self.tree = Tree(read)
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
        """Take the range that follows; nothing of it is taken where something does not hold."""
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
        for leaf in checked.matters:
            self._learn(leaf)
        return None

    def _in_time(self, checked: Checked) -> Fault | None:
        if checked.recorded and self.recorded and checked.recorded[0] < self.recorded:
            return earlier(checked.after + 1)
        return None

    def _learn(self, leaf: bytes) -> None:
        entry = read_leaf(leaf)
        if entry.topic == "person.erased":
            self.erased.add(entry.record)

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
            }
        )

    @classmethod
    def load(cls, data: bytes, origin: str, read: LeafHashes) -> Audit:
        """Return what :meth:`dump` wrote down.

        Raises:
            Invalid: it is of another ledger, another version, or no such thing at all.
        """
        try:
            known = _known(data, origin)
            audit = cls(origin, read)
            audit.tree = Tree.load(_bytes(known["levels"]), b64decode(known["tail"]), read)
            recorded = known["recorded"]
            audit.recorded = datetime.fromisoformat(recorded) if recorded else None
            audit.tags, audit.commands = known["tags"], known["commands"]
            audit.closed = known["closed"]
            audit.erased = set(map(UUID, known["erased"]))
            audit.unsealed = [(at, UUID(subject)) for at, subject in known["unsealed"]]
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

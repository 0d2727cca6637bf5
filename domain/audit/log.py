"""The transparency log held against the facts: every checkpoint ever signed, every stored tile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from domain.audit.faults import Fault
from domain.errors import Invalid
from domain.proof.checkpoint import open_checkpoint
from domain.proof.encoding import HASH_SIZE
from domain.proof.note import NoteVerifier, Verifier
from domain.proof.tiles import HEIGHT, WIDTH

if TYPE_CHECKING:
    from domain.audit.tree import Tree
    from domain.fact import Entry

ADOPTED, RETIRED = "log.key_adopted", "log.key_retired"


class Published(Protocol):
    """A checkpoint as it lies in its table."""

    @property
    def number(self) -> int:
        """Counts them, from 1."""
        ...

    @property
    def size(self) -> int:
        """Leaves of the tree."""
        ...

    @property
    def root(self) -> bytes:
        """Its hash."""
        ...

    @property
    def note(self) -> bytes:
        """The signed note."""
        ...

    @property
    def published(self) -> datetime:
        """When it was stored, in UTC."""
        ...


@dataclass
class LogKeys:
    """Which keys signed the log when, as the facts say.

    ``adopted`` holds each key's moment of adoption, ``retired`` the position of its retirement.
    """

    adopted: dict[str, datetime] = field(default_factory=dict)
    retired: dict[str, int] = field(default_factory=dict)

    def learn(self, entry: Entry) -> None:
        """Take a fact about a log key."""
        key = str(entry.fact.model_dump()["key"])
        if entry.topic == ADOPTED:
            self.adopted[key] = entry.recorded
        else:
            self.retired[key] = entry.position

    def verifiers(self, checkpoint: Published) -> list[Verifier]:
        """Return the keys one of which must have signed a checkpoint.

        A key counts from its adoption on (it may sign a tree that does not hold that fact yet) to
        the last tree that does not hold its retirement.
        """
        return [
            NoteVerifier.read(key)
            for key, since in self.adopted.items()
            if since <= checkpoint.published
            and not self.retired.get(key, checkpoint.size + 1) <= checkpoint.size
        ]


class Checkpoints:
    """The checkpoints in the order of their publishing, each held against the tree.

    Args:
        origin: the log's name.
        witnesses: the keys of those whose cosignatures are checked.
    """

    def __init__(self, origin: str, witnesses: Sequence[Verifier] = ()) -> None:
        self._origin = origin
        self._witnesses = witnesses
        self.keys = LogKeys()
        self.number = 0
        self.size = 0

    def take(self, checkpoint: Published, tree: Tree) -> Fault | None:
        """Check the next checkpoint, whose leaves the tree has."""
        fault = self._fault(checkpoint, tree)
        if fault is None:
            self.number, self.size = checkpoint.number, checkpoint.size
        return fault

    def _fault(self, checkpoint: Published, tree: Tree) -> Fault | None:
        size, number = checkpoint.size, checkpoint.number
        if number != self.number + 1 or size < self.size:
            zh = f"检查点应为第{self.number + 1}个，现为第{number}个：有检查点被删除或倒置"
            en = f"checkpoint {self.number + 1} is not there or out of order: {number} follows"
            return Fault(max(size, 1), "checkpoint", zh, en)
        try:
            said, _ = open_checkpoint(
                checkpoint.note, self._origin, self.keys.verifiers(checkpoint), self._witnesses
            )
        except Invalid as error:
            zh = f"第{number}个检查点（{size}条）：{error.zh}"
            return Fault(max(size, 1), "checkpoint", zh, f"checkpoint {number}: {error.en}")
        if (said.size, said.root) != (size, checkpoint.root):
            zh = f"第{number}个检查点的大小或树根与其签名文书所载不符"
            en = f"checkpoint {number} is stored with another size or root than was signed"
            return Fault(max(size, 1), "checkpoint", zh, en)
        if said.root != tree.root_at(size):
            first = self.size + 1 if size > self.size else size
            zh = f"第{first}至{size}条之间有事实在检查点（{size}条）签发之后被改动：树根不符"
            en = f"facts {first} to {size} are not those whose root was signed at {size}"
            return Fault(first, "checkpoint", zh, en)
        return None


def check_tiles(tiles: Iterable[tuple[int, int, bytes]], tree: Tree) -> Fault | None:
    """Check the stored tiles above the leaves: level, number, hashes joined.

    What they hold past what the tree has is not looked at.
    """
    for level, number, hashes in tiles:
        found = _level(tree, HEIGHT * level)[number * WIDTH : (number + 1) * WIDTH]
        stored = [hashes[n : n + HASH_SIZE] for n in range(0, len(hashes), HASH_SIZE)]
        for index, (right, other) in enumerate(zip(found, stored, strict=False)):
            if right != other:
                first = (number * WIDTH + index << HEIGHT * level) + 1
                zh = f"透明日志第{level}层瓦片所存的散列与由此起的事实不符：瓦片被改动"
                en = f"a tile of level {level} does not fit the facts from here on: it was changed"
                return Fault(first, "tile", zh, en)
    return None


def _level(tree: Tree, level: int) -> Sequence[bytes]:
    above = level - HEIGHT
    return tree.levels[above] if above < len(tree.levels) else ()

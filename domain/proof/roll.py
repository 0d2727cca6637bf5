"""Rolls 名册: who owed something at a deadline, and what they filed; or which keys are in force.

A Merkle tree whose leaves are sorted by id, so that it shows absence as well: a leaf without
content filed shows that somebody owed and did not file, and two neighbours show that nobody
between them is on the roll at all. The head of a roll is a fact in the log, and binds it for good.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Protocol, Self

from pydantic import Field, ValidationError

from domain.errors import Invalid, NotProved
from domain.fact import canonical, leaf_hash
from domain.proof.encoding import Exact, read_hash, write_base64
from domain.proof.merkle import Node, prove_inclusion, root_of, verify_inclusion
from domain.proof.statement import Hash

BLOCK = 256
"""Entries that are kept together; a power of two, so that a block is a complete subtree."""


class RollHead(Exact):
    """What the log holds of a roll: whose or what it is of, how many entries, and their root."""

    of: Annotated[str, Field(min_length=1, max_length=100, examples=["monthly_report 2024-05"])]
    size: Annotated[int, Field(ge=0)]
    root: Hash


class RollEntry(Exact):
    """One line of a roll. ``content`` is what is on record about ``id``; it may be empty."""

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[ -~]+$")]
    content: dict[str, Any]

    @property
    def leaf(self) -> bytes:
        """The canonical JSON that is hashed."""
        return canonical({"content": self.content, "id": self.id})


class RollLeaf(Exact):
    """An entry in its canonical form, at an index, with the proof that it stands there."""

    index: Annotated[int, Field(ge=0)]
    leaf: str
    path: tuple[str, ...]


class RollProof(Exact):
    """The entry asked for; or, where there is none, its neighbours (one at either end)."""

    leaves: Annotated[tuple[RollLeaf, ...], Field(max_length=2)]


class Roll:
    """A whole roll, from its entries in any order.

    Raises:
        Invalid: two entries have one id.
    """

    def __init__(self, entries: Iterable[RollEntry]) -> None:
        self.entries = sorted(entries, key=lambda entry: entry.id)
        self.ids = [entry.id for entry in self.entries]
        if len(set(self.ids)) != len(self.ids):
            raise Invalid("名册中有重复的编号", "two entries of the roll have one id")
        self.leaves = [entry.leaf for entry in self.entries]

    @classmethod
    def read(cls, leaves: Sequence[bytes]) -> Self:
        """Return the roll that leaves in their order make up, as an auditor gets them.

        Raises:
            Invalid: they are not sorted, or one is not an entry in canonical form.
        """
        roll = cls(_read_entry(leaf) for leaf in leaves)
        if roll.leaves != list(leaves):
            raise Invalid("名册未按编号排序", "the roll is not sorted")
        return roll

    def head(self, of: str) -> RollHead:
        """Return the roll's head."""
        return RollHead(of=of, size=len(self.leaves), root=root_of(self.blocks.hashes).hex())

    @cached_property
    def blocks(self) -> Blocks:
        """The leaves in blocks, as they are kept."""
        return _InMemory(self)

    def prove(self, entry_id: str) -> RollProof:
        """Return the proof of what the roll holds, or does not hold, about an id."""
        return StoredRoll(len(self.leaves), self.blocks).prove(entry_id)


class Blocks(Protocol):
    """The leaves of a roll as they are kept: in blocks of :data:`BLOCK`, the last one shorter."""

    @property
    def hashes(self) -> Sequence[bytes]:
        """The root of each block (:func:`block_hash`)."""
        ...

    @property
    def firsts(self) -> Sequence[str]:
        """The id of each block's first entry."""
        ...

    def leaves(self, number: int) -> Sequence[bytes]:
        """Return the leaves of a block."""
        ...


class _InMemory:
    """A whole roll's own blocks."""

    def __init__(self, roll: Roll) -> None:
        starts = range(0, len(roll.leaves), BLOCK)
        self._blocks = [roll.leaves[start : start + BLOCK] for start in starts]
        self.hashes = [block_hash(block) for block in self._blocks]
        self.firsts = [roll.ids[start] for start in starts]

    def leaves(self, number: int) -> Sequence[bytes]:
        return self._blocks[number]


def block_hash(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over these leaves."""
    return root_of([leaf_hash(leaf) for leaf in leaves])


class StoredRoll:
    """A roll of which only the blocks that a proof needs are read.

    Args:
        size: how many entries there are.
        blocks: where they are.
    """

    def __init__(self, size: int, blocks: Blocks) -> None:
        self._size = size
        self._blocks = blocks
        self._read_blocks: dict[int, Sequence[bytes]] = {}

    def prove(self, entry_id: str) -> RollProof:
        """Return the proof of what the roll holds, or does not hold, about an id."""
        number = max(bisect_right(self._blocks.firsts, entry_id) - 1, 0)
        leaves = self._leaves(number) if self._size else ()
        ids = [_read_entry(leaf).id for leaf in leaves]
        within = bisect_left(ids, entry_id)
        at = number * BLOCK + within
        found = ids[within : within + 1] == [entry_id]
        indexes = (at,) if found else (at - 1, at)
        return RollProof(leaves=tuple(self._prove(n) for n in indexes if 0 <= n < self._size))

    def _leaves(self, number: int) -> Sequence[bytes]:
        if number not in self._read_blocks:
            self._read_blocks[number] = self._blocks.leaves(number)
        return self._read_blocks[number]

    def _prove(self, index: int) -> RollLeaf:
        path = prove_inclusion(index, self._size, self._read)
        leaf = self._leaves(index // BLOCK)[index % BLOCK].decode()
        return RollLeaf(index=index, leaf=leaf, path=tuple(write_base64(each) for each in path))

    def _read(self, nodes: Sequence[Node]) -> list[bytes]:
        return [self._hash(node) for node in nodes]

    def _hash(self, node: Node) -> bytes:
        start, end = node.number << node.level, node.number + 1 << node.level
        if end - start >= BLOCK:
            return root_of(self._blocks.hashes[start // BLOCK : end // BLOCK])
        block = start // BLOCK
        return block_hash(self._leaves(block)[start - block * BLOCK : end - block * BLOCK])


def look_up(head: RollHead, entry_id: str, proof: RollProof) -> Mapping[str, Any] | None:
    """Return what the roll of that head holds about an id; None when it is shown not to be on it.

    That the roll is sorted throughout is for an audit of the whole (:meth:`Roll.read`): with a roll
    that is not, whoever made it could show somebody to be absent who stands elsewhere in it.

    Raises:
        NotProved: the proof shows neither.
        Invalid: it is malformed.
    """
    entries = [(leaf.index, _check(head, leaf)) for leaf in proof.leaves]
    match entries:
        case [(_, entry)] if entry.id == entry_id:
            return entry.content
        case [(left_at, left), (right_at, right)]:
            absent = left.id < entry_id < right.id and right_at == left_at + 1
        case [(0, first)] if entry_id < first.id:
            absent = True
        case [(last_at, last)]:
            absent = last.id < entry_id and last_at == head.size - 1
        case _:
            absent = head.size == 0 and bytes.fromhex(head.root) == root_of([])
    if not absent:
        raise NotProved("名册证明不成立", "the proof does not show it", where=entry_id)
    return None


def _check(head: RollHead, leaf: RollLeaf) -> RollEntry:
    data = leaf.leaf.encode()
    path = [read_hash(each) for each in leaf.path]
    verify_inclusion(leaf.index, head.size, leaf_hash(data), path, bytes.fromhex(head.root))
    return _read_entry(data)


def _read_entry(leaf: bytes) -> RollEntry:
    try:
        entry = RollEntry.model_validate_json(leaf)
    except ValidationError as error:
        raise Invalid("不是名册条目", f"not an entry of a roll: {error}") from error
    if entry.leaf != leaf:
        raise Invalid("名册条目不是规范 JSON", "the entry is not canonical JSON")
    return entry

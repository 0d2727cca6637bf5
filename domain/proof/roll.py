"""Rolls 名册: who owed something at a deadline, and what they filed; or which keys are in force.

A Merkle tree whose leaves are sorted by id, so that it shows absence as well: a leaf without
content filed shows that somebody owed and did not file, and two neighbours show that nobody
between them is on the roll at all. The head of a roll is a fact in the log, and binds it for good.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError

from domain.errors import Invalid, NotProved
from domain.fact import canonical, leaf_hash
from domain.proof.encoding import Exact, read_hash, write_base64
from domain.proof.merkle import Node, prove_inclusion, root_of, verify_inclusion
from domain.proof.statement import Hash


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
        return canonical(self.model_dump(mode="json"))


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
        self._ids = [entry.id for entry in self.entries]
        if len(set(self._ids)) != len(self._ids):
            raise Invalid("名册中有重复的编号", "two entries of the roll have one id")
        self._hashes = [leaf_hash(entry.leaf) for entry in self.entries]

    @classmethod
    def read(cls, leaves: Sequence[bytes]) -> Self:
        """Return the roll that leaves in their order make up, as an auditor gets them.

        Raises:
            Invalid: they are not sorted, or one is not an entry in canonical form.
        """
        roll = cls(_read_entry(leaf) for leaf in leaves)
        if [entry.leaf for entry in roll.entries] != list(leaves):
            raise Invalid("名册未按编号排序", "the roll is not sorted")
        return roll

    def head(self, of: str) -> RollHead:
        """Return the roll's head."""
        return RollHead(of=of, size=len(self.entries), root=root_of(self._hashes).hex())

    def prove(self, entry_id: str) -> RollProof:
        """Return the proof of what the roll holds, or does not hold, about an id."""
        at = bisect_left(self._ids, entry_id)
        found = self._ids[at : at + 1] == [entry_id]
        indexes = (at,) if found else (at - 1, at)
        return RollProof(
            leaves=tuple(self._prove(n) for n in indexes if 0 <= n < len(self.entries))
        )

    def _prove(self, index: int) -> RollLeaf:
        path = prove_inclusion(index, len(self._hashes), self._read)
        leaf = self.entries[index].leaf.decode()
        return RollLeaf(index=index, leaf=leaf, path=tuple(write_base64(each) for each in path))

    def _read(self, nodes: Sequence[Node]) -> list[bytes]:
        spans = ((node.number << node.level, node.number + 1 << node.level) for node in nodes)
        return [root_of(self._hashes[start:end]) for start, end in spans]


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

"""The Merkle tree 默克尔树 of RFC 6962 and RFC 9162: one hash that stands for every leaf in order.

Leaf ``n`` is ``H(0x00 ‖ leaf)``, a node ``H(0x01 ‖ left ‖ right)``, H is SHA-256. An inclusion
proof shows that a leaf stands at an index of a tree, a consistency proof that a tree begins with
all of an older one. Both are cases of one proof about a *subtree* (draft-ietf-plants-merkle-tree-
certs §4): the leaves from ``start`` to ``end`` hash to this, and stand in that tree.

Proofs are made from stored hashes of complete subtrees, which a :data:`HashReader` supplies in one
call. Whatever is made here is a list of 32-byte hashes; whatever does not hold is ``NotProved``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from domain.errors import Invalid, NotProved
from domain.proof.encoding import HASH_SIZE

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""


class Node(NamedTuple):
    """A complete subtree: the 2^level leaves that begin with leaf ``number``·2^level."""

    level: int
    number: int


HashReader = Callable[[Sequence[Node]], Sequence[bytes]]
"""Gives the hashes of the nodes asked for, in that order."""


# RFC 9162 §2.1.1: HASH(0x01 || MTH(D[0:k]) || MTH(D[k:n])).
def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return sha256(b"\x01" + left + right).digest()


# RFC 9162 §2.1.1. Splitting at the largest power of two is the same as pairing neighbours level by
# level and letting the odd one at the end rise.
def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes, or over the hashes of any one level."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        odd = row[len(row) & ~1 :]
        row = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(row[::2], row[1::2], strict=False)
        ]
        row += odd
    return row[0]


class Frontier:
    """The right edge of a growing tree: enough to append to it and to tell its root.

    Args:
        size: the number of leaves so far.
        hashes: the hashes of the complete subtrees that make up the tree, the largest first.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise Invalid("树的右缘与大小不符", "the frontier does not fit the size of the tree")

    # RFC 9162 §2.1.2, steps 2 to 4, for subtrees of any level.
    def append(self, hash_: bytes, level: int = 0) -> None:
        """Append a leaf hash, or the hash of a complete subtree of 2^level leaves.

        Raises:
            Invalid: the tree's size is no multiple of 2^level.
        """
        count = self.size >> level
        if count << level != self.size:
            raise Invalid("子树与树的大小不对齐", "the subtree is not aligned with the tree")
        while count & 1:
            hash_ = node_hash(self.hashes.pop(), hash_)
            count >>= 1
        self.hashes.append(hash_)
        self.size += 1 << level

    # RFC 9162 §2.1.2, step 5.
    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def root(size: int, read: HashReader) -> bytes:
    """Return the root of the tree with ``size`` leaves from stored hashes."""
    return _fold(read(list(_cover(0, size)))) if size else EMPTY_ROOT


# RFC 9162 §2.1.3.1, PATH(m, D_n).
def prove_inclusion(index: int, size: int, read: HashReader) -> list[bytes]:
    """Return the proof that leaf ``index`` stands in the tree with ``size`` leaves.

    Raises:
        Invalid: there is no such leaf in it.
    """
    return prove_subtree(index, index + 1, size, read)


# RFC 9162 §2.1.4.1, PROOF(m, D_n).
def prove_consistency(old_size: int, size: int, read: HashReader) -> list[bytes]:
    """Return the proof that the tree with ``size`` leaves begins with that of ``old_size``.

    Raises:
        Invalid: ``old_size`` is 0 (nothing is to be proved) or larger than ``size``.
    """
    return prove_subtree(0, old_size, size, read)


# draft-ietf-plants-merkle-tree-certs §4.4.1, SUBTREE_PROOF(start, end, D_n).
def prove_subtree(start: int, end: int, size: int, read: HashReader) -> list[bytes]:
    """Return the proof that the subtree [start, end) stands in the tree with ``size`` leaves.

    Raises:
        Invalid: it is empty, no subtree, or does not lie in the tree.
    """
    if not (0 <= start < end <= size and _is_subtree(start, end)):
        raise Invalid("所求证明的范围不在树内", "the range to prove does not lie in the tree")
    covers = [list(_cover(*part)) for part in _path(start, end, size)]
    hashes = iter(read([node for cover in covers for node in cover]))
    return [_fold([next(hashes) for _ in cover]) for cover in covers]


def _path(start: int, end: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges whose hashes make up the proof, from the subtree up to the root.

    SUBTREE_SUBPROOF of the draft, §4.4.1, walked from the root down.
    """
    low, high = 0, size
    known = True  # the verifier has the hash of [start, end)
    path = []
    while (start, end) != (low, high):
        split = low + (1 << (high - low - 1).bit_length() - 1)
        if end <= split:
            path.append((split, high))
            high = split
            continue
        path.append((low, split))
        known = known and start >= split
        low = split
        start = max(start, split)
    if not known:
        path.append((low, high))
    return path[::-1]


def _cover(low: int, high: int) -> Iterator[Node]:
    """Yield the complete subtrees that make up [low, high), the largest and leftmost first."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield Node(level, low >> level)
        low += 1 << level


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees that shrink to the right."""
    result = hashes[-1]
    for hash_ in hashes[-2::-1]:
        result = node_hash(hash_, result)
    return result


# RFC 9162 §2.1.3.2.
def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash ``leaf`` stands at ``index`` in the tree of that size and root.

    Raises:
        NotProved: the proof does not show it.
    """
    verify_subtree_inclusion(index, 0, size, leaf, proof, root)


# draft-ietf-plants-merkle-tree-certs §4.3.
def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash ``leaf`` stands at ``index`` in the subtree [start, end).

    Raises:
        NotProved: the proof does not show it.
    """
    if not (0 <= start <= index < end and _is_subtree(start, end)):
        raise NotProved("所证位置不在树内", "the index does not lie in the tree")
    if inclusion_root(index - start, end - start, leaf, proof) != root:
        raise NotProved("存在性证明与树根不符", "the inclusion proof leads to another root")


# RFC 9162 §2.1.3.2, steps 1 to 5: the root that a proof leads to.
def inclusion_root(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root of the tree of ``size`` leaves that has ``leaf`` at ``index``.

    Raises:
        NotProved: there is no such place, or the proof has not the length or form it must have.
    """
    if not 0 <= index < size:
        raise NotProved("所证位置不在树内", "the index does not lie in the tree")
    _check_form([leaf, *proof])
    node, last = index, size - 1
    result = leaf
    for sibling in proof:
        if last == 0:
            raise NotProved("存在性证明过长", "the inclusion proof is too long")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1:  # it has no sibling here, and is not 0: it is last, which is not
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise NotProved("存在性证明过短", "the inclusion proof is too short")
    return result


# RFC 9162 §2.1.4.2.
def verify_consistency(
    old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check that the tree of ``size`` and ``root`` begins with that of the old size and root.

    Raises:
        NotProved: the proof does not show it, or ``old_size`` is 0: every tree begins with the
            empty one, so such a proof shows nothing and must not pass for one that does.
    """
    if old_size <= 0:
        raise NotProved("从空树出发的一致性证明没有意义", "a proof from size 0 shows nothing")
    verify_subtree(0, old_size, size, proof, old_root, root)


# draft-ietf-plants-merkle-tree-certs §4.4.3.
def verify_subtree(
    start: int, end: int, size: int, proof: Sequence[bytes], subtree: bytes, root: bytes
) -> None:
    """Check that the subtree [start, end) with that hash stands in the tree of size and root.

    Raises:
        NotProved: the proof does not show it.
    """
    if not (0 <= start <= end <= size and _is_subtree(start, end)):
        raise NotProved("所证范围不在树内", "the range does not lie in the tree")
    _check_form(proof)
    if start == end:
        if proof or subtree != EMPTY_ROOT:
            raise NotProved("空范围的证明须为空", "an empty range needs an empty proof")
        return
    if _subtree_roots(start, end, size, proof, subtree) != (subtree, root):
        raise NotProved("一致性证明不成立", "the consistency proof does not hold")


def _subtree_roots(
    start: int, end: int, size: int, proof: Sequence[bytes], subtree: bytes
) -> tuple[bytes, bytes]:
    """Return the hash of [start, end) and the root that a proof leads to (§4.4.3, steps 3 to 8)."""
    first, last, tree = start, end - 1, size - 1
    at_edge = last == tree
    while first != last and (at_edge or last & 1):
        first, last, tree = first >> 1, last >> 1, tree >> 1
    rest = iter(proof)
    old = new = subtree if first == last else next(rest, b"")
    for sibling in rest:
        if tree == 0:
            raise NotProved("一致性证明过长", "the consistency proof is too long")
        if last & 1 or last == tree:
            if first < last:
                old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not last & 1:  # it has no sibling here, and is not 0: it is tree, which is not
                first, last, tree = first >> 1, last >> 1, tree >> 1
        else:
            new = node_hash(new, sibling)
        first, last, tree = first >> 1, last >> 1, tree >> 1
    if tree:
        raise NotProved("一致性证明过短", "the consistency proof is too short")
    return old, new


# draft-ietf-plants-merkle-tree-certs §4.1.
def _is_subtree(start: int, end: int) -> bool:
    return start & ((1 << (end - start - 1).bit_length()) - 1) == 0 if start < end else True


def _check_form(hashes: Sequence[bytes]) -> None:
    if any(len(hash_) != HASH_SIZE for hash_ in hashes):
        raise NotProved("证明中的散列值须为 32 字节", "a hash in the proof has not 32 bytes")

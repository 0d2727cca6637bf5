"""The tree over what an audit has read: its root now, and at every size it had before.

Of a ledger of ten million facts it holds some 80,000 hashes: those of full runs of 256 leaves and
all above them, as C2SP's tiles do, and the leaves since the last full run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from domain.proof.encoding import HASH_SIZE
from domain.proof.merkle import Node, node_hash, root, root_of
from domain.proof.tiles import HEIGHT, WIDTH

LeafHashes = Callable[[int, int], Sequence[bytes]]
"""Gives the hashes of the leaves at positions after one, up to another, read again."""
_RUNS_AT_HAND = 4096


class Tree:
    """A growing tree that knows its roots of before.

    Args:
        read: reads leaf hashes again where they are no longer at hand.
    """

    def __init__(self, read: LeafHashes) -> None:
        self.size = 0
        self.levels: list[list[bytes]] = [[]]
        self.tail: list[bytes] = []
        self._read = read
        self._recent: dict[int, list[bytes]] = {}
        self.root_at = lru_cache(maxsize=65_536)(self._root_at)

    @classmethod
    def load(cls, levels: Sequence[bytes], tail: bytes, read: LeafHashes) -> Tree:
        """Return the tree that :meth:`dump` gave the hashes of."""
        tree = cls(read)
        tree.levels = [_split(each) for each in levels] or [[]]
        tree.tail = _split(tail)
        tree.size = len(tree.levels[0]) * WIDTH + len(tree.tail)
        return tree

    def dump(self) -> tuple[list[bytes], bytes]:
        """Return all its hashes: level by level from the runs of 256 up, and the leaves since."""
        return [b"".join(level) for level in self.levels], b"".join(self.tail)

    def grow(self, hashes: bytes, roots: Sequence[bytes]) -> None:
        """Append leaf hashes, joined; ``roots`` of their full runs of 256, where they are known."""
        fresh = _split(hashes)
        known = list(roots)[::-1] if not self.tail else []
        self.size += len(fresh)
        rest = self.tail + fresh
        for start in range(0, len(rest) - WIDTH + 1, WIDTH):
            run = rest[start : start + WIDTH]
            self._recent[len(self.levels[0])] = run
            self._append(known.pop() if known else root_of(run))
        self.tail = rest[len(rest) - len(rest) % WIDTH :]
        while len(self._recent) > _RUNS_AT_HAND:
            del self._recent[next(iter(self._recent))]

    def _append(self, hash_: bytes) -> None:
        """Append the root of a full run, and what it completes above it."""
        for level in self.levels:
            level.append(hash_)
            if len(level) % 2:
                return
            hash_ = node_hash(level[-2], level[-1])
        self.levels.append([hash_])

    def root(self) -> bytes:
        """Return the root as it stands."""
        return self.root_at(self.size)

    def _root_at(self, size: int) -> bytes:
        return root(size, self._nodes)

    def _nodes(self, nodes: Sequence[Node]) -> list[bytes]:
        return [self._node(node) for node in nodes]

    def _node(self, node: Node) -> bytes:
        if node.level >= HEIGHT:
            return self.levels[node.level - HEIGHT][node.number]
        start = node.number << node.level
        run = self._run(start // WIDTH)
        return root_of(run[start % WIDTH : start % WIDTH + (1 << node.level)])

    def _run(self, number: int) -> Sequence[bytes]:
        """Return the leaf hashes of the run of 256 with that number."""
        if number == len(self.levels[0]):
            return self.tail
        if number not in self._recent:
            self._recent[number] = list(self._read(number * WIDTH, (number + 1) * WIDTH))
        return self._recent[number]


def _split(data: bytes) -> list[bytes]:
    return [data[n : n + HASH_SIZE] for n in range(0, len(data), HASH_SIZE)]

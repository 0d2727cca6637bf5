"""A log as its operator keeps it, for tests of whoever reads or witnesses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from domain.proof.checkpoint import Checkpoint
from domain.proof.encoding import write_base64
from domain.proof.merkle import prove_consistency, root_of
from domain.proof.note import NoteSigner, write_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.proof.merkle import Node

LOG = NoteSigner("county.example/log", bytes(range(32)))


@dataclass
class History:
    """A log's leaf hashes; a second history of the same log begins with some of them."""

    leaves: list[bytes] = field(default_factory=list)
    log: NoteSigner = LOG

    def grown(self, leaves: Iterable[bytes]) -> Self:
        """Return this history with more leaves."""
        return type(self)([*self.leaves, *leaves], self.log)

    def root(self, size: int) -> bytes:
        """Return the root of the first ``size`` leaves."""
        return root_of(self.leaves[:size])

    def note(self, size: int) -> bytes:
        """Return the checkpoint of that size, signed by the log."""
        text = Checkpoint(self.log.key.name, size, self.root(size)).text
        return write_note(text, [self.log.sign(text)])

    def request(self, old: int, size: int) -> bytes:
        """Return the body of an ``add-checkpoint`` request, proved by this history."""
        proof = prove_consistency(old, size, self._read) if old else []
        lines = "".join(f"{write_base64(each)}\n" for each in proof)
        return f"old {old}\n{lines}\n".encode() + self.note(size)

    def _read(self, nodes: Sequence[Node]) -> list[bytes]:
        return [
            root_of(self.leaves[node.number << node.level : node.number + 1 << node.level])
            for node in nodes
        ]

"""Checkpoints 检查点 (C2SP tlog-checkpoint): the signed head of a log's tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Invalid, NotProved
from domain.proof.encoding import read_hash, read_size, write_base64
from domain.proof.note import Note, Verifier, open_note

_MIN_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a tree: whose log, how many leaves, their root.

    ``extensions`` are further lines that the log may add; nobody else vouches for them.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    # C2SP tlog-checkpoint, "Note text".
    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), write_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


# C2SP tlog-checkpoint, "Note text".
def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text holds; ``Invalid`` when it is not one."""
    *lines, end = text.split("\n")
    if end or len(lines) < _MIN_LINES or "" in lines:
        raise Invalid("不是检查点", "not a checkpoint")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, read_size(size), read_hash(root), tuple(extensions))


def open_checkpoint(
    note: bytes, origin: str, log: Sequence[Verifier], cosigners: Sequence[Verifier] = ()
) -> tuple[Checkpoint, Note]:
    """Return the checkpoint of a note that the log signed, and the note with who else signed.

    Args:
        note: the signed note.
        origin: the log that it must be of.
        log: that log's keys (several while one is being replaced).
        cosigners: the keys of witnesses; how many of them must have signed is for the caller.

    Raises:
        Invalid: it is no signed checkpoint.
        NotProved: it is of another log, the log did not sign it, or a signature is not good.
    """
    opened = open_note(note, [*log, *cosigners])
    signers = {(signature.name, signature.key_id) for signature in opened.signatures}
    if not any((verifier.key.name, verifier.key.id) in signers for verifier in log):
        raise NotProved("日志没有签署该检查点", "the log did not sign the checkpoint")
    checkpoint = read_checkpoint(opened.text)
    if checkpoint.origin != origin:
        raise NotProved("检查点属于另一份日志", "the checkpoint is of another log", where=origin)
    return checkpoint, opened

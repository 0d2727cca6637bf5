"""Witnesses 见证 (C2SP tlog-witness): cosign a log's newest tree, and never two histories.

This decides; it stores and signs nothing. Whoever serves it asks :func:`decide`, makes what it
answers durable *before* it cosigns, and does both as one step: compare the head that was decided
upon with the one in the store, and put the new one in its place (:func:`conflict` if that fails).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.errors import Invalid, NotProved
from domain.proof.checkpoint import Checkpoint, read_checkpoint
from domain.proof.cosignature import Cosigner
from domain.proof.encoding import read_hash, read_size, write_base64
from domain.proof.merkle import EMPTY_ROOT, verify_consistency
from domain.proof.note import Signature, Verifier, open_note, write_note

MAX_PROOF = 63
_PLAIN = "text/plain; charset=utf-8"
_SIZE = "text/x.tlog.size"


class Head(NamedTuple):
    """The newest tree of a log that the witness cosigned."""

    size: int
    root: bytes


NOTHING = Head(0, EMPTY_ROOT)
"""The head of a log of which the witness cosigned nothing yet."""


class Answer(NamedTuple):
    """An HTTP response."""

    status: int
    body: bytes
    content_type: str = _PLAIN


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checkpoint that may be cosigned.

    Args:
        checkpoint: its parts.
        text: its text, which is what is cosigned.
        before: the head that it was decided upon: the store must still have it.
        signatures: the log's own good signatures, to serve beside the witness's.
    """

    checkpoint: Checkpoint
    text: str
    before: Head
    signatures: tuple[Signature, ...]

    @property
    def after(self) -> Head:
        """The head to store."""
        return Head(self.checkpoint.size, self.checkpoint.root)

    def cosign(self, cosigners: Sequence[Cosigner], time: datetime) -> tuple[Answer, bytes]:
        """Return the answer to the log, and the note to serve to monitors.

        Only to be called once :attr:`after` is durable.
        """
        cosigned = [cosigner.cosign(self.text, time) for cosigner in cosigners]
        body = "".join(signature.line for signature in cosigned).encode()
        return Answer(200, body), write_note(self.text, [*self.signatures, *cosigned])


def conflict(latest: Head) -> Answer:
    """Return the answer to a log that started from another size than the latest one."""
    return Answer(409, b"%d\n" % latest.size, _SIZE)


# C2SP tlog-witness, "add-checkpoint".
def decide(
    request: bytes, logs: Mapping[str, Sequence[Verifier]], latest: Callable[[str], Head]
) -> Answer | Accepted:
    """Decide on the body of an ``add-checkpoint`` request.

    Args:
        request: the body.
        logs: the keys of the logs that are witnessed, by origin.
        latest: gives the newest head that was cosigned of a log, or :data:`NOTHING`.
    """
    try:
        old_size, proof, note = _read_request(request)
    except Invalid:
        return Answer(400, b"malformed request\n")
    origin = note.partition(b"\n")[0].decode(errors="replace")
    if origin not in logs:
        return Answer(404, b"unknown log\n")
    try:
        opened = open_note(note, logs[origin])
        checkpoint = read_checkpoint(opened.text)
    except NotProved:
        return Answer(403, b"invalid signature\n")
    except Invalid:
        return Answer(400, b"malformed checkpoint\n")
    before = latest(origin)
    refused = _refuse(old_size, proof, checkpoint, before)
    return refused or Accepted(checkpoint, opened.text, before, opened.signatures)


# C2SP tlog-witness, "add-checkpoint": what the log sends.
def write_request(old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Return the body of an ``add-checkpoint`` request.

    Args:
        old_size: the size of the tree that the witness cosigned last; 0 if none is known.
        proof: that the checkpoint's tree begins with that one; empty from 0.
        note: the signed checkpoint.
    """
    lines = [f"old {old_size}", *map(write_base64, proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + note


# C2SP tlog-witness, "add-checkpoint": what the log makes of the answer.
def read_cosignature(answer: bytes, text: str, witness: Verifier) -> Signature:
    """Return the witness's cosignature of a checkpoint's text from the answer's body.

    Cosignatures of other keys are passed over, as the specification says.

    Raises:
        Invalid: the body is not made of signature lines.
        NotProved: none of them is the witness's, or it is not a good one of this text.
    """
    opened = open_note(f"{text}\n".encode() + answer, [witness])
    if opened.text != text:  # the answer went on with the text before it signed
        raise NotProved("附署的不是所交的检查点", "another text was cosigned")
    return opened.signatures[0]


def read_conflict(answer: bytes) -> int:
    """Return the size that the witness cosigned last, from the body of its 409 answer.

    Raises:
        Invalid: it is no size.
    """
    try:
        return read_size(answer.decode("ascii").removesuffix("\n"))
    except UnicodeDecodeError as error:
        raise Invalid("见证方的回答不合规", "malformed answer of a witness") from error


def _read_request(request: bytes) -> tuple[int, list[bytes], bytes]:
    head, blank, note = request.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Invalid("请求的形式不合规", "malformed request") from error
    if not blank or not first.startswith("old ") or len(lines) > MAX_PROOF:
        raise Invalid("请求的形式不合规", "malformed request")
    return read_size(first.removeprefix("old ")), [read_hash(line) for line in lines], note


def _refuse(
    old_size: int, proof: Sequence[bytes], checkpoint: Checkpoint, latest: Head
) -> Answer | None:
    if old_size > checkpoint.size:
        return Answer(400, b"the old size is larger than the checkpoint's\n")
    if old_size != latest.size:
        return conflict(latest)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        return Answer(422, b"not the root of the empty tree\n")
    if old_size == 0:  # every tree begins with the empty one
        return Answer(422, b"a consistency proof from nothing\n") if proof else None
    try:
        verify_consistency(old_size, checkpoint.size, proof, latest.root, checkpoint.root)
    except NotProved:
        return Answer(422, b"bad consistency proof\n")
    return None

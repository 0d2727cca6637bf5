"""Trust 信任策略 (C2SP tlog-policy): which logs count, which witnesses, and how many of them.

One text file says it, in the format that other programs read too::

    log aj.example.gov.cn/log+1a2b3c4d+AZ…
    witness city  city.example.gov.cn/witness+…
    witness province province.example.gov.cn/witness+…
    group superiors 1 city province
    quorum superiors

The text is all that whoever checks a bundle has to get from somewhere they trust.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.errors import Invalid, NotProved
from domain.proof.checkpoint import Checkpoint, open_checkpoint
from domain.proof.cosignature import cosigned_at, read_cosigner
from domain.proof.note import ED25519, Note, NoteVerifier, Verifier, read_key, split_note

NONE = "none"
"""The quorum of nobody."""

_OCTETS = re.compile(r"[^\t\n\x00-\x1f\x7f]*(?:[\t\n][^\t\n\x00-\x1f\x7f]*)*")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class Cosigned(NamedTuple):
    """A witness, by its name in the policy, and when it saw the checkpoint (if it says when)."""

    witness: str
    at: datetime | None


class Trusted(NamedTuple):
    """A checkpoint that the policy accepts, who cosigned it, and the note it came in."""

    checkpoint: Checkpoint
    cosigned: tuple[Cosigned, ...]
    note: Note


@dataclass(frozen=True)
class Trust:
    """A policy. Use :func:`read_trust`.

    Args:
        logs: the keys of each log, by its origin; several while one is being replaced.
        witnesses: the key of each witness, by its name in the policy.
        groups: how many of which witnesses and groups make up a group.
        quorum: the witness or group that must have cosigned, or ``none``.
    """

    quorum: str
    logs: dict[str, list[Verifier]] = field(default_factory=dict)
    witnesses: dict[str, Verifier] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def open(self, note: bytes) -> Trusted:
        """Return the checkpoint that a note holds.

        Raises:
            Invalid: it is no signed checkpoint.
            NotProved: it is of an unknown log, a signature is not good, or the quorum is missing.
        """
        origin = split_note(note)[0].split("\n", 1)[0]
        if origin not in self.logs:
            raise NotProved("信任策略中没有该日志", "the policy has no such log", where=origin)
        cosigners = list(self.witnesses.values())
        checkpoint, opened = open_checkpoint(note, origin, self.logs[origin], cosigners)
        signed = {(each.name, each.key_id): each for each in opened.signatures}
        cosigned = tuple(
            Cosigned(name, cosigned_at(signed[verifier.key.name, verifier.key.id]))
            for name, verifier in self.witnesses.items()
            if (verifier.key.name, verifier.key.id) in signed
        )
        if not self._agrees(self.quorum, {each.witness for each in cosigned}):
            raise NotProved("附署的见证方不足", "too few witnesses cosigned", where=origin)
        return Trusted(checkpoint, cosigned, opened)

    # C2SP tlog-policy, "Defining a witness group".
    def _agrees(self, name: str, cosigned: set[str]) -> bool:
        if name not in self.groups:
            return name == NONE or name in cosigned
        needed, members = self.groups[name]
        return sum(self._agrees(member, cosigned) for member in members) >= needed


# C2SP tlog-policy, "Policy file syntax and structure".
def read_trust(text: str) -> Trust:
    """Return the policy that a text holds.

    Raises:
        Invalid: a line is malformed, a name is unknown or taken, a key stands twice, or there is
            not exactly one quorum; ``where`` is the line.
    """
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            if not _OCTETS.fullmatch(line):
                raise _malformed("the line has control characters")  # noqa: TRY301
            reading.read(words)
        except Invalid as error:
            raise Invalid(
                f"信任策略第 {number} 行有误：{error.zh}", error.en, where=f"{number}"
            ) from error
    if reading.quorum is None:
        raise Invalid("信任策略没有 quorum 行", "the policy has no quorum line")
    return Trust(reading.quorum, reading.logs, reading.witnesses, reading.groups)

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
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.errors import Invalid, NotProved
from domain.proof.checkpoint import Checkpoint, open_checkpoint
from domain.proof.cosignature import cosigned_at, read_cosigner
from domain.proof.note import ED25519, Note, NoteVerifier, Verifier, read_key, split_note

NONE = "none"
"""The quorum of nobody."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
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
        urls: where each witness takes checkpoints, by its name in the policy; only those that say.
    """

    quorum: str
    logs: dict[str, list[Verifier]] = field(default_factory=dict)
    witnesses: dict[str, Verifier] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)

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
        if not self.agrees({each.witness for each in cosigned}):
            raise NotProved("附署的见证方不足", "too few witnesses cosigned", where=origin)
        return Trusted(checkpoint, cosigned, opened)

    # C2SP tlog-policy, "Defining the quorum".
    def agrees(self, cosigned: set[str]) -> bool:
        """Tell whether these witnesses, by their names in the policy, are enough."""
        return self._agrees(self.quorum, cosigned)

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
        try:
            reading.read(line)
        except Invalid as error:
            raise Invalid(
                f"信任策略第 {number} 行：{error.zh}", error.en, where=f"{number}"
            ) from error
    if reading.quorum is None:
        raise Invalid("信任策略缺少 quorum 行", "the policy has no quorum line")
    return Trust(reading.quorum, reading.logs, reading.witnesses, reading.groups, reading.urls)


class _Reading:
    """A policy half read: only names already defined may be used."""

    def __init__(self) -> None:
        self.quorum: str | None = None
        self.logs: dict[str, list[Verifier]] = {}
        self.witnesses: dict[str, Verifier] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.urls: dict[str, str] = {}
        self._grouped: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()

    def read(self, line: str) -> None:
        if _CONTROL.search(line):
            raise Invalid("含控制字符", "the line has control characters")
        match [word for word in re.split(r"[ \t]+", line) if word]:
            case []:
                pass
            case [word, *_] if word.startswith("#"):
                pass
            case ["log", vkey] | ["log", vkey, _]:
                self._read_log(vkey)
            case ["witness", name, vkey]:
                self._read_witness(name, vkey)
            case ["witness", name, vkey, url]:
                self._read_witness(name, vkey)
                self.urls[name] = url
            case ["group", name, needed, *members] if members:
                self._read_group(name, needed, tuple(members))
            case ["quorum", name] if self.quorum is None:
                self._known(name, NONE)
                self.quorum = name
            case _:
                raise Invalid("格式有误或重复", "the line is malformed or stands twice")

    def _read_log(self, vkey: str) -> None:
        key = read_key(vkey)
        verifier = NoteVerifier(key) if key.kind == ED25519 else read_cosigner(vkey)
        self._once("log", verifier)
        self.logs.setdefault(key.name, []).append(verifier)

    def _read_witness(self, name: str, vkey: str) -> None:
        self._define(name)
        verifier = self.witnesses[name] = read_cosigner(vkey)
        self._once("witness", verifier)

    def _read_group(self, name: str, needed: str, members: tuple[str, ...]) -> None:
        for member in members:
            self._known(member)
            if member in self._grouped:
                raise Invalid("同一成员只能列入一次", "a member is listed twice", where=member)
            self._grouped.add(member)
        self._define(name)
        count = {"any": "1", "all": f"{len(members)}"}.get(needed, needed)
        if not _NUMBER.fullmatch(count) or int(count) > len(members):
            raise Invalid("所需成员数有误", "the number needed is malformed", where=needed)
        self.groups[name] = int(count), members

    def _define(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise Invalid("名称已被使用", "the name is taken", where=name)

    def _known(self, name: str, *others: str) -> None:
        if name not in self.witnesses and name not in self.groups and name not in others:
            raise Invalid("名称未定义", "the name is not defined", where=name)

    def _once(self, role: str, verifier: Verifier) -> None:
        entry = role, verifier.key.public
        if entry in self._keys:
            raise Invalid("同一公钥出现两次", "a key stands twice", where=verifier.key.name)
        self._keys.add(entry)

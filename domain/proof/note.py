"""Signed notes 签名文书 (C2SP signed-note, golang.org/x/mod/sumdb/note): a text and who signed it.

::

    example.com/log
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.com/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5…

A text is worth nothing until a key that the reader trusts has signed it: :func:`open_note` takes
those keys and gives the text only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple, Protocol, Self

from domain.errors import Invalid, NotProved
from domain.proof import ed25519
from domain.proof.encoding import read_base64, write_base64

ED25519 = 0x01
"""The type of Ed25519 signatures over the text as it stands."""
ID_SIZE = 4
MAX_SIGNATURES = 100
MAX_NOTE = 1_000_000
"""Bytes of the longest note that is read."""

_MARK = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_SECRET = "PRIVATE+KEY+"  # noqa: S105 - what a private key's text begins with


class Signature(NamedTuple):
    """A line under a note: who signed, and the signature in the form of that key's type."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The signature's line, with its newline."""
        return f"{_MARK}{self.name} {write_base64(self.key_id + self.value)}\n"


# C2SP signed-note, "Verifier keys".
@dataclass(frozen=True)
class Key:
    """A public key as notes name it; its text form is the *vkey* ``<name>+<id>+<base64>``.

    Args:
        name: who it belongs to: no spaces, no plus sign.
        kind: the signature type, one byte.
        public: the key itself.
    """

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise Invalid("密钥名不合规", "not a valid key name", where=self.name)

    @cached_property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key)."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[
            :ID_SIZE
        ]

    def __str__(self) -> str:
        """Return the vkey."""
        return f"{self.name}+{self.id.hex()}+{write_base64(bytes([self.kind]) + self.public)}"


def read_key(vkey: str) -> Key:
    """Return the key that a vkey stands for; ``Invalid`` when it is not one."""
    name, _, rest = vkey.partition("+")
    key_id, _, material = rest.partition("+")
    data = read_base64(material)
    if not data or not _KEY_ID.fullmatch(key_id):
        raise Invalid("不是公钥文本", "not a verifier key", where=name)
    key = Key(name, data[0], data[1:])
    if key.id.hex() != key_id:
        raise Invalid("公钥与其编号不符", "the key does not fit its id", where=name)
    return key


def is_name(name: str) -> bool:
    """Tell whether ``name`` may name a key: not empty, no plus sign, no Unicode space."""
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


class Verifier(Protocol):
    """A key that a reader trusts, with what it takes to check its signatures."""

    @property
    def key(self) -> Key:
        """The key."""
        ...

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` is this key's over the note's ``text``."""
        ...


# C2SP signed-note, "Ed25519 signatures".
class NoteVerifier:
    """Checks signatures of type 0x01.

    Raises:
        Invalid: the key is of another type, or no good Ed25519 key.
    """

    def __init__(self, key: Key) -> None:
        if key.kind != ED25519 or not ed25519.is_key(key.public):
            raise Invalid("不是可用的 Ed25519 公钥", "not a good Ed25519 key", where=key.name)
        self.key = key

    @classmethod
    def read(cls, vkey: str) -> Self:
        """Return the verifier of a vkey."""
        return cls(read_key(vkey))

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` is this key's over ``text``."""
        return ed25519.verify(self.key.public, text, signature)


# golang.org/x/mod/sumdb/note, NewSigner and GenerateKey.
class NoteSigner:
    """Signs notes with an Ed25519 key.

    Args:
        name: the key's name; a log's is its origin.
        seed: the private key, 32 random bytes.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        self.key = Key(name, ED25519, ed25519.public_key(seed))
        self._seed = seed

    @classmethod
    def read(cls, secret: str) -> Self:
        """Return the signer of ``PRIVATE+KEY+<name>+<id>+<base64>``.

        Raises:
            Invalid: it is no such text, or its id is that of another key.
        """
        name, _, rest = secret.removeprefix(_SECRET).partition("+")
        key_id, _, material = rest.partition("+")
        data = read_base64(material)
        if (
            not secret.startswith(_SECRET)
            or data[:1] != bytes([ED25519])
            or len(data) != 1 + ed25519.SEED_SIZE
        ):
            raise Invalid("不是私钥文本", "not a signer key")
        signer = cls(name, data[1:])
        if signer.key.id.hex() != key_id:
            raise Invalid("私钥与其编号不符", "the signer key does not fit its id", where=name)
        return signer

    @property
    def secret(self) -> str:
        """The private key's text form, which Go's tools read too."""
        material = write_base64(bytes([ED25519]) + self._seed)
        return f"{_SECRET}{self.key.name}+{self.key.id.hex()}+{material}"

    def sign(self, text: str) -> Signature:
        """Return this key's signature of a note's text."""
        return Signature(self.key.name, self.key.id, ed25519.sign(self._seed, text.encode()))


class Note(NamedTuple):
    """An opened note: at least one of ``signatures`` is there, and all of them are good."""

    text: str
    signatures: tuple[Signature, ...]
    unknown: tuple[Signature, ...]


# C2SP signed-note, "Format".
def write_note(text: str, signatures: Iterable[Signature]) -> bytes:
    """Return the note of a text and its signatures.

    Raises:
        Invalid: the text does not end in a newline or has control characters, or nobody signed.
    """
    lines = "".join(signature.line for signature in signatures)
    if not text.endswith("\n") or _CONTROL.search(text) or not lines:
        raise Invalid("文书的正文不合规或没有签名", "the note's text is malformed or nobody signed")
    return f"{text}\n{lines}".encode()


def split_note(note: bytes) -> tuple[str, list[Signature]]:
    """Return a note's text and signatures, none of them checked.

    Raises:
        Invalid: it is no note at all.
        NotProved: what stands under the text is not made of signatures.
    """
    try:
        text, blank, lines = note[: MAX_NOTE + 1].decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise Invalid("文书不是 UTF-8", "the note is not UTF-8") from error
    if not blank or len(note) > MAX_NOTE or _CONTROL.search(text) or _CONTROL.search(lines):
        raise Invalid("不是签名文书", "not a signed note")
    return text + "\n", _read_signatures(lines)


def _read_signatures(lines: str) -> list[Signature]:
    *found, rest = lines.split("\n")
    if rest or not 0 < len(found) <= MAX_SIGNATURES:
        raise NotProved("文书没有签名或签名过多", "the note has no signatures or too many")
    return [_read_signature(line) for line in found]


def _read_signature(line: str) -> Signature:
    name, _, value = line.removeprefix(_MARK).partition(" ")
    try:
        data = read_base64(value)
    except Invalid:
        data = b""
    if not line.startswith(_MARK) or not is_name(name) or len(data) <= ID_SIZE:
        raise NotProved("文书的签名行不合规", "a signature line is malformed", where=line[:100])
    return Signature(name, data[:ID_SIZE], data[ID_SIZE:])


# C2SP signed-note, "Signatures".
def open_note(note: bytes, verifiers: Sequence[Verifier]) -> Note:
    """Return the text of a note that at least one of the keys signed.

    Signatures of other keys are kept aside; of a key's several signatures the first is kept, and
    every one of them is checked.

    Raises:
        Invalid: it is no note.
        NotProved: none of the keys signed it, or what claims to be a signature of theirs is not.
    """
    text, found = split_note(note)
    signed = text.encode()
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.key.name, verifier.key.id), verifier).key != verifier.key:
            raise Invalid(
                "两把公钥同名同编号", "two keys of one name and id", where=verifier.key.name
            )
    good: dict[tuple[str, bytes], Signature] = {}
    unknown: dict[Signature, None] = {}
    for signature in found:
        trusted = known.get(signature[:2])
        if trusted is None:
            unknown[signature] = None
        elif trusted.verify(signed, signature.value):
            good.setdefault(signature[:2], signature)
        else:
            raise NotProved("签名不成立", "invalid signature", where=signature.name)
    if not good:
        raise NotProved("没有受信任的签名", "no signature by a trusted key")
    return Note(text, tuple(good.values()), tuple(unknown))

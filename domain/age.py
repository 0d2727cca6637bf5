"""What can be seen of an age file from outside (C2SP age.md): for whom it is, never what it says.

Nothing here encrypts or decrypts. An age file names each recipient by a stanza of its header; those
of X25519 keys do not tell whose they are, but they can be counted.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_ARMOR = re.compile(
    r"-----BEGIN AGE ENCRYPTED FILE-----\r?\n(.+?)\r?\n-----END AGE ENCRYPTED FILE-----", re.DOTALL
)
_VERSION = b"age-encryption.org/v1"
_STANZA = b"-> "
_END = b"---"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_RECIPIENT = re.compile(rf"age1[{_BECH32}]{{58}}")
_RAW_BYTES = 32
RECIPIENT = r"^age1[02-9ac-hj-np-z]{58}$"
"""The form of a recipient: the public half of an X25519 key."""


@dataclass(frozen=True, slots=True)
class Header:
    """The recipients of an age file: how many X25519 keys, and what other kinds there are."""

    keys: int
    others: tuple[str, ...]


def is_recipient(text: str) -> bool:
    """Tell whether ``text`` is the public half of an X25519 key, its check digits included."""
    if not _RECIPIENT.fullmatch(text):
        return False
    human = [ord(c) >> 5 for c in "age"] + [0] + [ord(c) & 31 for c in "age"]
    values = [_BECH32.index(character) for character in text[4:]]
    sound = _polymod([*human, *values]) == 1
    return sound and len(values[:-6]) * 5 // 8 == _RAW_BYTES


# BIP 173, which age.md takes for its recipients.
def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate(_GENERATOR):
            check ^= generator if top >> index & 1 else 0
    return check


def read_header(armored: str) -> Header | None:
    """Return for whom an armored age file is; None where it is none.

    Stanzas that stand for nobody (``…-grease``), which some programs add, are left out.
    """
    match = _ARMOR.fullmatch(armored.strip())
    if match is None:
        return None
    try:
        data = base64.b64decode("".join(match[1].split()), validate=True)
    except (ValueError, binascii.Error):
        return None
    first, *lines = data.split(b"\n")
    if first != _VERSION:
        return None
    kinds: list[str] = []
    for line in lines:
        if line.startswith(_END):
            return Header(kinds.count("X25519"), tuple(kind for kind in kinds if kind != "X25519"))
        if line.startswith(_STANZA):
            kind = line.removeprefix(_STANZA).split(b" ")[0].decode("ascii", "replace")
            kinds += [kind] if not kind.endswith("-grease") else []
    return None

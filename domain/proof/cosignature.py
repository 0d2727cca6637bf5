"""Cosignatures 附署 (C2SP tlog-cosignature): a witness saw this checkpoint, at this moment.

Two types: Ed25519 over a header, the moment and the note's text; and ML-DSA-44, safe against
quantum computers, over a structure that names the witness, the log and the tree.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Protocol

from domain.errors import Invalid
from domain.proof import ed25519, ml_dsa
from domain.proof.checkpoint import read_checkpoint
from domain.proof.note import Key, Signature, Verifier, read_key

ED25519_COSIGNATURE = 0x04
ML_DSA_44 = 0x06

_ED25519_SIZE = 8 + ed25519.SIGNATURE_SIZE
_LATEST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
_MAX_NAME = 255


# C2SP tlog-cosignature, "Format".
def cosigned_at(signature: Signature) -> datetime | None:
    """Return the moment that a *checked* cosignature states, in UTC; None when it states none."""
    seconds = _seconds(signature.value)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _seconds(value: bytes) -> int:
    return int.from_bytes(value[:8])


class CosignatureVerifier:
    """Checks Ed25519 cosignatures, type 0x04.

    Raises:
        Invalid: the key is of another type, or no good Ed25519 key.
    """

    def __init__(self, key: Key) -> None:
        if key.kind != ED25519_COSIGNATURE or not ed25519.is_key(key.public):
            raise Invalid("不是可用的附署公钥", "not a good cosigner key", where=key.name)
        self.key = key

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` is this witness's over the checkpoint ``text``."""
        return (
            len(signature) == _ED25519_SIZE
            and _seconds(signature) <= _LATEST
            and ed25519.verify(
                self.key.public, _ed25519_message(text, _seconds(signature)), signature[8:]
            )
        )


# C2SP tlog-cosignature, "Ed25519 signed message".
def _ed25519_message(text: bytes, seconds: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % seconds + text


class MlDsaVerifier:
    """Checks ML-DSA-44 cosignatures, type 0x06.

    Raises:
        Invalid: the key is of another type or length, or ML-DSA is not to be had here.
    """

    def __init__(self, key: Key) -> None:
        if key.kind != ML_DSA_44 or not ml_dsa.is_key(key.public):
            raise Invalid("不是可用的附署公钥", "not a good ML-DSA-44 key", where=key.name)
        self.key = key

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` is this witness's over the whole tree of a checkpoint."""
        try:
            message = _ml_dsa_message(self.key.name, text, _seconds(signature))
        except Invalid:
            return False
        good = ml_dsa.verify(self.key.public, message, signature[8:])
        return good and _seconds(signature) <= _LATEST


# C2SP tlog-cosignature, "ML-DSA-44 signed message", for the subtree that is the whole tree.
def _ml_dsa_message(name: str, text: bytes, seconds: int) -> bytes:
    checkpoint = read_checkpoint(text.decode())
    return (
        b"subtree/v1\n\x00"
        + _short(name)
        + struct.pack(">Q", seconds)
        + _short(checkpoint.origin)
        + struct.pack(">QQ", 0, checkpoint.size)
        + checkpoint.root
    )


def _short(text: str) -> bytes:
    data = text.encode()
    if len(data) > _MAX_NAME:
        raise Invalid("名称超过 255 字节", "a name is longer than 255 bytes", where=text[:100])
    return bytes([len(data)]) + data


def read_cosigner(vkey: str) -> Verifier:
    """Return the verifier of a witness's vkey, of either type; ``Invalid`` when it is neither."""
    key = read_key(vkey)
    return MlDsaVerifier(key) if key.kind == ML_DSA_44 else CosignatureVerifier(key)


class Cosigner(Protocol):
    """A witness's private key."""

    @property
    def key(self) -> Key:
        """Its public half."""
        ...

    def cosign(self, text: str, time: datetime) -> Signature:
        """Return the cosignature of a checkpoint's text as seen at ``time``."""
        ...


class Ed25519Cosigner:
    """Cosigns with Ed25519.

    Args:
        name: the witness's name.
        seed: the private key, 32 random bytes; for nothing else, not even under another name.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        self.key = Key(name, ED25519_COSIGNATURE, ed25519.public_key(seed))
        self._seed = seed

    def cosign(self, text: str, time: datetime) -> Signature:
        """Return the cosignature of a checkpoint's text as seen at ``time``."""
        seconds = int(time.timestamp())
        message = _ed25519_message(text.encode(), seconds)
        value = struct.pack(">Q", seconds) + ed25519.sign(self._seed, message)
        return Signature(self.key.name, self.key.id, value)


class MlDsaCosigner:
    """Cosigns with ML-DSA-44.

    Args:
        name: the witness's name.
        seed: the private key, 32 random bytes.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        self.key = Key(name, ML_DSA_44, ml_dsa.public_key(seed))
        self._seed = seed

    def cosign(self, text: str, time: datetime) -> Signature:
        """Return the cosignature of a checkpoint's text as seen at ``time``."""
        seconds = int(time.timestamp())
        message = _ml_dsa_message(self.key.name, text.encode(), seconds)
        value = struct.pack(">Q", seconds) + ml_dsa.sign(self._seed, message)
        return Signature(self.key.name, self.key.id, value)

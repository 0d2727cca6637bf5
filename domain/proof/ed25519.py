"""Ed25519 (RFC 8032), strictly: one key has one encoding, and one signature has one meaning.

libsodium refuses what RFC 8032 §5.1.7 leaves open and what others disagree on: an S that is not
reduced, an R or a key of small order or not in its canonical encoding. A key with a component of
small order is refused here on top of it, because some verifiers multiply by the cofactor and some
do not, and only with such a key would they come to different results.
"""

from __future__ import annotations

from functools import lru_cache

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

PUBLIC_SIZE = 32
SEED_SIZE = 32
SIGNATURE_SIZE = 64


@lru_cache(maxsize=65_536)
def is_key(public: bytes) -> bool:
    """Tell whether ``public`` is the encoding of a point of the prime-order group, not its zero."""
    return len(public) == PUBLIC_SIZE and crypto_core_ed25519_is_valid_point(public)


# RFC 8032 §5.1.7.
def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether ``signature`` is the key's signature of ``message``."""
    if len(signature) != SIGNATURE_SIZE or not is_key(public):
        return False
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


# RFC 8032 §5.1.5.
def public_key(seed: bytes) -> bytes:
    """Return the public key of the private key ``seed`` (32 random bytes)."""
    return crypto_sign_seed_keypair(seed)[0]


# RFC 8032 §5.1.6.
def sign(seed: bytes, message: bytes) -> bytes:
    """Return the signature of ``message`` by the private key ``seed``."""
    return crypto_sign(message, crypto_sign_seed_keypair(seed)[1])[:SIGNATURE_SIZE]

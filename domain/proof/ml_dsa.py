"""ML-DSA-44 (FIPS 204) without a context: signatures that a quantum computer cannot forge.

It needs a ``cryptography`` whose OpenSSL has it, as its wheels do. Elsewhere no key is a good one.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey


@lru_cache(maxsize=256)
def _load(public: bytes) -> MLDSA44PublicKey | None:
    try:
        return MLDSA44PublicKey.from_public_bytes(public)
    except (ValueError, UnsupportedAlgorithm):
        return None


def is_key(public: bytes) -> bool:
    """Tell whether ``public`` is a key, 1,312 bytes, that can be used here."""
    return _load(public) is not None


# FIPS 204, algorithm 3.
def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether ``signature`` is the key's signature of ``message``."""
    key = _load(public)
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_key(seed: bytes) -> bytes:
    """Return the public key of the private key ``seed`` (32 random bytes)."""
    return MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


# FIPS 204, algorithm 2.
def sign(seed: bytes, message: bytes) -> bytes:
    """Return a signature of ``message``; each is another, as FIPS 204 has it by default."""
    return MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)

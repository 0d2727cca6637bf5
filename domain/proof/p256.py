"""ECDSA on P-256 with SHA-256 (FIPS 186-5), the signature of most passkeys, in one spelling.

If (r, s) is a signature, so is (r, n - s), and DER has room for more. Authenticators give either,
so a signature is brought into its normal form when it is taken in: 64 bytes r ‖ s, s the smaller of
the two. Only that form is ever recorded, and :func:`verify` refuses every other. So nobody can
make a second signature out of a recorded one. (WebCrypto takes the normal form as it is.)
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from domain.errors import Invalid

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PUBLIC_SIZE = 65
SIGNATURE_SIZE = 64

_HALF = (ORDER >> 1).to_bytes(32)
_LARGEST_FIRST = 0x7F
_ECDSA_SHA256 = ECDSA(Prehashed(SHA256()))


@lru_cache(maxsize=65_536)
def _load(public: bytes) -> EllipticCurvePublicKey | None:
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public)
    except ValueError:
        return None
    return key if len(public) == PUBLIC_SIZE else None


def is_key(public: bytes) -> bool:
    """Tell whether ``public`` is a point of the curve, as 0x04 ‖ x ‖ y (SEC 1 §2.3.3)."""
    return _load(public) is not None


# FIPS 186-5 §6.4.2.
def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether ``signature``, in normal form, is the key's signature of ``message``."""
    key = _load(public)
    if key is None or len(signature) != SIGNATURE_SIZE or signature[32:] > _HALF:
        return False
    try:
        key.verify(der(signature), sha256(message).digest(), _ECDSA_SHA256)
    except InvalidSignature:
        return False
    return True


# RFC 3279 §2.2.3. By hand, since it is quicker than by way of Python's integers.
def der(signature: bytes) -> bytes:
    """Return the DER of a signature in normal form."""
    r, s = _integer(signature[:32]), _integer(signature[32:])
    return b"\x30%c%b%b" % (len(r) + len(s), r, s)


# X.690 §8.3: as few bytes as there can be, the first bit of which is a sign.
def _integer(number: bytes) -> bytes:
    number = number.lstrip(b"\0")
    if not number or number[0] > _LARGEST_FIRST:
        number = b"\0" + number
    return b"\x02%c%b" % (len(number), number)


def normal_form(der: bytes) -> bytes:
    """Return the normal form of a signature in DER (RFC 3279 §2.2.3), as authenticators give it.

    Raises:
        Invalid: it is not DER, or r or s lies outside 1 to n - 1.
    """
    try:
        r, s = decode_dss_signature(der)
    except ValueError as error:
        raise Invalid("签名不是 DER 编码", "the signature is not DER") from error
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise Invalid("签名数值超出范围", "the signature's numbers are out of range")
    return r.to_bytes(32) + min(s, ORDER - s).to_bytes(32)

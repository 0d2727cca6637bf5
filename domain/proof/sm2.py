"""SM2 with SM3 (GB/T 32918.2, GB/T 32918.5): the signature of the USB keys used in China.

An extra: ``pip install daocha[gm]`` brings the library. Without it such a signature can be neither
made nor checked, and whoever asks is told so: it never counts as good.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from domain.errors import Invalid, Unavailable

# GB/T 32918.5 §2, the recommended curve y² = x³ + ax + b over p, of prime order.
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

PUBLIC_SIZE = 65
SIGNATURE_SIZE = 64
SIGNER_ID = b"1234567812345678"
"""The signer's id that goes into the hash where none is agreed on (GM/T 0009 §10)."""


@cache
def _library() -> Any:  # noqa: ANN401 - the library has no types
    try:
        return import_module("gmssl_pyx")
    except ImportError as error:
        raise Unavailable(
            "未安装国密组件，无法验证 SM2 签名",
            "SM2 signatures cannot be checked here",
            todo_zh="请安装 daocha[gm]",
            todo_en="install daocha[gm]",
        ) from error


# GB/T 32918.1 §6.2.1: on a curve of prime order, to lie on the curve is enough.
def is_key(public: bytes) -> bool:
    """Tell whether ``public`` is a point of the curve, as 0x04 ‖ x ‖ y."""
    if len(public) != PUBLIC_SIZE or public[0] != 0x04:  # noqa: PLR2004 - SEC 1's mark
        return False
    x, y = int.from_bytes(public[1:33]), int.from_bytes(public[33:])
    return x < _P and y < _P and (y * y - x * x * x - _A * x - _B) % _P == 0


# GB/T 32918.2 §7.1.
def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether ``signature``, as r ‖ s, is the key's signature of ``message``.

    Raises:
        Unavailable: the library is not installed.
    """
    library = _library()
    if len(signature) != SIGNATURE_SIZE or not is_key(public):
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if not (0 < r < ORDER and 0 < s < ORDER):
        return False
    return bool(library.sm2_verify(public[1:], message, encode_dss_signature(r, s), SIGNER_ID))


def normal_form(der: bytes) -> bytes:
    """Return r ‖ s of a signature in DER (GM/T 0009 §7.3); ``Invalid`` when it is not DER.

    SM2 signatures have no second valid form such as ECDSA's n - s: r enters what s is checked with.
    """
    try:
        r, s = decode_dss_signature(der)
        return r.to_bytes(32) + s.to_bytes(32)
    except (ValueError, OverflowError) as error:
        raise Invalid("签名不是 DER 编码", "the signature is not DER") from error

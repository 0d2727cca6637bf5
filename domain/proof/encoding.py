"""How hashes, keys and sizes are written: one spelling each, and every other spelling refused.

A second spelling of the same bytes (base64 with other padding bits, ``007``) would let somebody
change a document that has been checked without the check noticing.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import a2b_base64, b2a_base64

from pydantic import ConfigDict

from domain.errors import Invalid
from domain.fact import Frozen

HASH_SIZE = 32
"""Bytes of a SHA-256 hash."""
MAX_SIZE = 2**63 - 1
"""The largest size of a tree, and the largest moment of a cosignature."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Exact(Frozen):
    """A value whose texts are taken as they stand, spaces at their ends included."""

    model_config = ConfigDict(str_strip_whitespace=False)


def write_base64(data: bytes) -> str:
    """Return the standard base64 of ``data``, with padding (RFC 4648 §4)."""
    return b2a_base64(data, newline=False).decode("ascii")


def read_base64(text: str) -> bytes:
    """Return the bytes that ``text`` stands for; ``Invalid`` when it is not their one spelling.

    RFC 4648 §3.5 lets a decoder refuse padding bits that are not zero, and this one does.
    """
    try:
        data = a2b_base64(text, strict_mode=True)
    except ValueError:
        data = None
    if data is None or b2a_base64(data, newline=False) != text.encode():
        raise Invalid("不是规范的 base64 编码", "not canonical base64")
    return data


def write_base64url(data: bytes) -> str:
    """Return the base64url of ``data`` without padding (RFC 4648 §5, as WebAuthn writes it)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def read_base64url(text: str) -> bytes:
    """Return the bytes that ``text`` stands for; ``Invalid`` when it is not their one spelling."""
    try:
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        data = None
    if data is None or write_base64url(data) != text:
        raise Invalid("不是规范的 base64url 编码", "not canonical base64url")
    return data


def read_hash(text: str) -> bytes:
    """Return the SHA-256 hash that ``text`` is the base64 of; ``Invalid`` when it is not one."""
    value = read_base64(text)
    if len(value) != HASH_SIZE:
        raise Invalid("散列值须为 32 字节", "a hash has 32 bytes")
    return value


def read_size(text: str) -> int:
    """Return the number that ``text`` is the decimal form of, without leading zeros.

    Raises:
        Invalid: it is written otherwise, or lies beyond 2^63 - 1.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise Invalid("不是规范的十进制数", "not a canonical decimal number")
    return int(text)

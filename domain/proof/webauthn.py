"""Passkeys 通行密钥 (WebAuthn Level 3): what a browser's user signed, checked from the bytes alone.

A personal signature is an assertion whose challenge is the hash to be signed. It counts only when
the person was present and verified (fingerprint, face, PIN), on a page of our own that no other
page framed. What the browser says about that is read by the specification's *limited verification
algorithm* (§5.8.1.2), byte for byte, so that every program comes to the same result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

from domain.errors import Invalid, NotProved
from domain.proof import ed25519, p256
from domain.proof.encoding import write_base64url

Algorithm = Literal["es256", "eddsa"]

_ORIGIN = re.compile(r"https://(?P<host>[a-z0-9.-]+)(:[0-9]{1,5})?", re.ASCII)
_LOCAL_ORIGIN = re.compile(r"http://(?P<host>localhost)(:[0-9]{1,5})?", re.ASCII)
_NOT_AGAIN = (b'"type":', b'"challenge":', b'"origin":', b'"crossOrigin":', b'"topOrigin":')

# §6.1, the flags of authenticator data.
_PRESENT, _VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP = 0x01, 0x04, 0x08, 0x10
_ATTESTED, _EXTENDED = 0x40, 0x80
_FIXED_SIZE = 37
_CREDENTIAL_AT = 55

# §6.5.1.1 and CTAP2's canonical CBOR: with the algorithm, all of a COSE key but its numbers is
# fixed, {1: 2, 3: -7, -1: 1, -2: x, -3: y} and {1: 1, 3: -8, -1: 6, -2: x}.
_COSE_ES256 = bytes.fromhex("a5010203262001215820")
_COSE_Y = bytes.fromhex("225820")
_COSE_EDDSA = bytes.fromhex("a4010103272006215820")


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential's public key and where it may be used.

    Args:
        algorithm: ``es256`` or ``eddsa``.
        public: 65 bytes 0x04 ‖ x ‖ y for es256, 32 bytes for eddsa.
        rp_id: the relying party's id, a domain name.
        origins: the pages that may ask for signatures, such as ``https://aj.example.gov.cn``.

    Raises:
        Invalid: the key is not good, or an origin does not belong to ``rp_id``.
    """

    algorithm: Algorithm
    public: bytes
    rp_id: str
    origins: tuple[str, ...]

    def __post_init__(self) -> None:
        check = p256.is_key if self.algorithm == "es256" else ed25519.is_key
        if not check(self.public):
            raise Invalid("不是可用的通行密钥公钥", "not a good passkey")
        for origin in self.origins:
            found = _ORIGIN.fullmatch(origin) or _LOCAL_ORIGIN.fullmatch(origin)
            if not found or not f".{found['host']}".endswith(f".{self.rp_id}"):
                raise Invalid(
                    "网页来源与依赖方不符", "the origin is not of the relying party", where=origin
                )
        if not self.origins:
            raise Invalid("未指定网页来源", "no origin is given")


class Assertion(NamedTuple):
    """What an authenticator answered, the signature in normal form (:mod:`p256`, r ‖ s)."""

    authenticator_data: bytes
    client_data: bytes
    signature: bytes


# §7.2, steps 11 to 22, with user verification required and framing refused.
def verify_assertion(key: Passkey, challenge: bytes, assertion: Assertion) -> None:
    """Check that the holder of ``key`` signed ``challenge``, verified, on a page of ours.

    Raises:
        NotProved: something does not hold; ``where`` names it.
    """
    data, client_data, signature = assertion
    _check_client_data(client_data, "webauthn.get", challenge, key.origins)
    flags = _check_authenticator_data(data, key.rp_id)
    if flags & _ATTESTED or (len(data) > _FIXED_SIZE) != bool(flags & _EXTENDED):
        raise NotProved("认证器数据的形式不合规", "malformed authenticator data", where="length")
    verify = p256.verify if key.algorithm == "es256" else ed25519.verify
    if not verify(key.public, data + sha256(client_data).digest(), signature):
        raise NotProved(
            "通行密钥的签名不成立", "the passkey's signature is invalid", where="signature"
        )


# §5.8.1.2: what it must begin with is written down and compared, nothing is parsed.
def _check_client_data(
    client_data: bytes, ceremony: str, challenge: bytes, origins: tuple[str, ...]
) -> None:
    head = f'{{"type":"{ceremony}","challenge":"{write_base64url(challenge)}","origin":"'
    for origin in origins:
        told = f'{head}{origin}","crossOrigin":false'.encode()
        if client_data.startswith(told):
            break
    else:
        raise _differing(client_data, ceremony, challenge, origins)
    more = client_data[len(told) :]
    if more == b"}":
        return
    if any(name in more for name in _NOT_AGAIN):
        raise _framed()
    if not (more.startswith(b",") and more.endswith(b"}")):
        raise NotProved("客户端数据的形式不合规", "malformed client data", where="clientData")


def _differing(
    client_data: bytes, ceremony: str, challenge: bytes, origins: tuple[str, ...]
) -> NotProved:
    """Return what to say of client data that do not begin as they must: the first difference."""
    head = f'{{"type":"{ceremony}","challenge":'
    if not client_data.startswith(head.encode()):
        return NotProved("不是签名操作", "not this ceremony", where="type")
    head += f'"{write_base64url(challenge)}","origin":'
    if not client_data.startswith(head.encode()):
        return NotProved("所签内容不符", "the challenge is another", where="challenge")
    if not any(client_data.startswith(f'{head}"{origin}",'.encode()) for origin in origins):
        return NotProved("网页来源不在许可之列", "the origin is not allowed", where="origin")
    return _framed()


def _framed() -> NotProved:
    return NotProved("网页被其他来源嵌入", "the page was framed by another", where="crossOrigin")


# §6.1 and §7.2, steps 16 to 19.
def _check_authenticator_data(data: bytes, rp_id: str) -> int:
    if len(data) < _FIXED_SIZE:
        raise NotProved("认证器数据过短", "the authenticator data is too short", where="length")
    if data[:32] != _rp_id_hash(rp_id):
        raise NotProved("签名属于另一个网站", "the signature is for another site", where="rpIdHash")
    flags = data[32]
    if not flags & _PRESENT:
        raise NotProved("本人未在场", "the user was not present", where="UP")
    if not flags & _VERIFIED:
        raise NotProved("未验证本人身份", "the user was not verified", where="UV")
    if flags & _BACKED_UP and not flags & _BACKUP_ELIGIBLE:
        raise NotProved("认证器数据自相矛盾", "the flags contradict each other", where="BS")
    return flags


@lru_cache(maxsize=256)
def _rp_id_hash(rp_id: str) -> bytes:
    return sha256(rp_id.encode()).digest()


# §7.1, steps 7 to 16. Attestation is not looked at: a registrar vouches for whose key it is.
def read_registration(
    client_data: bytes,
    authenticator_data: bytes,
    challenge: bytes,
    rp_id: str,
    origins: tuple[str, ...],
) -> tuple[bytes, Passkey]:
    """Return the credential id and the key that a browser made for ``challenge``.

    Args:
        client_data: ``response.clientDataJSON``.
        authenticator_data: ``response.getAuthenticatorData()``.
        challenge: what the server asked for.
        rp_id: the relying party's id.
        origins: the pages that may ask for signatures.

    Raises:
        NotProved: something does not hold; ``where`` names it.
        Invalid: the key is of an algorithm that is not taken, or not good.
    """
    _check_client_data(client_data, "webauthn.create", challenge, origins)
    flags = _check_authenticator_data(authenticator_data, rp_id)
    size = int.from_bytes(authenticator_data[_CREDENTIAL_AT - 2 : _CREDENTIAL_AT])
    key_at = _CREDENTIAL_AT + size
    credential = authenticator_data[_CREDENTIAL_AT:key_at]
    if not flags & _ATTESTED or len(credential) != size or not size:
        raise NotProved("注册数据中没有凭据", "there is no credential", where="AT")
    algorithm, public, end = _read_cose_key(authenticator_data, key_at)
    if (end < len(authenticator_data)) != bool(flags & _EXTENDED):
        raise NotProved("认证器数据的形式不合规", "malformed authenticator data", where="length")
    return credential, Passkey(algorithm, public, rp_id, origins)


# RFC 9053 §7.1 and §7.2, as WebAuthn §5.8.5 restricts them.
def _read_cose_key(data: bytes, at: int) -> tuple[Algorithm, bytes, int]:
    """Return algorithm and public key of the COSE key at an offset, and where it ends."""
    x_at = at + len(_COSE_ES256)
    y_at = x_at + 32 + len(_COSE_Y)
    if data[at:x_at] == _COSE_ES256 and data[x_at + 32 : y_at] == _COSE_Y:
        return "es256", b"\x04" + data[x_at : x_at + 32] + data[y_at : y_at + 32], y_at + 32
    if data[at:x_at] == _COSE_EDDSA:
        return "eddsa", data[x_at : x_at + 32], x_at + 32
    raise Invalid("不支持的通行密钥算法", "a passkey must be ES256 or Ed25519", where="COSE key")

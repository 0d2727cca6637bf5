"""The signature algorithms by themselves, with what others published about them."""

from __future__ import annotations

from collections import Counter
from hashlib import sha512

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings as sodium

from domain.errors import Invalid, Unavailable
from domain.proof import ed25519, ml_dsa, p256, sm2
from tests.support.vectors import VECTORS, load, needs_vectors

WYCHEPROOF = "wycheproof/testvectors_v1"

DO_NOT_APPLY = {
    "hmac_sm3_test.json": "174 cases of HMAC with SM3, which daocha uses nowhere",
}


@needs_vectors
def test_every_file_of_wycheproof_is_used_or_named() -> None:
    used = {
        *("ed25519_test.json", "mldsa_44_verify_test.json"),
        *("ecdsa_secp256r1_sha256_test.json", "ecdsa_secp256r1_sha256_p1363_test.json"),
    }
    assert {path.name for path in (VECTORS / WYCHEPROOF).iterdir()} == used | set(DO_NOT_APPLY)


# Ed25519.


@needs_vectors
def test_ed25519_vectors() -> None:
    results: Counter[str] = Counter()
    for group in load(f"{WYCHEPROOF}/ed25519_test.json")["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            good = ed25519.verify(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert good is (case["result"] == "valid"), case["comment"]
            results[case["result"]] += 1
    assert results == {"valid": 88, "invalid": 63}


SEED = bytes(range(32))
PUBLIC = ed25519.public_key(SEED)
ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER = [
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
]
"""The eight points of small order (RFC 7748 §7; libsodium's blocklist)."""
NOT_CANONICAL = [
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
]
"""Other spellings of some of them."""


def scalar_of(seed: bytes) -> int:
    """The private scalar of RFC 8032 §5.1.5."""
    digest = bytearray(sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 63 | 64
    return int.from_bytes(digest, "little")


def sign_with(public: bytes, r_point: bytes, r: int, message: bytes) -> bytes:
    """Sign with a chosen R and a chosen spelling of the key, as only its holder can."""
    k = int.from_bytes(sha512(r_point + public + message).digest(), "little")
    s = (r + k * scalar_of(SEED)) % ORDER
    return r_point + s.to_bytes(32, "little")


def times_base(r: int) -> bytes:
    return sodium.crypto_scalarmult_ed25519_base_noclamp(r.to_bytes(32, "little"))


def test_ed25519_signs_as_rfc_8032() -> None:
    """RFC 8032 §7.1, tests 1 and 2."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert ed25519.public_key(seed).hex() == public
    assert ed25519.sign(seed, b"\x72").hex() == signature
    assert ed25519.verify(bytes.fromhex(public), b"\x72", bytes.fromhex(signature))


def test_a_chosen_nonce_signs_too() -> None:
    """What the following tests change one thing of."""
    signature = sign_with(PUBLIC, times_base(5), 5, b"m")
    assert ed25519.verify(PUBLIC, b"m", signature)


@pytest.mark.parametrize("public", [*SMALL_ORDER, *NOT_CANONICAL, b"", bytes(31), b"\x02" * 33])
def test_no_ed25519_key(public: bytes) -> None:
    assert not ed25519.is_key(public)
    assert not ed25519.verify(public, b"m", times_base(5) + (5).to_bytes(32, "little"))


def test_key_of_small_order_would_pass_elsewhere() -> None:
    """R = 5·B and S = 5 is then a signature of every message; hence the check."""
    anything = times_base(5) + (5).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(SMALL_ORDER[0]).verify(anything, b"any message")


@pytest.mark.parametrize("point", SMALL_ORDER[1:])
def test_key_with_a_component_of_small_order(point: bytes) -> None:
    """Some verifiers accept its signatures and some do not, depending on the message."""
    mixed = sodium.crypto_core_ed25519_add(PUBLIC, point)
    assert not ed25519.is_key(mixed)
    signatures = [sign_with(mixed, times_base(5), 5, b"%d" % n) for n in range(40)]
    assert not any(ed25519.verify(mixed, b"%d" % n, s) for n, s in enumerate(signatures))


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_nonce_of_small_order(point: bytes) -> None:
    assert not ed25519.verify(PUBLIC, b"m", sign_with(PUBLIC, point, 0, b"m"))


@pytest.mark.parametrize("point", SMALL_ORDER[1:])
def test_nonce_with_a_component_of_small_order(point: bytes) -> None:
    """Verifiers that multiply by the cofactor would accept it; a library must not begin to."""
    mixed = sodium.crypto_core_ed25519_add(times_base(5), point)
    assert not ed25519.verify(PUBLIC, b"m", sign_with(PUBLIC, mixed, 5, b"m"))


def test_second_spelling_of_a_signature() -> None:
    signature = ed25519.sign(SEED, b"m")
    s = int.from_bytes(signature[32:], "little")
    again = signature[:32] + (s + ORDER).to_bytes(32, "little")
    assert ed25519.verify(PUBLIC, b"m", signature)
    assert not ed25519.verify(PUBLIC, b"m", again)
    assert not ed25519.verify(PUBLIC, b"m", signature + b"\0")


# ECDSA on P-256.


def p256_cases(name: str) -> list[tuple[bytes, bytes, bytes, bool]]:
    return [
        (
            bytes.fromhex(group["publicKey"]["uncompressed"]),
            *(bytes.fromhex(case[part]) for part in ("msg", "sig")),
            case["result"] == "valid",
        )
        for group in load(f"{WYCHEPROOF}/{name}")["testGroups"]
        for case in group["tests"]
    ]


def mirrored(signature: bytes) -> bytes:
    """The other signature that the same numbers make: (r, n - s)."""
    s = int.from_bytes(signature[32:])
    return signature[:32] + (p256.ORDER - s).to_bytes(32)


@needs_vectors
def test_p256_vectors_in_der() -> None:
    cases = p256_cases("ecdsa_secp256r1_sha256_test.json")
    for public, message, der, valid in cases:
        try:
            signature = p256.normal_form(der)
        except Invalid:
            assert not valid, der.hex()
            continue
        assert p256.verify(public, message, signature) is valid, der.hex()
        assert not p256.verify(public, message, mirrored(signature))
    assert Counter(valid for *_, valid in cases) == {True: 174, False: 310}


NUMBERS = st.one_of(
    st.integers(0, 2**256 - 1), st.integers(0, 256).map(lambda bits: (1 << bits) % 2**256)
)


@given(r=NUMBERS, s=NUMBERS)
def test_p256_signatures_are_written_in_der(r: int, s: int) -> None:
    assert p256.der(r.to_bytes(32) + s.to_bytes(32)) == encode_dss_signature(r, s)


@needs_vectors
def test_p256_vectors_as_numbers() -> None:
    """In this spelling either of the two signatures comes; only the normal one is good."""
    cases = p256_cases("ecdsa_secp256r1_sha256_p1363_test.json")
    normal = 0
    for public, message, signature, valid in cases:
        good = p256.verify(public, message, signature)
        if valid and int.from_bytes(signature[32:]) > p256.ORDER // 2:
            assert not good
            assert p256.verify(public, message, mirrored(signature))
        else:
            assert good is valid, signature.hex()
            normal += good
    assert (len(cases), normal) == (262, 103)


@pytest.mark.parametrize("public", [b"", bytes(65), b"\x04" + bytes(64), b"\x02" + bytes(32)])
def test_no_p256_key(public: bytes) -> None:
    assert not p256.is_key(public)
    assert not p256.verify(public, b"", bytes(64))


@needs_vectors
def test_p256_key_has_one_spelling() -> None:
    public = p256_cases("ecdsa_secp256r1_sha256_test.json")[0][0]
    assert p256.is_key(public)
    assert not p256.is_key(bytes([2 + public[64] % 2]) + public[1:33])


# ML-DSA-44.


@needs_vectors
def test_ml_dsa_vectors() -> None:
    """Seven cases have a context; they are signatures under another one, so not good here."""
    results: Counter[bool] = Counter()
    for group in load(f"{WYCHEPROOF}/mldsa_44_verify_test.json")["testGroups"]:
        public = bytes.fromhex(group["publicKey"])
        for case in group["tests"]:
            good = ml_dsa.verify(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert good is (case["result"] == "valid" and not case.get("ctx")), case["comment"]
            results[good] += 1
    assert results == {True: 75, False: 105}


def test_ml_dsa_signs() -> None:
    public = ml_dsa.public_key(SEED)
    assert ml_dsa.is_key(public)
    assert ml_dsa.verify(public, b"m", ml_dsa.sign(SEED, b"m"))
    assert not ml_dsa.verify(public, b"n", ml_dsa.sign(SEED, b"m"))


def test_where_there_is_no_ml_dsa_no_key_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    class Without:
        @staticmethod
        def from_public_bytes(data: bytes) -> None:
            raise UnsupportedAlgorithm(str(len(data)))

    monkeypatch.setattr(ml_dsa, "MLDSA44PublicKey", Without)
    assert not ml_dsa.is_key(b"a key that was never asked for before")


# SM2.


@needs_vectors
def test_sm2_vector() -> None:
    """GB/T 32918.5, annex A.2.

    Its k, Z and e are what goes on inside the library, and so is SM3, whose own example is not
    asked for: a wrong hash would not lead to these r and s.
    """
    v = load("sm2/gbt32918_5_annexA.json")
    public = b"\x04" + bytes.fromhex(v["public_key_xy"])
    signature = bytes.fromhex(v["r"] + v["s"])
    message = v["message_ascii"].encode()
    assert v["user_id"].encode() == sm2.SIGNER_ID
    assert sm2.is_key(public)
    assert sm2.verify(public, message, signature)
    assert not sm2.verify(public, message + b".", signature)
    s = int.from_bytes(signature[32:])
    for other in (sm2.ORDER - s, s + 1, 0, sm2.ORDER):
        assert not sm2.verify(public, message, signature[:32] + other.to_bytes(32))
    for r in (0, sm2.ORDER):
        assert not sm2.verify(public, message, r.to_bytes(32) + signature[32:])
    assert not sm2.verify(public, message, signature + b"\0")
    assert not sm2.verify(public[:1] + public[33:] + public[1:33], message, signature)


@needs_vectors
def test_sm2_normal_form() -> None:
    v = load("sm2/gbt32918_5_annexA.json")
    der = encode_dss_signature(int(v["r"], 16), int(v["s"], 16))
    assert sm2.normal_form(der) == bytes.fromhex(v["r"] + v["s"])
    for broken in (b"", der[:-1], der + b"\0", encode_dss_signature(1, 2**256)):
        with pytest.raises(Invalid, match="DER"):
            sm2.normal_form(broken)


@pytest.mark.parametrize("public", [b"", bytes(65), b"\x04" + bytes(64), b"\x04" + b"\xff" * 64])
def test_no_sm2_key(public: bytes) -> None:
    assert not sm2.is_key(public)
    assert not sm2.verify(public, b"", b"\1" * 64)


def test_sm2_library_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise ImportError(name)

    sm2._library.cache_clear()
    monkeypatch.setattr(sm2, "import_module", nothing)
    with pytest.raises(Unavailable, match=r"daocha\[gm\]"):
        sm2.verify(bytes(65), b"", bytes(64))  # even what is no signature is not called bad

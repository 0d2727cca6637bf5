from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, NotProved
from domain.fact import canonical
from domain.proof import ed25519, p256, sm2
from domain.proof.encoding import (
    read_base64,
    read_base64url,
    write_base64,
    write_base64url,
)
from domain.proof.signature import (
    PersonalSignature,
    PublicKey,
    verify_digest,
    verify_statement,
)
from domain.proof.statement import Statement, TreeHead, signing_digest
from domain.proof.webauthn import Passkey
from tests.support.vectors import VECTORS, needs_vectors

SEED = bytes(range(32))
KEY = PublicKey(suite="ed25519", public=write_base64(ed25519.public_key(SEED)))
OTHER = PublicKey(suite="ed25519", public=write_base64(ed25519.public_key(bytes(32))))
STATEMENT = Statement(
    log="example.gov.cn/log",
    document="ab" * 32,
    organisation=UUID(int=1),
    period="2024-05",
    person=UUID(int=2),
    post=UUID(int=3),
    key=KEY.id,
    meaning="本单位2024年5月未发现新的事故隐患",
    seen=TreeHead(size=12, root="cd" * 32),
)


def signed(statement: Statement, seed: bytes = SEED) -> PersonalSignature:
    return PersonalSignature(value=write_base64(ed25519.sign(seed, statement.digest())))


# What is signed.


def test_form_of_a_statement() -> None:
    """The bytes are for ever: a signature made today must verify in thirty years."""
    text = (
        f'{{"document":"{"ab" * 32}","key":"{KEY.id}","log":"example.gov.cn/log",'
        '"meaning":"本单位2024年5月未发现新的事故隐患",'
        '"organisation":"00000000-0000-0000-0000-000000000001","period":"2024-05",'
        '"person":"00000000-0000-0000-0000-000000000002",'
        '"post":"00000000-0000-0000-0000-000000000003",'
        f'"seen":{{"root":"{"cd" * 32}","size":12}}}}'
    )
    assert STATEMENT.canonical() == text.encode()
    assert STATEMENT.digest() == sha256(b"daocha.signature/v1\n" + text.encode()).digest()
    assert signing_digest(STATEMENT.canonical()) == STATEMENT.digest()
    key = f'{{"public":"{KEY.public}","suite":"ed25519"}}'
    assert KEY.id == sha256(key.encode()).hexdigest()


@given(
    meaning=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50),
    log=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    size=st.integers(1, 2**53 - 1),
    period=st.sampled_from([None, "2024-05"]),
    after=st.sampled_from([None, "ef" * 32]),
)
def test_a_statement_is_written_in_canonical_json(
    meaning: str, log: str, size: int, period: str | None, after: str | None
) -> None:
    changes = {"meaning": meaning, "log": log, "period": period, "after": after}
    changed = {**STATEMENT.model_dump(), **changes, "seen": {"root": "cd" * 32, "size": size}}
    statement = Statement.model_validate(changed)
    data = statement.model_dump(mode="json", exclude_none=True)
    assert statement.canonical() == canonical(data) == rfc8785.dumps(data)


def test_statement_is_read_in_its_one_form() -> None:
    data = STATEMENT.canonical()
    assert Statement.read(data) == STATEMENT
    second = STATEMENT.model_copy(update={"after": "ef" * 32, "period": None})
    assert Statement.read(second.canonical()) == second


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(('{"document"', '{ "document"'), ("}}", "}} "), ('"size":12', '"size":12.0')),
        *(('"size":12', '"size":"12"'), ("ab" * 32, "AB" * 32), ("本", "\\u672c")),
        *(("0000-000000000001", "0000-00000000000A"), ('"size":12', '"size":12,"size":12')),
        *(('{"document"', '{"after":null,"document"'), ('"log"', '"extra":1,"log"')),
        *(("2024-05", "2024-13"), ("2024-05", "2024-5"), ("2024-05", "2024-05\\n")),
        *(('"size":12', '"size":0'), ('"size":12', '"size":9223372036854775808'), ("{", "")),
        *(('"2024-05"', '"２０２４-05"'), ("-000000000002", "-000000000002\\u0000")),
    ],
)
def test_no_other_form_of_a_statement(old: str, new: str) -> None:
    changed = STATEMENT.canonical().decode().replace(old, new)
    assert changed != STATEMENT.canonical().decode()
    with pytest.raises(Invalid):
        Statement.read(changed.encode())


def test_meaning_is_taken_as_it_was_read() -> None:
    spaced = STATEMENT.model_copy(update={"meaning": f" {STATEMENT.meaning} "})
    assert Statement.read(spaced.canonical()) == spaced
    assert spaced.digest() != STATEMENT.digest()


def test_statement_must_be_utf_8() -> None:
    with pytest.raises(Invalid):
        Statement.read(STATEMENT.canonical()[:-1] + b"\xff}")


# Who signed it.


def test_signature_by_ed25519() -> None:
    verify_statement(STATEMENT, KEY, signed(STATEMENT))


@pytest.mark.parametrize(
    "change",
    [
        {"document": "00" * 32},
        {"log": "example.gov.cn/other"},
        {"organisation": UUID(int=9)},
        {"period": "2024-06"},
        {"person": UUID(int=9)},
        {"post": UUID(int=9)},
        {"meaning": "本单位2024年5月发现事故隐患"},
        {"seen": TreeHead(size=13, root="cd" * 32)},
        {"after": "00" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_signature_is_for_one_statement_only(change: dict[str, Any]) -> None:
    with pytest.raises(NotProved, match="invalid"):
        verify_statement(STATEMENT.model_copy(update=change), KEY, signed(STATEMENT))


def test_statement_names_the_key() -> None:
    """Not even a good signature by another key of the same person counts for it."""
    with pytest.raises(NotProved, match="another key"):
        verify_statement(STATEMENT, OTHER, signed(STATEMENT, bytes(32)))
    with pytest.raises(NotProved, match="invalid"):
        verify_statement(STATEMENT, KEY, signed(STATEMENT, bytes(32)))


def test_signature_without_the_prefix_is_none() -> None:
    bare = ed25519.sign(SEED, sha256(STATEMENT.canonical()).digest())
    with pytest.raises(NotProved):
        verify_statement(STATEMENT, KEY, PersonalSignature(value=write_base64(bare)))


def test_signature_by_sm2() -> None:
    gmssl = pytest.importorskip("gmssl_pyx", reason="daocha[gm] is not installed")
    public, private = gmssl.sm2_key_generate()
    key = PublicKey(suite="sm2", public=write_base64(b"\x04" + public))
    statement = STATEMENT.model_copy(update={"key": key.id})
    der = gmssl.sm2_sign(private, public, statement.digest(), sm2.SIGNER_ID)
    signature = PersonalSignature(value=write_base64(sm2.normal_form(der)))
    verify_statement(statement, key, signature)
    with pytest.raises(NotProved):
        verify_digest(key, STATEMENT.digest(), signature)


PRIVATE = ec.derive_private_key(20_140_514, ec.SECP256R1())
PASSKEY = Passkey(
    "es256",
    PRIVATE.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    "example.gov.cn",
    ("https://aj.example.gov.cn",),
)


def test_signature_by_passkey() -> None:
    key = PublicKey.of_passkey(PASSKEY)
    assert key.passkey == PASSKEY
    statement = STATEMENT.model_copy(update={"key": key.id})
    challenge = write_base64url(statement.digest())
    client = (
        f'{{"type":"webauthn.get","challenge":"{challenge}",'
        f'"origin":"{PASSKEY.origins[0]}","crossOrigin":false}}'
    ).encode()
    data = sha256(b"example.gov.cn").digest() + b"\x05" + bytes(4)
    der = PRIVATE.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
    signature = PersonalSignature.of_assertion(key, data, client, der)
    verify_statement(statement, key, signature)
    with pytest.raises(NotProved) as caught:
        verify_digest(key, STATEMENT.digest(), signature)
    assert caught.value.where == "challenge"
    with pytest.raises(NotProved, match="missing"):
        verify_digest(key, statement.digest(), PersonalSignature(value=signature.value))
    with pytest.raises(Invalid, match="DER"):
        PersonalSignature.of_assertion(key, data, client, b"no signature")
    # The other numbers that ECDSA would take, as somebody without the key can make them.
    raw = read_base64(signature.value)
    s = p256.ORDER - int.from_bytes(raw[32:])
    second = write_base64(raw[:32] + s.to_bytes(32))
    with pytest.raises(NotProved) as caught:
        verify_digest(key, statement.digest(), signature.model_copy(update={"value": second}))
    assert caught.value.where == "signature"


def test_signature_by_passkey_of_ed25519() -> None:
    passkey = Passkey("eddsa", ed25519.public_key(SEED), "example.gov.cn", PASSKEY.origins)
    key = PublicKey.of_passkey(passkey)
    assert key.suite == "passkey-eddsa"
    assert PublicKey.model_validate_json(key.model_dump_json()).passkey == passkey
    assert PersonalSignature.of_assertion(key, b"a", b"b", b"c").value == "Yw=="


def test_plain_key_takes_no_answer_of_a_passkey() -> None:
    """Otherwise a signature would have many spellings."""
    for extra in ({"client_data": ""}, {"authenticator_data": ""}):
        signature = signed(STATEMENT).model_copy(update=extra)
        with pytest.raises(NotProved):
            verify_statement(STATEMENT, KEY, signature)
    with pytest.raises(Invalid, match="not a passkey"):
        PersonalSignature.of_assertion(KEY, b"", b"", b"")


# Keys.


@pytest.mark.parametrize(
    "changed",
    [
        {"public": write_base64(bytes(32))},
        {"public": write_base64(bytes([1]) + bytes(31))},
        {"public": KEY.public[:-1]},
        {"public": KEY.public.replace("=", "")},
        {"suite": "sm2"},
        {"suite": "passkey-eddsa"},
        {"suite": "passkey-eddsa", "rp_id": "example.gov.cn"},
        {"suite": "passkey-eddsa", "rp_id": "example.gov.cn", "origins": ("https://a.example",)},
        {"rp_id": "example.gov.cn"},
        {"origins": PASSKEY.origins},
    ],
)
def test_no_key(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        PublicKey.model_validate({"suite": "ed25519", "public": KEY.public, **changed})


def test_key_id_covers_all_of_the_key() -> None:
    keys = [
        KEY,
        OTHER,
        PublicKey.of_passkey(PASSKEY),
        PublicKey(
            suite="passkey-eddsa",
            public=KEY.public,
            rp_id="example.gov.cn",
            origins=PASSKEY.origins,
        ),
    ]
    assert len({key.id for key in keys}) == len(keys)


# Canonical JSON (RFC 8785), inside the profile that the ledger and statements keep to.

OUTSIDE_THE_PROFILE = {
    "arrays.json": None,
    "french.json": "a key must be ASCII",
    "structures.json": "floats are not allowed",
    "unicode.json": None,
    "values.json": "floats are not allowed",
    "weird.json": "a key must be ASCII",
}
"""Why a vector is refused; None where it comes out as published."""


@needs_vectors
@pytest.mark.parametrize(("name", "reason"), OUTSIDE_THE_PROFILE.items())
def test_canonical_json_vectors(name: str, reason: str | None) -> None:
    folder = VECTORS / "cyberphone-jcs/testdata"
    value = json.loads((folder / "input" / name).read_text("utf-8"))
    if reason:
        with pytest.raises(Invalid, match=reason):
            canonical(value)
    else:
        assert canonical(value) == (folder / "output" / name).read_bytes()
        octets = (folder / "outhex" / name.replace("json", "txt")).read_text("ascii").split()
        assert canonical(value) == bytes.fromhex("".join(octets))


@needs_vectors
def test_every_canonical_json_vector_is_used() -> None:
    folder = VECTORS / "cyberphone-jcs/testdata/input"
    assert {path.name for path in folder.iterdir()} == set(OUTSIDE_THE_PROFILE)


@given(st.binary(max_size=80))
def test_any_bytes_are_no_statement(data: bytes) -> None:
    with pytest.raises(Invalid):
        Statement.read(data)


def test_a_leaf_holds_the_statement_as_it_was_signed() -> None:
    """So that an audit can hash what it finds, without writing it anew."""
    stored = canonical({"statement": STATEMENT.model_dump(mode="json", exclude_none=True)})
    found = orjson.dumps(orjson.loads(stored)["statement"], option=orjson.OPT_SORT_KEYS)
    assert signing_digest(found) == STATEMENT.digest()


@pytest.mark.parametrize("text", ["A", "AB", "AA=", "AA==", "A+", "AA\n", "一"])
def test_base64url_has_one_spelling(text: str) -> None:
    with pytest.raises(Invalid):
        read_base64url(text)


def test_base64url_comes_back_as_it_was() -> None:
    for data in (b"", b"\0", b"\xff\xfe", bytes(range(64))):
        assert read_base64url(write_base64url(data)) == data

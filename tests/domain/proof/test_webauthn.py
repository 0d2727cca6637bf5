from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.errors import Invalid
from domain.proof import ed25519, p256
from domain.proof.encoding import write_base64url
from domain.proof.webauthn import Assertion, Passkey, read_registration, verify_assertion
from tests.support.vectors import load, needs_vectors

FRAMED, UNVERIFIED = "crossOrigin", "UV"
EXPECTED: dict[str, tuple[str | None, str | None]] = {
    "ES256 Credential with No Attestation": (UNVERIFIED, UNVERIFIED),
    "ES256 Credential with Self Attestation": (None, UNVERIFIED),
    'ES256 Credential with "crossOrigin": true in clientDataJSON': (FRAMED, FRAMED),
    'ES256 Credential with "topOrigin" in clientDataJSON': (FRAMED, FRAMED),
    "ES256 Credential with very long credential ID": (UNVERIFIED, None),
    "Packed Attestation with ES256 Credential": (None, None),
    "Packed Attestation with Ed25519 Credential": (UNVERIFIED, UNVERIFIED),
    "TPM Attestation with ES256 Credential": (None, None),
    "Android Key Attestation with ES256 Credential": (None, UNVERIFIED),
    "Apple Anonymous Attestation with ES256 Credential": (UNVERIFIED, UNVERIFIED),
    "FIDO U2F Attestation with ES256 Credential": (UNVERIFIED, UNVERIFIED),
}
"""Where registration and assertion of each vector of the specification are refused, if they are."""
OTHER_ALGORITHMS = {
    f"Packed Attestation with {name} Credential" for name in ("ES384", "ES512", "RS256", "Ed448")
}
"""The keys of these are not taken, so that their assertions do not apply."""


def pairs() -> list[tuple[str, dict[str, bytes], dict[str, bytes]]]:
    """Title, registration and authentication of each vector, decoded."""

    def decode(part: dict[str, str]) -> dict[str, bytes]:
        return {key: bytes.fromhex(value) for key, value in part.items()}

    vectors: list[dict[str, Any]] = load("w3c-webauthn/webauthn-l3-test-vectors.json")
    assert vectors[0]["title"] == "Attestation trust root certificate"  # which nobody asks for
    return [
        (v["title"], decode(v["registration"]), decode(v["authentication"])) for v in vectors[1:]
    ]


def authenticator_data(attestation_object: bytes) -> bytes:
    """What ``getAuthenticatorData()`` returns: the byte string after its name in the CBOR."""
    at = attestation_object.index(b"\x68authData") + 9
    width = {0x58: 1, 0x59: 2}[attestation_object[at]]
    size = int.from_bytes(attestation_object[at + 1 : at + 1 + width])
    return attestation_object[at + 1 + width : at + 1 + width + size]


def tell(check: Any, *args: Any) -> str | None:  # noqa: ANN401 - any of the two checks
    """Return where the check says no, or None."""
    try:
        check(*args)
    except Invalid as error:
        return error.where
    return None


def key_in(registered: dict[str, bytes]) -> Passkey:
    """The registered key, whatever else is wrong: as if verified, and on a page of its own."""
    data = authenticator_data(registered["attestationObject"])
    data = data[:32] + bytes([data[32] | 0x04]) + data[33:]
    client = registered["clientDataJSON"].split(b'"crossOrigin":')[0] + b'"crossOrigin":false}'
    credential, key = read_registration(client, data, registered["challenge"], RP_ID, ORIGINS)
    assert credential == registered["credential_id"]
    return key


@needs_vectors
def test_vectors_of_the_specification() -> None:
    told: dict[str, tuple[str | None, str | None]] = {}
    for title, registered, signed in pairs():
        if title in OTHER_ALGORITHMS:
            assert tell(key_in, registered) == "COSE key"
            continue
        data = authenticator_data(registered["attestationObject"])
        args = (registered["clientDataJSON"], data, registered["challenge"], RP_ID, ORIGINS)
        at_registration = tell(read_registration, *args)
        key, signature = key_in(registered), signed["signature"]
        if key.algorithm == "es256":
            signature = p256.normal_form(signature)
        assertion = Assertion(signed["authenticatorData"], signed["clientDataJSON"], signature)
        told[title] = at_registration, tell(verify_assertion, key, signed["challenge"], assertion)
        # And whatever is said of it, the signature itself is good.
        message = assertion.authenticator_data + sha256(assertion.client_data).digest()
        verify = p256.verify if key.algorithm == "es256" else ed25519.verify
        assert verify(key.public, message, signature)
    assert told == EXPECTED


# A passkey of our own.

RP_ID = "example.org"
ORIGINS = ("https://example.org",)
CHALLENGE = sha256(b"a statement").digest()
PRIVATE = ec.derive_private_key(20_140_514, ec.SECP256R1())
KEY = Passkey(
    "es256",
    PRIVATE.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    RP_ID,
    ORIGINS,
)
SEED = bytes(range(32))


def client_data(
    ceremony: str = "webauthn.get",
    challenge: bytes = CHALLENGE,
    origin: str = ORIGINS[0],
    rest: str = ',"crossOrigin":false}',
) -> bytes:
    written = write_base64url(challenge)
    return f'{{"type":"{ceremony}","challenge":"{written}","origin":"{origin}"{rest}'.encode()


def data(flags: int = 0x05, rp_id: str = RP_ID, rest: bytes = b"") -> bytes:
    return sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4) + rest


def answer(authenticator: bytes, client: bytes) -> Assertion:
    signed = PRIVATE.sign(authenticator + sha256(client).digest(), ec.ECDSA(SHA256()))
    return Assertion(authenticator, client, p256.normal_form(signed))


def test_good_assertion() -> None:
    verify_assertion(KEY, CHALLENGE, answer(data(), client_data()))


def test_good_assertion_by_ed25519() -> None:
    key = Passkey("eddsa", ed25519.public_key(SEED), RP_ID, ORIGINS)
    signature = ed25519.sign(SEED, data() + sha256(client_data()).digest())
    verify_assertion(key, CHALLENGE, Assertion(data(), client_data(), signature))
    assert tell(verify_assertion, KEY, CHALLENGE, Assertion(data(), client_data(), signature))


@pytest.mark.parametrize(
    "rest",
    [
        ',"crossOrigin":false,"extra":"which may come in the future"}',
        r',"crossOrigin":false,"extra":"\"topOrigin\":"}',
        ',"crossOrigin":false,"virtualAuthenticator":true,"other_keys_can_be_added_here":"…"}',
    ],
)
def test_later_browsers_may_say_more(rest: str) -> None:
    verify_assertion(KEY, CHALLENGE, answer(data(), client_data(rest=rest)))


@pytest.mark.parametrize("flags", [0x05, 0x0D, 0x1D, 0x25])
def test_flags_that_do_not_matter(flags: int) -> None:
    verify_assertion(KEY, CHALLENGE, answer(data(flags), client_data()))


def test_extensions_may_follow_where_the_flag_says_so() -> None:
    verify_assertion(KEY, CHALLENGE, answer(data(0x85, rest=b"\xa0"), client_data()))


@pytest.mark.parametrize(
    ("where", "client"),
    [
        ("type", client_data("webauthn.create")),
        ("type", client_data("payment.get")),
        ("type", b"\xef\xbb\xbf" + client_data()),
        ("type", b" " + client_data()),
        ("type", b""),
        ("challenge", client_data(challenge=sha256(b"another").digest())),
        ("challenge", client_data(challenge=b"")),
        ("challenge", client_data().replace(b'","origin"', b'=","origin"')),
        ("origin", client_data(origin="https://example.org.evil.example")),
        ("origin", client_data(origin="https://example.org:8443")),
        ("origin", client_data(origin="http://example.org")),
        ("origin", client_data(origin="https://sub.example.org")),
        ("origin", client_data(origin='https://example.org\\"')),
        ("origin", client_data(rest="}")),
        ("crossOrigin", client_data(rest=',"crossOrigin":true}')),
        ("crossOrigin", client_data(rest=',"crossOrigin":true,"topOrigin":"https://a.example"}')),
        ("crossOrigin", client_data(rest=',"crossOrigin":false,"topOrigin":"https://a.example"}')),
        ("crossOrigin", client_data(rest=',"crossOrigin":false,"x":1,"topOrigin":"https://a"}')),
        ("crossOrigin", client_data(rest=',"crossOrigin":false,"crossOrigin":true}')),
        ("crossOrigin", client_data(rest=',"crossOrigin":false,"challenge":"x"}')),
        ("crossOrigin", client_data(rest=',"x":1,"crossOrigin":false}')),
        ("clientData", client_data(rest=',"crossOrigin":false')),
        ("clientData", client_data(rest=',"crossOrigin":falsetto}')),
        ("clientData", client_data(rest=',"crossOrigin":false,')),
        ("clientData", client_data(rest=',"crossOrigin":false}}')),
        ("clientData", client_data(rest=',"crossOrigin":false} ')),
    ],
)
def test_what_the_browser_says_must_be_so(where: str, client: bytes) -> None:
    """Each of these is truly signed; what was signed is not what counts."""
    assert tell(verify_assertion, KEY, CHALLENGE, answer(data(), client)) == where


@pytest.mark.parametrize(
    ("where", "authenticator"),
    [
        ("length", b""),
        ("length", data()[:-1]),
        ("length", data(rest=b"\xa0")),
        ("length", data(0x85)),
        ("length", data(0x45)),
        ("length", data(0xC5, rest=b"\xa0")),
        ("rpIdHash", data(rp_id="example.com")),
        ("UP", data(0x04)),
        ("UV", data(0x01)),
        ("BS", data(0x15)),
    ],
)
def test_what_the_authenticator_says_must_be_so(where: str, authenticator: bytes) -> None:
    assert tell(verify_assertion, KEY, CHALLENGE, answer(authenticator, client_data())) == where


def test_signature_has_one_spelling() -> None:
    good = answer(data(), client_data())
    s = int.from_bytes(good.signature[32:])
    mirrored = good.signature[:32] + (p256.ORDER - s).to_bytes(32)
    for signature in (mirrored, good.signature + b"\0", b"", bytes(64)):
        bad = good._replace(signature=signature)
        assert tell(verify_assertion, KEY, CHALLENGE, bad) == "signature"


def test_several_origins() -> None:
    key = replace(KEY, origins=("https://a.example.org", "https://example.org:8443", *ORIGINS))
    verify_assertion(key, CHALLENGE, answer(data(), client_data()))


@pytest.mark.parametrize(
    "origin",
    [
        *("https://example.com", "https://notexample.org", "https://example.org/", "example.org"),
        *("http://example.org", "https://Example.org", 'https://example.org"', "", "null"),
        *(
            "https://example.org:123456",
            "http://localhost",
            "https://example.org.",
            "https://é.org",
        ),
    ],
)
def test_origin_must_belong_to_the_site(origin: str) -> None:
    with pytest.raises(Invalid, match="not of the relying party"):
        replace(KEY, origins=(origin,))


def test_where_passkeys_may_be_used() -> None:
    replace(KEY, origins=("https://aj.example.org", "https://example.org:8443"))
    replace(KEY, rp_id="localhost", origins=("http://localhost:8000",))
    with pytest.raises(Invalid, match="no origin"):
        replace(KEY, origins=())


def test_key_must_be_good() -> None:
    for broken in (
        {"public": KEY.public[:-1]},
        {"public": KEY.public[1:33]},
        {"algorithm": "eddsa"},
        {"algorithm": "eddsa", "public": bytes(32)},
    ):
        with pytest.raises(Invalid, match="good passkey"):
            replace(KEY, **broken)


# Registration.

X, Y = KEY.public[1:33], KEY.public[33:]
COSE = bytes.fromhex("a5010203262001215820") + X + bytes.fromhex("225820") + Y
CREATE = client_data("webauthn.create")


def attested(
    flags: int = 0x45, credential: bytes = b"id", cose: bytes = COSE, rest: bytes = b""
) -> bytes:
    return data(flags, rest=bytes(16) + len(credential).to_bytes(2) + credential + cose + rest)


def test_registration() -> None:
    assert read_registration(CREATE, attested(), CHALLENGE, RP_ID, ORIGINS) == (b"id", KEY)
    extended = attested(0xC5, rest=b"\xa0")
    assert read_registration(CREATE, extended, CHALLENGE, RP_ID, ORIGINS) == (b"id", KEY)
    public = ed25519.public_key(SEED)
    eddsa = attested(cose=bytes.fromhex("a4010103272006215820") + public)
    _, key = read_registration(CREATE, eddsa, CHALLENGE, RP_ID, ORIGINS)
    assert key == Passkey("eddsa", public, RP_ID, ORIGINS)


@pytest.mark.parametrize(
    ("where", "client", "authenticator"),
    [
        ("type", client_data(), attested()),
        ("challenge", client_data("webauthn.create", challenge=b"x"), attested()),
        ("UV", CREATE, attested(0x41)),
        ("AT", CREATE, attested(0x05)),
        ("AT", CREATE, attested(credential=b"", cose=b"")),
        ("AT", CREATE, attested()[:-79]),
        ("AT", CREATE, data(0x45)),
        ("length", CREATE, attested(rest=b"\xa0")),
        ("length", CREATE, attested(0xC5)),
    ],
)
def test_registration_must_hold(where: str, client: bytes, authenticator: bytes) -> None:
    assert tell(read_registration, client, authenticator, CHALLENGE, RP_ID, ORIGINS) == where


@pytest.mark.parametrize(
    "cose",
    [
        *(b"", COSE[:40], COSE[:-1], bytes([0xA4]) + COSE[1:], COSE[:10] + Y + COSE[42:]),
        bytes.fromhex("a4010103272006215820") + bytes(32),
        bytes.fromhex("a4010103272006215820") + X[:31],
    ],
)
def test_registered_key_must_be_good(cose: bytes) -> None:
    with pytest.raises(Invalid):
        read_registration(CREATE, attested(cose=cose), CHALLENGE, RP_ID, ORIGINS)

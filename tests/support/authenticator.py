"""A passkey's authenticator with the browser around it, as WebAuthn Level 3 has them answer."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.webauthn import Passkey

_PRESENT_VERIFIED = 0x05
_ATTESTED = 0x40


class Authenticator:
    """One ES256 credential for the pages of one origin."""

    def __init__(self, origin: str, credential: bytes = b"credential of a test") -> None:
        self.credential = credential
        self.origin = origin.rstrip("/")
        self.rp_id = urlsplit(self.origin).hostname or ""
        self._private = generate_private_key(SECP256R1())
        self.public = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    @property
    def key(self) -> PublicKey:
        return PublicKey.of_passkey(Passkey("es256", self.public, self.rp_id, (self.origin,)))

    @property
    def key_id(self) -> str:
        return self.key.id

    def create(self, options: dict[str, Any]) -> tuple[bytes, bytes]:
        """Answer navigator.credentials.create: client data and authenticator data."""
        x, y = self.public[1:33], self.public[33:]
        cose = bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential + cose
        return (
            self._client_data("webauthn.create", options["challenge"]),
            self._data(_PRESENT_VERIFIED | _ATTESTED) + attested,
        )

    def sign(self, challenge: str) -> dict[str, Any]:
        """Answer navigator.credentials.get, in the form in which it is recorded."""
        data, client_data = (
            self._data(_PRESENT_VERIFIED),
            self._client_data("webauthn.get", challenge),
        )
        der = self._private.sign(data + sha256(client_data).digest(), ECDSA(SHA256()))
        signature = PersonalSignature.of_assertion(self.key, data, client_data, der)
        return signature.model_dump(mode="json")

    def _client_data(self, ceremony: str, challenge: str) -> bytes:
        told = {
            "type": ceremony,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(told, separators=(",", ":")).encode()

    def _data(self, flags: int) -> bytes:
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + bytes(4)

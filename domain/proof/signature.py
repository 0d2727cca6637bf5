"""Personal signatures 个人签名: a registered key, and its signature under a statement.

Four suites, one rule: a key has one spelling, a signature has one spelling, and whatever is not
that is refused, also where a library would let it pass.

============== ================================================ =========================
suite          public key                                       signature
============== ================================================ =========================
ed25519        32 bytes (RFC 8032)                              64 bytes
passkey-es256  0x04 ‖ x ‖ y                                     r ‖ s, s the smaller one
passkey-eddsa  32 bytes (RFC 8032)                              64 bytes
sm2            0x04 ‖ x ‖ y (GB/T 32918; ``daocha[gm]``)        r ‖ s
============== ================================================ =========================
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Literal, Self

from pydantic import model_validator

from domain.errors import Invalid, NotProved
from domain.fact import canonical
from domain.proof import ed25519, p256, sm2
from domain.proof.encoding import Exact, read_base64, write_base64
from domain.proof.statement import Statement
from domain.proof.webauthn import Assertion, Passkey, verify_assertion

Suite = Literal["ed25519", "passkey-es256", "passkey-eddsa", "sm2"]

_ALGORITHMS: dict[Suite, Literal["es256", "eddsa"]] = {
    "passkey-es256": "es256",
    "passkey-eddsa": "eddsa",
}


class PublicKey(Exact):
    """A person's public key as it is registered.

    Args:
        suite: how it signs.
        public: the key, base64.
        rp_id: of a passkey: the relying party's id.
        origins: of a passkey: the pages that may ask for its signatures.

    Raises:
        Invalid: the key is not a good one of its suite (of small order, not on the curve, in
            another encoding), or a passkey's origin is not of its relying party.
    """

    suite: Suite
    public: str
    rp_id: str | None = None
    origins: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _is_good(self) -> Self:
        if self.suite in _ALGORITHMS:
            _ = self.passkey
            return self
        good = ed25519.is_key if self.suite == "ed25519" else sm2.is_key
        if not good(self.raw) or self.rp_id is not None or self.origins is not None:
            raise Invalid("公钥不合规", "not a good public key", where=self.suite)
        return self

    @classmethod
    def of_passkey(cls, passkey: Passkey) -> Self:
        """Return the form in which a passkey is registered."""
        return cls(
            suite="passkey-es256" if passkey.algorithm == "es256" else "passkey-eddsa",
            public=write_base64(passkey.public),
            rp_id=passkey.rp_id,
            origins=passkey.origins,
        )

    # Nothing is kept in the object: a copy with another field would keep it too.
    @property
    def raw(self) -> bytes:
        """The bytes of the key."""
        return _raw(self.public)

    @property
    def passkey(self) -> Passkey:
        """The key as a passkey; ``Invalid`` when it is none."""
        return _passkey(self.suite, self.public, self.rp_id, self.origins)

    @property
    def id(self) -> str:
        """What names the key in a statement: the SHA-256 of its canonical JSON, in hexadecimal."""
        return _id(self.suite, self.public, self.rp_id, self.origins)


@lru_cache(maxsize=65_536)
def _raw(public: str) -> bytes:
    return read_base64(public)


@lru_cache(maxsize=65_536)
def _id(suite: Suite, public: str, rp_id: str | None, origins: tuple[str, ...] | None) -> str:
    parts = {"suite": suite, "public": public, "rp_id": rp_id, "origins": origins}
    written = {name: part for name, part in parts.items() if part is not None}
    return sha256(canonical(written)).hexdigest()


@lru_cache(maxsize=65_536)
def _passkey(
    suite: Suite, public: str, rp_id: str | None, origins: tuple[str, ...] | None
) -> Passkey:
    algorithm = _ALGORITHMS.get(suite)
    if algorithm is None or rp_id is None or origins is None:
        raise Invalid("不是通行密钥", "not a passkey", where=suite)
    return Passkey(algorithm, read_base64(public), rp_id, origins)


class PersonalSignature(Exact):
    """A signature as it is recorded, all in base64.

    Args:
        value: the signature in its one spelling.
        authenticator_data: of a passkey: what the authenticator said.
        client_data: of a passkey: what the browser said.
    """

    value: str
    authenticator_data: str | None = None
    client_data: str | None = None

    @classmethod
    def of_assertion(
        cls, key: PublicKey, authenticator_data: bytes, client_data: bytes, signature: bytes
    ) -> Self:
        """Return the form in which a passkey's answer is recorded.

        Args:
            key: the key that signed.
            authenticator_data: ``response.authenticatorData``.
            client_data: ``response.clientDataJSON``.
            signature: ``response.signature``, in DER for ES256.
        """
        if key.passkey.algorithm == "es256":
            signature = p256.normal_form(signature)
        return cls(
            value=write_base64(signature),
            authenticator_data=write_base64(authenticator_data),
            client_data=write_base64(client_data),
        )

    @property
    def assertion(self) -> Assertion | None:
        """What a passkey answered; None where the signature is of another suite."""
        if self.authenticator_data is None or self.client_data is None:
            return None
        return Assertion(
            read_base64(self.authenticator_data),
            read_base64(self.client_data),
            read_base64(self.value),
        )


def verify_digest(key: PublicKey, digest: bytes, signature: PersonalSignature) -> None:
    """Check that ``signature`` is the key's under what hashes to ``digest``.

    Raises:
        NotProved: it is not; ``where`` names what does not hold.
        Invalid: it is not base64.
        Unavailable: it is SM2, and the extra ``daocha[gm]`` is not installed.
    """
    if key.suite in _ALGORITHMS:
        answer = signature.assertion
        if answer is None:
            raise NotProved(
                "缺少通行密钥的应答", "the passkey's answer is missing", where=key.suite
            )
        verify_assertion(key.passkey, digest, answer)
        return
    verify = ed25519.verify if key.suite == "ed25519" else sm2.verify
    extra = signature.authenticator_data is not None or signature.client_data is not None
    if extra or not verify(key.raw, digest, read_base64(signature.value)):
        raise NotProved("签名不成立", "the signature is invalid", where=key.suite)


def verify_statement(statement: Statement, key: PublicKey, signature: PersonalSignature) -> None:
    """Check that the key which ``statement`` names signed it.

    Whether key and post were the signer's at that place of the log is for the caller to ask.

    Raises:
        NotProved: the statement names another key, or :func:`verify_digest` says so.
    """
    if statement.key != key.id:
        raise NotProved("声明所指的是另一把密钥", "the statement names another key", where="key")
    verify_digest(key, statement.digest(), signature)

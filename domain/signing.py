"""Personal signatures 个人电子签名 on record: whose key it is, and what they signed with it.

A key counts from the place in the ledger at which a registrar vouched for it to the place at which
it was revoked or replaced; a signature is judged by what stood before its own place, for ever. No
private key of a person is ever here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.fact import EnterpriseFact, Fact, FreeText, PersonId
from domain.people import PostKind
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Hash, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = uuid5(NAMESPACE_URL, "https://daocha.example/key")
SIGNATURES = uuid5(NAMESPACE_URL, "https://daocha.example/signature")
KEY_TOPICS = ("key.registered", "key.revoked")

KeyId = Hash
"""What names a key in a statement: the SHA-256 of its canonical JSON (``PublicKey.id``)."""


class Vouching(StrEnum):
    """How the registrar made sure whose key it is 核验方式."""

    IN_PERSON = "in_person"
    CERTIFICATE = "certificate"


class KeyRegistered(
    Fact,
    topic="key.registered",
    zh="登记签名密钥",
    en="Signing key registered",
    starts=True,
    of_record=True,
    final=True,
):
    """A registrar vouches that the key is this person's alone; nobody vouches for themself.

    ``replaces`` is the person's key that it takes the place of (rotation). ``credential`` is a
    passkey's credential id in base64url, by which a browser finds it again.
    """

    person: PersonId
    key: PublicKey = Field(description="公钥")
    manner: Vouching = Vouching.IN_PERSON
    replaces: KeyId | None = None
    credential: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,1400}$")

    def tags(self) -> Iterator[str]:
        """Yield the tag of the key that it replaces as well: that one is out of force from here."""
        yield from super().tags()
        if self.replaces:
            yield f"key:{key_record(self.replaces)}"

    def names(self) -> Iterator[tuple[str, str, UUID]]:
        """Yield the key that it replaces as well: it must be on record."""
        yield from super().names()
        if self.replaces:
            yield "replaces", "key", key_record(self.replaces)


class KeyRevoked(
    Fact,
    topic="key.revoked",
    zh="吊销签名密钥",
    en="Signing key revoked",
    of_record=True,
    final=True,
):
    """Nothing signed with the key after this place counts; what it signed before stands."""

    person: PersonId
    key: KeyId = Field(description="密钥编号")
    reason: FreeText


class SignatureFact(EnterpriseFact):
    """A fact about one signature: it carries the tag of the signed document's record.

    ``about`` is that record with its noun, such as ``report:0192…``.
    """

    about: str = Field(pattern=r"^[a-z][a-z_]*:[0-9a-f-]{36}$", examples=["report:" + str(KEYS)])

    def tags(self) -> Iterator[str]:
        """Yield the tag of the signed document's record as well."""
        yield from super().tags()
        yield self.about


class SignatureMade(
    SignatureFact,
    topic="signature.made",
    zh="电子签名",
    en="Signed",
    starts=True,
    of_record=True,
    final=True,
):
    """A person signs a document that stands on record, by their own key, in one of their posts.

    ``document`` is its position; ``role`` the kind of the post in which they sign. Who
    signed is whose key it is, not who sent it.
    """

    document: int = Field(ge=1, description="所签文书在台账中的序号")
    role: PostKind
    statement: Statement
    signature: PersonalSignature

    def tags(self) -> Iterator[str]:
        """Yield the tags of signer, post and key, which stand in the statement."""
        yield from super().tags()
        yield f"person:{self.statement.person}"
        yield f"post:{self.statement.post}"
        yield f"key:{key_record(self.statement.key)}"

    def names(self) -> Iterator[tuple[str, str, UUID]]:
        """Yield signer, post and key as well: they must be on record."""
        yield from super().names()
        yield "statement.person", "person", self.statement.person
        yield "statement.post", "post", self.statement.post
        yield "statement.key", "key", key_record(self.statement.key)


class SignatureWithdrawn(
    SignatureFact,
    topic="signature.withdrawn",
    zh="撤回电子签名",
    en="Signature withdrawn",
    of_record=True,
    final=True,
):
    """The signer no longer stands by it. It stays on record, as does what it was made under."""

    person: PersonId
    reason: FreeText


def key_record(key: str) -> UUID:
    """Return the record id of a key (UUIDv5 of its id): one key has one record, and one person."""
    return uuid5(KEYS, key)


def signature_record(statement: Statement) -> UUID:
    """Return the record id of a signature (UUIDv5 of its statement's digest): made only once."""
    return uuid5(SIGNATURES, statement.digest().hex())

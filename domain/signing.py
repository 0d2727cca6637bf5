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

from domain.errors import Contradiction, GateClosed
from domain.fact import EnterpriseFact, Fact, FreeText, PersonId
from domain.people import PostKind
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Hash, Statement
from domain.record import Record, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.fact import Actor, Entry

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


def keys_named(fact: Fact) -> set[UUID]:
    """Return the records of the keys on which it depends whether ``fact`` can be recorded."""
    if isinstance(fact, SignatureMade):
        return {key_record(fact.statement.key)}
    if isinstance(fact, KeyRegistered) and fact.replaces:
        return {key_record(fact.replaces)}
    if isinstance(fact, KeyRevoked):
        return {key_record(fact.key)}
    return set()


class KeyRecord(Record):
    """One key: who it was registered for, and whether it is still in force."""

    @property
    def person(self) -> UUID | None:
        """Whose it is; None where nobody registered it."""
        registered = next(facts_of(self._own, KeyRegistered), None)
        return registered[1].person if registered else None

    @property
    def ended(self) -> Entry | None:
        """The fact by which it was revoked or replaced, the first one."""
        ends = (e for e in self.entries if e.topic == "key.revoked" or e not in self._own)
        return min(ends, key=lambda entry: entry.position, default=None)

    @property
    def _own(self) -> list[Entry]:
        """Its own facts; others that carry its tag replace it, or are signatures made with it."""
        return [e for e in self.entries if str(e.record) == self.key]


def key_of(entries: Iterable[Entry], key: UUID) -> KeyRecord:
    """Return a key as the facts about it among ``entries`` tell it."""
    tag = f"key:{key}"
    return KeyRecord(tag, [e for e in entries if tag in e.tags and e.topic in KEY_TOPICS])


def check_key(fact: KeyRegistered | KeyRevoked, by: Actor, keys: Iterable[Entry]) -> None:
    """Refuse a registration or revocation that cannot be.

    Args:
        fact: what is to be recorded.
        by: who registers or revokes.
        keys: the facts so far about the keys concerned.

    Raises:
        GateClosed: nobody, or the person themself, vouches for the key (电子签名法 art. 13).
        Contradiction: the key is another person's, or out of force already.
    """
    if isinstance(fact, KeyRegistered):
        _vouched_for(fact, by)
        if fact.replaces:
            _in_force(key_of(keys, key_record(fact.replaces)), fact.person, "replaces")
    else:
        _in_force(key_of(keys, key_record(fact.key)), fact.person, "key")


def _vouched_for(fact: KeyRegistered, by: Actor) -> None:
    if by.person is None:
        raise GateClosed(
            "登记密钥须由登记人具名核验",
            "a key is registered by a registrar who is known by name",
            todo_zh="由登记人凭本人令牌登记",
            todo_en="let the registrar do it with their own token",
            clause="3.2c",
            where="person",
        )
    if by.person == fact.person:
        raise GateClosed(
            "本人不得为自己登记密钥",
            "nobody vouches for their own key",
            todo_zh="由另一登记人当面核验身份后登记",
            todo_en="let another person, the registrar, make sure who you are and register it",
            clause="3.2c",
            where="person",
        )


def _in_force(key: KeyRecord, person: UUID, where: str) -> None:
    if key.person != person:
        raise Contradiction(
            "这把密钥没有登记在此人名下",
            "the key is not registered to this person",
            todo_zh="核对人员和密钥编号",
            todo_en="check the person and the key",
            where=where,
        )
    if key.ended:
        raise Contradiction(
            "这把密钥已吊销或已被替换",
            "the key was revoked or replaced before",
            todo_zh="登记新密钥时不写 replaces；无须再次吊销",
            todo_en="register the new key without replaces; it need not be revoked again",
            where=where,
        )

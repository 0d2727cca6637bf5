"""How the invented county signs: everybody has an Ed25519 key that a registrar vouched for.

The private keys follow from the demo's own ids, so that a run that was cut short signs with the
same keys when it is taken up again. They are nobody's: in the real world no private key of a person
is ever on the server.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from domain.fact import EnterpriseFact
from domain.people import PostCreated
from domain.proof import ed25519
from domain.proof.encoding import write_base64
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Statement
from domain.record import facts_of
from domain.signable import signable
from domain.signing import KeyRegistered, SignatureMade, key_record, signature_record

if TYPE_CHECKING:
    from uuid import UUID

    from api.demo.scribe import Scribe
    from domain.fact import Entry


class Pens:
    """The keys of the county's people, and what they sign with them.

    Args:
        scribe: writes down that a key was registered and that something was signed.
        registrars: the posts whose holders register keys; nobody registers their own.
    """

    def __init__(self, scribe: Scribe, registrars: tuple[UUID, UUID]) -> None:
        self.scribe = scribe
        self.registrars = registrars
        self._keys: dict[UUID, PublicKey] = {}
        self._last: dict[int, tuple[UUID, int]] = {}

    def sign(self, post: UUID, record: UUID, position: int) -> None:
        """Have whoever holds a post sign what stands at a position of a record."""
        person = self.scribe.holders[post]
        key = self._key(person)
        document = self.scribe.session.entry(record, position)
        statement = self._statement(document, person, post, key)
        value = ed25519.sign(_seed(person), statement.digest())
        created = next(fact for _, fact in facts_of(self.scribe.session.entries(post), PostCreated))
        made = SignatureMade(
            enterprise=statement.organisation,
            about=f"{document.fact.topic.noun}:{record}",
            document=position,
            role=created.kind,
            statement=statement,
            signature=PersonalSignature(value=write_base64(value)),
        )
        signature = signature_record(statement)
        (place,) = self.scribe.write(post, (signature, made))
        self._last[position] = signature, place

    def _key(self, person: UUID) -> PublicKey:
        """Return a person's key, which is registered the first time that they sign."""
        if person not in self._keys:
            public = write_base64(ed25519.public_key(_seed(person)))
            key = self._keys[person] = PublicKey(suite="ed25519", public=public)
            by = next(each for each in self.registrars if self.scribe.holders[each] != person)
            self.scribe.write(by, (key_record(key.id), KeyRegistered(person=person, key=key)))
        return self._keys[person]

    def _statement(self, document: Entry, person: UUID, post: UUID, key: PublicKey) -> Statement:
        fact, kind, session = document.fact, signable(document.fact), self.scribe.session
        assert kind is not None  # noqa: S101 - the demo signs what is signed
        assert isinstance(fact, EnterpriseFact)  # noqa: S101 - as above
        last = self._last.get(document.position)
        after = session.entry(*last).hash.hex() if last else None
        return Statement(
            log=session.origin,
            document=document.hash.hex(),
            organisation=fact.enterprise,
            period=getattr(fact, "month", None),
            person=person,
            post=post,
            key=key.id,
            meaning=kind.meaning(fact),
            seen=session.seen,
            after=after,
        )


def _seed(person: UUID) -> bytes:
    return sha256(b"daocha.demo pen " + person.bytes).digest()

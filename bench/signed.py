"""A ledger with a year of signed zero reports, half of them by passkey."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.fact import Actor, Draft, Fact, Sealed
from domain.ledger import Command, Ledger
from domain.monthly_report import ReportFiled, report_id
from domain.organisation import OrganisationRegistered, OrgKind, organisation_id
from domain.people import AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.proof import ed25519
from domain.proof.encoding import write_base64, write_base64url
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Statement, TreeHead
from domain.proof.tiles import Edge
from domain.proof.webauthn import Passkey
from domain.signable import signable
from domain.signing import KeyRegistered, SignatureMade, key_record, signature_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ORIGIN = "bench.example/ledger"
_RP, _PAGE = "example.gov.cn", "https://aj.example.gov.cn"
_REGISTRAR = UUID(int=999)
_BY = Actor(authentication="system")
_BATCH = 500
_ROLES = (PostKind.DEPUTY, PostKind.PRINCIPAL)


@dataclass(frozen=True)
class Signer:
    """Who signs, in which post, with which private key."""

    person: UUID
    post: UUID
    role: PostKind
    seed: int
    passkey: bool

    @property
    def private(self) -> ec.EllipticCurvePrivateKey:
        """The private key of a passkey."""
        return ec.derive_private_key(1 + self.seed, ec.SECP256R1())

    @property
    def key(self) -> PublicKey:
        """The public key."""
        if not self.passkey:
            public = ed25519.public_key(self.seed.to_bytes(32))
            return PublicKey(suite="ed25519", public=write_base64(public))
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return PublicKey.of_passkey(Passkey("es256", point, _RP, (_PAGE,)))

    def sign(self, key: PublicKey, digest: bytes) -> PersonalSignature:
        """Return the signature under what hashes to ``digest``."""
        if not self.passkey:
            return PersonalSignature(
                value=write_base64(ed25519.sign(self.seed.to_bytes(32), digest))
            )
        data = sha256(_RP.encode()).digest() + b"\x05" + bytes(4)
        client = (
            f'{{"type":"webauthn.get","challenge":"{write_base64url(digest)}",'
            f'"origin":"{_PAGE}","crossOrigin":false}}'
        ).encode()
        der = self.private.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return PersonalSignature.of_assertion(key, data, client, der)


@dataclass
class Scene:
    """What was written: every signature with its key, in the ledger's order."""

    ledger: Ledger
    edge: Edge = field(default_factory=Edge)
    made: list[tuple[SignatureMade, PublicKey]] = field(default_factory=list)

    def append(self, facts: Sequence[tuple[UUID, int, Fact]]) -> list[bytes]:
        """Append facts and return their leaf hashes."""
        begun, now = self.edge.size, datetime.now(UTC)
        for begin in range(0, len(facts), _BATCH):
            drafts = tuple(
                Draft(record, version, fact, _BY, now, now)
                for record, version, fact in facts[begin : begin + _BATCH]
            )
            self.ledger.append(Command(uuid4(), drafts, b"bench"))
        entries = self.ledger.range_raw(begun, 1 + len(facts))
        hashes = [raw.entry.hash for raw in entries]
        self.edge.grow(hashes)
        return hashes[-len(facts) :]

    @property
    def seen(self) -> TreeHead:
        """The tree as it is now."""
        return TreeHead(size=self.edge.size, root=self.edge.root().hex())


def scene(ledger: Ledger, enterprises: int, months: int) -> Scene:
    """Write a year of zero reports, each signed by two people; every other one by passkey."""
    made = Scene(ledger)
    orgs = [organisation_id(f"BENCH{n:05}") for n in range(enterprises)]
    signers = {org: [_signer(org, n, role) for role in _ROLES] for n, org in enumerate(orgs)}
    keys = {signer.person: signer.key for each in signers.values() for signer in each}
    made.append([fact for org in orgs for fact in _register(org, signers[org], keys)])
    for month in (f"2024-{n:02}" for n in range(1, months + 1)):
        _report(made, month, signers, keys)
    return made


def _signer(org: UUID, number: int, role: PostKind) -> Signer:
    seed = 1 + number * len(_ROLES) + _ROLES.index(role)
    return Signer(uuid5(org, f"p {role}"), uuid5(org, role), role, seed, bool(number % 2))


def _register(
    org: UUID, signers: list[Signer], keys: dict[UUID, PublicKey]
) -> Iterator[tuple[UUID, int, Fact]]:
    yield (
        org,
        1,
        OrganisationRegistered(kind=OrgKind.ENTERPRISE, code=f"{org.hex[:12]}", name="厂"),
    )
    for signer in signers:
        name = Sealed.close("某某", signer.person, os.urandom(16))
        yield signer.person, 1, PersonRegistered(name=name)
        yield signer.post, 1, PostCreated(organisation=org, kind=signer.role, title="岗")
        yield signer.post, 2, AppointmentMade(organisation=org, person=signer.person)
        key = keys[signer.person]
        yield key_record(key.id), 1, KeyRegistered(person=signer.person, key=key)


def _report(
    made: Scene, month: str, signers: dict[UUID, list[Signer]], keys: dict[UUID, PublicKey]
) -> None:
    filed = {
        org: ReportFiled(enterprise=org, month=month, kind="zero", to_org=_REGISTRAR)
        for org in signers
    }
    begun = made.edge.size or 1
    documents = made.append([(report_id(org, month), 1, fact) for org, fact in filed.items()])
    after: list[bytes | None] = [None] * len(documents)
    for place in range(len(_ROLES)):
        seen = made.seen
        facts: list[tuple[UUID, int, SignatureMade]] = []
        for index, (org, fact) in enumerate(filed.items()):
            signer = signers[org][place]
            key = keys[signer.person]
            last = after[index]
            kind = signable(fact)
            assert kind is not None  # noqa: S101 - zero reports are signed
            statement = Statement(
                log=ORIGIN,
                document=documents[index].hex(),
                organisation=org,
                period=month,
                person=signer.person,
                post=signer.post,
                key=key.id,
                meaning=kind.meaning(fact),
                seen=seen,
                after=last.hex() if last else None,
            )
            signature = SignatureMade(
                enterprise=org,
                about=f"report:{report_id(org, month)}",
                document=begun + 1 + index,
                role=signer.role,
                statement=statement,
                signature=signer.sign(key, statement.digest()),
            )
            made.made.append((signature, key))
            facts.append((signature_record(statement), 1, signature))
        after = list(made.append(facts))

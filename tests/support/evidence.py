"""A log as a server keeps it, with the facts that a signed report rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from domain.fact import canonical, leaf_hash, seal_digest
from domain.proof import ed25519
from domain.proof.bundle import About, Asked, Bundle, Disclosed, make_bundle
from domain.proof.checkpoint import Checkpoint
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.encoding import write_base64
from domain.proof.note import NoteSigner, write_note
from domain.proof.roll import Roll, RollEntry
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Statement, TreeHead
from domain.proof.taken import chain
from domain.proof.tiles import Edge, Tile, hash_reader
from domain.proof.trust import read_trust

LOG = NoteSigner("example.gov.cn/log", bytes([1]) * 32)
WITNESS = Ed25519Cosigner("city.example/witness", bytes([2]) * 32)
STRANGER = Ed25519Cosigner("stranger.example/witness", bytes([3]) * 32)
TIME = datetime(2024, 6, 2, 3, 4, 5, tzinfo=UTC)
POLICY = f"log {LOG.key}\nwitness city {WITNESS.key}\nquorum city\n"
TRUST = read_trust(POLICY)

NAMES = UUID(int=7)
ENTERPRISE, REGULATOR = UUID(int=3), UUID(int=4)
DEPUTY, PRINCIPAL, REGISTRAR = UUID(int=21), UUID(int=22), UUID(int=23)
POSTS = {"deputy": UUID(int=31), "principal": UUID(int=32)}
REPORT = uuid5(NAMES, "report")
SEEDS = {DEPUTY: bytes([4]) * 32, PRINCIPAL: bytes([5]) * 32}
KEYS = {
    person: PublicKey(suite="ed25519", public=write_base64(ed25519.public_key(seed)))
    for person, seed in SEEDS.items()
}
NAMED = {DEPUTY: "张三", PRINCIPAL: "李四"}
SALT = bytes(range(16))
MONTH = "2024-05"


def key_record(person: UUID) -> UUID:
    """Return the record of a person's key."""
    return uuid5(NAMES, KEYS[person].id)


def dump(part: Any) -> Any:  # noqa: ANN401 - any part of a fact
    """Return a part of a fact as it is stored."""
    return part.model_dump(mode="json", exclude_none=True)


@dataclass
class Log:
    """A log as the server keeps it: leaves and tiles."""

    leaves: list[bytes] = field(default_factory=list)
    versions: dict[UUID, int] = field(default_factory=dict)
    rows: dict[tuple[int, int], bytes] = field(default_factory=dict)
    edge: Edge = field(default_factory=Edge)

    def append(
        self,
        topic: str,
        record: UUID,
        data: dict[str, Any],
        tags: Iterable[str] = (),
        **changes: Any,  # noqa: ANN401 - any part of a leaf
    ) -> bytes:
        """Append a fact to its record and return its leaf."""
        version = self.versions[record] = self.versions.get(record, 0) + 1
        minute = len(self.leaves) % 60
        leaf = canonical(
            {
                "body": {
                    "actor": {"authentication": "token", "person": str(REGISTRAR)},
                    "command": str(UUID(int=len(self.leaves))),
                    "data": data,
                    "happened": "2024-05-20",
                    "nonce": f"{len(self.leaves):032x}",
                    "received": f"2024-05-20T01:{minute:02d}:00Z",
                    "schema": 1,
                },
                "position": len(self.leaves) + 1,
                "record": str(record),
                "recorded": f"2024-05-20T01:{minute:02d}:00.000000Z",
                "tags": sorted({f"{topic.split('.', maxsplit=1)[0]}:{record}", *tags}),
                "topic": topic,
                "version": version,
                **changes,
            }
        )
        self.leaves.append(leaf)
        for tile, hashes in self.edge.grow([leaf_hash(leaf)]):
            self.rows[tile.level, tile.number] = hashes
        return leaf

    def other(self, count: int = 1) -> None:
        """Append facts that have nothing to do with anything."""
        for n in range(count):
            self.append("other", uuid5(NAMES, f"{len(self.leaves)}"), {"n": n})

    def read(self, tiles: Sequence[Tile]) -> list[bytes]:
        """Return tiles as they are stored."""
        return [self.rows[tile.level, tile.number] for tile in tiles]

    def head(self) -> TreeHead:
        """Return the tree as it is now."""
        return TreeHead(size=self.edge.size, root=self.edge.root().hex())

    def checkpoint(self, *cosigners: Ed25519Cosigner) -> bytes:
        """Return the signed checkpoint of the tree as it is now."""
        text = Checkpoint(LOG.key.name, self.edge.size, self.edge.root()).text
        return write_note(text, [LOG.sign(text), *(each.cosign(text, TIME) for each in cosigners)])

    def bundle(
        self,
        *positions: int,
        about: About | None = None,
        rolls: Sequence[Asked] = (),
        disclosed: Sequence[Disclosed] = (),
        trace: str | None = None,
    ) -> Bundle:
        """Return the bundle of the facts at some positions."""
        leaves = [self.leaves[position - 1] for position in positions]
        size = self.edge.size
        return make_bundle(
            about or About(kind="report", id=str(REPORT)),
            self.checkpoint(WITNESS),
            size,
            leaves,
            hash_reader(size, self.read),
            rolls=rolls,
            disclosed=disclosed,
            trace=trace,
        )

    # The facts of the matter.

    def open(self, **changes: Any) -> None:  # noqa: ANN401 - any part of the fact
        """Append the first fact."""
        data = {"origin": LOG.key.name, "jurisdiction": "例县", "clock": "real", **changes}
        self.append("ledger.opened", uuid5(NAMES, "ledger"), data)

    def organisation(self, organisation: UUID, name: str) -> None:
        """Register an organisation."""
        data = {"kind": "enterprise", "code": name, "name": name}
        self.append("organisation.registered", organisation, data, [f"org:{organisation}"])

    def person(self, person: UUID) -> None:
        """Register a person, whose name is sealed."""
        digest = seal_digest(NAMED[person], SALT)
        data = {"name": {"digest": digest, "subject": str(person)}}
        self.append("person.registered", person, data)

    def appoint(self, person: UUID, kind: str) -> None:
        """Create a post, once, and appoint a person to it."""
        post, org = POSTS[kind], str(ENTERPRISE)
        if post not in self.versions:
            data = {"organisation": org, "kind": kind, "title": kind}
            self.append("post.created", post, data, [f"org:{org}"])
        data = {"organisation": org, "person": str(person)}
        tags = [f"org:{org}", f"post:{post}", f"person:{person}"]
        self.append("appointment.made", post, data, tags)

    def relieve(self, person: UUID, kind: str) -> None:
        """End an appointment."""
        data = {"organisation": str(ENTERPRISE), "person": str(person)}
        tags = [f"post:{POSTS[kind]}", f"person:{person}"]
        self.append("appointment.ended", POSTS[kind], data, tags)

    def key(self, person: UUID, /, **changes: Any) -> None:  # noqa: ANN401 - any part of the fact
        """Register a person's key."""
        data = {"key": dump(KEYS[person]), "person": str(person), **changes}
        self.append("key.registered", key_record(person), data, [f"person:{person}"])

    def revoke(self, person: UUID) -> None:
        """Revoke a person's key."""
        data = {"key": KEYS[person].id, "person": str(person)}
        self.append("key.revoked", key_record(person), data)

    def report(self, **changes: Any) -> bytes:  # noqa: ANN401 - any part of the fact
        """File the zero report."""
        data = {
            "enterprise": str(ENTERPRISE),
            "kind": "zero",
            "month": MONTH,
            "to_org": str(REGULATOR),
            "older": [],
            **changes,
        }
        return self.append("report.filed", REPORT, data, [f"org:{ENTERPRISE}"])

    def statement(self, person: UUID, document: bytes, /, **changes: Any) -> Statement:  # noqa: ANN401
        """Return what somebody states about a document."""
        kind = "deputy" if person == DEPUTY else "principal"
        return Statement.model_validate(
            {
                "log": LOG.key.name,
                "document": leaf_hash(document).hex(),
                "organisation": ENTERPRISE,
                "period": MONTH,
                "person": person,
                "post": POSTS[kind],
                "key": KEYS[person].id,
                "meaning": "本单位2024年5月未发现新的事故隐患",
                "seen": self.head(),
                **changes,
            }
        )

    def sign(
        self,
        person: UUID,
        document: bytes,
        /,
        facts: dict[str, Any] | None = None,
        **changes: Any,  # noqa: ANN401 - any part of the statement
    ) -> bytes:
        """Sign a document; ``facts`` changes what the fact says beside the statement."""
        statement = self.statement(person, document, **changes)
        value = ed25519.sign(SEEDS[person], statement.digest())
        position = next((n for n, leaf in enumerate(self.leaves, 1) if leaf == document), 0)
        data = {
            "enterprise": str(ENTERPRISE),
            "about": f"report:{REPORT}",
            "document": position,
            "role": "deputy" if person == DEPUTY else "principal",
            "statement": dump(statement),
            "signature": dump(PersonalSignature(value=write_base64(value))),
            **(facts or {}),
        }
        tags = [f"report:{REPORT}", f"org:{ENTERPRISE}", f"person:{person}"]
        record = uuid5(NAMES, statement.digest().hex())
        return self.append("signature.made", record, data, tags)

    def take(self, of: str, *entries: RollEntry, **changes: Any) -> Roll:  # noqa: ANN401
        """Take a roll that reflects all there is."""
        roll = Roll(entries)
        data = {
            "deadline": "2024-05-31T16:00:00Z",
            "head": dump(roll.head(of)),
            "upto": len(self.leaves),
            **changes,
        }
        self.append("roll.taken", uuid5(NAMES, of), data)
        return roll

    def chain(self) -> str:
        """Return the chain of the facts about the enterprise."""
        found = [leaf for leaf in self.leaves if f'"org:{ENTERPRISE}"'.encode() in leaf]
        return chain(map(leaf_hash, found)).hex()


def known_signers() -> Log:
    """A log in which two people hold the two posts and have keys."""
    log = Log()
    log.open()
    log.organisation(ENTERPRISE, "沂河化工有限公司")
    for person, kind in ((DEPUTY, "deputy"), (PRINCIPAL, "principal")):
        log.person(person)
        log.appoint(person, kind)
        log.key(person)
    return log


def zero_report() -> Log:
    """A log with a zero report signed by both: positions 1 to 12, and 313."""
    log = known_signers()
    report = log.report()
    first = log.sign(DEPUTY, report)
    log.other(300)
    log.sign(PRINCIPAL, report, after=leaf_hash(first).hex())
    log.other()
    return log


SHOWN = (*range(1, 13), 313)
"""The positions that show it."""
DISCLOSED = (
    Disclosed(position=3, path="name", salt=SALT.hex(), value="张三"),
    Disclosed(position=7, path="name", salt=SALT.hex(), value="李四"),
)

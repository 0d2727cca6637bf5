from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Invalid, NotProved
from domain.fact import canonical, leaf_hash, seal_digest
from domain.proof import ed25519
from domain.proof.bundle import Bundle, Disclosed, Evidence, make_bundle, open_bundle
from domain.proof.checkpoint import Checkpoint
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.encoding import write_base64
from domain.proof.note import NoteSigner, write_note
from domain.proof.signature import PersonalSignature, PublicKey
from domain.proof.statement import Statement, TreeHead
from domain.proof.tiles import Edge, Tile, hash_reader
from domain.proof.trust import read_trust

LOG = NoteSigner("example.gov.cn/log", bytes([1]) * 32)
WITNESS = Ed25519Cosigner("city.example/witness", bytes([2]) * 32)
STRANGER = Ed25519Cosigner("stranger.example/witness", bytes([3]) * 32)
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TRUST = read_trust(f"log {LOG.key}\nwitness city {WITNESS.key}\nquorum city\n")

DEPUTY, PRINCIPAL, ENTERPRISE = UUID(int=1), UUID(int=2), UUID(int=3)
SEEDS = {DEPUTY: bytes([4]) * 32, PRINCIPAL: bytes([5]) * 32}
KEYS = {
    person: PublicKey(suite="ed25519", public=write_base64(ed25519.public_key(seed)))
    for person, seed in SEEDS.items()
}
NAME, SALT = "张三", bytes(range(16))


@dataclass
class Log:
    """A log as the server keeps it: leaves and tiles."""

    leaves: list[bytes] = field(default_factory=list)
    rows: dict[tuple[int, int], bytes] = field(default_factory=dict)
    edge: Edge = field(default_factory=Edge)

    def append(self, topic: str, data: dict[str, Any]) -> bytes:
        leaf = canonical(
            {
                "body": {"data": data, "nonce": f"{len(self.leaves):032x}"},
                "position": len(self.leaves) + 1,
                "topic": topic,
            }
        )
        self.leaves.append(leaf)
        for tile, hashes in self.edge.grow([leaf_hash(leaf)]):
            self.rows[tile.level, tile.number] = hashes
        return leaf

    def read(self, tiles: Sequence[Tile]) -> list[bytes]:
        return [self.rows[tile.level, tile.number] for tile in tiles]

    def head(self) -> TreeHead:
        return TreeHead(size=self.edge.size, root=self.edge.root().hex())

    def checkpoint(self, *cosigners: Ed25519Cosigner) -> bytes:
        text = Checkpoint(LOG.key.name, self.edge.size, self.edge.root()).text
        return write_note(text, [LOG.sign(text), *(each.cosign(text, TIME) for each in cosigners)])

    def bundle(self, *positions: int, disclosed: Sequence[Disclosed] = ()) -> Bundle:
        leaves = [self.leaves[position - 1] for position in positions]
        size = self.edge.size
        read = hash_reader(size, self.read)
        return make_bundle(self.checkpoint(WITNESS), size, leaves, read, disclosed)

    def sign(self, person: UUID, document: bytes, /, **changes: Any) -> bytes:  # noqa: ANN401
        statement = Statement.model_validate(
            {
                "log": LOG.key.name,
                "document": leaf_hash(document).hex(),
                "organisation": ENTERPRISE,
                "period": "2024-05",
                "person": person,
                "post": person,
                "key": KEYS[person].id,
                "meaning": "本单位2024年5月未发现新的事故隐患",
                "seen": self.head(),
                **changes,
            }
        )
        value = ed25519.sign(SEEDS[person], statement.digest())
        parts = {"statement": statement, "signature": PersonalSignature(value=write_base64(value))}
        return self.append(
            "signature.made",
            {name: part.model_dump(mode="json", exclude_none=True) for name, part in parts.items()},
        )


def registered(log: Log, person: UUID) -> bytes:
    key = KEYS[person].model_dump(mode="json", exclude_none=True)
    return log.append("key.registered", {"key": key, "person": str(person), "vouched": "…"})


def zero_report() -> tuple[Log, list[int]]:
    """A log with a zero report signed by both, and the positions that show it."""
    log = Log()
    log.append("ledger.opened", {})
    for person in SEEDS:
        registered(log, person)
    sealed = {"digest": seal_digest(NAME, SALT), "subject": str(DEPUTY)}
    report = log.append("report.filed", {"items": [{"by": sealed}], "month": "2024-05"})
    first = log.sign(DEPUTY, report)
    for n in range(300):
        log.append("other", {"n": n})
    log.sign(PRINCIPAL, report, after=leaf_hash(first).hex())
    log.append("other", {})
    return log, [2, 3, 4, 5, 306]


DISCLOSED = Disclosed(position=4, path="items.0.by", salt=SALT.hex(), value=NAME)


@pytest.fixture(scope="module")
def good() -> bytes:
    log, positions = zero_report()
    return log.bundle(*positions, disclosed=[DISCLOSED]).write()


def changed(bundle: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    content = json.loads(bundle)
    change(content)
    return canonical(content)


def test_what_a_bundle_proves(good: bytes) -> None:
    evidence: Evidence = open_bundle(good, TRUST)
    assert evidence.trusted.checkpoint.size == 307
    assert [(each.witness, each.at) for each in evidence.trusted.cosigned] == [("city", TIME)]
    assert list(evidence.leaves) == [2, 3, 4, 5, 306]
    first, second = evidence.signatures
    assert (first.statement.person, second.statement.person) == (DEPUTY, PRINCIPAL)
    assert first.document == second.document == evidence.leaves[4]
    assert second.statement.after == first.leaf.hash.hex()
    assert (first.statement.seen.size, second.statement.seen.size) == (4, 305)
    assert evidence.leaves[4].data["month"] == "2024-05"
    assert evidence.disclosed == {(4, "items.0.by"): NAME}
    assert len(good) < 15_000


def test_a_bundle_without_signatures() -> None:
    log, _ = zero_report()
    evidence = open_bundle(log.bundle(1, 200).write(), TRUST)
    assert (list(evidence.leaves), evidence.signatures) == ([1, 200], ())


# Not one character of it can be changed.


def refused(data: bytes) -> bool:
    try:
        open_bundle(data, TRUST)
    except Invalid:
        return True
    return False


def test_every_single_character(good: bytes) -> None:
    text = good.decode()
    generator = random.Random(5)  # noqa: S311 - a fixed sequence
    alphabet = '0123456789abcdefABCDEF+/=-_ "\\,:{}[]\n证'
    for at, letter in enumerate(text):
        other = generator.choice(alphabet.replace(letter, ""))
        assert refused((text[:at] + other + text[at + 1 :]).encode()), text[at - 20 : at + 20]


def test_thousands_of_random_changes(good: bytes) -> None:
    generator = random.Random(6)  # noqa: S311 - a fixed sequence
    for _ in range(3000):
        data = bytearray(good)
        for _ in range(generator.choice((1, 1, 2, 5))):
            at, other = generator.randrange(len(data)), generator.randrange(len(good))
            match generator.randrange(4):
                case 0:
                    data[at] ^= 1 << generator.randrange(8)
                case 1:
                    del data[at : at + generator.randrange(1, 40)]
                case 2:
                    data[at:at] = good[other : other + generator.randrange(1, 40)]
                case _:
                    data[at] = good[other]
        assert bytes(data) == good or refused(bytes(data))


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("not an evidence bundle", lambda b: b.update(extra=1)),
        ("not an evidence bundle", lambda b: b.update(bundle="daocha.bundle/v2")),
        ("not an evidence bundle", lambda b: b.update(leaves=[])),
        ("that was seen is missing", lambda b: b.update(seen=[])),
        ("that was seen is missing", lambda b: b["seen"].reverse()),
        ("that was seen is missing", lambda b: b["seen"].append(b["seen"][0])),
        ("that was seen is missing", lambda b: b["seen"].append({"size": 307, "path": []})),
        ("not in order", lambda b: b["leaves"].reverse()),
        ("not in order", lambda b: b["leaves"].append(b["leaves"][-1])),
        ("document is not in", lambda b: b["leaves"].pop(2)),
        ("earlier signature", lambda b: (b["leaves"].pop(3), b["seen"].pop(0))),
        ("not have this key", lambda b: b["leaves"].pop(0)),
        ("does not fit", lambda b: b["disclosed"][0].update(value="李四")),
        ("does not fit", lambda b: b["disclosed"][0].update(salt="00" * 16)),
        ("does not fit", lambda b: b["disclosed"][0].update(path="items.1.by")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="items.x.by")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="items.00.by")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="items.０.by")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="items.-1.by")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="items.0.by.digest.0")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="month")),
        ("does not fit", lambda b: b["disclosed"][0].update(position=7)),
        ("not in order", lambda b: b["disclosed"].append(b["disclosed"][0])),
        ("hash has 32 bytes", lambda b: b["leaves"][0].update(path=["AAAA"])),
        ("too long", lambda b: b["leaves"][0]["path"].append(b["leaves"][0]["path"][0])),
    ],
)  # fmt: skip
def test_bundle_with_a_part_changed(
    good: bytes, why: str, change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(Invalid, match=why):
        open_bundle(changed(good, change), TRUST)


def test_the_message_says_where(good: bytes) -> None:
    bad = changed(
        good, lambda b: b["leaves"][2].update(leaf=b["leaves"][2]["leaf"].replace("05", "06"))
    )
    with pytest.raises(NotProved, match="第 4 条事实") as caught:
        open_bundle(bad, TRUST)
    assert caught.value.where == "4"


@pytest.mark.parametrize("spelling", [b" ", b"\n", b"\xef\xbb\xbf"])
def test_another_spelling_of_the_same(good: bytes, spelling: bytes) -> None:
    for data in (good + spelling, spelling + good):
        assert refused(data)
    assert refused(json.dumps(json.loads(good)).encode())


def test_larger_than_anything_useful() -> None:
    with pytest.raises(Invalid, match="too large"):
        open_bundle(bytes(20_000_001), TRUST)


# The checkpoint.


def test_checkpoint_that_is_not_trusted(good: bytes) -> None:
    log, _ = zero_report()
    for cosigners, why in (((), "too few"), ((WITNESS, STRANGER), "unknown key")):
        note = log.checkpoint(*cosigners).decode()
        content = {**json.loads(good), "checkpoint": note}
        with pytest.raises(NotProved, match=why):
            open_bundle(canonical(content), TRUST)
    other = NoteSigner("other.example/log", bytes([1]) * 32)
    with pytest.raises(NotProved, match="no such log"):
        open_bundle(good, read_trust(f"log {other.key}\nquorum none\n"))


def test_signatures_under_the_checkpoint_stand_once_and_in_order(good: bytes) -> None:
    content = json.loads(good)
    text, _, lines = content["checkpoint"].rpartition("\n\n")
    first, second, _ = lines.split("\n")
    for other in ((second, first), (first, first, second), (first, second, second)):
        content["checkpoint"] = "\n".join((text, "", *other, ""))
        with pytest.raises(Invalid, match="not in order"):
            open_bundle(canonical(content), TRUST)


def test_facts_that_are_not_in_the_log(good: bytes) -> None:
    log, _ = zero_report()
    log.append("other", {"later": True})
    leaves = [log.leaves[-1].decode()]
    with pytest.raises(NotProved, match="does not lie in the tree"):
        open_bundle(changed(good, lambda b: b["leaves"][0].update(leaf=leaves[0])), TRUST)


# What a signature rests on.


def prove(log: Log, *positions: int) -> Evidence:
    return open_bundle(log.bundle(*positions).write(), TRUST)


@pytest.fixture
def log() -> Log:
    log = Log()
    registered(log, DEPUTY)
    log.append("report.filed", {})
    return log


def test_signature_that_holds(log: Log) -> None:
    log.sign(DEPUTY, log.leaves[1])
    assert [each.leaf.position for each in prove(log, 1, 2, 3).signatures] == [3]


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("another log", {"log": "example.gov.cn/other"}),
        ("younger", {"seen": TreeHead(size=3, root="00" * 32)}),
        ("another", {"seen": TreeHead(size=1, root="00" * 32)}),
        ("document is not in", {"document": "00" * 32}),
        ("not have this key", {"person": PRINCIPAL}),
        ("not have this key", {"key": "00" * 32}),
        ("earlier signature", {"after": "00" * 32}),
    ],
)
def test_signature_that_rests_on_something_else(
    log: Log, why: str, changes: dict[str, Any]
) -> None:
    log.sign(DEPUTY, log.leaves[1], **changes)
    with pytest.raises(NotProved, match=why if why != "another" else "does not hold"):
        prove(log, 1, 2, 3)


def test_what_comes_after_must_be_a_signature(log: Log) -> None:
    log.sign(DEPUTY, log.leaves[1], after=leaf_hash(log.leaves[0]).hex())
    with pytest.raises(NotProved, match="earlier signature"):
        prove(log, 1, 2, 3)


def test_key_registered_afterwards_or_revoked_before() -> None:
    log = Log()
    log.append("report.filed", {})
    log.sign(DEPUTY, log.leaves[0])
    registered(log, DEPUTY)
    log.sign(DEPUTY, log.leaves[0])
    log.append("key.revoked", {"key": KEYS[DEPUTY].id})
    log.sign(DEPUTY, log.leaves[0])
    assert [each.leaf.position for each in prove(log, 1, 3, 4, 5).signatures] == [4]
    with pytest.raises(NotProved, match="fact 2: the signer does not have this key here"):
        prove(log, 1, 2, 3)
    with pytest.raises(NotProved, match="fact 6: the signer does not have this key here"):
        prove(log, 1, 3, 5, 6)


def test_signature_by_another_key() -> None:
    log = Log()
    for person in SEEDS:
        registered(log, person)
    log.append("report.filed", {})
    forged = log.sign(DEPUTY, log.leaves[2])
    content = json.loads(forged)
    content["position"] = 5
    other = ed25519.sign(SEEDS[PRINCIPAL], b"anything")
    content["body"]["data"]["signature"]["value"] = write_base64(other)
    log.append("signature.made", content["body"]["data"])
    with pytest.raises(NotProved, match="fact 5: the signature is invalid"):
        prove(log, 1, 2, 3, 5)


@pytest.mark.parametrize(
    ("why", "data"),
    [
        ("key is malformed", {"person": "x"}),
        ("key is malformed", {"key": {"suite": "rsa", "public": ""}}),
        ("not a good public key", {"key": {"suite": "ed25519", "public": write_base64(bytes(32))}}),
        (
            "canonical form",
            {"key": {**KEYS[DEPUTY].model_dump(mode="json")}},
        ),
    ],
)
def test_registered_key_that_is_none(why: str, data: dict[str, Any]) -> None:
    log = Log()
    log.append("key.registered", {k: v for k, v in data.items() if v})
    with pytest.raises(Invalid, match=why):
        prove(log, 1)


def test_statement_in_another_spelling(log: Log) -> None:
    content = json.loads(log.sign(DEPUTY, log.leaves[1]))
    content["body"]["data"]["statement"]["seen"]["size"] = "2"
    log.append("signature.made", content["body"]["data"])
    with pytest.raises(Invalid, match="statement is not in its canonical form"):
        open_bundle(forced(log, 1, 2, 4), TRUST)


def forced(log: Log, *positions: int) -> bytes:
    """A bundle that the maker would not make, because a fact in it is not of its shape."""
    plain = Log()
    plain.leaves, plain.rows, plain.edge = log.leaves, log.rows, log.edge
    bundle = plain.bundle(*positions[:-1])
    last = make_bundle(
        plain.checkpoint(WITNESS),
        plain.edge.size,
        [plain.leaves[positions[-1] - 1].replace(b"signature.made", b"signature.madf")],
        hash_reader(plain.edge.size, plain.read),
    ).leaves[0]
    last = last.model_copy(update={"leaf": last.leaf.replace("signature.madf", "signature.made")})
    return bundle.model_copy(update={"leaves": (*bundle.leaves, last)}).write()


@pytest.mark.parametrize(
    "leaf",
    [
        *(b"", b"{}", b"[]", b'"text"', b'{"body":{"data":{}},"position":0,"topic":"x"}'),
        *(b'{"body":{"data":{}},"position":1,"topic":"x"} ', b'{"position":1,"topic":"x"}'),
        b'{"body":{"data":{},"data":{}},"position":1,"topic":"x"}',
        b'{"body":{"data":{"a":1.5}},"position":1,"topic":"x"}',
        b'{"body":{"data":{"a":"\\ud800"}},"position":1,"topic":"x"}',
        b'{"body":{"data":{"a":' + b"[" * 5000 + b"]" * 5000 + b'}},"position":1,"topic":"x"}',
    ],
)
def test_what_is_no_fact(leaf: bytes) -> None:
    with pytest.raises(Invalid):
        make_bundle(Log().checkpoint(WITNESS), 1, [leaf], hash_reader(1, lambda _: []))

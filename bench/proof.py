"""Proof against the bare libraries, each as a ratio measured in the same run.

Bars: signatures of a year of zero reports verified on all cores at 0.85 or more of the bare
library's rate; the tree built at 0.7 or more of bare hashing; an inclusion proof among 1,000,000
leaves in a median of 2 ms (here without the database; its one query comes on top).
"""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import cpu_count, get_context
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.signing import VerifyKey

from domain.fact import canonical, leaf_hash
from domain.proof import ed25519
from domain.proof.encoding import write_base64, write_base64url
from domain.proof.merkle import prove_inclusion, verify_inclusion
from domain.proof.signature import PersonalSignature, PublicKey, verify_digest
from domain.proof.statement import Statement, TreeHead, signing_digest
from domain.proof.tiles import Edge, Tile, hash_reader
from domain.proof.webauthn import Passkey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAVES = 200_000
LEAF_SIZE = 700
"""Bytes of a usual fact."""
LARGE = 1_000_000
SIGNERS, MONTHS = 500, 12
ROUNDS = 5
ORIGIN = "https://aj.example.gov.cn"
ECDSA_SHA256 = ec.ECDSA(SHA256())


def main() -> None:
    """Measure, and print one line a figure."""
    _measure_tree()
    _measure_proofs()
    for suite in (_ed25519(), _passkeys()):
        _measure_signatures(suite)


# The tree.


def _measure_tree() -> None:
    generator = random.Random(1)  # noqa: S311 - any bytes
    leaves = [generator.randbytes(LEAF_SIZE) for _ in range(LEAVES)]
    nodes = [generator.randbytes(65) for _ in range(LEAVES - 1)]

    def leaves_alone() -> None:
        for leaf in leaves:
            sha256(b"\0" + leaf).digest()

    def bare() -> None:
        leaves_alone()
        for node in nodes:
            sha256(node).digest()

    def build() -> None:
        Edge().grow([leaf_hash(leaf) for leaf in leaves])

    took, ratio = _in_turns(bare, build)
    print(f"tree of {LEAVES:,} leaves of {LEAF_SIZE} bytes: {LEAVES / took:,.0f} leaves/s")
    print(f"  to bare hashing of its leaves and nodes  {ratio:.2f}  (bar 0.70)")
    print(f"  to bare hashing of its leaves alone      {_in_turns(leaves_alone, build)[1]:.2f}")


def _measure_proofs() -> None:
    edge, hashes = Edge(), [leaf_hash(b"%d" % n) for n in range(LARGE)]
    rows = {(tile.level, tile.number): data for tile, data in edge.grow(hashes)}
    root = edge.root()

    def read(tiles: Sequence[Tile]) -> list[bytes]:
        return [rows[tile.level, tile.number] for tile in tiles]

    made, checked = [], []
    for index in random.Random(2).sample(range(LARGE), 500):  # noqa: S311 - which to ask
        began = time.perf_counter()
        proof = prove_inclusion(index, LARGE, hash_reader(LARGE, read))
        between = time.perf_counter()
        verify_inclusion(index, LARGE, hashes[index], proof, root)
        checked.append(time.perf_counter() - between)
        made.append(between - began)
    print(f"inclusion proof among {LARGE:,} leaves, median of {len(made)}:")
    print(f"  made     {statistics.median(made) * 1e3:.2f} ms  (bar 2 ms, with the query)")
    print(f"  checked  {statistics.median(checked) * 1e3:.2f} ms")


# Signatures: what an audit does with a leaf, and what the library does with the same signature.


@dataclass(frozen=True)
class _Suite:
    name: str
    keys: dict[str, PublicKey]
    leaves: list[bytes]
    bare: list[tuple[Any, ...]]
    """A function of the library and its arguments, for each leaf."""

    def verify_leaves(self, share: slice) -> None:
        for leaf in self.leaves[share]:
            data = orjson.loads(leaf)
            statement = data["statement"]
            digest = signing_digest(orjson.dumps(statement, option=orjson.OPT_SORT_KEYS))
            signature = PersonalSignature.model_validate(data["signature"])
            verify_digest(self.keys[statement["key"]], digest, signature)

    def verify_bare(self, share: slice) -> None:
        for function, *arguments in self.bare[share]:
            function(*arguments)


_at_work: _Suite
"""The suite that is being measured, which worker processes take over as they are forked."""


def _verify_leaves(share: slice) -> None:
    _at_work.verify_leaves(share)


def _verify_bare(share: slice) -> None:
    _at_work.verify_bare(share)


def _measure_signatures(suite: _Suite) -> None:
    global _at_work  # noqa: PLW0603 - see there
    _at_work = suite
    count = len(suite.leaves)
    shares = [slice(start, start + 250) for start in range(0, count, 250)]
    with get_context("fork").Pool() as pool:
        took, ratio = _in_turns(
            lambda: pool.map(_verify_bare, shares, chunksize=1),
            lambda: pool.map(_verify_leaves, shares, chunksize=1),
        )
    print(f"{suite.name}: {count:,} signatures at {count / took:,.0f}/s on {cpu_count()} cores")
    print(f"  to the bare library  {ratio:.2f}  (bar 0.85)")


def _statement(key: PublicKey, signer: int, month: int) -> Statement:
    return Statement(
        log="example.gov.cn/log",
        document=sha256(b"%d %d" % (signer, month)).hexdigest(),
        organisation=UUID(int=signer),
        period=f"2024-{month:02d}",
        person=UUID(int=signer),
        post=UUID(int=signer),
        key=key.id,
        meaning=f"本单位2024年{month}月未发现新的事故隐患",
        seen=TreeHead(size=1 + month, root="00" * 32),
    )


def _leaf(statement: Statement, signature: PersonalSignature) -> bytes:
    parts = {"statement": statement, "signature": signature}
    return canonical(
        {name: part.model_dump(mode="json", exclude_none=True) for name, part in parts.items()}
    )


def _ed25519() -> _Suite:
    suite = _Suite("Ed25519 (PyNaCl)", {}, [], [])
    for signer in range(SIGNERS):
        seed = signer.to_bytes(32)
        public = ed25519.public_key(seed)
        key = PublicKey(suite="ed25519", public=write_base64(public))
        suite.keys[key.id] = key
        for month in range(1, MONTHS + 1):
            statement = _statement(key, signer, month)
            raw = ed25519.sign(seed, statement.digest())
            suite.leaves.append(_leaf(statement, PersonalSignature(value=write_base64(raw))))
            suite.bare.append((VerifyKey(public).verify, statement.digest(), raw))
    return suite


def _passkeys() -> _Suite:
    suite = _Suite("passkey ES256 (cryptography)", {}, [], [])
    data = sha256(b"example.gov.cn").digest() + b"\x05" + bytes(4)
    for signer in range(SIGNERS):
        private = ec.derive_private_key(1 + signer, ec.SECP256R1())
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        key = PublicKey.of_passkey(Passkey("es256", point, "example.gov.cn", (ORIGIN,)))
        suite.keys[key.id] = key
        for month in range(1, MONTHS + 1):
            statement = _statement(key, signer, month)
            client = (
                f'{{"type":"webauthn.get","challenge":"{write_base64url(statement.digest())}",'
                f'"origin":"{ORIGIN}","crossOrigin":false}}'
            ).encode()
            message = data + sha256(client).digest()
            der = private.sign(message, ECDSA_SHA256)
            signature = PersonalSignature.of_assertion(key, data, client, der)
            suite.leaves.append(_leaf(statement, signature))
            suite.bare.append((private.public_key().verify, der, message, ECDSA_SHA256))
    return suite


def _in_turns(bare: Callable[[], object], ours: Callable[[], object]) -> tuple[float, float]:
    """Return our best time in seconds, and the best bare time's ratio to it."""
    times = [(_seconds(bare), _seconds(ours)) for _ in range(ROUNDS)]
    best_bare, best_ours = (min(each) for each in zip(*times, strict=True))
    return best_ours, best_bare / best_ours


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

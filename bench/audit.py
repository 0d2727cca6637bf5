"""The audit: facts a second beside bare reading and hashing; signatures beside the bare library.

Signatures are judged as ``daocha audit`` does it, by :func:`domain.audit.signatures.judge` in
processes of their own: each by the document, the keys, the posts and the other signatures that
stood before it, all read from PostgreSQL. Beside it, the audit's own check of the signature alone
(:func:`domain.proof.signature.verify_statement`), and the bare library. The bar of 0.85 is for the
signature alone; what the record says beside it has no counterpart in a library.
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.signing import VerifyKey
from pydantic import SecretStr

import api.operations  # noqa: F401 - every kind of fact must be known in each process
from api import home
from api.auditing import audit
from api.settings import Settings
from bench.place import server
from bench.signed import ORIGIN, scene
from domain.audit.signatures import Dependencies, judge
from domain.fact import leaf_hash
from domain.ledger import LedgerTables
from domain.proof.encoding import read_base64
from domain.proof.signature import verify_statement
from domain.proof.tiles import Edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from domain.audit.signatures import Due
    from domain.proof.signature import PublicKey
    from domain.signing import SignatureMade

    Signed = tuple[SignatureMade, PublicKey]

ENTERPRISES, MONTHS = 200, 12
ROUNDS = 3
TURNS = 12
"""Turns about signatures: the best of many is what a machine does that others leave alone."""
TOGETHER = 250
CORES = os.cpu_count() or 1


def main() -> None:
    """Measure, and print one line a figure."""
    with server() as url, tempfile.TemporaryDirectory(prefix="daocha-bench-") as folder:
        schema = f"bench_{uuid4().hex[:12]}"
        settings = Settings(
            database_url=SecretStr(url), ledger=schema, home=Path(folder), origin=ORIGIN
        )
        try:
            with home.opened(settings, create_missing=True) as ledger:
                signed = scene(ledger, ENTERPRISES, MONTHS).made
            _measure_facts(settings, url, schema)
            _measure_signatures(url, schema, signed)
        finally:
            with psycopg.connect(url, autocommit=True) as connection:
                for part in ("", "_views", "_views_a", "_views_b"):
                    connection.execute(f"DROP SCHEMA IF EXISTS {schema}{part} CASCADE".encode())


def _measure_facts(settings: Settings, url: str, schema: str) -> None:
    with LedgerTables(url, schema) as tables:
        head = tables.totals(1).head

        def bare() -> None:
            edge = Edge()
            for after in range(0, head, 4096):
                edge.grow([leaf_hash(row.leaf) for row in tables.rows(after, after + 4096)])

        bare_took = min(_seconds(bare) for _ in range(ROUNDS))
    for jobs in (1, CORES):
        run = partial(_audit, settings, jobs)
        took = min(_seconds(run) for _ in range(ROUNDS))
        print(f"audit of {head:,} facts, half of them signatures, {jobs} processes:")
        print(f"  {head / took:,.0f} facts/s; bare reading and hashing {head / bare_took:,.0f}")


def _audit(settings: Settings, jobs: int) -> None:
    fault = audit(settings, fresh=True, jobs=jobs).fault
    if fault:
        raise AssertionError(fault)


_tables: LedgerTables


def _begin(url: str, schema: str) -> None:
    global _tables  # noqa: PLW0603 - it is the process's only state
    _tables = LedgerTables(url, schema)


def _judge(due: Sequence[Due]) -> None:
    fault = judge(due, _tables.rows_at)
    if fault:
        raise AssertionError(fault)


def _verify(signed: Sequence[Signed]) -> None:
    for made, key in signed:
        verify_statement(made.statement, key, made.signature)


def _bare(calls: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
    for name, arguments in calls:
        if name == "ed25519":
            public, digest, value = arguments
            _nacl(public).verify(digest, value)
        else:
            public, message, der = arguments
            _point(public).verify(der, message, _ECDSA)


_ECDSA = ec.ECDSA(SHA256())
_keys: dict[bytes, Any] = {}


def _nacl(public: bytes) -> VerifyKey:
    found: VerifyKey = _keys.get(public) or _keys.setdefault(public, VerifyKey(public))
    return found


def _point(public: bytes) -> ec.EllipticCurvePublicKey:
    if public not in _keys:
        _keys[public] = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    found: ec.EllipticCurvePublicKey = _keys[public]
    return found


def _measure_signatures(url: str, schema: str, signed: Sequence[Signed]) -> None:
    for suite, library in (("ed25519", "PyNaCl"), ("passkey-es256", "cryptography")):
        own = [each for each in signed if each[1].suite == suite]
        calls = [_call(*each) for each in own]
        with _sharing(url, schema, calls=calls, own=own) as share:
            work = partial(share, _bare, "calls"), partial(share, _verify, "own")
            bare, ours = _in_turns(TURNS, *work)
        print(f"{suite}: {len(own):,} signatures of a year of zero reports on {CORES} cores")
        print(f"  {library} {len(own) / bare:,.0f}/s, the audit's check {len(own) / ours:,.0f}/s")
        print(f"  ratio  {bare / ours:.2f}  (bar 0.85)")
    due = list(_due(url, schema))
    with _sharing(url, schema, due=due) as share:
        (took,) = _in_turns(ROUNDS, partial(share, _judge, "due"))
    print(f"judged in full, with document, post, key and order: {len(due) / took:,.0f}/s")


def _call(made: SignatureMade, key: PublicKey) -> tuple[str, tuple[Any, ...]]:
    """Return what a library is given of a signature."""
    digest, value = made.statement.digest(), read_base64(made.signature.value)
    if key.suite == "ed25519":
        return key.suite, (key.raw, digest, value)
    answer = made.signature.assertion
    assert answer is not None  # noqa: S101 - it is a passkey's
    message = answer.authenticator_data + sha256(answer.client_data).digest()
    r, s = int.from_bytes(value[:32]), int.from_bytes(value[32:])
    return key.suite, (key.raw, message, encode_dss_signature(r, s))


def _due(url: str, schema: str) -> Iterator[Due]:
    index = Dependencies()
    with LedgerTables(url, schema) as tables:
        for row in tables.rows(0, tables.totals(1).head):
            due = index.learn(row.entry)
            if due:
                yield due


_at_hand: dict[str, Sequence[Any]] = {}
"""What is measured, which processes take over as they are forked: an audit has it from reading."""


@contextmanager
def _sharing(url: str, schema: str, **items: Sequence[Any]) -> Iterator[Callable[..., None]]:
    """Yield what has all of some items done by all processes, in parts."""
    _at_hand.update(items)
    with ProcessPoolExecutor(CORES, get_context("fork"), _begin, (url, schema)) as pool:

        def share(function: Callable[[Any], None], name: str) -> None:
            starts = range(0, len(_at_hand[name]), TOGETHER)
            list(pool.map(partial(_part, function, name), starts))

        list(pool.map(_nothing, range(CORES * 4)))  # they are all there
        yield share


def _part(function: Callable[[Any], None], name: str, start: int) -> None:
    function(_at_hand[name][start : start + TOGETHER])


def _nothing(_: int) -> None:
    time.sleep(0.05)


def _in_turns(turns: int, *work: Callable[[], None]) -> list[float]:
    """Return the best time of each, turn by turn."""
    times = [[_seconds(each) for each in work] for _ in range(turns)]
    return [min(each) for each in zip(*times, strict=True)]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

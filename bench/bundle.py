"""Evidence bundles: how large, how quickly verified, and whether any change of one is accepted.

Bars: a zero report's bundle is verified in 5 ms or less; none of 100,000 random mutations of it is
accepted (``python -m bench.bundle --mutations 100000``), nor any of its single characters changed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time

from nacl.signing import VerifyKey

from domain.errors import Invalid
from domain.proof import ed25519
from domain.proof.bundle import Asked, open_bundle
from domain.proof.claims import claims_of
from domain.proof.roll import RollEntry
from tests.support.evidence import (
    DEPUTY,
    DISCLOSED,
    ENTERPRISE,
    KEYS,
    POSTS,
    PRINCIPAL,
    SHOWN,
    TRUST,
    key_record,
    zero_report,
)

ROUNDS = 300
ALPHABET = '0123456789abcdefABCDEF+/=-_ "\\,:{}[]\n证'


def main() -> None:
    """Measure, and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bundle = make()
    _measure(bundle)
    _mutate(bundle, options.mutations, options.seed)


def make() -> bytes:
    """Return the bundle of a signed zero report with four rolls asked."""
    log = zero_report()
    shown, asked = [*SHOWN], []
    for person, kind, since in ((DEPUTY, "deputy", 5), (PRINCIPAL, "principal", 9)):
        holding = {"person": str(person), "since": since}
        held = {"held": [holding], "kind": kind, "organisation": str(ENTERPRISE)}
        force = {"key": KEYS[person].id, "person": str(person), "since": since + 1}
        for of, ident, content in (
            (f"posts {kind}", str(POSTS[kind]), held),
            (f"keys {kind}", str(key_record(person)), force),
        ):
            roll = log.take(of, RollEntry(id=ident, content=content))
            shown.append(len(log.leaves))
            asked.append(Asked(len(log.leaves), ident, roll.prove(ident)))
    return log.bundle(*shown, rolls=asked, disclosed=DISCLOSED).write()


def _measure(bundle: bytes) -> None:
    times, told = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        evidence = open_bundle(bundle, TRUST)
        opened = time.perf_counter()
        claims_of(evidence)
        told.append(time.perf_counter() - opened)
        times.append(opened - began)
    seed, message = bytes(32), bytes(32)
    public, signature = ed25519.public_key(seed), ed25519.sign(seed, message)
    began = time.perf_counter()
    for _ in range(ROUNDS):
        VerifyKey(public).verify(message, signature)
    bare = (time.perf_counter() - began) / ROUNDS
    median = statistics.median(times)
    print(f"bundle of a zero report with four rolls: {len(bundle):,} bytes")
    print(f"  verified in a median of {median * 1e3:.2f} ms  (bar 5 ms)")
    print(f"  that is {median / bare:.0f} bare Ed25519 verifications; it holds four")
    print(f"  told in claims in {statistics.median(told) * 1e3:.2f} ms")


def _mutate(bundle: bytes, number: int, seed: int) -> None:
    generator = random.Random(seed)  # noqa: S311 - a fixed sequence
    accepted = crashed = 0
    for _ in range(number):
        data = _changed(bundle, generator)
        if data == bundle:
            continue
        try:
            open_bundle(data, TRUST)
            accepted += 1
        except Invalid:
            pass
        except Exception as error:  # noqa: BLE001 - this is what is counted
            crashed += 1
            print(f"  broke with {error!r}")
    print(f"{number:,} random mutations: {accepted} accepted, {crashed} not refused clearly")


def _changed(bundle: bytes, generator: random.Random) -> bytes:
    """Return the bundle with something changed: bits, characters, pieces taken out or moved."""
    data = bytearray(bundle)
    for _ in range(generator.choice((1, 1, 1, 2, 4))):
        at, other = generator.randrange(len(data)), generator.randrange(len(bundle))
        length = generator.randrange(1, 80)
        match generator.randrange(6):
            case 0:
                data[at] ^= 1 << generator.randrange(8)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = bundle[other : other + length]
            case 3:
                data[at : at + length] = bundle[other : other + length]
            case 4:
                data[at : at + 1] = generator.choice(ALPHABET).encode()
            case _:
                data[at] = bundle[other]
    return bytes(data)


if __name__ == "__main__":
    main()

"""What others published, in real browsers: accepted and refused as on the server's side.

Not here: DER signatures and CBOR keys, which are read when a key is registered and never stand in a
bundle; roots of whole trees, which the page does not build; ML-DSA with a context, which
cosignatures have none of; canonical JSON outside our profile.
"""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from domain.errors import Invalid
from domain.fact import canonical
from domain.proof import p256
from domain.proof.cosignature import Ed25519Cosigner
from domain.proof.note import read_key
from domain.proof.trust import read_trust
from tests.domain.proof.test_keys import WYCHEPROOF
from tests.domain.proof.test_merkle import MERKLE
from tests.domain.proof.test_webauthn import (
    EXPECTED,
    ORIGINS,
    OTHER_ALGORITHMS,
    RP_ID,
    key_in,
    pairs,
)
from tests.support.evidence import LOG, STRANGER, WITNESS
from tests.support.vectors import VECTORS, load, needs_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.engines import Engine


def wycheproof(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield group and test of a file."""
    for group in load(f"{WYCHEPROOF}/{name}_test.json")["testGroups"]:
        for test in group["tests"]:
            yield group, test


def signed(key: str, test: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    return bytes.fromhex(key), bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])


@needs_vectors
def test_ed25519(engine: Engine) -> None:
    tests = [*wycheproof("ed25519")]
    calls = [signed(group["publicKey"]["pk"], test) for group, test in tests]
    answers = engine.call("ed25519", "verifyEd25519", calls)
    assert [each.value for each in answers] == [test["result"] == "valid" for _, test in tests]
    assert len(tests) == 151


@needs_vectors
def test_p256(engine: Engine) -> None:
    tests = [*wycheproof("ecdsa_secp256r1_sha256_p1363")]
    calls = [signed(group["publicKey"]["uncompressed"], test) for group, test in tests]
    answers = engine.call("curves", "verifyP256", calls)
    assert [each.value for each in answers] == [p256.verify(*call) for call in calls]
    for each, call, (_, test) in zip(answers, calls, tests, strict=True):
        high = int.from_bytes(call[2][32:]) > p256.ORDER >> 1
        assert each.value == (test["result"] == "valid" and not high), test["comment"]
    assert len(tests) == 262


@needs_vectors
def test_ml_dsa(engine: Engine) -> None:
    tests = [(g, t) for g, t in wycheproof("mldsa_44_verify") if not t.get("ctx")]
    calls = [signed(group["publicKey"], test) for group, test in tests]
    answers = engine.call("ml_dsa", "verifyMlDsa", calls)
    assert [each.value for each in answers] == [test["result"] == "valid" for _, test in tests]
    assert len(tests) == 173


@needs_vectors
def test_sm2_and_sm3(engine: Engine) -> None:
    v = load("sm2/gbt32918_5_annexA.json")
    key = bytes.fromhex("04" + v["public_key_xy"])
    signature = bytes.fromhex(v["r"] + v["s"])
    message = v["message_ascii"].encode()
    swapped = signature[32:] + signature[:32]
    calls = [(key, message, signature), (key, message + b".", signature), (key, message, swapped)]
    answers = engine.call("curves", "verifySm2", calls)
    assert [each.value for each in answers] == [True, False, False]
    for each in v["sm3"]:
        (answer,) = engine.call("sm3", "sm3", [[each["msg_ascii"].encode()]])
        assert answer.value == bytes.fromhex(each["digest"])
    tests = [test for _, test in wycheproof("hmac_sm3")]
    macs = [tuple(bytes.fromhex(test[name]) for name in ("key", "msg", "tag")) for test in tests]
    answers = engine.call("whole", "verifyHmac", macs)
    assert [each.value for each in answers] == [test["result"] == "valid" for test in tests]


@needs_vectors
def test_merkle_proofs(engine: Engine) -> None:
    shapes = {
        "inclusion": ("verifyInclusion", ("leafIdx", "treeSize"), ("leafHash",), ("root",)),
        "consistency": ("verifyConsistency", ("size1", "size2"), (), ("root1", "root2")),
        "subtreeinclusion": (
            *("verifySubtreeInclusion", ("leafIdx", "start", "end"), ("leafHash",), ("root",)),
        ),
        "subtreeconsistency": (
            *("verifySubtree", ("start", "end", "size"), (), ("root1", "root2")),
        ),
    }
    count = 0
    for folder, (name, sizes, before, after) in shapes.items():
        vectors = [load(path) for path in sorted((VECTORS / MERKLE / folder).rglob("*.json"))]
        calls = [
            [
                *(v[size] for size in sizes),
                *(b64decode(v[hash_]) for hash_ in before),
                [b64decode(text) for text in v["proof"] or []],
                *(b64decode(v[hash_]) for hash_ in after),
            ]
            for v in vectors
        ]
        answers = engine.call("merkle", name, calls)
        assert [each.good for each in answers] == [not v["wantErr"] for v in vectors], folder
        count += len(vectors)
    assert count == 98 + 98 + 204 + 118


@needs_vectors
def test_passkeys(engine: Engine) -> None:
    calls, expected = [], []
    for title, registered, answered in pairs():
        if title in OTHER_ALGORITHMS:
            continue
        key, signature = key_in(registered), answered["signature"]
        if key.algorithm == "es256":
            signature = p256.normal_form(signature)
        passkey = {
            "algorithm": key.algorithm,
            "raw": key.public,
            "rpId": RP_ID,
            "origins": ORIGINS,
        }
        assertion = {
            "authenticatorData": answered["authenticatorData"],
            "clientData": answered["clientDataJSON"],
            "signature": signature,
        }
        calls.append([passkey, answered["challenge"], assertion])
        expected.append(EXPECTED[title][1])
    answers = engine.call("webauthn", "verifyAssertion", calls)
    assert [each.refused and each.refused[2] for each in answers] == expected


@needs_vectors
def test_notes(engine: Engine) -> None:
    vectors = load("notes/notes.json")
    vkeys = [
        *vectors["bad_vkeys"],
        "",
        "+",
        "a+00000000+",
        str(Ed25519Cosigner("w", b"7" * 32).key),
    ]
    answers = engine.call("note", "readKey", [[vkey] for vkey in vkeys])
    assert [each.good for each in answers] == [accepted(read_key, vkey) for vkey in vkeys]


@needs_vectors
def test_canonical_json(engine: Engine) -> None:
    """What is read is what the server's side writes: the same verdict on every text."""
    folder = VECTORS / "cyberphone-jcs/testdata"
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*put/*.json"))]
    texts += [
        "{}",
        "[]",
        '""',
        "0",
        "-0",
        "1.0",
        "1e2",
        "01",
        "9007199254740991",
        "9007199254740992",
    ]
    texts += ["-9007199254740991", "[1,]", "[1, 2]", '{"b":1,"a":2}', '{"a":1,"a":1}', '{"é":1}']
    texts += [r'"\u0000"', r'"\u001F"', r'"\u001f"', r'"\n"', r'"\u000a"', r'"\/"', r'"\ud800"']
    texts += [
        "[" * 254 + "]" * 254,
        "[" * 255 + "]" * 255,
        "\ufeff0",
        "0 ",
        "nul",
        "true",
        '"\x7f"',
    ]
    answers = engine.call("json", "readJson", [[text] for text in texts])
    assert [each.good for each in answers] == [is_canonical(text) for text in texts]


def is_canonical(text: str) -> bool:
    try:
        return canonical(json.loads(text)) == text.encode()
    except (ValueError, RecursionError, Invalid):
        return False


def accepted(read: Any, *args: object) -> bool:  # noqa: ANN401 - a function that may refuse
    try:
        read(*args)
    except Invalid:
        return False
    return True


def test_policies(engine: Engine) -> None:
    """The same verdict on every policy, good and bad."""
    log, one, two = f"log {LOG.key}", f"witness a {WITNESS.key}", f"witness b {STRANGER.key}"
    texts = [
        f"{log}\nquorum none\n",
        f"{log} https://log.example\n{one} https://w.example\nquorum a",
        f"# so\n\t \n{log}\n{one}\n{two}\ngroup g any a b\nquorum g\n",
        f"{log}\n{one}\n{two}\ngroup g 2 a b\nquorum g\n",
        f"{log}\n{one}\ngroup g 2 a\nquorum g\n",
        f"{log}\n{one}\ngroup g 0 a\nquorum g\n",
        f"{log}\n{one}\ngroup g all a a\nquorum g\n",
        f"{log}\nquorum a\n",
        f"{log}\n",
        f"{log}\nquorum none\nquorum none\n",
        f"{log}\n{log}\nquorum none\n",
        f"{one}\n{one}\nquorum a\n",
        f"{log}\nwitness none {WITNESS.key}\nquorum none\n",
        f"{log}\r\nquorum none\r\n",
        f"{log}\nwitness a {LOG.key}\nquorum a\n",
        "log nonsense\nquorum none\n",
        "",
    ]
    answers = engine.call("trust", "readTrust", [[text] for text in texts])
    assert [each.good for each in answers] == [accepted(read_trust, text) for text in texts]
    assert sum(each.good for each in answers) == 4

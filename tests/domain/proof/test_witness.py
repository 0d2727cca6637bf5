from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from domain.errors import Invalid
from domain.fact import leaf_hash
from domain.proof.checkpoint import Checkpoint
from domain.proof.cosignature import (
    CosignatureVerifier,
    Ed25519Cosigner,
    MlDsaCosigner,
    MlDsaVerifier,
    cosigned_at,
)
from domain.proof.encoding import write_base64
from domain.proof.merkle import EMPTY_ROOT, prove_consistency, root_of
from domain.proof.note import (
    ED25519,
    Key,
    NoteSigner,
    NoteVerifier,
    Verifier,
    open_note,
    write_note,
)
from domain.proof.tiles import Edge, Tile, hash_reader
from domain.proof.witness import (
    NOTHING,
    Accepted,
    Answer,
    Head,
    conflict,
    decide,
    read_conflict,
    read_cosignature,
    write_request,
)
from tests.support.vectors import VECTORS, load, needs_vectors

ED = Ed25519Cosigner("example.com/witness", bytes([1]) * 32)
ML = MlDsaCosigner("example.com/witness", bytes([2]) * 32)
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class Witness:
    """What serves the decision: it keeps the newest head of each log."""

    logs: dict[str, list[Verifier]]
    heads: dict[str, Head] = field(default_factory=dict)

    def latest(self, origin: str) -> Head:
        return self.heads.get(origin, NOTHING)

    def add_checkpoint(self, request: bytes) -> Answer:
        decision = decide(request, self.logs, self.latest)
        if isinstance(decision, Answer):
            return decision
        assert self.latest(decision.checkpoint.origin) == decision.before
        self.heads[decision.checkpoint.origin] = decision.after
        return decision.cosign([ED], TIME)[0]


# Published cases.

SIGSUM_LOG = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"
UNKNOWN_LOG = 404
"""What the specification asks for; litewitness answered 403 when its script was written."""


def script(name: str) -> list[tuple[bytes, int, str, str]]:
    """Request, status and what is asserted of the body, of each case in a litewitness script."""
    text = (VECTORS / "torchwood-witness/cmd/litewitness/testdata" / name).read_text("utf-8")
    cases = re.findall(
        r"^POST \S+/add-checkpoint\n```\n((?:(?!```).*\n)*)```\n"
        r"HTTP (\d+)\n\[Asserts\]\nbody (==|contains) \"(.*)\"$",
        text,
        re.MULTILINE,
    )
    assert len(cases) == text.count("POST ")
    return [
        (request.encode(), int(status), how, body.replace("\\n", "\n"))
        for request, status, how, body in cases
    ]


@needs_vectors
def test_litewitness_script() -> None:
    origin = f"sigsum.org/v1/tree/{sha256(bytes.fromhex(SIGSUM_LOG)).hexdigest()}"
    witness = Witness({origin: [NoteVerifier(Key(origin, ED25519, bytes.fromhex(SIGSUM_LOG)))]})
    statuses = []
    for request, status, how, expected in script("litewitness.txt"):
        answer = witness.add_checkpoint(request)
        body = answer.body.decode()
        assert answer.status == (UNKNOWN_LOG if expected == "unknown log" else status), body
        assert body == expected if how == "==" else expected in body
        statuses.append(answer.status)
    assert statuses == [200, 403, 404, 422, 422, 200, 409, 200, 409]
    assert witness.heads[origin].size == 5


@needs_vectors
def test_sumdb_script() -> None:
    vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    witness = Witness({"go.sum database tree": [NoteVerifier.read(vkey)]})
    ((request, status, _, expected),) = script("sumdb.txt")
    answer = witness.add_checkpoint(request)
    assert (answer.status, expected in answer.body.decode()) == (status, True)
    assert witness.heads["go.sum database tree"].size == 35_225_469


@needs_vectors
def test_extracted_cases_are_those_of_the_script() -> None:
    """They are the same nine, so that running the script runs them."""
    cases = load("torchwood-witness/add_checkpoint_cases.json")
    requests = [
        "\n".join(
            (
                *(f"old {case['old']}", *case["proof"], "", case["origin"], f"{case['size']}"),
                *(case["root"], "", case["sig_line"], ""),
            )
        ).encode()
        for case in cases
    ]
    assert requests == [request for request, *_ in script("litewitness.txt")]
    assert [case["http"] for case in cases] == [
        status for _, status, *_ in script("litewitness.txt")
    ]


# A log of our own.

LOG = NoteSigner("example.com/log", bytes(range(32)))
LEAVES = [leaf_hash(b"%d" % n) for n in range(40)]


def head(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint("example.com/log", size, root_of(leaves[:size]))


def proof(old: int, size: int, leaves: list[bytes] = LEAVES) -> list[bytes]:
    edge = Edge()
    rows = {(tile.level, tile.number): data for tile, data in edge.grow(leaves[:size])}

    def read(tiles: Sequence[Tile]) -> list[bytes]:
        return [rows[tile.level, tile.number] for tile in tiles]

    return prove_consistency(old, size, hash_reader(size, read)) if old else []


def request(
    old: int, checkpoint: Checkpoint, hashes: list[bytes] | None = None, log: NoteSigner = LOG
) -> bytes:
    hashes = proof(old, checkpoint.size) if hashes is None else hashes
    note = write_note(checkpoint.text, [log.sign(checkpoint.text)])
    return write_request(old, hashes, note)


@pytest.fixture
def witness() -> Witness:
    return Witness({"example.com/log": [NoteVerifier(LOG.key)]})


def test_growing_log_is_cosigned(witness: Witness) -> None:
    for old, size in ((0, 0), (0, 7), (7, 7), (7, 8), (8, 40)):
        answer = witness.add_checkpoint(request(old, head(size)))
        assert answer.status == 200
        assert answer.content_type == "text/plain; charset=utf-8"
        note = f"{head(size).text}\n".encode() + answer.body
        opened = open_note(note, [CosignatureVerifier(ED.key)])
        assert cosigned_at(opened.signatures[0]) == TIME


def test_both_kinds_of_cosignature_and_the_note_for_monitors(witness: Witness) -> None:
    decision = decide(request(0, head(3)), witness.logs, witness.latest)
    assert isinstance(decision, Accepted)
    answer, note = decision.cosign([ED, ML], TIME)
    assert answer.body.count(b"\n") == 2
    opened = open_note(
        note, [NoteVerifier(LOG.key), CosignatureVerifier(ED.key), MlDsaVerifier(ML.key)]
    )
    assert [s.name for s in opened.signatures] == [LOG.key.name, ED.key.name, ML.key.name]
    assert note.endswith(answer.body)


def test_no_second_history(witness: Witness) -> None:
    witness.add_checkpoint(request(0, head(7)))
    rewritten = [leaf_hash(b"rewritten"), *LEAVES[1:]]
    for size in (7, 12):
        hashes = proof(7, size, rewritten)
        answer = witness.add_checkpoint(request(7, head(size, rewritten), hashes))
        assert (answer.status, answer.body) == (422, b"bad consistency proof\n")
    assert witness.latest("example.com/log") == Head(7, root_of(LEAVES[:7]))


def test_no_smaller_tree(witness: Witness) -> None:
    witness.add_checkpoint(request(0, head(7)))
    for old, size in ((0, 3), (3, 5), (0, 0)):
        answer = witness.add_checkpoint(request(old, head(size)))
        assert answer == (409, b"7\n", "text/x.tlog.size")
    assert witness.add_checkpoint(request(7, head(3), [])).status == 400


def test_beginning_needs_no_proof(witness: Witness) -> None:
    answer = witness.add_checkpoint(request(0, head(3), [LEAVES[0]]))
    assert (answer.status, answer.body) == (422, b"a consistency proof from nothing\n")
    empty = Checkpoint("example.com/log", 0, LEAVES[0])
    answer = witness.add_checkpoint(request(0, empty))
    assert (answer.status, answer.body) == (422, b"not the root of the empty tree\n")
    assert head(0).root == EMPTY_ROOT


def test_only_the_log_is_heard(witness: Witness) -> None:
    other = NoteSigner("example.com/log", bytes(32))
    assert witness.add_checkpoint(request(0, head(3), log=other)).status == 403
    unknown = Checkpoint("example.com/unknown", 3, head(3).root)
    assert witness.add_checkpoint(request(0, unknown)).status == 404
    good = request(0, head(3))
    at = good.rindex(b" ") + 20
    for broken in (good[:-1], good[:at] + b"*" + good[at + 1 :], good[:at] + b"=\n"):
        assert witness.add_checkpoint(broken).status == 403
    assert witness.heads == {}


def test_signed_nonsense(witness: Witness) -> None:
    text = "example.com/log\nno size\n"
    body = b"old 0\n\n" + write_note(text, [LOG.sign(text)])
    answer = witness.add_checkpoint(body)
    assert (answer.status, answer.body) == (400, b"malformed checkpoint\n")


@pytest.mark.parametrize(
    "start",
    [
        *("", "old\n\n", "old \n\n", "old 01\n\n", "old -1\n\n", "Old 0\n\n", "old 0 \n\n"),
        *(
            "old 0\n",
            "old 0\nAAAA\n\n",
            "old 0\n\r\n\n",
            "old é\n\n",
            "old 9223372036854775808\n\n",
        ),
        "old 0\n" + f"{write_base64(bytes(32))}\n" * 64 + "\n",
    ],
)
def test_malformed_request(witness: Witness, start: str) -> None:
    body = start.encode() + request(0, head(3)).partition(b"\n\n")[2]
    answer = witness.add_checkpoint(body)
    assert (answer.status, answer.body) == (400, b"malformed request\n")


def test_request_of_odd_bytes(witness: Witness) -> None:
    assert witness.add_checkpoint(b"").status == 400
    assert witness.add_checkpoint(b"old 0\n\n").status == 404
    assert witness.add_checkpoint(b"old 0\n\n\xff\n").status == 404


def test_conflict() -> None:
    assert conflict(Head(12, EMPTY_ROOT)) == (409, b"12\n", "text/x.tlog.size")


# What the log makes of an answer.


def test_request_as_the_specification_writes_it() -> None:
    hashes = [bytes(32), bytes([1]) * 32]
    lines = "".join(f"{write_base64(hash_)}\n" for hash_ in hashes)
    assert write_request(7, hashes, b"note\n") == f"old 7\n{lines}\nnote\n".encode()


def test_the_cosignature_among_others(witness: Witness) -> None:
    text = head(7).text
    answer = witness.add_checkpoint(request(0, head(7)))
    strange = Ed25519Cosigner("example.com/other", bytes([3]) * 32).cosign(text, TIME)
    verifier = CosignatureVerifier(ED.key)
    expected = ED.cosign(text, TIME)
    assert read_cosignature(answer.body, text, verifier) == expected
    assert read_cosignature(strange.line.encode() + answer.body, text, verifier) == expected


def test_what_is_no_cosignature_of_this_text(witness: Witness) -> None:
    text, other = head(7).text, head(8).text
    verifier = CosignatureVerifier(ED.key)
    strange = Ed25519Cosigner(ED.key.name, bytes([3]) * 32).cosign(text, TIME)
    longer = ED.cosign(f"{text}\nand more\n", TIME).line
    for lie in (
        *(b"", b"\n", b"\xff\n", b"ok\n", strange.line.encode()),
        ED.cosign(other, TIME).line.encode(),
        f"and more\n\n{longer}".encode(),
        ED.cosign(text, TIME).line.replace("— e", "— f").encode(),
    ):
        with pytest.raises(Invalid):
            read_cosignature(lie, text, verifier)


def test_the_size_in_a_conflict() -> None:
    assert read_conflict(conflict(Head(12, EMPTY_ROOT)).body) == 12
    assert read_conflict(b"0") == 0
    for lie in (b"", b"-1\n", b"012\n", b"1\n\n", b"\xff\n", b"9223372036854775808\n"):
        with pytest.raises(Invalid):
            read_conflict(lie)

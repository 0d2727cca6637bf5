from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from domain.errors import Invalid, NotProved
from domain.proof.checkpoint import Checkpoint
from domain.proof.cosignature import Ed25519Cosigner, MlDsaCosigner
from domain.proof.note import NoteSigner, write_note
from domain.proof.trust import Cosigned, Trust, read_trust

LOG, NEXT, ELSEWHERE = (
    NoteSigner("example.com/log", bytes([1]) * 32),
    NoteSigner("example.com/log", bytes([2]) * 32),
    NoteSigner("example.com/elsewhere", bytes([3]) * 32),
)
CITY, PROVINCE, MIRROR = (
    Ed25519Cosigner(f"{name}.example/witness", bytes([n]) * 32)
    for n, name in enumerate(("city", "province", "mirror"), 4)
)
QUANTUM = MlDsaCosigner("city.example/witness", bytes([9]) * 32)
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEAD = Checkpoint("example.com/log", 3, sha256(b"root").digest())

WITNESSES = f"""# 临沂市
log {LOG.key} https://example.com/log/
log {NEXT.key}

witness city {CITY.key}
\twitness  province\t{PROVINCE.key}  https://province.example/
witness mirror {MIRROR.key}
witness quantum {QUANTUM.key}
"""
GROUPS = WITNESSES + "group city-s any city quantum\ngroup superiors 2 city-s province mirror\n"


def note(*cosigners: Ed25519Cosigner | MlDsaCosigner, log: NoteSigner = LOG) -> bytes:
    signatures = [cosigner.cosign(HEAD.text, TIME) for cosigner in cosigners]
    return write_note(HEAD.text, [log.sign(HEAD.text), *signatures])


def witnesses(trust: Trust, *cosigners: Ed25519Cosigner | MlDsaCosigner) -> list[str]:
    trusted = trust.open(note(*cosigners))
    assert trusted.checkpoint == HEAD
    assert {each.at for each in trusted.cosigned} <= {TIME}
    return [each.witness for each in trusted.cosigned]


def test_a_single_witness() -> None:
    trust = read_trust(WITNESSES + "quorum city\n")
    assert witnesses(trust, CITY) == ["city"]
    assert witnesses(trust, PROVINCE, CITY) == ["city", "province"]
    with pytest.raises(NotProved, match="too few"):
        trust.open(note(PROVINCE))


def test_some_of_several() -> None:
    trust = read_trust(GROUPS + "quorum superiors\n")
    assert witnesses(trust, CITY, MIRROR) == ["city", "mirror"]
    assert witnesses(trust, QUANTUM, PROVINCE) == ["province", "quantum"]
    with pytest.raises(NotProved, match="too few"):
        trust.open(note(CITY, QUANTUM))  # one city, two keys


def test_all_of_several() -> None:
    trust = read_trust(WITNESSES + "group both all city province\nquorum both\n")
    assert witnesses(trust, CITY, PROVINCE) == ["city", "province"]
    with pytest.raises(NotProved, match="too few"):
        trust.open(note(CITY))


def test_where_a_witness_takes_checkpoints() -> None:
    lines = f"witness city {CITY.key} https://city.example/w\nwitness province {PROVINCE.key}\n"
    trust = read_trust(lines + "group g all city province\nquorum g\n")
    assert trust.urls == {"city": "https://city.example/w"}
    assert trust.agrees({"city", "province"})
    assert not trust.agrees({"city"})


def test_nobody_need_have_seen_it() -> None:
    trust = read_trust(f"log {LOG.key}\nquorum none")
    assert trust.open(note()).cosigned == ()
    assert [s.name for s in trust.open(note(CITY)).note.unknown] == [CITY.key.name]


def test_either_key_of_a_log_while_it_is_replaced() -> None:
    trust = read_trust(WITNESSES + "quorum none\n")
    assert trust.open(note(log=LOG)).checkpoint == trust.open(note(log=NEXT)).checkpoint == HEAD


def test_a_log_may_sign_by_ml_dsa() -> None:
    log = MlDsaCosigner("example.com/log", bytes([8]) * 32)
    trust = read_trust(f"log {log.key}\nquorum none\n")
    signed = write_note(HEAD.text, [log.cosign(HEAD.text, TIME)])
    assert trust.open(signed).checkpoint == HEAD


def test_unknown_log() -> None:
    trust = read_trust(f"log {ELSEWHERE.key}\nquorum none\n")
    with pytest.raises(NotProved, match="no such log"):
        trust.open(note())


def test_a_witness_cannot_speak_for_the_log() -> None:
    trust = read_trust(WITNESSES + "quorum city\n")
    with pytest.raises(NotProved, match="did not sign"):
        trust.open(write_note(HEAD.text, [CITY.cosign(HEAD.text, TIME)]))


def test_moments() -> None:
    trust = read_trust(WITNESSES + "quorum city\n")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    signatures = [LOG.sign(HEAD.text), CITY.cosign(HEAD.text, epoch)]
    assert trust.open(write_note(HEAD.text, signatures)).cosigned == (Cosigned("city", None),)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("", "no quorum"),
        ("quorum", "malformed"),
        ("quorum city province", "malformed"),
        ("quorum none\nquorum none", "stands twice"),
        ("quorum nobody", "not defined"),
        ("quorum late\ngroup late any city", "not defined"),
        ("log", "malformed"),
        (f"log {ELSEWHERE.key} url more", "malformed"),
        ("log nonsense", "verifier key"),
        (f"log {LOG.key}", "key stands twice"),
        (f"witness {CITY.key}", "malformed"),
        (f"witness again {CITY.key}", "key stands twice"),
        (f"witness city {NEXT.key}", "name is taken"),
        (f"witness none {NEXT.key}", "name is taken"),
        (f"witness next {NEXT.key}", "good cosigner key"),
        ("group g any", "malformed"),
        ("group g any nobody", "not defined"),
        ("group g any none", "not defined"),
        ("group g 1 g", "not defined"),
        ("group city any province", "name is taken"),
        ("group g any city city", "listed twice"),
        ("group g any city\ngroup h any city", "listed twice"),
        ("group g 3 city province", "number needed"),
        ("group g 0 city province", "number needed"),
        ("group g 01 city province", "number needed"),
        ("group g -1 city province", "number needed"),
        ("group g some city province", "number needed"),
        ("unknown line", "malformed"),
        ("quorum none\r", "control"),
        ("# \x00", "control"),
        ("# \x7f", "control"),
        ("quorum\u3000none", "malformed"),
    ],
)
def test_no_policy(lines: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read_trust(WITNESSES + lines)


def test_the_line_is_named() -> None:
    with pytest.raises(Invalid, match="第 3 行") as caught:
        read_trust("# one\n\nnonsense\nquorum none\n")
    assert caught.value.where == "3"

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

import pytest

from domain.errors import Invalid, NotProved
from domain.fact import canonical, leaf_hash
from domain.proof.bundle import About, Asked, Disclosed, Evidence, open_bundle
from domain.proof.note import NoteSigner
from domain.proof.roll import RollEntry
from domain.proof.trust import read_trust
from tests.support.evidence import (
    DEPUTY,
    DISCLOSED,
    ENTERPRISE,
    LOG,
    NAMES,
    POSTS,
    PRINCIPAL,
    REPORT,
    SALT,
    SHOWN,
    STRANGER,
    TIME,
    TRUST,
    WITNESS,
    Log,
    zero_report,
)

Change = Callable[[dict[str, Any]], object]


def with_roll() -> tuple[Log, Asked]:
    """The zero report, and after it a roll of posts; it is asked about the deputy's."""
    log = zero_report()
    holder = {"person": str(DEPUTY), "since": 5}
    entry = RollEntry(
        id=str(POSTS["deputy"]),
        content={"held": [holder], "kind": "deputy", "organisation": str(ENTERPRISE)},
    )
    others = [RollEntry(id=str(UUID(int=1 << n)), content={}) for n in range(40, 50)]
    roll = log.take("posts 2024-05", entry, *others)
    return log, Asked(315, entry.id, roll.prove(entry.id))


@pytest.fixture(scope="module")
def good() -> bytes:
    log, asked = with_roll()
    return log.bundle(*SHOWN, 315, rolls=[asked], disclosed=DISCLOSED).write()


def changed(bundle: bytes, change: Change) -> bytes:
    content = json.loads(bundle)
    change(content)
    return canonical(content)


def test_what_a_bundle_proves(good: bytes) -> None:
    evidence: Evidence = open_bundle(good, TRUST)
    assert evidence.about == About(kind="report", id=str(REPORT))
    assert evidence.trusted.checkpoint.size == 315
    assert [(each.witness, each.at) for each in evidence.trusted.cosigned] == [("city", TIME)]
    assert list(evidence.leaves) == [*SHOWN, 315]
    first, second = evidence.signatures
    assert (first.statement.person, second.statement.person) == (DEPUTY, PRINCIPAL)
    assert first.document == second.document == evidence.leaves[11]
    assert (first.key.position, first.person.position) == (6, 3)
    assert (first.post.position, first.appointment.position) == (4, 5)
    assert second.statement.after == first.leaf.hash.hex()
    assert (first.statement.seen.size, second.statement.seen.size) == (11, 312)
    assert evidence.leaves[11].data["month"] == "2024-05"
    assert evidence.disclosed == {(3, "name"): "张三", (7, "name"): "李四"}
    (looked,) = evidence.rolls
    assert (looked.leaf.position, looked.upto, looked.id) == (315, 314, str(POSTS["deputy"]))
    assert evidence.trace is None
    assert len(good) < 15_000


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


def more(bundle: dict[str, Any], name: str) -> None:
    bundle[name].append(bundle[name][-1])


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("not an evidence bundle", lambda b: b.update(extra=1)),
        ("not an evidence bundle", lambda b: b.update(bundle="daocha.bundle/v2")),
        ("not an evidence bundle", lambda b: b.update(leaves=[])),
        ("not an evidence bundle", lambda b: b["about"].update(kind="letter")),
        ("not an evidence bundle", lambda b: b["about"].update(id="x")),
        ("not an evidence bundle", lambda b: b["leaves"][0].update(path=[-1])),
        ("not canonical", lambda b: b.update(trace=None)),
        ("not canonical", lambda b: b["leaves"][0].update(path=["0"])),
        ("trace is missing", lambda b: b.update(trace="{}")),
        ("subject is not in it", lambda b: b["about"].update(kind="order")),
        ("subject is not in it", lambda b: b["about"].update(id=str(UUID(int=9)))),
        ("subject is not in it", lambda b: b["about"].update(id=str(DEPUTY))),
        ("that was seen is missing", lambda b: b.update(seen=[])),
        ("that was seen is missing", lambda b: b["seen"].reverse()),
        ("that was seen is missing", lambda b: more(b, "seen")),
        ("that was seen is missing", lambda b: b["seen"].append({"size": 315, "path": []})),
        ("not in order", lambda b: more(b, "leaves")),
        ("roll is missing", lambda b: b.update(rolls=[])),
        ("not in order", lambda b: more(b, "rolls")),
        ("does not show it", lambda b: b["rolls"][0].update(entries=[])),
        ("does not show it", lambda b: b["rolls"][0].update(id=str(POSTS["principal"]))),
        ("leads to another root", lambda b: b["rolls"][0]["entries"][0].update(index=1)),
        ("does not fit", lambda b: b["disclosed"][0].update(value="王五")),
        ("does not fit", lambda b: b["disclosed"][0].update(salt="00" * 16)),
        ("does not fit", lambda b: b["disclosed"][0].update(path="name.digest.0")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="name.digest")),
        ("does not fit", lambda b: b["disclosed"][0].update(path="month")),
        ("does not fit", lambda b: b["disclosed"][1].update(position=20)),
        ("not in order", lambda b: more(b, "disclosed")),
        ("hash has 32 bytes", lambda b: b["hashes"].append("AAAA")),
        ("stands twice", lambda b: more(b, "hashes")),
        ("nothing uses", lambda b: b["hashes"].append("A" * 43 + "=")),
        ("order of use", lambda b: b["leaves"][0]["path"].reverse()),
        ("order of use", lambda b: b["rolls"][0]["entries"][0]["path"].append(len(b["hashes"]))),
        ("too long", lambda b: b["leaves"][1]["path"].append(0)),
    ],
)  # fmt: skip
def test_bundle_with_a_part_changed(good: bytes, why: str, change: Change) -> None:
    with pytest.raises(Invalid, match=why):
        open_bundle(changed(good, change), TRUST)


@pytest.mark.parametrize(
    ("position", "why"),
    [
        (1, "first fact is not in the bundle"),
        (2, "fact 12: the organisation is not in the bundle"),
        (3, "fact 12: the signer is not in the bundle"),
        (4, "fact 5: earlier facts of its record are left out"),
        (5, "fact 12: the signer does not hold the post here"),
        (6, "fact 12: the signer does not have this key here"),
        (11, "fact 12: the document is not in the bundle"),
        (12, "fact 313: the earlier signature is not in the bundle"),
        (315, "a roll is missing"),
    ],
)
def test_bundle_without_a_fact_that_others_rest_on(position: int, why: str) -> None:
    log, asked = with_roll()
    positions = [each for each in (*SHOWN, 315) if each != position]
    with pytest.raises(NotProved, match=why):
        open_bundle(log.bundle(*positions, rolls=[asked]).write(), TRUST)


def test_the_message_says_where(good: bytes) -> None:
    def later(bundle: dict[str, Any]) -> None:
        bundle["leaves"][10].update(leaf=bundle["leaves"][10]["leaf"].replace("05", "06"))

    with pytest.raises(NotProved, match="第 11 条事实") as caught:
        open_bundle(changed(good, later), TRUST)
    assert caught.value.where == "11"


@pytest.mark.parametrize("spelling", [b" ", b"\n", b"\xef\xbb\xbf", b"\0"])
def test_another_spelling_of_the_same(good: bytes, spelling: bytes) -> None:
    for data in (good + spelling, spelling + good):
        assert refused(data)
    assert refused(json.dumps(json.loads(good)).encode())
    assert refused(good.decode().encode("utf-16"))
    assert refused(good.replace(b'"seen"', b'"\\u0073een"'))


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"about":' * 50_000),
        b'{"bundle":' + b"9" * 100_000 + b"}",
        b'{"bundle":1e999999}',
    ],
)
def test_what_is_no_bundle(data: bytes) -> None:
    assert refused(data)


def test_a_part_twice_or_a_part_of_it(good: bytes) -> None:
    assert refused(good.replace(b'{"about"', b'{"about":{},"about"', 1))
    assert refused(good[:-1] + b',"seen":[]}')
    for length in range(0, len(good), 97):
        assert refused(good[:length])


def test_a_number_as_large_as_it_gets(good: bytes) -> None:
    for number in (2**53, 2**63, 10**400):
        data = good.replace(b'"index":', b'"index":%d' % number)
        assert refused(data)


def test_larger_than_anything_useful() -> None:
    with pytest.raises(Invalid, match="too large"):
        open_bundle(bytes(20_000_001), TRUST)


# The checkpoint.


def test_checkpoint_that_is_not_trusted(good: bytes) -> None:
    log, _ = with_roll()
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
    log, _ = with_roll()
    log.other()
    leaf = log.leaves[-1].decode()
    with pytest.raises(NotProved, match="does not lie in the tree"):
        open_bundle(changed(good, lambda b: b["leaves"][0].update(leaf=leaf)), TRUST)


def test_a_log_under_another_name() -> None:
    log = Log()
    log.open(origin="other.example/log")
    log.report()
    with pytest.raises(NotProved, match="first fact"):
        open_bundle(log.bundle(1, 2).write(), TRUST)


# What has nothing to do with the subject stays out.


def test_a_fact_about_something_else() -> None:
    log = zero_report()
    with pytest.raises(NotProved, match="fact 20: it has nothing to do"):
        open_bundle(log.bundle(*SHOWN, 20).write(), TRUST)


def test_rules_are_of_use_to_a_trace_only() -> None:
    log = zero_report()
    log.append("setting.changed", uuid5(NAMES, "settings"), {})
    with pytest.raises(NotProved, match="nothing to do"):
        open_bundle(log.bundle(*SHOWN, 315).write(), TRUST)


def test_a_roll_asked_about_something_else() -> None:
    log = zero_report()
    entry = RollEntry(id=str(UUID(int=99)), content={})
    roll = log.take("posts 2024-05", entry)
    other = str(UUID(int=98))
    with pytest.raises(NotProved, match="about something else"):
        open_bundle(
            log.bundle(*SHOWN, 315, rolls=[Asked(315, other, roll.prove(other))]).write(), TRUST
        )


def test_values_in_lists_are_disclosed_by_their_place() -> None:
    log = Log()
    log.open()
    sealed = {"digest": json.loads(zero_report().leaves[2])["body"]["data"]["name"]["digest"]}
    log.report(items=[{"by": sealed}])

    def shown(path: str) -> bytes:
        value = Disclosed(position=2, path=path, salt=SALT.hex(), value="张三")
        return log.bundle(1, 2, disclosed=[value]).write()

    assert open_bundle(shown("items.0.by"), TRUST).disclosed == {(2, "items.0.by"): "张三"}
    for path in ("items.1.by", "items.x.by", "items.00.by", "items.０.by", "items.-1.by"):
        with pytest.raises(NotProved, match="does not fit"):
            open_bundle(shown(path), TRUST)


def test_one_signature_alone() -> None:
    log = zero_report()
    evidence = open_bundle(log.bundle(*SHOWN[:-1]).write(), TRUST)
    assert [each.statement.person for each in evidence.signatures] == [DEPUTY]
    assert leaf_hash(log.leaves[11]) == evidence.signatures[0].leaf.hash
    assert PRINCIPAL not in {each.statement.person for each in evidence.signatures}
    assert LOG.key.name == evidence.trusted.checkpoint.origin

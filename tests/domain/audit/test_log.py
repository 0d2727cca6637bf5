"""Checkpoints held against the tree: by whom they had to be signed, in which order, of what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from domain.audit.fold import Audit
from domain.audit.log import Checkpoints
from domain.audit.signatures import Dependencies
from domain.audit.tree import Tree
from domain.correction import FactCorrected
from domain.errors import Invalid
from domain.fact import Entry, Fact
from domain.log import LogKeyAdopted, LogKeyRetired, log_id
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import NoteSigner, write_note
from tests.support.ledger import CLI, ORIGIN, sealed

OLD, NEW = (NoteSigner(ORIGIN, bytes([n]) * 32) for n in (1, 2))
T0 = datetime(2024, 5, 1, tzinfo=UTC)
HASHES = [sha256(b"%d" % n).digest() for n in range(20)]


@dataclass(frozen=True)
class Stored:
    number: int
    size: int
    root: bytes
    note: bytes
    published: datetime


@pytest.fixture
def tree() -> Tree:
    tree = Tree(lambda after, upto: HASHES[after:upto])
    tree.grow(b"".join(HASHES), [])
    return tree


@pytest.fixture
def checkpoints() -> Checkpoints:
    found = Checkpoints(ORIGIN)
    found.keys.learn(entry(2, LogKeyAdopted(key=str(OLD.key)), 0))
    found.keys.learn(entry(5, LogKeyAdopted(key=str(NEW.key)), 5))
    found.keys.learn(entry(10, LogKeyRetired(key=str(OLD.key)), 10))
    return found


def entry(position: int, fact: Fact, hours: int) -> Entry:
    return Entry(
        position=position,
        record=log_id(ORIGIN),
        version=position,
        recorded=T0 + timedelta(hours=hours),
        received=T0,
        tags=(),
        by=CLI,
        happened=T0,
        command=UUID(int=1),
        fact=fact,
    )


def stored(tree: Tree, number: int, size: int, hours: int, *signers: NoteSigner) -> Stored:
    root = tree.root_at(size)
    text = Checkpoint(ORIGIN, size, root).text
    note = write_note(text, [each.sign(text) for each in signers])
    return Stored(number, size, root, note, T0 + timedelta(hours=hours))


def test_keys_count_while_they_are_in_use(checkpoints: Checkpoints, tree: Tree) -> None:
    for each in (
        stored(tree, 1, 1, 1, OLD),  # the tree does not hold the adoption yet
        stored(tree, 2, 7, 6, OLD, NEW),
        stored(tree, 3, 9, 11, OLD),  # nor the retirement
        stored(tree, 4, 12, 12, NEW),
        stored(tree, 5, 12, 13, NEW),  # again: a signature was wanting
    ):
        assert checkpoints.take(each, tree) is None
    assert (checkpoints.number, checkpoints.size) == (5, 12)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda tree: stored(tree, 1, 7, 4, NEW), "没有受信任的签名"),
        (lambda tree: stored(tree, 1, 12, 12, OLD), "没有受信任的签名"),
        (lambda tree: stored(tree, 2, 7, 6, OLD), "检查点应为第1个，现为第2个"),
        (lambda tree: replace(stored(tree, 1, 7, 6, OLD), size=8), "与其签名文书所载不符"),
        (lambda tree: replace(stored(tree, 1, 7, 6, OLD), note=b"x"), "不是签名文书"),
    ],
)
def test_what_does_not_hold(checkpoints: Checkpoints, tree: Tree, wrong: object, says: str) -> None:
    assert callable(wrong)
    fault = checkpoints.take(wrong(tree), tree)
    assert fault is not None
    assert fault.kind == "checkpoint"
    assert says in fault.zh
    assert checkpoints.number == 0


def test_another_root(checkpoints: Checkpoints, tree: Tree) -> None:
    other = Tree(lambda after, upto: HASHES[after:upto])
    other.grow(b"".join([*HASHES[:4], bytes(32), *HASHES[5:]]), [])
    assert checkpoints.take(stored(tree, 1, 4, 6, NEW), tree) is None
    fault = checkpoints.take(stored(other, 2, 9, 6, NEW), tree)
    assert fault is not None
    assert (fault.position, "第5至9条之间" in fault.zh) == (5, True)
    again = checkpoints.take(stored(other, 2, 5, 6, NEW), tree)
    assert again is not None
    assert again.position == 5
    assert checkpoints.take(stored(tree, 2, 6, 6, NEW), tree) is None
    same = checkpoints.take(stored(other, 3, 6, 6, NEW), tree)
    assert same is not None
    assert same.position == 6


def test_corrections_of_corrections_bear_on_a_signature() -> None:
    index = Dependencies()
    for position, corrected in ((5, 3), (6, 5)):
        fact = FactCorrected(positions=(corrected,), reason=sealed("笔误", UUID(int=1)))
        assert index.learn(entry(position, fact, 0)) is None
    assert index._corrections([3]) == {5, 6}
    again = Dependencies()
    again.load(index.dump())
    assert again._corrections([3, 9]) == {5, 6}


def test_progress_of_another_version_is_refused() -> None:
    audit = Audit(ORIGIN, lambda after, upto: HASHES[after:upto])
    audit.checkpoints.keys.learn(entry(2, LogKeyAdopted(key=str(OLD.key)), 0))
    written = audit.dump()
    known = Audit.load(written, ORIGIN, lambda after, upto: HASHES[after:upto])
    assert known.dump() == written
    for wrong in (b"[]", b"{}", written.replace(b'"format":2', b'"format":1')):
        with pytest.raises(Invalid, match="cannot be gone on from"):
            Audit.load(wrong, ORIGIN, lambda after, upto: HASHES[after:upto])

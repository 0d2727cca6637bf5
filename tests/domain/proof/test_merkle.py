from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, NotProved
from domain.fact import leaf_hash
from domain.proof.merkle import (
    EMPTY_ROOT,
    Frontier,
    HashReader,
    Node,
    inclusion_root,
    node_hash,
    prove_consistency,
    prove_inclusion,
    prove_subtree,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
    verify_subtree,
    verify_subtree_inclusion,
)
from tests.support.vectors import files, load, needs_vectors

MERKLE = "transparency-dev-merkle/testdata"
LEAVES = [leaf_hash(b"leaf %d" % n) for n in range(70)]

sizes = st.integers(1, len(LEAVES))


def plain_root(hashes: Sequence[bytes]) -> bytes:
    """The definition of RFC 9162 §2.1.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + plain_root(hashes[:split]) + plain_root(hashes[split:])).digest()


def reader(hashes: Sequence[bytes]) -> HashReader:
    def read(nodes: Sequence[Node]) -> list[bytes]:
        spans = [(node.number << node.level, node.number + 1 << node.level) for node in nodes]
        assert all(end <= len(hashes) for _, end in spans)
        return [plain_root(hashes[start:end]) for start, end in spans]

    return read


def holds(check: Callable[..., None], *args: object) -> bool:
    try:
        check(*args)
    except NotProved:
        return False
    return True


def hashes(vector: dict[str, Any], key: str) -> list[bytes]:
    return [b64decode(text) for text in vector[key] or []]


# Published vectors.


@needs_vectors
def test_reference_roots() -> None:
    vectors = load("rfc6962-reference/reference_roots.json")
    leaves = [leaf_hash(bytes.fromhex(text)) for text in vectors["leaf_inputs_hex"]]
    roots = [bytes.fromhex(text) for text in vectors["root_by_size_hex"]]
    frontier = Frontier()
    for size, expected in enumerate(roots):
        assert root_of(leaves[:size]) == expected
        assert frontier.root() == expected
        assert root(size, reader(leaves[:size])) == expected
        if size < len(leaves):
            frontier.append(leaves[size])
    assert len(roots) == 9


@pytest.mark.parametrize("path", files(f"{MERKLE}/inclusion", 98))
def test_inclusion_vector(path: Path) -> None:
    v = load(path)
    leaf, tree = b64decode(v["leafHash"]), b64decode(v["root"])
    proof = hashes(v, "proof")
    good = holds(verify_inclusion, v["leafIdx"], v["treeSize"], leaf, proof, tree)
    assert good is not v["wantErr"]


@pytest.mark.parametrize("path", files(f"{MERKLE}/consistency", 98))
def test_consistency_vector(path: Path) -> None:
    v = load(path)
    old, new = b64decode(v["root1"]), b64decode(v["root2"])
    proof = hashes(v, "proof")
    assert holds(verify_consistency, v["size1"], v["size2"], proof, old, new) is not v["wantErr"]


@pytest.mark.parametrize("path", files(f"{MERKLE}/subtreeinclusion", 204))
def test_subtree_inclusion_vector(path: Path) -> None:
    v = load(path)
    leaf, tree = b64decode(v["leafHash"]), b64decode(v["root"])
    args = (v["leafIdx"], v["start"], v["end"], leaf, hashes(v, "proof"), tree)
    assert holds(verify_subtree_inclusion, *args) is not v["wantErr"]


@pytest.mark.parametrize("path", files(f"{MERKLE}/subtreeconsistency", 118))
def test_subtree_consistency_vector(path: Path) -> None:
    v = load(path)
    subtree, tree = b64decode(v["root1"]), b64decode(v["root2"])
    args = (v["start"], v["end"], v["size"], hashes(v, "proof"), subtree, tree)
    assert holds(verify_subtree, *args) is not v["wantErr"]


# What is made is what is checked.


@given(st.integers(0, len(LEAVES)))
def test_root_is_the_definition(size: int) -> None:
    leaves = LEAVES[:size]
    assert root_of(leaves) == root(size, reader(leaves)) == plain_root(leaves)


@given(sizes, st.data())
def test_inclusion_is_proved(size: int, data: st.DataObject) -> None:
    leaves = LEAVES[:size]
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, reader(leaves))
    verify_inclusion(index, size, leaves[index], proof, plain_root(leaves))
    other = data.draw(st.integers(0, size + 1).filter(lambda n: n != index))
    assert not holds(verify_inclusion, other, size, leaves[index], proof, plain_root(leaves))


@given(sizes, st.data())
def test_consistency_is_proved(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, size))
    old, new = plain_root(LEAVES[:old_size]), plain_root(LEAVES[:size])
    proof = prove_consistency(old_size, size, reader(LEAVES[:size]))
    verify_consistency(old_size, size, proof, old, new)
    changed = [leaf_hash(b"rewritten"), *LEAVES[1:]]
    rewritten = prove_consistency(old_size, size, reader(changed[:size]))
    assert not holds(verify_consistency, old_size, size, rewritten, old, plain_root(changed[:size]))


@given(sizes, st.data())
def test_subtree_is_proved(size: int, data: st.DataObject) -> None:
    level = data.draw(st.integers(0, size.bit_length()))
    start = data.draw(st.integers(0, size - 1)) >> level << level
    end = data.draw(st.integers(start + 1, min(size, start + (1 << level))))
    proof = prove_subtree(start, end, size, reader(LEAVES[:size]))
    subtree, tree = plain_root(LEAVES[start:end]), plain_root(LEAVES[:size])
    verify_subtree(start, end, size, proof, subtree, tree)
    inside = prove_inclusion(end - 1 - start, end - start, reader(LEAVES[start:end]))
    verify_subtree_inclusion(end - 1, start, end, LEAVES[end - 1], inside, subtree)
    assert not holds(verify_subtree, start, end, size, proof, tree + b"", subtree) or size == end


@given(sizes, st.data())
def test_any_changed_hash_is_refused(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, size))
    proof = prove_consistency(old_size, size, reader(LEAVES[:size]))
    old, new = plain_root(LEAVES[:old_size]), plain_root(LEAVES[:size])
    for n, good in enumerate(proof):
        at, bit = data.draw(st.integers(0, 31)), data.draw(st.integers(0, 7))
        bad = good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :]
        changed = [*proof[:n], bad, *proof[n + 1 :]]
        assert not holds(verify_consistency, old_size, size, changed, old, new)
    for other in ([*proof, new], [new, *proof], proof[:-1], proof[1:]):
        if other != proof:
            assert not holds(verify_consistency, old_size, size, other, old, new)


def test_hashes_of_another_length_are_refused() -> None:
    """Otherwise 31 and 33 bytes could stand for 32 and 32 in the same node."""
    proof = prove_inclusion(2, 4, reader(LEAVES[:4]))
    shifted = [proof[0] + proof[1][:1], proof[1][1:]]
    with pytest.raises(NotProved, match="32"):
        inclusion_root(2, 4, LEAVES[2], shifted)
    with pytest.raises(NotProved, match="32"):
        verify_consistency(2, 4, shifted, EMPTY_ROOT, EMPTY_ROOT)


def test_no_place_outside_the_tree() -> None:
    with pytest.raises(NotProved, match="does not lie"):
        inclusion_root(3, 3, LEAVES[0], [])
    with pytest.raises(NotProved, match="does not lie"):
        inclusion_root(-1, 3, LEAVES[0], [])


def test_consistency_from_nothing_shows_nothing() -> None:
    with pytest.raises(NotProved, match="size 0"):
        verify_consistency(0, 3, [], EMPTY_ROOT, root_of(LEAVES[:3]))
    with pytest.raises(Invalid):
        prove_consistency(0, 3, reader(LEAVES[:3]))


@pytest.mark.parametrize(("start", "end", "size"), [(1, 3, 8), (3, 3, 8), (0, 9, 8), (-2, 1, 8)])
def test_no_proof_of_what_is_no_subtree(start: int, end: int, size: int) -> None:
    with pytest.raises(Invalid):
        prove_subtree(start, end, size, reader(LEAVES[:8]))


# The frontier.


@given(st.lists(st.integers(0, 4), max_size=12))
def test_frontier_takes_subtrees_where_they_fit(levels: list[int]) -> None:
    frontier, size = Frontier(), 0
    for level in levels:
        if size + (1 << level) > len(LEAVES):
            continue
        subtree = plain_root(LEAVES[size : size + (1 << level)])
        if size % (1 << level):
            with pytest.raises(Invalid, match="aligned"):
                frontier.append(subtree, level)
            continue
        frontier.append(subtree, level)
        size += 1 << level
        assert frontier.root() == plain_root(LEAVES[:size])
        assert Frontier(frontier.size, frontier.hashes).root() == frontier.root()
    assert frontier.size == size


def test_frontier_must_fit_its_size() -> None:
    with pytest.raises(Invalid, match="frontier"):
        Frontier(3, LEAVES[:1])


def test_large_tree_against_the_definition() -> None:
    generator = random.Random(4)  # noqa: S311 - a fixed sequence
    leaves = [generator.randbytes(32) for _ in range(3000)]
    assert root_of(leaves) == plain_root(leaves)
    assert node_hash(*leaves[:2]) == plain_root(leaves[:2])

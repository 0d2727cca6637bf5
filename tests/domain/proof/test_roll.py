from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, NotProved
from domain.proof.merkle import EMPTY_ROOT
from domain.proof.roll import Roll, RollEntry, RollHead, RollLeaf, RollProof, look_up


def enterprise(n: int) -> str:
    return str(UUID(int=n))


def roll_of(*numbers: int) -> Roll:
    """Of these enterprises those with an odd number filed."""
    return Roll(
        RollEntry(id=enterprise(n), content={"filed": f"{n:064x}"} if n % 2 else {})
        for n in numbers
    )


numbers = st.integers(0, 40)


@given(st.sets(numbers), numbers)
def test_presence_and_absence_are_shown(present: set[int], asked: int) -> None:
    roll = roll_of(*present)
    head = roll.head("monthly_report 2024-05")
    found = look_up(head, enterprise(asked), roll.prove(enterprise(asked)))
    expected = {"filed": f"{asked:064x}"} if asked % 2 else {}
    assert found == (expected if asked in present else None)


@given(st.sets(numbers, min_size=1), numbers, numbers)
def test_a_proof_shows_nothing_about_another(present: set[int], asked: int, other: int) -> None:
    """It shows it truly, or not at all."""
    roll = roll_of(*present)
    head = roll.head("monthly_report 2024-05")
    try:
        found = look_up(head, enterprise(other), roll.prove(enterprise(asked)))
    except NotProved:
        return
    assert (found is not None) is (other in present)


def test_no_absence_where_neighbours_are_not_next_to_each_other() -> None:
    roll = roll_of(1, 3, 5)
    head = roll.head("r")
    first, _, last = (roll.prove(enterprise(n)).leaves[0] for n in (1, 3, 5))
    for leaves in ((first, last), (last, first), (first,), (last,), (first, first), ()):
        with pytest.raises(NotProved, match="does not show"):
            look_up(head, enterprise(3), RollProof(leaves=leaves))
        with pytest.raises(NotProved, match="does not show"):
            look_up(head, enterprise(2), RollProof(leaves=leaves))


def test_empty_roll() -> None:
    head = Roll([]).head("r")
    assert (head.size, bytes.fromhex(head.root)) == (0, EMPTY_ROOT)
    assert look_up(head, enterprise(1), Roll([]).prove(enterprise(1))) is None
    wrong = RollHead(of="r", size=0, root="00" * 32)
    with pytest.raises(NotProved):
        look_up(wrong, enterprise(1), RollProof(leaves=()))


@pytest.mark.parametrize(
    "change",
    [
        {"index": 0},
        {"leaf": '{"content":{},"id":"x"}'},
        {"path": ()},
        {"path": ("AAAA",)},
    ],
)
def test_changed_proof(change: dict[str, Any]) -> None:
    roll = roll_of(1, 3, 5)
    (leaf,) = roll.prove(enterprise(3)).leaves
    changed = RollLeaf.model_validate({**leaf.model_dump(), **change})
    with pytest.raises(Invalid):
        look_up(roll.head("r"), enterprise(3), RollProof(leaves=(changed,)))


def test_another_roll() -> None:
    roll = roll_of(1, 3, 5)
    with pytest.raises(NotProved):
        look_up(roll_of(1, 3, 7).head("r"), enterprise(3), roll.prove(enterprise(3)))


def test_an_auditor_reads_it_whole() -> None:
    roll = roll_of(5, 3, 1)
    leaves = [entry.leaf for entry in roll.entries]
    assert Roll.read(leaves).head("r") == roll.head("r")
    with pytest.raises(Invalid, match="not sorted"):
        Roll.read(leaves[::-1])
    with pytest.raises(Invalid, match="one id"):
        Roll.read([leaves[0], leaves[0]])
    with pytest.raises(Invalid, match="not canonical"):
        Roll.read([leaves[0] + b" "])
    with pytest.raises(Invalid, match="not an entry"):
        Roll.read([b"{}"])


def test_a_large_roll_is_asked_block_by_block() -> None:
    roll = roll_of(*range(0, 4000, 2))  # 2000 entries: seven blocks and a part of one
    head = roll.head("r")
    for asked in (0, 1, 510, 511, 512, 2047, 2048, 3997, 3998, 3999, 5000):
        found = look_up(head, enterprise(asked), roll.prove(enterprise(asked)))
        assert (found is not None) is (asked < 4000 and not asked % 2)

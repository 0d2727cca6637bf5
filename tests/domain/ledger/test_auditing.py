"""What an audit reads of a ledger, on a connection of its own."""

from __future__ import annotations

from domain.ledger import Ledger, LedgerTables
from domain.proof.roll import Roll, RollEntry
from tests.support.ledger import Place, command, draft


def test_leaf_hashes_are_those_of_the_facts(place: Place, ledger: Ledger) -> None:
    ledger.append(command(draft(), draft()))
    expected = [entry.hash for entry in ledger.range(1, 2)]
    with LedgerTables(place.url, place.schema) as tables:
        assert tables.leaf_hashes(1, 3) == expected


def test_a_roll_is_read_as_it_was_kept(place: Place, ledger: Ledger) -> None:
    roll = Roll([RollEntry(id=f"{n:04}", content={"n": n}) for n in range(300)])
    root = bytes.fromhex(roll.head("monthly_report 2024-05").root)
    ledger.rolls.keep(root, roll.blocks)
    with LedgerTables(place.url, place.schema) as tables:
        assert tables.roll(root) == roll.leaves
        assert tables.roll(bytes(32)) == []

"""Erasing a person: on record, carried out whatever happens in between, and never undone."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from domain.audit.ranges import check_range
from domain.erasing import Erased, erase
from domain.errors import Contradiction, NotFound, Unavailable
from domain.ledger import Ledger, LedgerTables
from domain.ledger.vault import FILE
from domain.people import PersonRegistered, PersonSame
from tests.support.attack import Superuser, audited
from tests.support.ledger import CLI, Place, command, draft, ledger, place, sealed

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ledger", "place"]

PERSON, TWIN, OTHER = (UUID(f"00000000-0000-4000-8000-0000000000b{n}") for n in (1, 2, 3))
BASIS = "个人信息保护法第四十七条，临应急函〔2024〕12号"
NOW = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def registered(place: Place) -> None:
    with place.open() as ledger:
        for person, name in ((PERSON, "张三"), (TWIN, "张叁"), (OTHER, "李四")):
            fact = PersonRegistered(name=sealed(name, person), phone=sealed("138", person))
            ledger.append(command(draft(person, fact=fact)))


def erased(ledger: Ledger, person: UUID = PERSON) -> Erased:
    return erase(ledger, person, BASIS, by=CLI, received=NOW, random=os.urandom)


def name_of(ledger: Ledger, person: UUID) -> str:
    fact = ledger.record(person)[0].fact
    assert isinstance(fact, PersonRegistered)
    return str(fact.name)


def boxes(place: Place, person: UUID = PERSON) -> int:
    return int(place.sql("SELECT count(*) FROM S.sealed WHERE subject = %s", person)[0][0])


def test_the_fact_says_by_what_right_and_the_values_are_gone(place: Place, ledger: Ledger) -> None:
    root = audited(place)[0].tree.root()
    assert erased(ledger) == Erased((PERSON,), 5)
    (_, entry) = ledger.record(PERSON)
    assert (entry.topic, entry.fact.model_dump()) == ("person.erased", {"basis": BASIS})
    assert (name_of(ledger, PERSON), name_of(ledger, OTHER)) == ("〔已删除〕", "李四")
    assert (boxes(place), boxes(place, OTHER)) == (0, 2)
    state, fault = audited(place)
    assert fault is None
    assert state.erased == ledger.erased() == {PERSON}
    assert state.tree.root_at(4) == root


def test_nothing_is_sealed_again_for_whoever_was_erased(place: Place, ledger: Ledger) -> None:
    erased(ledger)
    again = PersonRegistered(name=sealed("张三", PERSON))
    with pytest.raises(Contradiction, match="were erased by law"):
        ledger.append(command(draft(fact=again)))
    good, bad = command(), command(draft(fact=again))
    answers = ledger.append_many([bad, good])
    assert isinstance(answers[0], Contradiction)
    assert answers[1].positions == (6,)  # type: ignore[union-attr]


def test_a_key_is_not_made_even_for_whoever_did_not_ask(place: Place) -> None:
    """Between the asking and the making of a key, another process can erase its subject."""
    vault = place.vault()
    vault.bar(TWIN)
    vault.forget(TWIN)
    with pytest.raises(Contradiction):
        vault.seal([sealed("张叁", TWIN)])


def test_records_of_one_person_are_erased_together(ledger: Ledger) -> None:
    same = PersonSame(same_as=TWIN, reason=sealed("重复登记", OTHER))
    ledger.append(command(draft(PERSON, 2, same)))
    assert erased(ledger, TWIN) == Erased((TWIN, PERSON), 6)
    assert name_of(ledger, PERSON) == name_of(ledger, TWIN) == "〔已删除〕"


def test_once_is_enough(ledger: Ledger) -> None:
    assert erased(ledger) == erased(ledger)
    assert len(ledger.record(PERSON)) == 2


@pytest.mark.parametrize("unknown", [UUID(int=77), None])
def test_only_persons_can_be_erased(ledger: Ledger, unknown: UUID | None) -> None:
    with pytest.raises(NotFound):
        erased(ledger, unknown or ledger.genesis().record)


def cut_short(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("忙", "busy")

    with place.open() as ledger, monkeypatch.context() as patch:
        patch.setattr(Ledger, "erase", fail)
        with pytest.raises(Unavailable):
            erased(ledger)
        assert name_of(ledger, PERSON) == "张三"


def bring_back_the_keys(place: Place, _: pytest.MonkeyPatch) -> None:
    backup = place.keys.with_name("backup")
    shutil.copytree(place.keys, backup)
    with place.open() as ledger:
        erased(ledger)
    place.close()
    shutil.rmtree(place.keys)
    backup.rename(place.keys)


def bring_back_the_boxes(place: Place, _: pytest.MonkeyPatch) -> None:
    place.sql("CREATE TABLE S.backup AS SELECT * FROM S.sealed")
    with place.open() as ledger:
        erased(ledger)
    place.sql("DELETE FROM S.sealed; INSERT INTO S.sealed SELECT * FROM S.backup")


def bring_back_both(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.sql("CREATE TABLE S.backup AS SELECT * FROM S.sealed")
    bring_back_the_keys(place, monkeypatch)
    place.sql("DELETE FROM S.sealed; INSERT INTO S.sealed SELECT * FROM S.backup")


@pytest.mark.parametrize(
    "happens", [cut_short, bring_back_the_keys, bring_back_the_boxes, bring_back_both]
)
def test_opening_the_ledger_erases_again(
    place: Place,
    happens: Callable[[Place, pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happens(place, monkeypatch)
    with place.open() as ledger:
        assert ledger.unerased() == set()
        assert (name_of(ledger, PERSON), boxes(place)) == ("〔已删除〕", 0)
        assert PERSON not in ledger.vault.known([PERSON, OTHER])
        with pytest.raises(Contradiction):
            ledger.append(command(draft(fact=PersonRegistered(name=sealed("张三", PERSON)))))


def test_a_database_from_before_the_erasure_brings_nobody_back(place: Place) -> None:
    """The key store still knows whom it must not know."""
    place.sql("CREATE TABLE S.backup AS SELECT * FROM S.sealed")
    with place.open() as ledger:
        erased(ledger)
    superuser = Superuser(place)
    superuser.sql("DELETE FROM S.fact WHERE position = 5")
    superuser.sql("DELETE FROM S.tag WHERE position = 5")
    superuser.sql("DELETE FROM S.command WHERE first = 5")
    superuser.sql("DELETE FROM S.sealed; INSERT INTO S.sealed SELECT * FROM S.backup")
    with place.open() as ledger:
        assert ledger.erased() == set()
        assert (name_of(ledger, PERSON), boxes(place)) == ("〔已删除〕", 0)
        with pytest.raises(Contradiction):
            ledger.append(command(draft(fact=PersonRegistered(name=sealed("张三", PERSON)))))


def test_what_came_back_while_it_is_open_is_seen(place: Place, ledger: Ledger) -> None:
    place.sql("CREATE TABLE S.backup AS SELECT * FROM S.sealed")
    erased(ledger)
    place.sql("DELETE FROM S.sealed; INSERT INTO S.sealed SELECT * FROM S.backup")
    assert ledger.unerased() == {PERSON}


def test_erasing_is_not_carried_out_by_who_has_no_keys(place: Place) -> None:
    with place.open() as ledger:
        erased(ledger)
    place.sql("UPDATE S.sealed SET subject = %s WHERE path = 'phone'", PERSON)
    with place.open(vault=None) as ledger:
        assert ledger.erased() == {PERSON}
    assert boxes(place) == 2


def test_a_key_store_made_before_there_were_erasures(place: Place) -> None:
    with sqlite3.connect(place.keys / FILE) as file:
        file.execute("DROP TABLE erased")
    with place.open() as ledger:
        erased(ledger)
        assert name_of(ledger, PERSON) == "〔已删除〕"


def test_the_audit_tells_an_erasure_from_a_loss(place: Place) -> None:
    with place.open() as ledger:
        erased(ledger)
    place.sql("DELETE FROM S.sealed WHERE subject = %s AND path = 'name'", TWIN)
    fault = audited(place)[1]
    assert fault is not None
    assert (fault.position, fault.kind) == (3, "sealed")
    assert str(TWIN) in fault.zh


def test_an_erasure_later_than_the_range_audited(place: Place) -> None:
    with LedgerTables(place.url, place.schema) as tables:
        with place.open() as ledger:
            erased(ledger)
        checked = check_range(0, 4, tables, None)
        assert checked.unsealed == ((2, PERSON), (2, PERSON))

"""The audit against whoever has every right on the database, table by table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from domain.audit.ranges import Checked
from domain.proof.merkle import root_of
from tests.support.attack import Superuser, audited
from tests.support.ledger import Crossed, Noted, Place, Told, command, draft, sealed

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD = UUID("00000000-0000-4000-8000-0000000000a1")
PERSON = UUID("00000000-0000-4000-8000-0000000000a2")
OTHER = UUID("00000000-0000-4000-8000-0000000000a3")


@pytest.fixture
def told(place: Place) -> Place:
    """A ledger of nine facts: two records, and a person with sealed values."""
    with place.open() as ledger:
        ledger.append(command(draft(RECORD, 1, Noted(number=1)), draft(RECORD, 2, Crossed())))
        ledger.append(command(draft(RECORD, 3, Crossed())))
        told = Told(person=PERSON, name=sealed("张三", PERSON), more={"a": sealed("甲", OTHER)})
        ledger.append(command(draft(OTHER, 1, told)))
        ledger.append(command(draft(), draft(), draft(), draft()))
    return place


def test_a_ledger_that_nobody_touched_holds(told: Place) -> None:
    state, fault = audited(told)
    assert fault is None
    assert (state.position, state.closed) == (9, 0)
    with told.open() as ledger:
        assert state.tree.root() == root_of([entry.hash for entry in ledger.range(0, 100)])


def test_in_whatever_steps_it_is_read(told: Place) -> None:
    roots = {audited(told, step=step)[0].tree.root() for step in (1, 2, 5, 100)}
    assert len(roots) == 1


def test_without_the_keys_what_is_sealed_is_counted(told: Place) -> None:
    state, fault = audited(told, keys=False)
    assert (fault, state.closed) == (None, 2)


@dataclass(frozen=True)
class Attack:
    """What is done, and what the audit says of it."""

    do: str | Callable[[Superuser], object]
    position: int
    kind: str
    says: str


def _twice(superuser: Superuser) -> None:
    superuser.sql("ALTER TABLE S.fact DROP CONSTRAINT fact_record_version_key")
    superuser.rewrite(4, lambda leaf: leaf.update(version=2))


ATTACKS = {
    "a fact is deleted": Attack("DELETE FROM S.fact WHERE position = 3", 3, "missing", "缺失"),
    "the last facts are cut off": Attack(
        "DELETE FROM S.fact WHERE position > 7", 8, "missing", "末尾的事实被删除"
    ),
    "the first fact is deleted": Attack(
        "DELETE FROM S.fact WHERE position = 1", 1, "missing", "缺失"
    ),
    "a fact stands before the first": Attack(
        "INSERT INTO S.fact SELECT 0, gen_random_uuid(), 1, topic, recorded, leaf"
        " FROM S.fact WHERE position = 2",
        0,
        "missing",
        "序号应从1起",
    ),
    "two facts stand at one position": Attack(
        "ALTER TABLE S.fact DROP CONSTRAINT fact_pkey;"
        " ALTER TABLE S.fact DROP CONSTRAINT fact_record_version_key;"
        " INSERT INTO S.fact SELECT * FROM S.fact WHERE position = 3",
        3,
        "missing",
        "出现两次",
    ),
    "a leaf is changed": Attack(
        "UPDATE S.fact SET leaf = overlay(leaf PLACING '\\x2c20' FROM length(leaf) - 10)"
        " WHERE position = 4",
        4,
        "leaf",
        "存储字节不是规范形式",
    ),
    "a leaf is no JSON": Attack(
        "UPDATE S.fact SET leaf = '\\x00' WHERE position = 4", 4, "leaf", "不是规范形式"
    ),
    "a leaf is no object": Attack(
        "UPDATE S.fact SET leaf = '[]' WHERE position = 4", 4, "leaf", "不是规范形式"
    ),
    "a leaf is of no known kind": Attack(
        lambda su: su.rewrite(4, lambda leaf: leaf.update(topic="no.such")),
        4,
        "leaf",
        "未知的事实类型",
    ),
    "a leaf does not fit its kind": Attack(
        lambda su: su.rewrite(4, lambda leaf: leaf["body"]["data"].update(number="x")),
        4,
        "leaf",
        "内容不合其类型的格式",
    ),
    "a topic's column is changed": Attack(
        "UPDATE S.fact SET topic = 'test.noted' WHERE position = 4", 4, "column", "类型一栏"
    ),
    "a record's column is changed": Attack(
        "UPDATE S.fact SET record = gen_random_uuid() WHERE position = 4", 4, "column", "档案一栏"
    ),
    "a version's column is changed": Attack(
        "UPDATE S.fact SET version = 7 WHERE position = 4", 4, "column", "版次一栏"
    ),
    "recorded is moved in its column": Attack(
        "UPDATE S.fact SET recorded = recorded - interval '1 day' WHERE position = 4",
        4,
        "column",
        "录入时间一栏",
    ),
    "recorded is moved in column and leaf": Attack(
        lambda su: su.rewrite(4, lambda leaf: leaf.update(recorded="2024-01-01T00:00:00.000000Z")),
        4,
        "recorded",
        "早于前一条",
    ),
    "two facts change places": Attack(lambda su: su.swap(3, 4), 3, "version", "不接其前一版"),
    "a version is skipped": Attack(
        lambda su: su.rewrite(4, lambda leaf: leaf.update(version=4)), 4, "version", "第4版不接"
    ),
    "a version comes twice": Attack(
        _twice,
        4,
        "version",
        "第2版不接",
    ),
    "a version is none": Attack(
        lambda su: su.rewrite(7, lambda leaf: leaf.update(version=0)), 7, "version", "第0版"
    ),
    "a tag is taken out": Attack(
        "DELETE FROM S.tag WHERE position = 4 AND tag LIKE 'org:%%'", 4, "tag", "标签表缺少其标签"
    ),
    "a tag is added": Attack(
        "INSERT INTO S.tag VALUES ('hazard:x', 5)", 5, "tag", "标签表多出标签 hazard:x"
    ),
    "a tag comes twice": Attack(
        "ALTER TABLE S.tag DROP CONSTRAINT tag_pkey;"
        " INSERT INTO S.tag SELECT * FROM S.tag WHERE position = 5 LIMIT 1",
        5,
        "tag",
        "标签表多出标签",
    ),
    "a tag of a fact that is not": Attack(
        "INSERT INTO S.tag VALUES ('hazard:x', 50)", 50, "missing", "其他表中仍有此条的痕迹"
    ),
    "a tag is moved within a leaf": Attack(
        lambda su: su.rewrite(4, lambda leaf: leaf.update(tags=["org:x"])),
        4,
        "tag",
        "缺少其标签 org:x",
    ),
    "a command is deleted": Attack(
        "DELETE FROM S.command WHERE first = 4", 4, "command", "命令表中没有其命令"
    ),
    "a command is said to hold less": Attack(
        "UPDATE S.command SET facts = 1 WHERE first = 2", 3, "command", "不在其命令所记的范围内"
    ),
    "a command is said to hold more": Attack(
        "UPDATE S.command SET facts = 3 WHERE first = 2", 2, "command", "与事实不符"
    ),
    "a command is of another time": Attack(
        "UPDATE S.command SET recorded = recorded + interval '1 s' WHERE first = 2",
        2,
        "command",
        "与其命令的录入时间不符",
    ),
    "a command is made up": Attack(
        "INSERT INTO S.command SELECT gen_random_uuid(), digest, 4, 1, recorded"
        " FROM S.command WHERE first = 4",
        4,
        "command",
        "与事实不符",
    ),
    "a command without facts is made up": Attack(
        "INSERT INTO S.command SELECT gen_random_uuid(), digest, 4, 0, recorded"
        " FROM S.command WHERE first = 4",
        4,
        "command",
        "与事实不符",
    ),
    "a sealed value is swapped": Attack(
        "UPDATE S.sealed SET box = (SELECT box FROM S.sealed WHERE path = 'more.a')"
        " WHERE path = 'name'",
        5,
        "sealed",
        "封存值 name 与其摘要不符",
    ),
    "a sealed value is deleted": Attack(
        "DELETE FROM S.sealed WHERE path = 'name'", 5, "sealed", "并未依法删除"
    ),
    "a sealed value is added": Attack(
        "INSERT INTO S.sealed SELECT 4, path, subject, box FROM S.sealed", 4, "sealed", "多出封存值"
    ),
    "a sealed value is put under another's name": Attack(
        "UPDATE S.sealed SET subject = gen_random_uuid() WHERE path = 'name'",
        5,
        "sealed",
        "记在他人名下",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_audit_names_the_first_place(told: Place, name: str) -> None:
    attack = ATTACKS[name]
    superuser = Superuser(told)
    if isinstance(attack.do, str):
        for statement in attack.do.split("; "):
            superuser.sql(statement)
    else:
        attack.do(superuser)
    _, fault = audited(told)
    assert fault is not None
    assert (fault.position, fault.kind) == (attack.position, attack.kind), fault
    assert attack.says in fault.zh
    assert fault.en
    assert str(attack.position) in str(fault)


def test_recorded_that_goes_back_between_two_ranges(told: Place) -> None:
    Superuser(told).rewrite(4, lambda leaf: leaf.update(recorded="2024-01-01T00:00:00.000000Z"))
    state, fault = audited(told, step=3)
    assert fault is not None
    assert (fault.position, fault.kind, state.position) == (4, "recorded", 3)


def test_a_forgotten_value_is_no_fault(told: Place) -> None:
    with told.open() as ledger:
        ledger.vault.forget(PERSON)
    state, fault = audited(told)
    assert (fault, state.closed) == (None, 1)


def test_ranges_come_in_order(told: Place) -> None:
    state, _ = audited(told)
    assert state.take(Checked(state.position, state.position)) is None
    with pytest.raises(ValueError, match="does not follow"):
        state.take(Checked(state.position + 1, state.position + 1))

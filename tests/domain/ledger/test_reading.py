"""What comes out: by record, by tags and topics, by position, and as it was known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from domain.errors import CommandReused, Invalid, Unavailable
from domain.fact import Entry, read_leaf
from domain.ledger import Ledger, Query, Receipt
from tests.support.ledger import (
    ORG,
    Crossed,
    Noted,
    Part,
    Place,
    Told,
    command,
    draft,
    sealed,
)

ORG_TAG = f"org:{ORG}"


def positions(entries: list[Entry]) -> list[int]:
    return [entry.position for entry in entries]


def test_a_record_comes_out_by_version(ledger: Ledger) -> None:
    record = uuid4()
    ledger.append(command(draft(record)))
    ledger.append(command())
    ledger.append(command(draft(record, 2, Crossed()), draft(record, 3)))
    entries = ledger.record(record)
    assert [entry.version for entry in entries] == [1, 2, 3]
    assert [entry.topic for entry in entries] == ["test.noted", "test.crossed", "test.noted"]
    assert all(entry.record == record for entry in entries)
    assert positions(ledger.record(record, upto=4)) == [2, 4]
    assert ledger.record(uuid4()) == []
    assert ledger.record(record, upto=1) == []


def test_several_records_come_out_by_position(ledger: Ledger) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    for record in (second, first, third):
        ledger.append(command(draft(record)))
    ledger.append(command(draft(second, 2)))
    assert positions(ledger.records([first, second, uuid4(), first])) == [2, 3, 5]
    assert positions(ledger.records([first, second], upto=3)) == [2, 3]
    assert [raw.position for raw in ledger.records_raw([second, first])] == [2, 3, 5]
    assert ledger.records([]) == []
    assert ledger.existing([first, uuid4(), third]) == {first, third}
    assert ledger.existing([]) == set()


def test_a_ledger_says_where_it_is(ledger: Ledger, place: Place) -> None:
    assert ledger.schema == place.schema
    with psycopg.connect(ledger.conninfo) as connection:
        query = sql.SQL("SELECT max(position) FROM {}").format(
            sql.Identifier(ledger.schema, "fact")
        )
        assert connection.execute(query).fetchone() == (1,)


def test_facts_are_found_by_all_tags_and_any_topic(ledger: Ledger) -> None:
    a, b = UUID(int=1), UUID(int=2)
    ledger.append(
        command(
            draft(a, 1, Noted(org=ORG)),  # 2
            draft(a, 2, Crossed(org=ORG)),  # 3
            draft(b, 1, Noted(org=a)),  # 4
            draft(b, 2, Crossed(org=ORG)),  # 5
        )
    )
    of = {
        (2, 3, 5): Query((ORG_TAG,)),
        (2, 3): Query((ORG_TAG, f"test:{a}")),
        (3,): Query((ORG_TAG, f"test:{a}"), ("test.crossed",)),
        (3, 5): Query((), ("test.crossed",)),
        (): Query((ORG_TAG, f"org:{a}")),
    }
    for expected, query in of.items():
        assert positions(ledger.read(query)) == list(expected), query
    both = (Query((f"org:{a}",)), Query((ORG_TAG,), ("test.crossed",)))
    assert positions(ledger.read(*both)) == [3, 4, 5]
    assert positions(ledger.read(*both, after=3, upto=4)) == [4]
    assert positions(ledger.read(Query((), ("test.noted",)), after=2, upto=4)) == [4]
    assert ledger.read() == []


def test_a_fact_that_answers_two_queries_comes_once(ledger: Ledger) -> None:
    ledger.append(command(draft(UUID(int=1))))
    assert positions(ledger.read(Query((ORG_TAG,)), Query((f"test:{UUID(int=1)}",)))) == [2]


def test_ranges_and_the_head(ledger: Ledger) -> None:
    assert ledger.head().position == 1
    ledger.append(command(draft(), draft(), draft()))
    assert positions(ledger.range(0, 10)) == [1, 2, 3, 4]
    assert positions(ledger.range(1, 2)) == [2, 3]
    assert ledger.range(4, 10) == []
    head = ledger.head()
    assert head.position == 4
    assert head.recorded == ledger.range(3, 1)[0].recorded
    raw = ledger.range_raw(1, 1)[0]
    assert read_leaf(raw.leaf) == raw.entry == ledger.range(1, 1)[0]
    assert raw.body["data"]["org"] == str(ORG)
    assert (raw.position, raw.version, raw.topic) == (2, 1, "test.noted")


def test_what_was_known_at_a_moment(ledger: Ledger) -> None:
    for _ in range(20):
        ledger.append(command(draft(), draft()))
    entries = ledger.range(0, 100)
    moments = [entry.recorded for entry in entries]
    assert all(earlier <= later for earlier, later in pairwise(moments))
    tick = timedelta(microseconds=1)
    for moment in moments:
        for known_at in (moment - tick, moment, moment + tick):
            expected = max((e.position for e in entries if e.recorded <= known_at), default=0)
            assert ledger.position_at(known_at) == expected
    assert ledger.position_at(datetime(2000, 1, 1, tzinfo=UTC)) == 0
    assert ledger.position_at(datetime(2100, 1, 1, tzinfo=UTC)) == 41


def test_a_command_can_be_asked_for(ledger: Ledger) -> None:
    asked = command(draft(), draft())
    receipt = ledger.append(asked)
    assert ledger.receipt(asked.id, asked.digest) == Receipt(
        asked.id, (2, 3), receipt.recorded, repeated=True
    )
    assert ledger.receipt(uuid4(), asked.digest) is None
    with pytest.raises(CommandReused):
        ledger.receipt(asked.id, b"other")


def test_values_are_validated_on_reading(place: Place, ledger: Ledger) -> None:
    """What got in by another door is noticed when it is read."""
    leaf = ledger.range_raw(ledger.append(command()).positions[0] - 1, 1)[0].leaf
    for old, new in (
        (b'"number":0', b'"number":"x"'),
        (b'"number":0', b'"numbers":0'),
        (b"test.noted", b"test.unknown"),
        (b'"schema":1', b'"schema":2'),
    ):
        with pytest.raises((Invalid, ValueError)):
            read_leaf(leaf.replace(old, new))


# Personal values


@pytest.fixture
def told(ledger: Ledger) -> tuple[UUID, UUID, Told]:
    person, other = uuid4(), uuid4()
    fact = Told(
        person=person,
        name=sealed("张三", person),
        parts=(
            Part(text=sealed("住南关街7号", other)),
            Part(text=sealed("手机13900000000", person)),
        ),
        more={"note": sealed("亲属：李四", person)},
    )
    ledger.append(command(draft(UUID(int=5), 1, fact), draft()))
    return person, other, fact


def shown(fact: Told) -> list[str]:
    return [str(value) for _, value in fact.sealed()]


def test_personal_values_come_out_opened(ledger: Ledger, told: tuple[UUID, UUID, Told]) -> None:
    *_, fact = told
    for entries in (
        ledger.record(UUID(int=5)),
        ledger.records([UUID(int=5)]),
        ledger.read(Query((f"person:{told[0]}",))),
        ledger.range(1, 2),
    ):
        assert entries[0].fact == fact
    closed = ledger.range(1, 1, open_sealed=False)[0].fact
    assert isinstance(closed, Told)
    assert shown(closed) == ["〔已删除〕"] * 4
    assert [value.digest for _, value in closed.sealed()] == [
        value.digest for _, value in fact.sealed()
    ]


def test_what_is_erased_stays_closed_and_the_rest_is_read(
    ledger: Ledger, place: Place, told: tuple[UUID, UUID, Told]
) -> None:
    person, other, _ = told
    before = ledger.range_raw(0, 9)
    assert ledger.forget(person) == 3
    fact = ledger.record(UUID(int=5))[0].fact
    assert isinstance(fact, Told)
    assert shown(fact) == ["〔已删除〕", "住南关街7号", "〔已删除〕", "〔已删除〕"]
    assert ledger.range_raw(0, 9) == before  # every leaf and every proof as it was
    assert place.sql("SELECT subject FROM S.sealed") == [(other,)]
    again = sealed("张三", person)
    ledger.append(command(draft(UUID(int=5), 2, Told(person=person, name=again))))
    assert [str(entry.fact.name) for entry in ledger.record(UUID(int=5))] == [  # type: ignore[attr-defined]
        "〔已删除〕",
        "张三",
    ]


def test_a_box_put_back_from_a_backup_stays_closed(
    ledger: Ledger, place: Place, told: tuple[UUID, UUID, Told]
) -> None:
    place.sql("CREATE TABLE S.backup AS SELECT * FROM S.sealed")
    ledger.forget(told[0])
    place.sql("DELETE FROM S.sealed; INSERT INTO S.sealed SELECT * FROM S.backup")
    fact = ledger.record(UUID(int=5))[0].fact
    assert isinstance(fact, Told)
    assert shown(fact) == ["〔已删除〕", "住南关街7号", "〔已删除〕", "〔已删除〕"]


def test_stray_boxes_do_no_harm(
    ledger: Ledger, place: Place, told: tuple[UUID, UUID, Told]
) -> None:
    place.sql("UPDATE S.sealed SET path = 'nowhere' WHERE path = 'name'")
    fact = ledger.record(UUID(int=5))[0].fact
    assert isinstance(fact, Told)
    assert shown(fact)[0] == "〔已删除〕"


def test_without_the_vault_values_stay_closed(place: Place, told: tuple[UUID, UUID, Told]) -> None:
    with place.open(vault=None) as ledger:
        fact = ledger.record(UUID(int=5))[0].fact
        assert isinstance(fact, Told)
        assert shown(fact) == ["〔已删除〕"] * 4
        with pytest.raises(Unavailable):
            _ = ledger.vault
        with pytest.raises(Unavailable):
            ledger.append(command(draft(fact=told[2])))
        ledger.append(command())
        with pytest.raises(Unavailable):
            ledger.forget(told[1])
    with place.open() as ledger:
        assert ledger.vault.fingerprint


def dump(place: Place) -> bytes:
    """Return the content of every table, bytes as bytes."""
    content = bytearray()
    with psycopg.connect(place.url) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
        for (table,) in connection.execute(query, [place.schema]).fetchall():
            statement = f"COPY {place.schema}.{table} TO STDOUT (FORMAT binary)"
            with connection.cursor().copy(statement.encode()) as copy:
                for part in copy:
                    content += part
    return bytes(content)


def test_a_dump_of_the_database_holds_no_personal_value(
    place: Place, told: tuple[UUID, UUID, Told]
) -> None:
    content = dump(place)
    for _, value in told[2].sealed():
        assert value.digest.encode() in content
        assert str(value).encode() not in content
    assert b"13900000000" not in content

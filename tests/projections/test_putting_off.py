"""A rebuild that makes each row once, when all facts have been passed through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from psycopg import Cursor, sql
from psycopg.rows import DictRow

from domain.ledger import Ledger, RawEntry
from projections import build as build_module
from projections.build import Poisoned
from projections.runner import Runner
from tests.support.ledger import Noted, Place, command, draft


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "BATCH", 10)


def runner_of(place: Place, model: Records) -> Runner:
    return Runner(place.url, [model], schema=place.schema)


class Records:
    """Writes down how many facts each record has; a rebuild counts each record once."""

    name = "records"
    version = 1
    topics = frozenset({"test.noted"})
    puts_off = True
    tables: ClassVar[Mapping[str, str]] = {
        "record_count": "CREATE TABLE record_count (record uuid PRIMARY KEY, facts bigint)",
    }

    def __init__(self, schema: str, *, unlucky: bool = False) -> None:
        self.schema = schema
        self.unlucky = unlucky
        self.batches: list[list[int]] = []
        self.settled: list[int] = []

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        self.batches.append([entry.position for entry in entries])
        if self.unlucky and any(e.entry.fact.number == 13 for e in entries):  # type: ignore[attr-defined]
            raise ValueError("13")
        self._count(cursor, self.gather(cursor, entries), entries[-1].position)

    def gather(self, _: Cursor[DictRow], entries: Sequence[RawEntry]) -> set[UUID]:
        return {entry.entry.record for entry in entries}

    def settle(self, cursor: Cursor[DictRow], ids: set[UUID], upto: int) -> None:
        self.settled.append(len(ids))
        if self.unlucky:
            raise ValueError("13")
        self._count(cursor, ids, upto)

    def _count(self, cursor: Cursor[DictRow], ids: set[UUID], upto: int) -> None:
        cursor.execute("DELETE FROM record_count WHERE record = ANY(%s)", [list(ids)])
        query = sql.SQL(
            "INSERT INTO record_count SELECT record, count(*) FROM {}"
            " WHERE record = ANY(%s) AND position <= %s GROUP BY record"
        ).format(sql.Identifier(self.schema, "fact"))
        cursor.execute(query, [list(ids), upto])


def counted(ledger: Ledger) -> dict[UUID, int]:
    with ledger.views() as cursor:
        rows = cursor.execute("SELECT record, facts FROM record_count").fetchall()
        return {row["record"]: row["facts"] for row in rows}


def grow(ledger: Ledger, record: UUID, first: int, last: int) -> None:
    for version in range(first, last + 1):
        ledger.append(command(draft(record, version, Noted(number=version))))


def test_a_rebuild_makes_each_row_once(
    place: Place, ledger: Ledger, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "_SETTLED_AT_ONCE", 2)
    records = [uuid4() for _ in range(3)]
    for record in records:
        grow(ledger, record, 1, 12)
    model = Records(place.schema)
    runner = runner_of(place, model)
    runner.catch_up()
    assert counted(ledger) == dict.fromkeys(records, 12)
    assert model.settled == []
    model.batches.clear()
    runner.rebuild("records")
    assert counted(ledger) == dict.fromkeys(records, 12)
    assert (model.batches, sorted(model.settled)) == ([], [1, 2])
    grow(ledger, records[0], 13, 13)
    runner.catch_up()
    runner.stop()
    assert counted(ledger)[records[0]] == 13
    place.schema = f"{place.schema}_views"  # where it is kept what is put off
    assert place.sql("SELECT count(*) FROM S.due") == [(0,)]


def test_facts_that_come_during_a_rebuild_are_in_it(
    place: Place, ledger: Ledger, small_batches: None
) -> None:
    records = [uuid4() for _ in range(2)]
    grow(ledger, records[0], 1, 25)
    runner = runner_of(place, Records(place.schema))
    runner.catch_up()
    coming = iter([lambda: grow(ledger, records[1], 1, 15)])
    runner.rebuild("records", tell=lambda _: next(coming, lambda: None)())
    runner.stop()
    assert counted(ledger) == {records[0]: 25, records[1]: 15}


def test_a_rebuild_that_cannot_put_off_names_the_fact(
    place: Place, ledger: Ledger, small_batches: None
) -> None:
    grow(ledger, uuid4(), 1, 25)  # the thirteenth stands at 14, after the genesis
    runner = runner_of(place, Records(place.schema))
    runner.catch_up()
    before = counted(ledger)
    unlucky = Records(place.schema, unlucky=True)
    again = runner_of(place, unlucky)
    with pytest.raises(Poisoned) as error:
        again.rebuild("records")
    assert error.value.position == 14
    assert len(unlucky.settled) == 1
    assert counted(ledger) == before
    again.stop()
    runner.rebuild("records")
    runner.stop()
    assert counted(ledger) == before

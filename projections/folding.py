"""Read models with one row a record 逐档汇总: each row is the domain's own fold of the record.

Whenever a fact touches a record, its row is made anew from all of the record's facts, as the domain
reads them (corrections in the place of what they correct, earliest first by the moment they count
from). So a list can never say otherwise than the record does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import orjson
from psycopg import sql
from psycopg.rows import tuple_row

from domain.correction import FactCorrected
from domain.fact import Entry, read_leaf
from domain.moment import format_moment, local_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.ledger import RawEntry

ALL_TIME = date(2200, 12, 31)
"""A moment after everything on record: lists answer for now, and judge no future."""
Row = dict[str, Any]


class LedgerFacts:
    """The ledger's facts up to a position, read within a projection's own transaction.

    Args:
        cursor: of that transaction.
        schema: the ledger's PostgreSQL schema.
        batch: the facts in hand; none is read twice.
        upto: the last fact to be read; by default the last one in hand.
    """

    def __init__(
        self,
        cursor: Cursor[DictRow],
        schema: str,
        batch: Sequence[RawEntry],
        upto: int | None = None,
    ) -> None:
        self._connection = cursor.connection
        self._names = {"fact": sql.Identifier(schema, "fact"), "tag": sql.Identifier(schema, "tag")}
        self._batch = {raw.position: raw for raw in batch}
        self._upto = batch[-1].position if upto is None else upto

    def tagged(self, tags: Iterable[str]) -> list[Entry]:
        """Return the facts that carry any of ``tags``, in order."""
        # OFFSET 0 keeps the planner to one look-up a tag and a position, whatever it believes.
        query = """
            SELECT found.position, fact.leaf
            FROM (
                SELECT DISTINCT found.position
                FROM unnest(%s::text[]) AS wanted (tag)
                CROSS JOIN LATERAL (
                    SELECT position FROM {tag} AS t
                    WHERE t.tag = wanted.tag AND t.position <= %s OFFSET 0
                ) AS found
            ) AS found
            CROSS JOIN LATERAL (
                SELECT leaf FROM {fact} AS f WHERE f.position = found.position OFFSET 0
            ) AS fact
            ORDER BY found.position
        """
        return self._read(query, [sorted(set(tags)), self._upto])

    def of(self, records: Iterable[UUID]) -> list[Entry]:
        """Return the facts of these records, in order of position."""
        query = """
            SELECT position, leaf FROM {fact}
            WHERE record = ANY(%s) AND position <= %s ORDER BY position
        """
        return self._read(query, [sorted(set(records)), self._upto])

    def at(self, positions: Iterable[int]) -> list[Entry]:
        """Return the facts at ``positions``, in order."""
        query = """
            SELECT position, leaf FROM {fact}
            WHERE position = ANY(%s) AND position <= %s ORDER BY position
        """
        return self._read(query, [sorted(set(positions)), self._upto])

    def _read(self, query: str, values: list[Any]) -> list[Entry]:
        if not values[0]:
            return []
        statement = sql.SQL(query).format(**self._names)
        with self._connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            return [
                self._batch[position].entry if position in self._batch else read_leaf(leaf)
                for position, leaf in cursor.execute(statement, values)
            ]


class Folded(ABC):
    """A read model with one row a record of one noun.

    Args:
        schema: the ledger's PostgreSQL schema, where a record's facts are read.
    """

    name: str
    version: int
    topics: frozenset[str] | None
    tables: Mapping[str, str]
    noun: ClassVar[str]
    puts_off: ClassVar[bool] = False
    """Whether a rebuild makes each row once, at the end. It pays where many facts change a row, and
    what it is made from is not all that is on record of its subject."""

    def __init__(self, schema: str) -> None:
        self._schema = schema

    @abstractmethod
    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows of these records anew."""

    def touched(self, tags: set[str], facts: LedgerFacts) -> set[UUID]:  # noqa: ARG002 - for others
        """Return the records whose rows facts with these tags may change."""
        return ids_in(tags, self.noun)

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Make the rows of every record anew that a fact among ``entries`` touches."""
        ids = self.gather(cursor, entries)
        if ids:
            self.settle(cursor, ids, entries[-1].position)

    def settle(self, cursor: Cursor[DictRow], ids: set[UUID], upto: int) -> None:
        """Make the rows of records anew from all their facts up to a position."""
        self.refold(ids, LedgerFacts(cursor, self._schema, (), upto), cursor)

    def gather(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> set[UUID]:
        """Return the records whose rows ``entries`` may change, and remember what bears on what.

        No row is read for it, so that rows may be made later than this, once for all.
        """
        facts = LedgerFacts(cursor, self._schema, entries)
        tags: set[str] = set()
        borne: list[tuple[str, int]] = []
        for entry in (raw.entry for raw in entries):
            if isinstance(entry.fact, FactCorrected):  # it may be of one just before it
                self.remember(cursor, borne)
                borne = []
            borne_on = self.borne_on(entry, facts, cursor)
            borne += [(tag, entry.position) for tag in sorted(borne_on)]
            tags |= {*entry.tags, *borne_on}
        self.remember(cursor, borne)
        return self.touched(tags, facts)

    def borne_on(self, entry: Entry, facts: LedgerFacts, cursor: Cursor[DictRow]) -> set[str]:
        """Return the tags that a fact bears on although a reader of them would not find it.

        A correction bears on what carries the tags of what is corrected; one of a correction, on
        what that bears on.
        """
        if not isinstance(entry.fact, FactCorrected):
            return set()
        positions = entry.fact.positions
        query = sql.SQL("SELECT tag FROM {} WHERE position = ANY(%s)").format(self._bearing)
        earlier = cursor.execute(query, [list(positions)]).fetchall()
        return {row["tag"] for row in earlier} | {t for e in facts.at(positions) for t in e.tags}

    def remember(self, cursor: Cursor[DictRow], borne: Sequence[tuple[str, int]]) -> None:
        """Remember of each tag that the fact at a position bears on whatever carries it."""
        insert = sql.SQL(
            "INSERT INTO {} SELECT * FROM unnest(%s::text[], %s::bigint[]) ON CONFLICT DO NOTHING"
        )
        if borne:
            tags, positions = (list(each) for each in zip(*borne, strict=True))
            cursor.execute(insert.format(self._bearing), [tags, positions])

    def bearing_on(
        self, cursor: Cursor[DictRow], facts: LedgerFacts, tags: Iterable[str]
    ) -> list[Entry]:
        """Return the facts remembered as bearing on ``tags``."""
        return in_order(*self.bearing_on_each(cursor, facts, tags).values())

    def bearing_on_each(
        self, cursor: Cursor[DictRow], facts: LedgerFacts, tags: Iterable[str]
    ) -> dict[str, list[Entry]]:
        """Return by tag the facts remembered as bearing on it, all of them read at once."""
        query = sql.SQL("SELECT tag, position FROM {} WHERE tag = ANY(%s)")
        found = cursor.execute(query.format(self._bearing), [sorted(set(tags))]).fetchall()
        entries = {entry.position: entry for entry in facts.at(row["position"] for row in found)}
        bearing: dict[str, list[Entry]] = {}
        for row in found:
            if row["position"] in entries:
                bearing.setdefault(row["tag"], []).append(entries[row["position"]])
        return bearing

    @property
    def _bearing(self) -> sql.Identifier:
        return sql.Identifier(f"{self.name}_bearing")


def replace(
    cursor: Cursor[DictRow], table: str, key: str, values: set[UUID], rows: list[Row]
) -> None:
    """Put ``rows`` in the place of those whose ``key`` is one of ``values``."""
    names = {"table": sql.Identifier(table), "key": sql.Identifier(key)}
    delete = sql.SQL("DELETE FROM {table} WHERE {key} = ANY(%s)").format(**names)
    cursor.execute(delete, [list(values)])
    insert = "INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"
    cursor.execute(sql.SQL(insert).format(**names), [orjson.dumps(rows).decode()])


def in_order(*parts: Iterable[Entry]) -> list[Entry]:
    """Return entries from several readings, each once, by position."""
    entries = {entry.position: entry for part in parts for entry in part}
    return [entries[position] for position in sorted(entries)]


def bearing_table(name: str) -> str:
    """Return the statement that makes the table in which a projection remembers what bears on what.

    A correction does not carry the tags of what it takes back.
    """
    return f"""
        CREATE TABLE {name}_bearing (
            tag text COLLATE "C",
            position bigint,
            PRIMARY KEY (tag, position)
        );
        CREATE INDEX ON {name}_bearing (position)
    """


def changed_table(name: str) -> str:
    """Return the statement that makes the table in which a projection counts its own changes.

    What was found in it may be kept for as long as the number stays. A rebuilt one begins anew.
    """
    return f"""
        CREATE TABLE {name}_changed (n bigint NOT NULL);
        INSERT INTO {name}_changed SELECT (random() * 1e15)::bigint
    """


def ids_in(tags: Iterable[str], noun: str) -> set[UUID]:
    """Return the ids of a noun's tags among ``tags``."""
    return {UUID(tag[len(noun) + 1 :]) for tag in tags if tag.startswith(f"{noun}:")}


def tags_of(noun: str, ids: Iterable[UUID]) -> Iterator[str]:
    """Yield the tag of each id."""
    return (f"{noun}:{each}" for each in ids)


def when(moment: date | datetime | None) -> str | None:
    """Return a moment as it is stored and answered: a day as a day, an instant in UTC."""
    return None if moment is None else format_moment(moment)


def on(moment: date | datetime | None) -> str | None:
    """Return the local day of a moment, for sorting and filtering."""
    return None if moment is None else local_day(moment).isoformat()

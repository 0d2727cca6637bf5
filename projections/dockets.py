"""Dockets 案卷 and what touches them: whose duties have to be judged again, and since which fact.

What somebody owes is judged by the domain, which takes some ten milliseconds a docket; here it is
only noted, as quickly as facts come, which dockets a fact is read in (``domain.reading``). A fact
is *about* some organisations; it may be read in the dockets of others that name what it is about:
a post that is named for an enterprise, a person who works there, the department that supervises it.
Few facts sweep over very many dockets, such as a changed setting: their dockets come last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.calendar import CALENDAR
from domain.correction import FactCorrected
from domain.fact import EnterpriseFact
from domain.organisation import OrganisationChanged, OrganisationRegistered
from domain.setting import SETTINGS
from projections.folding import LedgerFacts, ids_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.fact import Entry, Fact
    from domain.ledger import RawEntry

_NAMED = ("org", "person", "post")
"""What a docket may name that has records of its own."""
_STRUCTURE = frozenset(
    ("organisation.changed", "organisation.closed", "organisation.registered", "fact.corrected")
)
"""Facts about a body that bear on what others owe, wherever it is named."""
_TENURE = frozenset(
    (
        *("post.created", "post.moved", "post.abolished", "fact.corrected"),
        *("appointment.made", "appointment.ended"),
    )
)
_WHOLE = frozenset(("org", "post", "person", "settings", "calendar", "sign_in", "token"))
"""Nouns whose records say in each fact all that they are about."""
_FEW = 20
"""Dockets that name somebody, up to which they are touched; more are swept, and come last."""
_OF_THE_LEDGER = (SETTINGS, CALENDAR)


class Dockets:
    """One row an organisation: the last fact that touched its docket, and the last that swept it.

    Args:
        schema: the ledger's PostgreSQL schema.
    """

    name: ClassVar[str] = "docket"
    version: ClassVar[int] = 2
    topics: ClassVar[frozenset[str] | None] = None
    tables: ClassVar[Mapping[str, str]] = {
        "docket": """
            CREATE TABLE docket (
                id uuid PRIMARY KEY,
                kind text,
                parent uuid,
                touched bigint NOT NULL,
                swept bigint NOT NULL DEFAULT 0
            );
            CREATE INDEX ON docket (touched);
            CREATE INDEX ON docket (swept);
            CREATE INDEX ON docket (parent)
        """,
        "docket_naming": """
            CREATE TABLE docket_naming (
                named uuid,
                docket uuid,
                PRIMARY KEY (named, docket)
            )
        """,
    }

    def __init__(self, schema: str) -> None:
        self._schema = schema

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Note which dockets these facts touch, and whom each docket names from now on."""
        facts = LedgerFacts(cursor, self._schema, entries)
        touching = _Touching(facts)
        for entry in (raw.entry for raw in entries):
            touching.add(entry)
        touching.follow_records()
        _name(cursor, touching.naming)
        _touch(cursor, touching.touched)
        _describe(cursor, touching.described)
        _touch_where_named(cursor, touching.where_named)
        _sweep(cursor, touching.below)
        if touching.everywhere:
            cursor.execute("UPDATE docket SET swept = %s", [touching.everywhere])


class _Touching:
    """What a batch of facts touches; by each, the position of the last fact that does."""

    def __init__(self, facts: LedgerFacts) -> None:
        self._facts = facts
        self.touched: dict[UUID, int] = {}
        self.where_named: dict[UUID, int] = {}
        self.below: dict[UUID, int] = {}
        self.everywhere = 0
        self._records: dict[UUID, int] = {}
        self.naming: set[tuple[UUID, UUID]] = set()
        self.described: dict[UUID, tuple[str | None, UUID | None]] = {}

    def add(self, entry: Entry) -> None:
        """Note what one fact touches."""
        self._of(entry, entry.position)
        about = ids_in(entry.tags, "org")
        named = _named_by(entry.fact) | {i for i in (entry.by.person, entry.by.post) if i}
        self.naming |= {(each, org) for each in named for org in about if each != org}
        if isinstance(entry.fact, OrganisationRegistered):
            self.described[entry.record] = (entry.fact.kind.value, entry.fact.parent)
        if isinstance(entry.fact, OrganisationChanged) and entry.fact.parent:
            self.described[entry.record] = (None, entry.fact.parent)

    def _of(self, entry: Entry, position: int) -> None:
        """Note what a fact touches, or what a correction touches through what it corrects."""
        about = ids_in(entry.tags, "org")
        self.touched |= dict.fromkeys(about, position)
        noun = entry.fact.topic.noun
        if noun not in _WHOLE and not isinstance(entry.fact, EnterpriseFact):
            self._records[entry.record] = position
        if entry.topic in _TENURE:
            self.where_named |= dict.fromkeys(ids_in(entry.tags, "post"), position)
        if noun == "person":
            self.where_named[entry.record] = position
        if entry.topic.startswith("supervision."):
            named = (ident for _, kind, ident in entry.fact.names() if kind == "org")
            self.touched |= dict.fromkeys(named, position)
        if entry.topic in _STRUCTURE:
            self.below |= dict.fromkeys(about, position)
        if entry.record in _OF_THE_LEDGER:
            self.everywhere = position
        if isinstance(entry.fact, FactCorrected):
            for corrected in self._facts.at(entry.fact.positions):
                self._of(corrected, position)

    def follow_records(self) -> None:
        """Note whom the records are about as well: a report from the public moves between them."""
        for entry in self._facts.of(self._records):
            for org in ids_in(entry.tags, "org"):
                position = self._records[entry.record]
                self.touched[org] = max(self.touched.get(org, 0), position)


def _named_by(fact: Fact) -> set[UUID]:
    """Return whom a fact names, or the one that it puts in another's place; a list names nobody."""
    named = {i for field, kind, i in fact.names() if kind in _NAMED and field != "enterprises"}
    if isinstance(fact, FactCorrected) and fact.replacement:
        named |= _named_by(fact.replacement.fact)
    return named


def _name(cursor: Cursor[DictRow], naming: Iterable[tuple[UUID, UUID]]) -> None:
    wanted = sorted(naming)
    cursor.execute(
        "INSERT INTO docket_naming SELECT * FROM unnest(%s::uuid[], %s::uuid[])"
        " ON CONFLICT DO NOTHING",
        [[named for named, _ in wanted], [docket for _, docket in wanted]],
    )


def _touch(cursor: Cursor[DictRow], touched: Mapping[UUID, int]) -> None:
    cursor.execute(
        "INSERT INTO docket (id, touched) SELECT * FROM unnest(%s::uuid[], %s::bigint[])"
        " ON CONFLICT (id) DO UPDATE SET touched = greatest(docket.touched, excluded.touched)",
        [sorted(touched), [touched[each] for each in sorted(touched)]],
    )


def _describe(
    cursor: Cursor[DictRow], described: Mapping[UUID, tuple[str | None, UUID | None]]
) -> None:
    for ident, (kind, parent) in described.items():
        cursor.execute(
            "UPDATE docket SET kind = coalesce(%s, kind), parent = coalesce(%s, parent)"
            " WHERE id = %s",
            [kind, parent, ident],
        )


def _touch_where_named(cursor: Cursor[DictRow], named: Mapping[UUID, int]) -> None:
    cursor.execute(
        """
        UPDATE docket SET
            touched = CASE WHEN found.few THEN greatest(touched, found.position) ELSE touched END,
            swept = CASE WHEN found.few THEN swept ELSE greatest(swept, found.position) END
        FROM (
            SELECT docket, max(position) AS position, bool_or(few) AS few FROM (
                SELECT n.docket, w.position, count(*) OVER (PARTITION BY w.named) <= %s AS few
                FROM unnest(%s::uuid[], %s::bigint[]) AS w (named, position)
                JOIN docket_naming AS n USING (named)
            ) AS every GROUP BY docket
        ) AS found
        WHERE docket.id = found.docket
        """,
        [_FEW, sorted(named), [named[each] for each in sorted(named)]],
    )


def _sweep(cursor: Cursor[DictRow], bodies: Mapping[UUID, int]) -> None:
    """Sweep the dockets that name a body, or one below it: what it stands under may be another."""
    cursor.execute(
        """
        WITH RECURSIVE changed (id, position) AS (
            SELECT id, w.position FROM unnest(%s::uuid[], %s::bigint[]) AS w (id, position)
            JOIN docket USING (id) WHERE kind IS DISTINCT FROM 'enterprise'
            UNION
            SELECT d.id, changed.position FROM docket AS d JOIN changed ON d.parent = changed.id
        )
        UPDATE docket SET swept = greatest(docket.swept, found.position)
        FROM (
            SELECT docket, max(position) AS position FROM (
                SELECT n.docket, c.position FROM changed AS c JOIN docket_naming AS n
                    ON n.named = c.id
                UNION ALL
                SELECT id, position FROM changed
            ) AS every GROUP BY docket
        ) AS found
        WHERE docket.id = found.docket
        """,
        [sorted(bodies), [bodies[each] for each in sorted(bodies)]],
    )

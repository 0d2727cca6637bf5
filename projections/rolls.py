"""What the rolls 名册 are taken from: kept ready, so that a month's deadline is not a night's work.

For each organisation how many facts are about it, with the chain of their hashes; for each report
what was filed and by what it took effect; every holding of a post; every signing key. Who owes
which month stands in the read model of reports.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from time import sleep
from typing import TYPE_CHECKING, Any

import orjson
from psycopg import errors
from psycopg.rows import tuple_row

from domain.errors import Unavailable
from domain.fact import leaf_hash
from domain.moment import late
from domain.monthly_report import ReportFiled
from domain.people import PostKind
from domain.proof.roll import Roll, RollEntry
from domain.proof.taken import EMPTY_CHAIN, KEYS, POSTS, REPORTS, chain
from domain.record import facts_of, moment_of
from domain.roll import CLOSES, deadline_of
from domain.signing import SignatureMade
from projections.folding import LedgerFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.fact import Entry
    from domain.ledger import Ledger, RawEntry

_TRIES, _PAUSE = 600, 0.1
"""How often, and after how many seconds, to look again until the read models are at one point."""
_ROLES = (PostKind.DEPUTY, PostKind.PRINCIPAL)
"""The posts whose holders sign a zero report (3.2c)."""
_POST_TOPICS = ("post.created", "post.abolished", "appointment.made", "appointment.ended")
_KEY_TOPICS = ("key.registered", "key.revoked")


class RollBook:
    """Keeps what the rolls are taken from."""

    name = "roll"
    version = 1
    topics: frozenset[str] | None = None
    tables: Mapping[str, str] = {
        "roll_chain": """
            CREATE TABLE roll_chain (
                org uuid PRIMARY KEY,
                facts bigint NOT NULL,
                chain bytea NOT NULL
            )
        """,
        "roll_filing": """
            CREATE TABLE roll_filing (
                report uuid NOT NULL,
                position bigint PRIMARY KEY,
                enterprise uuid NOT NULL,
                month text COLLATE "C" NOT NULL,
                arrived timestamptz NOT NULL,
                document bytea NOT NULL,
                effected timestamptz,
                effect bytea
            );
            CREATE INDEX ON roll_filing (month, enterprise);
            CREATE INDEX ON roll_filing (report)
        """,
        "roll_post": """
            CREATE TABLE roll_post (post uuid PRIMARY KEY, org uuid NOT NULL, kind text NOT NULL)
        """,
        "roll_holding": """
            CREATE TABLE roll_holding (
                post uuid NOT NULL,
                person uuid NOT NULL,
                since bigint NOT NULL,
                until bigint,
                PRIMARY KEY (post, since)
            )
        """,
        "roll_key": """
            CREATE TABLE roll_key (
                record uuid PRIMARY KEY,
                key text NOT NULL UNIQUE,
                person uuid NOT NULL,
                since bigint NOT NULL,
                until bigint
            )
        """,
    }

    def __init__(self, schema: str) -> None:
        """Take the ledger's PostgreSQL schema, where a report's facts are read."""
        self._schema = schema

    def apply(self, cursor: Cursor[DictRow], entries: Sequence[RawEntry]) -> None:
        """Take the facts into account."""
        hashes: dict[str, list[bytes]] = defaultdict(list)
        reports: set[str] = set()
        for raw in entries:
            for tag in orjson.loads(raw.leaf)["tags"]:
                if tag.startswith("org:"):
                    hashes[tag[4:]].append(leaf_hash(raw.leaf))
                elif tag.startswith("report:"):
                    reports.add(tag)
            if raw.topic in _POST_TOPICS:
                _hold(cursor, raw)
            elif raw.topic in _KEY_TOPICS:
                _key(cursor, raw)
        _lengthen(cursor, hashes)
        if reports:
            self._file(cursor, reports, LedgerFacts(cursor, self._schema, entries))

    def _file(self, cursor: Cursor[DictRow], reports: set[str], facts: LedgerFacts) -> None:
        """Make the filings of these reports anew: a signature may have given one effect."""
        of_report: dict[str, list[Entry]] = defaultdict(list)
        for entry in facts.tagged(reports):
            for tag in reports.intersection(entry.tags):
                of_report[tag].append(entry)
        ids = [tag.partition(":")[2] for tag in reports]
        rows = [row for tag, found in of_report.items() for row in filings(tag[7:], found)]
        cursor.execute("DELETE FROM roll_filing WHERE report = ANY(%s::uuid[])", [ids])
        with cursor.connection.cursor() as writer:
            writer.executemany("INSERT INTO roll_filing VALUES (%s,%s,%s,%s,%s,%s,%s,%s)", rows)


def filings(report: str, entries: list[Entry]) -> Iterator[tuple[Any, ...]]:
    """Yield every filing of a report, with the signature by which the second post had signed."""
    for entry, fact in facts_of(entries, ReportFiled):
        signed: dict[PostKind, Entry] = {}
        for signature, made in facts_of(entries, SignatureMade):
            if made.document == entry.position:
                signed.setdefault(made.role, signature)
        both = [signed[role] for role in _ROLES if role in signed]
        effect = max(both, key=lambda each: each.position) if len(both) == len(_ROLES) else None
        yield (
            report,
            entry.position,
            fact.enterprise,
            fact.month,
            moment_of(entry),
            entry.hash,
            moment_of(effect) if effect else None,
            effect.hash if effect else None,
        )


def _lengthen(cursor: Cursor[DictRow], hashes: Mapping[str, list[bytes]]) -> None:
    query = "SELECT org::text, facts, chain FROM roll_chain WHERE org = ANY(%s::uuid[])"
    with cursor.connection.cursor(row_factory=tuple_row) as reader:
        known = {
            org: (facts, bytes(before))
            for org, facts, before in reader.execute(query, [list(hashes)])
        }
    rows = []
    for org, found in hashes.items():
        facts, before = known.get(org, (0, EMPTY_CHAIN))
        rows.append((org, facts + len(found), chain(found, before)))
    cursor.execute(
        """
        INSERT INTO roll_chain
        SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[])
        ON CONFLICT (org) DO UPDATE SET facts = excluded.facts, chain = excluded.chain
        """,
        [[row[n] for row in rows] for n in range(3)],
    )


def _hold(cursor: Cursor[DictRow], raw: RawEntry) -> None:
    data = raw.body["data"]
    if raw.topic == "post.created":
        values = [raw.record, data["organisation"], data["kind"]]
        cursor.execute("INSERT INTO roll_post VALUES (%s, %s, %s)", values)
    elif raw.topic == "appointment.made":
        values = [raw.record, data["person"], raw.position]
        cursor.execute("INSERT INTO roll_holding VALUES (%s, %s, %s)", values)
    else:  # relieved, or the whole post abolished
        cursor.execute(
            """
            UPDATE roll_holding SET until = %s
            WHERE post = %s AND until IS NULL AND person = coalesce(%s, person)
            """,
            [raw.position, raw.record, data.get("person")],
        )


def _key(cursor: Cursor[DictRow], raw: RawEntry) -> None:
    data = raw.body["data"]
    ended = data["key"] if raw.topic == "key.revoked" else data.get("replaces")
    cursor.execute(
        "UPDATE roll_key SET until = %s WHERE key = %s AND until IS NULL", [raw.position, ended]
    )
    if raw.topic == "key.registered":
        key = raw.entry.fact.key.id  # type: ignore[attr-defined]
        values = [raw.record, key, data["person"], raw.position]
        cursor.execute("INSERT INTO roll_key VALUES (%s, %s, %s, %s)", values)


# Taking them.


@dataclass(frozen=True, slots=True)
class Composed:
    """The rolls of a month as the ledger stood at ``upto``, by kind."""

    upto: int
    rolls: dict[str, Roll]


def compose(ledger: Ledger, month: str, *, upto: int | None = None) -> Composed:
    """Return the rolls of a month, from read models that reflect one and the same point.

    That is never one from before the month closed: nothing that was recorded by then is left out.

    Args:
        ledger: whose.
        month: as ``2024-05``.
        upto: the last position that they must reflect; any one at which they meet, if None.

    Raises:
        Unavailable: the read models do not come to one point, or not to the one asked for.
    """
    closed = ledger.position_at(deadline_of(month) + CLOSES)
    for _ in range(_TRIES):
        try:
            with ledger.views() as cursor:
                at = _positions(cursor)
                met = len(at) == 1 and upto in (None, *at) and min(at) >= closed
                rows = _read(cursor, month) if met else None
        except errors.UndefinedTable:
            rows = None  # being made
        if rows is not None:  # the transaction is over: a city's rolls take seconds to put together
            return Composed(at.pop(), _compose(rows, month))
        sleep(_PAUSE)
    raise Unavailable(
        "名册所依据的读模型尚未同步",
        "the read models that the rolls are taken from are not at one point",
        todo_zh="请稍候再试；若一直如此，请运行 daocha doctor",
        todo_en="try again in a moment; if this stays so, run daocha doctor",
    )


def _positions(cursor: Cursor[DictRow]) -> set[int]:
    """Return where the two read models are."""
    query = """
        SELECT coalesce(max(t.notification_id), 0) AS position
        FROM build AS b LEFT JOIN tracking AS t ON t.application_name = b.name || '/' || b.side
        WHERE b.live AND b.name IN ('roll', 'report') GROUP BY b.name
    """
    rows = cursor.execute(query).fetchall()
    return {row["position"] for row in rows} if len(rows) > 1 else set()


_OWED = """
    SELECT DISTINCT o.enterprise::text, c.facts, c.chain
    FROM report_owed AS o JOIN roll_chain AS c ON c.org = o.enterprise
    WHERE o.since <= %(month)s AND (o.until IS NULL OR o.until >= %(month)s)
"""
_FILED = """
    SELECT enterprise::text, arrived, document, effected, effect
    FROM roll_filing WHERE month = %(month)s ORDER BY position
"""
_POSTS = "SELECT post::text, org::text, kind FROM roll_post"
_HELD = "SELECT post::text, person::text, since, until FROM roll_holding ORDER BY since"
_KEYS = "SELECT record::text, key, person::text, since, until FROM roll_key"
_Rows = list[tuple[Any, ...]]


def _read(cursor: Cursor[DictRow], month: str) -> list[_Rows]:
    queries = (_OWED, _FILED, _POSTS, _HELD, _KEYS)
    with cursor.connection.cursor(row_factory=tuple_row) as reader:
        return [reader.execute(query, {"month": month}).fetchall() for query in queries]


def _compose(rows: list[_Rows], month: str) -> dict[str, Roll]:
    owed, filed, posts, held, keys = rows
    return {
        REPORTS: Roll(_who_owed(owed, filed, month)),
        POSTS: Roll(_who_held(posts, held)),
        KEYS: Roll(_whose_keys(keys)),
    }


def _who_owed(owed: _Rows, filings: _Rows, month: str) -> Iterator[RollEntry]:
    filed: dict[str, list[dict[str, str]]] = defaultdict(list)
    due = deadline_of(month)
    for enterprise, *filing in filings:
        filed[enterprise] += in_time(filing, due)
    for enterprise, facts, chained in owed:
        content = {"chain": chained.hex(), "count": facts, "filed": filed.get(enterprise, [])}
        yield RollEntry.model_construct(id=enterprise, content=content)


def in_time(filing: Sequence[Any], due: datetime) -> Iterator[dict[str, str]]:
    """Yield what a roll says of a filing, if it had arrived by then.

    Args:
        filing: when it arrived, its leaf hash; when both posts had signed and by which leaf.
        due: the deadline.
    """
    arrived, document, effected, effect = filing
    if not late(arrived, due):
        both = {"effect": effect.hex()} if effect and not late(effected, due) else {}
        yield {"document": document.hex(), **both}


def _who_held(posts: _Rows, holdings: _Rows) -> Iterator[RollEntry]:
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for post, person, since, until in holdings:
        held[post].append({"person": person, **_span(since, until)})
    for post, org, kind in posts:
        content = {"held": held.get(post, []), "kind": kind, "organisation": org}
        yield RollEntry.model_construct(id=post, content=content)


def _whose_keys(keys: _Rows) -> Iterator[RollEntry]:
    for record, key, person, since, until in keys:
        content = {"key": key, "person": person, **_span(since, until)}
        yield RollEntry.model_construct(id=record, content=content)


def _span(since: int, until: int | None) -> dict[str, int]:
    return {"since": since} if until is None else {"since": since, "until": until}

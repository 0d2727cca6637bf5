"""Who is charged with which enterprise 职责关系: for lists, and for the figures of a body's charge.

Lists show only what one may see: the condition stands in the question itself, so that neither the
length of a page nor its cursor tells of what is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as replace_in
from typing import TYPE_CHECKING, Any

from domain.charge import CHARGING, Charge, charges
from domain.moment import format_moment, start
from domain.organisation import OrgKind
from projections.folding import (
    ALL_TIME,
    Folded,
    LedgerFacts,
    Row,
    bearing_table,
    changed_table,
    in_order,
    replace,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.charge import Held
    from projections.views import Views


class Charges(Folded):
    """One row a charge: of an enterprise, to an organisation, a post or a person."""

    name = "charge"
    noun = "org"
    version = 2
    topics: frozenset[str] | None = frozenset(CHARGING)
    tables: Mapping[str, str] = {
        "charge": """
            CREATE TABLE charge (
                enterprise uuid NOT NULL,
                charge text NOT NULL,
                holder uuid NOT NULL,
                since timestamptz NOT NULL,
                until timestamptz
            );
            CREATE INDEX ON charge (enterprise);
            CREATE INDEX ON charge (holder, charge)
        """,
        "charge_changed": changed_table("charge"),
        "charge_bearing": bearing_table("charge"),
    }

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows of these enterprises anew."""
        rows: list[Row] = []
        for each in sorted(ids):
            tags = list(tags_of("org", {each}))
            entries = in_order(facts.tagged(tags), self.bearing_on(cursor, facts, tags))
            wanted = [entry for entry in entries if entry.topic in CHARGING]
            rows += [_row(each, held) for held in charges(each, wanted, ALL_TIME)]
        replace(cursor, "charge", "enterprise", ids, rows)
        cursor.execute("UPDATE charge_changed SET n = n + 1")


def _row(enterprise: UUID, held: Held) -> Row:
    return {
        "enterprise": str(enterprise),
        "charge": held.charge.value,
        "holder": str(held.holder),
        "since": format_moment(start(held.since)),
        "until": None if held.until is None else format_moment(start(held.until)),
    }


@dataclass(frozen=True, slots=True)
class Sees:
    """The organisations that somebody may see; ``everything``: every enterprise there is."""

    enterprises: tuple[UUID, ...]
    everything: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose list it is: the person, their posts and organisations, and the moment.

    ``leading`` are the organisations in which they hold a post that answers for all of it; ``sees``
    what that comes to, where it was asked for: see :func:`resolved`.
    """

    person: UUID | None
    posts: tuple[UUID, ...]
    organisations: tuple[UUID, ...]
    leading: tuple[UUID, ...]
    moment: datetime
    sees: Sees | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What the conditions compare with."""
        return {
            "scope_person": self.person,
            "scope_posts": list(self.posts),
            "scope_own": list(self.organisations),
            "scope_leading": list(self.leading),
            "scope_now": self.moment,
            "scope_sees": list(self.sees.enterprises) if self.sees else [],
        }


IN_SCOPE = """IN (
    WITH RECURSIVE reach (id) AS (
        SELECT unnest(%(scope_leading)s::uuid[])
        UNION
        SELECT o.id FROM {views}.organisation AS o JOIN reach ON o.parent = reach.id
        WHERE o.kind <> 'enterprise'
    )
    SELECT unnest(%(scope_own)s::uuid[])
    UNION
    SELECT o.id FROM {views}.organisation AS o JOIN reach ON o.parent = reach.id
    WHERE o.kind = 'enterprise'
    UNION
    SELECT c.enterprise FROM {views}.charge AS c
    WHERE c.since <= %(scope_now)s AND (c.until IS NULL OR c.until > %(scope_now)s) AND (
        (c.charge = 'supervises' AND c.holder IN (SELECT id FROM reach))
        OR (c.charge = 'named' AND c.holder = ANY(%(scope_posts)s::uuid[]))
        OR (c.charge = 'listed' AND c.holder = ANY(%(scope_leading)s::uuid[]))
        OR (c.charge IN ('panel', 'review') AND c.holder = %(scope_person)s::uuid)
    )
)"""
"""That an enterprise is one which the scope's person may see: what :func:`domain.permissions.may`
says of one, said of all at once."""


def within(column: str, scope: Scope | None) -> tuple[list[str], dict[str, Any]]:
    """Return the condition that an enterprise is in a scope, and what it compares with.

    Args:
        column: holds the enterprise's id.
        scope: whose list it is; None for the owner of the machine, who sees all.
    """
    if scope is None:
        return [], {}
    if scope.sees is None:
        return [f"{column} {IN_SCOPE}"], scope.values
    if scope.sees.everything:
        return [f"({column} = ANY(%(scope_own)s::uuid[]) OR {column} {_NO_BODY})"], scope.values
    return [f"{column} = ANY(%(scope_sees)s::uuid[])"], scope.values


_NO_BODY = "NOT IN (SELECT id FROM {views}.organisation WHERE kind <> 'enterprise')"


def resolved(views: Views, scope: Scope) -> Scope:
    """Return a scope with what it comes to: found once, and again when a charge has changed.

    Asked within each question, a county's eight thousand enterprises would be found each time.
    """
    who = (scope.person, scope.posts, scope.organisations, scope.leading)
    (changed,) = views.rows(
        "SELECT c.n AS charges, o.n AS organisations FROM {view} AS c, {views}.organisation_changed"
        " AS o WHERE {chosen}",
        view="charge_changed",
        chosen=[],
        values={},
    )
    now = (changed["charges"], changed["organisations"], scope.moment.date())
    found = views.kept.get(who)
    if found is None or found[0] != now:
        found = (now, _sees(views, scope))
        if len(views.kept) >= _MOST_KEPT:
            views.kept.clear()
        views.kept[who] = found
    return replace_in(scope, sees=found[1])


_MOST_KEPT = 500
"""Of so many people it is remembered what they see."""


def _sees(views: Views, scope: Scope) -> Sees:
    reach = views.rows(
        """
        WITH RECURSIVE reach (id) AS (
            SELECT unnest(%(scope_leading)s::uuid[])
            UNION
            SELECT o.id FROM {view} AS o JOIN reach ON o.parent = reach.id
            WHERE o.kind <> 'enterprise'
        )
        SELECT id FROM reach WHERE {chosen}
        """,
        view="organisation",
        chosen=[],
        values=scope.values,
    )
    rows = views.rows(
        _SEES,
        view="organisation",
        chosen=["kind = 'enterprise'", "parent = ANY(%(reach)s)"],
        values={**scope.values, "reach": [row["id"] for row in reach]},
    )
    seen = {row["id"] for row in rows}
    (total,) = views.rows(
        "SELECT count(*) AS n FROM {view} WHERE {chosen}",
        view="organisation",
        chosen=["kind = 'enterprise'"],
        values={},
    )
    everything = len(seen - set(scope.organisations)) >= total["n"] > 0
    return Sees(() if everything else tuple(seen), everything)


_SEES = """
    SELECT unnest(%(scope_own)s::uuid[]) AS id
    UNION SELECT id FROM {view} WHERE {chosen}
    UNION SELECT enterprise FROM {views}.charge
    WHERE since <= %(scope_now)s AND (until IS NULL OR until > %(scope_now)s) AND (
        (charge = 'supervises' AND holder = ANY(%(reach)s))
        OR (charge = 'named' AND holder = ANY(%(scope_posts)s::uuid[]))
        OR (charge = 'listed' AND holder = ANY(%(scope_leading)s::uuid[]))
        OR (charge IN ('panel', 'review') AND holder = %(scope_person)s::uuid)
    )
"""


def bodies_below(views: Views, body: UUID) -> list[UUID]:
    """Return a body and every government, zone and department below it, as they are now."""
    rows = views.rows(
        """
        WITH RECURSIVE below AS (
            SELECT id FROM {view} WHERE id = %(body)s
            UNION
            SELECT o.id FROM {view} AS o JOIN below AS b ON o.parent = b.id
            WHERE {chosen}
        )
        SELECT id FROM below ORDER BY id
        """,
        view="organisation",
        chosen=["o.kind <> %(enterprise)s"],
        values={"body": body, "enterprise": OrgKind.ENTERPRISE.value},
    )
    return [row["id"] for row in rows]


def ever_in_charge_of(views: Views, bodies: list[UUID]) -> list[UUID]:
    """Return the enterprises that lie below one of some bodies, or that one ever supervised."""
    rows = views.rows(
        """
        SELECT id FROM {view} WHERE {chosen}
        UNION
        SELECT enterprise FROM {views}.charge
        WHERE charge = %(supervises)s AND holder = ANY(%(bodies)s)
        ORDER BY 1
        """,
        view="organisation",
        chosen=["parent = ANY(%(bodies)s)", "kind = %(enterprise)s"],
        values={
            "bodies": bodies,
            "enterprise": OrgKind.ENTERPRISE.value,
            "supervises": Charge.SUPERVISES.value,
        },
    )
    return [row["id"] for row in rows]


def supervised_by_year(views: Views, department: UUID, now: datetime) -> list[UUID]:
    """Return enterprises of which, in each year since the first, a department supervised one.

    As few as can be told at once: in each year the one that it has supervised for longest.
    """
    rows = views.rows(
        """
        SELECT DISTINCT ON (year) year, enterprise FROM (
            SELECT enterprise, since, generate_series(
                extract(year FROM since AT TIME ZONE 'Asia/Shanghai')::int,
                extract(year FROM least(coalesce(until, %(now)s), %(now)s)
                    AT TIME ZONE 'Asia/Shanghai')::int
            ) AS year
            FROM {view} WHERE {chosen}
        ) AS supervised ORDER BY year, since, enterprise
        """,
        view="charge",
        chosen=["holder = %(holder)s", "charge = %(supervises)s"],
        values={"holder": department, "supervises": Charge.SUPERVISES.value, "now": now},
    )
    return list(dict.fromkeys(row["enterprise"] for row in rows))

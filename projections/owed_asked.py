"""Questions to the rows of duties: what somebody owes or is owed at this moment.

Each question reads its own part of an index and stops at the page's end, so that it takes as long
for a hundred thousand enterprises as for ten. Figures stop counting where nobody would read on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from projections.charges import within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.people import PostKind
    from projections.charges import Scope
    from projections.views import Views

FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for the deadline of what has none, where lists go on from it."""
MOST = 1000
"""Figures go no further: more is told as more."""
_STATE = """
    CASE WHEN d.settled IS NOT NULL THEN d.state
        WHEN d.breaks <= %(now)s THEN 'broken' ELSE 'open' END
"""
_COLUMNS = f"""
    d.docket, d.id, d.clause, d.rule, d.subject, d.detail, d.label,
    d.bearer_org, d.bearer_kind, d.bearer_post, d.persons, d.owed_to, d.opened,
    nullif(d.due, 'infinity') AS due, nullif(d.shows, '-infinity') AS shows,
    {_STATE} AS state, d.settled, d.done, d.fact, d.facts, d.note_zh, d.note_en, d.setting,
    d.imported, least(d.due, %(far)s) AS sorted
"""


class Part(StrEnum):
    """Which duties of somebody's."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    COMING = "coming"
    OPEN = "open"


_PARTS = {
    Part.OVERDUE: "d.settled IS NULL AND d.breaks <= %(now)s",
    Part.SOON: "d.settled IS NULL AND d.shows <= %(now)s AND d.breaks > %(now)s"
    " AND d.due <= %(soon)s",
    Part.LATER: "d.settled IS NULL AND d.shows <= %(now)s AND d.breaks > %(now)s"
    " AND d.due > %(soon)s",
    Part.COMING: "d.settled IS NULL AND d.shows > %(now)s",
    Part.OPEN: "d.settled IS NULL AND d.shows <= %(now)s",
}


@dataclass(frozen=True, slots=True)
class Bearers:
    """Whose duties: those of some posts, kinds of post, persons, or of whole organisations.

    Args:
        posts: posts by their ids.
        kinds: what an organisation's posts of a kind bear, where no post is named.
        persons: who bear something in person.
        organisations: everything that these bear, whichever post.
        counterparts: everything that is owed to these.
        everybody: all there is.
    """

    posts: tuple[UUID, ...] = ()
    kinds: tuple[tuple[UUID, PostKind], ...] = ()
    persons: tuple[UUID, ...] = ()
    organisations: tuple[UUID, ...] = ()
    counterparts: tuple[UUID, ...] = ()
    everybody: bool = False

    def branches(self) -> Iterable[tuple[str, str]]:
        """Yield for each way of bearing where the values come from, and how they are compared."""
        if self.posts:
            yield "unnest(%(posts)s::uuid[]) AS w (post)", "d.bearer_post = w.post"
        if self.kinds:
            yield (
                "unnest(%(kind_orgs)s::uuid[], %(kinds)s::text[]) AS w (org, kind)",
                "d.bearer_org = w.org AND d.bearer_kind = w.kind AND d.bearer_post IS NULL",
            )
        if self.persons:
            yield "(SELECT 1) AS w", "d.persons && %(persons)s::uuid[] AND d.persons <> '{{}}'"
        if self.organisations:
            yield "unnest(%(organisations)s::uuid[]) AS w (org)", "d.bearer_org = w.org"
        if self.counterparts:
            yield "unnest(%(counterparts)s::uuid[]) AS w (org)", "d.owed_to = w.org"
        if self.everybody:
            yield "(SELECT 1) AS w", "true"

    @property
    def values(self) -> dict[str, Any]:
        """What the branches compare with."""
        return {
            "posts": list(self.posts),
            "kind_orgs": [org for org, _ in self.kinds],
            "kinds": [kind.value for _, kind in self.kinds],
            "persons": list(self.persons),
            "organisations": list(self.organisations),
            "counterparts": list(self.counterparts),
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about duties.

    Args:
        whose: who bears them, or to whom they are owed.
        now: the moment, aware.
        soon: how long before its deadline a duty is due soon.
        clause: only those of one clause.
        docket: only those about one organisation.
        scope: who asks, where they may not see all of it.
        body: what is at home with it is told besides what is in scope.
    """

    whose: Bearers
    now: datetime
    soon: timedelta = field(default=timedelta(days=7))
    clause: str | None = None
    docket: UUID | None = None
    scope: Scope | None = None
    body: UUID | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What the conditions compare with."""
        return {
            **self.whose.values,
            **within("d.docket", self.scope)[1],
            "now": self.now,
            "soon": self.now + self.soon,
            "far": FAR,
            "clause": self.clause,
            "docket": self.docket,
            "body": self.body,
        }

    @property
    def chosen(self) -> list[str]:
        """The conditions that do not depend on whose they are."""
        wanted = {
            "d.clause = %(clause)s": self.clause is not None,
            "d.docket = %(docket)s": self.docket is not None,
        }
        own, _ = within("d.docket", self.scope)
        if self.body:
            own = [f"(d.docket = %(body)s OR {each})" for each in own]
        return [*(each for each, holds in wanted.items() if holds), *own]


def list_owed(
    views: Views,
    asked: Asked,
    part: Part,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
    between: tuple[datetime, datetime] | None = None,
) -> list[dict[str, Any]]:
    """Return duties that are not settled, soonest due first.

    Args:
        views: where to read.
        asked: whose, and when.
        part: which of them.
        limit: how many at most.
        after: ``sorted`` and ``id`` of the last one already seen.
        between: only those that fall due after the one moment, and by the other.
    """
    due, last = after or (None, None)
    since, until = between or (None, None)
    beyond = ["(d.due, d.id) > (%(after_due)s, %(after_id)s)"] if after else []
    if between:
        beyond.append("d.due > %(due_since)s AND d.due <= %(due_until)s")
    return _each_branch(
        views,
        asked,
        [_PARTS[part], *beyond],
        "d.due, d.id",
        "sorted, id",
        {
            "after_due": due,
            "after_id": last,
            "limit": limit,
            "due_since": since,
            "due_until": until,
        },
    )


def list_settled(
    views: Views,
    asked: Asked,
    since: datetime,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> list[dict[str, Any]]:
    """Return duties that were kept, late or not, or excused since a moment, the latest first.

    Args:
        views: where to read.
        asked: whose, and when.
        since: the moment.
        limit: how many at most.
        after: ``settled`` and ``id`` of the last one already seen.
    """
    at, last = after or (None, None)
    chosen = ["d.settled IS NOT NULL AND d.settled >= %(since)s AND d.settled <= %(now)s"]
    if after:
        chosen.append("(d.settled, d.id) < (%(after_at)s, %(after_id)s)")
    return _each_branch(
        views,
        asked,
        chosen,
        "d.settled DESC, d.id DESC",
        "settled DESC, id DESC",
        {"since": since, "after_at": at, "after_id": last, "limit": limit},
    )


def count_owed(views: Views, asked: Asked) -> dict[Part, int]:
    """Return how many duties are overdue, due soon and open otherwise; at most :data:`MOST`."""
    counted = {}
    for part in (Part.OVERDUE, Part.SOON, Part.LATER):
        branches = " UNION ALL ".join(
            f"(SELECT d.docket, d.id FROM {source} JOIN {{view}} AS d ON {compared}"  # noqa: S608 - our own words
            f" WHERE {_PARTS[part]} AND {{chosen}} LIMIT %(most)s)"
            for source, compared in asked.whose.branches()
        )
        if not branches:
            return dict.fromkeys((Part.OVERDUE, Part.SOON, Part.LATER), 0)
        rows = views.rows(
            f"SELECT count(DISTINCT (docket, id)) AS number FROM ({branches}) AS every",  # noqa: S608
            view="duty",
            chosen=asked.chosen,
            values={**asked.values, "most": MOST},
        )
        counted[part] = min(rows[0]["number"], MOST)
    return counted


def count_by_clause(views: Views, asked: Asked, *, most: int = 50_000) -> list[dict[str, Any]]:
    """Return by clause how many duties are open, and how many of them overdue.

    Args:
        views: where to read.
        asked: whose, and when.
        most: how many duties are counted at most in each way of bearing.
    """
    branches = " UNION ".join(
        f"(SELECT d.docket, d.id, d.clause, d.breaks FROM {source} JOIN {{view}} AS d ON {compared}"  # noqa: S608
        f" WHERE {_PARTS[Part.OPEN]} AND {{chosen}} LIMIT %(most)s)"
        for source, compared in asked.whose.branches()
    )
    if not branches:
        return []
    return views.rows(
        f"""
        SELECT clause, count(*) AS open, count(*) FILTER (WHERE breaks <= %(now)s) AS overdue
        FROM ({branches}) AS every GROUP BY clause ORDER BY clause
        """,  # noqa: S608 - our own words
        view="duty",
        chosen=asked.chosen,
        values={**asked.values, "most": most},
    )


def dockets_of(views: Views, asked: Asked, most: int) -> list[UUID]:
    """Return the organisations about which somebody ever owed something, as far as is on record.

    Args:
        views: where to read.
        asked: who, as ``whose``.
        most: how many at most.
    """
    branches = " UNION ".join(
        f"(SELECT DISTINCT d.docket FROM {source} JOIN {{view}} AS d ON {compared}"  # noqa: S608
        f" WHERE d.settled {settled} AND {{chosen}} LIMIT %(most)s)"
        for source, compared in asked.whose.branches()
        for settled in ("IS NULL", "IS NOT NULL")
    )
    if not branches:
        return []
    rows = views.rows(
        f"SELECT DISTINCT docket FROM ({branches}) AS every LIMIT %(most)s",  # noqa: S608
        view="duty",
        chosen=asked.chosen,
        values={**asked.values, "most": most},
    )
    return [row["docket"] for row in rows]


def duties_of(views: Views, docket: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return every duty at home with an organisation, settled or not, as it stands now."""
    return views.rows(
        f"SELECT {_COLUMNS} FROM {{view}} AS d WHERE {{chosen}} ORDER BY d.id",  # noqa: S608 - our own words
        view="duty",
        chosen=["d.docket = %(docket)s", "d.shows <= %(now)s"],
        values={"docket": docket, "now": now, "far": FAR},
    )


def vacant_principals(views: Views, bodies: Sequence[UUID], most: int = 200) -> list[UUID]:
    """Return the organisations without a principal for whom some bodies answer (1.1a)."""
    rows = views.rows(
        "SELECT docket FROM {view} WHERE {chosen} ORDER BY docket LIMIT %(most)s",
        view="duty_gap",
        chosen=[
            "answers_org = ANY(%(bodies)s)",
            "clause = '1.1a'",
            "rule = 'vacancy'",
            "id LIKE '%%/principal'",
        ],
        values={"bodies": list(bodies), "most": most},
    )
    return [row["docket"] for row in rows]


def list_gaps(
    views: Views,
    *,
    scope: Scope | None,
    limit: int,
    clause: str | None = None,
    after: tuple[datetime, str] | None = None,
) -> list[dict[str, Any]]:
    """Return the areas of duty that nobody holds now, the oldest first.

    Args:
        views: where to read.
        scope: who asks; those of bodies are told to everybody in post.
        limit: how many at most.
        clause: only those under one clause.
        after: ``began`` and ``id`` of the last one already seen.
    """
    own, compared = within("g.docket", scope)
    seen = after or (None, None)
    conditions = {
        "g.clause = %(clause)s": clause is not None,
        "(g.began, g.id) > (%(after_at)s, %(after_id)s)": after is not None,
    }
    return views.rows(
        """
        SELECT g.*, o.name FROM {view} AS g JOIN {views}.organisation AS o ON o.id = g.docket
        WHERE {chosen} ORDER BY g.began, g.id LIMIT %(limit)s
        """,
        view="duty_gap",
        chosen=[
            *(each for each, wanted in conditions.items() if wanted),
            *(f"(o.kind <> 'enterprise' OR {each})" for each in own),
        ],
        values={
            **compared,
            "clause": clause,
            "after_at": seen[0],
            "after_id": seen[1],
            "limit": limit,
        },
    )


def behind(
    views: Views,
    now: datetime,
    *,
    rules: str,
    since: int = 0,
    scope: Scope | None = None,
) -> int:
    """Return how many dockets have to be judged and are not yet, up to a hundred.

    Args:
        views: where to read.
        now: the moment for which they are to hold.
        rules: what tells the rules in force from others.
        since: only what was touched after this position, where all before is known to be judged.
        scope: only those that somebody may see.
    """
    chosen = "true"
    if since:
        chosen = """d.id IN (
            SELECT id FROM {views}.docket WHERE touched > %(since)s OR swept > %(since)s
            UNION SELECT docket FROM {views}.duty_judged WHERE again <= %(now)s
        )"""
    found = _stale(views, now, rules, [chosen], {"since": since})
    own, compared = within("d.id", scope)
    if not found or not own:
        return len(found)
    values = {**compared, "among": found}
    return len(_stale(views, now, rules, ["d.id = ANY(%(among)s)", *own], values))


def stale_among(
    views: Views, now: datetime, *, rules: str, organisations: Iterable[UUID]
) -> set[UUID]:
    """Return which of some dockets have to be judged and are not yet."""
    among = sorted(set(organisations))
    values = {"among": among}
    chosen = ["d.id = ANY(%(among)s)"]
    return set(_stale(views, now, rules, chosen, values, limit=len(among) or 1))


def _stale(
    views: Views,
    now: datetime,
    rules: str,
    chosen: Sequence[str],
    values: dict[str, Any],
    limit: int = 100,
) -> list[UUID]:
    rows = views.rows(
        """
        SELECT d.id FROM {view} AS d LEFT JOIN {views}.duty_judged AS j ON j.docket = d.id
        WHERE {chosen} AND d.kind IS NOT NULL AND (
            j.docket IS NULL OR d.touched > j.upto OR d.swept > j.upto
            OR j.again <= %(now)s OR j.rules <> %(rules)s
        ) LIMIT %(limit)s
        """,
        view="docket",
        chosen=chosen,
        values={**values, "now": now, "rules": rules, "limit": limit},
    )
    return [row["id"] for row in rows]


def set_aside(views: Views) -> list[dict[str, Any]]:
    """Return the dockets that could not be judged, with whose they are, up to when, and why."""
    return views.rows(
        """
        SELECT a.docket, o.name, a.upto, a.reason
        FROM {views}.duty_set_aside AS a LEFT JOIN {view} AS o ON o.id = a.docket
        ORDER BY a.docket LIMIT 100
        """,
        view="organisation",
        chosen=[],
        values={},
    )


def _each_branch(
    views: Views,
    asked: Asked,
    chosen: Sequence[str],
    within: str,
    order: str,
    values: dict[str, Any],
) -> list[dict[str, Any]]:
    """Ask each way of bearing for a page by its own index, and return the first of them all."""
    branches = " UNION ".join(
        f"""(SELECT found.* FROM {source} CROSS JOIN LATERAL (
            SELECT {_COLUMNS} FROM {{view}} AS d WHERE {compared} AND {{chosen}}
            ORDER BY {within} LIMIT %(limit)s
        ) AS found)"""  # noqa: S608 - our own words
        for source, compared in asked.whose.branches()
    )
    if not branches:
        return []
    return views.rows(
        f"SELECT * FROM ({branches}) AS every ORDER BY {order} LIMIT %(limit)s",  # noqa: S608
        view="duty",
        chosen=[*chosen, *asked.chosen],
        values={**asked.values, **values},
    )

"""Organisations 单位 as a list: enterprises, departments, governments, as they are called now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.case import Case
from projections.charges import within
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
    when,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.directory import Organisation
    from projections.charges import Scope
    from projections.views import Views

_ABOUT = ("organisation.registered", "organisation.changed", "organisation.closed")


class Organisations(Folded):
    """One row an organisation."""

    name = "organisation"
    noun = "org"
    version = 4
    topics: frozenset[str] | None = frozenset((*_ABOUT, "fact.corrected"))
    tables: Mapping[str, str] = {
        "organisation": """
            CREATE TABLE organisation (
                id uuid PRIMARY KEY,
                kind text NOT NULL,
                code text COLLATE "C" NOT NULL,
                name text NOT NULL,
                parent uuid,
                area text,
                industry text COLLATE "C",
                high_risk boolean NOT NULL,
                began text,
                closed text,
                imported boolean NOT NULL
            );
            CREATE INDEX ON organisation (code, id);
            CREATE INDEX ON organisation (kind, code, id);
            CREATE INDEX ON organisation (parent);
            CREATE INDEX ON organisation (parent) WHERE kind <> 'enterprise';
            CREATE INDEX ON organisation (id) WHERE kind <> 'enterprise';
            CREATE INDEX ON organisation (area);
            CREATE INDEX ON organisation (industry)
        """,
        "organisation_bearing": bearing_table("organisation"),
        "organisation_changed": changed_table("organisation"),
    }

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows anew, each from the facts of its own record."""
        corrections = self.bearing_on(cursor, facts, tags_of("org", ids))
        case = Case(next(iter(ids)), in_order(facts.of(ids), corrections), ALL_TIME)
        known = case.directory.organisations.values()
        replace(cursor, "organisation", "id", ids, [_row(org) for org in known if org.id in ids])
        cursor.execute("UPDATE organisation_changed SET n = n + 1")


def _row(org: Organisation) -> Row:
    return {
        "id": str(org.id),
        "kind": org.kind.value,
        "code": org.code,
        "name": org.name,
        "parent": str(org.parent) if org.parent else None,
        "area": org.area,
        "industry": org.industry,
        "high_risk": org.high_risk,
        "began": when(org.began),
        "closed": when(org.closed),
        "imported": org.imported,
    }


def list_organisations(
    views: Views,
    *,
    limit: int,
    kind: str | None = None,
    name: str | None = None,
    closed: bool | None = None,
    after: tuple[str, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return organisations by their code.

    Args:
        views: where to read.
        limit: how many at most.
        kind: only those of one kind, such as ``enterprise``.
        name: only those whose name or code holds these words.
        closed: only those that are, or are not, closed.
        after: code and id of the last one already seen.
        scope: whose list it is; bodies are on it for everybody in post.
    """
    own, values = within("id", scope)
    if scope and scope.posts:
        own = [f"(kind <> 'enterprise' OR {each})" for each in own]
    conditions = {
        "kind = %(kind)s": kind is not None,
        "(strpos(name, %(name)s) > 0 OR strpos(code, upper(%(name)s)) > 0)": name is not None,
        "closed IS NOT NULL": closed is True,
        "closed IS NULL": closed is False,
        "(code, id) > (%(code)s, %(last)s)": after is not None,
    }
    code, last = after or (None, None)
    return views.rows(
        "SELECT * FROM {view} WHERE {chosen} ORDER BY code, id LIMIT %(limit)s",
        view="organisation",
        chosen=[*(each for each, wanted in conditions.items() if wanted), *own],
        values={
            **values,
            "kind": kind,
            "name": name,
            "code": code,
            "last": last,
            "limit": limit,
        },
    )


def organisations_named(views: Views, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of some organisations, by their ids."""
    rows = views.rows(
        "SELECT id, name FROM {view} WHERE {chosen}",
        view="organisation",
        chosen=["id = ANY(%(ids)s)"],
        values={"ids": sorted(set(ids))},
    )
    return {row["id"]: row["name"] for row in rows}


def organisations_like(
    views: Views, text: str, limit: int, scope: Scope | None = None
) -> list[dict[str, Any]]:
    """Return organisations whose code is, or whose name holds, a text; those called so first.

    Args:
        views: where to read.
        text: code, name or a part of the name.
        limit: how many at most.
        scope: who asks; bodies are told to everybody in post.
    """
    own, values = within("id", scope)
    return views.rows(
        """
        SELECT id, code, name, kind FROM {view} WHERE {chosen}
        ORDER BY name <> %(text)s, kind = 'enterprise', length(name), code LIMIT %(limit)s
        """,
        view="organisation",
        chosen=[
            "(code = upper(%(text)s) OR strpos(name, %(text)s) > 0)",
            *(f"(kind <> 'enterprise' OR {each})" for each in own),
        ],
        values={**values, "text": text, "limit": limit},
    )

"""Accidents 事故 as a list, each with its level by the latest casualties and loss on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.case import Case
from domain.imported import AccidentRowImported
from domain.incident import CasualtiesUpdated, IncidentOccurred, accident_level
from domain.record import Record, facts_of
from projections.charges import within
from projections.folding import (
    ALL_TIME,
    Folded,
    LedgerFacts,
    Row,
    bearing_table,
    in_order,
    on,
    replace,
    tags_of,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from projections.charges import Scope
    from projections.views import Views


class Incidents(Folded):
    """One row an accident."""

    name = "incident"
    noun = "incident"
    version = 1
    topics: frozenset[str] | None = frozenset(
        (
            *("incident.occurred", "incident.casualties_updated", "incident.cause_established"),
            *("accident_row.imported", "review.opened", "fact.corrected"),
        )
    )
    tables: Mapping[str, str] = {
        "incident": """
            CREATE TABLE incident (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                number text COLLATE "C" NOT NULL,
                name text,
                category text,
                occurred text NOT NULL,
                occurred_on date NOT NULL,
                deaths integer NOT NULL,
                serious_injuries integer NOT NULL,
                loss bigint NOT NULL,
                level text NOT NULL,
                reviewed boolean NOT NULL,
                imported boolean NOT NULL
            );
            CREATE INDEX ON incident (number);
            CREATE INDEX ON incident (occurred_on DESC, id DESC);
            CREATE INDEX ON incident (enterprise, occurred_on DESC, id DESC)
        """,
        "incident_bearing": bearing_table("incident"),
    }

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows anew, each from the facts that name it."""
        tags = list(tags_of("incident", ids))
        entries = in_order(facts.tagged(tags), self.bearing_on(cursor, facts, tags))
        case = Case(next(iter(ids)), entries, ALL_TIME)
        rows = [_row(Record(tag, case.about(tag))) for tag in tags]
        replace(cursor, "incident", "id", ids, [row for row in rows if row])


def _row(record: Record) -> Row | None:
    origin = record.last("incident.occurred", "accident_row.imported")
    if origin is None:
        return None
    fact = origin.fact
    assert isinstance(fact, IncidentOccurred | AccidentRowImported)  # noqa: S101 - as chosen
    told = [fact, *(update for _, update in facts_of(record.entries, CasualtiesUpdated))]
    deaths, serious_injuries, loss = (
        next((n for each in reversed(told) if (n := getattr(each, name)) is not None), 0)
        for name in ("deaths", "serious_injuries", "loss")
    )
    occurred = fact.occurred if isinstance(fact, AccidentRowImported) else origin.happened
    return {
        "id": record.key,
        "enterprise": str(fact.enterprise),
        "number": fact.number,
        "name": fact.name if isinstance(fact, IncidentOccurred) else None,
        "category": fact.category,
        "occurred": when(occurred),
        "occurred_on": on(occurred),
        "deaths": deaths,
        "serious_injuries": serious_injuries,
        "loss": loss,
        "level": accident_level(deaths, serious_injuries, loss).value,
        "reviewed": record.first("review.opened") is not None,
        "imported": isinstance(fact, AccidentRowImported),
    }


def list_incidents(
    views: Views,
    *,
    limit: int,
    enterprise: UUID | None = None,
    number: str | None = None,
    level: str | None = None,
    after: tuple[date, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return accidents, the latest first.

    Args:
        views: where to read.
        limit: how many at most.
        enterprise: only those of one.
        number: only those of this number 事故编号; two units may use the same.
        level: only those of one level.
        after: day and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("enterprise", scope)
    conditions = {
        "enterprise = %(enterprise)s": enterprise is not None,
        "number = %(number)s": number is not None,
        "level = %(level)s": level is not None,
        "(occurred_on, id) < (%(day)s, %(last)s)": after is not None,
    }
    day, last = after or (None, None)
    return views.rows(
        """
        SELECT found.*, o.code AS enterprise_code, o.name AS enterprise_name
        FROM (
            SELECT * FROM {view} WHERE {chosen}
            ORDER BY occurred_on DESC, id DESC LIMIT %(limit)s
        ) AS found
        LEFT JOIN {views}.organisation AS o ON o.id = found.enterprise
        ORDER BY found.occurred_on DESC, found.id DESC
        """,
        view="incident",
        chosen=[*(each for each, wanted in conditions.items() if wanted), *own],
        values={
            **compared,
            "enterprise": enterprise,
            "number": number,
            "level": level,
            "day": day,
            "last": last,
            "limit": limit,
        },
    )

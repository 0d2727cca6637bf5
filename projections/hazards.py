"""Hazards 隐患 as a list: where each stands now, by when it was to be put right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from domain.case import Case
from projections.charges import within
from projections.enterprises import Chosen, restricted
from projections.folding import (
    ALL_TIME,
    Folded,
    LedgerFacts,
    Row,
    bearing_table,
    ids_in,
    in_order,
    on,
    replace,
    tags_of,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from domain.fact import Entry
    from domain.hazard import HazardRecord
    from projections.charges import Scope
    from projections.views import Views

_OF_THEMSELVES = (
    *("found", "assessed", "determined", "downgraded", "reported", "disclosed", "planned"),
    *("rectification_started", "rectified", "accepted", "closed"),
)
_OF_OTHERS = (
    *("ledger_row.imported", "fact.corrected", "order.issued", "order.extended", "order.withdrawn"),
    *("listing.made", "listing.extended", "listing.delisted"),
    *("listing.first_accepted", "listing.second_accepted"),
)


_NO_DEADLINE = date(9999, 12, 31)
"""Sorts what has no deadline after everything that has."""


class Hazards(Folded):
    """One row a hazard."""

    name = "hazard"
    noun = "hazard"
    version = 2
    topics: frozenset[str] | None = frozenset(
        (*(f"hazard.{act}" for act in _OF_THEMSELVES), *_OF_OTHERS)
    )
    tables: Mapping[str, str] = {
        "hazard": """
            CREATE TABLE hazard (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                number text COLLATE "C" NOT NULL,
                category text,
                level text,
                state text NOT NULL,
                stage text NOT NULL,
                found text NOT NULL,
                found_on date NOT NULL,
                found_by text,
                deadline date,
                due_on date NOT NULL,
                responsible uuid,
                described bigint NOT NULL,
                closed text,
                listed boolean NOT NULL,
                imported boolean NOT NULL,
                facts integer NOT NULL
            );
            CREATE INDEX ON hazard (found_on DESC, id DESC);
            CREATE INDEX ON hazard (enterprise, found_on DESC, id DESC);
            CREATE INDEX ON hazard (number);
            CREATE INDEX ON hazard (enterprise, due_on, id) WHERE closed IS NULL;
            CREATE INDEX ON hazard (due_on, id) WHERE closed IS NULL;
            CREATE INDEX ON hazard (stage, due_on, id) WHERE closed IS NULL;
            CREATE INDEX ON hazard (due_on, id) WHERE closed IS NULL AND level = 'major';
            CREATE INDEX ON hazard (found_on DESC, id DESC) WHERE level = 'major'
        """,
        "hazard_bearing": bearing_table("hazard"),
    }

    def touched(self, tags: set[str], facts: LedgerFacts) -> set[UUID]:
        """Return the hazards named, and those of the orders named: an order sets a deadline."""
        orders = list(tags_of("order", ids_in(tags, "order")))
        through_orders = {tag for entry in facts.tagged(orders) for tag in entry.tags}
        return ids_in(tags | through_orders, "hazard")

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows anew, each from its own facts and those of the orders that name it."""
        own = self._all_of("hazard", ids, facts, cursor)
        orders = ids_in({tag for entry in own for tag in entry.tags}, "order")
        entries = in_order(own, self._all_of("order", orders, facts, cursor))
        places: dict[UUID, list[Entry]] = defaultdict(list)
        for entry in entries:
            for org in ids_in(entry.tags, "org"):
                places[org].append(entry)
        cases = [Case(enterprise, about, ALL_TIME) for enterprise, about in places.items()]
        rows = [_row(case, h) for case in cases for h in case.hazards.values() if h.id in ids]
        replace(cursor, "hazard", "id", ids, rows)

    def _all_of(
        self, noun: str, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]
    ) -> list[Entry]:
        tags = list(tags_of(noun, ids))
        return in_order(facts.tagged(tags), self.bearing_on(cursor, facts, tags))


def _row(case: Case, hazard: HazardRecord) -> Row:
    found, assessed = hazard.fact("hazard.found"), hazard.fact("hazard.assessed")
    plan, deadline = hazard.plan, case.deadline(hazard)
    responsible = (plan and plan.responsible) or (assessed and assessed.organiser)
    return {
        "id": str(hazard.id),
        "enterprise": str(hazard.enterprise),
        "number": hazard.number,
        "category": found.category if found else None,
        "level": hazard.level.value if hazard.level else None,
        "state": hazard.step(ALL_TIME),
        "stage": hazard.stage(ALL_TIME).value,
        "found": when(hazard.found),
        "found_on": on(hazard.found),
        "found_by": found.found_by.value if found else None,
        "deadline": when(deadline),
        "due_on": when(deadline or _NO_DEADLINE),
        "responsible": str(responsible) if responsible else None,
        "described": hazard.origin.position if hazard.origin else 0,
        "closed": when(hazard.closed(ALL_TIME)),
        "listed": any(
            listing.terms is not None and listing.terms.hazard == hazard.id
            for listing in case.listings
        ),
        "imported": hazard.row is not None,
        "facts": len(hazard.entries),
    }


def list_hazards(  # noqa: PLR0913 - each is a filter
    views: Views,
    *,
    today: date,
    limit: int,
    enterprise: UUID | None = None,
    state: str | None = None,
    level: str | None = None,
    overdue: bool | None = None,
    after: tuple[date, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return hazards, those found last first.

    Args:
        views: where to read.
        today: the local day by which lateness is told: a deadline ends at 24:00 of its day.
        limit: how many at most.
        enterprise: only those of one.
        state: only those at one of the seven steps, or ``open`` for all that are not closed.
        level: only those of one level.
        overdue: only those that are, or are not, open past their deadline.
        after: the day and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("enterprise", scope)
    conditions = {
        "enterprise = %(enterprise)s": enterprise is not None,
        "closed IS NULL": state == "open",
        "state = %(state)s": state not in (None, "open"),
        "level = %(level)s": level is not None,
        "(closed IS NULL AND deadline < %(today)s) IS TRUE": overdue is True,
        "(closed IS NULL AND deadline < %(today)s) IS NOT TRUE": overdue is False,
        "(found_on, id) < (%(day)s, %(last)s)": after is not None,
    }
    chosen = [*(each for each, wanted in conditions.items() if wanted), *own]
    day, last = after or (None, None)
    return views.rows(
        """
        SELECT found.*, (found.closed IS NULL AND deadline < %(today)s) IS TRUE AS overdue,
            o.code AS enterprise_code, o.name AS enterprise_name
        FROM (
            SELECT * FROM {view} WHERE {chosen} ORDER BY found_on DESC, id DESC LIMIT %(limit)s
        ) AS found
        LEFT JOIN {views}.organisation AS o ON o.id = found.enterprise
        ORDER BY found.found_on DESC, found.id DESC
        """,
        view="hazard",
        chosen=chosen,
        values={
            **compared,
            "enterprise": enterprise,
            "state": state,
            "level": level,
            "today": today,
            "day": day,
            "last": last,
            "limit": limit,
        },
    )


ALL, OPEN = "all", "open"
"""Beside the stages: every hazard; every one that is not closed."""
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a hazard ledger 隐患台账 is asked for.

    Args:
        enterprises: at which enterprises.
        today: the local day by which lateness is told.
        number: only those whose number begins so.
        stage: only those that wait for one thing; ``open``: all that are not closed; ``all``.
        level: only those of one level.
        overdue: only those that are open past their deadline.
    """

    enterprises: Chosen
    today: date
    number: str = ""
    stage: str = OPEN
    level: str = ""
    overdue: bool = False

    @property
    def by_deadline(self) -> bool:
        """Whether the most urgent stand first; otherwise those found last do."""
        return self.overdue or self.stage not in (ALL, "closed")


def ledger_page(
    views: Views, asked: Asked, *, limit: int, after: tuple[date, UUID] | None = None
) -> list[dict[str, Any]]:
    """Return a page of the hazard ledger: open ones by their deadline, others the latest first.

    Args:
        views: where to read.
        asked: what for.
        limit: how many at most.
        after: ``due_on`` or ``found_on``, by which they are sorted, and id of the last one seen.
    """
    chosen, values = _conditions(views, asked)
    day, last = after or (None, None)
    order, beyond = (
        ("due_on, id", "(due_on, id) > (%(day)s, %(last)s)")
        if asked.by_deadline
        else ("found_on DESC, id DESC", "(found_on, id) < (%(day)s, %(last)s)")
    )
    return views.rows(
        f"""
        SELECT found.*, o.code AS enterprise_code, o.name AS enterprise_name,
            o.area AS enterprise_area
        FROM (
            SELECT * FROM {{view}} WHERE {{chosen}} ORDER BY {order} LIMIT %(limit)s
        ) AS found
        LEFT JOIN {{views}}.organisation AS o ON o.id = found.enterprise
        ORDER BY found.{order.replace(", id", ", found.id")}
        """,  # noqa: S608 - only our own words are put in
        view="hazard",
        chosen=[*chosen, beyond] if after else chosen,
        values={**values, "day": day, "last": last, "limit": limit},
    )


def ledger_count(views: Views, asked: Asked, *, most: int) -> int:
    """Return how many hazards a ledger holds, counted no further than ``most``."""
    chosen, values = _conditions(views, asked)
    (row,) = views.rows(
        """
        SELECT count(*) AS found
        FROM (SELECT 1 FROM {view} WHERE {chosen} LIMIT %(most)s) AS found
        """,
        view="hazard",
        chosen=chosen,
        values={**values, "most": most},
    )
    found: int = row["found"]
    return found


def _conditions(views: Views, asked: Asked) -> tuple[list[str], dict[str, Any]]:
    own, values = restricted(views, "enterprise", asked.enterprises)
    conditions = {
        "closed IS NULL": asked.overdue or asked.stage not in (ALL, "closed"),
        "stage = %(stage)s": asked.stage not in (ALL, OPEN),
        "level = %(level)s": asked.level and asked.level != "major",
        "level = 'major'": asked.level == "major",
        "due_on < %(today)s": asked.overdue,
        "number >= %(number)s AND number < %(number_end)s": asked.number,
    }
    return [*(each for each, wanted in conditions.items() if wanted), *own], {
        **values,
        "stage": asked.stage,
        "level": asked.level,
        "today": asked.today,
        "number": asked.number,
        "number_end": asked.number + _LAST_CHARACTER,
    }

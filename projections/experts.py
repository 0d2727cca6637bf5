"""Experts 专家 as lists: who is one, who is behind on their inspections, who has no arrangement.

What each enterprise owes, and by what it is met, is asked of the policy's own rule (2.1a). Years go
by without a fact, so what is owed is worked out some years ahead; a question names its day.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from domain.expert import experts_of
from domain.moment import local_day
from domain.organisation import OrgKind, supervision_id
from domain.policy.duty import Docket, judge
from domain.policy.expert_views import without_arrangement
from domain.policy.s2_1_frequency import INSPECT, TICK
from projections.charges import within
from projections.folding import (
    Folded,
    LedgerFacts,
    Row,
    bearing_table,
    ids_in,
    in_order,
    on,
    replace,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from psycopg import Cursor
    from psycopg.rows import DictRow

    from projections.charges import Scope
    from projections.views import Views

YEARS_AHEAD = 3
"""How far beyond an enterprise's last fact its inspections are worked out."""
_ABOUT_ENTERPRISES = (
    *("organisation.registered", "organisation.changed", "organisation.closed"),
    *("supervision.assigned", "supervision.ended"),
    *("supervision.transfer_accepted", "supervision.transfer_decided"),
    *("grade.awarded", "grade.withdrawn", "group.recorded", "group.ended"),
    *("expert_inspection.held", "expert_inspection.report_delivered"),
    *("arrangement.adopted", "arrangement.ended", "fact.corrected"),
)
_OF_EXPERTS = (
    *("expert.admitted", "expert.suspended", "expert.restored", "expert.left", "expert.appraised"),
    *("expert.availability_told", "expert.tied"),
)


class ExpertInspectionsOwed(Folded):
    """One row for each enterprise and deadline by which it owes inspections that are not made."""

    name = "expert_inspection_owed"
    noun = "org"
    version = 1
    topics: frozenset[str] | None = frozenset(_ABOUT_ENTERPRISES)
    tables: Mapping[str, str] = {
        "expert_inspection_owed": """
            CREATE TABLE expert_inspection_owed (
                enterprise uuid NOT NULL,
                opened_on date NOT NULL,
                due_on date NOT NULL,
                number integer NOT NULL,
                PRIMARY KEY (enterprise, opened_on, due_on)
            );
            CREATE INDEX ON expert_inspection_owed (due_on, enterprise)
        """,
        "without_arrangement": """
            CREATE TABLE without_arrangement (enterprise uuid PRIMARY KEY)
        """,
        "expert_inspection_owed_bearing": bearing_table("expert_inspection_owed"),
    }

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make anew what is said of these enterprises."""
        dockets = [
            docket
            for docket in (self._docket(each, facts, cursor) for each in ids)
            if _is_enterprise(docket)
        ]
        owed = [row for docket in dockets for row in _owed(docket)]
        without = [
            {"enterprise": str(docket.enterprise)}
            for docket in dockets
            if without_arrangement(docket)
        ]
        replace(cursor, "expert_inspection_owed", "enterprise", ids, owed)
        replace(cursor, "without_arrangement", "enterprise", ids, without)

    def _docket(self, enterprise: UUID, facts: LedgerFacts, cursor: Cursor[DictRow]) -> Docket:
        """Return an enterprise's docket, as far as this goes, some years past its last fact."""
        tags = list(tags_of("org", [enterprise]))
        about = [e for e in facts.tagged(tags) if e.topic in _ABOUT_ENTERPRISES]
        entries = in_order(
            facts.at([1]),
            facts.of([enterprise, supervision_id(enterprise)]),
            about,
            self.bearing_on(cursor, facts, tags),
        )
        latest = max(local_day(entry.recorded) for entry in entries)
        return Docket(enterprise, entries, date(latest.year + YEARS_AHEAD, 12, 31))


def _is_enterprise(docket: Docket) -> bool:
    known = docket.directory.organisations.get(docket.enterprise)
    return known is not None and known.kind is OrgKind.ENTERPRISE


def _owed(docket: Docket) -> Iterator[Row]:
    numbers: Counter[tuple[date, date]] = Counter()
    for duty in judge(docket, (INSPECT,)):
        if duty.done is None and duty.due:
            numbers[local_day(duty.opening.at), local_day(duty.due - TICK)] += 1
    for (opened, due), number in numbers.items():
        yield {
            "enterprise": str(docket.enterprise),
            "opened_on": on(opened),
            "due_on": on(due),
            "number": number,
        }


class Experts(Folded):
    """One row a person of whom anything is on record as an expert."""

    name = "expert"
    noun = "person"
    version = 1
    topics: frozenset[str] | None = frozenset((*_OF_EXPERTS, "fact.corrected"))
    tables: Mapping[str, str] = {
        "expert": "CREATE TABLE expert (id uuid PRIMARY KEY)",
        "expert_bearing": bearing_table("expert"),
    }

    def refold(self, ids: set[UUID], facts: LedgerFacts, cursor: Cursor[DictRow]) -> None:
        """Make the rows anew; those who only acted are no experts by it."""
        rows: list[Row] = [{"id": str(each)} for each in experts_of(facts.of(ids))]
        replace(cursor, "expert", "id", ids, rows)

    def touched(self, tags: set[str], facts: LedgerFacts) -> set[UUID]:  # noqa: ARG002 - as the base
        """Return the persons named."""
        return ids_in(tags, self.noun)


def list_behind(
    views: Views,
    *,
    today: date,
    limit: int,
    after: tuple[date, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return the enterprises that owe inspections by experts now, soonest due first (2.2b).

    Args:
        views: where to read.
        today: the local day by which it is told what is owed and what is overdue.
        limit: how many at most.
        after: first deadline and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("id", scope)
    due, last = after or (None, None)
    return views.rows(
        """
        SELECT * FROM (
            SELECT o.id, o.code, o.name, min(w.due_on) AS due_on,
                coalesce(sum(w.number) FILTER (WHERE w.due_on < %(today)s), 0) AS overdue,
                coalesce(sum(w.number) FILTER (WHERE w.due_on >= %(today)s), 0) AS open
            FROM {view} AS w JOIN {views}.organisation AS o ON o.id = w.enterprise
            WHERE w.opened_on <= %(today)s
            GROUP BY o.id, o.code, o.name
        ) AS behind
        WHERE {chosen}
        ORDER BY due_on, id LIMIT %(limit)s
        """,
        view="expert_inspection_owed",
        chosen=[*(["(due_on, id) > (%(due)s, %(last)s)"] if after else []), *own],
        values={**compared, "today": today, "due": due, "last": last, "limit": limit},
    )


def list_without_arrangement(
    views: Views, *, limit: int, after: tuple[str, UUID] | None = None, scope: Scope | None = None
) -> list[dict[str, Any]]:
    """Return the operating enterprises without an arrangement for outside experts (2.2d).

    Args:
        views: where to read.
        limit: how many at most.
        after: code and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("o.id", scope)
    code, last = after or (None, None)
    return views.rows(
        """
        SELECT o.id, o.code, o.name
        FROM {view} AS w JOIN {views}.organisation AS o ON o.id = w.enterprise
        WHERE {chosen}
        ORDER BY o.code, o.id LIMIT %(limit)s
        """,
        view="without_arrangement",
        chosen=[*(["(o.code, o.id) > (%(code)s, %(last)s)"] if after else []), *own],
        values={**compared, "code": code, "last": last, "limit": limit},
    )


def list_experts(views: Views) -> list[UUID]:
    """Return everybody of whom anything is on record as an expert."""
    rows = views.rows(
        "SELECT id FROM {view} WHERE {chosen} ORDER BY id", view="expert", chosen=[], values={}
    )
    return [row["id"] for row in rows]

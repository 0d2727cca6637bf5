"""Inspections 监督检查 as lists: planned, held, what is undecided, who was never inspected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.inspection import InspectionHeld, InspectionScheduled
from domain.record import facts_of
from projections.charges import within
from projections.folding import Row, bearing_table, on, when
from projections.places import OfAPlace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from uuid import UUID

    from domain.case import Case
    from projections.charges import Scope
    from projections.views import Views

_ACTS = (
    *("scheduled", "held", "finding_recorded", "finding_disposed", "record_signed"),
    "file_closed",
)


class Inspections(OfAPlace):
    """One row an inspection, planned or held."""

    name = "inspection"
    noun = "inspection"
    version = 1
    topics: frozenset[str] | None = frozenset(
        (*(f"inspection.{act}" for act in _ACTS), "fact.corrected")
    )
    tables: Mapping[str, str] = {
        "inspection": """
            CREATE TABLE inspection (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                department uuid NOT NULL,
                post uuid,
                kind text,
                planned date,
                held text,
                held_on date,
                due_on date NOT NULL,
                findings integer NOT NULL,
                undisposed integer NOT NULL,
                closed boolean NOT NULL
            );
            CREATE INDEX ON inspection (due_on DESC, id DESC);
            CREATE INDEX ON inspection (enterprise, held_on DESC);
            CREATE INDEX ON inspection (enterprise, due_on DESC, id DESC);
            CREATE INDEX ON inspection (department, planned, id) WHERE planned IS NOT NULL;
            CREATE INDEX ON inspection (due_on, id) WHERE held IS NULL
        """,
        "inspection_bearing": bearing_table("inspection"),
    }

    def rows(self, case: Case) -> Iterator[Row]:
        """Yield the row of each inspection of a case."""
        for each in case.inspections:
            planned = next(facts_of(each.entries, InspectionScheduled), None)
            held = next(facts_of(each.entries, InspectionHeld), None)
            if not planned and not held:  # what it rests on was taken back
                continue
            department = held[1].by_org if held else planned and planned[1].department
            begun = held[0].happened if held else planned and planned[1].planned
            yield {
                "id": each.key,
                "enterprise": str(case.enterprise),
                "department": str(department),
                "post": str(planned[1].post) if planned and planned[1].post else None,
                "kind": held[1].kind.value if held else None,
                "planned": planned[1].planned.isoformat() if planned else None,
                "held": when(held[0].happened) if held else None,
                "held_on": on(held[0].happened) if held else None,
                "due_on": on(begun),
                "findings": len(each.findings),
                "undisposed": len(each.undisposed),
                "closed": each.first("inspection.file_closed") is not None,
            }


def list_inspections(
    views: Views,
    *,
    today: date,
    limit: int,
    state: str | None = None,
    enterprise: UUID | None = None,
    department: UUID | None = None,
    after: tuple[date, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return inspections, the latest first: by the day they were held, or are planned for.

    Args:
        views: where to read.
        today: the local day by which it is told what was missed.
        limit: how many at most.
        state: ``planned``, ``missed``, ``held``, ``undisposed`` or ``closed``; None: all.
        enterprise: only those of one.
        department: only those by one.
        after: the day and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("enterprise", scope)
    conditions = {
        "held IS NULL": state in ("planned", "missed"),
        "planned < %(today)s": state == "missed",
        "held IS NOT NULL": state in ("held", "undisposed", "closed"),
        "undisposed > 0": state == "undisposed",
        "closed": state == "closed",
        "enterprise = %(enterprise)s": enterprise is not None,
        "department = %(department)s": department is not None,
        "(due_on, id) < (%(day)s, %(last)s)": after is not None,
    }
    return _rows(
        views,
        [*(each for each, wanted in conditions.items() if wanted), *own],
        "due_on DESC, id DESC",
        {
            **compared,
            "today": today,
            "enterprise": enterprise,
            "department": department,
            "day": after and after[0],
            "last": after and after[1],
            "limit": limit,
        },
    )


def list_schedule(
    views: Views,
    *,
    department: UUID,
    year: int,
    today: date,
    limit: int,
    after: tuple[date, UUID] | None = None,
) -> list[dict[str, Any]]:
    """Return what a department has planned for a year, by the planned day (1.2b).

    Args:
        views: where to read.
        department: whose plan.
        year: of the planned days.
        today: the local day by which it is told what was missed.
        limit: how many at most.
        after: the day and id of the last one already seen.
    """
    more = ["(planned, id) > (%(day)s, %(last)s)"] if after else []
    return _rows(
        views,
        [
            "department = %(department)s",
            "planned BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)",
            *more,
        ],
        "planned, id",
        {
            "department": department,
            "year": year,
            "today": today,
            "day": after and after[0],
            "last": after and after[1],
            "limit": limit,
        },
    )


def _rows(
    views: Views, chosen: list[str], order: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    return views.rows(
        f"""
        SELECT found.*, (held IS NULL AND planned < %(today)s) IS TRUE AS missed,
            e.code AS enterprise_code, e.name AS enterprise_name, d.name AS department_name
        FROM (
            SELECT * FROM {{view}} WHERE {{chosen}} ORDER BY {order} LIMIT %(limit)s
        ) AS found
        LEFT JOIN {{views}}.organisation AS e ON e.id = found.enterprise
        LEFT JOIN {{views}}.organisation AS d ON d.id = found.department
        ORDER BY {order.replace("id", "found.id")}
        """,  # noqa: S608 - the order is one of two written above
        view="inspection",
        chosen=chosen,
        values=values,
    )


_NEVER = """NOT EXISTS (
    SELECT FROM {views}.inspection AS i WHERE i.enterprise = o.id AND i.held_on IS NOT NULL
)"""


def list_never_inspected(
    views: Views,
    *,
    limit: int,
    after: tuple[str, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return the enterprises in operation that were never inspected, by their codes (1.2b).

    Args:
        views: where to read.
        limit: how many at most.
        after: code and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("id", scope)
    more = ["(code, id) > (%(code)s, %(last)s)"] if after else []
    code, last = after or (None, None)
    return views.rows(
        """
        SELECT id, code, name, began FROM {view} AS o WHERE {chosen}
        ORDER BY code, id LIMIT %(limit)s
        """,
        view="organisation",
        chosen=[
            "kind = 'enterprise'",
            "closed IS NULL",
            _NEVER,
            *more,
            *own,
        ],
        values={**compared, "code": code, "last": last, "limit": limit},
    )

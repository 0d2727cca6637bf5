"""Rectification orders 责令限期整改指令书 as a list: how each stands, by when it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.order import OrderState
from domain.record import moment_of
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
    *("issued", "served", "service_refused", "extended", "rechecked", "complied", "breached"),
    "withdrawn",
)


class Orders(OfAPlace):
    """One row an order."""

    name = "rectification_order"
    noun = "order"
    version = 1
    topics: frozenset[str] | None = frozenset(
        (*(f"order.{act}" for act in _ACTS), "fact.corrected")
    )
    tables: Mapping[str, str] = {
        "rectification_order": """
            CREATE TABLE rectification_order (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                by_org uuid NOT NULL,
                number text NOT NULL,
                issued text NOT NULL,
                issued_on date NOT NULL,
                items integer NOT NULL,
                open_items integer NOT NULL,
                deadline date,
                state text NOT NULL,
                defied boolean NOT NULL
            );
            CREATE INDEX ON rectification_order (issued_on DESC, id DESC);
            CREATE INDEX ON rectification_order (enterprise, issued_on DESC, id DESC);
            CREATE INDEX ON rectification_order (deadline) WHERE open_items > 0
        """,
        "rectification_order_bearing": bearing_table("rectification_order"),
    }

    def rows(self, case: Case) -> Iterator[Row]:
        """Yield the row of each order of a case."""
        for order in case.orders:
            entry, fact = order.first("order.issued"), order.issued
            if entry is not None and fact is not None:
                yield {
                    "id": order.key,
                    "enterprise": str(fact.enterprise),
                    "by_org": str(fact.by_org),
                    "number": fact.number,
                    "issued": when(moment_of(entry)),
                    "issued_on": on(moment_of(entry)),
                    "items": len(fact.items),
                    "open_items": len(order.open_items),
                    "deadline": when(order.next_deadline),
                    "state": order.state.value,
                    "defied": order.first("order.breached") is not None,
                }


def list_orders(  # noqa: PLR0913 - each is a filter
    views: Views,
    *,
    today: date,
    limit: int,
    enterprise: UUID | None = None,
    state: str | None = None,
    overdue: bool = False,
    number: str | None = None,
    after: tuple[date, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return orders, those issued last first.

    Args:
        views: where to read.
        today: the local day by which lateness is told: a deadline ends at 24:00 of its day.
        limit: how many at most.
        enterprise: only those to one.
        state: only those that stand so, or ``open`` for all that are neither met nor taken back.
        overdue: only those with an item past its deadline.
        number: only those whose number holds these words.
        after: the day and id of the last one already seen.
        scope: whose list it is; None for the owner, who sees all.
    """
    own, compared = within("enterprise", scope)
    conditions = {
        "enterprise = %(enterprise)s": enterprise is not None,
        "open_items > 0": state == "open" or overdue,
        "state = %(state)s": state in set(OrderState),
        "deadline < %(today)s": overdue,
        "strpos(number, %(number)s) > 0": number is not None,
        "(issued_on, id) < (%(day)s, %(last)s)": after is not None,
    }
    day, last = after or (None, None)
    return views.rows(
        """
        SELECT found.*, (open_items > 0 AND deadline < %(today)s) IS TRUE AS overdue,
            e.code AS enterprise_code, e.name AS enterprise_name, b.name AS by_name
        FROM (
            SELECT * FROM {view} WHERE {chosen} ORDER BY issued_on DESC, id DESC LIMIT %(limit)s
        ) AS found
        LEFT JOIN {views}.organisation AS e ON e.id = found.enterprise
        LEFT JOIN {views}.organisation AS b ON b.id = found.by_org
        ORDER BY found.issued_on DESC, found.id DESC
        """,
        view="rectification_order",
        chosen=[*(each for each, wanted in conditions.items() if wanted), *own],
        values={
            **compared,
            "enterprise": enterprise,
            "state": state,
            "today": today,
            "number": number,
            "day": day,
            "last": last,
            "limit": limit,
        },
    )

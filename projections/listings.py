"""Listed supervision 挂牌督办 as a board: how far each listing has come, and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.listing import ListingProposed, Stage
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
    *("proposed", "made", "declined", "served", "plan_made", "checked", "extended"),
    *("first_accepted", "delisting_applied", "second_accepted", "delisted"),
)
OVER = (Stage.DECLINED, Stage.DELISTED)
"""The stages after which nothing more is to be done."""


class Listings(OfAPlace):
    """One row a listing, proposed or made."""

    name = "listing"
    noun = "listing"
    version = 1
    topics: frozenset[str] | None = frozenset(
        (*(f"listing.{act}" for act in _ACTS), "fact.corrected")
    )
    tables: Mapping[str, str] = {
        "listing": """
            CREATE TABLE listing (
                id uuid PRIMARY KEY,
                enterprise uuid NOT NULL,
                hazard uuid NOT NULL,
                number text,
                began text NOT NULL,
                began_on date NOT NULL,
                proposed_by uuid,
                authority uuid,
                responsible_body uuid,
                supervising_unit uuid,
                deadline date,
                stage text NOT NULL,
                planned boolean NOT NULL,
                checks integer NOT NULL,
                ended text
            );
            CREATE INDEX ON listing (stage, began_on DESC, id DESC);
            CREATE INDEX ON listing (enterprise);
            CREATE INDEX ON listing (hazard)
        """,
        "listing_bearing": bearing_table("listing"),
    }

    def rows(self, case: Case) -> Iterator[Row]:
        """Yield the row of each listing of a case."""
        for listing in case.listings:
            terms, began = listing.terms, listing.entries[0]
            proposal = listing.first("listing.proposed")
            fact = proposal.fact if proposal else None
            proposed = fact if isinstance(fact, ListingProposed) else None
            asked = proposed.to_org if proposed else None
            ended = listing.last("listing.declined", "listing.delisted")
            yield {
                "id": listing.key,
                "enterprise": str(case.enterprise),
                "hazard": str(listing.hazard),
                "number": terms.number if terms else None,
                "began": when(moment_of(began)),
                "began_on": on(moment_of(began)),
                "proposed_by": proposed and str(proposed.by_org),
                "authority": _text(terms.by_org if terms else asked),
                "responsible_body": _text(terms.responsible_body if terms else None),
                "supervising_unit": _text(terms.supervising_unit if terms else None),
                "deadline": when(listing.deadline),
                "stage": listing.stage.value,
                "planned": listing.first("listing.plan_made") is not None,
                "checks": len(listing.all("listing.checked")),
                "ended": when(moment_of(ended)) if ended and listing.stage in OVER else None,
            }


def _text(org: UUID | None) -> str | None:
    return None if org is None else str(org)


def list_listings(
    views: Views,
    *,
    today: date,
    stages: tuple[Stage, ...],
    limit: int,
    after: tuple[date, UUID] | None = None,
    scope: Scope | None = None,
) -> list[dict[str, Any]]:
    """Return listings at some stages, those begun last first, with the names of all concerned.

    Args:
        views: where to read.
        today: the local day by which lateness is told.
        stages: only those that have come so far.
        limit: how many at most.
        after: the day and id of the last one already seen.
        scope: whose board it is; None for the owner, who sees all.
    """
    own, compared = within("enterprise", scope)
    more = ["(began_on, id) < (%(day)s, %(last)s)"] if after else []
    day, last = after or (None, None)
    return views.rows(
        """
        SELECT found.*, (ended IS NULL AND found.deadline < %(today)s) IS TRUE AS overdue,
            e.code AS enterprise_code, e.name AS enterprise_name, h.number AS hazard_number,
            a.name AS authority_name, r.name AS responsible_name, s.name AS supervising_name
        FROM (
            SELECT * FROM {view} WHERE {chosen} ORDER BY began_on DESC, id DESC LIMIT %(limit)s
        ) AS found
        LEFT JOIN {views}.organisation AS e ON e.id = found.enterprise
        LEFT JOIN {views}.organisation AS a ON a.id = found.authority
        LEFT JOIN {views}.organisation AS r ON r.id = found.responsible_body
        LEFT JOIN {views}.organisation AS s ON s.id = found.supervising_unit
        LEFT JOIN {views}.hazard AS h ON h.id = found.hazard
        ORDER BY found.began_on DESC, found.id DESC
        """,
        view="listing",
        chosen=["stage = ANY(%(stages)s)", *more, *own],
        values={
            **compared,
            "stages": [stage.value for stage in stages],
            "today": today,
            "day": day,
            "last": last,
            "limit": limit,
        },
    )

"""The map of enterprises and months 热力图: who reported when, who is missing, whose charge lags.

What is on record of a month stands in the read model of reports, a letter a month. What is not on
record does not: that somebody has not reported is asked of what they owe and of today.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.moment import last_day
from projections.cells import LETTERS, MONTHS, SILENT, cells_of
from projections.enterprises import restricted

if TYPE_CHECKING:
    from datetime import date

    from projections.enterprises import Chosen
    from projections.views import Views

WANTED = ("missing", "late", "one", "unsigned", "contradicted", "overtaken")
"""By which mark the enterprises of a month can be picked out."""


@dataclass(frozen=True, slots=True)
class HeatAsked:
    """What the map is asked for.

    Args:
        enterprises: which.
        year: whose months.
        today: the local day: what has ended by then is counted.
        month: in which month, from 1, ``mark`` is looked for, and the tallies are made.
        mark: only enterprises so marked in that month; empty: all.
    """

    enterprises: Chosen
    year: int
    today: date
    month: int
    mark: str = ""

    @property
    def ended(self) -> int:
        """The months that have ended, a bit each."""
        days = (last_day(f"{self.year}-{month:02d}") for month in range(1, MONTHS + 1))
        return sum(1 << index for index, day in enumerate(days) if day < self.today)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """An enterprise's year: its marks with days late, and how many months it owed and kept."""

    id: UUID
    code: str
    name: str
    industry: str | None
    area: str | None
    cells: tuple[tuple[str, int], ...]
    counted: int
    kept: int
    rate: float


@dataclass(slots=True)
class Heat:
    """The map.

    Args:
        rows: a page of it, the least compliant first.
        enterprises: how many there are.
        by_month: of each month how many reports were owed, and how many came in time.
        tally: of the month asked about, how many enterprises have each mark.
    """

    rows: list[HeatRow] = field(default_factory=list)
    enterprises: int = 0
    by_month: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)] * MONTHS)
    tally: dict[str, int] = field(default_factory=dict)


_HEAT = """
    WITH told AS NOT MATERIALIZED (
        SELECT enterprise, owed, letters, in_time FROM {view} WHERE year = %(year)s AND {chosen}
        UNION ALL
        SELECT enterprise, %(whole)s, %(silent)s, 0
        FROM {views}.report_owed WHERE until IS NULL AND told_to < %(year)s AND {chosen}
    ), groups AS (
        SELECT json_agg(json_build_array(owed, in_time, letter, n)) AS groups
        FROM (
            SELECT owed, in_time, substr(letters, %(month)s, 1) AS letter, count(*) AS n
            FROM told GROUP BY 1, 2, 3
        ) AS grouped
    ), page AS (
        SELECT enterprise, rate FROM (
            SELECT enterprise, owed, substr(letters, %(month)s, 1) AS letter,
                CASE WHEN owed & %(ended)s = 0 THEN 2 ELSE
                    bit_count((in_time & owed & %(ended)s)::bit(12))::float8
                    / bit_count((owed & %(ended)s)::bit(12)) END AS rate
            FROM told
        ) AS rated
        WHERE {marked} AND {beyond}
        ORDER BY rate, enterprise LIMIT %(limit)s
    )
    SELECT page.*, coalesce(y.owed, %(whole)s) AS owed, y.letters, y.late,
        coalesce(y.in_time, 0) AS in_time, o.code, o.name, o.industry, o.area, groups.groups
    FROM groups LEFT JOIN page ON true
    LEFT JOIN {view} AS y ON y.enterprise = page.enterprise AND y.year = %(year)s
    LEFT JOIN {views}.organisation AS o ON o.id = page.enterprise
    ORDER BY page.rate, page.enterprise
"""
"""An enterprise of which nothing was recorded for a year or more has no row for the year yet."""
_WHOLE_YEAR = (1 << MONTHS) - 1


def heat(
    views: Views,
    asked: HeatAsked,
    *,
    limit: int,
    after: tuple[float, UUID] | None = None,
) -> Heat:
    """Return a page of the map, and the figures of all of it.

    Args:
        views: where to read.
        asked: what for.
        limit: how many enterprises at most.
        after: rate and id of the last one already seen.
    """
    conditions, values = restricted(views, "enterprise", asked.enterprises)
    rate, last = after or (None, None)
    query = _HEAT.replace("{marked}", _marked(asked.mark)).replace(
        "{beyond}", "(rate, enterprise) > (%(rate)s, %(after)s)" if after else "true"
    )
    rows = views.rows(
        query,
        view="report_year",
        chosen=conditions,
        values={
            **values,
            "whole": _WHOLE_YEAR,
            "silent": SILENT * MONTHS,
            "year": asked.year,
            "month": asked.month,
            "bit": asked.month - 1,
            "ended": asked.ended,
            "letter": LETTERS.get(asked.mark),
            "rate": rate,
            "after": last,
            "limit": limit,
        },
    )
    return _told(asked, rows)


def _marked(mark: str) -> str:
    """Return the condition that an enterprise is so marked in the month asked about."""
    if not mark:
        return "true"
    if mark == "missing":
        return "letter = '-' AND ((owed & %(ended)s) >> %(bit)s) & 1 = 1"
    return "letter = %(letter)s"


def _told(asked: HeatAsked, rows: list[dict[str, Any]]) -> Heat:
    found = Heat([_row(asked, row) for row in rows if row["enterprise"] is not None])
    tally: dict[str, int] = {}
    owed_by, kept_by = [0] * MONTHS, [0] * MONTHS
    for owed, in_time, letter, n in (rows[0]["groups"] or []) if rows else []:
        found.enterprises += n
        counted = owed & asked.ended
        for month in range(MONTHS):
            owed_by[month] += n * (counted >> month & 1)
            kept_by[month] += n * ((in_time & counted) >> month & 1)
        letters = letter.rjust(asked.month, "-").ljust(MONTHS, "-")
        mark, _ = cells_of(letters, [0] * MONTHS, owed, asked.ended)[asked.month - 1]
        tally[mark] = tally.get(mark, 0) + n
    found.by_month = list(zip(owed_by, kept_by, strict=True))
    found.tally = tally
    return found


def _row(asked: HeatAsked, row: dict[str, Any]) -> HeatRow:
    letters, late = row["letters"] or SILENT * MONTHS, row["late"] or [0] * MONTHS
    counted = row["owed"] & asked.ended
    return HeatRow(
        id=row["enterprise"],
        code=row["code"] or "",
        name=row["name"] or str(row["enterprise"]),
        industry=row["industry"],
        area=row["area"],
        cells=tuple(cells_of(letters, late, row["owed"], asked.ended)),
        counted=counted.bit_count(),
        kept=(row["in_time"] & counted).bit_count(),
        rate=row["rate"],
    )

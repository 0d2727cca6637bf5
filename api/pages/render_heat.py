"""The page of the map of enterprises and months 月报热力图, and its table for a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.pages.render import Page, Switches, render
from api.pages.render_hazard_ledger import sections
from api.pages.table import Cell, Column, Field, Table
from api.pages.words import Lang, Speech
from projections.cells import CELLS, MONTHS
from projections.enterprises import SECTIONS
from projections.heat import WANTED, HeatRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from api.routes.shown import Fresh
    from projections.heat import Heat, HeatAsked

_POOR, _FAIR = 0.7, 0.9
"""Below the one a rate is shown in red, below the other in amber."""
_TILES = {
    "missing": "red",
    "late": "amber",
    "one": "amber",
    "unsigned": "amber",
    "contradicted": "red",
    "overtaken": "blue",
}


@dataclass(frozen=True, slots=True)
class HeatPage:
    """What stands on the page.

    Args:
        heat: the map.
        asked: what was asked for.
        values: the same by the filters' names.
        places, departments: what to choose from.
        next, after: the cursors of the next page, and of this one.
        export: where the spreadsheet is.
        fresh: as of when the map stands.
    """

    heat: Heat
    asked: HeatAsked
    values: Mapping[str, str]
    places: Sequence[str]
    departments: Sequence[tuple[UUID, str]]
    next: str | None
    after: str | None
    export: str
    fresh: Fresh


def heat_page(shown: HeatPage, lang: Lang, switches: Switches) -> str:
    """Return the page of the map.

    Args:
        shown: what stands on it.
        lang: the language of the interface.
        switches: how the page is shown, and to whom.
    """
    say = Speech(lang)
    kept = {**shown.values, **({"after": shown.after} if shown.after else {})}
    month = f"{shown.asked.year}-{shown.asked.month:02d}"
    return render(
        "reports/heat.html",
        Page(lang, switches, kept),
        lang,
        shown=shown,
        heat=shown.heat,
        year=shown.asked.year,
        month=month,
        months=[f"{shown.asked.year}-{number:02d}" for number in range(1, MONTHS + 1)],
        fields=_fields(shown, say),
        rates=[(kept_ / owed if owed else None) for owed, kept_ in shown.heat.by_month],
        tiles=[(mark, tone, shown.heat.tally.get(mark, 0)) for mark, tone in _TILES.items()],
        legend=[mark for mark in CELLS if mark != "none"],
        tone=lambda rate: "red" if rate < _POOR else "amber" if rate < _FAIR else "green",
        section=lambda code: _section(code, say),
    )


def _section(code: str | None, say: Speech) -> str:
    """Return the section of industries in which a code is, in words; empty where there is none."""
    found = (s for s, (start, end) in SECTIONS.items() if code and start <= code[:2] < end)
    letter = next(found, None)
    return say(f"industry.{letter}") if letter else ""


def _fields(shown: HeatPage, say: Speech) -> list[Field]:
    values, year = shown.values, shown.asked.year
    last = max(shown.asked.today.year, year)
    years = tuple((str(each), str(each)) for each in range(last, last - 8, -1))
    every = ("", say("hazards.all"))
    marks = (every, *((mark, say(f"cell.{mark}", n="")) for mark in WANTED))
    months = tuple((str(n), say("heat.month", n=n)) for n in range(1, MONTHS + 1))
    fields = [
        Field("q", "heat.words", value=values.get("q", "")),
        Field("year", "heat.year", "choice", str(year), years),
        Field("month", "heat.in_month", "choice", str(shown.asked.month), months),
        Field("mark", "heat.mark", "choice", values.get("mark", ""), marks),
    ]
    if shown.places:
        areas = (every, *((place, place) for place in shown.places))
        fields.append(Field("area", "hazards.area", "choice", values.get("area", ""), areas))
    fields.append(
        Field("industry", "hazards.industry", "choice", values.get("industry", ""), sections(say))
    )
    if shown.departments:
        offices = (every, *((str(ident), name) for ident, name in shown.departments))
        chosen = values.get("department", "")
        fields.append(Field("department", "heat.department", "choice", chosen, offices))
    return fields


def heat_table(rows: Iterable[HeatRow], say: Speech) -> Table[HeatRow]:
    """Return the map as a table, for a spreadsheet."""
    return Table(
        (
            Column[HeatRow]("hazard.unit", lambda row: row.name, 30),
            Column[HeatRow]("heat.code", lambda row: row.code, 22),
            Column[HeatRow]("hazards.area", lambda row: row.area or "", 14),
            *(_month_column(number, say) for number in range(MONTHS)),
            Column[HeatRow]("heat.rate", _rate, 10),
        ),
        rows,
    )


def _month_column(index: int, say: Speech) -> Column[HeatRow]:
    def cell(row: HeatRow) -> Cell:
        mark, days = row.cells[index]
        return Cell(say(f"cell.{mark}", n=days))

    return Column[HeatRow](f"heat.month.{index + 1}", cell, 12)


def _rate(row: HeatRow) -> str:
    return f"{row.kept / row.counted:.0%}" if row.counted else ""

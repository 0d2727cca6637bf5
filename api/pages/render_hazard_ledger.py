"""The page of the hazard ledger 隐患台账: its filters, its table, its spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.hazard_ledger import COUNTED, STAGES, HazardLine
from api.pages.render import Page, Switches, render
from api.pages.render_hazards import STAGE_TONES
from api.pages.table import Cell, Column, Field, Table, Tag
from api.pages.words import Lang, Speech
from domain.hazard import HazardLevel
from projections.enterprises import SECTIONS
from projections.hazards import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from api.routes.shown import Fresh


def hazard_table(rows: Iterable[HazardLine], say: Speech) -> Table[HazardLine]:
    """Return the ledger as a table."""
    return Table(
        (
            Column[HazardLine]("hazard.number", lambda h: Cell(h.number, f"/hazards/{h.id}"), 20),
            Column[HazardLine]("hazard.unit", lambda h: h.enterprise_name, 28),
            Column[HazardLine]("hazard.description", lambda h: h.description, 44),
            Column[HazardLine]("col.hazard_level", lambda h: _level(h, say), 10),
            Column[HazardLine]("hazard.person.responsible", lambda h: h.responsible, 12),
            Column[HazardLine]("hazard.deadline", lambda h: _deadline(h, say), 22),
            Column[HazardLine]("hazards.state", lambda h: _stage(h, say), 10),
        ),
        rows,
    )


def _level(line: HazardLine, say: Speech) -> Cell:
    major = line.level == HazardLevel.MAJOR
    level = Tag(say.name("hazard_level", line.level or "none"), "red" if major else "grey")
    return Cell(tags=(level, Tag(say("hazard.listed"), "amber")) if line.listed else (level,))


def _deadline(line: HazardLine, say: Speech) -> Cell:
    if line.deadline is None:
        return Cell(say("none"))
    late = (Tag(say("hazard.overdue", n=line.overdue), "red"),) if line.overdue else ()
    return Cell(line.deadline.isoformat(), tags=late)


def _stage(line: HazardLine, say: Speech) -> Cell:
    tone = STAGE_TONES[line.stage]
    return Cell(tags=(Tag(say(f"hazard_stage.{line.stage}"), tone),))


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of the ledger.

    Args:
        rows: its lines.
        asked: what was asked for, by the filters' names.
        places: the areas to choose from; none for an enterprise's own people.
        counted: how many there are.
        next, after: the cursors of the next page, and of this one.
        export: where the spreadsheet is.
        fresh: as of when the list stands.
    """

    rows: Sequence[HazardLine]
    asked: Mapping[str, str]
    places: Sequence[str]
    counted: int
    next: str | None
    after: str | None
    export: str
    fresh: Fresh


def hazard_ledger_page(shown: LedgerPage, lang: Lang, switches: Switches) -> str:
    """Return the page of the hazard ledger.

    Args:
        shown: what stands on it.
        lang: the language of the interface.
        switches: how the page is shown, and to whom.
    """
    say = Speech(lang)
    kept = {**shown.asked, **({"after": shown.after} if shown.after else {})}
    more = shown.counted > COUNTED
    number = f"{min(shown.counted, COUNTED):,}"
    return render(
        "hazards/ledger.html",
        Page(lang, switches, kept),
        lang,
        table=hazard_table(shown.rows, say),
        fields=_fields(shown.asked, shown.places, say),
        counted=say("hazards.more" if more else "hazards.count", n=number),
        next=shown.next,
        after=shown.after,
        export=shown.export,
        fresh=shown.fresh,
    )


def _fields(asked: Mapping[str, str], places: Sequence[str], say: Speech) -> list[Field]:
    stages = [(stage, _stage_words(stage, say)) for stage in STAGES]
    levels = [
        ("", say("hazards.all")),
        *((x.value, say.name("hazard_level", x)) for x in HazardLevel),
    ]
    fields = [
        Field("q", "hazards.words", value=asked.get("q", "")),
        Field("stage", "hazards.state", "choice", asked.get("stage") or OPEN, tuple(stages)),
        Field("level", "col.hazard_level", "choice", asked.get("level", ""), tuple(levels)),
    ]
    if places:
        areas = [("", say("hazards.all")), *((place, place) for place in places)]
        fields += [
            Field("area", "hazards.area", "choice", asked.get("area", ""), tuple(areas)),
            Field(
                "industry", "hazards.industry", "choice", asked.get("industry", ""), sections(say)
            ),
        ]
    return [*fields, Field("overdue", "hazards.overdue_only", "tick", asked.get("overdue", ""))]


def sections(say: Speech) -> tuple[tuple[str, str], ...]:
    """Return the sections of industries to choose from."""
    every = ((code, f"{code} {say(f'industry.{code}')}") for code in SECTIONS)
    return (("", say("hazards.all")), *every)


def _stage_words(stage: str, say: Speech) -> str:
    if stage == OPEN:
        return say("hazards.open")
    return say("hazards.all") if stage not in STAGE_TONES else say(f"hazard_stage.{stage}")

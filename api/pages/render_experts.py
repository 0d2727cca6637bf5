"""The pages of experts 专家页面: who they are, whether they fit, who is behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.pages.render_matters import days
from api.pages.table import Cell, Column, Field, Table, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from api.expert_ledger import LedgerInspection
    from api.pages.words import Speech

Row = dict[str, Any]
_TONES = {"experts.in_pool": "green", "experts.suspended": "amber", "experts.out": "grey"}


@dataclass(frozen=True, slots=True)
class Told:
    """An expert as a list shows them; ``unfit`` says why they are not the one looked for."""

    person: UUID
    name: str
    pools: str
    specialties: tuple[str, ...]
    qualified: str
    age: int | None
    area: str
    state: str
    unfit: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against them."""
        return not self.unfit


def experts_table(rows: Iterable[Told], say: Speech, *, with_fit: bool = True) -> Table[Told]:
    """Return experts as a table, with why one does not fit."""
    columns = (
        Column[Told]("experts.name", lambda e: Cell(e.name, f"/experts/{e.person}"), 14),
        Column[Told]("experts.pools", lambda e: e.pools, 26),
        Column[Told]("experts.specialties", lambda e: "、".join(e.specialties), 26),
        Column[Told]("experts.qualified", lambda e: e.qualified, 26),
        Column[Told]("experts.age", lambda e: "" if e.age is None else str(e.age), 8),
        Column[Told]("experts.area", lambda e: e.area, 14),
        Column[Told](
            "expert.state",
            lambda e: Cell(tags=(Tag(say(e.state), _TONES[e.state]),)),  # type: ignore[arg-type] # one of the tones
            12,
        ),
    )
    fit = Column[Told](
        "experts.fit",
        lambda e: Cell(
            tags=tuple(Tag(why, "red") for why in e.unfit) or (Tag(say("experts.fits"), "green"),)
        ),
        24,
    )
    return Table((*columns, fit) if with_fit else columns, rows)


def panel_fields(asked: Mapping[str, str]) -> list[Field]:
    """Return by what experts for a panel are looked for."""
    return [
        Field("specialty", "experts.specialty", value=asked["specialty"]),
        Field("area", "experts.area", value=asked["area"]),
        Field("since", "experts.since", "date", asked["since"]),
        Field("until", "experts.until", "date", asked["until"]),
    ]


def expert_fields(asked: Mapping[str, str], *, fitting: bool) -> list[Field]:
    """Return by what experts are looked for, and whether only those who fit are shown."""
    return [
        *panel_fields(asked),
        Field("fitting", "experts.fitting", "tick", "1" if fitting else ""),
    ]


def owed_table(rows: Iterable[Row], today: date, say: Speech) -> Table[Row]:
    """Return the enterprises that are behind."""

    def due(row: Row) -> Cell:
        tag = days(row["due_on"], today, say)
        return Cell(row["due_on"].isoformat(), tags=(tag,) if tag else ())

    return Table(
        (
            Column[Row](
                "matter.enterprise",
                lambda row: Cell(
                    row["name"], f"/enterprises/{row['code']}/experts", note=row["code"]
                ),
                36,
            ),
            Column[Row]("owed.first", due, 24),
            Column[Row]("owed.overdue", lambda row: str(row["overdue"]), 10),
            Column[Row]("owed.open", lambda row: str(row["open"]), 10),
        ),
        rows,
    )


def ledger_table(rows: Iterable[LedgerInspection], say: Speech) -> Table[LedgerInspection]:
    """Return the ledger of an enterprise's inspections by experts (2.1n)."""

    def held(each: LedgerInspection) -> Cell:
        day = each.held.isoformat()[:10] if each.held else say("ledger.not_held")
        return Cell(day, f"/expert-inspections/{each.id}")

    def findings(each: LedgerInspection) -> str:
        done = sum(f.progress.value in ("rectified", "passed") for f in each.findings)
        return say("ledger.done", done=done, all=len(each.findings))

    return Table(
        (
            Column["LedgerInspection"]("ledger.held", held, 14),
            Column["LedgerInspection"](
                "ledger.experts",
                lambda e: "、".join(
                    f"{x.name or say('erased')}（{x.specialty}）" for x in e.experts
                ),
                36,
            ),
            Column["LedgerInspection"](
                "ledger.report", lambda e: e.delivered.isoformat()[:10] if e.delivered else "", 14
            ),
            Column["LedgerInspection"]("ledger.findings", findings, 16),
            Column["LedgerInspection"](
                "ledger.flags",
                lambda e: Cell(tags=tuple(Tag(say.of(f.words), "amber") for f in e.flags)),
                30,
            ),
        ),
        rows,
    )

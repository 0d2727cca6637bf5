"""Finding an accident by the number or the id that people have in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from domain.case import Case
from domain.errors import Invalid, NotFound
from domain.imported import AccidentRowImported
from domain.incident import IncidentOccurred
from domain.ledger import Query
from projections.folding import ALL_TIME
from projections.incidents import list_incidents

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.ledger import Ledger
    from projections.views import Views


@dataclass(frozen=True, slots=True)
class FoundIncident:
    """An accident: its record, where it happened, and when."""

    id: UUID
    enterprise: UUID
    number: str
    at: date | datetime


def find_incident(ledger: Ledger, views: Views, reference: str) -> FoundIncident:
    """Return the accident that a number 事故编号 or a record id means.

    Args:
        ledger: where to read.
        views: where numbers are looked up.
        reference: what people call it.

    Raises:
        NotFound: there is none.
        Invalid: two units use the same number; says which ids they have.
    """
    try:
        return _read(ledger, UUID(reference))
    except ValueError:
        found = list_incidents(views, limit=10, number=reference.strip())
    if len(found) > 1:
        ids = "、".join(str(row["id"]) for row in found)
        raise Invalid(
            f"有 {len(found)} 起事故编号为 {reference}：{ids}",
            f"{len(found)} accidents have this number: {ids}",
            todo_zh="请改用档案编号",
            todo_en="use the record's id instead",
            where="incident",
        )
    if not found:
        raise _none(reference)
    return _read(ledger, found[0]["id"])


def _read(ledger: Ledger, incident: UUID) -> FoundIncident:
    """Read the accident from its record, corrections included."""
    own = ledger.record(incident, open_sealed=False)
    about = {tag for entry in own for tag in entry.tags if tag.startswith("org:")}
    corrections = ledger.read(
        *(Query((tag,), ("fact.corrected",)) for tag in sorted(about)), open_sealed=False
    )
    for entry in reversed(Case(incident, [*own, *corrections], ALL_TIME).entries):
        if isinstance(entry.fact, IncidentOccurred | AccidentRowImported):
            return FoundIncident(incident, entry.fact.enterprise, entry.fact.number, entry.happened)
    raise _none(str(incident))


def _none(reference: str) -> NotFound:
    return NotFound(
        f"台账中没有事故 {reference[:100]}",
        f"there is no accident {reference[:100]} on record",
        todo_zh="核对事故编号；全部事故见 /api/v1/incidents",
        todo_en="check its number; /api/v1/incidents lists them all",
        where="incident",
    )

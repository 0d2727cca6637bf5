"""Finding an accident by the number or the record id that people have in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from uuid import UUID

from api.asking import FoundIncident, find_incident
from domain.case import Case
from domain.errors import Invalid, NotFound
from domain.imported import AccidentRowImported
from domain.incident import IncidentOccurred
from domain.ledger import Query
from projections.documents import records_numbered
from projections.folding import ALL_TIME

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from projections.views import Views

_BEGINS = {"order": "order.issued", "hazard": "hazard.found"}


def incident_of(ledger: Ledger, views: Views, reference: str) -> FoundIncident:
    """Return the accident that a record id or a number 事故编号 means.

    Args:
        ledger: where an id is read, so that an accident just recorded is found.
        views: where a number is looked up.
        reference: what people call it.

    Raises:
        NotFound: there is none.
        Invalid: several have this number.
    """
    try:
        incident = UUID(reference)
    except ValueError:
        return find_incident(views, reference.strip())
    return _read(ledger, incident)


def record_numbered(views: Views, noun: Literal["order", "hazard"], reference: str) -> UUID:
    """Return the record of an order or a hazard that an id or a number means.

    Raises:
        NotFound: none has this number.
        Invalid: several have it.
    """
    try:
        return UUID(reference)
    except ValueError:
        found = records_numbered(views, _BEGINS[noun], reference.strip())
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(
            f"编号 {reference} 不止一份",
            f"more than one has the number {reference}",
            todo_zh="请用档案编号",
            todo_en="use the record's id",
        )
    raise NotFound(
        f"没有编号为 {reference} 的",
        f"none has the number {reference}",
        todo_zh="核对编号",
        todo_en="check the number",
    )


def _read(ledger: Ledger, incident: UUID) -> FoundIncident:
    """Read the accident from its record, corrections included."""
    own = ledger.record(incident, open_sealed=False)
    about = {tag for entry in own for tag in entry.tags if tag.startswith("org:")}
    queries = (Query((tag,), ("fact.corrected",)) for tag in sorted(about))
    case = Case(incident, [*own, *ledger.read(*queries, open_sealed=False)], ALL_TIME)
    for entry in reversed(case.entries):
        if isinstance(entry.fact, IncidentOccurred | AccidentRowImported):
            return FoundIncident(incident, entry.fact.enterprise, entry.happened)
    raise NotFound(
        f"台账中没有事故 {incident}",
        f"there is no accident {incident} on record",
        todo_zh="核对编号",
        todo_en="check the id",
        where="incident",
    )

"""What was brought in from ledgers kept elsewhere 导入台账.

An imported row is one fact: the row, less personal values and free text, with its file's hash and
row number. No step is invented from it and its own dates cannot be checked, so everything that
rests on it is marked as imported. A row that changed since the last import is a new fact in the
same record, and what is recorded here from then on goes on in that record.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid5

from pydantic import Field

from domain.fact import EnterpriseFact, Fact, Frozen, OrgId, OrgRef, Sealed
from domain.hazard import HazardLevel
from domain.moment import Day, Instant, Moment


class RowOrigin(Frozen):
    """Where a row came from: the ledger's name, the file's SHA-256 and the row in it."""

    source: str = Field(min_length=1, max_length=100)
    file: str = Field(pattern=r"^[0-9a-f]{64}$")
    row: int = Field(ge=1)


class SealedCell(Frozen):
    """A cell that can hold personal values or free text: its column, and its words sealed."""

    column: str = Field(min_length=1, max_length=100)
    text: Sealed


class LedgerRowImported(
    EnterpriseFact,
    topic="ledger_row.imported",
    noun="hazard",
    zh="导入隐患台账",
    en="Hazard ledger row imported",
    starts=True,
):
    """One row of a hazard ledger. Closed means 整改完成日期; 销号情况 is kept as it was written."""

    enterprise_name: str | None = Field(default=None, max_length=200)
    origin: RowOrigin
    number: str = Field(min_length=1, max_length=100)
    inspected_by: str | None = Field(default=None, max_length=200)
    category: str | None = Field(default=None, max_length=200)
    level: HazardLevel | None = None
    found: Moment
    deadline: Day | None = None
    closed: Moment | None = None
    status: str | None = Field(default=None, max_length=50)
    warnings: tuple[str, ...] = ()
    persons: tuple[SealedCell, ...] = ()
    texts: tuple[SealedCell, ...] = ()

    @property
    def description(self) -> Sealed | None:
        """The words of 隐患问题描述."""
        return next((cell.text for cell in self.texts if cell.column == "隐患问题描述"), None)


class AccidentRowImported(
    EnterpriseFact,
    topic="accident_row.imported",
    noun="incident",
    zh="导入事故台账",
    en="Accident ledger row imported",
    starts=True,
):
    """One row of an accident ledger; the direct loss in fen 分. None: the row does not say."""

    enterprise_name: str | None = Field(default=None, max_length=200)
    origin: RowOrigin
    number: str = Field(min_length=1, max_length=100)
    category: str | None = Field(default=None, max_length=100)
    occurred: Moment
    deaths: int | None = Field(default=None, ge=0)
    serious_injuries: int | None = Field(default=None, ge=0)
    loss: int | None = Field(default=None, ge=0)
    warnings: tuple[str, ...] = ()
    texts: tuple[SealedCell, ...] = ()


class RowSetAside(
    Fact,
    topic="ledger_row.set_aside",
    noun="set_aside",
    zh="导入时搁置一行",
    en="Row set aside",
    starts=True,
):
    """A row that could not be taken as it stands; kept whole, sealed, with the reasons.

    Where the unit is known the fact is about it, so that a trace of the unit shows the row.
    """

    enterprise: OrgId | None = None
    origin: RowOrigin
    reasons: tuple[str, ...] = Field(min_length=1)
    cells: Sealed


class ImportFinished(
    Fact,
    topic="import.finished",
    zh="完成一次导入",
    en="Import finished",
    starts=True,
):
    """The count of one import of one file: every row of it is in one of these figures.

    An import that finds nothing new in a file imported before is no fact.
    """

    kind: Literal["hazards", "accidents"]
    source: str = Field(max_length=100)
    file: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = Field(max_length=255)
    rows: int = Field(ge=0)
    added: int = Field(ge=0)
    unchanged: int = Field(ge=0)
    warned: int = Field(ge=0)
    set_aside: int = Field(ge=0)
    began: Instant
    importer: OrgRef | None = None


def imported_hazard_id(source: str, enterprise: UUID, number: str, occurrence: int) -> UUID:
    """Return the record id of an imported hazard (UUIDv5).

    Args:
        source: the name of the ledger it comes from, the same at every import of that ledger.
        enterprise: the record id of the enterprise.
        number: its number there.
        occurrence: 1, or more where one unit's number stands for several different rows.
    """
    return uuid5(enterprise, f"hazard\n{source}\n{number}\n{occurrence}")


def imported_incident_id(source: str, enterprise: UUID, number: str, occurrence: int = 1) -> UUID:
    """Return the record id of an imported accident (UUIDv5); arguments as for hazards."""
    return uuid5(enterprise, f"incident\n{source}\n{number}\n{occurrence}")


def set_aside_id(source: str, key: bytes) -> UUID:
    """Return the record id of a row that was set aside (UUIDv5).

    Args:
        source: the name of the ledger it comes from.
        key: the keyed digest of what it says: the same row is set aside once, in whatever file.
    """
    return uuid5(UUID(bytes=key[:16]), f"set aside\n{source}")


def import_id(source: str, file: str) -> UUID:
    """Return the record id of the import of one file (UUIDv5 of its source and SHA-256)."""
    return uuid5(UUID(file[:32]), f"import\n{source}")

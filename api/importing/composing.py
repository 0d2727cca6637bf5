"""What a row of somebody else's ledger becomes here: its record, and the fact in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID, uuid5

import orjson

from domain.fact import Fact, Sealed
from domain.imported import (
    AccidentRowImported,
    LedgerRowImported,
    RowOrigin,
    RowSetAside,
    SealedCell,
    imported_hazard_id,
    imported_incident_id,
    set_aside_id,
)
from domain.intake.codes import read_code
from domain.intake.problem import as_text
from domain.intake.rows import AccidentRow, HazardRow, SetAside
from domain.organisation import organisation_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from domain.intake.columns import Cells
    from domain.intake.problem import Problem
    from domain.ledger import RawEntry, Vault

Row: TypeAlias = HazardRow | AccidentRow
_unit = lru_cache(1 << 15)(organisation_id)  # asked several times a row
_MAX_COLUMN = 100
_READINGS = {kind.topic.name for kind in (LedgerRowImported, AccidentRowImported, RowSetAside)}


@dataclass(frozen=True, slots=True)
class Placed:
    """A row that is to be recorded.

    Args:
        row: what was read of it.
        cells: its cells as they stand in the file.
        code: 单位编码, where it can be read.
        number: its number, or what stands for it where the row has none.
        record: the record it belongs to.
        key: the keyed digest of what it says, by which it is recognised again.
    """

    row: Row | SetAside
    cells: Cells
    code: str | None
    number: str
    record: UUID
    key: bytes

    @property
    def unit(self) -> UUID | None:
        """The record id of the enterprise, where it is known."""
        return _unit(self.code) if self.code else None

    @property
    def problems(self) -> Sequence[Problem]:
        """What is odd about it, or why it is set aside."""
        return self.row.problems if isinstance(self.row, SetAside) else self.row.warnings

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of its problems, each once."""
        return tuple(dict.fromkeys(problem.code for problem in self.problems))

    @property
    def moment(self) -> date | datetime | None:
        """The row's own date; None where it is set aside."""
        if isinstance(self.row, SetAside):
            return None
        return self.row.found if isinstance(self.row, HazardRow) else self.row.occurred

    def command(self, record: Sequence[RawEntry]) -> UUID:
        """Return the id of the command that records it after what its record holds.

        It follows from what the row says, so that the same row is recorded once; and from the
        reading before, so that what went from A to B can go back to A.
        """
        return self._command(_readings(record))

    def is_said_by(self, record: Sequence[RawEntry]) -> bool:
        """Tell whether the last reading of this row in its record says what the row says now."""
        readings = _readings(record)
        return bool(readings) and readings[-1].body["command"] == str(self._command(readings[:-1]))

    def _command(self, before: Sequence[RawEntry]) -> UUID:
        after = before[-1].position if before else 0
        return uuid5(self.record, f"import {self.key.hex()} after {after}")


def _readings(record: Sequence[RawEntry]) -> list[RawEntry]:
    return [entry for entry in record if entry.topic in _READINGS]


class Composer:
    """Turns the rows of one file into facts.

    Ids and digests are keyed (HMAC), since a row holds personal values that a plain hash would let
    anybody confirm.

    Args:
        vault: the ledger's, for keyed digests.
        source: the name of the ledger that the file comes from.
        file: the file's SHA-256 in hex.
        random: returns that many random bytes, for salts.
    """

    def __init__(
        self, vault: Vault, source: str, file: str, random: Callable[[int], bytes]
    ) -> None:
        self._vault = vault
        self._source = source
        self._file = file
        self._random = random

    def place(self, row: Row | SetAside, cells: Cells) -> Placed:
        """Find the record that a row belongs to."""
        if isinstance(row, SetAside):
            code, _ = read_code(cells.get("单位编码"))
            key = self._vault.keyed_digest(_words(cells).encode())
            return Placed(row, cells, code, "", set_aside_id(self._source, key), key)
        key = self._vault.keyed_digest(row.content())
        number = row.number or f"#{key.hex()[:16]}"
        record_id = imported_hazard_id if isinstance(row, HazardRow) else imported_incident_id
        record = record_id(self._source, _unit(row.code), number, row.occurrence)
        return Placed(row, cells, row.code, number, record, key)

    def fact(self, placed: Placed) -> Fact:
        """Return the fact that a row becomes, its words sealed."""
        row = placed.row
        origin = RowOrigin(source=self._source, file=self._file, row=row.row)
        if isinstance(row, SetAside):
            return RowSetAside(
                enterprise=placed.unit,
                origin=origin,
                reasons=placed.reasons,
                cells=self._sealed(_words(placed.cells), placed.unit or placed.record),
            )
        unit = _unit(row.code)
        if isinstance(row, HazardRow):
            return LedgerRowImported(
                enterprise=unit,
                enterprise_name=row.enterprise,
                origin=origin,
                number=placed.number,
                inspected_by=row.inspected_by,
                category=row.category,
                level=row.level,
                found=row.found,
                deadline=row.deadline,
                closed=row.closed,
                status=row.status,
                warnings=placed.reasons,
                persons=tuple(
                    SealedCell(column=column, text=self._sealed(name, self._person(unit, name)))
                    for column, name in row.persons.items()
                ),
                texts=self._texts(row.texts, unit),
            )
        return AccidentRowImported(
            enterprise=unit,
            enterprise_name=row.enterprise,
            origin=origin,
            number=placed.number,
            category=row.category,
            occurred=row.occurred,
            deaths=row.deaths,
            serious_injuries=row.serious_injuries,
            loss=row.loss,
            warnings=placed.reasons,
            texts=self._texts(row.texts, unit),
        )

    def _texts(self, words: Mapping[str, str], unit: UUID) -> tuple[SealedCell, ...]:
        return tuple(
            SealedCell(column=column[:_MAX_COLUMN], text=self._sealed(text, unit))
            for column, text in words.items()
        )

    def _person(self, unit: UUID, name: str) -> UUID:
        """Return whose key a name is sealed under: a pseudonym, one for each name of a unit."""
        return UUID(bytes=self._vault.keyed_digest(f"person\n{unit}\n{name}".encode())[:16])

    def _sealed(self, words: str, subject: UUID) -> Sealed:
        return Sealed.close(words, subject, self._random(16))


def _words(cells: Cells) -> str:
    """Return a whole row as it stands in the file, for one that could not be taken apart."""
    return orjson.dumps({name: as_text(cell) for name, cell in cells.items()}).decode()

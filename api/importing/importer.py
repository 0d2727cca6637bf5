"""Writes the rows of a ledger kept elsewhere into the ledger: one fact a row, each exactly once.

Every row is a command of its own whose id follows from the ledger's name, the row's number and its
content. Sent again, by the same file or after a kill in the middle, it is answered as a repeat; a
row that changed is a new fact in the same record. Ids and digests are keyed (HMAC), since a row
holds personal values that a plain hash would let anybody confirm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID, uuid5

import orjson

from domain.errors import Conflict, DaochaError
from domain.fact import Actor, Draft, Entry, Fact, Sealed
from domain.imported import (
    AccidentRowImported,
    ImportFinished,
    LedgerRowImported,
    RowOrigin,
    RowSetAside,
    SealedCell,
    import_id,
    imported_hazard_id,
    imported_incident_id,
)
from domain.intake.codes import read_code
from domain.intake.problem import as_text
from domain.intake.rows import (
    AccidentRow,
    HazardRow,
    Occurrences,
    SetAside,
    read_accident_row,
    read_hazard_row,
)
from domain.intake.values import read_text
from domain.ledger import Command, Receipt
from domain.organisation import OrganisationRegistered, OrgKind, organisation_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from api.importing.report import ImportReport, Outcome
    from api.importing.tables import Table
    from domain.intake.columns import Cells
    from domain.intake.problem import Problem
    from domain.ledger import Ledger

BATCH = 500
"""Rows in one call of the append function."""
_MAX_NAME = 200
_IMPORT = Actor(authentication="import")
Row: TypeAlias = HazardRow | AccidentRow


@dataclass(frozen=True, slots=True)
class _Pending:
    """A row on its way: what it says, and the command by which it is recorded."""

    row: int
    cells: Cells
    problems: Sequence[Problem]
    command: Command
    set_aside: bool = False


class Importer:
    """Imports one file.

    Args:
        ledger: where to.
        table: the file, opened.
        source: the name of the ledger it comes from, the same at each of its imports.
        now: the clock: returns the present moment, in UTC.
        random: returns that many random bytes, for salts.
    """

    def __init__(
        self,
        ledger: Ledger,
        table: Table,
        *,
        source: str,
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self.ledger = ledger
        self.table = table
        self.source = source
        self.now = now
        self.random = random
        self.began = now()
        self.import_id = import_id(source, table.sha256)
        self._units: set[UUID] = set()

    def run(self, report: ImportReport, progress: Callable[[int], None]) -> None:
        """Import every row, telling ``progress`` how many were done and ``report`` what became.

        Raises:
            TableError: the file cannot be read to its end; what was read until then is recorded.
            Unavailable: the ledger cannot be written; run it again, nothing is recorded twice.
        """
        batch: list[_Pending] = []
        for row, cells in self._rows(report, progress):
            batch.append(self._pending(row, cells))
            if len(batch) == BATCH:
                self._send(batch, report)
                progress(len(batch))
                batch = []
        self._send(batch, report)
        progress(len(batch))
        self._finish(report)

    def _rows(
        self, report: ImportReport, progress: Callable[[int], None]
    ) -> Iterator[tuple[Row | SetAside, Cells]]:
        """Yield every row that is to be recorded; the others go to the report at once."""
        read = read_hazard_row if self.table.columns.kind == "hazards" else read_accident_row
        seen = Occurrences()
        for number, cells in self.table:
            row = read(number, cells, as_of=self.began)
            if isinstance(row, SetAside):
                if row.is_data:
                    yield row, cells
                    continue
                report.add(number, "not_data", row.problems, cells)
            else:
                placed: Row = seen.place(row)
                if placed.repeats is None:
                    yield placed, cells
                    continue
                report.add(number, "repeated", placed.warnings, cells)
            progress(1)

    # rows into commands

    def _pending(self, row: Row | SetAside, cells: Cells) -> _Pending:
        if isinstance(row, SetAside):
            return self._aside(row, cells)
        key = self.ledger.vault.keyed_digest(row.content())
        number = row.number or f"#{key.hex()[:16]}"
        origin = RowOrigin(source=self.source, file=self.table.sha256, row=row.row)
        enterprise = organisation_id(row.code)
        record, fact = _as_fact(row, number, origin, enterprise, self._sealed, self._person)
        command = self._command(record, key, fact, row)
        return _Pending(row.row, cells, row.warnings, command)

    def _command(self, record: UUID, key: bytes, fact: Fact, row: Row) -> Command:
        happened = row.found if isinstance(row, HazardRow) else row.occurred
        draft = Draft(record, 1, fact, _IMPORT, happened, self.now())
        return Command(uuid5(record, f"import {key.hex()}"), (draft,), key)

    def _aside(self, row: SetAside, cells: Cells) -> _Pending:
        words = orjson.dumps({name: as_text(cell) for name, cell in cells.items()}).decode()
        key = self.ledger.vault.keyed_digest(words.encode())
        code, _ = read_code(cells.get("单位编码"))
        enterprise = organisation_id(code) if code else None
        record = uuid5(self.import_id, f"row {row.row}")
        fact = RowSetAside(
            enterprise=enterprise,
            origin=RowOrigin(source=self.source, file=self.table.sha256, row=row.row),
            reasons=tuple(dict.fromkeys(problem.code for problem in row.problems)),
            cells=self._sealed(words, enterprise or self.import_id),
        )
        draft = Draft(record, 1, fact, _IMPORT, self.now(), self.now())
        command = Command(uuid5(record, f"import {key.hex()}"), (draft,), key)
        return _Pending(row.row, cells, row.problems, command, set_aside=True)

    def _sealed(self, words: str, subject: UUID) -> Sealed:
        return Sealed.close(words, subject, self.random(16))

    def _person(self, unit: UUID, name: str) -> UUID:
        """Return whose key a name is sealed under: a pseudonym, one for each name of a unit."""
        return UUID(bytes=self.ledger.vault.keyed_digest(f"person\n{unit}\n{name}".encode())[:16])

    # commands into the ledger

    def _send(self, batch: list[_Pending], report: ImportReport) -> None:
        if not batch:
            return
        self._register_units(batch)
        answers = self.ledger.append_many([each.command for each in batch])
        met = [
            each.command.drafts[0].record
            for each, answer in zip(batch, answers, strict=True)
            if isinstance(answer, Conflict) or (isinstance(answer, Receipt) and answer.repeated)
        ]
        known: dict[UUID, list[Entry]] = {}
        for entry in self.ledger.records(met, open_sealed=False):
            known.setdefault(entry.record, []).append(entry)
        for each, answer in zip(batch, answers, strict=True):
            if isinstance(answer, DaochaError) and not isinstance(answer, Conflict):
                raise answer
            outcome = self._settle(each, known.get(each.command.drafts[0].record))
            report.add(each.row, outcome, each.problems, each.cells)

    def _settle(self, each: _Pending, record: list[Entry] | None) -> Outcome:
        """Return what became of a row; one whose record now says something else is recorded anew.

        Args:
            each: the row.
            record: the facts of its record, where it was there before; None where it is new.
        """
        if each.set_aside:
            return "set_aside"
        if record is None:
            return "imported"
        draft, first = each.command.drafts[0], each.command.id
        rows = [e for e in record if type(e.fact) is type(draft.fact)]
        # A row that goes from A to B and back to A is A again: its second A follows B.
        latest, before = rows[-1], rows[-2].position if len(rows) > 1 else 0
        if latest.command in (first, _after(first, before)):
            return "unchanged"
        later = replace(draft, version=len(record) + 1)
        self.ledger.append(Command(_after(first, latest.position), (later,), each.command.digest))
        return "changed"

    def _register_units(self, batch: Sequence[_Pending]) -> None:
        """Register the units nobody has registered yet, by code and the name that the row gives."""
        units: dict[UUID, tuple[str, str]] = {}
        for each in batch:
            code, _ = read_code(each.cells.get("单位编码"))
            if code and organisation_id(code) not in self._units:
                name, _ = read_text(each.cells.get("单位名称"), _MAX_NAME)
                units.setdefault(organisation_id(code), (code, name or code))
        missing = set(units) - self.ledger.existing(units)
        answers = self.ledger.append_many(
            [self._registration(unit, *units[unit]) for unit in sorted(missing)]
        )
        for answer in answers:
            if isinstance(answer, DaochaError) and not isinstance(answer, Conflict):
                raise answer
        self._units |= units.keys()

    def _registration(self, unit: UUID, code: str, name: str) -> Command:
        fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code=code, name=name)
        draft = Draft(unit, 1, fact, _IMPORT, self.began, self.began)
        return Command(uuid5(unit, "registered by import"), (draft,), unit.bytes)

    def _finish(self, report: ImportReport) -> None:
        count = report.outcomes
        fact = ImportFinished(
            kind=self.table.columns.kind,
            source=self.source,
            file=self.table.sha256,
            name=self.table.path.name,
            rows=count.total(),
            added=count["imported"] + count["changed"],
            unchanged=count["unchanged"] + count["repeated"] + count["not_data"],
            warned=report.with_warnings,
            set_aside=count["set_aside"],
            began=self.began,
        )
        draft = Draft(self.import_id, 1, fact, _IMPORT, self.now(), self.now())
        # One fact a file however often it is imported: a repeat finds the first answer.
        self.ledger.append(
            Command(uuid5(self.import_id, "finished"), (draft,), self.import_id.bytes)
        )


def _after(command: UUID, position: int) -> UUID:
    """Return the id of a row's command where it follows another reading of the same row."""
    return uuid5(command, f"after {position}")


def _as_fact(
    row: Row,
    number: str,
    origin: RowOrigin,
    enterprise: UUID,
    seal: Callable[[str, UUID], Sealed],
    person: Callable[[UUID, str], UUID],
) -> tuple[UUID, Fact]:
    """Return the record and the fact that a row becomes."""
    warnings = tuple(dict.fromkeys(problem.code for problem in row.warnings))

    def cells(words: Mapping[str, str]) -> tuple[SealedCell, ...]:
        return tuple(
            SealedCell(column=column[:100], text=seal(text, enterprise))
            for column, text in words.items()
        )

    if isinstance(row, HazardRow):
        record = imported_hazard_id(origin.source, enterprise, number, row.occurrence)
        return record, LedgerRowImported(
            enterprise=enterprise,
            origin=origin,
            number=number,
            inspected_by=row.inspected_by,
            category=row.category,
            level=row.level,
            found=row.found,
            deadline=row.deadline,
            closed=row.closed,
            status=row.status,
            warnings=warnings,
            persons=tuple(
                SealedCell(column=column[:100], text=seal(name, person(enterprise, name)))
                for column, name in row.persons.items()
            ),
            texts=cells(row.texts),
        )
    record = imported_incident_id(origin.source, enterprise, number, row.occurrence)
    return record, AccidentRowImported(
        enterprise=enterprise,
        origin=origin,
        number=number,
        category=row.category,
        occurred=row.occurred,
        deaths=row.deaths,
        serious_injuries=row.serious_injuries,
        loss=row.loss,
        warnings=warnings,
        texts=cells(row.texts),
    )

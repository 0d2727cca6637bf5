"""Writes the rows of a ledger kept elsewhere into the ledger: one fact a row, each exactly once.

Of each row its record is read first. What it says already adds nothing, so that a file imported
twice, or again after a kill in the middle, comes out the same; a row that changed is a new fact in
the same record. The command that records a row has an id that follows from the row, so that two
imports at the same time cannot record it twice either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from api.importing.composing import Composer, Placed
from domain.errors import Conflict, DaochaError, Invalid, Unavailable
from domain.fact import Actor, Draft
from domain.imported import ImportFinished, import_id
from domain.intake.problem import Flaw
from domain.intake.rows import (
    MAX_NAME,
    Occurrences,
    SetAside,
    read_accident_row,
    read_hazard_row,
)
from domain.intake.values import BLANK, read_text
from domain.ledger import Command, Receipt
from domain.organisation import OrganisationRegistered, OrgKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from api.importing.composing import Row
    from api.importing.report import ImportReport, Outcome
    from api.importing.tables import Table
    from domain.intake.columns import Cells
    from domain.ledger import Ledger, RawEntry

BATCH = 500
"""Rows in one call of the append function."""
MAX_SOURCE = 100
"""Characters of the name of a ledger kept elsewhere."""
_IMPORT = Actor(authentication="import")


class Importer:
    """Imports one file.

    Args:
        ledger: where to.
        table: the file, opened.
        source: the name of the ledger it comes from, the same at each of its imports.
        now: the clock: returns the present moment, in UTC.
        random: returns that many random bytes, for salts.

    Raises:
        Invalid: the source is empty or too long.
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
        self.source = checked_source(source)
        self.now = now
        self.began = now()
        self.import_id = import_id(self.source, table.sha256)
        self._compose = Composer(ledger.vault, self.source, table.sha256, random)
        self._units: set[UUID] = set()

    def run(self, report: ImportReport, progress: Callable[[int], None]) -> None:
        """Import every row, telling ``progress`` how many were done and ``report`` what became.

        Raises:
            TableError: the file cannot be read to its end; what was recorded until then stays.
            Unavailable: the ledger cannot be written; run it again, nothing is recorded twice.
        """
        batch: list[Placed] = []
        try:
            for row, cells in self._rows(report, progress):
                batch.append(self._compose.place(row, cells))
                if len(batch) == BATCH:
                    self._send(batch, report, progress)
                    batch = []
            self._send(batch, report, progress)
            self._finish(report)
        except Unavailable as error:
            error.todo_zh = f"{error.todo_zh.rstrip('。')}；再次导入同一文件即可续完，不会重复。"
            error.todo_en = f"{error.todo_en} Import the file again: no row is recorded twice."
            raise

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

    # a batch of rows into the ledger

    def _send(
        self, batch: list[Placed], report: ImportReport, progress: Callable[[int], None]
    ) -> None:
        """Record what the rows of a batch say beyond what their records say already."""
        self._register_units(batch)
        waiting = batch
        while waiting:  # those whose record changed since it was read are decided anew
            known = self._known(waiting)
            sent: list[Placed] = []
            for each in waiting:
                if each.is_said_by(known[each.record]):
                    _tell(report, each, "unchanged")
                else:
                    sent.append(each)
            commands = [self._command(each, known[each.record]) for each in sent]
            waiting = []
            for each, answer in zip(sent, self.ledger.append_many(commands), strict=True):
                if isinstance(answer, Receipt):
                    _tell(report, each, "changed" if known[each.record] else "imported")
                elif isinstance(answer, Conflict):
                    waiting.append(each)
                elif isinstance(answer, Invalid) and not isinstance(each.row, SetAside):
                    waiting.append(self._aside(each))
                else:
                    raise answer
        progress(len(batch))

    def _known(self, batch: Iterable[Placed]) -> dict[UUID, list[RawEntry]]:
        """Return what the record of each row holds."""
        known: dict[UUID, list[RawEntry]] = {each.record: [] for each in batch}
        for entry in self.ledger.records_raw(known):
            known[entry.record].append(entry)
        return known

    def _command(self, placed: Placed, record: Sequence[RawEntry]) -> Command:
        """Return the command that records a row after what its record holds."""
        received = self.now()
        draft = Draft(
            record=placed.record,
            version=record[-1].version + 1 if record else 1,
            fact=self._compose.fact(placed),
            by=_IMPORT,
            happened=placed.moment or received,
            received=received,
        )
        return Command(placed.command(record), (draft,), placed.key)

    def _aside(self, placed: Placed) -> Placed:
        """Set a row aside that says more than one fact can hold."""
        problem = Flaw("too_much").at("", None)
        row = SetAside(placed.row.row, (*placed.problems, problem))
        return self._compose.place(row, placed.cells)

    def _register_units(self, batch: Sequence[Placed]) -> None:
        """Register the units nobody has registered yet, by code and the name that the row gives."""
        units: dict[UUID, OrganisationRegistered] = {}
        for each in batch:
            if each.code and each.unit and each.unit not in self._units | units.keys():
                name, _ = read_text(each.cells.get("单位名称"), MAX_NAME)
                units[each.unit] = OrganisationRegistered(
                    kind=OrgKind.ENTERPRISE,
                    code=each.code,
                    name=each.code if name in BLANK else name,
                )
        missing = units.keys() - self.ledger.existing(units)
        commands = [
            Command(
                uuid5(unit, "registered by import"),
                (Draft(unit, 1, units[unit], _IMPORT, self.began, self.began),),
                unit.bytes,
            )
            for unit in sorted(missing)
        ]
        for answer in self.ledger.append_many(commands):
            # A conflict: somebody else registered it meanwhile.
            if isinstance(answer, DaochaError) and not isinstance(answer, Conflict):
                raise answer
        self._units |= units.keys()

    def _finish(self, report: ImportReport) -> None:
        """Record the count, unless the file was imported before and nothing was added."""
        count = report.outcomes
        added = count["imported"] + count["changed"]
        before = len(self.ledger.records_raw([self.import_id]))
        if before and not added:
            return
        fact = ImportFinished(
            kind=self.table.columns.kind,
            source=self.source,
            file=self.table.sha256,
            name=self.table.path.name.encode("utf-8", "replace").decode(),
            rows=count.total(),
            added=added,
            unchanged=count["unchanged"] + count["repeated"] + count["not_data"],
            warned=report.with_warnings,
            set_aside=count["set_aside"],
            began=self.began,
        )
        now = self.now()
        draft = Draft(self.import_id, before + 1, fact, _IMPORT, now, now)
        command = Command(
            uuid5(self.import_id, f"finished {before + 1}"), (draft,), self.import_id.bytes
        )
        self.ledger.append(command)


def _tell(report: ImportReport, placed: Placed, outcome: Outcome) -> None:
    if isinstance(placed.row, SetAside):
        outcome = "set_aside"
    report.add(placed.row.row, outcome, placed.problems, placed.cells)


def checked_source(source: str) -> str:
    """Return the name of a ledger kept elsewhere, trimmed.

    Raises:
        Invalid: it is empty or too long.
    """
    name = source.strip()
    if not 1 <= len(name) <= MAX_SOURCE or not name.isprintable():
        raise Invalid(
            f"台账名称须为 1 至 {MAX_SOURCE} 个字",
            f"a ledger's name has 1 to {MAX_SOURCE} characters",
            todo_zh="请用 --source 给出简短的名称，每次导入同一台账都用它",
            todo_en="give a short name with --source, the same at every import of that ledger",
            where="source",
        )
    return name

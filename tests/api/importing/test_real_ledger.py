"""The real record in full: every row is read, its dirt is named, and none is lost."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from api.importing.report import ImportReport
from api.importing.tables import open_table
from domain.hazard import HazardLevel
from domain.intake.rows import (
    AccidentRow,
    HazardRow,
    Occurrences,
    read_accident_row,
    read_hazard_row,
)

DATA = Path(__file__).parents[4] / "shared/data/real"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the real record is not here: {DATA}")
TODAY = date(2026, 11, 1)


def test_hazards(tmp_path: Path) -> None:
    table = open_table(DATA / "hazards.csv.gz", "hazards")
    assert table.rows == 77_987
    assert table.columns.other == ()
    seen = Occurrences()
    levels: Counter[HazardLevel | None] = Counter()
    still_open = 0
    with ImportReport(table, tmp_path / "report.xlsx") as report:
        for number, cells in table:
            row = read_hazard_row(number, cells, as_of=TODAY)
            assert isinstance(row, HazardRow)
            row = seen.place(row)
            assert (row.repeats, row.occurrence) == (None, 1)
            report.add(number, "imported", row.warnings, cells)
            levels[row.level] += 1
            still_open += row.closed is None
    summary = report.summary()
    assert summary["rows"] == 77_987
    assert {problem["code"]: problem["count"] for problem in summary["problems"]} == {
        "closed_before_found": 1_074
    }
    assert summary["problems"][0]["rows"][:2] == [5, 6]
    assert still_open == 446
    assert levels == {HazardLevel.GENERAL: 75_637, HazardLevel.MAJOR: 2_350}


def test_accidents() -> None:
    table = open_table(DATA / "accidents.csv.gz", "accidents")
    rows = [read_accident_row(number, cells, as_of=TODAY) for number, cells in table]
    assert len(rows) == table.rows == 2_354
    seen = Occurrences()
    for row in rows:
        assert isinstance(row, AccidentRow)
        assert seen.place(row).warnings == ()
        assert (row.deaths, row.loss) == (0, 0)

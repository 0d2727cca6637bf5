"""How fast a hazard ledger is imported, and with how much memory: 1,500 rows/s, 1 GiB.

The bare operation beside it: reading and interpreting the same file, nothing written.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from api import home
from api.importing.importer import Importer
from api.importing.report import ImportReport
from api.importing.tables import open_table
from api.settings import Settings
from bench.answers import DATA
from bench.made import hazard_csv
from domain.intake.rows import read_hazard_row


def main() -> None:
    """Import the real record where it is at hand, else one of the same size made up here."""
    with tempfile.TemporaryDirectory(prefix="daocha-bench-") as folder:
        real = DATA / "hazards.csv.gz"
        path = real if real.exists() else hazard_csv(Path(folder) / "made.csv", rows=78_000)
        table = open_table(path, "hazards")
        began = time.perf_counter()
        rows = len([None for number, cells in table if read_hazard_row(number, cells) is not None])
        reading = time.perf_counter() - began
        print(f"read only        {rows:>8,} rows  {rows / reading:>10,.0f} rows/s")
        settings = Settings(home=Path(folder) / "home", database_url=None)
        with home.opened(settings, create_missing=True) as ledger:
            for again in ("first import", "the same again"):
                began = time.perf_counter()
                with ImportReport(table) as report:
                    Importer(
                        ledger,
                        table,
                        source="bench",
                        now=lambda: datetime.now(UTC),
                        random=os.urandom,
                    ).run(report, lambda _: None)
                took = time.perf_counter() - began
                print(f"{again:<16} {rows:>8,} rows  {rows / took:>10,.0f} rows/s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory at most   {peak:>8,.0f} MiB (this process, without PostgreSQL)")


if __name__ == "__main__":
    main()

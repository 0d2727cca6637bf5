"""How long "who has not reported this month" takes with 100,000 enterprises (3.2a).

The bar: 300 ms for a page of the roll, over the read model as it stands with that many. The rows
are made in the read model's own tables; the question is the product's. Run it with
``python -m bench.reporting [ENTERPRISES]``.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import date

import psycopg
from rich.console import Console
from rich.table import Table

from bench.place import new_ledger, server
from projections.organisations import Organisations
from projections.reports import Reports, list_reports
from projections.runner import Runner
from projections.views import Views

BAR = 300
ASKED = 20
PAGE = 500
_QUESTIONS = {"not reported": False, "reported": True, "all": None}
MONTH = "2024-05"
_ORGANISATIONS = """
    INSERT INTO {views}.organisation
    SELECT gen_random_uuid(), 'enterprise', 'BENCH' || lpad(n::text, 7, '0'), '第' || n || '号厂',
        NULL, '某县', '2614', n % 10 = 0, '2023-01-01', NULL, false
    FROM generate_series(1, {count}) AS n
"""
_OWED = "INSERT INTO {views}.report_owed SELECT id, '2023-01', NULL, 2024 FROM {views}.organisation"
_REPORTED = """
    INSERT INTO {views}.report
    SELECT gen_random_uuid(), id, month, 'ordinary', month || '-28', month || '-28', 'kept'
    FROM {views}.organisation, unnest(ARRAY['2024-03', '2024-04', '{month}']) AS month
    WHERE month <> '{month}' OR abs(hashtext(code)) % 100 < {percent}
"""
_SHARES = (70, 99)
"""Percent that have reported: in the middle of the last day, and after it."""


def main() -> None:
    """Fill the read model, ask for pages of those who have not reported, and print."""
    count = int(sys.argv[1]) if sys.argv[1:] else 100_000
    table = Table("reported", "asked for", "rows", "median ms", "worst ms", "bar")
    table.title = f"{count:,} enterprises, pages of {PAGE}"
    with server() as url:
        for percent in _SHARES:
            with new_ledger(url) as ledger:
                _fill(url, ledger.schema, count, percent)
                reader = Views(url, ledger.schema, size=1)
                try:
                    for what, reported in _QUESTIONS.items():
                        rows, times = _asked(reader, reported=reported)
                        median, worst = statistics.median(times), max(times)
                        figures = (f"{rows:,}", f"{median:.1f}", f"{worst:.1f}", str(BAR))
                        table.add_row(f"{percent} %", what, *figures)
                finally:
                    reader.close()
    Console().print(table)


def _fill(url: str, schema: str, count: int, percent: int) -> None:
    """Make the rows in the tables of the live side."""
    models = [Organisations(schema), Reports(schema)]
    runner = Runner(url, models, schema=schema)
    runner.catch_up()
    runner.stop()
    views = f"{schema}_views_a"
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (_ORGANISATIONS, _OWED, _REPORTED):
            text = statement.format(views=views, count=count, month=MONTH, percent=percent)
            connection.execute(text.encode())
        for each in ("organisation", "report", "report_owed"):
            connection.execute(f"ANALYZE {views}.{each}".encode())


def _asked(views: Views, *, reported: bool | None) -> tuple[int, list[float]]:
    """Ask page after page; return how many rows came, and what each page took."""
    times, rows, after = [], 0, None
    for _ in range(ASKED):
        began = time.perf_counter()
        page = list_reports(
            views, month=MONTH, today=date(2024, 6, 3), limit=PAGE, reported=reported, after=after
        )
        times.append((time.perf_counter() - began) * 1000)
        rows += len(page)
        after = (page[-1]["code"], page[-1]["enterprise"]) if len(page) == PAGE else None
    return rows, times


if __name__ == "__main__":
    main()

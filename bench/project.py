"""How fast read models are fed: the counts projection, in batches of 2,000, on a ledger of facts.

Run it with ``python -m bench.project [FACTS]``; the default is 100,000.
"""

from __future__ import annotations

import sys
from time import perf_counter

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.place import command, new_ledger, server
from domain.ledger import Ledger
from projections.build import BATCH
from projections.counts import Counts
from projections.runner import Runner

BAR = 20_000
_FACTS_PER_COMMAND = 100
_COMMANDS_PER_CALL = 10


def fill(ledger: Ledger, facts: int, progress: Progress) -> None:
    """Append so many facts."""
    step = _FACTS_PER_COMMAND * _COMMANDS_PER_CALL
    for _ in progress.track(range(0, facts, step), description="filling the ledger"):
        ledger.append_many([command(_FACTS_PER_COMMAND) for _ in range(_COMMANDS_PER_CALL)])


def main() -> None:
    """Measure and print."""
    facts = int(sys.argv[1]) if sys.argv[1:] else 100_000
    console = Console()
    with server() as url, new_ledger(url) as ledger:
        with Progress(console=console, transient=True) as progress:
            began = perf_counter()
            fill(ledger, facts, progress)
            filling = perf_counter() - began
            position = ledger.head().position
            runner = Runner(url, [Counts()], schema=ledger.schema)
            began = perf_counter()
            runner.catch_up()
            applying = perf_counter() - began
            task = progress.add_task("making it anew", total=position)
            began = perf_counter()
            runner.rebuild("counts", tell=lambda at: progress.update(task, completed=at))
            rebuilding = perf_counter() - began
            runner.stop()
        began = perf_counter()
        after = 0
        while entries := ledger.range(after, BATCH, open_sealed=False):
            after = entries[-1].position
        reading = perf_counter() - began
    table = Table("what", "facts/s", "bar", title=f"{position:,} facts")
    for what, seconds, bar in (
        ("appended, 10 commands of 100 facts a call", filling, ""),
        (f"projected (counts), {BATCH:,} a transaction", applying, f"{BAR:,}"),
        ("made anew beside the live tables", rebuilding, f"{BAR:,}"),
        ("read as validated entries", reading, ""),
    ):
        table.add_row(what, f"{position / seconds:,.0f}", bar)
    console.print(table)


if __name__ == "__main__":
    main()

"""How long a month's rolls take for a city: 100,000 enterprises, two posts and two keys each.

Run it with ``python -m bench.rolls [ENTERPRISES]``. The read models are filled directly; what is
measured is composing the three rolls, keeping their entries, and one proof of each kind. Beside it,
in the same run, bare hashing of the same entries.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from rich.console import Console
from rich.table import Table

from api.rolls import keep
from bench.place import new_ledger, server
from projections.reports import Reports
from projections.rolls import RollBook, compose
from projections.runner import Runner

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from projections.build import Projection

MONTH = "2024-05"
_FILL = (
    """
    INSERT INTO report_owed SELECT md5('e' || n)::uuid, '2024-01', NULL
    FROM generate_series(1, %(count)s) AS n
    """,
    """
    INSERT INTO roll_chain SELECT md5('e' || n)::uuid, 40, sha256(convert_to('c' || n, 'UTF8'))
    FROM generate_series(1, %(count)s) AS n
    """,
    """
    INSERT INTO roll_filing SELECT md5('r' || n)::uuid, n, md5('e' || n)::uuid, '2024-05',
        '2024-05-29T02:00:00Z', sha256(convert_to('d' || n, 'UTF8')), '2024-05-30T02:00:00Z',
        sha256(convert_to('s' || n, 'UTF8'))
    FROM generate_series(1, %(count)s) AS n WHERE n %% 10 > 0
    """,
    """
    INSERT INTO roll_post SELECT md5('p' || n)::uuid, md5('e' || n / 2)::uuid, 'deputy'
    FROM generate_series(1, %(count)s * 2) AS n
    """,
    """
    INSERT INTO roll_holding SELECT md5('p' || n)::uuid, md5('h' || n)::uuid, n, NULL
    FROM generate_series(1, %(count)s * 2) AS n
    """,
    """
    INSERT INTO roll_key SELECT md5('k' || n)::uuid, encode(sha256(convert_to('k' || n, 'UTF8')),
        'hex'), md5('h' || n)::uuid, n, NULL
    FROM generate_series(1, %(count)s * 2) AS n
    """,
)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if sys.argv[1:] else 100_000
    with server() as url, new_ledger(url) as ledger:
        models: list[Projection] = [Reports(ledger.schema), RollBook(ledger.schema)]
        runner = Runner(url, models, schema=ledger.schema)
        runner.catch_up()
        runner.stop()
        with psycopg.connect(url) as connection:
            connection.execute(f"SET search_path = {ledger.schema}_views_a".encode())
            for statement in _FILL:
                connection.execute(statement.encode(), {"count": count})
        _measure(ledger, count)


def _measure(ledger: Ledger, count: int) -> None:
    table = Table("what", "seconds", title=f"rolls of {count:,} enterprises")
    began = perf_counter()
    composed = compose(ledger, MONTH)
    table.add_row("composed", f"{perf_counter() - began:.2f}")
    began = perf_counter()
    for roll in composed.rolls.values():
        for leaf in roll.leaves:
            sha256(b"\0" + leaf).digest()
    table.add_row("  bare hashing of the entries", f"{perf_counter() - began:.2f}")
    for kind, roll in composed.rolls.items():
        began = perf_counter()
        fact = keep(ledger, kind, MONTH, roll, composed.upto)
        table.add_row(f"kept: {kind}, {fact.head.size:,}", f"{perf_counter() - began:.2f}")
        ident = roll.ids[len(roll.ids) // 2]
        for what, asked in (("presence", ident), ("absence", str(UUID(int=1 << 100)))):
            began = perf_counter()
            ledger.rolls.stored(fact.head).prove(asked)
            table.add_row(f"  a proof of {what}", f"{perf_counter() - began:.4f}")
    Console().print(table)


if __name__ == "__main__":
    main()

"""A city 一城: twelve months of so many enterprises, and what everything takes with them on record.

The city is the same at every run, and grows month by month as a real one does, so that an
enterprise's facts lie scattered over the whole ledger. It is written through the append function,
like everything. Each figure stands beside the bare operation of PostgreSQL that bounds it, in the
same run on the same ledger.

Run it with ``python -m bench.city [ENTERPRISES ...]``; the default is 1,000 and 10,000, some 10^5
and 10^6 facts (100,000 make 10^7). ``--keep DIRECTORY`` leaves the ledger there for looking at.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import tempfile
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

import psycopg
from psycopg import sql

import api.operations  # noqa: F401 - every kind of fact must be known
from api import home
from api.asking import ask_trace
from api.auditing import audit
from api.settings import Settings
from bench.append import BARE_TABLES, Bare, alternate, one_client
from bench.made import county, hazard, staffed, unit_code
from domain.errors import DaochaError
from domain.fact import Actor, Draft, Fact
from domain.ledger import Command, Query
from domain.monthly_report import ReportFiled, report_id
from domain.organisation import organisation_id
from domain.trace import LOOK_BACK, Question
from projections.hazards import list_hazards
from projections.models import read_models
from projections.reports import list_reports
from projections.rolls import compose
from projections.runner import Runner
from projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from domain.ledger import Ledger

MONTHS = tuple(f"2024-{number:02}" for number in range(1, 13))
_AT_ONCE = 25
"""Commands in one call."""
_UNDER_WAY = 4
_ASKED = 100
_BY = Actor(authentication="system")


class Row(NamedTuple):
    """One line of the table."""

    what: str
    ours: str
    bare: str
    ratio: str


def months(number: int) -> Iterator[Command]:
    """Yield an enterprise's commands: how it begins, then one for each month. 100 facts in all."""
    org, department = organisation_id(unit_code(number)), organisation_id("BENCH-DEPT")
    for index, month in enumerate(MONTHS):
        facts: list[tuple[UUID, Fact]] = list(staffed(number)) if index == 0 else []
        if index % 3:  # eight hazards a year
            record = uuid5(org, f"hazard {index}")
            facts += [(record, fact) for fact in hazard(org, department, index)]
        filed = ReportFiled(enterprise=org, month=month, kind="ordinary", to_org=department)
        facts.append((report_id(org, month), filed))
        yield _command(org, index, facts)


def _command(org: UUID, index: int, facts: list[tuple[UUID, Fact]]) -> Command:
    begins = datetime(2024, index + 1, 1, 1, tzinfo=UTC)
    versions: dict[UUID, int] = {}
    drafts = []
    for step, (record, fact) in enumerate(facts):
        versions[record] = versions.get(record, 0) + 1
        moment = begins + timedelta(hours=18 * step)
        drafts.append(Draft(record, versions[record], fact, _BY, moment, moment))
    ident = uuid5(org, f"city {index}")
    return Command(ident, tuple(drafts), ident.bytes, recorded=begins + timedelta(days=27))


def fill(ledger: Ledger, enterprises: int) -> float:
    """Write the city; return the seconds it took.

    Two threads make commands, one after the other's calls are under way, since making them takes
    as long as recording them. A month is over before the next begins.
    """
    first = county()
    ledger.append(
        Command(first.id, first.drafts, first.digest, recorded=datetime(2024, 1, 1, tzinfo=UTC))
    )
    began = time.perf_counter()
    going = [months(number) for number in range(enterprises)]
    with ThreadPoolExecutor(2) as threads:
        for _ in MONTHS:
            under_way: deque[Future[Any]] = deque()
            for start in range(0, enterprises, _AT_ONCE):
                part = going[start : start + _AT_ONCE]
                under_way.append(threads.submit(_record, ledger, part))
                if len(under_way) == _UNDER_WAY:
                    under_way.popleft().result()
            for each in under_way:
                each.result()
    return time.perf_counter() - began


def _record(ledger: Ledger, part: list[Iterator[Command]]) -> None:
    for answer in ledger.append_many([next(each) for each in part]):
        if isinstance(answer, DaochaError):
            raise answer


def measure(url: str, settings: Settings, ledger: Ledger, enterprises: int) -> Iterator[Row]:
    """Yield the rows of the table."""
    took = fill(ledger, enterprises)
    facts = ledger.head().position
    yield Row(
        f"**{facts:,} facts** written, {_AT_ONCE} commands a call", _rate(facts, took), "", ""
    )
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("fact", "tag", "command", "sealed"):
            connection.execute(f"VACUUM ANALYZE {ledger.schema}.{table}".encode())
        size = _size(connection, ledger.schema)
        yield Row(
            "bytes a fact, with tags, indexes and sealed values", f"{size / facts:,.0f}", "", ""
        )
        yield from _projected(url, ledger, connection, facts)
        yield from _appended(ledger, connection)
        yield from _asked(url, ledger, enterprises)
    began = time.perf_counter()
    fault = audit(settings, fresh=True).fault
    if fault:
        raise AssertionError(fault)
    took = time.perf_counter() - began
    yield Row("audit, fresh", _rate(facts, took), "", "")


def _projected(
    url: str, ledger: Ledger, connection: psycopg.Connection[Any], facts: int
) -> Iterator[Row]:
    """Every read model is fed, then all are made anew; the bare upsert of as many rows beside."""
    models = read_models(ledger.schema)
    runner = Runner(url, models, schema=ledger.schema)
    total = 0.0
    for model in models:
        began, used = time.perf_counter(), time.process_time()
        one = Runner(url, [model], schema=ledger.schema)
        one.catch_up()
        one.stop()
        took = time.perf_counter() - began
        total += took
        share = (time.process_time() - used) / took
        yield Row(f"projected: {model.name} ({share:.0%} in Python)", _rate(facts, took), "", "")
    runner.stop()
    upserts = _upserted(connection, ledger.schema, facts)
    yield Row(
        "projected: all read models, one after the other",
        _rate(facts, total),
        f"upsert {_rate(facts, upserts)}",
        "",
    )
    for model in models:
        for table in model.tables:
            connection.execute(f"ANALYZE {ledger.schema}_views_a.{table}".encode())


def _upserted(connection: psycopg.Connection[Any], schema: str, facts: int) -> float:
    """Return the seconds that a bare upsert of one small row a fact takes, 2,000 a statement."""
    connection.execute(f"CREATE TABLE {schema}.bare_row (id uuid PRIMARY KEY, n int)".encode())
    statement = sql.SQL(
        "INSERT INTO {} SELECT md5((n %% 50000)::text)::uuid, n"
        " FROM generate_series(%s::integer, %s::integer) AS n"
        " ON CONFLICT (id) DO UPDATE SET n = excluded.n"
    ).format(sql.Identifier(schema, "bare_row"))
    step = 2000
    count = min(facts, 200_000) // step * step
    began = time.perf_counter()
    for start in range(0, count, step):
        connection.execute(statement, [start, start + step - 1])
    took = time.perf_counter() - began
    connection.execute(f"DROP TABLE {schema}.bare_row".encode())
    return took * facts / count


def _appended(ledger: Ledger, connection: psycopg.Connection[Any]) -> Iterator[Row]:
    connection.execute(BARE_TABLES.replace("{schema}", ledger.schema).encode())
    bare = Bare(connection, ledger.schema)
    for count in (1, 100):
        ways = one_client(ledger, bare, count)
        alternate(ways, 0.2)
        found = alternate(ways, 2.0)
        what = "append, one client" if count == 1 else f"append, one command of {count} facts"
        yield Row(
            what,
            f"{found['append'] * count:,.0f}/s",
            f"insert {found['bare'] * count:,.0f}/s",
            f"{found['append'] / found['bare']:.2f}",
        )
    for name in ("bare_fact", "bare_tag", "bare_command"):
        connection.execute(f"DROP TABLE {ledger.schema}.{name}".encode())


def _asked(url: str, ledger: Ledger, enterprises: int) -> Iterator[Row]:
    chosen = random.Random(enterprises).sample(range(enterprises), min(_ASKED, enterprises))  # noqa: S311
    orgs = [organisation_id(unit_code(number)) for number in chosen]
    question = Question(date(2024, 12, 31), None, None, LOOK_BACK)
    bare = _median(lambda org: ledger.read(Query((f"org:{org}",)), open_sealed=False), orgs)
    ours = _median(lambda org: ask_trace(ledger, org, question), orgs)
    yield Row("trace of an enterprise", f"{ours:.1f} ms", f"its facts read {bare:.1f} ms", "")
    views = Views(url, ledger.schema, size=1)
    today = date(2024, 12, 31)
    try:
        for what, ask in {
            "list: hazards found last": lambda _: list_hazards(views, today=today, limit=50),
            "list: hazards open and overdue": lambda _: list_hazards(
                views, today=today, limit=50, state="open", overdue=True
            ),
            "list: hazards of one enterprise": lambda org: list_hazards(
                views, today=today, limit=50, enterprise=org
            ),
            "who has not reported this month": lambda _: list_reports(
                views, month="2024-12", today=today, limit=500, reported=False
            ),
            "who has reported this month": lambda _: list_reports(
                views, month="2024-12", today=today, limit=500, reported=True
            ),
        }.items():
            yield Row(what, f"{_median(ask, orgs[:20]):.1f} ms", "", "")
    finally:
        views.close()
    began = time.perf_counter()
    compose(ledger, "2024-12")
    yield Row("month-end roll of all enterprises", f"{time.perf_counter() - began:.2f} s", "", "")


def _median(ask: Callable[[UUID], object], orgs: list[UUID]) -> float:
    times = []
    for org in orgs:
        began = time.perf_counter()
        ask(org)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _size(connection: psycopg.Connection[Any], schema: str) -> int:
    (found,) = connection.execute(
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = %s::regnamespace",
        [schema],
    ).fetchall()
    return int(found[0])


def _rate(facts: int, seconds: float) -> str:
    return f"{facts / seconds:,.0f}/s"


@contextmanager
def city(folder: Path) -> Iterator[tuple[str, Settings, Ledger]]:
    """Give a simulated ledger on an embedded server of its own."""
    folder.chmod(0o711)
    settings = Settings(home=folder / "home", database_url=None, origin="bench.example/city")
    with home.database(settings) as url:
        home.make(url, settings, "simulated", opened=datetime(2023, 12, 31, tzinfo=UTC))
        with home.opened(settings) as ledger:
            yield url, settings, ledger


def main() -> None:
    """Measure and print, in Markdown."""
    asked = argparse.ArgumentParser()
    asked.add_argument("enterprises", type=int, nargs="*", default=[1_000, 10_000])
    asked.add_argument("--keep", type=Path)
    given = asked.parse_args()
    for enterprises in given.enterprises:
        print(f"\n### {enterprises:,} enterprises\n", flush=True)
        print("| what | daocha | bare PostgreSQL | ratio |\n| --- | --- | --- | --- |", flush=True)
        with tempfile.TemporaryDirectory(prefix="daocha-bench-") as temporary:
            folder = given.keep or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            with city(folder) as (url, settings, ledger):
                for row in measure(url, settings, ledger, enterprises):
                    print(f"| {' | '.join(row)} |", flush=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"| memory of this process, at most | {peak} MiB | | |", flush=True)
    print(f"\n{os.cpu_count()} cores", flush=True)


if __name__ == "__main__":
    main()

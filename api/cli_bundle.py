"""``daocha bundle``: write down in one file what convinces somebody who has no access here."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api import home
from api.asking import find_incident
from api.bundling import Bundler
from api.cli_rolls import entry_id
from api.finding import record_numbered
from api.terminal import err
from api.when import read_known_at, read_when
from domain.errors import Invalid, Unavailable
from domain.trace import LOOK_BACK, Question
from projections.documents import Documents
from projections.incidents import Incidents
from projections.log import Log, Tiles
from projections.organisations import Organisations
from projections.runner import Runner
from projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.ledger import Ledger
    from projections.build import Projection

bundle = typer.Typer(
    help="证据包：一个文件，离线可核验 · evidence that can be verified offline",
    no_args_is_help=True,
)
_Output = Annotated[Path | None, typer.Option("--output", "-o", help="写入哪个文件 · where to")]
_Mask = Annotated[
    bool,
    typer.Option("--mask/--disclose", help="不公开／公开姓名和文字 · keep names and words back"),
]
_Reference = Annotated[str, typer.Argument(help="编号或档案编号 · its number or id", metavar="ID")]


@bundle.command("report")
def bundle_report(
    context: typer.Context,
    enterprise: Annotated[str, typer.Argument(help="单位编码 · its code or id")],
    month: Annotated[str, typer.Argument(help="月份，如 2024-05 · the month")],
    output: _Output = None,
    mask: _Mask = False,
) -> None:
    """一家单位某月的月报或零报告，及其签名。"""
    with _bundler(context) as (_, bundler):
        _write(bundler.of_report(UUID(entry_id(enterprise)), month, mask=mask), output)


@bundle.command("extract")
def bundle_extract(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="单位编码 · the enterprise's code", metavar="CODE")],
    output: _Output = None,
) -> None:
    """可供银行核验的摘要：一家企业的隐患各步和达标等级，不公开姓名和文字（4.2c，推定）。"""
    with _bundler(context) as (_, bundler):
        _write(bundler.of_extract(UUID(entry_id(code))), output)


@bundle.command("order")
def bundle_order(
    context: typer.Context, reference: _Reference, output: _Output = None, mask: _Mask = False
) -> None:
    """一份责令限期整改指令书，从下达到复查。"""
    with _bundler(context) as (views, bundler):
        record = record_numbered(views, "order", reference)
        _write(bundler.of_record("order", record, mask=mask), output)


@bundle.command("hazard")
def bundle_hazard(
    context: typer.Context, reference: _Reference, output: _Output = None, mask: _Mask = False
) -> None:
    """一项隐患，从发现到销号。"""
    with _bundler(context) as (views, bundler):
        record = record_numbered(views, "hazard", reference)
        _write(bundler.of_record("hazard", record, mask=mask), output)


@bundle.command("trace")
def bundle_trace(
    context: typer.Context,
    incident: Annotated[str | None, typer.Option(help="事故编号 · an accident's number")] = None,
    enterprise: Annotated[str | None, typer.Option(help="单位编码 · a unit's code")] = None,
    at: Annotated[str | None, typer.Option(help="时刻，如 2024-09-18 14:20")] = None,
    known_at: Annotated[str | None, typer.Option(help="截至何时所知 · as known on")] = None,
    look_back: Annotated[int, typer.Option(min=0, max=36500, help="讲述回溯天数")] = LOOK_BACK.days,
    output: _Output = None,
    mask: _Mask = False,
) -> None:
    """一次倒查，及其所依据的每一条事实。"""
    known = None if known_at is None else read_known_at(known_at, "--known-at")
    days = timedelta(days=look_back)
    with _bundler(context) as (views, bundler):
        if incident is not None:
            found = find_incident(views, incident)
            place, question = found.enterprise, Question(found.at, known, found.id, days)
        elif enterprise is not None and at is not None:
            place = UUID(entry_id(enterprise))
            question = Question(read_when(at, "--at"), known, None, days)
        else:
            raise Invalid(
                "须给出 --incident，或 --enterprise 与 --at",
                "give --incident, or --enterprise together with --at",
                todo_zh="例如 --enterprise 91371399MA3C00003U --at 2024-09-18",
                todo_en="for example --enterprise 91371399MA3C00003U --at 2024-09-18",
            )
        _write(bundler.of_trace(place, question, mask=mask), output)


@contextmanager
def _bundler(context: typer.Context) -> Iterator[tuple[Views, Bundler]]:
    """Yield what makes bundles, with the read models it needs caught up."""
    with home.opened(context.obj) as ledger:
        models: list[Projection] = [Tiles(), Documents()]
        models += [Organisations(ledger.schema), Incidents(ledger.schema)]
        caught_up(ledger, models)
        views = Views(ledger.conninfo, ledger.schema, size=1)
        try:
            yield views, Bundler(ledger, Log(ledger))
        finally:
            views.close()


def caught_up(ledger: Ledger, models: list[Projection]) -> None:
    """Bring read models up to where the ledger is, where no server does."""
    runner = Runner(ledger.conninfo, models, schema=ledger.schema)
    try:
        runner.catch_up()
    finally:
        runner.stop()


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    write(data, output)
    err.print(f"{output}：{len(data):,} 字节。核验：daocha verify {output} --policy 信任策略文件")


def write(data: bytes, output: Path) -> None:
    """Write a file.

    Raises:
        Unavailable: it cannot be written there.
    """
    try:
        output.write_bytes(data)
    except OSError as error:
        raise Unavailable(
            f"不能写入 {output}：{error.strerror}",
            f"cannot write {output}: {error.strerror}",
            todo_zh="检查目录和权限",
            todo_en="check the folder and its permissions",
            where=str(output),
        ) from error

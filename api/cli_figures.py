"""``daocha figures``: what the record shows of a body's year or quarter; a quarter recorded."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.table import Table
from uuid_utils.compat import uuid7

from api import home
from api.charges import read_charge
from api.cli_rolls import entry_id
from api.figures_told import tell_assessments, tell_items, tell_quarter, tell_year
from api.terminal import BY, AsJson, now, out
from domain.errors import Invalid
from domain.quarter import QUARTER, QuarterAssessed, quarter_id
from domain.recording import Act, record
from domain.yearly import Key
from projections.charges import Charges
from projections.organisations import Organisations
from projections.runner import Runner
from projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from api.charges import Charge
    from domain.ledger import Ledger

figures = typer.Typer(
    help="考核和季度数据：从台账提取，件件可查 · figures drawn from the record",
    no_args_is_help=True,
)
_Code = Annotated[str, typer.Argument(help="政府、部门的编码 · the body's code", metavar="CODE")]
_Year = Annotated[int, typer.Argument(help="年度 · the year", min=1990, max=2100)]
_STANDINGS = {"kept": "按期", "late": "逾期办结", "missed": "逾期未办", "other": "其他"}


@figures.command("year")
def show_year(
    context: typer.Context,
    code: _Code,
    year: _Year,
    behind: Annotated[
        Key | None, typer.Option(help="列出某项指标背后的每一件事 · what lies behind a figure")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """一年的考核数据，外聘专家排查在先（5.4a）。"""
    with _charge(context, code) as (_, charge):
        if behind is not None:
            items = tell_items(charge, year, behind, now())
            if _printed(items, as_json=as_json):
                return
            table = _table(items.words.zh, "单位", "事项", "期限", "情况", "事实")
            for item in items.items:
                due = item.due.isoformat() if item.due else ""
                facts = "、".join(map(str, item.facts))
                table.add_row(item.name, item.detail, due, _STANDINGS[item.standing], facts)
            out.print(table)
            return
        told = tell_year(charge, year, now())
    if _printed(told, as_json=as_json):
        return
    title = f"{told.name} {year}年，所辖企业{told.charge}家，数据截至第{told.upto}条事实"
    table = _table(title, "指标", "应办", "按期", "逾期办结", "逾期未办")
    for each in told.figures:
        table.add_row(each.words.zh, *map(str, (each.owed, each.kept, each.late, each.missed)))
    out.print(table)


@figures.command("quarter")
def show_quarter(
    context: typer.Context,
    code: _Code,
    quarter: Annotated[
        str, typer.Argument(help="季度，如 2024-Q2 · the quarter", metavar="QUARTER")
    ],
    keep: Annotated[
        bool, typer.Option("--record", help="录入为该季度的评估分析 · record the assessment")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """一个季度按地区和行业的分析数据（3.2f）；--record 据以录入评估分析。"""
    if not re.fullmatch(QUARTER, quarter):
        raise Invalid(
            f"不是季度：{quarter}",
            f"not a quarter: {quarter}",
            todo_zh="写作 2024-Q2",
            todo_en="write it as 2024-Q2",
            where="QUARTER",
        )
    with _charge(context, code) as (ledger, charge):
        told = tell_quarter(charge, quarter)
        if keep:
            fact = QuarterAssessed(
                body=charge.body,
                quarter=told.quarter,
                upto=told.upto,
                figures=tuple(told.figures),
                drawn=True,
            )
            moment = now()
            act = Act(quarter_id(charge.body, told.quarter), fact, moment)
            record(ledger, [act], command=uuid7(), by=BY, received=moment)
    if _printed(told, as_json=as_json):
        return
    title = f"{told.name} {told.quarter}，数据截至第{told.upto}条事实"
    table = _table(title, "地区", "行业", "企业", "发现", "重大", "销号", "逾期", "未报")
    for each in told.figures:
        counts = (
            *(each.charge, each.found_hazards, each.major_hazards),
            *(each.closed_hazards, each.overdue_hazards, each.unreported),
        )
        table.add_row(each.area, each.industry, *map(str, counts))
    out.print(table)


@figures.command("assessments")
def show_assessments(
    context: typer.Context, code: _Code, year: _Year, as_json: AsJson = False
) -> None:
    """应考核的下级政府和部门，已考核与否（5.4c）。"""
    with _charge(context, code) as (_, charge):
        told = tell_assessments(charge, year, now())
    if _printed(told, as_json=as_json):
        return
    table = _table(f"{told.name} {year}年度考核", "单位", "状态", "等次")
    for each in told.bodies:
        table.add_row(each.name, each.state, each.outcome.value if each.outcome else "")
    out.print(table)


@contextmanager
def _charge(context: typer.Context, code: str) -> Iterator[tuple[Ledger, Charge]]:
    """Yield the ledger and a body's charge, with the read models it needs caught up."""
    with home.opened(context.obj) as ledger:
        models = (Organisations(ledger.schema), Charges(ledger.schema))
        runner = Runner(ledger.conninfo, models, schema=ledger.schema)
        views = Views(ledger.conninfo, ledger.schema, size=1)
        try:
            runner.catch_up()
            yield ledger, read_charge(ledger, views, runner, UUID(entry_id(code)))
        finally:
            views.close()
            runner.stop()


def _printed(told: BaseModel, *, as_json: bool) -> bool:
    if as_json:
        sys.stdout.write(told.model_dump_json() + "\n")
    return as_json


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table

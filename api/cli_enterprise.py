"""``daocha enterprise``: an enterprise's posts, money and own rules, and a body's inspectors."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.table import Table

from api import home
from api.asking import ask_docket
from api.cli_rolls import entry_id
from api.enterprise_told import (
    RULES,
    tell_funds,
    tell_inspectors,
    tell_posts,
    tell_rules,
)
from api.terminal import AsJson, now, out
from api.when import read_known_at, read_when
from domain.moment import local_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from domain.policy.duty import Docket

enterprise = typer.Typer(
    help="企业主体责任：岗位责任制、资金、规章制度 · an enterprise's posts, money and own rules",
    no_args_is_help=True,
)
_Code = Annotated[str, typer.Argument(help="单位编码 · its code", metavar="CODE")]
_At = Annotated[str | None, typer.Option("--at", help="截至何时，如 2024-09-18 · as at")]
_KnownAt = Annotated[str | None, typer.Option("--known-at", help="截至何时所知 · as known on")]
_FEN = 100


@enterprise.command("posts")
def show_posts(
    context: typer.Context,
    code: _Code,
    at: _At = None,
    known_at: _KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """岗位逐级连到主要负责人；连不到的逐一列明（1.3b）。"""
    with _docket(context, code, at, known_at) as docket:
        told = tell_posts(docket)
    if _printed(told, as_json=as_json):
        return
    table = _table(f"{told.name} 岗位", "岗位", "级数", "任职", "连不到主要负责人的原因")
    for each in told.posts:
        holders = "、".join(h.name or str(h.person) for h in each.holders) or "空缺"
        depth = "–" if each.depth is None else str(each.depth)
        table.add_row(each.title, depth, holders, each.why.zh if each.why else "")
    out.print(table)
    for person in told.without_post:
        out.print(f"在岗而没有岗位：{person.name or person.person}")
    if told.written is None:
        out.print("没有施行中的责任制")


@enterprise.command("funds")
def show_funds(
    context: typer.Context,
    code: _Code,
    year: Annotated[int | None, typer.Option(help="年度 · which year")] = None,
    at: _At = None,
    known_at: _KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """一年的资金：计划、安排、支出，不足之数，没有资金来源的整改（1.3c）。"""
    with _docket(context, code, at, known_at) as docket:
        told = tell_funds(docket, year or local_day(docket.at).year)
    if _printed(told, as_json=as_json):
        return
    planned = "没有计划" if told.planned is None else _yuan(told.planned.amount)
    out.print(
        f"{told.name} {told.year}年：计划 {planned}，安排 {_yuan(told.allotted.amount)}，"
        f"支出 {_yuan(told.spent.amount)}，不足 {_yuan(told.shortfall)}，"
        f"计划未支出 {_yuan(told.not_spent)}"
    )
    table = _table("隐患治理资金", "隐患", "来源", "安排", "支出", "不足")
    for each in told.hazards:
        source = each.source or ("没有资金来源" if each.unfunded else "")
        money = map(_yuan, (each.allotted, each.spent, each.shortfall))
        table.add_row(each.number, source, *money)
    out.print(table)
    if told.written is None:
        out.print("没有施行中的资金使用专项制度")


@enterprise.command("rules")
def show_rules(
    context: typer.Context,
    code: _Code,
    at: _At = None,
    known_at: _KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """企业的规章制度各版本、由谁批准，所缺的类别（1.3f）。"""
    with _docket(context, code, at, known_at) as docket:
        told = tell_rules(docket)
    if _printed(told, as_json=as_json):
        return
    table = _table(f"{told.name} 规章制度", "类别", "名称", "版本", "批准", "施行", "至")
    for each in told.rules:
        name = each.adopted_by.name or str(each.adopted_by.person)
        table.add_row(
            RULES[each.kind][0],
            each.title,
            each.version,
            f"{each.post_title or ''} {name}".strip(),
            local_day(each.since).isoformat(),
            local_day(each.until).isoformat() if each.until else "",
        )
    out.print(table)
    if told.missing:
        out.print(f"所缺制度：{'、'.join(each.words.zh for each in told.missing)}")


@enterprise.command("inspectors")
def show_inspectors(
    context: typer.Context,
    code: _Code,
    at: _At = None,
    known_at: _KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """监管部门的执法人员、证件、培训和装备（1.2e）。"""
    with _docket(context, code, at, known_at) as docket:
        told = tell_inspectors(docket)
    if _printed(told, as_json=as_json):
        return
    table = _table(f"{told.name} 执法人员", "姓名", "证件有效至", "最近培训")
    for each in told.inspectors:
        until = each.valid_to.isoformat() if each.valid_to else "长期"
        trained = local_day(each.last_trained).isoformat() if each.last_trained else ""
        table.add_row(
            each.name or str(each.person), until if each.certified else "无有效证件", trained
        )
    out.print(table)
    for thing in told.equipment:
        out.print(f"{thing.name} {thing.count}台{'' if thing.usable else '（已过期）'}")


@contextmanager
def _docket(
    context: typer.Context, code: str, at: str | None, known_at: str | None
) -> Iterator[Docket]:
    moment = now() if at is None else read_when(at, "--at")
    known = None if known_at is None else read_known_at(known_at, "--known-at")
    with home.opened(context.obj) as ledger:
        yield ask_docket(ledger, UUID(entry_id(code)), moment, known)


def _printed(told: BaseModel, *, as_json: bool) -> bool:
    if as_json:
        sys.stdout.write(told.model_dump_json() + "\n")
    return as_json


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _yuan(fen: int) -> str:
    return f"{fen / _FEN:,.2f}元"

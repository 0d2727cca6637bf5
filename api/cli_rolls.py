"""``daocha roll``: take the rolls of a month, and prove who filed and who did not."""

from __future__ import annotations

import sys
from typing import Annotated
from uuid import UUID

import typer

from api import home
from api.rolls import catch_up, take
from api.rolls_told import Kind, ask_roll, taken_answer
from api.terminal import AsJson, now, out, print_json
from domain.organisation import organisation_id

roll = typer.Typer(
    help="名册：到期谁应报、谁已报，谁任何职，谁的密钥有效 · who owed, who filed, who held a post",
    no_args_is_help=True,
)
_Month = Annotated[str, typer.Argument(help="月份，如 2024-05", metavar="MONTH")]


@roll.command("take")
def take_rolls(context: typer.Context, month: _Month, as_json: AsJson = False) -> None:
    """封存一个月的名册（已封存的不再重做）。服务器运行时自动封存。"""
    with home.opened(context.obj) as ledger:
        catch_up(ledger)
        told = [taken_answer(entry) for entry in take(ledger, month, now())]
    if as_json:
        print_json([each.model_dump(mode="json") for each in told])
        return
    for each in told:
        out.print(f"{each.head.of}：{each.head.size} 条，第 {each.position} 条事实")


@roll.command("show")
def show_roll(
    context: typer.Context,
    month: _Month,
    ident: Annotated[str, typer.Argument(help="单位编码，或岗位、密钥的档案编号", metavar="ID")],
    kind: Annotated[Kind, typer.Option(help="哪一名册 · which roll")] = "monthly_report",
    as_json: AsJson = False,
) -> None:
    """证明某单位到期已报、未报，或不在应报之列；或某岗位、某密钥的情况。"""
    with home.opened(context.obj) as ledger:
        told = ask_roll(ledger, kind, month, entry_id(ident))
    if as_json:
        sys.stdout.write(told.model_dump_json() + "\n")
    else:
        out.print(told.words.zh)


def entry_id(text: str) -> str:
    """Return the id of an entry: a record id as it is, or that of an organisation's code."""
    try:
        return str(UUID(text))
    except ValueError:
        return str(organisation_id(text))

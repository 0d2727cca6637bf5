"""``daocha settings``: every number and period that the policy leaves to be set, and a change."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table
from uuid_utils.compat import uuid7

from api import home
from api.pages.show import value_of_setting
from api.pages.words import Speech
from api.settings_told import SettingAnswer, SettingsAnswer, tell_settings
from api.terminal import BY, AsJson, now, out
from api.when import read_when
from domain.errors import Invalid
from domain.fact import Actor
from domain.recording import Act, record
from domain.setting import SETTINGS, SettingChanged

settings = typer.Typer(
    help="规则设置：条文留待设定的数字和期限 · the numbers and periods the policy leaves to be set",
    invoke_without_command=True,
)
_OFF = ("off", "停用")
_SAY = Speech("zh")


@settings.callback()
def show(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(help="截至哪一日，如 2024-09-18 · as at")] = None,
    as_json: AsJson = False,
) -> None:
    """列出全部规则设置：现值、自何时起、依据、是否推定、由哪条事实变更。"""
    if context.invoked_subcommand is not None:
        return
    moment = now() if at is None else read_when(at, "--at")
    with home.opened(context.obj) as ledger:
        told = tell_settings(ledger, moment)
    if as_json:
        sys.stdout.write(told.model_dump_json() + "\n")
    else:
        out.print(_table(told))


@settings.command("set")
def change(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="设置项，如 3.2b.report · which")],
    value: Annotated[
        str, typer.Argument(help="新值，如 “12 hours”“10 days”；off 为停用 · the new value")
    ],
    since: Annotated[str, typer.Option(help="自哪一日起，如 2024-07-01 · from which day on")],
    source: Annotated[str, typer.Option(help="依据，如文号 · the decision it rests on")],
    person: Annotated[
        UUID | None, typer.Option(help="决定人的档案编号 · the record id of who decided")
    ] = None,
) -> None:
    """变更一项规则设置，作为事实录入；此前已产生的义务仍按原设置判定。"""
    day = read_when(since, "--since")
    if isinstance(day, datetime):
        raise Invalid(
            "--since 须为日期",
            "--since is a day",
            todo_zh="例如 --since 2024-07-01",
            todo_en="for example --since 2024-07-01",
            where="--since",
        )
    fact = SettingChanged(key=key, value=None if value in _OFF else value, since=day, source=source)
    by = Actor(authentication="cli", person=person) if person else BY
    with home.opened(context.obj) as ledger:
        moment = now()
        act = Act(SETTINGS, fact, moment)
        receipt = record(ledger, [act], command=uuid7(), by=by, received=moment)
        (told,) = [s for s in tell_settings(ledger, max(moment, now())).settings if s.key == key]
    shown = _SAY.pick("停用", "off") if fact.value is None else value_of_setting(fact.value, _SAY)
    out.print(f"第 {receipt.positions[0]} 条事实：{told.title}自 {day} 起为{shown}")


def _table(told: SettingsAnswer) -> Table:
    table = Table(title=f"规则设置（{told.jurisdiction}）", title_justify="left")
    for heading in ("设置项", "现值", "自", "依据"):
        table.add_column(heading, overflow="fold")
    for each in told.settings:
        table.add_row(
            f"{each.key}\n{each.title}" + ("（推定，可停用）" if each.inferred else ""),
            value_of_setting(each.value, _SAY),
            str(each.since) if each.since else "默认",
            _source(each),
        )
    return table


def _source(each: SettingAnswer) -> str:
    by = f"（第 {each.changed_by} 条事实）" if each.changed_by else ""
    return each.source.split(" (", maxsplit=1)[0] + by

"""``daocha policy``: every clause, its rule, settings and scenarios, and what is owed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.panel import Panel
from rich.progress import Progress
from rich.table import Table

from api import home
from api.coverage import chosen, tell_clauses
from api.coverage_asked import Counted, ask_figures
from api.pages.show import value_of_setting
from api.pages.words import Speech
from api.settings_told import tell_settings
from api.terminal import AsJson, err, now, out
from domain.errors import NotFound
from projections.duties import count_duties
from projections.views import Views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from api.coverage import ClauseTold

_KINDS = {"duty": "义务", "gate": "门槛", "breach": "违反", "record": "记录", "view": "查询"}
_RESULTS = {"passed": "✓", "failed": "✗", "not_run": "–"}
_SAY = Speech("zh")


def policy(
    context: typer.Context,
    clause: Annotated[
        str, typer.Argument(help="条款，如 3.2c、三（二）；省略为全部 · which; all if left out")
    ] = "",
    count: Annotated[
        bool, typer.Option("--count", help="先清点各条现有义务 · count what is owed first")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """条款落实：各条的原文、规则所在、设置、场景及结果、现有义务。"""
    with home.opened(context.obj) as ledger:
        if count:
            with Progress(console=err, disable=not err.is_terminal) as progress:
                task = progress.add_task("清点", total=None)
                count_duties(
                    ledger,
                    now(),
                    tell=lambda done, of: progress.update(task, completed=done, total=of),
                )
        views = Views(ledger.conninfo, ledger.schema, size=1)
        try:
            counted = ask_figures(views)
        finally:
            views.close()
        told = chosen(tell_clauses(tell_settings(ledger, now()), counted.figures), clause)
    if not told:
        raise NotFound(
            f"没有条款 {clause}",
            f"there is no clause {clause}",
            todo_zh="写作 3.2c、3.2 或 三（二）",
            todo_en="write 3.2c, 3.2 or 三（二）",
        )
    if as_json:
        answer = {
            "as_of": counted.as_of,
            "clauses": [each.model_dump(mode="json") for each in told],
        }
        from api.terminal import print_json

        print_json(answer)
    elif clause:
        out.print(Group(*(_one(each, counted) for each in told)))
    else:
        out.print(_all(told, counted))


def _all(told: list[ClauseTold], counted: Counted) -> Table:
    title = f"条款落实（{sum(each.implemented for each in told)}/{len(told)}）"
    if counted.as_of:
        title += f"　义务清点至 {counted.as_of}"
    table = Table(title=title, title_justify="left")
    for heading in ("条款", "原文", "方式", "规则", "场景", "未到期", "逾期", "今年履行"):
        table.add_column(heading, overflow="fold")
    for each in told:
        passed = sum(scenario.result == "passed" for scenario in each.scenarios)
        figures = each.figures
        numbers = [figures.open, figures.overdue, figures.kept] if figures else ["–"] * 3
        table.add_row(
            f"{each.section}\n{each.number}",
            each.text,
            "、".join(_KINDS[kind] for kind in each.kinds),
            str(len(each.rules) or len(each.places)) if each.implemented else "未实现",
            f"{passed}/{len(each.scenarios)}",
            *map(str, numbers),
        )
    return table


def _one(each: ClauseTold, counted: Counted) -> RenderableType:
    lines = [f"“{each.text}”", "　".join(_KINDS[kind] for kind in each.kinds)]
    for rule in each.rules:
        lines.append(f"\n{_KINDS[rule.kind]}　{rule.zh}")
        lines += [f"    {place.file}:{place.line} {place.name}" for place in rule.places]
    if each.places:
        lines.append("\n另见")
        lines += [f"    {place.file}:{place.line} {place.name}" for place in each.places]
    if each.settings:
        lines.append("\n设置")
        lines += [
            f"    {s.key} {s.title}：{value_of_setting(s.value, _SAY)}"
            f"（{s.since or '默认'}，{s.source.split(' (')[0]}）"
            for s in each.settings
        ]
    lines.append(f"\n场景 {len(each.scenarios)} 个")
    lines += [f"    {_RESULTS[s.result]} {s.name}　{s.feature}:{s.line}" for s in each.scenarios]
    if each.figures:
        f = each.figures
        lines.append(
            f"\n清点至 {counted.as_of}：未到期 {f.open}，逾期 {f.overdue}，今年履行 {f.kept}"
        )
    state = "" if each.implemented else "　未实现"
    return Panel("\n".join(lines), title=f"{each.section} {each.number}{state}", title_align="left")

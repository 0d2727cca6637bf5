"""What the terminal shows: answers and refusals for people, Chinese first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.drafts import in_words
from domain.answer import NOTICE, BreachLine, DutyLine, State
from domain.moment import SHANGHAI, end, format_moment, local_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType

    from api.demo.seed import Shown
    from api.examine import Check
    from api.questions import Asked
    from domain.answer import Bearer, Trace
    from domain.errors import DaochaError
    from domain.what_if import WhatIf

_LINES = (
    ("leadership", "领导责任"),
    ("supervision", "部门监管责任"),
    ("enterprise", "主体责任"),
    ("expert", "专家责任"),
)
_STATES = {
    State.KEPT: ("按期", "green"),
    State.KEPT_LATE: ("逾期办结", "yellow"),
    State.OPEN: ("未到期", "blue"),
    State.BROKEN: ("未办", "red"),
    State.WAIVED: ("免除", "dim"),
}


def when(moment: date | datetime | None) -> str:
    """Write a moment as people read it: a day, or Shanghai time to the minute."""
    if moment is None:
        return "—"
    if isinstance(moment, datetime):
        return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return moment.isoformat()


def due(moment: datetime | None) -> str:
    """Write a deadline: one that ends a day as 24:00 of that day."""
    if moment is None:
        return "—"
    ended = local_day(moment) - timedelta(days=1)
    return f"{ended.isoformat()} 24:00" if moment == end(ended) else when(moment)


def refusal(console: Console, error: DaochaError) -> None:
    """Print a refusal: what is wrong, where, which clause says so, and what to do."""
    head = Text(f"✗ {error.zh}", style="red")
    if error.clause:
        head.append(f"〔{error.clause}〕")
    console.print(head, soft_wrap=True)
    for label, words in (("位置", error.where), ("怎么办", error.todo_zh)):
        if words:
            console.print(f"  {label}：{words}", soft_wrap=True)
    todo = f" — {error.todo_en}" if error.todo_en else ""
    console.print(Text(f"  {error.en}{todo}", style="dim"), soft_wrap=True)


def unanswered(asked: Asked, error: DaochaError) -> dict[str, Any]:
    """Return, as plain data, the line of a question among many that could not be answered."""
    return {
        "enterprise": asked.enterprise,
        "at": format_moment(asked.at),
        "refused": {
            "where": error.where,
            "zh": error.zh,
            "en": error.en,
            "todo_zh": error.todo_zh,
            "todo_en": error.todo_en,
        },
    }


def line(trace: Trace) -> str:
    """Return a trace in one line: the place, the moment, and the hazards' counts."""
    hazards = trace.hazards
    return (
        f"{trace.enterprise}  {when(trace.at)}  在案 {hazards.prior}  "
        f"未闭合 {len(hazards.open)}  逾期 {len(hazards.overdue)}"
    )


def story(trace: Trace) -> RenderableType:
    """Return a whole trace for the terminal: the accident, findings by line, what came after."""
    parts: list[RenderableType] = [_headline(trace), _counts(trace)]
    for name, words in _LINES:
        items = getattr(trace.lines, name)
        if items:
            parts.append(_table(words, items))
    if trace.entered_afterwards:
        parts.append(_afterwards(trace))
    parts.append(Text(trace.notice.zh, style="dim"))
    return Group(*parts)


def comparison(answer: WhatIf) -> RenderableType:
    """Return what other settings would change, finding by finding, side by side."""
    table = Table(title=in_words(answer), title_justify="left", expand=True)
    for heading in ("", "条款", "事项", "按现行设置", "按所设想的设置"):
        table.add_column(heading, overflow="fold")
    words = {"appears": "新出现", "vanishes": "消失", "changes": "变化"}
    for each in answer.changes:
        item = each.then or each.now
        what = f"{item.title.zh}：{item.subject.label}" if item else ""
        table.add_row(words[each.change], each.clause, what, _side(each.now), _side(each.then))
    return Group(table, Text(NOTICE["zh"], style="dim"))


def _side(item: DutyLine | BreachLine | None) -> Text:
    if item is None:
        return Text("—", style="dim")
    if isinstance(item, BreachLine):
        return Text(f"{when(item.at)} {item.detail.zh}", style="red")
    *_, limit, shown = _duty(item)
    setting = f"　设置 {item.setting.value}" if item.setting else ""
    return Text.assemble(f"限 {limit}{setting}\n", shown)


def _headline(trace: Trace) -> Panel:
    words = [f"{trace.place.name}（{trace.enterprise}）"]
    incident = trace.incident
    if incident:
        words.append(
            f"{incident.name}　{incident.level}　死亡{incident.deaths}人，"
            f"重伤{incident.serious_injuries}人，直接经济损失{incident.loss / 1_000_000:.2f}万元"
        )
    words.append(f"时刻 {when(trace.at)}　截至所知 {when(trace.known_at)}　第{trace.head}条事实")
    title = "事故倒查" + ("（演示数据）" if trace.simulated else "")
    return Panel("\n".join(words), title=title)


def _counts(trace: Trace) -> Text:
    hazards = trace.hazards
    text = Text(f"此前发现隐患 {hazards.prior} 项，未闭合 {len(hazards.open)} 项")
    if hazards.overdue:
        text.append(
            f"，其中逾期 {len(hazards.overdue)} 项：{'、'.join(hazards.overdue[:12])}", "red"
        )
    return text


def _table(title: str, items: Iterable[DutyLine | BreachLine]) -> Table:
    table = Table(title=title, title_justify="left", expand=True)
    for heading in ("条款", "事项", "岗位与人员", "期限", "记录所示", "事实"):
        table.add_column(heading, overflow="fold")
    for item in items:
        shown = _duty(item) if isinstance(item, DutyLine) else _breach(item)
        table.add_row(item.clause, *shown, " ".join(f"#{p}" for p in item.facts[:6]))
    return table


def _duty(duty: DutyLine) -> tuple[str, str, str, Text]:
    words, style = _STATES[duty.state]
    late = f"，逾期{duty.late_days}天" if duty.late_days is not None else ""
    done = f" {when(duty.done)}" if duty.done else ""
    after = "（依据事后补录）" if duty.done_by_late_entry else ""
    after += "（导入）" if duty.imported else ""
    what = f"{duty.title.zh}：{duty.subject.label}"
    return what, _who(duty.bearer), due(duty.due), Text(words + done + late + after, style=style)


def _breach(breach: BreachLine) -> tuple[str, str, str, Text]:
    after = "（事后补录）" if breach.entered_afterwards else ""
    text = Text(f"{when(breach.at)} {breach.detail.zh}{after}", style="red")
    return breach.title.zh, _who(breach.bearer), "—", text


def _who(bearer: Bearer) -> str:
    organisation = bearer.organisation.name if bearer.organisation else ""
    names = "、".join(dict.fromkeys(h.name or "〔已删除〕" for h in bearer.holders))
    if bearer.vacant:
        names = f"空缺，{bearer.answers}" if bearer.answers else "空缺"
    return f"{organisation} {bearer.title} {names}".strip()


def _afterwards(trace: Trace) -> Table:
    table = Table(title="事故之后才录入的", title_justify="left", expand=True, style="yellow")
    for heading in ("事项", "所称发生时间", "录入时间", "录入人", "事实"):
        table.add_column(heading, overflow="fold")
    for each in trace.entered_afterwards:
        facts = " ".join(f"#{p}" for p in each.facts[:6]) + (" …" if len(each.facts) > 6 else "")  # noqa: PLR2004 - six are enough to find the rest
        table.add_row(
            each.title.zh, when(each.happened), when(each.recorded), each.by or "—", facts
        )
    return table


def examination(checks: Iterable[Check]) -> Table:
    """Return what was looked at, as a table."""
    table = Table(title="体检", title_justify="left")
    for heading in ("", "项目", "所见", "怎么办"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        mark = Text("✓", style="green") if check.well else Text("✗", style="red")
        table.add_row(mark, check.zh, check.seen, check.todo_zh)
    return table


def tour(shown: Shown, port: int) -> RenderableType:
    """Return where to look at the demo, and at what."""
    base = f"http://127.0.0.1:{port}"
    return Panel(
        f"{shown.facts:,} 条事实。打开 {base}/incidents/{shown.number}/trace\n"
        f"先看：{when(shown.at)} {shown.name}的较大事故，一页讲完谁应当做什么，"
        "哪些按期、逾期、未办，哪些是事后补录\n"
        "再试：页首“按何时所知”改到事故当时；看同一页里按期履行的人\n"
        f"接口：{base}/docs\n"
        f"命令行：daocha --ledger demo trace --incident {shown.number}\n"
        "导览：docs/demo.md　停止：Ctrl+C",
        title="daocha 倒查 · 演示（县、单位和人均为虚构）",
    )

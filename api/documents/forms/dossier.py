"""事故责任倒查卷宗: the trace of an accident on paper, told as its page tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.paper import Fields, Paper, Table, Text
from api.pages.show import bearer_people, clause, deadline, holder, moment, money, tenure
from api.pages.story import Story, arose, badge, lead, said
from api.pages.words import Speech

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.documents.forms.filling import Filling
    from api.documents.paper import Block
    from api.pages.story import Chapter, Item
    from domain.answer import Bearer, Trace

_SAY = Speech("zh")
_HOW = ("broken", "late", "breach", "on_word", "kept", "handed_on", "open", "waived")


def dossier(filling: Filling, trace: Trace) -> Paper:
    """Return the dossier of a trace: findings first, then everybody, then the facts.

    Args:
        filling: of the accident's fact.
        trace: of the accident, as known when the dossier is made.
    """
    for line in trace.facts:
        filling.rests_on(line.position)
    story = Story(trace)
    return Paper(
        title="生产安全事故责任倒查卷宗",
        number=trace.incident.number if trace.incident else filling.code,
        issuer=trace.place.name,
        blocks=(
            Text((trace.notice.zh.replace("本图", "本卷宗"),)),
            Text((lead(story, _SAY),), "概要"),
            Fields(tuple(_accident(trace))),
            *_findings(story),
            *_people(story),
            *_leadership(trace),
            *_hazards(story),
            *_knowledge(trace),
            *_afterwards(trace),
            *_all_items(story),
            *_facts(trace),
        ),
        dated=filling.day,
        seal=False,
    )


def _accident(trace: Trace) -> Iterator[tuple[str, str]]:
    yield "单位", f"{trace.place.name}（{trace.enterprise}）"
    yield "所问时刻", moment(trace.at)
    yield "按何时所知", moment(trace.known_at) if trace.known_at else f"第{trace.head}条事实止"
    if trace.incident:
        what = trace.incident
        yield "事故", f"{what.number}　{what.name}"
        yield "事故等级", what.level
        yield "伤亡", f"死亡{what.deaths}人，重伤{what.serious_injuries}人"
        yield "直接经济损失", money(what.loss, _SAY)


def _findings(story: Story) -> Iterator[Block]:
    if not story.matters:
        yield Text((_SAY("no_findings"),), "一、未履行、迟履行的义务和违反")
        return
    for number, chapter in enumerate(story.chapters, 1):
        if chapter.matters:
            yield Table(
                ("号", "条款", "事项", "责任人", "记录显示"),
                (0, 0, 2, 2, 3),
                tuple(_matter(str(n), item, story) for n, item in chapter.matters),
                f"一之{number}、{_SAY(f'line.{chapter.line}')}：未履行、迟履行的义务和违反",
            )


def _matter(number: str, item: Item, story: Story) -> tuple[str, ...]:
    about = story.about(item.subject)
    title = _SAY.of(item.title)
    what = title if about in title else f"{title}\n{about}"
    told = f"{badge(item, _SAY)}。{said(item, story, _SAY)}\n{_places(item.facts)}"
    return (number, clause(item.clause), what, _bearer(item.bearer), told)


def _bearer(bearer: Bearer) -> str:
    org = bearer.organisation.name if bearer.organisation else ""
    return f"{bearer_people(bearer, _SAY)}\n{org} {bearer.title}"


def _places(facts: list[int]) -> str:
    return f"台账第{'、'.join(map(str, sorted(facts)))}条" if facts else ""


def _people(story: Story) -> Iterator[Block]:
    for chapter in story.chapters:
        yield Table(
            ("人员", "岗位", "履行情况"),
            (1, 2, 3),
            tuple(_people_of(chapter)),
            f"二、人员　{_SAY(f'line.{chapter.line}')}（全部按期履行的同样列明）",
        )


def _people_of(chapter: Chapter) -> Iterator[tuple[str, ...]]:
    for part in chapter.people:
        who = part.who.name or _SAY("erased") if part.who else bearer_people(part.bearer, _SAY)
        org = part.bearer.organisation.name if part.bearer.organisation else ""
        counts = [_SAY(f"count.{how}", n=part.counts[how]) for how in _HOW if part.counts[how]]
        if part.all_kept:
            counts.append(_SAY("all_kept"))
        yield who, f"{org} {part.bearer.title}", "，".join(counts)


def _leadership(trace: Trace) -> Iterator[Block]:
    if trace.leadership:
        rows = []
        for each in trace.leadership:
            holders = [f"{holder(h, _SAY)}（{tenure(h, _SAY)}）" for h in each.bearer.holders]
            rows.append((each.part.zh, _bearer(each.bearer), "\n".join(holders)))
        yield Table(("分工", "岗位", "任职"), (1, 2, 2), tuple(rows), "三、领导责任分工")


def _hazards(story: Story) -> Iterator[Block]:
    shown, others = story.hazards
    rows = [
        (
            each.number,
            each.description or "",
            moment(each.found),
            moment(each.deadline),
            moment(each.closed) if each.closed else each.state,
        )
        for each in (*shown, *others)
    ]
    if rows:
        heading = "四、在册隐患"
        columns = ("隐患编号", "情况", "发现", "整改期限", "销号或状态")
        yield Table(columns, (0, 3, 0, 0, 1), tuple(rows), heading)


def _knowledge(trace: Trace) -> Iterator[Block]:
    rows = [
        (
            moment(each.at),
            " ".join(filter(None, (each.person_name, each.post_title))),
            each.subject.label,
            each.how.zh,
            _places(each.facts),
        )
        for each in trace.knowledge
    ]
    if rows:
        columns = ("时间", "知情人", "所知事项", "依据", "事实")
        yield Table(columns, (0, 2, 2, 1, 1), tuple(rows), "五、谁在何时知道什么")


def _afterwards(trace: Trace) -> Iterator[Block]:
    rows = [
        (
            each.title.zh + (f"（{each.count}件）" if each.count > 1 else ""),
            moment(each.happened),
            moment(each.recorded),
            each.by or "",
            _places(each.facts[:1]),
        )
        for each in trace.entered_afterwards
    ]
    if rows:
        columns = ("事项", "所称发生时间", "录入时间", "录入人", "事实")
        yield Table(
            columns, (2, 0, 0, 1, 1), tuple(rows), "六、事后补录（关于此前的事，其后才录入）"
        )


def _all_items(story: Story) -> Iterator[Block]:
    for chapter in story.chapters:
        items = [item for item in story.items if item.line is chapter.line]
        rows = [
            (
                clause(item.clause),
                _SAY.of(item.title),
                _bearer(item.bearer),
                moment(arose(item)),
                deadline(item.due) if item.kind == "duty" else "—",
                badge(item, _SAY),
            )
            for item in items
        ]
        columns = ("条款", "事项", "责任人", "产生", "期限", "履行")
        heading = f"七、全部义务和违反　{_SAY(f'line.{chapter.line}')}"
        yield Table(columns, (0, 3, 3, 0, 0, 0), tuple(rows), heading)


def _facts(trace: Trace) -> Iterator[Block]:
    rows = [
        (
            str(each.position),
            each.title.zh,
            moment(each.happened),
            moment(each.recorded),
            " ".join(filter(None, (each.person_name, each.post_title))),
        )
        for each in trace.facts
    ]
    columns = ("序号", "事实", "发生", "收录", "何人")
    yield Table(columns, (0, 2, 0, 0, 2), tuple(rows), "八、所依据的事实")

"""整个案件: the ledger from its first day, and the whole of a trace, nothing more and no less."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_bdd import step, then

from domain.answer import BreachLine, DutyLine, Line, State
from domain.check import CheckMade
from domain.ledger_opened import ledger_id
from domain.moment import SHANGHAI, end, local_day, start
from tests.features.phrases import STATES, phrase
from tests.features.world import World
from tests.support import pens
from tests.support.book import Book, ident

if TYPE_CHECKING:
    from domain.answer import Bearer, Holder, OrgRef, Trace

Table = list[list[str]]
OWED = ["条款", "事项", "关于", "承担", "相对方", "自", "期限", "办结", "结果", "注明"]
_STATES = {state: words for words, state in STATES.items()}
_LATE = (State.KEPT_LATE, State.BROKEN)


@step(phrase("台账自{when:day}起启用"))
def _(world: World, when: date) -> None:
    assert len(world.book.entries) == 1, "台账启用在先"
    world.book = Book()
    world.book.enter(ledger_id(pens.ORIGIN), pens.opened(), start(when))


@step(phrase("“{org:name}”自{first:day}起至{last:day}每周自查一次"))
def _(world: World, org: str, first: date, last: date) -> None:
    """Each check is entered on its day; the last entry must not lie beyond the first of them."""
    enterprise, day = world.org(org), first
    while day <= last:
        record = ident(f"check {org} {day}")
        world.record(record, CheckMade(enterprise=enterprise), day)
        day += timedelta(days=7)


# 整张倒查表


@then(phrase("{line:line}一线恰为"))
def _(world: World, line: Line, datatable: Table) -> None:
    expect(datatable, OWED, lines(world.asked(), line))


@then(phrase("{line:line}一线没有事项"))
def _(world: World, line: Line) -> None:
    expect([OWED], OWED, lines(world.asked(), line))


@then("领导责任人恰为")
def _(world: World, datatable: Table) -> None:
    expect(datatable, ["承担", "责任"], leaders(world.asked()))


@then("隐患恰为")
def _(world: World, datatable: Table) -> None:
    columns = ["隐患", "发现", "等级", "期限", "销号", "情形"]
    expect(datatable, columns, hazards(world.asked()))


@then("知情情况恰为")
def _(world: World, datatable: Table) -> None:
    expect(datatable, ["时间", "岗位", "姓名", "关于", "因何得知"], knowledge(world.asked()))


@then("审批发证恰为")
def _(world: World, datatable: Table) -> None:
    expect(datatable, ["事项", "名称", "岗位", "姓名", "时间"], approvals(world.asked()))


@then("事后补录恰为")
def _(world: World, datatable: Table) -> None:
    expect(datatable, ["事项", "发生", "录入"], afterwards(world.asked()))


def told_of(answer: Trace) -> dict[str, Table]:
    """Return everything that a trace tells, in words."""
    return {line.value: lines(answer, line) for line in Line} | {
        "leaders": leaders(answer),
        "hazards": hazards(answer),
        "knowledge": knowledge(answer),
        "approvals": approvals(answer),
        "afterwards": afterwards(answer),
    }


def lines(answer: Trace, line: Line) -> Table:
    """Tell every duty and breach of a line of responsibility."""
    return [_row(each) for each in getattr(answer.lines, line.value)]


def leaders(answer: Trace) -> Table:
    """Tell the leadership line."""
    return [[_who(each.bearer), each.part.zh] for each in answer.leadership]


def hazards(answer: Trace) -> Table:
    """Tell every hazard on record and how it stood."""
    levels = {"general": "一般", "major": "重大", None: ""}
    return [
        [
            each.number,
            _when(each.found),
            levels[each.level],
            _when(each.deadline),
            _ends(each.closed),
            "、".join(
                words
                for words, said in (
                    ("未销号", each.open),
                    ("逾期", each.overdue),
                    ("挂牌", each.listed),
                    ("直接相关", each.direct_cause),
                    ("事后补录", each.entered_afterwards),
                )
                if said
            ),
        ]
        for each in answer.hazards.items
    ]


def knowledge(answer: Trace) -> Table:
    """Tell who knew of what, since when and how."""
    return [
        [
            _when(each.at),
            _post(each.organisation, each.post_title),
            each.person_name or "",
            each.subject.label,
            each.how.zh + ("（事后补录）" if each.entered_afterwards else ""),
        ]
        for each in answer.knowledge
    ]


def approvals(answer: Trace) -> Table:
    """Tell who approved what."""
    return [
        [
            each.title.zh,
            each.name,
            _post(each.organisation, each.post_title),
            each.person_name or "",
            _when(each.at),
        ]
        for each in answer.approvals
    ]


def afterwards(answer: Trace) -> Table:
    """Tell what was entered only afterwards."""
    return [
        [each.title.zh, _when(each.happened), _when(each.recorded)]
        for each in answer.entered_afterwards
    ]


def _post(org: OrgRef | None, title: str | None) -> str:
    return (org.name if org else "") + (title or "")


def expect(datatable: Table, columns: list[str], found: list[list[str]]) -> None:
    """Expect the rows of a table, each of them and no other, in the trace's order."""
    head, *rows = datatable
    assert head == columns

    wanted, told = Counter(map(tuple, rows)), Counter(map(tuple, found))
    assert rows == found, "\n".join(
        [
            *("少了 " + " | ".join(row) for row in (wanted - told).elements()),
            *("多了 " + " | ".join(row) for row in (told - wanted).elements()),
            "实为",
            *(f"      | {' | '.join(row)} |" for row in (columns, *found)),
        ]
    )


def _row(item: DutyLine | BreachLine) -> list[str]:
    if isinstance(item, BreachLine):
        owed_to = ""
        told = [_when(item.at), "", _ends(item.until), "违反", item.detail.zh]
    else:
        owed_to = item.owed_to.name if item.owed_to else ""
        late = f"{item.late_days}天" if item.state in _LATE else ""
        afterwards = "（事后补录）" if item.done_by_late_entry else ""
        told = [
            _when(item.opened),
            _ends(item.due),
            _when(item.done) + afterwards,
            _STATES[item.state] + late,
            item.note.zh if item.note else "",
        ]
    return [item.clause, item.title.zh, item.subject.label, _who(item.bearer), owed_to, *told]


def _who(bearer: Bearer) -> str:
    """Tell the post and who held it; where several did, from when and until when."""
    org = bearer.organisation.name if bearer.organisation else ""
    several = len({each.since for each in bearer.holders}) > 1
    holders = "、".join(_holder(each, several=several) for each in bearer.holders)
    vacant = f"空缺，由{bearer.answers}答责" if bearer.vacant else ""
    return " ".join(each for each in (org + bearer.title, holders, vacant) if each)


def _holder(holder: Holder, *, several: bool) -> str:
    marks = [
        *(["代理"] if holder.acting else []),
        *(["一人兼两岗"] if holder.two_posts else []),
        *([f"自{_when(holder.since)}"] if several else []),
        *([f"至{_when(holder.until)}"] if several and holder.until else []),
    ]
    return f"{holder.name}（{'，'.join(marks)}）" if marks else f"{holder.name}"


def _when(moment: date | datetime | None) -> str:
    """Tell a moment as people write it."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return f"{moment.year}年{moment.month}月{moment.day}日"
    local = moment.astimezone(SHANGHAI)
    return f"{_when(local.date())}{local.hour}:{local.minute:02d}"


def _ends(moment: date | datetime | None) -> str:
    """Tell when something ends: midnight is 24:00 of the day before."""
    if isinstance(moment, datetime):
        last = local_day(moment - timedelta(microseconds=1))
        if moment == end(last):
            return f"{_when(last)}24:00"
    return _when(moment)

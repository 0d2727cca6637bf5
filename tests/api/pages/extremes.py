"""Traces at the edge of what can happen, each by a name that says how."""
# ruff: noqa: E501 - one duty a line reads as the table it is

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from domain.answer import (
    Bearer,
    BreachLine,
    FactLine,
    HazardItem,
    Hazards,
    Line,
    State,
    Subject,
    Trace,
)
from tests.api.pages.sample import (
    BUREAU,
    ENTERPRISE,
    INTERLOCK,
    LI,
    WANG,
    ZHANG,
    Item,
    Ledger,
    Seat,
    duty,
    explosion,
    ident,
    instant,
    lines,
    month,
    not_kept,
    org,
    when,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_STATES = [State.KEPT, State.KEPT_LATE, State.BROKEN, State.OPEN, State.WAIVED, State.KEPT]


def _told(items: list[Item], **changes: object) -> Trace:
    """The explosion's trace with other items in the place of its own."""
    fields = {"lines": lines(items), "findings": not_kept(items), **changes}
    return explosion().model_copy(update=fields)


def nothing() -> Trace:
    """No duty, no fact, no hazard, no accident."""
    empty = Hazards(prior=0, open=[], overdue=[], items=[])
    return _told(
        [], incident=None, hazards=empty, knowledge=[], entered_afterwards=[], facts=[],
        look_back=None, simulated=False, known_at=instant("2024-09-19 08:00"),
    )  # fmt: skip


def crowd() -> Trace:
    """300 duties of 40 people in 12 organisations, over three years, with a fact each."""
    seats = [
        Seat(
            org(f"第{n % 12 + 1}镇人民政府应急管理所", "department"), f"第{n + 1}网格负责人", f"某甲{n}",
            "2019-01-01", "inspector", list(Line)[n % 4],
        )
        for n in range(40)
    ]  # fmt: skip
    ledger = Ledger()
    items: list[Item] = []
    for n in range(300):
        seat = seats[n * 7 % 40]
        opened = date(2021, 9, 20) + timedelta(days=3 * n)
        state = _STATES[n % len(_STATES)]
        due = opened + timedelta(days=20)
        done = opened + timedelta(days=10 if state is State.KEPT else 40)
        subject = INTERLOCK if n % 5 == 0 else month(f"{opened:%Y-%m}/{n}")
        fact = ledger.add(
            "inspection.held", words("开展监督检查", "Inspection held"), seat, subject, str(opened)
        )
        kept = state in (State.KEPT, State.KEPT_LATE)
        late = 20 if state in (State.KEPT_LATE, State.BROKEN) else None
        items.append(
            duty(
                "1.2b", words(f"第{n}项监督检查", f"Inspection {n}"), seat, str(opened), str(due),
                str(done) if kept else None, state, [fact], subject=subject, late_days=late,
            )
        )  # fmt: skip
    return _told(items, facts=ledger.facts, look_back=date(2021, 9, 18))


def long_names() -> Trace:
    """Every name as long as it may be."""
    long_org = org("临沂市沂南县经济开发区新材料产业园" * 8, "enterprise")
    seat = Seat(long_org, "主要负责人兼安全生产委员会主任" * 5, "阿卜杜热合曼·买买提" * 4)
    subject = Subject(kind="report", id="x", label="关于开展危险化学品重大危险源企业检查" * 6)
    ledger = Ledger()
    fact = ledger.add("hazard.found", words("发现" * 40), seat, subject, "2024-08-01")
    items = [
        duty("3.2a", words("汇总上报隐患自查自纠情况" * 6, "Report " * 40), seat, day, "2024-09-01", None, State.BROKEN, [fact], subject=subject, late_days=17)
        for day in ("2024-08-01", "2024-08-02", "2024-09-17")
    ]  # fmt: skip
    incident = explosion().incident
    assert incident is not None
    named = incident.model_copy(update={"name": "特别长的事故名称" * 12})
    return _told([*items], facts=ledger.facts, incident=named, place=long_org)


def one_day() -> Trace:
    """Everything within the hours before the accident."""
    ledger = Ledger()
    items: list[Item] = []
    for n in range(8):
        opened, due = f"2024-09-18 0{n + 1}:10", f"2024-09-18 0{n + 1}:40"
        fact = ledger.add("hazard.found", words("发现隐患", "Found"), LI, INTERLOCK, opened)
        late = State.KEPT_LATE if n % 2 else State.BROKEN
        done = f"2024-09-18 0{n + 2}:00" if n % 2 else None
        items.append(duty("2.1k", words("立即停产", "Halt"), LI, opened, due, done, late, [fact]))
    return _told(items, facts=ledger.facts)


def at_once() -> Trace:
    """Forty facts and twenty duties of one post on one day and in one minute."""
    ledger = Ledger()
    items: list[Item] = []
    for n in range(40):
        fact = ledger.add(
            "order.issued", words(f"下达第{n}号指令", f"Order {n}"), ZHANG, INTERLOCK, "2024-09-01 10:00"
        )  # fmt: skip
        if n % 2:
            items.append(
                duty("1.2f", words(f"第{n}次复查", f"Recheck {n}"), ZHANG, "2024-09-01 10:00", "2024-09-05", None, State.BROKEN, [fact], late_days=13)
            )  # fmt: skip
    return _told(items, facts=ledger.facts)


def imported() -> Trace:
    """Five hundred hazards known from an imported ledger only."""
    ledger = Ledger()
    hazards = []
    for n in range(500):
        number = f"YH-{n:05d}"
        subject = Subject(kind="hazard", id=str(ident(number)), label=number)
        found = date(2021, 1, 1) + timedelta(days=2 * n)
        fact = ledger.add(
            "ledger_row.imported", words("导入台账行", "Ledger row"), None, subject, str(found),
            imported=True, authentication="import",
        )  # fmt: skip
        still = n % 10 == 0
        hazards.append(
            HazardItem(
                id=ident(number), number=number, description=None, level=None, found=found, found_by=None,
                deadline=found + timedelta(days=30), closed=None if still else found + timedelta(days=9),
                state="found" if still else "closed", prior=True, open=still, overdue=still, imported=True, facts=[fact],
            )
        )  # fmt: skip
    numbers = [each.number for each in hazards if each.open]
    return _told(
        [], hazards=Hazards(prior=500, open=numbers, overdue=numbers, items=hazards), facts=ledger.facts,
        knowledge=[], entered_afterwards=[],
    )  # fmt: skip


def erased() -> Trace:
    """Every person's name has been erased."""
    trace = explosion()

    def unnamed(item: Item) -> Item:
        holders = [each.model_copy(update={"name": None}) for each in item.bearer.holders]
        bearer = item.bearer.model_copy(update={"holders": holders})
        return item.model_copy(update={"bearer": bearer})

    items = [unnamed(item) for line in Line for item in getattr(trace.lines, line.value)]
    facts = [each.model_copy(update={"person_name": None}) for each in trace.facts]
    knowledge = [each.model_copy(update={"person_name": None}) for each in trace.knowledge]
    return _told(items, facts=facts, knowledge=knowledge)


def hands() -> Trace:
    """Posts that change hands, an acting holder, one person in two posts, posts without anybody."""
    part = {"at_opening": False, "at_due": False, "at_moment": False}
    holders = [
        WANG.holder(person=ident(f"holder-{n}"), name=f"任职者{n}", since=when(f"2024-0{n + 1}-01"),
                    until=when(f"2024-0{n + 2}-01"), acting=n % 2 == 0, **part)
        for n in range(6)
    ]  # fmt: skip
    both = [LI.holder(two_posts=True, entered_afterwards=True)]
    two = LI.bearer(both, post=ident("second"), title="安全管理机构负责人")
    empty = Bearer(organisation=None, post=None, kind="inspector", title="无单位岗位", holders=[])
    deputy = LI.bearer([], vacant=True, post=None, title="空缺副职")
    facts = [1200, 1207]
    items: list[Item] = [
        duty("3.2a", words("月报", "Report"), WANG, "2024-01-01", "2024-07-31", None, State.BROKEN, facts, bearer=WANG.bearer(holders)),
        duty("3.1c", words("组织整改", "Rectify"), LI, "2024-05-01", "2024-06-01", "2024-05-09", State.KEPT, facts, bearer=LI.bearer(both)),
        duty("3.1c", words("组织整改", "Rectify"), LI, "2024-05-01", "2024-06-01", "2024-07-09", State.KEPT_LATE, facts, bearer=two),
        duty("3.1c", words("组织验收", "Accept"), LI, "2024-05-01", "2024-06-01", None, State.BROKEN, facts, bearer=empty),
        duty("3.1f", words("安全措施", "Safeguards"), LI, "2024-05-01", None, None, State.OPEN, facts, bearer=deputy),
        duty("3.1f", words("不足一天", "Hours"), LI, "2024-05-01", "2024-05-03", "2024-05-04", State.KEPT_LATE, facts, late_days=0),
        BreachLine(id="b", clause="9.9z", line=Line.LEADERSHIP, title=words("岗位空缺", "Vacant"), detail=words("", ""), bearer=deputy,
                   subject=Subject(kind="post", id="p", label=""), at=when("2024-09-18"), entered_afterwards=True, imported=True, facts=[]),
    ]  # fmt: skip
    return _told(items)


def ancient() -> Trace:
    """Something owed for a quarter of a century, with nothing told before it."""
    items: list[Item] = [
        duty("3.3c", words("按时整改", "Rectify"), WANG, "1999-05-01", "1999-09-01", None, State.BROKEN, [], late_days=9149),
        duty("3.2a", words("月报", "Report"), WANG, "2024-08-01", "2024-08-31", None, State.BROKEN, [], late_days=18),
    ]  # fmt: skip
    return _told(items, look_back=None)


def hostile() -> Trace:
    """Names that would be markup, script or control characters if nobody took care."""
    bad = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>\x00\x08]]>&amp;{{ 7*7 }}"
    seat = Seat(org(bad, bad), bad, bad)
    subject = Subject(kind=bad, id=bad, label=bad)
    ledger = Ledger()
    fact = ledger.add("hazard.found", words(bad), seat, subject, "2024-08-01", summary=bad)
    item = duty(
        "<b>",
        words(bad),
        seat,
        "2024-08-01",
        "2024-08-05",
        None,
        State.BROKEN,
        [fact],
        subject=subject,
    )
    incident = explosion().incident
    assert incident is not None
    named = incident.model_copy(update={"name": bad, "level": bad, "category": bad, "number": bad})
    return _told(
        [item], facts=ledger.facts, incident=named, place=seat.org, enterprise=bad, ledger=bad
    )  # fmt: skip


def whole_days() -> Trace:
    """An enterprise asked about on a day, with nothing but days in the record."""
    seat = Seat(BUREAU, "监管员", "某乙", line=Line.SUPERVISION)
    ledger = Ledger()
    fact = ledger.add("inspection.held", words("检查", "Held"), seat, INTERLOCK, "2024-09-18")
    items: list[Item] = [
        duty("1.2b", words("检查", "Inspect"), seat, "2024-09-01", "2024-09-10", "2024-09-18", State.KEPT_LATE, [fact], late_days=8)
    ]  # fmt: skip
    return _told(items, facts=ledger.facts, incident=None, at=when("2024-09-18"), place=ENTERPRISE)


def unplaced() -> Trace:
    """Facts of posts that owe nothing, of nobody, and from after the moment."""
    stranger = Seat(BUREAU, "宣传科科长", "某丙")
    ledger = Ledger()
    ledger.add("hazard.made_known", words("告知", "Told"), stranger, INTERLOCK, "2024-08-01")
    ledger.add("hazard.made_known", words("告知", "Told"), stranger, INTERLOCK, "2024-09-30")
    loose: list[FactLine] = ledger.facts
    ledger.add("report.withdrawn", words("撤回", "Withdrawn"), None, month("2024-08"), "2024-09-01")
    return _told([], facts=loose, knowledge=[])


EXTREMES: dict[str, Callable[[], Trace]] = {
    each.__name__: each
    for each in (
        nothing, crowd, long_names, one_day, at_once, imported, erased, hands, ancient, hostile,
        whole_days, unplaced,
    )
}  # fmt: skip
ALL: dict[str, Callable[[], Trace]] = {
    name: cache(make) for name, make in {"explosion": explosion, **EXTREMES}.items()
}
"""Every trace by its name, each made once."""

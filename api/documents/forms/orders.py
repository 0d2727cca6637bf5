"""责令限期整改指令书 and 整改复查意见书 (1.2c, 1.2f)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.documents.forms.filling import day, listed, words
from api.documents.paper import Paper, Signature, Signatures, Table, Text
from domain.order import OrderIssued, OrderRechecked, OrderRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from api.documents.forms.filling import Filling

_SAFE = (
    "整改期间，你单位应当采取措施保证安全；重大事故隐患排除前或者排除过程中无法保证安全的，"
    "应当撤出危险区域内的人员，停止作业。"
)
_OBJECTION = (
    "如不服本指令，可以自收到之日起六十日内依法申请行政复议，"
    "或者六个月内依法提起行政诉讼；复议、诉讼期间，本指令不停止执行。"
)


def rectification_order(filling: Filling) -> Paper:
    """Return the order as it was issued: later extensions are documents of their own."""
    fact = filling.entry.fact
    assert isinstance(fact, OrderIssued)  # noqa: S101 - as the register of forms says
    rows = tuple(
        (str(each.item), words(each.text), "是" if each.major else "否", day(each.deadline))
        for each in fact.items
    )
    return Paper(
        title="责令限期整改指令书",
        number=fact.number,
        issuer=filling.organisation(fact.by_org),
        addressee=filling.organisation(fact.enterprise),
        blocks=(
            Text(("经查，你单位存在下列问题，现责令于下列期限届满前整改完毕：",)),
            Table(
                ("序号", "存在的问题", "重大事故隐患", "整改期限（当日24时止）"), (0, 1, 0, 0), rows
            ),
            Text((_SAFE, _OBJECTION)),
            Signatures(_places(filling, fact.officers)),
        ),
        dated=filling.day,
        copies="本指令书一式两份，一份交被责令单位，一份存档。",
    )


def recheck_opinion(filling: Filling) -> Paper:
    """Return the opinion of one recheck: which items passed, which did not, and what follows."""
    fact = filling.entry.fact
    assert isinstance(fact, OrderRechecked)  # noqa: S101 - as the register of forms says
    tag = f"order:{filling.entry.record}"
    record = OrderRecord(tag, filling.docket.about(tag))
    return Paper(
        title="整改复查意见书",
        number=fact.number or filling.code,
        issuer=filling.organisation(fact.by_org),
        addressee=filling.organisation(fact.enterprise),
        blocks=(
            Text((_rechecked(filling, record),)),
            Table(
                ("序号", "责令整改的问题", "整改期限", "复查意见"),
                (0, 2, 0, 1),
                tuple(_items(record, fact)),
            ),
            Signatures(_places(filling, fact.officers)),
        ),
        dated=filling.day,
        copies="本意见书一式两份，一份交被复查单位，一份存档。",
    )


def _rechecked(filling: Filling, record: OrderRecord) -> str:
    issued = record.first("order.issued")
    if issued is None or record.issued is None:
        return "本机关对你单位整改情况进行了复查，意见如下："
    on = day(filling.use(issued).happened)
    return (
        f"本机关于{on}对你单位作出{record.issued.number}责令限期整改指令书，"
        "经对整改情况进行复查，意见如下："
    )


def _items(record: OrderRecord, fact: OrderRechecked) -> Iterator[tuple[str, ...]]:
    told = {each.item: each for each in record.issued.items} if record.issued else {}
    for each in fact.items:
        item = told.get(each.item)
        verdict = "已整改合格" if each.passed else "未整改合格"
        remarks = f"\n{each.remarks}" if each.remarks else ""
        what = words(item.text) if item else ""
        until = day(record.deadline(each.item)) if item else ""
        yield str(each.item), what, until, verdict + remarks


def _places(filling: Filling, officers: tuple[UUID, ...]) -> tuple[Signature, ...]:
    names = listed(map(filling.person, officers))
    return filling.places(f"执法人员 {names}".strip(), "被检查单位负责人")

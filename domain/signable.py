"""What can be signed 可签署的文书, by whom, and what a signature under it says in words.

The words follow from the document alone, so that whoever holds it can tell whether a statement
says what its signer read. They name nobody: they stand in the ledger unsealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.expert_inspection import ExpertsRechecked, ReportDelivered
from domain.hazard import (
    Determiner,
    HazardAccepted,
    HazardClosed,
    HazardDetermined,
    HazardLevel,
    HazardPlanned,
)
from domain.listing import (
    Delisted,
    FirstAcceptance,
    ListingMade,
    ListingPlanMade,
    SecondAcceptance,
)
from domain.monthly_report import ReportFiled
from domain.order import OrderIssued, OrderRechecked, OrderServed, RecheckedItem
from domain.people import PostKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from domain.fact import Fact


@dataclass(frozen=True, slots=True)
class Signable:
    """A kind of document that people sign.

    Args:
        fact: the kind of fact.
        clause: the clause that asks for it, or for what it records.
        signer: returns the organisation whose posts sign it; None: of the fact's own doing.
        meaning: returns what a signature under it says.
        posts: the kinds of post that may sign it; none: any.
    """

    fact: type[Fact]
    clause: str
    signer: Callable[[Any], UUID | None]
    meaning: Callable[[Any], str]
    posts: tuple[PostKind, ...] = ()


def signable(fact: Fact) -> Signable | None:
    """Return how a document is signed; None where it is none that people sign."""
    return next((each for each in SIGNABLE if isinstance(fact, each.fact)), None)


def _enterprise(fact: Any) -> UUID:  # noqa: ANN401 - any fact about an enterprise
    return UUID(str(fact.enterprise))


def _body(fact: Any) -> UUID:  # noqa: ANN401 - any act of a body
    return UUID(str(fact.by_org))


def _determiner(fact: HazardDetermined) -> UUID | None:
    return fact.enterprise if fact.by is Determiner.ENTERPRISE else fact.determiner_org


def _report(fact: ReportFiled) -> str:
    month = _month(fact.month)
    if fact.kind == "ordinary":
        return f"本单位{month}发现事故隐患{len(fact.hazards)}项，整改情况如所报"
    older = f"；此前尚未销号的隐患{len(fact.older)}项，情况如所报" if fact.older else ""
    return f"本单位{month}未发现新的事故隐患{older}"


def _order(fact: OrderIssued) -> str:
    last = max(item.deadline for item in fact.items)
    return f"下达{fact.number}责令限期整改指令书，共{len(fact.items)}项，最迟{_day(last)}前整改完毕"


def _served(_: OrderServed) -> str:
    return "已收到责令限期整改指令书，知悉其全部内容"


def _rechecked(fact: OrderRechecked) -> str:
    return f"整改复查：{'、'.join(map(_item, fact.items))}"


def _item(item: RecheckedItem) -> str:
    return f"第{item.item}项{_verdict(passed=item.passed)}"


def _expert_report(fact: ReportDelivered) -> str:
    if not fact.findings:
        return "专家检查报告：未发现问题和隐患"
    return f"专家检查报告：发现问题和隐患{len(fact.findings)}项，如实记录并提出整改意见"


def _expert_recheck(fact: ExpertsRechecked) -> str:
    items = "、".join(f"第{each.item}项{_verdict(passed=each.passed)}" for each in fact.items)
    return f"专家第{fact.number}次复查：{items}"


def _determined(fact: HazardDetermined) -> str:
    level = "重大事故隐患" if fact.level is HazardLevel.MAJOR else "一般事故隐患"
    return f"认定本项隐患为{level}"


def _planned(fact: HazardPlanned) -> str:
    by = f"，{_day(fact.deadline)}前整改完毕" if fact.deadline else ""
    return f"批准本项隐患的整改方案{by}"


def _listed(fact: ListingMade) -> str:
    return f"以{fact.number}对本项重大事故隐患挂牌督办，{_day(fact.deadline)}前整改完毕"


def _accepted(words: str) -> Callable[[Any], str]:
    return lambda fact: f"{words}：{_verdict(passed=fact.passed)}"


def _said(words: str) -> Callable[[Any], str]:
    return lambda _: words


def _verdict(*, passed: bool) -> str:
    return "合格" if passed else "不合格"


def _month(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


SIGNABLE: tuple[Signable, ...] = (
    Signable(ReportFiled, "3.2c", _enterprise, _report, (PostKind.DEPUTY, PostKind.PRINCIPAL)),
    Signable(OrderIssued, "1.2c", _body, _order),
    Signable(OrderServed, "1.2c", _enterprise, _served),
    Signable(OrderRechecked, "1.2f", _body, _rechecked),
    Signable(ReportDelivered, "2.1h", _enterprise, _expert_report, (PostKind.EXPERT,)),
    Signable(ExpertsRechecked, "2.1l", _enterprise, _expert_recheck, (PostKind.EXPERT,)),
    Signable(HazardDetermined, "3.1d", _determiner, _determined),
    Signable(HazardPlanned, "3.1e", _enterprise, _planned),
    Signable(HazardAccepted, "3.1b", _body, _accepted("本项隐患整改验收")),
    Signable(HazardClosed, "3.1b", _body, _said("本项隐患予以销号")),
    Signable(ListingMade, "3.3g", _body, _listed),
    Signable(ListingPlanMade, "3.3b", _body, _said("批准本项挂牌隐患的整改方案")),
    Signable(FirstAcceptance, "3.3e", _body, _accepted("本项挂牌隐患由责任单位验收")),
    Signable(SecondAcceptance, "3.3f", _body, _accepted("本项挂牌隐患由督办单位验收")),
    Signable(Delisted, "3.3f", _body, _said("本项挂牌隐患予以销号")),
)
"""Every kind of document that people sign, in the order in which the policy comes to it."""

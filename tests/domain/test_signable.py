from __future__ import annotations

from uuid import UUID

from domain.expert_inspection import (
    ExpertsRechecked,
    Finding,
    ItemRechecked,
    Rechecking,
    ReportDelivered,
)
from domain.signable import signable
from tests.support.book import text

ENTERPRISE, PERSON = UUID(int=1), UUID(int=2)


def meaning(fact: ReportDelivered | ExpertsRechecked) -> str:
    kind = signable(fact)
    assert kind is not None
    return kind.meaning(fact)


def test_an_experts_report_says_how_many_findings_it_holds() -> None:
    finding = Finding(item=1, text=text("联锁旁路"), at_once=False)
    assert "1项" in meaning(ReportDelivered(enterprise=ENTERPRISE, findings=(finding,)))
    assert meaning(ReportDelivered(enterprise=ENTERPRISE)) == "专家检查报告：未发现问题和隐患"


def test_an_experts_recheck_says_what_it_found_of_each_item() -> None:
    items = (ItemRechecked(item=1, passed=True), ItemRechecked(item=2, passed=False))
    experts = (Rechecking(person=PERSON, specialty="化工工艺"),)
    fact = ExpertsRechecked(enterprise=ENTERPRISE, number=2, experts=experts, items=items)
    assert meaning(fact) == "专家第2次复查：第1项合格、第2项不合格"

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from domain.inspection import (
    Disposition,
    FindingDisposed,
    FindingRecorded,
    InspectionHeld,
    InspectionPlanned,
    InspectionRecord,
    InspectionScheduled,
    Officer,
    plan_id,
)
from tests.support.book import Book, ident, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT

if TYPE_CHECKING:
    from domain.fact import Fact

DAY = date(2024, 3, 5)
INSPECTION = ident("检查")


def finding(item: int) -> FindingRecorded:
    return FindingRecorded(enterprise=PLANT, item=item, text=text("通道堵塞"), hazard=HAZARD)


def disposed(item: int, disposition: Disposition = Disposition.ORDER) -> FindingDisposed:
    return FindingDisposed(enterprise=PLANT, item=item, disposition=disposition)


def record(*facts: Fact) -> InspectionRecord:
    book = Book()
    entries = [book.enter(INSPECTION, fact, DAY) for fact in facts]
    return InspectionRecord(f"inspection:{INSPECTION}", entries)


def test_findings_and_what_became_of_them() -> None:
    inspection = record(
        finding(2), finding(1), finding(3), disposed(2), disposed(2, Disposition.CASE)
    )
    assert sorted(inspection.findings) == [1, 2, 3]
    assert inspection.findings[2][1] == finding(2)
    first = inspection.disposition(2)
    assert first
    assert first.fact == disposed(2)
    assert inspection.disposition(1) is None
    assert inspection.undisposed == [1, 3]


def test_nothing_found_leaves_nothing_to_dispose_of() -> None:
    inspection = record(InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT))
    assert inspection.findings == {}
    assert inspection.undisposed == []


def test_a_finding_tags_its_hazard_and_an_officer_his_person() -> None:
    officer = Officer(person=ident("张三"), post=ident("岗位"), certificate="鲁执001")
    held = InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT, officers=(officer,))
    assert set(held.tags()) == {
        f"org:{PLANT}",
        f"person:{ident('张三')}",
        f"post:{ident('岗位')}",
    }
    assert set(finding(1).tags()) == {f"org:{PLANT}", f"hazard:{HAZARD}"}


def test_an_inspection_may_begin_its_record_or_follow_a_plan() -> None:
    book = Book()
    scheduled = InspectionScheduled(enterprise=PLANT, department=DEPARTMENT, planned=DAY)
    book.enter(INSPECTION, scheduled, DAY)
    held = book.enter(INSPECTION, InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT), DAY)
    assert held.version == 2
    assert held.fact.topic.starts
    assert scheduled.topic.starts


def test_a_plan_is_the_department_s_for_the_year() -> None:
    assert plan_id(DEPARTMENT, 2024) == plan_id(DEPARTMENT, 2024)
    assert len({plan_id(DEPARTMENT, 2024), plan_id(DEPARTMENT, 2025), plan_id(PLANT, 2024)}) == 3


@pytest.mark.parametrize("year", [1989, 2101])
def test_a_plan_is_for_a_year_of_our_time(year: int) -> None:
    with pytest.raises(ValidationError):
        InspectionPlanned(department=GOVERNMENT, year=year, scope=text("化工"))

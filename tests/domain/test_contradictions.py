from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from domain.contradictions import contradiction, in_its_place
from domain.errors import Contradiction
from domain.hazard import HazardAssessed, HazardDisclosed, HazardLevel
from domain.inspection import (
    Disposition,
    FindingDisposed,
    FindingRecorded,
    InspectionHeld,
    InspectionPlanned,
    plan_id,
)
from domain.listing import ListingChecked, ListingProposed
from domain.monthly_report import ReportFiled, report_id
from domain.order import OrderComplied, OrderExtended, OrderIssued, OrderItem, OrderRechecked
from domain.order import RecheckedItem as Checked
from domain.organisation import SupervisionAssigned, supervision_id
from domain.people import AppointmentEnded, AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.setting import SETTINGS, SettingChanged
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, HAZARD, MILL, PLANT, county, found

if TYPE_CHECKING:
    from uuid import UUID

    from domain.fact import Fact

DAY = date(2024, 3, 5)
INSPECTION, ORDER, LISTING, POST = map(ident, ("检查", "指令书", "督办", "岗位"))
PERSON, OTHER = ident("张三"), ident("李四")
MARCH = report_id(PLANT, "2024-03")


@pytest.fixture
def book() -> Book:
    """A county with a hazard, an inspection, an order, a listing, a report and a post held."""
    made = county()
    held = InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT)
    items = tuple(OrderItem(item=n, text=text("通道堵塞"), deadline=DAY) for n in (1, 2))
    order = OrderIssued(enterprise=PLANT, by_org=DEPARTMENT, number="1号", items=items)
    proposed = ListingProposed(enterprise=PLANT, hazard=HAZARD, by_org=DEPARTMENT, to_org=MILL)
    for record, fact in (
        (HAZARD, found()),
        (INSPECTION, held),
        (INSPECTION, FindingRecorded(enterprise=PLANT, item=1, text=text("通道堵塞"))),
        (ORDER, order),
        (LISTING, proposed),
        (MARCH, ReportFiled(enterprise=PLANT, month="2024-03", kind="ordinary", to_org=DEPARTMENT)),
        (PERSON, PersonRegistered(name=text("张三"))),
        (POST, PostCreated(organisation=PLANT, kind=PostKind.DEPUTY, title="副总")),
        (POST, AppointmentMade(organisation=PLANT, person=PERSON)),
    ):
        made.act(record, fact, DAY)
    return made


def assessed(enterprise: UUID) -> HazardAssessed:
    return HazardAssessed(enterprise=enterprise, level=HazardLevel.GENERAL)


def disposed(item: int) -> FindingDisposed:
    return FindingDisposed(enterprise=PLANT, item=item, disposition=Disposition.ON_SPOT)


CONTRADICTING: list[tuple[str, UUID, Fact, str | None]] = [
    ("此编号是另一类档案的：发现隐患", HAZARD, disposed(1), "record"),
    ("此档案已有“发现隐患”的记录", HAZARD, found("YH-2"), None),
    ("没有可供“评估隐患”的档案：所指事项不在案", ident("无"), assessed(PLANT), None),
    ("所指档案属于另一家单位", HAZARD, assessed(MILL), "enterprise"),
    (
        f"单位 {OTHER} 未登记",
        ident("新"),
        found().model_copy(update={"enterprise": OTHER}),
        "enterprise",
    ),
    (
        "没有第3项",
        ORDER,
        OrderExtended(enterprise=PLANT, by_org=DEPARTMENT, item=3, deadline=DAY, reason=text("无")),
        "item",
    ),
    ("没有第3项、第4项", ORDER, OrderComplied(enterprise=PLANT, items=(4, 1, 3)), "item"),
    (
        "没有第5项",
        ORDER,
        OrderRechecked(enterprise=PLANT, by_org=DEPARTMENT, items=(Checked(item=5, passed=True),)),
        "item",
    ),
    ("没有第2项", INSPECTION, disposed(2), "item"),
    (
        "第1项问题已在案",
        INSPECTION,
        FindingRecorded(enterprise=PLANT, item=1, text=text("通道")),
        "item",
    ),
    (
        "此督办事项针对另一项隐患",
        LISTING,
        ListingChecked(enterprise=PLANT, hazard=ident("另一隐患"), by_org=DEPARTMENT),
        "hazard",
    ),
    (
        "此岗位属于另一家单位",
        POST,
        AppointmentMade(organisation=MILL, person=PERSON),
        "organisation",
    ),
    (
        "此岗位属于另一家单位",
        POST,
        AppointmentEnded(organisation=MILL, person=PERSON),
        "organisation",
    ),
    ("此人未任此职", POST, AppointmentEnded(organisation=PLANT, person=OTHER), "person"),
]


@pytest.mark.parametrize(("zh", "record", "fact", "where"), CONTRADICTING)
def test_what_contradicts_the_record_is_refused(
    book: Book, zh: str, record: UUID, fact: Fact, where: str | None
) -> None:
    before = list(book.entries)
    with pytest.raises(Contradiction) as refused:
        book.act(record, fact, DAY)
    assert (refused.value.zh, refused.value.where, refused.value.clause) == (zh, where, None)
    assert refused.value.en
    assert refused.value.todo_zh
    assert refused.value.todo_en
    assert book.entries == before


@pytest.mark.parametrize(
    ("record", "fact"),
    [
        (HAZARD, assessed(PLANT)),
        (ORDER, OrderComplied(enterprise=PLANT, items=(2, 1))),
        (INSPECTION, disposed(1)),
        (INSPECTION, FindingRecorded(enterprise=PLANT, item=2, text=text("通道堵塞"))),
        (LISTING, ListingChecked(enterprise=PLANT, hazard=HAZARD, by_org=DEPARTMENT)),
        (POST, AppointmentMade(organisation=PLANT, person=OTHER)),
        (POST, AppointmentEnded(organisation=PLANT, person=PERSON)),
        (ident("夜查"), InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT)),
    ],
)
def test_what_agrees_with_the_record_is_taken(book: Book, record: UUID, fact: Fact) -> None:
    assert book.act(record, fact, DAY).fact is fact


def test_who_left_a_post_cannot_leave_it_again(book: Book) -> None:
    ended = AppointmentEnded(organisation=PLANT, person=PERSON)
    book.act(POST, ended, DAY)
    with pytest.raises(Contradiction, match="此人未任此职"):
        book.act(POST, ended, DAY)
    book.act(POST, AppointmentMade(organisation=PLANT, person=PERSON), DAY)
    assert book.act(POST, ended, DAY).version == 5


def test_what_happened_after_it_was_received_is_refused(book: Book) -> None:
    received = noon("2024-03-05")
    disclosed = HazardDisclosed(enterprise=PLANT, where=text("公告栏"))
    with pytest.raises(Contradiction, match="在收到之后") as refused:
        book.act(HAZARD, disclosed, received + timedelta(minutes=3), recorded=received)
    assert refused.value.where == "happened"
    book.act(HAZARD, disclosed, received + timedelta(minutes=2), recorded=received)


def test_a_fact_about_no_enterprise_needs_no_case() -> None:
    contradiction(PersonRegistered(name=text("张三")), [], None)
    contradiction(found(), [], None)


@pytest.mark.parametrize(
    ("fact", "right"),
    [
        (SettingChanged(key="3.2b.report", value="12 hours", since=DAY, source="通知"), SETTINGS),
        (SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT), supervision_id(PLANT)),
        (ReportFiled(enterprise=PLANT, month="2024-03", kind="zero", to_org=DEPARTMENT), MARCH),
        (
            InspectionPlanned(department=DEPARTMENT, year=2024, scope=text("化工")),
            plan_id(DEPARTMENT, 2024),
        ),
    ],
)
def test_a_record_that_its_subject_fixes_has_one_place(fact: Fact, right: UUID) -> None:
    in_its_place(right, fact)
    with pytest.raises(Contradiction) as refused:
        in_its_place(ident("别处"), fact)
    assert str(right) in refused.value.todo_zh
    assert refused.value.where == "record"


def test_any_other_record_is_where_its_id_says() -> None:
    in_its_place(ident("任意"), found())

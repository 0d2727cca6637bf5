from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from domain.fact import Actor, Fact
from domain.halt import ProductionObserved
from domain.hazard import HazardMadeKnown, HazardReported, ReportKind
from domain.inspection import InspectionHeld, Officer
from domain.knowledge import knowledge
from domain.labels import Labels
from domain.listing import ListingServed
from domain.monthly_report import ReportEndorsed, Role, report_id
from domain.order import OrderServed, ServiceRefused
from domain.organisation import ResponsiblesNamed, supervision_id
from domain.policy.duty import Docket
from tests.support.book import Book, ident, noon
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT, county, found, staffed

Known = tuple[str | None, str | None, str | None, str]
"""Name, post, organisation, how."""

AT, WHEN = noon("2024-03-20"), noon("2024-03-05")
ZHANG, SUN, WU = ident("张总"), ident("孙副局长"), ident("吴科长")
ZHANG_S, SUN_S, WU_S = (ident(f"{name}的岗位") for name in ("张总", "孙副局长", "吴科长"))
ORDER = ident("责改1号")


def known(
    fact: Fact, record: UUID = HAZARD, book: Book | None = None, by: Actor | None = None
) -> list[Known]:
    """Return everyone whom ``fact`` shows to know."""
    book = book or staffed()
    book.enter(record, fact, WHEN, by=by)
    docket = Docket(PLANT, book.entries, AT)
    return [
        (k.person_name, k.post_title, k.organisation.name if k.organisation else None, k.how.zh)
        for k in knowledge(docket, Labels(docket))
    ]


def reported(kind: ReportKind) -> HazardReported:
    return HazardReported(enterprise=PLANT, kind=kind, to_org=DEPARTMENT)


@pytest.mark.parametrize(
    ("served", "person", "post"),
    [
        (OrderServed(enterprise=PLANT, to_post=ZHANG_S), "张总", "张总的岗位"),
        (OrderServed(enterprise=PLANT, to_person=ZHANG), "张总", None),
        (OrderServed(enterprise=PLANT), None, None),
    ],
)
def test_an_order_is_known_to_whom_it_was_served(
    served: OrderServed, person: str | None, post: str | None
) -> None:
    assert known(served, ORDER) == [(person, post, "甲厂", "送达")]


@pytest.mark.parametrize(("left", "how"), [(True, "拒收，留置送达"), (False, "拒收")])
def test_who_refuses_an_order_knows_of_it(how: str, *, left: bool) -> None:
    refused = ServiceRefused(enterprise=PLANT, by_person=ZHANG, left=left)
    assert known(refused, ORDER) == [("张总", None, "甲厂", how)]


def test_a_report_within_the_company_tells_nobody_outside() -> None:
    assert known(reported(ReportKind.COMPANY)) == []


def test_a_body_knows_through_its_deputy() -> None:
    assert known(reported(ReportKind.MAJOR)) == [("孙副局长", "孙副局长的岗位", "县局", "收到报告")]


def test_a_body_knows_through_the_officer_named_for_the_enterprise() -> None:
    book = staffed()
    named = ResponsiblesNamed(enterprise=PLANT, department=DEPARTMENT, leader=SUN_S, officer=WU_S)
    book.enter(supervision_id(PLANT), named, date(2024, 1, 1))
    assert known(reported(ReportKind.SPECIAL), book=book) == [
        ("吴科长", "吴科长的岗位", "县局", "收到报告")
    ]


def test_a_body_without_people_on_record_still_knows() -> None:
    assert known(reported(ReportKind.MAJOR), book=county()) == [(None, None, "县局", "收到报告")]


@pytest.mark.parametrize(
    ("to_post", "to_person", "manner", "expected"),
    [
        (None, ZHANG, None, ("张总", None, "甲厂", "被告知")),
        (ZHANG_S, None, None, ("张总", "张总的岗位", "甲厂", "被告知")),
        (None, None, "公示栏", (None, None, "甲厂", "被告知：公示栏")),
    ],
)
def test_who_was_told_knows(
    to_post: UUID | None, to_person: UUID | None, manner: str | None, expected: Known
) -> None:
    told = HazardMadeKnown(
        enterprise=PLANT, to_org=PLANT, to_post=to_post, to_person=to_person, manner=manner
    )
    assert known(told) == [expected]


def test_who_signs_knows() -> None:
    signed = ReportEndorsed(
        enterprise=PLANT, month="2024-02", role=Role.PRINCIPAL, person=ZHANG, filing=1
    )
    assert known(signed, report_id(PLANT, "2024-02")) == [
        ("张总", "主要负责人", "甲厂", "签字（未经电子签名）")
    ]


def test_who_inspected_and_who_attended_knows() -> None:
    held = InspectionHeld(
        enterprise=PLANT,
        by_org=DEPARTMENT,
        officers=(Officer(person=WU, post=WU_S),),
        experts=(ident("专家"),),
        attended_by=(ZHANG,),
    )
    assert sorted(known(held, ident("检查")), key=str) == sorted(
        [
            ("张总", "张总的岗位", "甲厂", "到场"),
            (None, None, None, "参加检查"),
            ("吴科长", "吴科长的岗位", "县局", "检查"),
        ],
        key=str,
    )


def test_the_notice_of_a_listing_tells_who_received_it() -> None:
    served = ListingServed(enterprise=PLANT, hazard=HAZARD, to_org=GOVERNMENT)
    assert known(served, ident("督一号")) == [(None, None, "县政府", "收到督办通知")]


def test_who_found_it_knows() -> None:
    by_wu = Actor(authentication="cli", person=WU, post=WU_S)
    assert known(found(), by=by_wu) == [("吴科长", "吴科长的岗位", "县局", "发现")]
    other = found().model_copy(update={"finder": ZHANG, "finder_org": PLANT})
    assert known(other, by=by_wu) == [("张总", "张总的岗位", "甲厂", "发现")]
    assert known(other, by=Actor(authentication="cli")) == [("张总", "张总的岗位", "甲厂", "发现")]
    assert known(found(), by=Actor(authentication="cli")) == []


def test_who_entered_it_later_knew_from_then_and_not_from_when_it_was_found() -> None:
    book = staffed()
    by_wu = Actor(authentication="cli", person=WU, post=WU_S)
    book.enter(HAZARD, found(), noon("2024-03-09"), recorded=noon("2024-03-15"), by=by_wu)
    told = [
        (line.person_name, line.how.zh, line.at)
        for at in (noon("2024-03-12"), noon("2024-03-20"))
        for docket in [Docket(PLANT, book.entries, at)]
        for line in knowledge(docket, Labels(docket))
    ]
    assert told == [("吴科长", "录入", noon("2024-03-15"))]


def test_what_was_known_is_told_in_order_and_marked_if_entered_afterwards() -> None:
    book = staffed()
    told = HazardMadeKnown(enterprise=PLANT, to_org=PLANT, to_person=ZHANG)
    late = book.enter(HAZARD, told, noon("2024-03-09"), recorded=noon("2024-03-21"))
    early = book.enter(HAZARD, told, noon("2024-03-08"))
    docket = Docket(PLANT, book.entries, AT)
    lines = knowledge(docket, Labels(docket))
    assert [(line.facts, line.entered_afterwards) for line in lines] == [
        ([early.position], True),
        ([late.position], True),
    ]
    assert not knowledge(Docket(PLANT, book.entries, noon("2024-03-22")), Labels(docket))[
        0
    ].entered_afterwards


def test_production_that_nobody_is_said_to_have_seen_is_known_to_nobody() -> None:
    assert known(ProductionObserved(enterprise=PLANT), ident("生产")) == []

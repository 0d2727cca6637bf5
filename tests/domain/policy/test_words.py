"""What users read where an act is refused or something was found, in both languages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from domain.answer import Line
from domain.errors import GateClosed
from domain.hazard import (
    Determiner,
    HazardAccepted,
    HazardAssessed,
    HazardClosed,
    HazardDetermined,
    HazardDisclosed,
    HazardDowngraded,
    HazardLevel,
    HazardPlanned,
    HazardRectified,
    HazardReported,
    ReportKind,
    SafeguardsEnded,
)
from domain.inspection import FindingRecorded, InspectionFileClosed, InspectionHeld
from domain.listing import ListingMade, ListingProposed
from tests.support.book import Book, ident, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, HAZARD, PLANT, county, found

if TYPE_CHECKING:
    from uuid import UUID

    from domain.fact import Fact

DAY = date(2024, 3, 5)
POST = ident("岗位")
FINDINGS = tuple(
    FindingRecorded(enterprise=PLANT, item=item, text=text("通道堵塞")) for item in (1, 2)
)
STEPS = (
    HazardAssessed(enterprise=PLANT, level=HazardLevel.GENERAL),
    HazardReported(enterprise=PLANT, kind=ReportKind.COMPANY, to_org=PLANT),
    HazardDisclosed(enterprise=PLANT, where=text("公告栏")),
    HazardRectified(enterprise=PLANT),
)
PLANNED = HazardPlanned(
    enterprise=PLANT,
    measures=text("换罐"),
    responsible=POST,
    deadline=DAY,
    funding=text("专项"),
)
ACCEPTED = HazardAccepted(enterprise=PLANT, by_org=DEPARTMENT, passed=True)
DETERMINED = HazardDetermined(
    enterprise=PLANT,
    level=HazardLevel.MAJOR,
    by=Determiner.DEPARTMENT,
    determiner_org=DEPARTMENT,
    absent=("技术", "生产"),
)
DOWNGRADED = HazardDowngraded(enterprise=PLANT, by_org=PLANT, reason=text("已清空"))
LISTED = (
    ListingProposed(enterprise=PLANT, hazard=HAZARD, by_org=DEPARTMENT, to_org=GOVERNMENT),
    ListingMade(
        enterprise=PLANT,
        hazard=HAZARD,
        by_org=GOVERNMENT,
        number="督1号",
        responsible_body=DEPARTMENT,
        supervising_unit=GOVERNMENT,
        deadline=DAY,
    ),
)


def told(*facts: Fact) -> Book:
    """Return a book in which these facts were recorded, each in the record of its noun."""
    book = county()
    for fact in facts:
        book.act(record_of(fact), fact, DAY)
    return book


def record_of(fact: Fact) -> UUID:
    return HAZARD if fact.topic.noun == "hazard" else ident(fact.topic.noun)


REFUSED: list[tuple[tuple[Fact, ...], Fact, str, tuple[str, str, str, str]]] = [
    (
        (InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT), *FINDINGS),
        InspectionFileClosed(enterprise=PLANT),
        "1.2c",
        (
            "检查发现的问题第1项、第2项尚未处置，案卷不能归档",
            "findings 1, 2 have no disposition yet",
            "逐项作出处置：即查即改、限期整改、提请挂牌、立案或移送",
            "dispose of each: rectified on the spot, order, listing, case or transfer",
        ),
    ),
    (
        (found(), *STEPS[:1]),
        ACCEPTED,
        "3.1b",
        (
            "隐患 YH-1 尚无以下步骤的记录：报告、公示、治理",
            "hazard YH-1 has no record of: report, disclosure, rectification",
            "先补全前面的步骤，再验收或销号",
            "record the earlier steps first",
        ),
    ),
    (
        (found(), *STEPS[1:]),
        HazardClosed(enterprise=PLANT, by_org=DEPARTMENT),
        "3.1b",
        (
            "隐患 YH-1 尚无以下步骤的记录：评估、验收",
            "hazard YH-1 has no record of: assessment, acceptance",
            "先补全前面的步骤，再验收或销号",
            "record the earlier steps first",
        ),
    ),
    (
        (found(), *STEPS, HazardPlanned(enterprise=PLANT, measures=text("换罐"))),
        ACCEPTED,
        "3.1c",
        (
            "隐患 YH-1 的整改未落实“四定”，缺人员、时间、资金来源",
            "hazard YH-1 was rectified without settling the person, the time, the funding",
            "先补充整改方案，定措施、定人员、定时间、定资金来源",
            "complete the plan: measures, person, time, funding",
        ),
    ),
    (
        (found(), *STEPS, HazardPlanned(enterprise=PLANT, deadline=DAY)),
        ACCEPTED,
        "3.1c",
        (
            "隐患 YH-1 的整改未落实“四定”，缺措施、人员、资金来源",
            "hazard YH-1 was rectified without settling the measures, the person, the funding",
            "先补充整改方案，定措施、定人员、定时间、定资金来源",
            "complete the plan: measures, person, time, funding",
        ),
    ),
    (
        (found(), *STEPS[:1]),
        DOWNGRADED,
        "3.1d",
        (
            "隐患 YH-1 现非重大隐患，无从降级",
            "hazard YH-1 does not stand as major",
            "核对隐患及其等级",
            "check the hazard and its level",
        ),
    ),
    (
        (found(), DETERMINED, DETERMINED.model_copy(update={"determiner_org": GOVERNMENT})),
        DOWNGRADED,
        "3.1d",
        (
            "隐患 YH-1 由县局、县政府认定为重大隐患，只有认定者或其上级可以降级",
            (
                "hazard YH-1 was determined as major by 县局、县政府: "
                "only they or a superior can downgrade it"
            ),
            "请县局、县政府或其上级作出",
            "ask 县局、县政府 or a superior",
        ),
    ),
    (
        (found(), *STEPS, PLANNED, ACCEPTED, *LISTED),
        HazardClosed(enterprise=PLANT, by_org=DEPARTMENT),
        "3.3f",
        (
            "挂牌督办的隐患须经责任单位和督办单位两次验收后由督办单位销号",
            "a listed hazard is struck off only by the supervising unit after both acceptances",
            "提出销号申请，由督办单位验收并销号",
            "apply for delisting and have the supervising unit accept it",
        ),
    ),
]


@pytest.mark.parametrize(("before", "fact", "clause", "words"), REFUSED)
def test_a_refusal_says_what_is_missing_and_what_to_do(
    before: tuple[Fact, ...], fact: Fact, clause: str, words: tuple[str, str, str, str]
) -> None:
    book = told(*before)
    with pytest.raises(GateClosed) as closed:
        book.act(record_of(fact), fact, DAY)
    error = closed.value
    assert error.clause == clause
    assert (error.zh, error.en, error.todo_zh, error.todo_en) == words


FOUND: list[tuple[tuple[Fact, ...], str, str, str]] = [
    ((), "1.1a", "甲厂主要负责人空缺", "the principal's post at 甲厂 was vacant"),
    ((), "1.1a", "县局分管负责人空缺", "the deputy's post at 县局 was vacant"),
    ((), "1.2a", "甲厂无监管部门", "no department was assigned to 甲厂"),
    (
        (found(), STEPS[-1]),
        "3.1b",
        "未经“评估”即完成治理",
        "rectified before the step “assessment”",
    ),
    ((found(), STEPS[-1]), "3.1b", "未经“报告”即完成治理", "rectified before the step “report”"),
    (
        (found(), STEPS[-1]),
        "3.1b",
        "未经“公示”即完成治理",
        "rectified before the step “disclosure”",
    ),
    (
        (found(), STEPS[-1]),
        "3.1c",
        "开始整改时“四定”缺措施、人员、时间、资金来源",
        (
            "when rectification began, the measures, the person, the time, the funding "
            "had not been settled"
        ),
    ),
    (
        (found(), SafeguardsEnded(enterprise=PLANT)),
        "3.1f",
        "隐患尚未验收即停止安全措施",
        "safeguards ended before the hazard was accepted",
    ),
]


@pytest.mark.parametrize(("before", "clause", "zh", "en"), FOUND)
def test_a_breach_says_what_the_record_shows(
    before: tuple[Fact, ...], clause: str, zh: str, en: str
) -> None:
    shown = told(*before).trace(PLANT, date(2024, 4, 1)).findings
    said = [
        (item.clause, item.detail.zh, item.detail.en) for item in shown if item.kind == "breach"
    ]
    assert (clause, zh, en) in said


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (None, "技术、生产未参加认定，未说明原因", "技术、生产 did not take part; no reason given"),
        ("出差", "技术、生产未参加认定，原因：出差", "技术、生产 did not take part; reason: 出差"),
    ],
)
def test_absent_functions_are_told_with_the_reason(reason: str | None, zh: str, en: str) -> None:
    own = {"by": Determiner.ENTERPRISE, "absence_reason": text(reason) if reason else None}
    book = told(found(suspected_major=True), DETERMINED.model_copy(update=own))
    lines = book.trace(PLANT, date(2024, 4, 1)).lines.enterprise
    notes = [line.note for line in lines if line.kind == "duty" and line.clause == "3.1d"]
    assert [(note.zh, note.en) for note in notes if note] == [(zh, en)]


def test_every_line_has_an_id_of_its_own() -> None:
    book = told(found(), STEPS[-1], SafeguardsEnded(enterprise=PLANT))
    answer = book.trace(PLANT, date(2024, 4, 1))
    ids = [item.id for line in Line for item in getattr(answer.lines, line.value)]
    assert len(ids) > 10
    assert len(set(ids)) == len(ids)

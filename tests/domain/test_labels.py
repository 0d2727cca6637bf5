from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from domain.answer import Line, Words
from domain.fact import Actor, Fact, Sealed
from domain.halt import HaltGround, HaltOrdered
from domain.hazard import HazardAccepted, HazardReported, HazardSafeguarded, ReportKind
from domain.imported import AccidentRowImported, RowOrigin
from domain.incident import AccidentLevel, CasualtiesUpdated, IncidentOccurred, accident_level
from domain.inspection import InspectionFileClosed, InspectionHeld
from domain.labels import Labels, summary
from domain.monthly_report import ReportWithdrawn, report_id
from domain.order import OrderIssued, OrderItem
from domain.organisation import OrganisationRegistered, OrgKind
from domain.people import AppointmentMade, PostKind
from domain.policy.duty import Bearing, Docket, Who, bearing
from tests.support.book import Book, ident, noon, text
from tests.support.plant import DEPARTMENT, HAZARD, PLANT, county, found, staffed

AT = noon("2024-03-20")
DAY = date(2024, 3, 5)
ZHANG, LI = ident("张总"), ident("李副总")
ZHANG_S, LI_S = ident("张总的岗位"), ident("李副总的岗位")


def labels(book: Book) -> Labels:
    return Labels(Docket(PLANT, book.entries, AT))


def label(fact: Fact, record: UUID, detail: str = "") -> str:
    book = staffed()
    book.enter(record, fact, DAY)
    return labels(book).subject(f"{fact.topic.noun}:{record}", detail).label


def test_an_organisation_has_name_code_and_kind() -> None:
    known = labels(county()).organisation(PLANT)
    assert known is not None
    assert (known.name, known.code, known.kind) == ("甲厂", "甲厂", "enterprise")
    unknown = labels(county()).organisation(HAZARD)
    assert unknown is not None
    assert (unknown.name, unknown.code, unknown.kind) == (str(HAZARD), None, None)
    assert labels(county()).organisation(None) is None


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (OrgKind.GOVERNMENT, Line.LEADERSHIP),
        (OrgKind.ZONE, Line.LEADERSHIP),
        (OrgKind.DEPARTMENT, Line.SUPERVISION),
        (OrgKind.ENTERPRISE, Line.ENTERPRISE),
        (OrgKind.EXPERT_BODY, Line.EXPERT),
    ],
)
def test_each_kind_of_organisation_stands_on_its_line(kind: OrgKind, line: Line) -> None:
    book = Book()
    book.enter(PLANT, OrganisationRegistered(kind=kind, code="甲", name="甲"), DAY)
    assert labels(book).line_of(PLANT) is line
    assert labels(book).line_of(None) is None
    assert labels(book).line_of(HAZARD) is None


def test_who_acts_acts_for_the_organisation_of_the_post() -> None:
    book = staffed()
    halt = HaltOrdered(enterprise=PLANT, by_org=DEPARTMENT, ground=HaltGround.OTHER)
    by_post = book.enter(HAZARD, found(), DAY, by=Actor(authentication="cli", post=ZHANG_S))
    by_body = book.enter(ident("停产"), halt, DAY)
    by_nobody = book.enter(HAZARD, found(), DAY)
    made = labels(book)
    acting = [made.acting_organisation(entry) for entry in (by_post, by_body, by_nobody)]
    assert [each.name if each else None for each in acting] == ["甲厂", "县局", None]


def test_names_and_titles_that_are_not_on_record_are_none() -> None:
    made = labels(staffed())
    assert (made.person_name(ZHANG), made.post_title(ZHANG_S)) == ("张总", "张总的岗位")
    assert (made.person_name(HAZARD), made.post_title(HAZARD)) == (None, None)
    assert (made.person_name(None), made.post_title(None)) == (None, None)


def accepted(*, passed: bool) -> HazardAccepted:
    return HazardAccepted(enterprise=PLANT, by_org=PLANT, passed=passed)


def reported(kind: ReportKind) -> HazardReported:
    return HazardReported(enterprise=PLANT, kind=kind, to_org=DEPARTMENT)


SAFEGUARDED = HazardSafeguarded(enterprise=PLANT, measures=text("围挡"))


@pytest.mark.parametrize(
    ("fact", "zh", "en"),
    [
        (SAFEGUARDED, "采取治理期间安全措施", "Safeguards taken"),
        (accepted(passed=True), "验收合格", "Acceptance passed"),
        (accepted(passed=False), "验收不合格", "Acceptance failed"),
        (reported(ReportKind.COMPANY), "整理上报公司", "Reported to the company"),
        (reported(ReportKind.MAJOR), "报告重大事故隐患", "Major hazard reported"),
        (reported(ReportKind.SPECIAL), "提交重大隐患专项报告", "Special report submitted"),
    ],
)
def test_what_a_fact_is_called(fact: Fact, zh: str, en: str) -> None:
    entry = Book().enter(HAZARD, fact, DAY)
    assert labels(Book()).title(entry) == Words(zh=zh, en=en)


ORDER = OrderIssued(
    enterprise=PLANT,
    by_org=DEPARTMENT,
    number="责改1号",
    items=(OrderItem(item=1, text=text("罐体"), deadline=DAY),),
)
ERASED = Sealed(digest=text("有误").digest, subject=PLANT)
MONTH = ReportWithdrawn(enterprise=PLANT, month="2024-02", reason=text("有误"))
HELD = InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT)
HALT = HaltOrdered(enterprise=PLANT, by_org=DEPARTMENT, ground=HaltGround.OTHER)


@pytest.mark.parametrize(
    ("fact", "detail", "expected"),
    [
        (found("YH-7"), "", "YH-7"),
        (ORDER, "", "指令书 责改1号"),
        (ORDER, "2", "指令书 责改1号 第2项"),
        (MONTH, "", "2024-02月报"),
        (HELD, "", "监督检查 2024-03-05"),
        (HELD, "3", "监督检查 2024-03-05 第3项"),
        (HALT, "", "停产 2024-03-05"),
        (IncidentOccurred(enterprise=PLANT, number="SG-1", name="“3·5”"), "", "“3·5”"),
        (InspectionFileClosed(enterprise=PLANT), "", "监督检查 2024-03-05"),
    ],
)
def test_what_a_record_is_called(fact: Fact, detail: str, expected: str) -> None:
    assert label(fact, ident("某档案"), detail) == expected


@pytest.mark.parametrize(
    ("tag", "detail", "expected"),
    [
        (f"org:{PLANT}", "", "甲厂"),
        (f"org:{DEPARTMENT}", "2024", "县局 2024年"),
        (f"post:{ZHANG_S}", "", "张总的岗位"),
        (f"post:{HAZARD}", "", "post"),
        (f"report:{report_id(PLANT, '2024-05')}", "2024-05", "2024-05月报"),
        (f"hazard:{HAZARD}", "", "hazard"),
        (f"incident:{HAZARD}", "", "事故"),
        (f"listing:{HAZARD}", "第2期", "挂牌督办 第2期"),
        (f"listing:{HAZARD}", "17", "挂牌督办"),
        (f"inspection:{HAZARD}", "", "监督检查"),
    ],
)
def test_what_is_called_by_no_fact_of_its_own(tag: str, detail: str, expected: str) -> None:
    assert labels(staffed()).subject(tag, detail).label == expected


def test_a_summary_is_the_words_the_number_or_the_month() -> None:
    book = staffed()
    accident = AccidentRowImported(
        enterprise=PLANT,
        origin=RowOrigin(source="旧", file="0" * 64, row=1),
        number="SG-9",
        occurred=DAY,
    )
    entries = [
        book.enter(HAZARD, found(), DAY),
        book.enter(ident("事故"), accident, DAY),
        book.enter(report_id(PLANT, "2024-02"), MONTH.model_copy(update={"reason": ERASED}), DAY),
        book.enter(HAZARD, accepted(passed=True), DAY),
    ]
    told = [summary(entry, labels(book)) for entry in entries]
    assert told == ["罐体腐蚀", "SG-9", "2024-02", None]
    long = found().model_copy(update={"description": text("长" * 500)})
    assert len(summary(book.enter(HAZARD, long, DAY), labels(book)) or "") == 120


# bearers


def borne(book: Book, kind: PostKind = PostKind.PRINCIPAL) -> tuple[Labels, Bearing]:
    made = labels(book)
    return made, bearing(made.docket, Who(PLANT, kind), DAY, AT, AT)


def test_a_bearer_names_the_post_and_its_holders() -> None:
    made, who = borne(staffed())
    bearer = made.bearer(who, DAY, noon("2024-03-10"), AT)
    assert (bearer.title, bearer.kind, bearer.post) == ("张总的岗位", "principal", ZHANG_S)
    assert bearer.organisation is not None
    assert bearer.organisation.name == "甲厂"
    assert (bearer.vacant, bearer.answers) == (False, None)
    (holder,) = bearer.holders
    assert (holder.name, holder.since, holder.until) == ("张总", date(2024, 1, 1), None)
    assert (holder.at_opening, holder.at_due, holder.at_moment) == (True, True, True)
    assert (holder.two_posts, holder.acting, holder.entered_afterwards) == (False, False, False)


def test_a_deadline_that_has_not_come_has_no_holder_yet() -> None:
    made, who = borne(staffed())
    assert not made.bearer(who, DAY, noon("2024-03-21"), AT).holders[0].at_due
    assert not made.bearer(who, DAY, None, AT).holders[0].at_due


def test_who_answers_in_person_is_named_alone() -> None:
    book = staffed()
    book.enter(ZHANG_S, AppointmentMade(organisation=PLANT, person=LI), date(2024, 3, 8))
    made, who = borne(book)
    assert [h.name for h in made.bearer(who, DAY, None, AT).holders] == ["张总", "李副总"]
    assert [h.name for h in made.bearer(who, DAY, None, AT, only=LI).holders] == ["李副总"]


def test_who_acted_in_person_is_named_though_no_appointment_says_so_any_more() -> None:
    made, who = borne(staffed())
    bearer = made.bearer(who, DAY, None, AT, only=LI)
    assert [(h.name, h.since, h.until, h.facts) for h in bearer.holders] == [
        ("李副总", DAY, DAY, [])
    ]
    assert not bearer.vacant


@pytest.mark.parametrize(("since", "two"), [(date(2024, 3, 8), True), (date(2024, 3, 21), False)])
def test_two_posts_of_one_enterprise_in_one_hand_are_marked(since: date, *, two: bool) -> None:
    book = staffed()
    book.enter(LI_S, AppointmentMade(organisation=PLANT, person=ZHANG), since)
    made, who = borne(book)
    assert made.bearer(who, DAY, None, AT).holders[0].two_posts is two


def test_a_post_nobody_created_is_called_by_its_kind_and_answered_for() -> None:
    made, who = borne(county(), PostKind.WORKSHOP_HEAD)
    bearer = made.bearer(who, DAY, None, AT)
    assert (bearer.post, bearer.kind, bearer.title) == (None, "workshop_head", "车间负责人")
    assert (bearer.vacant, bearer.answers) == (True, "甲厂主要负责人")
    made, who = borne(county())
    assert made.bearer(who, DAY, None, AT).answers == "县政府主要负责人"


def test_an_appointment_entered_after_the_moment_is_marked() -> None:
    book = staffed()
    late = AppointmentMade(organisation=PLANT, person=LI)
    book.enter(ZHANG_S, late, date(2024, 3, 8), recorded=noon("2024-03-22"))
    made, who = borne(book)
    marks = [h.entered_afterwards for h in made.bearer(who, DAY, None, AT).holders]
    assert marks == [False, True]


# accidents


ACCIDENT = ident("事故")


def accident(*updates: CasualtiesUpdated) -> Labels:
    book = county()
    first = IncidentOccurred(
        enterprise=PLANT, number="SG-1", name="“3·5”", deaths=1, serious_injuries=2, loss=5
    )
    book.enter(ACCIDENT, first, DAY)
    for update in updates:
        book.enter(ACCIDENT, update, date(2024, 4, 1))
    return labels(book)


def test_an_accident_has_the_latest_figures_even_later_ones() -> None:
    first = accident().incident(ACCIDENT, ["乙", "甲"])
    assert first is not None
    assert (first.deaths, first.serious_injuries, first.loss) == (1, 2, 5)
    assert (first.level, first.hazards, first.facts) == ("一般事故", ["乙", "甲"], [5])
    more = CasualtiesUpdated(enterprise=PLANT, deaths=3)
    loss = CasualtiesUpdated(enterprise=PLANT, loss=5_000_000_000)
    later = accident(more, loss).incident(ACCIDENT, [])
    assert later is not None
    assert (later.deaths, later.serious_injuries, later.loss) == (3, 2, 5_000_000_000)
    assert (later.level, later.facts) == ("重大事故", [5, 6, 7])


def test_an_imported_accident_may_not_say_how_many() -> None:
    book = county()
    row = AccidentRowImported(
        enterprise=PLANT,
        origin=RowOrigin(source="旧", file="0" * 64, row=1),
        number="SG-9",
        occurred=DAY,
        deaths=3,
    )
    book.enter(ACCIDENT, row, DAY)
    told = labels(book).incident(ACCIDENT, [])
    assert told is not None
    assert (told.name, told.deaths, told.loss) == ("事故 SG-9", 3, 0)
    assert (told.level, told.at) == ("较大事故", DAY)


def test_an_accident_that_is_not_on_record_is_none() -> None:
    assert labels(county()).incident(ACCIDENT, []) is None


@pytest.mark.parametrize(
    ("deaths", "serious", "loss", "level"),
    [
        (0, 0, 0, AccidentLevel.GENERAL),
        (2, 9, 999_999_999, AccidentLevel.GENERAL),
        (3, 0, 0, AccidentLevel.LARGER),
        (0, 10, 0, AccidentLevel.LARGER),
        (0, 0, 1_000_000_000, AccidentLevel.LARGER),
        (9, 49, 4_999_999_999, AccidentLevel.LARGER),
        (10, 0, 0, AccidentLevel.MAJOR),
        (0, 50, 0, AccidentLevel.MAJOR),
        (0, 0, 5_000_000_000, AccidentLevel.MAJOR),
        (29, 99, 9_999_999_999, AccidentLevel.MAJOR),
        (30, 0, 0, AccidentLevel.EXTRAORDINARY),
        (0, 100, 0, AccidentLevel.EXTRAORDINARY),
        (0, 0, 10_000_000_000, AccidentLevel.EXTRAORDINARY),
    ],
)
def test_the_level_of_an_accident(
    deaths: int, serious: int, loss: int, level: AccidentLevel
) -> None:
    assert accident_level(deaths, serious, loss) is level

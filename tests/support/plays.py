"""Plays 剧本: cases of any kind, for properties that hold of every answer.

A play is a script of acts in any order, with and without times, entered soon or late, some of them
corrected or taken back; the product takes of it what it would take.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from domain.correction import FactCorrected, Replacement
from domain.errors import DaochaError
from domain.fact import Actor, Fact
from domain.halt import HaltGround, HaltLifted, HaltOrdered, ProductionResumed
from domain.hazard import (
    Determiner,
    Finder,
    HazardAccepted,
    HazardAssessed,
    HazardDetermined,
    HazardFound,
    HazardLevel,
    HazardRectified,
    HazardReported,
    ReportKind,
)
from domain.imported import LedgerRowImported, RowOrigin
from domain.incident import IncidentOccurred
from domain.inspection import FindingRecorded, InspectionHeld
from domain.listing import FirstAcceptance, ListingMade, ListingProposed
from domain.moment import end, local_day
from domain.monthly_report import ReportEndorsed, ReportFiled, Role, report_id
from domain.order import OrderIssued, OrderItem, OrderRechecked, RecheckedItem
from domain.organisation import SupervisionAssigned, TransferAccepted, supervision_id
from domain.people import AppointmentEnded, AppointmentMade
from domain.setting import SETTINGS, SettingChanged
from tests.support.book import Book, ident, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, PLANT, staffed

FIRST = datetime(2024, 3, 1, tzinfo=UTC)
ACCIDENT = ident("事故")
MONTH = "2024-03"
Content = tuple[UUID, Fact]
Scene = tuple[int, int, int, bool, int, int]
"""Which act, about which hazard, hours after the first, whether only the day is known, days until
it is entered, and whether it is then corrected (0) or taken back (1)."""


def on_hazard(number: int) -> list[Content]:
    """Return what can happen to the ``number``-th hazard."""
    hazard = ident(f"隐患{number}")
    facts: tuple[Fact, ...] = (
        HazardFound(
            enterprise=PLANT,
            number=f"YH-{number}",
            description=text("罐体腐蚀"),
            found_by=list(Finder)[number],
            finder_org=DEPARTMENT if number % 2 else None,
            suspected_major=number > 1,
            fixed_on_spot=number == 0,
        ),
        HazardAssessed(enterprise=PLANT, level=list(HazardLevel)[number % 2]),
        HazardDetermined(
            enterprise=PLANT,
            level=HazardLevel.MAJOR,
            by=Determiner.DEPARTMENT,
            determiner_org=DEPARTMENT,
        ),
        HazardReported(enterprise=PLANT, kind=list(ReportKind)[number % 3], to_org=DEPARTMENT),
        HazardRectified(enterprise=PLANT),
        HazardAccepted(enterprise=PLANT, by_org=DEPARTMENT, passed=number > 1),
    )
    return [(hazard, fact) for fact in facts]


def by_department(number: int) -> list[Content]:
    """Return what the department can do about the ``number``-th hazard."""
    hazard = ident(f"隐患{number}")
    order, halt, visit = ident(f"令{number}"), ident(f"停{number}"), ident(f"查{number}")
    item = OrderItem(item=1, text=text("罐体"), hazard=hazard, deadline=date(2024, 3, 10 + number))
    checked = RecheckedItem(item=1, passed=number > 1)
    return [
        (
            order,
            OrderIssued(enterprise=PLANT, by_org=DEPARTMENT, number=f"{number}号", items=(item,)),
        ),
        (order, OrderRechecked(enterprise=PLANT, by_org=DEPARTMENT, items=(checked,))),
        (
            halt,
            HaltOrdered(
                enterprise=PLANT,
                by_org=DEPARTMENT,
                ground=HaltGround.MAJOR_HAZARD,
                hazards=(hazard,),
            ),
        ),
        (halt, HaltLifted(enterprise=PLANT, by_org=DEPARTMENT)),
        (visit, InspectionHeld(enterprise=PLANT, by_org=DEPARTMENT)),
        (
            visit,
            FindingRecorded(enterprise=PLANT, item=1 + number, text=text("某"), hazard=hazard),
        ),
    ]


def on_listing(number: int) -> list[Content]:
    """Return what can happen to the listing of the ``number``-th hazard."""
    hazard, listing = ident(f"隐患{number}"), ident(f"督{number}")
    facts: tuple[Fact, ...] = (
        ListingProposed(enterprise=PLANT, hazard=hazard, by_org=DEPARTMENT, to_org=GOVERNMENT),
        ListingMade(
            enterprise=PLANT,
            hazard=hazard,
            by_org=GOVERNMENT,
            number=f"督{number}",
            responsible_body=DEPARTMENT,
            supervising_unit=GOVERNMENT,
            deadline=date(2024, 4, 10 + number),
        ),
        FirstAcceptance(enterprise=PLANT, hazard=hazard, by_org=DEPARTMENT, passed=number > 1),
    )
    return [(listing, fact) for fact in facts]


def around(number: int) -> list[Content]:
    """Return what can happen beside: reports, people, supervision, settings, the accident."""
    role = list(Role)[number % 2]
    signer = ident("李副总" if role is Role.DEPUTY else "张总")
    report, zhang = report_id(PLANT, MONTH), ident("张总的岗位")
    return [
        (
            report,
            ReportFiled(
                enterprise=PLANT,
                month=MONTH,
                kind="zero" if number % 2 else "ordinary",
                to_org=DEPARTMENT,
            ),
        ),
        (
            report,
            ReportEndorsed(
                enterprise=PLANT, month=MONTH, role=role, person=signer, filing=1 + number // 2
            ),
        ),
        (ident(f"产{number}"), ProductionResumed(enterprise=PLANT)),
        (
            supervision_id(PLANT),
            TransferAccepted(enterprise=PLANT, sender=DEPARTMENT, receiver=GOVERNMENT),
        ),
        (zhang, AppointmentEnded(organisation=PLANT, person=ident("张总"))),
        (zhang, AppointmentMade(organisation=PLANT, person=ident("李副总"))),
        (
            SETTINGS,
            SettingChanged(
                key="3.2b.report", value=f"{number} days", since=date(2024, 3, 9), source="文件"
            ),
        ),
        (
            ACCIDENT,
            IncidentOccurred(
                enterprise=PLANT, number="1", name="“3·5”", hazards=(ident(f"隐患{number}"),)
            ),
        ),
        (
            ident(f"导{number}"),
            LedgerRowImported(
                enterprise=PLANT,
                origin=RowOrigin(source="旧", file="0" * 64, row=1 + number),
                number=f"导-{number}",
                found=date(2024, 3, 1 + number),
                deadline=date(2024, 3, 20),
                closed=date(2024, 4, 25) if number else None,
            ),
        ),
    ]


def acts(number: int) -> list[Content]:
    """Return every act that a play is made of, about the ``number``-th hazard."""
    return [*on_hazard(number), *by_department(number), *on_listing(number), *around(number)]


SCENES: st.SearchStrategy[Scene] = st.tuples(
    st.integers(0, len(acts(0)) - 1),
    st.integers(0, 4),
    st.integers(0, 60 * 24),
    st.booleans(),
    st.integers(0, 20),
    st.integers(0, 9),
)
OPENING: list[Scene] = [
    *((0, number, 24 * number, number == 2, 0, 9) for number in (1, 2, 3)),
    (2, 3, 80, False, 0, 9),
    (6, 1, 80, False, 0, 9),
    (12, 3, 90, False, 0, 9),
    (15, 1, 96, False, 0, 9),
]
"""How a play may begin: three hazards found, one determined, one ordered, one to be listed."""
PLAYS = st.builds(
    lambda opening, rest: [*opening, *rest],
    st.sampled_from([OPENING, []]),
    st.lists(SCENES, max_size=25),
)


def play(script: list[Scene]) -> Book:
    """Return a book into which the product took what it would take of a script."""
    book = staffed()
    assigned = SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT)
    book.enter(supervision_id(PLANT), assigned, date(2024, 1, 1))
    clock = FIRST
    for kind, number, hours, only_day, waited, corrected in script:
        record, fact = acts(number)[kind]
        instant = FIRST + timedelta(hours=hours)
        happened = local_day(instant) if only_day else instant
        clock = max(clock, end(happened) + timedelta(days=waited))
        if enter(book, record, fact, happened, clock) and corrected < 2:
            replacement = None if corrected else Replacement(happened=happened, fact=fact)
            last = len(book.entries)
            correction = FactCorrected(
                positions=(last,), reason=text("有误"), replacement=replacement
            )
            enter(book, ident(f"更正{last}"), correction, clock, clock)
    return book


def enter(book: Book, record: UUID, fact: Fact, happened: date | datetime, clock: datetime) -> bool:
    """Enter a fact; tell whether the product took it."""
    by = Actor(authentication="cli", person=ident("张总"), post=ident("张总的岗位"))
    if isinstance(fact, LedgerRowImported):
        by = Actor(authentication="import")
    try:
        book.act(record, fact, happened, recorded=clock, by=by)
    except DaochaError:
        return False
    return True

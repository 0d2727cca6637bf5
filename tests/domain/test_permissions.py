"""How somebody stands to a matter, and what that allows: the table, tie by tie."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from api.operations import operations
from domain.charge import Charge, Held, charges
from domain.expert_inspection import (
    ExpertFileClosed,
    Finding,
    Member,
    PanelAppointed,
    ReportDelivered,
)
from domain.incident import ReviewOpened
from domain.listing import Delisted, ListingMade, ListingProposed
from domain.organisation import (
    ResponsiblesNamed,
    SupervisionAssigned,
    SupervisionEnded,
    supervision_id,
)
from domain.people import PostKind
from domain.permissions import (
    DO,
    LEADING,
    SEE,
    TIES,
    Matter,
    PostHeld,
    Row,
    Standing,
    Tie,
    may,
    row_for,
    ties,
)
from tests.support.book import Book, ident, text

E, D, OFFICE, GOV = map(ident, ("企业", "部门", "安委办", "县政府"))
P, Q = ident("张三"), ident("李四")
POST = ident("岗位")
DAY = date(2024, 6, 1)
ALWAYS = date(2020, 1, 1)


def holding(kind: PostKind, org: object = D, government: object = None) -> Standing:
    post = PostHeld(POST, kind, org, government)  # type: ignore[arg-type]
    return Standing(P, (post,))


def charged(charge: Charge, holder: object, until: date | None = None) -> Matter:
    return Matter(E, charges=(Held(charge, holder, ALWAYS, until),))  # type: ignore[arg-type]


HEAD, INSPECTOR = PostKind.PRINCIPAL, PostKind.INSPECTOR


@pytest.mark.parametrize(
    ("who", "matter", "found"),
    [
        (Standing(None, owner=True), Matter(E), {Tie.OWNER}),
        (Standing(P), Matter(E), set()),
        (Standing(P), Matter(person=P), {Tie.SELF}),
        (Standing(P), Matter(person=Q), set()),
        (Standing(None), Matter(), set()),
        (holding(HEAD, D), Matter(person=Q), {Tie.KNOWN, Tie.LEADING}),
        (holding(HEAD, E), Matter(E), {Tie.KNOWN, Tie.LEADING, Tie.HEAD}),
        (holding(PostKind.WORKER, E), Matter(E), {Tie.KNOWN, Tie.STAFF}),
        (holding(HEAD, D), Matter(E), {Tie.KNOWN, Tie.LEADING}),
        (
            holding(HEAD, D),
            charged(Charge.SUPERVISES, D),
            {Tie.KNOWN, Tie.LEADING, Tie.REGULATOR},
        ),
        (holding(INSPECTOR, D), charged(Charge.SUPERVISES, D), {Tie.KNOWN}),
        (holding(HEAD, D), charged(Charge.SUPERVISES, D, DAY), {Tie.KNOWN, Tie.LEADING}),
        (holding(INSPECTOR, D), charged(Charge.NAMED, POST), {Tie.KNOWN, Tie.OFFICER}),
        (holding(INSPECTOR, D), charged(Charge.NAMED, Q), {Tie.KNOWN}),
        (
            holding(HEAD, OFFICE),
            charged(Charge.LISTED, OFFICE),
            {Tie.KNOWN, Tie.LEADING, Tie.LISTED},
        ),
        (holding(INSPECTOR, OFFICE), charged(Charge.LISTED, OFFICE), {Tie.KNOWN}),
        (
            holding(HEAD, GOV),
            Matter(E, above=(GOV,)),
            {Tie.KNOWN, Tie.LEADING, Tie.ABOVE},
        ),
        (
            holding(HEAD, GOV),
            Matter(E, above_charged=frozenset({GOV})),
            {Tie.KNOWN, Tie.LEADING, Tie.ABOVE},
        ),
        (holding(INSPECTOR, GOV), Matter(E, above=(GOV,)), {Tie.KNOWN}),
        (holding(INSPECTOR, D, GOV), Matter(E, above=(GOV,)), {Tie.KNOWN, Tie.PEER}),
        (Standing(P), charged(Charge.PANEL, P), {Tie.EXPERT}),
        (Standing(P), charged(Charge.PANEL, P, DAY), set()),
        (Standing(P), charged(Charge.REVIEW, P), {Tie.REVIEWER}),
        (Standing(P), charged(Charge.REVIEW, Q), set()),
    ],
)
def test_how_somebody_stands(who: Standing, matter: Matter, found: set[Tie]) -> None:
    assert ties(who, matter, DAY) == found | {Tie.ANYONE}


def test_one_tie_of_a_row_suffices_and_none_does_not() -> None:
    row = Row("看", "see", frozenset({Tie.HEAD, Tie.REVIEWER}))
    assert may(holding(HEAD, E), row, Matter(E), DAY)
    assert may(Standing(P), row, charged(Charge.REVIEW, P), DAY)
    assert not may(holding(PostKind.WORKER, E), row, Matter(E), DAY)


def test_ones_organisations_are_those_of_ones_posts() -> None:
    assert holding(HEAD, D).organisations == {D}
    assert Standing(P).organisations == frozenset()


def test_what_has_no_row_is_the_owners_alone() -> None:
    assert not may(holding(HEAD, E), None, Matter(E), DAY)
    assert may(Standing(None, owner=True), None, Matter(E), DAY)
    assert row_for("unheard.of", "unheard") is None


def test_every_kind_of_fact_that_can_be_posted_has_a_row() -> None:
    rowless = [
        operation.topic.name
        for operation in operations().values()
        if row_for(operation.topic.name, operation.topic.noun) is None
    ]
    assert rowless == ["fact.corrected"], "asked by what it corrects"


def test_every_row_and_tie_speaks_both_languages() -> None:
    told = [*((row.zh, row.en) for row in (*SEE.values(), *DO.values())), *TIES.values()]
    assert all(en.isascii() and not zh.isascii() for zh, en in told)
    assert set(TIES) == set(Tie)


def test_no_row_gives_what_a_stranger_has() -> None:
    open_to_all = {name for name, row in SEE.items() if Tie.ANYONE in row.ties}
    assert open_to_all == {"published"}
    assert not any(row.ties & {Tie.ANYONE, Tie.KNOWN} for row in DO.values())
    assert PostKind.WORKER not in LEADING


class TestCharges:
    """Read off the record, with their beginnings and ends."""

    def told(self, book: Book, at: date = DAY) -> set[tuple[Charge, object]]:
        held = charges(E, book.entries, at)
        return {(each.charge, each.holder) for each in held if each.covers(at)}

    def test_a_department_supervises_until_it_ends(self) -> None:
        book, place = Book(), supervision_id(E)
        assigned = SupervisionAssigned(enterprise=E, department=D)
        book.enter(place, assigned, date(2024, 1, 1))
        book.enter(
            place,
            ResponsiblesNamed(enterprise=E, department=D, leader=POST, officer=Q),
            date(2024, 2, 1),
        )
        assert self.told(book) == {
            (Charge.SUPERVISES, D),
            (Charge.NAMED, POST),
            (Charge.NAMED, Q),
        }
        ended = SupervisionEnded(enterprise=E, department=D)
        book.enter(place, ended, date(2024, 5, 31))
        assert (Charge.SUPERVISES, D) not in self.told(book)
        assert (Charge.SUPERVISES, D) in self.told(book, date(2024, 5, 30))

    def test_a_listing_concerns_its_bodies_until_delisting(self) -> None:
        book, place, hazard = Book(), ident("挂牌"), ident("隐患")
        proposed = ListingProposed(enterprise=E, hazard=hazard, by_org=D, to_org=OFFICE)
        book.enter(place, proposed, date(2024, 1, 1))
        assert self.told(book) == set()
        made = ListingMade(
            enterprise=E,
            hazard=hazard,
            by_org=OFFICE,
            number="督1",
            responsible_body=GOV,
            supervising_unit=OFFICE,
            deadline=date(2024, 5, 1),
        )
        book.enter(place, made, date(2024, 1, 2))
        assert self.told(book) == {(Charge.LISTED, OFFICE), (Charge.LISTED, GOV)}
        gone = Delisted(enterprise=E, hazard=hazard, by_org=OFFICE)
        book.enter(place, gone, date(2024, 5, 1))
        assert self.told(book) == set()

    @pytest.mark.parametrize(
        ("findings", "parts", "holds"),
        [(0, (), True), (0, (0,), False), (1, (0,), True), (1, (0, 1), False)],
    )
    def test_a_panel_holds_until_what_it_found_is_rechecked(
        self, findings: int, parts: tuple[int, ...], *, holds: bool
    ) -> None:
        book, place = Book(), ident("专家检查")
        member = Member(person=P, specialty="化工工艺")
        book.enter(place, PanelAppointed(enterprise=E, members=(member,)), date(2024, 1, 1))
        finding = Finding(item=1, text=text("泄漏"), at_once=True)
        report = ReportDelivered(enterprise=E, findings=(finding,) * findings)
        book.enter(place, report, date(2024, 1, 5))
        for part in parts:
            book.enter(place, ExpertFileClosed(enterprise=E, part=part), date(2024, 2, 1))
        assert ((Charge.PANEL, P) in self.told(book)) is holds

    def test_reviewers_are_those_whom_the_review_names(self) -> None:
        book = Book()
        opened = ReviewOpened(enterprise=E, incident=ident("事故"), by_org=GOV, reviewers=(P,))
        book.enter(ident("倒查"), opened, date(2024, 1, 1))
        assert self.told(book) == {(Charge.REVIEW, P)}

    def test_what_ends_on_a_day_does_not_hold_on_it(self) -> None:
        held = Held(Charge.SUPERVISES, D, date(2024, 1, 1), date(2024, 5, 1))
        assert held.covers(date(2024, 4, 30))
        assert not held.covers(date(2024, 5, 1))
        assert not held.covers(date(2023, 12, 31))
        assert replace(held, until=None).covers(date(2030, 1, 1))

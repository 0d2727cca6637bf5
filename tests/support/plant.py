"""A book with a government, a department and two enterprises, for tests of single facts."""

from __future__ import annotations

from datetime import date

from domain.hazard import Finder, HazardFound
from domain.organisation import OrganisationRegistered, OrgKind
from domain.people import AppointmentMade, PersonRegistered, PostCreated, PostKind
from tests.support.book import Book, ident, text

GOVERNMENT, DEPARTMENT = ident("县政府"), ident("县局")
PLANT, MILL = ident("甲厂"), ident("乙厂")
HAZARD = ident("隐患")


def county() -> Book:
    """Return a book with these four registered on 1 January 2024."""
    book = Book()
    for name, kind, parent in (
        ("县政府", OrgKind.GOVERNMENT, None),
        ("县局", OrgKind.DEPARTMENT, GOVERNMENT),
        ("甲厂", OrgKind.ENTERPRISE, GOVERNMENT),
        ("乙厂", OrgKind.ENTERPRISE, GOVERNMENT),
    ):
        fact = OrganisationRegistered(kind=kind, code=name, name=name, parent=parent)
        book.act(ident(name), fact, date(2024, 1, 1))
    return book


def found(number: str = "YH-1", *, suspected_major: bool = False) -> HazardFound:
    """Return a hazard that the plant found itself."""
    return HazardFound(
        enterprise=PLANT,
        number=number,
        description=text("罐体腐蚀"),
        found_by=Finder.ENTERPRISE,
        suspected_major=suspected_major,
    )


def staffed() -> Book:
    """Return the county's book with people: the plant's principal and deputy, two of the office."""
    book = county()
    for name, org, kind in (
        ("张总", PLANT, PostKind.PRINCIPAL),
        ("李副总", PLANT, PostKind.DEPUTY),
        ("孙副局长", DEPARTMENT, PostKind.DEPUTY),
        ("吴科长", DEPARTMENT, PostKind.SECTION_HEAD),
    ):
        person, post = ident(name), ident(f"{name}的岗位")
        for record, fact in (
            (person, PersonRegistered(name=text(name, person))),
            (post, PostCreated(organisation=org, kind=kind, title=f"{name}的岗位")),
            (post, AppointmentMade(organisation=org, person=person)),
        ):
            book.enter(record, fact, date(2024, 1, 1))
    return book

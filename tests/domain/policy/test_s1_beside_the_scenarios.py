"""What the scenarios of section one leave to be shown of its code."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.installation import (
    AssessmentFinding,
    FindingBecameHazard,
    InstallationAssessed,
    InstallationKind,
    InstallationListed,
    InstallationRecord,
)
from domain.people import AppointmentEnded, AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.policy.duty import Docket
from domain.policy.s1_2_inspectors import inspectors
from tests.support.book import Book, ident, text

PLANT, VESSEL, HAZARD = ident("plant"), ident("vessel"), ident("hazard")
DAY = date(2024, 3, 5)


def test_each_finding_is_told_by_its_own_fact() -> None:
    book = Book()
    listed = InstallationListed(
        enterprise=PLANT, kind=InstallationKind.PROCESS_EQUIPMENT, name="反应釜"
    )
    findings = tuple(AssessmentFinding(item=n, text=text("磨损")) for n in (1, 2))
    assessed = InstallationAssessed(
        enterprise=PLANT, institution="某公司", result=text("可靠"), findings=findings
    )
    recorded = FindingBecameHazard(enterprise=PLANT, assessment=1, item=1, hazard=HAZARD)
    for fact in (listed, assessed, recorded):
        book.enter(VESSEL, fact, DAY)
    record = InstallationRecord(f"installation:{VESSEL}", book.entries)
    (assessment,) = record.assessments
    found = record.recorded(assessment, 1)
    assert found is not None
    assert found[1] == HAZARD
    assert record.recorded(assessment, 2) is None


def test_who_left_the_post_inspects_no_longer() -> None:
    body, post = ident("body"), ident("post")
    book = Book()
    people: list[UUID] = [ident(name) for name in ("before", "now")]
    created = PostCreated(organisation=body, kind=PostKind.INSPECTOR, title="执法员")
    book.enter(post, created, date(2023, 1, 1))
    for person, since in zip(people, (date(2023, 1, 1), date(2024, 1, 1)), strict=True):
        book.enter(person, PersonRegistered(name=text("某", person)), since)
        book.enter(post, AppointmentMade(organisation=body, person=person), since)
    ended = AppointmentEnded(organisation=body, person=people[0])
    book.enter(post, ended, date(2023, 12, 31))
    docket = Docket(body, book.entries, DAY)
    assert [each.person for each in inspectors(docket)] == people[1:]

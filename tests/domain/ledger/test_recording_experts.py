"""Gates that look at people: what is read for them, and that they are exact under concurrency."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from domain.errors import GateClosed
from domain.expert import Attending, ExpertAdmitted, ExpertSuspended, FalseReportFound, Title
from domain.expert_inspection import ExpertsInspected, Member, PanelAppointed
from domain.fact import Actor, Fact, Sealed
from domain.ledger import Ledger
from domain.organisation import OrganisationRegistered, OrgKind, organisation_id
from domain.people import AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.reading import read_case
from domain.record import facts_of
from domain.recording import Act, record

if TYPE_CHECKING:
    from domain.ledger import Command, Receipt

NOW = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
DAY = date(2024, 5, 3)
BY = Actor(authentication="cli")
PLANT, BUREAU = organisation_id("PLANT"), organisation_id("BUREAU")
PEOPLE = [UUID(int=(0x0190 << 112) + n) for n in range(1, 4)]
POST, HEAD = UUID(int=(0x0190 << 112) + 90), UUID(int=(0x0190 << 112) + 91)
PANEL = UUID(int=(0x0190 << 112) + 99)
SPECIALTIES = ("化工工艺", "电气", "设备")


def words(text: str, subject: UUID = PLANT) -> Sealed:
    return Sealed.close(text, subject, bytes(16))


def enter(ledger: Ledger, number: int, *acts: tuple[UUID, Fact]) -> Receipt:
    told = [Act(subject, fact, DAY) for subject, fact in acts]
    return record(ledger, told, command=UUID(int=number), by=BY, received=NOW)


def admitted(specialty: str) -> ExpertAdmitted:
    return ExpertAdmitted(
        authority=BUREAU, specialties=(specialty,), title=Title.SENIOR, years=9, healthy=True
    )


@pytest.fixture
def county(ledger: Ledger) -> Ledger:
    """A ledger with an enterprise, a bureau with a head, and three experts in its pool."""
    for number, (org, kind, code) in enumerate(
        ((PLANT, OrgKind.ENTERPRISE, "PLANT"), (BUREAU, OrgKind.DEPARTMENT, "BUREAU")), 1
    ):
        enter(ledger, number, (org, OrganisationRegistered(kind=kind, code=code, name=code)))
    for number, (person, specialty) in enumerate(zip(PEOPLE, SPECIALTIES, strict=True), 10):
        told = PersonRegistered(name=words(specialty, person), born=date(1975, 1, 1))
        enter(ledger, number, (person, told))
        enter(ledger, number + 10, (person, admitted(specialty)))
    enter(ledger, 40, (HEAD, PersonRegistered(name=words("局长", HEAD))))
    created = PostCreated(organisation=BUREAU, kind=PostKind.DEPUTY, title="副局长")
    enter(ledger, 41, (POST, created))
    enter(ledger, 42, (POST, AppointmentMade(organisation=BUREAU, person=HEAD)))
    return ledger


def appointed() -> tuple[UUID, Fact]:
    pairs = zip(PEOPLE, SPECIALTIES, strict=True)
    members = tuple(Member(person=person, specialty=specialty) for person, specialty in pairs)
    return PANEL, PanelAppointed(enterprise=PLANT, members=members)


def suspended() -> tuple[UUID, Fact]:
    return PEOPLE[0], ExpertSuspended(authority=BUREAU, reason=words("进修", PEOPLE[0]))


def test_a_panel_is_judged_by_what_is_on_record_of_its_members(county: Ledger) -> None:
    assert enter(county, 100, appointed()).positions


def test_one_suspended_before_is_refused(county: Ledger) -> None:
    enter(county, 99, suspended())
    with pytest.raises(GateClosed) as refused:
        enter(county, 100, appointed())
    assert refused.value.clause == "2.3d"


def test_a_suspension_between_decision_and_recording_is_seen(
    county: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, tried = county.append, []

    def late(command: Command) -> Receipt:
        tried.append(command)
        if len(tried) == 1:
            monkeypatch.setattr(county, "append", append)
            enter(county, 99, suspended())
            monkeypatch.setattr(county, "append", late)
        return append(command)

    monkeypatch.setattr(county, "append", late)
    with pytest.raises(GateClosed) as refused:
        enter(county, 100, appointed())
    assert refused.value.clause == "2.3d"
    assert len(tried) == 1  # decided again after the conflict, and refused


def test_a_case_reads_its_experts_and_the_bodies_of_their_pools(county: Ledger) -> None:
    attending = tuple(Attending(person=p, specialty="电气") for p in PEOPLE[:1])
    enter(county, 100, (PANEL, ExpertsInspected(enterprise=PLANT, experts=attending)))
    read = read_case(county, PLANT)
    assert [entry.record for entry, _ in facts_of(read, ExpertAdmitted)] == PEOPLE[:1]
    assert BUREAU in {entry.record for entry, _ in facts_of(read, OrganisationRegistered)}
    assert HEAD in {entry.record for entry, _ in facts_of(read, PersonRegistered)}


def test_a_false_report_found_is_read_with_the_enterprise_it_is_about(county: Ledger) -> None:
    attending = tuple(Attending(person=p, specialty="电气") for p in PEOPLE[:1])
    enter(county, 100, (PANEL, ExpertsInspected(enterprise=PLANT, experts=attending)))
    false = FalseReportFound(
        organisation=PLANT, inspection=PANEL, by_org=BUREAU, grounds=words("编造", PEOPLE[2])
    )
    enter(county, 101, (PEOPLE[2], false))
    read = read_case(county, PLANT)
    assert PEOPLE[2] in {entry.record for entry, _ in facts_of(read, PersonRegistered)}

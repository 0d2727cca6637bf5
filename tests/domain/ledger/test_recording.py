from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Never
from uuid import UUID

import pytest

from domain.correction import FactCorrected, Replacement
from domain.errors import CommandReused, Conflict, GateClosed
from domain.fact import Actor, Sealed
from domain.hazard import Finder, HazardFound
from domain.ledger import Ledger, Query
from domain.monthly_report import ReportFiled, report_id
from domain.organisation import OrganisationRegistered, OrgKind, organisation_id
from domain.reading import read_case
from domain.recording import Act, record

if TYPE_CHECKING:
    from domain.ledger import Command

BY = Actor(authentication="cli")
NOW = datetime(2024, 5, 3, 6, 30, tzinfo=UTC)
FIRST, SECOND = UUID(int=1 << 64), UUID(int=2 << 64)
PLANT = organisation_id("PLANT")
HAZARD = UUID("01900000-0000-7000-8000-000000000002")


def registered(name: str = "甲厂") -> Act:
    fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="PLANT", name=name)
    return Act(PLANT, fact, NOW)


def hazard(words: str, salt: bytes) -> Act:
    fact = HazardFound(
        enterprise=PLANT,
        number="YH-1",
        description=Sealed.close(words, PLANT, salt * 16),
        found_by=Finder.ENTERPRISE,
    )
    return Act(HAZARD, fact, NOW)


def test_the_same_command_is_answered_as_before(ledger: Ledger) -> None:
    record(ledger, [registered()], command=FIRST, by=BY, received=NOW)
    once = record(ledger, [hazard("漏油", b"1")], command=SECOND, by=BY, received=NOW)
    # The salts differ, as they do whenever the words are sent again; the words do not.
    again = record(ledger, [hazard("漏油", b"2")], command=SECOND, by=BY, received=NOW)
    assert (again.positions, again.repeated) == (once.positions, True)
    with pytest.raises(CommandReused):
        record(ledger, [hazard("漏电", b"1")], command=SECOND, by=BY, received=NOW)


def test_a_conflict_that_stays_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def append(command: Command) -> Never:
        tried.append(command)
        raise Conflict("变了", "it changed")

    monkeypatch.setattr(ledger, "append", append)
    with pytest.raises(Conflict):
        record(ledger, [registered()], command=FIRST, by=BY, received=NOW)
    assert len(tried) > 1


def filed(kind: Literal["ordinary", "zero"], words: str) -> ReportFiled:
    text = Sealed.close(words, PLANT, b"3" * 16)
    return ReportFiled(enterprise=PLANT, month="2024-05", kind=kind, to_org=PLANT, text=text)


def test_a_correction_passes_the_gates_of_what_it_writes(ledger: Ledger) -> None:
    report = report_id(PLANT, "2024-05")
    acts = [registered(), hazard("漏油", b"1"), Act(report, filed("ordinary", "五月"), NOW)]
    position = record(ledger, acts, command=FIRST, by=BY, received=NOW).positions[-1]

    def correct(fact: ReportFiled) -> Act:
        correction = FactCorrected(
            positions=(position,),
            about=(PLANT,),
            reason=Sealed.close("有误", PLANT, b"4" * 16),
            replacement=Replacement(happened=NOW, fact=fact),
        )
        return Act(UUID(int=4 << 64), correction, NOW)

    with pytest.raises(GateClosed, match="不得零报告"):
        record(ledger, [correct(filed("zero", "五月"))], command=SECOND, by=BY, received=NOW)
    mended = correct(filed("ordinary", "5月"))
    assert record(ledger, [mended], command=SECOND, by=BY, received=NOW).positions


def test_a_case_is_read_however_high_its_bodies_are_stacked(ledger: Ledger) -> None:
    codes = [f"TIER-{tier}" for tier in range(9)]
    for tier, code in enumerate(codes):
        parent = organisation_id(codes[tier - 1]) if tier else None
        kind = OrgKind.GOVERNMENT if tier < len(codes) - 1 else OrgKind.ENTERPRISE
        fact = OrganisationRegistered(kind=kind, code=code, name=code, parent=parent)
        act = Act(organisation_id(code), fact, NOW + timedelta(hours=tier))
        record(ledger, [act], command=UUID(int=tier + 1), by=BY, received=NOW + timedelta(days=1))
    read = read_case(ledger, organisation_id(codes[-1]))
    names = [e.fact.name for e in read if isinstance(e.fact, OrganisationRegistered)]
    assert names == codes[2:]  # the enterprise and the six tiers above it
    assert ledger.read(Query((f"org:{organisation_id(codes[0])}",)))

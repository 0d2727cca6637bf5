"""Rolls held against their facts, what is kept of them, and the record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from domain.audit.fold import Audit
from domain.audit.rolls import Taken, check_kept, check_reached, check_said, read_taken
from domain.audit.signatures import Dependencies
from domain.correction import FactCorrected
from domain.fact import Entry
from domain.organisation import (
    OrganisationClosed,
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    supervision_id,
)
from domain.proof.roll import Roll, RollEntry
from domain.roll import RollTaken, deadline_of, roll_record
from tests.support.ledger import CLI, ORIGIN, sealed

if TYPE_CHECKING:
    from domain.fact import Fact

NOW = datetime(2024, 6, 1, tzinfo=UTC)
NAME = "posts 2024-05"
ROLL = Roll(RollEntry(id=f"{n:03}", content={"n": n}) for n in range(3))
FIRM = UUID(int=5)


def entry(position: int, record: UUID, fact: Fact) -> Entry:
    return Entry(position, record, 1, NOW, NOW, (), CLI, NOW, UUID(int=1), fact)


def taken_at(
    position: int = 9,
    *,
    of: str = NAME,
    upto: int = 5,
    deadline: datetime | None = None,
    record: UUID | None = None,
) -> Entry:
    fact = RollTaken(head=ROLL.head(of), upto=upto, deadline=deadline or deadline_of("2024-05"))
    return entry(position, record or roll_record(of), fact)


def read(found: Entry) -> Taken:
    assert isinstance(found.fact, RollTaken)
    taken = read_taken(found, found.fact)
    assert isinstance(taken, Taken)
    return taken


def test_a_roll_goes_on_with_the_audit() -> None:
    audit = Audit(ORIGIN, lambda after, upto: [bytes(32)] * (upto - after))
    assert audit._learn(taken_at()) is None
    audit.derived = 9
    again = Audit.load(audit.dump(), ORIGIN, lambda after, upto: [bytes(32)] * (upto - after))
    assert again.rolls == audit.rolls == [read(taken_at())]
    assert (again.rolls[0].kind, again.rolls[0].month, again.derived) == ("posts", "2024-05", 9)


@pytest.mark.parametrize(
    "wrong",
    [
        taken_at(of="persons 2024-05"),
        taken_at(of="posts"),
        taken_at(of="posts 2024-13"),
        taken_at(of="posts 2024-05 again"),
        taken_at(record=uuid4()),
        taken_at(deadline=deadline_of("2024-05") - timedelta(seconds=1)),
        taken_at(upto=9),
    ],
)
def test_a_fact_that_takes_no_roll(wrong: Entry) -> None:
    audit = Audit(ORIGIN, lambda after, upto: [bytes(32)] * (upto - after))
    fault = audit._learn(wrong)
    assert fault is not None
    assert (fault.position, fault.kind) == (9, "roll")
    assert audit.rolls == []


def test_what_is_kept_leads_to_the_root() -> None:
    taken = read(taken_at())
    assert check_kept(taken, ROLL.leaves) is None
    for wrong in ([], ROLL.leaves[:2], ROLL.leaves[::-1], [*ROLL.leaves[:2], b"x"]):
        fault = check_kept(taken, wrong)
        assert fault is not None
        assert (fault.position, fault.kind) == (9, "roll")


def test_all_that_was_recorded_by_the_deadline_is_reflected() -> None:
    taken = read(taken_at())
    assert check_reached(taken, 5) is None
    fault = check_reached(taken, 6)
    assert fault is not None
    assert "只反映至第5条" in fault.zh


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"001": b"other"}, "001 名册所载与事实不符"),
        ({"001": None}, "001 依事实不应列入，名册中却有"),
        ({"0005": b"new"}, "0005 依事实应列入，名册中没有"),
        ({"002": None, "000": b"x"}, "000 名册所载与事实不符"),
    ],
)
def test_the_first_that_differs_is_named(changed: dict[str, bytes | None], said: str) -> None:
    kept = dict(zip(ROLL.ids, ROLL.leaves, strict=True))
    derived = {of: leaf for of, leaf in {**kept, **changed}.items() if leaf}
    assert check_said(read(taken_at()), kept, kept) is None
    fault = check_said(read(taken_at()), kept, derived)
    assert fault is not None
    assert said in fault.zh


def test_where_the_facts_stand_by_which_an_enterprise_owes() -> None:
    index = Dependencies()
    registered = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="E", name="厂")
    office = OrganisationRegistered(kind=OrgKind.DEPARTMENT, code="D", name="局")
    reason = sealed("误录", FIRM)
    for each in (
        entry(2, FIRM, registered),
        entry(3, UUID(int=6), office),
        entry(
            4, supervision_id(FIRM), SupervisionAssigned(enterprise=FIRM, department=UUID(int=6))
        ),
        entry(5, FIRM, OrganisationClosed(reason=reason)),
        entry(6, uuid4(), FactCorrected(positions=(5,), reason=reason)),
    ):
        assert index.learn(each) is None
    assert index.of_roll("monthly_report", 6) == {str(FIRM): (2, 4, 5, 6)}
    assert index.of_roll("monthly_report", 3) == {str(FIRM): (2,)}
    assert index.of_roll("posts", 6) == {}
    again = Dependencies()
    again.load(index.dump())
    assert again.of_roll("monthly_report", 6) == {str(FIRM): (2, 4, 5, 6)}

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID, uuid5

import pytest

from domain import session as sessions
from domain.correction import FactCorrected, Replacement
from domain.errors import Conflict, Contradiction, GateClosed, Invalid
from domain.fact import Actor, Sealed, leaf_hash
from domain.hazard import Finder, HazardAccepted, HazardFound
from domain.monthly_report import ReportFiled, report_id
from domain.organisation import OrganisationRegistered, OrgKind, SupervisionAssigned, supervision_id
from domain.people import PersonRegistered
from domain.proof import merkle
from domain.recording import Act
from domain.session import Session
from domain.signing import KeyRegistered, KeyRevoked, key_record
from tests.support import pens
from tests.support.tape import ORIGIN, Tape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.errors import DaochaError
    from domain.fact import Fact
    from domain.ledger import Command, Receipt

OPENED = datetime(2024, 3, 1, 1, tzinfo=UTC)
BY = Actor(authentication="system")
PLANT, BUREAU, HAZARD = (UUID(int=n) for n in (11, 12, 13))


def words(text: str) -> Sealed:
    return Sealed.close(text, PLANT, bytes(16))


def registered(org: UUID, kind: OrgKind) -> Fact:
    return OrganisationRegistered(kind=kind, code=f"C{org.int}", name=f"单位{org.int}")


def found(number: str = "1") -> Fact:
    return HazardFound(
        enterprise=PLANT, number=number, description=words("护栏缺失"), found_by=Finder.ENTERPRISE
    )


class Clerk:
    """Enters one command after another, a minute apart."""

    def __init__(self, tape: Tape) -> None:
        self.session = Session(tape, [tape.genesis()])
        self.now = OPENED
        self.count = 0

    def enter(self, *facts: tuple[UUID, Fact]) -> range:
        self.now += timedelta(minutes=1)
        self.count += 1
        return self.session.record(
            [Act(record, fact, self.now) for record, fact in facts],
            command=uuid5(PLANT, str(self.count)),
            by=BY,
            received=self.now,
            recorded=self.now,
        )


@pytest.fixture
def tape() -> Tape:
    return Tape(OPENED)


@pytest.fixture
def clerk(tape: Tape) -> Clerk:
    made = Clerk(tape)
    made.enter((PLANT, registered(PLANT, OrgKind.ENTERPRISE)))
    made.enter((BUREAU, registered(BUREAU, OrgKind.DEPARTMENT)))
    return made


def test_positions_are_those_that_the_ledger_gives(clerk: Clerk, tape: Tape) -> None:
    positions = clerk.enter((HAZARD, found()))
    assert list(positions) == [4]
    assert len(tape.entries) == 1
    clerk.session.flush()
    assert tape.entries[3].fact == found()
    assert clerk.session.entries(HAZARD)[0].position == 4
    assert clerk.session.position == 4


def test_what_waits_is_sent_in_batches(
    clerk: Clerk, tape: Tape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "BATCH", 3)
    clerk.enter((HAZARD, found()))
    assert len(tape.commands) == 3
    clerk.session.flush()
    assert len(tape.commands) == 3


def test_gates_are_asked(clerk: Clerk) -> None:
    clerk.enter((HAZARD, found()))
    accepted = HazardAccepted(enterprise=PLANT, by_org=PLANT, passed=True)
    with pytest.raises(GateClosed) as refused:
        clerk.enter((HAZARD, accepted))
    assert refused.value.clause == "3.1b"
    assert len(clerk.session.entries(HAZARD)) == 1
    assert clerk.enter((UUID(int=14), found("2"))) == range(5, 6)


def test_contradictions_are_refused(clerk: Clerk) -> None:
    clerk.enter((HAZARD, found()))
    with pytest.raises(Contradiction):
        clerk.enter((HAZARD, found()))


def test_names_must_be_on_record(clerk: Clerk) -> None:
    nobody = UUID(int=99)
    assigned = SupervisionAssigned(enterprise=PLANT, department=nobody)
    with pytest.raises(Contradiction) as refused:
        clerk.enter((supervision_id(PLANT), assigned))
    assert refused.value.where == "department"
    known = SupervisionAssigned(enterprise=PLANT, department=BUREAU)
    assert clerk.enter((supervision_id(PLANT), known))


def test_another_writer_is_noticed(clerk: Clerk, tape: Tape) -> None:
    clerk.session.flush()
    tape.entries.append(replace(tape.entries[-1], position=4))
    clerk.enter((HAZARD, found()))
    with pytest.raises(Conflict):
        clerk.session.flush()


def test_a_refusal_by_the_ledger_is_raised(tape: Tape) -> None:
    class Refusing(Tape):
        def append_many(self, commands: Sequence[Command]) -> list[Receipt | DaochaError]:
            return [Invalid("不合格式", "not of the form") for _ in commands]

    clerk = Clerk(Refusing(OPENED))
    clerk.enter((PLANT, registered(PLANT, OrgKind.ENTERPRISE)))
    with pytest.raises(Invalid):
        clerk.session.flush()


def test_where_no_time_of_recording_is_given_the_arrival_stands_for_it(tape: Tape) -> None:
    session = Session(tape, [tape.genesis()])
    act = Act(PLANT, registered(PLANT, OrgKind.ENTERPRISE), OPENED)
    session.record([act], command=PLANT, by=BY, received=OPENED)
    assert session.entries(PLANT)[0].recorded == OPENED


def test_what_is_signed_is_named_by_the_leaf_that_the_ledger_composed(
    tape: Tape, clerk: Clerk
) -> None:
    (position,) = clerk.enter((HAZARD, found()))
    assert clerk.session.seen.size == 1, "in line, and not yet in the ledger"
    entry = clerk.session.entry(HAZARD, position)
    assert entry.hash == leaf_hash(tape.leaves[position - 1].leaf)
    assert clerk.session.entries(HAZARD) == [entry]
    assert clerk.session.entry(HAZARD, position) is entry, "it is read back once"
    hashes = [leaf_hash(each.leaf) for each in tape.leaves]
    assert (clerk.session.seen.size, clerk.session.seen.root) == (
        len(hashes),
        merkle.root_of(hashes).hex(),
    )
    assert clerk.session.origin == ORIGIN


def test_keys_are_known_to_those_who_sign_after(clerk: Clerk) -> None:
    person, registrar = uuid5(PLANT, "张总"), uuid5(PLANT, "登记人")
    first, second = (
        KeyRegistered(person=person, key=pens.key_of("一")),
        KeyRegistered(person=person, key=pens.key_of("二"), replaces=pens.key_of("一").id),
    )
    by = Actor(authentication="token", person=registrar)
    clerk.enter((person, PersonRegistered(name=words("张总"))))
    for fact in (first, second):
        clerk.session.record(
            [Act(key_record(fact.key.id), fact, clerk.now)],
            command=uuid5(PLANT, fact.key.id),
            by=by,
            received=clerk.now,
            recorded=clerk.now,
        )
    with pytest.raises(Contradiction, match="已吊销或已被替换"):
        clerk.session.record(
            [
                Act(
                    key_record(first.key.id),
                    KeyRevoked(person=person, key=first.key.id, reason=words("遗失")),
                    clerk.now,
                )
            ],
            command=uuid5(PLANT, "吊销"),
            by=by,
            received=clerk.now,
            recorded=clerk.now,
        )


def filed(kind: Literal["ordinary", "zero"]) -> ReportFiled:
    return ReportFiled(enterprise=PLANT, month="2024-03", kind=kind, to_org=BUREAU)


def test_a_correction_is_decided_with_what_it_corrects_at_hand(clerk: Clerk) -> None:
    clerk.enter((HAZARD, found()))
    position = clerk.enter((report_id(PLANT, "2024-03"), filed("ordinary")))[0]

    def correction(fact: ReportFiled) -> FactCorrected:
        return FactCorrected(
            positions=(position,),
            about=(PLANT,),
            reason=words("有误"),
            replacement=Replacement(happened=clerk.now, fact=fact),
        )

    with pytest.raises(GateClosed, match="不得零报告"):
        clerk.enter((UUID(int=14), correction(filed("zero"))))
    assert clerk.enter((UUID(int=14), correction(filed("ordinary"))))

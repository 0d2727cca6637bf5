"""Rolls say what the record says: who owed, who filed by the deadline, who held which post."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.rolls import Clerk, take, taken
from domain.errors import Invalid, NotFound, Unavailable
from domain.fact import Sealed, leaf_hash
from domain.ledger import Ledger
from domain.people import AppointmentEnded, AppointmentMade, PostAbolished, PostCreated, PostKind
from domain.proof.roll import RollHead, look_up
from domain.proof.taken import chain
from domain.roll import RollTaken, deadline_of, months_closed
from domain.signing import KeyRegistered, KeyRevoked, key_record
from projections import rolls
from projections.models import read_models
from projections.rolls import compose
from projections.runner import Runner
from tests.support import pens
from tests.support.ledger import Place
from tests.support.office import CLOSED, DEPARTMENT, DUE, FIRM, FIRMS, MONTH, OPENED, SECOND, Office


@pytest.fixture
def office(postgres_url: str, schema: str, tmp_path: Path) -> Iterator[Office]:
    place = Place(postgres_url, schema, tmp_path / "keys")
    place.create("simulated", opened=OPENED)
    with place.open() as ledger:
        yield Office.begin(place, ledger)
    place.close()


def look(office: Office, of: int, entry: UUID) -> dict[str, Any] | None:
    """Return what a roll of May says of an id, as its proof shows it."""
    fact = taken(office.ledger, MONTH)[of].fact
    assert isinstance(fact, RollTaken)
    proof = office.ledger.rolls.stored(fact.head).prove(str(entry))
    found = look_up(fact.head, str(entry), proof)
    return None if found is None else dict(found)


def test_who_owed_and_what_they_had_filed(office: Office) -> None:
    filed = office.file(at=DUE - timedelta(days=3))
    again = office.file(at=DUE - SECOND)
    office.file(FIRMS[1], DUE)  # 24:00 itself is too late
    office.file(FIRMS[2], DUE + SECOND, "zero")
    office.catch_up()
    facts = take(office.ledger, MONTH, CLOSED)
    names = [entry.fact.head.of for entry in facts if isinstance(entry.fact, RollTaken)]
    assert names == ["monthly_report 2024-05", "posts 2024-05", "keys 2024-05"]
    first = look(office, 0, FIRM)
    assert first is not None
    assert first["filed"] == [{"document": office.hash(each)} for each in (filed, again)]
    tag = f'"org:{FIRM}"'.encode()
    about = [raw for raw in office.ledger.range_raw(0, 100) if tag in raw.leaf]
    hashes = [leaf_hash(raw.leaf) for raw in about]
    assert (first["count"], first["chain"]) == (len(hashes), chain(hashes).hex())
    for late in FIRMS[1:]:
        entry = look(office, 0, late)
        assert entry is not None
        assert entry["filed"] == []
    assert look(office, 0, DEPARTMENT) is None


@pytest.mark.parametrize("late", [False, True])
def test_by_which_signature_both_posts_had_signed(office: Office, *, late: bool) -> None:
    office.signers()
    filed = office.file(kind="zero", at=DUE - timedelta(hours=1))
    office.sign("张三", PostKind.DEPUTY, filed)
    second = office.sign("李四", PostKind.PRINCIPAL, filed, DUE if late else None)
    office.catch_up()
    take(office.ledger, MONTH, CLOSED)
    entry = look(office, 0, FIRM)
    assert entry is not None
    effect = {} if late else {"effect": office.hash(second)}
    assert entry["filed"] == [{"document": office.hash(filed), **effect}]


def test_who_held_a_post_and_whose_the_keys_were(office: Office) -> None:
    post, other, _ = uuid4(), uuid4(), office.person("登记员")
    first, second = office.person("甲"), office.person("乙")
    office.act(post, PostCreated(organisation=FIRM, kind=PostKind.DEPUTY, title="副总"))
    since = office.act(post, AppointmentMade(organisation=FIRM, person=first))
    until = office.act(post, AppointmentEnded(organisation=FIRM, person=first))
    then = office.act(post, AppointmentMade(organisation=FIRM, person=second))
    office.act(other, PostCreated(organisation=FIRM, kind=PostKind.WORKER, title="工人"))
    one = office.act(other, AppointmentMade(organisation=FIRM, person=second))
    gone = office.act(other, PostAbolished(organisation=FIRM))
    old, new, lost = (pens.key_of(name) for name in ("甲", "甲新", "乙"))
    replaced = office.key(KeyRegistered(person=first, key=new, replaces=old.id))
    reason = Sealed.close("遗失", second, os.urandom(16))
    revoked = office.act(key_record(lost.id), KeyRevoked(person=second, key=lost.id, reason=reason))
    office.catch_up()
    take(office.ledger, MONTH, CLOSED)
    assert look(office, 1, post) == {
        "held": [
            {"person": str(first), "since": since, "until": until},
            {"person": str(second), "since": then},
        ],
        "kind": "deputy",
        "organisation": str(FIRM),
    }
    abolished = look(office, 1, other)
    assert abolished is not None
    assert abolished["held"] == [{"person": str(second), "since": one, "until": gone}]
    told = [look(office, 2, key_record(key.id)) for key in (old, new, lost)]
    spans = [(each["since"], each.get("until")) for each in told if each]
    assert spans[0][1] == replaced
    assert spans[1] == (replaced, None)
    assert spans[2][1] == revoked


# Once, and not before its time.


def test_a_roll_is_taken_once(office: Office) -> None:
    office.catch_up()
    first = take(office.ledger, MONTH, CLOSED)
    office.file(at=CLOSED + SECOND)
    office.catch_up()
    assert take(office.ledger, MONTH, CLOSED + timedelta(hours=1)) == first
    assert taken(office.ledger, "2024-06") == []


def test_not_before_it_closes(office: Office) -> None:
    with pytest.raises(Invalid, match="cannot be taken yet"):
        take(office.ledger, MONTH, CLOSED - SECOND)


def test_read_models_that_lag_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolls, "_PAUSE", 0)
    with pytest.raises(Unavailable, match="not at one point"):
        take(office.ledger, MONTH, CLOSED)
    office.catch_up()
    at = compose(office.ledger, MONTH).upto
    assert at == office.ledger.head().position
    with pytest.raises(Unavailable, match="not at one point"):
        compose(office.ledger, MONTH, upto=at + 1)


def test_entries_that_are_not_kept(office: Office) -> None:
    with pytest.raises(NotFound, match="not kept"):
        office.ledger.rolls.stored(RollHead(of="posts 2024-05", size=1, root="00" * 32))


def test_months_close_two_minutes_after_their_end() -> None:
    opened = datetime(2024, 3, 31, 16, tzinfo=UTC)  # the first of April in Shanghai
    assert months_closed(opened, CLOSED - SECOND) == ["2024-04"]
    assert months_closed(opened, CLOSED) == ["2024-04", MONTH]
    assert deadline_of(MONTH) == DUE


# The clerk.


def test_the_clerk_catches_up(place: Place, ledger: Ledger) -> None:
    opened = ledger.genesis().recorded
    later = opened + timedelta(days=70)
    with Runner(place.url, read_models(place.schema), schema=place.schema):
        clerk = Clerk(ledger, lambda: later)
        with ledger.rolls.leading() as leads:
            assert leads
            clerk.do()  # another one is at it
            assert months_of(ledger) == []
        clerk.do()
        closed = months_closed(opened, later)
        assert len(closed) >= 2
        assert months_of(ledger) == closed
        clerk.do()
        assert months_of(ledger) == closed


def months_of(ledger: Ledger) -> list[str]:
    facts = [entry.fact for entry in ledger.range(0, 100)]
    return sorted({fact.head.of[-7:] for fact in facts if isinstance(fact, RollTaken)})


def test_the_clerk_works_by_itself(place: Place, ledger: Ledger) -> None:
    later = ledger.genesis().recorded + timedelta(days=40)
    models = read_models(place.schema)
    with Runner(place.url, models, schema=place.schema), Clerk(ledger, lambda: later):
        for batch in ledger.subscribe(0):
            if any(isinstance(entry.fact, RollTaken) for entry in batch):
                break


def test_the_clerk_leaves_a_simulated_ledger_alone(office: Office) -> None:
    with Clerk(office.ledger, lambda: CLOSED):
        pass
    assert taken(office.ledger, MONTH) == []

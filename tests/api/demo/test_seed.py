from __future__ import annotations

import os
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from api.demo.calendar import ENDS, OPENED, YEAR
from api.demo.scribe import DAYS
from api.demo.seed import seed
from domain.ledger import KeyStore, Ledger, Vault, create
from domain.moment import start
from domain.organisation import OrganisationRegistered, OrgKind
from domain.people import PersonRegistered
from domain.reading import read_case
from domain.record import facts_of
from domain.signing import SignatureMade
from domain.trace import Question, trace
from tests.support.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from domain.answer import Trace
    from domain.fact import Entry
    from tests.api.demo.conftest import Played


def content(entry: Entry) -> tuple[Any, ...]:
    """What an entry says, but for what is random: salts and the digests made with them."""
    words = [(path, sealed.value) for path, sealed in entry.fact.sealed()]
    data = entry.fact.model_dump_json(exclude_none=True)
    plain = re.sub(r'"digest":"[0-9a-f]{64}"', "", data)
    if isinstance(entry.fact, SignatureMade):  # it names its document by the hash of the leaf
        plain = re.sub(r"[0-9a-f]{64}|\"value\":\"[^\"]+\"", "", plain)
    when = (entry.happened, entry.received, entry.recorded)
    return (
        entry.position,
        *(() if entry.topic == SignatureMade.topic.name else (entry.record,)),
        entry.topic,
        *when,
        [tag for tag in entry.tags if not tag.startswith("signature:")],
        entry.command,
        plain,
        words,
    )


def test_the_year_has_the_size_of_a_county_s(played: Played) -> None:
    assert 8_000 <= played.shown.facts <= 16_000
    assert played.shown.facts == len(played.tape.entries)


def test_two_runs_say_the_same(played: Played) -> None:
    again = Tape(OPENED)
    seed(again, random=os.urandom)
    assert list(map(content, again.entries)) == list(map(content, played.tape.entries))


def test_everything_is_recorded_in_order_and_after_it_happened(played: Played) -> None:
    entries = played.tape.entries
    assert [e.position for e in entries] == list(range(1, len(entries) + 1))
    assert all(a.recorded <= b.recorded for a, b in pairwise(entries))
    assert all(start(e.happened) <= e.received == e.recorded < ENDS for e in entries)
    assert entries[-1].recorded.year == YEAR


def test_no_name_and_no_free_text_stands_in_a_body(played: Played) -> None:
    drafts = [(c, draft) for c in played.tape.commands for draft in c.drafts]
    bodies = "\n".join(draft.body(command.id, bytes(16)) for command, draft in drafts)
    sealed = [s.value for _, draft in drafts for _, s in draft.fact.sealed() if s.value]
    words = {word for word in sealed if len(word) > 8}  # a short place can be a category's name
    people = [fact.name.value for _, fact in facts_of(played.tape.entries, PersonRegistered)]
    names = {name for name in people if name}
    assert len(names) > 200
    assert not [word for word in words | names if word in bodies]


def test_the_rare_things_happen_too(played: Played) -> None:
    assert {entry.topic for entry in played.tape.entries} >= {
        "duty.waived",
        "fact.corrected",
        "halt.lifted",
        "hazard.safeguards_ended",
        "incident.cause_established",
        "inspection.plan_adopted",
        "licence.returned",
        "listing.declined",
        "listing.delisted",
        "order.extended",
        "order.service_refused",
        "organisation.closed",
        "penalty.decided",
        "production.observed",
        "production.resumed",
        "review.opened",
        "setting.changed",
        "supervision.transfer_accepted",
    }


def test_the_county_has_enterprises_of_many_industries_and_nobody_from_elsewhere(
    played: Played,
) -> None:
    registered = [fact for _, fact in facts_of(played.tape.entries, OrganisationRegistered)]
    kinds = Counter(fact.kind for fact in registered)
    assert kinds[OrgKind.ENTERPRISE] >= 40
    assert {OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT, OrgKind.EXPERT_BODY} <= set(kinds)
    assert len({fact.industry for fact in registered}) > 25
    assert all(fact.name.startswith(("沂川", "沂州市")) for fact in registered)
    assert all(fact.code[2:8] == "371399" for fact in registered)


def test_progress_is_told_day_by_day_up_to_the_last(played: Played) -> None:
    told = played.told
    assert told[-1] == (DAYS, DAYS) == (366, 366)
    assert [days for days, _ in told] == sorted({days for days, _ in told})


@pytest.fixture
def ledger(postgres_url: str, schema: str, tmp_path: Path) -> Iterator[Ledger]:
    keys = KeyStore.create(tmp_path, "test.example/demo", os.urandom)
    vault = Vault(keys, os.urandom)
    create(
        postgres_url,
        schema=schema,
        origin="test.example/demo",
        jurisdiction="沂川县",
        clock="simulated",
        vault=vault,
        random=os.urandom,
        opened=OPENED,
    )
    with Ledger.open(postgres_url, schema=schema, vault=vault, random=os.urandom) as opened:
        yield opened
    keys.close()


class CutShort(Exception):
    """Somebody pulled the plug."""


def test_on_a_ledger_a_run_cut_short_is_finished_and_nothing_stands_twice(
    ledger: Ledger, played: Played
) -> None:
    def stop(days: int, _: int) -> None:
        if days > 90:
            raise CutShort

    with pytest.raises(CutShort):
        seed(ledger, stop)
    cut = ledger.head().position
    assert 1 < cut < played.shown.facts
    assert seed(ledger) == played.shown
    assert ledger.head().position == played.shown.facts
    shown = played.shown
    plant = next(
        entry.record
        for entry, fact in facts_of(ledger.range(0, 1000), OrganisationRegistered)
        if fact.code == shown.enterprise
    )
    question = Question(shown.at, incident=shown.incident)
    read = trace(plant, read_case(ledger, plant), question)
    told = played.ask(shown.enterprise, question)
    written = ledger.range(0, shown.facts, open_sealed=False)
    assert said(read, written) == said(told, played.tape.entries)


def said(told: Trace, entries: list[Entry]) -> str:
    """What a trace says, but for the records of signatures, which follow from leaves."""
    signatures = {str(entry.record) for entry, _ in facts_of(entries, SignatureMade)}
    return re.sub("|".join(signatures), "", told.model_dump_json(indent=1))

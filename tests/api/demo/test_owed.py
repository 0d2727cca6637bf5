"""What the rows of duties say is what judging the record says: for everybody, at any moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest

from api import judging
from api.demo.calendar import OPENED, when
from api.judging import Court, judge_all
from api.rounds_owed import rounds_docket
from domain.answer import State
from domain.fact import Entry
from domain.ledger import Ledger
from domain.moment import format_moment
from domain.organisation import OrganisationRegistered
from domain.policy.ahead import FORESEEN, ROUNDS, look_ahead
from domain.policy.duty import Docket, Done, judge
from domain.reading import read_case
from domain.record import facts_of, moment_of
from projections.charges import Charges
from projections.dockets import Dockets
from projections.organisations import Organisations
from projections.owed import DutyBook
from projections.owed_asked import duties_of, set_aside
from projections.runner import Runner
from projections.views import Views
from tests.support.ledger import Place, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.policy.ahead import Outlook
    from projections.build import Projection
    from tests.api.demo.conftest import Played

__all__ = ["place"]

ASKED = {
    when("05-31 18:00"): [timedelta(hours=7), timedelta(days=26, hours=5)],
    when("09-13 12:00"): [timedelta(0), timedelta(days=12, hours=15)],
}
"""Amid the year's busiest days the rows are brought up to, and how much later they are asked."""


class County:
    """The demo's facts in a real ledger, put there bit by bit."""

    def __init__(self, place: Place, ledger: Ledger, played: Played) -> None:
        self.place = place
        self.ledger = ledger
        self.entries, self.leaves = played.tape.entries, played.tape.leaves
        self.views = Views(place.url, place.schema)
        self.book = DutyBook(ledger)
        self.court = Court(ledger, self.views, self.book)
        self.reached = 1

    def write(self, until: datetime) -> None:
        """Put down what was recorded by a moment, as the database would hold it."""
        wanted = [e for e in self.entries[self.reached :] if e.recorded <= until]
        with psycopg.connect(self.place.url) as connection, connection.cursor() as cursor:
            _copy(cursor, f"{self.place.schema}.fact", [self._row(each) for each in wanted])
            tags = [(tag, each.position) for each in wanted for tag in each.tags]
            _copy(cursor, f"{self.place.schema}.tag", tags)
        self.reached += len(wanted)

    def _row(self, entry: Entry) -> tuple[Any, ...]:
        leaf = self.leaves[entry.position - 1].leaf
        return entry.position, entry.record, entry.version, entry.topic, entry.recorded, leaf

    def judge(self, now: datetime) -> int:
        schema = self.place.schema
        models: list[Projection] = [Dockets(schema), Charges(schema), Organisations(schema)]
        runner = Runner(self.place.url, models, schema=schema)
        runner.catch_up()
        runner.stop()
        return judge_all(self.court, now)

    @property
    def organisations(self) -> list[UUID]:
        told = facts_of(self.entries[: self.reached], OrganisationRegistered)
        return [entry.record for entry, _ in told]

    def close(self) -> None:
        self.book.close()
        self.views.close()


def _copy(cursor: Any, table: str, rows: list[tuple[Any, ...]]) -> None:  # noqa: ANN401 - a cursor
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@pytest.fixture
def county(place: Place, played: Played) -> Iterator[County]:
    place.drop()
    place.keys = place.keys.with_name("simulated")
    place.create("simulated", opened=OPENED)
    with place.open() as ledger:
        found = County(place, ledger, played)
        yield found
        found.close()


def test_the_rows_say_of_everybody_what_the_record_says(county: County) -> None:
    for cut, later in ASKED.items():
        county.write(cut)
        assert county.judge(cut) <= len(county.organisations)
        cases = {each: read_case(county.ledger, each) for each in county.organisations}
        for moment in [cut + after for after in later]:
            told = {
                row["id"]: _told(row)
                for each in county.organisations
                for row in duties_of(county.views, each, moment)
            }
            judged = {each: _judged(each, entries, moment) for each, entries in cases.items()}
            everything = {ident for of_one in judged.values() for ident in of_one}
            assert told.keys() == everything
            for organisation, of_one in judged.items():
                for ident, expected in of_one.items():
                    # What opened it is told as the docket shows it in which it is at home.
                    at_home = told[ident][0] == organisation
                    compared = slice(0 if at_home else 1, None if at_home else -1)
                    assert told[ident][compared] == expected[compared], (moment, ident)


def test_a_docket_that_cannot_be_judged_stops_nobody_else_and_is_told(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = when("03-01 12:00")
    county.write(cut)
    poisoned, *others = county.organisations

    def look(organisation: UUID, *rest: Any, **named: Any) -> Outlook:  # noqa: ANN401 - passed on
        if organisation == poisoned:
            raise KeyError("a rule's fault")
        return look_ahead(organisation, *rest, **named)

    with monkeypatch.context() as patched:
        patched.setattr(judging, "look_ahead", look)
        county.judge(cut)
        assert [(row["docket"], row["reason"]) for row in set_aside(county.views)] == [
            (poisoned, 'KeyError: "a rule\'s fault"')
        ]
        assert duties_of(county.views, others[0], cut)
        assert county.judge(cut) == 0  # it waits a while
    assert county.judge(cut + timedelta(minutes=2)) >= 1
    assert set_aside(county.views) == []


def test_rounds_of_checks_follow_from_few_facts(county: County) -> None:
    county.write(when("09-13 12:00"))
    at = when("09-13 12:00")
    for organisation in county.organisations[-20:]:
        whole = Docket(organisation, read_case(county.ledger, organisation), at)
        part = rounds_docket(county.ledger, organisation, at)
        told = [(d.id, d.state, d.due, d.note, d.opening.who) for d in judge(part, ROUNDS)]
        assert told == [(d.id, d.state, d.due, d.note, d.opening.who) for d in judge(whole, ROUNDS)]


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    due = row["due"] and format_moment(row["due"])
    bearer = (row["bearer_kind"], row["bearer_post"], *row["persons"])
    parties = (row["bearer_org"], row["owed_to"])
    notes = (row["note_zh"], row["note_en"])
    facts = (row["fact"], *row["facts"])
    moments = (row["opened"], due, row["done"])
    return row["docket"], row["state"], *moments, bearer, parties, notes, facts


def _judged(
    organisation: UUID, entries: list[Entry], moment: datetime
) -> dict[str, tuple[Any, ...]]:
    found = {}
    docket = Docket(organisation, entries, moment)
    for duty in judge(docket, FORESEEN):
        who, opening = duty.opening.who, duty.opening
        post = docket.directory.posts.get(who.post) if who.post else None
        kind = post.kind if post else who.kind
        waived = duty.state is State.WAIVED and duty.waived
        done = Done(waived, moment_of(waived)) if waived else duty.done
        found[duty.id] = (
            organisation,
            duty.state.value,
            format_moment(opening.at),
            duty.due and format_moment(duty.due),
            done and format_moment(done.at),
            (kind.value, who.post, *who.persons),
            (post.organisation if post else who.org, opening.owed_to),
            duty.note or (None, None),
            (done and done.entry.position, *sorted({e.position for e in opening.by})),
        )
    return found

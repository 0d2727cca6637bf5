"""The rounds of checks 自查轮次 that an enterprise owes today, for its own people (3.1a).

A round opens every day, so no row is kept of it (ADR 41). They are judged from those facts of the
enterprise alone that they follow from, which is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.answer import State
from domain.labels import Labels
from domain.ledger import Query
from domain.policy.ahead import ROUNDS, Foreseen
from domain.policy.duty import Docket, judge
from domain.reading import read_people
from projections.owed import row_of, typed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.ledger import Ledger

_TOPICS = (
    *("organisation.registered", "organisation.changed", "organisation.closed"),
    *("post.created", "post.moved", "post.abolished", "post.shifts_set"),
    *("check.made", "halt.ordered", "halt.lifted"),
    *("production.paused", "production.resumed", "production.observed"),
    *("supervision.assigned", "supervision.ended", "fact.corrected"),
    *("supervision.transfer_accepted", "supervision.transfer_decided"),
)
"""The kinds of fact about an enterprise from which its rounds follow."""


def rounds_docket(ledger: Ledger, enterprise: UUID, at: datetime) -> Docket:
    """Return an enterprise's docket, as far as its rounds go."""
    own = ledger.read(Query((f"org:{enterprise}",), _TOPICS), open_sealed=False)
    entries = {entry.position: entry for entry in (*read_people(ledger, []), *own)}
    return Docket(enterprise, [entries[position] for position in sorted(entries)], at)


def rounds_owed(ledger: Ledger, enterprise: UUID, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield as rows the rounds that are to be made now, and the stretches in which some were not.

    Args:
        ledger: where to read.
        enterprise: whose.
        at: now.
    """
    docket = rounds_docket(ledger, enterprise, at)
    labels = Labels(docket)
    for duty in judge(docket, ROUNDS):
        if duty.state in (State.OPEN, State.BROKEN):
            row = row_of(docket, labels, Foreseen(duty, None))
            yield {**row, **typed(row), "state": duty.state.value}

"""Taking rolls 封存名册: two minutes after each month's deadline, once, by whoever is there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self
from uuid import uuid5

from api.chores import Chore
from domain.errors import Conflict, Contradiction, Invalid
from domain.fact import Actor
from domain.ledger_opened import LedgerOpened
from domain.recording import Act, record
from domain.roll import CLOSES, KINDS, RollTaken, deadline_of, months_closed, roll_name, roll_record
from projections.reports import Reports
from projections.rolls import RollBook, compose
from projections.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from domain.fact import Entry
    from domain.ledger import Ledger
    from domain.proof.roll import Roll
    from projections.build import Projection

_log = logging.getLogger("daocha.rolls")


def take(ledger: Ledger, month: str, now: datetime, *, upto: int | None = None) -> list[Entry]:
    """Take the rolls of a month, unless they are taken, and return their facts.

    Args:
        ledger: whose; its read models must be kept up meanwhile, or be caught up.
        month: as ``2024-05``.
        now: the server's clock, or the simulated moment.
        upto: the position that the rolls must reflect; whatever they have come to, if None.

    Raises:
        Invalid: the month has not closed yet.
        Unavailable: the read models are not at one point.
    """
    if deadline_of(month) + CLOSES > now:
        raise Invalid(
            f"{month} 的名册尚未到封存时间",
            f"the rolls of {month} cannot be taken yet",
            todo_zh="月末24:00再过两分钟后封存",
            todo_en="they close two minutes after the month's last 24:00",
            where="month",
        )
    found = taken(ledger, month)
    if not found:
        _write(ledger, composed(ledger, month, upto), now)
        found = taken(ledger, month)
    return found


def composed(ledger: Ledger, month: str, upto: int | None = None) -> list[RollTaken]:
    """Return the facts of a month's rolls, not recorded yet, with their entries kept."""
    found = compose(ledger, month, upto=upto)
    return [keep(ledger, kind, month, roll, found.upto) for kind, roll in found.rolls.items()]


def keep(ledger: Ledger, kind: str, month: str, roll: Roll, upto: int) -> RollTaken:
    """Keep a roll's entries with the ledger, and return the fact that binds them."""
    head = roll.head(roll_name(kind, month))
    ledger.rolls.keep(bytes.fromhex(head.root), roll.blocks)
    return RollTaken(head=head, upto=upto, deadline=deadline_of(month))


def taken(ledger: Ledger, month: str) -> list[Entry]:
    """Return the facts of the rolls of a month, in the order of :data:`KINDS`."""
    records = [roll_record(roll_name(kind, month)) for kind in KINDS]
    found = {entry.record: entry for entry in ledger.records(records)}
    return [found[each] for each in records if each in found]


def _write(ledger: Ledger, facts: list[RollTaken], now: datetime) -> None:
    acts = [Act(roll_record(fact.head.of), fact, now) for fact in facts]
    simulated = isinstance(opened := ledger.genesis().fact, LedgerOpened) and (
        opened.clock == "simulated"
    )
    # Another try reflects another point and is another command: only one finds no roll there.
    command = uuid5(acts[0].record, f"{facts[0].upto} {facts[0].head.root}")
    try:
        record(
            ledger,
            acts,
            command=command,
            by=Actor(authentication="system"),
            received=now,
            recorded=now if simulated else None,
        )
    except (Conflict, Contradiction):
        if not ledger.record(acts[0].record):
            raise  # it was not that another was quicker


def catch_up(ledger: Ledger) -> None:
    """Bring what the rolls are taken from up to where the ledger is, where no server does."""
    models: list[Projection] = [Reports(ledger.schema), RollBook(ledger.schema)]
    runner = Runner(ledger.conninfo, models, schema=ledger.schema)
    try:
        runner.catch_up()
    finally:
        runner.stop()


class Clerk(Chore):
    """Takes the rolls of every month that has closed.

    The rolls of a month are taken once. On a ledger with a simulated clock there is nothing for it
    to do.

    Args:
        ledger: whose.
        now: the server's clock.
    """

    name = "rolls"
    every = 20.0
    fails = "rolls are not taken"
    at_once = True

    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._ledger = ledger
        self._now = now

    def __enter__(self) -> Self:
        opened = self._ledger.genesis().fact
        if isinstance(opened, LedgerOpened) and opened.clock == "real":
            return super().__enter__()
        return self

    def do(self) -> None:
        """Take the rolls of every month that has closed and has none yet, if nobody else does."""
        closed = months_closed(self._ledger.genesis().recorded, self._now())
        records = {month: roll_record(roll_name(KINDS[0], month)) for month in closed}
        there = self._ledger.existing(records.values())
        missing = [month for month, first in records.items() if first not in there]
        if not missing:
            return
        with self._ledger.rolls.leading() as leads:
            for month in missing if leads else ():
                if not self._stop.is_set():
                    take(self._ledger, month, self._now())
                    _log.info("rolls of %s taken", month)

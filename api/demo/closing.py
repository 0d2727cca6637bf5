"""The closing of each month 月末: the rolls are taken two minutes after its deadline."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import ENDS, OPENED
from domain.roll import CLOSES, deadline_of, months_closed, roll_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.demo.scribe import Scribe
    from domain.roll import RollTaken


class Closing:
    """Takes the rolls of every month that closes within the demo year.

    Args:
        scribe: writes them down.
        rolls: returns those of a month as the ledger stands.
    """

    def __init__(self, scribe: Scribe, rolls: Callable[[str], Sequence[RollTaken]]) -> None:
        self._scribe = scribe
        self._rolls = rolls

    def plan(self) -> None:
        """Put the closing of each month on the agenda."""
        for month in months_closed(OPENED, ENDS):
            self._scribe.at(deadline_of(month) + CLOSES, partial(self._close, month))

    def _close(self, month: str) -> None:
        self._scribe.session.flush()
        taken = self._rolls(month)
        self._scribe.write(None, *((roll_record(roll.head.of), roll) for roll in taken))

"""The scribe 书记: plays an agenda in the order of a simulated clock and writes down the facts."""

from __future__ import annotations

import heapq
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from api.demo.calendar import ENDS, OPENED, YEAR
from domain.fact import Actor, Sealed
from domain.moment import local_day
from domain.recording import Act

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.demo.pens import Pens
    from domain.fact import Fact
    from domain.session import Session

_DEMO = uuid5(NAMESPACE_URL, "https://daocha.example/demo")
DAYS = (ENDS - OPENED) // timedelta(days=1)
"""Days of the demo year."""


def ident(name: str) -> UUID:
    """Return the record id that a name fixes: the same in every demo."""
    return uuid5(_DEMO, name)


class Scribe:
    """What happens in the demo year, and its way into the ledger.

    Args:
        session: decides each command as the product does, gates included.
        random: returns that many random bytes, for the salts of sealed words.
        progress: told after each day how many days of the year are written, and of how many.
    """

    def __init__(
        self,
        session: Session,
        random: Callable[[int], bytes],
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.session = session
        self.now = OPENED
        self.holders: dict[UUID, UUID] = {}
        self.pens: Pens | None = None
        self._random = random
        self._progress = progress
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._entered = 0
        self._commands = 0
        self._numbers: dict[str, int] = defaultdict(int)

    # the clock

    def at(self, moment: datetime, do: Callable[[], object]) -> None:
        """Put something on the agenda; what lies before the clock is done next."""
        self._entered += 1
        on_time = max(moment.replace(microsecond=0), self.now)
        heapq.heappush(self._agenda, (on_time, self._entered, do))

    def play(self) -> None:
        """Do everything on the agenda up to the year's end, in order."""
        shown = 0
        while self._agenda and self._agenda[0][0] < ENDS:
            self.now, _, do = heapq.heappop(self._agenda)
            do()
            days = (self.now - OPENED) // timedelta(days=1)
            if self._progress and days > shown:
                self._progress(days, DAYS)
                shown = days
        self.session.flush()
        if self._progress:
            self._progress(DAYS, DAYS)

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return local_day(self.now)

    # writing

    def write(
        self,
        post: UUID | None,
        *facts: tuple[UUID, Fact],
        happened: date | datetime | None = None,
        signed: bool = False,
    ) -> range:
        """Record facts as one command by whoever holds a post now, or by the system.

        Args:
            post: in which the person acts; None where the ledger is being set up.
            facts: each with the record it belongs to.
            happened: when, if not just now.
            signed: they sign the first of the facts, with their own key.

        Returns:
            The positions at which they stand.
        """
        self._commands += 1
        acts = [Act(record, fact, happened or self.now) for record, fact in facts]
        positions = self.session.record(
            acts,
            command=ident(f"command {self._commands}"),
            by=self._actor(post),
            received=self.now,
            recorded=self.now,
        )
        if signed and post and self.pens:
            self.pens.sign(post, facts[0][0], positions[0])
        return positions

    def _actor(self, post: UUID | None) -> Actor:
        if post is None:
            return Actor(authentication="system")
        return Actor(authentication="token", person=self.holders[post], post=post)

    def words(self, text: str, subject: UUID) -> Sealed:
        """Seal words under the key of ``subject``."""
        return Sealed.close(text, subject, self._random(16))

    def number(self, kind: str) -> int:
        """Return the next number of a kind, from 1."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def document(self, prefix: str) -> str:
        """Return the next number of a kind of document, as bodies write them."""
        return f"{prefix}〔{YEAR}〕{self.number(prefix)}号"

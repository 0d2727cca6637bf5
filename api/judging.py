"""Keeping the rows of duties up: whoever's docket a fact touched, or whose time ran out, is judged.

A thread of the server's process does it; several processes take turns. What a fact has just touched
comes first. What is swept together by a rule setting or a new version of the program is done in the
background, with a pause as long as the work, so that it takes nothing from those who wait.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Self

from domain.errors import DaochaError, Unavailable
from domain.policy.ahead import FORESEEN, look_ahead
from domain.policy.s1_responsibility import PLANS
from domain.reading import read_case
from projections.charges import Charges, supervised_by_year
from projections.dockets import Dockets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.ledger import Ledger
    from domain.policy.ahead import Outlook
    from domain.policy.duty import DutyRule
    from projections.owed import DutyBook
    from projections.runner import Runner
    from projections.views import Views

_log = logging.getLogger("daocha.duties")
_OF_A_CHARGE = (PLANS,)
"""What a department owes because it supervises somebody: its own facts do not tell of it."""
_BATCH = 50
"""Dockets in one turn."""
_LOOK = 20.0
"""Seconds after which it is looked whether some docket's time has run out."""
_PATIENCE = 1.0
"""Seconds for which a page waits for what was recorded just now."""
_AT_ONCE = 4
"""Dockets that a request judges itself, so that whoever did something sees it done."""


class Court:
    """Judges dockets and keeps what they owe.

    Args:
        ledger: where their cases are read.
        views: where it is read whom a department supervised.
        book: where what they owe is kept.

    ``seen`` is the position up to which everything touched is known to be judged.
    """

    def __init__(self, ledger: Ledger, views: Views, book: DutyBook) -> None:
        self._ledger = ledger
        self._views = views
        self.book = book
        self.seen = 0

    def judge(self, organisations: Iterable[UUID], now: datetime) -> None:
        """Judge some dockets; the read models must have come to the facts that touched them.

        Args:
            organisations: whose.
            now: the moment from which to look, aware.
        """
        wanted = list(organisations)
        if not wanted:
            return
        upto = min(self._ledger.head().position, self.book.reached(Dockets.name, Charges.name))
        for organisation in wanted:
            outlook = self._look(organisation, upto, now)
            for enterprise in supervised_by_year(self._views, organisation, now):
                seen = self._look(enterprise, upto, now, home=organisation, rules=_OF_A_CHARGE)
                known = {each.duty.id for each in outlook.duties}
                more = [each for each in seen.duties if each.duty.id not in known]
                outlook = replace(
                    outlook,
                    duties=[*outlook.duties, *more],
                    again=min(outlook.again, seen.again),
                )
            self.book.keep(outlook, now, upto)

    def judge_or_pass_over(self, organisation: UUID, now: datetime) -> None:
        """Judge a docket; where that fails, put down why and go on to the others.

        Raises:
            Unavailable: the database is not there, which is nothing of this docket's.
        """
        upto = self._ledger.head().position
        try:
            self.judge([organisation], now)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one stops nobody else
            _log.exception("the duties of %s cannot be judged", organisation)
            self.book.set_aside(organisation, now, upto, f"{type(error).__name__}: {error}")

    def _look(
        self,
        organisation: UUID,
        upto: int,
        now: datetime,
        home: UUID | None = None,
        rules: Sequence[DutyRule] = FORESEEN,
    ) -> Outlook:
        entries = read_case(self._ledger, organisation, upto=upto)
        return look_ahead(organisation, entries, now, home=home, rules=rules)


def judge_all(
    court: Court, now: datetime, *, tell: Callable[[int], object] = lambda _: None
) -> int:
    """Judge whatever has to be; the read models of dockets and charges must be caught up.

    Args:
        court: judges it.
        now: the moment from which to look, aware.
        tell: called with the number of dockets judged so far.

    Returns:
        How many dockets were judged.
    """
    court.book.prepare()
    judged = 0
    while stale := court.book.stale(now, _BATCH):
        for each in stale:
            court.judge_or_pass_over(each, now)
        judged += len(stale)
        tell(judged)
    return judged


class Judge:
    """Judges in a thread of the server's process, as a context manager.

    Args:
        court: judges.
        runner: keeps the read models up that say what has to be.
        now: the server's clock.
    """

    def __init__(self, court: Court, runner: Runner, now: Callable[[], datetime]) -> None:
        self._court = court
        self._runner = runner
        self._now = now
        self._stop = Event()
        self._thread = Thread(target=self._run, name="judge", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        self._runner.wake()
        self._thread.join()

    def _run(self) -> None:
        reached = 0
        while not self._stop.is_set():
            try:
                self._court.book.prepare()
                reached = self._runner.wait_past(Dockets.name, reached, _LOOK, self._stop)
                self._runner.wait_for(reached, _LOOK, [Charges.name])
                while not self._stop.is_set() and self._turn(reached):
                    pass
            except DaochaError as error:
                _log.warning("duties are not judged: %s", error)
                self._stop.wait(_LOOK)
            except Exception:  # noqa: BLE001 - a thread must not end in silence
                _log.exception("duties are not judged")
                self._stop.wait(_LOOK)

    def _turn(self, reached: int) -> bool:
        """Judge what has to be; tell whether there may be more."""
        began = monotonic()
        with self._court.book.turn():
            stale = self._court.book.stale(self._now(), _BATCH, since=self._court.seen)
            for each in stale:
                if not self._stop.is_set():
                    self._court.judge_or_pass_over(each, self._now())
        if not stale:
            self._court.seen = max(self._court.seen, reached)
        elif len(stale) == _BATCH:
            self._stop.wait(monotonic() - began)
        return bool(stale)


def judge_at_once(
    court: Court, runner: Runner, upto: int, organisations: Sequence[UUID], now: datetime
) -> int:
    """Judge a few dockets before a request is answered, where something touched them.

    Args:
        court: judges.
        runner: keeps the read models up; they are waited for.
        upto: the position to which they must have come.
        organisations: whose; of many, those that are touched are left to the judge.
        now: the moment from which to look, aware.

    Returns:
        How many of them are left to the judge.
    """
    if not organisations:
        return 0
    with suppress(Unavailable):  # an import is under way, perhaps: the page says so
        runner.wait_for(upto, _PATIENCE, [Dockets.name, Charges.name])
    stale = court.book.stale(now, _AT_ONCE + 1, among=organisations)
    if len(stale) > _AT_ONCE:
        return len(stale)
    for each in stale:
        court.judge_or_pass_over(each, now)
    return 0

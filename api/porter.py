"""The porter 门卫: puts on record, now and then, how often signing in has failed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from api.chores import Chore
from domain.fact import Actor
from domain.recording import Act, record
from domain.sign_in import Manner, SignInFailed

if TYPE_CHECKING:
    from api.serving import Serving

_PAUSE = timedelta(hours=1)
"""Of one account's failures a fact tells at most so often."""
_FORGOTTEN = timedelta(days=2)


class Porter(Chore):
    """Tells of failed attempts to sign in.

    Each failure is told of once. Where nobody signs in, it asks nothing of the database.

    Args:
        here: the ledger, the accounts and the clock.
    """

    name = "porter"
    every = 60.0
    fails = "failures to sign in are not told"

    def __init__(self, here: Serving) -> None:
        super().__init__()
        self._here = here

    def do(self) -> None:
        """Tell of what failed since, and forget what is long past."""
        if self._here.accounts.in_use:
            tell_failures(self._here)
            self._here.accounts.tidy(self._here.now() - _FORGOTTEN)


def tell_failures(here: Serving) -> None:
    """Record the failed attempts of which nothing is on record yet, each account's together."""
    now = here.now()
    for each in here.accounts.untold(now, _PAUSE):
        fact = SignInFailed(
            manner=Manner(each.manner),
            attempts=each.attempts,
            since=each.since,
            person=each.person,
        )
        act = Act(uuid7(), fact, now)
        by = Actor(authentication="system")
        record(here.ledger, [act], command=uuid7(), by=by, received=now)

"""The porter 门卫: puts on record, now and then, how often signing in has failed."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from uuid_utils.compat import uuid7

from domain.errors import DaochaError
from domain.fact import Actor
from domain.recording import Act, record
from domain.sign_in import Manner, SignInFailed

if TYPE_CHECKING:
    from api.serving import Serving

_log = logging.getLogger("daocha.porter")
_EVERY = 60.0
"""Seconds between two looks."""
_PAUSE = timedelta(hours=1)
"""Of one account's failures a fact tells at most so often."""
_FORGOTTEN = timedelta(days=2)


class Porter:
    """Tells of failed attempts to sign in, in a thread of the server's process.

    Any number of processes may have one: each failure is told of once. Where nobody signs in, it
    asks nothing of the database.

    Args:
        here: the ledger, the accounts and the clock.
    """

    def __init__(self, here: Serving) -> None:
        self._here = here
        self._stop = Event()
        self._thread = Thread(target=self._run, name="porter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            try:
                if self._here.accounts.in_use:
                    tell_failures(self._here)
                    self._here.accounts.tidy(self._here.now() - _FORGOTTEN)
            except DaochaError as error:
                _log.warning("failures are not told: %s", error)
            except Exception:  # noqa: BLE001 - a thread must not end in silence
                _log.exception("failures are not told")


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

"""What a process serves with: one ledger, its read models, and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol, cast

from fastapi import Depends, Request

from domain.ledger import Accounts, Ledger, Waiting
from projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from api.judging import Court
    from api.log.publisher import Publisher
    from api.settings import Settings
    from projections.runner import Runner


class Reads(Protocol):
    """What is asked of whoever only reads: a server, or a command at the terminal."""

    @property
    def settings(self) -> Settings:
        """How it is served."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Where facts come out."""
        ...

    @property
    def views(self) -> Views:
        """Where lists are read."""
        ...

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """A ledger, its read models and a clock, for a command that only reads."""

    settings: Settings
    ledger: Ledger
    views: Views
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Serving:
    """Everything a request may need; made once a process, after the fork.

    Args:
        settings: how to serve.
        ledger: where facts go in and come out.
        views: where lists are read.
        runner: keeps the read models up with the ledger.
        publisher: signs and publishes the transparency log's checkpoints.
        accounts: passwords and sessions.
        waiting: what is put on record together: tips, and what people looked at.
        court: judges what is owed, and keeps it as rows.
        now: the server's clock, aware.
        random: returns that many random bytes, unpredictable ones.
    """

    settings: Settings
    ledger: Ledger
    views: Views
    runner: Runner
    publisher: Publisher
    accounts: Accounts
    waiting: Waiting
    court: Court
    now: Callable[[], datetime]
    random: Callable[[int], bytes]


def clock_of(ledger: Ledger, now: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return the clock by which a ledger is served.

    A simulated ledger's goes on from its last fact, so that a demo stays in its own time: what is
    owed in it today is not judged years later.

    Args:
        ledger: which is served.
        now: the server's clock, aware.
    """
    if not ledger.is_simulated:
        return now
    behind = now() - ledger.head().recorded
    return lambda: now() - behind


def serving(request: Request) -> Serving:
    """Return what this process serves with."""
    return cast("Serving", request.app.state.serving)


def _ledger(request: Request) -> Ledger:
    return serving(request).ledger


def _views(request: Request) -> Views:
    return serving(request).views


TheServing = Annotated[Serving, Depends(serving)]
TheLedger = Annotated[Ledger, Depends(_ledger)]
TheViews = Annotated[Views, Depends(_views)]

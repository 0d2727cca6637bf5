"""How the system is 系统状态: what somebody who answers for it has to know at a glance."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from api.backup import noted
from projections.owed_asked import set_aside

if TYPE_CHECKING:
    from uuid import UUID

    from api.crowd import Crowd
    from api.serving import Serving
    from domain.errors import DaochaError
    from domain.ledger_opened import LedgerOpened

BEHIND = 10_000
"""Facts that a read model may lag behind before somebody should look."""
OLD_BACKUP = timedelta(days=2)
OLD_REHEARSAL = timedelta(days=45)
SCARCE = 2 * 1024**3
WRONG = ("model", "duties", "behind", "log", "audit", "backup", "rehearsal", "disk")
"""What there may be to see to, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class ModelTold:
    """A read model: how far it is, what stopped it, and how far its rebuilding is in percent."""

    name: str
    position: int
    behind: int
    stopped_at: int | None
    reason: str | None
    rebuilding: int | None


@dataclass(frozen=True, slots=True)
class DocketTold:
    """An organisation whose duties could not be judged: up to which fact, and why."""

    docket: UUID
    name: str | None
    upto: int
    reason: str


@dataclass(frozen=True, slots=True)
class SystemTold:
    """Everything that the page shows.

    Args:
        origin: the ledger's own name.
        jurisdiction: whose record it is.
        position: its last fact.
        recorded: when that was recorded, in UTC.
        models: the read models.
        unjudged: whose duties could not be judged.
        published: facts in the newest checkpoint.
        problem: what keeps the log from publishing.
        audit, backup, rehearsal: what the last one came to, as it was noted.
        inside: requests at this moment, in this process.
        turned_away: those that were asked to come later, since it started.
        free: bytes on the disk.
        wrong: the words for what is to be seen to, by name; see ``words_of_system``.
    """

    origin: str
    jurisdiction: str
    position: int
    recorded: datetime
    models: tuple[ModelTold, ...]
    unjudged: tuple[DocketTold, ...]
    published: int
    problem: DaochaError | None
    audit: dict[str, Any] | None
    backup: dict[str, Any] | None
    rehearsal: dict[str, Any] | None
    inside: int
    turned_away: int
    free: int
    wrong: tuple[str, ...]


def tell_system(here: Serving, crowd: Crowd) -> SystemTold:
    """Return how the system is.

    Raises:
        Unavailable: the ledger does not answer.
    """
    genesis = cast("LedgerOpened", here.ledger.genesis().fact)
    head = here.ledger.head()
    models = tuple(
        ModelTold(
            each.name,
            each.position,
            max(0, head.position - each.position),
            each.failed_at,
            each.failure,
            None if each.rebuilding is None else each.rebuilding * 100 // max(1, head.position),
        )
        for each in here.runner.progress()
    )
    latest = here.ledger.checkpoints.latest()
    known = noted.read(here.settings.home).get(here.settings.ledger, {})
    told = SystemTold(
        origin=genesis.origin,
        jurisdiction=genesis.jurisdiction,
        position=head.position,
        recorded=head.recorded,
        models=models,
        unjudged=tuple(DocketTold(**row) for row in set_aside(here.views)),
        published=latest.size if latest else 0,
        problem=here.publisher.standing.problem,
        audit=known.get("audit"),
        backup=known.get("backup"),
        rehearsal=known.get("rehearsal"),
        inside=crowd.inside,
        turned_away=crowd.turned_away,
        free=shutil.disk_usage(here.settings.home).free,
        wrong=(),
    )
    return _judged(told, here.now(), simulated=here.ledger.is_simulated)


def _judged(told: SystemTold, now: datetime, *, simulated: bool) -> SystemTold:
    """Say what is to be seen to; a demonstration needs no backup."""
    backup = _at(told.backup, "finished")
    rehearsal = _at(told.rehearsal, "at")
    found = {
        "model": any(each.stopped_at is not None for each in told.models),
        "duties": bool(told.unjudged),
        "behind": any(each.behind > BEHIND for each in told.models),
        "log": told.problem is not None,
        "audit": told.audit is not None and not told.audit.get("holds"),
        "backup": not simulated and (backup is None or now - backup > OLD_BACKUP),
        "rehearsal": not simulated
        and (
            rehearsal is None
            or now - rehearsal > OLD_REHEARSAL
            or not (told.rehearsal or {}).get("whole")
        ),
        "disk": told.free < SCARCE,
    }
    wrong = tuple(name for name in WRONG if found[name])
    return SystemTold(**{**{n: getattr(told, n) for n in told.__slots__}, "wrong": wrong})


def _at(told: dict[str, Any] | None, name: str) -> datetime | None:
    try:
        return datetime.fromisoformat((told or {})[name])
    except (KeyError, ValueError):
        return None

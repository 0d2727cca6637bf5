"""What somebody is told of 提醒内容: the stages to which duties have come, before and after.

A stage is told once to everybody whom it concerns: some days before the deadline to whoever bears
the duty, when it has passed to them again, and some days later to those above, as it is set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from api.owing import desk_of
from domain.people import PostKind
from projections.outbox import Telling
from projections.owed_asked import Asked, Bearers, Part, list_owed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from api.owing import Desk
    from api.reminders.settings import ReminderSettings
    from api.serving import Reads

_MOST = 2000
_MESSAGES = UUID("5f0a4c1e-6a55-5b1b-9d0e-0c2f7a1f3d10")
_DAY = 86_400.0
WINDOW = timedelta(days=3)
"""For how long after it came to a stage a duty is told of; what comes to light later is not."""
_TOLD = {
    "deputy": {PostKind.DEPUTY},
    "principal": {PostKind.PRINCIPAL},
    "counterpart": {PostKind.PRINCIPAL, PostKind.DEPUTY},
}


@dataclass(frozen=True, slots=True)
class Due:
    """A duty that has come to a stage, and whether it is told because it was escalated."""

    row: Mapping[str, Any]
    stage: str
    escalated: bool = False

    @property
    def telling(self) -> Telling:
        """What is noted as told."""
        return Telling(f"{self.row['docket']}/{self.row['id']}", self.stage)


def stage_of(row: Mapping[str, Any], now: datetime, before: Iterable[int]) -> str | None:
    """Return the latest stage to which a duty has come; None where there is nothing to tell yet.

    Args:
        row: of the duties.
        now: the moment, aware.
        before: how many days before the deadline it is told.
    """
    due = row["due"]
    if due is None:
        return None
    if row["state"] == "broken":
        return "overdue"
    left = (due - now).total_seconds() / _DAY
    reached = [days for days in before if left <= days]
    return f"before-{min(reached)}" if reached else None


def due_to(here: Reads, person: UUID, settings: ReminderSettings) -> list[Due]:
    """Return of what somebody is to be told: their own duties, and what is escalated to them.

    Args:
        here: the record, and the clock.
        person: who.
        settings: how long before, and what is escalated to whom.
    """
    desk = desk_of(here, person)
    now = here.now()
    found = [
        Due(row, stage)
        for row in _unsettled(here, desk.everything, now)
        if (stage := stage_of(row, now, settings.before))
    ]
    own = {each.telling.duty for each in found}
    escalated = _escalated(here, desk, settings, now)
    return [*found, *(each for each in escalated if each.telling.duty not in own)]


def _unsettled(here: Reads, whose: Bearers, now: datetime) -> Iterator[Mapping[str, Any]]:
    asked = Asked(whose, now)
    for part in (Part.OVERDUE, Part.SOON):
        yield from list_owed(here.views, asked, part, limit=_MOST)


def _escalated(here: Reads, desk: Desk, settings: ReminderSettings, now: datetime) -> Iterator[Due]:
    """Yield what others have been owing for so long that it is this person's to know."""
    for rule in settings.escalation:
        kinds = _TOLD[rule.to]
        orgs = tuple(dict.fromkeys(p.organisation for p in desk.posts if p.kind in kinds))
        to = rule.to == "counterpart"
        whose = Bearers(counterparts=orgs) if to else Bearers(organisations=orgs)
        until = now - timedelta(days=rule.after)
        between = (until - WINDOW, until)
        for row in _all_overdue(here, Asked(whose, now), between):
            yield Due(row, f"{rule.to}-{rule.after}", escalated=True)


def _all_overdue(
    here: Reads, asked: Asked, between: tuple[datetime, datetime]
) -> Iterator[Mapping[str, Any]]:
    after: tuple[datetime, str] | None = None
    while rows := list_owed(
        here.views, asked, Part.OVERDUE, limit=_MOST, after=after, between=between
    ):
        yield from rows
        after = (rows[-1]["sorted"], rows[-1]["id"])


def events_for(here: Reads, organisation: UUID | None, settings: ReminderSettings) -> Iterator[Due]:
    """Yield of what a program is to be told: what comes near its deadline, or has passed it.

    Args:
        here: the record, and the clock.
        organisation: only what it owes or is owed; None: everybody's.
        settings: how long before.
    """
    now = here.now()
    whose = Bearers(everybody=True)
    if organisation:
        whose = Bearers(organisations=(organisation,), counterparts=(organisation,))
    ahead = timedelta(days=max(settings.before, default=0))
    asked = Asked(whose, now, soon=ahead)
    for part, between in (
        (Part.OVERDUE, (now - WINDOW, now)),
        (Part.SOON, (now, now + ahead)),
    ):
        after: tuple[datetime, str] | None = None
        while rows := list_owed(here.views, asked, part, limit=_MOST, after=after, between=between):
            stages = ((row, stage_of(row, now, settings.before)) for row in rows)
            yield from (Due(row, stage) for row, stage in stages if stage)
            after = (rows[-1]["sorted"], rows[-1]["id"])


def digest_of(found: Iterable[Due]) -> dict[str, Any]:
    """Return what a mail says: how many, and the nearest deadline, not what they are about."""
    listed = list(found)
    ahead = [each.row["due"] for each in listed if each.stage.startswith("before")]
    return {
        "overdue": sum(each.stage == "overdue" for each in listed),
        "soon": len(ahead),
        "escalated": sum(each.escalated for each in listed),
        "nearest": min(ahead).isoformat() if ahead else None,
    }


def message_id(channel: str, recipient: str, tellings: Iterable[Telling]) -> UUID:
    """Return the id of a message, which follows from what it tells: the same is the same."""
    told = sorted(f"{each.duty} {each.stage}" for each in tellings)
    return uuid5(_MESSAGES, "\n".join((channel, recipient, *told)))

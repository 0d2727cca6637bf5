"""Playing the demo year on a ledger whose clock is simulated."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from api.demo.aftermath import ACCIDENT, INCIDENT_NUMBER, Aftermath
from api.demo.assurance import Assurance
from api.demo.calendar import when
from api.demo.closing import Closing
from api.demo.county import County
from api.demo.episodes import TOLD, Episodes
from api.demo.foundations import Foundations
from api.demo.governing import Governing
from api.demo.grave import Grave
from api.demo.rhythm import Rhythm
from api.demo.scribe import Scribe
from api.demo.society import Society
from api.demo.story import PLANT, Story
from api.demo.year import Year
from domain.session import Appendable, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.roll import RollTaken


class Seedable(Appendable, Protocol):
    """What the demo asks of a ledger, or of whatever stands for one in a test."""

    def genesis(self) -> Entry:
        """Return its first fact."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to look at afterwards.

    Args:
        facts: how many facts the ledger holds.
        incident: the record of the accident, and its ``number``.
        at: its moment, in UTC.
        enterprise: the code of the plant where it happened, and its ``name``.
    """

    facts: int
    incident: UUID
    number: str
    at: datetime
    enterprise: str
    name: str


def seed(
    ledger: Seedable,
    progress: Callable[[int, int], None] | None = None,
    random: Callable[[int], bytes] = os.urandom,
    rolls: Callable[[str], Sequence[RollTaken]] | None = None,
) -> Shown:
    """Write the demo year into a ledger that holds nothing but its first fact.

    Every command goes through the decision that the product takes, gates included, and has an id
    of its own: a run that was cut short is finished by another, and a second one adds nothing.

    Args:
        ledger: a simulated one, opened at ``calendar.OPENED`` or before.
        progress: told how many days of the year are written, and of how many.
        random: returns that many random bytes, for salts.
        rolls: returns the rolls of a month as the ledger stands; None where none can be taken.

    Raises:
        CommandReused: the ledger holds another version of the demo.
        Conflict: it holds something else.
    """
    session = Session(ledger, [ledger.genesis()])
    scribe = Scribe(session, random, progress)
    county = County(scribe)
    year = Year(county, scribe, scripted=frozenset({PLANT}), told=TOLD)
    story = Story(county, year)
    aftermath = Aftermath(story)

    def begin() -> None:
        county.register()
        if rolls:
            Closing(scribe, rolls).plan()
        parts = (year, Episodes(county, year), Grave(county, year), story, aftermath)
        systems = (Rhythm(county), Foundations(county), Assurance(county), Society(county))
        for part in (*parts, Governing(county, scribe), *systems):
            part.plan()

    scribe.at(when("01-01 09:00"), begin)
    scribe.play()
    return Shown(
        facts=session.position,
        incident=aftermath.incident,
        number=INCIDENT_NUMBER,
        at=ACCIDENT,
        enterprise=story.at.code,
        name=story.at.name,
    )

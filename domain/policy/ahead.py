"""What is owed from now on 展望: the duties of a docket, and those that will open by themselves.

A duty's state changes in three ways. Its deadline passes: whoever reads it compares two moments. A
fact is recorded: the docket is judged again. Or a moment comes at which something opens though
nobody did anything, a new month or the day after a deadline: it is foreseen here, so that a read
model holds for some weeks and nothing has to be judged at midnight.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from domain.moment import end, late, local_day, start
from domain.policy.duty import Docket, Duty, duty_id, find, judge
from domain.policy.rules import BREACHES, DUTIES
from domain.policy.s3_1_checks import SECTION as CHECKS
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from domain.fact import Entry
    from domain.policy.duty import Breach, BreachRule, DutyRule, Opening

HORIZON = timedelta(days=35)
"""How far it is looked ahead: a month, with some days to spare."""
ROUNDS: tuple[DutyRule, ...] = CHECKS.duties
"""Rules that are told in stretches (3.1a): a round opens every day, and what is told of the days
before changes with it. They are asked for the day on which somebody wants to know."""
FORESEEN: tuple[DutyRule, ...] = tuple(rule for rule in DUTIES if rule not in ROUNDS)
"""All other rules."""
GAPS: tuple[BreachRule, ...] = tuple(
    rule for rule in BREACHES if rule.clause in ("1.1a", "1.2a", "5.1a")
)
"""Areas of duty that nobody holds: vacant posts, enterprises unsupervised or with nobody named."""
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A duty, and from when on it is owed; None: it is owed already."""

    duty: Duty
    shows: datetime | None

    @property
    def breaks(self) -> datetime | None:
        """The first moment at which it is overdue, if it is still undone; None: at none."""
        due = self.duty.due
        if due is None:
            return None
        return due if late(due, due, by_the_hour=self.duty.by_the_hour) else due + _TICK


@dataclass(frozen=True, slots=True)
class Outlook:
    """The duties of a docket, as long as nothing is recorded; at ``again`` it is to be asked anew.

    ``docket`` is that of the moment from which was looked, ``gaps`` are those that last at it.
    """

    docket: Docket
    duties: list[Foreseen]
    again: datetime
    gaps: list[Breach]


def home_of(docket: Docket, opening: Opening) -> UUID:
    """Return in whose docket a duty is at home: that of the organisation it is about.

    A duty of a body stands in the docket of every enterprise that the body answers for, and is the
    same in each. What is about a person or a report from the public is at home with the body that
    bears it.
    """
    kind, _, ident = opening.subject.partition(":")
    if kind == "org":
        return UUID(ident)
    if kind in ("person", "tip"):
        return opening.who.org or docket.enterprise
    for entry in docket.about(opening.subject)[:1]:
        about = sorted(tag for tag in entry.tags if tag.startswith("org:"))
        if about and f"org:{docket.enterprise}" not in about:
            return UUID(about[0].removeprefix("org:"))
    return docket.enterprise


def look_ahead(
    organisation: UUID,
    entries: Iterable[Entry],
    now: datetime,
    *,
    home: UUID | None = None,
    rules: Iterable[DutyRule] = FORESEEN,
    horizon: timedelta = HORIZON,
) -> Outlook:
    """Judge a docket now, and foresee what will open in it.

    Args:
        organisation: whose docket, by its record id.
        entries: its case, as ``domain.reading`` reads it.
        now: the moment from which to look, aware.
        home: only duties that are at home there; with the organisation itself, if None.
        rules: by which; those told in stretches cannot be foreseen.
        horizon: how far to look.
    """
    looking = _Looking(organisation, list(entries), home or organisation, now)
    asked = tuple(rules)
    again = min([now + horizon, *looking.to_come()])
    owed = looking.judged(asked, now)
    coming = looking.judged(asked, again - _TICK)
    found = [Foreseen(duty, None) for duty in owed.values()]
    turns = [each.breaks for each in (*found, *(Foreseen(d, None) for d in coming.values()))]
    moments = _moments(now, again, turns)
    for ident, duty in coming.items():
        if ident not in owed:
            found.append(Foreseen(duty, looking.first(duty, moments, again)))
    return Outlook(looking.docket(now), found, again, looking.gaps())


def _moments(now: datetime, again: datetime, turns: Iterable[datetime | None]) -> list[datetime]:
    """Return the moments at which something can open: when something is overdue, and midnights."""
    days = (again - now).days + 1
    midnights = (end(local_day(now) + timedelta(days=n)) for n in range(days))
    later = {each for each in (*turns, *midnights) if each and now < each < again}
    return sorted(later)


class _Looking:
    """Looks into one docket at several moments."""

    def __init__(self, organisation: UUID, entries: list[Entry], home: UUID, now: datetime) -> None:
        self._now = now
        self._organisation = organisation
        self._entries = entries
        self._home = home
        self._dockets: dict[datetime, Docket] = {}
        self._opened: dict[tuple[DutyRule, datetime], frozenset[str]] = {}

    def docket(self, moment: datetime) -> Docket:
        """Return the docket as at a moment."""
        if moment not in self._dockets:
            self._dockets[moment] = Docket(self._organisation, self._entries, moment)
        return self._dockets[moment]

    def to_come(self) -> Iterator[datetime]:
        """Yield when facts take effect that are on record already, as an appointment's day."""
        moments = (start(moment_of(entry)) for entry in self.docket(self._now).lasting)
        return (moment for moment in moments if moment > self._now)

    def judged(self, rules: tuple[DutyRule, ...], moment: datetime) -> dict[str, Duty]:
        """Return the duties that are at home here, as at a moment."""
        docket = self.docket(moment)
        duties = judge(docket, rules, lambda opening: home_of(docket, opening) == self._home)
        return {duty.id: duty for duty in duties}

    def gaps(self) -> list[Breach]:
        """Return what nobody holds now at the organisation at home here."""
        found = find(self.docket(self._now), GAPS)
        own = f"org:{self._home}"
        return [each for each in found if each.until is None and each.subject == own]

    def first(self, duty: Duty, moments: list[datetime], again: datetime) -> datetime:
        """Return the first moment at which a duty is owed.

        A rule says of a day that something opens on it; whether from its first moment on, or only
        when it is over or something else is overdue, is asked of the rule itself.

        Args:
            duty: which.
            moments: those that come into question besides its opening, in order.
            again: the moment after all of them.
        """
        opens = start(duty.opening.at)
        for each in (opens, opens + _TICK):
            if self._now < each < again and self._shows(duty, each):
                return each
        later = [each for each in moments if each > opens]
        found = bisect_left(later, 1, key=lambda each: self._shows(duty, each))
        return [*later, again][found]

    def _shows(self, duty: Duty, moment: datetime) -> bool:
        asked = (duty.rule, moment)
        if asked not in self._opened:
            openings = duty.rule.opens(self.docket(moment))
            self._opened[asked] = frozenset(duty_id(duty.rule, each) for each in openings)
        return duty.id in self._opened[asked]

"""The ordinary year: what every enterprise and every department does, in its own manner."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, by_day, clock, day, workday, works
from api.demo.cases import Cases
from api.demo.hazards import Hazards
from api.demo.inspections import Inspections
from api.demo.reports import Reports, months
from api.demo.words import problems
from domain.moment import first_day

if TYPE_CHECKING:
    from api.demo.county import County, Enterprise, Office
    from api.demo.scribe import Scribe

_LAST_DAY = 22
"""Enterprises check themselves up to this day of a month; the month's report follows."""
_LATE_PLANS = {"transport": "03-06", "commerce": ""}
"""Departments that adopt their yearly plan late, or (empty) never."""


class Year:
    """Puts the ordinary year on the agenda.

    Args:
        county: who there is.
        scripted: enterprises whose year is told elsewhere.
        told: months of an enterprise whose hazards and report are told elsewhere.
    """

    def __init__(
        self,
        county: County,
        scribe: Scribe,
        scripted: frozenset[str],
        told: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.county = county
        self.scribe = scribe
        self.scripted = scripted
        self.told = told
        self.hazards = Hazards(scribe)
        self.cases = Cases(scribe)
        self.inspections = Inspections(self.hazards, self.cases)
        self.reports = Reports(scribe, self.cases)

    def plan(self) -> None:
        """Put everything on the agenda that is known as the year begins."""
        for office in self.county.offices.values():
            if "officer" in office.posts:
                self._plan_office(office)
        for enterprise in self.county.firms.values():
            if not enterprise.firm.opens:
                self.begin(enterprise)

    def _plan_office(self, office: Office) -> None:
        on = _LATE_PLANS.get(office.body.key, f"01-{office.random.randint(8, 29):02d}")
        if on:
            moment = clock(workday(day(on)), office.random.uniform(9, 17))
            self.scribe.at(moment, lambda: self.inspections.adopt_plan(office))

    def begin(self, at: Enterprise) -> None:
        """Put the months of one enterprise on the agenda."""
        if at.firm.key in self.scripted:
            return
        for month in months(at):
            if (at.firm.key, month) in self.told:
                continue
            if at.overseer():
                self.reports.plan(at, month)
            self._own_checks(at, month)
        if at.regulator:
            self._schedule(at, at.regulator, at.officer, at.firm.inspected)
        if at.zone and at.regulator:
            self._schedule(at, at.zone, "officer", 1)

    def _own_checks(self, at: Enterprise, month: str) -> None:
        chance = at.random
        often = at.firm.character.finds
        number = int(often) + (chance.random() < often % 1)
        for _ in range(number):
            on = first_day(month).replace(day=chance.randint(1, _LAST_DAY))
            if on <= at.opens or on >= at.closes:
                continue
            self._check(at, on)

    def _check(self, at: Enterprise, on: date) -> None:
        """Find something on a day, and enter it within hours, or days later."""
        chance = at.random
        problem = chance.choice(problems(at.firm.trade))
        late = at.forgets() and on.day <= _LAST_DAY - 7
        found = clock(on, chance.uniform(9, 16.5))
        wait = (
            timedelta(days=chance.uniform(4, 7))
            if late
            else timedelta(hours=chance.uniform(0.2, 2.5))
        )
        self.scribe.at(by_day(found + wait), lambda: self.hazards.find(at, problem, found))

    def _schedule(self, at: Enterprise, office: Office, officer: str, times: int) -> None:
        """Spread inspections over the year and enter them in the plan at its beginning."""
        chance = office.random
        first = max(at.opens, date(YEAR, 2, 1))
        span = (at.closes - first).days / times
        entered = workday(max(at.opens, date(YEAR, 1, 30)) + timedelta(days=1))
        for n in range(times):
            planned = first + timedelta(days=int(span * (n + chance.uniform(0.2, 0.95))))
            planned = planned.replace(day=min(planned.day, 24))
            while not works(planned):
                planned -= timedelta(days=1)
            if planned <= entered:
                planned = workday(entered + timedelta(days=10))
            moment = clock(entered, chance.uniform(9, 17))
            schedule = partial(self.inspections.schedule, at, office, officer, planned)
            self.scribe.at(moment, schedule)

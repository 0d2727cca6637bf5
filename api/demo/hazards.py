"""The ordinary hazard of the demo year, from finding to striking off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, by_day
from api.demo.county import Known
from api.demo.scribe import ident
from api.demo.words import FUNDING, NOTICE_BOARDS, SAFEGUARDS, Problem
from domain.hazard import (
    Finder,
    HazardAccepted,
    HazardAssessed,
    HazardClosed,
    HazardDisclosed,
    HazardFound,
    HazardLevel,
    HazardPlanned,
    HazardRectified,
    HazardReported,
    HazardSafeguarded,
    RectificationStarted,
    ReportKind,
)
from domain.moment import end, local_day, month_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from api.demo.county import Enterprise
    from api.demo.scribe import Scribe
    from domain.fact import Fact, Sealed

_ONE_IN_FIVE = 0.2


class Hazards:
    """How enterprises find, enter and rectify general hazards."""

    def __init__(self, scribe: Scribe) -> None:
        self.scribe = scribe

    def new(self, at: Enterprise, found: datetime, *, major: bool = False) -> Known:
        """Give a hazard its number and keep it in mind."""
        number = f"YC-{YEAR}-{self.scribe.number('hazard'):06d}"
        known = Known(ident(f"hazard {number}"), number, found, month_of(found), major)
        at.hazards.append(known)
        return known

    def find(self, at: Enterprise, problem: Problem, found: datetime) -> Known:
        """The enterprise finds a hazard itself; entered now, and rectified from here on."""
        known = self.new(at, found)
        by_employee = at.random.random() < _ONE_IN_FIVE
        finder = at.posts["workshop" if by_employee else "safety"]
        fact = HazardFound(
            enterprise=at.id,
            number=known.number,
            description=self._words(problem.text, at),
            place=self._words(problem.place, at),
            category=problem.category,
            found_by=Finder.EMPLOYEE if by_employee else Finder.ENTERPRISE,
            finder_org=at.id,
            finder=self.scribe.holders[finder],
            fixed_on_spot=problem.spot,
        )
        self.scribe.write(at.posts["safety"], (known.id, fact), happened=found)
        if problem.spot:
            known.stage = "closed"
        else:
            limit = local_day(found) + timedelta(days=at.random.randint(7, 15))
            self.rectify(at, known, problem, limit)
        return known

    def rectify(
        self,
        at: Enterprise,
        known: Known,
        problem: Problem,
        deadline: date,
        done: Callable[[], None] | None = None,
    ) -> None:
        """Assess a hazard now and put its further steps on the agenda.

        Args:
            at: where it is.
            known: which one.
            problem: what was found.
            deadline: the day by which it is to be rectified.
            done: what follows its acceptance; without it the enterprise strikes it off itself.
        """
        chance, scribe = at.random, self.scribe
        organiser = at.posts["safety" if chance.random() < 0.5 else "workshop"]  # noqa: PLR2004
        assessed = HazardAssessed(enterprise=at.id, level=HazardLevel.GENERAL, organiser=organiser)
        scribe.write(at.posts["safety"], (known.id, assessed))
        steps = _Steps(self, at, known, problem, deadline, organiser)
        in_time = at.prompt()
        wait = chance.uniform(0.3, 5) if in_time else chance.uniform(27, 70)
        scribe.at(by_day(scribe.now + timedelta(hours=wait)), steps.report_and_plan)
        wait = chance.uniform(0.2, 4) if in_time else chance.uniform(26, 60)
        scribe.at(by_day(scribe.now + timedelta(hours=wait)), steps.safeguard)
        finished = self._finished(at, deadline, in_time=in_time)
        scribe.at(finished, steps.finish)
        accepted = by_day(finished + timedelta(hours=chance.uniform(3, 40)))
        scribe.at(accepted, lambda: steps.accept(done))

    def _finished(self, at: Enterprise, deadline: date, *, in_time: bool) -> datetime:
        """Return when it is rectified: in the second half of its time, or some days past it."""
        chance, now = at.random, self.scribe.now
        left = end(deadline) - now
        if in_time:
            return max(by_day(now + left * chance.uniform(0.4, 0.85)), now + timedelta(hours=30))
        return by_day(now + left + timedelta(days=chance.uniform(1, 14)))

    def _words(self, text: str, at: Enterprise) -> Sealed:
        return self.scribe.words(text, at.id)


class _Steps:
    """The steps of one hazard after its assessment."""

    def __init__(
        self,
        hazards: Hazards,
        at: Enterprise,
        known: Known,
        problem: Problem,
        deadline: date,
        organiser: UUID,
    ) -> None:
        self.scribe = hazards.scribe
        self.at = at
        self.known = known
        self.problem = problem
        self.deadline = deadline
        self.organiser = organiser
        self.discloses = not at.forgets()
        self.funds = not at.forgets()

    def report_and_plan(self) -> None:
        reported = HazardReported(enterprise=self.at.id, kind=ReportKind.COMPANY, to_org=self.at.id)
        plan = self._plan(funded=self.funds)
        facts: list[tuple[UUID, Fact]] = [(self.known.id, reported), (self.known.id, plan)]
        if self.discloses:
            facts.append((self.known.id, self._disclosure()))
        self.scribe.write(self.at.posts["safety"], *facts)
        self.known.stage = "planned"
        start = by_day(self.scribe.now + timedelta(hours=self.at.random.uniform(0.5, 20)))
        self.scribe.at(start, self.start)

    def safeguard(self) -> None:
        words = self._words(self.at.random.choice(SAFEGUARDS))
        fact = HazardSafeguarded(enterprise=self.at.id, measures=words)
        self.scribe.write(self.at.posts["safety"], (self.known.id, fact))

    def start(self) -> None:
        fact = RectificationStarted(enterprise=self.at.id, organiser=self.organiser)
        self.scribe.write(self.at.posts["workshop"], (self.known.id, fact))
        self.known.stage = "started"

    def finish(self) -> None:
        cost = self.at.random.randint(2, 120) * 100_00
        fact = HazardRectified(
            enterprise=self.at.id, result=self._words(self.problem.measures), cost=cost
        )
        self.scribe.write(self.at.posts["workshop"], (self.known.id, fact))
        self.known.stage = "rectified"

    def accept(self, done: Callable[[], None] | None) -> None:
        """Make good what was forgotten, since the gates ask for it, and accept."""
        facts: list[tuple[UUID, Fact]] = []
        if not self.discloses:
            facts.append((self.known.id, self._disclosure()))
        if not self.funds:
            facts.append((self.known.id, self._plan(funded=True)))
        accepted = HazardAccepted(
            enterprise=self.at.id,
            by_org=self.at.id,
            passed=True,
            officers=(self.at.posts["safety"],),
        )
        facts.append((self.known.id, accepted))
        if done is None:
            facts.append((self.known.id, HazardClosed(enterprise=self.at.id, by_org=self.at.id)))
            self.known.stage = "closed"
        self.scribe.write(self.at.posts["safety"], *facts)
        if done:
            done()

    def _plan(self, *, funded: bool) -> HazardPlanned:
        return HazardPlanned(
            enterprise=self.at.id,
            measures=self._words(self.problem.measures),
            responsible=self.organiser,
            deadline=self.deadline,
            funding=self._words(self.at.random.choice(FUNDING)) if funded else None,
        )

    def _disclosure(self) -> HazardDisclosed:
        return HazardDisclosed(
            enterprise=self.at.id,
            where=self._words(self.at.random.choice(NOTICE_BOARDS)),
            until=self.deadline,
        )

    def _words(self, text: str) -> Sealed:
        return self.scribe.words(text, self.at.id)

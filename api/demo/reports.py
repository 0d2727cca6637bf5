"""Monthly and zero reports: in time, late, half signed, or never filed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from api.demo.calendar import clock, workday, workday_before
from api.demo.words import STATES
from domain.moment import first_day, last_day, local_day
from domain.monthly_report import ReportedHazard, ReportFiled, Role, report_id

if TYPE_CHECKING:
    from api.demo.cases import Cases
    from api.demo.county import Enterprise, Known
    from api.demo.scribe import Scribe

_FROM_DAY = 25
"""Reports are drawn up from this day of the month on."""


class Reports:
    """How enterprises report their months."""

    def __init__(self, scribe: Scribe, cases: Cases) -> None:
        self.scribe = scribe
        self.cases = cases

    def plan(self, at: Enterprise, month: str) -> None:
        """Put a month's report on the agenda, or leave it out, as is in the enterprise's nature."""
        kind, chance = at.firm.character, at.random
        fate = chance.random()
        if fate < kind.missing:
            self._pursue(at, month)
            return
        late = fate < kind.missing + kind.late
        if late:
            due = workday(last_day(month) + timedelta(days=chance.randint(1, 14)))
            self._pursue(at, month)
        else:
            due = self._in_time(at, month)
        unsigned = chance.random() < kind.unsigned
        hour = chance.uniform(8.6, 15.5)
        self.scribe.at(clock(due, hour), lambda: self.file(at, month, unsigned=unsigned))

    def _in_time(self, at: Enterprise, month: str) -> date:
        first = first_day(month).replace(day=_FROM_DAY)
        last = min(last_day(month), at.closes)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        working = [each for each in days if workday(each) == each]
        return at.random.choice(working) if working else workday_before(last)

    def file(self, at: Enterprise, month: str, *, unsigned: bool = False) -> None:
        """File the month's report, ordinary or zero by what is in mind, and have it signed."""
        if month == f"{at.closes:%Y-%m}" and self.scribe.today > at.closes:
            return
        found = [known for known in at.hazards if known.month == month]
        older = [known for known in at.hazards if known.month < month and known.open]
        filing = self.enter(at, month, found, older)
        chance = at.random
        minutes = chance.uniform(10, 60)
        self.scribe.at(
            self.scribe.now + timedelta(minutes=minutes),
            lambda: self.sign(at, month, Role.DEPUTY, filing),
        )
        if not unsigned:
            minutes += chance.uniform(5, 60)
            self.scribe.at(
                self.scribe.now + timedelta(minutes=minutes),
                lambda: self.sign(at, month, Role.PRINCIPAL, filing),
            )

    def enter(self, at: Enterprise, month: str, found: list[Known], older: list[Known]) -> int:
        """Enter the report's text; the answer is its position, at which the signers sign it."""
        overseer = at.overseer()
        assert overseer is not None  # noqa: S101 - every enterprise reports to some body
        kind: Literal["ordinary", "zero"] = "ordinary" if found else "zero"
        text = "隐患自查自纠情况汇总" if found else "本月未发现新的事故隐患，实行零报告"
        fact = ReportFiled(
            enterprise=at.id,
            month=month,
            kind=kind,
            to_org=overseer.id,
            hazards=tuple(map(_reported, found)),
            older=tuple(map(_reported, older)),
            text=self.scribe.words(f"{at.name}{month}{text}", at.id),
        )
        report = report_id(at.id, month)
        (position,) = self.scribe.write(at.posts["safety"], (report, fact))
        return position

    def sign(self, at: Enterprise, month: str, role: Role, filing: int) -> None:
        """Have the holder of a post sign the text filed at a position, if there is one."""
        post = at.posts[role.value]
        if self.scribe.pens and post in self.scribe.holders:
            self.scribe.pens.sign(post, report_id(at.id, month), filing)

    def _pursue(self, at: Enterprise, month: str) -> None:
        """Where hazards stood behind a report not filed in time, a case may follow."""
        due = workday(last_day(month) + timedelta(days=1))
        self.scribe.at(clock(due, 9), lambda: self._open_case(at, month))

    def _open_case(self, at: Enterprise, month: str) -> None:
        hazards = [known for known in at.hazards if known.month == month]
        office = at.regulator
        if office and hazards and office.prompt():
            self.cases.open(at, office, at.officer, "隐患不报告或上报不及时", hazards)


def months(at: Enterprise) -> list[str]:
    """Return the months of the year in which an enterprise operates."""
    first, last = local_day(at.opens), local_day(at.closes)
    return [f"{first.year}-{month:02d}" for month in range(first.month, last.month + 1)]


def _reported(known: Known) -> ReportedHazard:
    return ReportedHazard(hazard=known.id, state=STATES[known.stage])

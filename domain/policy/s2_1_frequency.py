"""二（一） How often experts are called in: by the standardisation grade held (2.1a–2.1c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.expert_inspection import Organiser
from domain.grade import GradeAwarded, GradeKind, grades
from domain.group import headquarters_at
from domain.moment import end, late, local_day, start
from domain.policy.bearers import principal
from domain.policy.duty import DutyRule, Opening, Section
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.expert_inspection import ExpertInspection
    from domain.fact import Entry
    from domain.policy.duty import Docket

ISSUED = date(2014, 1, 1)
"""The year of 临政办发〔2014〕40号: no year before it is owed under it."""
TICK = timedelta(microseconds=1)
"""Before a deadline by so much lies the day on whose end it falls."""
_DAYS = 365
_GRADES = {1: ("一级", "grade 1"), 2: ("二级", "grade 2"), 3: ("三级", "grade 3")}
_NO_GRADE = ("未达标", "no grade")


@dataclass(frozen=True, slots=True)
class _Step:
    """From a day on, so many inspections are owed for the year, by a grade or by none."""

    since: date
    number: int
    key: str
    words: tuple[str, str]
    by: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Year:
    """A calendar year, and the days of it on which the enterprise operates, both included."""

    number: int
    first: date
    last: date

    def owed(self, whole: int) -> int:
        """Return what of a whole year's number is owed for its part: n × days / 365, rounded up.

        A whole leap year owes no more than any other.
        """
        days = (self.last - self.first).days + 1
        return min(whole, -(-whole * days // _DAYS))


def _years(docket: Docket) -> Iterator[_Year]:
    """Yield the years that operation touches, up to the docket's moment and that of closing."""
    since = docket.operating_since
    if since is None:
        return
    first = max(local_day(docket.silent_since(since)), ISSUED)
    closed = docket.directory.organisations[docket.enterprise].closed
    now = local_day(docket.at)
    last = min(local_day(closed), now) if closed else now
    for year in range(first.year, last.year + 1):
        ends = date(year, 12, 31)
        if closed:
            ends = min(ends, local_day(closed))
        if first <= ends:
            yield _Year(year, max(first, date(year, 1, 1)), ends)


@dataclass(frozen=True, slots=True)
class _Held:
    """A grade of the enterprise: held from a day on, and lost on a day (None: not yet)."""

    grade: int
    since: date
    lost: date | None
    entry: Entry


def _grades(docket: Docket) -> list[_Held]:
    """Return the grades of the enterprise itself; one withdrawn is lost on that very day."""
    found = []
    for each in grades(docket.own):
        fact = each.entry.fact
        if each.kind is not GradeKind.ENTERPRISE or not isinstance(fact, GradeAwarded):
            continue
        lost = None
        if each.until is not None:
            ran_out = each.until == fact.valid_to
            lost = local_day(each.until) + timedelta(days=1 if ran_out else 0)
        found.append(_Held(each.grade, each.since, lost, each.entry))
    return found


def _step(docket: Docket, held_ever: list[_Held], day: date) -> _Step:
    """Return what the best grade of a day asks for, by the settings of that day."""
    on_day = [g for g in held_ever if g.since <= day and (g.lost is None or day < g.lost)]
    held = min(on_day, key=lambda each: each.grade, default=None)
    key = f"2.1a.grade{held.grade}" if held else "2.1a.no_grade"
    number = docket.settings.at(key, day).number or 0
    words = _GRADES[held.grade] if held else _NO_GRADE
    return _Step(day, number, key, words, (held.entry,) if held else ())


def _steps(docket: Docket, year: _Year) -> list[_Step]:
    """Return the number at the year's beginning, and every later one that is larger.

    An upgrade within the year leaves the larger number standing; a downgrade raises it.
    """
    last = min(year.last, local_day(docket.at))
    held = _grades(docket)
    days = {day for each in held for day in (each.since, each.lost) if day}
    steps = [_step(docket, held, year.first)]
    for day in sorted(each for each in days if year.first < each <= last):
        step = _step(docket, held, day)
        if step.number > steps[-1].number:
            steps.append(step)
    return steps


def _inspections_owed(docket: Docket) -> Iterator[Opening]:
    """One duty for each inspection of each year; what a downgrade adds has a later deadline."""
    for year in _years(docket):
        new_year_eve = date(year.number, 12, 31)
        told = 0
        for index, step in enumerate(_steps(docket, year)):
            due = end(new_year_eve)
            if index:
                period = docket.settings.at("2.1a.downgrade", step.since).period
                due = max(due, docket.after(period, step.since)) if period else due
            for number in range(told + 1, year.owed(step.number) + 1):
                yield Opening(
                    subject=f"org:{docket.enterprise}",
                    at=step.since,
                    who=principal(docket),
                    owed_to=docket.regulator(min(new_year_eve, docket.at, key=end)),
                    by=step.by,
                    due=due,
                    detail=f"{year.number} 第{number}次",
                    note=_note(year, step),
                    within=step.key,
                )
            told = max(told, year.owed(step.number))


def _note(year: _Year, step: _Step) -> tuple[str, str]:
    zh, en = f"{step.words[0]}，每年至少{step.number}次", f"{step.words[1]}: {step.number} a year"
    part = year.owed(step.number)
    if part != step.number:
        days = (year.last - year.first).days + 1
        zh = f"{zh}；当年运行{days}天，应{part}次"
        en = f"{en}; {part} for {days} days of operation in the year"
    return zh, en


def counts(docket: Docket, inspection: ExpertInspection) -> bool:
    """Tell whether an inspection counts toward 2.1a: the enterprise's own, or its group's (2.1c).

    That of the headquarters of a recorded central or provincial group counts as one by outside
    experts; those under 2.2a and 5.3a do not count.
    """
    if inspection.held is None:
        return False
    entry, fact = inspection.held
    if fact.organiser is Organiser.GROUP:
        return fact.by_org in headquarters_at(docket.own, entry.happened)
    return fact.organiser is Organiser.ENTERPRISE


def deliveries(docket: Docket) -> list[Entry]:
    """Return the reports by which inspections count, earliest first."""
    delivered = [each.delivered for each in docket.expert_inspections if counts(docket, each)]
    found = [entry for entry in delivered if entry]
    return sorted(found, key=lambda entry: (start(moment_of(entry)), entry.position))


def _report_for(docket: Docket, about: Opening) -> Entry | None:
    """Return the report that an opening is met by; each report meets one.

    A report counts for the calendar year in which it is delivered; what a downgrade added late in
    the year may also be met by one delivered in the next, by its own deadline.
    """
    waiting = deliveries(docket)
    for opening in _inspections_owed(docket):
        year = int(opening.detail.partition(" ")[0])
        met = next((entry for entry in waiting if _meets(entry, year, opening.due)), None)
        if met:
            waiting.remove(met)
        if opening.detail == about.detail:
            return met
    return None  # pragma: no cover - the opening asked about is among those owed


def _meets(entry: Entry, year: int, due: datetime | None) -> bool:
    moment = moment_of(entry)
    return local_day(moment).year >= year and not (due and late(moment, due))


INSPECT = DutyRule(
    "2.1a",
    "inspect",
    Line.ENTERPRISE,
    "聘请专家开展隐患排查",
    "Have experts inspect",
    _inspections_owed,
    _report_for,
)

SECTION = Section(duties=(INSPECT,))

"""Standardisation grades 安全生产标准化达标 (4.2d), target dates (4.2a) and who was told (4.2c)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, OrgRef
from domain.moment import Day, end, late, no_later
from domain.record import Record, facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry


class GradeKind(StrEnum):
    """What reached the standard 达标类别 (4.2d): a post, a line of work, or the enterprise."""

    POST = "post"
    PROFESSION = "profession"
    ENTERPRISE = "enterprise"


class Authority(StrEnum):
    """Whom a grade is notified to 通报对象 (4.2c): those in charge of each branch of finance."""

    BANKING = "banking"
    SECURITIES = "securities"
    INSURANCE = "insurance"
    GUARANTEE = "guarantee"


class GradeAwarded(
    EnterpriseFact,
    topic="grade.awarded",
    zh="评定达标等级",
    en="Grade awarded",
    starts=True,
):
    """A body found the standard reached: grade 1 (highest) to 3, valid on both days included."""

    by_org: OrgRef
    kind: GradeKind = GradeKind.ENTERPRISE
    grade: int = Field(ge=1, le=3)
    scope: FreeText | None = None
    valid_from: Day
    valid_to: Day | None = None
    number: str | None = Field(default=None, max_length=64)


class GradeWithdrawn(
    EnterpriseFact, topic="grade.withdrawn", zh="撤销达标等级", en="Grade withdrawn"
):
    """The grade no longer holds from the day that this happened."""

    by_org: OrgRef
    reason: FreeText | None = None


class GradeNotified(
    EnterpriseFact,
    topic="grade.notified",
    zh="通报达标等级",
    en="Grade notified",
    of_record=True,
):
    """The result is told to financial authorities, all at once or one after another (4.2c)."""

    by_org: OrgRef
    to: tuple[Authority, ...] = Field(min_length=1)
    document: str | None = Field(default=None, max_length=200)


class TargetSet(
    EnterpriseFact,
    topic="target.set",
    zh="确定达标期限",
    en="Target date set",
    starts=True,
    of_record=True,
):
    """The enterprise is to reach ``grade`` or a higher one by ``deadline`` (4.2a)."""

    by_org: OrgRef
    grade: int = Field(default=3, ge=1, le=3)
    deadline: Day
    document: str | None = Field(default=None, max_length=200)


class SecondDateSet(
    EnterpriseFact,
    topic="target.second_date_set",
    zh="确定整改达标期限",
    en="Second target date set",
    of_record=True,
):
    """Having missed the first date, it is to reach the grade by this one, or be closed (4.2a)."""

    by_org: OrgRef
    deadline: Day
    document: str | None = Field(default=None, max_length=200)


class TargetExtended(
    EnterpriseFact,
    topic="target.extended",
    zh="延长达标期限",
    en="Target date extended",
    of_record=True,
):
    """The date in force is moved; effective only from whoever set it, before it has passed."""

    by_org: OrgRef
    deadline: Day
    reason: FreeText | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the days for which it held, both included (None: it still does)."""

    entry: Entry
    by_org: UUID
    kind: GradeKind
    grade: int
    since: date
    until: date | datetime | None

    def covers(self, moment: date | datetime) -> bool:
        """Tell whether it held at ``moment``."""
        return no_later(self.since, moment) and (self.until is None or no_later(moment, self.until))


def grades(entries: list[Entry]) -> list[Grade]:
    """Return every grade among the facts of one enterprise, with the days for which it held.

    A withdrawal ends it; one dated after it had run out changes nothing.
    """
    withdrawn = {e.record: moment_of(e) for e, _ in facts_of(entries, GradeWithdrawn)}
    found = []
    for entry, fact in facts_of(entries, GradeAwarded):
        ends = [each for each in (withdrawn.get(entry.record), fact.valid_to) if each]
        until = min(ends, key=end) if ends else None
        found.append(Grade(entry, fact.by_org, fact.kind, fact.grade, fact.valid_from, until))
    return found


def grade_held(entries: list[Entry], at: date | datetime) -> Grade | None:
    """Return the highest grade that the enterprise as a whole 企业达标 held at ``at``."""
    held = [g for g in grades(entries) if g.kind is GradeKind.ENTERPRISE and g.covers(at)]
    return min(held, key=lambda grade: grade.grade, default=None)


@dataclass(frozen=True, slots=True)
class TargetDate:
    """One of the two dates: who set it, what it is now, and every extension with its effect."""

    entry: Entry
    by_org: UUID
    first: date
    deadline: date
    extensions: tuple[tuple[Entry, TargetExtended, bool], ...]


class TargetRecord(Record):
    """The dates by which an enterprise is to reach a grade."""

    def asks(self, grade: int) -> bool:
        """Tell whether ``grade`` is the one asked for, or a higher one (a smaller number)."""
        return any(grade <= fact.grade for _, fact in facts_of(self.entries, TargetSet))

    @property
    def dates(self) -> list[TargetDate]:
        """The set date, and the second one where it was set; each as extended.

        An extension moves the date that was in force when it was granted, and has effect only
        from whoever set that one, to a later day, before it passed; setting the second date again
        moves nothing.
        """
        found: list[TargetDate] = []
        for entry in self.entries:
            fact = entry.fact
            if isinstance(fact, TargetSet) or (isinstance(fact, SecondDateSet) and len(found) == 1):
                found.append(TargetDate(entry, fact.by_org, fact.deadline, fact.deadline, ()))
            elif isinstance(fact, TargetExtended) and found:
                found[-1] = _extended(found[-1], entry, fact)
        return found


def _extended(date_set: TargetDate, entry: Entry, fact: TargetExtended) -> TargetDate:
    in_time = not late(moment_of(entry), end(date_set.deadline))
    later = fact.deadline > date_set.deadline
    effective = in_time and later and fact.by_org == date_set.by_org
    return replace(
        date_set,
        deadline=fact.deadline if effective else date_set.deadline,
        extensions=(*date_set.extensions, (entry, fact, effective)),
    )

"""Employees who find hazards 从业人员参与: past their superiors, credited, rewarded (5.2f).

An employee records what they found as anybody does (``hazard.found``, ``found_by`` employee, in
their own name): nobody has to agree. Who found it stays in the record for good.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, OrgRef, PersonId, PostId
from domain.hazard import HazardFound
from domain.moment import local_day
from domain.people import PostKind
from domain.record import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from domain.case import Case
    from domain.directory import Directory, Post
    from domain.hazard import HazardRecord


class HazardEscalated(
    EnterpriseFact,
    topic="hazard.escalated",
    zh="越级报告隐患",
    en="Hazard reported past superiors",
):
    """An employee told a superior's superior, or a department, of a hazard, past those between."""

    person: PersonId = Field(description="越级报告的从业人员")
    to_org: OrgRef
    past: tuple[PostId, ...] = Field(default=(), description="被越过的岗位")
    reason: FreeText | None = None


class FinderRewarded(
    EnterpriseFact,
    topic="hazard.finder_rewarded",
    zh="奖励隐患发现人",
    en="Finder of a hazard rewarded",
):
    """Whoever found the hazard was rewarded, with money in fen 分 or otherwise (5.2f)."""

    person: PersonId = Field(description="发现人，须为发现隐患时所记的发现人")
    by_org: OrgRef
    amount: int | None = Field(default=None, ge=0, description="奖金（分）")
    reward: FreeText | None = Field(default=None, description="奖金以外的奖励")


_UNITS = (PostKind.TEAM_LEADER, PostKind.WORKSHOP_HEAD, PostKind.FUNCTION_HEAD)
"""Who stands for a unit: a team, a workshop, a functional department."""


@dataclass(frozen=True, slots=True)
class Credit:
    """One hazard, whoever found it, in which unit, and what they were given for it."""

    hazard: HazardRecord
    finder: UUID
    unit: Post | None
    rewards: tuple[FinderRewarded, ...]


@dataclass(slots=True)
class Unit:
    """How the people of one unit take part: how many there are, who found what."""

    post: Post | None
    people: set[UUID] = field(default_factory=set)
    finders: set[UUID] = field(default_factory=set)
    hazards: int = 0


def credits_of(case: Case, since: date, until: date) -> list[Credit]:
    """Return every hazard that was found between two days by a named person of the enterprise.

    Args:
        case: the enterprise's.
        since: the first day.
        until: the last day, included.
    """
    return [
        Credit(
            hazard,
            fact.finder,
            unit_of(case.directory, case.enterprise, fact.finder, entry.happened),
            tuple(each for _, each in facts_of(hazard.entries, FinderRewarded)),
        )
        for hazard in case.hazards.values()
        for entry, fact in facts_of(hazard.entries, HazardFound)
        if fact.finder
        and fact.finder_org in (None, case.enterprise)
        and since <= local_day(entry.happened) <= until
    ]


def unit_of(
    directory: Directory, enterprise: UUID, person: UUID, at: date | datetime
) -> Post | None:
    """Return the post that stands for somebody's unit: their own, or the nearest one above it."""
    held = [post for post in directory.held_by(person, at) if post.organisation == enterprise]
    for post in held:
        for each in _upwards(directory, post):
            if each.kind in _UNITS:
                return each
    return None


def _upwards(directory: Directory, post: Post) -> Iterator[Post]:
    seen: set[UUID] = set()
    above: Post | None = post
    while above and above.id not in seen:
        seen.add(above.id)
        yield above
        above = directory.posts.get(above.reports_to) if above.reports_to else None


def participation(case: Case, since: date, until: date) -> list[Unit]:
    """Return how each unit took part between two days, those without a finder included."""
    directory, units = case.directory, dict[UUID | None, Unit]()
    people: dict[UUID, Post | None] = {
        held.person: unit_of(directory, case.enterprise, held.person, until)
        for post in directory.all_posts(case.enterprise)
        for held in directory.holdings(post.id)
        if held.covers(until)
    }
    members: dict[UUID | None, set[UUID]] = defaultdict(set)
    for person, post in people.items():
        units.setdefault(post.id if post else None, Unit(post))
        members[post.id if post else None].add(person)
    for credit in credits_of(case, since, until):
        key = credit.unit.id if credit.unit else None
        unit = units.setdefault(key, Unit(credit.unit))
        unit.hazards += 1
        unit.finders.add(credit.finder)
    for key, unit in units.items():
        unit.people = members[key] | unit.finders
    return list(units.values())

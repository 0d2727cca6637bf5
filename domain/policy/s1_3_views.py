"""What can be looked up at once of an enterprise's own line (1.3b, 1.3c, 1.3f).

The tree of its posts up to the principal, its money year by year, and its own rules.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.fund import AllotmentMade, FundPlanned, FundRevised, SpendingMade
from domain.hazard import HazardPlanned, HazardRectified
from domain.moment import local_day, no_later
from domain.own_rule import RuleKind, Version, versions
from domain.people import PostKind
from domain.policy.s3_1_enterprise import own_hazards
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from uuid import UUID

    from domain.directory import Holding, Post
    from domain.fact import Entry, FreeText
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket


# 1.3b the posts form a tree that reaches the principal


class Orphan(StrEnum):
    """Why a post does not reach the principal 未连到主要负责人的原因."""

    NO_SUPERIOR = "no_superior"
    SUPERIOR_ABOLISHED = "superior_abolished"
    SUPERIOR_UNKNOWN = "superior_unknown"
    SUPERIOR_ELSEWHERE = "superior_elsewhere"
    SUPERIOR_ORPHANED = "superior_orphaned"
    CIRCLE = "circle"


ORPHANS = {
    Orphan.NO_SUPERIOR: ("未设上级岗位", "it reports to no post"),
    Orphan.SUPERIOR_ABOLISHED: ("上级岗位已撤销", "the post above it was abolished"),
    Orphan.SUPERIOR_UNKNOWN: ("上级岗位不在案", "the post above it is not on record"),
    Orphan.SUPERIOR_ELSEWHERE: (
        "上级岗位属于另一单位",
        "the post above it is another organisation's",
    ),
    Orphan.SUPERIOR_ORPHANED: (
        "上级岗位本身未连到主要负责人",
        "the post above it does not reach the principal",
    ),
    Orphan.CIRCLE: ("岗位互为上级", "the posts above it lead back to it"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A post's place in the tree: how far below the principal, or why it hangs in the air.

    ``depth`` is 0 for the principal's own post, None for an orphan; ``holders`` are those of the
    docket's moment, none where the post is vacant.
    """

    post: Post
    depth: int | None
    orphan: Orphan | None
    holders: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """An enterprise's posts, and who works there without any."""

    places: tuple[Place, ...]
    without_post: tuple[UUID, ...]
    system: Version | None

    @property
    def orphans(self) -> tuple[Place, ...]:
        """Those that do not reach the principal."""
        return tuple(each for each in self.places if each.orphan)


def post_tree(docket: Docket) -> Tree:
    """Return how every post that an enterprise has at the docket's moment reaches its principal.

    ``system`` is the rule that lays down the system of responsibility, if one is in force.
    """
    posts = {
        post.id: post
        for post in docket.directory.all_posts(docket.enterprise)
        if no_later(post.created, docket.at)
        and (post.abolished is None or no_later(docket.at, post.abolished))
    }
    holders = {
        post: tuple(h for h in docket.directory.holdings(post) if h.covers(docket.at))
        for post in posts
    }
    places = tuple(
        Place(post, *_reach(docket, posts, post), holders[post.id]) for post in posts.values()
    )
    in_posts = {held.person for held in sum(holders.values(), ())}
    at_work = (
        began[1].person
        for job in docket.employments
        if (began := job.began) and (job.ended is None or no_later(docket.at, job.ended))
    )
    without = tuple(dict.fromkeys(person for person in at_work if person not in in_posts))
    return Tree(places, without, rule_in_force(docket, RuleKind.RESPONSIBILITY))


def _reach(docket: Docket, posts: dict[UUID, Post], post: Post) -> tuple[int | None, Orphan | None]:
    """Return how many steps lead from a post to the principal's, or why none do."""
    seen: list[Post] = []
    while post.kind is not PostKind.PRINCIPAL:
        seen.append(post)
        above = posts.get(post.reports_to) if post.reports_to else None
        if above is None:
            broken = _broken(docket, post)
            return None, broken if len(seen) == 1 else Orphan.SUPERIOR_ORPHANED
        if above in seen:
            return None, Orphan.CIRCLE if above is seen[0] else Orphan.SUPERIOR_ORPHANED
        post = above
    return len(seen), None


def _broken(docket: Docket, post: Post) -> Orphan:
    """Return why there is no post above one at the docket's moment."""
    if post.reports_to is None:
        return Orphan.NO_SUPERIOR
    known = docket.directory.posts.get(post.reports_to)
    if known is None:
        return Orphan.SUPERIOR_UNKNOWN
    if known.organisation != docket.enterprise:
        return Orphan.SUPERIOR_ELSEWHERE
    return Orphan.SUPERIOR_ABOLISHED


# 1.3c money planned, set aside for hazards and spent


@dataclass(frozen=True, slots=True)
class HazardMoney:
    """The money of one hazard in fen; ``source`` is where it comes from, None: nobody said.

    ``unfunded``: its remediation has begun and no source of funding is on record.
    """

    hazard: HazardRecord
    source: FreeText | None
    allotted: int
    spent: int
    cost: int | None
    unfunded: bool
    by: tuple[Entry, ...]

    @property
    def shortfall(self) -> int:
        """By how much what was set aside for it falls short of what it took."""
        return max(0, max(self.spent, self.cost or 0) - self.allotted) if self.allotted else 0


@dataclass(frozen=True, slots=True)
class YearOfMoney:
    """An enterprise's money of a calendar year, in fen.

    ``planned`` is None where no plan is on record. ``allotted`` and ``spent`` are of that year.
    """

    year: int
    planned: int | None
    allotted: int
    spent: int
    over: bool
    hazards: tuple[HazardMoney, ...]
    by: dict[str, tuple[Entry, ...]] = field(default_factory=dict)

    @property
    def shortfall(self) -> int:
        """By how much the plan falls short of what was set aside or spent."""
        return max(0, max(self.allotted, self.spent) - (self.planned or 0))

    @property
    def not_spent(self) -> int:
        """What was planned and not spent by the end of the year; nothing before it is over."""
        return max(0, (self.planned or 0) - self.spent) if self.over else 0


def money_of(docket: Docket, year: int) -> YearOfMoney:
    """Return what an enterprise planned, set aside and spent in a year, hazard by hazard (1.3c)."""

    def in_year(entry: Entry) -> bool:
        return local_day(moment_of(entry)).year == year

    plans = [
        (entry, fact)
        for plan, planned in facts_of(docket.own, FundPlanned)
        if planned.year == year
        for entry, fact in _amounts(docket, plan)
    ]
    allotted = [(e, f) for e, f in facts_of(docket.own, AllotmentMade) if in_year(e)]
    spent = [(e, f) for e, f in facts_of(docket.own, SpendingMade) if in_year(e)]
    touched = {f.hazard for _, f in allotted} | {f.hazard for _, f in spent}
    hazards = (
        _money_of_hazard(docket, hazard)
        for hazard in docket.hazards.values()
        if hazard.id in touched or any(in_year(entry) for entry in _remedied(hazard))
    )
    return YearOfMoney(
        year=year,
        planned=plans[-1][1].amount if plans else None,
        allotted=sum(fact.amount for _, fact in allotted),
        spent=sum(fact.amount for _, fact in spent),
        over=local_day(docket.at).year > year,
        hazards=tuple(hazards),
        by={
            "planned": tuple(entry for entry, _ in plans),
            "allotted": tuple(entry for entry, _ in allotted),
            "spent": tuple(entry for entry, _ in spent),
        },
    )


def _amounts(docket: Docket, plan: Entry) -> list[tuple[Entry, FundPlanned | FundRevised]]:
    """Return the amounts of a year's plan, the one in force last."""
    return [
        (entry, entry.fact)
        for entry in (plan, *docket.about(f"fund:{plan.record}"))
        if isinstance(entry.fact, FundRevised) or entry is plan
        if isinstance(entry.fact, FundPlanned | FundRevised)
    ]


def _remedied(hazard: HazardRecord) -> list[Entry]:
    return hazard.all("hazard.rectification_started", "hazard.rectified")


def _money_of_hazard(docket: Docket, hazard: HazardRecord) -> HazardMoney:
    about = docket.about(hazard.subject)
    allotted, spent = list(facts_of(about, AllotmentMade)), list(facts_of(about, SpendingMade))
    plan = hazard.planned()
    funding = plan.fact.funding if plan and isinstance(plan.fact, HazardPlanned) else None
    source = funding or next((fact.source for _, fact in reversed(allotted)), None)
    costs = [f.cost for _, f in facts_of(hazard.entries, HazardRectified) if f.cost is not None]
    begun = _remedied(hazard)
    owed = any(each.id == hazard.id for each in own_hazards(docket))
    return HazardMoney(
        hazard=hazard,
        source=source,
        allotted=sum(fact.amount for _, fact in allotted),
        spent=sum(fact.amount for _, fact in spent),
        cost=costs[-1] if costs else None,
        unfunded=owed and bool(begun) and source is None,
        by=(
            *((plan,) if plan else ()),
            *(entry for entry, _ in (*allotted, *spent)),
            *begun,
        ),
    )


# 1.3f the enterprise's own rules, and which kinds are missing


def rule_in_force(docket: Docket, kind: RuleKind) -> Version | None:
    """Return the version of a rule that is in force at the docket's moment."""
    found = [v for v in versions(docket.own) if v.fact.kind is kind and v.holds(docket.at)]
    return found[-1] if found else None


def rules_by_kind(docket: Docket) -> dict[RuleKind, list[Version]]:
    """Return every version of the enterprise's own rules by kind, the oldest first (1.3f)."""
    found: dict[RuleKind, list[Version]] = defaultdict(list)
    for version in versions(docket.own):
        found[version.fact.kind].append(version)
    return found

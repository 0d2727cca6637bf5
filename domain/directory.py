"""The directory 名录: who held which post at any moment, and who supervised whom.

Built from the facts in hand. A post is answered for by whoever held it; where nobody did, the
vacancy is shown with whoever answers for it: the principal for the deputy's post of an enterprise,
otherwise the body that decides on the post.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.moment import earlier, local_day, no_later, start, uncovered
from domain.organisation import (
    CrowdedPlaceFound,
    Ground,
    Level,
    Naming,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrgKind,
    ResponsiblesNamed,
    ResponsiblesWithdrawn,
    Supervision,
    SupervisionAssigned,
    SupervisionEnded,
    Transfer,
    TransferAccepted,
    TransferDecided,
)
from domain.people import (
    AppointmentEnded,
    AppointmentMade,
    PersonRegistered,
    PostAbolished,
    PostCreated,
    PostKind,
    PostMoved,
)
from domain.record import by_moment, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from domain.fact import Entry, Fact
    from domain.moment import Time


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as the facts describe it; ``began`` is when its duties begin.

    ``imported``: it is known from imported ledgers only, and nobody is assigned to it yet.
    """

    id: UUID
    kind: OrgKind
    code: str
    name: str
    parent: UUID | None
    level: Level | None
    area: str | None
    address: str | None
    industry: str | None
    high_risk: bool
    began: date | datetime
    closed: date | datetime | None
    imported: bool
    position: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What an organisation was from ``since`` on: high-risk 高危, a crowded place 人员密集场所."""

    since: date | datetime
    high_risk: bool
    crowded: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A post of an organisation."""

    id: UUID
    organisation: UUID
    kind: PostKind
    title: str
    reports_to: UUID | None
    created: date | datetime
    abolished: date | datetime | None
    position: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A person's time in a post, from ``since`` to ``until`` (both included; None: still)."""

    person: UUID
    post: UUID
    since: date | datetime
    until: date | datetime | None
    acting: bool
    entries: tuple[Entry, ...]
    appointed_by: UUID | None = None

    def covers(self, moment: date | datetime) -> bool:
        """Tell whether the person held the post at ``moment``."""
        return no_later(self.since, moment) and (self.until is None or no_later(moment, self.until))

    def overlaps(self, since: date | datetime, until: date | datetime) -> bool:
        """Tell whether the person held the post at any time between two moments."""
        return no_later(self.since, until) and (self.until is None or no_later(since, self.until))


class Directory:
    """Organisations, posts, holders and supervision, from entries in any order."""

    def __init__(self, entries: list[Entry]) -> None:
        self.organisations: dict[UUID, Organisation] = {}
        self.posts: dict[UUID, Post] = {}
        self.names: dict[UUID, PersonRegistered] = {}
        self._parents: dict[UUID, list[tuple[date | datetime, UUID | None]]] = defaultdict(list)
        self._standings: dict[UUID, list[Standing]] = defaultdict(list)
        self._posts_of: dict[UUID, list[UUID]] = defaultdict(list)
        self._holdings: dict[UUID, list[Holding]] = defaultdict(list)
        self._supervision: dict[UUID, list[Supervision]] = defaultdict(list)
        self._namings: dict[UUID, list[Naming]] = defaultdict(list)
        self._transfers: dict[UUID, list[Transfer]] = defaultdict(list)
        handlers: dict[type[Fact], Callable[[Entry, Any], None]] = {
            OrganisationRegistered: self._registered,
            OrganisationChanged: self._changed,
            OrganisationClosed: self._closed,
            CrowdedPlaceFound: self._crowded,
            PersonRegistered: self._person,
            PostCreated: self._post,
            PostMoved: self._moved,
            PostAbolished: self._abolished,
            AppointmentMade: self._appointed,
            AppointmentEnded: self._relieved,
            SupervisionAssigned: self._assigned,
            SupervisionEnded: self._unassigned,
            TransferAccepted: self._transferred,
            TransferDecided: self._decided,
            ResponsiblesNamed: self._named,
            ResponsiblesWithdrawn: self._withdrawn,
        }
        told = by_moment([each for each in entries if type(each.fact) in handlers])
        # Registered first: many a change was entered with a date before the registration's own.
        for entry in sorted(told, key=lambda each: not each.fact.topic.starts):
            handlers[type(entry.fact)](entry, entry.fact)

    # organisations

    def _registered(self, entry: Entry, fact: OrganisationRegistered) -> None:
        self.organisations[entry.record] = Organisation(
            id=entry.record,
            kind=fact.kind,
            code=fact.code,
            name=fact.name,
            parent=fact.parent,
            level=fact.level,
            area=fact.area,
            address=fact.address,
            industry=fact.industry,
            high_risk=fact.high_risk,
            began=fact.began or entry.happened,
            closed=None,
            imported=entry.by.authentication == "import",
            position=entry.position,
        )
        self._parents[entry.record].append((entry.happened, fact.parent))
        self._standings[entry.record].append(
            Standing(entry.happened, fact.high_risk, crowded=False)
        )

    def _changed(self, entry: Entry, fact: OrganisationChanged) -> None:
        known = self.organisations.get(entry.record)
        if known:
            changes = fact.model_dump(exclude_none=True, exclude={"employees"})
            self.organisations[entry.record] = replace(known, **changes)
        if fact.parent is not None:
            self._parents[entry.record].append((moment_of(entry), fact.parent))
        if fact.high_risk is not None:
            self._stands(entry, high_risk=fact.high_risk)

    def _crowded(self, entry: Entry, fact: CrowdedPlaceFound) -> None:
        self._stands(entry, crowded=fact.crowded)

    def _stands(self, entry: Entry, **changed: bool) -> None:
        for last in self._standings[entry.record][-1:]:
            now = replace(last, since=moment_of(entry), **changed)
            self._standings[entry.record].append(now)

    def standing(self, org: UUID, at: date | datetime) -> Standing | None:
        """Return what an organisation was at ``at``; None where it was never registered.

        What the registration says holds for the time before it too.
        """
        known = self._standings[org]
        return next((s for s in reversed(known) if no_later(s.since, at)), next(iter(known), None))

    def risks(
        self, org: UUID, since: date | datetime, until: date | datetime | None
    ) -> Iterator[tuple[date | datetime, date | datetime | None, bool]]:
        """Yield from when to when between two moments an organisation was high-risk, or was not.

        Both ends are included; None goes on.
        """
        every = self._standings[org]
        known = [
            standing
            for index, standing in enumerate(every)
            if index == 0 or standing.high_risk is not every[index - 1].high_risk
        ]
        for index, standing in enumerate(known):
            begins = since if index == 0 else max(since, standing.since, key=start)
            ends = until
            if index + 1 < len(known):
                change = known[index + 1].since
                before = change if isinstance(change, datetime) else change - timedelta(days=1)
                ends = min(before, until, key=start) if until is not None else before
            if ends is None or no_later(begins, ends):
                yield begins, ends, standing.high_risk

    def _closed(self, entry: Entry, _: OrganisationClosed) -> None:
        known = self.organisations.get(entry.record)
        if known:
            self.organisations[entry.record] = replace(known, closed=moment_of(entry))

    def name(self, org: UUID | None) -> str:
        """Return an organisation's name, or its id where it was never registered."""
        known = self.organisations.get(org) if org else None
        return known.name if known else str(org or "")

    def above(self, org: UUID, at: date | datetime | None = None) -> list[UUID]:
        """Return the organisations above one at ``at`` (None: now), the nearest first."""
        found: list[UUID] = []
        parent = self._parent(org, at)
        while parent and parent not in found:
            found.append(parent)
            parent = self._parent(parent, at)
        return found

    def _parent(self, org: UUID, at: date | datetime | None) -> UUID | None:
        """Return what an organisation stood under; what it was registered under holds before."""
        known = self._parents[org]
        told = [parent for since, parent in known if at is None or no_later(since, at)]
        return told[-1] if told else next((parent for _, parent in known), None)

    def government_of(
        self, org: UUID, at: date | datetime | None = None, *, towns: bool = True
    ) -> Organisation | None:
        """Return the government or zone above an organisation: its nearest such parent.

        Args:
            org: the organisation.
            at: the moment asked about; None: now.
            towns: whether the government of a town counts, or only the county's and above.
        """
        kinds = (OrgKind.GOVERNMENT, OrgKind.ZONE)
        known = (self.organisations.get(parent) for parent in self.above(org, at))
        governing = (each for each in known if each and each.kind in kinds)
        return next((each for each in governing if towns or each.level is not Level.TOWN), None)

    def moves(
        self, org: UUID, since: date | datetime, until: date | datetime
    ) -> list[date | datetime]:
        """Return when, between two moments, what stands above an organisation changed."""
        every = {org, *(above for when, _ in self._parents[org] for above in self.above(org, when))}
        return sorted(
            (
                when
                for each in every
                for when, _ in self._parents[each][1:]
                if earlier(since, when) and earlier(when, until)
            ),
            key=start,
        )

    # people and posts

    def _person(self, entry: Entry, fact: PersonRegistered) -> None:
        self.names[entry.record] = fact

    def _post(self, entry: Entry, fact: PostCreated) -> None:
        self.posts[entry.record] = Post(
            id=entry.record,
            organisation=fact.organisation,
            kind=fact.kind,
            title=fact.title,
            reports_to=fact.reports_to,
            created=entry.happened,
            abolished=None,
            position=entry.position,
        )
        self._posts_of[fact.organisation].append(entry.record)

    def _moved(self, entry: Entry, fact: PostMoved) -> None:
        known = self.posts.get(entry.record)
        if known:
            self.posts[entry.record] = replace(known, reports_to=fact.reports_to)

    def _abolished(self, entry: Entry, _: PostAbolished) -> None:
        known = self.posts.get(entry.record)
        if known:
            self.posts[entry.record] = replace(known, abolished=entry.happened)

    def _appointed(self, entry: Entry, fact: AppointmentMade) -> None:
        self._holdings[entry.record].append(
            Holding(
                fact.person,
                entry.record,
                entry.happened,
                None,
                fact.acting,
                (entry,),
                fact.appointed_by,
            )
        )

    def _relieved(self, entry: Entry, fact: AppointmentEnded) -> None:
        held = self._holdings[entry.record]
        for index, holding in enumerate(held):
            if holding.person == fact.person and holding.until is None:
                held[index] = replace(
                    holding, until=entry.happened, entries=(*holding.entries, entry)
                )

    def posts_of(self, org: UUID, kind: PostKind, at: date | datetime) -> list[Post]:
        """Return the posts of a kind that an organisation had at ``at``, oldest first."""
        posts = [self.posts[post] for post in self._posts_of[org]]
        return [
            post
            for post in posts
            if post.kind is kind
            and no_later(post.created, at)
            and (post.abolished is None or no_later(at, post.abolished))
        ]

    def all_posts(self, org: UUID) -> list[Post]:
        """Return every post an organisation ever had, oldest first."""
        return [self.posts[post] for post in self._posts_of[org]]

    def holdings(self, post: UUID) -> list[Holding]:
        """Return everybody's time in a post, earliest first."""
        return self._holdings[post]

    def held_by(
        self, person: UUID, since: date | datetime, until: date | datetime | None = None
    ) -> list[Post]:
        """Return the posts a person held at ``since``, or at any time from then to ``until``."""
        return [
            self.posts[post]
            for post, holdings in self._holdings.items()
            if post in self.posts
            and any(h.person == person and h.overlaps(since, until or since) for h in holdings)
        ]

    def beside(
        self, holding: Holding, since: date | datetime, until: date | datetime
    ) -> set[PostKind]:
        """Return the kinds of the other posts that a holder held in the same organisation.

        Only at the same time between two moments: on the day on which somebody passes from one
        post to another they do not hold two.
        """
        own = self.posts[holding.post]
        return {
            self.posts[post].kind
            for post in self._posts_of[own.organisation]
            if post != own.id
            for other in self._holdings[post]
            if other.person == holding.person
            and other.overlaps(since, until)
            and not _passes(holding, other)
            and not _passes(other, holding)
        }

    def holders(self, org: UUID, kind: PostKind, at: date | datetime) -> list[Holding]:
        """Return who held an organisation's posts of a kind at ``at``."""
        return [
            holding
            for post in self.posts_of(org, kind, at)
            for holding in self._holdings[post.id]
            if holding.covers(at)
        ]

    def decides_on(self, org: UUID, kind: PostKind, at: date | datetime) -> UUID | None:
        """Return the body that decides on an organisation's post: whoever last filled it by then.

        Where no appointment says, the nearest government or zone above.
        """
        posts = [post.id for post in self.all_posts(org) if post.kind is kind]
        made = [h for post in posts for h in self._holdings[post] if no_later(h.since, at)]
        said = [held for held in made if held.appointed_by]
        if said:
            return max(said, key=lambda held: start(held.since)).appointed_by
        above = self.government_of(org, at)
        return above.id if above else None

    def gaps(
        self, org: UUID, kind: PostKind, since: date | datetime, until: date | datetime
    ) -> Iterator[tuple[date | datetime, date | datetime]]:
        """Yield the times between two moments at which nobody held a post of this kind.

        A day on which one holder leaves and the next begins is no gap.
        """
        posts = [post for post in self.all_posts(org) if post.kind is kind]
        times = [self._time_held(each) for post in posts for each in self._holdings[post.id]]
        yield from uncovered(times, since, until)

    def existing(
        self, org: UUID, kind: PostKind, since: date | datetime, until: date | datetime
    ) -> Iterator[tuple[date | datetime, date | datetime]]:
        """Yield the times between two moments in which an organisation had a post of this kind."""
        times = [(p.created, p.abolished) for p in self.all_posts(org) if p.kind is kind]
        begins = since
        for gone, back in (*uncovered(times, since, until), (until, until)):
            if earlier(begins, gone):
                yield begins, gone
            begins = back

    def ended(self, org: UUID) -> date | datetime | None:
        """Return the last moment at which a closed enterprise had a principal; None if it goes on.

        Closing cancels no duty of it: they stay with the last principal.
        """
        known = self.organisations.get(org)
        if known is None or known.closed is None or known.kind is not OrgKind.ENTERPRISE:
            return None
        posts = [post for post in self.all_posts(org) if post.kind is PostKind.PRINCIPAL]
        held = [self._time_held(h) for post in posts for h in self._holdings[post.id]]
        left = [until for since, until in held if until and earlier(until, known.closed)]
        there = [since for since, until in held if no_later(since, known.closed)]
        return max(left, key=start) if left and len(left) == len(there) else known.closed

    def vacancies(
        self, post: UUID, since: date | datetime, until: date | datetime
    ) -> Iterator[tuple[date | datetime, date | datetime]]:
        """Yield the times between two moments at which nobody held this one post."""
        yield from uncovered(map(self._time_held, self._holdings[post]), since, until)

    def _time_held(self, holding: Holding) -> Time:
        """Return from when to when somebody held a post; never beyond its abolition."""
        post = self.posts.get(holding.post)
        ends = [end for end in (holding.until, post.abolished if post else None) if end]
        return holding.since, min(ends, key=start) if ends else None

    # supervision

    def _assigned(self, entry: Entry, fact: SupervisionAssigned) -> None:
        self._begin(entry, fact.enterprise, fact.department, fact.ground)

    def _unassigned(self, entry: Entry, fact: SupervisionEnded) -> None:
        self._finish(entry, fact.enterprise, fact.department, fact.ground)

    def _transferred(self, entry: Entry, fact: TransferAccepted) -> None:
        self._pass_on(entry, fact.enterprise, fact.sender, fact.receiver, fact.ground)

    def _decided(self, entry: Entry, fact: TransferDecided) -> None:
        if fact.responsible != fact.sender:
            self._pass_on(entry, fact.enterprise, fact.sender, fact.responsible, fact.ground)

    def _pass_on(
        self, entry: Entry, enterprise: UUID, sender: UUID, receiver: UUID, ground: Ground
    ) -> None:
        self._finish(entry, enterprise, sender, ground)
        self._begin(entry, enterprise, receiver, ground)
        keeps = any(s.department == sender and not s.until for s in self._supervision[enterprise])
        if ground is Ground.INDUSTRY or not keeps:  # what it keeps, it goes on answering for
            moved = Transfer(moment_of(entry), sender, receiver, ground)
            self._transfers[enterprise].append(moved)

    def _begin(self, entry: Entry, enterprise: UUID, department: UUID, ground: Ground) -> None:
        known = self.organisations.get(enterprise)
        if known and known.imported:
            began = moment_of(entry)
            self.organisations[enterprise] = replace(known, imported=False, began=began)
        self._supervision[enterprise].append(
            Supervision(enterprise, department, ground, moment_of(entry), None, entry)
        )

    def _finish(self, entry: Entry, enterprise: UUID, department: UUID, ground: Ground) -> None:
        known = self._supervision[enterprise]
        for index, each in enumerate(known):
            if each.department == department and each.ground is ground and each.until is None:
                known[index] = replace(each, until=moment_of(entry))

    def supervisions(self, enterprise: UUID) -> list[Supervision]:
        """Return every supervision of an enterprise, earliest first."""
        return self._supervision[enterprise]

    def regulators(self, enterprise: UUID, at: date | datetime) -> list[UUID]:
        """Return the local regulators of the enterprise's industry at ``at``, newest last (3.2a).

        Where no department supervises by industry, those that supervise on another ground. On a
        day of change the one that begins counts, the one that ends no longer; where none begins,
        the one that ends still supervises that day.
        """
        there = [
            each
            for each in self._supervision[enterprise]
            if no_later(each.since, at)
            and (each.until is None or no_later(at, each.until))
            and not self._relieved_by(each, at)
        ]
        by_industry = [each for each in there if each.ground is Ground.INDUSTRY]
        return [each.department for each in by_industry or there]

    def _relieved_by(self, ending: Supervision, at: date | datetime) -> bool:
        """Tell whether another supervision has begun by ``at`` on the day on which one ends."""
        if ending.until is None or earlier(at, ending.until):
            return False
        return any(
            each.ground is ending.ground
            and each.department != ending.department
            and local_day(each.since) == local_day(ending.until)
            and no_later(each.since, at)
            for each in self._supervision[ending.enterprise]
        )

    def regulator(self, enterprise: UUID, at: date | datetime) -> UUID | None:
        """Return the regulator to whom the enterprise answers at ``at``: the newest of them."""
        return next(reversed(self.regulators(enterprise, at)), None)

    def successor(self, enterprise: UUID, department: UUID, at: date | datetime) -> UUID:
        """Return who answers at ``at`` for what ``department`` began about the enterprise.

        The department itself, or whoever its supervision was transferred to by then. A transfer
        on one ground moves nothing where the sender still supervises on another, unless it is that
        by industry; nor does one after which the sender was assigned again.
        """
        for each in self._transfers[enterprise]:
            moved = each.sender == department and no_later(each.at, at)
            if moved and not self._back(enterprise, each, at):
                department = each.receiver
        return department

    def _back(self, enterprise: UUID, transfer: Transfer, at: date | datetime) -> bool:
        """Tell whether the sender of a transfer supervises again at ``at`` on that ground."""
        return any(
            each.department == transfer.sender
            and each.ground is transfer.ground
            and no_later(each.since, at)
            and (each.until is None or earlier(at, each.until))
            for each in self._supervision[enterprise]
        )

    def received(
        self, enterprise: UUID, department: UUID, since: date | datetime, until: date | datetime
    ) -> date | datetime | None:
        """Return when a department last received the enterprise by a transfer in that time."""
        found = [
            each.at
            for each in self._transfers[enterprise]
            if each.receiver == department and no_later(since, each.at) and no_later(each.at, until)
        ]
        return found[-1] if found else None

    def _named(self, entry: Entry, fact: ResponsiblesNamed) -> None:
        self._unname(entry, fact.enterprise, fact.department)
        self._namings[fact.enterprise].append(
            Naming(fact.department, fact.leader, fact.officer, entry.happened, None, entry)
        )

    def _withdrawn(self, entry: Entry, fact: ResponsiblesWithdrawn) -> None:
        self._unname(entry, fact.enterprise, fact.department)

    def _unname(self, entry: Entry, enterprise: UUID, department: UUID) -> None:
        known = self._namings[enterprise]
        for index, each in enumerate(known):
            if each.department == department and each.until is None:
                known[index] = replace(each, until=entry.happened)

    def namings(self, enterprise: UUID) -> list[Naming]:
        """Return every naming for an enterprise in the real-name directory, earliest first."""
        return self._namings[enterprise]

    def named(self, enterprise: UUID, department: UUID, at: date | datetime) -> Naming | None:
        """Return the naming in force at ``at``."""
        for each in reversed(self._namings[enterprise]):
            in_force = no_later(each.since, at) and (each.until is None or no_later(at, each.until))
            if each.department == department and in_force:
                return each
        return None


def _passes(held: Holding, following: Holding) -> bool:
    """Tell whether somebody left one post on the very day on which they took up another."""
    return held.until is not None and local_day(held.until) == local_day(following.since)

"""Who owes what 谁应履行什么: a person's desk, and duties in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.jobs import job_of
from api.judging import judge_at_once
from api.me import name_of, posts_held
from domain.answer import Words
from domain.case import Case
from domain.labels import POST_KINDS
from domain.ledger import Query
from domain.moment import local_day, parse_moment
from domain.people import PostKind
from domain.permissions import LEADING
from domain.policy.rules import DUTIES
from domain.recording import TENURE
from projections.organisations import organisations_named
from projections.owed import rules_in_force
from projections.owed_asked import (
    Asked,
    Bearers,
    Part,
    behind,
    list_owed,
    list_settled,
    vacant_principals,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from api.serving import Reads, Serving
    from domain.directory import Directory, Post
    from projections.charges import Scope

_STRUCTURE = (
    *TENURE,
    *("organisation.registered", "organisation.changed", "organisation.closed", "fact.corrected"),
)
NOBODY = Bearers()
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody's desk: the posts they hold now, and what is theirs to do in them.

    Args:
        person: who.
        posts: the posts they hold.
        directory: their organisations' posts and holders.
        own: what these posts bear.
        stands_in: what they answer for because nobody holds the post that bears it (1.1a).
    """

    person: UUID
    posts: tuple[Post, ...]
    directory: Directory
    own: Bearers
    stands_in: Bearers

    @property
    def everything(self) -> Bearers:
        """What they bear, and what they answer for because a post is vacant."""
        return Bearers(
            posts=self.own.posts + self.stands_in.posts,
            kinds=self.own.kinds + self.stands_in.kinds,
            persons=self.own.persons,
        )

    @property
    def organisations(self) -> list[UUID]:
        """Their organisations."""
        return list(dict.fromkeys(post.organisation for post in self.posts))

    @property
    def led(self) -> list[UUID]:
        """The organisations in which they hold a post that answers for more than its own work."""
        leading = (post.organisation for post in self.posts if post.kind in LEADING)
        return list(dict.fromkeys(leading))


def desk_of(here: Reads, person: UUID, at: date | datetime | None = None) -> Desk:
    """Return somebody's desk at a moment; now, if None."""
    now = here.now() if at is None else at
    posts = tuple(posts_held(here, person, at))
    organisations = {post.organisation for post in posts}
    directory = directory_of(here, organisations, at)
    own = Bearers(
        posts=tuple(post.id for post in posts),
        kinds=tuple(dict.fromkeys((post.organisation, post.kind) for post in posts)),
        persons=(person,),
    )
    led = {post.organisation for post in posts if post.kind is PostKind.PRINCIPAL}
    vacant = _vacant(directory, led, now)
    if led and at is None:
        below = vacant_principals(here.views, sorted(led))
        kinds = (*vacant.kinds, *((each, PostKind.PRINCIPAL) for each in below))
        vacant = replace(vacant, kinds=tuple(dict.fromkeys(kinds)))
    return Desk(person, posts, directory, own, vacant)


def directory_of(
    here: Reads, organisations: Iterable[UUID], at: date | datetime | None = None
) -> Directory:
    """Return the posts of organisations with whoever held them by a moment; by now, if None."""
    wanted = sorted(set(organisations))
    queries = [Query((f"org:{each}",), _STRUCTURE) for each in wanted]
    entries = here.ledger.read(*queries, open_sealed=False) if queries else []
    moment = here.now() if at is None else at
    return Case(next(iter(wanted), UUID(int=0)), entries, moment).directory


def _vacant(directory: Directory, organisations: Iterable[UUID], now: date | datetime) -> Bearers:
    """Return what nobody holds in organisations whose principal answers for it."""
    posts: list[UUID] = []
    kinds: list[tuple[UUID, PostKind]] = []
    for org in sorted(organisations):
        held = {
            post.id
            for post in directory.all_posts(org)
            if any(holding.covers(now) for holding in directory.holdings(post.id))
        }
        posts += [post.id for post in directory.all_posts(org) if post.id not in held]
        filled = {directory.posts[post].kind for post in held}
        kinds += [(org, kind) for kind in PostKind if kind not in filled]
    return Bearers(posts=tuple(posts), kinds=tuple(kinds))


@dataclass(frozen=True, slots=True)
class DutyTold:
    """A duty in words.

    Args:
        id: what tells it from every other.
        docket: the organisation at which it is at home.
        clause: its number in the policy.
        title: what is owed.
        subject: what it is about, and at which organisation.
        organisation: the name of that organisation.
        bearer: the post that bears it, its organisation, and who holds it where that is known.
        stands_in: whether whoever asks answers for it because the post is vacant.
        owed_to: the body to which it is owed.
        opened, due: from when and until when.
        state: open, broken, kept, kept_late or waived.
        shows: from when it will be owed; None: it is owed already.
        days: until the day of its deadline; below zero, how long that has passed.
        settled: when it was kept or excused, and by which ``fact``.
        note: what a reader should know beside.
        href: the page on which it is done, if there is one.
    """

    id: str
    docket: UUID
    clause: str
    title: Words
    subject: str
    organisation: str
    bearer: str
    stands_in: bool
    owed_to: str
    opened: date | datetime
    due: datetime | None
    state: str
    shows: datetime | None
    days: int | None
    settled: date | datetime | None
    fact: int | None
    facts: tuple[int, ...]
    note: Words | None
    href: str | None
    cursor: str


@cache
def _titles() -> dict[tuple[str, str], Words]:
    return {(rule.clause, rule.key): Words(zh=rule.zh, en=rule.en) for rule in DUTIES}


def tell_duties(
    here: Reads,
    rows: Sequence[Mapping[str, Any]],
    directory: Directory | None = None,
    stands_in: Bearers = NOBODY,
    at: date | datetime | None = None,
    *,
    named: bool = True,
    holders: bool = False,
) -> list[DutyTold]:
    """Return rows of duties in words.

    Args:
        here: where names are looked up.
        rows: as ``projections.owed_asked`` returns them.
        directory: the posts of the organisations that bear them, where it is at hand.
        stands_in: what whoever asks answers for because a post is vacant.
        at: the moment for which days are counted; now, if None.
        named: whether people are called by their names.
        holders: whether to say who held the bearing post at that moment, by ``directory``.
    """
    wanted = {row[name] for row in rows for name in ("docket", "bearer_org", "owed_to")}
    names = organisations_named(here.views, wanted - {None})
    persons = {each for row in rows for each in row["persons"]}
    persons |= {UUID(row["subject"][7:]) for row in rows if row["subject"].startswith("person:")}
    now = here.now() if at is None else at
    held = {row["id"]: _holders(row, directory, now) for row in rows if holders and directory}
    persons |= {each for some in held.values() for each in some}
    people = {each: (named and name_of(here, each)) or "" for each in sorted(persons)}
    told = [_told(row, names, people, directory, stands_in, now) for row in rows]
    return [_with_holders(each, [people[p] for p in held.get(each.id, ())]) for each in told]


def _holders(
    row: Mapping[str, Any], directory: Directory | None, at: date | datetime
) -> list[UUID]:
    """Return who held the post that bears a duty at a moment."""
    if directory is None or row["bearer_org"] is None:
        return []
    if row["bearer_post"]:
        held = directory.holdings(row["bearer_post"])
        return [each.person for each in held if each.covers(at)]
    kind = PostKind(row["bearer_kind"])
    return [each.person for each in directory.holders(row["bearer_org"], kind, at)]


def _with_holders(duty: DutyTold, names: list[str]) -> DutyTold:
    known = "、".join(name for name in dict.fromkeys(names) if name)
    return replace(duty, bearer=f"{duty.bearer} {known}") if known else duty


def _told(
    row: Mapping[str, Any],
    names: Mapping[UUID, str],
    people: Mapping[UUID, str],
    directory: Directory | None,
    stands_in: Bearers,
    now: date | datetime,
) -> DutyTold:
    subject = row["label"] or ""
    if not subject and row["subject"].startswith("person:"):
        subject = people[UUID(row["subject"][7:])]
    due = row["due"]
    kind = PostKind(row["bearer_kind"])
    vacant = row["bearer_post"] in stands_in.posts if row["bearer_post"] else None
    if vacant is None:
        vacant = (row["bearer_org"], kind) in stands_in.kinds
    note = Words(zh=row["note_zh"], en=row["note_en"]) if row["note_zh"] else None
    moment = row["settled"] or row["sorted"]
    return DutyTold(
        id=row["id"],
        docket=row["docket"],
        clause=row["clause"],
        title=_titles()[row["clause"], row["rule"]],
        subject=subject,
        organisation=names.get(row["docket"], ""),
        bearer=_bearer(row, names, people, directory),
        stands_in=vacant,
        owed_to=names.get(row["owed_to"], ""),
        opened=parse_moment(row["opened"]),
        due=due,
        state=row["state"],
        shows=row["shows"],
        days=(local_day(due - _TICK) - local_day(now)).days if due else None,
        settled=parse_moment(row["done"]) if row["done"] else None,
        fact=row["fact"],
        facts=tuple(row["facts"]),
        note=note,
        href=job_of(row),
        cursor=f"{moment.isoformat()} {row['id']}",
    )


def _bearer(
    row: Mapping[str, Any],
    names: Mapping[UUID, str],
    people: Mapping[UUID, str],
    directory: Directory | None,
) -> str:
    """Return who bears a duty: some people in person, or a post."""
    if row["persons"]:
        return "、".join(people[each] for each in row["persons"])
    org, kind = row["bearer_org"], PostKind(row["bearer_kind"])
    post = directory.posts.get(row["bearer_post"]) if directory and row["bearer_post"] else None
    title = post.title if post else POST_KINDS[kind]
    return f"{names.get(org, '')}{title}" if org else title


def own_duties(
    here: Reads,
    desk: Desk,
    part: Part,
    limit: int,
    after: tuple[datetime, str] | None = None,
    *,
    named: bool = True,
) -> list[DutyTold]:
    """Return what somebody owes, with what they answer for because a post is vacant."""
    rows = list_owed(here.views, Asked(desk.everything, here.now()), part, limit=limit, after=after)
    return tell_duties(here, rows, desk.directory, desk.stands_in, named=named)


def settled_duties(
    here: Reads, whose: Bearers, since: datetime, limit: int, directory: Directory | None = None
) -> list[DutyTold]:
    """Return what was kept or excused since a moment, the latest first."""
    rows = list_settled(here.views, Asked(whose, here.now()), since, limit=limit)
    return tell_duties(here, rows, directory)


def bring_up(here: Serving, organisations: Sequence[UUID]) -> int:
    """Have the dockets judged that somebody's own acts touch; return how many are still behind."""
    upto = here.ledger.head().position
    return judge_at_once(here.court, here.runner, upto, organisations, here.now())


def left_to_judge(here: Serving, scope: Scope | None) -> int:
    """Return how many dockets that somebody may see are still to be judged, up to a hundred."""
    rules, since = rules_in_force(), here.court.seen
    return behind(here.views, here.now(), rules=rules, since=since, scope=scope)

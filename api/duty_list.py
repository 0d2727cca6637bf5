"""The list of duties 责任清单: anybody's, on any day, what they owe and are owed, kept and broken.

For now it is read from the rows. For another day the record is judged anew, as at that day: exact,
and dearer, so that a list over more organisations than can be judged while somebody waits says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.owing import desk_of, directory_of, tell_duties
from domain.answer import State
from domain.errors import Forbidden, Invalid
from domain.labels import Labels
from domain.moment import end
from domain.people import PostCreated
from domain.permissions import SEE
from domain.policy.ahead import Foreseen, home_of
from domain.policy.duty import Docket, judge
from domain.policy.rules import DUTIES
from domain.reading import read_case
from domain.record import facts_of
from projections.owed import row_of, typed
from projections.owed_asked import Asked, Bearers, Part, dockets_of, list_owed, list_settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from api.authority import Authority
    from api.owing import DutyTold
    from api.serving import Serving
    from domain.directory import Directory
    from domain.policy.duty import Duty, Opening
    from projections.charges import Scope

_MOST_DOCKETS = 40
"""Cases that are judged while somebody waits."""
_ALL_TIME = timedelta(days=3650)


class Standing(StrEnum):
    """Which duties of a list."""

    OPEN = "open"
    OVERDUE = "overdue"
    SOON = "soon"
    COMING = "coming"
    SETTLED = "settled"


_PARTS = {
    Standing.OPEN: Part.OPEN,
    Standing.OVERDUE: Part.OVERDUE,
    Standing.SOON: Part.SOON,
    Standing.COMING: Part.COMING,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a list of duties is asked for.

    Args:
        person, post, organisation: who owes; one of them.
        owed_to: or to which body it is owed.
        about: only what is about one organisation.
        clause: only one clause.
        standing: which of them.
        as_at: the day or moment; None: now.
    """

    person: UUID | None = None
    post: UUID | None = None
    organisation: UUID | None = None
    owed_to: UUID | None = None
    about: UUID | None = None
    clause: str | None = None
    standing: Standing = Standing.OPEN
    as_at: date | datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody is named whose duties to list."""
        return not (self.person or self.post or self.organisation or self.owed_to)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list of duties.

    Args:
        duties: its lines.
        next: from where the next page goes on; None where there is none.
        too_many: how many cases would have to be judged for that day, where those are too many.
    """

    duties: list[DutyTold]
    next: str | None = None
    too_many: int | None = None


def ask_duties(
    here: Serving, authority: Authority, chosen: Chosen, *, limit: int, after: str | None = None
) -> Listed:
    """Return duties as they are asked for.

    Args:
        here: the record, and the clock.
        authority: what whoever asks may see.
        chosen: whose, which, and as at when.
        limit: lines of a page.
        after: ``cursor`` of the last line already seen.

    Raises:
        Forbidden: it is not theirs to see.
        Invalid: a part of the question is not of the form it must have.
    """
    if chosen.is_empty:
        return Listed([])
    see(authority, chosen)
    whose, directory, stands_in = whose_of(here, chosen)
    moment = here.now() if chosen.as_at is None else chosen.as_at
    asked = Asked(
        whose,
        here.now(),
        clause=chosen.clause,
        docket=chosen.about,
        scope=_scope(authority, chosen),
        body=_seen_whole(authority, chosen),
    )
    if chosen.as_at is None:
        rows = _now(here, asked, chosen.standing, limit + 1, after)
        told = tell_duties(here, rows[:limit], directory, stands_in, holders=True)
        return Listed(told, told[-1].cursor if len(rows) > limit else None)
    dockets = [chosen.about] if chosen.about else _dockets(here, asked)
    if len(dockets) > _MOST_DOCKETS:
        return Listed([], too_many=len(dockets))
    latest_first = chosen.standing is Standing.SETTLED
    found = _then(here, dockets, asked, chosen, moment)
    rows = sorted(found, key=_cursor_of, reverse=latest_first)
    if after:
        cursors = ((row, _cursor_of(row)) for row in rows)
        rows = [row for row, at in cursors if (at < after if latest_first else at > after)]
    told = tell_duties(here, rows[:limit], directory, stands_in, moment, holders=True)
    return Listed(told, _cursor_of(rows[limit - 1]) if len(rows) > limit else None)


def see(authority: Authority, chosen: Chosen) -> None:
    """Refuse a list of duties unless whoever asks may see whose it is."""
    if chosen.person and chosen.person != authority.standing.person:
        authority.see_person(chosen.person)
    for organisation in (chosen.organisation, chosen.owed_to, chosen.about):
        if organisation:
            authority.see_organisation(organisation)
    if chosen.post:
        authority.see_record(chosen.post)


def whose_of(here: Serving, chosen: Chosen) -> tuple[Bearers, Directory | None, Bearers]:
    """Return whose duties are asked for, their posts, and what is answered for as a stand-in."""
    nobody = Bearers()
    if chosen.person:
        desk = desk_of(here, chosen.person, chosen.as_at)
        return desk.everything, desk.directory, desk.stands_in
    if chosen.post:
        created = next(facts_of([*here.ledger.record(chosen.post)], PostCreated), None)
        if created is None:
            return nobody, None, nobody
        org, kind = created[1].organisation, created[1].kind
        directory = directory_of(here, [org], chosen.as_at)
        return Bearers(posts=(chosen.post,), kinds=((org, kind),)), directory, nobody
    directory = directory_of(here, [o for o in (chosen.organisation,) if o], chosen.as_at)
    if chosen.organisation:
        return Bearers(organisations=(chosen.organisation,)), directory, nobody
    return Bearers(counterparts=tuple(o for o in (chosen.owed_to,) if o)), None, nobody


def _scope(authority: Authority, chosen: Chosen) -> Scope | None:
    """Return how far somebody sees into what a body owes: who leads it sees all of it."""
    scope = authority.scope
    if scope is None or chosen.person == scope.person:
        return None
    body = chosen.organisation or chosen.owed_to
    return None if body in scope.leading else scope


def _seen_whole(authority: Authority, chosen: Chosen) -> UUID | None:
    """Return the body whose own duties are told besides those in scope, to who may see figures."""
    body = chosen.organisation or chosen.owed_to
    if body is None:
        return None
    try:
        authority.see(SEE["figures"], [authority.about(body)])
    except Forbidden:
        return None
    return body


def _now(
    here: Serving, asked: Asked, standing: Standing, limit: int, after: str | None
) -> list[dict[str, Any]]:
    seen = read_cursor(after)
    if standing is Standing.SETTLED:
        since = here.now() - _ALL_TIME
        return list_settled(here.views, asked, since, limit=limit, after=seen)
    return list_owed(here.views, asked, _PARTS[standing], limit=limit, after=seen)


def read_cursor(after: str | None) -> tuple[datetime, str] | None:
    """Read from where a page goes on.

    Raises:
        Invalid: it is not what a page before said.
    """
    if not after:
        return None
    moment, _, ident = after.partition(" ")
    try:
        return datetime.fromisoformat(moment), ident
    except ValueError as error:
        raise Invalid(
            "翻页的起点不对",
            "this is not where a page begins",
            todo_zh="回到第一页",
            todo_en="go back to the first page",
            where="after",
        ) from error


# another day


def _dockets(here: Serving, asked: Asked) -> list[UUID]:
    """Return the organisations whose cases can hold what is asked for."""
    found = dockets_of(here.views, asked, _MOST_DOCKETS + 1)
    own = {*asked.whose.organisations, *(org for org, _ in asked.whose.kinds)}
    return [*dict.fromkeys([*sorted(own), *found])]


def _then(
    here: Serving,
    dockets: Iterable[UUID],
    asked: Asked,
    chosen: Chosen,
    moment: date | datetime,
) -> Iterator[dict[str, Any]]:
    """Yield the rows that judging the record gives, as at a moment."""
    soon = end(moment) + asked.soon
    rules = [rule for rule in DUTIES if chosen.clause in (None, rule.clause)]
    for organisation in dockets:
        docket = Docket(organisation, read_case(here.ledger, organisation), moment)
        labels = Labels(docket)
        bears = _Bears(docket, asked.whose)
        for duty in judge(docket, rules, bears):
            if _stands(chosen.standing, duty, soon):
                row = row_of(docket, labels, Foreseen(duty, None))
                yield {**row, **typed(row), "state": duty.state.value}


class _Bears:
    """Tells of an opening whether it is at home in a docket, and borne by or owed to somebody."""

    def __init__(self, docket: Docket, whose: Bearers) -> None:
        self._docket = docket
        self._whose = whose

    def __call__(self, opening: Opening) -> bool:
        """Tell it of one opening."""
        who, whose = opening.who, self._whose
        post = self._docket.directory.posts.get(who.post) if who.post else None
        org = post.organisation if post else who.org
        borne = (
            bool(set(who.persons) & set(whose.persons))
            or org in whose.organisations
            or opening.owed_to in whose.counterparts
            or (who.post in whose.posts if who.post else (who.org, who.kind) in whose.kinds)
        )
        return borne and home_of(self._docket, opening) == self._docket.enterprise


def _stands(standing: Standing, duty: Duty, soon: datetime) -> bool:
    unsettled = duty.state in (State.OPEN, State.BROKEN)
    if standing is Standing.SETTLED:
        return not unsettled
    if standing is Standing.OVERDUE:
        return duty.state is State.BROKEN
    if standing is Standing.SOON:
        return duty.state is State.OPEN and duty.due is not None and duty.due <= soon
    return unsettled and standing is Standing.OPEN


def _cursor_of(row: dict[str, Any]) -> str:
    return f"{(row['settled'] or row['sorted']).isoformat()} {row['id']}"

"""Who is asking: their name, and the posts they hold at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, Field

from api.caller import Caller
from domain.case import Case
from domain.ledger import Query
from domain.organisation import OrganisationRegistered
from domain.people import AppointmentMade, PersonRegistered, PostKind
from domain.record import facts_of
from domain.recording import TENURE

if TYPE_CHECKING:
    from datetime import date, datetime

    from api.serving import Reads, Serving
    from domain.directory import Post
    from domain.fact import Entry


class PostHeld(BaseModel):
    """A post that somebody holds now."""

    post: UUID
    kind: PostKind
    title: str
    organisation: UUID
    organisation_name: str


class Me(BaseModel):
    """Who a request is from."""

    person: UUID | None = Field(description="本机所有者为空 · null for this machine's owner")
    name: str | None
    authentication: str
    posts: list[PostHeld]
    token: str | None = Field(
        default=None,
        description="登录会话提交时在 X-CSRF-Token 中出示 · shown with each change",
    )


def posts_held(here: Reads, person: UUID, at: date | datetime | None = None) -> list[Post]:
    """Return the posts that a person held at a moment; now, if None.

    These are their roles, and there are no others.
    """
    told = here.ledger.read(Query((f"person:{person}",), TENURE), open_sealed=False)
    posts = sorted({entry.record for entry in told})
    tenure = here.ledger.records(posts) if posts else []
    orgs = sorted({fact.organisation for _, fact in facts_of([*tenure], AppointmentMade)})
    queries = [Query((f"org:{org}",), ("fact.corrected",)) for org in orgs]
    corrections = here.ledger.read(*queries, open_sealed=False) if queries else []
    entries = [*tenure, *corrections]
    moment = here.now() if at is None else at
    known = Case(person, entries, moment).directory
    return [post for post in known.held_by(person, moment) if post.abolished is None]


def tell_me(here: Serving, who: Caller | UUID) -> Me:
    """Return who somebody is, with the names of their organisations."""
    caller = who if isinstance(who, Caller) else Caller("token", who)
    posts = posts_held(here, caller.person) if caller.person else []
    names = _names(here, {post.organisation for post in posts})
    return Me(
        person=caller.person,
        name=name_of(here, caller.person) if caller.person else None,
        authentication=caller.authentication,
        posts=[
            PostHeld(
                post=post.id,
                kind=post.kind,
                title=post.title,
                organisation=post.organisation,
                organisation_name=names.get(post.organisation, str(post.organisation)),
            )
            for post in posts
        ],
        token=caller.session.token if caller.session else None,
    )


def name_of(here: Reads, person: UUID) -> str | None:
    """Return a person's name; None where it was erased."""
    found = next(facts_of([*here.ledger.record(person)], PersonRegistered), None)
    return found[1].name.value if found else None


def _names(here: Serving, orgs: set[UUID]) -> dict[UUID, str]:
    entries: list[Entry] = [*here.ledger.records(sorted(orgs))] if orgs else []
    return {entry.record: fact.name for entry, fact in facts_of(entries, OrganisationRegistered)}


class Part(BaseModel):
    """Somebody of the demo whose shoes one can step into."""

    person: UUID
    name: str
    posts: list[str]


def cast_of(here: Serving) -> dict[str, list[Part]]:
    """Return everybody of a demo who holds a post, by their organisation's name."""
    entries = here.ledger.read(Query((), ("organisation.registered", "person.registered", *TENURE)))
    known = Case(here.ledger.genesis().record, [*entries], here.now()).directory
    told: dict[str, dict[UUID, list[str]]] = {}
    for org in known.organisations.values():
        for post in known.all_posts(org.id):
            for held in known.holdings(post.id):
                if held.until is None and post.abolished is None:
                    told.setdefault(org.name, {}).setdefault(held.person, []).append(post.title)
    return {
        org: [
            Part(person=person, name=str(known.names[person].name), posts=posts)
            for person, posts in parts.items()
        ]
        for org, parts in told.items()
    }

"""What an inspector takes along to a site with no connection 现场资料包.

Who they are and in which posts, the enterprises in their charge, what is planned, who inspects with
them, the check lists, and who is in charge at the enterprises that are planned for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from api.me import Me, tell_me
from api.scene import Scene
from domain.case import Case
from domain.checklist import ChecklistAdopted
from domain.ledger import Query
from domain.moment import format_moment, local_day, no_later
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.record import facts_of
from domain.recording import TENURE
from domain.training import CertificateIssued, CertificateKind, certified
from projections.inspections import list_inspections
from projections.organisations import list_organisations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from api.authority import Authority
    from api.caller import Caller
    from api.serving import Serving

_ENTERPRISES = 400
_PLANNED = 30
_IN_CHARGE = (PostKind.PRINCIPAL, PostKind.DEPUTY, PostKind.SAFETY_MANAGER)


class Place(BaseModel):
    """An enterprise that can be inspected."""

    id: str
    code: str
    name: str


class Planned(BaseModel):
    """An inspection that is planned and not yet held."""

    record: str
    enterprise: str
    day: str


class Fellow(BaseModel):
    """Somebody who can take part: an officer of the department, with the certificate's number."""

    person: str
    post: str
    name: str
    title: str
    certificate: str


class InCharge(BaseModel):
    """Somebody in charge at an enterprise, who can sign the record."""

    enterprise: str
    person: str
    name: str
    title: str


class Standard(BaseModel):
    """A check list, with what it asks to look at."""

    id: str
    name: str
    items: list[str]


class Pack(BaseModel):
    """What is taken along; ``clock`` is that of a simulated ledger: the page goes by it."""

    me: Me
    clock: str | None
    enterprises: list[Place]
    planned: list[Planned]
    officers: list[Fellow]
    people: list[InCharge]
    standards: list[Standard]


def pack(here: Serving, caller: Caller, authority: Authority) -> Pack:
    """Return what somebody takes along."""
    me = tell_me(here, caller)
    own = list(dict.fromkeys(post.organisation for post in me.posts))
    enterprises = list_organisations(
        here.views,
        limit=_ENTERPRISES,
        kind=OrgKind.ENTERPRISE.value,
        closed=False,
        scope=authority.scope,
    )
    planned = [
        row
        for org in own
        for row in list_inspections(
            here.views,
            today=local_day(here.now()),
            limit=_PLANNED,
            state="planned",
            department=org,
            scope=authority.scope,
        )
    ]
    return Pack(
        me=me,
        clock=format_moment(here.now()) if here.ledger.is_simulated else None,
        enterprises=[
            Place(id=str(row["id"]), code=row["code"], name=row["name"]) for row in enterprises
        ],
        planned=[
            Planned(
                record=str(row["id"]), enterprise=str(row["enterprise"]), day=str(row["planned"])
            )
            for row in planned
        ],
        officers=[each for org in own for each in _officers(here, org, authority)],
        people=[*_in_charge(here, [row["enterprise"] for row in planned])],
        standards=[*_standards(here, own)],
    )


def _officers(here: Serving, org: UUID, authority: Authority) -> Iterator[Fellow]:
    """Yield whoever holds a post of a body now, with the number of their certificate."""
    docket = Scene(here, org, authority).docket
    known = docket.directory
    for post in known.all_posts(org):
        for held in known.holdings(post.id):
            if post.abolished is None and held.covers(docket.at):
                name = known.names.get(held.person)
                numbers = [
                    str(fact.number)
                    for entry, (since, until) in certified(
                        docket.about(f"person:{held.person}"), CertificateKind.INSPECTOR
                    )
                    for _, fact in facts_of([entry], CertificateIssued)
                    if no_later(since, docket.at)
                    and (until is None or no_later(docket.at, until))
                    and fact.number
                ]
                yield Fellow(
                    person=str(held.person),
                    post=str(post.id),
                    name=str(name.name) if name else "",
                    title=post.title,
                    certificate=numbers[-1] if numbers else "",
                )


def _in_charge(here: Serving, enterprises: Sequence[UUID]) -> Iterator[InCharge]:
    """Yield who is in charge at some enterprises now."""
    if not enterprises:
        return
    orgs = list(dict.fromkeys(enterprises))
    tenure = here.ledger.read(*(Query((f"org:{org}",), TENURE) for org in orgs), open_sealed=False)
    now = here.now()
    known = Case(orgs[0], [*tenure], now).directory
    held = [
        (org, post, holding.person)
        for org in orgs
        for post in known.all_posts(org)
        if post.kind in _IN_CHARGE and post.abolished is None
        for holding in known.holdings(post.id)
        if holding.covers(now)
    ]
    people = here.ledger.records(sorted({person for _, _, person in held}))
    names = Case(orgs[0], [*people], now).directory.names
    for org, post, person in held:
        if person in names:
            name = str(names[person].name)
            yield InCharge(enterprise=str(org), person=str(person), name=name, title=post.title)


def _standards(here: Serving, own: Sequence[UUID]) -> Iterator[Standard]:
    """Yield the check lists that the bodies adopted, the newest version of each."""
    queries = [Query((f"org:{org}",), ("checklist.adopted",)) for org in own]
    entries = here.ledger.read(*queries) if queries else []
    newest = {
        (f.body, f.industry, f.grade): (e, f) for e, f in facts_of([*entries], ChecklistAdopted)
    }
    for entry, fact in newest.values():
        yield Standard(
            id=str(entry.record),
            name=f"{fact.name}（第{fact.version}版）",
            items=[str(each.text) for each in fact.items],
        )

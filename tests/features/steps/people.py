"""岗位 and 任职: who holds which post."""

from __future__ import annotations

from datetime import date, datetime

from pytest_bdd import step

from domain.people import (
    AppointmentEnded,
    AppointmentMade,
    PersonRegistered,
    PostAbolished,
    PostCreated,
    PostKind,
)
from tests.features.phrases import moment, phrase
from tests.features.world import KINDS, World
from tests.support.book import text


def appoint(
    world: World,
    person: str,
    org: str,
    title: str,
    when: date | datetime,
    *,
    acting: bool = False,
    by: str | None = None,
) -> None:
    """Appoint a person, who and whose post enter the record with it where they are new."""
    if not world.knows("person", person):
        ident = world.new("person", person)
        world.record(ident, PersonRegistered(name=text(person, ident)), when)
    if not world.knows("post", f"{org} {title}"):
        create(world, org, title, KINDS[title], when)
    fact = AppointmentMade(
        organisation=world.org(org),
        person=world.person(person),
        acting=acting,
        appointed_by=world.org(by) if by else None,
    )
    world.record(world.post(org, title), fact, when)


def create(world: World, org: str, title: str, kind: PostKind, when: date | datetime) -> None:
    """Create a post of an organisation."""
    post = world.new("post", f"{org} {title}")
    world.record(post, PostCreated(organisation=world.org(org), kind=kind, title=title), when)


@step("有以下任职")
def _(world: World, datatable: list[list[str]]) -> None:
    columns, *rows = datatable
    assert columns == ["单位", "岗位", "姓名", "自"]
    for org, title, person, since in rows:
        appoint(world, person, org, title, moment(since))


@step(phrase("“{org:name}”于{when:moment}设{kind:title}岗位“{post:name}”"))
def _(world: World, org: str, when: date | datetime, kind: str, post: str) -> None:
    create(world, org, post, KINDS[kind], when)


@step(phrase("“{org:name}”于{when:moment}撤销{post:title}岗位"))
def _(world: World, org: str, when: date | datetime, post: str) -> None:
    world.record(world.post(org, post), PostAbolished(organisation=world.org(org)), when)


@step(phrase("“{person:name}”自{when:moment}起任“{org:name}”{post:title}"))
def _(world: World, person: str, when: date | datetime, org: str, post: str) -> None:
    appoint(world, person, org, post, when)


@step(phrase("“{person:name}”自{when:moment}起代理“{org:name}”{post:title}"))
def _(world: World, person: str, when: date | datetime, org: str, post: str) -> None:
    appoint(world, person, org, post, when, acting=True)


@step(phrase("“{body:name}”于{when:moment}任命“{person:name}”为“{org:name}”{post:title}"))
def _(world: World, body: str, when: date | datetime, person: str, org: str, post: str) -> None:
    appoint(world, person, org, post, when, by=body)


@step(phrase("“{person:name}”于{when:moment}离任“{org:name}”{post:title}"))
def _(world: World, person: str, when: date | datetime, org: str, post: str) -> None:
    fact = AppointmentEnded(organisation=world.org(org), person=world.person(person))
    world.record(world.post(org, post), fact, when)

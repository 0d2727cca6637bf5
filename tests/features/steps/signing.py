"""电子签名: keys registered, rotated and revoked; documents signed with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.fact import Actor
from domain.people import PersonRegistered
from domain.signing import KeyRegistered, key_record, signature_record
from tests.features.world import World
from tests.support import pens
from tests.support.book import text

if TYPE_CHECKING:
    from domain.fact import Entry

REGISTRAR = "密钥登记人"


def registrar(world: World, when: date | datetime) -> Actor:
    """Return who vouches for keys, who enters the record with the first of them."""
    if not world.knows("person", REGISTRAR):
        record = world.new("person", REGISTRAR)
        world.record(record, PersonRegistered(name=text(REGISTRAR, record)), when)
    return Actor(authentication="token", person=world.person(REGISTRAR))


def register(world: World, person: str, when: date | datetime) -> None:
    """Register a person's key, if that was not done yet."""
    if world.knows("key", person):
        return
    key = pens.key_of(person)
    record = world.new("key", person, key_record(key.id))
    fact = KeyRegistered(person=world.person(person), key=key)
    world.record(record, fact, when, by=registrar(world, when))


def sign_document(
    world: World, document: Entry, person: str, org: str, title: str, when: date | datetime
) -> None:
    """Have a person sign a document with their own key, in a post of an organisation."""
    register(world, person, when)
    post = world.post(org, title)
    key = pens.key_of(person)
    statement = pens.statement_of(world.book.entries, document, world.person(person), post, key)
    signature = pens.sign(statement, pens.seed_of(person))
    kind = world.kind_of(post)
    fact = pens.made(document, kind, statement, signature)
    world.record(signature_record(statement), fact, when)

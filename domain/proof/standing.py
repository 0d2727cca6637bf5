"""What a personal signature rests on 签名所依据的事实, read from the facts that stand before it.

A signature holds where, at its place in the log: its key was registered for the signer and neither
revoked nor replaced; the post was one of the kind it is made in, and the signer appointed to it
and not relieved; the document stood there; and so did the signature that it says it comes after.
Who signs, in which post, and whose registrar vouched for the key, must be among the facts too.

=========================  ========================================================================
topic                      data that is read here
=========================  ========================================================================
``organisation.registered``  (the record is the organisation's)
``person.registered``        (the record is the person's)
``post.created``             ``organisation``, ``kind``
``post.abolished``           –
``appointment.made``         ``person`` (the record is the post's)
``appointment.ended``        ``person``
``key.registered``           ``key`` (:class:`~domain.proof.signature.PublicKey`), ``person``,
                             ``replaces`` (a key's id)
``key.revoked``              ``key`` (a key's id)
``signature.made``           ``enterprise``, ``about`` (noun and record of the document),
                             ``document`` (its position), ``role`` (the kind of post),
                             ``statement`` (:class:`~domain.proof.statement.Statement`),
                             ``signature`` (:class:`~domain.proof.signature.PersonalSignature`)
=========================  ========================================================================
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.errors import NotProved
from domain.proof.leaf import Leaf, at, read_part
from domain.proof.signature import PersonalSignature, PublicKey, verify_statement
from domain.proof.statement import Statement

SIGNED = "signature.made"
_OWN_REPORT = "report."


class Signed(NamedTuple):
    """A personal signature that is proved, and the facts it rests on."""

    leaf: Leaf
    statement: Statement
    document: Leaf
    key: Leaf
    person: Leaf
    post: Leaf
    appointment: Leaf


@dataclass
class _Before:
    """What stood before a place in the log."""

    by_hash: dict[str, Leaf] = field(default_factory=dict)
    organisations: dict[str, Leaf] = field(default_factory=dict)
    persons: dict[str, Leaf] = field(default_factory=dict)
    posts: dict[str, Leaf] = field(default_factory=dict)
    holders: dict[str, dict[str, Leaf]] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[str, tuple[PublicKey, Leaf]] = field(default_factory=dict)

    def add(self, leaf: Leaf) -> None:
        """Take one more fact into account."""
        if leaf.topic in _READ:
            _READ[leaf.topic](self, leaf)
        self.by_hash[leaf.hash.hex()] = leaf

    def organisation(self, leaf: Leaf) -> None:
        self.organisations[leaf.record] = leaf

    def person(self, leaf: Leaf) -> None:
        self.persons[leaf.record] = leaf

    def post(self, leaf: Leaf) -> None:
        self.posts[leaf.record] = leaf

    def no_post(self, leaf: Leaf) -> None:
        self.posts.pop(leaf.record, None)

    def appointed(self, leaf: Leaf) -> None:
        self.holders[leaf.record].setdefault(str(leaf.data.get("person")), leaf)

    def relieved(self, leaf: Leaf) -> None:
        self.holders[leaf.record].pop(str(leaf.data.get("person")), None)

    def registered(self, leaf: Leaf) -> None:
        key = read_part(PublicKey, leaf, "key")
        self.keys.pop(str(leaf.data.get("replaces")), None)
        self.keys[key.id] = key, leaf

    def revoked(self, leaf: Leaf) -> None:
        self.keys.pop(str(leaf.data.get("key")), None)


_READ: dict[str, Callable[[_Before, Leaf], None]] = {
    "organisation.registered": _Before.organisation,
    "person.registered": _Before.person,
    "post.created": _Before.post,
    "post.abolished": _Before.no_post,
    "appointment.made": _Before.appointed,
    "appointment.ended": _Before.relieved,
    "key.registered": _Before.registered,
    "key.revoked": _Before.revoked,
}


def check_signatures(leaves: Sequence[Leaf], log: str) -> tuple[Signed, ...]:
    """Check every personal signature among facts in the log's order, and return them.

    Args:
        leaves: the facts, by position.
        log: the log's origin.

    Raises:
        NotProved: a signature does not hold, or what it rests on is not there.
        Invalid: a key, a statement or a signature is malformed.
    """
    before = _Before()
    signatures = []
    for leaf in leaves:
        with at(leaf):
            if leaf.topic == SIGNED:
                signatures.append(_check(leaf, log, before))
            before.add(leaf)
    return tuple(signatures)


def _check(leaf: Leaf, log: str, before: _Before) -> Signed:
    statement = read_part(Statement, leaf, "statement")
    signature = read_part(PersonalSignature, leaf, "signature")
    if statement.log != log:
        raise NotProved("签署的是另一份日志的文书", "it was signed for another log")
    if statement.seen.size >= leaf.position:
        raise NotProved("签署人所见不可能晚于签名", "what the signer saw is younger than this")
    document = _document(leaf, statement, before)
    person, post, appointment = _signer(leaf, statement, document, before)
    key, registered = before.keys.get(statement.key, (None, None))
    if key is None or registered is None or registered.data.get("person") != person.record:
        raise NotProved("签署人在此没有这把密钥", "the signer does not have this key here")
    verify_statement(statement, key, signature)
    return Signed(leaf, statement, document, registered, person, post, appointment)


def _document(leaf: Leaf, statement: Statement, before: _Before) -> Leaf:
    """Return the document that was signed, after checking what the fact says of it."""
    document = before.by_hash.get(statement.document)
    if document is None:
        raise NotProved("所签文书不在证据包中", "the document is not in the bundle")
    said = leaf.data.get("document"), str(leaf.data.get("about")).partition(":")[2]
    if said != (document.position, document.record):
        raise NotProved("签名所称的文书是另一份", "the fact names another document")
    organisation = str(statement.organisation)
    if organisation not in before.organisations:
        raise NotProved("文书所涉单位不在证据包中", "the organisation is not in the bundle")
    if {leaf.data.get("enterprise"), document.data.get("enterprise")} != {organisation}:
        raise NotProved("文书属于另一家单位", "the document is about another organisation")
    if statement.period != document.data.get("month"):
        raise NotProved("所签文书属于另一期间", "the document is of another period")
    if statement.after is not None:
        earlier = before.by_hash.get(statement.after)
        if earlier is None or earlier.topic != SIGNED:
            raise NotProved("前一签名不在证据包中", "the earlier signature is not in the bundle")
        if earlier.data["statement"].get("document") != statement.document:
            raise NotProved("前一签名签的是另一份文书", "the earlier signature is of another text")
    return document


def _signer(
    leaf: Leaf, statement: Statement, document: Leaf, before: _Before
) -> tuple[Leaf, Leaf, Leaf]:
    """Return the signer's registration, post and appointment as they stood here."""
    person = before.persons.get(str(statement.person))
    if person is None:
        raise NotProved("签署人不在证据包中", "the signer is not in the bundle")
    post = before.posts.get(str(statement.post))
    if post is None or post.data.get("kind") != leaf.data.get("role"):
        raise NotProved("没有这一岗位，或岗位类别不符", "there is no such post of this kind")
    if (
        document.topic.startswith(_OWN_REPORT)
        and post.data.get("organisation") != leaf.data["enterprise"]
    ):
        raise NotProved("岗位属于另一家单位", "the post is of another organisation")
    appointment = before.holders[post.record].get(person.record)
    if appointment is None:
        raise NotProved("签署人在此未担任该岗位", "the signer does not hold the post here")
    return person, post, appointment

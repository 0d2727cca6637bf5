"""Signing 签署: what is put before a signer, and whether the tree they saw was this log's.

A statement is prepared here and signed elsewhere, by a key that never comes to the server; what
comes back is an act like any other (``POST /signatures``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.errors import Contradiction, GateClosed, NotFound
from domain.fact import Actor, Draft, EnterpriseFact, canonical
from domain.labels import Labels
from domain.ledger import Query
from domain.moment import format_moment
from domain.people import PostCreated
from domain.policy.duty import Docket
from domain.policy.s3_2_zero_report import signing_gate
from domain.proof.encoding import write_base64url
from domain.proof.signature import PersonalSignature
from domain.proof.statement import TreeHead
from domain.proof.webauthn import read_registration
from domain.reading import read_case
from domain.record import facts_of
from domain.recording import key_query
from domain.signable import signable
from domain.signed import (
    fault_before_signing,
    not_signable,
    signatures_on,
    statement_of,
    withdrawal_of,
)
from domain.signing import (
    KEY_TOPICS,
    KeyRegistered,
    SignatureMade,
    key_of,
    key_record,
    signature_record,
)
from projections.log import Log, Tiles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from api.serving import Serving
    from domain.answer import Words
    from domain.fact import Entry, Fact
    from domain.proof.statement import Statement
    from domain.proof.webauthn import Passkey

_PATIENCE = 10
"""Seconds to wait for the tree."""
_UNSIGNED = PersonalSignature(value="")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document put before a signer.

    Args:
        document: the document.
        made: the fact as it will be, but for the signature itself.
        key: the registration of the key that is to sign.
    """

    document: Entry
    made: SignatureMade
    key: KeyRegistered

    @property
    def statement(self) -> Statement:
        """What is signed."""
        return self.made.statement


def prepare(here: Serving, position: int, person: UUID, post: UUID, key: str) -> Prepared:
    """Return what a person is to sign under a document, or refuse what could not be recorded.

    Args:
        here: the ledger and the clock.
        position: where the document stands.
        person: who is to sign.
        post: in which post.
        key: the id of their key.

    Raises:
        NotFound: there is no such fact, post or key.
        GateClosed: it cannot be signed so; names the clause and what to do.
        Unavailable: the tree is still behind.
    """
    document = _fact_at(here, position)
    if not isinstance(document.fact, EnterpriseFact):
        raise _nothing("文书", "document", position)
    seen = _newest_tree(here)
    head = seen.size
    keys = here.ledger.read(key_query(key_record(key)), upto=head)
    case = read_case(here.ledger, document.fact.enterprise, upto=head)
    docket = Docket(document.fact.enterprise, [*case, *keys], here.now(), head=head)
    registered = next((f for _, f in facts_of(keys, KeyRegistered) if f.key.id == key), None)
    created = next((f for e, f in facts_of(case, PostCreated) if e.record == post), None)
    if registered is None or created is None:
        raise _nothing(*(("密钥", "key", key) if registered is None else ("岗位", "post", post)))
    statement = statement_of(docket, document, (person, post, key), seen)
    made = SignatureMade(
        enterprise=document.fact.enterprise,
        about=f"{document.fact.topic.noun}:{document.record}",
        document=position,
        role=created.kind,
        statement=statement,
        signature=_UNSIGNED,
    )
    _refuse_what_would_be(docket, made, here.now())
    return Prepared(document, made, registered)


def _refuse_what_would_be(docket: Docket, made: SignatureMade, now: datetime) -> None:
    record = signature_record(made.statement)
    draft = Draft(record, 1, made, Actor(authentication="system"), now, now)
    shut = fault_before_signing(made, docket) or signing_gate(docket, draft)
    if shut:
        raise GateClosed(
            shut.zh,
            shut.en,
            todo_zh=shut.todo_zh,
            todo_en=shut.todo_en,
            clause=shut.clause or "3.2c",
        )


def _fact_at(here: Serving, position: int) -> Entry:
    found = here.ledger.range(position - 1, 1, open_sealed=False)
    if not found or found[0].position != position:
        raise _nothing("事实", "fact", position)
    return found[0]


def _nothing(zh: str, en: str, what: object) -> NotFound:
    return NotFound(
        f"没有这一{zh}：{what}",
        f"there is no such {en}: {what}",
        todo_zh="核对编号",
        todo_en="check the number",
    )


def _newest_tree(here: Serving) -> TreeHead:
    head = here.ledger.head().position
    return TreeHead(size=head, root=_root(here, head).hex())


def _root(here: Serving, size: int) -> bytes:
    here.runner.wait_for(size, _PATIENCE, [Tiles.name])
    return Log(here.ledger).root(size)


def check_seen(here: Serving, facts: Iterable[Fact]) -> None:
    """Refuse a signature whose signer saw a tree that is not this log's.

    A tree larger than the log is refused by the gate.

    Raises:
        GateClosed: the root is another.
        Unavailable: the tree is still behind.
    """
    head = here.ledger.head().position
    for fact in facts:
        seen = fact.statement.seen if isinstance(fact, SignatureMade) else None
        if seen and seen.size <= head and _root(here, seen.size).hex() != seen.root:
            raise GateClosed(
                f"签字人所见的日志（{seen.size}条）不是本台账的",
                f"the tree of {seen.size} leaves that the signer saw is not this log's",
                todo_zh="取得本台账的检查点，核对后重新签署",
                todo_en="take a checkpoint of this log, check it and sign again",
                clause="3.2c",
                where="statement.seen",
            )


# passkeys


def registration_challenge(here: Serving, person: UUID, *, hours_ago: int = 0) -> bytes:
    """Return what a browser is asked to sign when a passkey is made: good for this hour.

    It follows from the ledger's own secret, so that nothing need be kept between two requests.
    """
    hour = (here.now() - hours_ago * _HOUR).replace(minute=0, second=0, microsecond=0)
    return here.ledger.vault.keyed_digest(canonical(["passkey", str(person), format_moment(hour)]))


def read_passkey(
    here: Serving,
    person: UUID,
    answer: tuple[bytes, bytes],
    rp_id: str,
    origin: str,
) -> tuple[bytes, Passkey]:
    """Return credential id and key of a passkey that a browser made for a person.

    Args:
        here: the clock, and the secret from which the challenge followed.
        person: whose it is.
        answer: client data and authenticator data, as the browser gave them.
        rp_id: the domain name of this server.
        origin: the page's origin.

    Raises:
        NotProved: it answers another request, or the person was not verified.
        Invalid: the key is of a kind that is not taken.
    """
    for hours_ago in (0, 1):
        challenge = registration_challenge(here, person, hours_ago=hours_ago)
        if write_base64url(challenge).encode() in answer[0]:
            return read_registration(*answer, challenge, rp_id, (origin,))
    raise Contradiction(
        "通行密钥的登记请求已过期，或属于另一人",
        "the request to make a passkey has run out, or was for another person",
        todo_zh="重新开始登记",
        todo_en="begin again",
    )


# the page on which people sign


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who may sign a document, or has: in which post, with which key."""

    person: UUID
    name: str | None
    post: UUID
    title: str
    key: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ToSign:
    """A document as its signers see it.

    Args:
        position: where it stands.
        title: what it is.
        organisation: whose it is about.
        meaning: what a signature under it says.
        signers: who may sign it now: in a post that signs it, with a key in force.
        signed: who has.
        two_posts: one of them in two posts (一人兼两岗).
    """

    position: int
    title: Words
    organisation: str
    meaning: str
    signers: tuple[Signer, ...]
    signed: tuple[Signer, ...]
    two_posts: bool


def to_sign(here: Serving, position: int) -> ToSign:
    """Return a document as its signers see it.

    Raises:
        NotFound: there is no such fact.
        GateClosed: it is no document that people sign.
    """
    document = _fact_at(here, position)
    kind = signable(document.fact)
    if kind is None or not isinstance(document.fact, EnterpriseFact):
        raise not_signable(document)
    entries = read_case(here.ledger, document.fact.enterprise)
    case = Docket(document.fact.enterprise, entries, here.now())
    labels, org = Labels(case), kind.signer(document.fact)
    made = signatures_on(case, document)
    signed = tuple(
        _signer(labels, fact.statement, withdrawal_of(case, entry.record) is not None)
        for entry, fact in made
    )
    standing = {(each.person, each.post) for each in signed if not each.withdrawn}
    persons = {person for person, _ in standing}
    posts = case.directory.all_posts(org) if org else []
    holders = [
        (post, held.person)
        for post in posts
        if post.abolished is None and (not kind.posts or post.kind in kind.posts)
        for held in case.directory.holdings(post.id)
        if held.until is None and (held.person, post.id) not in standing
    ]
    keys = keys_in_force(here, {person for _, person in holders})
    return ToSign(
        position=position,
        title=labels.title(document),
        organisation=case.directory.name(document.fact.enterprise),
        meaning=kind.meaning(document.fact),
        signers=tuple(
            Signer(person, labels.person_name(person), post.id, post.title, keys[person])
            for post, person in holders
            if person in keys
        ),
        signed=signed,
        two_posts=len(persons) < len(standing),
    )


def _signer(labels: Labels, statement: Statement, withdrawn: bool) -> Signer:  # noqa: FBT001
    person, post = statement.person, statement.post
    title = labels.post_title(post) or ""
    return Signer(person, labels.person_name(person), post, title, statement.key, withdrawn)


def keys_in_force(here: Serving, persons: set[UUID]) -> dict[UUID, str]:
    """Return the key in force of each person who has one: the newest, a passkey before others."""
    tags = [Query((f"person:{each}",), KEY_TOPICS) for each in sorted(persons)]
    entries = here.ledger.read(*tags, open_sealed=False)
    in_force = [
        fact
        for entry, fact in facts_of(entries, KeyRegistered)
        if key_of(entries, entry.record).ended is None
    ]
    in_force.sort(key=lambda fact: fact.key.rp_id is not None)
    return {fact.person: fact.key.id for fact in in_force}

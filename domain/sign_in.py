"""Signing in 登录: how people show a browser's server who they are, and that on record.

A registrar vouches for a person by a code that is good once; with it the person makes their own
credential 登录凭据, a passkey or a password. A passkey for signing in is not a signing key: what is
signed to sign in is a random challenge, and a signature under it says nothing about a document.
Passwords, login names and sessions stand in no fact (:mod:`domain.ledger.accounts`).
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.errors import GateClosed, NotAuthenticated
from domain.fact import Fact, FreeText, Names, PersonId
from domain.moment import Instant
from domain.proof.signature import PublicKey
from domain.record import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from domain.fact import Actor, Entry

ENROLMENTS = uuid5(NAMESPACE_URL, "https://daocha.example/enrolment")
CREDENTIALS = uuid5(NAMESPACE_URL, "https://daocha.example/credential")
TOPICS_OF_CREDENTIALS = ("credential.registered", "credential.revoked")


class Manner(StrEnum):
    """How somebody signed in 登录方式; ``demo`` is the one click that only a demo has."""

    PASSKEY = "passkey"
    PASSWORD = "password"  # noqa: S105 - the word, not a password
    DEMO = "demo"


class EnrolmentIssued(
    Fact,
    topic="enrolment.issued",
    zh="发放登录登记码",
    en="Enrolment code issued",
    starts=True,
    of_record=True,
    final=True,
):
    """A registrar vouches for the person, who makes one credential by the code, ``until`` then.

    The ledger never holds the code: the record's id is made from its SHA-256.
    """

    person: PersonId
    until: Instant


class CredentialRegistered(
    Fact,
    topic="credential.registered",
    zh="登记登录凭据",
    en="Sign-in credential registered",
    starts=True,
    of_record=True,
    final=True,
):
    """The person can sign in by this from now on; a new password takes the old one's place.

    ``enrolment`` is the code that it was made with; none where somebody signed in changes their
    own password. ``key`` and ``credential`` (its id in base64url) are a passkey's.
    """

    person: PersonId
    manner: Manner
    enrolment: Annotated[UUID, Names("enrolment")] | None = None
    key: PublicKey | None = None
    credential: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,1400}$")

    def tags(self) -> Iterator[str]:
        """Yield the tag by which a passkey is found when a browser names it."""
        yield from super().tags()
        if self.credential:
            yield passkey_tag(self.credential)


class CredentialRevoked(
    Fact,
    topic="credential.revoked",
    zh="吊销登录凭据",
    en="Sign-in credential revoked",
    of_record=True,
    final=True,
):
    """Nobody signs in by this any more."""

    person: PersonId
    reason: FreeText | None = None


class SignedIn(
    Fact, topic="sign_in.made", zh="登录", en="Signed in", starts=True, of_record=True, final=True
):
    """A session begins; its record is this one."""

    person: PersonId
    manner: Manner


class SignedOut(
    Fact, topic="sign_in.ended", zh="退出登录", en="Signed out", of_record=True, final=True
):
    """The session ends before its time; ``everywhere``: all sessions of the person."""

    person: PersonId
    everywhere: bool = False


class SignInFailed(
    Fact,
    topic="sign_in.failed",
    zh="登录失败",
    en="Signing in failed",
    starts=True,
    of_record=True,
    final=True,
):
    """So many attempts failed ``since`` then, counted together: at whose account, never by whom.

    ``person`` is None for names under which nobody is known.
    """

    manner: Manner
    attempts: int = Field(ge=1)
    since: Instant
    person: PersonId | None = None


def enrolment_record(code: str) -> UUID:
    """Return the record id of an enrolment (UUIDv5 of the hex SHA-256 of its code)."""
    return uuid5(ENROLMENTS, hashlib.sha256(code.encode()).hexdigest())


def credential_record(enrolment: UUID) -> UUID:
    """Return the record id of the one credential that an enrolment gives (UUIDv5)."""
    return uuid5(CREDENTIALS, str(enrolment))


def passkey_tag(credential: str) -> str:
    """Return the tag of a passkey, given its credential id in base64url."""
    return f"passkey:{uuid5(CREDENTIALS, credential)}"


def enrolled(record: Sequence[Entry], now: datetime) -> UUID:
    """Return the person for whom an enrolment code stands.

    Args:
        record: the facts of its record; empty where no such code was issued.
        now: the moment at which it is used, aware.

    Raises:
        NotAuthenticated: there is no such code, or it has run out.
    """
    issued = next((fact for _, fact in facts_of(list(record), EnrolmentIssued)), None)
    if issued is None or now >= issued.until:
        raise not_enrolled()
    return issued.person


def not_enrolled() -> NotAuthenticated:
    """Return what to tell whoever shows a code that is good for nothing, whatever the reason."""
    return NotAuthenticated(
        "登记码无效、已用过或已过期",
        "the enrolment code is not good, was used, or has run out",
        todo_zh="核对登记码；必要时请登记人重新发放",
        todo_en="check the code; if need be, ask a registrar for a new one",
    )


def check_vouching(fact: EnrolmentIssued, by: Actor) -> None:
    """Refuse somebody who vouches for themself.

    Raises:
        GateClosed: the registrar is the person whom the code is for.
    """
    if by.person == fact.person:
        raise GateClosed(
            "本人不得为自己发放登记码",
            "nobody vouches for themself",
            todo_zh="由另一登记人核验身份后发放",
            todo_en="let another registrar make sure who you are and issue it",
            where="person",
        )


def in_force(entries: Sequence[Entry], person: UUID) -> dict[UUID, CredentialRegistered]:
    """Return the credentials by which a person can sign in, by their records.

    Every passkey that was not revoked, and the newest password unless it was.

    Args:
        entries: the facts about the person's credentials, in order.
        person: whose.
    """
    known = list(entries)
    revoked = {entry.record for entry, _ in facts_of(known, CredentialRevoked)}
    own = [(e.record, f) for e, f in facts_of(known, CredentialRegistered) if f.person == person]
    passwords = [record for record, fact in own if fact.manner is Manner.PASSWORD]
    superseded = set(passwords[:-1])
    return {record: fact for record, fact in own if record not in revoked | superseded}

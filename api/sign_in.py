"""Signing in 登录: enrolment codes, passwords, passkeys, and how often one may try.

Guessing is slowed down, never answered by a lock: attempts from a browser in which somebody has
signed in before have an allowance of their own, so that strangers who try a login name use up only
the strangers'. A passkey is not slowed down by what others try with passwords.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from threading import Semaphore
from typing import TYPE_CHECKING
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from uuid_utils.compat import uuid7

from api.problems import TooOften
from domain.erasure import PersonErased
from domain.errors import Conflict, Contradiction, Forbidden, Invalid, NotAuthenticated, NotFound
from domain.fact import Actor, canonical
from domain.ledger import Query
from domain.ledger.accounts import Account, Budget
from domain.ledger_opened import LedgerOpened
from domain.people import PersonRegistered
from domain.proof.encoding import write_base64url
from domain.proof.signature import PublicKey
from domain.proof.webauthn import read_registration, verify_assertion
from domain.record import facts_of
from domain.recording import Act, record
from domain.sign_in import (
    TOPICS_OF_CREDENTIALS,
    CredentialRegistered,
    CredentialRevoked,
    EnrolmentIssued,
    Manner,
    credential_record,
    enrolled,
    enrolment_record,
    in_force,
    not_enrolled,
    passkey_tag,
)

if TYPE_CHECKING:
    from datetime import datetime

    from api.serving import Serving
    from domain.ledger import Accounts, Ledger
    from domain.proof.signature import PersonalSignature

_CODE_BYTES = 15
CODE_HOURS = 48
"""For how long an enrolment code is good, unless its registrar says otherwise."""
SHORTEST, LONGEST = 12, 128
"""Characters of a password."""
_FEWEST_DIFFERENT = 5
_CHALLENGE_BYTES = 32
_CHALLENGE_LASTS = timedelta(minutes=5)
_DEVICE_BYTES = 16
_MINUTE = timedelta(minutes=1)
_hasher = PasswordHasher()  # RFC 9106, the second recommended choice
_NOBODYS = _hasher.hash("nobody's")
"""What is compared with where there is no such login name, so that both take the same time."""
_at_once = Semaphore(2)
"""Each hash takes 64 MiB."""


@dataclass(frozen=True, slots=True)
class From:
    """Where an attempt comes from: the peer's address, and the browser's mark if it has one."""

    address: str
    device: str | None = None


# enrolment


def issue_code(
    ledger: Ledger,
    person: UUID,
    *,
    hours: int = CODE_HOURS,
    command: UUID,
    now: datetime,
    by: Actor,
) -> str:
    """Let a person make a credential of their own, and return the code that they do it with.

    The code is kept nowhere: it follows from the command and the ledger's own secret, so that the
    same command gives the same code. It is good once.

    Args:
        ledger: where to.
        person: whom the registrar vouches for; must be on record.
        hours: for how long it is good.
        command: the client's id for it.
        now: the moment of issuing, aware.
        by: the registrar, who is not the person.

    Raises:
        Contradiction: the person is not on record.
        GateClosed: somebody vouches for themself.
    """
    made = ledger.vault.keyed_digest(canonical(["enrolment", str(command)]))
    code = "-".join(_groups(_letters(made[:_CODE_BYTES])))
    fact = EnrolmentIssued(person=person, until=now + timedelta(hours=hours))
    act = Act(enrolment_record(_plain(code)), fact, now)
    sent = canonical([by.model_dump(mode="json"), str(person), hours])
    record(ledger, [act], command=command, by=by, received=now, sent=sent)
    return code


_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters of which none is taken for another when it is read out."""


def _letters(data: bytes) -> str:
    number = int.from_bytes(data)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(0, 8 * len(data), 5))


def _groups(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def _plain(code: str) -> str:
    return "".join(code.upper().split()).replace("-", "")


def whose_code(here: Serving, code: str, at: From) -> UUID:
    """Return the person for whom an enrolment code stands.

    Raises:
        NotAuthenticated: it is not good, was used, or has run out.
        TooOften: too many were tried from there.
    """
    tried = [_from_there(here, at)]
    _wait(here, tried)
    enrolment = enrolment_record(_plain(code))
    person = enrolled(here.ledger.record(enrolment), here.now())
    if here.ledger.record(credential_record(enrolment)):
        raise not_enrolled()
    here.accounts.give_back(tried)
    return person


def set_password(here: Serving, code: str, login: str, password: str, at: From) -> UUID:
    """Let a person sign in by login name and password from now on; return who they are.

    Raises:
        NotAuthenticated: the code is not good any more.
        Invalid: login name or password is not good enough.
        Contradiction: the login name is somebody else's.
    """
    person = whose_code(here, code, at)
    _check_login(login)
    _check_password(password, login)
    enrolment = enrolment_record(_plain(code))
    place = credential_record(enrolment)
    here.accounts.keep(_login(here, login), Account(person, _hashed(here, password), place))
    fact = CredentialRegistered(person=person, manner=Manner.PASSWORD, enrolment=enrolment)
    _register(here, place, fact)
    return person


def change_password(here: Serving, person: UUID, old: str, new: str, at: From) -> None:
    """Give somebody who is signed in another password in the place of the old one.

    Raises:
        NotAuthenticated: the old one is wrong.
        Invalid: the new one is not good enough.
        TooOften: the old one was guessed at too often.
    """
    tried = [_from_there(here, at), Budget(_key(here, "change", str(person)), 5, _MINUTE)]
    _wait(here, tried)
    account = here.accounts.of(person)
    if account is None or not _verified(here, account.verifier, old):
        raise NotAuthenticated(
            "原密码不对", "the old password is wrong", todo_zh="重新输入", todo_en="type it again"
        )
    here.accounts.give_back(tried)
    _check_password(new, "")
    place = uuid7()
    here.accounts.change(Account(person, _hashed(here, new), place))
    _register(here, place, CredentialRegistered(person=person, manner=Manner.PASSWORD))


def _register(here: Serving, place: UUID, fact: CredentialRegistered) -> None:
    """Record a credential; an enrolment gives only one."""
    now = here.now()
    by = Actor(authentication=fact.manner.value, person=fact.person)
    act = Act(place, fact, now, expected=0)
    try:
        record(here.ledger, [act], command=uuid7(), by=by, received=now)
    except Conflict as error:
        raise not_enrolled() from error


def revoke(
    ledger: Ledger, accounts: Accounts, credential: UUID, *, now: datetime, by: Actor
) -> None:
    """Let nobody sign in by a credential any more, and end the person's sessions.

    Args:
        ledger: where to.
        accounts: whose sessions end.
        credential: its record id.
        now: the moment, aware.
        by: who revokes it.

    Raises:
        NotFound: there is no such credential.
    """
    entries = ledger.record(credential, open_sealed=False)
    found = next(facts_of(entries, CredentialRegistered), None)
    if found is None:
        raise NotFound(
            f"没有登录凭据 {credential}",
            f"there is no credential {credential}",
            todo_zh="核对编号",
            todo_en="check its id",
        )
    person = found[1].person
    act = Act(credential, CredentialRevoked(person=person), now)
    record(ledger, [act], command=uuid7(), by=by, received=now)
    accounts.end_all(person)


def credentials_of(ledger: Ledger, person: UUID) -> dict[UUID, CredentialRegistered]:
    """Return the credentials by which a person can sign in, by their records."""
    wanted = Query((f"person:{person}",), TOPICS_OF_CREDENTIALS)
    return in_force(ledger.read(wanted, open_sealed=False), person)


# passwords


def by_password(here: Serving, login: str, password: str, at: From) -> UUID:
    """Return who signs in by login name and password.

    Raises:
        NotAuthenticated: one of them is wrong; which, is not said.
        TooOften: it was tried too often from browsers that nobody knows.
    """
    tried = _attempts(here, login, at)
    _wait(here, tried)
    account = here.accounts.find(_login(here, login))
    right = _verified(here, account.verifier if account else _NOBODYS, password)
    person = account.person if account else None
    if not account or not right or not _counts(here, account.person, account.credential):
        here.accounts.failed(person, Manner.PASSWORD, here.now())
        raise _wrong("登录名或密码不对", "the login name or the password is wrong")
    here.accounts.give_back(tried)
    return account.person


def _attempts(here: Serving, login: str, at: From) -> list[Budget]:
    if at.device and _is_known(here, login, at.device):
        return [Budget(_key(here, "known", login, at.device), 10, _MINUTE / 2)]
    return [
        _from_there(here, at),
        Budget(_key(here, "stranger", login, at.address), 10, _MINUTE / 2),
        Budget(_key(here, "strangers", login), 50, _MINUTE),
    ]


def _from_there(here: Serving, at: From) -> Budget:
    return Budget(_key(here, "address", at.address), 60, _MINUTE / 20)


def _wait(here: Serving, budgets: list[Budget]) -> None:
    seconds = here.accounts.wait(budgets, here.now())
    if seconds:
        raise TooOften(
            f"尝试过于频繁，请 {round(seconds) + 1} 秒后再试",
            f"too many attempts: try again in {round(seconds) + 1} seconds",
            seconds=round(seconds) + 1,
            todo_zh="忘记密码的，请登记人发放登记码；用过的浏览器和通行密钥不受他人尝试的影响",
            todo_en="if you forgot the password, ask a registrar for an enrolment code; browsers"
            " used before and passkeys are not slowed down by what others try",
        )


def _counts(here: Serving, person: UUID, credential: UUID) -> bool:
    """Tell whether a credential is in force, and its person was not erased."""
    erased = any(facts_of(here.ledger.record(person, open_sealed=False), PersonErased))
    return not erased and credential in credentials_of(here.ledger, person)


def _wrong(zh: str, en: str) -> NotAuthenticated:
    return NotAuthenticated(
        zh,
        en,
        todo_zh="重新输入；忘记的，请登记人发放登记码",
        todo_en="try again; if you forgot it, ask a registrar for an enrolment code",
    )


def device_mark(here: Serving, login: str) -> str:
    """Return the mark of a browser in which a person has just signed in with their password."""
    nonce = urlsafe_b64encode(here.random(_DEVICE_BYTES)).rstrip(b"=").decode()
    return f"{nonce}.{_mark(here, login, nonce)}"


def _is_known(here: Serving, login: str, device: str) -> bool:
    nonce, _, mark = device.partition(".")
    return mark == _mark(here, login, nonce)


def _mark(here: Serving, login: str, nonce: str) -> str:
    return _key(here, "device", login, nonce).hex()


def _key(here: Serving, *parts: str) -> bytes:
    told = canonical(["sign-in", parts[0], *map(_normal, parts[1:])])
    return here.ledger.vault.keyed_digest(told)


def _normal(text: str) -> str:
    """Return a login name as it is compared: case and width of letters do not matter."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _login(here: Serving, login: str) -> bytes:
    return _key(here, "login", login)


def _check_login(login: str) -> None:
    if not _normal(login) or "\0" in login:
        raise Invalid("请填写登录名", "a login name is missing", where="login")


def _check_password(password: str, login: str) -> None:
    """Refuse a password that is easily guessed (NIST SP 800-63B-4: long, and nothing obvious)."""
    plain = unicodedata.normalize("NFKC", password)
    name = _normal(login)
    obvious = len(set(plain)) < _FEWEST_DIFFERENT or bool(name and name in plain.casefold())
    if not SHORTEST <= len(plain) <= LONGEST or obvious:
        raise Invalid(
            f"密码须为 {SHORTEST}–{LONGEST} 个字符，不含登录名，且不能只有几个不同的字符",
            f"a password has {SHORTEST} to {LONGEST} characters, at least {_FEWEST_DIFFERENT} of"
            " them different, and does not hold the login name",
            todo_zh="可用几个不相干的词连成一句",
            todo_en="a few unrelated words in a row will do",
            where="password",
        )


def _hashed(here: Serving, password: str) -> str:
    with _at_once:
        return _hasher.hash(_peppered(here, password))


def _verified(here: Serving, verifier: str, password: str) -> bool:
    with _at_once:
        try:
            return _hasher.verify(verifier, _peppered(here, password))
        except (VerificationError, InvalidHashError):
            return False


def _peppered(here: Serving, password: str) -> bytes:
    """Return what is hashed: nothing that can be tried out without the key store."""
    plain = unicodedata.normalize("NFKC", password)
    return b64encode(here.ledger.vault.keyed_digest(b"password\n" + plain.encode()))


# passkeys


def new_challenge(here: Serving) -> bytes:
    """Return what a passkey is asked to sign, or a browser to answer: good once, and shortly."""
    challenge, now = here.random(_CHALLENGE_BYTES), here.now()
    here.accounts.ask(_of_challenge(here, challenge), now, now + _CHALLENGE_LASTS)
    return challenge


def _of_challenge(here: Serving, challenge: bytes) -> bytes:
    return here.ledger.vault.keyed_digest(b"challenge\n" + challenge)


def _check_challenge(here: Serving, challenge: bytes) -> None:
    if not here.accounts.asked(_of_challenge(here, challenge), here.now()):
        raise NotAuthenticated(
            "验证请求已过期或已用过",
            "that request to verify yourself has run out or was used",
            todo_zh="重新开始",
            todo_en="begin again",
        )


def make_passkey(
    here: Serving,
    code: str,
    challenge: bytes,
    answer: tuple[bytes, bytes],
    site: tuple[str, str],
    at: From,
) -> UUID:
    """Let a person sign in by a passkey that their browser has made; return who they are.

    Args:
        here: the ledger, the accounts and the clock.
        code: the enrolment code.
        challenge: what the browser was asked.
        answer: client data and authenticator data.
        site: the relying party's id, and the origin of our pages.
        at: where this comes from.

    Raises:
        NotAuthenticated: code or challenge is not good any more.
        NotProved: it answers another request, or the person was not verified.
    """
    person = whose_code(here, code, at)
    _check_challenge(here, challenge)
    rp_id, origin = site
    credential, passkey = read_registration(*answer, challenge, rp_id, (origin,))
    named = write_base64url(credential)
    if _passkey(here, named):
        raise Contradiction("此通行密钥已登记", "this passkey is registered already")
    enrolment = enrolment_record(_plain(code))
    fact = CredentialRegistered(
        person=person,
        manner=Manner.PASSKEY,
        enrolment=enrolment,
        key=PublicKey.of_passkey(passkey),
        credential=named,
    )
    _register(here, credential_record(enrolment), fact)
    return person


def _passkey(here: Serving, credential: str) -> tuple[UUID, CredentialRegistered] | None:
    wanted = Query((passkey_tag(credential),), TOPICS_OF_CREDENTIALS)
    entries = here.ledger.read(wanted, open_sealed=False)
    found = next(facts_of(entries, CredentialRegistered), None)
    return (found[0].record, found[1]) if found else None


def by_passkey(
    here: Serving, credential: str, challenge: bytes, signature: PersonalSignature, at: From
) -> UUID:
    """Return who signs in by a passkey.

    Args:
        here: the ledger, the accounts and the clock.
        credential: the passkey's credential id in base64url.
        challenge: what it was asked to sign.
        signature: what it answered.
        at: where this comes from.

    Raises:
        NotAuthenticated: it is not known or not in force, or the challenge was not ours.
        NotProved: the answer does not hold.
    """
    _wait(here, [_from_there(here, at)])
    _check_challenge(here, challenge)
    found = _passkey(here, credential)
    answer = signature.assertion
    if found is None or answer is None or found[1].key is None:
        here.accounts.failed(None, Manner.PASSKEY, here.now())
        raise _wrong("没有登记过这把通行密钥", "this passkey is not registered")
    place, fact = found
    try:
        verify_assertion(found[1].key.passkey, challenge, answer)
        if not _counts(here, fact.person, place):
            raise _wrong("这把通行密钥已吊销", "this passkey was revoked")
    except (Invalid, NotAuthenticated):
        here.accounts.failed(fact.person, Manner.PASSKEY, here.now())
        raise
    return fact.person


# the demo


def is_demo(here: Serving) -> bool:
    """Tell whether everything here is invented: one may step into anybody's shoes."""
    opened = here.ledger.genesis().fact
    return isinstance(opened, LedgerOpened) and opened.clock == "simulated"


def in_the_shoes_of(here: Serving, person: UUID) -> UUID:
    """Return the person whose shoes somebody steps into.

    Raises:
        Forbidden: this is no demo.
        NotFound: there is no such person.
    """
    if not is_demo(here):
        raise Forbidden(
            "只有演示台账可以换人体验",
            "only in the demo can one step into somebody's shoes",
            todo_zh="请以本人的通行密钥或密码登录",
            todo_en="sign in with your own passkey or password",
        )
    known = here.ledger.record(person, open_sealed=False)
    if not any(facts_of(known, PersonRegistered)):
        raise NotFound("没有此人", "there is no such person", todo_zh="从列表中选择")
    return person

"""Sessions 会话: a browser's cookie stands for somebody who has signed in.

The cookie holds a random secret and nothing else; the server keeps its keyed digest. Over HTTPS the
cookie is bound to this host and never sent in the clear (``__Host-``, Secure); a browser sends it
neither to another site's request nor to a script (SameSite=Strict, HttpOnly). What changes
something must come from a page of our own and show the session's token as well.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from uuid_utils.compat import uuid7

from api.serving import serving
from domain.errors import Forbidden, NotAuthenticated
from domain.fact import Actor
from domain.ledger.accounts import OpenSession
from domain.recording import Act, record
from domain.sign_in import Manner, SignedIn, SignedOut

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from fastapi import Request, Response

    from api.serving import Serving

_SECRET_BYTES = 32
_LONGEST_COOKIE = 100
_SEEN_AGAIN = timedelta(minutes=1)
_SAFE = ("GET", "HEAD", "OPTIONS")
_SAID_SITE = ("same-origin", "none")
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 - the name of a header
TOKEN_FIELD = "csrf"  # noqa: S105 - the name of a field
_DEVICE_DAYS = 400


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in.

    Args:
        person: who.
        manner: how they signed in.
        record: where that stands.
        digest: what the session is kept under.
        token: what a request that changes something has to show.
    """

    person: UUID
    manner: Manner
    record: UUID
    digest: bytes
    token: str


def own_origin(request: Request) -> str:
    """Return the origin of our own pages: as it is set, or else as this request names it."""
    said = serving(request).settings.public_url
    return said or f"{request.url.scheme}://{request.url.netloc}"


def cookie_name(request: Request, name: str = "") -> str:
    """Return the name of a cookie of ours."""
    prefix = "__Host-" if _is_secure(request) else ""
    return f"{prefix}daocha{name}"


def _is_secure(request: Request) -> bool:
    return own_origin(request).startswith("https:")


def begin(here: Serving, person: UUID, manner: Manner) -> str:
    """Begin a session, on record, and return its secret for the cookie.

    Args:
        here: the ledger, the accounts and the clock.
        person: who has shown who they are.
        manner: how.
    """
    now = here.now()
    place = uuid7()
    fact = SignedIn(person=person, manner=manner)
    by = Actor(authentication=manner.value, person=person)
    record(here.ledger, [Act(place, fact, now)], command=uuid7(), by=by, received=now)
    secret = urlsafe_b64encode(here.random(_SECRET_BYTES)).rstrip(b"=").decode()
    expires = now + timedelta(hours=here.settings.session_hours)
    opened = OpenSession(person, manner.value, place, now, expires)
    here.accounts.begin(_digest(here, secret), opened)
    return secret


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Give a browser its session; with the browser's own end it is forgotten there."""
    _set(request, response, cookie_name(request), secret)


def set_device(request: Request, response: Response, mark: str) -> None:
    """Let a browser be known again as one from which somebody has signed in before."""
    _set(request, response, cookie_name(request, "-device"), mark, days=_DEVICE_DAYS)


def _set(
    request: Request, response: Response, name: str, value: str, *, days: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=days and days * 86_400,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="strict",
    )


def drop_cookie(request: Request, response: Response) -> None:
    """Let a browser forget its session."""
    response.delete_cookie(
        cookie_name(request),
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="strict",
    )


def find(request: Request) -> Session | None:
    """Return the session that a browser's cookie stands for; None where it sent none.

    Raises:
        NotAuthenticated: it has ended, was not used for too long, or never was.
    """
    secret = request.cookies.get(cookie_name(request))
    if secret is None:
        return None
    here = serving(request)
    digest = _digest(here, secret[:_LONGEST_COOKIE])
    found = here.accounts.session(digest)
    now = here.now()
    if found is None or not _holds(here, found, now):
        raise NotAuthenticated(
            "登录已失效",
            "you are no longer signed in",
            todo_zh="请重新登录",
            todo_en="sign in again",
        )
    if now - found.seen > _SEEN_AGAIN:
        here.accounts.touch(digest, now)
    manner = Manner(found.manner)
    return Session(found.person, manner, found.record, digest, _token(here, digest))


def _holds(here: Serving, session: OpenSession, now: datetime) -> bool:
    idle = timedelta(minutes=here.settings.session_idle_minutes)
    return now < session.expires and now - session.seen < idle


def check_from_our_page(request: Request) -> None:
    """Refuse a request that a page of another site made a browser send.

    Raises:
        Forbidden: it does not say that it comes from a page of ours.
    """
    site = request.headers.get("sec-fetch-site", _SAID_SITE[0])
    if site not in _SAID_SITE or request.headers.get("origin") != own_origin(request):
        raise _not_ours()


def check_meant(request: Request, session: Session, token: str | None) -> None:
    """Refuse what would change something, unless it comes from a page made for this session.

    Args:
        request: what was sent, with the session's cookie.
        session: whose.
        token: what it shows: a header, or a form's field.

    Raises:
        Forbidden: it comes from elsewhere, or shows another token.
    """
    if request.method in _SAFE:
        return
    check_from_our_page(request)
    if not hmac.compare_digest(session.token.encode(), (token or "").encode()):
        raise _not_ours()


def _not_ours() -> Forbidden:
    return Forbidden(
        "请求不是从本系统当前的页面发出的",
        "the request does not come from a page of ours as it is now",
        todo_zh="打开相应页面后再提交；页面开着太久的，刷新后再提交",
        todo_en="open the page and send it from there; reload a page that was open for long",
    )


def end(here: Serving, session: Session, *, everywhere: bool = False) -> None:
    """End a session, or all of the person's, on record."""
    now = here.now()
    if everywhere:
        here.accounts.end_all(session.person)
    else:
        here.accounts.end(session.digest)
    fact = SignedOut(person=session.person, everywhere=everywhere)
    act = Act(session.record, fact, now)
    by = Actor(authentication=session.manner.value, person=session.person)
    record(here.ledger, [act], command=uuid7(), by=by, received=now)


def _digest(here: Serving, secret: str) -> bytes:
    return here.ledger.vault.keyed_digest(b"session\n" + secret.encode())


def _token(here: Serving, digest: bytes) -> str:
    made = here.ledger.vault.keyed_digest(b"csrf\n" + digest)
    return urlsafe_b64encode(made).rstrip(b"=").decode()


Known = Literal["passkey", "password", "demo"]


def authentication(session: Session) -> Known:
    """Return how what somebody signed in does is marked on record."""
    return session.manner.value

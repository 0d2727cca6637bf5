"""Who may ask and act: tokens per person, and this machine itself where nobody else can reach it.

A request without a token is taken only from loopback, and only while the server listens nowhere
else. The peer's address counts, never a header; a request that came through a proxy, for another
host's name, or from another site's page is not of this machine.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from uuid_utils.compat import uuid7

from api import sessions
from api.authority import Authority, authorise, declared
from api.caller import ARRIVED, Caller
from api.looks import put_down
from api.serving import serving
from api.settings import is_loopback
from domain.access import PREFIX, TokenIssued, TokenRevoked, holder, token_id
from domain.case import Case
from domain.errors import Contradiction, Forbidden, NotAuthenticated
from domain.fact import Actor, Sealed
from domain.ledger import Query
from domain.people import PostCreated
from domain.record import facts_of
from domain.recording import Act, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from domain.ledger import Ledger

FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data"
_TOKEN_BYTES = 32
_SALT_BYTES = 16
_LONGEST_TOKEN = 100
_THROUGH_A_PROXY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_TENURE = ("post.created", "post.abolished", "appointment.made", "appointment.ended")


bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description=(
        "个人令牌，由 daocha token issue 发放；本机访问可不带"
        " · a person's token, issued by daocha token issue; not needed on this machine"
    ),
)


async def shown_token(request: Request) -> str | None:
    """Return what a request from one of our pages shows besides its cookie: header, or field."""
    if request.headers.get("content-type", "").startswith((FORM, UPLOAD)):
        sent = (await request.form()).get(sessions.TOKEN_FIELD)
        return sent if isinstance(sent, str) else None
    return request.headers.get(sessions.TOKEN_HEADER)


def identify(
    request: Request,
    shown: Annotated[str | None, Depends(shown_token)],
    _: Annotated[object, Depends(bearer)],
) -> Caller:
    """Return who sent the request.

    Raises:
        NotAuthenticated: by no token or session, a bad one, or one that is no longer good.
        Forbidden: it comes from another site's page, or is for what its sender may not have.
    """
    arrived = request.scope.get(ARRIVED)
    request.state.caller = caller = replace(_identified(request, shown), arrived=arrived)
    here = serving(request)
    request.state.authority = authority = authorise(request, here, caller)
    put_down(here, request, declared(request), caller, authority)
    return caller


def _identified(request: Request, shown: str | None) -> Caller:
    here = serving(request)
    given = request.headers.get("authorization")
    if given is not None:
        record_of_token = here.ledger.record(token_id(_token_in(given)), open_sealed=False)
        return Caller("token", holder(record_of_token, here.now()))
    session = sessions.find(request)
    if session:
        sessions.check_meant(request, session, shown)
        return Caller(sessions.authentication(session), session.person, session)
    if here.settings.trusts_this_machine and is_of_this_machine(request):
        return Caller("cli")
    raise NotAuthenticated(
        "须登录或凭令牌访问",
        "sign in, or send a token",
        todo_zh="在 /sign-in 登录，或在请求中加上标头 Authorization: Bearer <令牌>"
        "（由 daocha token issue 发放）",
        todo_en="sign in at /sign-in, or send the header Authorization: Bearer <token>;"
        " daocha token issue makes one",
    )


TheCaller = Annotated[Caller, Depends(identify)]


def authority_of(request: Request, _: TheCaller) -> Authority:
    """Return what the sender of a request may do and see."""
    return cast("Authority", request.state.authority)


TheAuthority = Annotated[Authority, Depends(authority_of)]


def _token_in(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    well_formed = token.startswith(PREFIX) and len(token) <= _LONGEST_TOKEN and token.isascii()
    if scheme.lower() != "bearer" or not well_formed:
        raise NotAuthenticated(
            "Authorization 标头不是本系统的令牌",
            "the Authorization header holds no token of ours",
            todo_zh=f"应写作 Authorization: Bearer {PREFIX}…",
            todo_en=f"it should read Authorization: Bearer {PREFIX}…",
        )
    return token


def is_of_this_machine(request: Request) -> bool:
    """Tell whether a request can only have been made by somebody at this machine."""
    peer = request.client.host if request.client else ""
    through_a_proxy = any(name in request.headers for name in _THROUGH_A_PROXY)
    named = _host(request.headers.get("host", ""))
    origin = request.headers.get("origin")
    from_our_page = origin is None or origin == f"{request.url.scheme}://{request.url.netloc}"
    return is_loopback(peer) and not through_a_proxy and is_loopback(named) and from_our_page


def _host(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def actor(
    ledger: Ledger, caller: Caller, post: UUID | None, moments: list[date | datetime]
) -> Actor:
    """Return who acts, in which post.

    Args:
        ledger: where to look who held the post.
        caller: who sent the request.
        post: the post they say they act in, or None.
        moments: when the acts took place.

    Raises:
        Forbidden: the person did not hold the post at one of these moments.
    """
    if post is not None:
        if caller.person is None:
            raise Forbidden(
                "以岗位行事须凭本人令牌",
                "acting in a post takes the person's own token",
                todo_zh="去掉 by_post，或使用令牌",
                todo_en="leave out by_post, or use a token",
                where="by_post",
            )
        _check_held(ledger, caller.person, post, moments)
    return Actor(authentication=caller.authentication, person=caller.person, post=post)


def _check_held(ledger: Ledger, person: UUID, post: UUID, moments: list[date | datetime]) -> None:
    tenure = ledger.read(Query((f"post:{post}",), _TENURE), open_sealed=False)
    created = next(facts_of(tenure, PostCreated), None)
    if created is None:  # told like a post that is somebody else's
        raise _not_held()
    organisation = created[1].organisation
    corrections = ledger.read(
        Query((f"org:{organisation}",), ("fact.corrected",)), open_sealed=False
    )
    for moment in moments:
        held = Case(organisation, [*tenure, *corrections], moment).directory.holdings(post)
        if not any(each.person == person and each.covers(moment) for each in held):
            raise _not_held()


def _not_held() -> Forbidden:
    return Forbidden(
        "行为当时本人未任此岗位",
        "the person did not hold this post at the time",
        todo_zh="核对岗位和发生时间；任职变动先登记",
        todo_en="check the post and when it happened; record the appointment first",
        where="by_post",
    )


def issue_token(
    ledger: Ledger,
    person: UUID,
    label: str,
    *,
    until: datetime | None,
    now: datetime,
    random: Callable[[int], bytes],
    by: Actor,
) -> str:
    """Issue a token to a person and return it: it is shown this once and kept nowhere.

    Args:
        ledger: where to.
        person: whom it lets act; must be on record.
        label: what it is for, in the issuer's words.
        until: when it runs out, aware; None: when it is revoked.
        now: the moment of issuing, aware.
        random: returns that many random bytes, unpredictable ones.
        by: who issues it.

    Raises:
        Contradiction: the person is not on record.
    """
    token = PREFIX + base64.urlsafe_b64encode(random(_TOKEN_BYTES)).rstrip(b"=").decode()
    sealed = Sealed.close(label, person, random(_SALT_BYTES))
    fact = TokenIssued(person=person, label=sealed, until=until)
    record(ledger, [Act(token_id(token), fact, now)], command=uuid7(), by=by, received=now)
    return token


def revoke_token(
    ledger: Ledger,
    token: UUID,
    reason: str | None,
    *,
    now: datetime,
    random: Callable[[int], bytes],
    by: Actor,
) -> None:
    """Let nobody act by a token any more, from this moment.

    Args:
        ledger: where to.
        token: the record id of the token (``domain.access.token_id`` of its text).
        reason: why, in words.
        now: the moment of revoking, aware.
        random: returns that many random bytes.
        by: who revokes it.

    Raises:
        Contradiction: there is no such token.
    """
    issued = next(facts_of(ledger.record(token, open_sealed=False), TokenIssued), None)
    if issued is None:
        raise Contradiction(
            f"令牌 {token} 不在案",
            f"the token {token} is not on record",
            todo_zh="核对令牌编号",
            todo_en="check its id",
        )
    person = issued[1].person
    words = Sealed.close(reason, person, random(_SALT_BYTES)) if reason else None
    fact = TokenRevoked(person=person, reason=words)
    record(ledger, [Act(token, fact, now)], command=uuid7(), by=by, received=now)

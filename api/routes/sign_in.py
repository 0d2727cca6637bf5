"""Signing in and out 登录与退出: pages that work without scripts, and what passkeys need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api import sessions
from api.access import TheAuthority, TheCaller, actor
from api.documentation import ERRORS, ERRORS_OF_QUESTIONS
from api.me import Me, cast_of, tell_me
from api.pages.render_sign_in import account_page, enrolment_page, sign_in_page
from api.problems import TooOften, kind_of
from api.routes.commands import CommandId
from api.routes.shown import Shown, view_of
from api.routes.strict import FormRoute, StrictRoute
from api.sent import Sent
from api.serving import TheServing
from api.sign_in import (
    CODE_HOURS,
    From,
    by_passkey,
    by_password,
    change_password,
    credentials_of,
    device_mark,
    in_the_shoes_of,
    is_demo,
    issue_code,
    make_passkey,
    new_challenge,
    set_password,
    whose_code,
)
from domain.errors import Contradiction, DaochaError, Forbidden, Invalid, NotAuthenticated
from domain.moment import Instant
from domain.proof.encoding import read_base64, read_base64url, write_base64url
from domain.proof.signature import PersonalSignature
from domain.recording import Act
from domain.sign_in import CREDENTIALS, EnrolmentIssued, Manner

if TYPE_CHECKING:
    from api.serving import Serving

_SEE_OTHER = 303
_TIMEOUT = 120_000
_ALGORITHMS = (-7, -8)
Words = Annotated[str, Form(max_length=200)]
Back = Annotated[str, Form(max_length=2000)]
Base64 = Annotated[str, Field(min_length=1, max_length=8192, examples=["eyJ0eXBlIjoi"])]
Base64url = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,1400}$", examples=["5x0kZ3nYb2R5"])]

sign_in_pages = APIRouter(
    route_class=FormRoute, include_in_schema=False, default_response_class=HTMLResponse
)
sign_in_api = APIRouter(route_class=StrictRoute, tags=["登录 · Signing in"])


def _from(request: Request) -> From:
    peer = request.client.host if request.client else ""
    return From(peer, request.cookies.get(sessions.cookie_name(request, "-device")))


def _local(back: str) -> str:
    """Return where to go on to: a page of ours, never another site."""
    plain = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return back if plain and not back.startswith("/sign-in") else "/"


def _let_in(request: Request, person: UUID, manner: Manner, back: str = "/") -> Response:
    here: Serving = request.app.state.serving
    response = RedirectResponse(_local(back), _SEE_OTHER)
    sessions.set_cookie(request, response, sessions.begin(here, person, manner))
    return response


# pages


@sign_in_pages.get("/sign-in")
def sign_in(
    request: Request,
    here: TheServing,
    _: Shown,
    back: Annotated[str, Query(max_length=2000)] = "/",
) -> HTMLResponse:
    """Return the page on which people sign in; in a demo, with everybody to choose from."""
    page = HTMLResponse(_sign_in_page(request, here, back))
    try:
        sessions.find(request)
    except NotAuthenticated:
        sessions.drop_cookie(request, page)
    return page


def _sign_in_page(
    request: Request, here: Serving, back: str, problem: DaochaError | None = None
) -> str:
    cast = cast_of(here) if is_demo(here) else None
    return sign_in_page(_local(back), problem, *view_of(request), cast=cast)


@sign_in_pages.post("/sign-in", response_model=None)
def sign_in_by_password(
    *,
    request: Request,
    here: TheServing,
    _: Shown,
    login: Words,
    password: Words,
    back: Back = "/",
) -> Response:
    """Sign in by login name and password."""
    sessions.check_from_our_page(request)
    try:
        person = by_password(here, login, password, _from(request))
    except (NotAuthenticated, TooOften) as problem:
        return _again(_sign_in_page(request, here, back, problem), problem)
    response = _let_in(request, person, Manner.PASSWORD, back)
    sessions.set_device(request, response, device_mark(here, login))
    return response


def _again(page: str, problem: DaochaError) -> HTMLResponse:
    """Return a page with what was wrong on it, so that it can be put right there."""
    seconds = problem.seconds if isinstance(problem, TooOften) else None
    headers = {"Retry-After": str(seconds)} if seconds else {}
    return HTMLResponse(page, kind_of(problem).status, headers)


@sign_in_pages.post("/sign-in/as", response_model=None)
def step_into_shoes(
    request: Request, here: TheServing, _: Shown, person: Annotated[UUID, Form()], back: Back = "/"
) -> Response:
    """Act as somebody of the demo from now on."""
    sessions.check_from_our_page(request)
    return _let_in(request, in_the_shoes_of(here, person), Manner.DEMO, back)


@sign_in_pages.post("/sign-out", response_model=None)
def sign_out(
    request: Request,
    here: TheServing,
    _: Shown,
    csrf: Words,  # noqa: ARG001 - asked by TheCaller
    caller: TheCaller,
    everywhere: Annotated[bool, Form()] = False,  # noqa: FBT002 - a field
) -> Response:
    """End the session, or all of the person's."""
    if caller.session:
        sessions.end(here, caller.session, everywhere=everywhere)
    response = RedirectResponse("/sign-in", _SEE_OTHER)
    sessions.drop_cookie(request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@sign_in_pages.get("/enrol")
def enrolment(request: Request, _: Shown) -> HTMLResponse:
    """Return the page on which somebody makes a credential with a code from a registrar."""
    return HTMLResponse(enrolment_page(None, *view_of(request)))


@sign_in_pages.post("/enrol", response_model=None)
def enrol(
    *,
    request: Request,
    here: TheServing,
    _: Shown,
    code: Words,
    login: Words,
    password: Words,
    again: Words,
) -> Response:
    """Set a password by a code, and sign in with it."""
    sessions.check_from_our_page(request)
    try:
        _check_same(password, again)
        person = set_password(here, code, login, password, _from(request))
    except (NotAuthenticated, TooOften, Invalid, Contradiction) as problem:
        return _again(enrolment_page(problem, *view_of(request)), problem)
    response = _let_in(request, person, Manner.PASSWORD, "/account")
    sessions.set_device(request, response, device_mark(here, login))
    return response


def _check_same(password: str, again: str) -> None:
    if password != again:
        raise Invalid(
            "两次输入的密码不同",
            "the two passwords differ",
            todo_zh="重新输入",
            todo_en="type them again",
            where="again",
        )


@sign_in_pages.get("/account")
def account(request: Request, here: TheServing, _: Shown, caller: TheCaller) -> HTMLResponse:
    """Return the page of whoever is signed in: in which posts, and by what they sign in."""
    return HTMLResponse(_account_page(request, here, caller))


def _account_page(
    request: Request, here: Serving, caller: TheCaller, problem: DaochaError | None = None
) -> str:
    known = credentials_of(here.ledger, caller.person) if caller.person else {}
    return account_page(tell_me(here, caller), list(known.values()), problem, *view_of(request))


@sign_in_pages.post("/account/password", response_model=None)
def another_password(
    *,
    request: Request,
    here: TheServing,
    _: Shown,
    csrf: Words,  # noqa: ARG001 - asked by TheCaller
    caller: TheCaller,
    old: Words,
    password: Words,
    again: Words,
) -> Response:
    """Change one's own password; every other session of the person ends."""
    session = caller.session
    if session is None:
        raise Forbidden("须先登录", "sign in first", todo_zh="登录后再修改密码")
    try:
        _check_same(password, again)
        change_password(here, session.person, old, password, _from(request))
    except (NotAuthenticated, TooOften, Invalid) as problem:
        return _again(_account_page(request, here, caller, problem), problem)
    here.accounts.end_all(session.person)
    return _let_in(request, session.person, Manner.PASSWORD, "/account")


# what programs and passkeys ask


@sign_in_api.get(
    "/me", summary="我是谁，任何岗位 · Who I am, in which posts", responses=ERRORS_OF_QUESTIONS
)
def me(here: TheServing, caller: TheCaller) -> Me:
    """Who the request is from, by what it was known, and the posts held at this moment."""
    return tell_me(here, caller)


class Enrolment(Sent):
    """For whom a registrar vouches."""

    person: UUID = Field(examples=["01900a00-0001-7000-8000-000000000002"])
    hours: int = Field(default=CODE_HOURS, ge=1, le=168, description="有效小时数")
    by_post: UUID | None = Field(default=None, description="登记人的岗位")


class Issued(BaseModel):
    """A code, shown this once."""

    code: str = Field(examples=["7KQ2-M9XD-4H3T-PW8C-V5RB-N6GY"])
    person: UUID
    hours: int


@sign_in_api.post(
    "/enrolments",
    summary="为他人发放登录登记码 · Let somebody make their own sign-in",
    status_code=201,
    responses=ERRORS,
    openapi_extra={
        "requestBody": {
            "content": {
                "application/json": {"example": {"person": "01900a00-0001-7000-8000-000000000002"}}
            }
        }
    },
)
def enrolments(
    body: Enrolment,
    command: CommandId,
    here: TheServing,
    caller: TheCaller,
    authority: TheAuthority,
) -> Issued:
    """The registrar vouches for who the person is, and gives them the code in person."""
    now = here.now()
    by = actor(here.ledger, caller, body.by_post, [now])
    fact = EnrolmentIssued(person=body.person, until=now)
    authority.do([Act(body.person, fact, now)], body.by_post)
    code = issue_code(here.ledger, body.person, hours=body.hours, command=command, now=now, by=by)
    return Issued(code=code, person=body.person, hours=body.hours)


class PasskeyAsked(BaseModel):
    """What to hand to the browser, binary values as base64url."""

    options: dict[str, Any]


@sign_in_api.post(
    "/sign-in/passkey/options",
    summary="取得通行密钥登录的请求 · What a browser needs to sign in by passkey",
    responses=ERRORS,
)
def passkey_options(request: Request, here: TheServing) -> PasskeyAsked:
    """Return the options of navigator.credentials.get (WebAuthn §5.5); good once."""
    challenge = new_challenge(here)
    return PasskeyAsked(
        options={
            "challenge": write_base64url(challenge),
            "rpId": _rp_id(request),
            "allowCredentials": [],
            "userVerification": "required",
            "timeout": _TIMEOUT,
        }
    )


class PasskeyAnswer(Sent):
    """What a passkey answered, and what it was asked."""

    credential: Base64url = Field(description="凭据编号（base64url）")
    challenge: Base64url = Field(description="所签的请求（base64url）")
    client_data: Base64
    authenticator_data: Base64
    signature: Base64 = Field(description="签名（base64），ES256 为 r ‖ s")


class SignedInAs(BaseModel):
    """Who has signed in."""

    person: UUID
    began: Instant


_ANSWER = {
    "credential": "5x0kZ3nYb2R5",
    "challenge": "5x0kZ3nYb2R5",
    "client_data": "eyJ0eXBlIjoi",
    "authenticator_data": "SZYN5YgOjGh0",
    "signature": "MEUCIQD5",
}


@sign_in_api.post(
    "/sign-in/passkey",
    summary="以通行密钥登录 · Sign in by passkey",
    responses=ERRORS,
    openapi_extra={"requestBody": {"content": {"application/json": {"example": _ANSWER}}}},
)
def sign_in_by_passkey(
    body: PasskeyAnswer, request: Request, response: Response, here: TheServing
) -> SignedInAs:
    """Begin a session; the answer sets its cookie."""
    sessions.check_from_our_page(request)
    signature = PersonalSignature(
        value=body.signature,
        authenticator_data=body.authenticator_data,
        client_data=body.client_data,
    )
    challenge = read_base64url(body.challenge)
    person = by_passkey(here, body.credential, challenge, signature, _from(request))
    sessions.set_cookie(request, response, sessions.begin(here, person, Manner.PASSKEY))
    return SignedInAs(person=person, began=here.now())


class Code(Sent):
    """An enrolment code."""

    code: str = Field(min_length=1, max_length=100, examples=["7KQ2-M9XD-4H3T-PW8C-V5RB-N6GY"])


@sign_in_api.post(
    "/enrolments/passkey/options",
    summary="取得登记登录通行密钥的请求 · What a browser needs to make a passkey for signing in",
    responses=ERRORS,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"example": {"code": "7KQ2-M9XD"}}}}
    },
)
def enrolment_options(body: Code, request: Request, here: TheServing) -> PasskeyAsked:
    """Return the options of navigator.credentials.create (WebAuthn §5.4) for a code's person."""
    person = whose_code(here, body.code, _from(request))
    name = tell_me(here, person).name or str(person)
    # Not the person's own id: an authenticator keeps one passkey for a user, and the one for
    # signing documents is another.
    return PasskeyAsked(
        options={
            "challenge": write_base64url(new_challenge(here)),
            "rp": {"id": _rp_id(request), "name": "倒查 daocha"},
            "user": {
                "id": write_base64url(user_handle(person)),
                "name": name,
                "displayName": name,
            },
            "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in _ALGORITHMS],
            "authenticatorSelection": {"userVerification": "required", "residentKey": "required"},
            "attestation": "none",
            "timeout": _TIMEOUT,
        }
    )


def user_handle(person: UUID) -> bytes:
    """Return by what an authenticator knows somebody's passkey for signing in."""
    return CREDENTIALS.bytes[:4] + person.bytes


class PasskeyMade(Code):
    """What a browser answered when a passkey was made."""

    challenge: Base64url
    client_data: Base64
    authenticator_data: Base64


@sign_in_api.post(
    "/enrolments/passkey",
    summary="登记登录通行密钥 · Register a passkey for signing in",
    responses=ERRORS,
    openapi_extra={
        "requestBody": {
            "content": {
                "application/json": {
                    "example": {
                        "code": "7KQ2-M9XD",
                        "challenge": "5x0kZ3nYb2R5",
                        "client_data": "eyJ0eXBlIjoi",
                        "authenticator_data": "SZYN5YgOjGh0",
                    }
                }
            }
        }
    },
)
def enrol_passkey(
    body: PasskeyMade, request: Request, response: Response, here: TheServing
) -> SignedInAs:
    """Register the passkey by the code, and sign in; the code is used up."""
    sessions.check_from_our_page(request)
    answer = (read_base64(body.client_data), read_base64(body.authenticator_data))
    site = (_rp_id(request), sessions.own_origin(request))
    challenge = read_base64url(body.challenge)
    person = make_passkey(here, body.code, challenge, answer, site, _from(request))
    sessions.set_cookie(request, response, sessions.begin(here, person, Manner.PASSKEY))
    return SignedInAs(person=person, began=here.now())


def _rp_id(request: Request) -> str:
    host = sessions.own_origin(request).partition("//")[2]
    return host.rpartition(":")[0] or host

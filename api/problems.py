"""Every refusal as ``application/problem+json`` (RFC 9457), in the reader's language.

One table says which status, type and title an error of :mod:`domain.errors` has; the error itself
says what is wrong, by which clause, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from api.complaints import complaints
from api.pages.render import VIEW, Switches, Visitor, error_page, read_view
from api.pages.words import Lang, Speech
from domain.errors import (
    CommandReused,
    Conflict,
    Contradiction,
    DaochaError,
    Forbidden,
    GateClosed,
    Invalid,
    NotAuthenticated,
    NotFound,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI, Request

    from api.caller import Caller
    from api.complaints import Complaint
    from api.pages.words import Lang

MEDIA_TYPE = "application/problem+json"
TYPES = "https://daocha.example/problems/"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class BadRequest(Invalid):
    """The request as such cannot be read: no JSON, a header missing."""


class TooLarge(Invalid):
    """The request's body is larger than this server reads."""


class TooManyHeaders(Invalid):
    """The request's headers are too many or too long."""


class TooSlow(Unavailable):
    """The request's body did not come in time."""


class WrongMediaType(Invalid):
    """The request's body is not JSON."""


class MethodNotAllowed(Invalid):
    """There is something at this address, but nothing that can be done to it this way."""


class PreconditionFailed(Conflict):
    """The record is not at the version that ``If-Match`` names."""


class TooOften(DaochaError):
    """It was tried too often; ``seconds`` is how long to wait."""

    def __init__(self, zh: str, en: str, *, seconds: int, todo_zh: str, todo_en: str) -> None:
        super().__init__(zh, en, todo_zh=todo_zh, todo_en=todo_en)
        self.seconds = seconds


class NotForLists(Invalid):
    """Lists answer for now (decision 18)."""


class Broken(DaochaError):
    """A fault of this program."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What every error of one class has in common."""

    status: int
    slug: str
    zh: str
    en: str
    headers: tuple[tuple[str, str], ...] = ()


KINDS: dict[type[DaochaError], Kind] = {
    BadRequest: Kind(400, "bad-request", "请求无法读取", "The request cannot be read"),
    TooLarge: Kind(413, "too-large", "请求过大", "The request is too large"),
    TooManyHeaders: Kind(431, "too-many-headers", "请求标头过大", "The headers are too large"),
    TooSlow: Kind(
        408, "too-slow", "请求过慢", "The request is too slow", (("Connection", "close"),)
    ),
    WrongMediaType: Kind(
        415,
        "wrong-media-type",
        "请求须为 JSON",
        "The request must be JSON",
        (("Accept-Post", "application/json"),),
    ),
    MethodNotAllowed: Kind(405, "method-not-allowed", "不支持此操作", "Not done this way"),
    PreconditionFailed: Kind(
        412, "precondition-failed", "档案已有变化", "The record has changed since"
    ),
    NotForLists: Kind(400, "not-for-lists", "列表只答当前", "Lists answer for now"),
    Invalid: Kind(422, "invalid", "内容不合要求", "Not of the form it must have"),
    NotFound: Kind(404, "not-found", "未找到", "Nothing of that name is on record"),
    GateClosed: Kind(409, "gate-closed", "条件不具备，不予生效", "A condition is not met"),
    Contradiction: Kind(409, "contradiction", "与记录矛盾", "It contradicts the record"),
    Conflict: Kind(409, "conflict", "记录已有变化", "The record has changed since"),
    CommandReused: Kind(
        422, "command-reused", "命令编号已用过", "The command's id stands for another content"
    ),
    NotAuthenticated: Kind(
        401,
        "not-authenticated",
        "须先表明身份",
        "Who acts is not known",
        (("WWW-Authenticate", 'Bearer realm="daocha"'),),
    ),
    TooOften: Kind(429, "too-often", "过于频繁", "Too often"),
    Forbidden: Kind(403, "forbidden", "无权如此", "Who acts may not do this"),
    Unavailable: Kind(
        503, "unavailable", "暂时不可用", "Not available just now", (("Retry-After", "2"),)
    ),
    Broken: Kind(500, "broken", "程序出错", "A fault of this program"),
}
"""An error's class to what it is on the wire; a subclass without a row takes its parent's."""


def kind_of(error: DaochaError) -> Kind:
    """Return what an error is on the wire."""
    return next(KINDS[each] for each in type(error).__mro__ if each in KINDS)


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    where: str = Field(description="字段 · the field", examples=["items.0.deadline"])
    detail: str


class Problem(BaseModel):
    """Why something was refused, and what to do (RFC 9457)."""

    type: str = Field(examples=[f"{TYPES}gate-closed"])
    title: str = Field(examples=["条件不具备，不予生效"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["当月尚有未了结的隐患，零报告不能生效"])
    todo: str | None = Field(default=None, description="怎么办 · what to do")
    clause: str | None = Field(
        default=None, description="依据条款 · the clause of the policy", examples=["3.2c"]
    )
    where: str | None = Field(default=None, description="位置 · the field or position")
    errors: list[FieldProblem] | None = Field(default=None, description="逐项问题 · field by field")
    request: str | None = Field(default=None, description="请求编号 · the request's id")


def language(accepted: str | None) -> Lang:
    """Return the language to answer in by ``Accept-Language`` (RFC 9110 §12.5.4); zh if unsure."""
    weighed: list[tuple[float, int, Lang]] = []
    for place, each in enumerate((accepted or "").split(",")[:20]):
        tag, _, parameters = each.strip().partition(";")
        name = tag.strip().lower().split("-")[0]
        if name in ("zh", "en"):
            weighed.append((-_weight(parameters), place, cast("Lang", name)))
    chosen = [each for each in sorted(weighed) if each[0] < 0]
    return chosen[0][2] if chosen else "zh"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def answer(
    request: Request,
    error: DaochaError,
    faults: list[Complaint] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response that tells of an error: a problem, or a page for a browser."""
    kind = kind_of(error)
    request.scope["daocha.problem"] = kind.slug
    also = {**dict(kind.headers), **(headers or {})}
    if isinstance(error, TooOften):
        also["Retry-After"] = str(error.seconds)
    if _wants_page(request):
        if isinstance(error, NotAuthenticated) and request.method in ("GET", "HEAD"):
            return RedirectResponse(sign_in_address(request), 303)
        page = error_page(kind.status, error, *_view(request))
        return Response(page, kind.status, also, "text/html; charset=utf-8")
    lang = language(request.headers.get("accept-language"))
    problem = _problem(error, kind, lang, faults or [], request.scope.get("daocha.request"))
    return Response(
        problem.model_dump_json(exclude_none=True),
        kind.status,
        {"Content-Language": lang, "Vary": "Accept-Language", **also},
        MEDIA_TYPE,
    )


def _problem(
    error: DaochaError, kind: Kind, lang: Lang, faults: list[Complaint], request: str | None
) -> Problem:
    zh = lang == "zh"
    told = [FieldProblem(where=f.where, detail=f.zh if zh else f.en) for f in faults]
    return Problem(
        type=TYPES + kind.slug,
        title=kind.zh if zh else kind.en,
        status=kind.status,
        detail=error.zh if zh else error.en,
        todo=(error.todo_zh if zh else error.todo_en) or None,
        clause=error.clause,
        where=error.where,
        errors=told or None,
        request=request,
    )


def _view(request: Request) -> tuple[Lang, Switches]:
    """Return how an error is shown, and to whom, without asking the ledger: it may be the error."""
    lang, switches = read_view(request.query_params)
    caller: Caller | None = getattr(request.state, "caller", None)
    session = caller.session if caller else None
    visitor = Visitor(Speech(lang)("account"), session.token) if session else None
    return lang, replace(
        switches, path=request.url.path, inside=caller is not None, visitor=visitor
    )


def sign_in_address(request: Request) -> str:
    """Return where to sign in, and come back from to the page that was asked for."""
    query = request.url.query
    back = f"{request.url.path}?{query}" if query else request.url.path
    shown = {name: request.query_params[name] for name in VIEW if name in request.query_params}
    return f"/sign-in?{urlencode({**shown, 'back': back})}"


def _wants_page(request: Request) -> bool:
    is_page = not request.url.path.startswith(("/api/", "/health", "/openapi"))
    return is_page and "text/html" in request.headers.get("accept", "")


def invalid(faults: list[Complaint]) -> Invalid:
    """Return the error that sums up what is wrong with a request's fields."""
    return Invalid(
        "；".join(fault.zh for fault in faults[:3]),
        "; ".join(fault.en for fault in faults[:3]),
        todo_zh="按所列各项更正后再提交",
        todo_en="put these right and send it again",
        where=faults[0].where,
    )


def allowed(request: Request) -> list[str]:
    """Return the methods that the request's address knows."""
    known = [method for method in _METHODS if _knows(request, method)]
    return [*known, *(["HEAD"] if "GET" in known else []), *(["OPTIONS"] if known else [])]


def _knows(request: Request, method: str) -> bool:
    root = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    scope = {**request.scope, "method": method, "root_path": root}
    return any(
        route.matches(scope)[0] is Match.FULL
        for route in request.app.routes
        if method == "GET" or not isinstance(route, Mount)  # what is mounted is only read
    )


async def _refused(request: Request, error: Exception) -> Response:
    return answer(request, cast("DaochaError", error))


async def _not_valid(request: Request, error: Exception) -> Response:
    errors = cast("RequestValidationError", error).errors()
    faults = complaints(errors)
    summary = invalid(faults)
    if errors[0]["type"] == "json_invalid":
        summary = BadRequest(summary.zh, summary.en, where="body")
    return answer(request, summary, faults)


async def _http(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    headers = {"Allow": ", ".join(allowed(request))} if raised.status_code == 405 else {}  # noqa: PLR2004
    return answer(request, of_status(raised.status_code), headers=headers)


def of_status(status: int) -> DaochaError:
    """Return the error that a status of the framework's own stands for."""
    return _HTTP.get(status, _unreadable)()


def _unreadable() -> DaochaError:
    return BadRequest(
        "请求正文无法读取",
        "the request's body cannot be read",
        todo_zh="核对 JSON 格式",
        todo_en="check that it is JSON",
    )


def too_slow() -> TooSlow:
    """Return the refusal of a body that does not come."""
    return TooSlow(
        "请求正文传送过慢",
        "the request's body came too slowly",
        todo_zh="检查网络后重发；同一命令用同一编号",
        todo_en="check the connection and send it again, with the same command id",
    )


_HTTP: dict[int, Callable[[], DaochaError]] = {
    404: lambda: NotFound(
        "没有这个地址",
        "there is nothing at this address",
        todo_zh="接口目录见 /docs",
        todo_en="see /docs for what there is",
    ),
    405: lambda: MethodNotAllowed(
        "此地址不支持这种操作",
        "this cannot be done at this address",
        todo_zh="可用的操作见 Allow 标头",
        todo_en="see the Allow header for what can be done",
    ),
    413: lambda: TooLarge(
        "请求正文超过上限",
        "the body is larger than this server reads",
        todo_zh="分几次提交；大的材料存为附件，只记其摘要",
        todo_en="send it in parts; store large matter elsewhere and record its digest",
    ),
}


def handle_problems(app: FastAPI) -> None:
    """Let the application answer every error as a problem."""
    app.add_exception_handler(DaochaError, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)

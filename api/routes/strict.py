"""How every request is read: JSON and nothing else, known parameters and no others.

A mistyped ``known_at`` that is ignored would give a true answer to another question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute

from api.limits import check_json
from api.problems import BadRequest, WrongMediaType

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Response

_HAS_BODY = ("POST", "PUT", "PATCH")


class _StrictRequest(Request):
    """A request whose body is strict JSON: no NaN, no half of a surrogate pair, valid UTF-8."""

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        body = await self.body()
        check_json(body)
        return orjson.loads(body)


class StrictRoute(APIRoute):
    """A route that takes what it knows and refuses the rest."""

    media_type = "application/json"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with the checks before it."""
        handle = super().get_route_handler()
        taken = get_flat_params(self.dependant)
        known = {p.alias for p in taken if getattr(p.field_info, "in_", None) is ParamTypes.query}

        async def checked(request: Request) -> Response:
            if request.method in _HAS_BODY:
                _check_media_type(request, self.media_type)
            unknown = sorted(set(request.query_params) - known)
            if unknown:
                loc = ("query", unknown[0][:50])
                raise RequestValidationError([{"type": "unexpected_query", "loc": loc, "msg": ""}])
            strict = _StrictRequest(request.scope, request.receive)
            try:
                return await handle(strict)
            finally:
                await strict.close()  # the files of a form

        return checked


class FormRoute(StrictRoute):
    """The same for what a form on a page sends."""

    media_type = "application/x-www-form-urlencoded"


class UploadRoute(StrictRoute):
    """The same for a form with files."""

    media_type = "multipart/form-data"


def _check_media_type(request: Request, wanted: str) -> None:
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    if kind.strip().lower() != wanted:
        if wanted in (FormRoute.media_type, UploadRoute.media_type):
            raise WrongMediaType(
                "请在页面上填写后提交",
                "this is sent by the form on the page",
                todo_zh="打开相应页面填写",
                todo_en="open the page and fill it in",
            )
        if wanted != StrictRoute.media_type:
            raise WrongMediaType(
                f"请求正文须为 {wanted}",
                f"the body must be {wanted}",
                todo_zh=f"加上标头 Content-Type: {wanted}",
                todo_en=f"send the header Content-Type: {wanted}",
            )
        raise WrongMediaType(
            "请求正文须为 JSON",
            "the body must be JSON",
            todo_zh="加上标头 Content-Type: application/json",
            todo_en="send the header Content-Type: application/json",
        )
    if wanted == UploadRoute.media_type:
        return  # its parameter is the boundary
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise WrongMediaType("JSON 须为 UTF-8", "JSON is in UTF-8")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise BadRequest("不支持压缩的请求正文", "compressed bodies are not read")

"""The OpenAPI document: what the whole API has in common, told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from api.operations import NOUNS
from api.problems import KINDS, MEDIA_TYPE, TYPES, Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

TITLE = "倒查 daocha"
COMMAND_ID = "Idempotency-Key"
"""The header with the command's id. Its absence is refused in our own words."""
DESCRIPTION = """\
安全生产监管与责任台账。事实只增不改；每条事实有两个时间：*发生*与*录入*。

- **录入**：`POST` 一类事实。标头 `Idempotency-Key` 必填，为客户端生成的 UUID，
  同一命令重发须用同一编号；`If-Match` 可选，为读取档案时所得的 `ETag`。
  开始一份档案的事实，档案编号由客户端生成（UUIDv7）。
- **查询**：`as_at` 问“到那时为止发生了什么”，`known_at` 问“截至那时台账所知”。列表只答当前。
- **拒绝**：`application/problem+json`，写明条款（`clause`）和怎么办（`todo`），
  随 `Accept-Language` 用中文或英文。
- **时间**：带时区的 RFC 3339 时间，或日期；日期指北京时间的一整天。金额以分为单位。

A ledger of production-safety supervision from which responsibility can be traced. Facts are only
ever added; each has two times, when it *happened* and when it was *recorded*.

- **Record** by `POST`: one route for each kind of fact. `Idempotency-Key` is required, a UUID that
  the client makes, the same again for a retry; `If-Match` takes the `ETag` of a record.
- **Ask**: `as_at` means what had happened by then, `known_at` what the ledger held then. Lists
  answer for now.
- **Refusals** are `application/problem+json`, naming the clause and what to do.
- **Times** are zoned RFC 3339 times, or days, which mean whole days in Asia/Shanghai. Money is in
  fen.
"""
_TOLD = {
    400: "请求无法读取 · The request cannot be read",
    401: "须凭令牌访问 · A token is needed",
    403: "无权如此 · Who acts may not do this",
    404: "未找到 · Nothing of that name is on record",
    409: "与记录矛盾，或条件不具备 · It contradicts the record, or a gate of the policy is closed",
    412: "档案已有变化 · The record has changed since",
    413: "请求过大 · The request is too large",
    415: "请求须为 JSON · The request must be JSON",
    422: "内容不合要求，或命令编号已用于另一内容 · Not of the form it must have, or the id is used",
    429: "过于频繁 · Too often",
    503: "暂时不可用 · Not available just now",
}


def _problem(status: int) -> dict[str, Any]:
    kind = next(kind for kind in KINDS.values() if kind.status == status)
    example = {
        "type": TYPES + kind.slug,
        "title": kind.zh,
        "status": status,
        "detail": "……",
        "todo": "……",
    }
    if kind.slug == "gate-closed":
        example |= {"clause": "3.1b"}
    return {
        "description": _TOLD[status],
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }


ERRORS: dict[int | str, dict[str, Any]] = {status: _problem(status) for status in _TOLD}
"""What any command may be answered instead."""
ERRORS_OF_QUESTIONS: dict[int | str, dict[str, Any]] = {
    status: ERRORS[status] for status in (400, 401, 403, 404, 422, 503)
}
"""What any question may be answered instead."""
HEADERS_OF_COMMANDS: dict[str, Any] = {
    "ETag": {
        "description": "档案的版本 · the record's version",
        "schema": {"type": "string", "example": '"1"'},
    },
    "Location": {
        "description": "事实的地址 · where the fact is read",
        "schema": {"type": "string", "example": "/api/v1/facts/1042"},
    },
    "Idempotency-Replayed": {
        "description": "此命令先前已录入 · the command was recorded before",
        "schema": {"type": "string", "example": "true"},
    },
}


def describe(app: FastAPI) -> None:
    """Let the application describe itself once, with what all operations share."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI's own documentation does it


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=TITLE,
        version=app.version,
        summary="安全生产监管与责任台账 · the ledger that traces",
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": f"{noun.zh} · {noun.en}"} for noun in NOUNS.values()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                parameter["required"] |= parameter["name"] == COMMAND_ID
    schemas = document["components"]["schemas"]
    reference = "#/components/schemas/{model}"
    problem = Problem.model_json_schema(ref_template=reference)
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    return document

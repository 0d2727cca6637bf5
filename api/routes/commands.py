"""Commands: one route for every kind of fact, and one for several acts together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Union
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Response
from pydantic import BaseModel, Field

from api.access import TheCaller
from api.commands import Asked, perform
from api.documentation import COMMAND_ID, ERRORS, HEADERS_OF_COMMANDS
from api.examples import example_of, example_of_commands
from api.operations import BY_POST, operations
from api.problems import BadRequest
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey, make_model
from api.serving import TheServing
from domain.errors import Unavailable
from domain.moment import Instant
from domain.monthly_report import MONTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.operations import Address, Noun, Operation
    from api.serving import Serving
    from domain.fact import Entry
    from domain.ledger import Receipt

MOST_ACTS = 100
_LONGEST_WAIT = 10.0
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,3}(?:\.\d{1,3})?)(?:$|[,;\s])")
_VERSION = re.compile(r'"(\d{1,9})"')


class RecordedAct(BaseModel):
    """Where an act stands now: its position, and the record it is in."""

    position: int = Field(examples=[1042])
    topic: str = Field(examples=["hazard.found"])
    record: UUID
    version: int = Field(description="档案现为第几版 · the record's version", examples=[1])


class Recorded(RecordedAct):
    """What became of a command with one act."""

    command: UUID
    recorded: Instant


class RecordedTogether(BaseModel):
    """What became of a command with several acts."""

    command: UUID
    recorded: Instant
    acts: list[RecordedAct]


def command_id(
    idempotency_key: Annotated[
        str | None,
        Header(
            alias=COMMAND_ID,
            description=(
                "命令编号（UUID），由客户端生成；同一命令重发须用同一编号"
                " · the command's id, a UUID made by the client; the same again for a retry"
            ),
            examples=["0192f0c1-7d3a-7cc2-9a43-3f6c1f7a8a01"],
        ),
    ] = None,
) -> UUID:
    """Return the command's id from ``Idempotency-Key``, with or without quotes.

    Raises:
        BadRequest: it is missing or no UUID.
    """
    try:
        return UUID((idempotency_key or "").strip().strip('"'))
    except ValueError as error:
        raise BadRequest(
            "缺少 Idempotency-Key 标头" if idempotency_key is None else "Idempotency-Key 须为 UUID",
            "the Idempotency-Key header is missing or holds no UUID",
            todo_zh="为每个命令生成一个 UUID；重发同一命令时用同一个",
            todo_en="make a UUID for every command, and send the same one when you retry it",
            where=COMMAND_ID,
        ) from error


def expected_version(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description=(
                "所依据的档案版本，即读取时的 ETag · the version decided on, as the ETag gave it"
            ),
            examples=['"3"'],
        ),
    ] = None,
) -> int | None:
    """Return the version of the record that the client decided on, from ``If-Match``.

    Raises:
        BadRequest: it is not one version as an ``ETag`` of ours gives it.
    """
    if if_match is None:
        return None
    found = _VERSION.fullmatch(if_match.strip())
    if not found:
        raise BadRequest(
            'If-Match 须为读取档案时所得的 ETag，如 "3"',
            'If-Match takes the ETag of the record as it was read, such as "3"',
            todo_zh="先读取档案，再把其 ETag 原样送回",
            todo_en="read the record and send its ETag back as it is",
            where="If-Match",
        )
    return int(found[1])


def seconds_to_wait(
    prefer: Annotated[
        str | None,
        Header(
            alias="Prefer",
            description=(
                "wait=2：待查询视图更新后再答（至多秒数）"
                " · wait=2: answer once lists show it, or after so many seconds (RFC 7240)"
            ),
            examples=["wait=2"],
        ),
    ] = None,
) -> float:
    """Return for how many seconds the client would wait to read its own writes; 0: not at all."""
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), _LONGEST_WAIT) if found else 0.0


CommandId = Annotated[UUID, Depends(command_id)]
Expected = Annotated[int | None, Depends(expected_version)]
Wait = Annotated[float, Depends(seconds_to_wait)]


def _one_record(record: UUID) -> dict[str, Any]:
    return {"record": record}


def _one_organisation(record: OrganisationKey) -> dict[str, Any]:
    return {"record": record}


def _one_enterprise(enterprise: OrganisationKey) -> dict[str, Any]:
    return {"enterprise": enterprise}


def _one_month(
    enterprise: OrganisationKey, month: Annotated[str, Path(pattern=MONTH)]
) -> dict[str, Any]:
    return {"enterprise": enterprise, "month": month}


def _no_address() -> dict[str, Any]:
    return {}


_ADDRESSES: dict[Address, Callable[..., dict[str, Any]]] = {
    "record": _one_record,
    "enterprise": _one_enterprise,
    "month": _one_month,
    "single": _no_address,
}


def address_of(noun: Noun) -> Callable[..., dict[str, Any]]:
    """Return what reads the address of a record of this noun from the path."""
    return _one_organisation if noun.name == "org" else _ADDRESSES[noun.address]


def command_routes() -> APIRouter:
    """Return a route for every operation, and the one for several acts together."""
    router = APIRouter(route_class=StrictRoute)
    for operation in operations().values():
        _add(router, operation)
    _add_together(router)
    return router


def _add(router: APIRouter, operation: Operation) -> None:
    topic, noun = operation.topic, operation.noun
    router.add_api_route(
        operation.path,
        _endpoint(operation),
        methods=["POST"],
        name=topic.name,
        operation_id=topic.name.replace(".", "_"),
        status_code=201,
        response_model=Recorded,
        tags=[f"{noun.zh} · {noun.en}"],
        summary=f"{topic.zh} · {topic.en}",
        description=topic.fact.__doc__,
        responses={201: {"headers": HEADERS_OF_COMMANDS}, **ERRORS},
        openapi_extra={
            "requestBody": {
                "content": {"application/json": {"example": example_of(operation)}},
            },
        },
    )


def _endpoint(operation: Operation) -> Callable[..., Recorded]:
    locate = address_of(operation.noun) if operation.addressed else _no_address

    def act(
        body: Any,  # noqa: ANN401 - the operation's own model, set below
        address: Annotated[dict[str, Any], Depends(locate)],
        command: CommandId,
        expected: Expected,
        wait: Wait,
        caller: TheCaller,
        here: TheServing,
        response: Response,
    ) -> Recorded:
        chosen = getattr(body, "record", None)
        where = address if chosen is None else {**address, "record": chosen}
        asked = Asked(operation, body, where, body.happened, expected)
        receipt = perform(here, caller, command, [asked], body.by_post)
        (entry,) = _answered(here, receipt, wait, response)
        response.headers["ETag"] = f'"{entry.version}"'
        response.headers["Location"] = f"/api/v1/facts/{entry.position}"
        return Recorded(**_place(entry).model_dump(), command=command, recorded=receipt.recorded)

    act.__annotations__.update(
        body=operation.body,
        address=Annotated[dict[str, Any], Depends(locate)],
    )
    return act


def _add_together(router: APIRouter) -> None:
    models: Any = Union[tuple(each.listed for each in operations().values())]  # noqa: UP007 - made at run time
    acts: Any = Annotated[models, Field(discriminator="topic")]
    body_model = make_model(
        "Acts",
        {
            "acts": (Annotated[list[acts], Field(min_length=1, max_length=MOST_ACTS)], ...),
            **BY_POST,
        },
        "Several acts in order: all of them are recorded, or none.",
    )

    def act_together(
        body: Any,  # noqa: ANN401 - the model above, set below
        command: CommandId,
        wait: Wait,
        caller: TheCaller,
        here: TheServing,
        response: Response,
    ) -> RecordedTogether:
        asked = [_asked(each) for each in body.acts]
        receipt = perform(here, caller, command, asked, body.by_post)
        entries = _answered(here, receipt, wait, response)
        return RecordedTogether(
            command=command,
            recorded=receipt.recorded,
            acts=[_place(entry) for entry in entries],
        )

    act_together.__annotations__.update(body=body_model)
    router.add_api_route(
        "/commands",
        act_together,
        methods=["POST"],
        operation_id="record_together",
        status_code=201,
        response_model=RecordedTogether,
        tags=["命令 · Commands"],
        summary="一次录入多项，要么全部成立，要么全部不录 · Several acts, all or nothing",
        responses={201: {"headers": HEADERS_OF_COMMANDS}, **ERRORS},
        openapi_extra={
            "requestBody": {
                "content": {"application/json": {"example": example_of_commands()}},
            },
        },
    )


def _asked(each: Any) -> Asked:  # noqa: ANN401 - one of many models
    record = getattr(each, "record", None)
    return Asked(
        operations()[each.topic],
        each.data,
        {} if record is None else {"record": record},
        each.happened,
        each.expected,
    )


def _answered(here: Serving, receipt: Receipt, wait: float, response: Response) -> Sequence[Entry]:
    """Return the facts as they stand, once lists show them if the client would wait for that."""
    if receipt.repeated:
        response.headers["Idempotency-Replayed"] = "true"
    if wait and _shown(here, receipt, wait):
        response.headers["Preference-Applied"] = f"wait={wait:g}"
    first, count = receipt.positions[0], len(receipt.positions)
    return here.ledger.range(first - 1, count, open_sealed=False)


def _shown(here: Serving, receipt: Receipt, wait: float) -> bool:
    try:
        here.runner.wait_for(receipt.positions[-1], wait)
    except Unavailable:  # recorded all the same
        return False
    return True


def _place(entry: Entry) -> RecordedAct:
    return RecordedAct(
        position=entry.position, topic=entry.topic, record=entry.record, version=entry.version
    )

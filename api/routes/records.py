"""Records: one route for every noun, and one for every fact."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.access import TheAuthority, TheCaller
from api.answers import FactPage, RecordAnswer, StoredFact, fact_answer
from api.documentation import ERRORS_OF_QUESTIONS
from api.operations import NOUNS, record_path
from api.records import read_record
from api.routes.commands import address_of
from api.routes.questions import AsAt, Cursor, GivenCursor, KnownAt, Limit
from api.routes.strict import StrictRoute
from api.serving import TheLedger, TheServing
from domain.errors import Invalid, NotFound
from domain.fact import TOPICS
from domain.ledger import Query as Find
from domain.monthly_report import report_id
from domain.organisation import supervision_id
from domain.proof.code import short_code

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from api.operations import Noun
    from domain.fact import Entry
    from domain.ledger import Ledger

_TAGS = 5
_TOPICS = 20
_LARGEST_POSITION = 2**53 - 1


def record_routes() -> APIRouter:
    """Return a route for the records of every noun."""
    router = APIRouter(route_class=StrictRoute)
    for noun in NOUNS.values():
        if noun.address != "single":
            _add(router, noun)
    return router


def _add(router: APIRouter, noun: Noun) -> None:
    router.add_api_route(
        record_path(noun),
        _endpoint(noun),
        methods=["GET"],
        operation_id=f"read_{noun.name}",
        response_model=RecordAnswer,
        tags=[f"{noun.zh} · {noun.en}"],
        summary=f"读取{noun.zh}档案 · One record: {noun.en}",
        responses=ERRORS_OF_QUESTIONS,
    )


def _endpoint(noun: Noun) -> Callable[..., RecordAnswer]:
    locate = address_of(noun)

    def read(
        address: Annotated[dict[str, Any], Depends(locate)],
        known_at: KnownAt,
        here: TheServing,
        _: TheCaller,
        response: Response,
        as_at: AsAt = None,
    ) -> RecordAnswer:
        found = read_record(
            here.ledger,
            noun,
            _record_at(noun, address),
            now=here.now(),
            as_at=as_at,
            known_at=known_at,
        )
        response.headers["ETag"] = f'"{found.version}"'
        return found

    read.__annotations__["address"] = Annotated[dict[str, Any], Depends(locate)]
    return read


def _record_at(noun: Noun, address: dict[str, Any]) -> UUID:
    if noun.address == "month":
        return report_id(address["enterprise"], address["month"])
    if noun.address == "enterprise":
        return supervision_id(address["enterprise"])
    found: UUID = address["record"]
    return found


facts = APIRouter(route_class=StrictRoute, tags=["事实 · Facts"])


@facts.get(
    "/facts",
    summary="按序号列出事实 · Facts by position",
    responses=ERRORS_OF_QUESTIONS,
)
def list_facts(  # noqa: PLR0913 - each is a parameter of the request
    *,
    request: Request,
    response: Response,
    ledger: TheLedger,
    authority: TheAuthority,
    known_at: KnownAt,
    after: Annotated[
        int, Query(ge=0, le=_LARGEST_POSITION, description="此序号之后 · after this position")
    ] = 0,
    tag: Annotated[
        list[str],
        Query(max_length=_TAGS, description="须带有所有标签 · all of them", examples=["org:…"]),
    ] = [],  # noqa: B006 - FastAPI's own form
    topic: Annotated[
        list[str],
        Query(
            max_length=_TOPICS, description="其中任一类 · any of them", examples=["hazard.found"]
        ),
    ] = [],  # noqa: B006 - as above
    limit: Limit = 100,
    cursor: GivenCursor = None,
) -> FactPage:
    """Facts, oldest first. To follow the ledger, ask again after the last position."""
    authority.see_tagged(tag)
    unknown = [each for each in topic if each not in TOPICS]
    if unknown:
        raise Invalid("没有这类事实", "there is no such kind of fact", where="topic")
    paging = Cursor("facts", sorted(tag), sorted(topic), known_at)
    given = paging.read(cursor, _position)
    start = given[0] if given else after
    upto = ledger.position_at(known_at) if known_at else None
    topics = authority.topics(topic)
    found: list[Entry] = []
    while len(found) <= limit:  # what is left out must not show by the length of a page
        read = _facts(ledger, tuple(tag), topics, after=start, upto=upto, limit=limit + 1)
        found += [entry for entry in read if authority.lists(entry)]
        if len(read) <= limit:
            break
        start = read[-1].position
    shown, more = found[:limit], len(found) > limit
    following = paging.write(shown[-1].position) if more else None
    link_next(request, response, following)
    return FactPage(
        facts=[fact_answer(entry) for entry in shown],
        next=following,
        head=ledger.head().position,
    )


def _position(text: str) -> int:
    return min(int(text), _LARGEST_POSITION)


def _facts(
    ledger: Ledger,
    tags: tuple[str, ...],
    topics: tuple[str, ...],
    *,
    after: int,
    upto: int | None,
    limit: int,
) -> list[Entry]:
    if tags or topics:
        return ledger.read(Find(tags, topics), after=after, upto=upto, limit=limit)
    # Positions are dense: so many facts are so many positions.
    return ledger.range(after, limit if upto is None else max(0, min(limit, upto - after)))


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Name the next page in a ``Link`` header (RFC 8288) as well."""
    if cursor:
        url = request.url.include_query_params(cursor=cursor).remove_query_params("after")
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


@facts.get(
    "/facts/{position}",
    summary="读取一条事实及其叶子 · One fact with its leaf",
    responses=ERRORS_OF_QUESTIONS,
)
def read_fact(
    position: Annotated[int, Path(ge=1, le=_LARGEST_POSITION, description="序号 · position")],
    ledger: TheLedger,
    _: TheCaller,
) -> StoredFact:
    """One fact, and the bytes that are stored for it, from which everything can be checked."""
    raw = ledger.range_raw(position - 1, 1)
    if not raw or raw[0].position != position:
        raise NotFound(
            f"没有第 {position} 条事实",
            f"there is no fact at {position}",
            todo_zh="台账的最后一条见 /api/v1/facts 的 head",
            todo_en="see head in /api/v1/facts for the last one",
        )
    (entry,) = ledger.range(position - 1, 1)
    return StoredFact(
        **fact_answer(entry).model_dump(),
        leaf=base64.b64encode(raw[0].leaf).decode(),
        sha256=hashlib.sha256(raw[0].leaf).hexdigest(),
        code=short_code(entry.hash),
    )

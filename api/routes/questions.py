"""What questions take: moments, cursors, sizes of pages."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator

from api.problems import NotForLists
from api.sent import SentMoment
from domain.moment import end

if TYPE_CHECKING:
    from collections.abc import Callable

_PLUS_LOST = re.compile(r"(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:\d{2})")
_LONGEST_CURSOR = 1000


def _with_plus(value: object) -> object:
    """Put back the plus of a zone that became a space in a query string."""
    return _PLUS_LOST.sub(r"\1+\2", value) if isinstance(value, str) else value


QueryMoment = Annotated[SentMoment, BeforeValidator(_with_plus)]


def known_until(
    known_at: Annotated[
        QueryMoment | None,
        Query(
            description=(
                "只取截至此时已录入的；日期指其全天"
                " · only what was recorded by then; a day means all of it"
            ),
            examples=["2024-09-19"],
        ),
    ] = None,
) -> datetime | None:
    """Return the last moment of recording to be taken into account."""
    return end(known_at) if known_at is not None else None


KnownAt = Annotated[datetime | None, Depends(known_until)]
AsAt = Annotated[
    QueryMoment | None,
    Query(
        description="只取截至此时已发生的 · only what had happened by then",
        examples=["2024-09-18T14:25:00+08:00"],
    ),
]


def refuse_other_moments(
    as_at: Annotated[str | None, Query(include_in_schema=False)] = None,
    known_at: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> None:
    """Refuse other moments than now.

    Raises:
        NotForLists: one was asked about (decision 18).
    """
    for name, value in (("as_at", as_at), ("known_at", known_at)):
        if value is not None:
            raise NotForLists(
                f"列表只答当前，不支持 {name}",
                f"lists answer for now and take no {name}",
                todo_zh="可对单个档案、单位的倒查使用 as_at 和 known_at",
                todo_en="ask a single record or a trace as at, or as known at, another moment",
                where=name,
            )


OnlyNow = Annotated[None, Depends(refuse_other_moments)]
Limit = Annotated[int, Query(ge=1, le=500, description="每页至多几条 · the size of a page")]
GivenCursor = Annotated[
    str | None,
    Query(
        max_length=_LONGEST_CURSOR,
        description="上一页给出的 next · the next that the last page gave",
    ),
]


class Cursor:
    """Where a page ended, for one list and one choice of filters.

    It is opaque: clients send it back as they got it. One that another list, or the same list with
    other filters, gave is refused, since it would skip and repeat in silence.

    Args:
        chosen: the list and its filters.
    """

    def __init__(self, *chosen: object) -> None:
        told = repr(chosen).encode()
        self._mark = hashlib.sha256(told).hexdigest()[:12]

    def write(self, *last: object) -> str:
        """Return the cursor after an item with this key."""
        told = orjson.dumps([self._mark, *map(str, last)])
        return base64.urlsafe_b64encode(told).rstrip(b"=").decode()

    def read(self, cursor: str | None, *parts: Callable[[str], Any]) -> tuple[Any, ...] | None:
        """Return the key that a cursor holds; None for the first page.

        Args:
            cursor: what the client sent.
            parts: what reads each part of the key, with ``ValueError`` where it is none.

        Raises:
            RequestValidationError: this list never gave it.
        """
        if cursor is None:
            return None
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            mark, *key = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
            if mark == self._mark:
                return tuple(read(part) for read, part in zip(parts, key, strict=True))
        except (ValueError, TypeError, AttributeError):
            pass
        raise RequestValidationError([{"type": "cursor", "loc": ("query", "cursor"), "msg": ""}])


def readable(text: str) -> str:
    """Return a part of a key that is text; ``ValueError`` where no database could hold it."""
    if "\0" in text:
        message = "no text"
        raise ValueError(message)
    return text

"""Looks 查阅记录: who saw an expert's report, a tip, a person's data or a trace, and for what.

Put down before what was asked for is read, in the one place where it is asked whether somebody may
(``api/access.py``). Each hour the lines go on record together, by their digest (decision 17).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson
from uuid_utils.compat import uuid7

from domain.errors import NotFound
from domain.fact import Actor, canonical
from domain.ledger import Query
from domain.looks import LooksKept, digest_of
from domain.moment import format_moment, parse_moment
from domain.record import facts_of
from domain.recording import Act, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from fastapi import Request

    from api.authority import Authority
    from api.caller import Caller
    from api.serving import Serving
    from domain.ledger import Ledger, Waiting

PURPOSE = "Purpose"
"""The header that says what for, in UTF-8 and percent-encoded (RFC 3986 §2.1)."""
_LONGEST = 200
_NONCE_BYTES = 16
_LONGEST_POSITION = 17
"""Digits: what is longer is no position, and is refused by the route."""
_AT_ONCE = 10_000
_QUERY = Query((), ("looks.kept",))


class Kind(StrEnum):
    """What is sensitive 敏感事项."""

    EXPERT_REPORT = "expert_report"
    TIP = "tip"
    PERSON = "person"
    TRACE = "trace"


KINDS: dict[Kind, tuple[str, str]] = {
    Kind.EXPERT_REPORT: ("专家检查报告", "an expert's report"),
    Kind.TIP: ("举报", "a tip"),
    Kind.PERSON: ("个人信息", "personal data"),
    Kind.TRACE: ("倒查", "a trace"),
}
_API = "/api/v1"
SENSITIVE: dict[str, Kind] = {
    f"{_API}/expert-inspections/{{record}}": Kind.EXPERT_REPORT,
    f"{_API}/enterprises/{{enterprise}}/expert-ledger": Kind.EXPERT_REPORT,
    f"{_API}/tips/{{record}}": Kind.TIP,
    f"{_API}/persons/{{record}}": Kind.PERSON,
    f"{_API}/enterprises/{{enterprise}}/trace": Kind.TRACE,
    f"{_API}/enterprises/{{enterprise}}/duties": Kind.TRACE,
    f"{_API}/incidents/{{incident}}/trace": Kind.TRACE,
    f"{_API}/traces/what-if": Kind.TRACE,
    f"{_API}/bundles/traces/{{enterprise}}": Kind.TRACE,
    f"{_API}/bundles/incidents/{{incident}}": Kind.TRACE,
    f"{_API}/bundles/extracts/{{enterprise}}": Kind.TRACE,
    f"{_API}/facts": Kind.TRACE,
    f"{_API}/papers/{{paper}}/file": Kind.TRACE,
    "/expert-inspections/{record}": Kind.EXPERT_REPORT,
    "/enterprises/{enterprise}/experts": Kind.EXPERT_REPORT,
    "/experts/{person}": Kind.PERSON,
    "/trace": Kind.TRACE,
    "/what-if": Kind.TRACE,
    "/incidents/{incident}/trace": Kind.TRACE,
}
"""The routes by which it is seen."""
_FACT = f"{_API}/facts/{{position}}"
_BY_NOUN = {"person": Kind.PERSON, "tip": Kind.TIP, "expert_inspection": Kind.EXPERT_REPORT}
"""What a single fact tells of, by the noun of its record."""
_NAMES = ("record", "enterprise", "incident", "paper", "person", "position", "tag")


def put_down(
    here: Serving, request: Request, path: str, caller: Caller, authority: Authority
) -> None:
    """Keep that somebody is about to see what is sensitive; nothing for other addresses.

    Args:
        here: where it is kept.
        request: what was asked.
        path: the address as it is declared.
        caller: who asks.
        authority: by which posts.
    """
    kind = _of_a_fact(here, request) if path == _FACT else SENSITIVE.get(path)
    if kind is None:
        return
    given = {**request.query_params, **request.path_params}
    line = {
        "by": caller.authentication,
        "person": str(caller.person) if caller.person else None,
        "posts": [str(post.post) for post in authority.standing.posts],
        "purpose": unquote(request.headers.get(PURPOSE, ""), errors="replace")[:_LONGEST] or None,
        "request": request.scope.get("daocha.request"),
    }
    about = {name: str(given[name])[:100] for name in _NAMES if name in given}
    put_line(here.waiting, kind, about, line, here.now(), here.random(_NONCE_BYTES))


def _of_a_fact(here: Serving, request: Request) -> Kind | None:
    """Return what a single fact tells of that is sensitive, if it does."""
    text = str(request.path_params.get("position", ""))
    position = int(text) if text.isdecimal() and len(text) < _LONGEST_POSITION else 0
    found = here.ledger.range(position - 1, 1, open_sealed=False) if position else []
    return _BY_NOUN.get(found[0].fact.topic.noun) if found else None


def put_line(
    waiting: Waiting,
    kind: Kind,
    about: dict[str, str],
    line: dict[str, Any],
    now: datetime,
    nonce: bytes,
) -> None:
    """Keep a look.

    Args:
        waiting: where it is kept.
        kind: what was looked at.
        about: of whom or what.
        line: who looked, and for what.
        now: the moment, aware.
        nonce: 16 random bytes, so that nobody can guess at a digest.
    """
    told = {"at": format_moment(now), "kind": kind.value, "about": about, "nonce": nonce.hex()}
    waiting.put_look(canonical({**told, **line}).decode())


def put_looks_on_record(here: Serving) -> int:
    """Put the digest of the looks that are on no record yet into the ledger; return how many."""
    batch, lines = here.waiting.gather(uuid7(), _AT_ONCE)
    if not lines:
        return 0
    moments = [parse_moment(orjson.loads(line)["at"]) for line in (lines[0], lines[-1])]
    fact = LooksKept.model_validate(
        {"count": len(lines), "first": moments[0], "last": moments[1], "digest": digest_of(lines)}
    )
    now = here.now()
    act = Act(batch, fact, now, expected=0)
    if not here.ledger.existing([batch]):  # an earlier attempt may have come so far
        by = Actor(authentication="system")
        record(here.ledger, [act], command=batch, by=by, received=now)
    here.waiting.settle(batch)
    return len(lines)


def looks_of(
    ledger: Ledger, waiting: Waiting, *, person: UUID | None = None, since: datetime
) -> Iterator[dict[str, Any]]:
    """Yield the looks that are on record, oldest first, each checked against its batch's digest.

    Args:
        ledger: where the digests stand.
        waiting: where the lines are kept.
        person: only those at this person's record, or by them.
        since: only those put on record from then on.

    Raises:
        NotFound: lines of a batch were changed or are gone; names it.
    """
    for entry, fact in facts_of([*ledger.read(_QUERY)], LooksKept):
        if entry.recorded < since:
            continue
        lines = waiting.looks(entry.record)
        if len(lines) != fact.count or digest_of(lines) != fact.digest:
            raise NotFound(
                f"第{entry.position}条所记的 {fact.count} 条查阅记录已被改动或缺失",
                f"of the {fact.count} looks that fact {entry.position} tells of, some were changed"
                " or are gone",
                todo_zh="从备份恢复查阅记录；此事须查明",
                todo_en="restore them from a backup, and find out how it came about",
            )
        for line in map(orjson.loads, lines):
            seen = {line["person"], line["about"].get("record"), line["about"].get("person")}
            if person is None or str(person) in seen:
                yield line

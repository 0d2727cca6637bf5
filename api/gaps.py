"""Gaps 责任缺口: what nobody holds now, for whoever may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.duty_list import read_cursor
from api.pages.render_duties import GapTold
from domain.answer import Words
from domain.labels import POST_KINDS
from domain.moment import local_day, parse_moment
from domain.people import PostKind
from projections.organisations import organisations_named
from projections.owed_asked import list_gaps

if TYPE_CHECKING:
    from api.authority import Authority
    from api.serving import Serving


def tell_gaps(
    here: Serving, authority: Authority, clause: str, after: str | None, limit: int
) -> tuple[list[GapTold], str | None]:
    """Return a page of gaps, the oldest first, and from where the next page goes on.

    Args:
        here: the record, and the clock.
        authority: what whoever asks may see.
        clause: only those under one clause; empty: all.
        after: ``cursor`` of the last line already seen.
        limit: lines of a page.
    """
    rows = list_gaps(
        here.views,
        scope=authority.scope,
        limit=limit + 1,
        clause=clause or None,
        after=read_cursor(after),
    )
    names = organisations_named(here.views, {row["answers_org"] for row in rows} - {None})
    today = local_day(here.now())
    told = [
        GapTold(
            clause=row["clause"],
            text=Words(zh=row["zh"], en=row["en"]),
            organisation=row["name"],
            since=(since := parse_moment(row["since"])),
            days=(today - local_day(since)).days,
            answers=names.get(row["answers_org"], "") + POST_KINDS[PostKind(row["answers_kind"])],
            cursor=f"{row['began'].isoformat()} {row['id']}",
        )
        for row in rows[:limit]
    ]
    return told, told[-1].cursor if len(rows) > limit else None

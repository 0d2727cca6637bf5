"""What stands on a desk 工作台: what I owe and by when, what is owed to us, what changed."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from api.me import name_of
from api.owing import (
    bring_up,
    desk_of,
    left_to_judge,
    own_duties,
    settled_duties,
    tell_duties,
)
from api.pages.render_duties import ClauseCount, DeskTold, Shown
from api.rounds_owed import rounds_owed
from api.routes.shown import fresh
from domain.organisation import OrgKind
from projections.dockets import Dockets
from projections.organisations import organisations_named
from projections.owed_asked import (
    FAR,
    Asked,
    Bearers,
    Part,
    count_by_clause,
    count_owed,
    list_owed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from api.owing import Desk, DutyTold
    from api.serving import Serving
    from projections.charges import Scope

_LONG, _SHORT = 30, 10
"""Lines of what is one's own, and of what is shown beside it."""
_LATELY = timedelta(days=7)
_PARTS = (Part.OVERDUE, Part.SOON, Part.LATER)


def tell_desk(here: Serving, person: UUID, scope: Scope | None) -> DeskTold:
    """Return what stands on somebody's desk.

    Args:
        here: the record, and the clock.
        person: whose.
        scope: what they may see.
    """
    desk = desk_of(here, person)
    left = bring_up(here, desk.organisations)
    names = organisations_named(here.views, desk.organisations)
    whole = Bearers(organisations=tuple(desk.led))
    kept = chain.from_iterable(own_duties(here, desk, part, _LONG) for part in _PARTS)
    rounds = _rounds(here, desk)
    owed = sorted((*rounds, *kept), key=lambda duty: (duty.due or FAR, duty.id))
    return DeskTold(
        name=name_of(here, person),
        posts=[f"{names.get(post.organisation, '')} {post.title}" for post in desk.posts],
        counts=_with(count_owed(here.views, Asked(desk.everything, here.now())), rounds),
        owed=Shown("desk.owed", owed[:_LONG], f"/duties?person={person}"),
        coming=Shown("desk.coming", own_duties(here, desk, Part.COMING, _SHORT)),
        by_unit=_by_unit(here, desk, owed) if desk.led else None,
        owed_to=_owed_to(here, desk) if desk.led else None,
        owed_to_clauses=_counted(here, Asked(_counterparts(desk), here.now())),
        changed=Shown("desk.changed", _changed(here, desk, whole)),
        behind=left or left_to_judge(here, scope),
        fresh=fresh(here, Dockets.name),
    )


def _rounds(here: Serving, desk: Desk) -> list[DutyTold]:
    """Return the rounds of checks that somebody's own enterprises owe by their posts (3.1a)."""
    rows = [
        row
        for org in desk.organisations
        if desk.directory.organisations[org].kind is OrgKind.ENTERPRISE
        for row in rounds_owed(here.ledger, org, here.now())
        if _is_theirs(row, desk.everything)
    ]
    return tell_duties(here, rows, desk.directory, desk.stands_in)


def _is_theirs(row: Mapping[str, Any], whose: Bearers) -> bool:
    if row["bearer_post"]:
        return row["bearer_post"] in whose.posts
    return (row["bearer_org"], row["bearer_kind"]) in whose.kinds


def _with(counts: dict[Part, int], rounds: list[DutyTold]) -> dict[Part, int]:
    """Return the counts with the rounds among them; what is open is due today or this week."""
    for duty in rounds:
        counts[Part.OVERDUE if duty.state == "broken" else Part.SOON] += 1
    return counts


def tell_overview(here: Serving) -> DeskTold:
    """Return what stands on the desk of the machine's owner: what everybody owes."""
    bring_up(here, [])
    asked = Asked(Bearers(everybody=True), here.now())
    rows = [
        row
        for part in (Part.OVERDUE, Part.SOON)
        for row in list_owed(here.views, asked, part, limit=_LONG)
    ]
    coming = list_owed(here.views, asked, Part.COMING, limit=_SHORT)
    since = here.now() - _LATELY
    return DeskTold(
        name=None,
        posts=[],
        counts=count_owed(here.views, asked),
        owed=Shown("desk.everybody", tell_duties(here, rows[:_LONG])),
        coming=Shown("desk.coming", tell_duties(here, coming)),
        by_unit=None,
        owed_to=None,
        owed_to_clauses=_counted(here, asked),
        changed=Shown("desk.changed", settled_duties(here, asked.whose, since, _SHORT)),
        behind=left_to_judge(here, None),
        fresh=fresh(here, Dockets.name),
    )


def _counterparts(desk: Desk) -> Bearers:
    return Bearers(counterparts=tuple(desk.led))


def _by_unit(here: Serving, desk: Desk, owed: list[DutyTold]) -> Shown:
    """Return what others of the organisation owe: overdue first, then soonest due."""
    asked = Asked(Bearers(organisations=tuple(desk.led)), here.now())
    rows = [
        row
        for part in (Part.OVERDUE, Part.SOON)
        for row in list_owed(here.views, asked, part, limit=_LONG)
    ]
    own = {(duty.docket, duty.id) for duty in owed}
    others = [row for row in rows if (row["docket"], row["id"]) not in own][:_SHORT]
    told = tell_duties(here, others, desk.directory, desk.stands_in, holders=True)
    return Shown("desk.owed_by_unit", told, f"/duties?organisation={desk.led[0]}")


def _owed_to(here: Serving, desk: Desk) -> Shown:
    asked = Asked(_counterparts(desk), here.now())
    rows = [
        row
        for part in (Part.OVERDUE, Part.SOON)
        for row in list_owed(here.views, asked, part, limit=_SHORT)
    ]
    told = tell_duties(here, rows[:_SHORT], desk.directory)
    return Shown("desk.owed_to", told, f"/duties?organisation={desk.led[0]}&side=owed")


def _counted(here: Serving, asked: Asked) -> list[ClauseCount]:
    return [
        ClauseCount(row["clause"], row["open"], row["overdue"])
        for row in count_by_clause(here.views, asked)
    ]


def _changed(here: Serving, desk: Desk, whole: Bearers) -> list[DutyTold]:
    since = here.now() - _LATELY
    whose = whole if desk.led else desk.own
    found = settled_duties(here, whose, since, _SHORT, desk.directory)
    if desk.led:
        found += settled_duties(here, _counterparts(desk), since, _SHORT, desk.directory)
    unique = {(duty.docket, duty.id): duty for duty in found}
    return list(unique.values())[:_SHORT]

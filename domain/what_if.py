"""What if 设想: the same record judged by another set of settings, side by side.

Pure: it asks :func:`domain.trace.trace` twice, by the settings on record and by the others, and
tells which findings appear, vanish or change. Gates are not asked again: what was refused then is
not on record now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.answer import BreachLine, DutyLine, Line, OrgRef, State
from domain.moment import Instant, Moment
from domain.trace import trace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.answer import Trace
    from domain.fact import Entry
    from domain.trace import JudgedBy, Question


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Change(_Answer):
    """One finding that the other settings change: how it stands by each of them."""

    id: str
    clause: str
    change: Literal["appears", "vanishes", "changes"]
    now: DutyLine | BreachLine | None = Field(description="按现行设置 · by the settings on record")
    then: DutyLine | BreachLine | None = Field(description="按所设想的设置 · by the others")


class WhatIf(_Answer):
    """The findings of one place at one moment by two sets of settings."""

    enterprise: str
    place: OrgRef
    at: Moment
    known_at: Instant | None
    settings: str = Field(description="所设想的设置 · which settings were supposed")
    findings_now: int
    findings_then: int
    changes: list[Change]
    head: int


def what_if(
    enterprise: UUID,
    entries: Iterable[Entry],
    question: Question,
    judged_by: JudgedBy,
    told: str,
) -> WhatIf:
    """Answer a question by the settings on record and by others, and tell the difference.

    Args:
        enterprise: the enterprise.
        entries: its case (see ``domain.reading``).
        question: the moment, and as known when.
        judged_by: makes the other settings from the facts of the case.
        told: what the other settings are, in words.
    """
    listed = list(entries)
    now = trace(enterprise, listed, question)
    then = trace(enterprise, listed, question, judged_by)
    return WhatIf(
        enterprise=now.enterprise,
        place=now.place,
        at=now.at,
        known_at=now.known_at,
        settings=told,
        findings_now=len(now.findings),
        findings_then=len(then.findings),
        changes=_changes(now, then),
        head=now.head,
    )


def _changes(now: Trace, then: Trace) -> list[Change]:
    items_now, items_then = _items(now), _items(then)
    changes = []
    for ident in dict.fromkeys((*items_now, *items_then)):
        mine, others = items_now.get(ident), items_then.get(ident)
        found_now, found_then = _is_finding(mine), _is_finding(others)
        if found_now and found_then:
            if _standing(mine) == _standing(others):
                continue
            change: Literal["appears", "vanishes", "changes"] = "changes"
        elif found_now or found_then:
            change = "appears" if found_then else "vanishes"
        else:
            continue
        clause = next(each.clause for each in (mine, others) if each)
        changes.append(Change(id=ident, clause=clause, change=change, now=mine, then=others))
    return changes


def _items(told: Trace) -> dict[str, DutyLine | BreachLine]:
    lines = (getattr(told.lines, line.value) for line in Line)
    return {item.id: item for items in lines for item in items}


def _is_finding(item: DutyLine | BreachLine | None) -> bool:
    if isinstance(item, DutyLine):
        return item.state in (State.KEPT_LATE, State.BROKEN)
    return item is not None


def _standing(item: DutyLine | BreachLine | None) -> tuple[object, ...]:
    """Return what can differ between two readings of one finding."""
    if isinstance(item, DutyLine):
        return item.state, item.due, item.late_days
    return (item.at, item.until) if item else ()

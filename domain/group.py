"""Groups 企业集团: an enterprise belongs to a central or provincial group (2.1c)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, OrgRef
from domain.moment import earlier, no_later
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry


class GroupLevel(StrEnum):
    """Whose group it is 集团隶属."""

    CENTRAL = "central"
    PROVINCIAL = "provincial"


class GroupRecorded(
    EnterpriseFact, topic="group.recorded", zh="登记所属集团", en="Group recorded", starts=True
):
    """The enterprise belongs to a central or provincial group with these headquarters."""

    headquarters: OrgRef
    level: GroupLevel
    document: str | None = Field(default=None, max_length=200)


class GroupEnded(EnterpriseFact, topic="group.ended", zh="脱离所属集团", en="Left the group"):
    """The enterprise belongs to that group no longer."""

    reason: FreeText | None = None


def headquarters_at(entries: list[Entry], at: date | datetime) -> set[UUID]:
    """Return the headquarters of the groups to which the enterprise belonged at ``at``.

    Args:
        entries: the facts about one enterprise.
        at: the moment; on the day on which it leaves a group it no longer belongs to it.
    """
    left = {entry.record: moment_of(entry) for entry, _ in facts_of(entries, GroupEnded)}
    return {
        fact.headquarters
        for entry, fact in facts_of(entries, GroupRecorded)
        if no_later(moment_of(entry), at)
        and (entry.record not in left or earlier(at, left[entry.record]))
    }

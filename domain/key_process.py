"""Key processes 重点工艺流程 of an enterprise, and the specialties that each asks for (2.1f)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText
from domain.moment import earlier, no_later
from domain.record import facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry


class ProcessRegistered(
    EnterpriseFact,
    topic="process.registered",
    zh="登记重点工艺流程",
    en="Key process registered",
    starts=True,
):
    """A key process of the enterprise; an expert of any of ``specialties`` covers it."""

    name: str = Field(min_length=1, max_length=100, examples=["硝化工艺"])
    specialties: tuple[str, ...] = Field(min_length=1, examples=[["化工工艺"]])


class ProcessEnded(
    EnterpriseFact, topic="process.ended", zh="停用重点工艺流程", en="Key process ended"
):
    """The process is in use no longer."""

    reason: FreeText | None = None


def processes_at(entries: list[Entry], at: date | datetime) -> list[ProcessRegistered]:
    """Return the key processes that an enterprise had at ``at``, in the ledger's order.

    Args:
        entries: the facts about one enterprise.
        at: the moment; on the day on which it ends, a process is no longer in use.
    """
    ended = {entry.record: moment_of(entry) for entry, _ in facts_of(entries, ProcessEnded)}
    return [
        fact
        for entry, fact in facts_of(entries, ProcessRegistered)
        if no_later(moment_of(entry), at)
        and (entry.record not in ended or earlier(at, ended[entry.record]))
    ]

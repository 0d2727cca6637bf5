"""Rolls 名册 as facts: at each month's deadline, who owed a report and what they had filed.

Together with it the directory of posts and their holders is taken, and that of signing keys. What
the entries say is described in :mod:`domain.proof.taken`. A roll is taken once for good: its record
follows from its name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.fact import Fact
from domain.moment import (
    Instant,
    end,
    first_day,
    last_day,
    local_day,
    month_of,
    months_between,
)
from domain.proof.roll import RollHead
from domain.proof.taken import KEYS, POSTS, REPORTS

ROLLS = uuid5(NAMESPACE_URL, "https://daocha.example/roll")
KINDS = (REPORTS, POSTS, KEYS)
"""What is taken at each month's deadline."""
CLOSES = timedelta(minutes=2)
"""A roll closes so long after its deadline: what arrived in time may be recorded until then."""


class RollTaken(
    Fact,
    topic="roll.taken",
    zh="封存名册",
    en="Roll taken",
    starts=True,
    of_record=True,
    final=True,
):
    """A roll as the ledger stood at position ``upto``; ``head`` binds every entry of it."""

    head: RollHead
    upto: int = Field(ge=1, description="名册所反映的最后一条事实的序号")
    deadline: Instant


def roll_name(kind: str, month: str) -> str:
    """Return the name of a roll, such as ``posts 2024-05``."""
    return f"{kind} {month}"


def roll_record(of: str) -> UUID:
    """Return the record id of a roll (UUIDv5 of its name): it is taken only once."""
    return uuid5(ROLLS, of)


def deadline_of(month: str) -> datetime:
    """Return the deadline of a month's reports: 24:00 of its last day in Asia/Shanghai, in UTC."""
    return end(last_day(month))


def months_closed(since: datetime, now: datetime) -> list[str]:
    """Return the months whose rolls can be taken by ``now``, from that of ``since`` on.

    Args:
        since: when the ledger was opened.
        now: the moment; both aware.
    """
    first = first_day(month_of(since))
    return [
        month
        for month in months_between(first, local_day(now))
        if deadline_of(month) + CLOSES <= now
    ]

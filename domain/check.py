"""Checks 自查: what teams, workshops and the enterprise look over themselves, and when (3.1a)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from domain.fact import EnterpriseFact, Fact, FreeText, HazardId, OrgId, PersonId, PostId
from domain.moment import Instant

Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day in Asia/Shanghai: ``08:00``."""
Weekday = Annotated[int, Field(ge=1, le=7)]
"""Monday is 1, Sunday 7."""


class CheckMade(EnterpriseFact, topic="check.made", zh="开展自查", en="Check made", starts=True):
    """Somebody of the enterprise looked it over; what was found is recorded as hazards.

    A check of a team leader's post is that team's before a shift, one of a workshop head's that
    workshop's of the day; every other is the enterprise's. ``shift`` is when the shift begins that
    a team's check is for; where it is left out, the shift that begins next.
    """

    post: PostId | None = Field(default=None, description="由哪一岗位组织")
    shift: Instant | None = Field(default=None, description="班前检查所对应的班次开始时间")
    people: tuple[PersonId, ...] = ()
    hazards: tuple[HazardId, ...] = ()
    result: FreeText | None = None


class ShiftsSet(Fact, topic="post.shifts_set", noun="post", zh="排定班次", en="Shifts set"):
    """From the day it happened a team works these shifts, on these days of the week."""

    organisation: OrgId
    starts: tuple[Clock, ...] = Field(min_length=1, max_length=24, examples=[["08:00", "20:00"]])
    days: tuple[Weekday, ...] = Field(
        default=(1, 2, 3, 4, 5, 6, 7), min_length=1, max_length=7, description="每周哪几天"
    )

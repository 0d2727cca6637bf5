"""Danger signs 险情 and stop-and-evacuate orders 停产撤人命令 (4.4c, 4.4d, 4.4e).

Whoever of three posts sees danger orders people out at once, asking nobody. There is no fact that
overrules such an order: it ends by an all-clear with name and grounds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, HazardId, PersonId, PostId, Tag
from domain.people import PostKind
from domain.record import Record

if TYPE_CHECKING:
    from domain.fact import Entry

DangerId = Annotated[UUID, Tag("danger")]


class Commander(StrEnum):
    """The three posts 现场带班人员、班组长、调度人员, by the kind of post that they are."""

    SHIFT_LEADER = PostKind.SHIFT_LEADER.value
    TEAM_LEADER = PostKind.TEAM_LEADER.value
    DISPATCHER = PostKind.DISPATCHER.value


class GrantIssued(
    EnterpriseFact,
    topic="grant.issued",
    zh="赋予停产撤人决策权和指挥权",
    en="Power to evacuate granted",
    starts=True,
    of_record=True,
):
    """The enterprise's written grant to some or all of the three posts (4.4e)."""

    posts: tuple[Commander, ...] = Field(min_length=1)
    document: str = Field(min_length=1, max_length=200, examples=["沂河化安〔2024〕5号"])


class GrantRevoked(
    EnterpriseFact,
    topic="grant.revoked",
    zh="收回停产撤人决策权和指挥权",
    en="Power to evacuate revoked",
    of_record=True,
):
    """The grant holds no longer."""

    reason: FreeText | None = None


class DangerSeen(EnterpriseFact, topic="danger.seen", zh="出现险情", en="Danger seen", starts=True):
    """A sign of danger, by whom it was seen."""

    text: FreeText
    observer: PersonId | None = None
    hazard: HazardId | None = None


class DangerPassed(EnterpriseFact, topic="danger.passed", zh="险情解除", en="Danger passed"):
    """The danger is over, with name and grounds."""

    person: PersonId
    grounds: FreeText


class EvacuationOrdered(
    EnterpriseFact,
    topic="evacuation.ordered",
    zh="下达停产撤人命令",
    en="Evacuation ordered",
    starts=True,
    final=True,
):
    """Work stops and people leave, by order of a person in a post; nobody approves it.

    Nobody overrules it in the record either (4.4c): no correction takes it back.
    """

    person: PersonId
    post: PostId
    danger: DangerId | None = None
    scope: FreeText | None = None


class AllClearGiven(
    EnterpriseFact, topic="evacuation.all_clear", zh="解除停产撤人", en="All clear given"
):
    """People may return, by whose word and on what grounds."""

    person: PersonId
    grounds: FreeText


class WorkerWithdrew(
    EnterpriseFact,
    topic="withdrawal.made",
    zh="从业人员自行撤离",
    en="A worker withdrew",
    starts=True,
):
    """A worker stopped and left a place of immediate danger by their own right (art. 55)."""

    person: PersonId
    danger: DangerId | None = None
    reason: FreeText


class GrantRecord(Record):
    """One grant: to which posts, and from when to when."""

    @property
    def issued(self) -> Entry | None:
        """The grant itself."""
        return self.first("grant.issued")

    @property
    def ended(self) -> Entry | None:
        """Its revocation, if any."""
        return self.first("grant.revoked")

    def covers(self, post: Commander) -> bool:
        """Tell whether it is to that post."""
        return self.issued is not None and post in self.issued.fact.posts  # type: ignore[attr-defined]

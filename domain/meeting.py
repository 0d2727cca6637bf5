"""Meetings 会议 of leaders on hazards and what they decide (1.1c, 1.1d); plans 规划 (1.1f)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import BodyFact, FreeText, Frozen, OrgRef, PersonId, PostId
from domain.moment import Day
from domain.record import Record, facts_of

if TYPE_CHECKING:
    from domain.fact import Entry


class Decision(Frozen):
    """One thing that a meeting decided: who carries it out, and by when (1.1d).

    ``enterprise`` is the one that it is about; without it, it is about the whole area.
    """

    item: int = Field(ge=1)
    text: FreeText
    post: PostId = Field(description="由哪一岗位落实")
    due: Day
    enterprise: OrgRef | None = None


class MeetingHeld(
    BodyFact, topic="meeting.held", zh="召开安全生产会议", en="Meeting held", starts=True
):
    """The leaders of a body met about hazards: who chaired and came, problems, decisions (1.1c)."""

    chair: PersonId
    attended: tuple[PersonId, ...] = ()
    problems: FreeText
    decisions: tuple[Decision, ...] = ()
    document: str | None = Field(default=None, max_length=200, examples=["县政府专题会议纪要第3号"])


class DecisionCarriedOut(
    BodyFact, topic="meeting.decision_carried_out", zh="会议决定已落实", en="Decision carried out"
):
    """What a meeting decided is done, and with what result."""

    item: int = Field(ge=1)
    result: FreeText


class SafetyInPlan(
    BodyFact, topic="overall_plan.adopted", zh="纳入发展规划", en="Safety in plan", starts=True
):
    """Safety is part of the overall plan of economic and social development: where (1.1f)."""

    plan: str = Field(min_length=1, max_length=200, examples=["国民经济和社会发展第十四个五年规划"])
    section: str = Field(min_length=1, max_length=200, examples=["第十二章 统筹发展和安全"])
    document: str | None = Field(default=None, max_length=200)


class MeetingRecord(Record):
    """One meeting and what became of its decisions."""

    def carried_out(self, item: int) -> Entry | None:
        """Return the first fact by which a decision was carried out."""
        done = facts_of(self.entries, DecisionCarriedOut)
        return next((entry for entry, fact in done if fact.item == item), None)

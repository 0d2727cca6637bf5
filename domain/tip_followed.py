"""What a receipt code shows of a tip 凭码查询: how it stands, and the answer (5.2a).

Nothing of what was sent, who looked at it, or what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.moment import local_day
from domain.record import facts_of, moment_of
from domain.tip import (
    RewardDecided,
    RewardPaid,
    TipAccepted,
    TipAdded,
    TipAnswered,
    TipChecked,
    TipRefused,
)

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from domain.fact import Fact
    from domain.tip import TipRecord


class TipState(StrEnum):
    """How a tip stands 办理状态."""

    WAITING = "waiting"
    RECEIVED = "received"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    CHECKED = "checked"
    ANSWERED = "answered"


class RewardState(StrEnum):
    """How its reward stands 奖励状态."""

    NONE = "none"
    DECIDED = "decided"
    PAID = "paid"


STATES = {
    TipState.WAITING: (
        "已收到密文，最迟一小时内登记在案",
        "arrived sealed; on record within the hour",
    ),
    TipState.RECEIVED: ("已接到，待决定是否受理", "received, not yet decided upon"),
    TipState.ACCEPTED: ("已受理，正在办理", "accepted, in hand"),
    TipState.REFUSED: ("不予受理", "not accepted"),
    TipState.CHECKED: ("已现场核查，待答复", "checked on site, not yet answered"),
    TipState.ANSWERED: ("已答复", "answered"),
}
REWARDS = {
    RewardState.NONE: ("没有奖励决定", "no reward decided"),
    RewardState.DECIDED: ("已决定奖励，可凭查询码领取", "decided; it is paid against the code"),
    RewardState.PAID: ("已发放", "paid"),
}
_STEPS: tuple[tuple[type, TipState], ...] = (
    (TipAccepted, TipState.ACCEPTED),
    (TipRefused, TipState.REFUSED),
    (TipChecked, TipState.CHECKED),
    (TipAnswered, TipState.ANSWERED),
)
_ORDER = tuple(TipState)


@dataclass(frozen=True, slots=True)
class Followed:
    """What the receipt code shows.

    Args:
        received: the day on which it was received.
        office: who handles it now.
        state: how it stands, ``since`` which day.
        words: the answer, or the reason for not taking it up.
        reward: how its reward stands, and how much it is, in fen 分.
        additions: how often the informant added to it.
    """

    received: date
    office: UUID
    state: TipState
    since: date
    words: str | None
    reward: RewardState
    amount: int
    additions: int = 0


def followed(tip: TipRecord) -> Followed:
    """Return what its receipt code shows of a tip."""
    entry, fact = tip.received
    received = since = local_day(moment_of(entry))
    state, words = TipState.RECEIVED, None
    for each in tip.entries:
        reached = next((step for kind, step in _STEPS if isinstance(each.fact, kind)), None)
        if reached and (_ORDER.index(reached) >= _ORDER.index(state)):
            state, since, words = reached, local_day(moment_of(each)), _words(each.fact)
    decided = sum(told.amount for _, told in facts_of(tip.entries, RewardDecided))
    paid = sum(told.amount for _, told in facts_of(tip.entries, RewardPaid))
    reward = RewardState.NONE
    if decided:
        reward = RewardState.PAID if paid >= decided else RewardState.DECIDED
    office = tip.responsible() or fact.body
    additions = sum(isinstance(each.fact, TipAdded) for each in tip.entries)
    return Followed(received, office, state, since, words, reward, decided, additions)


def _words(fact: Fact) -> str | None:
    """Return what is to be read by the informant: the answer, or why it was not taken up."""
    if isinstance(fact, TipAnswered):
        return str(fact.answer)
    return str(fact.reason) if isinstance(fact, TipRefused) else None

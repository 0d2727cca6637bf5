"""Rolls 名册: proof that somebody filed by a deadline or did not; of posts and of keys."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel

from api.access import TheCaller
from api.documentation import ERRORS_OF_QUESTIONS
from api.rolls_told import Kind, RollAnswer, TakenAnswer, ask_roll, roll_taken, taken_answer
from api.routes.strict import StrictRoute
from api.sent import OrganisationKey
from api.serving import TheLedger
from domain.monthly_report import MONTH
from domain.roll import KINDS

rolls = APIRouter(
    route_class=StrictRoute, tags=["名册 · Rolls"], responses=ERRORS_OF_QUESTIONS, prefix="/rolls"
)
_Month = Annotated[str, Path(pattern=MONTH, description="月份 · the month", examples=["2024-05"])]


class MonthRolls(BaseModel):
    """The rolls taken of a month."""

    rolls: list[TakenAnswer]


@rolls.get("/of/{month}", summary="一个月的名册 · The rolls of a month")
def rolls_of(month: _Month, ledger: TheLedger, _: TheCaller) -> MonthRolls:
    """Their heads, which are facts of the log."""
    return MonthRolls(rolls=[taken_answer(roll_taken(ledger, kind, month)) for kind in KINDS])


@rolls.get("/monthly_report/{month}/{enterprise}", summary="应报名册 · Who owed and who filed")
def filed(
    month: _Month,
    enterprise: Annotated[OrganisationKey, Path(description="单位编码或档案编号")],
    ledger: TheLedger,
    _: TheCaller,
) -> RollAnswer:
    """Proof that an enterprise filed by the deadline, did not, or was not on the roll."""
    return ask_roll(ledger, "monthly_report", month, str(enterprise))


@rolls.get("/{kind}/{month}/{record}", summary="岗位名册、密钥名册 · Posts and keys")
def held(kind: Kind, month: _Month, record: UUID, ledger: TheLedger, _: TheCaller) -> RollAnswer:
    """Proof of who held a post, or from when to when a signing key counted."""
    return ask_roll(ledger, kind, month, str(record))

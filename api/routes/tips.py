"""Tips 举报: followed by whoever has the receipt code; read by the office, on record (5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.access import TheCaller
from api.documentation import ERRORS, ERRORS_OF_QUESTIONS
from api.pages.render import tips_page
from api.routes.commands import CommandId
from api.routes.public import ERRORS_OF_ALL
from api.routes.shown import Shown, view_of
from api.routes.strict import StrictRoute
from api.sent import FreeWords, Sent, Text
from api.serving import TheServing
from api.tips import Wanted, follow, hand_out
from domain.answer import Words
from domain.moment import Day
from domain.tip import Part, receipt_of, write_receipt
from domain.tip_followed import REWARDS, STATES, RewardState, TipState

if TYPE_CHECKING:
    from api.serving import Serving

_TAG = "举报 · Tips"
_CODE_BYTES = 10
tips = APIRouter(route_class=StrictRoute, tags=[_TAG])
tip_pages = APIRouter(
    route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
)
tip_form = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


class ReceiptCode(BaseModel):
    """A new receipt code, which the informant keeps, and what a fact holds of it."""

    code: str = Field(examples=["ABCD-EFGH-IJKL-MNOP"])
    receipt: str = Field(description="写入 tip.received 的 receipt · for the fact's receipt")


@tips.get(
    "/tips/receipt-code",
    summary="生成一个查询码 · A new receipt code",
    responses=ERRORS_OF_QUESTIONS,
)
def new_code(here: TheServing, _: TheCaller) -> ReceiptCode:
    """80 random bits, told this once and kept nowhere: hand it to the informant."""
    code = write_receipt(here.random(_CODE_BYTES))
    return ReceiptCode(code=code, receipt=receipt_of(code))


class Code(Sent):
    """A receipt code."""

    code: Annotated[Text, Field(min_length=1, max_length=40, examples=["ABCD-EFGH-IJKL-MNOP"])]


class FollowedTip(BaseModel):
    """How a tip stands, for whoever has its receipt code."""

    received: Day
    office: str = Field(description="承办单位 · the office that handles it")
    state: TipState
    state_told: Words
    since: Day
    answer: str | None = Field(
        description="答复；不予受理的为理由 · the answer, or why it was not taken up"
    )
    reward: RewardState
    reward_told: Words
    reward_amount: int = Field(description="所决定的奖励（分） · what was decided, in fen")
    additions: int = Field(description="已补充的次数 · how often it was added to")
    body: UUID = Field(description="承办单位的档案编号 · the office's record")


@tips.post(
    "/tips/follow",
    summary="凭查询码查询举报（不需账号） · Follow a tip by its code (no account needed)",
    responses=ERRORS_OF_ALL,
    openapi_extra={
        "requestBody": {
            "content": {"application/json": {"example": {"code": "ABCD-EFGH-IJKL-MNOP"}}}
        }
    },
)
def follow_tip(body: Code, here: TheServing) -> FollowedTip:
    """Its state and the answer; nothing of what was sent, or of who looked at it (5.2a)."""
    return _followed(here, body.code)


def _followed(here: Serving, code: str) -> FollowedTip:
    found, office = follow(here.ledger, code, here.now(), here.waiting)
    state, reward = STATES[found.state], REWARDS[found.reward]
    return FollowedTip(
        received=found.received,
        office=office,
        state=found.state,
        state_told=Words(zh=state[0], en=state[1]),
        since=found.since,
        answer=found.words,
        reward=found.reward,
        reward_told=Words(zh=reward[0], en=reward[1]),
        reward_amount=found.amount,
        additions=found.additions,
        body=found.office,
    )


class Reading(Sent):
    """Who wants to be handed what of a tip, in which post, for what."""

    part: Part
    number: int | None = Field(default=None, ge=1, description="第几次补充 · which addition")
    purpose: FreeWords
    by_post: UUID = Field(description="查阅人在承办单位的岗位 · the reader's post in the office")
    together_with: UUID | None = Field(
        default=None, description="一同查阅的另一保管人 · the other keeper, where there are two"
    )


class HandedOut(BaseModel):
    """A part of a tip as it was sealed; the office's own key opens it."""

    position: int = Field(description="查阅记录的序号 · where the reading stands")
    command: UUID
    keys: list[UUID] = Field(
        description="能打开它的密钥，外层在前 · what opens it, outermost first"
    )
    commitment: str
    ciphertext: str = Field(description="age 密文 · an armored age file")


@tips.post(
    "/tips/{record}/read",
    operation_id="tip_read",
    status_code=201,
    summary="查阅举报原文或举报人身份（先记录在案） · Be handed a part of a tip, on record",
    responses=ERRORS,
    openapi_extra={
        "requestBody": {
            "content": {
                "application/json": {
                    "example": {
                        "part": "content",
                        "purpose": "核实举报事项",
                        "by_post": "01900a00-0002-7000-8000-000000000004",
                    }
                }
            }
        }
    },
)
def read_tip(
    record: Annotated[UUID, Path(description="举报的档案编号 · the tip's record")],
    body: Reading,
    command: CommandId,
    here: TheServing,
    caller: TheCaller,
) -> HandedOut:
    """The reading is recorded first: who, in which post, when and for what (5.2d)."""
    handed = hand_out(
        here,
        caller,
        command,
        Wanted(record, body.part, body.number),
        body.purpose,
        body.by_post,
        body.together_with,
    )
    return HandedOut(
        position=handed.position,
        command=command,
        keys=list(handed.envelope.keys),
        commitment=handed.envelope.commitment,
        ciphertext=handed.ciphertext,
    )


@tip_pages.get("/tips")
def page(request: Request, _: Shown) -> HTMLResponse:
    """Return the page on which a receipt code is entered."""
    return HTMLResponse(tips_page(None, *view_of(request)))


@tip_form.post("/tips")
def shown(
    request: Request, here: TheServing, code: Annotated[str, Form(max_length=40)]
) -> HTMLResponse:
    """Return the page with how a tip stands; the code is in no address, so in no history or log."""
    found = _followed(here, code)
    view = view_of(request)
    return HTMLResponse(tips_page(found, *view))

"""What contradicts the record of a tip 举报: an act of an office that does not handle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.age import is_recipient
from domain.errors import Contradiction
from domain.record import facts_of
from domain.tip import (
    FindingsSigned,
    FindingsWritten,
    RewardDecided,
    RewardPaid,
    TipAccepted,
    TipAdded,
    TipAnswered,
    TipErased,
    TipRead,
    TipReceived,
    TipRecord,
    TipRefused,
    TipResealed,
    TipTransferAccepted,
    TipTransferDecided,
    TipTransferProposed,
    TipTransferRefused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.fact import Entry
    from domain.tip import TipFact
    from domain.tip_office import TipKeyRegistered

_BY_OTHERS = (TipReceived, TipTransferAccepted, TipTransferRefused, TipTransferDecided)
"""What is not done by the office that handles it."""


def check_tip(fact: TipFact, record: Sequence[Entry]) -> None:
    """Refuse a fact that cannot be true of its tip.

    Raises:
        Contradiction: it is done by an office that does not handle it, answers what was not taken
            up, decides again, takes over what nobody offered, or pays what was not decided.
    """
    tip = TipRecord("tip:", list(record))
    office = tip.responsible()
    if not isinstance(fact, _BY_OTHERS) and fact.body != office:
        raise _refusal(
            "此举报现不由该单位承办",
            "this office does not handle the tip now",
            "由现承办单位办理；移交的，须先接收",
            "let the office that handles it act; after a transfer, accept it first",
            "body",
        )
    if isinstance(fact, TipAccepted | TipRefused) and tip.accepted:
        raise _refusal(
            "此举报已经受理",
            "the tip has been accepted already",
            "核对记录；改由别的单位办理的，提出移交",
            "look at the record; for another office to handle it, propose a transfer",
        )
    if isinstance(fact, TipAnswered | FindingsWritten | RewardDecided) and not tip.accepted:
        raise _refusal(
            "此举报尚未受理",
            "the tip has not been accepted yet",
            "先决定受理；不予受理的，写明理由",
            "accept it first; or refuse it with the reason",
        )
    if isinstance(fact, FindingsSigned) and not tip.first("tip.findings_written"):
        raise _refusal(
            "尚无可供签批的核查书面材料",
            "there are no written findings to sign off",
            "先形成书面材料",
            "write the findings first",
        )
    if isinstance(fact, TipTransferAccepted | TipTransferRefused | TipTransferDecided):
        _check_transfer(fact, tip)
    if isinstance(fact, TipTransferProposed) and fact.receiver == fact.body:
        raise _refusal(
            "不能移交给本单位",
            "it cannot be passed on to oneself",
            "核对接收单位",
            "check the receiver",
            "receiver",
        )
    if isinstance(fact, RewardPaid):
        _check_payment(fact, tip)
    if isinstance(fact, TipRead | TipResealed | TipErased | TipAdded):
        _check_envelopes(fact, tip)


def _check_transfer(fact: Any, tip: TipRecord) -> None:  # noqa: ANN401 - three kinds of fact
    proposal = tip.proposal
    if proposal is None:
        raise _refusal(
            "没有待接收的移交",
            "no transfer of it is pending",
            "先由承办单位提出移交",
            "let the handling office propose the transfer first",
        )
    proposed = proposal[1]
    if isinstance(fact, TipTransferDecided):
        if tip.contested is None:
            raise _refusal(
                "移交未被拒绝，无须上级指定",
                "the transfer was not refused: there is nothing for a superior to decide",
                "由拟接收单位接收或者拒绝",
                "let the receiver accept or refuse it",
            )
        if fact.responsible not in (proposed.body, proposed.receiver):
            raise _refusal(
                "只能在移交双方之间指定",
                "only one of the two offices can be named",
                "指定移交单位或者拟接收单位",
                "name the sender or the receiver",
                "responsible",
            )
        return
    if (fact.body, fact.sender) != (proposed.receiver, proposed.body):
        raise _refusal(
            "移交不是在这两个单位之间提出的",
            "the transfer was not proposed between these two offices",
            "核对移交单位和接收单位",
            "check the sender and the receiver",
            "sender",
        )


def _check_payment(fact: RewardPaid, tip: TipRecord) -> None:
    decided = sum(each.amount for _, each in facts_of(tip.entries, RewardDecided))
    paid = sum(each.amount for _, each in facts_of(tip.entries, RewardPaid))
    if paid + fact.amount > decided:
        raise _refusal(
            f"发放超过所决定的奖励：已决定{decided}分，已发放{paid}分",
            f"more is paid than was decided: {decided} fen decided, {paid} paid so far",
            "先决定奖励；核对金额（分）",
            "decide on the reward first; check the amount, in fen",
            "amount",
        )


def _check_envelopes(fact: TipRead | TipResealed | TipErased | TipAdded, tip: TipRecord) -> None:
    if tip.erased:
        raise _refusal(
            "举报原文和身份已依法删除",
            "the tip's content and identity were erased by law",
            "无可查阅；处理经过仍在案",
            "there is nothing to read; what was done about it is still on record",
        )
    if isinstance(fact, TipErased | TipAdded):
        return
    sealed = tip.envelope(fact.part, fact.number)
    if sealed is None:
        raise _refusal(
            "没有封存这一部分",
            "this part was not sent",
            "匿名举报没有身份；未附原文的只有登记的事项",
            "an anonymous tip has no identity; without content there is only what was entered",
            "part",
        )
    if isinstance(fact, TipResealed) and fact.envelope.commitment != sealed[1].commitment:
        raise _refusal(
            "转封的不是同样的内容：摘要不同",
            "what is sealed anew is not the same: its commitment differs",
            "用同一原文和同一个盐转封",
            "seal the same words with the same salt",
            "envelope.commitment",
        )


def check_tip_key(fact: TipKeyRegistered, _: Sequence[Entry]) -> None:
    """Refuse a key with a wrong check digit: what is encrypted to it could never be read."""
    if not is_recipient(fact.recipient):
        raise _refusal(
            "公钥的校验位不对",
            "the key's check digits are wrong",
            "原样复制以 age1 开头的公钥",
            "copy the key that begins with age1 as it is",
            "recipient",
        )


def _refusal(
    zh: str, en: str, todo_zh: str, todo_en: str, where: str | None = None
) -> Contradiction:
    return Contradiction(zh, en, todo_zh=todo_zh, todo_en=todo_en, where=where)

"""Tips 举报: reports from the public, named or anonymous, and what becomes of them (5.2a to 5.2d).

Who informed never enters the ledger. What an informant sends, and who they are, is encrypted to
keys of the handling office before it comes here (:class:`Envelope`); a fact holds a salted
commitment to it. The record's id follows from the receipt code, which only the informant has.
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.erasure import Erasure
from domain.errors import Invalid
from domain.fact import (
    BodyFact,
    FreeText,
    Frozen,
    HazardId,
    InspectionId,
    Names,
    OrgId,
    OrgRef,
    PersonId,
    PostId,
    Withheld,
)
from domain.inspection import Officer
from domain.moment import no_later
from domain.record import Record, facts_of, moment_of
from domain.tip_office import Channel

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry

TIPS = uuid5(NAMESPACE_URL, "https://daocha.example/tip")
_CODE_BYTES = 10
_CODE_CHARACTERS = 16
_GROUP = 4
DIGEST = r"^[0-9a-f]{64}$"


# The receipt code


def write_receipt(secret: bytes) -> str:
    """Return the receipt code of 80 random bits, in base32: ``ABCD-EFGH-IJKL-MNOP``."""
    if len(secret) != _CODE_BYTES:
        message = "a receipt code has 80 bits"
        raise ValueError(message)
    text = base64.b32encode(secret).decode()
    return "-".join(text[i : i + _GROUP] for i in range(0, _CODE_CHARACTERS, _GROUP))


def receipt_of(code: str) -> str:
    """Return what a fact holds of a receipt code: its SHA-256 in hex, as written in base32.

    Raises:
        Invalid: it cannot be a code.
    """
    plain = "".join(code.upper().split()).replace("-", "")
    try:
        secret = base64.b32decode(plain)
    except ValueError:
        secret = b""
    if len(plain) != _CODE_CHARACTERS or len(secret) != _CODE_BYTES:
        raise Invalid(
            "不是举报查询码",
            "this is no receipt code",
            todo_zh="查询码为16位字母和数字（A—Z、2—7），如 ABCD-EFGH-IJKL-MNOP",
            todo_en="a code has 16 letters and digits (A-Z, 2-7), such as ABCD-EFGH-IJKL-MNOP",
            where="code",
        )
    return hashlib.sha256(plain.encode()).hexdigest()


def tip_id(receipt: str) -> UUID:
    """Return the record id of a tip (UUIDv5 of the digest of its receipt code)."""
    return uuid5(TIPS, receipt)


# What is recorded


class Envelope(Frozen):
    """Something that only the holders of these keys can read (5.2d).

    ``keys`` are the records of the keys that open it, the outermost first: of two, both keepers
    must act. ``commitment`` is the salted digest of the words (:func:`domain.fact.seal_digest`),
    whose salt lies within: whoever opens it can show that these were the words, and nobody else
    learns anything.
    """

    keys: tuple[Annotated[UUID, Names("tip_key")], ...] = Field(
        min_length=1, max_length=2, description="能打开它的密钥（tip_key 档案），外层在前"
    )
    commitment: str = Field(
        pattern=DIGEST, description="原文的加盐摘要，盐在密文之内", examples=["5a" * 32]
    )
    ciphertext: Withheld = Field(description="age 密文（ASCII armor）")


class Part(StrEnum):
    """Which part of a tip 举报的哪一部分: what was sent, who sent it, what they added later."""

    CONTENT = "content"
    IDENTITY = "identity"
    ADDITION = "addition"


class TipFact(BodyFact):
    """A fact about a tip; ``body`` is the office that acts on it."""


class TipReceived(
    TipFact, topic="tip.received", zh="接到举报", en="Tip received", starts=True, final=True
):
    """A report from the public reached an office: by telephone, e-mail, a visit, the web … (5.2a).

    Words here hold nothing by which the informant could be known. Without ``identity`` it is
    anonymous.
    """

    receipt: str = Field(
        pattern=DIGEST,
        description="查询码的 SHA-256（十六进制）；查询码只有举报人有，可由 daocha tip code 生成",
        examples=["5a" * 32],
    )
    channel: Channel
    enterprise: OrgId | None = Field(default=None, description="被举报的单位")
    matter: FreeText | None = Field(default=None, description="举报事项，不得写入举报人的信息")
    place: FreeText | None = Field(default=None, description="地点，不得写入举报人的信息")
    deaths: bool = Field(default=False, description="是否涉及人员死亡")
    content: Envelope | None = Field(default=None, description="举报原文，封给承办单位自己的密钥")
    identity: Envelope | None = Field(
        default=None, description="举报人身份，封给承办单位自己的密钥；匿名的不写"
    )


class TipAdded(
    TipFact, topic="tip.added", zh="举报人补充", en="Informant added to the tip", final=True
):
    """Whoever has the receipt code sent more, sealed to the office that handles it now (5.2a)."""

    content: Envelope


class TipAccepted(TipFact, topic="tip.accepted", zh="受理举报", en="Tip accepted", of_record=True):
    """The office takes it up; what it is about may be told now, where it could not be before."""

    enterprise: OrgId | None = Field(default=None, description="被举报的单位")
    matter: FreeText | None = Field(default=None, description="举报事项，不得写入举报人的信息")
    place: FreeText | None = Field(default=None, description="地点，不得写入举报人的信息")
    deaths: bool = Field(default=False, description="是否涉及人员死亡")


class TipRefused(TipFact, topic="tip.refused", zh="不予受理举报", en="Tip refused", of_record=True):
    """The office does not take it up, and why: whoever has the receipt code reads the reason."""

    reason: FreeText


class TipTransferProposed(
    TipFact,
    topic="tip.transfer_proposed",
    zh="提出移交举报",
    en="Transfer proposed",
    of_record=True,
):
    """``body`` wants another office to handle it, and stays responsible until that accepts."""

    receiver: OrgRef
    reason: FreeText | None = None


class TipTransferAccepted(
    TipFact, topic="tip.transfer_accepted", zh="接收举报", en="Transfer accepted", of_record=True
):
    """``body`` is responsible from here on; no deadline restarts."""

    sender: OrgRef


class TipTransferRefused(
    TipFact, topic="tip.transfer_refused", zh="拒绝接收举报", en="Transfer refused", of_record=True
):
    """``body`` does not take it over: the common superior decides."""

    sender: OrgRef
    reason: FreeText


class TipTransferDecided(
    TipFact,
    topic="tip.transfer_decided",
    zh="上级指定举报承办单位",
    en="Handling office decided",
    of_record=True,
):
    """``body``, the common superior, names who handles it from now on."""

    responsible: OrgRef
    reason: FreeText | None = None


class TipResealed(
    TipFact, topic="tip.resealed", zh="举报转封", en="Tip sealed anew", of_record=True, final=True
):
    """The same words under other keys: those of the office that took it over, or new ones."""

    part: Part
    number: int | None = Field(default=None, ge=1, description="第几次补充；省略为最后一次")
    envelope: Envelope


class Verified(StrEnum):
    """What the check on site came to 核查结论."""

    TRUE = "true"
    PARTLY = "partly"
    UNTRUE = "untrue"
    UNDECIDED = "undecided"


class TipChecked(TipFact, topic="tip.checked", zh="现场核查举报", en="Tip checked on site"):
    """The office looked at it on site."""

    officers: tuple[Officer, ...] = ()
    verified: Verified
    hazards: tuple[HazardId, ...] = Field(default=(), description="核查发现的隐患")
    inspection: InspectionId | None = None
    remarks: FreeText | None = None


class FindingsWritten(
    TipFact,
    topic="tip.findings_written",
    zh="形成核查书面材料",
    en="Findings written",
    of_record=True,
):
    """What was found, in writing, and whether measures have to follow (安全生产法 art. 73)."""

    findings: FreeText
    measures_needed: bool = Field(description="是否需要落实整改措施")
    document: str | None = Field(default=None, max_length=200)


class FindingsSigned(
    TipFact,
    topic="tip.findings_signed",
    zh="负责人签批核查材料",
    en="Findings signed off",
    of_record=True,
):
    """Somebody signed the findings off in this post; a leader's counts (安全生产法 art. 73)."""

    post: PostId
    person: PersonId
    remarks: FreeText | None = None


class TipAnswered(
    TipFact, topic="tip.answered", zh="答复举报人", en="Tip answered", of_record=True
):
    """The answer: whoever has the receipt code reads it."""

    answer: FreeText = Field(description="答复内容，凭查询码可读，不得写入举报人的信息")


class RewardDecided(
    TipFact, topic="tip.reward_decided", zh="决定奖励举报", en="Reward decided", of_record=True
):
    """A reward for the tip, in fen 分, by which rules; to whom stands nowhere (5.2c)."""

    amount: int = Field(ge=1, description="奖励金额（分）")
    rules: str | None = Field(default=None, max_length=200, description="所依据的奖励办法")


class RewardPaid(TipFact, topic="tip.reward_paid", zh="发放举报奖励", en="Reward paid"):
    """It was paid out against the receipt code; to whom stands nowhere (5.2c)."""

    amount: int = Field(ge=1, description="发放金额（分）")


class TipRead(TipFact, topic="tip.read", zh="查阅举报", en="Tip read", of_record=True, final=True):
    """Somebody of the office was handed a part of it, for a purpose (5.2d): before they had it."""

    part: Part
    number: int | None = Field(default=None, ge=1, description="第几次补充；省略为最后一次")
    purpose: FreeText
    together_with: PersonId | None = Field(
        default=None, description="一同查阅的另一保管人（两把密钥封存的，须两人同在）"
    )


class TipErased(
    TipFact,
    Erasure,
    topic="tip.erased",
    zh="依法删除举报原文和身份",
    en="Tip erased",
    of_record=True,
    final=True,
):
    """Both envelopes are destroyed by law (5.2d); what was done about it stays, and proves."""


class TipRecord(Record):
    """One tip: what was sent, who handles it, and what became of it."""

    @property
    def id(self) -> UUID:
        """The record's id."""
        return UUID(self.key)

    @property
    def received(self) -> tuple[Entry, TipReceived]:
        """The fact by which it is on record: whoever asks has made sure that there is one."""
        return next(facts_of(self.entries, TipReceived))

    @property
    def enterprise(self) -> UUID | None:
        """The unit that it is about, by the last word on it."""
        told = [f.enterprise for _, f in facts_of(self.entries, TipReceived) if f.enterprise]
        told += [f.enterprise for _, f in facts_of(self.entries, TipAccepted) if f.enterprise]
        return told[-1] if told else None

    @property
    def deaths(self) -> Entry | None:
        """The first fact that says that somebody died."""
        return next((e for e in self.entries if getattr(e.fact, "deaths", False)), None)

    def handlers(self) -> list[tuple[date | datetime, UUID]]:
        """Return who handled it, each from when on: the sender until the receiver accepts."""
        found = []
        for entry in self.entries:
            fact = entry.fact
            if isinstance(fact, TipReceived | TipTransferAccepted):
                found.append((moment_of(entry), fact.body))
            elif isinstance(fact, TipTransferDecided):
                found.append((moment_of(entry), fact.responsible))
        return found

    def responsible(self, at: date | datetime | None = None) -> UUID | None:
        """Return who handles it, or handled it at ``at``."""
        there = [body for since, body in self.handlers() if at is None or no_later(since, at)]
        return there[-1] if there else None

    @property
    def proposal(self) -> tuple[Entry, TipTransferProposed] | None:
        """The transfer that was proposed last, if it has neither been accepted nor decided."""
        found = None
        for entry in self.entries:
            if isinstance(entry.fact, TipTransferProposed):
                found = (entry, entry.fact)
            elif isinstance(entry.fact, TipTransferAccepted | TipTransferDecided):
                found = None
        return found

    @property
    def contested(self) -> Entry | None:
        """The refusal of the proposed transfer, while nothing has come of it."""
        refused, proposal = self.last("tip.transfer_refused"), self.proposal
        if refused is None or proposal is None:
            return None
        after = self.entries.index(refused) > self.entries.index(proposal[0])
        return refused if after else None

    @property
    def accepted(self) -> Entry | None:
        """The fact by which it was taken up."""
        return self.first("tip.accepted")

    @property
    def refused(self) -> Entry | None:
        """The fact by which it was not taken up, unless it was after all."""
        return None if self.accepted else self.first("tip.refused")

    def envelope(self, part: Part, number: int | None = None) -> tuple[Entry, Envelope, str] | None:
        """Return the envelope of a part as last sealed: the fact, the envelope, its path there.

        Args:
            part: which; of what was added later, the ``number``-th, or the last one.
            number: counted from 1.
        """
        found: list[tuple[Entry, Envelope, str]] = []
        for entry in self.entries:
            fact = entry.fact
            if isinstance(fact, TipReceived):
                own = {Part.CONTENT: fact.content, Part.IDENTITY: fact.identity}.get(part)
                found += [(entry, own, part.value)] if own else []
            elif isinstance(fact, TipAdded) and part is Part.ADDITION:
                found.append((entry, fact.content, "content"))
            elif isinstance(fact, TipResealed) and fact.part is part and found:
                found[(fact.number or 0) - 1] = (entry, fact.envelope, "envelope")
        wanted = (number or len(found)) - 1
        return found[wanted] if 0 <= wanted < len(found) else None

    @property
    def erased(self) -> Entry | None:
        """The fact by which both envelopes were destroyed."""
        return self.first("tip.erased")

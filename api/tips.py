"""Tips 举报: following one by its receipt code, and being handed a part of it, on record."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from api.access import actor
from domain.case import Case
from domain.directory import Directory
from domain.errors import NotFound
from domain.fact import Sealed, Withheld, canonical
from domain.ledger import Query
from domain.moment import local_day
from domain.recording import Act, record
from domain.tip import TipRead, TipReceived, TipRecord, receipt_of, tip_id
from domain.tip_followed import Followed, RewardState, TipState, followed

if TYPE_CHECKING:
    from datetime import datetime

    from api.caller import Caller
    from api.serving import Serving
    from domain.fact import Entry
    from domain.ledger import Ledger, Waiting
    from domain.tip import Envelope, Part

_SALT_BYTES = 16


def find_tip(ledger: Ledger, tip: UUID, now: datetime) -> TipRecord | None:
    """Return a tip as it stands now, corrections included; None where there is none.

    Args:
        ledger: where to read.
        tip: its record.
        now: the moment, aware.
    """
    own = ledger.record(tip)
    if not own or not isinstance(own[0].fact, TipReceived):
        return None
    bodies = sorted({tag for entry in own for tag in entry.tags if tag.startswith("org:")})
    corrections = ledger.read(*(Query((tag,), ("fact.corrected",)) for tag in bodies))
    case = Case(own[0].fact.body, [*own, *corrections], max(now, *(e.recorded for e in own)))
    found = TipRecord(f"tip:{tip}", case.about(f"tip:{tip}"))
    return found if found.first("tip.received") else None


def follow(
    ledger: Ledger, code: str, now: datetime, waiting: Waiting | None = None
) -> tuple[Followed, str]:
    """Return how the tip of a receipt code stands, and the name of the office that handles it.

    Args:
        ledger: where it stands.
        code: the receipt code.
        now: the moment, aware.
        waiting: where it is until it is on record; None: do not look there.

    Raises:
        Invalid: it cannot be a code.
        NotFound: no tip has it.
    """
    receipt = receipt_of(code)
    tip = find_tip(ledger, tip_id(receipt), now)
    held = waiting.tip(bytes.fromhex(receipt)) if tip is None and waiting else None
    opened = open_box(ledger, held) if held else None
    if opened is not None:
        office, today = UUID(orjson.loads(opened)["body"]), local_day(now)
        state, none = TipState.WAITING, RewardState.NONE
        return Followed(today, office, state, today, None, none, 0), _name(ledger, office)
    if tip is None:
        raise NotFound(
            "没有这个查询码的举报",
            "no tip has this receipt code",
            todo_zh="核对查询码；刚提交的，一小时内登记在案后即可查询",
            todo_en="check the code; a tip just sent can be followed once it is on record",
            where="code",
        )
    found = followed(tip)
    return found, _name(ledger, found.office)


def close_box(ledger: Ledger, tip: UUID, text: str, salt: bytes) -> str:
    """Return what waits, under the tip's own key: erasing the tip reaches every copy of it."""
    sealed = Withheld.close(text, tip, salt)
    (box,) = ledger.vault.seal([sealed])
    told = {"box": b64encode(box).decode(), "digest": sealed.digest, "tip": str(tip)}
    return canonical(told).decode()


def open_box(ledger: Ledger, closed: str) -> str | None:
    """Return what waits; None where the tip was erased meanwhile."""
    told = orjson.loads(closed)
    sealed = Withheld(digest=told["digest"], subject=UUID(told["tip"]))
    (opened,) = ledger.vault.open([(sealed, b64decode(told["box"]))])
    return opened[0] if opened else None


def _name(ledger: Ledger, office: UUID) -> str:
    return Directory(ledger.record(office)).name(office)


@dataclass(frozen=True, slots=True)
class Handed:
    """A part of a tip as it was sealed, with the fact by which the reading is on record."""

    position: int
    envelope: Envelope
    ciphertext: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of a tip that somebody wants to be handed.

    Args:
        tip: its record.
        part: content, identity, or what was added later.
        number: which of the additions; None: the last.
    """

    tip: UUID
    part: Part
    number: int | None = None


def hand_out(
    here: Serving,
    caller: Caller,
    command: UUID,
    wanted: Wanted,
    purpose: str,
    by_post: UUID | None,
    together_with: UUID | None,
) -> Handed:
    """Put the reading on record, and only then return what the office's key opens (5.2d).

    Args:
        here: the ledger, the clock, and chance.
        caller: who asks.
        command: the client's id for it; the same again is the same reading.
        wanted: which part of which tip.
        purpose: for what, in words.
        by_post: the post in the office in which they act.
        together_with: the other keeper, where there are two.

    Raises:
        NotFound: there is no such tip, or the part was destroyed meanwhile.
        Contradiction, GateClosed: as the domain says.
    """
    received, tip, part, number = here.now(), wanted.tip, wanted.part, wanted.number
    found = find_tip(here.ledger, tip, received)
    office = found.responsible() if found else None
    if found is None or office is None:
        raise _none(tip)
    words = Sealed.close(purpose, office, here.random(_SALT_BYTES))
    fact = TipRead(
        body=office, part=part, number=number, purpose=words, together_with=together_with
    )
    by = actor(here.ledger, caller, by_post, [received])
    sent = f"{tip} {part} {purpose} {by_post} {together_with} {caller.person} {number}".encode()
    receipt = record(
        here.ledger,
        [Act(tip, fact, received)],
        command=command,
        by=by,
        received=received,
        sent=sent,
    )
    sealed = found.envelope(part, number)
    ciphertext = here.ledger.withheld(sealed[0], _path(sealed)) if sealed else None
    if sealed is None or ciphertext is None:
        raise _none(tip)
    return Handed(receipt.positions[0], sealed[1], ciphertext)


def _path(sealed: tuple[Entry, Envelope, str]) -> str:
    return f"{sealed[2]}.ciphertext"


def _none(tip: UUID) -> NotFound:
    return NotFound(
        f"没有举报 {tip}，或者这一部分已删除",
        f"there is no tip {tip}, or this part of it was destroyed",
        todo_zh="核对档案编号",
        todo_en="check the record's id",
    )

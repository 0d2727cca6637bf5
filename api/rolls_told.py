"""What a roll 名册 says of an id, with the proof and in words: for the command line and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from domain.answer import Words
from domain.errors import NotFound
from domain.fact import Entry
from domain.moment import SHANGHAI, Instant
from domain.proof.claims import Claim
from domain.proof.roll import RollHead, RollProof, look_up
from domain.proof.taken import KEYS, POSTS, REPORTS
from domain.roll import RollTaken, roll_name, roll_record

if TYPE_CHECKING:
    from domain.ledger import Ledger

Kind = Literal["monthly_report", "posts", "keys"]


class TakenAnswer(BaseModel):
    """A roll that was taken: its head is a fact of the log."""

    position: int = Field(description="封存名册的事实的序号")
    recorded: Instant
    head: RollHead
    upto: int = Field(description="名册所反映的最后一条事实的序号")
    deadline: Instant


class RollAnswer(BaseModel):
    """What a roll says of an id; ``content`` is null where it is shown not to be on it."""

    roll: TakenAnswer
    id: str
    content: dict[str, Any] | None
    words: Words
    proof: RollProof


def taken_answer(entry: Entry) -> TakenAnswer:
    """Return a roll's fact as it is told."""
    fact = entry.fact
    assert isinstance(fact, RollTaken)  # noqa: S101 - as it was read
    return TakenAnswer(
        position=entry.position,
        recorded=entry.recorded,
        head=fact.head,
        upto=fact.upto,
        deadline=fact.deadline,
    )


def roll_taken(ledger: Ledger, kind: str, month: str) -> Entry:
    """Return the fact of a roll.

    Raises:
        NotFound: it was not taken.
    """
    entries = ledger.record(roll_record(roll_name(kind, month)))
    if not entries:
        raise NotFound(
            f"{month} 的名册尚未封存",
            f"the roll of {month} was not taken",
            todo_zh="月末24:00再过两分钟后自动封存；历史月份可用 daocha roll take",
            todo_en="it is taken two minutes after the month's end; or use daocha roll take",
            where="month",
        )
    return entries[0]


def ask_roll(ledger: Ledger, kind: Kind, month: str, ident: str) -> RollAnswer:
    """Return what the roll of a month says of an id, with its proof, which is checked.

    Raises:
        NotFound: the roll was not taken, or its entries are not kept.
        NotProved: what is kept is not what the roll's fact binds.
    """
    roll = taken_answer(roll_taken(ledger, kind, month))
    proof = ledger.rolls.stored(roll.head).prove(ident)
    found = look_up(roll.head, ident, proof)
    content = None if found is None else dict(found)
    claim = _claim(kind, month, roll, ident, content)
    words = Words(zh=claim.words("zh"), en=claim.words("en"))
    return RollAnswer(roll=roll, id=ident, content=content, words=words, proof=proof)


def _claim(
    kind: Kind, month: str, roll: TakenAnswer, ident: str, content: dict[str, Any] | None
) -> Claim:
    values: dict[str, str | int] = {
        "of": month,
        "upto": roll.upto,
        "deadline": f"{roll.deadline.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "organisation": ident,
    }
    if kind == REPORTS:
        key = "filed_by_deadline" if content and content["filed"] else "not_filed"
        return Claim(key if content is not None else "not_on_the_roll", values)
    values |= {"id": ident, "count": len(content.get("held", [])) if content else 0}
    told = {POSTS: "post_on_roll", KEYS: "key_on_roll"}[kind]
    if content is None:
        told = "nothing_on_roll"
    elif content.get("until"):
        told, values["until"] = "key_ended_on_roll", content["until"]
    return Claim(told, values)

"""Asking the ledger: the questions that the command line, the API and the pages share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from domain.correction import FactCorrected
from domain.errors import Invalid, NotFound
from domain.moment import parse_moment
from domain.policy.duty import Docket
from domain.reading import read_case
from domain.trace import Question, trace
from domain.what_if import what_if
from projections.incidents import list_incidents

if TYPE_CHECKING:
    from domain.answer import Trace
    from domain.fact import Entry
    from domain.ledger import Ledger
    from domain.trace import JudgedBy
    from domain.what_if import WhatIf
    from projections.views import Views


@dataclass(frozen=True, slots=True)
class FoundIncident:
    """An accident that a question names: its record, where, and when it happened."""

    id: UUID
    enterprise: UUID
    at: date | datetime


def find_incident(views: Views, reference: str) -> FoundIncident:
    """Find the accident of a number 事故编号.

    Raises:
        NotFound: none has this number.
        Invalid: several have it; says which units they are at.
    """
    found = list_incidents(views, limit=2, number=reference)
    if not found:
        raise NotFound(
            f"没有编号为 {reference} 的事故",
            f"no accident has the number {reference}",
            todo_zh="核对事故编号；或按单位和时刻倒查",
            todo_en="check the number, or ask about the unit at a moment",
        )
    if len(found) > 1:
        raise Invalid(
            f"不止一起事故编号为 {reference}",
            f"more than one accident has the number {reference}",
            todo_zh="按单位和时刻倒查",
            todo_en="ask about the unit at a moment",
        )
    row = found[0]
    return FoundIncident(UUID(str(row["id"])), row["enterprise"], parse_moment(row["occurred"]))


def ask_trace(
    ledger: Ledger,
    enterprise: UUID,
    question: Question,
    named: str | None = None,
    *,
    tips: bool = True,
) -> Trace:
    """Answer who owed what at an enterprise, and what was done, late, never or entered afterwards.

    Args:
        ledger: where to read.
        enterprise: its record id.
        question: the moment, and as known when.
        named: the enterprise in the words of whoever asks, such as its code.
        tips: whether whoever asks may know of tips.

    Raises:
        NotFound: nothing is on record about the enterprise, as known then.
    """
    upto, entries = _read(ledger, enterprise, question.known_at, named)
    if not tips:
        entries = without_tips(entries)
    return trace(enterprise, entries, question).model_copy(update={"head": upto})


def without_tips(entries: list[Entry]) -> list[Entry]:
    """Return the facts of a case but those of tips, and what corrects those."""
    of_tips = {each.position for each in entries if each.topic.startswith("tip")}
    for each in entries:  # a correction stands after what it corrects
        fact = each.fact
        if isinstance(fact, FactCorrected) and (
            not of_tips.isdisjoint(fact.positions)
            or (fact.replacement and fact.replacement.fact.topic.name.startswith("tip"))
        ):
            of_tips.add(each.position)
    return [each for each in entries if each.position not in of_tips]


def ask_docket(
    ledger: Ledger,
    enterprise: UUID,
    at: date | datetime,
    known_at: datetime | None = None,
    *,
    tips: bool = True,
) -> Docket:
    """Return an enterprise's docket: what single rules are asked of.

    Args:
        ledger: where to read.
        enterprise: its record id.
        at: the moment asked about.
        known_at: as known then; None: all there is.
        tips: whether whoever asks may know of tips.

    Raises:
        NotFound: nothing is on record about the enterprise, as known then.
    """
    _, entries = _read(ledger, enterprise, known_at, None)
    if not tips:
        entries = without_tips(entries)
    return Docket(enterprise, entries, at, known_at)


def ask_what_if(
    ledger: Ledger,
    enterprise: UUID,
    question: Question,
    judged_by: JudgedBy,
    told: str,
    named: str | None = None,
) -> WhatIf:
    """Answer a question by the settings on record and by others, side by side.

    Args:
        ledger: where to read.
        enterprise: its record id.
        question: the moment, and as known when.
        judged_by: the other settings.
        told: what they are, in words.
        named: the enterprise in the words of whoever asks.

    Raises:
        NotFound: nothing is on record about the enterprise, as known then.
    """
    upto, entries = _read(ledger, enterprise, question.known_at, named)
    answer = what_if(enterprise, entries, question, judged_by, told)
    return answer.model_copy(update={"head": upto})


def _read(
    ledger: Ledger, enterprise: UUID, known_at: datetime | None, named: str | None
) -> tuple[int, list[Entry]]:
    """Return the facts of an enterprise's case, and up to which of the ledger they were read."""
    head = ledger.head().position
    upto = ledger.position_at(known_at) if known_at else head
    entries = read_case(ledger, enterprise, upto=upto)
    if not any(f"org:{enterprise}" in entry.tags for entry in entries):
        raise NotFound(
            f"台账中没有单位 {named or enterprise} 的任何记录",
            f"nothing is on record about the enterprise {named or enterprise}",
            todo_zh="核对单位编码；若问“截至某日所知”，当时可能尚未录入",
            todo_en="check its code; as known on an earlier day it may not have been entered yet",
        )
    return upto, entries

"""Asking the ledger: the questions that the command line, the API and the pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import NotFound
from domain.reading import read_case
from domain.trace import Question, trace

if TYPE_CHECKING:
    from uuid import UUID

    from domain.answer import Trace
    from domain.ledger import Ledger


def ask_trace(ledger: Ledger, enterprise: UUID, question: Question) -> Trace:
    """Answer who owed what at an enterprise, and what was done, late, never or entered afterwards.

    Args:
        ledger: where to read.
        enterprise: its record id.
        question: the moment, and as known when.

    Raises:
        NotFound: nothing is on record about the enterprise, as known then.
    """
    upto = ledger.position_at(question.known_at) if question.known_at else None
    entries = read_case(ledger, enterprise, upto=upto)
    if not any(f"org:{enterprise}" in entry.tags for entry in entries):
        raise NotFound(
            f"台账中没有单位 {enterprise} 的任何记录",
            f"nothing is on record about the enterprise {enterprise}",
            todo_zh="核对单位编码；若问“截至某日所知”，当时可能尚未录入",
            todo_en="check its code; as known on an earlier day it may not have been entered yet",
        )
    return trace(enterprise, entries, question)

"""Access tokens 令牌: who a program or a colleague at another desk acts as.

A token belongs to one person. The ledger never holds it: the record's id is made from its SHA-256,
so whoever reads the ledger cannot act with what they read.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.errors import NotAuthenticated
from domain.fact import Fact, FreeText, PersonId
from domain.moment import Instant
from domain.record import facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.fact import Entry

TOKENS = uuid5(NAMESPACE_URL, "https://daocha.example/token")
PREFIX = "daocha_"
"""Begins every token, so that one that was left lying about is recognised by scanners."""


class TokenIssued(
    Fact, topic="token.issued", zh="发放令牌", en="Token issued", starts=True, of_record=True
):
    """The person may act by this token ``until`` a moment, or until it is revoked."""

    person: PersonId
    label: FreeText
    until: Instant | None = None


class TokenRevoked(Fact, topic="token.revoked", zh="吊销令牌", en="Token revoked", of_record=True):
    """Nobody may act by this token any more."""

    person: PersonId
    reason: FreeText | None = None


def token_id(token: str) -> UUID:
    """Return the record id of a token (UUIDv5 of the hex SHA-256 of its text)."""
    return uuid5(TOKENS, hashlib.sha256(token.encode()).hexdigest())


def holder(record: Sequence[Entry], now: datetime) -> UUID:
    """Return the person for whom a token stands.

    Args:
        record: the facts of the token's record; empty where there is no such token.
        now: the moment at which it is used, aware.

    Raises:
        NotAuthenticated: it was never issued, was revoked, or has run out.
    """
    issued = next((fact for _, fact in facts_of(list(record), TokenIssued)), None)
    if issued is None:
        raise NotAuthenticated(
            "令牌不存在",
            "there is no such token",
            todo_zh="核对令牌是否完整；令牌只在发放时显示一次",
            todo_en="check that it is complete; a token is shown only once, when it is issued",
        )
    if any(facts_of(list(record), TokenRevoked)):
        raise _no_longer("令牌已吊销", "this token was revoked")
    if issued.until is not None and now >= issued.until:
        raise _no_longer("令牌已过期", "this token has run out")
    return issued.person


def _no_longer(zh: str, en: str) -> NotAuthenticated:
    todo = ("请申请新的令牌", "ask for a new one")
    return NotAuthenticated(zh, en, todo_zh=todo[0], todo_en=todo[1])

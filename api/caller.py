"""Who sent a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from uuid import UUID

    from api.sessions import Session


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: a token's holder, somebody signed in, or this machine's owner."""

    authentication: Literal["cli", "token", "passkey", "password", "demo"]
    person: UUID | None = None
    session: Session | None = None

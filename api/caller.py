"""Who sent a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from api.sessions import Session


ARRIVED = "daocha.arrived"
"""Where the edge notes in a request's scope when it arrived."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: a token's holder, somebody signed in, or this machine's owner.

    Args:
        authentication: by what they are known.
        person: their record.
        session: theirs, if they are signed in.
        arrived: when the request reached the server, in UTC; not when its turn came.
    """

    authentication: Literal["cli", "token", "passkey", "password", "demo"]
    person: UUID | None = None
    session: Session | None = None
    arrived: datetime | None = None

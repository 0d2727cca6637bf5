"""Looks 查阅: who saw what is sensitive is kept beside the ledger, its digests stand in it.

A look is one line of canonical JSON: when, who, by which posts, at what, for what purpose. It holds
nothing of what was seen. Lines are put on record together (decision 17): whoever changes or drops
one afterwards is found out, and the ledger does not grow by every look.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import Fact
from domain.moment import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable


class LooksKept(
    Fact,
    topic="looks.kept",
    zh="查阅记录入账",
    en="Looks put on record",
    starts=True,
    of_record=True,
    final=True,
):
    """So many looks were taken from ``first`` to ``last``; ``digest`` is of their lines.

    The record is the batch under which the lines are kept.
    """

    count: int = Field(ge=1)
    first: Instant
    last: Instant
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


def digest_of(lines: Iterable[str]) -> str:
    """Return the hex SHA-256 of a batch's lines, each ended by a newline.

    Args:
        lines: canonical JSON each, with a random value in it, so that no digest can be guessed at.
    """
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()

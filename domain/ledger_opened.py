"""Genesis 创世: the first fact of every ledger."""

from __future__ import annotations

from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.fact import Fact

ORIGIN = r"^[a-z0-9][a-z0-9._/-]{0,199}$"
"""The form of a ledger's own name."""


class LedgerOpened(Fact, topic="ledger.opened", zh="开立台账", en="Ledger opened", starts=True):
    """Fact 1: which ledger this is. It cannot be changed afterwards.

    Args:
        origin: the ledger's own name, for good; it names the transparency log too.
        jurisdiction: the code or name of the area whose record it keeps.
        format: version of the leaf's form.
        clock: ``simulated`` if callers give the moment of recording, for demos and tests; every
            page of such a ledger says so.
        keys: fingerprint of the key store that holds the keys of its personal values.
    """

    origin: str = Field(pattern=ORIGIN, examples=["ledger.example/linyi"])
    jurisdiction: str = Field(min_length=1, max_length=100, examples=["371300"])
    format: Literal[1] = 1
    clock: Literal["real", "simulated"] = "real"
    keys: str = Field(pattern=r"^[0-9a-f]{64}$")


def ledger_id(origin: str) -> UUID:
    """Return the id of the ledger's own record (UUIDv5)."""
    return uuid5(NAMESPACE_URL, f"ledger\n{origin}")

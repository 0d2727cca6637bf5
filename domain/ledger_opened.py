"""Genesis 创世: the first fact of every ledger."""

from __future__ import annotations

from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from domain.fact import Fact

GENESIS = uuid5(NAMESPACE_URL, "https://daocha.example/ledger")
"""The record of the ledger itself."""


class LedgerOpened(
    Fact,
    topic="ledger.opened",
    noun="ledger",
    zh="启用台账",
    en="Ledger opened",
    starts=True,
    of_record=True,
):
    """What is settled before anything else: the ledger's name, its jurisdiction and its clock.

    Only a ledger whose clock is ``simulated`` takes the time of recording from its caller; every
    page of it says so.
    """

    origin: str = Field(min_length=1, max_length=200, examples=["linyi.example/yinan"])
    jurisdiction: str = Field(min_length=1, max_length=100, examples=["沂南县"])
    format: Literal[1] = 1
    clock: Literal["real", "simulated"] = "real"

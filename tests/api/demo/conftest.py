from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import pytest

from api.demo.calendar import OPENED
from api.demo.seed import Shown, seed
from domain.answer import Trace
from domain.organisation import organisation_id
from domain.reading import read_case
from domain.trace import Question, trace
from tests.support.tape import Tape

if TYPE_CHECKING:
    from domain.ledger import Ledger


class Played:
    """The demo year on a tape, with what there is to look at."""

    def __init__(self) -> None:
        self.tape = Tape(OPENED)
        self.told: list[tuple[int, int]] = []
        self.shown: Shown = seed(self.tape, lambda *told: self.told.append(told), os.urandom)

    def ask(self, code: str, question: Question) -> Trace:
        enterprise = organisation_id(code)
        return trace(enterprise, read_case(cast("Ledger", self.tape), enterprise), question)


@pytest.fixture(scope="session")
def played() -> Played:
    return Played()

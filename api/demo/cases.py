"""Cases of the ordinary year: opened, investigated and decided."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from api.demo.calendar import clock, workday
from api.demo.scribe import ident
from domain.penalty import CaseOpened, PenaltyDecided

if TYPE_CHECKING:
    from uuid import UUID

    from api.demo.county import Enterprise, Known, Office
    from api.demo.scribe import Scribe

_SPARED = 0.3
"""How often nothing is imposed."""


class Cases:
    """How a department opens and decides cases."""

    def __init__(self, scribe: Scribe) -> None:
        self.scribe = scribe

    def open(
        self, at: Enterprise, office: Office, officer: str, ground: str, hazards: list[Known]
    ) -> None:
        """Open a case some days from now, and decide it some weeks later."""
        opened = workday(self.scribe.today + timedelta(days=office.random.randint(1, 4)))
        self.scribe.at(
            clock(opened, office.random.uniform(9, 16)),
            lambda: self._open(at, office, officer, ground, hazards),
        )

    def _open(
        self, at: Enterprise, office: Office, officer: str, ground: str, hazards: list[Known]
    ) -> None:
        number = self.scribe.document(f"{office.name}立案")
        case = ident(f"case {number}")
        fact = CaseOpened(
            enterprise=at.id,
            by_org=office.id,
            ground=ground,
            hazards=tuple(known.id for known in hazards),
            persons=(self.scribe.holders[at.posts["principal"]],),
            number=number,
        )
        self.scribe.write(office.posts[officer], (case, fact))
        decided = workday(self.scribe.today + timedelta(days=office.random.randint(20, 80)))
        self.scribe.at(clock(decided, 10), lambda: self._decide(at, office, officer, case))

    def _decide(self, at: Enterprise, office: Office, officer: str, case: UUID) -> None:
        spared = office.random.random() < _SPARED
        fact = PenaltyDecided(
            enterprise=at.id,
            by_org=office.id,
            imposed=not spared,
            kind=None if spared else "罚款",
            amount=None if spared else office.random.randint(1, 6) * 5_000_00,
            number=None if spared else self.scribe.document(f"{office.name}罚决"),
            reason=self.scribe.words(
                "首次发生且已及时改正，未造成后果，不予处罚"
                if spared
                else "违法事实清楚，证据确实充分",
                at.id,
            ),
        )
        self.scribe.write(office.posts[officer], (case, fact))

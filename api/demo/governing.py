"""How those who lead govern in the demo year: a meeting each quarter, and what it decided."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, clock, workday
from api.demo.scribe import ident
from domain.meeting import Decision, DecisionCarriedOut, MeetingHeld
from domain.organisation import OrgKind

if TYPE_CHECKING:
    from uuid import UUID

    from api.demo.county import County, Office
    from api.demo.scribe import Scribe

_QUARTERS = (2, 5, 8, 11)
"""The months in which they meet."""
_PROBLEMS = "部分企业隐患整改责任不落实，逾期隐患偏多"
_DECIDED = "对逾期隐患逐项督促整改"
_DONE = "已逐项督促，结果报会议"


class Governing:
    """Puts the meetings of governments and of the zone on the agenda."""

    def __init__(self, county: County, scribe: Scribe) -> None:
        self.county = county
        self.scribe = scribe

    def plan(self) -> None:
        """Put everything on the agenda that is known as the year begins."""
        for office in self.county.offices.values():
            if office.body.kind in (OrgKind.GOVERNMENT, OrgKind.ZONE):
                for month in _QUARTERS:
                    on = workday(date(YEAR, month, office.random.randint(6, 20)))
                    moment = clock(on, office.random.uniform(9, 11))
                    self.scribe.at(moment, partial(self._meet, office, on))

    def _meet(self, office: Office, on: date) -> None:
        """Meet, and carry out what was decided within the month after."""
        due = workday(on + timedelta(days=30))
        record = ident(f"meeting {office.body.key} {on}")
        decision = Decision(
            item=1,
            text=self.scribe.words(_DECIDED, office.id),
            post=office.posts["deputy"],
            due=due,
        )
        fact = MeetingHeld(
            body=office.id,
            chair=self.scribe.holders[office.posts["principal"]],
            attended=(self.scribe.holders[office.posts["deputy"]],),
            problems=self.scribe.words(_PROBLEMS, office.id),
            decisions=(decision,),
        )
        self.scribe.write(office.posts["principal"], (record, fact))
        done = clock(workday(due - timedelta(days=5)), 15)
        self.scribe.at(done, partial(self._carry_out, office, record))

    def _carry_out(self, office: Office, record: UUID) -> None:
        words = self.scribe.words(_DONE, office.id)
        fact = DecisionCarriedOut(body=office.id, item=1, result=words)
        self.scribe.write(office.posts["deputy"], (record, fact))

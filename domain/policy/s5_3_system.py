"""五（三） The system of finding hazards 排查体系: a public fund each year (5.3a), and its use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from domain.answer import Line
from domain.moment import local_day
from domain.policy.bearers import head
from domain.policy.duty import Done, DutyRule, Opening, Section, found_with_it
from domain.policy.rhythm import turns
from domain.policy.s1_leadership import governments
from domain.policy.s3_2_reporting import ISSUED
from domain.public_fund import planned_for, purchased_inspections, purchases
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.expert_inspection import ExpertsInspected
    from domain.fact import Entry
    from domain.policy.duty import Docket
    from domain.public_fund import InspectionsPurchased

_YEAR = 4


# 5.3a each government sets money aside each year


def _years(docket: Docket) -> Iterator[Opening]:
    """One duty a calendar year, the year in which the government enters the record included."""
    for body in governments(docket):
        since = max(local_day(docket.silent_since(body.began)), ISSUED)
        for turn in turns(docket, "5.3a.fund", since, body.closed):
            _, told = planned_for(docket.entries, body.id, int(turn.name[:_YEAR]))
            yield Opening(
                subject=f"org:{body.id}",
                at=max(turn.first, since),
                who=head(body.id),
                owed_to=docket.government(body.id),
                due=turn.due,
                detail=turn.name,
                done=Done(told[0], moment_of(told[0])) if told else None,
            )


@dataclass(frozen=True, slots=True)
class Purchase:
    """Inspections that a government purchased, and those of them that were held."""

    entry: Entry
    fact: InspectionsPurchased
    held: tuple[tuple[Entry, ExpertsInspected], ...]

    @property
    def waiting(self) -> tuple[UUID, ...]:
        """The enterprises where none was held yet."""
        done = {fact.enterprise for _, fact in self.held}
        return tuple(each for each in self.fact.enterprises if each not in done)


@dataclass(frozen=True, slots=True)
class PublicFund:
    """A government's fund of a year in fen (5.3a): planned, and agreed for purchased inspections.

    ``planned`` is None where nothing was set aside.
    """

    year: int
    planned: int | None
    by: tuple[Entry, ...]
    purchases: tuple[Purchase, ...]

    @property
    def purchased(self) -> int:
        """What the purchased inspections cost by agreement."""
        return sum(each.fact.amount for each in self.purchases)


def public_fund(docket: Docket, year: int, elsewhere: list[Entry]) -> PublicFund:
    """Return how a government used its public fund of a year.

    Args:
        docket: the government's own.
        year: the calendar year.
        elsewhere: the facts about the enterprises where inspections were purchased.
    """
    body = docket.enterprise
    planned, by = planned_for(docket.entries, body, year)
    held = purchased_inspections(elsewhere, body, year)
    told = tuple(
        Purchase(
            entry, fact, tuple(each for each in held if each[1].enterprise in fact.enterprises)
        )
        for entry, fact in purchases(docket.entries, body, year)
    )
    return PublicFund(year, planned, tuple(by), told)


SECTION = Section(
    duties=(
        DutyRule(
            "5.3a",
            "fund",
            Line.LEADERSHIP,
            "安排隐患排查治理专项资金",
            "Set public money aside for inspections",
            _years,
            found_with_it,
            within="5.3a.fund",
        ),
    ),
)

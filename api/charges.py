"""A body's charge 监管范围: the facts from which figures are drawn (3.2f, 5.3b, 5.4a).

Which enterprises come into question is asked of the read models; which of them were its charge in
some days, and what is counted of each, is asked of the facts themselves. So a figure holds for one
position of the ledger, and anybody who reads up to it counts the same.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from domain.calendar import CALENDAR
from domain.directory import Directory
from domain.errors import NotFound
from domain.ledger import Query
from domain.moment import end, first_day, last_day
from domain.policy.duty import Docket
from domain.policy.s5_4_figures import (
    OF_BODIES,
    below,
    in_charge_of,
    indicators,
    items_of,
    quarter_figures,
    quarter_line,
)
from domain.reading import about_bodies
from domain.setting import SETTINGS
from domain.yearly import Key
from projections.charges import Charges, bodies_below, ever_in_charge_of
from projections.organisations import Organisations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.fact import Entry
    from domain.ledger import Ledger
    from domain.policy.s5_4_figures import Item
    from domain.quarter import Figures
    from domain.yearly import Indicator
    from projections.runner import Runner
    from projections.views import Views

_BATCH = 50
"""Enterprises whose facts are read at once."""
_DEEPEST = 6
_PATIENCE = 10.0
"""How many seconds to wait for the read models to see what was just recorded."""


@dataclass
class Charge:
    """The facts about a body, those below and above it, and about its enterprises.

    Args:
        body: its record id.
        upto: the position up to which the record was read.
        common: the settings, the calendar, and the first fact.
        shared: those, and the facts about the bodies.
        own: the facts about each enterprise that comes into question.
    """

    body: UUID
    upto: int
    common: list[Entry]
    shared: list[Entry]
    own: dict[UUID, list[Entry]]

    @cached_property
    def directory(self) -> Directory:
        """Everybody in hand, as they are now."""
        every = {e.position: e for e in (*self.shared, *(e for o in self.own.values() for e in o))}
        return Directory([every[position] for position in sorted(every)])

    @cached_property
    def bodies(self) -> frozenset[UUID]:
        """The body and all below it."""
        return below(self.directory, self.body)

    def docket(self, org: UUID, at: date | datetime) -> Docket:
        """Return the docket of one of its enterprises, or of a body's own.

        What is counted of an enterprise rests on the facts about it alone.
        """
        rest = self.common if org in self.own else self.shared
        own = {e.position: e for e in (*rest, *self.own.get(org, ()))}
        return Docket(org, [own[position] for position in sorted(own)], at)

    def enterprises(self, since: date, until: date) -> list[UUID]:
        """Return the enterprises that were its charge at any time between two days."""
        return in_charge_of(self.directory, self.body, since, until)

    def items(self, year: int, at: date | datetime) -> Iterator[Item]:
        """Yield every duty and hazard behind the figures of a year (5.4a)."""
        for enterprise in self.enterprises(date(year, 1, 1), date(year, 12, 31)):
            yield from items_of(self.docket(enterprise, at), year, self.bodies)
        for body in sorted(self.bodies):
            yield from items_of(self.docket(body, at), year)

    def yearly(self, year: int, at: date | datetime) -> tuple[Indicator, ...]:
        """Return the figures of a year (5.4a)."""
        return indicators(self.items(year, at))

    def quarter(self, quarter: str) -> tuple[Figures, ...]:
        """Return the figures of a quarter by area and industry (3.2f)."""
        first, last = first_day(quarter), last_day(quarter)
        lines = (
            quarter_line(self.docket(each, end(last)), quarter)
            for each in self.enterprises(first, last)
        )
        return quarter_figures(lines)


def read_charge(ledger: Ledger, views: Views, runner: Runner, body: UUID) -> Charge:
    """Read what is on record of a body's charge, all of it up to now.

    Raises:
        NotFound: the body is not on record.
    """
    upto = ledger.head().position
    runner.wait_for(upto, _PATIENCE, [Organisations.name, Charges.name])
    bodies = bodies_below(views, body)
    if not bodies:
        raise NotFound(
            f"单位 {body} 未登记",
            f"the organisation {body} is not registered",
            todo_zh="核对单位编码",
            todo_en="check the code",
        )
    common = _common(ledger, upto)
    shared = _about_bodies(ledger, common, bodies, upto)
    own = _about_enterprises(ledger, ever_in_charge_of(views, bodies), upto)
    return Charge(body, upto, common, shared, own)


def read_enterprise(ledger: Ledger, enterprise: UUID) -> Charge:
    """Read what is on record of one enterprise, as if it were a charge of its own."""
    upto = ledger.head().position
    common = _common(ledger, upto)
    own = _about_enterprises(ledger, [enterprise], upto)
    return Charge(enterprise, upto, common, common, own)


def figures_of_enterprise(charge: Charge, year: int, at: date | datetime) -> tuple[Indicator, ...]:
    """Return the figures of one enterprise for a year (5.3b)."""
    keys = [key for key in Key if key not in OF_BODIES]
    return indicators(items_of(charge.docket(charge.body, at), year), keys)


def _common(ledger: Ledger, upto: int) -> list[Entry]:
    settings = ledger.records([SETTINGS, CALENDAR], upto=upto, open_sealed=False)
    genesis = ledger.genesis()
    return [*{genesis.position: genesis, **{e.position: e for e in settings}}.values()]


def _about_bodies(
    ledger: Ledger, common: list[Entry], bodies: list[UUID], upto: int
) -> list[Entry]:
    """Return the facts about some bodies and those above them, and what holds for everybody."""
    found = {entry.position: entry for entry in common}
    wanted, read = set(bodies), set[UUID]()
    for _ in range(_DEEPEST):
        if not wanted:
            break
        read |= wanted
        for some in _batches(sorted(wanted)):
            queries = [Query((f"org:{org}",), about_bodies()) for org in some]
            told = ledger.read(*queries, upto=upto, open_sealed=False)
            found |= {entry.position: entry for entry in told}
        known = Directory([found[position] for position in sorted(found)]).organisations
        parents = {org.parent for org in known.values() if org.parent}
        wanted = {p for p in parents if p not in read}
    return [found[position] for position in sorted(found)]


def _about_enterprises(
    ledger: Ledger, enterprises: list[UUID], upto: int
) -> dict[UUID, list[Entry]]:
    """Return the facts about each of some enterprises."""
    own: dict[UUID, list[Entry]] = defaultdict(list)
    for some in _batches(enterprises):
        tags = {f"org:{each}": each for each in some}
        queries = [Query((tag,)) for tag in tags]
        for entry in ledger.read(*queries, upto=upto, open_sealed=False):
            for tag in entry.tags:
                if tag in tags:
                    own[tags[tag]].append(entry)
    return own


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))

"""The hazard ledger 隐患台账 as people read it: with words, and who is responsible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.case import Case
from domain.correction import FactCorrected
from domain.errors import Unavailable
from domain.hazard import HazardFound, Stage
from domain.imported import LedgerRowImported
from domain.moment import local_day
from domain.people import AppointmentMade
from domain.record import facts_of
from projections.hazards import ALL, OPEN, Asked, Hazards, ledger_count, ledger_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from api.serving import Serving
    from domain.fact import Fact

STAGES = (OPEN, ALL, *(stage.value for stage in Stage))
"""What one can choose from, by what hazards wait for."""
COUNTED = 1_000
"""Up to so many are counted: more than that is told as such."""
MOST_EXPORTED = 100_000
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class HazardLine:
    """A line of the ledger; ``overdue`` are whole days past the deadline."""

    id: UUID
    number: str
    enterprise: UUID
    enterprise_name: str
    area: str | None
    description: str
    category: str | None
    level: str | None
    listed: bool
    responsible: str
    found_on: date
    deadline: date | None
    overdue: int
    stage: str
    key: date


def lines(
    here: Serving, asked: Asked, *, limit: int, after: tuple[date, UUID] | None = None
) -> list[HazardLine]:
    """Return a page of the ledger with what can be erased: descriptions and names."""
    return _told(here, asked, ledger_page(here.views, asked, limit=limit, after=after))


def every_line(here: Serving, asked: Asked) -> Iterator[HazardLine]:
    """Yield the whole ledger, read in parts, as a spreadsheet takes it."""
    after: tuple[date, UUID] | None = None
    for _ in range(MOST_EXPORTED // _CHUNK):
        found = lines(here, asked, limit=_CHUNK, after=after)
        yield from found
        if len(found) < _CHUNK:
            return
        after = (found[-1].key, found[-1].id)


def count(here: Serving, asked: Asked) -> int:
    """Return how many there are, or one more than :data:`COUNTED` where there are more."""
    return ledger_count(here.views, asked, most=COUNTED + 1)


def up_to_date(here: Serving, name: str = Hazards.name) -> None:
    """Wait for a list: one that is behind would lack what somebody has just recorded."""
    try:
        here.runner.wait_for(here.ledger.head().position, 1.0, [name])
    except Unavailable:
        return  # the page says as of which fact it stands


def _told(here: Serving, asked: Asked, rows: Sequence[dict[str, Any]]) -> list[HazardLine]:
    words = _descriptions(here, rows)
    people = _holders(here, {row["responsible"] for row in rows if row["responsible"]})
    key = "due_on" if asked.by_deadline else "found_on"
    return [
        HazardLine(
            id=row["id"],
            number=row["number"],
            enterprise=row["enterprise"],
            enterprise_name=row["enterprise_name"] or str(row["enterprise"]),
            area=row["enterprise_area"],
            description=words.get(row["id"], ""),
            category=row["category"],
            level=row["level"],
            listed=row["listed"],
            responsible=people.get(row["responsible"], ""),
            found_on=row["found_on"],
            deadline=row["deadline"],
            overdue=_overdue(row, asked.today),
            stage=row["stage"],
            key=row[key],
        )
        for row in rows
    ]


def _overdue(row: dict[str, Any], today: date) -> int:
    if row["deadline"] is None or row["closed"] is not None:
        return 0
    days: int = (today - row["deadline"]).days
    return max(days, 0)


def _descriptions(here: Serving, rows: Sequence[dict[str, Any]]) -> dict[UUID, str]:
    """Return what was found, in words: read models hold nothing that can be erased."""
    told = {}
    entries = here.ledger.opened_at([row["described"] for row in rows])
    said = {entry.position: _says(entry.fact) for entry in entries}
    for row in rows:
        told[row["id"]] = said.get(row["described"], "")
    return told


def _says(fact: Fact) -> str:
    if isinstance(fact, FactCorrected) and fact.replacement:
        fact = fact.replacement.fact
    if isinstance(fact, HazardFound | LedgerRowImported) and fact.description:
        return str(fact.description)
    return ""


def _holders(here: Serving, posts: Iterable[UUID]) -> dict[UUID, str]:
    """Return who holds each post now, by name; its title where nobody does."""
    wanted = sorted(set(posts))
    if not wanted:
        return {}
    now = here.now()
    tenure = [*here.ledger.records(wanted, open_sealed=False)]
    people = sorted({fact.person for _, fact in facts_of(tenure, AppointmentMade)})
    entries = [*tenure, *here.ledger.records(people)]
    directory = Case(wanted[0], entries, now).directory
    told = {}
    for post in wanted:
        held = [each.person for each in directory.holdings(post) if each.covers(now)]
        names = [str(directory.names[each].name) for each in held if each in directory.names]
        known = directory.posts.get(post)
        told[post] = "、".join(names) or (known.title if known else "")
    return told


def today_of(here: Serving) -> date:
    """Return the local day by which lateness is told."""
    return local_day(here.now())

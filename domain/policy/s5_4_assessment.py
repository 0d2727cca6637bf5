"""五（四） Assessment 考核: each body is assessed for every year by the one above it (5.4c)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.moment import end, local_day, no_later
from domain.policy.bearers import head
from domain.policy.duty import DutyRule, Opening, Section
from domain.policy.s3_2_reporting import ISSUED
from domain.record import facts_of
from domain.yearly import YearAssessed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.fact import Entry
    from domain.policy.duty import Docket


def _to_assess(docket: Docket) -> Iterator[Opening]:
    """The city assesses counties and its departments, each county its own: once a year is over.

    Owed by the government or zone next above; a body above which there is none is assessed by
    nobody here, and one that closed within a year is not assessed for it.
    """
    for body in docket.bodies:
        known = docket.directory.organisations[body]
        assessor = docket.government(body)
        if assessor is None:
            continue
        first = max(local_day(docket.silent_since(known.began)), ISSUED).year
        for year in range(first, local_day(docket.at).year):
            over = date(year, 12, 31)
            if known.closed is not None and no_later(known.closed, over):
                break
            by = docket.settings.at("5.4c.assess_by", over).day_in(year + 1)
            yield Opening(
                subject=f"org:{body}",
                at=over,
                who=head(assessor),
                owed_to=docket.government(assessor),
                due=end(by) if by else None,
                detail=str(year),
            )


def _assessed(docket: Docket, about: Opening) -> Entry | None:
    """The assessment of that year by whoever owes it."""
    for entry, fact in facts_of(docket.about(about.subject), YearAssessed):
        told = (f"org:{fact.body}", str(fact.year), fact.by_org)
        if told == (about.subject, about.detail, about.who.org):
            return entry
    return None


ASSESS = DutyRule(
    "5.4c",
    "assess",
    Line.LEADERSHIP,
    "将隐患排查治理纳入年度考核",
    "Assess the year",
    _to_assess,
    _assessed,
    within="5.4c.assess_by",
)

SECTION = Section(duties=(ASSESS,))

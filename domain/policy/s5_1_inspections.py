"""五（一） 监督检查: the leader and the person named for an enterprise inspect it (5.1b)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.answer import Line
from domain.inspection import InspectionHeld
from domain.moment import earlier, local_day, no_later, start
from domain.people import PostKind
from domain.policy.duty import Done, DutyRule, Opening, Section, Who, found_with_it
from domain.policy.rhythm import turns
from domain.policy.s3_2_reporting import ISSUED
from domain.record import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from domain.organisation import Naming
    from domain.policy.duty import Docket
    from domain.policy.rhythm import Turn


def _named(docket: Docket) -> dict[tuple[UUID, UUID], list[Naming]]:
    """Return every naming of a post by a department, under both; a post named twice stands once."""
    found: dict[tuple[UUID, UUID], list[Naming]] = {}
    for naming in docket.directory.namings(docket.enterprise):
        for post in dict.fromkeys((naming.leader, naming.officer)):
            found.setdefault((naming.department, post), []).append(naming)
    return found


def _inspections_owed(docket: Docket) -> Iterator[Opening]:
    """Each named post owes an inspection in every round at whose end it is still named.

    Whoever was named for a part of the round only has passed it on, with what was done in it.
    """
    own = docket.directory.organisations.get(docket.enterprise)
    for (department, post), namings in _named(docket).items():
        first = min((n.since for n in namings), key=start)
        since = max(local_day(docket.silent_since(first)), ISSUED)
        known = docket.directory.posts.get(post)
        for turn in turns(docket, "5.1b.inspect", since, own.closed if own else None):
            naming = _at_the_end(docket, department, namings, turn)
            if naming is None:
                continue
            yield Opening(
                subject=f"org:{docket.enterprise}",
                at=max(turn.first, since),
                who=Who(department, known.kind if known else PostKind.DEPUTY, post),
                owed_to=docket.government(department),
                by=(naming.entry,),
                due=turn.due,
                detail=f"{turn.name} {post}",
                done=_inspected(docket, department, post, turn),
            )


def _at_the_end(
    docket: Docket, department: UUID, namings: list[Naming], turn: Turn
) -> Naming | None:
    """Return the naming in force as a round ends, or at the docket's moment while it runs.

    None where the department supervises no longer: after a transfer the receiver names its own.
    """
    moment = min(turn.last, local_day(docket.at))
    supervises = any(
        each.department == department
        and no_later(each.since, moment)
        and (each.until is None or earlier(moment, each.until))
        for each in docket.directory.supervisions(docket.enterprise)
    )
    if not supervises:
        return None
    return next(
        (
            naming
            for naming in reversed(namings)
            if no_later(naming.since, moment)
            and (naming.until is None or earlier(moment, naming.until))
        ),
        None,
    )


def _inspected(docket: Docket, department: UUID, post: UUID, turn: Turn) -> Done | None:
    """Return the first inspection of the round in which the post's holder took part in person."""
    for entry, fact in facts_of(docket.own, InspectionHeld):
        if fact.by_org != department or not turn.holds(entry.happened):
            continue
        holders = {h.person for h in docket.directory.holdings(post) if h.covers(entry.happened)}
        if any(officer.person in holders for officer in fact.officers):
            return Done(entry, entry.happened)
    return None


SECTION = Section(
    duties=(
        DutyRule(
            "5.1b",
            "inspect",
            Line.SUPERVISION,
            "实名责任领导和责任人监督检查",
            "The named leader and person inspect",
            _inspections_owed,
            found_with_it,
            within="5.1b.inspect",
        ),
    ),
)

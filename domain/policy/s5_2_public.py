"""五（二） 社会监督: channels, procedure and reward rules on file for each body (5.2g).

What the rest of 五（二） asks to be on record stands with its facts: :mod:`domain.exposure` (5.2e),
:mod:`domain.participation` (5.2f), :mod:`domain.publicity` (5.2h).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from domain.answer import Line
from domain.moment import earlier, local_day, start, uncovered
from domain.organisation import OrgKind
from domain.policy.bearers import head
from domain.policy.duty import (
    Done,
    DutyRule,
    Opening,
    Section,
    first_about,
    found_with_it,
    registration,
)
from domain.policy.s3_2_reporting import ISSUED
from domain.tip_office import Item, on_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from domain.directory import Organisation
    from domain.fact import Entry
    from domain.policy.duty import Docket

_BODIES = (OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT)


def receiving(docket: Docket) -> Iterator[Organisation]:
    """Yield the governments, zones and departments that must be open to reports (各级各部门)."""
    for body in docket.bodies:
        known = docket.directory.organisations[body]
        if known.kind in _BODIES:
            yield known


def _owes(item: Item) -> Callable[[Docket], Iterator[Opening]]:
    """Make what opens the duty to have one item."""

    def opens(docket: Docket) -> Iterator[Opening]:
        return _owed(docket, item)

    return opens


def _owed(docket: Docket, item: Item) -> Iterator[Opening]:
    """One duty from the body's beginning on, and one each time that the item is lost again."""
    for body in receiving(docket):
        tag = f"org:{body.id}"
        there = sorted(on_file(docket.about(tag), item), key=lambda each: start(each.since))
        began = docket.silent_since(body.began)
        begins = began if earlier(ISSUED, began) else ISSUED
        ends = body.closed or docket.at
        lost = uncovered(((each.since, each.until) for each in there), begins, ends)
        for at in dict.fromkeys((begins, *(gap for gap, _ in lost))):
            found = (e for e in there if e.until is None or earlier(at, e.until))
            yield Opening(
                subject=tag,
                at=at,
                who=head(body.id),
                owed_to=docket.government(body.id),
                by=registration(docket, body.id),
                detail=local_day(at).isoformat(),
                done=next((Done(each.entry, each.since) for each in found), None),
            )


def gaps(docket: Docket, item: Item) -> list[tuple[UUID, date | datetime]]:
    """Return which bodies lack an item at the docket's moment, and since when (5.2g)."""
    return [
        (UUID(each.subject.partition(":")[2]), each.at)
        for each in _owed(docket, item)
        if each.done is None
    ]


def _closed(docket: Docket, about: Opening) -> Entry | None:
    return first_about(docket, about.subject, "organisation.closed")


_ITEMS = (
    (Item.TELEPHONE, "设立专门的隐患举报电话", "Keep a telephone for reports of hazards"),
    (Item.EMAIL, "设立专门的隐患举报电子邮箱", "Keep an e-mail address for reports of hazards"),
    (Item.PROCEDURE, "建立举报办事程序和规章制度", "Have the handling of reports laid down"),
    (Item.REWARD, "制定举报奖励办法", "Have rules on rewards for reports"),
)

SECTION = Section(
    duties=tuple(
        DutyRule(
            "5.2g",
            item.value,
            Line.SUPERVISION,
            zh,
            en,
            _owes(item),
            found_with_it,
            within="5.2g.set_up",
            until=_closed,
        )
        for item, zh, en in _ITEMS
    ),
)

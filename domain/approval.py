"""Approvals 审批与发证: who approved each project and issued each licence, for good (1.2a, 4.1b).

They stand on the chain of every trace, however old, and whatever became of them since
(谁审批、谁负责，谁发证、谁负责).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import answer
from domain.licence import LicenceGranted
from domain.project import DesignReviewed, FacilitiesAccepted
from domain.record import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.case import Case
    from domain.fact import Entry
    from domain.labels import Labels


def approvals(case: Case, labels: Labels) -> list[answer.Approval]:
    """Return every passed review and acceptance and every licence granted, earliest first.

    Args:
        case: the facts of one enterprise.
        labels: names and titles.
    """
    found = []
    for entry, name, conditions in _approving(case):
        post = getattr(entry.fact, "post", None) or entry.by.post
        found.append(
            answer.Approval(
                title=labels.title(entry),
                name=name,
                organisation=labels.organisation(entry.fact.by_org),  # type: ignore[attr-defined]
                person=entry.by.person,
                person_name=labels.person_name(entry.by.person),
                post_title=labels.post_title(post),
                at=moment_of(entry),
                conditions=conditions,
                facts=[entry.position],
            )
        )
    return found


def _approving(case: Case) -> Iterator[tuple[Entry, str, list[str]]]:
    """Yield each act of approving, what it approved, and the conditions that were checked."""
    names = {project.key: project.name for project in case.projects}
    for entry in case.about(f"org:{case.enterprise}"):
        fact = entry.fact
        if isinstance(fact, DesignReviewed | FacilitiesAccepted) and fact.passed:
            yield entry, names.get(str(entry.record), str(entry.record)), []
        elif isinstance(fact, LicenceGranted):
            yield entry, fact.licence, [condition.name for condition in fact.conditions]

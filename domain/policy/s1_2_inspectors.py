"""一（二） Inspectors 执法人员: an inspection wants two with a certificate (1.2e)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.answer import Line
from domain.inspection import InspectionHeld
from domain.inspector import InspectorsTrained, certificate_on
from domain.moment import earlier, no_later
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.policy.bearers import in_charge
from domain.policy.duty import Breach, BreachRule, Section
from domain.record import by_moment, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from domain.fact import Entry
    from domain.policy.duty import Docket

_AUTHORITIES = (OrgKind.DEPARTMENT, OrgKind.ZONE)
"""Those that have inspectors 执法人员; leaders of a government look in as leaders (5.1b)."""


# 1.2e an inspection by fewer than two certified inspectors


def _too_few(docket: Docket, rule: BreachRule) -> Iterator[Breach]:
    """The body that inspects answers for it; what lies before the ledger's opening is not asked."""
    for entry, fact in facts_of(docket.own, InspectionHeld):
        body = docket.directory.organisations.get(fact.by_org)
        asked_before = earlier(entry.happened, docket.silent_since(entry.happened))
        if body is None or body.kind not in _AUTHORITIES or asked_before:
            continue
        applied = docket.settings.at("1.2e.inspectors", entry.happened)
        persons = dict.fromkeys(officer.person for officer in fact.officers)
        held = [each for p in persons if (each := certificate_on(docket, p, entry.happened))]
        if len(held) >= (applied.number or 0):
            continue
        least = applied.number
        yield Breach(
            rule=rule,
            subject=f"inspection:{entry.record}",
            at=entry.happened,
            who=in_charge(fact.by_org),
            by=(entry, *held),
            zh=f"检查人员{len(persons)}人，其中当日持有效执法证件的{len(held)}人，不足{least}人",
            en=f"{len(persons)} inspectors, {len(held)} of them with a certificate valid that day: "
            f"fewer than {least}",
            applied=applied,
        )


@dataclass(frozen=True, slots=True)
class Inspector:
    """Who may inspect for a body: the certificate of the day, and the last training, if any."""

    person: UUID
    posts: tuple[UUID, ...]
    certificate: Entry | None
    trained: tuple[Entry, bool] | None


def inspectors(docket: Docket) -> list[Inspector]:
    """Return the inspectors of the docket's own body at its moment (1.2e).

    Those who hold an inspector's post of the body, or any post of it and a certificate.
    """
    directory = docket.directory
    posts: dict[UUID, list[UUID]] = {}
    by_post: set[UUID] = set()
    for post in directory.all_posts(docket.enterprise):
        there = post.abolished is None or no_later(docket.at, post.abolished)
        for held in directory.holdings(post.id):
            if there and held.covers(docket.at):
                posts.setdefault(held.person, []).append(post.id)
                by_post |= {held.person} if post.kind is PostKind.INSPECTOR else set()
    found = (
        Inspector(
            person,
            tuple(held),
            certificate_on(docket, person, docket.at),
            _last_training(docket, person),
        )
        for person, held in posts.items()
    )
    return [each for each in found if each.certificate or each.person in by_post]


def _last_training(docket: Docket, person: UUID) -> tuple[Entry, bool] | None:
    told = [
        (entry, each.passed)
        for entry, fact in facts_of(by_moment(docket.entries), InspectorsTrained)
        for each in fact.attended
        if fact.body == docket.enterprise and each.person == person
    ]
    return told[-1] if told else None


SECTION = Section(
    breaches=(
        BreachRule(
            "1.2e",
            "too-few",
            Line.SUPERVISION,
            "持证执法人员不足",
            "Too few certified inspectors",
            _too_few,
        ),
    ),
)

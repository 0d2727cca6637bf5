"""Who bears a duty 义务主体: always a post, resolved later to whoever held it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.hazard import Determiner, Finder, HazardDetermined, HazardFound, HazardMadeKnown
from domain.imported import LedgerRowImported
from domain.inspection import InspectionHeld
from domain.listing import ListingServed
from domain.moment import end, start
from domain.people import PostKind
from domain.policy.duty import Who
from domain.record import moment_of

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from domain.fact import Entry
    from domain.hazard import HazardRecord
    from domain.policy.duty import Docket

_OWN = (Finder.ENTERPRISE, Finder.EMPLOYEE)
_OWN_ACTS = (
    "hazard.assessed",
    "hazard.reported",
    "hazard.disclosed",
    "hazard.planned",
    "hazard.safeguarded",
    "hazard.rectification_started",
    "hazard.rectified",
    "hazard.acceptance_applied",
    "report.filed",
)
"""What the enterprise itself does about a hazard, which shows that it knows of it."""
_REPORTED_TO_IT = ("expert_inspection.report_delivered",)
"""Reports that the enterprise gets of hazards which they name."""
SHOWS_KNOWLEDGE = (
    *(*_OWN_ACTS, *_REPORTED_TO_IT),
    *("hazard.found", "hazard.made_known", "hazard.determined", "listing.served"),
    *("inspection.held", "order.issued", "order.served", "order.service_refused"),
    "ledger_row.imported",
)
"""Every kind of fact from which :func:`known_to_enterprise` may tell."""


def principal(docket: Docket) -> Who:
    """Return the enterprise's principal 主要负责人, who bears what names no one else (1.3a)."""
    return Who(docket.enterprise, PostKind.PRINCIPAL)


def deputy(docket: Docket) -> Who:
    """Return the enterprise's deputy in charge of safety 分管负责人."""
    return Who(docket.enterprise, PostKind.DEPUTY)


def organiser(docket: Docket, hazard: HazardRecord) -> Who:
    """Return whoever the assessment named to organise the rectification; else the deputy (3.1c)."""
    assessed = hazard.fact("hazard.assessed")
    if assessed and assessed.organiser:
        return Who(docket.enterprise, PostKind.DEPUTY, assessed.organiser)
    return deputy(docket)


def officer(
    docket: Docket,
    department: UUID | None,
    at: date | datetime,
    until: date | datetime | None = None,
) -> Who:
    """Return the officer named for the enterprise in the real-name directory (5.1a).

    Where none is named, the department's deputy bears it. Whoever received the enterprise after
    the duty opened names somebody then, or by the time it fell due.

    Args:
        docket: the case.
        department: whose officer.
        at: when the duty opened.
        until: when it fell due or was done; None where no transfer bears on it.
    """
    if department is None:
        return Who(None, PostKind.DEPUTY)
    directory, enterprise = docket.directory, docket.enterprise
    received = directory.received(enterprise, department, at, until) if until else None
    moments = [received, until] if received and until else [at]
    namings = (directory.named(enterprise, department, moment) for moment in moments)
    named = next((naming for naming in namings if naming), None)
    return Who(department, PostKind.DEPUTY, named.officer if named else None)


def in_charge(org: UUID | None) -> Who:
    """Return the deputy of a body, who is specifically responsible (1.1a 分管领导具体负责)."""
    return Who(org, PostKind.DEPUTY)


def head(org: UUID | None) -> Who:
    """Return the head of a body, who bears general responsibility (1.1a “一把手”负总责)."""
    return Who(org, PostKind.PRINCIPAL)


def in_person(*persons: UUID) -> Who:
    """Return experts, who bear in person what is theirs, with no post (二（四）)."""
    return Who(None, PostKind.EXPERT, persons=persons)


def regulator_until(docket: Docket, at: date | datetime, setting: str) -> UUID | None:
    """Return the regulator that owes from ``at`` what is due within ``setting``.

    After a transfer it is the receiver, and no deadline restarts; None where nobody supervises.
    """
    regulator = docket.regulator(at)
    if regulator is None:
        return None
    return docket.directory.successor(docket.enterprise, regulator, due_or_now(docket, at, setting))


def due_or_now(docket: Docket, at: date | datetime, setting: str) -> date | datetime:
    """Return when what opened at ``at`` falls due within ``setting``, or now where that is earlier.

    Where the setting is switched off nothing is owed, and it ends as it began.
    """
    period = docket.settings.at(setting, at).period
    return min(docket.after(period, at) if period else at, docket.at, key=end)


def known_to_enterprise(docket: Docket, hazard: HazardRecord) -> Entry | None:
    """Return the earliest fact by which the enterprise knew of a hazard, if any shows it.

    It found it itself, dealt with it, or keeps it in a ledger of its own; or was told, was served
    an order or a listing that names it, got an expert's report of it, or attended the inspection.
    """
    ways = [entry for entry in hazard.entries if _tells(docket, entry)]
    found = hazard.first("hazard.found")
    if found and isinstance(found.fact, HazardFound) and found.fact.inspection:
        ways += [
            max(entry, found, key=lambda each: start(moment_of(each)))
            for entry in docket.about(f"inspection:{found.fact.inspection}")
            if isinstance(entry.fact, InspectionHeld) and entry.fact.attended_by
        ]
    for order in docket.orders:
        names_it = order.issued and any(i.hazard == hazard.id for i in order.issued.items)
        ways += order.all("order.served", "order.service_refused") if names_it else []
    return min(ways, key=lambda entry: (start(moment_of(entry)), entry.position), default=None)


def _tells(docket: Docket, entry: Entry) -> bool:
    fact = entry.fact
    if isinstance(fact, HazardFound):
        return fact.found_by in _OWN
    if isinstance(fact, HazardMadeKnown):
        return fact.to_org == docket.enterprise
    if isinstance(fact, HazardDetermined):
        return fact.by is Determiner.ENTERPRISE
    if isinstance(fact, ListingServed):
        return fact.to_org == docket.enterprise
    if isinstance(fact, LedgerRowImported):
        return fact.inspected_by in (None, fact.enterprise_name)
    return entry.topic in (*_OWN_ACTS, *_REPORTED_TO_IT)

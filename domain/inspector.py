"""Inspectors 执法人员: how a body trains and equips them (1.2e).

That somebody may inspect is attested by a certificate 执法证件 in the person's own record
(``domain.training``). What a body does for its inspectors stands here: trainings and equipment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import BodyFact, FreeText
from domain.moment import Day, earlier, no_later
from domain.record import facts_of, moment_of
from domain.training import Attendance, CertificateKind, certified

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from domain.case import Case
    from domain.fact import Entry


class InspectorsTrained(
    BodyFact,
    topic="inspector_training.held",
    zh="培训执法人员",
    en="Inspectors trained",
    starts=True,
):
    """A body trained its inspectors: in what, for how long, who took part and who passed."""

    name: str = Field(min_length=1, max_length=200, examples=["危险化学品执法检查业务培训"])
    hours: int | None = Field(default=None, ge=0)
    attended: tuple[Attendance, ...] = ()
    remarks: FreeText | None = None


class EquipmentProvided(
    BodyFact,
    topic="equipment.provided",
    zh="配置执法装备",
    en="Equipment provided",
    starts=True,
):
    """Equipment for inspections; ``usable_until`` is when its calibration or life runs out."""

    name: str = Field(min_length=1, max_length=200, examples=["便携式可燃气体检测仪"])
    count: int = Field(ge=1)
    usable_until: Day | None = None


class EquipmentRetired(
    BodyFact, topic="equipment.retired", zh="停用执法装备", en="Equipment retired"
):
    """The equipment is used no longer."""

    reason: FreeText | None = None


@dataclass(frozen=True, slots=True)
class Equipment:
    """Equipment that a body has, and whether it may still be used."""

    entry: Entry
    name: str
    count: int
    usable_until: date | None
    usable: bool


def equipment_of(entries: list[Entry], body: UUID, at: date | datetime) -> list[Equipment]:
    """Return what a body's inspectors are equipped with at a moment.

    Args:
        entries: the facts about the body, among others.
        body: its record id.
        at: the moment; on the last usable day equipment is still good.
    """
    retired = {
        entry.record
        for entry, fact in facts_of(entries, EquipmentRetired)
        if fact.body == body and no_later(moment_of(entry), at)
    }
    return [
        Equipment(
            entry,
            fact.name,
            fact.count,
            fact.usable_until,
            fact.usable_until is None or not earlier(fact.usable_until, at),
        )
        for entry, fact in facts_of(entries, EquipmentProvided)
        if fact.body == body and entry.record not in retired and no_later(moment_of(entry), at)
    ]


def certificate_on(case: Case, person: UUID, at: date | datetime) -> Entry | None:
    """Return the certificate by which a person may inspect on the day of ``at``, if there is one.

    Both days of its validity count.
    """
    for entry, (since, until) in certified(
        case.about(f"person:{person}"), CertificateKind.INSPECTOR
    ):
        if no_later(since, at) and (until is None or no_later(at, until)):
            return entry
    return None

"""Organisations 单位 and who supervises whom 监管关系.

Supervision comes from assignments, never from division codes: zones such as 经开区 supervise and
have no code of their own, and an enterprise nobody is assigned to is a gap (policy.md, edge cases).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import Field

from domain.fact import EnterpriseFact, Fact, FreeText, OrgRef, PostId, Tag
from domain.moment import Day

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry

ORGANISATIONS = uuid5(NAMESPACE_URL, "https://daocha.example/organisation")


def organisation_id(code: str) -> UUID:
    """Return the record id that an organisation's code fixes (UUIDv5); case does not matter."""
    return uuid5(ORGANISATIONS, code.strip().upper())


class OrgKind(StrEnum):
    """What an organisation is 单位性质."""

    GOVERNMENT = "government"
    ZONE = "zone"
    DEPARTMENT = "department"
    ENTERPRISE = "enterprise"
    EXPERT_BODY = "expert_body"


class Level(StrEnum):
    """The tier of a government, zone or department 层级."""

    TOWN = "town"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


class OrganisationRegistered(
    Fact,
    topic="organisation.registered",
    noun="org",
    zh="登记单位",
    en="Organisation registered",
    starts=True,
):
    """An organisation enters the record. ``area`` is a name or a code, as the place is called."""

    kind: OrgKind
    code: str = Field(min_length=1, max_length=64, examples=["91371399MA3C00003U"])
    name: str = Field(min_length=1, max_length=200, examples=["沂河化工有限公司"])
    parent: OrgRef | None = None
    level: Level | None = None
    area: str | None = Field(default=None, max_length=100, examples=["沂南县"])
    address: str | None = Field(default=None, max_length=200)
    industry: str | None = Field(default=None, max_length=10, examples=["2614"])
    employees: int | None = Field(default=None, ge=0)
    high_risk: bool = False
    began: Day | None = Field(default=None, description="投产、开业日期；不详则以登记之日起算")


class OrganisationChanged(
    Fact,
    topic="organisation.changed",
    noun="org",
    zh="变更单位信息",
    en="Organisation changed",
):
    """A name, parent, industry or place changed; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    parent: OrgRef | None = None
    area: str | None = Field(default=None, max_length=100)
    address: str | None = Field(default=None, max_length=200)
    industry: str | None = Field(default=None, max_length=10)
    employees: int | None = Field(default=None, ge=0)
    high_risk: bool | None = None


class CrowdedPlaceFound(
    Fact,
    topic="organisation.crowded_place",
    noun="org",
    zh="认定是否人员密集场所",
    en="Crowded place found",
):
    """It is a crowded place 人员密集场所 from this day on, or no longer."""

    crowded: bool


class OrganisationClosed(
    Fact, topic="organisation.closed", noun="org", zh="单位关闭", en="Organisation closed"
):
    """It closed or was deregistered; the month's report is still owed by the last principal."""

    reason: FreeText | None = None


class OrganisationSame(
    Fact, topic="organisation.same_as", noun="org", zh="认定为同一单位", en="Same organisation"
):
    """This record and another are one organisation entered twice."""

    same_as: Annotated[UUID, Tag("org")]
    reason: FreeText


class Ground(StrEnum):
    """Why a department supervises an enterprise 监管依据 (1.2a)."""

    INDUSTRY = "industry"
    TERRITORY = "territory"
    SAFETY = "safety"
    APPROVAL = "approval"
    LICENCE = "licence"


class SupervisionFact(EnterpriseFact):
    """A fact about who supervises an enterprise; all of them stand in one record."""


class SupervisionAssigned(
    SupervisionFact,
    topic="supervision.assigned",
    noun="supervision",
    zh="确定监管部门",
    en="Supervision assigned",
):
    """A department (or zone committee) supervises the enterprise from the day it happened."""

    department: OrgRef
    ground: Ground = Ground.INDUSTRY
    document: str | None = Field(default=None, max_length=200)


class SupervisionEnded(
    SupervisionFact,
    topic="supervision.ended",
    noun="supervision",
    zh="终止监管关系",
    en="Supervision ended",
):
    """The department no longer supervises the enterprise, and nobody follows by this fact."""

    department: OrgRef
    ground: Ground = Ground.INDUSTRY
    reason: FreeText | None = None


class TransferProposed(
    SupervisionFact,
    topic="supervision.transfer_proposed",
    noun="supervision",
    zh="提出移交监管",
    en="Transfer of supervision proposed",
    of_record=True,
):
    """The sender stays responsible until the receiver accepts."""

    sender: OrgRef
    receiver: OrgRef
    ground: Ground = Ground.INDUSTRY
    reason: FreeText | None = None


class TransferAccepted(
    SupervisionFact,
    topic="supervision.transfer_accepted",
    noun="supervision",
    zh="接收监管",
    en="Transfer of supervision accepted",
    of_record=True,
):
    """From here on the receiver is responsible; no deadline restarts."""

    sender: OrgRef
    receiver: OrgRef
    ground: Ground = Ground.INDUSTRY


class TransferRefused(
    SupervisionFact,
    topic="supervision.transfer_refused",
    noun="supervision",
    zh="拒绝接收监管",
    en="Transfer of supervision refused",
    of_record=True,
):
    """The common superior decides; until then the sender stays responsible."""

    sender: OrgRef
    receiver: OrgRef
    reason: FreeText


class TransferDecided(
    SupervisionFact,
    topic="supervision.transfer_decided",
    noun="supervision",
    zh="上级裁定监管部门",
    en="Transfer of supervision decided",
    of_record=True,
):
    """The common superior names who is responsible from now on."""

    superior: OrgRef
    sender: OrgRef
    responsible: OrgRef
    ground: Ground = Ground.INDUSTRY
    reason: FreeText | None = None


class ResponsiblesNamed(
    SupervisionFact,
    topic="supervision.named",
    noun="supervision",
    zh="实名确定责任领导和责任人",
    en="Responsible leader and person named",
):
    """The real-name directory (5.1a): a post for the responsible leader and one for the person."""

    department: OrgRef
    leader: PostId
    officer: PostId


class ResponsiblesWithdrawn(
    SupervisionFact,
    topic="supervision.unnamed",
    noun="supervision",
    zh="撤销实名责任",
    en="Responsible leader and person withdrawn",
):
    """The enterprise leaves the real-name directory of the department."""

    department: OrgRef
    reason: FreeText | None = None


def supervision_id(enterprise: UUID) -> UUID:
    """Return the record id of an enterprise's supervision (UUIDv5 of the enterprise)."""
    return uuid5(enterprise, "supervision")


@dataclass(frozen=True, slots=True)
class Supervision:
    """A department's supervision of an enterprise, from ``since`` to ``until`` (None: still)."""

    enterprise: UUID
    department: UUID
    ground: Ground
    since: date | datetime
    until: date | datetime | None
    entry: Entry


@dataclass(frozen=True, slots=True)
class Naming:
    """The posts named for an enterprise in the real-name directory (5.1a)."""

    department: UUID
    leader: UUID
    officer: UUID
    since: date | datetime
    until: date | datetime | None
    entry: Entry


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer of supervision that moved what the sender had begun about an enterprise."""

    at: date | datetime
    sender: UUID
    receiver: UUID
    ground: Ground

"""Permits and licences 行政许可、证照: applied for, granted, refused, suspended, returned, revoked.

Who granted one answers for it for good (1.2a 谁审批、谁负责，谁发证、谁负责; 4.1b).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, Frozen, HazardId, Names, OrgRef, Tag
from domain.moment import Day
from domain.project import ProjectAct, ProjectId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.fact import Entry

LicenceId = Annotated[UUID, Tag("licence")]
_Name = Annotated[str, Field(min_length=1, max_length=100, examples=["安全生产许可证"])]


class Condition(Frozen):
    """One condition for safe production 安全生产条件 that was checked, and whether it is met."""

    name: str = Field(min_length=1, max_length=200, examples=["安全设施竣工验收合格"])
    met: bool


class LicenceApplied(
    EnterpriseFact,
    topic="licence.applied",
    zh="申请许可",
    en="Licence applied for",
    starts=True,
    of_record=True,
):
    """The enterprise applies; for building or producing in a project, which is then named."""

    to_org: OrgRef
    licence: _Name
    project: ProjectId | None = None
    act: ProjectAct | None = Field(default=None, description="许可所涉：开工或者投产")


class LicenceGranted(
    EnterpriseFact,
    topic="licence.granted",
    zh="准予许可、颁发证照",
    en="Licence granted",
    starts=True,
    of_record=True,
):
    """Refused without 三同时 (4.1a), without the conditions met (4.1b), or citing nothing (4.1c).

    ``post`` is the post of whoever approved, where that is not the post it is recorded by.
    """

    by_org: OrgRef
    licence: _Name
    number: str | None = Field(default=None, max_length=64)
    project: ProjectId | None = None
    act: ProjectAct | None = Field(default=None, description="许可所涉：开工或者投产")
    conditions: tuple[Condition, ...] = ()
    industrial_policy: str | None = Field(default=None, min_length=1, max_length=200)
    permit_rule: str | None = Field(default=None, min_length=1, max_length=200)
    post: Annotated[UUID | None, Names("post")] = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class LicenceRefused(
    EnterpriseFact,
    topic="licence.refused",
    zh="不予许可",
    en="Licence refused",
    of_record=True,
):
    """The application is turned down, with the reason."""

    by_org: OrgRef
    reason: FreeText


class LicenceSuspended(
    EnterpriseFact,
    topic="licence.suspended",
    zh="暂扣证照",
    en="Licence suspended",
    starts=True,
    of_record=True,
):
    """A licence is taken for a time, by whom and on which hazard (1.2d)."""

    by_org: OrgRef
    licence: str = Field(min_length=1, max_length=100, examples=["安全生产许可证"])
    hazard: HazardId | None = None


class LicenceReturned(
    EnterpriseFact,
    topic="licence.returned",
    zh="发还证照",
    en="Licence returned",
    of_record=True,
):
    """The licence is given back."""

    by_org: OrgRef


class LicenceRevoked(
    EnterpriseFact,
    topic="licence.revoked",
    zh="撤销、吊销证照",
    en="Licence revoked",
    of_record=True,
):
    """The licence is taken for good, such as where its conditions are met no more (art. 63)."""

    by_org: OrgRef
    reason: FreeText


def returned(record: Sequence[Entry]) -> bool:
    """Tell whether a licence that was suspended was given back since, so that it can be again."""
    acts = [e for e in record if isinstance(e.fact, LicenceSuspended | LicenceReturned)]
    return bool(acts) and isinstance(acts[-1].fact, LicenceReturned)

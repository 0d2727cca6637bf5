"""Emergency rescue 应急救援: teams, equipment, stores, experts (4.4a), plans and drills (4.4b).

They can be an enterprise's or a body's, so these facts are about an organisation of any kind.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.fact import Fact, FreeText, OrgId, OrgRef, PersonId, Tag
from domain.moment import Day

EmergencyPlanId = Annotated[UUID, Tag("emergency_plan")]


class StoreKind(StrEnum):
    """What is kept ready 储备类别: equipment 应急装备 or supplies 应急物资."""

    EQUIPMENT = "equipment"
    SUPPLIES = "supplies"


class PlanKind(StrEnum):
    """The kinds of emergency plan 预案: comprehensive 综合, special 专项, on site 现场处置方案."""

    COMPREHENSIVE = "comprehensive"
    SPECIAL = "special"
    ON_SITE = "on_site"


class EmergencyFact(Fact):
    """A fact about the emergency rescue of an enterprise or a body."""

    organisation: OrgId


class TeamFormed(
    EmergencyFact,
    topic="rescue_team.formed",
    zh="建立应急救援队伍",
    en="Rescue team formed",
    starts=True,
):
    """A full-time or part-time team, with its members."""

    name: str = Field(min_length=1, max_length=200)
    full_time: bool
    members: tuple[PersonId, ...] = ()


class TeamDisbanded(
    EmergencyFact, topic="rescue_team.disbanded", zh="撤销应急救援队伍", en="Rescue team disbanded"
):
    """The team exists no longer."""

    reason: FreeText | None = None


class StoreRegistered(
    EmergencyFact,
    topic="rescue_store.registered",
    zh="登记应急装备、物资",
    en="Emergency store registered",
    starts=True,
):
    """So many of a thing are kept ready at a place."""

    kind: StoreKind
    name: str = Field(min_length=1, max_length=200, examples=["正压式空气呼吸器"])
    count: int = Field(ge=0)
    unit: str = Field(min_length=1, max_length=20, examples=["套"])
    place: FreeText | None = None
    usable_until: Day | None = None


class StoreCounted(
    EmergencyFact,
    topic="rescue_store.counted",
    zh="清点应急装备、物资",
    en="Emergency store counted",
):
    """They were counted anew; the latest count is what there is."""

    count: int = Field(ge=0)
    usable_until: Day | None = None


class ExpertListed(
    EmergencyFact,
    topic="emergency_expert.listed",
    zh="列入应急救援专家库",
    en="Emergency expert listed",
    starts=True,
):
    """A person belongs to the body's emergency experts, for a specialty."""

    person: PersonId
    specialty: str = Field(min_length=1, max_length=100, examples=["危险化学品处置"])


class ExpertLeft(
    EmergencyFact,
    topic="emergency_expert.left",
    zh="退出应急救援专家库",
    en="Emergency expert left",
):
    """The person belongs to them no longer."""

    reason: FreeText | None = None


class PlanFiled(
    EmergencyFact,
    topic="emergency_plan.filed",
    zh="应急预案报备",
    en="Emergency plan filed",
    starts=True,
    of_record=True,
):
    """A plan is filed with whoever keeps such plans."""

    kind: PlanKind
    name: str = Field(min_length=1, max_length=200, examples=["硝化装置火灾爆炸专项应急预案"])
    to_org: OrgRef | None = None
    number: str | None = Field(default=None, max_length=64)


class PlanRevised(
    EmergencyFact,
    topic="emergency_plan.revised",
    zh="修订应急预案并报备",
    en="Emergency plan revised and filed",
    of_record=True,
):
    """A revision of the plan is filed in its place."""

    to_org: OrgRef | None = None
    number: str | None = Field(default=None, max_length=64)


class PlanReviewed(
    EmergencyFact,
    topic="emergency_plan.reviewed",
    zh="评估应急预案",
    en="Emergency plan reviewed",
):
    """The plan was looked through; where it must be revised, only the revision makes it current."""

    to_revise: bool
    reason: FreeText | None = None


class PlanAbolished(
    EmergencyFact,
    topic="emergency_plan.abolished",
    zh="废止应急预案",
    en="Emergency plan abolished",
):
    """The plan is in force no longer."""

    reason: FreeText | None = None


class DrillHeld(
    EmergencyFact,
    topic="drill.held",
    zh="开展应急演练",
    en="Drill held",
    starts=True,
):
    """A drill of the named plans, or of none in particular; ``kind`` is what was drilled."""

    kind: PlanKind
    plans: tuple[EmergencyPlanId, ...] = ()
    participants: int | None = Field(default=None, ge=0)
    result: FreeText | None = None

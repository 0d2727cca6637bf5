"""People 人员, posts 岗位 and appointments 任职: who held which post at any moment.

Responsibility belongs to a post; a person answers for the time they held it. An acting holder
counts as the holder; one person may hold two posts and is then shown as 一人兼两岗.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.fact import Fact, FreeText, Names, OrgId, OrgRef, PersonId, Sealed, Tag
from domain.moment import Day


class PostKind(StrEnum):
    """What a post is for 岗位类别."""

    PARTY_HEAD = "party_head"
    PRINCIPAL = "principal"
    DEPUTY = "deputy"
    DEPUTY_LINE = "deputy_line"
    SECTION_HEAD = "section_head"
    INSPECTOR = "inspector"
    FUNCTION_HEAD = "function_head"
    SAFETY_MANAGER = "safety_manager"
    WORKSHOP_HEAD = "workshop_head"
    TEAM_LEADER = "team_leader"
    SHIFT_LEADER = "shift_leader"
    DISPATCHER = "dispatcher"
    EXPERT = "expert"
    WORKER = "worker"


class PersonRegistered(
    Fact, topic="person.registered", zh="登记人员", en="Person registered", starts=True
):
    """A person enters the record; name and numbers are sealed under the person's own key."""

    name: Sealed
    id_number: Sealed | None = None
    phone: Sealed | None = None
    born: Day | None = None


class PersonSame(Fact, topic="person.same_as", zh="认定为同一人", en="Same person"):
    """This record and another are one person entered twice."""

    same_as: Annotated[UUID, Tag("person")]
    reason: FreeText


class PostCreated(Fact, topic="post.created", zh="设置岗位", en="Post created", starts=True):
    """An organisation has a post; ``reports_to`` is the post above it in the same organisation."""

    organisation: OrgId
    kind: PostKind
    title: str = Field(min_length=1, max_length=100, examples=["危化科科长"])
    reports_to: UUID | None = None


class PostMoved(Fact, topic="post.moved", zh="调整岗位隶属", en="Post moved"):
    """The post reports to another post of its organisation from here on (1.3b)."""

    organisation: OrgId
    reports_to: Annotated[UUID, Names("post")]


class PostAbolished(Fact, topic="post.abolished", zh="撤销岗位", en="Post abolished"):
    """The post exists no longer."""

    organisation: OrgId
    reason: FreeText | None = None


class AppointmentMade(Fact, topic="appointment.made", noun="post", zh="任职", en="Appointed"):
    """From the day it happened this person holds the post; ``acting`` 代理 counts in full."""

    organisation: OrgId
    person: PersonId
    acting: bool = False
    appointed_by: OrgRef | None = None
    document: str | None = Field(default=None, max_length=200)


class AppointmentEnded(
    Fact, topic="appointment.ended", noun="post", zh="离任", en="Appointment ended"
):
    """The person no longer holds the post."""

    organisation: OrgId
    person: PersonId
    reason: FreeText | None = None

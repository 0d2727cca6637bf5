"""The shape of a trace's answer, as people and programs read it; its JSON Schema is published.

Every line names the facts it rests on by their positions in the ledger. Words are neutral: the
answer states what the record shows and never calls anyone guilty.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.moment import Day, Instant, Moment

NOTICE = {
    "zh": "本图只陈述记录事实，不构成责任认定。",
    "en": "This states what the record shows; it is not a finding of liability.",
}


class Line(StrEnum):
    """The lines of responsibility 责任线 in the policy's order."""

    LEADERSHIP = "leadership"
    SUPERVISION = "supervision"
    ENTERPRISE = "enterprise"
    EXPERT = "expert"


class State(StrEnum):
    """How a duty stands at the moment of the trace 义务状态."""

    KEPT = "kept"
    KEPT_LATE = "kept_late"
    OPEN = "open"
    BROKEN = "broken"
    WAIVED = "waived"


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Words(_Answer):
    """The same in Chinese and in English."""

    zh: str
    en: str


class OrgRef(_Answer):
    """An organisation as the trace shows it."""

    id: UUID
    code: str | None = None
    name: str
    kind: str | None = None


class Holder(_Answer):
    """A person who held the bearing post for some time while the duty ran.

    ``at_opening``, ``at_due`` and ``at_moment`` say whether they held it when it opened, when it
    fell due and at the moment asked about; ``two_posts`` marks 一人兼两岗.
    """

    person: UUID
    name: str | None = None
    since: Moment
    until: Moment | None = None
    acting: bool = False
    at_opening: bool = False
    at_due: bool = False
    at_moment: bool = False
    two_posts: bool = False
    entered_afterwards: bool = False
    facts: list[int]


class Bearer(_Answer):
    """Who owes: a post and whoever held it; where nobody did, ``answers`` says who answers."""

    organisation: OrgRef | None
    post: UUID | None = None
    kind: str
    title: str
    holders: list[Holder]
    vacant: bool = False
    answers: str | None = Field(default=None, description="空缺时由谁答责")


class Subject(_Answer):
    """What a duty or breach is about: a hazard, an order, a listing, a month's report."""

    kind: str
    id: str
    label: str


class SettingApplied(_Answer):
    """The rule setting by which a duty was judged: shown as a setting, never as the text."""

    key: str
    value: str
    since: Day | None
    source: str
    inferred: bool = False


class DutyLine(_Answer):
    """One duty: what a clause made somebody owe, and what the record shows of it."""

    kind: Literal["duty"] = "duty"
    id: str
    clause: str
    line: Line
    title: Words
    bearer: Bearer
    owed_to: OrgRef | None
    subject: Subject
    opened: Moment
    due: Instant | None = Field(description="期限届满的时刻；文本和设置都未给出期限的为空")
    done: Moment | None
    state: State
    late_days: int | None = Field(
        default=None, description="逾期天数：迟办的到办结为止，未办的到所问时刻为止"
    )
    done_by_late_entry: bool = Field(default=False, description="履行情况只见于事故之后补录的事实")
    imported: bool = Field(default=False, description="依据导入台账，其日期无法核验")
    note: Words | None = None
    setting: SettingApplied | None = None
    hazards: list[str] = Field(default_factory=list, description="所涉隐患编号")
    facts: list[int]


class BreachLine(_Answer):
    """One breach: a fact of the world that a clause forbids, and who answers for it."""

    kind: Literal["breach"] = "breach"
    id: str
    clause: str
    line: Line
    title: Words
    detail: Words
    bearer: Bearer
    subject: Subject
    at: Moment
    until: Moment | None = None
    entered_afterwards: bool = False
    imported: bool = False
    setting: SettingApplied | None = None
    hazards: list[str] = Field(default_factory=list)
    facts: list[int]


class HazardItem(_Answer):
    """A hazard and its state at the moment asked about."""

    id: UUID
    number: str
    description: str | None
    level: Literal["general", "major"] | None
    found: Moment
    found_by: str | None
    deadline: Day | None
    closed: Moment | None
    state: str = Field(description="七步中所处的步骤")
    prior: bool
    open: bool
    overdue: bool
    listed: bool = False
    direct_cause: bool = False
    imported: bool = False
    entered_afterwards: bool = False
    facts: list[int]


class Hazards(_Answer):
    """Hazards on record: ``prior`` counts all found before the moment, however old."""

    prior: int
    open: list[str]
    overdue: list[str]
    items: list[HazardItem]


class Knowledge(_Answer):
    """Who knew what, when, and how that is known: served, reported, signed, attended."""

    at: Moment
    person: UUID | None
    person_name: str | None
    post_title: str | None
    organisation: OrgRef | None
    subject: Subject
    how: Words
    entered_afterwards: bool = False
    facts: list[int]


class Approval(_Answer):
    """Who approved a project or issued a licence: on the chain for good, however old (1.2a, 4.1b).

    ``conditions`` are those that were checked, where the approval states them.
    """

    title: Words
    name: str
    organisation: OrgRef | None
    person: UUID | None
    person_name: str | None
    post_title: str | None
    at: Moment
    conditions: list[str]
    facts: list[int]


class Outcome(_Answer):
    """What a body proposed or decided about a person after the accident (5.4e): people's decision.

    ``stage`` is proposed, decided, or not_pursued 不予追究: for diligence, by art. 71 of
    山东省安全生产条例.
    """

    person: UUID
    person_name: str | None
    post_title: str | None
    stage: str
    sanction: str | None
    by: OrgRef | None
    at: Moment
    content: str | None
    grounds: str | None
    shown_by: list[int]
    facts: list[int]


class Afterwards(_Answer):
    """What was recorded only after the moment about the time before it.

    One line a fact; one line an import, however many rows it held.
    """

    title: Words
    happened: Moment | None
    recorded: Instant
    by: str | None
    count: int = 1
    facts: list[int]


class FactLine(_Answer):
    """A fact that the trace rests on."""

    position: int
    topic: str
    title: Words
    record: UUID
    subject: Subject
    happened: Moment
    recorded: Instant
    person: UUID | None
    person_name: str | None
    post_title: str | None
    organisation: OrgRef | None
    summary: str | None = None
    imported: bool = False
    entered_afterwards: bool = False
    corrected_by: int | None = None
    authentication: str


class Incident(_Answer):
    """The accident asked about."""

    id: UUID
    number: str
    name: str
    at: Moment
    category: str | None
    deaths: int
    serious_injuries: int
    loss: int = Field(description="直接经济损失（分）")
    level: str
    hazards: list[str]
    facts: list[int]


class Leader(_Answer):
    """A post of the leadership line over the place (1.1b), the part it bears, and who held it.

    ``bearer.post`` is None where no such post is on record.
    """

    part: Words
    bearer: Bearer
    facts: list[int]


class Lines(_Answer):
    """Duties and breaches by line of responsibility, in the policy's order."""

    leadership: list[DutyLine | BreachLine]
    supervision: list[DutyLine | BreachLine]
    enterprise: list[DutyLine | BreachLine]
    expert: list[DutyLine | BreachLine]


class Trace(_Answer):
    """The answer: who owed what, and what was done in time, late, never, or entered afterwards."""

    enterprise: str = Field(description="单位编码")
    at: Moment
    known_at: Instant | None
    look_back: Day | None = Field(description="讲述的起点；仍未了结的不受其限")
    place: OrgRef
    incident: Incident | None
    hazards: Hazards
    leadership: list[Leader] = Field(
        default_factory=list,
        description="领导责任人：党委、政府主要负责人，分管安全、分管行业的负责人",
    )
    lines: Lines
    findings: list[DutyLine | BreachLine] = Field(
        description="未履行、迟履行的义务和违反，按时间排列"
    )
    knowledge: list[Knowledge]
    approvals: list[Approval] = Field(
        default=[], description="谁审批、谁发证，不论多久，均在责任链上"
    )
    outcomes: list[Outcome] = Field(
        default=[], description="责任追究结果：由有权单位的人作出，此处只作记录"
    )
    entered_afterwards: list[Afterwards]
    facts: list[FactLine]
    ledger: str = Field(description="台账名称（origin）")
    simulated: bool
    head: int = Field(description="所依据的最后一条事实的序号")
    notice: Words

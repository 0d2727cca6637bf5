"""The API's operations: one for every kind of fact, read off the registry of facts.

A fact that begins a record is posted to its noun (``/hazards``), every other to the record it goes
on (``/hazards/{record}/closed``). Where the subject fixes the record, the subject is its address:
``/reports/{enterprise}/{month}/filed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from api.complaints import complaints
from api.problems import invalid
from api.sent import Sent, SentMoment, make_model, own_topics, sent_field

# Importing a module of facts enters them into the registry.
from domain import (
    access,
    arrangement,
    calendar,
    campaign,
    check,
    checklist,
    correction,
    document,
    emergency,
    erasure,
    evacuation,
    expert,
    expert_inspection,
    expert_pool,
    exposure,
    fund,
    grade,
    group,
    halt,
    hazard,
    imported,
    incident,
    inspection,
    inspector,
    installation,
    key_process,
    ledger_opened,
    licence,
    listing,
    log,
    looks,
    measure,
    meeting,
    monthly_report,
    order,
    organisation,
    oversight,
    own_rule,
    paper,
    participation,
    penalty,
    people,
    photo,
    project,
    public_fund,
    publicity,
    quarter,
    reminder,
    roll,
    setting,
    sign_in,
    signing,
    systemic_risk,
    tip,
    tip_office,
    training,
    yearly,
)
from domain.calendar import CALENDAR
from domain.checklist import checklist_id
from domain.document import DOCUMENTS
from domain.emergency import EmergencyFact
from domain.fact import EnterpriseFact
from domain.fund import fund_id
from domain.inspection import plan_id
from domain.listing import ListedFact
from domain.monthly_report import report_id
from domain.organisation import organisation_id, supervision_id
from domain.own_rule import own_rule_id
from domain.proof.signature import PublicKey
from domain.proof.statement import Statement
from domain.public_fund import public_fund_id
from domain.quarter import quarter_id
from domain.setting import SETTINGS
from domain.signing import key_record, signature_record
from domain.tip import tip_id
from domain.tip_office import tip_key_id
from domain.yearly import yearly_assessment_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from domain.fact import Topic

DECLARES_FACTS = (
    *(arrangement, expert, expert_inspection, expert_pool, group, key_process),
    *(access, calendar, campaign, check, checklist, correction, document, emergency, erasure),
    *(evacuation, grade, halt, hazard, imported, incident, inspection, ledger_opened, licence),
    *(listing, log, measure, meeting, monthly_report, order, organisation, penalty, people, photo),
    *(exposure, participation, publicity, tip, tip_office),
    *(project, quarter, roll, setting, sign_in, signing, systemic_risk, training),
    *(looks, paper),
    *(fund, inspector, installation, own_rule, oversight, public_fund, yearly),
    *(reminder,),
)
ACCOUNTS = ("enrolment", "credential", "sign_in")
REMINDERS = ("feed", "mailbox")
SYSTEM_NOUNS = (
    *("ledger", "import", "set_aside", "token", "log", "roll", "paper", "looks"),
    *(*ACCOUNTS, *REMINDERS),
)
SYSTEM_TOPICS = ("ledger_row.imported", "accident_row.imported", "tip.read", "tip.added")
"""What only the system writes: no client posts it."""

Address = Literal["record", "enterprise", "month", "single"]
Part = TypeVar("Part", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Noun:
    """What a record is about, as the API names it.

    Args:
        name: as it stands in topics and tags.
        plural: its place in addresses.
        zh, en: what users read.
        address: by what one of its records is addressed.
        singular: how topics call it, where that is not its name.
    """

    name: str
    plural: str
    zh: str
    en: str
    address: Address = "record"
    singular: str = ""


_ALL = (
    Noun("org", "organisations", "单位", "Organisations", singular="organisation"),
    Noun("person", "persons", "人员", "Persons"),
    Noun("post", "posts", "岗位与任职", "Posts and appointments"),
    Noun("supervision", "supervisions", "监管关系", "Supervision", "enterprise"),
    Noun("plan", "plans", "年度检查计划", "Yearly inspection plans"),
    Noun("meeting", "meetings", "会议", "Meetings"),
    Noun("overall_plan", "overall-plans", "发展规划", "Overall plans"),
    Noun("inspection", "inspections", "监督检查", "Inspections"),
    Noun("inspector_training", "inspector-trainings", "执法人员培训", "Trainings of inspectors"),
    Noun("equipment", "equipment", "执法装备", "Equipment of inspectors"),
    Noun("installation", "installations", "诊断评估清单", "Installations to be assessed"),
    Noun("fund", "funds", "安全资金计划", "Funds planned"),
    Noun("allotment", "allotments", "隐患治理资金", "Money set aside for hazards"),
    Noun("spending", "spendings", "安全资金支出", "Money spent"),
    Noun("own_rule", "own-rules", "企业规章制度", "The enterprise's own rules"),
    Noun("process", "processes", "重点工艺流程", "Key processes"),
    Noun("group", "groups", "所属企业集团", "Groups"),
    Noun("arrangement", "arrangements", "外聘专家查隐患制度", "Arrangements for experts"),
    Noun(
        "arrangement_guidance", "arrangement-guidances", "外聘专家指导督促", "Guidance on experts"
    ),
    Noun("expert_inspection", "expert-inspections", "专家检查", "Inspections by experts"),
    Noun("reading", "readings", "专家报告查阅记录", "Readings of expert reports"),
    Noun("handling", "handlings", "排查整改不力的处理", "Decisions on poor inspection"),
    Noun("pool", "pools", "专家库需求", "Demand for experts"),
    Noun("hazard", "hazards", "隐患", "Hazards"),
    Noun("check", "checks", "自查", "Own checks"),
    Noun("order", "orders", "责令限期整改指令书", "Rectification orders"),
    Noun("halt", "halts", "停产停业", "Halts"),
    Noun("production", "productions", "生产经营情况", "Production seen or resumed"),
    Noun("project", "projects", "建设项目“三同时”", "Construction projects"),
    Noun("licence", "licences", "行政许可与证照", "Permits and licences"),
    Noun("grade", "grades", "标准化达标等级", "Standardisation grades"),
    Noun("target", "targets", "达标期限", "Target dates"),
    Noun("measure", "measures", "处理决定", "Measures decided"),
    Noun("closing", "closings", "关闭", "Closings"),
    Noun("checklist", "checklists", "隐患排查标准", "Check lists"),
    Noun("training", "trainings", "安全培训", "Trainings"),
    Noun("training_check", "training-checks", "培训情况专项检查", "Checks of training"),
    Noun("employment", "employments", "用工", "Employments"),
    Noun("rescue_team", "rescue-teams", "应急救援队伍", "Rescue teams"),
    Noun("rescue_store", "rescue-stores", "应急装备与物资", "Emergency stores"),
    Noun("emergency_expert", "emergency-experts", "应急救援专家", "Emergency experts"),
    Noun("emergency_plan", "emergency-plans", "应急预案", "Emergency plans"),
    Noun("drill", "drills", "应急演练", "Drills"),
    Noun("grant", "grants", "停产撤人授权", "Grants of the power to evacuate"),
    Noun("danger", "dangers", "险情", "Signs of danger"),
    Noun("evacuation", "evacuations", "停产撤人命令", "Evacuation orders"),
    Noun("withdrawal", "withdrawals", "从业人员自行撤离", "Withdrawals by workers"),
    Noun("listing", "listings", "挂牌督办", "Listed supervision"),
    Noun("report", "reports", "月报与零报告", "Monthly and zero reports", "month"),
    Noun("key", "keys", "签名密钥", "Signing keys"),
    Noun("signature", "signatures", "电子签名", "Personal signatures"),
    Noun("roll", "rolls", "名册", "Rolls"),
    Noun("paper", "papers", "出具的文书", "Documents on paper"),
    Noun("penalty", "penalties", "立案与处罚", "Cases and penalties"),
    Noun("incident", "incidents", "事故", "Accidents"),
    Noun("review", "reviews", "责任倒查", "Accountability reviews"),
    Noun("public_fund", "public-funds", "专项资金", "Public funds"),
    Noun("purchase", "purchases", "政府购买服务", "Purchased inspections"),
    Noun("support", "supports", "政策资金支持", "Support given"),
    Noun("oversight", "oversights", "督查", "Oversight"),
    Noun("yearly_assessment", "yearly-assessments", "年度考核", "Yearly assessments"),
    Noun("waiver", "waivers", "豁免", "Waivers"),
    Noun("correction", "corrections", "更正", "Corrections"),
    Noun("settings", "settings", "规则设置", "Rule settings", "single", "setting"),
    Noun("calendar", "calendar", "工作日历", "Working days", "single"),
    Noun("documents", "documents", "文件目录", "Register of documents", "single", "document"),
    Noun("quarter", "quarters", "季度评估分析", "Quarterly assessments"),
    Noun("campaign", "campaigns", "专项整治", "Campaigns"),
    Noun("guidance", "guidance", "指导督促", "Guidance and urging"),
    Noun("risk", "risks", "系统性风险", "Systemic risks"),
    Noun("exposure", "exposures", "公开曝光", "Exposures"),
    Noun("publicity", "publicities", "宣传", "Publicity"),
    Noun("tip", "tips", "举报", "Tips"),
    Noun("tip_key", "tip-keys", "举报受理密钥", "Keys for tips"),
    Noun("tip_channel", "tip-channels", "举报渠道", "Channels for tips"),
    Noun("tip_rules", "tip-rules", "举报制度", "Rules for tips"),
    Noun("import", "imports", "导入", "Imports"),
    Noun("set_aside", "set-asides", "导入时搁置的行", "Rows set aside"),
)
NOUNS: dict[str, Noun] = {noun.name: noun for noun in _ALL}
"""Every noun whose records clients may read, in the order of the documentation."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of fact as an operation.

    Args:
        topic: the kind of fact.
        noun: what its record is about.
        path: below ``/api/v1``, with the record's address as parameters.
        known: fields that the record knows, so that a client may leave them out.
        data: the model of the fact's own fields.
        body: the model of a request that records one of it.
        listed: the model of one of it among several acts of one command.
    """

    topic: Topic
    noun: Noun
    path: str
    known: tuple[str, ...]
    data: type[Sent]
    body: type[Sent]
    listed: type[Sent]

    @property
    def addressed(self) -> bool:
        """Whether the record's address stands in the path."""
        return not self.topic.starts

    @property
    def chooses_record(self) -> bool:
        """Whether the client makes the record's id."""
        return self.topic.starts and self.topic.name not in _FIXED_AT_START


_GIVEN_BY_ADDRESS: dict[Address, tuple[str, ...]] = {
    "record": (),
    "enterprise": ("enterprise",),
    "month": ("enterprise", "month"),
    "single": (),
}
_PARAMETERS: dict[Address, str] = {
    "record": "/{record}",
    "enterprise": "/{enterprise}",
    "month": "/{enterprise}/{month}",
    "single": "",
}
_FIXED: dict[Address, Callable[[Mapping[str, Any]], UUID]] = {
    "enterprise": lambda given: supervision_id(given["enterprise"]),
    "month": lambda given: report_id(given["enterprise"], given["month"]),
}
SINGLE = {"settings": SETTINGS, "calendar": CALENDAR, "documents": DOCUMENTS}
"""The one record of a noun that has only one."""
_FIXED_AT_START: dict[str, Callable[[Mapping[str, Any]], UUID]] = {
    "organisation.registered": lambda given: organisation_id(given["code"]),
    "inspection.plan_adopted": lambda given: plan_id(given["department"], given["year"]),
    "quarter.assessed": lambda given: quarter_id(given["body"], given["quarter"]),
    "key.registered": lambda given: key_record(_part(PublicKey, given["key"]).id),
    "signature.made": lambda given: signature_record(_part(Statement, given["statement"])),
    "public_fund.planned": lambda given: public_fund_id(given["body"], given["year"]),
    "yearly_assessment.made": lambda given: yearly_assessment_id(
        given["body"], given["by_org"], given["year"]
    ),
    "fund.planned": lambda given: fund_id(given["enterprise"], given["year"]),
    "own_rule.adopted": lambda given: own_rule_id(
        given["enterprise"], given["kind"], given["title"], given["version"]
    ),
    "tip.received": lambda given: tip_id(given["receipt"]),
    "tip_key.registered": lambda given: tip_key_id(given["recipient"]),
    "checklist.adopted": lambda given: checklist_id(
        given["body"], given["industry"], given.get("grade"), given["version"]
    ),
}


def _part(model: type[Part], sent: Sent) -> Part:
    """Return a part of a fact that was sent in its own form; ``Invalid`` where it is not good."""
    try:
        return model.model_validate(sent.model_dump(exclude_none=True))
    except ValidationError as error:
        raise invalid(complaints(error.errors(include_input=False))) from error


def fixed_record(operation: Operation, given: Mapping[str, Any]) -> UUID | None:
    """Return the id of the record where the subject fixes it; ``given`` are the fact's fields."""
    fix = _FIXED_AT_START.get(operation.topic.name) or _FIXED.get(operation.noun.address)
    return fix(given) if fix else SINGLE.get(operation.noun.name)


@cache
def operations() -> dict[str, Operation]:
    """Return every operation by its topic, in the order of the documentation."""
    found = [t for t in own_topics().values() if t.noun in NOUNS and _is_posted(t)]
    order_of = {noun: index for index, noun in enumerate(NOUNS)}
    found.sort(key=lambda topic: order_of[topic.noun])
    return {topic.name: _operation(topic, found) for topic in found}


def _is_posted(topic: Topic) -> bool:
    return topic.noun not in SYSTEM_NOUNS and topic.name not in SYSTEM_TOPICS


def _operation(topic: Topic, among: list[Topic]) -> Operation:
    noun = NOUNS[topic.noun]
    known = _known(topic, noun)
    filled = _FILLED.get(topic.name, ())
    data = {n: _field(topic, n, known) for n in topic.fact.model_fields if n not in filled}
    own = {n: f for n, f in data.items() if n not in _GIVEN_BY_ADDRESS[noun.address]}
    name = topic.fact.__name__
    doc = topic.fact.__doc__
    data_model = make_model(f"{name}Sent", data, doc)
    chosen = _RECORD if topic.starts and topic.name not in _FIXED_AT_START else {}
    listed = {
        "topic": (Literal[topic.name], ...),
        **({} if noun.address != "record" or topic.name in _FIXED_AT_START else _RECORD),
        **_HAPPENED,
        **_EXPECTED,
        "data": (data_model, ...),
    }
    return Operation(
        topic=topic,
        noun=noun,
        path=_path(topic, noun, among),
        known=known,
        data=data_model,
        body=make_model(f"{name}Body", {**chosen, **own, **_HAPPENED, **_BY_POST}, doc),
        listed=make_model(f"{name}Act", listed, doc),
    )


_FILLED = {
    "fact.corrected": ("about",),
    "signature.made": ("about",),
    "signature.withdrawn": ("about",),
    "quarter.assessed": ("drawn",),
    "yearly_assessment.made": ("upto", "figures", "charge"),
    "support.given": ("upto", "figures"),
}
"""Fields that the server fills in: from the facts corrected or signed, or drawn from the record."""
_DRAWN_IF_LEFT_OUT = {"quarter.assessed": ("upto", "figures")}
"""Fields that are drawn from the record where a client leaves them out."""
_SAID = {("setting.changed", "value")}
"""What must be said, if only with a null: forgotten, it would switch off a rule."""
_RECORD: dict[str, Any] = {
    "record": (
        UUID | None,
        Field(
            default=None,
            description=(
                "档案编号；开始一份档案时由客户端生成（UUIDv7），省略则由服务器据命令编号生成"
                " · the record's id; a client beginning one makes a UUIDv7, or leaves it out"
            ),
        ),
    )
}
_HAPPENED: dict[str, Any] = {
    "happened": (
        SentMoment | None,
        Field(
            default=None,
            description=(
                "发生时间：日期，或带时区的时间；省略即为此刻"
                " · when it happened: a day or a zoned time; now where it is left out"
            ),
        ),
    )
}
_BY_POST: dict[str, Any] = {
    "by_post": (
        UUID | None,
        Field(
            default=None,
            description=(
                "行为人以何岗位行事；须为其当时所任岗位"
                " · the post acted in, which the person must have held at the time"
            ),
        ),
    )
}
_EXPECTED: dict[str, Any] = {
    "expected": (
        int | None,
        Field(
            default=None,
            ge=0,
            strict=True,
            description="所依据的档案版本；不符则不录入 · the record's version decided on",
        ),
    )
}
BY_POST = _BY_POST


def _known(topic: Topic, noun: Noun) -> tuple[str, ...]:
    """Return the fields of a fact that its record already knows."""
    if topic.starts or noun.address != "record":
        return ()
    known = []
    if issubclass(topic.fact, EnterpriseFact):
        known.append("enterprise")
    if noun.name == "key":
        known.append("person")
    if noun.name == "signature":
        known.append("about")
    if issubclass(topic.fact, ListedFact):
        known.append("hazard")
    if noun.name == "post" or issubclass(topic.fact, EmergencyFact):
        known.append("organisation")
    return tuple(known)


def _field(topic: Topic, name: str, known: tuple[str, ...]) -> tuple[Any, Any]:
    required = (topic.name, name) in _SAID
    field = topic.fact.model_fields[name]
    optional = name in (*known, *_DRAWN_IF_LEFT_OUT.get(topic.name, ()))
    return sent_field(name, field, optional=optional, required=required)


def _path(topic: Topic, noun: Noun, among: list[Topic]) -> str:
    prefix, _, act = topic.name.partition(".")
    if prefix not in (noun.name, noun.singular):
        act = f"{prefix}_{act}"
    act = act.replace("_", "-")
    if not topic.starts:
        return f"/{noun.plural}{_PARAMETERS[noun.address]}/{act}"
    beginnings = [each for each in among if each.starts and each.noun == noun.name]
    return f"/{noun.plural}" if len(beginnings) == 1 else f"/{noun.plural}/{act}"


def record_path(noun: Noun) -> str:
    """Return where a record of a noun is read, below ``/api/v1``."""
    return f"/{noun.plural}{_PARAMETERS[noun.address]}"

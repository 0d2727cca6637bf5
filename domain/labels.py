"""How the things of a docket are called, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from domain import answer
from domain.answer import Line
from domain.expert_inspection import ExpertsInspected
from domain.hazard import AcceptanceFiled, HazardAccepted, HazardReported, ReportKind
from domain.imported import AccidentRowImported
from domain.incident import CasualtiesUpdated, IncidentOccurred, accident_level
from domain.inspection import InspectionFileClosed, InspectionHeld, InspectionScheduled
from domain.meeting import SafetyInPlan
from domain.moment import local_day, no_later, start
from domain.organisation import OrgKind
from domain.people import PostKind
from domain.record import facts_of
from domain.training import EmploymentBegan

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.directory import Holding
    from domain.fact import Entry
    from domain.policy.duty import Bearing, Docket

POST_KINDS = {
    PostKind.PARTY_HEAD: "党委主要负责人",
    PostKind.PRINCIPAL: "主要负责人",
    PostKind.DEPUTY: "分管负责人",
    PostKind.DEPUTY_LINE: "分管行业负责人",
    PostKind.SECTION_HEAD: "科室负责人",
    PostKind.INSPECTOR: "执法人员",
    PostKind.FUNCTION_HEAD: "职能部门负责人",
    PostKind.SAFETY_MANAGER: "安全管理人员",
    PostKind.WORKSHOP_HEAD: "车间负责人",
    PostKind.TEAM_LEADER: "班组长",
    PostKind.SHIFT_LEADER: "现场带班人员",
    PostKind.DISPATCHER: "调度人员",
    PostKind.EXPERT: "专家",
    PostKind.WORKER: "从业人员",
}
_BOTH = {PostKind.PRINCIPAL, PostKind.DEPUTY}
"""The two posts that must be filled; who holds both is shown so (一人兼两岗)."""
_LINES = {
    OrgKind.GOVERNMENT: Line.LEADERSHIP,
    OrgKind.ZONE: Line.LEADERSHIP,
    OrgKind.DEPARTMENT: Line.SUPERVISION,
    OrgKind.ENTERPRISE: Line.ENTERPRISE,
    OrgKind.EXPERT_BODY: Line.EXPERT,
}
_LEVELS = {
    "general": "一般事故",
    "larger": "较大事故",
    "major": "重大事故",
    "extraordinary": "特别重大事故",
}
_NOUNS = {
    "order": "指令书",
    "inspection": "监督检查",
    "expert_inspection": "专家检查",
    "arrangement": "外聘专家制度",
    "arrangement_guidance": "外聘专家指导",
    "handling": "处理决定",
    "reading": "查阅",
    "group": "所属集团",
    "inspector_training": "执法人员培训",
    "equipment": "执法装备",
    "installation": "装备设施",
    "fund": "安全资金计划",
    "allotment": "隐患治理资金",
    "spending": "安全资金支出",
    "own_rule": "规章制度",
    "public_fund": "专项资金",
    "purchase": "购买服务",
    "support": "政策资金支持",
    "yearly_assessment": "年度考核",
    "oversight": "督查",
    "process": "重点工艺",
    "pool": "专家需求",
    "listing": "挂牌督办",
    "halt": "停产",
    "incident": "事故",
    "penalty": "案件",
    "key": "签名密钥",
    "signature": "电子签名",
    "roll": "名册",
    "paper": "文书",
    "licence": "证照",
    "production": "生产经营",
    "project": "建设项目",
    "grade": "达标等级",
    "target": "达标期限",
    "measure": "处理决定",
    "closing": "关闭",
    "checklist": "隐患排查标准",
    "training": "安全培训",
    "training_check": "培训专项检查",
    "employment": "用工",
    "rescue_team": "应急救援队伍",
    "rescue_store": "应急储备",
    "emergency_expert": "应急救援专家",
    "emergency_plan": "应急预案",
    "drill": "应急演练",
    "grant": "停产撤人授权",
    "danger": "险情",
    "evacuation": "停产撤人命令",
    "withdrawal": "自行撤离",
    "check": "自查",
    "quarter": "季度评估",
    "campaign": "专项整治",
    "guidance": "指导督促",
    "risk": "系统性风险",
    "documents": "文件目录",
    "supervision": "监管关系",
    "settings": "规则设置",
    "calendar": "工作日历",
    "review": "责任倒查",
    "correction": "更正",
    "waiver": "豁免",
    "plan": "检查计划",
    "meeting": "会议",
    "overall_plan": "发展规划",
    "import": "导入",
    "ledger": "台账",
    "log": "透明日志",
    "person": "人员",
    "exposure": "公开曝光",
    "publicity": "宣传",
    "tip": "举报",
    "tip_key": "举报受理密钥",
    "tip_channel": "举报渠道",
    "tip_rules": "举报制度",
    "feed": "日历订阅",
    "mailbox": "提醒邮箱",
}


_NAMED = ("project", "emergency_plan", "checklist")
"""What goes by its own name."""


class Labels:
    """Names and titles from one docket."""

    def __init__(self, docket: Docket) -> None:
        self.docket = docket
        self.directory = docket.directory

    def organisation(self, org: UUID | None) -> answer.OrgRef | None:
        """Return an organisation with its name and code."""
        if org is None:
            return None
        known = self.directory.organisations.get(org)
        if known is None:
            return answer.OrgRef(id=org, name=str(org))
        return answer.OrgRef(id=org, code=known.code, name=known.name, kind=known.kind.value)

    def acting_organisation(self, entry: Entry) -> answer.OrgRef | None:
        """Return the organisation in whose name somebody acted."""
        post = self.directory.posts.get(entry.by.post) if entry.by.post else None
        org = post.organisation if post else getattr(entry.fact, "by_org", None)
        return self.organisation(org)

    def line_of(self, org: UUID | None) -> Line | None:
        """Return the line of responsibility on which an organisation stands."""
        known = self.directory.organisations.get(org) if org else None
        return _LINES[known.kind] if known else None

    def person_name(self, person: UUID | None) -> str | None:
        """Return a person's name; None where it is erased or was never recorded."""
        known = self.directory.names.get(person) if person else None
        return known.name.value if known else None

    def post_title(self, post: UUID | None) -> str | None:
        """Return a post's title."""
        known = self.directory.posts.get(post) if post else None
        return known.title if known else None

    def title(self, entry: Entry) -> answer.Words:
        """Return what a fact is called."""
        if isinstance(entry.fact, HazardReported):
            zh, en = _REPORTS[entry.fact.kind]
            return answer.Words(zh=zh, en=en)
        if isinstance(entry.fact, HazardAccepted):
            passed = entry.fact.passed
            return answer.Words(
                zh="验收合格" if passed else "验收不合格",
                en="Acceptance passed" if passed else "Acceptance failed",
            )
        return answer.Words(zh=entry.fact.topic.zh, en=entry.fact.topic.en)

    def subject(self, tag: str, detail: str) -> answer.Subject:
        """Return what a tag stands for, in words."""
        kind, _, key = tag.partition(":")
        label = self._known_name(kind, UUID(key)) or self._described(kind, tag, detail)
        if kind in ("org", "post") and detail[:_YEAR_DIGITS].isdigit():
            label = f"{label} {self._with_titles(span_words(detail))}"
        year = detail.partition("@")[0]  # of an expert: the year in one authority's pool
        if kind == "person" and year.isdigit():
            label = f"{label} {year}年"
        if kind == "expert_inspection" and detail:
            label = f"{label} {detail}"
        return answer.Subject(kind=kind, id=key, label=label)

    def _with_titles(self, words: str) -> str:
        """Return words with each post that they name by its id in words: its office and title."""
        told = words.split(" ")
        for index, word in enumerate(told):
            post = next((p for p in self.directory.posts.values() if str(p.id) == word), None)
            if post:
                told[index] = f"{self.directory.name(post.organisation)}{post.title}"
        return " ".join(told)

    def _known_name(self, kind: str, ident: UUID) -> str | None:
        """Return the name of what is known by one: a hazard, an organisation, a post."""
        if kind == "hazard" and ident in self.docket.hazards:
            return self.docket.hazards[ident].number
        if kind == "org":
            return self.directory.name(ident)
        if kind == "person":
            return self.person_name(ident)
        if kind == "employment":
            began = facts_of(self.docket.whenever(f"employment:{ident}"), EmploymentBegan)
            return next((self.person_name(fact.person) for _, fact in began), None)
        return self.post_title(ident) if kind == "post" else None

    def _described(self, kind: str, tag: str, detail: str) -> str:
        """Return what a record is called by its facts: its noun with number, month or day."""
        entries = self.docket.whenever(tag)
        number, month, name = (
            next((each for e in entries if (each := getattr(e.fact, field, None))), None)
            for field in ("number", "month", "name")
        )
        if kind == "report":
            return f"{month or detail}月报"
        if kind in ("incident", "risk", "installation") and (name or number):
            return f"{name or number} {detail}".strip()
        if kind in _NAMED and (name or number):
            return str(name or number)
        dated = ("inspection", "expert_inspection", "halt", "meeting", "tip")
        if kind in dated and entries:
            number = _day_of(self.docket.about(tag) or entries).isoformat()
        if kind == "listing" and number is None:
            hazards = (getattr(entry.fact, "hazard", None) for entry in entries)
            number = next(
                (self.docket.hazards[h].number for h in hazards if h in self.docket.hazards), None
            )
        noun = _NOUNS.get(kind, kind)
        label = f"{noun} {number}" if number else noun
        if kind in ("order", "inspection", "meeting") and detail.isdigit():
            return f"{label} 第{detail}项"
        return f"{label} {detail}" if kind in ("listing", "order") and "期" in detail else label

    def bearer(
        self,
        borne: Bearing,
        opened: date | datetime,
        due: datetime | None,
        at: date | datetime,
        only: UUID | None = None,
    ) -> answer.Bearer:
        """Return a bearing post with its holders; ``only`` limits them to one person."""
        holders = [h for h in borne.holders if only is None or h.person == only]
        answers = None
        vacant = borne.vacant and only is None  # who acted in person is no stand-in's
        if vacant:
            names = "、".join(self.person_name(h.person) or "" for h in borne.stand_in)
            answers = f"{self.directory.name(borne.stand_in_org)}主要负责人 {names}".strip()
        in_person = [self._in_person(person, opened, due, at) for person in borne.persons]
        if only and not (in_person or holders):
            in_person = [self._acted(only, opened)]
        return answer.Bearer(
            organisation=self.organisation(borne.org),
            post=borne.post.id if borne.post else None,
            kind=borne.kind.value if borne.post is None else borne.post.kind.value,
            title=borne.post.title if borne.post else POST_KINDS[borne.kind],
            holders=in_person or [self._holder(h, opened, due, at, borne) for h in holders],
            vacant=vacant,
            answers=answers,
        )

    def _in_person(
        self, person: UUID, opened: date | datetime, due: datetime | None, at: date | datetime
    ) -> answer.Holder:
        """Return one who bears something in person: from when it began, to the end."""
        return answer.Holder(
            person=person,
            name=self.person_name(person),
            since=opened,
            at_opening=True,
            at_due=due is not None and no_later(due, at),
            at_moment=True,
            facts=[],
        )

    def _acted(self, person: UUID, acted: date | datetime) -> answer.Holder:
        """Return who acted in person, where no appointment on record says so any more."""
        name = self.person_name(person)
        return answer.Holder(person=person, name=name, since=acted, until=acted, facts=[])

    def _holder(
        self,
        held: Holding,
        opened: date | datetime,
        due: datetime | None,
        at: date | datetime,
        borne: Bearing,
    ) -> answer.Holder:
        until = min(held.until or at, at, key=start)
        kinds = self.directory.beside(held, max(held.since, opened, key=start), until)
        kinds |= {self.directory.posts[held.post].kind}
        recorded_in_both = borne.two_posts and borne.post is not None and held.post == borne.post.id
        return answer.Holder(
            person=held.person,
            name=self.person_name(held.person),
            since=held.since,
            until=held.until,
            acting=held.acting,
            at_opening=held.covers(opened),
            at_due=due is not None and no_later(due, at) and held.covers(due),
            at_moment=held.covers(at),
            two_posts=recorded_in_both or kinds >= _BOTH,
            entered_afterwards=any(map(self.docket.entered_afterwards, held.entries)),
            facts=[entry.position for entry in held.entries],
        )

    def incident(self, incident: UUID, hazards: list[str]) -> answer.Incident | None:
        """Return the accident with its level by the latest casualties and loss on record."""
        entries = self.docket.whenever(f"incident:{incident}")
        entry = next(
            (e for e in entries if isinstance(e.fact, IncidentOccurred | AccidentRowImported)), None
        )
        if entry is None:
            return None
        fact = entry.fact
        assert isinstance(fact, IncidentOccurred | AccidentRowImported)  # noqa: S101 - as chosen
        told = [fact, *(each for _, each in facts_of(entries, CasualtiesUpdated))]
        deaths, injuries, loss = (
            next((n for each in reversed(told) if (n := getattr(each, name)) is not None), 0)
            for name in ("deaths", "serious_injuries", "loss")
        )
        level = accident_level(deaths, injuries, loss)
        return answer.Incident(
            id=incident,
            number=fact.number,
            name=fact.name if isinstance(fact, IncidentOccurred) else f"事故 {fact.number}",
            at=entry.happened,
            category=fact.category,
            deaths=deaths,
            serious_injuries=injuries,
            loss=loss,
            level=_LEVELS[level.value],
            hazards=sorted(hazards),
            facts=[each.position for each in entries],
        )


def _day_of(inspection: list[Entry]) -> date:
    """Return the day on which an inspection was held, or by which it is planned."""
    kinds = (InspectionHeld, ExpertsInspected)
    held = next((e for e in inspection if isinstance(e.fact, kinds)), None)
    planned = next(
        (e.fact.planned for e in inspection if isinstance(e.fact, InspectionScheduled)), None
    )
    return local_day(held.happened) if held else planned or local_day(inspection[0].happened)


def span_words(detail: str) -> str:
    """Return a span of the calendar, and what follows it, in words: 2024年一季度, 2024年第18周."""
    span, *more = detail.split(" ", maxsplit=1)
    year, _, tail = span.partition("-")
    if not tail:
        words = f"{year}年"
    elif tail.startswith("W"):
        words = f"{year}年第{int(tail[1:])}周"
    else:
        words = f"{year}年{_SPANS[tail]}" if tail in _SPANS else span
    return " ".join((words, *more))


_YEAR_DIGITS = 4
_SPANS = {
    "Q1": "一季度",
    "Q2": "二季度",
    "Q3": "三季度",
    "Q4": "四季度",
    "H1": "上半年",
    "H2": "下半年",
}
_REPORTS = {
    ReportKind.COMPANY: ("整理上报公司", "Reported to the company"),
    ReportKind.MAJOR: ("报告重大事故隐患", "Major hazard reported"),
    ReportKind.SPECIAL: ("提交重大隐患专项报告", "Special report submitted"),
}


def summary(entry: Entry, labels: Labels) -> str | None:
    """Return one line of what a fact says, where it says more than its title."""
    fact = entry.fact
    if isinstance(fact, InspectionFileClosed | AcceptanceFiled) and fact.no_expert_reason:
        return f"没有相应专业的专家参加，理由：{fact.no_expert_reason}"
    for _, sealed in fact.sealed():
        if sealed.value:
            return sealed.value[:120]
    number = getattr(fact, "number", None)
    if number:
        return str(number)
    if isinstance(fact, SafetyInPlan):
        return f"{fact.plan} {fact.section}"
    month = getattr(fact, "month", None)
    return str(month) if month else labels.post_title(getattr(fact, "post", None))

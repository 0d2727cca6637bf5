"""An invented but life-like trace, and extreme ones, for looking at and for the tests."""
# ruff: noqa: E501 - one fact or duty a line reads as the table it is

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.answer import (
    NOTICE,
    Afterwards,
    Bearer,
    BreachLine,
    DutyLine,
    FactLine,
    HazardItem,
    Hazards,
    Holder,
    Incident,
    Knowledge,
    Line,
    Lines,
    OrgRef,
    SettingApplied,
    State,
    Subject,
    Trace,
    Words,
)
from domain.moment import SHANGHAI, utc

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = DutyLine | BreachLine


def ident(name: str) -> UUID:
    """Return the same id for the same name, always."""
    return uuid5(NAMESPACE_URL, f"https://daocha.example/sample/{name}")


def when(text: str) -> date | datetime:
    """Read ``2024-06-05`` as a day and ``2024-06-05 09:30`` as an instant of Beijing time."""
    if len(text) == len("2024-06-05"):
        return date.fromisoformat(text)
    return utc(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def instant(text: str) -> datetime:
    """Read a day as the end of it, an instant as itself."""
    value = when(text)
    if isinstance(value, datetime):
        return value
    return utc(datetime.combine(value + timedelta(days=1), datetime.min.time(), SHANGHAI))


def org(name: str, kind: str, code: str | None = None) -> OrgRef:
    return OrgRef(id=ident(name), code=code, name=name, kind=kind)


ENTERPRISE = org("临沂沂河化工有限公司", "enterprise", "91371399MA3C00003U")
BUREAU = org("沂南县应急管理局", "department")
OFFICE = org("临沂市安全生产委员会办公室", "department")
COUNTY = org("沂南县人民政府", "government")
EXPERTS = org("临沂市安全生产专家库", "expert_body")


@dataclass(frozen=True)
class Seat:
    """A post with one person in it, to write facts and duties from."""

    org: OrgRef
    title: str
    name: str | None
    since: str = "2021-03-01"
    kind: str = "principal"
    line: Line = Line.ENTERPRISE

    @property
    def person(self) -> UUID:
        return ident(f"{self.org.name}/{self.title}/person")

    def holder(self, **changes: object) -> Holder:
        fields: dict[str, object] = {
            "person": self.person,
            "name": self.name,
            "since": when(self.since),
            "at_opening": True,
            "at_due": True,
            "at_moment": True,
            "facts": [1],
        }
        return Holder.model_validate({**fields, **changes})

    def bearer(self, holders: Iterable[Holder] | None = None, **changes: object) -> Bearer:
        fields: dict[str, object] = {
            "organisation": self.org,
            "post": ident(f"{self.org.name}/{self.title}"),
            "kind": self.kind,
            "title": self.title,
            "holders": [self.holder()] if holders is None else list(holders),
        }
        return Bearer.model_validate({**fields, **changes})


WANG = Seat(ENTERPRISE, "企业主要负责人", "王建国")
LI = Seat(ENTERPRISE, "分管安全副总", "李卫东", "2022-08-01", "deputy")
ZHAO = Seat(ENTERPRISE, "二车间安全员", "赵敏", "2022-02-10", "safety_manager")
ZHANG = Seat(BUREAU, "危化科科长", "张涛", "2020-05-06", "section_head", Line.SUPERVISION)
LIU = Seat(BUREAU, "执法大队副大队长", "刘洋", "2023-09-01", "inspector", Line.SUPERVISION)
CHEN = Seat(OFFICE, "督办处处长", "陈立新", "2019-11-04", "section_head", Line.SUPERVISION)
SUN = Seat(COUNTY, "县长", "孙志远", "2022-01-15", "principal", Line.LEADERSHIP)
HE = Seat(COUNTY, "分管安全副县长", "何文静", "2024-08-12", "deputy", Line.LEADERSHIP)
ZHOU = Seat(EXPERTS, "外聘专家（自控）", "周海明", "2021-06-01", "expert", Line.EXPERT)

INTERLOCK = Subject(kind="hazard", id=str(ident("YH-2024-000317")), label="反应釜安全联锁失效")
PIPE = Subject(kind="hazard", id=str(ident("YH-2024-000298")), label="导热油管线保温破损")
ORDER = Subject(kind="order", id=str(ident("order-136")), label="（沂南）应急责改〔2024〕136号")
LISTING = Subject(kind="listing", id=str(ident("listing-7")), label="临安办督〔2024〕7号")


def month(text: str) -> Subject:
    return Subject(kind="report", id=str(ident(f"report-{text}")), label=text)


def words(zh: str, en: str = "") -> Words:
    return Words(zh=zh, en=en or zh)


@dataclass
class Ledger:
    """Facts in the order they were recorded."""

    facts: list[FactLine] = field(default_factory=list)

    def add(
        self,
        topic: str,
        title: Words,
        seat: Seat | None,
        subject: Subject,
        happened: str,
        **changes: object,
    ) -> int:
        position = 1200 + 7 * len(self.facts)
        at = when(happened)
        start = at if isinstance(at, datetime) else instant(happened) - timedelta(hours=8)
        fields: dict[str, object] = {
            "position": position,
            "topic": topic,
            "title": title,
            "record": ident(subject.id),
            "subject": subject,
            "happened": at,
            "recorded": start + timedelta(minutes=12),
            "person": seat.person if seat else None,
            "person_name": seat.name if seat else None,
            "post_title": seat.title if seat else None,
            "organisation": seat.org if seat else None,
            "authentication": "token",
        }
        self.facts.append(FactLine.model_validate({**fields, **changes}))
        return position


def duty(  # noqa: PLR0913 (a duty has that many sides)
    clause: str,
    title: Words,
    seat: Seat,
    opened: str,
    due: str | None,
    done: str | None,
    state: State,
    facts: list[int],
    *,
    subject: Subject = INTERLOCK,
    **changes: object,
) -> DutyLine:
    fields: dict[str, object] = {
        "id": f"{clause}/{seat.title}/{subject.id}/{title.zh}/{opened}",
        "clause": clause,
        "line": seat.line,
        "title": title,
        "bearer": seat.bearer(),
        "owed_to": BUREAU if seat.org is ENTERPRISE else None,
        "subject": subject,
        "opened": when(opened),
        "due": instant(due) if due else None,
        "done": when(done) if done else None,
        "state": state,
        "hazards": ["YH-2024-000317"] if subject is INTERLOCK else [],
        "facts": facts,
    }
    made = DutyLine.model_validate({**fields, **changes})
    return made.model_copy(update={"id": f"{made.id}/{made.bearer.title}/{due}/{done}"})


AT = "2024-09-18 14:25"
OF_24_HOURS = SettingApplied(
    key="3.2b.report",
    value="24 hours",
    since=None,
    source="本系统默认值，条文未给出数字 (this product's default; the text gives no number)",
)


def _facts() -> tuple[Ledger, dict[str, int]]:
    """The year's facts, and their positions by a short name."""
    ledger = Ledger()
    said: dict[str, int] = {}

    def add(key: str, topic: str, zh: str, en: str, seat: Seat | None, subject: Subject,
            happened: str, **changes: object) -> None:  # fmt: skip
        said[key] = ledger.add(topic, words(zh, en), seat, subject, happened, **changes)

    add(
        "named",
        "appointment.made",
        "任职",
        "Appointed",
        None,
        Subject(kind="post", id="p", label="危化科科长"),
        "2020-05-06",
        authentication="import",
        organisation=BUREAU,
    )
    add(
        "row",
        "ledger_row.imported",
        "导入台账行",
        "Ledger row imported",
        None,
        PIPE,
        "2024-05-20",
        imported=True,
        authentication="import",
        summary="导热油管线保温层破损约2米",
    )
    add("pipe_closed", "hazard.closed", "销号", "Hazard closed", LI, PIPE, "2024-06-03 16:20")
    add(
        "expert",
        "inspection.held",
        "专家检查",
        "Expert inspection held",
        ZHOU,
        Subject(kind="inspection", id="i1", label="二车间自控系统专项检查"),
        "2024-06-05 08:40",
    )
    add(
        "found",
        "hazard.found",
        "发现隐患",
        "Hazard found",
        LI,
        INTERLOCK,
        "2024-06-05 10:15",
        summary="二车间 R-203 反应釜温度、压力安全联锁被旁路停用，未制定临时管控措施",
    )
    add(
        "report0",
        "hazard.reported",
        "专家提交检查报告",
        "Expert report delivered",
        ZHOU,
        INTERLOCK,
        "2024-06-06 15:00",
    )
    add(
        "guard",
        "hazard.safeguarded",
        "采取治理期间安全措施",
        "Safeguards taken",
        ZHAO,
        INTERLOCK,
        "2024-06-05 18:30",
    )
    add(
        "reported",
        "hazard.reported",
        "补报重大事故隐患",
        "Major hazard reported",
        WANG,
        INTERLOCK,
        "2024-06-12 11:02",
    )
    add(
        "issued",
        "order.issued",
        "下达责令限期整改指令书",
        "Rectification order issued",
        ZHANG,
        ORDER,
        "2024-06-14 15:10",
    )
    add("served", "order.served", "签收指令书", "Order served", WANG, ORDER, "2024-06-14 15:42")
    add(
        "planned",
        "hazard.planned",
        "制定整改方案",
        "Rectification planned",
        WANG,
        INTERLOCK,
        "2024-06-28 09:30",
    )
    add("june_li", "report.endorsed", "签字", "Endorsed", LI, month("2024-06"), "2024-06-28 17:10")
    add("june", "report.endorsed", "签字", "Endorsed", WANG, month("2024-06"), "2024-06-29 08:50")
    add(
        "july",
        "report.filed",
        "报送月报",
        "Report filed",
        WANG,
        month("2024-07"),
        "2024-07-30 16:00",
    )
    add(
        "proposed",
        "listing.proposed",
        "提请挂牌督办",
        "Listing proposed",
        ZHANG,
        LISTING,
        "2024-07-23 10:00",
    )
    add("listed", "listing.made", "下达挂牌督办通知", "Listed", CHEN, LISTING, "2024-07-25 09:00")
    add(
        "notice",
        "listing.served",
        "签收督办通知",
        "Listing notice served",
        WANG,
        LISTING,
        "2024-07-26 10:20",
    )
    add(
        "plan_county",
        "listing.plan_made",
        "制定挂牌隐患整改方案",
        "Listing plan made",
        SUN,
        LISTING,
        "2024-08-02 17:00",
    )
    add(
        "resumed",
        "production.observed",
        "发现仍在生产经营",
        "Production observed",
        LIU,
        Subject(kind="enterprise", id="e", label="二车间"),
        "2024-08-06 22:40",
    )
    add(
        "recheck",
        "order.rechecked",
        "整改复查：联锁仍未投用",
        "Rechecked: interlock still off",
        ZHANG,
        ORDER,
        "2024-08-20 14:30",
    )
    add("check1", "listing.checked", "督办检查", "Listing check", CHEN, LISTING, "2024-08-22")
    add(
        "urged",
        "listing.checked",
        "督办函：催办",
        "Urging letter",
        CHEN,
        LISTING,
        "2024-09-02 09:15",
    )
    add(
        "accident",
        "incident.occurred",
        "发生事故",
        "Accident occurred",
        WANG,
        Subject(kind="incident", id="sg", label="“9·18”爆炸事故"),
        AT,
    )
    late = {"entered_afterwards": True}
    add(
        "drill",
        "inspection.held",
        "现场检查",
        "Inspection held",
        LIU,
        Subject(kind="inspection", id="i2", label="沂河化工二车间"),
        "2024-07-12",
        recorded=instant("2024-09-20 19:44"),
        summary="检查反应釜区，未见异常",
        **late,
    )
    add(
        "training",
        "hazard.disclosed",
        "公示隐患",
        "Hazard disclosed",
        LI,
        INTERLOCK,
        "2024-06-20",
        recorded=instant("2024-09-19 07:58"),
        **late,
    )
    add(
        "cause",
        "incident.cause_established",
        "认定事故原因",
        "Cause established",
        CHEN,
        Subject(kind="incident", id="sg", label="“9·18”爆炸事故"),
        "2024-10-30 10:00",
    )
    return ledger, said


def _items(p: dict[str, int]) -> list[Item]:
    late, never, kept = State.KEPT_LATE, State.BROKEN, State.KEPT
    before = SUN.holder(
        person=ident("前任"),
        name="马国栋",
        since=when("2021-02-01"),
        until=when("2024-07-09"),
        at_due=False,
        at_moment=False,
    )
    return [
        duty("3.3b", words("制定挂牌隐患整改方案", "Plan for the listed hazard"), SUN, "2024-07-25 09:00", "2024-08-04", "2024-08-02 17:00", kept, [p["listed"], p["plan_county"]]),
        BreachLine(
            id="1.1a/vacant", clause="1.1a", line=Line.LEADERSHIP, title=words("分管领导岗位空缺", "Deputy's post vacant"),
            detail=words("分管安全副县长岗位空缺34天，其间由县长答责。", "The deputy's post was vacant for 34 days; the head answered."),
            bearer=HE.bearer([], vacant=True, answers="县长 孙志远"), subject=Subject(kind="post", id="he", label="分管安全副县长"),
            at=when("2024-07-09"), until=when("2024-08-12"), facts=[p["named"]],
        ),
        duty("3.3c", words("督促按时整改到位", "See to rectification in time"), HE, "2024-07-25 09:00", None, None, State.OPEN, [p["listed"]],
             bearer=HE.bearer([before, HE.holder(at_opening=False, acting=True)])),
        duty("1.2c", words("处置检查发现的问题", "Dispose of findings"), ZHANG, "2024-06-13", "2024-06-23", "2024-06-14 15:10", kept, [p["issued"]], subject=ORDER, hazards=["YH-2024-000317"]),
        duty("3.3a", words("提请挂牌督办", "Propose listing"), ZHANG, "2024-06-12 11:02", "2024-06-22", "2024-07-23 10:00", late, [p["reported"], p["proposed"]], late_days=31,
             setting=OF_24_HOURS.model_copy(update={"key": "3.3a.propose", "value": "10 days", "since": date(2024, 1, 1), "source": "沂南县应急管理局规则设置"})),
        duty("1.2f", words("期限届满后复查", "Recheck after the deadline"), ZHANG, "2024-07-15", "2024-07-20", "2024-08-20 14:30", late, [p["issued"], p["recheck"]], late_days=31, subject=ORDER, hazards=["YH-2024-000317"]),
        duty("1.2b", words("按计划监督检查", "Planned inspection"), LIU, "2024-07-01", "2024-07-31", "2024-07-12", kept, [p["drill"]], subject=Subject(kind="inspection", id="i2", label="沂河化工二车间"), done_by_late_entry=True),
        duty("3.3g", words("决定是否挂牌", "Decide on listing"), CHEN, "2024-07-23 10:00", "2024-07-28", "2024-07-25 09:00", kept, [p["proposed"], p["listed"]]),
        duty("3.3d", words("督办期间监督检查", "Check while listed"), CHEN, "2024-07-25 09:00", "2024-08-25", "2024-08-22", kept, [p["check1"]]),
        duty("3.3f", words("督办到期验收销号", "Second acceptance"), CHEN, "2024-07-25 09:00", "2024-08-25", None, never, [p["listed"], p["urged"]], late_days=24),
        duty("3.2b", words("重大事故隐患即查即报", "Report a major hazard at once"), WANG, "2024-06-05 10:15", "2024-06-06 10:15", "2024-06-12 11:02", late, [p["found"], p["reported"]], late_days=6, setting=OF_24_HOURS),
        duty("3.1e", words("制定整改方案、落实“五落实”", "Plan with all five"), WANG, "2024-06-14 15:42", "2024-07-01", "2024-06-28 09:30", kept, [p["served"], p["planned"]]),
        duty("3.2a", words("自查自纠情况月报", "Monthly report"), WANG, "2024-06-01", "2024-06-30", "2024-06-29 08:50", kept, [p["june_li"], p["june"]], subject=month("2024-06")),
        duty("3.2a", words("自查自纠情况月报", "Monthly report"), WANG, "2024-07-01", "2024-07-31", "2024-07-30 16:00", kept, [p["july"]], subject=month("2024-07")),
        duty("3.2a", words("自查自纠情况月报", "Monthly report"), WANG, "2024-08-01", "2024-08-31", None, never, [p["july"]], subject=month("2024-08"), late_days=18),
        duty("3.2a", words("自查自纠情况月报", "Monthly report"), WANG, "2024-09-01", "2024-09-30", None, State.OPEN, [p["july"]], subject=month("2024-09")),
        duty("1.2f", words("完成整改并申请验收", "Rectify and apply for acceptance"), LI, "2024-06-14 15:42", "2024-07-15", None, never, [p["issued"], p["served"], p["recheck"]], late_days=65),
        duty("3.1g", words("公示重大事故隐患", "Disclose the hazard"), LI, "2024-06-05 10:15", "2024-06-25", "2024-06-20", kept, [p["training"]], done_by_late_entry=True),
        duty("3.1c", words("组织整改一般隐患", "Rectify a general hazard"), LI, "2024-05-20", "2024-06-10", "2024-06-03 16:20", kept, [p["row"], p["pipe_closed"]], subject=PIPE, hazards=["YH-2024-000298"], imported=True),
        BreachLine(
            id="3.2e/resumed", clause="3.2e", line=Line.ENTERPRISE, title=words("未经验收恢复生产", "Production before acceptance"),
            detail=words("二车间夜班在运行，当时没有验收合格的记录。", "Workshop 2 was running at night; no passed acceptance was on record."),
            bearer=LI.bearer([LI.holder(two_posts=True)]), subject=INTERLOCK, at=when("2024-08-06 22:40"), hazards=["YH-2024-000317"], facts=[p["resumed"]],
        ),
        duty("3.1f", words("治理期间采取安全措施", "Safeguards meanwhile"), ZHAO, "2024-06-05 10:15", "2024-06-06 10:15", "2024-06-05 18:30", kept, [p["guard"]]),
        duty("2.1h", words("提交检查报告", "Deliver the report"), ZHOU, "2024-06-05 08:40", "2024-06-15", "2024-06-06 15:00", kept, [p["expert"], p["report0"]], hazards=["YH-2024-000317", "YH-2024-000298"]),
        duty("2.1k", words("提出停产整改意见", "Advise a halt"), ZHOU, "2024-06-05 08:40", "2024-06-07", None, State.WAIVED, [p["expert"]]),
    ]  # fmt: skip


def lines(items: Iterable[Item]) -> Lines:
    """Sort items into their lines."""
    all_items = list(items)
    return Lines.model_validate(
        {line.value: [item for item in all_items if item.line is line] for line in Line}
    )


def not_kept(items: Iterable[Item]) -> list[Item]:
    return [
        item for item in items
        if isinstance(item, BreachLine) or item.state in (State.BROKEN, State.KEPT_LATE)
    ]  # fmt: skip


def _knowledge(p: dict[str, int]) -> list[Knowledge]:
    def knew(at: str, seat: Seat, subject: Subject, zh: str, en: str, key: str) -> Knowledge:
        return Knowledge(
            at=when(at), person=seat.person, person_name=seat.name, post_title=seat.title,
            organisation=seat.org, subject=subject, how=words(zh, en), facts=[p[key]],
        )  # fmt: skip

    return [
        knew("2024-06-05 10:15", LI, INTERLOCK, "本人记录发现", "recorded it", "found"),
        knew("2024-06-12 11:02", ZHANG, INTERLOCK, "收到报告", "received the report", "reported"),
        knew("2024-06-14 15:42", WANG, ORDER, "签收", "signed for it", "served"),
        knew("2024-06-28 17:10", LI, month("2024-06"), "签字", "endorsed it", "june_li"),
        knew("2024-06-29 08:50", WANG, month("2024-06"), "签字", "endorsed it", "june"),
        knew("2024-07-23 10:00", CHEN, LISTING, "收到提请", "received the proposal", "proposed"),
        knew("2024-07-26 10:20", WANG, LISTING, "签收", "signed for it", "notice"),
    ]


def _hazards(p: dict[str, int]) -> Hazards:
    pipe = HazardItem(
        id=ident("YH-2024-000298"), number="YH-2024-000298", description="导热油管线保温破损",
        level="general", found=when("2024-05-20"), found_by="企业", deadline=date(2024, 6, 10),
        closed=when("2024-06-03 16:20"), state="closed", prior=True, open=False, overdue=False,
        imported=True, facts=[p["row"], p["pipe_closed"]],
    )  # fmt: skip
    interlock = HazardItem(
        id=ident("YH-2024-000317"), number="YH-2024-000317",
        description="二车间 R-203 反应釜安全联锁失效", level="major",
        found=when("2024-06-05 10:15"), found_by="外聘专家", deadline=date(2024, 7, 15),
        closed=None, state="reported", prior=True, open=True, overdue=True, listed=True,
        direct_cause=True, facts=[p["found"], p["reported"], p["recheck"]],
    )  # fmt: skip
    number = interlock.number
    return Hazards(prior=2, open=[number], overdue=[number], items=[pipe, interlock])


def _afterwards(p: dict[str, int]) -> list[Afterwards]:
    return [
        Afterwards(
            title=words("公示隐患", "Hazard disclosed"),
            happened=when("2024-06-20"),
            recorded=instant("2024-09-19 07:58"),
            by="李卫东（分管安全副总）",
            facts=[p["training"]],
        ),
        Afterwards(
            title=words("现场检查：沂河化工二车间", "Inspection of workshop 2"),
            happened=when("2024-07-12"),
            recorded=instant("2024-09-20 19:44"),
            by="刘洋（执法大队副大队长）",
            facts=[p["drill"]],
        ),
    ]


def explosion() -> Trace:
    """Return the story of the pictures: the 沂河化工 “9·18” explosion."""
    ledger, p = _facts()
    items = _items(p)
    return Trace(
        enterprise="91371399MA3C00003U",
        at=when(AT),
        known_at=None,
        look_back=date(2022, 9, 18),
        place=ENTERPRISE,
        incident=Incident(
            id=ident("SG-2024-0918"), number="SG-2024-0918", name="“9·18”爆炸事故", at=when(AT), category="其他爆炸",
            deaths=3, serious_injuries=5, loss=128_050_000, level="larger", hazards=["YH-2024-000317"], facts=[p["accident"], p["cause"]],
        ),
        hazards=_hazards(p),
        lines=lines(items),
        findings=not_kept(items),
        knowledge=_knowledge(p),
        entered_afterwards=_afterwards(p),
        facts=ledger.facts,
        ledger="daocha.example/yinan",
        simulated=True,
        head=1_204_331,
        notice=Words(**NOTICE),
    )  # fmt: skip

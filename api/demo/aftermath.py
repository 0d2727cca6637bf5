"""The explosion and what follows: entries made afterwards, the review, the case."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, day, when
from api.demo.inspections import Visit
from api.demo.scribe import ident
from domain.halt import HaltGround, HaltOrdered, ProductionResumed
from domain.hazard import HazardDisclosed, HazardPlanned, SafeguardsEnded
from domain.incident import CasualtiesUpdated, CauseEstablished, IncidentOccurred, ReviewOpened
from domain.inspection import InspectionHeld, InspectionKind
from domain.licence import LicenceSuspended
from domain.monthly_report import ReportedHazard, ReportFiled, report_id
from domain.penalty import CaseOpened, PenaltyDecided

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from api.demo.county import Office
    from api.demo.story import Story
    from domain.fact import Fact

ACCIDENT = when("09-12 15:26")
"""The moment of the explosion."""
INCIDENT_NUMBER = f"SG-{YEAR}-0912"


class Aftermath:
    """Puts what followed on the agenda."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.scribe = story.scribe
        self.county = story.county
        self.case = story.case
        self.at = story.at
        self.bureau = story.bureau
        self.government = story.government
        self.incident = ident("incident 9·12")
        self.penalty = ident("case chengxi 09-18")

    def plan(self) -> None:
        """Put all of it on the agenda."""
        on = self.story.on
        on("09-12 15:58", self._occurred)
        on("09-12 17:00", self._halt_all)
        on("09-13 09:00", self._casualties)
        self._entered_afterwards()
        on("09-13 15:00", self._open_review)
        on("09-13 16:00", self._suspend_licence)
        on("09-18 10:00", self._open_case)
        reason = "企业已全面停产，隐患由事故调查组一并处理，不再挂牌督办"
        on("09-20 16:00", partial(self.case.decline, reason))
        for filed, month in (
            ("09-30 10:00", "09"),
            ("10-30 09:40", "10"),
            ("11-28 10:10", "11"),
            ("12-30 09:30", "12"),
        ):
            on(filed, partial(self.story.year.reports.file, self.at, f"{YEAR}-{month}"))
        visit = Visit(
            self.story.year.inspections, self.story.visit("11-20"), self.at, self.bureau, "chem"
        )
        on("11-19 11:30", partial(visit.hold, when("11-19 09:30"), ()))
        on("11-29 16:00", self._establish_cause)
        on("12-09 10:00", self._decide_case)

    def _write(
        self,
        of: Office | None,
        role: str,
        record: UUID,
        fact: Fact,
        happened: datetime | date | None = None,
    ) -> None:
        post = (of or self.at).posts[role]
        self.scribe.write(post, (record, fact), happened=happened)

    # the accident

    def _occurred(self) -> None:
        fact = IncidentOccurred(
            enterprise=self.at.id,
            number=INCIDENT_NUMBER,
            name="澄溪化工“9·12”爆炸事故",
            category="其他爆炸",
            deaths=2,
            serious_injuries=5,
            summary=self.case.words("二车间R-203反应釜超温超压爆炸，现场人员伤亡，正在搜救"),
        )
        self._write(self.bureau, "section", self.incident, fact, ACCIDENT)

    def _halt_all(self) -> None:
        fact = HaltOrdered(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            ground=HaltGround.OTHER,
            scope=self.case.words("全厂"),
            number=self.scribe.document(f"{self.bureau.name}停产"),
        )
        self._write(self.bureau, "section", ident("halt chengxi 09-12"), fact)

    def _casualties(self) -> None:
        fact = CasualtiesUpdated(
            enterprise=self.at.id, deaths=3, serious_injuries=4, loss=12_860_000_00
        )
        self._write(self.bureau, "section", self.incident, fact)

    # 13 September: what was written down only now

    def _entered_afterwards(self) -> None:
        on = self.story.on
        on("09-13 10:20", self._enter_production)
        on("09-13 10:32", self._enter_safeguards_ended)
        on("09-13 10:45", self._enter_plan)
        on("09-13 10:51", self._enter_disclosure)
        on("09-13 11:10", self._enter_report)
        on("09-13 16:40", self._enter_visit)

    def _enter_production(self) -> None:
        fact = ProductionResumed(enterprise=self.at.id, scope=self.case.words("二车间R-203反应釜"))
        record = ident("production chengxi 08-06")
        self._write(None, "deputy", record, fact, when("08-06 08:00"))

    def _enter_safeguards_ended(self) -> None:
        fact = SafeguardsEnded(
            enterprise=self.at.id, reason=self.case.words("恢复生产，撤除手动切断阀挂牌")
        )
        self._write(None, "deputy", self.case.id, fact, when("08-06 07:40"))

    def _enter_plan(self) -> None:
        """A plan said to be of June, whole and with all five: written down only now."""
        fact = HazardPlanned(
            enterprise=self.at.id,
            measures=self.case.words("更换联锁模块，恢复联锁并做联动试验"),
            responsible=self.at.posts["deputy"],
            deadline=day("07-20"),
            funding=self.case.words("设备维修专项资金"),
            emergency_plan=self.case.words("R-203超温现场处置方案"),
        )
        self._write(None, "deputy", self.case.id, fact, day("06-20"))

    def _enter_disclosure(self) -> None:
        fact = HazardDisclosed(
            enterprise=self.at.id, where=self.case.words("二车间公示栏"), until=day("07-20")
        )
        self._write(None, "deputy", self.case.id, fact, day("06-19"))

    def _enter_report(self) -> None:
        """August's report, said to have been ready in August: it counts from its arrival."""
        fact = ReportFiled(
            enterprise=self.at.id,
            month=f"{YEAR}-08",
            kind="ordinary",
            to_org=self.bureau.id,
            hazards=tuple(
                ReportedHazard(hazard=known.id, state="整改中")
                for known in self.at.hazards
                if known.month == f"{YEAR}-08"
            ),
            older=(ReportedHazard(hazard=self.case.id, state="整改中"),),
            text=self.case.words("8月隐患自查自纠情况（补报）"),
        )
        record = report_id(self.at.id, f"{YEAR}-08")
        self._write(None, "deputy", record, fact, day("08-30"))

    def _enter_visit(self) -> None:
        """A visit said to have been made in July, of which nothing was on record."""
        fact = InspectionHeld(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            kind=InspectionKind.RECHECK,
            place=self.case.words("二车间（电话询问，未到现场）"),
        )
        record = self.story.visit("07-29")
        self._write(self.bureau, "chem", record, fact, day("07-29"))

    # the review and the case

    def _open_review(self) -> None:
        fact = ReviewOpened(
            enterprise=self.at.id,
            incident=self.incident,
            by_org=self.government.id,
            reviewers=(self.scribe.holders[self.government.posts["line"]],),
        )
        self._write(self.government, "principal", ident("review 9·12"), fact)

    def _suspend_licence(self) -> None:
        fact = LicenceSuspended(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            licence="安全生产许可证",
            hazard=self.case.id,
        )
        self._write(self.bureau, "section", ident("licence chengxi"), fact)

    def _open_case(self) -> None:
        fact = CaseOpened(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            ground="隐患整改不力造成生产安全事故；整改不彻底擅自生产经营",
            hazards=(self.case.id,),
            persons=tuple(
                self.scribe.holders[self.at.posts[role]] for role in ("principal", "deputy")
            ),
            number=self.scribe.document(f"{self.bureau.name}立案"),
        )
        self._write(self.bureau, "section", self.penalty, fact)

    def _establish_cause(self) -> None:
        city = self.county.offices["city"]
        cause = (
            "R-203反应釜进料过程中冷却失效，温度持续上升；超温联锁被旁路未能切断进料，"
            "釜内超压爆炸。隐患自5月28日发现后未整改到位，8月6日起在停产决定未解除的情况下恢复投料。"
        )
        fact = CauseEstablished(
            enterprise=self.at.id,
            by_org=city.id,
            hazards=(self.case.id,),
            cause=self.case.words(cause),
        )
        self._write(city, "deputy", self.incident, fact)

    def _decide_case(self) -> None:
        fact = PenaltyDecided(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            imposed=True,
            kind="罚款",
            amount=1_500_000_00,
            number=self.scribe.document(f"{self.bureau.name}罚决"),
            reason=self.case.words("对较大生产安全事故的发生负有责任"),
        )
        self._write(self.bureau, "section", self.penalty, fact)

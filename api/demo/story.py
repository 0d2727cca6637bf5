"""澄溪化工 “9·12”: the year of one plant, day by day, up to the explosion.

A safety interlock is bypassed. The plant's safety manager reports it past her superiors, the
officer named for the plant inspects and orders at once, the deputy county head proposes what others
left undone; and still it stands. What follows the accident is in ``aftermath``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, day, when
from api.demo.inspections import Visit
from api.demo.major import Major
from api.demo.scribe import ident
from api.demo.words import NO_EXPERT, PROBLEMS
from domain.halt import ProductionObserved
from domain.hazard import (
    Determiner,
    Finder,
    HazardClosed,
    HazardDetermined,
    HazardFound,
    HazardLevel,
    HazardMadeKnown,
    HazardSafeguarded,
)
from domain.inspection import (
    Disposition,
    FindingDisposed,
    FindingRecorded,
    InspectionFileClosed,
    InspectionHeld,
    InspectionKind,
    InspectionScheduled,
    Officer,
    RecordSigned,
)
from domain.listing import ListingProposed
from domain.monthly_report import ReportFiled, Role, report_id
from domain.order import (
    OrderComplied,
    OrderExtended,
    OrderIssued,
    OrderItem,
    OrderRechecked,
    OrderServed,
    RecheckedItem,
)
from domain.penalty import CaseOpened, PenaltyDecided

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from api.demo.county import County, Known, Office
    from api.demo.words import Problem
    from api.demo.year import Year
    from domain.fact import Fact

PLANT = "chengxi"
_BYPASSED = "R-203反应釜温度、压力与进料切断联锁被短接旁路，超温超压时不能自动切断进料"
_STANDARD = "化工和危险化学品生产经营单位重大生产安全事故隐患判定标准（试行）"


class Story:
    """Puts the plant's year on the agenda."""

    def __init__(self, county: County, year: Year) -> None:
        self.county = county
        self.year = year
        self.scribe = county.scribe
        self.at = county.firms[PLANT]
        self.bureau = county.offices["bureau"]
        self.government = county.offices["county"]
        self.office = county.offices["office"]
        self.case = Major(
            county,
            year.hazards,
            self.at,
            "二车间R-203反应釜",
            _BYPASSED,
            "更换联锁模块，恢复联锁并做联动试验，制定联锁管理制度",
            day("07-20"),
        )
        self.zero = 0
        self.order = ident("order chengxi 05-31")
        self.penalty = ident("case chengxi 06-04")
        self.found: dict[int, tuple[Problem, Known]] = {}

    def plan(self) -> None:
        """Put all of it on the agenda."""
        self._ordinary_months()
        self._found_and_passed_over()
        self._reported_and_ordered()
        self._left_standing()
        self._urged()

    def on(self, moment: str, *steps: object) -> None:
        """Put steps on the agenda of a minute, as :meth:`Major.on`."""
        self.case.on(moment, *steps)  # type: ignore[arg-type]

    def write(
        self,
        of: Office | None,
        role: str,
        record: UUID,
        *facts: Fact,
        happened: datetime | None = None,
    ) -> None:
        """Write facts of one record by a post of a body, or of the plant where there is none."""
        post = (of or self.at).posts[role]
        self.scribe.write(post, *((record, fact) for fact in facts), happened=happened)

    # what every plant does

    def _ordinary_months(self) -> None:
        find, known = self.year.hazards.find, PROBLEMS["chem"]
        for found, problem in (
            ("01-16 10:20", known[0]),
            ("03-05 14:10", known[1]),
            ("04-11 09:40", known[8]),
            ("06-18 10:30", known[4]),
            ("07-09 15:20", known[9]),
            ("07-17 09:50", known[2]),
        ):
            moment = when(found)
            entered = found[:-2] + "59"
            self.on(entered, partial(find, self.at, problem, moment))
        for filed, month in (
            ("01-30 10:00", "01"),
            ("02-28 09:30", "02"),
            ("03-28 14:20", "03"),
            ("04-29 10:40", "04"),
            ("06-28 09:20", "06"),
            ("07-30 14:30", "07"),
        ):
            self.on(filed, partial(self.year.reports.file, self.at, f"{YEAR}-{month}"))
        self.on("01-31 10:00", partial(self.schedule, "03-14"), partial(self.schedule, "11-20"))
        visit = Visit(self.year.inspections, self.visit("03-14"), self.at, self.bureau, "chem")
        seen = (known[6], known[3])
        self.on("03-13 11:30", partial(visit.hold, when("03-13 09:10"), seen))

    def visit(self, planned: str) -> UUID:
        """Return the record of the inspection planned for a day."""
        return ident(f"inspection chengxi {planned}")

    def schedule(self, planned: str) -> None:
        """Put the plant on the plan of the officer named for it."""
        fact = InspectionScheduled(
            enterprise=self.at.id,
            department=self.bureau.id,
            planned=day(planned),
            post=self.bureau.posts["chem"],
        )
        self.write(self.bureau, "section", self.visit(planned), fact)

    # May: found, told, and a zero report all the same

    def _found_and_passed_over(self) -> None:
        self.on("05-30 15:00", self._zero_report)
        self.on("05-30 15:10", partial(self._sign, Role.DEPUTY))
        self.on("05-30 15:40", partial(self._sign, Role.PRINCIPAL))
        self.on("05-31 08:50", partial(self.case.found, "05-28 16:20"))
        self.on("05-31 08:56", partial(self.tell, None, "deputy", "书面报告", "05-28 17:05"))
        self.on("05-31 08:58", partial(self.tell, None, "principal", "晨会报告", "05-29 08:30"))
        self.on("05-31 09:10", partial(self.case.report, role="safety"))

    def _zero_report(self) -> None:
        """The deputy draws it up himself; on record nothing speaks against it yet."""
        month = f"{YEAR}-05"
        fact = ReportFiled(
            enterprise=self.at.id,
            month=month,
            kind="zero",
            to_org=self.bureau.id,
            text=self.case.words(f"{self.at.name}{month}未发现新的事故隐患，实行零报告"),
        )
        post = self.at.posts["deputy"]
        (self.zero,) = self.scribe.write(post, (report_id(self.at.id, month), fact))

    def _sign(self, role: Role) -> None:
        self.year.reports.sign(self.at, f"{YEAR}-05", role, self.zero)

    def tell(
        self,
        to: Office | None,
        role: str,
        manner: str,
        happened: str,
        by: tuple[Office | None, str] = (None, "safety"),
    ) -> None:
        """Record that a post was told of the hazard; ``to`` None is the plant itself."""
        post = (to or self.at).posts[role]
        fact = HazardMadeKnown(
            enterprise=self.at.id,
            to_org=(to or self.at).id,
            to_post=post,
            to_person=self.scribe.holders[post],
            manner=manner,
        )
        self.write(*by, self.case.id, fact, happened=when(happened))

    # 31 May to 14 June: inspected the same day, ordered, rechecked, a case opened

    def _reported_and_ordered(self) -> None:
        self.on("05-31 10:00", partial(self.schedule, "05-31"))
        self.on("05-31 17:00", self._inspect)
        self.on("05-31 17:50", self._serve)
        self.on("05-31 20:10", self._safeguard)
        self.on("06-01 10:00", partial(self.year.reports.file, self.at, f"{YEAR}-05"))
        self.on("06-03 10:00", self._advise)
        self.on("06-04 15:00", self._open_case)
        self.on("06-11 10:40", self._recheck_the_rest)
        self.on("06-14 16:00", self._change_officer)

    def _inspect(self) -> None:
        """The officer named for the plant comes the same day, with a colleague and an expert."""
        begun, visit = when("05-31 14:00"), self.visit("05-31")
        known = PROBLEMS["chem"]
        general = ((known[5], 2), (known[3], 3))
        self.found = {
            item: (problem, self.year.hazards.new(self.at, begun)) for problem, item in general
        }
        held = InspectionHeld(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            kind=InspectionKind.SPECIAL,
            officers=tuple(self._officer(role) for role in ("chem", "second")),
            experts=(self.scribe.holders[self.county.offices["experts"].posts["chemist"]],),
            place=self.case.words("二车间、罐区、控制室"),
            until=when("05-31 16:30"),
            attended_by=tuple(
                self.scribe.holders[self.at.posts[role]] for role in ("safety", "workshop")
            ),
        )
        post = self.bureau.posts["chem"]
        facts: list[tuple[UUID, Fact]] = [(visit, held), (visit, self._finding(1, _BYPASSED))]
        for item, (problem, hazard) in self.found.items():
            found = HazardFound(
                enterprise=self.at.id,
                number=hazard.number,
                description=self.case.words(problem.text),
                place=self.case.words(problem.place),
                category=problem.category,
                found_by=Finder.DEPARTMENT,
                finder_org=self.bureau.id,
                inspection=visit,
            )
            facts += [(hazard.id, found), (visit, self._finding(item, problem.text, hazard.id))]
        self.scribe.write(post, *facts, happened=begun)
        self._issue(post, visit)

    def _officer(self, role: str) -> Officer:
        post = self.bureau.posts[role]
        return Officer(
            person=self.scribe.holders[post], post=post, certificate=f"YC-BUREAU-{role.upper()}"
        )

    def _finding(self, item: int, text: str, hazard: UUID | None = None) -> FindingRecorded:
        return FindingRecorded(
            enterprise=self.at.id,
            item=item,
            text=self.case.words(text),
            hazard=hazard or self.case.id,
        )

    def _issue(self, post: UUID, visit: UUID) -> None:
        """Order all three, dispose of the findings and close the file."""
        texts = {1: (_BYPASSED, self.case.id, day("06-20"))}
        texts |= {n: (p.text, k.id, day("06-07")) for n, (p, k) in self.found.items()}
        issued = OrderIssued(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            number=self.scribe.document("沂川应急责改"),
            items=tuple(
                OrderItem(
                    item=item,
                    text=self.case.words(text),
                    hazard=hazard,
                    deadline=deadline,
                )
                for item, (text, hazard, deadline) in texts.items()
            ),
            officers=tuple(self._officer(role).person for role in ("chem", "second")),
            inspection=visit,
        )
        disposed = [
            FindingDisposed(
                enterprise=self.at.id,
                item=item,
                disposition=Disposition.ORDER,
                reference=self.order,
            )
            for item in texts
        ]
        signed = RecordSigned(
            enterprise=self.at.id, person=self.scribe.holders[self.at.posts["safety"]]
        )
        closed = InspectionFileClosed(
            enterprise=self.at.id, no_expert_reason=self.case.words(NO_EXPERT)
        )
        file = [(visit, fact) for fact in (*disposed, signed, closed)]
        self.scribe.write(post, (self.order, issued), *file, signed=True)

    def _serve(self) -> None:
        """The principal receives the order in person; the general items are taken up at once."""
        post = self.at.posts["principal"]
        served = OrderServed(
            enterprise=self.at.id, to_post=post, to_person=self.scribe.holders[post]
        )
        (position,) = self.scribe.write(self.bureau.posts["chem"], (self.order, served))
        if self.scribe.pens:
            self.scribe.pens.sign(post, self.order, position)
        for item, (problem, hazard) in self.found.items():
            done = partial(self._comply, "safety", item)
            self.year.hazards.rectify(self.at, hazard, problem, day("06-07"), done)

    def _comply(self, role: str, item: int) -> None:
        fact = OrderComplied(enterprise=self.at.id, items=(item,))
        self.write(None, role, self.order, fact)

    def _safeguard(self) -> None:
        measures = "R-203停止投料，关闭手动切断阀并挂牌上锁，控制室增派一人值守"
        fact = HazardSafeguarded(enterprise=self.at.id, measures=self.case.words(measures))
        self.write(None, "deputy", self.case.id, fact, happened=when("05-31 18:30"))

    def _advise(self) -> None:
        """The officer advises in writing: determine it as major, propose its listing."""
        manner = "书面建议认定为重大隐患并提请挂牌督办"
        self.tell(self.bureau, "section", manner, "06-03 09:40", (self.bureau, "chem"))

    def _open_case(self) -> None:
        fact = CaseOpened(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            ground="隐患上报不及时、零报告与实际不符",
            hazards=(self.case.id,),
            persons=tuple(
                self.scribe.holders[self.at.posts[role]] for role in ("principal", "deputy")
            ),
            number=self.scribe.document(f"{self.bureau.name}立案"),
        )
        self.write(self.bureau, "chem", self.penalty, fact)

    def _recheck_the_rest(self) -> None:
        """The two general items are in order, and struck off."""
        self._recheck({2: True, 3: True})
        for _, hazard in self.found.values():
            closed = HazardClosed(enterprise=self.at.id, by_org=self.bureau.id)
            self.write(self.bureau, "chem", hazard.id, closed)
            hazard.stage = "closed"

    def _recheck(self, items: dict[int, bool], remarks: str | None = None) -> None:
        fact = OrderRechecked(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            number=self.scribe.document("沂川应急复查"),
            items=tuple(
                RecheckedItem(
                    item=item, passed=passed, remarks=self.case.words(remarks) if remarks else None
                )
                for item, passed in items.items()
            ),
            officers=(self.scribe.holders[self.bureau.posts["chem"]],),
        )
        self.write(self.bureau, "chem", self.order, fact)

    def _change_officer(self) -> None:
        """The officer is moved to another section; the post passes to a colleague."""
        post, by = self.bureau.posts["chem"], self.bureau.posts["deputy"]
        self.county.relieve(self.bureau.id, post, by, "岗位轮换，调入执法培训科")
        person = self.county.person("曹亦军")
        self.county.appoint(self.bureau.id, post, person, by)

    # 17 June to 6 August: determined, halted, extended, and produced again

    def _left_standing(self) -> None:
        self.on("06-17 10:00", self._determine)
        scope = "二车间R-203反应釜及其上下游工序"
        self.on("06-17 14:00", partial(self.case.halt_production, scope))
        told = partial(
            self.tell,
            None,
            "principal",
            "停产决定书送达",
            "06-17 15:10",
            (self.bureau, "chem"),
        )
        self.on("06-17 15:20", told)
        self.on("06-18 16:00", self._extend)
        self.on("06-24 08:30", self.case.start)
        self.on("07-31 17:00", self._deputy_leaves)
        self.on("08-05 17:00", partial(self._comply, "principal", 1))
        self.on("08-09 15:00", self._decide_case)
        self.on("08-19 09:00", self._acting_deputy)
        self.on("08-21 16:00", self._recheck_late)

    def _determine(self) -> None:
        """The bureau determines it as major; the plant's principal never convened anybody."""
        fact = HazardDetermined(
            enterprise=self.at.id,
            level=HazardLevel.MAJOR,
            by=Determiner.DEPARTMENT,
            determiner_org=self.bureau.id,
            standard=_STANDARD,
        )
        self.scribe.write(self.bureau.posts["section"], (self.case.id, fact), signed=True)

    def _extend(self) -> None:
        """The bureau gives the plant a month more, before the deadline has passed."""
        fact = OrderExtended(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            item=1,
            deadline=day("07-20"),
            reason=self.case.words("联锁模块采购周期约四周，企业承诺停用R-203至整改完成"),
        )
        self.write(self.bureau, "section", self.order, fact)

    def _deputy_leaves(self) -> None:
        post, by = self.at.posts["deputy"], self.at.posts["principal"]
        self.county.relieve(self.at.id, post, by, "个人原因辞职")

    def _acting_deputy(self) -> None:
        person = self.county.person("丁立坤")
        post, by = self.at.posts["deputy"], self.at.posts["principal"]
        self.county.appoint(self.at.id, post, person, by, acting=True)

    def _decide_case(self) -> None:
        fact = PenaltyDecided(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            imposed=True,
            kind="罚款",
            amount=20_000_00,
            number=self.scribe.document(f"{self.bureau.name}罚决"),
            reason=self.case.words("未及时报告重大事故隐患，零报告内容与事实不符"),
        )
        self.write(self.bureau, "chem", self.penalty, fact)

    def _recheck_late(self) -> None:
        """Weeks after the recheck was due: the interlock is still bypassed, and they produce."""
        seen = when("08-21 10:10")
        remarks = "联锁仍被旁路，整改未完成"
        self._recheck({1: False}, remarks)
        fact = ProductionObserved(
            enterprise=self.at.id,
            by_org=self.bureau.id,
            observer=self.scribe.holders[self.bureau.posts["chem"]],
            scope=self.case.words("二车间R-203反应釜"),
        )
        record = ident("production chengxi 08-21")
        self.write(self.bureau, "chem", record, fact, happened=seen)

    # 12 August on: those who urged

    def _urged(self) -> None:
        self.on("08-12 17:30", self._county_inspects)
        self.on("08-13 10:00", self._county_proposes)
        county = (self.government, "deputy")
        urge = partial(self.tell, by=county)
        letters = ("县政府督办函：限期复查并核实停产", "县政府催办函：请尽快决定挂牌")
        to_bureau = partial(urge, self.bureau, "principal", letters[0], "08-13 10:40")
        self.on("08-13 11:00", to_bureau)
        self.on("08-26 10:00", partial(urge, self.office, "deputy", letters[1], "08-26 09:30"))
        self.on(
            "09-02 09:30", partial(self.tell, None, "principal", "第三次书面报告", "09-02 09:00")
        )
        self.on("09-04 16:00", partial(urge, None, "principal", "县政府约谈", "09-04 15:00"))

    def _county_inspects(self) -> None:
        """The deputy county head comes unannounced; the safety manager tells him herself."""
        visit, begun = self.visit("08-12"), when("08-12 14:30")
        post = self.government.posts["deputy"]
        safety = self.scribe.holders[self.at.posts["safety"]]
        held = InspectionHeld(
            enterprise=self.at.id,
            by_org=self.government.id,
            kind=InspectionKind.UNANNOUNCED,
            officers=(Officer(person=self.scribe.holders[post], post=post),),
            place=self.case.words("二车间、控制室"),
            until=when("08-12 16:10"),
            attended_by=(safety,),
        )
        told = HazardMadeKnown(
            enterprise=self.at.id,
            to_org=self.government.id,
            to_post=post,
            to_person=self.scribe.holders[post],
            manner="现场督导时由企业安全科科长当面报告",
        )
        self.scribe.write(
            post,
            (visit, held),
            (visit, self._finding(1, "R-203联锁旁路问题5月即已责令整改，至今未复查、未挂牌")),
            (self.case.id, told),
            happened=begun,
        )

    def _county_proposes(self) -> None:
        proposed = ListingProposed(
            enterprise=self.at.id,
            hazard=self.case.id,
            by_org=self.government.id,
            to_org=self.office.id,
        )
        disposed = FindingDisposed(
            enterprise=self.at.id,
            item=1,
            disposition=Disposition.LISTING,
            reference=self.case.listing,
        )
        self.scribe.write(
            self.government.posts["deputy"],
            (self.case.listing, proposed),
            (self.visit("08-12"), disposed),
        )

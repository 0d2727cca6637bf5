"""What holds the system up: own rules and money, inspectors, experts, public funds, oversight.

The diligent and the ordinary have rules and money of their own; two chemical plants call in
experts; the county equips its inspectors, sets money aside and is looked into by the city.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, clock, when, workday
from api.demo.cast import Character
from api.demo.scribe import ident
from domain.expert import (
    Attending,
    ExpertAdmitted,
    ExpertAppraised,
    ExpertPublished,
    LetterIssued,
    Outcome,
    Pool,
    Title,
)
from domain.expert_inspection import (
    ExpertFileClosed,
    ExpertsInspected,
    Finding,
    FindingRectified,
    Member,
    PanelAppointed,
    PartSigned,
    ReportDelivered,
    Subject,
)
from domain.fund import FundPlanned, fund_id
from domain.incident import OutcomeRecorded, Sanction, Stage
from domain.inspector import EquipmentProvided, InspectorsTrained
from domain.installation import InstallationAssessed, InstallationKind, InstallationListed
from domain.oversight import BodyOverseen
from domain.oversight import Office as Overseer
from domain.own_rule import NAMED, OwnRuleAdopted, RuleKind, own_rule_id
from domain.public_fund import PublicFundPlanned, public_fund_id
from domain.training import Attendance

if TYPE_CHECKING:
    from uuid import UUID

    from api.demo.county import County, Enterprise, Office
    from domain.fact import Fact

_RULES = {
    RuleKind.INVESTIGATION: "事故隐患排查制度",
    RuleKind.REGISTRATION: "事故隐患登记建档制度",
    RuleKind.REPORTING: "事故隐患报告制度",
    RuleKind.RECTIFICATION: "事故隐患整改验收制度",
    RuleKind.FUNDS: "安全生产资金使用管理办法",
    RuleKind.RESPONSIBILITY: "全员安全生产责任制",
}
_CALLED_IN = ("anhe", "hengqi")
"""Where experts inspect."""
_SPECIALTIES = ("化工工艺", "电气", "设备")
_SUBJECTS = tuple(Subject)


class Assurance:
    """Puts it all on the agenda; the careless have none of it."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.scribe = county.scribe

    def plan(self) -> None:
        """Put the whole year on the agenda."""
        for at in self.county.firms.values():
            if at.firm.character is not Character.CARELESS:
                self.scribe.at(clock(at.opens, 11), partial(self._own_rules, at))
            if at.firm.risk and at.firm.character is Character.DILIGENT:
                self.scribe.at(clock(at.opens, 14), partial(self._list_installation, at))
                self.scribe.at(clock(workday(date(YEAR, 6, 20)), 10), partial(self._assess, at))
        for key in ("city", "county", "zone"):
            self.scribe.at(when("01-25 10:00"), partial(self._set_aside, self._office(key)))
        for key in ("bureau", "industry"):
            self.scribe.at(when("03-12 10:00"), partial(self._equip, self._office(key)))
        self.scribe.at(when("03-20 09:00"), self._admit)
        for key in _CALLED_IN:
            at = self.county.firms[key]
            self.scribe.at(when("04-09 09:00"), partial(self._inspect, at))
        self.scribe.at(when("10-24 15:00"), self._oversee)
        self.scribe.at(when("12-16 10:00"), self._decide)
        self.scribe.at(when("12-20 10:00"), self._appraise)

    def _office(self, key: str) -> Office:
        return self.county.offices[key]

    # the enterprise's own

    def _own_rules(self, at: Enterprise) -> None:
        post = at.posts["principal"]
        kinds = (*NAMED, RuleKind.FUNDS, RuleKind.RESPONSIBILITY)
        careful = at.firm.character is not Character.TARDY
        facts: list[tuple[UUID, Fact]] = [
            (
                own_rule_id(at.id, kind, _RULES[kind], f"{YEAR}年版"),
                OwnRuleAdopted(
                    enterprise=at.id,
                    kind=kind,
                    title=_RULES[kind],
                    version=f"{YEAR}年版",
                    adopted_by=self.scribe.holders[post],
                    post=post,
                ),
            )
            for kind in (kinds if careful else NAMED[:2])
        ]
        money = FundPlanned(enterprise=at.id, year=YEAR, amount=at.firm.employees * 100_000)
        facts.append((fund_id(at.id, YEAR), money))
        self.scribe.write(post, *facts)

    def _list_installation(self, at: Enterprise) -> None:
        fact = InstallationListed(
            enterprise=at.id,
            kind=InstallationKind.SAFETY_INSTALLATION,
            name="安全联锁和紧急切断系统",
        )
        self.scribe.write(at.posts["safety"], (ident(f"installation {at.firm.key}"), fact))

    def _assess(self, at: Enterprise) -> None:
        fact = InstallationAssessed(
            enterprise=at.id,
            institution="沂州安全技术服务有限公司",
            result=self.scribe.words("功能完好，定期试验记录齐全", at.id),
        )
        self.scribe.write(at.posts["safety"], (ident(f"installation {at.firm.key}"), fact))

    # public money, inspectors

    def _set_aside(self, office: Office) -> None:
        fact = PublicFundPlanned(
            body=office.id, year=YEAR, amount=200_000_000, document=self.scribe.document("财预")
        )
        post = office.posts["principal"]
        self.scribe.write(post, (public_fund_id(office.id, YEAR), fact))

    def _equip(self, office: Office) -> None:
        roles = [role for role in ("section", "officer", "second") if role in office.posts]
        trained = InspectorsTrained(
            body=office.id,
            name="执法检查业务培训",
            hours=40,
            attended=tuple(
                Attendance(person=self.scribe.holders[office.posts[role]], passed=True)
                for role in roles
            ),
        )
        equipped = EquipmentProvided(body=office.id, name="便携式气体检测仪", count=4)
        key = office.body.key
        self.scribe.write(
            office.posts["deputy"],
            (ident(f"inspectors trained {key}"), trained),
            (ident(f"equipment {key}"), equipped),
        )

    # experts

    def _admit(self) -> None:
        """The county's bureau admits three experts to its pool."""
        bureau = self._office("bureau")
        for specialty in _SPECIALTIES:
            person = self.county.person(self.county.names.next())
            self.scribe.holders[ident(f"expert {specialty}")] = person
            fact = ExpertAdmitted(
                authority=bureau.id,
                pool=Pool.MUNICIPAL,
                specialties=(specialty,),
                title=Title.SENIOR,
                years=12,
                healthy=True,
                born=date(YEAR - 50, 4, 1),
            )
            document = self.scribe.document("沂川应急专家")
            published = ExpertPublished(authority=bureau.id, document=document)
            letter = LetterIssued(authority=bureau.id, document=document)
            told = ((person, each) for each in (fact, published, letter))
            self.scribe.write(bureau.posts["section"], *told)

    def _appraise(self) -> None:
        bureau = self._office("bureau")
        for specialty in _SPECIALTIES:
            fact = ExpertAppraised(authority=bureau.id, year=YEAR, outcome=Outcome.KEPT)
            person = self.scribe.holders[ident(f"expert {specialty}")]
            self.scribe.write(bureau.posts["section"], (person, fact))

    def _inspect(self, at: Enterprise) -> None:
        record, post = ident(f"experts {at.firm.key}"), at.posts["principal"]
        people = {s: self.scribe.holders[ident(f"expert {s}")] for s in _SPECIALTIES}
        members = tuple(Member(person=p, specialty=s) for s, p in people.items())
        inspectors = tuple(Attending(person=p, specialty=s) for s, p in people.items())
        words = self.scribe.words
        finding = Finding(
            item=1,
            text=words("罐区一处接地线松动", at.id),
            recommendation=words("当日紧固并复测接地电阻", at.id),
            at_once=True,
        )
        self.scribe.write(post, (record, PanelAppointed(enterprise=at.id, members=members)))
        held = ExpertsInspected(enterprise=at.id, experts=inspectors, subjects=_SUBJECTS)
        report = ReportDelivered(enterprise=at.id, findings=(finding,))
        signed = [PartSigned(enterprise=at.id, person=person) for person in people.values()]
        done = FindingRectified(enterprise=at.id, item=1)
        facts: list[Fact] = [held, report, *signed, done, ExpertFileClosed(enterprise=at.id)]
        self.scribe.write(post, *((record, fact) for fact in facts))

    # looked into, and what was decided about people

    def _oversee(self) -> None:
        city, bureau = self._office("city"), self._office("bureau")
        fact = BodyOverseen(
            body=bureau.id,
            by_org=city.id,
            office=Overseer.INSPECTORATE,
            problems=1,
            matter=self.scribe.words("复产前复查未到现场，相关责任另行追究", bureau.id),
        )
        self.scribe.write(city.posts["principal"], (ident("oversight bureau"), fact))

    def _decide(self) -> None:
        """The accident of September: people decide, the record keeps it."""
        county, at = self._office("county"), self.county.firms["chengxi"]
        penalised = OutcomeRecorded(
            enterprise=at.id,
            person=ident("person 郑启荣"),
            post=at.posts["principal"],
            stage=Stage.DECIDED,
            sanction=Sanction.PENALTY,
            by_org=self._office("bureau").id,
            grounds=self.scribe.words("隐患未整改即恢复生产，对事故发生负有责任", at.id),
        )
        diligent = OutcomeRecorded(
            enterprise=at.id,
            person=ident("person 林晓雁"),
            stage=Stage.NOT_PURSUED,
            by_org=county.id,
            grounds=self.scribe.words("在任期间按期检查、下达指令、复查，已全面履行职责", at.id),
        )
        review = ident("review 9·12")
        self.scribe.write(county.posts["principal"], (review, penalised), (review, diligent))

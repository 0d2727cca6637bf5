"""Episodes of the year: what befalls a few enterprises and bodies outside the ordinary."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, day, when
from api.demo.scribe import ident
from api.demo.words import Problem
from domain.correction import FactCorrected, Replacement
from domain.halt import HaltGround, HaltLifted, HaltOrdered
from domain.monthly_report import DutyWaived, report_id
from domain.organisation import (
    OrganisationClosed,
    ResponsiblesWithdrawn,
    TransferAccepted,
    TransferProposed,
    supervision_id,
)
from domain.setting import SETTINGS, SettingChanged

if TYPE_CHECKING:
    from uuid import UUID

    from api.demo.county import County, Enterprise, Office
    from api.demo.year import Year

TOLD = frozenset({("jinhua", f"{YEAR}-07"), ("hongcai", f"{YEAR}-02")})
"""Months of an enterprise that are told here."""


class Episodes:
    """Puts the episodes on the agenda."""

    def __init__(self, county: County, year: Year) -> None:
        self.county = county
        self.year = year
        self.scribe = county.scribe
        self.firms = county.firms
        self.offices = county.offices

    def plan(self) -> None:
        """Put all of them on the agenda."""
        self._openings_and_closing()
        self._transfer()
        self._changes_of_hands()
        self._overtaken_zero_report()
        self._waiver()
        self._setting()
        self._correction()
        self._kitchen_halted()

    # who there is

    def _openings_and_closing(self) -> None:
        for at in self.firms.values():
            if at.firm.opens:
                opens = when(f"{at.firm.opens} 08:30")
                self.scribe.at(opens, partial(self.county.register_enterprise, at))
                self.scribe.at(opens, partial(self.year.begin, at))
        self.scribe.at(when("10-18 16:40"), partial(self._close, self.firms["dongyao"]))

    def _close(self, at: Enterprise) -> None:
        reason = "产能淘汰，企业申请关闭并注销安全生产相关备案"
        fact = OrganisationClosed(reason=self.scribe.words(reason, at.id))
        self.scribe.write(self.offices["industry"].posts["section"], (at.id, fact))

    def _transfer(self) -> None:
        """恒木板材 passes from one department to another: proposed, weeks later accepted."""
        at = self.firms["hengmu"]
        sender, receiver = self.offices["industry"], self.offices["bureau"]
        self.scribe.at(when("03-12 10:30"), partial(self._propose, at, sender, receiver))
        self.scribe.at(when("04-02 15:10"), partial(self._receive, at, sender, receiver))

    def _propose(self, at: Enterprise, sender: Office, receiver: Office) -> None:
        fact = TransferProposed(
            enterprise=at.id,
            sender=sender.id,
            receiver=receiver.id,
            reason=self.scribe.words("粉尘涉爆重点企业，按职责分工移交应急管理部门", at.id),
        )
        self.scribe.write(sender.posts["section"], (supervision_id(at.id), fact))

    def _receive(self, at: Enterprise, sender: Office, receiver: Office) -> None:
        record = supervision_id(at.id)
        accepted = TransferAccepted(enterprise=at.id, sender=sender.id, receiver=receiver.id)
        withdrawn = ResponsiblesWithdrawn(enterprise=at.id, department=sender.id)
        at.regulator, at.officer = receiver, "officer"
        self.scribe.write(
            receiver.posts["deputy"],
            (record, accepted),
            (record, withdrawn),
            (record, self.county.naming(at, receiver, at.officer)),
        )

    def _changes_of_hands(self) -> None:
        """Posts that pass to others; one stands vacant, one has an acting holder."""
        for moment, key, role in (
            ("03-04 09:20", "fenggu", "principal"),
            ("05-13 09:40", "weiyun", "safety"),
            ("06-03 10:00", "zhucheng", "deputy"),
            ("08-05 09:10", "anju", "principal"),
            ("10-14 11:00", "huimin", "deputy"),
        ):
            self.scribe.at(when(moment), partial(self._replace, self.firms[key], role))
        logistics, industry = self.firms["shunda"], self.offices["industry"]
        self.scribe.at(when("02-26 17:00"), partial(self._leave, logistics, "deputy"))
        self.scribe.at(when("04-22 09:00"), partial(self._fill, logistics, "deputy"))
        self.scribe.at(when("08-30 16:00"), partial(self._act_for_head, industry))
        self.scribe.at(when("12-02 09:00"), partial(self._replace, industry, "principal"))

    def _leave(self, of: Enterprise | Office, role: str) -> None:
        by = of.posts[_enters(role)]
        self.county.relieve(of.id, of.posts[role], by, "工作调整")

    def _fill(self, of: Enterprise | Office, role: str) -> None:
        person = self.county.person(self.county.names.next())
        by = of.posts[_enters(role)]
        self.county.appoint(of.id, of.posts[role], person, by)

    def _replace(self, of: Enterprise | Office, role: str) -> None:
        self._leave(of, role)
        self._fill(of, role)

    def _act_for_head(self, office: Office) -> None:
        """The head leaves; the deputy acts for them and goes on as deputy."""
        self._leave(office, "principal")
        deputy = office.posts["deputy"]
        person = self.scribe.holders[deputy]
        self.county.appoint(office.id, office.posts["principal"], person, deputy, acting=True)

    # reports

    def _overtaken_zero_report(self) -> None:
        """锦桦木门: a hazard found after the zero report was signed; no fault, a report is owed."""
        at, month = self.firms["jinhua"], f"{YEAR}-07"
        problem = Problem("打磨房", "除尘风机轴承异响，停机后未挂牌", "更换轴承并挂牌", "设备设施")
        found = when("07-29 10:20")
        self.scribe.at(when("07-26 09:30"), partial(self.year.reports.file, at, month))
        self.scribe.at(when("07-29 11:00"), partial(self.year.hazards.find, at, problem, found))
        self.scribe.at(when("07-31 09:10"), partial(self.year.reports.file, at, month))

    def _waiver(self) -> None:
        """虹彩涂料 stood still in February; its regulator waived the month's report."""
        at, office = self.firms["hongcai"], self.offices["bureau"]
        month = f"{YEAR}-02"

        def waive() -> None:
            fact = DutyWaived(
                enterprise=at.id,
                clause="3.2a",
                subject=f"report:{report_id(at.id, month)}",
                by_org=office.id,
                reason=self.scribe.words("企业春节后整体停产检修，2月全月未生产，书面申请", at.id),
            )
            self.scribe.write(office.posts["section"], (ident("waiver hongcai"), fact))

        self.scribe.at(when("02-22 10:00"), waive)

    def _setting(self) -> None:
        """The county shortens a period: duties that open from then on are judged by it."""
        fact = SettingChanged(
            key="3.2d.apply",
            value="3 days",
            since=day("07-01"),
            source=f"沂川安委发〔{YEAR}〕9号",
        )
        post = self.offices["county"].posts["deputy"]
        self.scribe.at(when("06-24 16:00"), lambda: self.scribe.write(post, (SETTINGS, fact)))

    def _correction(self) -> None:
        """寒域冷链 entered a wrong day and put it right: the first entry stays visible."""
        at = self.firms["hanyu"]
        problem = Problem("穿堂", "防火门闭门器损坏1处", "更换闭门器", "消防安全", spot=True)
        wrong, right = when("05-04 10:00"), when("05-14 10:00")

        def find() -> None:
            known = self.year.hazards.find(at, problem, wrong)
            self.scribe.at(when("05-15 09:00"), partial(correct, known.id))

        def correct(hazard: UUID) -> None:
            entry = self.scribe.session.entries(hazard)[0]
            fact = FactCorrected(
                positions=(entry.position,),
                about=(at.id,),
                reason=self.scribe.words("发现日期录入有误，应为5月14日", at.id),
                replacement=Replacement(happened=right, fact=entry.fact),
            )
            self.scribe.write(at.posts["safety"], (ident("correction hanyu"), fact))

        self.scribe.at(when("05-14 14:00"), find)

    # a halt that is nobody's major hazard

    def _kitchen_halted(self) -> None:
        """渔家湾酒楼 is closed over its gas alarm, and opened again by whoever closed it."""
        at, office = self.firms["yujia"], self.offices["market"]
        halt = ident("halt yujia")
        post = office.posts["officer"]
        ordered = HaltOrdered(
            enterprise=at.id,
            by_org=office.id,
            ground=HaltGround.OTHER,
            scope=self.scribe.words("厨房燃气使用区域", at.id),
            number=f"沂川市监停〔{YEAR}〕3号",
        )
        lifted = HaltLifted(enterprise=at.id, by_org=office.id)
        self.scribe.at(when("04-17 11:30"), lambda: self.scribe.write(post, (halt, ordered)))
        self.scribe.at(when("04-26 15:30"), lambda: self.scribe.write(post, (halt, lifted)))


def _enters(role: str) -> str:
    """Return the role of whoever enters a change in another post."""
    return "deputy" if role == "principal" else "principal"

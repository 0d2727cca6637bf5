"""What recurs: checks by day and week, answers to reports, the quarters of the departments."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, clock, workday
from api.demo.cast import Character
from api.demo.scribe import ident
from api.demo.story import PLANT
from domain.campaign import CampaignFinished, CampaignOpened
from domain.check import CheckMade
from domain.moment import first_day, last_day, span_of, spans_between
from domain.monthly_report import ReportAnswered, ReportFiled, report_id
from domain.quarter import Figures, QuarterAssessed, quarter_id
from domain.record import facts_of

if TYPE_CHECKING:
    from uuid import UUID

    from api.demo.county import County, Enterprise, Known, Office

_SLACK = {Character.TARDY: 0.02, Character.CARELESS: 0.2}
"""How often an enterprise leaves a check out; the others never do."""
_GATHERED, _DANGEROUS = 2, 3
"""Hazards an enterprise above which a field is told apart, and major ones from which on."""


class Rhythm:
    """Puts on the agenda what recurs, for everybody.

    It draws from chances of its own, so that the rest of the year stays as it is told.
    """

    def __init__(self, county: County) -> None:
        self.county = county
        self.scribe = county.scribe

    def plan(self) -> None:
        """Put the whole year on the agenda."""
        for at in self.county.firms.values():
            self._checks(at, Random(f"checks {at.firm.key}"))  # noqa: S311 - a story
            self._answers(at, Random(f"answers {at.firm.key}"))  # noqa: S311 - a story
        for office in self.county.offices.values():
            if any(at.regulator is office for at in self.county.firms.values()):
                self._quarters(office, Random(f"quarters {office.body.key}"))  # noqa: S311

    # checks

    def _checks(self, at: Enterprise, chance: Random) -> None:
        slack = _SLACK.get(at.firm.character, 0)
        days = (at.closes - at.opens).days + 1 if self._writes_daily(at) else 0
        for on in (at.opens + timedelta(days=n) for n in range(days)):
            self._check(at, "workshop", on, chance.uniform(7.5, 8.5))
        for week in spans_between(at.opens, at.closes, "week"):
            on = workday(max(first_day(week), at.opens))
            inside = on <= min(last_day(week), at.closes)
            on = on if inside else max(first_day(week), at.opens)  # a week of holidays
            if chance.random() >= slack:
                self._check(at, "safety", on, chance.uniform(14, 16))

    @staticmethod
    def _writes_daily(at: Enterprise) -> bool:
        """Only the diligent write down what their workshops check every day; and the plant."""
        return at.firm.key == PLANT or at.firm.character is Character.DILIGENT

    def _check(self, at: Enterprise, role: str, on: date, hour: float) -> None:
        record = ident(f"check {at.firm.key} {role} {on}")
        self.scribe.at(clock(on, hour), lambda: self._write(at, role, record))

    def _write(self, at: Enterprise, role: str, record: UUID) -> None:
        post = at.posts.get(role)
        if post in self.scribe.holders:
            self.scribe.write(post, (record, CheckMade(enterprise=at.id, post=post)))

    # answers

    def _answers(self, at: Enterprise, chance: Random) -> None:
        """The department looks through the reports twice a month."""
        for month in spans_between(at.opens, at.closes, "month"):
            after = last_day(month) + timedelta(days=1)
            for days in (chance.randint(11, 19), chance.randint(33, 38)):
                on = workday(after + timedelta(days=days))
                forgets = chance.random() > self._prompt(at)
                if not forgets or at.firm.character is Character.DILIGENT:
                    answer = partial(self._answer, at, month)
                    self.scribe.at(clock(on, chance.uniform(9, 11.5)), answer)

    @staticmethod
    def _prompt(at: Enterprise) -> float:
        overseer = at.overseer()
        return overseer.body.prompt if overseer else 0

    def _answer(self, at: Enterprise, month: str) -> None:
        office = at.overseer()
        record = report_id(at.id, month)
        entries = self.scribe.session.entries(record)
        filed = [fact for _, fact in facts_of(entries, ReportFiled) if fact.hazards or fact.older]
        if office is None or not filed or any(facts_of(entries, ReportAnswered)):
            return
        fact = ReportAnswered(
            enterprise=at.id,
            month=month,
            by_org=office.id,
            answer=self.scribe.words("已核对所列隐患的整改情况，继续跟踪未销号的", at.id),
        )
        officer = at.officer if office is at.regulator else "officer"
        self.scribe.write(office.posts[officer], (record, fact))

    # quarters

    def _quarters(self, office: Office, chance: Random) -> None:
        for quarter in spans_between(date(YEAR, 1, 1), date(YEAR, 9, 30), "quarter"):
            late = chance.random() > office.body.prompt
            days = chance.randint(20, 40) if late else chance.randint(5, 10)
            on = workday(last_day(quarter) + timedelta(days=days))
            self.scribe.at(clock(on, 15), partial(self._assess, office, quarter))

    def _assess(self, office: Office, quarter: str) -> None:
        figures = self._figures(office, quarter)
        fact = QuarterAssessed(
            body=office.id,
            quarter=quarter,
            upto=self.scribe.session.position,
            figures=figures,
            summary=self.scribe.words("本季度自查自纠情况汇总分析", office.id),
        )
        head = office.posts["principal"]
        self.scribe.write(head, (quarter_id(office.id, quarter), fact))
        for each in figures:
            gathered = each.found_hazards > _GATHERED * each.charge
            if gathered or each.major_hazards >= _DANGEROUS:
                self._campaign(office, head, quarter, each)

    def _figures(self, office: Office, quarter: str) -> tuple[Figures, ...]:
        """Count what the record holds of the department's charge, by area and industry."""
        fields: dict[tuple[str, str], list[Enterprise]] = defaultdict(list)
        for at in self.county.firms.values():
            if at.regulator is office and at.opens <= last_day(quarter):
                fields[at.firm.area, at.firm.industry[:2]].append(at)
        return tuple(
            _field(area, industry, firms, quarter)
            for (area, industry), firms in sorted(fields.items())
        )

    def _campaign(self, office: Office, head: UUID, quarter: str, field: Figures) -> None:
        record = ident(f"campaign {office.body.key} {quarter} {field.key}")
        until = last_day(quarter) + timedelta(days=80)
        opened = CampaignOpened(
            body=office.id,
            area=field.area,
            industry=field.industry,
            quarter=quarter,
            until=until,
            scope=self.scribe.words("本领域全部企业", office.id),
        )
        finished = CampaignFinished(
            body=office.id,
            inspected=field.charge,
            found_hazards=field.found_hazards,
            rectified_hazards=field.closed_hazards,
            result=self.scribe.words("已逐户检查，未整改的另案处理", office.id),
        )
        ends = clock(until - timedelta(days=3), 16)
        begins = clock(workday(self.scribe.today + timedelta(days=9)), 10)
        self.scribe.at(begins, lambda: self.scribe.write(head, (record, opened)))
        self.scribe.at(ends, lambda: self.scribe.write(head, (record, finished)))


def _field(area: str, industry: str, firms: list[Enterprise], quarter: str) -> Figures:
    found = [known for at in firms for known in at.hazards if _quarter_of(known) == quarter]
    return Figures(
        area=area,
        industry=industry,
        charge=len(firms),
        found_hazards=len(found),
        major_hazards=sum(known.major for known in found),
        closed_hazards=sum(not known.open for known in found),
    )


def _quarter_of(known: Known) -> str:
    return span_of(first_day(known.month), "quarter")

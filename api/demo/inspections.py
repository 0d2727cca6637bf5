"""The departments' year: plans, inspections, orders and rechecks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, clock, workday, workday_before
from api.demo.scribe import ident
from api.demo.words import NO_EXPERT, Problem, problems
from domain.hazard import Finder, HazardClosed, HazardFound
from domain.inspection import (
    Disposition,
    FindingDisposed,
    FindingRecorded,
    InspectionFileClosed,
    InspectionHeld,
    InspectionKind,
    InspectionPlanned,
    InspectionScheduled,
    Officer,
    RecordSigned,
    plan_id,
)
from domain.moment import end
from domain.order import (
    Manner,
    OrderComplied,
    OrderExtended,
    OrderIssued,
    OrderItem,
    OrderRechecked,
    OrderServed,
    RecheckedItem,
    ServiceRefused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.demo.cases import Cases
    from api.demo.county import Enterprise, Known, Office
    from api.demo.hazards import Hazards
    from domain.fact import Fact

_EXTENDED = 0.08
"""How often an order's deadline is extended."""
_LAST_DAY = 24
"""Inspections are held up to this day of a month; the month's reports follow."""


class Inspections:
    """How a department plans, inspects, orders and rechecks."""

    def __init__(self, hazards: Hazards, cases: Cases) -> None:
        self.scribe = hazards.scribe
        self.hazards = hazards
        self.cases = cases

    def adopt_plan(self, office: Office) -> None:
        """Adopt the yearly plan of a department."""
        words = self.scribe.words
        fact = InspectionPlanned(
            department=office.id,
            year=YEAR,
            scope=words("监管名录内全部企业，高危企业全覆盖", office.id),
            method=words("随机抽查与重点检查相结合", office.id),
            frequency=words("高危企业每季度一次，其他企业每年不少于二次", office.id),
            random_draw=words("双随机：检查对象和检查人员由系统抽取", office.id),
        )
        self.scribe.write(office.posts["deputy"], (plan_id(office.id, YEAR), fact))

    def schedule(self, at: Enterprise, office: Office, officer: str, planned: date) -> None:
        """Put an enterprise on the plan, and the inspection on the agenda."""
        inspection = ident(f"inspection {at.firm.key} {office.body.key} {planned}")
        fact = InspectionScheduled(
            enterprise=at.id, department=office.id, planned=planned, post=office.posts[officer]
        )
        self.scribe.write(office.posts["section"], (inspection, fact))
        held = self._held_on(office, planned)
        if held:
            visit = Visit(self, inspection, at, office, officer)
            begun = clock(held, office.random.uniform(9, 15.3))
            self.scribe.at(begun + timedelta(hours=2.5), lambda: visit.hold(begun))

    def _held_on(self, office: Office, planned: date) -> date | None:
        """Return the day of an inspection: by the planned one, some weeks after it, or never."""
        chance = office.random
        if office.prompt():
            day = workday_before(planned - timedelta(days=chance.randint(0, 6)))
            return max(day, workday(self.scribe.today))
        if chance.random() < 0.4:  # noqa: PLR2004 - two in five of those not in time
            return None
        day = workday(planned + timedelta(days=chance.randint(5, 32)))
        return workday_before(day.replace(day=min(day.day, _LAST_DAY)))


class Visit:
    """One inspection and what follows from it."""

    def __init__(
        self, year: Inspections, inspection: UUID, at: Enterprise, office: Office, officer: str
    ) -> None:
        self.year = year
        self.scribe = year.scribe
        self.inspection = inspection
        self.at = at
        self.office = office
        self.officer = officer

    def hold(self, begun: datetime, found: Sequence[Problem] | None = None) -> None:
        """Enter the inspection with its findings, and serve an order where one is needed."""
        if self.at.closes < self.scribe.today:
            return
        if self.at.regulator and self.office not in (self.at.regulator, self.at.zone):
            self.office, self.officer = self.at.regulator, self.at.officer  # since transferred
        if found is None:
            chance = self.office.random
            number = chance.choices((0, 1, 2, 3), (15, 35, 35, 15))[0]
            found = chance.sample(problems(self.at.firm.trade), number)
        items = [(item, problem, self._known(begun)) for item, problem in enumerate(found, 1)]
        facts: list[tuple[UUID, Fact]] = [(self.inspection, self._held())]
        for item, problem, known in items:
            facts += self._finding(item, problem, known)
        self.scribe.write(self.office.posts[self.officer], *facts, happened=begun)
        ordered = [each for each in items if not each[1].spot]
        order = self._order(ordered) if ordered else None
        self._close(ordered, order)

    def _known(self, found: datetime) -> Known:
        return self.year.hazards.new(self.at, found)

    def _held(self) -> InspectionHeld:
        scribe, posts = self.scribe, self.office.posts
        roles = dict.fromkeys((self.officer, "second"))
        return InspectionHeld(
            enterprise=self.at.id,
            by_org=self.office.id,
            kind=InspectionKind.ROUTINE,
            officers=tuple(
                Officer(
                    person=scribe.holders[posts[role]],
                    post=posts[role],
                    certificate=f"YC-{self.office.body.key.upper()}-{role.upper()}",
                )
                for role in roles
            ),
            place=scribe.words("生产作业现场及安全管理台账", self.at.id),
            until=scribe.now,
            attended_by=(scribe.holders[self.at.posts["safety"]],),
        )

    def _finding(self, item: int, problem: Problem, known: Known) -> list[tuple[UUID, Fact]]:
        words = self.scribe.words
        hazard = HazardFound(
            enterprise=self.at.id,
            number=known.number,
            description=words(problem.text, self.at.id),
            place=words(problem.place, self.at.id),
            category=problem.category,
            found_by=Finder.DEPARTMENT,
            finder_org=self.office.id,
            inspection=self.inspection,
            fixed_on_spot=problem.spot,
        )
        finding = FindingRecorded(
            enterprise=self.at.id,
            item=item,
            text=words(f"{problem.place}：{problem.text}", self.at.id),
            hazard=known.id,
        )
        facts: list[tuple[UUID, Fact]] = [(known.id, hazard), (self.inspection, finding)]
        if problem.spot:
            known.stage = "closed"
            facts.append((self.inspection, self._disposed(item, Disposition.ON_SPOT)))
        return facts

    def _disposed(
        self, item: int, how: Disposition, reference: UUID | None = None
    ) -> FindingDisposed:
        return FindingDisposed(
            enterprise=self.at.id, item=item, disposition=how, reference=reference
        )

    def _order(self, ordered: list[tuple[int, Problem, Known]]) -> UUID:
        number = self.scribe.document(f"沂川{_short(self.office)}责改")
        order = ident(f"order {number}")
        limit = self.scribe.today + timedelta(days=self.office.random.choice((7, 10, 15)))
        items = tuple(
            OrderItem(
                item=count,
                text=self.scribe.words(f"{problem.place}：{problem.text}", self.at.id),
                hazard=known.id,
                deadline=limit,
            )
            for count, (_, problem, known) in enumerate(ordered, 1)
        )
        issued = OrderIssued(
            enterprise=self.at.id,
            by_org=self.office.id,
            number=number,
            items=items,
            officers=tuple(
                self.scribe.holders[self.office.posts[role]]
                for role in dict.fromkeys((self.officer, "second"))
            ),
            inspection=self.inspection,
        )
        self.scribe.write(self.office.posts[self.officer], (order, issued))
        following = Ordered(self, order, ordered, limit)
        served = self.scribe.now + timedelta(minutes=self.office.random.randint(10, 40))
        self.scribe.at(served, following.serve)
        return order

    def _close(self, ordered: list[tuple[int, Problem, Known]], order: UUID | None) -> None:
        """Dispose of the remaining findings, have the record signed and close the file."""
        facts: list[tuple[UUID, Fact]] = [
            (self.inspection, self._disposed(item, Disposition.ORDER, order))
            for item, _, _ in ordered
        ]
        signer = self.scribe.holders[self.at.posts["safety"]]
        why = self.scribe.words(NO_EXPERT, self.at.id)
        facts += [
            (self.inspection, RecordSigned(enterprise=self.at.id, person=signer)),
            (self.inspection, InspectionFileClosed(enterprise=self.at.id, no_expert_reason=why)),
        ]
        self.scribe.write(self.office.posts[self.officer], *facts)


class Ordered:
    """An order from its service to the recheck that it passes."""

    def __init__(
        self,
        visit: Visit,
        order: UUID,
        items: list[tuple[int, Problem, Known]],
        limit: date,
    ) -> None:
        self.visit = visit
        self.scribe = visit.scribe
        self.at = visit.at
        self.office = visit.office
        self.order = order
        self.items = {count: (problem, known) for count, (_, problem, known) in enumerate(items, 1)}
        self.limit = limit
        self.passed: set[int] = set()
        self.accepted: set[int] = set()

    @property
    def officer(self) -> UUID:
        """The post of whoever inspected."""
        return self.office.posts[self.visit.officer]

    def serve(self) -> None:
        """Serve the order, or leave it where it is refused; the work begins from here."""
        if self.at.firm.key == "dongyao" and self.scribe.number("refusal") == 1:
            self._refuse()
        else:
            post = self.at.posts[self.at.random.choice(("principal", "deputy", "safety"))]
            served = OrderServed(
                enterprise=self.at.id,
                to_post=post,
                to_person=self.scribe.holders.get(post),
                manner=Manner.DIRECT,
            )
            self.scribe.write(self.officer, (self.order, served))
        if self.at.random.random() < _EXTENDED:
            eve = workday_before(self.limit - timedelta(days=1))
            self.scribe.at(clock(eve, 15), partial(self._extend, self.limit))
            self.limit += timedelta(days=7)
        for count, (problem, known) in self.items.items():
            self.visit.year.hazards.rectify(
                self.at, known, problem, self.limit, partial(self.comply, count)
            )
        self.scribe.at(self._recheck_at(), self.recheck)

    def _extend(self, first: date) -> None:
        """Give a week more, before the deadline passes, by whoever set it."""
        reason = self.scribe.words("备件采购周期长，企业已落实防范措施并书面申请延期", self.at.id)
        facts = [
            (
                self.order,
                OrderExtended(
                    enterprise=self.at.id,
                    by_org=self.office.id,
                    item=count,
                    deadline=first + timedelta(days=7),
                    reason=reason,
                ),
            )
            for count in self.items
        ]
        self.scribe.write(self.officer, *facts)

    def _refuse(self) -> None:
        refused = ServiceRefused(
            enterprise=self.at.id,
            by_person=self.scribe.holders[self.at.posts["principal"]],
            witness=self.scribe.words("东皋镇安监站工作人员在场见证，留置送达并拍照", self.at.id),
        )
        self.scribe.write(self.officer, (self.order, refused))

    def _recheck_at(self) -> datetime:
        chance = self.office.random
        days = chance.randint(1, 8) if self.office.prompt() else chance.randint(14, 40)
        return clock(workday_before(self.limit + timedelta(days=days)), chance.uniform(9, 16.5))

    def comply(self, count: int) -> None:
        """The enterprise reports an item done; one rechecked before is struck off now."""
        self.accepted.add(count)
        complied = OrderComplied(enterprise=self.at.id, items=(count,))
        self.scribe.write(self.at.posts["safety"], (self.order, complied))

    def recheck(self) -> None:
        """Recheck what has not passed; strike off what has; come again for the rest."""
        left = [count for count in self.items if count not in self.passed]
        checked = tuple(RecheckedItem(item=count, passed=count in self.accepted) for count in left)
        number = self.scribe.document(f"沂川{_short(self.office)}复查")
        rechecked = OrderRechecked(
            enterprise=self.at.id,
            by_org=self.office.id,
            number=number,
            items=checked,
            officers=(self.scribe.holders[self.officer],),
        )
        facts: list[tuple[UUID, Fact]] = [(self.order, rechecked)]
        for count in self.accepted - self.passed:
            known = self.items[count][1]
            known.stage = "closed"
            closed = HazardClosed(enterprise=self.at.id, by_org=self.office.id)
            facts.append((known.id, closed))
        self.scribe.write(self.officer, *facts)
        self.passed |= self.accepted
        failed = [self.items[count][1] for count in left if count not in self.accepted]
        if failed:
            again = workday(self.scribe.today + timedelta(days=self.office.random.randint(8, 16)))
            self.scribe.at(clock(again, 10.5), self.recheck)
            if self.office.prompt() and end(self.limit) < self.scribe.now:
                self.visit.year.cases.open(
                    self.at, self.office, self.visit.officer, "拒不执行监管监察指令", failed
                )


def _short(office: Office) -> str:
    """Return how a body calls itself in the numbers of its documents."""
    shorts = {
        "bureau": "应急",
        "industry": "工信",
        "housing": "住建",
        "transport": "交通",
        "market": "市监",
        "commerce": "商务",
        "fire": "消防",
        "zone": "开发区",
    }
    return shorts[office.body.key]

"""One major hazard of the demo year: every step that can be taken about it, to be put in order."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from api.demo.calendar import when
from api.demo.county import Known
from api.demo.scribe import ident
from domain.halt import HaltGround, HaltLifted, HaltOrdered
from domain.hazard import (
    AcceptanceApplied,
    Determiner,
    Finder,
    HazardAccepted,
    HazardClosed,
    HazardDetermined,
    HazardDisclosed,
    HazardFound,
    HazardLevel,
    HazardPlanned,
    HazardRectified,
    HazardReported,
    HazardSafeguarded,
    RectificationStarted,
    ReportKind,
)
from domain.listing import (
    Delisted,
    DelistingApplied,
    FirstAcceptance,
    ListingChecked,
    ListingDeclined,
    ListingMade,
    ListingPlanMade,
    ListingProposed,
    ListingServed,
    SecondAcceptance,
)
from domain.signable import signable

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from api.demo.county import County, Enterprise, Office
    from api.demo.hazards import Hazards
    from domain.fact import Fact, Sealed

_FUNCTIONS = ("安全", "生产", "工程设备", "技术")


class Major:
    """A major hazard at an enterprise, and the words in which it is written down.

    Args:
        county: who there is.
        hazards: gives it its number.
        at: where.
        place, text: what it is.
        measures: how it is rectified.
        deadline: the day by which the enterprise plans to have done so.
    """

    def __init__(
        self,
        county: County,
        hazards: Hazards,
        at: Enterprise,
        place: str,
        text: str,
        measures: str,
        deadline: date,
    ) -> None:
        self.county = county
        self.scribe = county.scribe
        self.hazards = hazards
        self.at = at
        self.place = place
        self.text = text
        self.measures = measures
        self.deadline = deadline
        self.known: Known | None = None

    # telling

    def on(self, moment: str, *steps: Callable[[], object]) -> None:
        """Put steps on the agenda of a minute such as ``04-09 10:20``, one command each."""
        for step in steps:
            self.scribe.at(when(moment), step)

    @property
    def id(self) -> UUID:
        """The hazard's record."""
        assert self.known is not None  # noqa: S101 - found before anything else
        return self.known.id

    def _record(self, name: str) -> UUID:
        return ident(f"{name} {self.at.firm.key} {self.text}")

    @property
    def listing(self) -> UUID:
        """The record of its listing."""
        return self._record("listing")

    @property
    def halt(self) -> UUID:
        """The record of the halt for it."""
        return self._record("halt")

    @property
    def regulator(self) -> Office:
        """The regulator of the enterprise."""
        assert self.at.regulator is not None  # noqa: S101 - major hazards are told of those with one
        return self.at.regulator

    @property
    def officer(self) -> UUID:
        """The post of whoever is named for the enterprise there."""
        return self.regulator.posts[self.at.officer]

    def words(self, text: str) -> Sealed:
        """Seal words under the enterprise's key."""
        return self.scribe.words(text, self.at.id)

    def enter(self, role: str, fact: Fact, happened: datetime | None = None) -> None:
        """Enter a fact about the hazard in a post of the enterprise."""
        self.scribe.write(self.at.posts[role], (self.id, fact), happened=happened)

    # the enterprise

    def found(
        self,
        found: str,
        *,
        by: Finder = Finder.ENTERPRISE,
        role: str = "safety",
    ) -> None:
        """The hazard is found at ``found`` and entered now by the enterprise."""
        moment = when(found)
        self.known = self.hazards.new(self.at, moment, major=True)
        fact = HazardFound(
            enterprise=self.at.id,
            number=self.known.number,
            description=self.words(self.text),
            place=self.words(self.place),
            category="重大事故隐患",
            found_by=by,
            finder_org=self.at.id,
            finder=self.scribe.holders[self.at.posts[role]],
            suspected_major=True,
            endangers_production=True,
        )
        self.enter(role, fact, moment)

    def report(self, kind: ReportKind = ReportKind.MAJOR, role: str = "principal") -> None:
        """Report it to the regulator: at once, or specially."""
        words = {
            ReportKind.MAJOR: f"{self.place}：{self.text}。已采取临时措施。",
            ReportKind.SPECIAL: f"现状及成因：{self.text}；危害程度和整改难易分析；"
            f"整改方案：{self.measures}，限{self.deadline}完成。",
        }
        fact = HazardReported(
            enterprise=self.at.id,
            kind=kind,
            to_org=self.regulator.id,
            content=self.words(words[kind]),
        )
        self.enter(role, fact)

    def report_specially(self) -> None:
        """Submit the special report (3.1e)."""
        self.report(ReportKind.SPECIAL)

    def determine(self) -> None:
        """The principal convenes the determination (3.1d)."""
        fact = HazardDetermined(
            enterprise=self.at.id,
            level=HazardLevel.MAJOR,
            by=Determiner.ENTERPRISE,
            determiner_org=self.at.id,
            functions=_FUNCTIONS,
        )
        self.scribe.write(self.at.posts["principal"], (self.id, fact), signed=True)

    def safeguard(self, measures: str = "停用相关设备，撤出作业人员，设警戒并专人值守") -> None:
        """Take safeguards (3.1f)."""
        fact = HazardSafeguarded(enterprise=self.at.id, measures=self.words(measures))
        self.enter("safety", fact)

    def plan(self) -> None:
        """Make the plan with all five (1.3e)."""
        fact = HazardPlanned(
            enterprise=self.at.id,
            measures=self.words(self.measures),
            responsible=self.at.posts["deputy"],
            deadline=self.deadline,
            funding=self.words("安全生产费用专项列支"),
            emergency_plan=self.words("现场处置方案已修订，治理期间每班演练一次"),
        )
        self.enter("safety", fact)
        if self.known:
            self.known.stage = "planned"

    def disclose(self) -> None:
        """Make it public (3.1g)."""
        fact = HazardDisclosed(
            enterprise=self.at.id,
            where=self.words("厂区门口公示牌、职工大会"),
            until=self.deadline,
            employees_meeting=True,
        )
        self.enter("safety", fact)

    def start(self) -> None:
        """Begin the rectification."""
        fact = RectificationStarted(enterprise=self.at.id, organiser=self.at.posts["deputy"])
        self.enter("workshop", fact)
        if self.known:
            self.known.stage = "started"

    def rectify(self) -> None:
        """Finish the rectification."""
        fact = HazardRectified(
            enterprise=self.at.id, result=self.words(self.measures), cost=180_000_00
        )
        self.enter("workshop", fact)
        if self.known:
            self.known.stage = "rectified"

    def apply(self) -> None:
        """Apply to the regulator for acceptance (3.2d)."""
        fact = AcceptanceApplied(enterprise=self.at.id, to_org=self.regulator.id)
        self.enter("deputy", fact)

    # the regulator

    def halt_production(self, scope: str) -> None:
        """Order a halt for it."""
        fact = HaltOrdered(
            enterprise=self.at.id,
            by_org=self.regulator.id,
            ground=HaltGround.MAJOR_HAZARD,
            hazards=(self.id,),
            scope=self.words(scope),
            number=self.scribe.document(f"{self.regulator.name}停产"),
        )
        self.scribe.write(self.officer, (self.halt, fact))

    def lift(self) -> None:
        """Lift the halt, after acceptance (3.2e)."""
        fact = HaltLifted(enterprise=self.at.id, by_org=self.regulator.id)
        self.scribe.write(self.officer, (self.halt, fact))

    def accept(self) -> None:
        """The regulator accepts it."""
        fact = HazardAccepted(
            enterprise=self.at.id,
            by_org=self.regulator.id,
            passed=True,
            officers=(self.officer,),
            remarks=self.words("现场核查整改措施落实，同意通过验收"),
        )
        self.scribe.write(self.officer, (self.id, fact), signed=True)

    def close(self) -> None:
        """The regulator strikes it off."""
        fact = HazardClosed(enterprise=self.at.id, by_org=self.regulator.id)
        self.scribe.write(self.officer, (self.id, fact), signed=True)
        if self.known:
            self.known.stage = "closed"

    # listing

    def _list(self, office: str, role: str, fact: Fact, happened: datetime | None = None) -> None:
        post = self.county.offices[office].posts[role]
        signed = signable(fact) is not None
        self.scribe.write(post, (self.listing, fact), happened=happened, signed=signed)

    def propose(self) -> None:
        """The regulator proposes its listing (3.3a)."""
        fact = ListingProposed(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=self.regulator.id,
            to_org=self.county.offices["office"].id,
        )
        self.scribe.write(self.officer, (self.listing, fact))

    def list(self, deadline: date) -> None:
        """The city's office lists it: the county responsible, the city's bureau supervising."""
        offices = self.county.offices
        fact = ListingMade(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=offices["office"].id,
            number=self.scribe.document("沂州安督"),
            responsible_body=offices["county"].id,
            supervising_unit=offices["city_bureau"].id,
            deadline=deadline,
        )
        self._list("office", "deputy", fact)

    def decline(self, reason: str) -> None:
        """The city's office declines to list it (3.3g)."""
        fact = ListingDeclined(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=self.county.offices["office"].id,
            reason=self.words(reason),
        )
        self._list("office", "deputy", fact)

    def serve_listing(self) -> None:
        """The notice reaches the enterprise's principal."""
        fact = ListingServed(
            enterprise=self.at.id,
            hazard=self.id,
            to_org=self.at.id,
            to_person=self.scribe.holders[self.at.posts["principal"]],
        )
        self._list("office", "section", fact)

    def plan_listed(self) -> None:
        """The county, which is responsible, makes its plan (3.3b)."""
        fact = ListingPlanMade(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=self.county.offices["county"].id,
            plan=self.words(f"由县应急管理局包保，{self.measures}，每周调度"),
        )
        self._list("county", "deputy", fact)

    def check_listed(self, result: str) -> None:
        """The supervising unit looks after it (3.3d)."""
        fact = ListingChecked(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=self.county.offices["city_bureau"].id,
            result=self.words(result),
        )
        self._list("city_bureau", "deputy", fact)

    def accept_first(self) -> None:
        """The county accepts it (3.3e)."""
        fact = FirstAcceptance(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=self.county.offices["county"].id,
            passed=True,
            remarks=self.words("县政府组织专家验收合格"),
        )
        self._list("county", "deputy", fact)

    def apply_delisting(self) -> None:
        """The county applies for delisting (3.3e)."""
        offices = self.county.offices
        fact = DelistingApplied(enterprise=self.at.id, hazard=self.id, by_org=offices["county"].id)
        self._list("county", "deputy", fact)

    def accept_second(self) -> None:
        """The supervising unit accepts it (3.3f)."""
        fact = SecondAcceptance(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=self.county.offices["city_bureau"].id,
            passed=True,
            remarks=self.words("现场复核，同意通过验收"),
        )
        self._list("city_bureau", "deputy", fact)

    def delist(self) -> None:
        """It is struck off after both acceptances (3.3f)."""
        fact = Delisted(
            enterprise=self.at.id,
            hazard=self.id,
            by_org=self.county.offices["city_bureau"].id,
        )
        self._list("city_bureau", "deputy", fact)
        if self.known:
            self.known.stage = "closed"

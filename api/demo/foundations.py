"""What an enterprise stands on: assessed people, plans, drills, the grant to order people out."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from api.demo.calendar import YEAR, clock, workday
from api.demo.cast import Character
from api.demo.scribe import ident
from domain.emergency import DrillHeld, PlanFiled, PlanKind
from domain.evacuation import Commander, GrantIssued
from domain.training import TrainingChecked

if TYPE_CHECKING:
    from api.demo.county import County, Enterprise, Office

_DRILLS = (date(YEAR, 6, 14), date(YEAR, 11, 8))
"""When enterprises drill; bodies do on the second of these days."""
_CHECKED = date(YEAR, 10, 18)
"""When regulators look at the training of their charge."""


class Foundations:
    """Puts on the agenda what section four asks of everybody; the careless leave most of it out."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.scribe = county.scribe

    def plan(self) -> None:
        """Put the whole year on the agenda."""
        for at in self.county.firms.values():
            self.scribe.at(clock(at.opens, 10), partial(self._begin, at))
            for on in _DRILLS:
                if at.opens < on < at.closes and at.firm.character is not Character.CARELESS:
                    self.scribe.at(clock(workday(on), 15), partial(self._drill, at))
        for office in self.county.offices.values():
            self._plan_office(office)

    def _plan_office(self, office: Office) -> None:
        charge = [at for at in self.county.firms.values() if office in (at.regulator, at.zone)]
        if "deputy" in office.posts:
            drill = partial(self._drill_of_body, office)
            self.scribe.at(clock(workday(_DRILLS[1]), 9), drill)
        if charge:
            check = partial(self._check_training, office, charge)
            self.scribe.at(clock(workday(_CHECKED), 16), check)

    def _begin(self, at: Enterprise) -> None:
        """Enter who is assessed, file the plan and grant the power to evacuate."""
        for role in ("principal", "safety"):
            person = self.scribe.holders[at.posts[role]]
            lapses = at.firm.character is Character.CARELESS and role == "safety"
            self.county.prove(person, date(YEAR, 6, 30) if lapses else None)
        if at.firm.character is Character.CARELESS:
            return
        body = at.overseer()
        filed = PlanFiled(
            organisation=at.id,
            kind=PlanKind.COMPREHENSIVE,
            name=f"{at.name}生产安全事故综合应急预案",
            to_org=body.id if body else None,
        )
        granted = GrantIssued(
            enterprise=at.id,
            posts=tuple(Commander),
            document=self.scribe.document(f"{at.name}安"),
        )
        post = at.posts["principal"]
        self.scribe.write(post, (ident(f"plan {at.firm.key}"), filed))
        self.scribe.write(post, (ident(f"grant {at.firm.key}"), granted))

    def _drill(self, at: Enterprise) -> None:
        fact = DrillHeld(
            organisation=at.id,
            kind=PlanKind.COMPREHENSIVE,
            plans=(ident(f"plan {at.firm.key}"),),
            participants=at.firm.employees,
        )
        post = at.posts["deputy"]
        self.scribe.write(post, (ident(f"drill {at.firm.key} {self.scribe.today}"), fact))

    def _drill_of_body(self, office: Office) -> None:
        fact = DrillHeld(organisation=office.id, kind=PlanKind.COMPREHENSIVE)
        post = office.posts["deputy"]
        self.scribe.write(post, (ident(f"drill {office.body.key}"), fact))

    def _check_training(self, office: Office, charge: list[Enterprise]) -> None:
        listed = [at for at in charge if at.opens <= self.scribe.today - timedelta(days=1)]
        fact = TrainingChecked(body=office.id, year=YEAR, enterprises=tuple(at.id for at in listed))
        post = office.posts["deputy"]
        self.scribe.write(post, (ident(f"training check {office.body.key}"), fact))

"""Construction projects 建设项目 and the three simultaneities 三同时 (4.1a).

安全生产法 art. 31: safety facilities are designed, built and put to use together with the project.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import Field

from domain.fact import EnterpriseFact, FreeText, OrgRef, Tag
from domain.moment import no_later
from domain.record import Record, facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from domain.fact import Entry

ProjectId = Annotated[UUID, Tag("project")]


class ProjectKind(StrEnum):
    """What is being done 建设性质."""

    NEW = "new"
    REBUILT = "rebuilt"
    EXTENDED = "extended"


class ProjectAct(StrEnum):
    """The two acts that ask for it: beginning to build 开工 and beginning to produce 投产."""

    BUILD = "build"
    PRODUCE = "produce"


class ProjectRegistered(
    EnterpriseFact,
    topic="project.registered",
    zh="登记建设项目",
    en="Project registered",
    starts=True,
):
    """An enterprise is to build, rebuild or extend something."""

    name: str = Field(min_length=1, max_length=200, examples=["二期硝化装置"])
    kind: ProjectKind = ProjectKind.NEW
    place: FreeText | None = None


class _Review(EnterpriseFact):
    by_org: OrgRef
    passed: bool
    number: str | None = Field(default=None, max_length=64)
    remarks: FreeText | None = None


class DesignReviewed(
    _Review,
    topic="project.design_reviewed",
    zh="审查安全设施设计",
    en="Design of safety facilities reviewed",
    of_record=True,
):
    """The design passed or failed; asked for before building. Another review replaces it."""


class ConstructionBegun(
    EnterpriseFact, topic="project.construction_begun", zh="项目开工", en="Construction begun"
):
    """Building began; always recordable, however unlawful."""


class FacilitiesAccepted(
    _Review,
    topic="project.facilities_accepted",
    zh="验收安全设施",
    en="Safety facilities accepted",
    of_record=True,
):
    """The facilities passed or failed; asked for before production. Another one replaces it."""


class ProductionBegun(
    EnterpriseFact, topic="project.production_begun", zh="项目投产", en="Production begun"
):
    """What was built began to produce; always recordable, however unlawful."""


_REVIEW = {ProjectAct.BUILD: DesignReviewed, ProjectAct.PRODUCE: FacilitiesAccepted}
_BEGUN = {ProjectAct.BUILD: ConstructionBegun, ProjectAct.PRODUCE: ProductionBegun}


class ProjectRecord(Record):
    """One project: what was reviewed and accepted, and what was begun."""

    @property
    def name(self) -> str:
        """What it is called; its id where it was never registered."""
        registered = self.fact("project.registered")
        return registered.name if registered else self.key

    def begun(self, act: ProjectAct) -> Entry | None:
        """Return the fact by which building, or production, began."""
        return next((entry for entry, _ in facts_of(self.entries, _BEGUN[act])), None)

    def reviews(self, act: ProjectAct) -> list[tuple[Entry, bool]]:
        """Return every review that ``act`` asks for and whether it was passed, earliest first."""
        return [(entry, fact.passed) for entry, fact in facts_of(self.entries, _REVIEW[act])]

    def passed(self, act: ProjectAct, at: date | datetime) -> bool:
        """Tell whether the latest review that ``act`` asks for had been passed at ``at``."""
        known = [passed for entry, passed in self.reviews(act) if no_later(moment_of(entry), at)]
        return bool(known) and known[-1]

"""An enterprise's docket as a page about one of its records needs it 案情: who, what is owed."""

from __future__ import annotations

from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING

from api.asking import without_tips
from api.documents.forms import form_of
from domain.errors import NotFound
from domain.fact import EnterpriseFact
from domain.hazard import HazardLevel
from domain.moment import local_day
from domain.organisation import OrgKind
from domain.policy.duty import Docket
from domain.reading import read_case
from domain.trace import about
from projections.organisations import list_organisations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from uuid import UUID

    from api.authority import Authority
    from api.serving import Serving
    from domain.directory import Organisation
    from domain.trace import About

Choices = list[tuple[str, str]]
_MOST_BODIES = 3000
"""Of each kind of body, more than any city has."""
_CLAUSES = {
    "order": ("1.2f",),
    "listing": ("3.3b", "3.3c", "3.3d", "3.3e", "3.3f", "3.3g"),
    "halt": ("2.1k", "3.2e"),
    "inspection": ("1.2b", "1.2c", "1.2e", "2.2a", "5.1c"),
    "expert_inspection": (
        *("2.1b", "2.1c", "2.1e", "2.1h", "2.1i", "2.1j", "2.1k", "2.1l", "2.1m"),
        *("2.2c", "2.4b", "2.4d"),
    ),
}
"""By noun: the clauses whose duties and breaches are about one of its records."""
_BODIES = (OrgKind.GOVERNMENT, OrgKind.ZONE, OrgKind.DEPARTMENT)


class Scene:
    """One enterprise as it is now, as far as somebody may know of it.

    Args:
        here: the ledger, its read models, the clock.
        enterprise: its record id.
        authority: what whoever looks may see: an enterprise's own people know of no tip about it.
    """

    def __init__(self, here: Serving, enterprise: UUID, authority: Authority) -> None:
        self.here = here
        self.enterprise = enterprise
        now = here.now().astimezone(UTC)
        entries = read_case(here.ledger, enterprise)
        if not authority.sees_tips(enterprise):
            entries = without_tips(entries)
        self.docket = Docket(enterprise, entries, now)
        self.head = here.ledger.head().position

    @property
    def today(self) -> date:
        """The local day."""
        return local_day(self.docket.at)

    @property
    def place(self) -> Organisation:
        """The enterprise itself.

        Raises:
            NotFound: it is not on record.
        """
        found = self.docket.directory.organisations.get(self.enterprise)
        if found is None:
            raise NotFound(
                f"单位 {self.enterprise} 未登记",
                f"the organisation {self.enterprise} is not registered",
                todo_zh="核对单位编码",
                todo_en="check the code",
            )
        return found

    def name(self, org: UUID | None) -> str:
        """Return what an organisation is called."""
        return self.docket.directory.name(org) if org else ""

    def about(self, subject: str, *, defied: bool = False) -> About:
        """Return what is owed about a record, and its facts.

        Args:
            subject: the record's tag.
            defied: whether somebody acted against it: then the grounds for a case are asked, too.
        """
        clauses = _CLAUSES[subject.partition(":")[0]]
        return about(self.docket, subject, clauses=(*clauses, *(("3.2i",) if defied else ())))

    def papers(self, positions: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return which facts have a paper, and what it is called in Chinese and English."""
        found = {}
        for position in positions:
            entry = self.docket.at_position(position)
            form = form_of(entry) if entry else None
            if form:
                found[position] = (form.zh, form.en)
        return found

    # what can be chosen

    def posts(self, org: UUID) -> Choices:
        """Return the posts of an organisation, each with whoever holds it now."""
        found = []
        for post in self.docket.directory.all_posts(org):
            if post.abolished is None:
                names = "、".join(self._name(each) for each in self._holders(post.id))
                found.append((str(post.id), f"{post.title}（{names}）" if names else post.title))
        return found

    def open_hazards(self, *, major: bool = False) -> Choices:
        """Return the hazards that are not closed, or the major ones among them."""
        return [
            (str(each.id), f"{each.number} {each.description or ''}"[:60])
            for each in self.docket.hazards.values()
            if each.closed(self.docket.at) is None
            and not (major and each.level is not HazardLevel.MAJOR)
        ]

    def person(self, person: UUID) -> str:
        """Return a person's name."""
        return self._name(person)

    def people(self, orgs: Iterable[UUID]) -> Choices:
        """Return whoever holds a post in some organisations now, each once, with the post."""
        found: dict[str, str] = {}
        for org in dict.fromkeys(orgs):
            for post in self.docket.directory.all_posts(org):
                if post.abolished is None:
                    for person in self._holders(post.id):
                        found.setdefault(str(person), f"{self._name(person)} · {post.title}")
        return list(found.items())

    def _holders(self, post: UUID) -> Sequence[UUID]:
        held = self.docket.directory.holdings(post)
        return [each.person for each in held if each.covers(self.docket.at)]

    def _name(self, person: UUID) -> str:
        known = self.docket.directory.names.get(person)
        return str(known.name) if known else str(person)

    @cached_property
    def bodies(self) -> Choices:
        """Every government, zone and department, by name."""
        rows = [
            row
            for kind in _BODIES
            for row in list_organisations(
                self.here.views, limit=_MOST_BODIES, kind=kind.value, closed=False
            )
        ]
        near = {*self.docket.bodies}
        rows.sort(key=lambda row: (row["id"] not in near, row["name"]))
        return [(str(row["id"]), row["name"]) for row in rows]


def scene_of(here: Serving, noun: str, record: UUID, authority: Authority) -> Scene:
    """Return the enterprise that a record of a noun is about.

    Raises:
        NotFound: there is no such record.
    """
    entries = here.ledger.record(record, open_sealed=False)
    first = entries[0].fact if entries else None
    if not isinstance(first, EnterpriseFact) or first.topic.noun != noun:
        raise NotFound(
            f"没有编号为 {record} 的档案",
            f"there is no such record: {record}",
            todo_zh="核对地址，或从列表进入",
            todo_en="check the address, or come from the list",
        )
    return Scene(here, first.enterprise, authority)

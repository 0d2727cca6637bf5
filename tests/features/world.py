"""The world of one scenario: the book, what its names stand for, and what was last asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from domain.answer import BreachLine, DutyLine, Trace
from domain.errors import Refused
from domain.fact import Actor, EnterpriseFact
from domain.labels import POST_KINDS
from domain.ledger_opened import ledger_id
from domain.people import PostCreated, PostKind
from domain.policy.duty import Docket
from domain.policy.reports import Standing, standing
from domain.record import facts_of
from tests.support import pens
from tests.support.book import Book, ident
from tests.support.worded import check_refusal

if TYPE_CHECKING:
    from uuid import UUID

    from domain.fact import Entry, Fact
    from domain.organisation import OrgKind

KINDS = {words: kind for kind, words in POST_KINDS.items()}
"""The kinds of post by the words for them; a title of its own is given its kind in a table."""


OPENED = datetime(2000, 1, 1, tzinfo=UTC)
"""When the ledger of every scenario was opened: before anything that happens in one."""


def _opened() -> Book:
    book = Book()
    book.enter(ledger_id(pens.ORIGIN), pens.opened(), OPENED)
    return book


@dataclass
class World:
    """What a scenario has built up so far.

    ``entering`` is when what follows is entered, where that is later than it happened; ``by`` is
    who enters it; ``pens`` is whose key somebody signs with now, where it is not their first. A
    refusal that no step reads fails the scenario.
    """

    book: Book = field(default_factory=_opened)
    entering: datetime | None = None
    by: Actor | None = None
    refusal: Refused | None = None
    answer: Trace | None = None
    item: DutyLine | BreachLine | None = None
    kinds: dict[UUID, OrgKind] = field(default_factory=dict)
    pens: dict[str, str] = field(default_factory=dict)
    _names: dict[tuple[str, str], UUID] = field(default_factory=dict)
    _enterprises: dict[UUID, UUID] = field(default_factory=dict)

    def new(self, kind: str, name: str, record: UUID | None = None) -> UUID:
        """Give a name to a record that the scenario begins."""
        assert (kind, name) not in self._names, f"{kind} {name} 已有"
        return self._names.setdefault((kind, name), record or ident(f"{kind} {name}"))

    def the(self, kind: str, name: str) -> UUID:
        """Return the record that a name stands for."""
        assert (kind, name) in self._names, f"场景中没有{kind} {name}"
        return self._names[kind, name]

    def knows(self, kind: str, name: str) -> bool:
        """Tell whether the scenario has used a name."""
        return (kind, name) in self._names

    def named(self, kind: str) -> list[str]:
        """Return the names of a kind that the scenario has used, in their order."""
        return [name for each, name in self._names if each == kind]

    def org(self, name: str) -> UUID:
        """Return the organisation of that name."""
        return self.the("org", name)

    def person(self, name: str) -> UUID:
        """Return the person of that name."""
        return self.the("person", name)

    def post(self, org: str, title: str) -> UUID:
        """Return an organisation's post."""
        return self.the("post", f"{org} {title}")

    def kind_of(self, post: UUID) -> PostKind:
        """Return what a post is for."""
        created = facts_of(self.book.entries, PostCreated)
        return next(fact.kind for entry, fact in created if entry.record == post)

    def any_post(self, org: UUID) -> UUID:
        """Return some post of an organisation, where it does not matter which."""
        created = facts_of(self.book.entries, PostCreated)
        return next(entry.record for entry, fact in created if fact.organisation == org)

    def hazard(self, name: str) -> UUID:
        """Return the hazard of that name."""
        return self.the("hazard", name)

    def enterprise_of(self, record: UUID) -> UUID:
        """Return the enterprise that a hazard, order, inspection … is about."""
        return self._enterprises[record]

    def record(
        self,
        record: UUID,
        fact: Fact,
        when: date | datetime,
        *,
        by: Actor | None = None,
        entered: datetime | None = None,
    ) -> Entry | None:
        """Record an act as the product would; keep the refusal if it is refused."""
        self.expect_no_refusal()
        if isinstance(fact, EnterpriseFact):
            self._enterprises.setdefault(record, fact.enterprise)
        try:
            return self.book.act(
                record, fact, when, recorded=entered or self.entering, by=by or self.by
            )
        except Refused as refusal:
            check_refusal(refusal)
            self.refusal = refusal
            return None

    def expect_no_refusal(self) -> None:
        """Fail where an act was refused and the scenario goes on as if it had not been."""
        assert self.refusal is None, f"意外被拒绝：{self.refusal}"

    def standing(self, org: str, month: str) -> Standing:
        """Return how a month's report stands at the moment last asked about."""
        enterprise = self.org(org)
        docket = Docket(enterprise, self.book.entries, self.asked().at, self.asked().known_at)
        return standing(docket, docket.reports[month])

    def asked(self) -> Trace:
        """Return the answer last asked for."""
        assert self.answer is not None, "尚未倒查"
        return self.answer

    def duty(self) -> DutyLine:
        """Return the duty last spoken of."""
        assert isinstance(self.item, DutyLine), "尚未提到哪一项义务"
        return self.item

    def breach(self) -> BreachLine:
        """Return the breach last spoken of."""
        assert isinstance(self.item, BreachLine), "尚未提到哪一处"
        return self.item

"""Rectification orders 责令限期整改指令书 and their rechecks 整改复查意见书 (1.2c, 1.2f)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.fact import (
    EnterpriseFact,
    FreeText,
    Frozen,
    HazardId,
    InspectionId,
    OrgRef,
    PersonId,
    PostId,
)
from domain.moment import Day, end, late
from domain.record import Record, facts_of, moment_of

if TYPE_CHECKING:
    from datetime import date

    from domain.fact import Entry


class OrderItem(Frozen):
    """One numbered problem: what, which hazard, by when."""

    item: int = Field(ge=1)
    text: FreeText
    hazard: HazardId | None = None
    major: bool = False
    deadline: Day


class OrderIssued(
    EnterpriseFact,
    topic="order.issued",
    zh="下达责令限期整改指令书",
    en="Rectification order issued",
    starts=True,
    of_record=True,
):
    """The order, item by item; a deadline ends at 24:00 of its day."""

    by_org: OrgRef
    number: str = Field(min_length=1, max_length=64, examples=["沂南应急责改〔2024〕12号"])
    items: tuple[OrderItem, ...] = Field(min_length=1)
    officers: tuple[PersonId, ...] = ()
    inspection: InspectionId | None = None


class Manner(StrEnum):
    """How a document was served 送达方式."""

    DIRECT = "direct"
    LEFT = "left"
    MAIL = "mail"
    ELECTRONIC = "electronic"
    ANNOUNCEMENT = "announcement"


class OrderServed(EnterpriseFact, topic="order.served", zh="送达指令书", en="Order served"):
    """Somebody of the enterprise received it: from here on its post knew."""

    to_post: PostId | None = None
    to_person: PersonId | None = None
    manner: Manner = Manner.DIRECT


class ServiceRefused(
    EnterpriseFact, topic="order.service_refused", zh="拒收指令书", en="Service refused"
):
    """Receipt was refused; with a witness it is left on the premises and counts as served."""

    by_person: PersonId | None = None
    witness: FreeText | None = None
    left: bool = True


class OrderExtended(
    EnterpriseFact,
    topic="order.extended",
    zh="延长整改期限",
    en="Deadline extended",
    of_record=True,
):
    """Only whoever set the deadline may extend it, before it passes; else it has no effect."""

    by_org: OrgRef
    item: int = Field(ge=1)
    deadline: Day
    reason: FreeText


class RecheckedItem(Frozen):
    """Whether one item passed the recheck, and what follows where it did not."""

    item: int = Field(ge=1)
    passed: bool
    remarks: FreeText | None = None


class OrderRechecked(
    EnterpriseFact,
    topic="order.rechecked",
    zh="整改复查",
    en="Order rechecked",
):
    """The recheck opinion, item by item (1.2f)."""

    by_org: OrgRef
    number: str | None = Field(default=None, max_length=64)
    items: tuple[RecheckedItem, ...] = Field(min_length=1)
    officers: tuple[PersonId, ...] = ()


class OrderComplied(
    EnterpriseFact,
    topic="order.complied",
    zh="报告整改完成",
    en="Compliance reported",
    of_record=True,
):
    """The enterprise reports that it has done what the items ask."""

    items: tuple[int, ...] = Field(min_length=1)


class OrderBreached(
    EnterpriseFact,
    topic="order.breached",
    zh="认定拒不执行指令",
    en="Order found defied",
    of_record=True,
):
    """A department finds that the enterprise defies the order."""

    by_org: OrgRef
    grounds: FreeText


class OrderWithdrawn(
    EnterpriseFact,
    topic="order.withdrawn",
    zh="撤销指令书",
    en="Order withdrawn",
    of_record=True,
):
    """The issuer takes the order back, with its reason; nothing that was due is undone."""

    by_org: OrgRef
    reason: FreeText


class OrderState(StrEnum):
    """How an order stands 指令书现状."""

    ISSUED = "issued"
    SERVED = "served"
    COMPLIED = "complied"
    FAILED = "failed"
    PASSED = "passed"
    WITHDRAWN = "withdrawn"


class OrderRecord(Record):
    """One order: its items, their deadlines in force, and what the rechecks found."""

    @property
    def issued(self) -> OrderIssued | None:
        """The order itself; None where only facts about it are in hand."""
        return self.fact("order.issued")  # type: ignore[no-any-return]

    def extensions(self, item: int) -> list[tuple[Entry, OrderExtended, bool]]:
        """Return every extension of an item, and whether it took effect.

        It does only from whoever issued the order, to a later day, and only if it was granted
        before the deadline it extends had passed; a later grant does not undo lateness.
        """
        deadline = self.first_deadline(item)
        found = []
        for entry, fact in facts_of(self.entries, OrderExtended):
            if fact.item != item:
                continue
            effective = (
                self.issued is not None
                and fact.by_org == self.issued.by_org
                and fact.deadline > deadline
                and not late(moment_of(entry), end(deadline))
            )
            found.append((entry, fact, effective))
            deadline = fact.deadline if effective else deadline
        return found

    def first_deadline(self, item: int) -> date:
        """Return the deadline that the order itself set for an item."""
        assert self.issued is not None  # noqa: S101 - asked only of orders in hand
        return next(each.deadline for each in self.issued.items if each.item == item)

    def deadline(self, item: int) -> date:
        """Return the deadline in force for an item."""
        granted = [fact.deadline for _, fact, effective in self.extensions(item) if effective]
        return granted[-1] if granted else self.first_deadline(item)

    def rechecks(self, item: int) -> list[tuple[Entry, RecheckedItem]]:
        """Return every recheck of an item and what it found, earliest first."""
        return [
            (entry, checked)
            for entry, fact in facts_of(self.entries, OrderRechecked)
            for checked in fact.items
            if checked.item == item
        ]

    def verdict(self, item: int) -> tuple[Entry, RecheckedItem] | None:
        """Return the latest recheck of an item and what it found."""
        found = self.rechecks(item)
        return found[-1] if found else None

    @property
    def withdrawn(self) -> Entry | None:
        """The fact by which the issuer took it back."""
        return next(
            (
                entry
                for entry, fact in facts_of(self.entries, OrderWithdrawn)
                if self.issued and fact.by_org == self.issued.by_org
            ),
            None,
        )

    @property
    def served(self) -> Entry | None:
        """The fact from which it counts as served: received, or refused and left (送达)."""
        return next(
            (
                entry
                for entry in self.all("order.served", "order.service_refused")
                if not isinstance(entry.fact, ServiceRefused) or entry.fact.left
            ),
            None,
        )

    @property
    def open_items(self) -> list[int]:
        """The items that no recheck has found put right, in order; none once it is taken back."""
        if self.issued is None or self.withdrawn:
            return []
        verdicts = {each.item: self.verdict(each.item) for each in self.issued.items}
        return sorted(item for item, told in verdicts.items() if not (told and told[1].passed))

    @property
    def next_deadline(self) -> date | None:
        """The earliest deadline in force of what is still open."""
        return min((self.deadline(item) for item in self.open_items), default=None)

    @property
    def state(self) -> OrderState:
        """How it stands: a recheck that failed stands until it is said to be done again."""
        if self.withdrawn:
            return OrderState.WITHDRAWN
        if not self.open_items:
            return OrderState.PASSED
        told = self.last("order.complied", "order.rechecked")
        if told:
            again = told.topic == "order.complied"
            return OrderState.COMPLIED if again else OrderState.FAILED
        return OrderState.SERVED if self.served else OrderState.ISSUED

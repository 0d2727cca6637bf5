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
from domain.moment import Day, end, start
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


class OrderRecord(Record):
    """One order: its items, their deadlines in force, and what the rechecks found."""

    @property
    def issued(self) -> OrderIssued | None:
        """The order itself; None where only facts about it are in hand."""
        return self.fact("order.issued")  # type: ignore[no-any-return]

    def deadline(self, item: int) -> date:
        """Return the deadline in force for an item.

        An extension counts only from whoever issued the order, and only if it was granted before
        the deadline it extends had passed; a later grant does not undo lateness.
        """
        issued = self.issued
        assert issued is not None  # noqa: S101 - asked only of orders in hand
        deadline = next(each.deadline for each in issued.items if each.item == item)
        for entry, fact in facts_of(self.entries, OrderExtended):
            granted_in_time = start(moment_of(entry)) <= end(deadline)
            if fact.item == item and fact.by_org == issued.by_org and granted_in_time:
                deadline = fact.deadline
        return deadline

    def verdict(self, item: int) -> tuple[Entry, RecheckedItem] | None:
        """Return the latest recheck of an item and what it found."""
        found = None
        for entry, fact in facts_of(self.entries, OrderRechecked):
            for checked in fact.items:
                if checked.item == item:
                    found = (entry, checked)
        return found

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

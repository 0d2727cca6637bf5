from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from domain.order import (
    OrderComplied,
    OrderExtended,
    OrderIssued,
    OrderItem,
    OrderRechecked,
    OrderRecord,
    OrderServed,
    OrderState,
    OrderWithdrawn,
    RecheckedItem,
    ServiceRefused,
)
from tests.support.book import Book, day_end, ident, noon, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, PLANT

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from domain.fact import Fact

ORDER = ident("指令书")
FIRST, SECOND = date(2024, 3, 20), date(2024, 4, 10)


def issued() -> OrderIssued:
    items = tuple(OrderItem(item=n, text=text("通道堵塞"), deadline=FIRST) for n in (1, 2))
    return OrderIssued(enterprise=PLANT, by_org=DEPARTMENT, number="1号", items=items)


def extended(until: date, by: UUID = DEPARTMENT, item: int = 1) -> OrderExtended:
    return OrderExtended(
        enterprise=PLANT, by_org=by, item=item, deadline=until, reason=text("设备未到")
    )


def rechecked(**items: bool) -> OrderRechecked:
    found = tuple(RecheckedItem(item=int(name[1:]), passed=ok) for name, ok in items.items())
    return OrderRechecked(enterprise=PLANT, by_org=DEPARTMENT, items=found)


def record(*facts: tuple[Fact, date | datetime]) -> OrderRecord:
    """Return the record of an order issued at noon on 5 March, with what was told of it after."""
    book = Book()
    told = [(issued(), noon("2024-03-05")), *facts]
    return OrderRecord(f"order:{ORDER}", [book.enter(ORDER, fact, at) for fact, at in told])


@pytest.mark.parametrize(
    ("extension", "granted", "effective"),
    [
        (extended(SECOND), noon("2024-03-20"), True),
        (extended(SECOND), day_end("2024-03-20"), False),
        (extended(SECOND, by=GOVERNMENT), noon("2024-03-10"), False),
        (extended(FIRST), noon("2024-03-10"), False),
        (extended(date(2024, 3, 19)), noon("2024-03-10"), False),
    ],
    ids=["in time", "too late", "by another", "to the same day", "to an earlier day"],
)
def test_an_extension_takes_effect_or_not(
    extension: OrderExtended,
    granted: datetime,
    effective: bool,  # noqa: FBT001
) -> None:
    order = record((extension, granted))
    assert [ok for _, _, ok in order.extensions(1)] == [effective]
    assert order.deadline(1) == (extension.deadline if effective else FIRST)
    assert order.first_deadline(1) == FIRST
    assert order.deadline(2) == FIRST
    assert order.extensions(2) == []


def test_a_second_extension_must_come_before_the_first_one_has_run_out() -> None:
    third = date(2024, 5, 1)
    in_time = record((extended(SECOND), noon("2024-03-20")), (extended(third), noon("2024-04-10")))
    assert in_time.deadline(1) == third
    never = record((extended(SECOND), noon("2024-03-21")), (extended(third), noon("2024-04-10")))
    assert never.deadline(1) == FIRST


def test_rechecks_item_by_item() -> None:
    order = record(
        (rechecked(_1=True, _2=False), FIRST), (rechecked(_2=True), SECOND), (issued(), SECOND)
    )
    assert [found.passed for _, found in order.rechecks(2)] == [False, True]
    first, second = order.verdict(1), order.verdict(2)
    assert first
    assert second
    assert (first[0].happened, second[0].happened) == (FIRST, SECOND)
    assert record().verdict(1) is None


def test_only_the_issuer_withdraws() -> None:
    def withdrawn(by: UUID) -> OrderWithdrawn:
        return OrderWithdrawn(enterprise=PLANT, by_org=by, reason=text("有误"))

    assert record((withdrawn(GOVERNMENT), FIRST)).withdrawn is None
    order = record((withdrawn(GOVERNMENT), FIRST), (withdrawn(DEPARTMENT), SECOND))
    assert order.withdrawn is order.last("order.withdrawn")


def test_facts_about_an_order_that_is_not_at_hand() -> None:
    served = Book().enter(ORDER, OrderServed(enterprise=PLANT), FIRST)
    order = OrderRecord(f"order:{ORDER}", [served])
    assert order.issued is None
    assert order.withdrawn is None


@pytest.mark.parametrize("item", [{"items": ()}, {"number": ""}, {"number": "号" * 65}])
def test_an_order_without_items_or_number_is_no_order(item: dict[str, object]) -> None:
    form = {**issued().model_dump(), **item}
    with pytest.raises(ValidationError):
        OrderIssued.model_validate(form)


def test_items_count_from_one() -> None:
    with pytest.raises(ValidationError):
        OrderItem(item=0, text=text("通道堵塞"), deadline=FIRST)


SERVED = OrderServed(enterprise=PLANT)


def refused(*, left: bool) -> ServiceRefused:
    return ServiceRefused(enterprise=PLANT, witness=text("村委会干部"), left=left)


def complied(*items: int) -> OrderComplied:
    return OrderComplied(enterprise=PLANT, items=items)


def withdrawn(by: UUID = DEPARTMENT) -> OrderWithdrawn:
    return OrderWithdrawn(enterprise=PLANT, by_org=by, reason=text("下达有误"))


@pytest.mark.parametrize(
    ("facts", "state", "is_open"),
    [
        ((), OrderState.ISSUED, [1, 2]),
        ((SERVED,), OrderState.SERVED, [1, 2]),
        ((refused(left=True),), OrderState.SERVED, [1, 2]),
        ((refused(left=False),), OrderState.ISSUED, [1, 2]),
        ((SERVED, complied(1, 2)), OrderState.COMPLIED, [1, 2]),
        ((SERVED, rechecked(i1=True)), OrderState.FAILED, [2]),
        ((SERVED, rechecked(i1=True, i2=False)), OrderState.FAILED, [2]),
        ((SERVED, rechecked(i1=True, i2=False), complied(2)), OrderState.COMPLIED, [2]),
        ((SERVED, rechecked(i1=True, i2=True)), OrderState.PASSED, []),
        ((SERVED, withdrawn()), OrderState.WITHDRAWN, []),
        ((SERVED, withdrawn(by=GOVERNMENT)), OrderState.SERVED, [1, 2]),
    ],
)
def test_how_an_order_stands(
    facts: tuple[Fact, ...], state: OrderState, is_open: list[int]
) -> None:
    order = record(*((fact, noon(f"2024-03-{day:02}")) for day, fact in enumerate(facts, 6)))
    assert order.state is state
    assert order.open_items == is_open
    assert order.next_deadline == (FIRST if is_open else None)


def test_the_next_deadline_is_the_earliest_of_what_is_open() -> None:
    order = record((extended(SECOND), noon("2024-03-10")), (rechecked(i2=True), noon("2024-03-11")))
    assert order.next_deadline == SECOND


def test_of_an_order_that_was_taken_back_nothing_is_open() -> None:
    assert OrderRecord(f"order:{ORDER}", []).open_items == []

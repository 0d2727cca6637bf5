"""Orders, listings, halts and inspections as lists: what the records say, also made anew."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from domain.halt import HaltGround, HaltLifted, HaltOrdered
from domain.inspection import FindingRecorded, InspectionHeld, InspectionScheduled
from domain.listing import ListingDeclined, ListingProposed, Stage
from domain.order import OrderExtended, OrderRechecked, OrderServed, RecheckedItem
from projections.halts import list_halts
from projections.inspections import list_inspections, list_never_inspected, list_schedule
from projections.listings import list_listings
from projections.orders import list_orders
from tests.projections.test_lists import DEPARTMENT, ENTERPRISE, County, county, words

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["county"]
TODAY = date(2024, 7, 1)


def same_anew(county: County, rows: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the rows of a list, which are the same when it is made anew."""
    county.catch_up()
    before = rows()
    county.rebuild()
    assert rows() == before
    return before


def test_an_order_stands_as_its_record_says(county: County) -> None:
    order = county.issue(county.found("A"), date(2024, 6, 5))
    later = county.issue(county.found("B"), date(2024, 7, 5))

    def rows(**chosen: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - filters
        county.catch_up()
        return list_orders(county.views, **{"today": TODAY, "limit": 10, **chosen})

    assert [row["state"] for row in rows()] == ["issued", "issued"]
    assert [row["id"] for row in rows(overdue=True)] == [order]
    (shown,) = rows(limit=1)
    assert [row["id"] for row in rows(after=(shown["issued_on"], shown["id"]))] == [
        each for each in (order, later) if each != shown["id"]
    ]
    county.act(order, OrderServed(enterprise=ENTERPRISE))
    extended = OrderExtended(
        enterprise=ENTERPRISE,
        by_org=DEPARTMENT,
        item=1,
        deadline=date(2024, 7, 9),
        reason=words("设备未到"),
    )
    granted = county.act(order, extended)
    assert rows(overdue=True) == []
    county.corrected(granted)
    assert [row["id"] for row in rows(overdue=True)] == [order]
    assert [row["id"] for row in rows(state="served")] == [order]
    passed = (RecheckedItem(item=1, passed=True),)
    county.act(order, OrderRechecked(enterprise=ENTERPRISE, by_org=DEPARTMENT, items=passed))
    assert [row["id"] for row in rows(state="open")] == [later]
    (met,) = [row for row in same_anew(county, rows) if row["id"] == order]
    assert (met["state"], met["open_items"], met["deadline"]) == ("passed", 0, None)


def test_a_listing_and_a_halt_stand_as_their_records_say(county: County) -> None:
    hazard, listing, halt = county.found("A"), uuid4(), uuid4()
    about: dict[str, Any] = {"enterprise": ENTERPRISE, "hazard": hazard}
    county.act(listing, ListingProposed(**about, by_org=DEPARTMENT, to_org=DEPARTMENT))

    def listings(*stages: Stage) -> list[dict[str, Any]]:
        county.catch_up()
        return list_listings(county.views, today=TODAY, stages=stages or tuple(Stage), limit=9)

    assert [row["hazard_number"] for row in listings(Stage.PROPOSED)] == ["A"]
    declined = ListingDeclined(**about, by_org=DEPARTMENT, reason=words("已整改"))
    position = county.act(listing, declined)
    assert [row["stage"] for row in same_anew(county, listings)] == ["declined"]
    county.corrected(position)
    assert [row["stage"] for row in listings()] == ["proposed"]

    ordered = HaltOrdered(enterprise=ENTERPRISE, by_org=DEPARTMENT, ground=HaltGround.OTHER)
    county.act(halt, ordered)

    def halts(*, in_force: bool | None = None) -> list[dict[str, Any]]:
        county.catch_up()
        return list_halts(county.views, limit=9, in_force=in_force)

    assert [row["id"] for row in halts(in_force=True)] == [halt]
    county.act(halt, HaltLifted(enterprise=ENTERPRISE, by_org=DEPARTMENT))
    assert halts(in_force=True) == []
    assert [row["id"] for row in same_anew(county, halts)] == [halt]


def test_an_inspection_is_planned_missed_held_and_never_was(county: County) -> None:
    planned = uuid4()
    scheduled = InspectionScheduled(
        enterprise=ENTERPRISE, department=DEPARTMENT, planned=date(2024, 6, 1)
    )
    county.act(planned, scheduled)

    def rows(state: str | None = None) -> list[dict[str, Any]]:
        county.catch_up()
        return list_inspections(county.views, today=TODAY, limit=9, state=state)

    def never() -> list[str]:
        county.catch_up()
        return [row["code"] for row in list_never_inspected(county.views, limit=9)]

    assert [row["id"] for row in rows("missed")] == [planned]
    assert never() == ["E1"]
    held = InspectionHeld(enterprise=ENTERPRISE, by_org=DEPARTMENT)
    position = county.act(planned, held)
    county.act(planned, FindingRecorded(enterprise=ENTERPRISE, item=1, text=words("堵塞")))
    assert [row["undisposed"] for row in rows("undisposed")] == [1]
    assert never() == []
    same_anew(county, rows)
    county.corrected(position)
    assert [row["id"] for row in rows("missed")] == [planned]
    (shown,) = list_schedule(county.views, department=DEPARTMENT, year=2024, today=TODAY, limit=9)
    assert shown["missed"]

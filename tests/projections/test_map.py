"""The map of enterprises and months: who reported when, and whose silence is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.monthly_report import ReportFiled, report_id
from domain.organisation import (
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    organisation_id,
    supervision_id,
)
from projections.enterprises import Chosen
from projections.heat import Heat, HeatAsked, heat
from tests.projections import test_lists
from tests.projections.test_lists import DEPARTMENT, ENTERPRISE, County

county = test_lists.county
"""The fixture: a department, and an enterprise that it supervises."""


def file(county: County, month: str, day: date) -> int:
    fact = ReportFiled(enterprise=ENTERPRISE, month=month, kind="ordinary", to_org=DEPARTMENT)
    return county.act(report_id(ENTERPRISE, month), fact, day)


def map_of(county: County, **chosen: Any) -> Heat:  # noqa: ANN401 - filters
    county.catch_up()
    limit, after = chosen.pop("limit", 100), chosen.pop("after", None)
    asked = {"year": 2024, "today": date(2024, 7, 1), "month": 1, **chosen}
    return heat(county.views, HeatAsked(Chosen(), **asked), limit=limit, after=after)


def marks(county: County, **chosen: Any) -> list[str]:  # noqa: ANN401 - filters
    return [mark for row in map_of(county, **chosen).rows for mark, _ in row.cells]


def test_the_map_marks_each_month(county: County) -> None:
    county.clock = datetime(2024, 1, 30, 2, tzinfo=UTC)
    file(county, "2024-01", date(2024, 1, 30))
    county.clock = datetime(2024, 3, 5, 2, tzinfo=UTC)
    file(county, "2024-02", date(2024, 3, 5))
    assert marks(county) == ["kept", "late", *["missing"] * 4, *["open"] * 6]
    (row,) = map_of(county).rows
    assert (row.cells[1], row.kept, row.counted) == (("late", 5), 1, 6)
    assert map_of(county).by_month[:3] == [(1, 1), (1, 0), (1, 0)]
    assert map_of(county, month=2).tally == {"late": 1}
    assert map_of(county, month=6).tally == {"missing": 1}
    assert [row.code for row in map_of(county, month=2, mark="late").rows] == ["E1"]
    assert [row.code for row in map_of(county, month=3, mark="missing").rows] == ["E1"]
    assert map_of(county, month=1, mark="missing").rows == []
    assert map_of(county, month=7, mark="missing").rows == [], "that month has not ended"


def test_the_map_knows_of_silence_for_years(county: County) -> None:
    """Nothing is on record of the year after next; all of it is owed all the same."""
    assert marks(county, year=2026, today=date(2026, 3, 1)) == ["missing"] * 2 + ["open"] * 10
    assert marks(county, year=2023) == []


def test_the_map_shows_a_lie_though_another_text_followed(county: County) -> None:
    test_lists.TestReports().test_a_zero_report_is_contradicted_by_what_is_entered_later(county)
    assert marks(county)[0] == "contradicted"
    file(county, "2024-01", date(2024, 6, 1))
    assert marks(county)[0] == "contradicted"


def test_the_map_is_read_page_by_page(county: County) -> None:
    another = organisation_id("E2")
    fact = OrganisationRegistered(kind=OrgKind.ENTERPRISE, code="E2", name="沂河二厂")
    county.act(another, fact, date(2024, 2, 1))
    assigned = SupervisionAssigned(enterprise=another, department=DEPARTMENT)
    county.act(supervision_id(another), assigned, date(2024, 2, 1))
    file(county, "2024-01", date(2024, 1, 30))
    first = map_of(county, limit=1).rows[0]
    (second,) = map_of(county, limit=1, after=(first.rate, first.id)).rows
    assert [row.id for row in map_of(county).rows] == [first.id, second.id]
    assert map_of(county).enterprises == 2

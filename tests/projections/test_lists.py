"""Lists say what the records say: after every fact, in batches of any size, and made anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from domain.correction import FactCorrected, Replacement
from domain.errors import Unavailable
from domain.fact import Actor, Draft, Fact, Sealed
from domain.hazard import (
    Finder,
    HazardAssessed,
    HazardFound,
    HazardLevel,
    HazardPlanned,
)
from domain.imported import AccidentRowImported, LedgerRowImported, RowOrigin
from domain.incident import CasualtiesUpdated, IncidentOccurred, ReviewOpened
from domain.ledger import Command, Ledger
from domain.listing import ListingExtended, ListingMade, ListingProposed
from domain.moment import start
from domain.monthly_report import (
    DutyWaived,
    ReportEndorsed,
    ReportFiled,
    ReportWithdrawn,
    Role,
    report_id,
)
from domain.order import OrderExtended, OrderIssued, OrderItem, OrderWithdrawn
from domain.organisation import (
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    SupervisionEnded,
    organisation_id,
    supervision_id,
)
from domain.people import AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.policy.duty import Docket, judge
from domain.reading import read_case
from domain.recording import Act, record
from domain.signing import KeyRegistered, key_record, signature_record
from projections import build as build_module
from projections import enterprises
from projections.enterprises import Chosen
from projections.hazards import Asked, ledger_count, ledger_page, list_hazards
from projections.incidents import list_incidents
from projections.models import read_models
from projections.organisations import list_organisations
from projections.reports import MONTHLY, list_reports
from projections.runner import Runner
from projections.views import Views
from tests.support import pens
from tests.support.ledger import Place

OPENED = datetime(2023, 12, 31, tzinfo=UTC)
DEPARTMENT, ENTERPRISE = organisation_id("D1"), organisation_id("E1")


def words(text: str) -> Sealed:
    return Sealed.close(text, ENTERPRISE, os.urandom(16))


@dataclass
class County:
    """A ledger with a simulated clock, and the lists made from it."""

    place: Place
    ledger: Ledger
    views: Views
    clock: datetime = OPENED

    def act(
        self,
        record_id: UUID,
        fact: Fact,
        happened: date | datetime | None = None,
        by: Actor | None = None,
    ) -> int:
        """Record something an hour later, or as it happened; returns its position."""
        self.clock = max(self.clock + timedelta(hours=1), start(happened or self.clock))
        receipt = record(
            self.ledger,
            [Act(record_id, fact, happened or self.clock)],
            command=uuid4(),
            by=by or Actor(authentication="system"),
            received=self.clock,
            recorded=self.clock,
        )
        return receipt.positions[0]

    def sign(self, position: int, role: Role, person: UUID, post: UUID) -> None:
        """Have somebody sign a document with their own key."""
        entries = self.ledger.range(0, 10_000)
        document, name = entries[position - 1], role.value
        stated = pens.statement_of(entries, document, person, post, pens.key_of(name))
        made = pens.made(document, PostKind(name), stated, pens.sign(stated, pens.seed_of(name)))
        self.act(signature_record(stated), made)

    def standing(self, month: str) -> tuple[str, str, list[str]]:
        """Return how the only report of a month stands in the list."""
        self.catch_up()
        (row,) = list_reports(self.views, month=month, today=date(2024, 7, 1), limit=100)
        return row["state"], row["standing"], row["missing"]

    def catch_up(self) -> None:
        runner = Runner(self.place.url, read_models(self.place.schema), schema=self.place.schema)
        try:
            runner.catch_up()
        finally:
            runner.stop()

    def rebuild(self) -> None:
        models = read_models(self.place.schema)
        runner = Runner(self.place.url, models, schema=self.place.schema)
        for model in models:
            runner.rebuild(model.name)
        runner.stop()

    def bring_in(self, record_id: UUID, version: int, fact: Fact, happened: date) -> None:
        """Record a row as the importer does, which may bring the same one in again."""
        by, self.clock = Actor(authentication="import"), self.clock + timedelta(hours=1)
        draft = Draft(record_id, version, fact, by, happened, self.clock)
        self.ledger.append(Command(uuid4(), (draft,), b"row", recorded=self.clock))

    def issue(self, hazard: UUID, deadline: date) -> UUID:
        """Order a hazard to be put right."""
        order = uuid4()
        item = OrderItem(item=1, text=words("整改"), hazard=hazard, deadline=deadline)
        fact = OrderIssued(enterprise=ENTERPRISE, by_org=DEPARTMENT, number="1号", items=(item,))
        self.act(order, fact)
        return order

    def hazards(self, **chosen: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - filters
        self.catch_up()
        chosen = {"today": date(2024, 7, 1), "limit": 100, **chosen}
        return {row["number"]: row for row in list_hazards(self.views, **chosen)}

    def ledger_rows(self, **chosen: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - filters
        self.catch_up()
        limit, after = chosen.pop("limit", 100), chosen.pop("after", None)
        asked = {"enterprises": Chosen(), "today": date(2024, 7, 1), **chosen}
        rows = ledger_page(self.views, Asked(**asked), limit=limit, after=after)
        if after is None and limit == 100:
            assert ledger_count(self.views, Asked(**asked), most=100) == len(rows)
        return rows

    def ledger_numbers(self, **chosen: Any) -> list[str]:  # noqa: ANN401 - filters
        return [row["number"] for row in self.ledger_rows(**chosen)]

    def found_id(self, number: str) -> UUID:
        return uuid5(ENTERPRISE, number)

    def roll(self, month: str, **chosen: Any) -> dict[str, str]:  # noqa: ANN401 - filters
        self.catch_up()
        chosen = {"today": date(2024, 7, 1), "limit": 100, **chosen}
        rows = list_reports(self.views, month=month, **chosen)
        return {row["code"]: row["state"] for row in rows}

    def found(
        self,
        number: str,
        happened: date | None = None,
        **fields: Any,  # noqa: ANN401 - of the fact
    ) -> UUID:
        hazard = uuid5(ENTERPRISE, number)
        fact = HazardFound(
            enterprise=ENTERPRISE,
            number=number,
            description=words("泄漏"),
            found_by=Finder.ENTERPRISE,
            **fields,
        )
        self.act(hazard, fact, happened)
        return hazard

    def corrected(
        self, position: int, fact: Fact | None = None, happened: date | None = None
    ) -> int:
        """Correct a fact about the enterprise, or take it back."""
        replacement = (
            Replacement(happened=happened or date(2024, 1, 1), fact=fact) if fact else None
        )
        return self.act(
            uuid4(),
            FactCorrected(
                positions=(position,),
                about=(ENTERPRISE,),
                reason=words("录错"),
                replacement=replacement,
            ),
        )

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return everything the lists are read from."""
        schema = f"{self.place.schema}_views"
        found = {}
        names = ("organisation", "hazard", "incident", "report", "report_owed", "report_year")
        for table in names:
            rows = self.place.sql(f"SELECT t::text FROM {schema}.{table} AS t ORDER BY 1")  # noqa: S608
            found[table] = rows
        return found


@pytest.fixture
def county(place: Place) -> Iterator[County]:
    """A department, and an enterprise that it supervises since 20 January 2024."""
    place.drop()
    place.keys = place.keys.with_name("simulated")
    place.create("simulated", opened=OPENED)
    views = Views(place.url, place.schema)
    with place.open() as ledger:
        county = County(place, ledger, views)
        department = OrganisationRegistered(kind=OrgKind.DEPARTMENT, code="D1", name="应急管理局")
        county.act(DEPARTMENT, department)
        enterprise = OrganisationRegistered(
            kind=OrgKind.ENTERPRISE, code="E1", name="沂河化工", began=date(2024, 1, 15)
        )
        county.act(ENTERPRISE, enterprise, date(2024, 1, 15))
        assigned = SupervisionAssigned(enterprise=ENTERPRISE, department=DEPARTMENT)
        county.act(supervision_id(ENTERPRISE), assigned, date(2024, 1, 20))
        yield county
    views.close()


class TestHazards:
    def test_as_its_steps_say(self, county: County) -> None:
        hazard = county.found("A")
        assert county.hazards()["A"]["state"] == "found"
        level = HazardAssessed(enterprise=ENTERPRISE, level=HazardLevel.MAJOR)
        county.act(hazard, level)
        assert county.hazards()["A"]["state"] == "assessed"
        assert county.hazards(level="major").keys() == {"A"}
        assert county.hazards(state="found") == {}
        county.act(
            hazard, HazardPlanned(enterprise=ENTERPRISE, measures=words("更换"), effective=False)
        )
        assert county.hazards()["A"]["deadline"] is None

    def test_an_order_moves_its_deadline(self, county: County) -> None:
        """Though only the first of the order's facts names the hazard."""
        order = county.issue(county.found("A"), date(2024, 6, 5))
        assert county.hazards()["A"]["deadline"] == date(2024, 6, 5)
        assert county.hazards(overdue=True).keys() == {"A"}
        later = OrderExtended(
            enterprise=ENTERPRISE,
            by_org=DEPARTMENT,
            item=1,
            deadline=date(2024, 7, 1),
            reason=words("推迟"),
        )
        county.act(order, later)
        assert county.hazards()["A"]["deadline"] == date(2024, 7, 1)
        assert county.hazards(overdue=True) == {}, "a deadline ends at 24:00 of its day"
        assert county.hazards(overdue=True, today=date(2024, 7, 2)).keys() == {"A"}
        withdrawn = OrderWithdrawn(enterprise=ENTERPRISE, by_org=DEPARTMENT, reason=words("误下"))
        county.act(order, withdrawn)
        assert county.hazards()["A"]["deadline"] is None

    def test_the_ledger_has_the_most_urgent_first(self, county: County) -> None:
        for number, deadline in (("A", date(2024, 6, 20)), ("B", date(2024, 6, 5))):
            county.issue(county.found(number), deadline)
        county.found("C")
        assert county.ledger_numbers() == ["B", "A", "C"]
        assert county.ledger_numbers(overdue=True, today=date(2024, 6, 10)) == ["B"]
        assert county.ledger_numbers(number="B") == ["B"]
        assert county.ledger_numbers(stage="to_assess") == ["C"]
        assert county.ledger_numbers(stage="to_rectify") == ["B", "A"]
        assert county.ledger_numbers(stage="all") == sorted(
            "ABC", key=county.found_id, reverse=True
        )

    def test_the_ledger_is_read_page_by_page(self, county: County) -> None:
        days = [date(2024, 6, 5), date(2024, 6, 5), date(2024, 6, 9), None]
        for number, day in zip("ABCD", days, strict=True):
            hazard = county.found(number)
            if day:
                county.issue(hazard, day)
        whole = county.ledger_rows()
        paged, after = [], None
        for _ in whole:
            (row,) = county.ledger_rows(limit=1, after=after)
            paged.append(row["number"])
            after = (row["due_on"], row["id"])
        assert paged == [row["number"] for row in whole]

    def test_the_ledger_is_of_the_enterprises_chosen(
        self, county: County, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However many come into question: few are looked up, of many each row is asked."""
        county.found("A")
        for few in (2_000, 0):
            monkeypatch.setattr(enterprises, "FEW", few)
            for chosen, shown in (
                (Chosen(), ["A"]),
                (Chosen(words="沂河"), ["A"]),
                (Chosen(words="别家"), []),
                (Chosen(area="河东"), []),
                (Chosen(industry="C"), []),
                (Chosen(enterprise=ENTERPRISE), ["A"]),
                (Chosen(department=DEPARTMENT), ["A"]),
                (Chosen(department=ENTERPRISE), []),
            ):
                assert county.ledger_numbers(enterprises=chosen) == shown, chosen

    def test_a_listing_too(self, county: County) -> None:
        hazard, listing = county.found("A"), uuid4()
        unit = organisation_id("D2")
        office = OrganisationRegistered(kind=OrgKind.DEPARTMENT, code="D2", name="安委会办公室")
        county.act(unit, office)
        about = {"enterprise": ENTERPRISE, "hazard": hazard, "by_org": DEPARTMENT}
        county.act(listing, ListingProposed(**about, to_org=DEPARTMENT))
        assert county.hazards()["A"]["listed"] is False
        terms = {"responsible_body": DEPARTMENT, "supervising_unit": unit}
        county.act(listing, ListingMade(**about, **terms, number="1号", deadline=date(2024, 6, 1)))
        assert county.hazards()["A"]["listed"] is True
        assert county.hazards()["A"]["deadline"] == date(2024, 6, 1)
        county.act(
            listing, ListingExtended(**about, deadline=date(2024, 6, 9), reason=words("推迟"))
        )
        assert county.hazards()["A"]["deadline"] == date(2024, 6, 9)

    def test_corrections_and_corrections_of_them(self, county: County) -> None:
        hazard = county.found("A")
        found = county.ledger.record(hazard)[0].position
        again = HazardFound(
            enterprise=ENTERPRISE,
            number="B",
            description=words("渗漏"),
            found_by=Finder.DEPARTMENT,
        )
        replaced = county.corrected(found, again)
        assert county.hazards()["B"]["found_by"] == "department"
        county.corrected(replaced)
        assert county.hazards().keys() == {"A"}, "the correction was taken back"
        county.corrected(found)
        assert county.hazards() == {}, "it was never found"

    def test_an_imported_row_as_last_imported(self, county: County) -> None:
        hazard = uuid4()
        for row, closed in ((1, None), (2, date(2024, 3, 1))):
            imported = LedgerRowImported(
                enterprise=ENTERPRISE,
                origin=RowOrigin(source="台账", file="0" * 64, row=row),
                number="X",
                found=date(2024, 2, 1),
                deadline=date(2024, 2, 20),
                closed=closed,
            )
            county.bring_in(hazard, row, imported, date(2024, 2, 1))
            listed = county.hazards()["X"]
            assert (listed["closed"], listed["imported"]) == (
                closed.isoformat() if closed else None,
                True,
            )

    def test_one_of_another_enterprise(self, county: County) -> None:
        county.found("A")
        assert county.hazards(enterprise=DEPARTMENT) == {}
        assert county.hazards(enterprise=ENTERPRISE).keys() == {"A"}


class TestOrganisations:
    def names(self, county: County, **chosen: Any) -> list[str]:  # noqa: ANN401 - filters
        county.catch_up()
        return [row["name"] for row in list_organisations(county.views, limit=10, **chosen)]

    def test_as_they_are_called_now(self, county: County) -> None:
        assert self.names(county) == ["应急管理局", "沂河化工"]
        position = county.act(ENTERPRISE, OrganisationChanged(name="沂河精细化工"))
        assert self.names(county, kind="enterprise") == ["沂河精细化工"]
        county.corrected(position)
        assert self.names(county, name="沂河") == ["沂河化工"]
        county.act(ENTERPRISE, OrganisationClosed())
        assert self.names(county, closed=False) == ["应急管理局"]
        assert self.names(county, closed=True) == ["沂河化工"]


class TestIncidents:
    def test_by_the_latest_figures(self, county: County) -> None:
        accident = uuid4()
        occurred = IncidentOccurred(
            enterprise=ENTERPRISE, number="SG-1", name="坍塌", deaths=2, serious_injuries=4
        )
        county.act(accident, occurred, date(2024, 5, 1))
        county.act(accident, CasualtiesUpdated(enterprise=ENTERPRISE, deaths=3))
        opened = ReviewOpened(enterprise=ENTERPRISE, incident=accident, by_org=DEPARTMENT)
        county.act(uuid4(), opened)
        county.catch_up()
        (row,) = list_incidents(county.views, limit=10, number="SG-1", level="larger")
        assert (row["deaths"], row["serious_injuries"], row["reviewed"]) == (3, 4, True)
        assert row["enterprise_name"] == "沂河化工"

    def test_an_imported_row(self, county: County) -> None:
        row = AccidentRowImported(
            enterprise=ENTERPRISE,
            origin=RowOrigin(source="台账", file="0" * 64, row=1),
            number="A1",
            occurred=date(2024, 2, 2),
            loss=2_000_000_000,
        )
        county.bring_in(uuid4(), 1, row, date(2024, 2, 2))
        county.catch_up()
        (listed,) = list_incidents(county.views, limit=10)
        assert (listed["occurred"], listed["level"]) == ("2024-02-02", "larger")
        assert (listed["name"], listed["imported"], listed["deaths"]) == (None, True, 0)


class TestReports:
    def file(self, county: County, month: str, day: date) -> int:
        fact = ReportFiled(enterprise=ENTERPRISE, month=month, kind="ordinary", to_org=DEPARTMENT)
        return county.act(report_id(ENTERPRISE, month), fact, day)

    def test_who_owes_which_month(self, county: County) -> None:
        assert county.roll("2023-12") == {}
        assert county.roll("2024-01") == {"E1": "broken"}
        assert county.roll("2024-06") == {"E1": "broken"}
        assert county.roll("2024-06", today=date(2024, 6, 30)) == {"E1": "open"}
        assert county.roll("2031-01") == {"E1": "open"}, "and so on for ever"

    def test_who_has_reported(self, county: County) -> None:
        self.file(county, "2024-01", date(2024, 1, 31))
        late = self.file(county, "2024-02", date(2024, 3, 1))
        assert county.roll("2024-01", reported=True) == {"E1": "kept"}
        assert county.roll("2024-01", reported=False) == {}
        assert county.roll("2024-02") == {"E1": "kept_late"}
        assert county.roll("2024-03", reported=False) == {"E1": "broken"}
        county.corrected(late)
        assert county.roll("2024-02") == {"E1": "broken"}
        withdrawn = ReportWithdrawn(enterprise=ENTERPRISE, month="2024-01", reason=words("漏报"))
        county.act(report_id(ENTERPRISE, "2024-01"), withdrawn)
        assert county.roll("2024-01", reported=False) == {"E1": "broken"}

    def test_a_zero_report_needs_both_names(self, county: County) -> None:
        report = report_id(ENTERPRISE, "2024-01")
        people = {}
        registrar = Actor(authentication="token", person=uuid4())
        for role, kind in ((Role.DEPUTY, PostKind.DEPUTY), (Role.PRINCIPAL, PostKind.PRINCIPAL)):
            person, post = uuid4(), uuid4()
            name = Sealed.close(role.value, person, os.urandom(16))
            county.act(person, PersonRegistered(name=name))
            created = PostCreated(organisation=ENTERPRISE, kind=kind, title=kind.value)
            county.act(post, created, date(2024, 1, 15))
            held = AppointmentMade(organisation=ENTERPRISE, person=person)
            county.act(post, held, date(2024, 1, 15))
            people[role] = person, post
            key = KeyRegistered(person=person, key=pens.key_of(role.value))
            county.act(key_record(key.key.id), key, by=registrar)
        filed = ReportFiled(enterprise=ENTERPRISE, month="2024-01", kind="zero", to_org=DEPARTMENT)
        filing = county.act(report, filed, date(2024, 1, 31))
        states = [county.standing("2024-01")]
        for role, (person, post) in people.items():
            unsigned = ReportEndorsed(
                enterprise=ENTERPRISE, month="2024-01", role=role, person=person, filing=1
            )
            county.act(report, unsigned)
            states.append(county.standing("2024-01"))
            county.sign(filing, role, person, post)
            states.append(county.standing("2024-01"))
        assert states == [
            ("broken", "filed", ["deputy", "principal"]),
            ("broken", "filed", ["deputy", "principal"]),
            ("broken", "awaiting_principal", ["principal"]),
            ("broken", "awaiting_principal", ["principal"]),
            ("kept", "effective", []),
        ]

    def test_a_zero_report_is_contradicted_by_what_is_entered_later(self, county: County) -> None:
        self.test_a_zero_report_needs_both_names(county)
        county.found("H1", happened=date(2024, 1, 20))
        assert county.standing("2024-01") == ("kept", "contradicted", [])

    def test_a_gap_of_government_is_nobodys_report(self, county: County) -> None:
        """Nobody to report to in March and April; from May on there is again."""
        ended = SupervisionEnded(enterprise=ENTERPRISE, department=DEPARTMENT)
        county.act(supervision_id(ENTERPRISE), ended, date(2024, 2, 29))
        again = SupervisionAssigned(enterprise=ENTERPRISE, department=DEPARTMENT)
        county.act(supervision_id(ENTERPRISE), again, date(2024, 5, 6))
        owed = {month for month in months() if county.roll(month)}
        assert owed == judged(county)
        assert {"2024-03", "2024-04"}.isdisjoint(owed)
        assert {"2024-01", "2024-05", "2024-06"} <= owed

    def test_the_month_of_closing_is_the_last(self, county: County) -> None:
        county.act(ENTERPRISE, OrganisationClosed(), date(2024, 4, 10))
        assert {month for month in months() if county.roll(month)} == judged(county)
        assert county.roll("2024-04") == {"E1": "broken"}
        assert county.roll("2024-05") == {}

    def test_a_waiver(self, county: County) -> None:
        fact = DutyWaived(
            enterprise=ENTERPRISE,
            clause="3.2a",
            subject=f"report:{report_id(ENTERPRISE, '2024-02')}",
            by_org=DEPARTMENT,
            reason=words("停产"),
        )
        county.act(uuid4(), fact)
        assert county.roll("2024-02") == {"E1": "waived"}
        assert county.roll("2024-02", reported=False) == {}


def months() -> list[str]:
    return [f"2024-{month:02d}" for month in range(1, 7)]


def judged(county: County) -> set[str]:
    """Return the months that the policy's own rule finds owed, up to June."""
    docket = Docket(ENTERPRISE, read_case(county.ledger, ENTERPRISE), date(2024, 6, 30))
    return {duty.opening.detail for duty in judge(docket, MONTHLY)}


class TestMaking:
    def year(self, county: County) -> None:
        """Put a bit of everything on record."""
        hazards = [county.found(str(number)) for number in range(5)]
        for hazard in hazards[:3]:
            county.act(hazard, HazardAssessed(enterprise=ENTERPRISE, level=HazardLevel.GENERAL))
        county.issue(hazards[3], date(2024, 6, 5))
        occurred = IncidentOccurred(enterprise=ENTERPRISE, number="SG-1", name="坍塌")
        county.act(uuid4(), occurred)
        county.corrected(county.ledger.record(hazards[4])[0].position)
        for number, month in enumerate(months()[:4]):
            filed = ReportFiled(
                enterprise=ENTERPRISE, month=month, kind="ordinary", to_org=DEPARTMENT
            )
            county.act(report_id(ENTERPRISE, month), filed, date(2024, number + 2, 1))

    @pytest.mark.parametrize("batch", [1, 2, 7])
    def test_batches_of_any_size_come_to_the_same(
        self, county: County, batch: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.year(county)
        county.catch_up()
        whole = county.tables()
        assert all(whole.values())
        monkeypatch.setattr(build_module, "BATCH", batch)
        runner = Runner(
            county.place.url, read_models(county.place.schema), schema=county.place.schema
        )
        for model in read_models(county.place.schema):
            runner.rebuild(model.name)
        runner.stop()
        assert county.tables() == whole

    def test_fact_by_fact_comes_to_the_same(self, county: County) -> None:
        county.catch_up()
        self.year(county)
        county.catch_up()
        after = county.tables()
        runner = Runner(
            county.place.url, read_models(county.place.schema), schema=county.place.schema
        )
        for model in read_models(county.place.schema):
            runner.rebuild(model.name)
        runner.stop()
        assert county.tables() == after

    def test_before_they_are_made_nothing_is_listed(self, county: County) -> None:
        with pytest.raises(Unavailable, match="尚未建好"):
            list_incidents(county.views, limit=1)


def test_a_database_that_is_away() -> None:
    views = Views("host=127.0.0.1 port=1 connect_timeout=1", "nowhere")
    views._store.pool.timeout = 0.2
    with pytest.raises(Unavailable):
        list_incidents(views, limit=1)
    views.close()

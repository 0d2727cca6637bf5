"""``daocha enterprise`` and ``daocha figures``: what people at the machine look up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from api import home
from api.settings import Settings
from domain.fact import Actor, Fact, Sealed
from domain.fund import FundPlanned, SpendingMade, fund_id
from domain.inspector import EquipmentProvided
from domain.organisation import (
    OrganisationRegistered,
    OrgKind,
    SupervisionAssigned,
    organisation_id,
    supervision_id,
)
from domain.people import AppointmentMade, PersonRegistered, PostCreated, PostKind
from domain.recording import Act, record
from tests.support.cli import Run
from tests.support.imports import hazard, write_csv

PLANT, BUREAU = "CLI-PLANT", "CLI-BUREAU"
QUARTER = "2024-Q2"


@pytest.fixture
def ledger(daocha: Run, tmp_path: Path) -> Run:
    """The command line in front of a ledger with a department and its enterprise."""
    done = daocha("import", "ledger", write_csv(tmp_path / "台账.csv", [hazard()]))
    assert done.code == 0, done
    plant, bureau, person = organisation_id(PLANT), organisation_id(BUREAU), uuid4()
    chief, loose = uuid4(), uuid4()
    registered = (
        OrganisationRegistered(kind=kind, code=code, name=name, began=date(2024, 1, 1))
        for kind, code, name in (
            (OrgKind.ENTERPRISE, PLANT, "试点化工"),
            (OrgKind.DEPARTMENT, BUREAU, "试点局"),
        )
    )
    words = Sealed.close("某", person, bytes(16))
    facts: list[tuple[object, Fact]] = [
        *((organisation_id(fact.code), fact) for fact in registered),
        (supervision_id(plant), SupervisionAssigned(enterprise=plant, department=bureau)),
        (person, PersonRegistered(name=words)),
        (chief, PostCreated(organisation=plant, kind=PostKind.PRINCIPAL, title="总经理")),
        (chief, AppointmentMade(organisation=plant, person=person)),
        (loose, PostCreated(organisation=plant, kind=PostKind.TEAM_LEADER, title="甲班班长")),
        (fund_id(plant, 2024), FundPlanned(enterprise=plant, year=2024, amount=100)),
        (uuid4(), SpendingMade(enterprise=plant, amount=350, purpose=words)),
        (uuid4(), EquipmentProvided(body=bureau, name="测爆仪", count=2)),
    ]
    now, by = datetime.now(UTC), Actor(authentication="system")
    with home.opened(Settings()) as opened:
        acts = [Act(record_id, fact, date(2024, 5, 1)) for record_id, fact in facts]  # type: ignore[arg-type]
        record(opened, acts, command=uuid4(), by=by, received=now)
    return daocha


def test_posts_money_rules_and_inspectors(ledger: Run) -> None:
    posts = ledger("enterprise", "posts", PLANT)
    assert (posts.code, "未设上级岗位" in posts.out) == (0, True), posts
    assert len(ledger("enterprise", "posts", PLANT, "--json").json["orphans"]) == 1
    assert "不足 2.50元" in ledger("enterprise", "funds", PLANT, "--year", "2024").out
    funds = ledger("enterprise", "funds", PLANT, "--at", "2024-06-01", "--json").json
    assert (funds["year"], funds["shortfall"]) == (2024, 250)
    assert "所缺制度：排查、登记、报告、整改" in ledger("enterprise", "rules", PLANT).out
    assert len(ledger("enterprise", "rules", PLANT, "--json").json["missing"]) == 4
    assert "测爆仪 2台" in ledger("enterprise", "inspectors", BUREAU).out
    early = ledger("enterprise", "inspectors", BUREAU, "--known-at", "2024-06-01", "--json")
    assert early.code == 2


def test_figures_of_a_year_and_a_quarter(ledger: Run) -> None:
    year = ledger("figures", "year", BUREAU, "2024")
    assert (year.code, "外聘专家排查" in year.out) == (0, True), year
    assert ledger("figures", "year", BUREAU, "2024", "--json").json["charge"] == 1
    behind = ledger("figures", "year", BUREAU, "2024", "--behind", "hazards", "--json").json
    assert behind["items"] == []
    assert "隐患整改" in ledger("figures", "year", BUREAU, "2024", "--behind", "hazards").out
    shown = ledger("figures", "quarter", BUREAU, QUARTER, "--record")
    assert (shown.code, "不详" in shown.out) == (0, True), shown
    told = ledger("figures", "quarter", BUREAU, QUARTER, "--json").json
    assert [each["charge"] for each in told["figures"]] == [1]
    assert ledger("figures", "assessments", BUREAU, "2024", "--json").json["bodies"] == []
    assert "2024年度考核" in ledger("figures", "assessments", BUREAU, "2024").out
    ledger("figures", "year", "NOBODY", "2024").refuses("未登记")
    ledger("figures", "quarter", BUREAU, "2024-Q9").refuses("不是季度")

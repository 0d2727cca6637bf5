from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.fact import TOPICS
from domain.organisation import (
    OrganisationRegistered,
    OrganisationSame,
    OrgKind,
    ResponsiblesNamed,
    SupervisionAssigned,
    SupervisionFact,
    TransferAccepted,
    organisation_id,
    supervision_id,
)
from tests.support.book import ident, text
from tests.support.plant import DEPARTMENT, GOVERNMENT, MILL, PLANT


def test_a_code_fixes_the_record() -> None:
    assert organisation_id("91371399ma3c00003u") == organisation_id(" 91371399MA3C00003U ")
    assert organisation_id("91371399MA3C00003U") != organisation_id("91371300MA3C000018")


def test_each_enterprise_has_one_record_of_supervision() -> None:
    assert supervision_id(PLANT) == supervision_id(PLANT) != supervision_id(MILL)
    of_supervision = [t for t in TOPICS.values() if t.noun == "supervision"]
    assert len(of_supervision) == 8
    assert all(issubclass(topic.fact, SupervisionFact) for topic in of_supervision)


def test_supervision_is_about_the_enterprise_and_only_names_the_department() -> None:
    fact = SupervisionAssigned(enterprise=PLANT, department=DEPARTMENT)
    assert list(fact.tags()) == [f"org:{PLANT}"]
    assert set(fact.names()) == {("enterprise", "org", PLANT), ("department", "org", DEPARTMENT)}


def test_a_transfer_names_sender_and_receiver() -> None:
    fact = TransferAccepted(enterprise=PLANT, sender=DEPARTMENT, receiver=GOVERNMENT)
    assert [ident for field, _, ident in fact.names() if field != "enterprise"] == [
        DEPARTMENT,
        GOVERNMENT,
    ]


def test_a_naming_is_about_posts() -> None:
    leader, officer = ident("副局长"), ident("科长")
    fact = ResponsiblesNamed(
        enterprise=PLANT, department=DEPARTMENT, leader=leader, officer=officer
    )
    assert set(fact.tags()) == {f"org:{PLANT}", f"post:{leader}", f"post:{officer}"}


def test_the_same_organisation_twice_is_found_from_either() -> None:
    assert list(OrganisationSame(same_as=MILL, reason=text("重复")).tags()) == [f"org:{MILL}"]


@pytest.mark.parametrize("wrong", [{"code": ""}, {"name": " "}, {"employees": -1}, {"kind": "村"}])
def test_a_registration_that_is_none(wrong: dict[str, object]) -> None:
    form = {"kind": OrgKind.ENTERPRISE, "code": "1", "name": "甲厂", **wrong}
    with pytest.raises(ValidationError):
        OrganisationRegistered.model_validate(form)

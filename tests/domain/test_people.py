from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.labels import POST_KINDS
from domain.people import AppointmentEnded, AppointmentMade, PersonRegistered, PostCreated, PostKind
from tests.support.book import ident, text
from tests.support.plant import GOVERNMENT, PLANT

PERSON, POST = ident("张三"), ident("岗位")


def test_an_appointment_is_about_post_holder_and_organisation_not_the_appointing_body() -> None:
    fact = AppointmentMade(organisation=PLANT, person=PERSON, appointed_by=GOVERNMENT)
    assert (fact.topic.noun, fact.acting) == ("post", False)
    assert set(fact.tags()) == {f"org:{PLANT}", f"person:{PERSON}"}
    assert ("appointed_by", "org", GOVERNMENT) in set(fact.names())


def test_leaving_is_told_in_the_post_s_own_record() -> None:
    assert AppointmentEnded(organisation=PLANT, person=PERSON).topic.noun == "post"


def test_name_and_numbers_are_sealed_each_under_its_path() -> None:
    fact = PersonRegistered(name=text("张三"), phone=text("139"), id_number=None)
    assert [(path, sealed.value) for path, sealed in fact.sealed()] == [
        ("name", "张三"),
        ("phone", "139"),
    ]
    assert "张三" not in fact.model_dump_json()


def test_every_kind_of_post_has_a_word() -> None:
    assert set(POST_KINDS) == set(PostKind)


def test_a_post_has_a_title() -> None:
    with pytest.raises(ValidationError):
        PostCreated(organisation=PLANT, kind=PostKind.DEPUTY, title="")

"""Bundles made from a real ledger hold, and prove what they are made for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from api.bundling import Bundler
from api.rolls import take
from api.verifying import Verified, verify
from domain.errors import GateClosed, Invalid, NotFound, NotProved, Unavailable
from domain.fact import Sealed, canonical
from domain.grade import GradeAwarded
from domain.hazard import Finder, HazardFound
from domain.proof.bundle import Bundle
from domain.setting import SETTINGS, SettingChanged
from domain.trace import Question
from tests.support.ledger import Place
from tests.support.office import CLOSED, DUE, FIRM, MONTH, OPENED, SECOND, Office


@pytest.fixture
def office(postgres_url: str, schema: str, tmp_path: Path) -> Iterator[Office]:
    place = Place(postgres_url, schema, tmp_path / "keys")
    place.create("simulated", opened=OPENED)
    with place.open() as ledger:
        office = Office.begin(place, ledger)
        office.signers()
        yield office
    place.close()


def keys(verified: Verified) -> tuple[list[str], list[str]]:
    claims = verified.claims
    return [each.key for each in claims.proved], [each.key for each in claims.open]


def closed(office: Office) -> Bundler:
    """Take May's rolls, publish, and return what makes bundles."""
    office.catch_up()
    take(office.ledger, MONTH, CLOSED)
    office.publish()
    return Bundler(office.ledger, office.log)


def test_a_zero_report_with_all_that_bounds_it(office: Office) -> None:
    older = office.hazard("YH-1", DUE - timedelta(days=40))
    filed, *signed = office.zero_report(older=(older,))
    data = closed(office).of_report(FIRM, MONTH)
    verified = verify(data, office.trust)
    proved, left_open = keys(verified)
    assert proved == [
        *("in_the_log", "simulated", "witnessed", "report_filed", "hazard_still_open"),
        *("zero_in_effect", "signed", "held_post_and_key", "signed", "held_post_and_key"),
        *("same_text_in_order", "filed_by_deadline"),
        *("post_throughout", "post_throughout", "key_throughout", "key_throughout"),
    ]
    assert left_open == ["others_left_out", "later_facts", "truth", "own_clock"]
    assert [each.leaf.position for each in verified.evidence.signatures] == signed
    assert set(verified.evidence.disclosed.values()) >= {"张三", "李四", "登记员"}
    assert {filed, *signed} <= set(verified.evidence.leaves)
    assert len(data) < 30_000
    words = [each.words("zh") for each in verified.claims.proved]
    assert any("张三先签、李四后签" in each for each in words)
    assert any("YH-1" in each for each in words)


def test_before_any_roll_is_taken(office: Office) -> None:
    office.zero_report()
    office.publish()
    data = Bundler(office.ledger, office.log).of_report(FIRM, MONTH, mask=True)
    verified = verify(data, office.trust)
    assert verified.evidence.disclosed == {}
    assert keys(verified)[1].count("not_bounded") == 2


def test_a_hazard_found_afterwards_or_before_is_told(office: Office) -> None:
    office.zero_report()
    office.hazard("YH-2", DUE - SECOND)
    data = closed(office).of_report(FIRM, MONTH)
    assert "hazard_after_signing" in keys(verify(data, office.trust))[0]


def test_a_hazard_entered_late_that_was_known_before_they_signed(office: Office) -> None:
    office.zero_report()
    office.hazard("YH-7", happened=date(2024, 5, 10))
    data = closed(office).of_report(FIRM, MONTH)
    proved, _ = keys(verify(data, office.trust))
    assert proved.count("hazard_before_signing") == 2
    assert len(data) < 30_000


def test_a_hazards_life(office: Office) -> None:
    hazard = office.hazard("YH-3")
    office.publish()
    data = Bundler(office.ledger, office.log).of_record("hazard", hazard)
    verified = verify(data, office.trust)
    assert "阀门泄漏" in verified.evidence.disclosed.values()
    assert "step" in keys(verified)[0]


def test_an_extract_for_a_bank(office: Office) -> None:
    office.hazard("YH-5")
    at_once = HazardFound(
        enterprise=FIRM,
        number="YH-6",
        description=Sealed.close("灭火器遮挡", FIRM, bytes(16)),
        found_by=Finder.ENTERPRISE,
        fixed_on_spot=True,
    )
    office.act(uuid4(), at_once, DUE)
    grade = GradeAwarded(enterprise=FIRM, by_org=FIRM, grade=2, valid_from=date(2024, 1, 1))
    office.act(uuid4(), grade, DUE)
    office.publish()
    data = Bundler(office.ledger, office.log).of_extract(FIRM)
    verified = verify(data, office.trust)
    proved, left_open = keys(verified)
    assert proved[-2:] == ["extract", "grade_awarded"]
    told = next(each for each in verified.claims.proved if each.key == "extract")
    assert [told.values[name] for name in ("found", "closed", "open")] == [2, 1, 1]
    assert "others_left_out" in left_open
    assert verified.evidence.disclosed == {}
    with pytest.raises(NotFound):
        Bundler(office.ledger, office.log).of_extract(uuid4())


def test_an_extract_is_switched_off_by_its_setting(office: Office) -> None:
    office.hazard("YH-5")
    off = SettingChanged(key="4.2c.extract", value=None, since=OPENED.date(), source="本市决定")
    office.act(SETTINGS, off, DUE)
    office.publish()
    with pytest.raises(GateClosed, match="switched off") as refused:
        Bundler(office.ledger, office.log).of_extract(FIRM)
    assert refused.value.clause == "4.2c"


def test_nothing_of_that_name_and_nothing_published(office: Office) -> None:
    bundler = Bundler(office.ledger, office.log)
    with pytest.raises(Unavailable, match="no checkpoint"):
        bundler.of_report(FIRM, MONTH)
    office.publish()
    with pytest.raises(NotFound, match="as far as a published checkpoint covers"):
        bundler.of_report(FIRM, MONTH)
    with pytest.raises(NotFound):
        bundler.of_record("order", uuid4())
    with pytest.raises(NotFound):
        bundler.of_trace(uuid4(), Question(CLOSED))


# Traces.


@pytest.mark.parametrize("mask", [False, True])
def test_a_trace_is_made_again_from_its_facts(office: Office, *, mask: bool) -> None:
    office.hazard("YH-4")
    office.file(at=DUE + SECOND)
    data = closed(office).of_trace(FIRM, Question(CLOSED), mask=mask)
    verified = verify(data, office.trust)
    proved, left_open = keys(verified)
    assert {"rules_checked", "trace_rests_on_facts", "complete_up_to_roll"} <= set(proved)
    assert left_open[0] == "after_the_roll"
    assert ("张三" in data.decode()) is not mask
    assert verified.evidence.trace is not None
    assert verified.evidence.trace["findings"]


def test_a_trace_as_known_earlier(office: Office) -> None:
    office.hazard("YH-5")
    known = office.clock
    office.file(at=DUE + SECOND)
    data = closed(office).of_trace(FIRM, Question(CLOSED, known))
    verified = verify(data, office.trust)
    assert "rules_checked" in keys(verified)[0]
    assert "trace_not_bounded" in keys(verified)[1]


def altered(data: bytes, **changes: object) -> bytes:
    bundle = json.loads(data)
    told = json.loads(bundle["trace"]) | changes
    bundle["trace"] = canonical(told).decode()
    return canonical(bundle)


def test_a_trace_that_its_facts_do_not_lead_to(office: Office) -> None:
    office.file(at=DUE + SECOND)
    data = closed(office).of_trace(FIRM, Question(CLOSED))
    with pytest.raises(NotProved, match="not what the rules"):
        verify(altered(data, findings=[]), office.trust)
    unreadable = verify(altered(data, look_back="when"), office.trust)
    assert "rules_not_checked" in keys(unreadable)[1]


def test_a_fact_left_out_of_a_trace(office: Office) -> None:
    hazard = office.hazard("YH-6")
    data = closed(office).of_trace(FIRM, Question(CLOSED))
    bundle = Bundle.model_validate_json(data)
    left = [each for each in bundle.leaves if str(hazard) not in each.leaf]
    assert len(left) < len(bundle.leaves)
    with pytest.raises(Invalid):
        verify(bundle.model_copy(update={"leaves": tuple(left)}).write(), office.trust)
    assert isinstance(hazard, UUID)

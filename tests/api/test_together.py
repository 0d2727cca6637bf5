"""Several acts in one command: all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from uuid_utils.compat import uuid7

from api.examples import example_of_commands

if TYPE_CHECKING:
    from tests.support.county import County
    from tests.support.web import Web

BEGUN = ("-0003-", "-0004-", "-0005-")
"""The records that the example begins: hazards, inspections, orders."""


def test_an_inspection_and_what_it_found(web: Web) -> None:
    """The documentation's example, with records of its own."""
    example = example_of_commands()
    begun = {each for each in ids_in(example) if any(kind in each for kind in BEGUN)}
    body = renamed(example, {each: str(uuid7()) for each in begun})
    answer = web.post("/commands", body)
    assert answer.status_code == 201, answer.text
    acts = answer.json()["acts"]
    first = acts[0]["position"]
    assert [act["position"] for act in acts] == list(range(first, first + len(body["acts"])))
    assert [act["topic"] for act in acts] == [act["topic"] for act in body["acts"]]


def ids_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return {each for item in value.values() for each in ids_in(item)}
    if isinstance(value, list):
        return {each for item in value for each in ids_in(item)}
    return {value} if isinstance(value, str) and value.startswith("01900a00-") else set()


def renamed(value: object, new: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {name: renamed(item, new) for name, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, new) for item in value]
    return new.get(value, value) if isinstance(value, str) else value


def test_all_or_nothing(web: Web, county: County) -> None:
    head = web.get("/facts").json()["head"]
    record = str(uuid7())
    acts = [
        {"topic": "hazard.found", "record": record, "data": county.found()},
        {"topic": "hazard.closed", "record": record, "data": {"by_org": county.enterprise}},
    ]
    answer = web.post("/commands", {"acts": acts})
    assert (answer.status_code, answer.json()["clause"]) == (409, "3.1b")
    assert web.get("/facts").json()["head"] == head


def test_an_act_goes_on_what_an_earlier_one_began(web: Web, county: County) -> None:
    record = str(uuid7())
    acts = [
        {"topic": "hazard.found", "record": record, "data": county.found()},
        {"topic": "hazard.assessed", "record": record, "data": {"level": "major"}},
    ]
    answer = web.post("/commands", {"acts": acts})
    assert [act["version"] for act in answer.json()["acts"]] == [1, 2]
    state = web.get(f"/hazards/{record}").json()["state"]
    assert (state["level"], state["enterprise"]) == ("major", str(county.id))


def test_it_is_one_command(web: Web, county: County) -> None:
    body = {"acts": [{"topic": "hazard.found", "data": county.found()}] * 2}
    key = str(uuid7())
    first = web.post("/commands", body, Idempotency_Key=key)
    again = web.post("/commands", body, Idempotency_Key=key)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len({act["record"] for act in first.json()["acts"]}) == 2


def test_each_act_may_expect_a_version(web: Web, county: County) -> None:
    record = county.hazard().json()["record"]
    act = {"topic": "hazard.assessed", "record": record, "data": {"level": "general"}}
    stale = web.post("/commands", {"acts": [{**act, "expected": 0}]})
    right = web.post("/commands", {"acts": [{**act, "expected": 1}]})
    assert (stale.status_code, right.status_code) == (412, 201)


def test_records_fixed_by_their_subject_need_no_id(web: Web, county: County) -> None:
    report = {"enterprise": county.enterprise, "month": "2024-05", "kind": "ordinary"}
    data = {**report, "to_org": county.department}
    answer = web.post("/commands", {"acts": [{"topic": "report.filed", "data": data}]})
    assert answer.status_code == 201
    assert web.get(f"/reports/{county.enterprise}/2024-05").json()["version"] == 1


@pytest.mark.parametrize(
    ("acts", "where"),
    [
        ([], "acts"),
        ([{"topic": "nothing.happened", "data": {}}], "acts.0"),
        ([{"topic": "token.issued", "data": {}}], "acts.0"),
        ([{"data": {}}], "acts.0"),
        ([7], "acts.0"),
        ([{"topic": "hazard.found", "data": {"number": 7}}], "acts.0.data.enterprise"),
        ([{"topic": "hazard.assessed", "data": {"level": "general"}}], "record"),
    ],
)
def test_what_is_wrong_is_told_act_by_act(web: Web, acts: list[dict[str, Any]], where: str) -> None:
    answer = web.post("/commands", {"acts": acts})
    assert answer.status_code in (409, 422)
    assert answer.json()["where"] == where


def test_a_hundred_acts_and_no_more(web: Web, county: County) -> None:
    act = {"topic": "hazard.found", "data": county.found()}
    assert web.post("/commands", {"acts": [act] * 100}).status_code == 201
    assert web.post("/commands", {"acts": [act] * 101}).status_code == 422

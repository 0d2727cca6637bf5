from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid5

import pytest

from domain.errors import Invalid, NotProved
from domain.fact import canonical
from domain.proof.bundle import About, Asked, open_bundle
from domain.proof.roll import RollEntry
from tests.support.evidence import (
    DEPUTY,
    DISCLOSED,
    ENTERPRISE,
    NAMES,
    REGULATOR,
    REPORT,
    TRUST,
    Log,
    known_signers,
)

ABOUT = About(kind="trace", id=str(ENTERPRISE))
Change = Callable[[dict[str, Any]], object]


def traced() -> Log:
    """A log with a report at 11 that a correction at 12 replaces, and a rule at 13."""
    log = known_signers()
    log.report()
    replacement = {"happened": "2024-05-19", "fact": {"topic": "report.filed", "data": {}}}
    data = {"positions": [11], "replacement": replacement}
    correction = uuid5(NAMES, "correction")
    log.append("fact.corrected", correction, data, [f"report:{REPORT}"])
    log.append("setting.changed", uuid5(NAMES, "settings"), {})
    return log


def line(log: Log, position: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    leaf = json.loads(log.leaves[position - 1])
    return {
        "position": position,
        "topic": leaf["topic"],
        "happened": leaf["body"]["happened"],
        "recorded": leaf["recorded"].replace(".000000Z", "Z"),
        "person": None,
        **changes,
    }


def trace_of(log: Log) -> dict[str, Any]:
    corrected = line(log, 12, topic="report.filed", happened="2024-05-19")
    named = {"person": str(DEPUTY), "person_name": "张三"}
    return {
        "place": {"id": str(ENTERPRISE), "name": "沂河化工有限公司"},
        "lines": {"enterprise": [{"facts": [5, 11], "bearer": {"holders": []}}]},
        "knowledge": [{"person": str(DEPUTY), "name": "张三", "facts": [5]}],
        "facts": [line(log, 5, **named), line(log, 11), corrected, line(log, 12)],
    }


def bundle(log: Log, trace: object, *rolls: Asked) -> bytes:
    text = trace if isinstance(trace, str) else canonical(trace).decode()
    positions = range(1, len(log.leaves) + 1)
    made = log.bundle(*positions, about=ABOUT, rolls=rolls, disclosed=DISCLOSED, trace=text)
    return made.write()


def test_a_trace_and_what_it_rests_on() -> None:
    log = traced()
    trace = trace_of(log)
    assert open_bundle(bundle(log, trace), TRUST).trace == trace


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("another enterprise", lambda t: t["place"].update(id=str(REGULATOR))),
        ("another enterprise", lambda t: t.update(place=None)),
        ("canonical form", lambda t: t.pop("facts")),
        ("a fact of the trace is not here", lambda t: t["facts"][0].update(position=99)),
        ("a fact of the trace is not here", lambda t: t["facts"].append("5")),
        ("a fact of the trace is not here", lambda t: t["facts"][0].update(position="5")),
        ("a fact of the trace is not here", lambda t: t["knowledge"][0]["facts"].append(99)),
        ("a fact of the trace is not here", lambda t: t["knowledge"][0].update(facts="5")),
        ("tells a fact otherwise", lambda t: t["facts"][0].update(topic="report.filed")),
        ("tells a fact otherwise", lambda t: t["facts"][0].update(happened="2024-05-01")),
        ("tells a fact otherwise", lambda t: t["facts"][0].update(recorded="2024-05-01T00:00:00Z")),
        ("tells a fact otherwise", lambda t: t["facts"][2].update(happened="2024-05-18")),
        ("not the disclosed one", lambda t: t["facts"][0].update(person_name="李四")),
        ("not the disclosed one", lambda t: t["knowledge"][0].update(name="李四")),
        ("not the disclosed one", lambda t: t["knowledge"][0].update(person=str(REGULATOR))),
    ],
)  # fmt: skip
def test_a_trace_that_does_not_rest_on_the_facts(why: str, change: Change) -> None:
    log = traced()
    trace = trace_of(log)
    change(trace)
    with pytest.raises(Invalid, match=why):
        open_bundle(bundle(log, trace), TRUST)


def test_names_may_be_left_out() -> None:
    log = traced()
    trace = trace_of(log)
    trace["facts"][0]["person_name"] = None
    trace["knowledge"][0].pop("name")
    open_bundle(bundle(log, trace), TRUST)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"facts": []}', "[" * 100_000, "NaN"])
def test_what_is_no_trace(text: str) -> None:
    with pytest.raises(Invalid):
        open_bundle(bundle(traced(), text), TRUST)


@pytest.mark.parametrize("replacement", [None, "x", {"fact": None}])
def test_a_correction_that_only_takes_back(replacement: object) -> None:
    log = known_signers()
    data = {"positions": [5], "replacement": replacement}
    log.append("fact.corrected", uuid5(NAMES, "c"), data, [f"org:{ENTERPRISE}"])
    trace = {"place": {"id": str(ENTERPRISE)}, "facts": [line(log, 11)]}
    assert open_bundle(bundle(log, trace), TRUST).trace == trace


# That all facts about the enterprise are there.


def asked(log: Log, count: int, chained: str) -> Asked:
    content = {"chain": chained, "count": count, "filed": []}
    entry = RollEntry(id=str(ENTERPRISE), content=content)
    roll = log.take("monthly_report 2024-05", entry)
    return Asked(len(log.leaves), entry.id, roll.prove(entry.id))


def test_complete_up_to_a_roll() -> None:
    log = traced()
    roll = asked(log, 6, log.chain())
    assert open_bundle(bundle(log, trace_of(log), roll), TRUST).rolls


@pytest.mark.parametrize("count", [5, 6, 7])
def test_a_fact_about_the_enterprise_left_out(count: int) -> None:
    log = traced()
    roll = asked(log, count, "00" * 32)
    with pytest.raises(NotProved, match="left out"):
        open_bundle(bundle(log, trace_of(log), roll), TRUST)


def test_rolls_asked_about_others_bound_nothing() -> None:
    log = traced()
    content = {"chain": "00" * 32, "count": 9, "filed": []}
    entry = RollEntry(id=str(REGULATOR), content=content)
    roll = log.take("monthly_report 2024-05", entry)
    asked = Asked(len(log.leaves), entry.id, roll.prove(entry.id))
    absent = Asked(len(log.leaves), str(ENTERPRISE), roll.prove(str(ENTERPRISE)))
    assert len(open_bundle(bundle(log, trace_of(log), asked, absent), TRUST).rolls) == 2

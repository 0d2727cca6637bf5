"""What goes in: once, whole, in order, and in no other form than the leaf's."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from domain.errors import CommandReused, Conflict, Invalid
from domain.fact import MAX_LEAF, leaf_hash
from domain.ledger import Command, Condition, Ledger, Query, Receipt
from tests.support.ledger import NOW, ORG, Crossed, Noted, Place, Told, command, draft, sealed

ORG_TAG = f"org:{ORG}"


def ask(place: Place, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """Call the append function as the writer may, with whatever a hostile one would send."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("SET ROLE daocha_writer")
        query = f"SELECT {place.schema}.append(%s)"
        return [row[0] for row in connection.execute(query.encode(), [Jsonb(list(requests))])]


def request(**changes: object) -> dict[str, Any]:
    fact: dict[str, object] = {
        "record": str(uuid4()),
        "version": 1,
        "topic": "test.noted",
        "tags": [ORG_TAG],
        "body": '{"a":1}',
    }
    for key in list(changes):
        if key in {"record", "version", "topic", "tags", "body", "sealed"}:
            fact[key] = changes.pop(key)
    return {"id": str(uuid4()), "digest": "00", "facts": [fact], **changes}


def test_a_command_is_recorded_whole_and_in_order(ledger: Ledger) -> None:
    record = uuid4()
    asked = command(draft(record), draft(record, 2, Crossed()), draft())
    receipt = ledger.append(asked)
    assert receipt.positions == (2, 3, 4)
    assert not receipt.repeated
    entries = ledger.range(1, 10)
    assert [entry.position for entry in entries] == [2, 3, 4]
    assert {entry.recorded for entry in entries} == {receipt.recorded}
    assert {entry.command for entry in entries} == {asked.id}
    assert [entry.fact for entry in entries] == [each.fact for each in asked.drafts]
    assert entries[0].tags == tuple(asked.drafts[0].tags())
    assert entries[0].happened == NOW


def test_the_database_composes_the_leaf_that_a_draft_gives(ledger: Ledger) -> None:
    asked = command(draft(uuid4()), draft(uuid4(), 1, Crossed()))
    receipt = ledger.append(asked)
    for raw, entry, made in zip(
        ledger.range_raw(1, 2), ledger.range(1, 2), asked.drafts, strict=True
    ):
        nonce = bytes.fromhex(orjson.loads(raw.leaf)["body"]["nonce"])
        leaf = made.leaf(raw.position, receipt.recorded, asked.id, nonce)
        assert (leaf, leaf_hash(leaf)) == (raw.leaf, entry.hash)


def test_the_same_command_again_is_answered_as_the_first_time(ledger: Ledger) -> None:
    asked = command(draft(), draft())
    first = ledger.append(asked)
    ledger.append(command())
    again = ledger.append(asked)
    assert again == Receipt(first.command, first.positions, first.recorded, repeated=True)
    assert ledger.head().position == 4


def test_an_id_stands_for_one_content(ledger: Ledger) -> None:
    asked = command()
    ledger.append(asked)
    with pytest.raises(CommandReused):
        ledger.append(command(command_id=asked.id, digest=b"other"))


def test_a_version_is_written_once(ledger: Ledger) -> None:
    record = uuid4()
    ledger.append(command(draft(record)))
    with pytest.raises(Conflict) as caught:
        ledger.append(command(draft(), draft(record)))
    assert caught.value.where == "drafts.1.version"
    assert ledger.head().position == 2  # nothing of it remains


@pytest.mark.parametrize("version", [2, 3, 2**31 - 1])
def test_versions_have_no_gaps(ledger: Ledger, version: int) -> None:
    record = uuid4()
    with pytest.raises(Conflict):
        ledger.append(command(draft(record, version)))
    ledger.append(command(draft(record)))
    with pytest.raises(Conflict):
        ledger.append(command(draft(record, version + 1 if version < 2**31 - 1 else version)))
    with pytest.raises(Conflict):
        ledger.append(command(draft(record, 2), draft(record, 4)))
    ledger.append(command(draft(record, 2), draft(record, 3)))


def test_a_condition_sees_what_came_after_the_decision(ledger: Ledger) -> None:
    known = ledger.append(command()).positions[-1]
    holds = Condition(known, (Query((ORG_TAG,)),))
    ledger.append(command(draft(), condition=holds))
    with pytest.raises(Conflict) as caught:
        ledger.append(command(draft(), condition=holds))
    assert caught.value.where == "condition.none_of.0"
    assert str(known + 1) in caught.value.en


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query((ORG_TAG,)), True),
        (Query((f"org:{UUID(int=9)}",)), False),
        (Query((ORG_TAG,), ("test.noted",)), True),
        (Query((ORG_TAG,), ("test.crossed", "test.noted")), True),
        (Query((ORG_TAG,), ("test.crossed",)), False),
        (Query((ORG_TAG, f"test:{UUID(int=7)}")), True),
        (Query((ORG_TAG, f"test:{UUID(int=8)}")), False),
        (Query((), ("test.noted",)), True),
        (Query((), ("test.crossed",)), False),
    ],
)
def test_a_condition_takes_all_tags_and_any_topic(
    ledger: Ledger, query: Query, *, found: bool
) -> None:
    ledger.append(command(draft(UUID(int=7))))
    asked = command(draft(fact=Crossed(org=uuid4())), condition=Condition(1, (query,)))
    if found:
        with pytest.raises(Conflict):
            ledger.append(asked)
    else:
        ledger.append(asked)


def test_commands_sent_together_are_each_judged_in_turn(ledger: Ledger) -> None:
    record, asked = uuid4(), command()
    answers = ledger.append_many(
        [
            asked,
            command(draft(record), draft(record, 2)),
            command(draft(record, 2)),  # just written by the one before
            command(draft(record, 3)),
            asked,
            command(command_id=asked.id, digest=b"other"),
            command(draft(version=0)),
            command(draft(), condition=Condition(5, (Query((ORG_TAG,)),))),
            command(draft(), condition=Condition(4, (Query((ORG_TAG,)),))),
        ]
    )
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == (
        [
            "Receipt",
            "Receipt",
            "Conflict",
            "Receipt",
            "Receipt",
            "CommandReused",
            "Invalid",
            "Receipt",
            "Conflict",
        ]
    )
    positions = [answer.positions for answer in answers if isinstance(answer, Receipt)]
    assert positions == [(2,), (3, 4), (5,), (2,), (6,)]


def test_nothing_to_do_is_done(ledger: Ledger) -> None:
    assert ledger.append_many([]) == []


def test_what_the_server_chokes_on_together_is_sent_one_by_one(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two boxes at one path break the call as a whole; only the command at fault is refused."""
    real = ledger.recorder.append
    box = ["name", str(uuid4()), base64.b64encode(b"box").decode()]

    def twice(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for each in requests:
            if each["facts"][0]["topic"] == "test.crossed":
                each["facts"][0]["sealed"] = [box, box]
        return real(requests)

    monkeypatch.setattr(ledger.recorder, "append", twice)
    answers = ledger.append_many([command(), command(draft(fact=Crossed())), command()])
    assert [type(answer).__name__ for answer in answers] == ["Receipt", "Invalid", "Receipt"]
    assert ledger.head().position == 3


# The leaf


def recomposed(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a leaf must hold by the columns beside it, its body excepted."""
    return {
        "position": row["position"],
        "record": str(row["record"]),
        "recorded": row["recorded"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "tags": row["tags"],
        "topic": row["topic"],
        "version": row["version"],
    }


def rows(place: Place) -> list[dict[str, Any]]:
    query = """
        SELECT fact.*, (SELECT array_agg(tag ORDER BY tag) FROM S.tag
            WHERE tag.position = fact.position) AS tags
        FROM S.fact ORDER BY position
    """
    names = ["position", "record", "version", "topic", "recorded", "leaf", "tags"]
    return [
        dict(zip(names, row, strict=True)) | {"recorded": row[4].astimezone(UTC)}
        for row in place.sql(query)
    ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(words=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_leaf_is_canonical_json_of_all_that_the_columns_say(
    ledger: Ledger, place: Place, words: str
) -> None:
    (position,) = ledger.append(command(draft(fact=Noted(words=words)))).positions
    row = rows(place)[position - 1]
    leaf = bytes(row["leaf"])
    found = json.loads(leaf)
    assert leaf == rfc8785.dumps(found)  # an implementation that is not ours
    assert leaf == orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
    assert found == {"body": found["body"], **recomposed(row)}
    assert found["body"]["data"]["words"] == Noted(words=words).words
    assert ledger.range(position - 1, 1)[0].fact == Noted(words=words)


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1},"position":9,"x":{"b":2}',
        '{"a":1}}',
        '{"a":1},{"a":2}',
        ' {"a":1}',
        '{"a":1} ',
        '{"a":1}\n',
        "[1]",
        "1",
        "null",
        '"text"',
        "",
        "{",
        '{"a":"\\u0000"}',
        '{"a":"\\ud800"}',
        '{"a":NaN}',
        "{'a':1}",
        {"a": 1},
        None,
        7,
    ],
)
def test_a_body_is_one_json_object_in_a_string(place: Place, body: object) -> None:
    (answer,) = ask(place, request(body=body))
    assert answer["outcome"] == "invalid"
    assert place.sql("SELECT count(*) FROM S.fact") == [(1,)]


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": ['org:1","position":9,"x":"']},
        {"tags": []},
        {"tags": None},
        {"tags": "org:1"},
        {"tags": ["org:" + "1" * 97]},
        {"tags": ["org:1", None]},
        {"tags": ["org:1\n"]},
        {"topic": 'a","version":9,"x":"'},
        {"topic": None},
        {"topic": "A.b"},
        {"topic": "a" * 101},
        {"version": -1},
        {"version": 1.5},
        {"version": "one"},
        {"version": 2**31},
        {"version": None},
        {"record": "not an id"},
        {"record": None},
        {"id": None},
        {"id": "not an id"},
        {"digest": None},
        {"digest": "zz"},
        {"digest": ""},
        {"digest": "00" * 65},
        {"facts": []},
        {"facts": None},
        {"facts": {"a": 1}},
        {"recorded": "2024-01-01T00:00:00Z"},
        {"recorded": "soon"},
        {"condition": {"after": "x", "none_of": [{"tags": ["org:1"], "topics": []}]}},
        {"condition": {"after": 1, "none_of": {}}},
        {"condition": {"after": 1, "none_of": [{"tags": "org:1"}]}},
        {"sealed": [["name", "not an id", "AAAA"]]},
        {"sealed": [["name", str(ORG), "&&&&"]]},
        {"sealed": "name"},
    ],
)
def test_a_malformed_command_is_refused_and_the_others_are_not(
    place: Place, changes: dict[str, Any]
) -> None:
    before, answer, after = ask(place, request(), request(**changes), request())
    assert answer["outcome"] == "invalid", answer
    assert [before["first"], after["first"]] == [2, 3]


def test_a_deeply_nested_body_is_refused(place: Place) -> None:
    deep = '{"a":' + "[" * 30_000 + "]" * 30_000 + "}"
    before, answer = ask(place, request(), request(body=deep))
    assert before["outcome"] == "recorded"
    assert answer["outcome"] == "invalid"


def test_a_condition_must_say_since_when_and_what(place: Place) -> None:
    conditions: list[Any] = [
        {"none_of": [{"tags": [ORG_TAG], "topics": []}]},
        {"after": 1},
        {"after": 1, "none_of": [{}]},
        {"after": 1, "none_of": [{"tags": [ORG_TAG, None], "topics": []}]},
        [],
    ]
    for condition in conditions:
        (answer,) = ask(place, request(condition=condition))
        assert answer["outcome"] == "invalid", condition


def test_a_leaf_has_at_most_65535_bytes(ledger: Ledger) -> None:
    envelope = len(ledger.range_raw(ledger.append(command()).positions[0] - 1, 1)[0].leaf)
    room = MAX_LEAF - envelope
    (at,) = ledger.append(command(draft(fact=Noted(words="x" * room)))).positions
    assert len(ledger.range_raw(at - 1, 1)[0].leaf) == MAX_LEAF
    with pytest.raises(Invalid, match="65535"):
        ledger.append(command(draft(fact=Noted(words="x" * (room + 1)))))


def test_a_large_command_does_not_hang(ledger: Ledger) -> None:
    """More than 400 KiB in one call, where the library's own way stops for ever."""
    drafts = [draft(fact=Noted(number=n, words="隐患" * 5000)) for n in range(100)]
    receipt = ledger.append(command(*drafts))
    assert receipt.positions == tuple(range(2, 102))
    assert [entry.fact for entry in ledger.range(1, 100)] == [each.fact for each in drafts]


# The clock


def test_the_database_says_when(ledger: Ledger, place: Place) -> None:
    before = place.sql("SELECT clock_timestamp()")[0][0]
    recorded = ledger.append(command()).recorded
    assert before <= recorded <= place.sql("SELECT clock_timestamp()")[0][0]
    assert recorded.tzinfo is UTC


def test_a_real_ledger_takes_nobody_elses_word(ledger: Ledger) -> None:
    with pytest.raises(Invalid, match="only a simulated ledger"):
        ledger.append(command(recorded=NOW))


@pytest.fixture
def simulated(place: Place) -> Ledger:
    place.drop()
    place.create("simulated", opened=NOW)
    return place.open()


def test_a_simulated_ledger_takes_the_callers_moment(simulated: Ledger) -> None:
    with simulated as ledger:
        assert ledger.genesis().recorded == NOW
        later = NOW + timedelta(days=30, microseconds=1)
        assert ledger.append(command(recorded=later)).recorded == later
        assert ledger.append(command(recorded=later)).recorded == later  # standing still is fine
        with pytest.raises(Invalid, match="lies before the last one"):
            ledger.append(command(recorded=NOW))
        assert ledger.head().position == 3
        assert ledger.append(command()).recorded > datetime(2026, 1, 1, tzinfo=UTC)


def test_a_refused_command_does_not_move_the_simulated_clock(simulated: Ledger) -> None:
    with simulated as ledger:
        ahead = command(draft(version=5), recorded=NOW + timedelta(days=9))
        answers = ledger.append_many([ahead, command(recorded=NOW + timedelta(days=1))])
        assert isinstance(answers[0], Conflict)
        assert isinstance(answers[1], Receipt)


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01"])
def test_a_simulated_moment_is_of_our_era(simulated: Ledger, place: Place, moment: str) -> None:
    simulated.close()
    (answer,) = ask(place, request(recorded=moment))
    assert answer["outcome"] == "invalid"


def test_a_ledger_is_not_opened_at_a_moment_that_cannot_be_written(place: Place) -> None:
    place.drop()
    for moment in (datetime(2024, 5, 3), datetime(9999, 12, 31, 12, tzinfo=UTC)):  # noqa: DTZ001
        with pytest.raises(Invalid):
            place.create("simulated", opened=moment)
    place.create()


def test_recorded_never_goes_backwards(place: Place, simulated: Ledger) -> None:
    """A clock that was set back: the last fact lies in the future."""
    with simulated as ledger:
        future = datetime(2100, 1, 1, tzinfo=UTC)
        ledger.append(command(recorded=future))
        assert ledger.append(command()).recorded == future


# Beside it


def test_append_needs_read_committed(place: Place) -> None:
    with psycopg.connect(place.url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            connection.execute(f"SELECT {place.schema}.append('[]')".encode())


def test_only_what_was_recorded_is_announced(place: Place) -> None:
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(f"LISTEN {place.schema}".encode())
        ask(place, request(), request())
        ask(place, request(version=7))
        ask(place)
        heard = [note.payload for note in connection.notifies(timeout=0.3)]
    assert heard == ["3"]


def test_a_box_goes_in_with_its_fact_or_not_at_all(ledger: Ledger, place: Place) -> None:
    person = uuid4()
    told = Told(person=person, name=sealed("张三", person))
    with pytest.raises(Conflict):
        ledger.append(command(draft(fact=told), draft(version=3)))
    assert place.sql("SELECT count(*) FROM S.sealed") == [(0,)]
    ledger.append(command(draft(fact=told)))
    assert place.sql("SELECT position, path, subject FROM S.sealed") == [(2, "name", person)]


def test_many_commands_of_many_facts(ledger: Ledger) -> None:
    commands = [command(*[draft() for _ in range(10)]) for _ in range(50)]
    answers = ledger.append_many(commands)
    positions = [p for answer in answers if isinstance(answer, Receipt) for p in answer.positions]
    assert positions == list(range(2, 502))
    assert isinstance(commands[0], Command)

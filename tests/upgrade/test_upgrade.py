"""From the first release's tables, as that program wrote them, to today's.

``layout_3.dump`` is what ``pg_dump`` gave of a ledger that the first release made; its first line
holds the keys.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.errors import Unavailable
from domain.fact import TOPICS
from domain.ledger import KeyStore
from domain.ledger import schema as schemas
from domain.ledger.schema import ensure_role
from domain.ledger.upgrading import FIRST, LAYOUT, Layout, NotALedger, layout_in, note, upgrade
from domain.ledger.vault import FILE
from projections.models import read_models
from projections.runner import Runner
from tests.support.ledger import ORIGIN, Noted, Place, command, draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.cli import Run

DUMP = Path(__file__).with_name("layout_3.dump")
FACTS = 6
GROWING = ("fact", "tag", "command")


@pytest.fixture
def first(postgres_url: str, schema: str, tmp_path: Path) -> Iterator[Place]:
    """A ledger as the first release left it."""
    keys, text = DUMP.read_text("utf-8").split("\n", 1)
    _, _, secret, subject, key = keys.split()
    KeyStore.create(tmp_path / "keys", ORIGIN, lambda _: bytes.fromhex(secret)).close()
    with closing(sqlite3.connect(tmp_path / "keys" / FILE)) as file, file:
        row = (UUID(subject).bytes, bytes.fromhex(key))
        file.execute("INSERT INTO key VALUES (?, ?)", row)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for role in (schemas.WRITER, schemas.PROJECTOR):
            ensure_role(connection, role)
        connection.execute("SET check_function_bodies = off")
        connection.execute(text.replace("first_release", schema).encode())
    place = Place(postgres_url, schema, tmp_path / "keys")
    yield place
    place.close()


def layout(place: Place) -> Layout | None:
    with psycopg.connect(place.url) as connection:
        return layout_in(connection, place.schema)


def first_release_opens(place: Place) -> bool:
    """Ask as the first release does: by the schema's comment alone, which must say 3."""
    query = "SELECT obj_description(%s::regnamespace, 'pg_namespace')"
    ((comment,),) = place.sql(query, place.schema)
    return int(comment.removeprefix("daocha ledger, layout ")) == 3


def test_an_older_layout_says_what_to_do(first: Place) -> None:
    with pytest.raises(Unavailable) as error:
        first.open()
    assert "daocha upgrade" in error.value.todo_zh


def test_everything_of_the_first_release_is_read_and_goes_on(first: Place) -> None:
    before = first.sql("SELECT position, leaf FROM S.fact ORDER BY position")
    assert upgrade(first.url, first.schema) == list(range(FIRST + 1, LAYOUT + 1))
    assert upgrade(first.url, first.schema) == []
    assert first.sql("SELECT position, leaf FROM S.fact ORDER BY position") == before
    with first.open() as ledger:
        entries = ledger.range(0, FACTS)
        assert [entry.position for entry in entries] == list(range(1, FACTS + 1))
        (person,) = [e.fact for e in entries if e.topic == "person.registered"]
        assert dict(person.sealed())["name"].value == "某某"
        assert ledger.privileges() == []
        latest = ledger.checkpoints.latest()
        assert latest is not None
        assert latest.size == 5
        record = next(entry.record for entry in entries if entry.topic == "test.noted")
        receipt = ledger.append(command(draft(record, 2, Noted(number=3))))
        assert receipt.positions == (FACTS + 1,)
        runner = Runner(first.url, read_models(first.schema), schema=first.schema)
        try:
            runner.catch_up()
            assert {each.position for each in runner.progress()} == {FACTS + 1}
        finally:
            runner.stop()


def test_a_new_ledger_has_what_an_upgraded_one_has(first: Place, tmp_path: Path) -> None:
    upgrade(first.url, first.schema)
    other = Place(first.url, f"{first.schema[:40]}_new", tmp_path / "new")
    other.create()
    try:
        query = "SELECT relname, reloptions FROM pg_class WHERE relnamespace = %s::regnamespace"
        upgraded, new = (sorted(p.sql(query, p.schema), key=str) for p in (first, other))
        assert upgraded == new
        assert layout(first) == layout(other) == Layout(LAYOUT, FIRST)
    finally:
        other.drop()
        other.close()


def test_the_older_program_serves_meanwhile_and_afterwards(first: Place) -> None:
    """What it asks, and what it calls: the append function with what it always sent."""
    assert first_release_opens(first)
    request = (
        '[{"id": "%s", "digest": "00", "facts": [{"record": "%s", "version": 1, '
        '"topic": "test.noted", "tags": ["org:x"], "body": "{}"}]}]'
    )
    with psycopg.connect(first.url) as writing:
        append = f"SELECT {first.schema}.append(%s::jsonb) ->> 'outcome'".encode()
        assert writing.execute(append, [request % (uuid4(), uuid4())]).fetchone() == ("recorded",)
        assert upgrade(first.url, first.schema), "it waits for no writer"
        writing.commit()
        assert first_release_opens(first), "started again, it finds what it needs"
        assert writing.execute(append, [request % (uuid4(), uuid4())]).fetchone() == ("recorded",)


def test_a_layout_that_serves_the_older_program_no_more(first: Place) -> None:
    with psycopg.connect(first.url) as connection:
        note(connection, first.schema, Layout(LAYOUT + 2, LAYOUT + 1))
    assert not first_release_opens(first)
    with pytest.raises(Unavailable, match=f"version {LAYOUT + 2}"):
        first.open()


def test_a_step_gives_up_instead_of_making_everybody_wait(first: Place) -> None:
    with psycopg.connect(first.url) as busy:
        busy.execute(f"LOCK TABLE {first.schema}.fact IN ACCESS EXCLUSIVE MODE".encode())
        with pytest.raises(Unavailable):
            upgrade(first.url, first.schema)
    assert layout(first) == Layout(FIRST, FIRST)


def test_what_came_before_the_first_release_is_left_alone(first: Place) -> None:
    with psycopg.connect(first.url) as connection:
        note(connection, first.schema, Layout(FIRST - 1, FIRST - 1))
    with pytest.raises(Unavailable, match="before the first release"):
        upgrade(first.url, first.schema)


def test_something_else_is_left_alone(first: Place) -> None:
    first.sql(f"COMMENT ON SCHEMA {first.schema} IS NULL")
    with pytest.raises(NotALedger):
        upgrade(first.url, first.schema)
    assert upgrade(first.url, f"{first.schema[:40]}_none") == []


def test_the_command(first: Place, daocha: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAOCHA_LEDGER", first.schema)
    assert daocha("upgrade", "--json").json == {"layout": LAYOUT, "reached": [LAYOUT]}
    assert "无须升级" in daocha("upgrade").out
    assert os.environ["DAOCHA_LEDGER"] == first.schema


def test_topics_of_the_first_release_are_known(first: Place) -> None:
    topics = first.sql("SELECT DISTINCT topic FROM S.fact")
    assert {topic for (topic,) in topics} <= set(TOPICS)

"""What was signed of the tree is kept for good, in one line, by one publisher at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import psycopg
import pytest
from psycopg import errors

from domain.errors import Contradiction, Unavailable
from domain.ledger import Ledger
from tests.support.ledger import Place, command, draft, note_of, publish

A, B = bytes(32), bytes([1]) * 32


@pytest.fixture
def five(ledger: Ledger) -> Ledger:
    """A ledger of five facts."""
    ledger.append(command(*[draft() for _ in range(4)]))
    return ledger


def test_nothing_is_published_at_first(ledger: Ledger) -> None:
    assert ledger.checkpoints.latest() is None
    assert ledger.checkpoints.covering(1) is None


def test_what_was_published_is_found_by_its_size(place: Place, five: Ledger) -> None:
    assert [publish(place, 1), publish(place, 3), publish(place, 3), publish(place, 5)] == [
        *(1, 2, 3, 4)
    ]
    latest = five.checkpoints.latest()
    assert latest is not None
    assert (latest.number, latest.size, latest.root, latest.note) == (4, 5, A, note_of(5, A))
    assert datetime.now(UTC) - latest.published < timedelta(minutes=1)

    def numbers(*sizes: int) -> list[int | None]:
        found = [five.checkpoints.covering(size) for size in sizes]
        return [each.number if each else None for each in found]

    assert numbers(1, 2, 3, 4, 5, 6) == [1, 2, 2, 4, 4, None]
    below = five.checkpoints.below(5)
    assert below is not None
    assert below.number == 3
    assert five.checkpoints.below(1) is None
    of_size = five.checkpoints.of_size(3)
    assert of_size is not None
    assert of_size.number == 3
    assert five.checkpoints.of_size(2) is None


@pytest.mark.parametrize(
    ("size", "root", "why"),
    [
        (3, A, "a larger tree was published"),
        (4, B, "another tree of this size was published"),
        (6, A, "the tree reaches past the facts"),
        (0, A, "the tree reaches past the facts"),
        (5, b"short", "size, root or note is missing"),
    ],
)
def test_what_contradicts_it_is_refused(
    place: Place, five: Ledger, size: int, root: bytes, why: str
) -> None:
    publish(place, 4)
    with pytest.raises(Contradiction, match=why):
        publish(place, size, root)
    latest = five.checkpoints.latest()
    assert latest is not None
    assert latest.number == 1


def test_the_note_says_what_its_columns_say(five: Ledger) -> None:
    with five.checkpoints.leading() as leader:
        assert leader is not None
        for note in (note_of(2, A), note_of(3, B), b"", b"3\n"):
            with pytest.raises(Contradiction, match="the note is of another tree"):
                leader.store(3, A, note)
        assert leader.store(3, A, note_of(3, A)) == 1


def test_one_publishes_at_a_time(place: Place, five: Ledger) -> None:
    with five.checkpoints.leading() as first:
        assert first is not None
        with place.open(vault=None) as other:
            with other.checkpoints.leading() as second:
                assert second is None
            waiting = Thread(target=_publish_without_the_lead, args=(place,))
            waiting.start()
            waiting.join(0.3)
            assert waiting.is_alive()
            assert first.store(2, A, note_of(2, A)) == 1
    waiting.join(20)
    latest = five.checkpoints.latest()
    assert latest is not None
    assert (latest.number, latest.size) == (2, 5)
    with five.checkpoints.leading() as again:
        assert again is not None


def _publish_without_the_lead(place: Place) -> None:
    place.sql("SELECT S.publish(5, %s, %s)", A, note_of(5, A))


def test_the_lead_goes_with_the_connection(place: Place, five: Ledger) -> None:
    with five.checkpoints.leading() as leader:
        assert leader is not None
        pid = leader._connection.info.backend_pid
        place.sql("SELECT pg_terminate_backend(%s, 5000)", pid)
        with five.checkpoints.leading() as next_one:
            assert next_one is not None
            with pytest.raises(Unavailable):
                leader.store(5, A, note_of(5, A))
            assert next_one.store(5, A, note_of(5, A)) == 1


def test_the_writer_publishes_by_the_function_only(place: Place, five: Ledger) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        place.sql("SET ROLE daocha_writer; INSERT INTO S.checkpoint VALUES (1, 1, '', '', now())")
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("SET ROLE daocha_writer")
        query = f"SELECT {place.schema}.publish(1, %s, %s)"
        connection.execute(query.encode(), [A, note_of(1, A)])
    assert place.sql("SELECT number, size FROM S.checkpoint") == [(1, 1)]

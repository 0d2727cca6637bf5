"""The event sourcing library's own contract, as its wheel ships it, on our recorder.

The contract stores states that are no JSON (``b"state1"``). Ours must be one JSON object, so a thin
codec carries such bytes as base64 in one; everything else is the recorder as the ledger uses it.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from threading import Timer
from typing import Any, ClassVar
from uuid import uuid4

import orjson
import psycopg
import pytest
from eventsourcing.persistence import (
    ApplicationRecorder,
    DataError,
    IntegrityError,
    Notification,
    StoredEvent,
)

from domain.ledger import Ledger
from domain.ledger.datastore import LedgerDatastore
from domain.ledger.recorder import LedgerRecorder, StoredFact
from domain.ledger.schema import WRITER, install
from tests.support.contracts import persistence
from tests.support.ledger import Noted, command, draft


def wrapped(event: StoredEvent) -> StoredEvent:
    state = orjson.dumps({"state": base64.b64encode(event.state).decode()})
    return StoredEvent(event.originator_id, event.originator_version, event.topic, state)


def unwrapped(event: StoredFact) -> Notification:
    state = base64.b64decode(orjson.loads(event.state)["state"])
    plain = (event.originator_id, event.originator_version, event.topic, state)
    return Notification(*plain, event.id)


class Opaque(LedgerRecorder):
    """The recorder for states of any bytes."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: object
    ) -> Sequence[int] | None:
        return super().insert_events([wrapped(event) for event in stored_events])

    def select_notifications(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on
        return [unwrapped(event) for event in super().select_notifications(*args, **kwargs)]

    def select_events(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on
        return [
            StoredEvent(e.originator_id, e.originator_version, e.topic, e.state)
            for e in map(unwrapped, super().select_events(*args, **kwargs))
        ]


class OpaqueAggregates(Opaque):
    """The same, answering as a recorder that has no positions."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: object) -> None:
        super().insert_events(stored_events)


class OnOurTables:
    """Gives a contract test the tables of an empty ledger, without even its first fact."""

    recorder_class: ClassVar[type[LedgerRecorder]]
    url: str
    schema: str

    @pytest.fixture(autouse=True)
    def _empty_ledger(self, postgres_url: str, schema: str) -> Iterator[None]:
        with psycopg.connect(postgres_url) as connection:
            install(connection, schema)
        self.datastore = LedgerDatastore(postgres_url, schema=schema, role=WRITER)
        yield
        self.datastore.close()

    def create_recorder(self) -> LedgerRecorder:
        recorder = self.recorder_class(self.datastore, os.urandom)
        recorder.create_table()
        return recorder


class TestApplicationRecorder(
    OnOurTables, persistence.ApplicationRecorderTestCase[ApplicationRecorder]
):
    recorder_class = Opaque

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestAggregateRecorder(OnOurTables, persistence.AggregateRecorderTestCase):
    recorder_class = OpaqueAggregates


def test_the_state_is_the_body_exactly(ledger: Ledger) -> None:
    words = '"},"position":2,"record":"' + str(uuid4())
    record = uuid4()
    ledger.append(command(draft(record, 1, Noted(words=words))))
    (stored,) = ledger.recorder.select_events(record)
    leaf = ledger.range_raw(1, 1)[0].leaf
    assert leaf.startswith(b'{"body":' + stored.state + b',"position":2,"record":')
    assert orjson.loads(stored.state)["data"]["words"] == words


def test_only_json_objects_are_states(ledger: Ledger) -> None:
    event = StoredEvent(uuid4(), 1, "test.noted", b"state1")
    with pytest.raises(DataError):
        ledger.recorder.insert_events([event])
    event = StoredEvent(event.originator_id, 1, "test.noted", b"{}")
    assert ledger.recorder.insert_events([event]) == [2]
    with pytest.raises(IntegrityError):
        ledger.recorder.insert_events([event])


def test_the_library_saves_nothing_by_itself(ledger: Ledger) -> None:
    with pytest.raises(TypeError, match="append a command"):
        ledger.events.put([draft()])  # type: ignore[list-item]


def test_the_process_s_environment_is_not_read(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IS_SNAPSHOTTING_ENABLED", "y")
    monkeypatch.setenv("COMPRESSOR_TOPIC", "no.such:thing")
    again = Ledger(ledger._datastore, ledger.genesis(), None, os.urandom)
    assert again.snapshots is None
    assert len(again.record(ledger.genesis().record)) == 1


def test_a_subscription_that_waits_can_be_stopped(ledger: Ledger) -> None:
    with ledger.recorder.subscribe() as subscription:
        assert next(subscription).id == 1
        stopping = Timer(0.3, subscription.stop)
        stopping.start()
        assert list(subscription) == []
        stopping.join()

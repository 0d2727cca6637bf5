"""A whole case once more over HTTP: every fact posted, then the trace asked; both agree.

The story is played on the pure domain by its scenario; what it recorded is then posted, fact by
fact, to a ledger with a simulated clock, under ids of that ledger's own.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from pydantic import BaseModel
from pytest_bdd import scenario
from uuid_utils.compat import uuid7

from api import commands
from api.home import make
from api.operations import operations
from api.settings import Settings
from domain.answer import Line, Trace
from domain.fact import Entry, Fact, Sealed
from domain.incident import IncidentOccurred
from domain.moment import format_moment
from domain.record import facts_of
from domain.recording import record
from tests.features.steps.stories import told_of
from tests.features.world import World
from tests.support.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def beginning(opened: datetime, postgres_url: str, home: Path) -> Iterator[Web]:
    """Serve a ledger with a simulated clock that was opened at a moment."""
    settings = Settings(database_url=postgres_url, ledger=f"test_{uuid4().hex}", home=home)
    make(postgres_url, settings, "simulated", opened)
    try:
        with Web.serving(settings) as web:
            yield web
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '10s'")
            for part in ("", "_views", "_views_a", "_views_b"):
                name = sql.Identifier(f"{settings.ledger}{part}")
                connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))


def stopped(at: datetime) -> Callable[[], datetime]:
    """Return a clock that has stopped."""
    return lambda: at


@dataclass
class Clerk:
    """Posts the facts of a book one by one; ``ids`` are those that the ledger gave its records."""

    web: Web
    ids: dict[UUID, str] = field(default_factory=dict)

    def post(self, entry: Entry) -> None:
        """Post one fact, at the moment at which the book has it recorded."""
        operation = operations()[entry.topic]
        sent = self._sent(entry.fact)
        address = {"record": self.ids.get(entry.record, "")} | {
            name: sent[name] for name in ("enterprise", "month") if name in sent
        }
        path = operation.path.format(**address)
        body = {k: v for k, v in sent.items() if k in operation.body.model_fields}
        if operation.chooses_record:
            body["record"] = str(uuid7())
        answer = self.web.post(path, body | {"happened": format_moment(entry.happened)})
        assert answer.status_code == 201, (entry.topic, body, answer.text)
        self.ids[entry.record] = answer.json()["record"]

    def _sent(self, value: Any) -> Any:  # noqa: ANN401 - any part of a fact
        """Return a value as a client sends it: words open, ids those of the ledger."""
        if isinstance(value, Sealed):
            return value.value
        if isinstance(value, Fact | BaseModel):
            parts = {name: self._sent(getattr(value, name)) for name in type(value).model_fields}
            return {name: part for name, part in parts.items() if part is not None}
        if isinstance(value, tuple):
            return [self._sent(each) for each in value]
        if isinstance(value, UUID):
            return self.ids.get(value, str(value))
        if isinstance(value, Enum):
            return value.value
        return format_moment(value) if isinstance(value, date) else value


@scenario("stories/b_resumed_before_acceptance.feature", "倒查“8·26”冒顶，各条责任线上的每一项")
def test_a_case_posted_over_http_has_the_same_trace(
    world: World, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *entries = world.book.entries
    with beginning(first.recorded, postgres_url, tmp_path) as web:
        clerk = Clerk(web)
        for entry in entries:
            web.app.state.serving = replace(web.here, now=stopped(entry.recorded))
            monkeypatch.setattr(commands, "record", partial(record, recorded=entry.recorded))
            clerk.post(entry)
        (accident,) = [e.record for e, _ in facts_of(entries, IncidentOccurred)]
        answer = web.get(f"/incidents/{clerk.ids[accident]}/trace")
        assert answer.status_code == 200, answer.text
    told, expected = told_of(Trace.model_validate(answer.json())), told_of(world.asked())
    assert set(told) >= {line.value for line in Line}
    assert told == expected

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from time import sleep
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from api.app import create_app
from api.crowd import MOST, PATIENCE, PATIENCE_OF_WRITERS, Crowd, Crowded
from tests.support.web import API, listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.settings import Settings

LOOK = {"method": "GET", "path": "/hazards"}
WRITE = {"method": "POST", "path": "/api/v1/reports"}
IN_TIME = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)


def filled(threads: int, inside: int, apart: float) -> Crowd:
    """Return a crowd in which somebody leaves every so many seconds."""
    crowd = Crowd(threads)
    for _ in range(threads + 200):
        crowd.inside += 1
    for moment in range(200):
        crowd.leave(moment * apart)
    crowd.inside = inside
    return crowd


def test_nobody_waits_while_there_are_threads() -> None:
    crowd = Crowd(4)
    for _ in range(4):
        crowd.enter(LOOK)
    assert crowd.wait() == 0
    for moment in range(4):
        crowd.leave(moment)
    assert crowd.inside == 0


def test_whoever_would_wait_too_long_is_told_when_to_come_again() -> None:
    crowd = filled(4, 4 + 20, 0.1)  # twenty wait: two seconds
    assert crowd.wait() == pytest.approx(2, rel=0.01)
    assert PATIENCE < crowd.wait() < PATIENCE_OF_WRITERS
    with pytest.raises(Crowded) as error:
        crowd.enter(LOOK)
    assert error.value.seconds == 3
    assert crowd.turned_away == 1
    crowd.enter(WRITE)
    crowd.enter({"method": "GET", "path": "/health"})
    assert crowd.inside == 4 + 22


def test_writers_are_turned_away_at_last() -> None:
    with pytest.raises(Crowded):
        filled(4, 4 + 90, 0.1).enter(WRITE)


def test_however_fast_it_goes_there_is_room_for_so_many() -> None:
    with pytest.raises(Crowded):
        filled(4, MOST, 0.0001).enter(WRITE)


def until(true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if true():
            return
        sleep(0.01)
    raise AssertionError("it never came true")


def test_what_arrives_in_time_counts_from_its_arrival(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread, which is busy while midnight passes; then whoever only looks is turned away."""
    clock = IN_TIME
    app = create_app(settings.model_copy(update={"threads": 1}), now=lambda: clock)
    busy, go_on = Event(), Event()
    with (
        listening(app) as address,
        httpx.Client(base_url=address + API, timeout=60) as client,
        ThreadPoolExecutor(2) as threads,
    ):
        ledger, crowd = app.state.serving.ledger, app.state.crowd
        asked = ledger.receipt

        def receipt(command: UUID, digest: bytes) -> Any:  # noqa: ANN401 - as the ledger's own
            busy.set()
            assert go_on.wait(60)
            return asked(command, digest)

        monkeypatch.setattr(ledger, "receipt", receipt)

        def post() -> httpx.Response:
            body = {"kind": "government", "code": str(uuid7()), "name": "县政府"}
            key = {"Idempotency-Key": str(uuid7())}
            return client.post("/organisations", json=body, headers=key)

        first = threads.submit(post)
        assert busy.wait(60)
        second = threads.submit(post)
        until(lambda: crowd.inside == 2)
        clock = IN_TIME + timedelta(seconds=40)
        crowd._apart = 3.0
        told = client.get("/hazards")
        assert (told.status_code, told.headers["Retry-After"]) == (429, "4")
        assert told.json()["title"]
        crowd._apart = 0.01
        go_on.set()
        for each in (first.result(60), second.result(60)):
            assert each.status_code == 201, each.text
            (entry,) = ledger.range(each.json()["position"] - 1, 1)
            assert entry.received == IN_TIME
    assert crowd.inside == 0

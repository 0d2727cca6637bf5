"""Who saw what is sensitive is put down first, and its digest goes on record; all of it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import psycopg
import pytest
from psycopg import sql

from api.app import API
from api.authority import asked_by_address
from api.cli_personal import everything_about
from api.looks import SENSITIVE, looks_of, put_looks_on_record
from domain.errors import NotFound
from domain.looks import LooksKept, digest_of
from domain.record import facts_of
from tests.support.land import build

if TYPE_CHECKING:
    from tests.support.land import Land
    from tests.support.web import Web

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def land(own_web: Web) -> Land:
    """A ledger of the test's own: it is tampered with."""
    return build(own_web)


def listed(land: Land, **by: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a filter
    here = land.web.here
    return list(looks_of(here.ledger, here.waiting, since=LONG_AGO, **by))


def test_a_look_is_on_record_and_shows_when_it_is_changed(land: Land) -> None:
    here = land.web.here
    assert put_looks_on_record(here) == 0
    person = land.people["工人一"]
    purpose = {"Purpose": "%E6%A0%B8%E5%AF%B9%E4%BB%BB%E8%81%8C"}
    assert land.get("总经理一", f"{API}/persons/{person}", **purpose).status_code == 200
    assert land.get("总经理二", f"{API}/persons/{person}").status_code == 403
    trace = f"{API}/enterprises/{land.code('E1')}/trace"
    assert land.get("局长一", trace).status_code == 200
    assert listed(land) == [], "not on record yet"
    assert put_looks_on_record(here) == 2
    assert put_looks_on_record(here) == 0
    first, second = listed(land)
    assert (first["kind"], first["purpose"]) == ("person", "核对任职")
    assert first["person"] == land.people["总经理一"]
    assert first["posts"] == [land.posts["总经理一"]]
    assert first["about"] == {"record": person}
    assert (second["kind"], second["about"]) == ("trace", {"enterprise": land.code("E1")})
    assert listed(land, person=UUID(person)) == [first]
    batch, fact = next(facts_of([*here.ledger.range(0, 10_000)], LooksKept))
    lines = here.waiting.looks(batch.record)
    assert (fact.count, fact.digest) == (2, digest_of(lines))
    told = everything_about(here.ledger, UUID(person))
    assert told["looks"] == [first]
    assert not told["has_password"]
    position = told["facts"][0]["position"]
    assert land.get("工人一", f"{API}/facts/{position}").status_code == 200
    hazard = land.positions["E1"]
    assert land.get("工人一", f"{API}/facts/{hazard}").status_code == 200
    assert put_looks_on_record(here) == 2, "the export, and the fact about the person"
    export, fact_seen = listed(land)[-2:]
    assert (export["by"], export["purpose"]) == ("cli", "export")
    assert fact_seen["about"] == {"position": str(position)}
    assert "工人一" in orjson.dumps(told["facts"]).decode()

    url = here.settings.database_url
    assert url is not None
    table = sql.Identifier(f"{here.settings.ledger}_waiting", "look")
    with psycopg.connect(url.get_secret_value(), autocommit=True) as connection:
        query = sql.SQL("UPDATE {} SET leaf = replace(leaf, 'trace', 'tip')").format(table)
        connection.execute(query)
    with pytest.raises(NotFound, match="改动"):
        listed(land)


def test_a_batch_that_was_cut_short_is_taken_up_again(land: Land) -> None:
    here = land.web.here
    path = f"{API}/persons/{land.people['工人一']}"
    land.get("工人一", path)
    batch, lines = here.waiting.gather(UUID(int=7), 10)
    assert (batch, len(lines)) == (UUID(int=7), 1)
    land.get("工人一", path)
    assert put_looks_on_record(here) == 1, "the batch that was begun"
    assert put_looks_on_record(here) == 1, "what came since"
    assert len(listed(land)) == 2


def test_a_record_that_is_nobodys(land: Land) -> None:
    with pytest.raises(NotFound):
        everything_about(land.web.here.ledger, UUID(int=9))


def test_every_sensitive_address_is_one(land: Land) -> None:
    assert all(asked_by_address(path) is not None for path in SENSITIVE)

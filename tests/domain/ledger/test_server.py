"""What a backup asks of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.errors import Unavailable
from domain.ledger import server
from tests.support.ledger import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "daocha_reads_only"


@pytest.fixture
def reader(postgres_url: str) -> Iterator[str]:
    """An address of somebody who may do nothing in particular."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {USER}".encode())
        connection.execute(f"CREATE ROLE {USER} LOGIN".encode())
    yield server.in_database(postgres_url, "postgres", USER)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE {USER}".encode())


def test_a_server_is_known_by_its_number(place: Place) -> None:
    found = server.look(place.url)
    assert found == server.look(place.url)
    assert found.system.isdigit()
    assert found.version >= 15
    assert int(found.timeline, 16) >= 1
    assert found.database == psycopg.conninfo.conninfo_to_dict(place.url)["dbname"]
    assert found.owner


def test_its_log_goes_on_past_a_mark(place: Place) -> None:
    first, second = server.mark(place.url), server.mark(place.url)
    ((later,),) = place.sql("SELECT %s::pg_lsn > %s::pg_lsn", second, first)
    assert later


def test_noting_what_changes_is_for_whoever_may_say_so(place: Place, reader: str) -> None:
    assert server.summarize(place.url) == (server.look(place.url).version >= 17)
    assert not server.summarize(reader)


def test_a_password_goes_by_the_environment() -> None:
    address, secrets = server.for_programs("postgresql://u:secret@h1,h2/db")
    assert "secret" not in address
    assert secrets == {"PGPASSWORD": "secret"}
    assert "target_session_attrs=read-write" in address


def test_nobody_answers() -> None:
    with pytest.raises(Unavailable):
        server.look("postgresql://127.0.0.1:9/x?connect_timeout=1")


def test_a_connection_that_is_lost_meanwhile(place: Place) -> None:
    def lose() -> None:
        with server._connected(place.url) as connection:
            place.sql("SELECT pg_terminate_backend(%s)", connection.info.backend_pid)
            connection.execute("SELECT 1")

    with pytest.raises(Unavailable):
        lose()

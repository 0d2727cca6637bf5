"""The PostgreSQL server 数据库服务器 beneath a ledger, as whoever copies it has to know it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import conninfo as libpq
from psycopg.rows import tuple_row

from domain.ledger.datastore import connect, connection_string, unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

_LOOK = """
    SELECT (SELECT system_identifier FROM pg_control_system())::text,
        current_setting('server_version_num')::integer / 10000,
        left(pg_walfile_name(pg_current_wal_lsn()), 8),
        coalesce(current_setting('summarize_wal', true), 'off') = 'on',
        current_database(),
        pg_get_userbyid(10) -- the one that initdb makes
"""
_SECRETS = {"password": "PGPASSWORD", "sslpassword": "PGSSLPASSWORD"}


@dataclass(frozen=True, slots=True)
class Server:
    """One PostgreSQL cluster.

    Args:
        system: its own number, which its copies keep.
        version: the major version.
        timeline: which of its histories it writes, in eight hex digits; a restored or promoted
            server begins another one.
        summarizes: whether it notes which blocks change, so that what changed can be copied alone
            (PostgreSQL 17 and later).
        database: the database that holds the ledger.
        owner: its first superuser.
    """

    system: str
    version: int
    timeline: str
    summarizes: bool
    database: str
    owner: str


def look(conninfo: str) -> Server:
    """Return what server answers at an address.

    Raises:
        Unavailable: none does.
    """
    with _connected(conninfo) as connection, connection.cursor(row_factory=tuple_row) as cursor:
        (found,) = cursor.execute(_LOOK).fetchall()
    return Server(*found)


def summarize(conninfo: str) -> bool:
    """Have the server note from now on which blocks change; tell whether this user may say so."""
    with _connected(conninfo) as connection:
        try:
            connection.execute("ALTER SYSTEM SET summarize_wal = on")
            connection.execute("SELECT pg_reload_conf()")
        except psycopg.errors.Error:  # too old a server to know of it, or not for this user to say
            return False
    return True


def mark(conninfo: str) -> str:
    """Return how far the server's write-ahead log goes, having made it go a little further.

    So whoever receives the log, and waits until it has passed this place, need not wait for anybody
    else to write something.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with _connected(conninfo) as connection, connection.cursor(row_factory=tuple_row) as cursor:
        ((place,),) = cursor.execute("SELECT pg_current_wal_insert_lsn()::text").fetchall()
        cursor.execute("SELECT pg_logical_emit_message(true, 'daocha', '')")
    return str(place)


def for_programs(conninfo: str) -> tuple[str, dict[str, str]]:
    """Return an address for PostgreSQL's own programs, and what goes by the environment.

    What stands on a command line everybody on the machine can read, so no password does.
    """
    given = libpq.conninfo_to_dict(connection_string(conninfo))
    secrets = {
        variable: str(given.pop(name)) for name, variable in _SECRETS.items() if name in given
    }
    return libpq.make_conninfo(**given), secrets  # type: ignore[arg-type] # ports may be numbers


def in_database(conninfo: str, database: str, user: str) -> str:
    """Return the address of a database of the same server, as a user."""
    return libpq.make_conninfo(conninfo, dbname=database, user=user)


@contextmanager
def _connected(conninfo: str) -> Iterator[Connection[Any]]:
    with closing(connect(conninfo)) as connection:
        try:
            yield connection
        except psycopg.OperationalError as error:
            raise unreachable(error) from error

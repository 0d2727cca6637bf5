"""Connections to the ledger's database: the pool, and the listener that hears of new facts."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import psycopg
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg import Connection, errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row

from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

_log = logging.getLogger("daocha.ledger")

_PARAMETERS = {
    "application_name": "daocha",
    "connect_timeout": "5",
    # A server that froze or was cut off is noticed in seconds, not hours.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
_SESSION = """
    SELECT set_config('timezone', 'UTC', false),
        set_config('idle_in_transaction_session_timeout', '60s', false),
        set_config('lock_timeout', '30s', false),
        set_config('statement_timeout', '0', false), -- never cancel an append in flight
        CASE current_setting('synchronous_commit') WHEN 'off'
            THEN set_config('synchronous_commit', 'on', false) END
"""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_SLICE = 0.2
"""Seconds after which a wait looks whether it was asked to stop."""


def connection_string(conninfo: str) -> str:
    """Return ``conninfo``, a connection string or URI of any kind, with our defaults added.

    Of several hosts, the one that takes writes is meant.

    Raises:
        Unavailable: it is not a connection string.
    """
    try:
        given = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError as error:
        raise Unavailable(
            f"数据库地址格式不对：{error}",
            f"the database address is malformed: {error}",
            todo_zh="请检查 DATABASE_URL。",
            todo_en="Check DATABASE_URL.",
        ) from error
    defaults = dict(_PARAMETERS)
    if "," in str(given.get("host", "")):
        defaults["target_session_attrs"] = "read-write"
    return make_conninfo(**{**defaults, **given})  # type: ignore[arg-type] # ports may be numbers


def unreachable(error: Exception) -> Unavailable:
    """Return what to tell when the database cannot be reached or will not serve."""
    reason = " ".join(str(error).split())
    return Unavailable(
        f"数据库不可用：{reason}",
        f"the database is not available: {reason}",
        todo_zh="请检查数据库是否在运行、DATABASE_URL 是否正确，然后重试。",
        todo_en="Check that the database runs and DATABASE_URL is right, then try again.",
    )


def connect(conninfo: str) -> Connection[Any]:
    """Open one connection outside the pool, in autocommit, or raise ``Unavailable``."""
    try:
        return psycopg.connect(connection_string(conninfo), autocommit=True)
    except psycopg.OperationalError as error:
        raise unreachable(error) from error


class LedgerDatastore(PostgresDatastore):
    """The library's datastore, for any address, in a role of ours.

    Args:
        conninfo: connection string or URI: unix socket, ``sslmode``, several hosts, all of it.
        schema: PostgreSQL schema of the ledger (or of the read models).
        role: taken on in every connection, where the user may.
        size: most connections at a time; each thread that reads or writes takes one.
        wait: seconds to wait for a connection.
    """

    def __init__(
        self, conninfo: str, *, schema: str, role: str, size: int = 20, wait: float = 10.0
    ) -> None:
        super().__init__("", "", "", "", "", schema=schema)  # its own pool is never opened
        self.conninfo = connection_string(conninfo)
        self._configure = _configure(role)
        self.pool = ConnectionPool(
            self.conninfo,
            connection_class=Connection[DictRow],
            kwargs={"row_factory": dict_row},
            min_size=1,
            max_size=size,
            open=False,
            configure=self._configure,
            timeout=wait,
        )

    def register_type_adapters(self) -> None:
        """Do nothing: everything is passed as JSON, no composite type is needed."""

    def connect(self) -> Connection[Any]:
        """Open a connection of one's own outside the pool, or raise ``Unavailable``."""
        connection = connect(self.conninfo)
        self._configure(connection)
        return connection

    @contextmanager
    def connection(self) -> Iterator[Connection[DictRow]]:
        """Lend a connection in autocommit; errors are psycopg's own, unlike the library's."""
        self.pool.open()
        with self.pool.connection() as connection:
            yield connection


def _configure(role: str) -> Callable[[Connection[Any]], None]:
    take_role = sql.SQL("SET ROLE {}").format(sql.Identifier(role))
    first_time = iter([True])

    def configure(connection: Connection[Any]) -> None:
        connection.autocommit = True
        connection.execute(_SESSION)
        try:
            connection.execute(take_role)
        except (errors.InvalidParameterValue, errors.InsufficientPrivilege) as error:
            if next(first_time, False):  # the doctor tells it whenever asked
                _log.warning("the database user keeps its own rights: %s", error)

    return configure


class Listener:
    """Hears of new facts on a connection of its own; listens before anything is read.

    A lost connection is made again, and counts as news, since something may have been missed.
    """

    def __init__(self, conninfo: str, channel: str) -> None:
        self._conninfo = connection_string(conninfo)
        self._listen = sql.SQL("LISTEN {}").format(sql.Identifier(channel))
        self._connection: Connection[Any] | None = None
        self._pause = _FIRST_PAUSE

    def __enter__(self) -> Self:
        self._reconnect()
        return self

    def __exit__(self, *args: object) -> None:
        self._close()

    def wait(self, seconds: float, stop: Event) -> None:
        """Return when there may be something new, after ``seconds``, or when asked to stop."""
        deadline = monotonic() + seconds
        while not stop.is_set() and (left := deadline - monotonic()) > 0:
            if self._connection is None:
                stop.wait(min(self._pause, left))
                self._pause = min(self._pause * 2, _LONGEST_PAUSE)
                news = self._reconnect()
            else:
                news = self._heard(self._connection, min(_SLICE, left))
            if news:
                return

    def _heard(self, connection: Connection[Any], seconds: float) -> bool:
        try:
            return any(True for _ in connection.notifies(timeout=seconds, stop_after=1))
        except psycopg.OperationalError as error:
            _log.warning("listening was interrupted: %s", error)
            self._close()
            return True

    def _reconnect(self) -> bool:
        try:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
            self._connection.execute(self._listen)
        except psycopg.OperationalError:
            self._close()
            return False
        self._pause = _FIRST_PAUSE
        return True

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

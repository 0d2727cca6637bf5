"""Tables beside the ledger 台账之外的表: what is no fact, or none yet, in a schema of its own.

The roles that write and read the ledger cannot see them. They are made when first needed.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from psycopg import errors, sql

from domain.errors import Unavailable
from domain.ledger.datastore import LedgerDatastore, connect, unreachable
from domain.ledger.schema import check_name, ensure_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection
    from psycopg.rows import DictRow

AUTH = "daocha_auth"
"""Role that keeps these tables, and sees nothing else."""


class Beside:
    """Tables beside one ledger: ``kind`` names the file that makes them in ``{kind}``, its schema.

    That is the ledger's with ``suffix``.

    Args:
        conninfo: connection string or URI of the ledger's database.
        schema: the ledger's PostgreSQL schema.
        size: most connections at a time.

    Raises:
        Unavailable: whatever is asked, the database cannot be reached, or this user may not make
            the tables.
    """

    kind: ClassVar[str]
    suffix: ClassVar[str]

    def __init__(self, conninfo: str, schema: str, *, size: int = 4) -> None:
        check_name(schema)
        self._name = f"{schema}_{self.suffix}"
        self._conninfo = conninfo
        self._store = LedgerDatastore(conninfo, schema=self._name, role=AUTH, size=size)
        self._made = False
        self._making = Lock()

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    @property
    def in_use(self) -> bool:
        """Whether this process has asked anything of them yet."""
        return self._made

    def _run(self, query: str, values: Sequence[Any] | dict[str, Any]) -> list[dict[str, Any]]:
        statement = sql.SQL(query).format(**{self.kind: sql.Identifier(self._name)})
        with self._connection() as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def _connection(self) -> Iterator[Connection[DictRow]]:
        try:
            self._prepare()
            with self._store.connection() as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise unreachable(error) from error

    def _prepare(self) -> None:
        """Make the tables, unless they are there."""
        with self._making:
            if not self._made:
                with connect(self._conninfo) as connection:
                    _make(connection, self._name, self.kind)
                self._made = True


def _make(connection: Connection[Any], name: str, kind: str) -> None:
    """Make the tables as the ledger's owner, unless they are there, and let one role keep them."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"daocha {name}"])
        there = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", [name]).fetchone()
        if there == (True,):
            return
        text = files(__package__).joinpath(f"{kind}.sql").read_text("utf-8")
        try:
            connection.execute(text.replace(f"{{{kind}}}", name).encode())
        except errors.InsufficientPrivilege as error:
            raise Unavailable(
                "数据库用户无权建立台账之外的表，不能登录和举报",
                "the database user may not make the tables beside the ledger: nobody can sign in"
                " or send a tip",
                todo_zh="请以台账属主启动一次服务，或继续使用令牌",
                todo_en="start the server once as the ledger's owner, or go on with tokens",
            ) from error
        if ensure_role(connection, AUTH):
            grant = (
                f"GRANT USAGE ON SCHEMA {name} TO {AUTH};"
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {AUTH}"
            )
            connection.execute(grant.encode())

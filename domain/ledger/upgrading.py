"""Upgrading 升级: the tables of an older version of the program, changed while it still serves.

A step only adds: a table, a column that may be empty, a function beside the old one, a setting. So
whoever serves with the program before it goes on, and the facts are never touched. What a step
leaves behind is removed, where it must be, by the step of a later release, which then says that the
older program no longer serves.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import sql

from domain.errors import Unavailable
from domain.ledger.datastore import connection_string

if TYPE_CHECKING:
    from psycopg import Connection

COMMENT = "daocha ledger, layout "
_SERVES = ", serves "
FIRST = 3
"""The layout of the first release."""
STEPS = {4: "4_growth.sql"}
"""By the layout that it leads to, the file of each step."""
LAYOUT = max(STEPS)
"""The layout that this program needs and makes."""
SERVES = 3
"""The oldest layout whose program can work on these tables."""


class Layout(NamedTuple):
    """Which tables there are, and the oldest program that they serve."""

    version: int
    serves: int


def read_comment(text: str) -> Layout | None:
    """Return the layout that a schema's comment tells of, or None: it is no ledger."""
    if not text.startswith(COMMENT):
        return None
    version, _, serves = text.removeprefix(COMMENT).partition(_SERVES)
    return Layout(int(version), int(serves or version))


def comment(layout: Layout) -> str:
    """Return the comment that tells of a layout."""
    serves = "" if layout.serves == layout.version else f"{_SERVES}{layout.serves}"
    return f"{COMMENT}{layout.version}{serves}"


def note(connection: Connection[Any], schema: str, layout: Layout) -> None:
    """Let the schema's comment tell of a layout."""
    text = sql.SQL("COMMENT ON SCHEMA {} IS {}")
    connection.execute(text.format(sql.Identifier(schema), comment(layout)))


def step(connection: Connection[Any], schema: str, version: int) -> None:
    """Take the step to a layout; the caller commits."""
    text = files(__package__).joinpath("layouts", STEPS[version]).read_text("utf-8")
    connection.execute(text.replace("{schema}", schema).encode())


def upgrade(conninfo: str, schema: str) -> list[int]:
    """Bring a ledger's tables to this program's layout, each step whole or not at all.

    Programs of the layout before go on serving meanwhile and afterwards. A step that would have to
    wait for them for long gives up instead of making everybody wait behind it.

    Args:
        conninfo: connection string or URI, as the owner of the tables.
        schema: the ledger's PostgreSQL schema.

    Returns:
        The layouts that were reached one after the other; empty where there was nothing to do.

    Raises:
        Unavailable: the database cannot be reached, this user may not change the tables, or they
            are in use for too long: try again.
    """
    reached: list[int] = []
    try:
        with psycopg.connect(connection_string(conninfo), autocommit=True) as connection:
            connection.execute("SET lock_timeout = '5s'")
            while (version := _go_on(connection, schema)) is not None:
                reached.append(version)
    except psycopg.Error as error:
        raise Unavailable(
            f"台账 {schema} 的表未能升级：{error}",
            f"the tables of {schema} could not be upgraded: {error}",
            todo_zh="以表的属主连接后重试；旧版程序照常可用，事实未受影响",
            todo_en="try again as the owner of the tables; the older program still serves and no"
            " fact was touched",
        ) from error
    return reached


def _go_on(connection: Connection[Any], schema: str) -> int | None:
    """Take the next step, alone, and return the layout it led to; None where there is none."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"daocha {schema}"])
        found = _found(connection, schema)
        if found is None or found.version >= LAYOUT:
            return None
        if found.version < FIRST:
            raise _unreleased(schema, found.version)
        version = found.version + 1
        step(connection, schema, version)
        note(connection, schema, Layout(version, min(SERVES, found.serves)))
        return version


def _unreleased(schema: str, version: int) -> Unavailable:
    return Unavailable(
        f"台账 {schema} 的表结构版本为 {version}，早于首个发布版",
        f"the tables of {schema} are of version {version}, from before the first release",
        todo_zh="表结构已变，事实未变：请以旧版程序读出，或导入到新建的台账",
        todo_en="the tables changed, the facts did not: read it with the older program, or import"
        " anew into a new ledger",
    )


def _found(connection: Connection[Any], schema: str) -> Layout | None:
    query = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s"
    row = connection.execute(query, [schema]).fetchone()
    return read_comment(row[0] or "") if row else None

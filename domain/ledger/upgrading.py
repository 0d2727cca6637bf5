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
from psycopg.rows import tuple_row

from domain.errors import Contradiction, Unavailable
from domain.ledger.datastore import connection_string

if TYPE_CHECKING:
    from psycopg import Connection

COMMENT = "daocha ledger, layout "
"""On the schema: the oldest layout whose program is served. The first release looks at nothing
else, so there it goes on finding the number that it needs."""
_TABLES = "daocha tables, layout "
"""On the table of facts: the layout that the tables have by now."""
FIRST = 3
"""The layout of the first release."""
STEPS = {4: "4_growth.sql"}
"""By the layout that it leads to, the file of each step."""
LAYOUT = max(STEPS)
"""The layout that this program needs and makes."""
SERVES = 3
"""The oldest layout whose program can work on these tables."""


_LOOK = """
    SELECT coalesce(obj_description(n.oid, 'pg_namespace'), ''),
        coalesce((SELECT obj_description(c.oid, 'pg_class') FROM pg_class AS c
            WHERE c.relnamespace = n.oid AND c.relname = 'fact'), '')
    FROM pg_namespace AS n WHERE nspname = %s
"""


class NotALedger(Contradiction):
    """The schema holds something else."""


class Layout(NamedTuple):
    """Which tables there are, and the oldest program that they serve."""

    version: int
    serves: int


def read_comments(on_schema: str, on_facts: str) -> Layout | None:
    """Return the layout that a schema's comments tell of, or None: it is no ledger."""
    if not on_schema.startswith(COMMENT):
        return None
    serves = int(on_schema.removeprefix(COMMENT).partition(",")[0])
    version = int(on_facts.removeprefix(_TABLES)) if on_facts.startswith(_TABLES) else 0
    return Layout(max(version, serves), serves)


def layout_in(connection: Connection[Any], schema: str) -> Layout | None:
    """Return the layout of the tables in a schema; None: there is no such schema.

    Raises:
        NotALedger: the schema holds something else.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(_LOOK, [schema]).fetchone()
    if found is None:
        return None
    layout = read_comments(*found)
    if layout is None:
        raise NotALedger(
            f"{schema} 不是台账",
            f"the schema {schema} holds something other than a ledger",
            todo_zh="请换一个 schema。",
            todo_en="Use another schema.",
        )
    return layout


def note(connection: Connection[Any], schema: str, layout: Layout) -> None:
    """Let the comments tell of a layout."""
    on_schema = sql.SQL("COMMENT ON SCHEMA {} IS {}")
    connection.execute(on_schema.format(sql.Identifier(schema), f"{COMMENT}{layout.serves}"))
    on_facts = sql.SQL("COMMENT ON TABLE {} IS {}")
    facts = sql.Identifier(schema, "fact")
    connection.execute(on_facts.format(facts, f"{_TABLES}{layout.version}"))


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
        NotALedger: the schema holds something else.
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
        found = layout_in(connection, schema)
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

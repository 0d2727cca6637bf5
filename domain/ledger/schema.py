"""Making a ledger: its tables, its roles, and the first fact, which says what ledger it is."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from psycopg import errors, sql
from psycopg.rows import tuple_row
from pydantic import ValidationError

from domain.errors import Contradiction, DaochaError, Forbidden, Invalid, NotFound, Unavailable
from domain.fact import Actor, Draft, Entry, Fact, canonical, read_leaf
from domain.ledger.command import Command, decode, encode, payload
from domain.ledger.datastore import connection_string, unreachable
from domain.ledger.upgrading import FIRST, LAYOUT, SERVES, Layout, layout_in, note, step
from domain.ledger_opened import LedgerOpened, ledger_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from psycopg.abc import QueryNoTemplate

    from domain.ledger.vault import Vault

WRITER = "daocha_writer"
"""Role that may call the append function and read: the application's."""
PROJECTOR = "daocha_projector"
"""Role that may read the ledger and owns the tables of the read models."""
_RIGHTS = """
    SELECT current_user = {role},
        (SELECT bool_or(has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) FROM pg_class
            WHERE relnamespace = {schema}::regnamespace
                AND relname IN ('fact', 'tag', 'command', 'checkpoint', 'roll')),
        has_function_privilege({schema} || '.append(jsonb)', 'EXECUTE')
            AND has_function_privilege({schema} || '.publish(bigint,bytea,bytea)', 'EXECUTE')
            AND has_function_privilege(
                {schema} || '.keep_roll(bytea,bytea[],text[],bytea[])', 'EXECUTE'),
        (SELECT count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE relnamespace = {schema}::regnamespace
                AND tgname = 'never' AND tgenabled = 'A') = 5,
        current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
"""
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,54}")  # with "_views_a" within PostgreSQL's 63 bytes


def create(
    conninfo: str,
    *,
    schema: str = "daocha",
    origin: str,
    jurisdiction: str,
    clock: Literal["real", "simulated"] = "real",
    vault: Vault,
    random: Callable[[int], bytes],
    opened: datetime | None = None,
) -> Entry:
    """Make a ledger, or find that this very ledger exists.

    Tables, roles and the first fact come in one transaction.

    Args:
        conninfo: connection string or URI of a user who may make schemas.
        schema: PostgreSQL schema to make; lower case, at most 55 characters.
        origin: the ledger's own name; see :class:`LedgerOpened`.
        jurisdiction: whose record it keeps.
        clock: real, or simulated for a demo or a test.
        vault: whose key store will hold the ledger's keys.
        random: returns that many random bytes.
        opened: the moment of the first fact, aware; only for a simulated ledger, whose first
            simulated moment it should precede. Default: the database's clock.

    Returns:
        The first fact.

    Raises:
        Contradiction: the schema holds another ledger, or something else.
        Invalid: a parameter is not of the form it must have.
        Unavailable: the database cannot be reached, or the user may not do this.
    """
    check_name(schema)
    if opened is not None and clock == "real":
        raise Invalid(
            "只有模拟台账可指定时间", "only a simulated ledger takes a moment", where="opened"
        )
    try:
        fact = LedgerOpened(
            origin=origin, jurisdiction=jurisdiction, clock=clock, keys=vault.fingerprint
        )
    except ValidationError as error:
        wrong = error.errors()[0]
        where = str(wrong["loc"][0])
        raise Invalid(f"{where} 不合格式", f"{where}: {wrong['msg']}", where=where) from error
    with _explained(), psycopg.connect(connection_string(conninfo)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"daocha {schema}"])
        if layout_in(connection, schema) is None:
            install(connection, schema)
            _open(connection, schema, fact, opened, random)
        elif _is_owner(connection, schema):
            _grant(connection, schema)  # the roles may have been made since
        genesis = read_genesis(connection, schema)
    if genesis.fact != fact:
        raise Contradiction(
            f"{schema} 中已有另一台账：{_describe(genesis.fact)}",
            f"{schema} holds another ledger: {_describe(genesis.fact)}",
            todo_zh="请换一个 schema，或使用原来的参数与密钥库。",
            todo_en="Use another schema, or the parameters and the key store it was made with.",
        )
    return genesis


def check_name(schema: str) -> None:
    """Refuse a schema name that would need quoting or is too long, with ``Invalid``."""
    if not _SCHEMA.fullmatch(schema):
        raise Invalid(
            f"schema 名须为小写字母、数字和下划线：{schema!r}",
            f"a schema is named in lower case letters, digits and _: {schema!r}",
            where="schema",
        )


def views_schema(schema: str) -> str:
    """Return the schema that holds the read models of the ledger in ``schema``."""
    return f"{schema}_views"


def read_genesis(connection: psycopg.Connection[Any], schema: str) -> Entry:
    """Return the first fact of the ledger in ``schema``.

    Raises:
        NotFound: there is no ledger.
        Unavailable: its tables are of a version this program does not know.
    """
    layout = layout_in(connection, schema)
    if layout is None:
        raise NotFound(
            f"数据库中没有台账 {schema}",
            f"there is no ledger {schema} in this database",
            todo_zh="请先建立台账，或检查 DATABASE_URL。",
            todo_en="Make it first, or check DATABASE_URL.",
        )
    if not layout.serves <= LAYOUT <= layout.version:
        old = layout.version < LAYOUT
        raise Unavailable(
            f"台账 {schema} 的表结构版本为 {layout.version}，本程序需要 {LAYOUT}",
            f"the tables of {schema} are of version {layout.version}, this program needs {LAYOUT}",
            todo_zh="请运行 daocha upgrade；旧版程序在此期间和之后照常可用。"
            if old
            else "请使用相应版本的程序。",
            todo_en="Run daocha upgrade; the older program serves meanwhile and afterwards."
            if old
            else "Use the program of that version.",
        )
    # Tables and first fact come in one transaction: where there are the ones, there is the other.
    query = sql.SQL("SELECT leaf FROM {} WHERE position = 1").format(sql.Identifier(schema, "fact"))
    return read_leaf(_row(connection, query)[0])


def _row(connection: psycopg.Connection[Any], query: QueryNoTemplate) -> tuple[Any, ...]:
    return _rows(connection, query, [])[0]


def _rows(
    connection: psycopg.Connection[Any], query: QueryNoTemplate, values: list[str]
) -> list[tuple[Any, ...]]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query, values).fetchall()


def install(connection: psycopg.Connection[Any], schema: str) -> None:
    """Make the tables, functions and grants of an empty ledger; the caller commits."""
    names = {
        "{schema}": schema,
        "{views}": views_schema(schema),
        "{channel}": schema,
    }
    for file in ("schema.sql", "append.sql", "publish.sql", "keep_roll.sql"):
        text = files(__package__).joinpath(file).read_text("utf-8")
        for mark, name in names.items():
            text = text.replace(mark, name)
        connection.execute(text.encode())
    for version in range(FIRST + 1, LAYOUT + 1):
        step(connection, schema, version)
    note(connection, schema, Layout(LAYOUT, SERVES))
    _grant(connection, schema)


def _grant(connection: psycopg.Connection[Any], schema: str) -> None:
    """Give the two roles what they need and no more, as far as this user may."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('daocha roles'))")
    connection.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC".encode())
    views = views_schema(schema)
    grants = {
        WRITER: f"""
            GRANT USAGE ON SCHEMA {schema}, {views} TO {WRITER};
            GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {WRITER};
            GRANT EXECUTE ON FUNCTION {schema}.append, {schema}.forget TO {WRITER};
            GRANT EXECUTE ON FUNCTION {schema}.publish, {schema}.keep_roll TO {WRITER};
        """,
        PROJECTOR: f"""
            GRANT USAGE ON SCHEMA {schema} TO {PROJECTOR};
            GRANT SELECT ON {schema}.fact, {schema}.tag TO {PROJECTOR};
            GRANT USAGE, CREATE ON SCHEMA {views}, {views}_a, {views}_b TO {PROJECTOR};
        """,
    }
    for role, statements in grants.items():
        if ensure_role(connection, role):
            connection.execute(statements.encode())


def ensure_role(connection: psycopg.Connection[Any], role: str) -> bool:
    """Make a role of ours and join it, where this user may; tell whether it exists."""
    query = "SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = %s"
    if not _rows(connection, query, [role]):
        _attempt(connection, f"CREATE ROLE {role} NOLOGIN")
    if _rows(connection, query, [role]) == [(False,)]:
        _attempt(connection, f"GRANT {role} TO CURRENT_USER")
    return bool(_rows(connection, query, [role]))


def _attempt(connection: psycopg.Connection[Any], statement: str) -> None:
    with suppress(errors.InsufficientPrivilege), connection.transaction():
        connection.execute(statement.encode())


def _is_owner(connection: psycopg.Connection[Any], schema: str) -> bool:
    query = "SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = %s"
    return _rows(connection, query, [schema]) == [(True,)]


def _open(
    connection: psycopg.Connection[Any],
    schema: str,
    fact: LedgerOpened,
    opened: datetime | None,
    random: Callable[[int], bytes],
) -> None:
    """Append the first fact."""
    now = opened or _row(connection, "SELECT clock_timestamp()")[0]
    record = ledger_id(fact.origin)
    draft = Draft(record, 1, fact, Actor(authentication="system"), now, now)
    digest = hashlib.sha256(canonical(fact.model_dump(mode="json"))).digest()
    command = Command(record, (draft,), digest, recorded=opened)
    (request,) = encode([command], None, random)
    if isinstance(request, DaochaError):
        raise request
    append = sql.SQL("SELECT {}(%s::jsonb)").format(sql.Identifier(schema, "append"))
    (answer,) = _rows(connection, append, [payload([request])])[0]
    receipt = decode(command, answer)
    if isinstance(receipt, DaochaError):
        raise receipt


def _describe(fact: Fact) -> str:
    return ", ".join(f"{name}={value}" for name, value in fact.model_dump().items())


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise Unavailable(
            f"数据库用户无权建立台账：{error}",
            f"the database user may not make a ledger: {error}",
            todo_zh="请用可建立 schema 的用户，或请数据库管理员建立。",
            todo_en="Connect as a user who may make schemas, or have the administrator make it.",
        ) from error
    except psycopg.OperationalError as error:
        raise unreachable(error) from error


def privileges(connection: psycopg.Connection[Any], schema: str) -> list[DaochaError]:
    """Return what is not as it should be with the rights of a connection and the ledger's guards.

    A superuser or the owner can always take the guards away: what was changed then is found by
    the transparency log, not here.
    """
    rights = sql.SQL(_RIGHTS).format(role=WRITER, schema=schema)
    values = _row(connection, rights)
    own_role, may_write, may_append, guarded, durable = values
    found = {
        (
            f"连接未取得角色 {WRITER}",
            f"connections do not take on the role {WRITER}",
            f"请由数据库管理员建立该角色并授予本用户（GRANT {WRITER} TO …）。",
            f"Have the administrator make the role and grant it to this user ({WRITER}).",
        ): not own_role,
        (
            "本用户可绕过追加函数直接写表",
            "this user can write the tables without the append function",
            "请以非属主、非超级用户连接。",
            "Connect as a user who is neither owner nor superuser.",
        ): may_write,
        (
            "本用户不能调用追加、公布或名册函数",
            "this user may not call the functions that append, publish and keep rolls",
            f"请把角色 {WRITER} 授予本用户。",
            f"Grant the role {WRITER} to this user.",
        ): not may_append,
        (
            "防改触发器被停用或删除",
            "a trigger that refuses changes is disabled or gone",
            "请查明原因，并与备份和透明日志核对。",
            "Find out why, and compare with backups and the transparency log.",
        ): not guarded,
        (
            "数据库关闭了 fsync 或 full_page_writes，断电会丢失记录",
            "fsync or full_page_writes is off: a power cut loses facts",
            "请打开后重启数据库。",
            "Switch them on and restart the database.",
        ): not durable,
    }
    return [
        Forbidden(zh, en, todo_zh=todo_zh, todo_en=todo_en)
        for (zh, en, todo_zh, todo_en), wrong in found.items()
        if wrong
    ]

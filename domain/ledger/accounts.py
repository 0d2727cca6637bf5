"""Accounts 账户: passwords and sessions, kept beside the ledger and not in it.

A schema of its own, which the roles that write and read the ledger cannot see. It is made when it
is first needed. Secrets come in and stay as keyed digests (``Vault.keyed_digest``) and password
hashes over such digests: whoever can write to the database alone can neither make a session nor set
a password, since they lack the key store's secret.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg import errors, sql

from domain.errors import Contradiction, Unavailable
from domain.ledger.datastore import LedgerDatastore, connect, unreachable
from domain.ledger.schema import check_name, ensure_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from psycopg import Connection
    from psycopg.rows import DictRow

AUTH = "daocha_auth"
"""Role that keeps the accounts, and sees nothing else."""
NOBODY = UUID(int=0)
"""Stands for a person in the count of attempts under names that nobody has."""


def accounts_schema(schema: str) -> str:
    """Return the schema that holds the accounts of the ledger in ``schema``."""
    return f"{schema}_auth"


@dataclass(frozen=True, slots=True)
class Account:
    """A password as it is kept: whose, its hash, and the record of its credential."""

    person: UUID
    verifier: str
    credential: UUID


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Somebody signed in: how, in which record, when last seen, and until when at the longest."""

    person: UUID
    manner: str
    record: UUID
    seen: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """How many attempts there are for ``key``: so many at once, then one every ``refill``."""

    key: bytes
    most: int
    refill: timedelta


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed attempts at a person's account that no fact tells of yet; None: at nobody's."""

    person: UUID | None
    manner: str
    attempts: int
    since: datetime


class Accounts:
    """The accounts of one ledger.

    Args:
        conninfo: connection string or URI of the ledger's database.
        schema: the ledger's PostgreSQL schema.
        size: most connections at a time.

    Raises:
        Unavailable: whatever is asked, the database cannot be reached, or this user may not make
            the tables.
    """

    def __init__(self, conninfo: str, schema: str, *, size: int = 4) -> None:
        check_name(schema)
        self._name = accounts_schema(schema)
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

    # passwords

    def keep(self, login: bytes, account: Account) -> None:
        """Keep a person's password in the place of an earlier one.

        Args:
            login: digest of the login name.
            account: whose, the hash, and its credential.

        Raises:
            Contradiction: the login name is somebody else's.
        """
        try:
            self._run(
                "INSERT INTO {accounts}.account VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (person) DO UPDATE SET login = excluded.login,"
                " verifier = excluded.verifier, credential = excluded.credential",
                [account.person, login, account.verifier, account.credential],
            )
        except errors.UniqueViolation as error:
            raise Contradiction(
                "此登录名已有人使用",
                "somebody else has this login name",
                todo_zh="另取一个登录名",
                todo_en="choose another",
                where="login",
            ) from error

    def change(self, account: Account) -> None:
        """Keep another password for a person who has one; the login name stays."""
        self._run(
            "UPDATE {accounts}.account SET verifier = %s, credential = %s WHERE person = %s",
            [account.verifier, account.credential, account.person],
        )

    def find(self, login: bytes) -> Account | None:
        """Return the account of a login name, given its digest."""
        query = "SELECT person, verifier, credential FROM {accounts}.account WHERE login = %s"
        return next((Account(**row) for row in self._run(query, [login])), None)

    def of(self, person: UUID) -> Account | None:
        """Return the account of a person."""
        query = "SELECT person, verifier, credential FROM {accounts}.account WHERE person = %s"
        return next((Account(**row) for row in self._run(query, [person])), None)

    def forget(self, person: UUID) -> None:
        """Remove all there is of a person who was erased."""
        self._run("DELETE FROM {accounts}.account WHERE person = %s", [person])
        self._run("DELETE FROM {accounts}.session WHERE person = %s", [person])
        self._run("DELETE FROM {accounts}.failure WHERE person = %s", [person])

    # sessions

    def begin(self, session: bytes, opened: OpenSession) -> None:
        """Keep a session, given the digest of its secret; those that ran out are cleared away."""
        self._run("DELETE FROM {accounts}.session WHERE expires < %s", [opened.seen])
        self._run(
            "INSERT INTO {accounts}.session VALUES (%s, %s, %s, %s, %s, %s)",
            [session, opened.person, opened.manner, opened.record, opened.seen, opened.expires],
        )

    def session(self, session: bytes) -> OpenSession | None:
        """Return a session, given the digest of its secret; whether it still holds is not asked."""
        rows = self._run(
            "SELECT person, manner, record, seen, expires FROM {accounts}.session WHERE id = %s",
            [session],
        )
        return OpenSession(**rows[0]) if rows else None

    def touch(self, session: bytes, now: datetime) -> None:
        """Note that a session was used."""
        query = "UPDATE {accounts}.session SET seen = %s WHERE id = %s AND seen < %s"
        self._run(query, [now, session, now])

    def end(self, session: bytes) -> None:
        """Let a session hold no longer."""
        self._run("DELETE FROM {accounts}.session WHERE id = %s", [session])

    def end_all(self, person: UUID, but: bytes = b"") -> None:
        """Let no session of a person hold any longer, one excepted if given."""
        self._run("DELETE FROM {accounts}.session WHERE person = %s AND id <> %s", [person, but])

    # what passkeys are asked to sign

    def ask(self, challenge: bytes, now: datetime, expires: datetime) -> None:
        """Keep what a passkey is asked to sign, given its digest."""
        self._run("DELETE FROM {accounts}.challenge WHERE expires < %s", [now])
        query = "INSERT INTO {accounts}.challenge VALUES (%s, %s) ON CONFLICT DO NOTHING"
        self._run(query, [challenge, expires])

    def asked(self, challenge: bytes, now: datetime) -> bool:
        """Tell whether that was asked and holds; it does so once."""
        query = "DELETE FROM {accounts}.challenge WHERE id = %s AND expires > %s RETURNING id"
        return bool(self._run(query, [challenge, now]))

    # attempts

    def wait(self, budgets: Sequence[Budget], now: datetime) -> float:
        """Take one attempt from every budget, or none; return the seconds to wait, 0 for none."""
        waits = [self._take(budget, now) for budget in budgets]
        if any(waits):
            granted = [each for each, wait in zip(budgets, waits, strict=True) if not wait]
            self.give_back(granted)
        return max(waits, default=0.0)

    def _take(self, budget: Budget, now: datetime) -> float:
        seconds = budget.refill.total_seconds()
        # What has come back since is added first; nobody counts on the two being one step.
        (row,) = self._run(
            "INSERT INTO {accounts}.allowance AS a VALUES (%(key)s, %(most)s, %(now)s)"
            " ON CONFLICT (id) DO UPDATE SET at = greatest(a.at, %(now)s), remaining = least("
            "  %(most)s, a.remaining + greatest(0, extract(epoch FROM %(now)s - a.at)) / %(each)s)"
            " RETURNING remaining",
            {"key": budget.key, "most": budget.most, "now": now, "each": seconds},
        )
        taken = self._run(
            "UPDATE {accounts}.allowance SET remaining = remaining - 1"
            " WHERE id = %s AND remaining >= 1 RETURNING id",
            [budget.key],
        )
        return 0.0 if taken else max(1.0, (1 - row["remaining"]) * seconds)

    def give_back(self, budgets: Sequence[Budget]) -> None:
        """Return an attempt to every budget: it was a good one."""
        for each in budgets:
            self._run(
                "UPDATE {accounts}.allowance SET remaining = least(%s, remaining + 1)"
                " WHERE id = %s",
                [each.most, each.key],
            )

    def tidy(self, before: datetime) -> None:
        """Remove counts of attempts that nobody has touched since ``before``."""
        self._run("DELETE FROM {accounts}.allowance WHERE at < %s", [before])

    # failures that a fact is to tell of

    def failed(self, person: UUID | None, manner: str, now: datetime) -> None:
        """Count a failed attempt at a person's account; None: at nobody's."""
        self._run(
            "INSERT INTO {accounts}.failure AS f VALUES (%s, %s, 1, %s)"
            " ON CONFLICT (person, manner) DO UPDATE SET attempts = f.attempts + 1,"
            " since = CASE WHEN f.attempts = 0 THEN excluded.since ELSE f.since END",
            [person or NOBODY, manner, now],
        )

    def untold(self, now: datetime, pause: timedelta) -> list[Failures]:
        """Return the failures to tell of now, and count from nought again.

        Of one account at most once in ``pause``, so that nobody fills the ledger by failing.
        """
        rows = self._run(
            "UPDATE {accounts}.failure AS f SET attempts = 0, told = %(now)s FROM ("
            " SELECT * FROM {accounts}.failure WHERE attempts > 0"
            " AND (told IS NULL OR told <= %(now)s - %(pause)s) FOR UPDATE SKIP LOCKED"
            ") AS was WHERE (f.person, f.manner) = (was.person, was.manner)"
            " RETURNING was.person, was.manner, was.attempts, was.since",
            {"now": now, "pause": pause},
        )
        return [
            Failures(
                None if row["person"] == NOBODY else row["person"],
                row["manner"],
                row["attempts"],
                row["since"],
            )
            for row in rows
        ]

    # the tables

    def _run(self, query: str, values: Sequence[Any] | dict[str, Any]) -> list[dict[str, Any]]:
        statement = sql.SQL(query).format(accounts=sql.Identifier(self._name))
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
                    make_beside(connection, self._name, "accounts")
                self._made = True


def make_beside(connection: Connection[Any], name: str, kind: str) -> None:
    """Make tables beside the ledger, unless they are there, and let one role keep them.

    Args:
        connection: the ledger's owner's.
        name: the schema that is to hold them.
        kind: ``accounts`` or ``waiting``: the file that describes them.
    """
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

"""Accounts 账户: passwords and sessions, kept beside the ledger and not in it.

A schema of its own, which the roles that write and read the ledger cannot see. It is made when it
is first needed. Secrets come in and stay as keyed digests (``Vault.keyed_digest``) and password
hashes over such digests: whoever can write to the database alone can neither make a session nor set
a password, since they lack the key store's secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import errors

from domain.errors import Contradiction
from domain.ledger.beside import Beside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta


NOBODY = UUID(int=0)
"""Stands for a person in the count of attempts under names that nobody has."""


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


class Accounts(Beside):
    """The accounts of one ledger."""

    kind = "accounts"
    suffix = "auth"

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

"""The vault 保险库: personal values encrypted under a key per subject, kept outside the database.

A leaf holds only a salted digest of a personal value (:class:`domain.fact.Sealed`); the value lies
beside the ledger in a *box*, encrypted under the key of its subject. The keys stand in a SQLite
file that neither the database nor its backups contain: deleting a subject's key erases the person,
a restored database erases nothing less, and every proof still verifies.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from domain.errors import Contradiction, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from domain.fact import Sealed

FILE = "keys.sqlite3"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_SALT_BYTES = 16
_BOX_FORMAT = b"\x01"  # nonce, then ChaCha20-Poly1305 of salt and value; the digest authenticated
_APPLICATION_ID = 0x64616F63  # "daoc", where SQLite keeps whose file it is
_BUSY_SECONDS = 10.0
_SUBJECTS_PER_QUERY = 500
_TABLES = """
CREATE TABLE store (origin TEXT NOT NULL, secret BLOB NOT NULL);
CREATE TABLE key (subject BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
"""
# In its own statement, since stores made before there were erasures lack it.
_BARRED = "CREATE TABLE IF NOT EXISTS erased (subject BLOB PRIMARY KEY) WITHOUT ROWID"


class KeyStore:
    """The keys 密钥库 of one ledger: a SQLite file that any number of processes may use.

    Keys are never kept in memory, so that what one process deletes no other can still use.
    """

    def __init__(self, path: Path, origin: str) -> None:
        """Use :meth:`create` or :meth:`open`."""
        self.path = path
        self._lock = Lock()
        self._file = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self.secret = self._unlock(origin)
        except BaseException:
            self._file.close()
            raise

    @classmethod
    def create(cls, directory: Path, origin: str, random: Callable[[int], bytes]) -> Self:
        """Make the key store of a new ledger, or open the one that is there.

        A store made anew beside an existing ledger does not fit it: the ledger's genesis names its
        store, and both :func:`domain.ledger.create` and ``Ledger.open`` refuse another.

        Args:
            directory: where it lives; made for the owner's eyes only if absent.
            origin: the ledger's own name.
            random: returns that many random bytes.

        Raises:
            Contradiction: the store there belongs to another ledger.
            Unavailable: it cannot be made or read.
        """
        path = directory / FILE
        with _explained(path):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            _fill(path, origin, random(_KEY_BYTES))
            parent = os.open(directory, os.O_RDONLY)
            os.fsync(parent)  # the file's name is as durable as what is in it
            os.close(parent)
            return cls(path, origin)

    @classmethod
    def open(cls, directory: Path, origin: str) -> Self:
        """Open the key store of an existing ledger.

        Raises:
            Contradiction: the store there belongs to another ledger.
            Unavailable: there is none, or it cannot be read.
        """
        path = directory / FILE
        if not path.exists():
            raise Unavailable(
                f"没有密钥库 {path}",
                f"there is no key store {path}",
                todo_zh="请从其原处恢复；没有它，已封存的个人信息不能再读出。",
                todo_en="Restore it from where it was: without it no sealed value can be read.",
            )
        with _explained(path):
            return cls(path, origin)

    def _unlock(self, origin: str) -> bytes:
        """Return the store's own secret, having made sure whose store it is."""
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.execute("PRAGMA secure_delete = ON")
        self._file.execute(_BARRED)
        found, secret = self._file.execute("SELECT origin, secret FROM store").fetchone()
        if found != origin:
            raise Contradiction(
                f"密钥库 {self.path} 属于台账 {found}，不属于 {origin}",
                f"the key store {self.path} belongs to the ledger {found}, not to {origin}",
                todo_zh="请指明该台账自己的密钥库目录。",
                todo_en="Name the directory of that ledger's own key store.",
            )
        return bytes(secret)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def find(self, subjects: Iterable[UUID]) -> dict[UUID, bytes]:
        """Return the keys of those ``subjects`` that have one."""
        return {
            UUID(bytes=subject): key
            for subject, key in self._rows("SELECT subject, key FROM key", subjects)
        }

    def barred(self, subjects: Iterable[UUID]) -> set[UUID]:
        """Return those ``subjects`` for whom no key will be made any more: they were erased."""
        rows = self._rows("SELECT subject FROM erased", subjects)
        return {UUID(bytes=subject) for (subject,) in rows}

    def all_barred(self) -> set[UUID]:
        """Return every subject that was ever erased."""
        with self._lock, _explained(self.path):
            found = self._file.execute("SELECT subject FROM erased").fetchall()
        return {UUID(bytes=subject) for (subject,) in found}

    def _rows(self, select: str, subjects: Iterable[UUID]) -> list[tuple[Any, ...]]:
        wanted = list({subject.bytes for subject in subjects})
        found: list[tuple[Any, ...]] = []
        with self._lock, _explained(self.path):
            for begin in range(0, len(wanted), _SUBJECTS_PER_QUERY):
                part = wanted[begin : begin + _SUBJECTS_PER_QUERY]
                marks = ", ".join("?" * len(part))
                found += self._file.execute(f"{select} WHERE subject IN ({marks})", part)
        return found

    def ensure(self, subjects: Iterable[UUID], random: Callable[[int], bytes]) -> dict[UUID, bytes]:
        """Return the keys of ``subjects``, first making those that are missing.

        New keys are on disk before this returns, all or none.

        Raises:
            Contradiction: one of them was erased for good.
        """
        wanted = set(subjects)
        found = self.find(wanted)
        missing = wanted - found.keys()
        if not missing:
            return found
        with self._lock, _explained(self.path), _transaction(self._file):
            self._file.executemany(  # another process may have made, or barred, one meanwhile
                "INSERT OR IGNORE INTO key SELECT ?1, ?2"
                " WHERE NOT EXISTS (SELECT 1 FROM erased WHERE subject = ?1)",
                [(subject.bytes, random(_KEY_BYTES)) for subject in missing],
            )
        found |= self.find(missing)
        for subject in wanted - found.keys():
            raise erased(subject)
        return found

    def bar(self, subject: UUID) -> None:
        """See to it that no key is ever made again for ``subject``, whose key is to be deleted."""
        with self._lock, _explained(self.path), _transaction(self._file):
            self._file.execute("INSERT OR IGNORE INTO erased VALUES (?)", [subject.bytes])

    def delete(self, subject: UUID) -> None:
        """Delete the key of ``subject``, from the write-ahead log too.

        Raises:
            Unavailable: another process kept the file busy; the key cannot be used any more, but
                its bytes may still be on disk until this is called again.
        """
        with self._lock, _explained(self.path):
            with _transaction(self._file):
                self._file.execute("DELETE FROM key WHERE subject = ?", [subject.bytes])
            (busy, _, _) = self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable(
                "密钥已删除，但密钥库正忙，其字节尚未从磁盘抹去",
                "the key is deleted, but its bytes are not yet wiped: the key store is busy",
                todo_zh="请稍后再删除一次。",
                todo_en="Delete it once more in a moment.",
            )


class Vault:
    """Seals and opens personal values with the keys of one ledger.

    Args:
        keys: where the keys are.
        random: returns that many random bytes.
    """

    def __init__(self, keys: KeyStore, random: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._random = random

    @property
    def fingerprint(self) -> str:
        """Names the key store without telling anything of it; stands in the ledger's genesis."""
        return hmac.digest(self._keys.secret, b"daocha.fingerprint/v1", "sha256").hex()

    def keyed_digest(self, data: bytes) -> bytes:
        """Return a digest of ``data`` that nobody without the key store can make or try out.

        HMAC-SHA256 (RFC 2104). For what must be recognised again, such as an imported row.
        """
        return hmac.digest(self._keys.secret, b"daocha.digest/v1\n" + data, "sha256")

    def seal(self, values: Sequence[Sealed]) -> list[bytes]:
        """Return a box for each of the ``values``, which must be open, in their order.

        Keys of new subjects are made and on disk before this returns.
        """
        keys = self._keys.ensure((value.subject for value in values), self._random)
        return [self._box(value, keys) for value in values]

    def _box(self, sealed: Sealed, keys: Mapping[UUID, bytes]) -> bytes:
        if sealed.value is None or sealed.salt is None:
            message = "only an open value can be sealed"
            raise ValueError(message)
        nonce = self._random(_NONCE_BYTES)
        cipher = ChaCha20Poly1305(keys[sealed.subject])
        plain = sealed.salt + sealed.value.encode()
        return _BOX_FORMAT + nonce + cipher.encrypt(nonce, plain, bytes.fromhex(sealed.digest))

    def open(self, boxes: Sequence[tuple[Sealed, bytes]]) -> list[tuple[str, bytes] | None]:
        """Return value and salt of each box, or None where it can no longer be opened.

        A box cannot be opened when its subject was forgotten (even if it has a new key since), or
        when it was tampered with.
        """
        keys = self._keys.find(sealed.subject for sealed, _ in boxes)
        return [
            _unbox(box, keys[sealed.subject], sealed.digest) if sealed.subject in keys else None
            for sealed, box in boxes
        ]

    def known(self, subjects: Iterable[UUID]) -> set[UUID]:
        """Return those ``subjects`` that have a key."""
        return set(self._keys.find(subjects))

    def forget(self, subject: UUID) -> None:
        """Delete the key of ``subject``: nobody can read the values sealed for it any more."""
        self._keys.delete(subject)

    def bar(self, subject: UUID) -> None:
        """See to it that nothing is ever sealed again for ``subject``, who is being erased."""
        self._keys.bar(subject)

    def barred(self, subjects: Iterable[UUID]) -> set[UUID]:
        """Return those ``subjects`` for whom nothing is sealed any more."""
        return self._keys.barred(subjects)

    def all_barred(self) -> set[UUID]:
        """Return everybody who was ever erased, whatever the record still says of it."""
        return self._keys.all_barred()


def erased(subject: UUID) -> Contradiction:
    """Return what to tell whoever wants to seal something for somebody erased."""
    return Contradiction(
        f"{subject} 的个人信息已依法删除，不再封存其新的内容",
        f"the personal values of {subject} were erased by law: none is sealed for them again",
        todo_zh="不要再录入此人的姓名和号码；确有新的依据的，另立人员档案",
        todo_en="leave out their names and numbers; with a new legal ground, begin a new record",
    )


def _unbox(box: bytes, key: bytes, digest: str) -> tuple[str, bytes] | None:
    nonce_end = len(_BOX_FORMAT) + _NONCE_BYTES
    try:
        plain = ChaCha20Poly1305(key).decrypt(
            box[len(_BOX_FORMAT) : nonce_end], box[nonce_end:], bytes.fromhex(digest)
        )
    except (InvalidTag, ValueError):
        return None
    return plain[_SALT_BYTES:].decode(), plain[:_SALT_BYTES]


def _fill(path: Path, origin: str, secret: bytes) -> None:
    """Make the tables of a store unless they are there; whole or not at all."""
    file = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        with _transaction(file):
            (found,) = file.execute("PRAGMA application_id").fetchone()
            if found != _APPLICATION_ID:
                for statement in _TABLES.strip().split("\n"):
                    file.execute(statement)
                file.execute("INSERT INTO store VALUES (?, ?)", [origin, secret])
                file.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    finally:
        file.close()


@contextmanager
def _transaction(file: sqlite3.Connection) -> Iterator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error, TypeError) as error:
        raise Unavailable(
            f"密钥库 {path} 不能读写：{error}",
            f"the key store {path} cannot be used: {error}",
            todo_zh="请检查文件与权限，或从其原处恢复；切勿新建一个代替它。",
            todo_en="Check the file and its permissions, or restore it; do not make a new one.",
        ) from error

"""The log's private keys: given in the environment, or in a file beside the ledger's key store.

Which of them sign is a fact on record (:mod:`domain.log`); the private halves are in no database.
Only a log that never had a key gets one made: a machine that lacks the key in use must be given it,
not make a second log.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from domain.errors import Conflict, Contradiction, NotFound, Unavailable
from domain.fact import Actor
from domain.log import LogKeyAdopted, LogKeyRetired, adopted, in_use, log_id
from domain.proof.ed25519 import SEED_SIZE
from domain.proof.note import NoteSigner
from domain.recording import Act, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from domain.ledger import Ledger

FILE = "log.key"
_LOCK = "log.lock"
_OTHERS = 0o077


class LogKeys:
    """The private keys of one ledger's log that this machine has.

    Args:
        directory: the ledger's own, outside the database and its backups.
        origin: the log's name, which every one of its keys has.
        given: private keys from the environment, in the text form of Go's note package.
    """

    def __init__(self, directory: Path, origin: str, given: str = "") -> None:
        self.directory = directory
        self.path = directory / FILE
        self.origin = origin
        self._given = given

    def at_hand(self) -> dict[str, NoteSigner]:
        """Return the keys by their public halves (vkey); the file is read anew each time.

        Raises:
            Contradiction: one of them is another log's.
            Invalid: one is no private key.
            Unavailable: the file cannot be read.
        """
        return {str(signer.key): signer for signer in map(self._read, self._texts())}

    def make(self, random: Callable[[int], bytes]) -> NoteSigner:
        """Make a key and return it once it is on the disk, in the file with those before it.

        To be called :meth:`alone`.

        Raises:
            Unavailable: the file cannot be written.
        """
        signer = NoteSigner(self.origin, random(SEED_SIZE))
        lines = [*self._in_file(), signer.secret]
        write_durably(self.path, "".join(f"{line}\n" for line in lines).encode())
        return signer

    def is_private(self) -> bool:
        """Tell whether nobody but its owner can read the file, if there is one."""
        return not self.path.exists() or not self.path.stat().st_mode & _OTHERS

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the other processes of this machine from changing key and memory meanwhile."""
        with _explained(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.directory / _LOCK).open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _texts(self) -> list[str]:
        return [*self._given.split(), *self._in_file()]

    def _in_file(self) -> list[str]:
        with _explained(self.path):
            return self.path.read_text("ascii").split() if self.path.exists() else []

    def _read(self, text: str) -> NoteSigner:
        signer = NoteSigner.read(text)
        if signer.key.name != self.origin:
            raise Contradiction(
                f"日志密钥属于 {signer.key.name}，不属于 {self.origin}",
                f"this log key belongs to {signer.key.name}, not to {self.origin}",
                todo_zh="核对 DAOCHA_LOG_KEY，或此台账目录中的密钥文件",
                todo_en="check DAOCHA_LOG_KEY, or the key file in this ledger's directory",
                where=str(self.path),
            )
        return signer


def ensure(
    ledger: Ledger, keys: LogKeys, *, now: datetime, random: Callable[[int], bytes]
) -> str | None:
    """Adopt a log's first key: the one at hand, or one made for it. Return it if it is new.

    A log that has had a key is left as it is. Any number of processes may call this at once.

    Args:
        ledger: whose log it is.
        keys: those at hand.
        now: the moment, aware.
        random: returns that many random bytes, unpredictable ones.

    Raises:
        DaochaError: the key cannot be read, made or recorded.
    """
    if adopted(ledger.record(log_id(ledger.origin))):
        return None
    with keys.alone():
        first = next(iter(keys.at_hand()), None) or str(keys.make(random).key)
    by = Actor(authentication="system")
    try:
        _record(ledger, LogKeyAdopted(key=first), now, by, expected=0)
    except Conflict:  # another machine was quicker, with a key of its own
        return None
    return first


def rotate(
    ledger: Ledger, keys: LogKeys, *, now: datetime, random: Callable[[int], bytes], by: Actor
) -> str:
    """Adopt another key and return it: one at hand that never served, or one made for it.

    From the next checkpoint on both sign, until the old one is retired.

    Raises:
        DaochaError: as for :func:`ensure`.
    """
    known = adopted(ledger.record(log_id(ledger.origin)))
    with keys.alone():
        fresh = [key for key in keys.at_hand() if key not in known]
        key = fresh[0] if fresh else str(keys.make(random).key)
    _record(ledger, LogKeyAdopted(key=key), now, by)
    return key


def retire(ledger: Ledger, key: str, *, now: datetime, by: Actor) -> str:
    """Let a key sign no more, and return it.

    Args:
        ledger: whose log it is.
        key: the key in full, or its id (the eight hex digits in its middle).
        now: the moment, aware.
        by: who retires it.

    Raises:
        NotFound: the log never had such a key.
        Contradiction: it is not in use, or the only one that is.
    """
    known = adopted(ledger.record(log_id(ledger.origin)))
    named = [each for each in known if key in (each, each.split("+")[1])]
    if not named:
        raise NotFound(
            f"日志没有密钥 {key}",
            f"the log has no key {key}",
            todo_zh="在用的密钥见 daocha log key",
            todo_en="daocha log key shows those in use",
        )
    _record(ledger, LogKeyRetired(key=named[0]), now, by)
    return named[0]


def signers(ledger: Ledger, keys: LogKeys) -> list[NoteSigner]:
    """Return the private halves of the keys in use, the one that has served longest first.

    Raises:
        Unavailable: one of them is not at hand here, or none is in use.
    """
    using = in_use(ledger.record(log_id(ledger.origin)))
    found = keys.at_hand()
    missing = [key for key in using if key not in found]
    if missing or not using:
        ids = "、".join(key.split("+")[1] for key in missing)
        raise Unavailable(
            f"在用的日志密钥 {ids} 不在本机" if missing else "日志没有在用的密钥",
            f"the log key in use ({ids}) is not on this machine" if missing else "no log key",
            todo_zh=f"把它放回 {keys.path}，或设 DAOCHA_LOG_KEY；"
            "确已丢失，则 daocha log rotate 后再 daocha log retire 停用它",
            todo_en=f"put it back into {keys.path} or DAOCHA_LOG_KEY;"
            " if it is lost for good, daocha log rotate and then daocha log retire it",
        )
    return [found[key] for key in using]


def _record(
    ledger: Ledger,
    fact: LogKeyAdopted | LogKeyRetired,
    now: datetime,
    by: Actor,
    expected: int | None = None,
) -> None:
    """Record it once, however many processes try; a simulated ledger's clock is not moved by it."""
    simulated = ledger.is_simulated
    moment = ledger.head().recorded if simulated else now
    name = f"{fact.topic.name}\n{fact.key}"
    about: dict[str, Any] = {"by": by, "received": moment, "sent": name.encode()}
    if simulated:
        about["recorded"] = moment
    act = Act(log_id(ledger.origin), fact, moment, expected)
    record(ledger, [act], command=uuid5(NAMESPACE_URL, name), **about)


def write_durably(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of a file's content, whole or not at all, and on the disk.

    Raises:
        Unavailable: it cannot be written.
    """
    new = path.with_suffix(f"{path.suffix}.new")
    with _explained(path):
        handle = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)  # the file's name is as durable as what is in it
        os.close(folder)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(
            f"{path} 不能读写：{error}",
            f"{path} cannot be read or written: {error}",
            todo_zh="检查文件和目录的权限、磁盘空间",
            todo_en="check its permissions and the space on the disk",
        ) from error

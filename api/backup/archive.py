"""The archive 备份库: one directory that holds the copies of one server, and its log between them.

::

    archive.json              which server, which ledger
    slot                      the name under which the server keeps its log for us
    00000001/                 one history (timeline) of that server
        20261128T041000Z/     a copy of its data directory, as pg_basebackup writes it
        20261128T041000Z.json what it is; written last, so that a copy without it does not count
        receiving/            the end of its write-ahead log, as it comes
        wal/                  the log since the first copy, a full file each 16 MiB
        wal.sha256            their digests
        received              how far it was received, at least

A restored or promoted server begins another history, whose first copy is a full one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.log.keys import write_durably
from domain.errors import Contradiction, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MANIFEST = "backup_manifest"
_CARD = "archive.json"
_STAMP = "%Y%m%dT%H%M%SZ"
_SEGMENT = re.compile(r"[0-9A-F]{24}")
_HISTORY = re.compile(r"[0-9A-F]{8}")
_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Card:
    """Whose copies an archive holds.

    Args:
        system: the server's own number.
        version: its major version.
        owner: its first superuser.
        database: where the ledger is.
        ledger: the ledger's schema.
        origin: the ledger's own name.
    """

    system: str
    version: int
    owner: str
    database: str
    ledger: str
    origin: str


@dataclass(frozen=True, slots=True)
class Base:
    """One copy of the data directory.

    Args:
        name: when it was begun, in UTC; the name of its directory.
        history: the timeline of the server.
        parent: the copy on which it builds, if it holds only what changed since.
        begun, finished: moments, in UTC.
        position: the last fact that it surely holds.
        first_segment: the first file of the write-ahead log that it needs.
        manifest: SHA-256 of its list of files, which has those of the files.
        bytes: how large it is.
        checkpoint: the newest checkpoint published before it was begun; empty if none was.
    """

    name: str
    history: str
    parent: str | None
    begun: datetime
    finished: datetime
    position: int
    first_segment: str
    manifest: str
    bytes: int
    checkpoint: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **asdict(self),
            "begun": self.begun.isoformat(),
            "finished": self.finished.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Received:
    """How far a history's log was received, at least.

    Args:
        history: the timeline.
        segment: the file of the log in which that place lies.
        position: the last fact that it surely holds.
        at: when, in UTC.
    """

    history: str
    segment: str
    position: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Files of the write-ahead log that are not there, or not as they were received."""

    missing: str | None
    corrupt: tuple[str, ...]


class Archive:
    """An archive in a directory.

    Args:
        path: the directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    def card(self) -> Card:
        """Return whose copies these are.

        Raises:
            NotFound: it is no archive.
        """
        try:
            return Card(**json.loads((self.path / _CARD).read_text("utf-8")))
        except FileNotFoundError as error:
            raise NotFound(
                f"{self.path} 不是备份库",
                f"{self.path} holds no backups",
                todo_zh="核对目录；第一次 daocha backup 会建立它",
                todo_en="check the directory; the first daocha backup makes it",
            ) from error
        except (OSError, ValueError, TypeError) as error:
            raise _damaged(self.path / _CARD, str(error)) from error

    def begin(self, card: Card) -> None:
        """Make the archive of a server, or find that it is this one's.

        Raises:
            Contradiction: it is another server's, or another ledger's.
            Unavailable: it cannot be written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"不能建立 {self.path}：{error.strerror}",
                f"cannot make {self.path}: {error.strerror}",
                todo_zh="检查上级目录的权限",
                todo_en="check the permissions above it",
            ) from error
        if not (self.path / _CARD).exists():
            write_durably(self.path / _CARD, json.dumps(asdict(card), ensure_ascii=False).encode())
        if self.card() != card:
            raise Contradiction(
                f"{self.path} 是另一台数据库或另一本台账的备份库",
                f"{self.path} holds the backups of another server or ledger",
                todo_zh="一台数据库的一本台账用一个备份库：另选目录",
                todo_en="one archive for one ledger on one server: choose another directory",
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other backups out of this archive meanwhile.

        Raises:
            Unavailable: one is being taken.
        """
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable(
                    f"{self.path} 正在备份",
                    f"a backup into {self.path} is under way",
                    todo_zh="等它完成；持续备份（--follow）时不必另外备份",
                    todo_en="wait for it; beside --follow no other backup is needed",
                ) from error
            yield

    def slot(self, random: Callable[[int], bytes]) -> str:
        """Return the name under which the server keeps its log until it was received here."""
        path = self.path / "slot"
        if not path.exists():
            write_durably(path, f"daocha_{random(6).hex()}".encode())
        return path.read_text("ascii")

    def directory(self, base: Base) -> Path:
        """Return where a copy stands."""
        return self.path / base.history / base.name

    def wal(self, history: str) -> Path:
        """Return where the write-ahead log of a history stands."""
        return self.path / history / "wal"

    def bases(self) -> list[Base]:
        """Return all copies that were finished, in the order of the server's own log."""
        files = self.path.glob("*/*.json")
        found = [_read(each) for each in files if _HISTORY.fullmatch(each.parent.name)]
        return sorted(found, key=lambda base: (base.history, base.first_segment, base.name))

    def keep(self, base: Base) -> None:
        """Let a copy count: it is whole, and on the disk."""
        path = self.path / base.history / f"{base.name}.json"
        write_durably(path, json.dumps(base.as_dict(), indent=1).encode())

    def chain(self, base: Base) -> list[Base]:
        """Return the copies that make up one, the full one first.

        Raises:
            NotFound: one of them is gone.
        """
        found = {(each.history, each.name): each for each in self.bases()}
        chain = [base]
        while (parent := chain[0].parent) is not None:
            try:
                chain.insert(0, found[base.history, parent])
            except KeyError as error:
                raise NotFound(
                    f"备份 {chain[0].name} 所依的备份 {parent} 不在了",
                    f"backup {chain[0].name} builds on {parent}, which is gone",
                    todo_zh="改用更早的完整备份",
                    todo_en="use an earlier full backup",
                ) from error
        return chain

    def drop(self, base: Base) -> None:
        """Remove a copy; first it counts no more."""
        (self.path / base.history / f"{base.name}.json").unlink()
        shutil.rmtree(self.directory(base))

    # The write-ahead log

    def segments(self, history: str) -> list[str]:
        """Return the names of the full files of a history's log, in order."""
        folder = self.wal(history)
        if not folder.exists():
            return []
        return sorted(file.name for file in folder.iterdir() if _SEGMENT.fullmatch(file.name))

    def receiving(self, history: str) -> Path:
        """Return where the end of a history's log comes in."""
        return self.path / history / "receiving"

    def collect(self, history: str) -> None:
        """Put the log's full files with those before them, and keep their digests."""
        for folder in (self.wal(history), self.receiving(history)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in sorted(self.receiving(history).iterdir()):
            if not file.name.endswith(".partial"):
                file.replace(self.wal(history) / file.name)
        known = self._digests(history)
        fresh = [name for name in self.segments(history) if name not in known]
        known |= {name: digest(self.wal(history) / name) for name in fresh}
        if fresh:
            self._note(history, known)

    def break_off(self, history: str) -> None:
        """Keep what was received of the log's last file, which the server will not send again."""
        for part in self.receiving(history).glob("*.partial"):
            part.replace(self.wal(history) / part.name)

    def note_received(self, received: Received) -> None:
        """Keep how far a history's log was received."""
        path = self.path / received.history / "received"
        told = {**asdict(received), "at": received.at.isoformat()}
        write_durably(path, json.dumps(told).encode())

    def received(self, history: str) -> Received | None:
        """Return how far a history's log was received, at least; None where it was not noted."""
        path = self.path / history / "received"
        try:
            found = json.loads(path.read_text("utf-8"))
            return Received(**{**found, "at": datetime.fromisoformat(found["at"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(path, str(error)) from error

    def gap(self, history: str, first: str) -> Gap:
        """Return what is wrong with a history's log from a file on.

        The last file, not yet full, has no digest; PostgreSQL itself checks every record.
        """
        known = self._digests(history)
        held = [name for name in self.segments(history) if name >= first]
        coming = self._coming(history)
        received = self.received(history)
        wanted = {*known, *held, *coming, *([received.segment] if received else [])}
        wanted = {name for name in wanted if name >= first}
        there = {*held, *coming}
        missing = next(
            (name for name in _following(first, max(wanted, default="")) if name not in there), None
        )
        corrupt = tuple(
            name
            for name in held
            if name in known and digest(self.wal(history) / name) != known[name]
        )
        return Gap(missing, corrupt)

    def _coming(self, history: str) -> set[str]:
        """Return the names of the log's files that are not collected yet, or not full."""
        folders = (self.receiving(history), self.wal(history))
        names = [f.name for folder in folders if folder.exists() for f in folder.iterdir()]
        found = {name.removesuffix(".partial") for name in names}
        return {name for name in found if _SEGMENT.fullmatch(name)} - set(self.segments(history))

    def _digests(self, history: str) -> dict[str, str]:
        try:
            lines = (self.path / history / "wal.sha256").read_text("ascii").splitlines()
        except FileNotFoundError:
            return {}
        return {name: sum_ for sum_, name in (line.split("  ") for line in lines)}

    def forget_before(self, history: str, segment: str) -> None:
        """Remove the files of a history's log that no copy needs any more."""
        known = {n: s for n, s in self._digests(history).items() if n >= segment}
        for name in self.segments(history):
            if name < segment:
                (self.wal(history) / name).unlink()
        self._note(history, known)

    def _note(self, history: str, digests: dict[str, str]) -> None:
        text = "".join(f"{sum_}  {name}\n" for name, sum_ in sorted(digests.items()))
        write_durably(self.path / history / "wal.sha256", text.encode())


def stamp(moment: datetime) -> str:
    """Return the name of a copy begun at a moment (aware)."""
    return moment.astimezone(UTC).strftime(_STAMP)


def segment_of(history: str, place: str) -> str:
    """Return the file of a history's log in which a place lies, such as ``0/3000168``."""
    high, low = (int(part, 16) for part in place.split("/"))
    return f"{history}{high:08X}{low >> 24:08X}"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    sum_ = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_READ):
            sum_.update(part)
    return sum_.hexdigest()


def check(directory: Path, manifest: str | None = None) -> int:
    """Check a copy against its list of files, and the list against its digest.

    Args:
        directory: of the copy.
        manifest: SHA-256 of the list, where it is known from elsewhere.

    Returns:
        How many bytes the files have.

    Raises:
        Contradiction: a file is missing, or is not as it was copied; ``where`` names it.
    """
    path = directory / MANIFEST
    if not path.exists():
        raise _damaged(path, "missing")
    if manifest is not None and digest(path) != manifest:
        raise _damaged(path, "SHA-256")
    try:
        files = json.loads(path.read_text("utf-8"))["Files"]
    except (ValueError, KeyError) as error:
        raise _damaged(path, str(error)) from error
    total = 0
    for each in files:
        file = directory / _name(each)
        if not file.is_file():
            raise _damaged(file, "missing")
        if file.stat().st_size != each["Size"]:
            raise _damaged(file, f"{file.stat().st_size} != {each['Size']} bytes")
        if digest(file) != each["Checksum"]:
            raise _damaged(file, "SHA-256")
        total += int(each["Size"])
    return total


def first_segment(directory: Path) -> str:
    """Return the first file of the write-ahead log that a copy needs."""
    label = (directory / "backup_label").read_text("utf-8")
    found = re.search(r"\(file ([0-9A-F]{24})\)", label)
    if found is None:
        raise _damaged(directory / "backup_label", "START WAL LOCATION")
    return found[1]


def choose(bases: Sequence[Base], until: datetime | None, name: str | None) -> Base:
    """Return the copy to begin from: the newest finished before a moment, or the one of a name.

    Raises:
        NotFound: there is none; ``todo`` says what there is.
    """
    fitting = [base for base in bases if until is None or base.finished <= until]
    fitting = [base for base in fitting if name is None or base.name == name]
    if fitting:
        return fitting[-1]
    known = "、".join(base.name for base in bases) or "无"
    raise NotFound(
        "没有可用的备份" if name is None else f"没有可用的备份 {name}",
        "no backup fits" if name is None else f"no backup {name} fits",
        todo_zh=f"现有（UTC）：{known}；恢复到某一时刻须有在其之前完成的备份",
        todo_en=f"there are (UTC): {known}; one must have been finished before the moment wanted",
    )


def _following(first: str, last: str) -> Iterator[str]:
    """Yield the names of the log's files from one to another, as PostgreSQL counts them."""
    history, number = first[:8], _number(first)
    while (name := f"{history}{number >> 8:08X}{number & 0xFF:08X}") <= last:
        yield name
        number += 1


def _number(segment: str) -> int:
    """Return the number of a file of the log; each 4 GiB have 256 of 16 MiB."""
    return (int(segment[8:16], 16) << 8) + int(segment[16:], 16)


def _name(each: dict[str, Any]) -> str:
    if "Path" in each:
        return str(each["Path"])
    return bytes.fromhex(each["Encoded-Path"]).decode("utf-8", "surrogateescape")


def _read(path: Path) -> Base:
    try:
        found = json.loads(path.read_text("utf-8"))
        moments = {key: datetime.fromisoformat(found[key]) for key in ("begun", "finished")}
        return Base(**{**found, **moments})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> Contradiction:
    return Contradiction(
        f"备份损坏：{path}（{why}）",
        f"the backup is damaged: {path} ({why})",
        todo_zh="改用另一份备份（--base），并查明存储介质的故障",
        todo_en="use another backup (--base), and find out what is wrong with the storage",
        where=str(path),
    )

"""Taking a backup 备份: a copy of the data directory, and the write-ahead log from then on.

The log is received until it has passed the end of the copy, so that whatever was acknowledged when
a backup ends is in it. Between two backups it is received by the next one, or, with ``--follow``,
as it is written: then no more than the last moment can be lost with the machine.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.backup.archive import (
    MANIFEST,
    Base,
    Card,
    Received,
    check,
    digest,
    first_segment,
    segment_of,
    stamp,
)
from api.backup.files import gather
from api.postgres import copying_programs, environment
from domain.errors import Contradiction, DaochaError, Unavailable
from domain.ledger import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from api.backup.archive import Archive
    from api.postgres import Programs
    from domain.ledger import Ledger
    from domain.ledger.server import Server

LONGEST_CHAIN = 24
"""Copies of what changed on one full copy: each makes a restore longer."""
_GONE = re.compile(r"already been removed|no longer|invalidated|does not exist")
"""What PostgreSQL says of a part of its log that it does not have any more."""
_INCREMENTAL = 17
"""The first major version that can copy what changed alone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup as it was taken, and what was remarkable about it."""

    base: Base
    remark: str


class Backup:
    """Backups of one ledger's server into one archive.

    Args:
        ledger: the ledger, open.
        archive: where they go.
        now: the clock, aware.
        random: returns that many random bytes.
        home: where all state lives; the files beside the ledger are there.
    """

    def __init__(
        self,
        ledger: Ledger,
        archive: Archive,
        *,
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
        home: Path | None = None,
    ) -> None:
        self._home = home
        self._ledger = ledger
        self._archive = archive
        self._now = now
        self._random = random

    def take(self, *, full: bool = False) -> Taken:
        """Take a copy: of what changed since the last one, where the server can tell, else of all.

        Args:
            full: of all in any case.

        Raises:
            Contradiction: the archive is another server's; or the copy, read again, is not what
                was copied.
            Unavailable: the server cannot be copied, by this user or at all; the archive holds what
                it held before.
        """
        look = self.begin()
        self.receive(look)
        taken = self._taken(look, full=full)
        self.receive(look)
        self._gather()
        self._archive.keep(taken.base)
        return taken

    def copy(self) -> Taken:
        """Take a copy while :meth:`following` receives the log.

        Raises:
            Contradiction, Unavailable: as for :meth:`take`.
        """
        look = self.begin()
        self._archive.collect(look.timeline)
        taken = self._taken(look, full=False)
        self._gather()
        self._archive.keep(taken.base)
        return taken

    def _gather(self) -> None:
        """Copy the files beside the ledger: a fact that names one comes after it."""
        if self._home is not None:
            gather(self._home, self._archive)

    @property
    def history(self) -> str:
        """The timeline that the server writes now."""
        return self.begin().timeline

    def _taken(self, look: Server, *, full: bool) -> Taken:
        programs = copying_programs(look.version)
        parent = None if full else self._parent(look)
        remark = ""
        try:
            base = self._copy(programs, look, parent)
        except Unavailable as error:
            if parent is None:
                raise
            remark = error.zh  # it no longer knows what changed since
            base = self._copy(programs, look, None)
        return Taken(base, remark)

    def begin(self) -> Server:
        """Return what server it is, having made its archive unless it is there.

        Raises:
            Contradiction: the archive is another server's, or another ledger's.
            Unavailable: the server cannot be reached, or the archive cannot be written.
        """
        look = server.look(self._ledger.conninfo)
        if not look.summarizes and look.version >= _INCREMENTAL:
            server.summarize(self._ledger.conninfo)
        card = Card(
            look.system,
            look.version,
            look.owner,
            look.database,
            self._ledger.schema,
            self._ledger.origin,
        )
        self._archive.begin(card)
        return look

    def _parent(self, look: Server) -> Base | None:
        """Return the copy on which the next can build."""
        if not look.summarizes:
            return None
        bases = [base for base in self._archive.bases() if base.history == look.timeline]
        if not bases:
            return None
        try:
            chain = self._archive.chain(bases[-1])
        except DaochaError:
            return None
        gap = self._archive.gap(look.timeline, chain[0].first_segment)
        whole = len(chain) < LONGEST_CHAIN and gap.missing is None and not gap.corrupt
        return bases[-1] if whole else None

    def _copy(self, programs: Programs, look: Server, parent: Base | None) -> Base:
        begun = self._now()
        head, published = self._ledger.head(), self._ledger.checkpoints.latest()
        target = self._place(look.timeline, stamp(begun))
        shutil.rmtree(target, ignore_errors=True)  # one that was broken off
        address, secrets = server.for_programs(self._ledger.conninfo)
        building_on = [] if parent is None else [f"--incremental={self._manifest(parent)}"]
        try:
            programs.run(
                "pg_basebackup", f"--pgdata={target}", f"--dbname={address}", "--format=plain",
                "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256",
                "--no-password", *building_on, secrets=secrets,
            )  # fmt: skip
            size = check(target)
        except DaochaError:
            shutil.rmtree(target, ignore_errors=True)
            raise
        return Base(
            name=target.name,
            history=look.timeline,
            parent=None if parent is None else parent.name,
            begun=begun,
            finished=self._now(),
            position=head.position,
            first_segment=first_segment(target),
            manifest=digest(target / MANIFEST),
            bytes=size,
            checkpoint=published.note.decode() if published else "",
        )

    def _place(self, history: str, name: str) -> Path:
        """Return where a copy goes: never where one stands that counts."""
        folder = self._archive.path / history
        folder.mkdir(mode=0o700, exist_ok=True)
        names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
        return folder / next(each for each in names if not (folder / f"{each}.json").exists())

    def _manifest(self, base: Base) -> Path:
        return self._archive.directory(base) / MANIFEST

    # The write-ahead log

    def receive(self, look: Server) -> None:
        """Receive the server's log up to now.

        Where the server no longer has what comes next, the log goes on from where it has, and what
        lies between shows as missing: the next copy is a full one.
        """
        programs = copying_programs(look.version)
        try:
            self._receive(programs, look)
        except Unavailable as error:
            if not _GONE.search(error.en):
                raise
            self._drop_slot(programs)
            self._archive.break_off(look.timeline)
            self._receive(programs, look)

    def _receive(self, programs: Programs, look: Server) -> None:
        self._ensure_slot(programs, look)
        position, at = self._ledger.head().position, self._now()
        end = server.mark(self._ledger.conninfo)
        arguments = self._receiving(look)
        _, secrets = server.for_programs(self._ledger.conninfo)
        programs.run("pg_receivewal", *arguments, "--no-loop", f"--endpos={end}", secrets=secrets)
        self._archive.collect(look.timeline)
        segment = segment_of(look.timeline, end)
        self._archive.note_received(Received(look.timeline, segment, position, at))

    @contextmanager
    def following(self) -> Iterator[subprocess.Popen[bytes]]:
        """Receive the log as it is written, in a program that outlives the server's restarts.

        Raises:
            Contradiction, Unavailable: as for :meth:`take`.
        """
        look = self.begin()
        self.receive(look)
        programs = copying_programs(look.version)
        _, secrets = server.for_programs(self._ledger.conninfo)
        receiver = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program, no shell
            [programs.directory / "pg_receivewal", *self._receiving(look), "--synchronous"],
            env=environment(secrets),
            stdin=subprocess.DEVNULL,
        )
        try:
            yield receiver
        finally:
            receiver.terminate()
            receiver.wait()
            self._archive.collect(look.timeline)

    def _receiving(self, look: Server) -> list[str]:
        address, _ = server.for_programs(self._ledger.conninfo)
        folder = self._archive.receiving(look.timeline)
        slot = self._archive.slot(self._random)
        return [f"--directory={folder}", f"--dbname={address}", f"--slot={slot}", "--no-password"]

    def _ensure_slot(self, programs: Programs, look: Server) -> None:
        for folder in (self._archive.receiving(look.timeline), self._archive.wal(look.timeline)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _, secrets = server.for_programs(self._ledger.conninfo)
        making = ("--create-slot", "--if-not-exists")
        programs.run("pg_receivewal", *self._receiving(look)[1:], *making, secrets=secrets)

    def _drop_slot(self, programs: Programs) -> None:
        address, secrets = server.for_programs(self._ledger.conninfo)
        slot = self._archive.slot(self._random)
        arguments = (f"--dbname={address}", f"--slot={slot}", "--no-password", "--drop-slot")
        try:
            programs.run("pg_receivewal", *arguments, secrets=secrets)
        except Unavailable:
            return  # there was none: whatever is wrong shows again at once

    def prune(self, keep: int) -> list[Base]:
        """Remove all but the newest full copies and what builds on them; return what was removed.

        Args:
            keep: how many full copies stay.
        """
        bases = self._archive.bases()
        full = [base for base in bases if base.parent is None]
        if len(full) <= keep:
            return []
        oldest = full[-keep]
        gone = bases[: bases.index(oldest)]
        for base in reversed(gone):
            self._archive.drop(base)
        self._archive.forget_before(oldest.history, oldest.first_segment)
        return gone


def seen_in(archive: Archive) -> list[tuple[Base, str]]:
    """Return the checkpoints that backups remember, with the backup that does."""
    return [(base, base.checkpoint) for base in archive.bases() if base.checkpoint]


def check_base(archive: Archive, base: Base) -> None:
    """Check every copy that makes up one, file by file.

    Raises:
        Contradiction: a file is not as it was copied.
        NotFound: a copy that it builds on is gone.
    """
    for each in archive.chain(base):
        check(archive.directory(each), each.manifest)
        if first_segment(archive.directory(each)) != each.first_segment:
            raise Contradiction(
                f"备份 {each.name} 与其说明不符",
                f"backup {each.name} is not what its description says",
                todo_zh="改用另一份备份（--base）",
                todo_en="use another backup (--base)",
                where=each.name,
            )

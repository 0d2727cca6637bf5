"""Restoring 恢复: from a copy and the log after it, up to its end or to a moment."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.backup.archive import choose
from api.backup.taking import check_base
from api.embedded import account_for, embedded_postgres
from api.postgres import programs_of
from domain.errors import Contradiction, Unavailable
from domain.ledger.server import in_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from api.backup.archive import Archive, Base, Gap, Received
    from api.postgres import Programs

_TOO_SHORT = "recovery ended before configured recovery target was reached"
_HBA = "local all all trust\n"
_ONCE = {
    "hot_standby": "off",  # nobody is let in before all is replayed
    "restore_command": "false",  # everything there is lies in pg_wal
    "recovery_target_action": "promote",
    "archive_mode": "off",
    "synchronous_standby_names": "",  # there is none to wait for
    "shared_buffers": "128MB",
    "max_connections": "100",
}


@dataclass(frozen=True, slots=True)
class Restored:
    """A server with what was restored, running.

    Args:
        url: its address, as its owner.
        base: the copy it began from.
        gap: what is wrong with the log after it.
        reached: whether the moment asked for lies within what is held; true if none was.
        received: how far the log was received, at least; None where nothing past the moment asked
            for is to be expected, or nothing was noted.
    """

    url: str
    base: Base
    gap: Gap
    reached: bool
    received: Received | None


@contextmanager
def restored(
    archive: Archive, state: Path, *, until: datetime | None = None, base: str | None = None
) -> Iterator[Restored]:
    """Restore into a directory, run a server on it meanwhile, and stop it at the end.

    Args:
        archive: where the backups are.
        state: a directory for the embedded server; its ``data`` must not exist yet.
        until: everything committed up to this moment, and nothing later; default: all there is.
        base: the name of the copy to begin from; default: the newest that will do.

    Raises:
        Contradiction: the backup is damaged, or there is data in the directory already.
        NotFound: no backup fits.
        Unavailable: this machine has no PostgreSQL of that version, or it cannot start.
    """
    card = archive.card()
    programs = programs_of(card.version)
    chosen = choose(archive.bases(), until, base)
    check_base(archive, chosen)
    if (state / "data").exists():
        raise Contradiction(
            f"{state / 'data'} 已存在",
            f"{state / 'data'} is there already",
            todo_zh="恢复只写入空处：另指目录",
            todo_en="a restore writes where nothing is: name another directory",
        )
    gap = archive.gap(chosen.history, chosen.first_segment)
    options = _lay(archive, chosen, state, programs)
    target = {"recovery_target_time": until.isoformat()} if until else {}
    with ExitStack() as stack:
        received = archive.received(chosen.history)
        reached = True
        try:
            url = stack.enter_context(
                embedded_postgres(state, programs=programs, options={**options, **target})
            )
        except Unavailable as error:
            if _TOO_SHORT not in error.en:
                raise
            # Nothing was committed after that moment, or it was not received.
            reached = received is not None and until is not None and until <= received.at
            url = stack.enter_context(embedded_postgres(state, programs=programs, options=options))
        address = in_database(url, card.database, card.owner)
        yield Restored(address, chosen, gap, reached, None if until else received)


def _lay(archive: Archive, base: Base, state: Path, programs: Programs) -> dict[str, str]:
    """Lay the data directory out as a server that begins to recover finds it; return its options.

    Its access rules are ours: only this account, and only through the socket.
    """
    state.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    new = state / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    chain = [archive.directory(each) for each in archive.chain(base)]
    if len(chain) == 1:
        shutil.copytree(chain[0], new, symlinks=True)
    else:
        programs.run("pg_combinebackup", f"--output={new}", *map(str, chain))
    _lay_log(archive, base, new / "pg_wal")
    (new / "recovery.signal").touch()
    (new / "standby.signal").unlink(missing_ok=True)
    hba = state / "restore_hba.conf"
    hba.write_text(_HBA)
    options = {**_ONCE, "hba_file": str(hba)}
    if not (new / "postgresql.conf").exists():  # Debian keeps it elsewhere
        (new / "postgresql.conf").touch()
        (new / "pg_ident.conf").touch()
    new.chmod(0o700)
    if os.geteuid() == 0:
        account = account_for(new)
        for path in (hba, new, *new.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    new.rename(state / "data")
    return options


def _lay_log(archive: Archive, base: Base, folder: Path) -> None:
    """Put the log from the copy on where recovery looks for it; the last file is half full."""
    for held in (archive.wal(base.history), archive.receiving(base.history)):
        for file in held.iterdir() if held.exists() else ():
            name = file.name.removesuffix(".partial")
            if name.endswith(".history") or name >= base.first_segment:
                shutil.copyfile(file, folder / name)


def put_in_place(new: Path, state: Path, name: str) -> Path | None:
    """Let a restored server be the embedded one; what was there is kept beside it.

    Args:
        new: the directory that was restored into, its server stopped.
        state: the embedded server's directory.
        name: of the moment, for what was there.

    Returns:
        Where that is now, if there was anything.

    Raises:
        Unavailable: the embedded server is in use.
    """
    before = None
    if state.exists():
        with (state / "users").open("a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise in_use(state) from error
            before = state.with_name(f"{state.name}.before-{name}")
            state.rename(before)
    new.rename(state)
    return before


def in_use(state: Path) -> Unavailable:
    """Return what is to be said of a server that somebody still uses."""
    return Unavailable(
        f"{state} 的数据库正在使用",
        f"the database in {state} is in use",
        todo_zh="先停止 daocha 的各进程",
        todo_en="stop daocha's processes first",
    )

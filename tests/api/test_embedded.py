"""The embedded PostgreSQL: shared, stopped by the last, and usable after any kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
from psycopg.pq import PGconn, Ping

from api.embedded import embedded_postgres
from domain.errors import Unavailable
from tests.support.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from api.embedded import embedded_postgres

with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory not under pytest's own, which every run of pytest closes to other accounts."""
    with TemporaryDirectory(prefix="daocha-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)


@pytest.fixture
def state(home: Path) -> Iterator[Path]:
    """A state directory whose server, if a test leaves one, does not outlive the test."""
    directory = home / "postgres"
    yield directory
    if pid := postmaster(directory):
        os.kill(pid, signal.SIGKILL)


def postmaster(state: Path) -> int | None:
    """Return the server's process number, if it runs."""
    try:
        pid = int((state / "data/postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError):
        return None
    return pid if psutil.pid_exists(pid) else None


def answers(url: str) -> bool:
    return PGconn.ping(url.encode()) == Ping.OK


@contextmanager
def other_process(state: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run another process that uses the server until its input ends."""
    command = [sys.executable, "-c", USER, str(state)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert url
        yield process, url


def test_facts_outlive_the_server(state: Path) -> None:
    with embedded_postgres(state) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")
    assert not answers(url)
    with embedded_postgres(state) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM t").fetchone() == (1,)


def test_settings(state: Path) -> None:
    with embedded_postgres(state) as url, psycopg.connect(url) as connection:

        def setting(name: str) -> str:
            row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            assert row
            return str(row[0])

        assert setting("server_version").startswith("18.")
        assert setting("shared_buffers") == "256MB"
        assert setting("idle_in_transaction_session_timeout") == "1min"
        assert setting("listen_addresses") == ""
        assert {setting(n) for n in ("fsync", "synchronous_commit", "full_page_writes")} == {"on"}
        assert setting("data_checksums") == "on"


def test_last_to_leave_stops_it(state: Path) -> None:
    with other_process(state) as (process, url):
        with embedded_postgres(state) as ours:
            assert ours == url
        assert answers(url)
        process.communicate()
    assert process.returncode == 0
    assert not answers(url)


def test_many_start_at_once(state: Path) -> None:
    """Whichever comes first makes the cluster; the rest join."""
    command = [sys.executable, "-c", USER, str(state)]
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    urls = {process.communicate()[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(urls) == 1
    assert not answers(urls.pop())


def test_killed_user_does_not_count(state: Path) -> None:
    with other_process(state) as (process, url):
        process.kill()
    assert answers(url)
    with embedded_postgres(state):
        pass
    assert not answers(url)


def test_killed_server_recovers(state: Path) -> None:
    with embedded_postgres(state) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE t AS SELECT generate_series(1, 100000) AS n")
        pid = postmaster(state)
        assert pid
        os.kill(pid, signal.SIGKILL)
        with embedded_postgres(state) as again, psycopg.connect(again) as connection:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (100000,)


def test_process_number_of_a_killed_server_was_given_away(state: Path) -> None:
    with embedded_postgres(state):
        pid_file = state / "data/postmaster.pid"
        lock_file = state / "data/.s.PGSQL.5432.lock"
        left = {file: (file.read_bytes(), file.stat()) for file in (pid_file, lock_file)}
    stranger = subprocess.Popen(["sleep", "60"], user=left[pid_file][1].st_uid)
    for file, (content, owned) in left.items():
        number, rest = content.split(b"\n", 1)
        assert number.strip().isdigit()
        file.write_bytes(b"%d\n%b" % (stranger.pid, rest))
        os.chown(file, owned.st_uid, owned.st_gid)
    try:
        with embedded_postgres(state) as url:
            assert answers(url)
    finally:
        stranger.kill()
        stranger.wait()


def test_killed_while_making_the_cluster(state: Path) -> None:
    (state / "data.new").mkdir(parents=True)
    (state / "data.new/PG_VERSION").write_text("18\n")
    with embedded_postgres(state) as url:
        assert answers(url)
    assert not (state / "data.new").exists()


@pytest.mark.parametrize("name", ["长" * 40, "a \"b\", $c `d` 'e' 倒查"])
def test_awkward_path(home: Path, name: str) -> None:
    """Too long for a socket; with everything that a shell or a connection string would split at."""
    with embedded_postgres(home / name) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_squatted_socket_directory(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's directory under the shared temporary one is not walked into."""
    monkeypatch.setattr("tempfile.tempdir", str(home))
    state = home / ("长" * 40)
    with embedded_postgres(state) as url:
        pass
    [socket_directory] = home.glob("daocha-*")
    assert socket_directory.name in url
    socket_directory.chmod(0o777)
    with pytest.raises(Unavailable, match="made by somebody else"), embedded_postgres(state):
        pass


def test_start_that_fails_says_why(state: Path) -> None:
    with embedded_postgres(state):
        pass
    with (state / "data/postgresql.conf").open("a") as file:
        file.write("shared_buffers = nonsense\n")
    with pytest.raises(Unavailable, match="shared_buffers") as raised, embedded_postgres(state):
        pass
    assert str(state / "postgres.log") in raised.value.todo_en


def test_data_of_another_version(state: Path) -> None:
    (state / "data").mkdir(parents=True)
    (state / "data/PG_VERSION").write_text("16\n")
    with pytest.raises(Unavailable, match="written by PostgreSQL 16"), embedded_postgres(state):
        pass


def test_state_directory_that_cannot_be(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot make"), embedded_postgres(home / "file/x"):
        pass


def test_environment_does_not_reach_it(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "LC_ALL": "xx_XX.nonsense"}.items():
        monkeypatch.setenv(name, value)
    with embedded_postgres(state) as url:
        assert answers(url)


def test_closed_folders(home: Path) -> None:
    """Run as root, another account must pass to the data; nobody else may look into it."""
    closed = home / "home"
    closed.mkdir(mode=0o700)
    with embedded_postgres(closed / "postgres") as url:
        assert answers(url)
    assert closed.stat().st_mode & 0o777 == (0o701 if os.geteuid() == 0 else 0o700)
    assert (closed / "postgres/data").stat().st_mode & 0o777 == 0o700

